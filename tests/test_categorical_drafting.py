"""Information flow, surplus and drafting: the specification's numbers, the verdicts, and bounds that are tight."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import verify.categorical.acceptance as measured_acceptance
import verify.categorical.drafters as measured_drafters
import verify.categorical.encoders as measured_encoders
import verify.categorical.information_flow as measured_flow
import verify.categorical.parallel_heads as measured_heads
import verify.categorical.surplus as measured_surplus
from numerics.drafting.acceptance import (
    cell_means,
    deficit,
    lower_bounds,
    mean_acceptance,
    upper_bound_any,
    upper_bound_kl,
)
from numerics.drafting.accepted_length import accepted_length as expected_length
from numerics.drafting.accepted_length import constant_formula, drafting_laws
from numerics.drafting.optimal_drafter import best_drafters
from numerics.geometry.head import Head, oscillation, rows
from numerics.information.divergences import kl, total_variation
from numerics.information.entropy import Joint, entropy, mutual_information
from numerics.sources.finite import block_joint, block_terms, drafting_rows, source_of, token_joint
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING, t1
from theory.categorical.acceptance import acceptance_bounds, drafting_resource_as_stated
from theory.categorical.accepted_length import accepted_length
from theory.categorical.drafters import draft_entropy_as_stated, draft_entropy_gap, optimal_drafter
from theory.categorical.encoders import injective_encoder
from theory.categorical.information_flow import information_flow_chain, softmax_contraction
from theory.categorical.parallel_heads import parallel_heads
from theory.categorical.state_information import state_information_bound
from theory.categorical.surplus import surplus_bounds, surplus_deficit, surplus_dpi, surplus_identity
from theory.verdict import Grade, Verdict
from verify.falsify import falsify
from verify.measure import measure_claim
from verify.measurement import context
from verify.strategies.kernels import DraftingRows
from verify.verdict import Outcome, as_expected, conclude, judge_instance

T1 = t1()
LABELS = np.array([1, 0, 0, 1])  # of the contexts of T1
SHANNON = (surplus_identity, surplus_bounds, surplus_deficit, draft_entropy_gap)
ON_SPACES = [
    (information_flow_chain, measured_flow.information_flow_chain),
    (softmax_contraction, measured_flow.softmax_contraction),
    (state_information_bound, measured_flow.state_information_bound),
    (surplus_bounds, measured_surplus.surplus_bounds),
    (surplus_dpi, measured_surplus.surplus_dpi),
    (optimal_drafter, measured_drafters.optimal_drafter),
    (draft_entropy_gap, measured_drafters.draft_entropy_gap),
    (parallel_heads, measured_heads.parallel_heads),
    (accepted_length, measured_acceptance.accepted_length),
    (injective_encoder, measured_encoders.injective_encoder),
]
REFUTED = [
    (drafting_resource_as_stated, measured_acceptance.drafting_resource_as_stated),
    (draft_entropy_as_stated, measured_drafters.draft_entropy_as_stated),
]


@pytest.mark.parametrize("claim", SHANNON, ids=lambda c: c.name)
def test_shannon_claims_are_proved(claim):
    assert claim.check().grade is Grade.PROVED


def test_information_flow_of_t1():
    joint = np.eye(2)[LABELS].T * T1.mu
    kernels = [T1.encoder_rows, T1.head]
    tables = [joint, joint @ kernels[0], joint @ kernels[0] @ kernels[1]]
    informations = [mutual_information(Joint(("S", "Z"), table), "S", "Z") for table in tables]
    assert informations == pytest.approx([0.661563, 0.033822, 0.003332], abs=5e-7)
    laws = [table / table.sum(axis=1, keepdims=True) for table in tables]
    assert [float(total_variation(*law)) for law in laws] == pytest.approx([1, 4 / 15, 0.08], abs=1e-12)
    assert float(kl(*laws[0])) == math.inf
    assert [float(kl(*law)) for law in laws[1:]] == pytest.approx([0.148342, 0.014584], abs=5e-7)
    chain = list(measured_flow.chain_divergences(T1, LABELS))
    for instance in chain:
        assert judge_instance(information_flow_chain, instance).outcome is not Outcome.VIOLATED
    assert all(first.bound is not None for first, _ in pairwise(chain))


def test_contraction_of_the_heads():
    head = Head(G1_UNEMBEDDING, np.zeros(5))
    osc = oscillation(head, *G1_STATES)
    first, second = rows(head, G1_STATES)
    assert osc == pytest.approx(2.7, abs=1e-12)
    assert float(total_variation(first, second)) == pytest.approx(0.355348, abs=5e-7)
    assert math.tanh(osc / 4) == pytest.approx(0.588259, abs=5e-7)
    assert sorted([float(kl(first, second)), float(kl(second, first))]) == pytest.approx([0.373674, 0.377530], abs=5e-7)
    assert osc**2 / 8 == pytest.approx(0.91125, abs=1e-12)
    assert float(total_variation(*T1.head)) == pytest.approx(0.3, abs=1e-12)


def test_surplus_of_t1():
    joint = block_joint(T1, 3)
    assert mutual_information(joint, "H", "WF") == pytest.approx(0.094858, abs=5e-7)
    assert mutual_information(joint, "H", "W") == pytest.approx(0.036685, abs=5e-7)
    terms = block_terms(T1, 3)
    assert [terms.surplus, terms.ceiling, terms.deficit] == pytest.approx([0.058173, 0.114273, 0.056100], abs=1e-6)
    assert entropy(joint, "F", "W") == pytest.approx(2.143180, abs=5e-7)
    assert 2 * math.log(3) == pytest.approx(2.197225, abs=5e-7)


def test_drafting_of_t1():
    weights, table, cells = drafting_rows(T1)
    delta = deficit(weights, table, cells)
    assert delta == pytest.approx(0.023140, abs=5e-7)
    assert list(lower_bounds(delta)) == pytest.approx([0.892435, 0.848756], abs=5e-7)
    mean = cell_means(weights, table, cells)
    best = best_drafters(weights, table, cells)
    assert mean_acceptance(weights, table, mean, cells) == pytest.approx(0.938383, abs=5e-7)
    assert best.value == pytest.approx(0.955330, abs=5e-7)
    assert [upper_bound_kl(delta, 3), upper_bound_any(delta, 3)] == pytest.approx([0.996902, 0.998451], abs=5e-7)
    joint = token_joint(T1, 2)
    assert entropy(joint, "A", "HW") == pytest.approx(1.035138, abs=5e-7)
    assert entropy(joint, "A", "XW") == pytest.approx(1.011998, abs=5e-7)


def test_accepted_length_of_t1_and_of_the_two_counterexamples():
    assert expected_length(*drafting_laws(T1, 2)) == pytest.approx(1.797905, abs=5e-7)
    assert constant_formula(0.5, 2) - 1 == 0.75  # the formula without the verifier's own token
    half = np.array([0.5, 0.5])
    same, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    first = np.stack([same, same]), np.stack([same, other])  # accepted in context 0 only
    second = np.broadcast_to(same, (2, 2, 2)), np.stack([np.stack([other] * 2), np.stack([same] * 2)])
    alternating = expected_length(half, [first[0], second[0]], [first[1], second[1]])
    assert alternating == pytest.approx(0.5)
    constant = np.stack([np.stack([same] * 2), np.stack([other] * 2)])
    in_context = expected_length(half, [first[0], second[0]], [first[1], constant])
    assert in_context == pytest.approx(1.0)  # gamma / 2, more than 3/4


def test_blind_heads_of_t1():
    joint = token_joint(T1, 3)
    found = list(measured_heads.parallel_heads(T1, context(0, "test")))
    assert found[0].quantity.value == pytest.approx(0.141557, abs=5e-7)
    assert mutual_information(joint, "X", "AB", "HW") == pytest.approx(0.056100, abs=5e-7)
    assert mutual_information(joint, "A", "B", "H") == pytest.approx(0.016916, abs=5e-7)
    assert mutual_information(joint, "AB", "W", "H") == pytest.approx(0.068541, abs=5e-7)


def test_witness_of_the_resource():
    copied = source_of("copied", [1.0], [[[0.5, 0.5]], [np.eye(2)]], [0])
    first = np.zeros((4, 4))
    first[:, 0] = 1
    second = np.repeat(np.eye(4)[:, None], 4, axis=1)
    hidden = source_of("hidden", np.full(4, 0.25), [first, second], [0, 1, 0, 1])
    assert [block_terms(s, 2).surplus for s in (copied, hidden)] == pytest.approx([0, math.log(2)], abs=1e-12)
    assert [block_terms(s, 2).deficit for s in (copied, hidden)] == pytest.approx([0, math.log(2)], abs=1e-12)
    assert [measured_acceptance.best_acceptance(s) for s in (copied, hidden)] == pytest.approx([1, 0.5], abs=1e-12)


def test_witness_of_the_draft_entropy():
    weights, table = np.array([2 / 3, 1 / 3]), np.array([[0.9, 0.1], [0.5, 0.5]])
    cells = np.zeros(2, dtype=np.int64)
    best = best_drafters(weights, table, cells)
    assert best.rows[0] == pytest.approx([0.9, 0.1])
    assert best.value == pytest.approx(0.866667, abs=5e-7)
    found = next(
        iter(measured_drafters.draft_entropy_as_stated(DraftingRows(weights, table, cells), context(0, "test")))
    )
    assert found.quantity.value == pytest.approx(0.325083, abs=5e-7)
    assert found.bound is not None
    assert found.bound.value == pytest.approx(0.447771, abs=5e-7)
    mean = cell_means(weights, table, cells)
    assert float(-(mean * np.log(mean)).sum()) == pytest.approx(0.543273, abs=5e-7)
    assert mean_acceptance(weights, table, mean, cells) == pytest.approx(0.822222, abs=5e-7)


@pytest.mark.parametrize(("claim", "measurement"), ON_SPACES, ids=lambda value: getattr(value, "name", ""))
def test_verdicts_on_small_spaces(claim, measurement):
    small = replace(measurement, examples=(8, 8))
    for record in measure_claim(claim, measurement=small):
        assert as_expected(record.verdict, claim.expected), record.message


def test_acceptance_bounds_on_fixtures_and_random_rows():
    rng = np.random.default_rng(7)
    things = [DraftingRows(*drafting_rows(T1))]
    for _ in range(20):
        table = rng.dirichlet(np.full(3, 0.5), size=6)
        things.append(DraftingRows(rng.dirichlet(np.ones(6)), table, np.array([0, 0, 0, 1, 1, 1])))
    judged = [
        judge_instance(acceptance_bounds, instance)
        for thing in things
        for instance in measured_acceptance.acceptance_instances(thing, rng)
    ]
    assert conclude(acceptance_bounds, judged).verdict in (Verdict.HOLDS, Verdict.TIGHT)


@pytest.mark.parametrize(("claim", "measurement"), REFUTED, ids=lambda value: getattr(value, "name", ""))
def test_refuted_claims_are_refuted_by_search(claim, measurement):
    report = falsify(claim, examples=300, seed=1, measurement=measurement)
    assert report.found
    assert report.shrunk


def test_a_tight_contraction_weakened_by_a_tenth_is_caught():
    smaller = replace(
        softmax_contraction,
        statements=tuple(
            replace(s, bound=0.9 * s.bound) if s.label in ("tv", "kl") else s for s in softmax_contraction.statements
        ),
    )
    things = list(measured_flow.heads.extremal(softmax_contraction))[1:]
    for label, thing in zip(("tv", "kl"), things, strict=True):
        found = [
            judge_instance(smaller, instance).outcome
            for instance in measured_flow.softmax_contraction(thing, context(0, "test"))
            if instance.statement == label
        ]
        assert Outcome.VIOLATED in found
