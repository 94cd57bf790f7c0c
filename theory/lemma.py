"""Lemmas: statements with pattern variables, applied inside derivations.

Main definitions
    Lemma       parameters and schematic functions, hypotheses, conclusion, and what backs it
    Citation    a theorem of the literature that is not re-derived here
    Instance    a lemma (or claim) at given values; its side conditions are discharged by the checker
    Definition  equations that introduce a new function symbol
    Meaning     backs a range that says what a symbol without equations stands for

A lemma's `conclusion` may be a relation or a `Forall`; a derivation that uses an instance proves everything in
`Instance.obligations` first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from theory import recursion
from theory.parameter import Parameter
from theory.proposition import (
    ASSUMPTIONS,
    AssumptionError,
    Forall,
    Proposition,
    assumption_conditions,
    free_symbols,
    substitute,
)
from theory.source import OWN, Source

if TYPE_CHECKING:
    from theory.derivation import Derivation
    from theory.justification import Justification


@dataclass(frozen=True)
class Citation:
    """Backs a lemma by a theorem of the literature: graded *cited*, never *proved*."""

    source: Source
    remark: str = ""


class Applicable(Protocol):
    """What can be applied inside a derivation: a lemma or a claim."""

    @property
    def id(self) -> str: ...
    @property
    def parameters(self) -> tuple[Parameter, ...]: ...
    @property
    def functions(self) -> tuple[UndefinedFunction, ...]: ...
    @property
    def hypotheses(self) -> tuple[Proposition, ...]: ...
    @property
    def conclusion(self) -> Proposition: ...


@dataclass(frozen=True)
class Instance:
    """A lemma at given values.

    Attributes
        lemma      the lemma or claim
        values     pairs (symbol, expression) for its parameters
        functions  pairs (schematic function, lambda or function)
        conclusion_index  which statement of a claim is used
    """

    lemma: Applicable
    values: tuple[tuple[sp.Symbol, sp.Expr], ...]
    functions: tuple[tuple[UndefinedFunction, Any], ...] = ()
    proposition: Proposition | None = None

    @property
    def table(self) -> dict[Any, Any]:
        """The substitution, parameters left out standing for themselves."""
        return {**dict(self.values), **dict(self.functions)}

    @property
    def conclusion(self) -> Proposition:
        """The conclusion with everything substituted."""
        return substitute(self.lemma.conclusion if self.proposition is None else self.proposition, self.table)

    @property
    def obligations(self) -> tuple[Proposition, ...]:
        """What must be proved before the conclusion may be used: domains of the parameters, then the hypotheses.

        Raises AssumptionError if a value is not real or integral where it must be.
        """
        table = self.table
        values = {p.symbol: table[p.symbol] for p in self.lemma.parameters if p.symbol in table}
        found: list[Proposition] = list(assumption_conditions({s: sp.S(v) for s, v in values.items() if s != v}))
        for parameter in self.lemma.parameters:
            for condition in parameter.conditions:
                found.append(substitute(condition, table))
        found.extend(substitute(hypothesis, table) for hypothesis in self.lemma.hypotheses)
        for function, replacement in self.functions:
            self._check_function(function, replacement)
        unique: dict[Any, None] = {}
        for proposition in found:
            unique[proposition] = None
        return tuple(unique)

    def _check_function(self, function: UndefinedFunction, replacement: Any) -> None:
        """A schematic function stands for a real function of all arguments that the lemma gives it."""
        if isinstance(replacement, UndefinedFunction):
            return
        if not isinstance(replacement, sp.Lambda):
            raise AssumptionError(f"{replacement} must be a Lambda or an undefined function to stand for {function}")
        applied = [a.args for p in _propositions(self.lemma) for a in _applications(p, function)]
        general: dict[Any, Any] = {}
        for i, variable in enumerate(replacement.variables):
            given = [arguments[i] for arguments in applied if len(arguments) > i]
            known = {k: True for k in ASSUMPTIONS if given and all(getattr(a, f"is_{k}") for a in given)}
            general[variable] = sp.Dummy(variable.name, **{"real": True, **known})
        if replacement.expr.xreplace(general).is_real is not True:
            raise AssumptionError(f"{replacement.expr} must be real to stand for {function}")

    def __str__(self) -> str:
        shown = [f"{s} := {v}" for s, v in self.values if s != v]
        shown += [f"{f} := {v}" for f, v in self.functions if f != v]
        return f"{self.lemma.id}" + (f" at {', '.join(shown)}" if shown else "")


def _propositions(lemma: Applicable) -> tuple[Proposition, ...]:
    """All that a lemma states, assumes or passes through."""
    backing = getattr(lemma, "derivation", None) or getattr(lemma, "backing", None)
    stated = tuple(s.relation for s in getattr(lemma, "statements", ()))
    steps = tuple(s.proposition for s in getattr(backing, "steps", ()))
    return (lemma.conclusion, *stated, *lemma.hypotheses, *steps)


def _applications(proposition: Proposition, function: UndefinedFunction) -> list[Any]:
    parts = (proposition.body, *proposition.conditions) if isinstance(proposition, Forall) else (proposition,)
    return [a for part in parts for a in part.atoms(AppliedUndef) if a.func == function]


def instance(lemma: Applicable, given: dict[str, Any], proposition: Proposition | None = None) -> Instance:
    """Build an instance from keyword arguments named after parameters and schematic functions.

    Raises KeyError for a name the lemma does not have.
    """
    symbols = {p.name: p.symbol for p in lemma.parameters}
    functions = {str(f): f for f in lemma.functions}
    unknown = sorted(set(given) - set(symbols) - set(functions))
    if unknown:
        known = ", ".join([*symbols, *functions])
        raise KeyError(f"{lemma.id} has no parameter {unknown[0]!r}; it has {known}")
    return Instance(
        lemma,
        tuple((symbols[n], sp.S(v)) for n, v in given.items() if n in symbols),
        tuple((functions[n], v) for n, v in given.items() if n in functions),
        proposition,
    )


@dataclass(frozen=True)
class Lemma:
    """A statement with pattern variables.

    Attributes
        id          "topic/name", where topic is the module below theory/lemmas or a body
        title       one line
        parameters  pattern variables, each with its domain
        functions   schematic functions (`sympy.Function('D', real=True)`), replaced by functions or lambdas
        hypotheses  side conditions beyond the domains
        conclusion  the relation (or Forall) it yields
        backing     a derivation, or a citation
        statement   in words
    """

    id: str
    title: str
    parameters: tuple[Parameter, ...]
    conclusion: Proposition
    backing: Derivation | Citation
    hypotheses: tuple[Proposition, ...] = ()
    functions: tuple[UndefinedFunction, ...] = ()
    statement: str = ""
    source: Source = OWN

    def __post_init__(self) -> None:
        known = {p.symbol for p in self.parameters}
        for proposition in (self.conclusion, *self.hypotheses):
            stray = free_symbols(proposition) - known
            if stray:
                raise ValueError(f"lemma {self.id}: undeclared symbol {min(map(str, stray))} in {proposition}")
        for function in self.functions:
            assumed = function.default_assumptions  # of all its values, nothing being known of its arguments
            if any(assumed.get(k) for k in ("nonnegative", "integer", "nonpositive")):
                raise ValueError(f"lemma {self.id}: schematic function {function} may only be assumed real")
        if not isinstance(self.backing, Citation):
            object.__setattr__(self, "backing", self.backing.within(self.parameters, self.hypotheses))

    def at(self, **given: Any) -> Instance:
        """The lemma at given values; a parameter left out stands for itself."""
        return instance(self, given)


def _is_shifted(pattern: Any) -> bool:
    """Whether a pattern is a variable or a variable plus a whole number, so that it matches in one way only."""
    rest = pattern - sum(pattern.free_symbols)
    return len(pattern.free_symbols) == 1 and bool(rest.is_Integer)


@dataclass(frozen=True)
class Meaning:
    """Backs a range that says what symbols without equations stand for: an axiom of the vocabulary, shown as one.

    Example: row_mass(x) = sum_y entry(x, y) has the range (1, 1), because `entry` stands for a stochastic matrix.

    Attributes
        of    the symbols: definitions without equations, bare function symbols, or parameters of one fixed object
        side  which end of the range it states: "both", "low" or "high"
        why   in words, where the definition's own meaning does not say it
    """

    of: tuple[Any, ...]
    side: str = "both"
    why: str = ""

    def __post_init__(self) -> None:
        if self.side not in ("both", "low", "high"):
            raise ValueError(f"side {self.side!r}, expected 'both', 'low' or 'high'")
        if not self.of:
            raise ValueError("name the symbols whose meaning the range states")
        for symbol in self.of:
            if isinstance(symbol, Definition) and symbol.equations:
                raise ValueError(f"{symbol.id} has equations: what follows from them is to be proved")

    @property
    def names(self) -> str:
        """The symbols by name."""
        return ", ".join(s.name if isinstance(s, Definition) else str(s) for s in self.of)


def meaning(*of: Any, side: str = "both", why: str = "") -> Meaning:
    """A range that says what the symbols `of` stand for."""
    return Meaning(of, side, why)


@dataclass(frozen=True)
class Definition:
    """Equations that introduce one new function symbol: a conservative extension, not an assumption.

    The equations speak of different arguments each, and a recursion goes down to base cases (theory.recursion).
    A range of a symbol without equations is an axiom of the vocabulary. A range of a symbol with equations is proved
    from them by the checker; where it cannot be, `range_by` says what else backs it, else it is a gap in every step
    that uses it (theory.checking.stated).

    Attributes
        id          "topic/name"
        head        the function symbol being defined
        equations   each `Eq(head(patterns), expression)` as a relation or a Forall; several only for recursion
        meaning     what the symbol stands for, in words, with the definition's number in the specification
        latex       how the head is printed
        bounds      range, e.g. (0, 1) for a total variation distance
        range_by    what backs the range, where the equations alone do not: definitions, lemmas, a Meaning, a
                    Citation, a Gap
        parameters  parameters on whose domains the range rests
    """

    id: str
    head: UndefinedFunction
    meaning: str
    equations: tuple[Proposition, ...] = ()
    latex: str = ""
    bounds: tuple[Any, Any] | None = None
    unit: str = ""
    range_by: tuple[Justification | Meaning | Citation, ...] = field(default=(), hash=False)
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.range_by, tuple):
            object.__setattr__(self, "range_by", (self.range_by,))
        for equation in self.equations:
            body = equation.body if isinstance(equation, Forall) else equation
            if not isinstance(body, sp.Eq) or not isinstance(body.lhs, AppliedUndef) or body.lhs.func != self.head:
                raise ValueError(f"definition {self.id}: {body} does not define {self.head}")
            bound = set(equation.variables) if isinstance(equation, Forall) else set()
            stray = (bound & body.rhs.free_symbols) - body.lhs.free_symbols
            if stray:
                raise ValueError(f"definition {self.id}: {min(map(str, stray))} stands on the right side only")
            for pattern in body.lhs.args:
                if bound & pattern.free_symbols and not _is_shifted(pattern):
                    raise ValueError(f"definition {self.id}: {pattern} is not a variable, shifted or plain")
        read = tuple(map(recursion.read, self.equations))
        wrong = recursion.not_founded(read) or recursion.overlap(read)
        if wrong:
            raise ValueError(f"definition {self.id}: {wrong}")

    @property
    def name(self) -> str:
        """The head's name."""
        return str(self.head)

    @property
    def ends(self) -> tuple[tuple[str, Any], ...]:
        """The range as relations of the head, e.g. ((">=", 0), ("<=", 1)): its bounds and the sign of its symbol."""
        low, high = self.bounds or (None, None)
        assumed = getattr(self.head, "_kwargs", {})
        found: dict[tuple[str, Any], None] = {}
        if assumed.get("positive"):
            found[(">", sp.S.Zero)] = None
        if assumed.get("negative"):
            found[("<", sp.S.Zero)] = None
        if assumed.get("nonnegative") and (">", sp.S.Zero) not in found:
            found[(">=", sp.S.Zero)] = None
        if assumed.get("nonpositive") and ("<", sp.S.Zero) not in found:
            found[("<=", sp.S.Zero)] = None
        if low is not None and not (sp.S(low) == 0 and found):
            found[(">=", sp.S(low))] = None
        if high is not None:
            found[("<=", sp.S(high))] = None
        return tuple(found)

    def __call__(self, *arguments: Any) -> sp.Expr:
        """The head applied to arguments."""
        return self.head(*arguments)
