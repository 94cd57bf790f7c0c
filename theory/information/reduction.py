"""Joint entropies in terms of few: what functions and independences among the variables make redundant.

With h_S = h_cl(S) for functions, and h_S = h_{S-i} + h_{S-j} - h_{S-ij} for (i, j | S-ij) independent, every h_S
becomes a whole combination of a few *basic* ones (of a Markov chain: single variables and pairs). `Reduction.lift` goes
back: it writes what the reduction threw away as stated facts and Shannon measures. Source: specification `categorical`,
3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.information.closure import Closure
from theory.information.constraints import Fact
from theory.information.independences import Elemental, Independences, remainder

Number = Fraction | int
Masses = dict[int, Number]
ShannonTerm = tuple[int, int, int]  # masks (A, B, C) of I(A;B|C); A == B stands for H(A|C)


class Reduction:
    """The map from masks inside `kept` to combinations of basic masks."""

    def __init__(self, close: Closure, independences: Independences, kept: int) -> None:
        self.close, self.independences, self.kept = close, independences, kept
        self.constant = close(0) & kept
        self._known: dict[int, dict[int, int]] = {self.constant: {}}
        self._pairs: dict[int, tuple[int, int, int] | None] = {}

    def closed(self, mask: int) -> int:
        """The kept variables that the set determines."""
        return self.close(mask) & self.kept

    def pair(self, closed: int) -> tuple[int, int, int] | None:
        """Variables i, j and the rest of a set that determines the closed one, i and j independent given the rest.

        The entropy of the closed set is then redundant.
        """
        if closed not in self._pairs:
            self._pairs[closed] = self._find_pair(closed)
        return self._pairs[closed]

    def _find_pair(self, closed: int) -> tuple[int, int, int] | None:
        if not self.independences.stated:
            return None
        members = [k for k in range(closed.bit_length()) if closed >> k & 1]
        needed = closed
        for k in reversed(members):  # without what the others determine
            if self.closed(needed & ~(1 << k)) == closed:
                needed &= ~(1 << k)
        for a, i in enumerate(members):
            for j in members[a + 1 :]:
                both = 1 << i | 1 << j
                if both & ~needed == 0 and self.independences.holds(i, j, needed & ~both):
                    return i, j, needed & ~both
        return None

    def of(self, mask: int) -> dict[int, int]:
        """h_mask as a combination of basic masks."""
        mask = self.closed(mask)
        return _in_basics(self, mask, self.pair, self._known)

    def combination(self, masses: Mapping[int, Number]) -> Masses:
        """A combination of joint entropies over basic masks."""
        return _combined(self, masses)

    # ---- the way back

    def lift(self, residual: Masses) -> tuple[dict[ShannonTerm, Fraction], dict[Fact, Fraction], Masses]:
        """residual = sum of Shannon terms (coefficients > 0) + sum of facts + what is left over basic masks."""
        waiting = {mask: Fraction(value) for mask, value in residual.items() if value and mask}
        entropies: dict[tuple[int, int], Fraction] = {}  # (D, S): multiples of H(D|S) = 0
        zeros: dict[Elemental, Fraction] = {}
        left: Masses = {}
        while waiting:
            # Largest closure first, and sets before their closures: each set is met once.
            mask = max(waiting, key=lambda m: (self.closed(m).bit_count(), m != self.closed(m), m))
            value = waiting.pop(mask)
            closed = self.closed(mask)
            if closed == self.constant:
                _add(entropies, (mask, 0), value)
            elif closed != mask:
                _add(waiting, closed, value)
                _add(entropies, (closed & ~mask, mask), -value)
            elif (found := self.pair(mask)) is not None:
                i, j, rest = 1 << found[0], 1 << found[1], found[2]
                for part, sign in ((rest | j, 1), (rest | i, 1), (rest, -1)):
                    if part:
                        _add(waiting, part, sign * value)
                _add(zeros, found, -value)
                if mask != rest | i | j:
                    _add(entropies, (mask & ~(rest | i | j), rest | i | j), value)
            else:
                left[mask] = value
        shannon: dict[ShannonTerm, Fraction] = {}
        facts: dict[Fact, Fraction] = {}
        self._expand_zeros(zeros, shannon, facts, entropies)
        for (added, base), value in entropies.items():
            if value > 0:
                _add(shannon, (added, added, base), value)
            elif value < 0:
                self._expand_entropy(added, base, value, shannon, facts)
        return shannon, facts, left

    def _expand_zeros(
        self,
        zeros: dict[Elemental, Fraction],
        shannon: dict[ShannonTerm, Fraction],
        facts: dict[Fact, Fraction],
        entropies: dict[tuple[int, int], Fraction],
    ) -> None:
        age = self.independences.age
        while zeros:
            item = max(zeros, key=lambda z: (int(age[z]), z))  # parents come later
            value = zeros.pop(item)
            i, j, condition = 1 << item[0], 1 << item[1], item[2]
            if value >= 0:
                if value:
                    _add(shannon, (i, j, condition), value)
                continue
            derived = self.independences.parents(item)
            if derived is not None:
                other, sources = derived
                for source in sources:
                    _add(zeros, source, value)
                o = (1 << other[0], 1 << other[1], other[2])
                _add(shannon, o, -value)
                continue
            stated = self.independences.origin(item)
            if stated is not None:
                _add(facts, stated.fact, value / stated.scale)
                for a, b, c in remainder(stated, item):
                    _add(shannon, (a, b, c), -value)
                continue
            determined = self.independences.determined(item)
            if determined is None:
                raise ValueError(f"{item} is not among the derived independences")
            one = 1 << determined  # I(i;j|K) = H(i|K) - H(i|j,K)
            _add(entropies, (one, condition), value)
            _add(shannon, (one, one, condition | (i | j) & ~one), -value)

    def _expand_entropy(
        self, added: int, base: int, value: Fraction, shannon: dict[ShannonTerm, Fraction], facts: dict[Fact, Fraction]
    ) -> None:
        """value * H(added|base), value < 0, through the functions that determine `added`."""
        reached = base
        for step in self.close.steps(base):
            if not added & ~reached:
                break
            rule = step.rule
            _add(facts, rule.fact, value / rule.scale)
            rest = step.before & ~rule.arguments
            if rest:  # H(N|before) = H(N|arguments) - I(N;rest|arguments)
                _add(shannon, (rule.node, rest, rule.arguments), -value)
            reached |= rule.node
        beyond = reached & ~base & ~added
        if beyond:  # H(reached|base) = H(added|base) + H(beyond|added,base)
            _add(shannon, (beyond, beyond, base | added), -value)


class SymmetricReduction:
    """The map from all masks to combinations of basic orbits, for polymatroids that a group of permutations fixes.

    `labels[mask]` is the representative of the orbit. The constraints are invariant, hence closed sets and derived
    independences are, so what a representative reduces to holds for its whole orbit.
    """

    def __init__(self, plain: Reduction, labels: Sequence[int]) -> None:
        self.plain, self.labels = plain, labels
        self._known: dict[int, dict[int, int]] = {int(labels[plain.constant]): {}}

    def of(self, mask: int) -> dict[int, int]:
        """h_mask as a combination of basic orbits."""
        mask = int(self.labels[self.plain.closed(mask)])
        return _in_basics(self, mask, self.plain.pair, self._known)

    def combination(self, masses: Mapping[int, Number]) -> Masses:
        """A combination of joint entropies over basic orbits."""
        return _combined(self, masses)


def _in_basics(
    reduction: Reduction | SymmetricReduction,
    mask: int,
    pair: Callable[[int], tuple[int, int, int] | None],
    known: dict[int, dict[int, int]],
) -> dict[int, int]:
    """h_mask over basics: itself, or h(rest, j) + h(rest, i) - h(rest) for an independent pair i, j given the rest."""
    if mask not in known:
        found = pair(mask)
        if found is None:
            known[mask] = {mask: 1}
        else:
            i, j, rest = 1 << found[0], 1 << found[1], found[2]
            total: dict[int, int] = {}
            for part, sign in ((rest | j, 1), (rest | i, 1), (rest, -1)):
                for basic, value in reduction.of(part).items():
                    total[basic] = total.get(basic, 0) + sign * value
            known[mask] = {basic: value for basic, value in total.items() if value}
    return known[mask]


def _combined(reduction: Reduction | SymmetricReduction, masses: Mapping[int, Number]) -> Masses:
    total: Masses = {}
    for mask, value in masses.items():
        for basic, factor in reduction.of(mask).items():
            total[basic] = total.get(basic, 0) + factor * value
    return {basic: value for basic, value in total.items() if value}


def _add(into: dict[Any, Any], key: Any, value: Number) -> None:
    total = into.get(key, 0) + value
    if total:
        into[key] = total
    else:
        into.pop(key, None)
