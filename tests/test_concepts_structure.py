"""Structure of the concept model: derivations, oracle numbers, computed verdicts; wrong sides are caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import Sampler
from numerics.concepts.training import Setting, advance, start
from theory.concepts.attention_covariance import attention_covariance
from theory.concepts.attention_gradients import gradients
from theory.concepts.only_b_grows import only_b_grows
from theory.concepts.structure import dictionary_geometry, scaled_idempotents
from theory.concepts.zero_start import single_demo, zero_init_saddle
from theory.verdict import Grade, Verdict
from verify.concepts import attention_covariance as covariance_module
from verify.concepts import attention_gradients as gradients_module
from verify.concepts import only_b_grows as growth_module
from verify.concepts import structure as structure_module
from verify.concepts import zero_start as zero_module
from verify.concepts.networks import same
from verify.measurement import context
from verify.precision import floating
from verify.space import draw
from verify.verdict import judge

torch.set_num_threads(1)
MEASURED = [
    (dictionary_geometry, structure_module.dictionary_geometry),
    (scaled_idempotents, structure_module.scaled_idempotents),
    (gradients, gradients_module.gradients),
    (attention_covariance, covariance_module.attention_covariance),
    (zero_init_saddle, zero_module.zero_init_saddle),
    (single_demo, zero_module.single_demo),
    (only_b_grows, growth_module.only_b_grows),
]


def instances(claim, measurement, examples=3):
    return [
        case
        for number, thing in enumerate(draw(measurement.over, claim, examples, 1))
        for case in measurement(thing, context(1, claim.id, str(number)))
    ]


@pytest.mark.parametrize(
    "claim",
    [claim for claim, _ in MEASURED],
    ids=lambda c: c.name,
)
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message
    assert all(step.grade is Grade.PROVED for step in report.steps)


@pytest.mark.parametrize(("claim", "measurement"), MEASURED, ids=[c.name for c, _ in MEASURED])
def test_verdicts_are_the_expected_ones(claim, measurement):
    cases = instances(claim, measurement)
    judgement = judge(claim, cases)
    assert judgement.verdict is claim.expected, judgement
    assert len(cases) >= 12


@pytest.mark.parametrize(("claim", "measurement"), MEASURED, ids=[c.name for c, _ in MEASURED])
def test_a_side_that_is_off_is_caught(claim, measurement):
    # One side moved by a tenth of the natural size of the case: no measurement may be blind to that.
    for case in instances(claim, measurement, 1):
        moved = case.quantity.value + 0.1 * (case.scale or 1.0)
        wrong = replace(case, quantity=floating(moved, absolute=1e-12))
        assert judge(claim, [wrong]).verdict is Verdict.REFUTED, case


def test_lengths_of_the_standard_set():
    values = {"u": 8**0.5, "kx": 0.5, "dx": 6}
    found = {
        s.label: float(s.bound.subs({p.symbol: values[p.name] for p in dictionary_geometry.parameters}))
        for s in dictionary_geometry.statements
        if s.label in ("concept", "difference", "product")
    }
    assert found == pytest.approx({"concept": 6, "difference": 2, "product": 4})


def standard(t, **changed):
    """The population of D11 after t steps."""
    dictionary = draw_dictionary(np.random.default_rng(0), 2, 0, 4)
    setting = replace(Setting(Sampler(4, "balanced"), (0.002,), (0.3,), 2000.0, 20, 0), **changed)
    return dictionary, advance(start(setting, dictionary, np.random.default_rng(0)), t)


def test_the_concept_decays_as_the_oracles_say():
    oracles = {100: 0.444195823634371, 600: 0.188938065054785}
    for t, alpha in oracles.items():
        dictionary, run = standard(t)
        query, key = (getattr(run.parameters, name)[0].numpy() for name in ("W_Q", "W_K"))
        found = np.einsum("ki,ki->k", dictionary.a @ key.T, dictionary.a @ query.T)
        np.testing.assert_allclose(found, alpha, rtol=1e-12)


def test_labels_that_break_the_flip_leave_a_part_along_the_concept():
    # One query sign only: the part b_k a_k^T of the update no longer cancels, and W_Q differs from W_K.
    from numerics.concepts.network import batch_of, descend, symmetric_start

    dictionary = draw_dictionary(np.random.default_rng(0), 1, 0, 2)
    prompts = Sampler(4, "balanced").enumerate(dictionary)
    kept = prompts.target == 1
    one_sign = replace(
        prompts,
        **{name: getattr(prompts, name)[kept] for name in ("words", "labels", "target", "signs", "concepts")},
        weights=prompts.weights[kept] / prompts.weights[kept].sum(),
    )
    weights = symmetric_start(dictionary, 4, 0.3, p_0=0.3)
    descend(weights, batch_of(one_sign, 1, shared=True), torch.full((1,), 0.5, dtype=torch.float64), 0.999)
    query, key = weights.W_Q[0].numpy(), weights.W_K[0].numpy()
    assert np.abs(query - key).max() > 1e-3
    along = dictionary.b[0] @ query @ dictionary.a[0]
    assert abs(along) > 1e-3
    assert judge(only_b_grows, [same(key, query, "keys", 1e-10)]).verdict is Verdict.REFUTED


def test_near_orthogonal_dictionaries_err_by_their_largest_cross_product():
    rng = np.random.default_rng(3)
    dictionary = draw_dictionary(rng, 2, 1, 8)
    for size in (1e-6, 1e-4, 1e-2):
        shifted = dictionary.shifted(b=dictionary.b + size * rng.standard_normal(dictionary.b.shape))
        unit = shifted.word_atoms() / np.linalg.norm(shifted.word_atoms(), axis=1, keepdims=True)
        gram = unit @ unit.T
        projections = np.einsum("pi,pj->pij", unit, unit)
        products = np.einsum("pij,qjk->pqik", projections, projections)
        apart = ~np.eye(len(unit), dtype=bool)
        norms = np.linalg.norm(products[apart], axis=(1, 2))
        # |P_x P_y| is the cosine of x and y.
        np.testing.assert_allclose(norms, np.abs(gram[apart]), rtol=1e-9, atol=1e-15)
        assert norms.max() > size / 10
