"""Logistic SGD: derivations, oracles and verdicts of its claims, and the experiment."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from numerics.concepts.logistic import Support, all_runs, margins, minimiser, simulate
from numerics.concepts.schedule import Schedule
from theory.checking.kernel import check_lemma
from theory.concepts.sgd_bias import sgd_bias
from theory.concepts.sgd_concentration import mcdiarmid, pinelis
from theory.concepts.sgd_deviation import sgd_deviation
from theory.concepts.sgd_error import CRITICAL, exponential_convergence, wrong_classifier
from theory.concepts.sgd_means import recursion
from theory.concepts.sgd_steps import contraction, slope
from theory.verdict import Grade
from verify.concepts.logistic_sgd import THREE, TWO, Problem, least_gamma
from verify.experiments.concepts_sgd import PRINTED, TIMES, Sizes, error_interval, run_sizes
from verify.falsify import falsify
from verify.measurement import context, measurement_alone
from verify.statistics import log_slope
from verify.verdict import as_expected, judge

VALUES = {"B": 1, "R": 1, "D": THREE.diameter, "lam": 0.1, "g": 7}
MARGIN = 0.0858941652262


def at(expression: sp.Expr, **values: float) -> float:
    """An expression at named values."""
    return float(expression.subs({s: values[s.name] for s in expression.free_symbols}))


@pytest.mark.parametrize("claim", [sgd_bias, slope, contraction, recursion])
def test_the_distance_in_the_mean_is_proved(claim):
    assert check_lemma(claim).grade is Grade.PROVED


@pytest.mark.parametrize("claim", [sgd_deviation, exponential_convergence, wrong_classifier])
def test_concentration_is_cited_and_nothing_is_a_gap(claim):
    report = claim.check()
    assert report.accepted and report.grade is Grade.CITED
    assert all(step.grade >= Grade.CITED for step in report.steps)


def test_only_two_theorems_are_cited():
    assert str(mcdiarmid.backing.source).startswith("mcdiarmid1989")
    assert str(pinelis.backing.source).startswith("pinelis1994")


def test_numbers_of_the_bounds():
    error = exponential_convergence.statement.bound
    assert at(error, m=MARGIN, T=20_000, **VALUES) == pytest.approx(0.68135516778832, rel=1e-11)
    assert at(error, m=MARGIN, T=20_000, **VALUES | {"D": 2}) == pytest.approx(0.870783794235472, rel=1e-11)
    w = minimiser(THREE, 0.1)
    square = sgd_bias.statement.bound
    for steps, bound in ((100, 4.98), (400, 1.31)):
        assert at(square, T=steps, gap2=float(w @ w), **VALUES) == pytest.approx(bound, abs=0.006)
    assert float(CRITICAL) == pytest.approx(0.013733450588707, rel=1e-12)
    # the level is where the tail is delta
    level = at(sgd_deviation.statement.bound, T=50, delta=0.03, **VALUES)
    tail = sgd_deviation.statements[1].bound
    assert at(tail, T=50, drop=level, **VALUES) == pytest.approx(0.03, rel=1e-12)


def test_all_runs_have_the_law_of_simulated_ones():
    for batch in (1, 2):
        problem = Problem(THREE, Schedule(0.1, 7), batch)
        weights, law = problem.law(3)
        assert law.sum() == pytest.approx(1, abs=1e-14) and len(law) == 3 ** (3 * batch)
        taken = simulate(np.random.default_rng(5), THREE, problem.schedule, (3,), 40_000, batch)[0]
        error = taken.std(axis=0) / 200
        assert (np.abs(law @ weights - taken.mean(axis=0)) <= 5 * error).all()
    with pytest.raises(ValueError, match=r"3\^\(20 \* 1\) sequences of draws, expected at most"):
        all_runs(THREE, Schedule(0.1, 7), 20)


def test_one_draw_moves_the_weights_by_less_than_the_stability_bound():
    rng = np.random.default_rng(7)
    for _ in range(20):
        support = Support(rng.standard_normal((3, 2)), rng.dirichlet(np.ones(3)))
        lam, steps = float(rng.choice((0.05, 0.5))), 6
        gamma = least_gamma(support, lam)
        draws = rng.integers(0, 3, steps)
        for s in range(steps):
            ends = []
            for point in range(3):
                w = np.zeros(2)
                for t in range(steps):
                    z, eta = support.points[point if t == s else draws[t]], 2 / (lam * (gamma + t))
                    w = (1 - lam * eta) * w + eta * z / (1 + math.exp(w @ z))
                ends.append(w)
            moved = max(float(np.linalg.norm(a - b)) for a in ends for b in ends)
            c = 2 * support.diameter / lam * (gamma + s - 1) / ((gamma + steps - 1) * (gamma + steps - 2))
            assert moved <= c * (1 + 1e-12)


@pytest.mark.parametrize("claim", [sgd_bias, sgd_deviation, exponential_convergence, wrong_classifier])
def test_verdicts_are_the_expected_ones(claim):
    measurement = measurement_alone(claim.id)
    things = [thing for thing in measurement.over.extremal(claim) if getattr(thing, "name", "") != "three points"]
    cases = [case for thing in things for case in measurement(thing, context(0, claim.id))]
    judged = judge(claim, cases)
    assert as_expected(judged.verdict, claim.expected), judged.message
    assert len(cases) >= 10


def test_a_smaller_threshold_of_the_witness_is_refuted():
    found = falsify(wrong_classifier, bound=0.9 * CRITICAL, statement="kept below", examples=4)
    assert found.found


def test_log_slope_of_an_exponential():
    t = np.arange(5.0)
    runs = np.exp(-0.3 * t) * np.array([[0.5], [1.0], [1.5]])
    found = log_slope(t, runs, np.random.default_rng(0))
    assert found.slope == pytest.approx(-0.3) and found.lower == pytest.approx(-0.3) == found.upper


def test_experiment_has_the_printed_numbers(tmp_path):
    records = run_sizes(tmp_path, Sizes(20_000, 200, 200, 7, 600), 1)
    assert all(r["as_expected"] is not False for r in records), [r["name"] for r in records if not r["as_expected"]]
    rate = next(r for r in records if r["name"] == "rate of the three points")
    low, high = rate["interval"]
    assert low < -0.0066 < high < 0 and 2.4 < rate["orders_loose"] < 2.7 and "orders loose" in rate["text"]
    assert rate["orders_loose_in_steps"] == pytest.approx(3, abs=0.3)
    assert set(PRINTED) <= set(TIMES)
    for name in records[-1]["files"]:
        assert (tmp_path / name).stat().st_size > 10_000


def test_intervals_weight_the_exact_ones_of_every_point():
    weights = np.array([[1.0, -1.0]] * 30 + [[1.0, 1.0]] * 70)
    error, low, high = error_interval(TWO, weights)
    assert error == pytest.approx(0.1 * 0.3) and 0 <= low < error < high
    assert (margins(TWO, 0.05) > 0).tolist() == [True, False]
