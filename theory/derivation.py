"""Derivations: a chain of relations from a quantity to its bound, with side facts, each step saying what backs it.

A derivation is data; `check()` hands it to the checker, which trusts nothing in it.

Example: a derivation of one's own, checked.

>>> import sympy as sp
>>> from theory.derivation import derive
>>> from theory.justification import algebra, decide
>>> from theory.parameter import Parameter, reals
>>> x = Parameter("x", "x", "a number", reals(0, sp.oo), (0, 10))
>>> d = derive(sp.log(1 + x.symbol), parameters=[x]).le(x.symbol, by=decide).le(x.symbol * (1 + x.symbol), by=decide)
>>> str(d.check().grade)
'proved'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from theory.justification import Fact, Justification, normalise
from theory.lemma import Applicable, Instance, instance
from theory.parameter import Parameter
from theory.proposition import Forall, Proposition, free_symbols, relation, sign_of, substitute

if TYPE_CHECKING:
    from theory.checking.kernel import Report


class DerivationError(ValueError):
    """A derivation is malformed: the message says which step and why."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
        name         unique within the derivation
        proposition  what it asserts
        by           what backs it
        note         the reason in words
        linked       whether it continues the chain (its left side is the previous right side)
    """

    name: str
    proposition: Proposition
    by: tuple[Justification, ...]
    note: str = ""
    linked: bool = True


@dataclass(frozen=True)
class Derivation:
    """See the module; build with `derive`.

    Attributes
        start       the quantity the chain starts from (None for a derivation made of facts only)
        steps       in order
        parameters  whose domains are assumed (a claim adds its own)
        given       further assumptions
        dropped     names of steps that no longer applied after `with_lemma`
    """

    start: sp.Expr | None
    steps: tuple[Step, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    given: tuple[Proposition, ...] = ()
    dropped: tuple[str, ...] = ()

    # -- building ---------------------------------------------------------------------------------------------

    @property
    def current(self) -> sp.Expr:
        """The right end of the chain so far."""
        if self.start is None:
            raise DerivationError("this derivation has no chain: give `derive` a quantity to start from")
        end: sp.Expr = self.start
        for step in self.steps:
            if step.linked and not isinstance(step.proposition, Forall):
                end = step.proposition.rhs
        return end

    bound = current

    def _link(self, sign: str, target: Any, by: Any, name: str | None, note: str) -> Derivation:
        justifications = normalise(by)
        left = self.current
        if target is None:
            target = _rewritten(left, justifications, self)
        step = Step(name or str(len(self.steps) + 1), relation(left, sign, target), justifications, note)
        return self._with(step)

    def _with(self, step: Step) -> Derivation:
        if any(step.name == other.name for other in self.steps):
            raise DerivationError(f"two steps are named {step.name!r}")
        return replace(self, steps=(*self.steps, step))

    def le(self, target: Any = None, *, by: Any, name: str | None = None, note: str = "") -> Derivation:
        """Continue the chain with <= ; without a target, the justification's instance is rewritten into place."""
        return self._link("<=", target, by, name, note)

    def lt(self, target: Any = None, *, by: Any, name: str | None = None, note: str = "") -> Derivation:
        """Continue the chain with < ."""
        return self._link("<", target, by, name, note)

    def ge(self, target: Any = None, *, by: Any, name: str | None = None, note: str = "") -> Derivation:
        """Continue the chain with >= ."""
        return self._link(">=", target, by, name, note)

    def gt(self, target: Any = None, *, by: Any, name: str | None = None, note: str = "") -> Derivation:
        """Continue the chain with > ."""
        return self._link(">", target, by, name, note)

    def eq(self, target: Any = None, *, by: Any, name: str | None = None, note: str = "") -> Derivation:
        """Continue the chain with = ."""
        return self._link("==", target, by, name, note)

    def have(self, name: str, proposition: Proposition, *, by: Any, note: str = "") -> Derivation:
        """A side fact, for later steps to use by name."""
        return self._with(Step(name, proposition, normalise(by), note, linked=False))

    def within(self, parameters: Iterable[Parameter], given: Iterable[Proposition]) -> Derivation:
        """The same derivation with the parameters and hypotheses of the claim or lemma it belongs to.

        A derivation may not bring assumptions of its own into a claim: DerivationError if it has some, or if an
        auxiliary parameter has a domain that depends on others (such a domain could hide one).
        """
        parameters, given = tuple(parameters), tuple(given)
        hidden = [g for g in self.given if g not in given]
        if hidden:
            raise DerivationError(f"the derivation assumes {hidden[0]}, which the statement does not")
        for auxiliary in self.parameters:
            ends = (auxiliary.domain.lower, auxiliary.domain.upper)
            if auxiliary not in parameters and any(e.free_symbols for e in ends):
                raise DerivationError(f"auxiliary parameter {auxiliary.name} has a domain that depends on others")
        return replace(
            self,
            parameters=tuple(dict.fromkeys((*parameters, *self.parameters))),
            given=tuple(dict.fromkeys((*given, *self.given))),
        )

    # -- reading ----------------------------------------------------------------------------------------------

    def relation(self) -> Proposition:
        """The relation between the two ends of the chain that the links compose to.

        Raises DerivationError if the links point in opposite directions.
        """
        signs = {sign_of(s.proposition) for s in self.steps if s.linked and not isinstance(s.proposition, Forall)}
        if signs & {"<=", "<"} and signs & {">=", ">"}:
            raise DerivationError("the chain mixes <= and >= links")
        for sign in ("<", ">", "<=", ">="):
            if sign in signs:
                return relation(self.start, sign, self.current)
        return relation(self.start, "==", self.current)

    def step(self, name: str) -> Step:
        """The step of that name; KeyError with the names there are."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"no step {name!r}; steps: {', '.join(s.name for s in self.steps)}")

    def instances(self) -> tuple[Instance, ...]:
        """All lemma and claim instances used."""
        return tuple(j for s in self.steps for j in s.by if isinstance(j, Instance))

    def check(self, parameters: Iterable[Parameter] = (), given: Iterable[Proposition] = ()) -> Report:
        """Re-compute every step and grade it (see theory.checking.kernel)."""
        from theory.checking.kernel import check_derivation

        return check_derivation(self, tuple(parameters), tuple(given))

    # -- exchanging a lemma -----------------------------------------------------------------------------------

    def with_lemma(self, step: str, other: Applicable, **given: Any) -> Derivation:
        """The derivation with another lemma in one step, and everything after it re-derived.

        `other` must conclude a relation with the same left side as the lemma it replaces (after matching its
        parameters); parameters of `other` that the match does not fix are taken from `given`, or stand for
        themselves and become parameters of the new derivation. Later steps are re-stated with the new right side;
        those that the checker then refuses are dropped, and named in `.dropped`.

        Raises KeyError for an unknown step, DerivationError where the lemma does not fit.
        """
        target = self.step(step)
        old = [j for j in target.by if isinstance(j, Instance)]
        if not old:
            raise DerivationError(f"step {step!r} uses no lemma: {', '.join(map(describe, target.by))}")
        new = _fit(other, old[0], given)
        before, after = old[0].conclusion, new.conclusion
        for proposition in (before, after):
            if isinstance(proposition, Forall):
                raise DerivationError(f"step {step!r}: only lemmas that conclude a relation can be exchanged")
        exchange = {before.rhs: after.rhs}
        start = replace(
            self,
            steps=self.steps[: self.steps.index(target)],
            parameters=tuple(dict.fromkeys((*self.parameters, *_left_free(new)))),
            dropped=(),
        )
        changed = replace(
            target,
            by=tuple(new if j is old[0] else j for j in target.by),
            proposition=_restate(target, exchange, start),
        )
        result = start._with(changed)
        for later in self.steps[self.steps.index(target) + 1 :]:
            candidate = result._with(replace(later, proposition=_restate(later, exchange, result)))
            if candidate.check().steps[-1].accepted:
                result = candidate
            else:
                result = replace(result, dropped=(*result.dropped, later.name))
        return result

    # -- printing ---------------------------------------------------------------------------------------------

    def _repr_latex_(self) -> str:
        from theory.latex import derivation_latex

        return derivation_latex(self)

    def _repr_html_(self) -> str:
        from theory.latex import derivation_html

        return derivation_html(self)


def derive(
    quantity: Any = None, *, parameters: Sequence[Parameter] = (), given: Sequence[Proposition] = ()
) -> Derivation:
    """Begin a derivation at `quantity`; without one, it consists of facts only."""
    return Derivation(None if quantity is None else sp.S(quantity), (), tuple(parameters), tuple(given))


def describe(justification: Justification) -> str:
    """A justification in a few words."""
    if isinstance(justification, str):
        return f"step {justification}"
    if isinstance(justification, Instance):
        return str(justification)
    if isinstance(justification, Fact):
        at = ", ".join(f"{k} := {v}" for k, v in justification.at)
        return f"step {justification.name}" + (f" at {at}" if at else "")
    name = type(justification).__name__.lower()
    detail = getattr(justification, "reason", "") or getattr(justification, "description", "")
    if hasattr(justification, "definition"):
        return f"definition {justification.definition.id}"
    return f"{name}: {detail}" if detail else name


def _left_free(used: Instance) -> tuple[Parameter, ...]:
    """The lemma's parameters that stand for themselves in this instance."""
    given = {s for s, v in used.values if s != v}
    return tuple(p for p in used.lemma.parameters if p.symbol not in given)


