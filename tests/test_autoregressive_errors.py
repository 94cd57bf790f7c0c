"""Error identities of chains (2A): derivations, verdicts, witnesses, and what weakened constants reveal."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from numerics.learning.errors import (
    ar_error,
    final_error,
    first_miss,
    hazards,
    likelihoods,
    losses,
    misses,
    rollout,
    rollout_misses,
    sample_chain,
    sampled_error,
    step_errors,
)
from numerics.learning.tables import Chains, SoftTable, Table, random_chains, random_table
from theory.autoregressive.errors import error_sandwich, survival_product
from theory.autoregressive.rollout_identity import rollout_identity
from theory.autoregressive.sampled import sampled_rollout_error
from theory.autoregressive.soft import greedy_nll_bound
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive import errors as measured
from verify.autoregressive import soft as measured_soft
from verify.falsify import falsify
from verify.measure import measure_claim
from verify.measurement import Measurement, context
from verify.statistics import binomial_interval
from verify.strategies.ar_tables import (
    SoftTask,
    TableTask,
    disjoint_misses,
    forgetful,
    nested_misses,
    soft_tasks,
    table_tasks,
)
from verify.verdict import as_expected

PAIRS = (
    (rollout_identity, measured.rollout_identity),
    (survival_product, measured.survival_product),
    (error_sandwich, measured.error_sandwich),
    (greedy_nll_bound, measured_soft.greedy_nll_bound),
    (sampled_rollout_error, measured_soft.sampled_rollout_error),
)


@pytest.mark.parametrize("claim", [claim for claim, _ in PAIRS], ids=lambda claim: claim.name)
def test_every_step_is_proved(claim: Claim) -> None:
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


@pytest.mark.parametrize(("claim", "measurement"), PAIRS, ids=lambda pair: getattr(pair, "name", ""))
def test_verdicts(claim: Claim, measurement: Measurement) -> None:
    (record,) = measure_claim(claim, measurement=measurement)
    assert as_expected(record.verdict, claim.expected), record.message
    assert record.bites > 0.5


@pytest.mark.parametrize(
    ("claim", "measurement", "statement"),
    [
        (survival_product, measured.survival_product, "uniform"),
        (survival_product, measured.survival_product, "linear"),
        (greedy_nll_bound, measured_soft.greedy_nll_bound, "nats"),
        (sampled_rollout_error, measured_soft.sampled_rollout_error, "Jensen"),
    ],
)
def test_a_constant_smaller_by_a_tenth_is_refuted(claim: Claim, measurement: Measurement, statement: str) -> None:
    bound = next(s.bound for s in claim.statements if s.label == statement)
    report = falsify(
        claim,
        statement=statement,
        bound=bound * sp.Rational(9, 10),
        examples=200,
        measurement=measurement,
        shrink=False,
    )
    assert report.found


def sandwich(task: TableTask) -> tuple[Fraction, tuple[Fraction, ...], Fraction]:
    missed = misses(task.predictor, task.chains)
    error = ar_error(missed, task.chains)
    return error, step_errors(missed, task.chains), final_error(task.predictor, task.chains)


def test_witnesses_of_both_ends() -> None:
    error, steps, _ = sandwich(disjoint_misses())
    assert error == sum(steps) == Fraction(3, 4)
    error, steps, _ = sandwich(nested_misses())
    assert error == max(steps) == Fraction(1, 4) < sum(steps)
    error, steps, final = sandwich(forgetful())
    assert (error, final) == (1, 0)
    assert steps == (1, 0)


def test_the_last_token_has_two_errors_and_neither_bounds_the_other() -> None:
    rng = np.random.default_rng(0)
    signs = set()
    for _ in range(60):
        chains = random_chains(2, 1, 3, rng)
        _, steps, final = sandwich(TableTask(chains, random_table(2, 1, 3, rng)))
        signs.add(np.sign(float(steps[-1] - final)))
    assert signs == {-1.0, 0.0, 1.0}


@given(table_tasks())
@settings(max_examples=60, deadline=None)
def test_both_evaluations_fail_together(task: TableTask) -> None:
    taught, rolled = misses(task.predictor, task.chains), rollout_misses(task.predictor, task.chains)
    assert (first_miss(taught) == first_miss(rolled)).all()
    error, steps, final = sandwich(task)
    assert error == ar_error(rolled, task.chains)
    assert max(steps) <= error <= min(1, sum(steps))
    assert final <= error
    q = hazards(taught, task.chains)
    assert 1 - error == math.prod((1 - x for x in q), start=Fraction(1))
    assert error <= 1 - (1 - max(q)) ** len(q) <= len(q) * max(q)


@given(soft_tasks())
@settings(max_examples=40, deadline=None)
def test_cross_entropy_bounds(task: SoftTask) -> None:
    """A greedy miss means p <= 1/2, ties included; the bounds in bits, and Jensen's for sampling."""
    chains, greedy = task.chains, task.model.greedy()
    taught = misses(greedy, chains)
    p = likelihoods(task.model, chains)
    assert all(p[i][t] <= Fraction(1, 2) for i, t in np.argwhere(taught))
    bits = losses(task.model, chains) / math.log(2)
    masses = np.array([float(m) for m in chains.masses])
    clipped = float(masses @ np.minimum(1, np.minimum(1, bits).sum(axis=1)))
    total = float(masses @ bits.sum(axis=1))
    assert float(ar_error(rollout_misses(greedy, chains), chains)) <= clipped + 1e-12 <= total + 2e-12
    assert float(sampled_error(task.model, chains)) <= 1 - 2**-total + 1e-12


def test_sampling_token_by_token_has_the_exact_failure_probability() -> None:
    rng = np.random.default_rng(1)
    task = measured_soft.coins(2)
    assert sampled_error(task.model, task.chains) == Fraction(3, 4)
    quarter = Fraction(1, 4)
    model = SoftTable(({(0,): (2 * quarter, 2 * quarter)}, {(0, a): (quarter, 3 * quarter) for a in (0, 1)}))
    failed = sum(sample_chain(model, (0,), 2, rng) != (1, 1) for _ in range(4000))
    low, high = binomial_interval(failed, 4000, 0.9999)
    assert low <= 1 - 3 / 8 <= high
    simulated = measured_soft.simulated(task, context(0, "simulated").rng)
    assert simulated.lower <= 0.75 <= simulated.upper
    assert simulated.upper - simulated.lower < 0.03


def test_even_losses_attain_jensen() -> None:
    task = measured_soft.even_losses()
    nll = float(np.array([float(m) for m in task.chains.masses]) @ losses(task.model, task.chains).sum(axis=1))
    assert float(sampled_error(task.model, task.chains)) == pytest.approx(1 - math.exp(-nll), abs=1e-15)


def test_tables_say_what_is_wrong() -> None:
    table = Table(({(0,): 1},), default=0)
    assert rollout(table, (0,), 1) == (1,)
    assert rollout(table, (1,), 1) == (0,)
    with pytest.raises(ValueError, match="expected a law"):
        Chains(2, ((0,),), ((1,),), (Fraction(1, 2),))
    with pytest.raises(ValueError, match=r"tokens \(0, 2\) of prompt 0, expected tokens 0..1"):
        Chains(2, ((0,),), ((2,),), (Fraction(1),))
    with pytest.raises(ValueError, match="chains of length 0"):
        Chains(2, ((0,),), ((),), (Fraction(1),))


def test_expected_verdicts_are_those_of_the_specification() -> None:
    assert error_sandwich.expected is Verdict.TIGHT
    assert {claim.expected for claim, _ in PAIRS if claim is not error_sandwich} == {Verdict.HOLDS}
