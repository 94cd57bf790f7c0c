"""McDiarmid's inequality for dependent sequences, t_min, and t_min of windows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.chains.generators import constrained_walk
from numerics.chains.mixing import mixing_time, tau_min
from numerics.chains.mixing import t_min as numeric_t_min
from numerics.chains.mixing import window_t_min as numeric_window_t_min
from numerics.chains.stationary import stationary_of_matrix
from numerics.risk.exhaustive import bounded_differences, log_moment_generating, token_mixing_matrix
from theory.claim import Claim, Statement, upper
from theory.markov.concentration import confident_by_norms, mcdiarmid_chain, mcdiarmid_marton
from theory.markov.t_min import t_min
from theory.markov.window_t_min import window_t_min
from theory.verdict import Grade, Verdict
from verify.falsify import falsify
from verify.markov import concentration as measured
from verify.markov import t_min as times
from verify.measure import measure_claim
from verify.verdict import as_expected

K3 = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6]])
GRADES = (
    (mcdiarmid_marton, Grade.CITED),
    (mcdiarmid_chain, Grade.GAP),
    (t_min, Grade.CITED),
    (window_t_min, Grade.CITED),
)
MEASURED = (
    (mcdiarmid_marton, measured.mcdiarmid_marton),
    (mcdiarmid_chain, measured.mcdiarmid_chain),
    (t_min, times.t_min),
    (window_t_min, times.window_t_min),
)


def weakened(claim: Claim, label: str, factor: sp.Expr) -> Claim:
    """The claim with the bound of one statement multiplied by a factor."""

    def change(statement: Statement) -> Statement:
        return replace(statement, bound=statement.bound * factor) if statement.label == label else statement

    return replace(claim, statements=tuple(map(change, claim.statements)), derivation=claim.derivation)


@pytest.mark.parametrize(("claim", "grade"), GRADES, ids=lambda x: getattr(x, "name", ""))
def test_derivation_is_accepted_with_its_grade(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message
    resting = {step.name for step in report.steps if step.grade is Grade.GAP}
    assert resting == (
        {"best block"} if claim is mcdiarmid_chain else set()
    )  # f is the same read in blocks: not proved


def test_chernoff_optimisation_and_inversion_are_proved() -> None:
    from theory.markov.concentration import confident, lower_tail_bound

    steps = {s.name: s.grade for lemma in (lower_tail_bound, confident) for s in lemma.backing.check().steps}
    assert steps["exp increases"] is steps["exponent"] is steps["same level"] is steps["solved"] is Grade.PROVED


def test_a_wrong_constant_is_refused() -> None:
    wrong = replace(mcdiarmid_marton, statements=(upper(*_halved(mcdiarmid_marton.statement)),))
    assert wrong.check().grade is Grade.REFUSED


def _halved(statement: Statement) -> tuple[sp.Expr, sp.Expr]:
    return statement.quantity, statement.bound / 2


def test_norms_form_is_what_a_mean_of_n_tokens_needs() -> None:
    applied = confident_by_norms.at(f=3, Gamma=2, c_norm=1 / sp.sqrt(100))
    delta = next(iter(applied.conclusion.rhs.free_symbols))
    value = float(applied.conclusion.rhs.subs(delta, sp.Rational(1, 20)))
    assert value == pytest.approx(2 * math.sqrt(math.log(20) / 200), rel=1e-12)


@pytest.mark.parametrize(("claim", "measurement"), MEASURED, ids=lambda x: getattr(x, "name", ""))
def test_measured_verdict_is_the_expected_one(claim: Claim, measurement: object) -> None:
    small = replace(measurement, examples=(8, 8))  # type: ignore[type-var]  # every entry is a Measurement
    for record in measure_claim(claim, measurement=small):
        assert as_expected(record.verdict, claim.expected), record.message


@pytest.mark.parametrize("label", ["tail", "norms"])
def test_weakened_levels_are_caught(label: str) -> None:
    """The failures are those of the bound that is judged: half of it is exceeded too often by eight fair bits."""
    wrong = weakened(mcdiarmid_marton, label, sp.Rational(1, 2))
    small = replace(measured.mcdiarmid_marton, examples=(1, 1))
    assert measure_claim(wrong, measurement=small)[0].verdict is Verdict.REFUTED


def test_a_false_level_of_a_chain_is_found_and_written_as_code() -> None:
    bound = mcdiarmid_chain.statement.bound / 5
    report = falsify(mcdiarmid_chain, bound=bound, examples=20)
    assert report.found
    exec(report.snippet, {})  # its last line asserts the violation


def test_weakened_moment_bound_is_caught() -> None:
    wrong = weakened(mcdiarmid_marton, "mgf", sp.Rational(9, 10))
    small = replace(measured.mcdiarmid_marton, examples=(1, 1))
    assert measure_claim(wrong, measurement=small)[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("claim", "measurement", "label", "factor"),
    [
        (t_min, times.t_min, "four", sp.Rational(11, 10)),
        (t_min, times.t_min, "independent", sp.Rational(11, 10)),
        (window_t_min, times.window_t_min, "floor", sp.Rational(11, 10)),
        (window_t_min, times.window_t_min, "floor of pairs", sp.Rational(11, 10)),
    ],
)
def test_weakened_floors_of_times_are_caught(claim: Claim, measurement: object, label: str, factor: sp.Expr) -> None:
    small = replace(measurement, examples=(1, 1))  # type: ignore[type-var]  # every entry is a Measurement
    assert measure_claim(weakened(claim, label, factor), measurement=small)[0].verdict is Verdict.REFUTED


def test_times_of_the_three_state_kernel() -> None:
    assert stationary_of_matrix(K3) == pytest.approx([5 / 21, 3 / 7, 1 / 3], abs=1e-14)
    assert numeric_t_min(K3) == pytest.approx(9.87755102040817, rel=1e-13)
    assert tau_min(K3) == pytest.approx(7.11111111111111, rel=1e-13)
    assert (mixing_time(K3, 0.25).steps, mixing_time(K3, 0.01).steps) == (2, 5)
    assert numeric_window_t_min(K3, 16) == pytest.approx(78.7095377930013, rel=1e-13)
    assert numeric_window_t_min(K3, 4096) == pytest.approx(16421.7403158104, rel=1e-13)


def test_t_min_is_infinite_for_periodic_and_reducible_chains() -> None:
    assert numeric_t_min(constrained_walk(3)) == tau_min(constrained_walk(3)) == math.inf
    assert numeric_t_min(np.eye(2)) == tau_min(np.eye(2)) == math.inf


def test_windows_on_their_own_state_space_agree_with_the_shifted_scan() -> None:
    chain = times.windows_of(K3, 3)
    assert numeric_t_min(chain, "all") == pytest.approx(numeric_window_t_min(K3, 3), rel=1e-10)


def test_shortfall_is_the_quantile() -> None:
    law, values = measured.fair_bits(2).law()  # E f - f takes 1/2, 0, -1/2 with probabilities 1/4, 1/2, 1/4
    assert measured.shortfall(law, values, 0.2) == 0.5
    assert measured.shortfall(law, values, 0.25) == 0.0
    assert measured.shortfall(law, values, 0.9) == 0.0


def test_moment_generating_function_of_a_fair_bit() -> None:
    law, values = measured.fair_bits(1).law()
    assert bounded_differences(values) == pytest.approx([1.0]) and token_mixing_matrix(law) == pytest.approx(np.eye(1))
    assert log_moment_generating(law, values, np.array([1.0]))[0] == pytest.approx(math.log(math.cosh(0.5)), abs=1e-15)
