"""Search for a counterexample to a claim, shrink it, and write it down as code.

Main definitions
    falsify            search a claim's space; optionally with a bound of the user's in place of the claim's
    falsify_relation   search a free relation over its symbols' domains
    FalsifyReport      what was tried and what was found

The search is Hypothesis's: random objects of the claim's space, then hill climbing on the logarithm of
quantity / bound (`hypothesis.target`), then shrinking to a minimal object. Only a certain violation counts: the
intervals of the two sides must lie apart. Equal seeds give equal searches.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import sympy as sp
from hypothesis import HealthCheck, Phase, Verbosity, assume, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import HypothesisWarning

from theory.claim import Claim, Statement
from theory.evaluation.values import EvaluationError
from theory.parameter import Parameter
from verify.bounds import Screen, is_opaque, statement_of
from verify.instance import Case, Instance, NotApplicable
from verify.measurement import Measurement, context, measurement_alone
from verify.parametric import points_of, relation_claim
from verify.precision import Measured
from verify.verdict import BITE, Judged, Outcome, judge_instance

CLEAR = 1e-5  # relative distance in float64 at which an instance needs no rigorous judgement
SMALLEST_SCORE = -60.0  # logarithms below are all as far from a violation as can be


class NothingToSearch(ValueError):
    """The claim has no measurement, and its sides cannot be evaluated."""


class _Violation(Exception):
    """A certain violation, raised so that Hypothesis shrinks it."""


@dataclass(frozen=True)
class FalsifyReport:
    """The outcome of a search.

    Attributes
        statement       what was tried, as text
        found           whether a certain violation was found
        examples        objects tried
        instances       instances they gave
        nonvacuous      how many of those had a bound better than the trivial one
        undecided       how many could not be told at the precision of the measurement
        counterexample  the violating instance, judged; None if there is none
        thing           the object it was measured on
        shrunk          whether the object is minimal with respect to the space's simplifications
        snippet         Python code that measures both sides again
        seed, seconds   how the search can be repeated, and how long it took
    """

    claim: str
    statement: str
    found: bool
    examples: int
    instances: int
    nonvacuous: int
    undecided: int
    counterexample: Judged | None
    thing: Any
    shrunk: bool
    snippet: str
    seed: int
    seconds: float


def falsify(
    claim: Claim,
    *,
    statement: int | str | None = None,
    bound: sp.Expr | None = None,
    examples: int = 1000,
    seed: int = 0,
    measurement: Measurement | None = None,
    progress: Callable[[int], None] | None = None,
    shrink: bool = True,
) -> FalsifyReport:
    """Search a counterexample to one statement of a claim (None: to any of them; with `bound`: to the main one).

    `bound` replaces the right side; its symbols are matched to the claim's parameters by name (ValueError for others).
    `measurement` defaults to the registered one; a claim in parameters alone needs none. `progress(examples)` is
    called after each object. Raises NothingToSearch.
    """
    if bound is not None:
        statement = 0 if statement is None else statement
        claim = with_bound(claim, statement, bound)
    measurement = measurement or measurement_alone(claim.id) or points_of(claim)
    if measurement is None:
        raise NothingToSearch(f"{claim.id} has no measurement, and its sides are not expressions in its parameters")
    search = _Search(claim, statement, bound is not None, measurement, seed, progress)
    started = time.perf_counter()
    search.run(examples, shrink)
    seconds = time.perf_counter() - started
    shown = claim.statements if statement is None else (statement_of(claim, statement),)
    snippet = ""
    if search.violation is not None:
        from verify.reproduce import snippet_of

        thing, judged, index = search.violation
        try:
            snippet = snippet_of(claim, measurement, thing, judged, index, search.context_names, seed)
        except (LookupError, TypeError, ValueError) as error:
            snippet = f"# This counterexample cannot be written as code: {error}\n"
    thing, counterexample = search.violation[:2] if search.violation is not None else (None, None)
    return FalsifyReport(
        claim.id,
        "; ".join(str(s) for s in shown),
        search.violation is not None,
        search.examples,
        search.instances,
        search.nonvacuous,
        search.undecided,
        counterexample,
        thing,
        search.shrunk,
        snippet,
        seed,
        seconds,
    )


def falsify_relation(
    relation: Any,
    *,
    known: dict[str, Parameter] | None = None,
    examples: int = 1000,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> FalsifyReport:
    """Search values that violate `lhs <= rhs`, `>=`, `<`, `>` or `==` (a SymPy relation).

    A symbol with the name of a known parameter takes its domain, any other ranges over the reals.
    """
    claim = relation_claim(relation, known)
    return falsify(claim, examples=examples, seed=seed, progress=progress, measurement=points_of(claim))


def with_bound(claim: Claim, statement: int | str, bound: sp.Expr) -> Claim:
    """The claim with the right side of one statement replaced. ValueError names a symbol that is no parameter."""
    by_name = {p.name: p.symbol for p in claim.parameters}
    unknown = sorted(str(s) for s in bound.free_symbols if str(s) not in by_name)
    if unknown:
        raise ValueError(f"{unknown[0]} is no parameter of {claim.id}; it has {', '.join(by_name) or 'none'}")
    chosen = statement_of(claim, statement)
    ours = bound.xreplace({s: by_name[str(s)] for s in bound.free_symbols})
    statements = tuple(replace(s, bound=ours) if s is chosen else s for s in claim.statements)
    return replace(claim, statements=statements)


class _Search:
    """State of one search: counters, and the last violation, which is the minimal one when Hypothesis is done."""

    def __init__(
        self,
        claim: Claim,
        statement: int | str | None,
        replaced: bool,
        measurement: Measurement,
        seed: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.claim, self.measurement, self.seed, self.progress = claim, measurement, seed, progress
        self.only = None if statement is None else statement_of(claim, statement)
        self.replaced = self.only if replaced else None
        self.context_names = (claim.id, "search")
        self.screens: dict[Statement, tuple[Screen | None, Screen | None]] = {}
        self.examples = self.instances = self.nonvacuous = self.undecided = 0
        self.violation: tuple[Any, Judged, int] | None = None
        self.shrunk = False

    def run(self, examples: int, shrink: bool) -> None:
        """Search the space; its extremal objects come last, since only a drawn object can be shrunk."""
        phases = (Phase.generate, Phase.target, *((Phase.shrink,) if shrink else ()))
        tried = self.examples

        @seeded(self.seed)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            print_blob=False,
        )
        @given(self.measurement.over.strategy(self.claim))
        def attempt(thing: Any) -> None:
            score = self.examine(thing)
            if score is not None:
                hypothesis.target(score, label="violation")

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)
            try:
                attempt()
            except _Violation:
                self.shrunk = shrink
                return
            except hypothesis.errors.Unsatisfiable:
                pass  # no drawn object was admissible: the extremal ones may be
        for thing in self.measurement.over.extremal(self.claim):
            try:
                self.examine(thing)
            except _Violation:
                return
            except hypothesis.errors.UnsatisfiedAssumption:
                continue
        if self.examples == tried:
            raise NothingToSearch(
                f"{self.claim.id}: no object of the space {self.measurement.over.name!r} is admissible"
            )

    def examine(self, thing: Any) -> float | None:
        """Measure one object; the largest log(quantity / bound) seen. Raises _Violation for a certain one."""
        before = self.violation is None
        best: float | None = None
        try:
            stream = self.measurement(thing, context(self.seed, *self.context_names))
            for index, instance in enumerate(stream):
                statement = statement_of(self.claim, instance.statement)
                if self.only is not None and statement is not self.only:
                    continue
                if self.replaced is not None and isinstance(instance, Instance):
                    instance = replace(instance, bound=None)
                score, judged, biting = self.look(statement, instance)
                if before:
                    self.instances += 1
                    self.nonvacuous += biting
                    self.undecided += judged is not None and judged.outcome is Outcome.UNDECIDED
                if judged is not None and judged.outcome is Outcome.VIOLATED:
                    self.violation = (thing, judged, index)
                    if before:
                        self.count()
                    raise _Violation
                if score is not None and (best is None or score > best):
                    best = score
        except (NotApplicable, EvaluationError):
            assume(False)
        if before:
            self.count()
        return best

    def count(self) -> None:
        """One more object tried."""
        self.examples += 1
        if self.progress is not None:
            self.progress(self.examples)

    def look(self, statement: Statement, instance: Case) -> tuple[float | None, Judged | None, bool]:
        """(score, judgement where one was needed, whether it bites)."""
        if not isinstance(instance, Instance):
            judged = judge_instance(self.claim, instance)
            return None, judged, judged.bites
        bound_screen, trivial_screen = self.screens_of(statement)
        if bound_screen is not None and instance.bound is None:
            missing = sorted(set(bound_screen.names) - set(instance.values))
            if missing:
                raise NothingToSearch(f"the measurement of {self.claim.id} gives no value of {', '.join(missing)}")
        bound = instance.bound.value if instance.bound is not None else math.nan
        if instance.bound is None and bound_screen is not None:
            bound = bound_screen(instance.values)
        trivial = trivial_screen(instance.values) if trivial_screen is not None else None
        score = _score(statement.sign, instance.quantity.value, bound)
        if statement.sign != "==" and _clearly_satisfied(statement.sign, instance.quantity, bound, instance.bound):
            return score, None, _bites(statement.sign, bound, trivial)
        judged = judge_instance(self.claim, instance)
        return score, judged, judged.bites

    def screens_of(self, statement: Statement) -> tuple[Screen | None, Screen | None]:
        """Compiled bound and trivial bound, once a statement."""
        if statement not in self.screens:
            trivial = statement.trivial
            usable = trivial is not None and not is_opaque(trivial) and bool(trivial.is_finite is not False)
            self.screens[statement] = (
                None if is_opaque(statement.bound) else Screen(statement.bound),
                Screen(trivial) if usable and trivial is not None else None,
            )
        return self.screens[statement]


def _clearly_satisfied(sign: str, quantity: Measured, bound: float, measured: Measured | None) -> bool:
    """Whether the statement holds by far more than any rounding: then nothing rigorous needs to be computed."""
    if not math.isfinite(bound):
        return False
    reach = max(abs(bound), abs(quantity.value)) * CLEAR + (measured.width if measured is not None else 0.0)
    if sign in ("<=", "<"):
        return bool(quantity.upper < bound - reach)
    return bool(quantity.lower > bound + reach)


def _bites(sign: str, bound: float, trivial: float | None) -> bool:
    if trivial is None or math.isnan(trivial) or sign == "==":
        return True
    margin = BITE * abs(trivial)
    return bound < trivial - margin if sign in ("<=", "<") else bound > trivial + margin


def _score(sign: str, quantity: float, bound: float) -> float | None:
    """log(quantity / bound), or a distance where the two have no common sign; larger is closer to a violation."""
    if not (math.isfinite(quantity) and math.isfinite(bound)):
        return None
    if sign == "==":
        apart = abs(quantity - bound) / max(abs(quantity), abs(bound), 1e-300)
        return max(math.log(apart), SMALLEST_SCORE) if apart > 0 else SMALLEST_SCORE
    small, large = (quantity, bound) if sign in ("<=", "<") else (bound, quantity)
    if small > 0 and large > 0:
        return max(math.log(small) - math.log(large), SMALLEST_SCORE)
    if small < 0 and large < 0:
        return max(math.log(-large) - math.log(-small), SMALLEST_SCORE)
    return max(min(small - large, -SMALLEST_SCORE), SMALLEST_SCORE)
