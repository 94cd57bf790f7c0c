"""In-context learning of Markov chains: derivations, oracles of the specification, verdicts, and bounds made too "
"small."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.chains.mixing import t_min, window_t_min, window_tau_min
from numerics.chains.stationary import stationary_of_matrix
from numerics.icl.estimators import bayes_loss, frequentist_constant
from numerics.icl.families import constrained_walk, polygon_walk
from numerics.risk.memoriser import first_token_witness, memoriser_witness, sample_memorisers
from theory.claim import Claim
from theory.markov.bayes import icl_bayes_optimal
from theory.markov.estimators import frequentist_rate, icl_scaling_as_stated
from theory.markov.icl import icl_gap, icl_gap_as_stated, icl_gap_token_tmin_as_stated
from theory.markov.icl_forgetting import icl_gap_forgetting
from theory.markov.icl_sample_complexity import icl_sample_complexity, icl_sample_complexity_as_stated
from theory.markov.walks import walk_period
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.falsify import with_bound
from verify.instance import FailureProbability
from verify.markov import bayes, estimators, icl, walks
from verify.markov import icl_sample_complexity as lengths
from verify.markov.estimators import K3, exact_row_error, least_risk_samples
from verify.markov.icl import chain_and_model
from verify.markov.icl_predictors import Memoriser, PositionPredictor
from verify.measure import measure_claim
from verify.measurement import Measurement, context
from verify.verdict import judge

HOLDING = (
    icl_gap,
    icl_gap_forgetting,
    icl_sample_complexity,
    frequentist_rate,
    icl_bayes_optimal,
    walk_period,
)
WITH_GAPS = (icl_gap, icl_gap_forgetting, icl_sample_complexity, frequentist_rate, icl_bayes_optimal)
REFUTED: dict[Claim, Measurement] = {
    icl_gap_as_stated: icl.icl_gap_as_stated,
    icl_gap_token_tmin_as_stated: icl.icl_gap_token_tmin_as_stated,
    icl_sample_complexity_as_stated: lengths.icl_sample_complexity_as_stated,
    icl_scaling_as_stated: estimators.icl_scaling_as_stated,
}


@pytest.mark.parametrize("claim", HOLDING, ids=lambda c: c.name)
def test_derivations_are_accepted(claim: Claim) -> None:
    report = claim.check()
    assert report.grade is (Grade.GAP if claim in WITH_GAPS else Grade.CITED), report.message


@pytest.mark.parametrize("claim", REFUTED, ids=lambda c: c.name)
def test_refuted_statements_are_refuted_by_search(claim: Claim) -> None:
    records = measure_claim(claim, measurement=REFUTED[claim], seed=1)
    assert [r.verdict for r in records] == [Verdict.REFUTED], records[0].message
    assert records[0].witness is not None


@pytest.mark.parametrize(
    ("claim", "measurement"),
    [
        (icl_gap, icl.icl_gap),
        (icl_gap_forgetting, icl.icl_gap_forgetting),
        (icl_sample_complexity, lengths.icl_sample_complexity),
        (walk_period, walks.walk_period),
    ],
    ids=lambda x: x.name if isinstance(x, Claim) else "",
)
def test_verdicts_are_the_expected_ones(claim: Claim, measurement: Measurement) -> None:
    (record,) = measure_claim(claim, measurement=measurement, seed=0)
    assert record.as_expected, record.message


def test_bayes_statements_hold_where_they_are_enumerated() -> None:
    thing = (3, Fraction(1, 2))  # a = 1 would add the simulation of the limit
    judgement = judge(icl_bayes_optimal, bayes.icl_bayes_optimal(thing, context(0)))
    assert judgement.verdict is Verdict.TIGHT


# -- the specification's numbers ------------------------------------------------------------


def printed(d: int, B_U: float, p_min: float, t_min: float, N: int, delta: float) -> float:
    """The deviation of Thm 4.3 at tau = 1, by hand."""
    largest = max(math.log(d) + 2 * B_U, math.log(1 / p_min))
    return 2 * math.sqrt(largest) * math.sqrt(t_min / N) * math.sqrt(math.log(2 / delta))


def test_memoriser_against_the_printed_bound() -> None:
    thing = Memoriser(window=30, length=10**6, q=0.9, delta=0.05)
    deviation = printed(2, thing.logit_norm, 0.5, 120, 10**6, 0.05)
    # The specification counts K short windows and N full ones; there are K - 1 and N - K + 1.
    assert 0.4 * (10**6 / 2**30 + 30 / 10**6) + deviation == pytest.approx(0.095297195224, abs=1e-11)
    assert 0.0952 < thing.infimum_upper + deviation < 0.095297195224
    assert thing.logit_norm == pytest.approx(math.log(9))
    (case,) = icl.icl_gap_as_stated(thing, context(0))
    assert isinstance(case, FailureProbability) and case.probability(deviation).value == 1
    assert case.probability(0.41).value == 0
    assert memoriser_witness(30, 10**6).risk_lower == pytest.approx(0.399615881773, abs=1e-11)


def test_the_bound_on_the_infimum_holds_for_simulated_prompts() -> None:
    sample = sample_memorisers(12, 3000, 20, np.random.default_rng(0))
    assert (sample.empirical_risk == 0).all()
    assert sample.distance.max() <= Memoriser(12, 3000, 0.9, 0.05).infimum_upper


def test_first_token_predictor_against_the_tokens_own_t_min() -> None:
    thing = PositionPredictor(4096, 4096, 0.9, oldest=True, delta=0.4, eps=0.3)
    deviation = printed(2, math.log(9), 0.5, 4, 4096, 0.4)
    assert deviation == pytest.approx(0.178843620862, abs=1e-12)
    assert thing.probability_gap_exceeds(deviation).value == pytest.approx(0.5)
    assert first_token_witness(4096).gap == pytest.approx(thing.risk) == pytest.approx(0.2)
    (case,) = lengths.icl_sample_complexity_as_stated(thing, context(0))
    assert case.witness["N*"] == 1456
    assert isinstance(case, FailureProbability) and case.probability(0.3).value == pytest.approx(0.5)


@pytest.mark.parametrize("oldest", [True, False])
@pytest.mark.parametrize(("window", "length"), [(3, 9), (6, 4), (1, 8)])
def test_exact_gap_probabilities_agree_with_enumeration(window: int, length: int, oldest: bool) -> None:
    thing = PositionPredictor(window, length, 0.8, oldest, 0.1, 0.1)
    bits = np.array([[b >> i & 1 for i in range(length)] for b in range(2**length)])
    at = [max(0, n - window + 1) if oldest else n for n in range(length)]
    gaps = thing.risk - thing.loss * bits[:, at].mean(axis=1)
    for level in (-0.05, 0.013, 0.061, 0.11, 0.149):
        share = float((gaps > level + 1e-12).mean())
        assert thing.probability_gap_exceeds(level).value == pytest.approx(share, abs=1e-9)
    assert thing.probability_no_loss() == pytest.approx(float((gaps > thing.risk - 1e-12).mean()))


def test_deviation_for_the_kernel_of_the_specification() -> None:
    wide = window_t_min(K3, 4096)
    values = {"tau_min": wide, "delta": Fraction(1, 20), "N_icl": 10**6}
    assert enclosure(icl_gap.statement.bound, values).value == pytest.approx(0.156836120603635, rel=1e-12)
    as_printed = values | {"t_min": wide, "d": 3, "B_U": Fraction(22, 10), "tau": 1, "p_min": Fraction(1, 10)}
    assert enclosure(icl_gap.statements[2].bound, as_printed).value == pytest.approx(1.15428583627614, rel=1e-12)
    assert window_tau_min(K3, 16) == pytest.approx(77.0072320841552, rel=1e-12)


def test_constant_of_counting_and_rows() -> None:
    assert frequentist_constant(K3, stationary_of_matrix(K3)) == pytest.approx(0.888772062584363, rel=1e-13)
    rng = np.random.default_rng(0)
    p = np.array([0.2, 0.5, 0.3])
    draws = rng.multinomial(7, p, 40_000) / 7
    assert exact_row_error(p, 7) == pytest.approx(0.5 * np.abs(draws - p).sum(axis=1).mean(), rel=0.01)
    assert exact_row_error(np.array([0.5, 0.5]), 1) == pytest.approx(0.5)  # sqrt((d-1)/m)/2 is attained
    sample = estimators.instant_risks(K3, 1500, 2000, rng)
    assert sample.mean() == pytest.approx(0.888772062584363, rel=0.06)


def test_bayes_losses_and_divergence() -> None:
    assert bayes_loss(2, 1.0, 2) == pytest.approx(math.log(2), rel=1e-14)
    assert bayes_loss(2, 1.0, 3) == pytest.approx(0.664830674427379, rel=1e-13)
    assert bayes.expected_loss(2, 1.0, 3, 1.0) == pytest.approx(0.664830674427379, rel=1e-13)
    assert bayes.expected_divergence(3, 1.0, 4, 1.0) == 0
    late = bayes._scaled_divergence(3, 999, 4000, np.random.default_rng(1))
    assert late.mean() / 999 == pytest.approx(0.00297, rel=0.06)


def test_no_predictor_meets_the_stated_scaling_for_large_d() -> None:
    rng = np.random.default_rng(0)
    for constant, d in ((1, 12), (2, 32)):
        N = 20 * d * d
        unavoidable = least_risk_samples(d, N, 12, rng).mean()
        assert unavoidable > 0.8 * constant * math.sqrt(math.log(d) / N)
        assert unavoidable == pytest.approx(0.354 * d / math.sqrt(N), rel=0.2)


def test_walks() -> None:
    assert t_min(constrained_walk(3).kernel) == math.inf == t_min(polygon_walk(4).kernel)
    assert math.isfinite(t_min(polygon_walk(5).kernel))
    assert walks.second_modulus(polygon_walk(7).kernel) == pytest.approx(math.cos(math.pi / 7), rel=1e-13)
    assert walks.exact_distances(constrained_walk(3), 6)[1:] == [Fraction(1, 2)] * 6
    assert min(walks.exact_distances(polygon_walk(6), 12)) >= Fraction(1, 2)


# -- bounds made too small ------------------------------------------------------------


def test_weakened_constants_are_caught() -> None:
    row = frequentist_rate.statements[0]
    smaller = with_bound(frequentist_rate, 0, row.bound * sp.Rational(9, 10))
    fair = np.full((2, 2), 0.5)
    cases = [c for c in estimators.frequentist_rate(fair, context(0)) if c.statement == "row"]
    assert judge(frequentist_rate, cases).verdict is Verdict.TIGHT
    assert judge(smaller, cases).verdict is Verdict.REFUTED
    loss = next(c for c in bayes.icl_bayes_optimal((2, Fraction(2)), context(0)) if c.statement == "posterior")
    assert judge(
        with_bound(icl_bayes_optimal, 0, icl_bayes_optimal.statement.bound * sp.Rational(9, 10)), [loss]
    ).verdict is (Verdict.REFUTED)
    away = with_bound(walk_period, "constrained distance", sp.Rational(11, 20))
    measured = [c for c in walks.walk_period(None, context(0)) if c.statement == "constrained distance"]
    assert judge(away, measured).verdict is Verdict.REFUTED


def test_the_forgetting_bound_is_close_for_a_model_without_memory() -> None:
    """Independent fair bits, loss 0 or 0.4 by the last token: a third of the bound fails too often."""
    thing = icl._fair_bits(1)
    cases = list(icl.icl_gap_forgetting(thing, context(0)))
    assert judge(icl_gap_forgetting, cases).verdict is Verdict.HOLDS
    third = with_bound(icl_gap_forgetting, 0, icl_gap_forgetting.statement.bound / 3)
    assert judge(third, cases).verdict is Verdict.REFUTED
    model = chain_and_model(3, 2, 2, 1)
    assert model.truth.shape == model.model.shape == (6, 2)
