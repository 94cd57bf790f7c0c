"""Judging: instances of a claim to one verdict.

Main definitions
    Outcome      what one instance says
    judge        all instances of a claim, to a Judgement
    as_expected  whether a verdict is the one that was declared

Conventions
    An instance *violates* a statement when the intervals of its two sides lie apart on the wrong side, and only then.
    It *attains* the bound when both sides agree within 1e-6 relative.
    Two intervals that overlap are *undecided*, unless they attain the bound. Undecided at less than 1e-9 of the natural
    size of the sides (the instance's scale, else the trivial bound) is rounding noise around zero: such instances are
    set aside and counted; any other makes the verdict inconclusive.
    An instance *bites* when its bound is better than the trivial one by more than 1 %. A claim in which fewer than 5 %
    of the instances bite is vacuous; a statement without trivial bound always bites.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from theory.claim import Claim, Kind, Statement
from theory.proposition import free_symbols
from theory.verdict import Verdict
from verify.bounds import bound_of, enclosure, statement_of, trivial_of
from verify.instance import Case, FailureProbability, Frequency, Instance
from verify.precision import Measured, Method, worst
from verify.statistics import binomial_interval

ATTAINED = 1e-6  # relative distance at which a bound counts as attained
NOISE = 1e-9  # share of the trivial bound's size below which an undecided instance is rounding noise
BITE = 0.01  # by how much a bound must beat the trivial one
BITING_SHARE = 0.05  # below this share of biting instances a claim is vacuous
LEVEL = 0.99  # of binomial intervals


class Outcome(StrEnum):
    """What one instance says of its statement."""

    SATISFIED = "satisfied"
    ATTAINED = "attained"
    NOISE = "noise"
    UNDECIDED = "undecided"
    VIOLATED = "violated"


@dataclass(frozen=True)
class Judged:
    """One instance with both sides and its outcome.

    Attributes
        ratio  by which factor the statement holds (>= 1) or fails (< 1); None where the sides have no common sign
        bites  whether the bound is better than the trivial one
        failures  for high-probability statements: how often the bound failed, as an interval of probabilities
    """

    instance: Case
    quantity: Measured | None
    bound: Measured | None
    outcome: Outcome
    bites: bool
    ratio: float | None
    failures: Measured | None = None

    @property
    def method(self) -> Method:
        """The least-known method among the two sides."""
        sides = [side.method for side in (self.quantity, self.bound) if side is not None]
        return worst("monte carlo", *sides) if isinstance(self.instance, Frequency) else worst("exact", *sides)


@dataclass(frozen=True)
class Slack:
    """How far the measured quantities stay from the bound, as factors >= 1 over the instances that have one."""

    least: float
    median: float

    @property
    def orders(self) -> float:
        """Decimal orders of magnitude of the median."""
        return math.log10(self.median) if self.median > 0 else -math.inf


@dataclass(frozen=True)
class Judgement:
    """The verdict and what it rests on.

    Attributes
        instances   how many were judged
        bites       share of them in which the bound is not vacuous
        slack       None where no instance has a ratio (equalities, signs that differ)
        worst       the instance that comes closest to (or goes furthest in) violating the claim
        method      how the least-known side was obtained
        undecided, noise   how many intervals overlap, and how many of those only by rounding around zero
    """

    verdict: Verdict
    instances: int
    bites: float
    slack: Slack | None
    worst: Judged | None
    method: Method
    undecided: int = 0
    noise: int = 0
    attained: int = 0
    message: str = ""


def judge(claim: Claim, instances: Iterable[Case]) -> Judgement:
    """The verdict on a claim from measured instances (see the module's conventions)."""
    return conclude(claim, [judge_instance(claim, instance) for instance in instances])


def judge_instance(claim: Claim, instance: Case) -> Judged:
    """Both sides of one instance and its outcome."""
    statement = statement_of(claim, instance.statement)
    if not isinstance(instance, Instance):
        return _judge_frequency(claim, statement, instance)
    if claim.confidence is not None and (
        statement == claim.statement or claim.confidence.symbol in free_symbols(statement.relation)
    ):  # further statements without the confidence level hold surely
        raise ValueError(f"{claim.id} may fail with small probability: its measurement must yield failure frequencies")
    bound = bound_of(claim, instance)
    trivial = trivial_of(claim, instance)
    scale = instance.scale if instance.scale is not None else abs(trivial.value) if trivial is not None else 0.0
    outcome = compare_sides(statement.sign, instance.quantity, bound, scale)
    biting = bites(statement, bound, trivial)
    return Judged(instance, instance.quantity, bound, outcome, biting, _ratio(statement.sign, instance.quantity, bound))


def compare_sides(sign: str, quantity: Measured, bound: Measured, scale: float = 0.0) -> Outcome:
    """The outcome of `quantity sign bound`; `scale` is the natural size of the sides, for telling rounding noise."""
    if sign in (">=", ">"):
        return compare_sides({">=": "<=", ">": "<"}[sign], bound, quantity, scale)
    if sign == "==":
        if not quantity.overlaps(bound):
            return Outcome.VIOLATED
        if quantity.rigorous and bound.rigorous and quantity.width == bound.width == 0:
            return Outcome.ATTAINED
        size = max(abs(quantity.value), abs(bound.value))
        return Outcome.ATTAINED if max(quantity.width, bound.width) <= max(0.1 * size, 1e-6) else Outcome.UNDECIDED
    if sign == "<" and quantity.lower >= bound.upper:
        return Outcome.VIOLATED
    if quantity.lower > bound.upper:
        return Outcome.VIOLATED
    if sign == "<" and quantity.certainly_below(bound):
        return Outcome.SATISFIED
    if sign == "<=" and quantity.touches(bound, ATTAINED):
        return Outcome.ATTAINED
    if sign == "<=" and quantity.upper <= bound.lower:
        return Outcome.SATISFIED
    apart = max(quantity.upper, bound.upper) - min(quantity.lower, bound.lower)
    if 0 < scale < math.inf and apart <= NOISE * scale:
        return Outcome.NOISE
    return Outcome.UNDECIDED


def bites(statement: Statement, bound: Measured, trivial: Measured | None) -> bool:
    """Whether a bound beats the trivial one by more than 1 % of the latter (of zero: is on the right side of it)."""
    if trivial is None or statement.sign == "==":
        return True
    margin = BITE * abs(trivial.value)
    if statement.sign in ("<=", "<"):
        return bool(bound.upper < trivial.lower - margin) if margin else bool(bound.upper < trivial.lower)
    return bool(bound.lower > trivial.upper + margin) if margin else bool(bound.lower > trivial.upper)


def _ratio(sign: str, quantity: Measured, bound: Measured) -> float | None:
    if sign == "==":
        return None
    small, large = (quantity, bound) if sign in ("<=", "<") else (bound, quantity)
    # Ends far outside float64 (10^-9000) still have a ratio as Fractions.
    low, high = _middle(small), _middle(large)
    if low < 0 and high < 0:
        low, high = -high, -low
    if low == 0 and high == 0:
        return 1.0
    if low < 0 or high < 0:
        return None
    if low == 0:
        return math.inf
    try:
        return float(high / low)
    except OverflowError:
        return math.inf


def _middle(number: Measured) -> Fraction:
    lower, upper = number.lower, number.upper
    finite = [end for end in (lower, upper) if isinstance(end, Fraction) or math.isfinite(end)]
    if len(finite) < 2:
        return Fraction(finite[0]) if finite else Fraction(10**400 if lower > 0 else -(10**400))
    return (Fraction(lower) + Fraction(upper)) / 2


def _judge_frequency(claim: Claim, statement: Statement, instance: Frequency | FailureProbability) -> Judged:
    if claim.confidence is None:
        raise ValueError(
            f"{claim.id} is no high-probability claim; its measurement must yield instances, not frequencies"
        )
    name = claim.confidence.name
    if name not in instance.values:
        raise ValueError(f"{claim.id}: a frequency without a value of {name}, the allowed probability of failure")
    allowed = enclosure(claim.confidence.symbol, {name: instance.values[name]})
    if isinstance(instance, Frequency) and instance.allowed is not None:
        allowed = enclosure(claim.confidence.symbol, {name: instance.allowed})
    bound = bound_of(claim, instance)
    level = failure_level(bound)
    if isinstance(instance, FailureProbability):
        fails = instance.probability(level)
    else:
        interval = binomial_interval(instance.failures_at(level), instance.trials, LEVEL)
        fails = Measured(*interval, "monte carlo")
    outcome = compare_sides("<=", fails, allowed)
    biting = bites(statement, bound, trivial_of(claim, instance))
    ratio = None if instance.quantity is None else _ratio(statement.sign, instance.quantity, bound)
    return Judged(instance, instance.quantity, bound, outcome, biting, ratio, fails)


def failure_level(bound: Measured) -> float:
    """The level against which failures of a bound are counted: the upper end of what it is known to be."""
    return float(bound.upper)


def conclude(claim: Claim, judged: list[Judged]) -> Judgement:
    """The verdict from judged instances."""
    if not judged:
        return Judgement(
            Verdict.INCONCLUSIVE, 0, 0.0, None, None, "exact", message="the measurement yielded no instance"
        )
    count = {outcome: sum(j.outcome is outcome for j in judged) for outcome in Outcome}
    attained = sum(j.outcome is Outcome.ATTAINED and j.bites for j in judged)
    share = sum(j.bites for j in judged) / len(judged)
    ratios = [j.ratio for j in judged if j.ratio is not None]
    slack = Slack(min(ratios), statistics.median(ratios)) if ratios else None
    verdict, message = _verdict(claim, count, attained, share, len(judged))
    return Judgement(
        verdict,
        len(judged),
        share,
        slack,
        _worst(judged),
        worst("exact", *(j.method for j in judged)),
        count[Outcome.UNDECIDED],
        count[Outcome.NOISE],
        attained,
        message,
    )


def _verdict(claim: Claim, count: dict[Outcome, int], attained: int, share: float, total: int) -> tuple[Verdict, str]:
    satisfied = count[Outcome.SATISFIED] + count[Outcome.ATTAINED]
    if claim.kind is Kind.EXISTENCE:  # one example is enough, and its absence here refutes nothing
        if satisfied:
            return Verdict.HOLDS, f"{satisfied} of {total} instances are examples"
        return Verdict.INCONCLUSIVE, f"no example among {total} instances"
    if count[Outcome.VIOLATED]:
        return Verdict.REFUTED, f"violated by {count[Outcome.VIOLATED]} of {total} instances"
    if count[Outcome.UNDECIDED]:
        return Verdict.INCONCLUSIVE, f"{count[Outcome.UNDECIDED]} of {total} instances straddle the bound"
    if not satisfied:
        return Verdict.INCONCLUSIVE, f"all {total} instances are smaller than rounding errors"
    if share < BITING_SHARE:
        return Verdict.VACUOUS, f"the bound is better than the trivial one in {share:.1%} of {total} instances"
    only_equal = all(s.sign == "==" for s in claim.statements)
    if attained and not only_equal:
        return Verdict.TIGHT, f"attained in {attained} of {total} instances"
    return Verdict.HOLDS, f"satisfied in {satisfied} of {total} instances"


def _worst(judged: list[Judged]) -> Judged:
    order = {Outcome.VIOLATED: 0, Outcome.UNDECIDED: 1, Outcome.ATTAINED: 2, Outcome.SATISFIED: 2, Outcome.NOISE: 3}
    return min(judged, key=lambda j: (order[j.outcome], not j.bites, math.inf if j.ratio is None else j.ratio))


def as_expected(verdict: Verdict, expected: Verdict) -> bool:
    """Whether a verdict is the declared one; a bound that is attained also holds."""
    return verdict is expected or (verdict is Verdict.TIGHT and expected is Verdict.HOLDS)