def _rewritten(left: sp.Expr, by: tuple[Justification, ...], derivation: Derivation) -> sp.Expr:
    """The chain's end with the first applicable instance or fact of `by` rewritten into it."""
    for justification in by:
        proposition: Proposition | None = None
        if isinstance(justification, Instance):
            proposition = justification.conclusion
        elif isinstance(justification, str):
            proposition = derivation.step(justification).proposition
        elif isinstance(justification, Fact):
            stated = derivation.step(justification.name).proposition
            if isinstance(stated, Forall):
                names = {v.name: v for v in stated.variables}
                proposition, _ = stated.at({names[k]: v for k, v in justification.at})
        if proposition is None or isinstance(proposition, Forall):
            continue
        result = left.xreplace({proposition.lhs: proposition.rhs})
        if result != left:
            return result
    raise DerivationError(f"nothing in {', '.join(map(describe, by))} rewrites {left}; give the target")


def _restate(step: Step, exchange: Mapping[Any, Any], before: Derivation) -> Proposition:
    """A step's proposition with exchanged expressions; a link starts where the chain now ends."""
    proposition = step.proposition
    if step.linked and not isinstance(proposition, Forall):
        return relation(before.current, sign_of(proposition), substitute(proposition.rhs, exchange))
    return substitute(proposition, exchange)


