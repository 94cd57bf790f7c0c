"""Judging: every verdict from hand-made instances of stand-in claims."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory.claim import Claim, Kind, Statement, Status, equal, lower, upper
from theory.evaluation.values import EvaluationError
from theory.parameter import Parameter, reals
from theory.source import OWN
from theory.verdict import Verdict
from verify.bounds import enclosure
from verify.instance import FailureProbability, Frequency, Instance
from verify.plain import instance_json
from verify.precision import Measured, exact, floating, monte_carlo
from verify.verdict import Outcome, as_expected, compare_sides, judge, judge_instance

x = Parameter("x", "x", "a number", reals(0, 10), (0, 10))
delta = Parameter("delta", r"\delta", "allowed probability of failure", reals(0, 1, open="both"), (0.01, 0.1))
q = sp.Function("q", real=True)


def claim(*statements: Statement, kind: Kind = Kind.UPPER, confidence: Parameter | None = None) -> Claim:
    """A stand-in: awaiting refutation, so that it needs no derivation."""
    return Claim(
        "demo/stand_in",
        "stand-in",
        kind,
        "",
        (x, delta),
        statements,
        OWN,
        Status.OWN,
        expected=Verdict.REFUTED,
        why="a stand-in",
        confidence=confidence,
    )


UPPER = claim(upper(q(x.symbol), 2 * x.symbol, trivial=1))


def at(value: float, number: Measured) -> Instance:
    return Instance({"x": value}, number)


def test_holds() -> None:
    found = judge(UPPER, [at(0.25, floating(0.3, relative=1e-12)), at(0.1, floating(0.05, relative=1e-12))])
    assert found.verdict is Verdict.HOLDS
    assert found.bites == 1.0
    assert found.slack is not None
    assert found.slack.least == pytest.approx(5 / 3)
    assert found.slack.median == pytest.approx((5 / 3 + 4) / 2)
    assert found.worst is not None
    assert found.worst.instance.values == {"x": 0.25}


def test_tight_and_tight_counts_as_holds() -> None:
    found = judge(UPPER, [at(0.25, floating(0.5, relative=1e-9)), at(0.1, floating(0.05, relative=1e-9))])
    assert found.verdict is Verdict.TIGHT
    assert as_expected(Verdict.TIGHT, Verdict.HOLDS)
    assert not as_expected(Verdict.HOLDS, Verdict.TIGHT)
    assert not as_expected(Verdict.VACUOUS, Verdict.HOLDS)


def test_attaining_the_trivial_bound_is_not_tight() -> None:
    # At x = 1/2 both sides equal the trivial bound 1: no evidence that the bound is sharp.
    found = judge(UPPER, [at(0.5, exact(1)), at(0.25, exact(Fraction(1, 4)))])
    assert found.verdict is Verdict.HOLDS


def test_straddling_is_inconclusive() -> None:
    found = judge(UPPER, [at(0.25, monte_carlo(0.49, 0.02)), at(0.1, floating(0.05, relative=1e-12))])
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.undecided == 1
    assert "straddle" in found.message


def test_refuted_beats_everything() -> None:
    found = judge(UPPER, [at(0.25, monte_carlo(0.49, 0.02)), at(0.1, floating(0.21, relative=1e-12))])
    assert found.verdict is Verdict.REFUTED
    assert found.worst is not None
    assert found.worst.outcome is Outcome.VIOLATED
    assert found.worst.instance.values == {"x": 0.1}


def test_too_few_biting_instances_are_vacuous() -> None:
    idle = [at(3.0, floating(0.5, relative=1e-12))] * 39
    biting = at(0.25, floating(0.3, relative=1e-12))
    assert judge(UPPER, [*idle, biting]).verdict is Verdict.VACUOUS  # 1 in 40
    assert judge(UPPER, [*idle[:18], biting]).verdict is Verdict.HOLDS  # 1 in 19
    # One per cent better than trivial is not enough: 2 * 0.497 = 0.994.
    assert judge(UPPER, [at(0.497, exact(0))]).verdict is Verdict.VACUOUS


def test_without_a_trivial_bound_nothing_is_vacuous() -> None:
    assert judge(claim(upper(q(x.symbol), 2 * x.symbol)), [at(3.0, exact(0))]).verdict is Verdict.HOLDS


def test_rounding_noise_is_set_aside() -> None:
    power = claim(upper(q(x.symbol), x.symbol**20, trivial=1))
    noisy = at(0.1, floating(1e-16, absolute=1e-13))  # bound 1e-20: float64 cannot tell
    good = at(0.5, floating(1e-8, absolute=1e-13))
    found = judge(power, [noisy, good])
    assert found.verdict is Verdict.HOLDS
    assert found.noise == 1
    assert judge(power, [noisy]).verdict is Verdict.INCONCLUSIVE


def test_noise_is_told_by_the_scale_of_the_instance() -> None:
    bare = claim(upper(q(x.symbol), x.symbol))
    zero = floating(1e-17, absolute=1e-15)
    assert judge(bare, [at(0.0, zero)]).noise == 0
    found = judge(bare, [Instance({"x": 0.0}, zero, scale=1.0), Instance({"x": 1.0}, zero, scale=1.0)])
    assert (found.verdict, found.noise) == (Verdict.HOLDS, 1)


def test_numpy_numbers_are_values() -> None:
    found = enclosure(x.symbol * delta.symbol, {"x": np.int64(3), "delta": np.float64(0.5)})
    assert found.lower == found.upper == Fraction(3, 2)


def test_no_instance_is_inconclusive() -> None:
    assert judge(UPPER, []).verdict is Verdict.INCONCLUSIVE


def test_lower_bounds_mirror_upper_bounds() -> None:
    below = claim(lower(q(x.symbol), x.symbol, trivial=0))
    assert judge(below, [at(0.5, floating(0.75, relative=1e-12))]).verdict is Verdict.HOLDS
    assert judge(below, [at(0.5, floating(0.25, relative=1e-12))]).verdict is Verdict.REFUTED
    assert judge(below, [at(0.0, floating(0.25, relative=1e-12))]).verdict is Verdict.VACUOUS


def test_equalities() -> None:
    same = claim(equal(q(x.symbol), x.symbol**2), kind=Kind.EQUALITY)
    assert judge(same, [at(0.5, exact(Fraction(1, 4)))]).verdict is Verdict.HOLDS
    assert judge(same, [at(0.5, floating(0.25 + 1e-12, absolute=1e-11))]).verdict is Verdict.HOLDS
    assert judge(same, [at(0.5, floating(0.25 + 1e-9, absolute=1e-11))]).verdict is Verdict.REFUTED
    assert judge(same, [at(0.5, exact(Fraction(1, 4) + Fraction(1, 10**60)))]).verdict is Verdict.REFUTED
    assert judge(same, [at(0.5, monte_carlo(0.2, 0.1))]).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        ("<", 1, 1, Outcome.VIOLATED),
        ("<", 1, 2, Outcome.SATISFIED),
        ("<=", 1, 1, Outcome.ATTAINED),
        (">", 1, 1, Outcome.VIOLATED),
        (">=", 2, 1, Outcome.SATISFIED),
        (">=", 1, 2, Outcome.VIOLATED),
        ("==", 1, 2, Outcome.VIOLATED),
        ("<=", 0, 0, Outcome.ATTAINED),
    ],
)
def test_signs(sign: str, left: int, right: int, expected: Outcome) -> None:
    assert compare_sides(sign, exact(left), exact(right)) is expected


@given(st.floats(0, 5), st.floats(0, 10), st.floats(1e-12, 1))
def test_refuted_only_for_certain_violations(value: float, number: float, error: float) -> None:
    found = judge(UPPER, [at(value, floating(number, absolute=error))])
    assert (found.verdict is Verdict.REFUTED) == (Fraction(number - error) > 2 * Fraction(value))


def test_frequencies_are_judged_by_exact_intervals() -> None:
    risky = claim(upper(q(x.symbol), 2 * x.symbol, trivial=1), kind=Kind.HIGH_PROBABILITY, confidence=delta)
    values = {"x": 0.2, "delta": 0.05}
    for failures, verdict in ((10, Verdict.HOLDS), (50, Verdict.INCONCLUSIVE), (100, Verdict.REFUTED)):
        assert judge(risky, [Frequency(values, lambda level, n=failures: n, 1000)]).verdict is verdict
    at_most, more = (FailureProbability(values, lambda level, n=n: exact(Fraction(n, 100))) for n in (5, 6))
    assert judge(risky, [at_most]).verdict is not Verdict.REFUTED
    assert judge(risky, [more]).verdict is Verdict.REFUTED
    with pytest.raises(ValueError, match="no frequency"):
        judge(risky, [Frequency(values, lambda level: 11, 10)])
    with pytest.raises(ValueError, match="failure frequencies"):
        judge(risky, [at(0.2, exact(1))])
    with pytest.raises(ValueError, match="no high-probability claim"):
        judge(UPPER, [Frequency(values, lambda level: 1, 2)])


def test_failures_are_counted_against_the_bound_of_the_claim() -> None:
    """The same trials, two claims: what fails is decided by the bound that is judged, not by the measurement."""
    draws = np.random.default_rng(0).random(1000)
    values = {"x": 0.475, "delta": 0.1}
    trials = Frequency(values, lambda level: int((draws > level).sum()), 1000)

    def risky(factor: float) -> Verdict:
        bound = upper(q(x.symbol), factor * x.symbol, trivial=1)
        return judge(claim(bound, kind=Kind.HIGH_PROBABILITY, confidence=delta), [trials]).verdict

    assert risky(2) is Verdict.HOLDS  # P(U > 0.95) = 0.05
    assert risky(1.8) is Verdict.REFUTED  # P(U > 0.855) = 0.145
    assert (
        judge(
            claim(upper(q(x.symbol), 2 * x.symbol), kind=Kind.HIGH_PROBABILITY, confidence=delta),
            [replace(trials, allowed=0.01)],
        ).verdict
        is Verdict.REFUTED
    )


def test_existence_needs_one_example() -> None:
    some = claim(lower(q(x.symbol), 2), kind=Kind.EXISTENCE)
    assert judge(some, [at(1.0, exact(1)), at(1.0, exact(3))]).verdict is Verdict.HOLDS
    assert judge(some, [at(1.0, exact(1))]).verdict is Verdict.INCONCLUSIVE


def test_opaque_bounds_must_be_measured() -> None:
    opaque = claim(upper(q(x.symbol), sp.Function("r", real=True)(x.symbol)))
    with pytest.raises(EvaluationError, match="measure it explicitly"):
        judge(opaque, [at(1.0, exact(1))])
    assert judge(opaque, [Instance({"x": 1.0}, exact(1), bound=exact(2))]).verdict is Verdict.HOLDS


def test_statements_by_position_and_label() -> None:
    two = claim(upper(q(x.symbol), 2 * x.symbol), lower(q(x.symbol), x.symbol, label="below"))
    assert judge_instance(two, Instance({"x": 1}, exact(3), "below")).outcome is Outcome.SATISFIED
    assert judge_instance(two, Instance({"x": 1}, exact(3), 0)).outcome is Outcome.VIOLATED
    with pytest.raises(KeyError, match="below"):
        judge_instance(two, Instance({"x": 1}, exact(3), "above"))


def test_values_known_by_intervals_widen_the_bound() -> None:
    found = enclosure(x.symbol**2, {"x": floating(0.5, absolute=0.01)})
    assert found.lower <= Fraction(49, 100) ** 2 + Fraction(1, 10**15)
    assert found.upper >= Fraction(51, 100) ** 2 - Fraction(1, 10**15)
    near = Instance({"x": floating(0.25, absolute=0.01)}, floating(0.51, relative=1e-12))
    assert judge(UPPER, [near]).verdict is Verdict.INCONCLUSIVE


def test_json_is_strict() -> None:
    tiny = Instance({"x": Fraction(1, 3)}, exact(Fraction(1, 10**5000)), witness={"row": (1, 2), "big": float("inf")})
    text = json.dumps(instance_json(judge_instance(UPPER, tiny)), allow_nan=False)
    assert json.loads(text)["values"] == {"x": "1/3"}
