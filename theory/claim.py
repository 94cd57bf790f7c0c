"""Claims: published or own statements as frozen data.

Main definitions
    Statement   one relation that is claimed: quantity, sign, bound, and the trivial bound
    Claim       statements with their parameters, assumptions, source, status, links and derivation

The kind decides how a claim is judged; nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from theory.assumption import Assumption
from theory.derivation import Derivation
from theory.lemma import Instance, instance
from theory.parameter import Parameter
from theory.proposition import Proposition, free_symbols, relation, text
from theory.source import Source
from theory.verdict import Verdict

if TYPE_CHECKING:
    from theory.checking.kernel import Report


class Kind(StrEnum):
    """How a claim is judged."""

    EQUALITY = "equality"
    UPPER = "upper bound"
    LOWER = "lower bound"
    TWO_SIDED = "two-sided bound"
    ORDERING = "ordering"  # between two computed quantities, monotonicity included
    STRUCTURAL = "structural"  # an equality between exactly computed integers or truth values
    HIGH_PROBABILITY = "high-probability bound"  # may fail with probability at most `confidence`
    ASYMPTOTIC = "asymptotic"
    EXISTENCE = "existence"
    DEFINITION = "definition"  # a wording to be compared, nothing to measure
    COUNTER_CLAIM = "counter-claim"


class Status(StrEnum):
    """Where a statement stands with respect to the paper."""

    AS_STATED = "as stated"
    SHARPENED = "sharpened"
    CORRECTED = "corrected"
    OWN = "own"
    CITED = "cited"


@dataclass(frozen=True)
class Statement:
    """`quantity sign bound`.

    Attributes
        trivial  beyond it the bound says nothing (e.g. 1 for a total variation distance); None where nothing is trivial
        label    tells the statements of one claim apart
    """

    quantity: sp.Expr
    sign: str
    bound: sp.Expr
    trivial: sp.Expr | None = None
    label: str = ""

    @property
    def relation(self) -> Any:
        """The statement as a SymPy relation."""
        return relation(self.quantity, self.sign, self.bound)

    def __str__(self) -> str:
        return text(self.relation)


def upper(quantity: Any, bound: Any, *, trivial: Any = None, label: str = "") -> Statement:
    """quantity <= bound."""
    return Statement(sp.S(quantity), "<=", sp.S(bound), None if trivial is None else sp.S(trivial), label)


def lower(quantity: Any, bound: Any, *, trivial: Any = None, label: str = "") -> Statement:
    """quantity >= bound."""
    return Statement(sp.S(quantity), ">=", sp.S(bound), None if trivial is None else sp.S(trivial), label)


def equal(quantity: Any, bound: Any, *, label: str = "") -> Statement:
    """quantity == bound."""
    return Statement(sp.S(quantity), "==", sp.S(bound), None, label)


@dataclass(frozen=True)
class Claim:
    """A theorem as an object.

    Attributes
        id           "body/name"
        title        one line
        kind         how it is judged
        text         the statement in words, with the paper's wording where it is `as stated`
        parameters   what the statements depend on
        statements   the relations claimed; the first is the one that `bound` evaluates
        source, status
        assumptions  named properties of the model or the data that must hold (a measurement reports which do not)
        hypotheses   relations between the parameters beyond their domains
        expected     the verdict the toolkit must end up reporting
        why          for vacuous or refuted claims: what is wrong, in one line
        sharpens, corrects   ids of the claims this one improves
        derivation   None only for claims that are refuted
        confidence   the parameter that bounds the probability of failure, for high-probability claims
        functions    schematic functions, replaced when the claim is applied as a lemma
    """

    id: str
    title: str
    kind: Kind
    text: str
    parameters: tuple[Parameter, ...]
    statements: tuple[Statement, ...]
    source: Source
    status: Status
    assumptions: tuple[Assumption, ...] = ()
    hypotheses: tuple[Proposition, ...] = ()
    expected: Verdict = Verdict.HOLDS
    why: str = ""
    sharpens: tuple[str, ...] = ()
    corrects: tuple[str, ...] = ()
    derivation: Derivation | None = None
    confidence: Parameter | None = None
    functions: tuple[UndefinedFunction, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.statements:
            raise ValueError(f"claim {self.id} states nothing")
        known = {p.symbol for p in self.parameters}
        names = [p.name for p in self.parameters]
        if len(set(names)) != len(names):
            raise ValueError(f"claim {self.id}: parameter declared twice: {sorted(names)}")
        for statement in self.statements:
            stray = free_symbols(statement.relation) - known
            if stray:
                raise ValueError(f"claim {self.id}: undeclared symbol {min(map(str, stray))} in {statement}")
        for hypothesis in self.hypotheses:
            stray = free_symbols(hypothesis) - known
            if stray:
                raise ValueError(f"claim {self.id}: undeclared symbol {min(map(str, stray))} in {hypothesis}")
        if (self.kind is Kind.HIGH_PROBABILITY) != (self.confidence is not None):
            raise ValueError(f"claim {self.id}: `confidence` belongs to high-probability claims, and to them only")
        if self.derivation is None and self.expected is not Verdict.REFUTED:
            raise ValueError(f"claim {self.id} has no derivation and is not expected to be refuted")
        if self.expected in (Verdict.REFUTED, Verdict.VACUOUS) and not self.why:
            raise ValueError(f"claim {self.id} is expected to be {self.expected}: say why")

        if self.derivation is not None:
            object.__setattr__(self, "derivation", self.derivation.within(self.parameters, self.hypotheses))

    @property
    def body(self) -> str:
        """The body of theory it belongs to."""
        return self.id.split("/")[0]

    @property
    def name(self) -> str:
        """The id without its body."""
        return self.id.split("/")[1]

    @property
    def statement(self) -> Statement:
        """The main statement."""
        return self.statements[0]

    @property
    def conclusion(self) -> Proposition:
        """What the claim yields when it is applied as a lemma: its main statement."""
        return self.statement.relation

    def at(self, statement: int | str = 0, /, **given: Any) -> Instance:
        """One of its statements (by position or label) at given values, to be used in a derivation."""
        if isinstance(statement, str):
            found = [s for s in self.statements if s.label == statement]
            if not found:
                raise KeyError(f"{self.id} has no statement labelled {statement!r}")
            chosen = found[0]
        else:
            chosen = self.statements[statement]
        return instance(self, given, chosen.relation)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError with the names there are."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(f"{self.id} has no parameter {name!r}; it has {', '.join(p.name for p in self.parameters)}")

    def check(self) -> Report:
        """Check the derivation in the claim's context, and that every statement follows from it."""
        from theory.checking.kernel import check_lemma

        return check_lemma(self)

    def _repr_latex_(self) -> str:
        from theory.latex import claim_latex

        return claim_latex(self)

    def _repr_html_(self) -> str:
        from theory.latex import claim_html

        return claim_html(self)
