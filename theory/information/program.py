"""One entropic statement as an exact program: rows, columns, certificates, separating polymatroids.

The cone of the constraints over few joint entropies (`Reduction`), with columns made in stages, each sound and quick,
the last one complete:
1. the variables of the goal alone, with all that the constraints imply about them;
2. sets that unions and intersections make out of the sets in the goal and the constraints;
3. all elemental inequalities; where these are many, one joint entropy for each orbit of the permutations that leave the
   statement as it is, and inequalities made as they are needed (`cuts`).
Source: specification `categorical`, section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from theory.checking.rational_programs import ExactnessError, Separation, nonnegative_combination
from theory.information.certificate import Certificate, CertificateTerm, TermKind
from theory.information.closure import Closure, dependence
from theory.information.cone import ConeVertex
from theory.information.constraints import Constraint, Fact
from theory.information.cuts import few_of_many
from theory.information.elemental import elemental_masks
from theory.information.grammar import Query
from theory.information.independences import Independences, stated_independences
from theory.information.lattices import Budget, Task, search, subspaces
from theory.information.linear_entropy import (
    Coordinate,
    LinearEntropy,
    LogCardinality,
    Measure,
    entropy,
    mutual_information,
)
from theory.information.reduction import Masses, Number, Reduction, ShannonTerm, SymmetricReduction
from theory.information.simplify import shorten
from theory.information.symmetry import automorphisms, coloured, orbit_labels

FEW = 1_000  # columns that are handed to the exact program all at once
LATTICE = 120  # sets of stage 2
MANY = 5  # variables from which on linear models are looked for before the complete program
MODELS = 1_000_000  # table look-ups of that search
Row = int | LogCardinality  # a basic set as a bit mask, or a log-cardinality
Column = dict[Row, Number]


class Program:
    """What the constraints of a query say, ready for its goals."""

    def __init__(self, query: Query) -> None:
        self.names = query.variables()
        self.bit = {name: 1 << k for k, name in enumerate(self.names)}
        self.all = (1 << len(self.names)) - 1
        self.constraints: tuple[Constraint, ...] = query.constraints
        self.facts = tuple(dict.fromkeys(fact for c in query.constraints for fact in c.facts()))
        self.close = Closure([rule for fact in self.facts if (rule := dependence(fact, self.bit)) is not None])
        self.independences = Independences(
            len(self.names), stated_independences(query.constraints, self.mask), self.close
        )
        forms = (query.left, query.right, *(f.expression for f in self.facts))
        self.logs = sorted({c for e in forms for c, _ in e.terms if isinstance(c, LogCardinality)}, key=str)
        self._reductions: dict[int, Reduction] = {}

    def members(self, mask: int) -> list[str]:
        return [name for name in self.names if self.bit[name] & mask]

    def mask(self, names: Iterable[str]) -> int:
        return sum(self.bit[name] for name in set(names))

    def masses(self, expression: LinearEntropy) -> Masses:
        """The joint entropies of an expression as masks."""
        return {self.mask(c): v for c, v in expression.terms if not isinstance(c, LogCardinality)}

    def reduction(self, kept: int) -> Reduction:
        if kept not in self._reductions:
            self._reductions[kept] = Reduction(self.close, self.independences, kept)
        return self._reductions[kept]

    def column(self, expression: LinearEntropy, reduction: Reduction) -> Column:
        """Coefficients over basic sets and log-cardinalities."""
        column: Column = {c: v for c, v in expression.terms if isinstance(c, LogCardinality)}
        column.update(_column(reduction.combination(self.masses(expression))))
        return column

    # ---- stages

    def stages(self, goal: LinearEntropy) -> Iterator[tuple[int, list[ShannonTerm]]]:
        """(kept variables, Shannon measures) of the incomplete stages that are worth a try."""
        if not self.column(goal, self.reduction(self.all)):
            yield self.all, []
        kept = self.mask(name for c, _ in goal.terms for name in _names(c))
        if kept != self.all and kept.bit_count() <= 6:
            yield kept, _elementals(kept)
        if len(_elementals(self.all)) > FEW:
            sets = self._lattice(goal)
            if sets is not None:
                yield self.all, _lattice_terms(sets)

    def _lattice(self, goal: LinearEntropy) -> list[int] | None:
        """Sets made of those in the goal and the constraints: unions and intersections, else parts up to a variable."""
        forms = (goal, *(f.expression for f in self.facts))
        base = list(dict.fromkeys(self.close(mask) for form in forms for mask in self.masses(form)))
        sets, known = list(base), set(base)
        for place, first in enumerate(sets):  # grows while it is read
            for second in sets[:place]:
                for found in (self.close(first | second), first & second):
                    if found and found not in known:
                        known.add(found)
                        sets.append(found)
            if len(sets) > LATTICE:
                break
        else:
            return sets
        prefixes = [(2 << k) - 1 for k in range(len(self.names))]
        parts = dict.fromkeys(self.close(mask & prefix) for mask in (self.all, *base) for prefix in prefixes)
        return [mask for mask in parts if mask] if len(parts) <= 2 * LATTICE else None

    def quick(self, goal: LinearEntropy) -> Certificate | ConeVertex | None:
        """A certificate from the incomplete stages, or a linear model that violates the goal, or neither."""
        modelled = False
        for kept, terms in self.stages(goal):
            if len(terms) > FEW // 4 and not modelled and (model := self._model(goal)) is not None:
                return model
            modelled = modelled or len(terms) > FEW // 4
            found = self._decide(goal, kept, terms, only_proofs=True)
            if isinstance(found, Certificate):
                return found
        return self._model(goal) if len(self.names) >= MANY and not modelled else None

    def decide(self, goal: LinearEntropy) -> Certificate | ConeVertex:
        """Complete for Shannon inequalities. Raises `ExactnessError` when no exact answer is reached."""
        found = self.quick(goal)
        if found is not None:
            return found
        terms = _elementals(self.all)
        answer = self._decide(goal, self.all, terms) if len(terms) <= FEW else self._large(goal, terms)
        if answer is None:
            raise ExactnessError("no exact answer was reached")
        return self._vertex(answer, goal) if isinstance(answer, Separation) else answer

    def _model(self, goal: LinearEntropy) -> ConeVertex | None:
        """Copies of one fair bit and constants, or linear functions of two, that show that there is no proof."""
        task = Task(self.names, goal, self.facts)
        for dimension in (1, 2):
            lattice = subspaces(2, dimension)
            ranks = [len(set(label)).bit_length() - 1 for label in lattice.labels]
            chosen = search(task, lattice, len(lattice.labels), ranks, Budget(MODELS), largest=False)
            if chosen is None:
                continue
            members = [0] * (self.all + 1)
            values: dict[Coordinate, Fraction] = {}
            for mask in range(1, self.all + 1):
                low = mask & -mask
                members[mask] = lattice.joins[members[mask ^ low]][chosen[self.names[low.bit_length() - 1]]]
                values[frozenset(self.members(mask))] = Fraction(ranks[members[mask]])
            for log in self.logs:
                values[log] = values[frozenset([log.name])]
            vertex = ConeVertex.of(self.names, values)
            if vertex.violates(goal, self.constraints):
                return vertex
        return None

    # ---- exact programs

    def _columns(
        self, kept: int, terms: Sequence[ShannonTerm]
    ) -> tuple[list[Column], list[tuple[TermKind, ShannonTerm | Measure | Fact]]]:
        """Columns over basic sets; equal ones once, those that vanish not at all."""
        reduction = self.reduction(kept)
        columns: list[Column] = []
        origins: list[tuple[TermKind, ShannonTerm | Measure | Fact]] = []
        seen: set[frozenset[tuple[Row, Number]]] = set()
        for term in terms:
            column = _column(reduction.combination(_expanded(term)))
            key = frozenset(column.items())
            if column and key not in seen:
                seen.add(key)
                columns.append(column)
                origins.append(("shannon", term))
        for log in self.logs:
            bound = Measure("log", ((log.name,),))
            columns.append(self.column(LinearEntropy.of([(bound, 1), (entropy([log.name]), -1)]), reduction))
            origins.append(("cardinality", bound))
        for fact in self.facts:
            if all(self.mask(_names(c)) & ~kept == 0 for c, _ in fact.expression.terms):
                column = self.column(fact.expression, reduction)
                if column:
                    columns.append(column)
                    origins.append(("equality" if fact.equality else "inequality", fact))
        return columns, origins

    def _decide(
        self, goal: LinearEntropy, kept: int, terms: Sequence[ShannonTerm], only_proofs: bool = False
    ) -> Certificate | Separation | None:
        """A certificate out of these measures, or a separating vector over all sets inside `kept`."""
        reduction = self.reduction(kept)
        target = self.column(goal, reduction)
        if not target:  # the constraints alone make it an identity
            return self._certificate(goal, reduction, ())
        columns, origins = self._columns(kept, terms)
        for column, origin in zip(columns, origins, strict=True):
            if column == target:
                return self._certificate(goal, reduction, [(Fraction(1), *origin)])
        index = {row: k for k, row in enumerate(dict.fromkeys(r for c in (*columns, target) for r in c))}
        answer = nonnegative_combination(
            [_numbered(column, index) for column in columns],
            _numbered(target, index),
            len(index),
            frozenset(k for k, (kind, _) in enumerate(origins) if kind == "equality"),
        )
        if isinstance(answer, Separation):
            if only_proofs:
                return None
            basic = {row: answer.normal[k] for row, k in index.items()}
            return Separation(self._all_heights(basic, reduction))
        used = [(c, *origin) for c, origin in zip(answer.coefficients, origins, strict=True) if c]
        return self._certificate(goal, reduction, used)

    def _all_heights(
        self, basic: dict[Row, Fraction], reduction: Reduction | SymmetricReduction, labels: Any = None
    ) -> tuple[Fraction, ...]:
        """Heights of all masks, then of the log-cardinalities."""
        zero = Fraction(0)
        heights = [
            sum((basic.get(row, zero) * value for row, value in reduction.of(mask).items()), zero)
            for mask in range(self.all + 1)
        ]
        logs = self.logs if labels is None else [self._log(log, labels) for log in self.logs]
        return (*heights, *(basic.get(log, zero) for log in logs))

    def _vertex(self, separation: Separation, goal: LinearEntropy) -> ConeVertex:
        normal = separation.normal
        scale = Fraction(lcm(*(v.denominator for v in normal)), max(1, gcd(*(int(v.numerator) for v in normal))))
        values: dict[Coordinate, Fraction] = {}
        for mask in range(1, self.all + 1):
            values[frozenset(self.members(mask))] = normal[mask] * scale
        for k, log in enumerate(self.logs):
            values[log] = normal[self.all + 1 + k] * scale
        vertex = ConeVertex.of(self.names, values)
        if not vertex.violates(goal, self.constraints):
            raise ExactnessError("the separating vector does not lift to a polymatroid that violates the goal")
        return vertex

    # ---- certificates over all sets

    def _measure(self, term: ShannonTerm) -> Measure:
        a, b, given = term
        if a == b:
            return entropy(self.members(a), self.members(given))
        return mutual_information(self.members(a), self.members(b), self.members(given))

    def _certificate(
        self,
        goal: LinearEntropy,
        reduction: Reduction,
        used: Sequence[tuple[Fraction, TermKind, ShannonTerm | Measure | Fact]],
    ) -> Certificate:
        """Lift a combination over basic sets to one over all sets."""
        shannon: dict[Measure, Fraction] = {}
        others: dict[tuple[TermKind, Measure | Fact], Fraction] = {}
        residual = dict(self.masses(goal))
        for coefficient, kind, term in used:
            if isinstance(term, Fact):
                _add(others, (kind, term), coefficient)
                form = self.masses(term.expression)
            elif isinstance(term, Measure):
                _add(others, (kind, term), coefficient)
                form = {self.mask(term.groups[0]): -1}
            else:
                _add(shannon, self._measure(term), coefficient)
                form = _expanded(term)
            for mask, value in form.items():
                _add(residual, mask, -coefficient * value)
        lifted, facts, left = reduction.lift(residual)
        if left:
            raise ExactnessError(f"{len(left)} joint entropies are left over")
        for term, coefficient in lifted.items():
            _add(shannon, self._measure(term), coefficient)
        for fact, coefficient in facts.items():
            _add(others, ("equality", fact), coefficient)
        for fact in self.facts:  # a measure that a hypothesis calls zero counts as that hypothesis
            for measure in list(shannon) if fact.equality else ():
                scale = _multiple(LinearEntropy.of([(measure, 1)]), fact.expression)
                if scale is not None:
                    _add(others, ("equality", fact), shannon.pop(measure) * scale)
        terms = [CertificateTerm(c, "shannon", measure) for measure, c in shorten(shannon).items()]
        terms += [CertificateTerm(c, kind, term) for (kind, term), c in others.items() if c]
        certificate = Certificate(goal, self.constraints, tuple(terms))
        if not certificate.check():
            raise ExactnessError(f"the certificate does not survive its check: {certificate.defects()[0]}")
        return certificate

    # ---- many variables

    def _large(self, goal: LinearEntropy, terms: Sequence[ShannonTerm]) -> Certificate | Separation:
        forms = [(goal, "goal"), *((f.expression, "=" if f.equality else ">=") for f in self.facts)]
        labels = orbit_labels(automorphisms(coloured(forms, self.bit), len(self.names)), len(self.names))
        reduction = SymmetricReduction(self.reduction(self.all), labels)
        columns: list[Column] = []
        origins: list[tuple[TermKind, list[Any]]] = []
        for members in self._classes(terms, reduction):
            column = _column(reduction.combination(_expanded(members[0])))
            if column:
                columns.append(column)
                origins.append(("shannon", members))
        hypotheses: dict[tuple[TermKind, frozenset[tuple[Row, Number]]], list[Any]] = {}
        for log in self.logs:
            bound = Measure("log", ((log.name,),))
            column = self._row(LinearEntropy.of([(bound, 1), (entropy([log.name]), -1)]), reduction, labels)
            hypotheses.setdefault(("cardinality", frozenset(column.items())), []).append(bound)
        for fact in self.facts:
            column = self._row(fact.expression, reduction, labels)
            if column:
                kind: TermKind = "equality" if fact.equality else "inequality"
                hypotheses.setdefault((kind, frozenset(column.items())), []).append(fact)
        for (kind, key), members in hypotheses.items():
            columns.append(dict(key))
            origins.append((kind, members))
        target = self._row(goal, reduction, labels)
        index = {row: k for k, row in enumerate(dict.fromkeys(r for c in (*columns, target) for r in c))}
        plain, wanted = [_numbered(column, index) for column in columns], _numbered(target, index)
        free = frozenset(k for k, (kind, _) in enumerate(origins) if kind == "equality")
        answer = few_of_many(plain, wanted, len(index), free) if len(plain) > FEW else None
        if answer is None:
            answer = nonnegative_combination(plain, wanted, len(index), free)
        if isinstance(answer, Separation):
            basic = {row: answer.normal[k] for row, k in index.items()}
            return Separation(self._all_heights(basic, reduction, labels))
        used: list[tuple[Fraction, TermKind, Any]] = [
            (c / len(members), kind, member)
            for c, (kind, members) in zip(answer.coefficients, origins, strict=True)
            for member in members
            if c
        ]
        return self._certificate(goal, self.reduction(self.all), used)

    def _classes(self, terms: Sequence[ShannonTerm], reduction: SymmetricReduction) -> list[list[ShannonTerm]]:
        """The measures by what they reduce to, in order of first appearance."""
        import numpy as np

        # Every basic orbit gets two large random numbers; measures with the same pair of sums reduce to the same.
        mark = np.random.default_rng(0).integers(1, 1 << 53, size=(self.all + 1, 2), dtype=np.int64)
        height = np.zeros((self.all + 1, 2), dtype=np.int64)
        for mask in range(1, self.all + 1):
            for basic, value in reduction.of(mask).items():
                height[mask] += value * mark[basic]
        first, second, given = np.array(terms, dtype=np.int64).T
        sums = height[first | given] - height[given]
        sums += np.where((first == second)[:, None], 0, height[second | given] - height[first | second | given])
        _, place = np.unique(sums, axis=0, return_inverse=True)
        classes: dict[int, list[ShannonTerm]] = {}
        for term, k in zip(terms, place.ravel().tolist(), strict=True):
            classes.setdefault(k, []).append(term)
        return list(classes.values())

    def _row(self, expression: LinearEntropy, reduction: Any, labels: Any) -> Column:
        """Coefficients over basic orbits and orbits of log-cardinalities."""
        column = _column(reduction.combination(self.masses(expression)))
        for coordinate, value in expression.terms:
            if isinstance(coordinate, LogCardinality):
                _add(column, self._log(coordinate, labels), value)
        return column

    def _log(self, log: LogCardinality, labels: Any) -> LogCardinality:
        return LogCardinality(self.members(int(labels[self.bit[log.name]]))[0])


def _elementals(kept: int) -> list[ShannonTerm]:
    bits = [1 << k for k in range(kept.bit_length()) if kept >> k & 1]
    if kept == (1 << len(bits)) - 1:
        return list(elemental_masks(len(bits)))
    image = [sum(bit for k, bit in enumerate(bits) if mask >> k & 1) for mask in range(1 << len(bits))]
    return [(image[i], image[j], image[given]) for i, j, given in elemental_masks(len(bits))]


def _lattice_terms(sets: Sequence[int]) -> list[ShannonTerm]:
    """Submodularity of every two sets that do not contain each other, monotonicity of those that do."""
    ordered = sorted(sets, key=lambda mask: (mask.bit_count(), mask))
    known = {0, *ordered}
    found: list[ShannonTerm] = [(mask, mask, 0) for mask in ordered]
    for k, first in enumerate(ordered):
        for second in ordered[k + 1 :]:
            if first & ~second == 0:
                found.append((second & ~first, second & ~first, first))
            elif first & second in known and first | second in known:
                found.append((first & ~second, second & ~first, first & second))
    return found


def _numbered(column: Column, index: Mapping[Row, int]) -> dict[int, Fraction]:
    return {index[row]: Fraction(value) for row, value in column.items()}


def _column(masses: Masses) -> Column:
    return {row: value for row, value in masses.items() if value}


def _expanded(term: ShannonTerm) -> Masses:
    """I(A;B|C), or H(A|C) where A == B, over joint entropies."""
    a, b, given = term
    signed = ((a | given, 1), (given, -1))
    if a != b:
        signed = ((a | given, 1), (b | given, 1), (a | b | given, -1), (given, -1))  # type: ignore[assignment]
    total: Masses = {}
    for mask, sign in signed:
        if mask:
            _add(total, mask, sign)
    return total


def _add(into: dict[Any, Any], key: Any, value: Number) -> None:
    total = into.get(key, 0) + value
    if total:
        into[key] = total
    else:
        into.pop(key, None)


def _multiple(first: LinearEntropy, second: LinearEntropy) -> Fraction | None:
    """c with first = c * second, or None."""
    if not second or [c for c, _ in first.terms] != [c for c, _ in second.terms]:
        return None
    scale = first.terms[0][1] / second.terms[0][1]
    return scale if (second * scale) == first else None


def _names(coordinate: Coordinate) -> frozenset[str]:
    return frozenset([coordinate.name]) if isinstance(coordinate, LogCardinality) else coordinate
