"""Claims about label noise: accepted derivations, oracle, verdicts, the ReLU network beside the linear read-out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.concepts.formulas import attention_squares, noise_bound
from numerics.concepts.formulas import noise_linear as linear_error
from theory.concepts.noise import noise_linear
from theory.concepts.noise_floor import noise_floor
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.concepts import noise
from verify.concepts import noise_floor as floor
from verify.measure import measure_claim
from verify.measurement import context
from verify.statistics import binomial_interval
from verify.verdict import judge

MEASURED = {noise_linear: noise.noise_linear, noise_floor: floor.noise_floor}
CITED = {noise_linear: ["law", "error"], noise_floor: ["concentration", "positive"]}
PUBLISHED = noise.Noisy(4, 0.8, 0.9, 2.0, (1.0, 0.7))
ERROR = 0.0771910562640275


def _values(case):
    total = math.fsum(value**2 for value in case.p)
    sizes = {"L": case.length, "b": case.beta, "sigma": case.noise, "nd": math.sqrt(case.difference)}
    return {**sizes, "p": case.p[0], "P2": total}


def _scaled(claim, label, factor):
    return replace(
        claim,
        statements=tuple(replace(s, bound=s.bound * factor) if s.label == label else s for s in claim.statements),
    )


@pytest.mark.parametrize("claim", MEASURED, ids=lambda c: c.name)
def test_derivation_rests_on_the_gaussian_law_alone(claim):
    report = claim.check()
    assert report.grade is Grade.CITED, report.message
    assert [s.name for s in report.steps if s.grade is not Grade.PROVED] == CITED[claim]


@pytest.mark.parametrize("claim", MEASURED, ids=lambda c: c.name)
def test_verdict(claim):
    for record in measure_claim(claim, measurement=replace(MEASURED[claim], examples=(2, 2))):
        assert record.as_expected, record.message


def test_oracle():
    assert linear_error(0.8, 0.9, 4, 2.0, (1.0, 0.7), 0) == pytest.approx(ERROR, rel=1e-13)
    assert PUBLISHED.error == pytest.approx(ERROR, rel=1e-13)
    assert enclosure(noise_linear.statement.bound, _values(PUBLISHED)).value == pytest.approx(ERROR, rel=1e-12)


def test_network_errs_as_often_as_the_linear_read_out_while_its_neurons_are_on():
    rng = np.random.default_rng(3)
    case = replace(PUBLISHED, across=20.0)
    linear, network, off = noise.count_errors(case, noise.dictionary_of(case, rng), rng, 30_000)
    low, high = binomial_interval(linear, 30_000, 0.9999)
    assert low < ERROR < high and high - low < 0.015
    assert abs(linear - network) <= off < 300


def test_gaussian_noise_switches_neurons_off():
    # "all neurons active" fails with positive probability, and the linear formula is not the network's error
    rng = np.random.default_rng(4)
    case = noise.Noisy(2, 0.3, 6.0, 2.0, (1.0,))
    _, _, off = noise.count_errors(case, noise.dictionary_of(case, rng), rng, 2000)
    assert off > 500


def test_learned_concepts_add_to_the_error():
    errors = [linear_error(0.8, 0.9, 4, 2.0, (1.0,) * k, 0) for k in (1, 2, 4, 8)]
    assert errors == sorted(errors) and errors[0] < 0.06 < 0.2 < errors[-1]


@pytest.mark.parametrize(("label", "factor"), [("error", 1.15), ("mean", 0.9), ("variance", 1.1), ("read-out", 0.9)])
def test_changed_equalities_are_caught(label, factor):
    cases = [c for c in noise.noise_linear(PUBLISHED, context(0, "noise")) if c.statement == label]
    assert judge(noise_linear, cases).verdict is Verdict.HOLDS
    assert judge(_scaled(noise_linear, label, sp.Rational(str(factor))), cases).verdict is Verdict.REFUTED


def test_bound_is_that_of_the_formula():
    subject = floor.one_prompt(PUBLISHED, context(0, "bound"))
    values = {**subject.sizes, "mean": 0.5}
    squares = attention_squares(2, 2, 0.8)
    assert subject.sizes["S"] == pytest.approx(squares, rel=1e-12)
    expected = noise_bound(0.5, 0.9, squares, subject.lipschitz)
    assert enclosure(noise_floor.statement.bound, values).value == pytest.approx(expected, rel=1e-12)
    assert enclosure(noise_floor.statement.bound, {**values, "mean": -0.5}).value == 1.0


def test_lipschitz_constant_is_attained_and_a_tenth_less_is_refuted():
    case = noise.Noisy(2, 0.4, 0.5, 2.0, (1.0,))  # |u| is the larger of the two singular values
    cases = [c for c in floor.noise_floor(case, context(0, "floor")) if c.statement == "Lipschitz"]
    assert judge(noise_floor, cases).verdict is Verdict.TIGHT
    less = [replace(c, bound=floor.floating(0.9 * c.bound.value, relative=1e-9)) for c in cases]
    assert judge(noise_floor, less).verdict is Verdict.REFUTED


def test_error_stays_positive_for_small_noise():
    # margin 1.9 standard deviations away: about 3 % of the draws err, far below the bound
    case = noise.Noisy(4, 1.5, 0.9, 2.0, (1.0,))
    cases = {c.statement: c for c in floor.noise_floor(case, context(0, "small"))}
    assert 0 < cases["positive"].quantity.lower < cases["positive"].quantity.upper < 0.06
    assert judge(noise_floor, [cases["concentration"]]).verdict is Verdict.HOLDS


@pytest.mark.parametrize("others", [1, 3])
def test_random_networks_obey_the_bound(others):
    rng = np.random.default_rng(others)
    subject = floor.one_prompt(replace(PUBLISHED, p=(1.0,) * others), context(0, "random", str(others)))
    import torch

    weights = torch.as_tensor(rng.standard_normal(subject.parameters.W_O.shape))
    parameters = replace(subject.parameters, W_O=weights)
    neurons = weights[0].numpy()
    constants = np.linalg.norm(neurons, axis=1).mean(), np.linalg.norm(neurons, 2) / math.sqrt(len(neurons))
    shape = (400, *subject.prompt.labels.shape[1:])
    first, second = rng.standard_normal(shape), rng.standard_normal(shape)
    drawn = replace(subject, parameters=parameters)
    moved = np.abs(drawn.margins(first) - drawn.margins(second))
    distance = np.linalg.norm(np.einsum("l,bly->by", subject.attention, first - second), axis=1)
    assert (moved <= min(constants) * distance + 1e-12).all()
    assert (moved > 0.2 * min(constants) * distance).any()