def _fit(other: Applicable, old: Instance, given: Mapping[str, Any]) -> Instance:
    """An instance of `other` whose left side is the left side of `old`'s conclusion."""
    conclusion = other.conclusion
    wanted = old.conclusion
    if isinstance(conclusion, Forall) or isinstance(wanted, Forall):
        raise DerivationError(f"{other.id} concludes a universally quantified statement and cannot be exchanged")
    if sign_of(conclusion) != sign_of(wanted):
        raise DerivationError(f"{other.id} concludes {conclusion}, a relation of another kind than {wanted}")
    symbols = {p.name: p.symbol for p in other.parameters if p.symbol in free_symbols(conclusion)}
    wild = {s: sp.Wild(n) for n, s in symbols.items() if n not in given}
    fixed = {symbols[n]: sp.S(v) for n, v in given.items() if n in symbols}
    pattern = substitute(conclusion.lhs, fixed).xreplace(wild)
    matched = wanted.lhs.match(pattern)
    if matched is None:
        raise DerivationError(f"{other.id} bounds {conclusion.lhs}, which does not match {wanted.lhs}")
    inherited = {s.name: v for s, v in old.values}
    values: dict[str, Any] = {n: v for n, v in inherited.items() if any(p.name == n for p in other.parameters)}
    values.update({s.name: matched[w] for s, w in wild.items() if w in matched})
    values.update(given)
    return instance(other, values)
