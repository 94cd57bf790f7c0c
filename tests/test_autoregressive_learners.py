"""The claims on learners: derivations, verdicts, the specification's numbers, and sharper bounds that are caught."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import verify.autoregressive.learners as measured
from numerics.learning.ar_perceptron import learn
from numerics.learning.curves import teacher
from numerics.learning.features import Signs, decoders
from numerics.learning.perceptron import learn_position
from numerics.machines.parity import kautz, scan, sign_mistake_bound, sign_squared_norms
from theory.autoregressive.consistency import linear_decoder_as_stated, linear_decoder_lp
from theory.autoregressive.hinge import linear_decoder_sgd
from theory.autoregressive.learners import ar_perceptron, linear_decoder_perceptron
from theory.claim import lower
from theory.verdict import Grade, Verdict
from verify.falsify import falsify
from verify.measure import measure_claim
from verify.measurement import context
from verify.verdict import Outcome, as_expected, judge_instance

CLAIMS = [
    (linear_decoder_lp, measured.linear_decoder_lp),
    (linear_decoder_perceptron, measured.linear_decoder_perceptron),
    (ar_perceptron, measured.ar_perceptron),
    (linear_decoder_sgd, measured.linear_decoder_sgd),
]


@pytest.mark.parametrize("claim", [c for c, _ in CLAIMS], ids=lambda c: c.name)
def test_every_step_is_proved(claim):
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is Grade.PROVED


@pytest.mark.parametrize(("claim", "measurement"), CLAIMS, ids=[c.name for c, _ in CLAIMS])
def test_the_verdict_is_the_expected_one(claim, measurement):
    (record,) = measure_claim(
        claim, seed=1, measurement=replace(measurement, examples=(min(6, measurement.examples[0]), 6))
    )
    assert as_expected(record.verdict, claim.expected), record


def test_a_polynomial_number_of_updates_is_refuted():
    (record,) = measure_claim(
        linear_decoder_as_stated, seed=0, measurement=measured.linear_decoder_as_stated, search=20
    )
    assert record.verdict is Verdict.REFUTED


def test_a_gap_a_tenth_larger_is_not_reached():
    sharper = lower(linear_decoder_lp.statements[0].quantity, 1.1, label="ties")
    claim = replace(
        linear_decoder_lp,
        statements=(sharper, *linear_decoder_lp.statements[1:]),
        derivation=linear_decoder_lp.derivation,
    )
    task = next(iter(measured.one_hot_teachers.extremal(claim)))
    cases = list(measured.linear_decoder_lp(task, context(0, "sharper")))
    assert any(judge_instance(claim, case).outcome is Outcome.VIOLATED for case in cases)


def test_norms_and_mistakes_of_parity_in_signs():
    """n = 20, a = 13: squared norms 17, 81, 97, 101 and at most 6794 mistakes; n = a = 20: at most 45771."""
    thirteen = kautz(20, range(13)).model
    assert [int(x) for x in sign_squared_norms(thirteen)] == [17, 81, 97, 101]
    assert sign_mistake_bound(thirteen) == 6794
    assert sign_mistake_bound(kautz(20).model) == 45771
    assert scan(20).mistake_bound == 15126


def test_observed_mistakes_of_parity_stay_below_the_bound():
    """n = 20, a = 13, to convergence: observed at most 145 + 598 + 798 + 1208, against 6794."""
    compiled = kautz(20, range(13))
    source = teacher(compiled.model, compiled.inputs)
    prompts, true = source.sample(600, np.random.default_rng(0))
    learner = decoders(prompts, true, 2, signs=True, live=source.live, drop_constant=False)
    orders = np.concatenate([np.random.default_rng(s).permutation(600) for s in range(15)])
    for update in ("first", "all"):
        run = learn(learner, prompts, true, update=update, order=orders)
        assert 500 < run.mistakes <= 6794


def test_the_perceptron_needs_fibonacci_many_updates():
    """Top-bit parity: about 3, 9, 17, 55, 73, 264 mistakes at n = 2..7, at least the Fibonacci number F_n."""
    fibonacci = [1, 2, 3, 5, 8, 13]
    for n, least, about in zip(range(2, 8), fibonacci, (3, 9, 17, 55, 73, 264), strict=True):
        task = measured.DecisionList(tuple((i + 1) % 2 for i in range(n)))  # bit i + 1 counts: odd ones give 1
        found = learn_position(Signs(np.arange(n)), task.inputs, task.values, np.random.default_rng(0), passes=10**5)
        assert found.converged
        assert least <= found.mistakes
        assert about / 4 <= found.mistakes <= 4 * about
        assert abs(found.weights[n - 1, 0]) >= least


def test_hinge_descent_needs_more_chains_than_the_vote():
    """2 (sum B R)^2 / eps^2 >= 2 sum B^2 R^2 / eps for every eps < 1."""
    compiled = kautz(20)
    products = [math.sqrt((20 + t) * norm) for t, norm in enumerate(compiled.squared_norms, start=1)]
    for eps in (0.01, 0.1, 0.9):
        assert 2 * sum(products) ** 2 / eps**2 >= 2 * sum(p * p for p in products) / eps
    assert sum(p * p for p in products) * 2 == pytest.approx(compiled.mistake_bound)


def test_a_search_through_decision_lists_finds_the_refutation():
    found = falsify(linear_decoder_as_stated, examples=60, measurement=measured.linear_decoder_as_stated, shrink=False)
    assert found.found
