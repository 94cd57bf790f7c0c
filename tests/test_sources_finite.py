"""Finite sources: fixture T1 with all its oracles, other fixtures, random sources, and sources cut from models."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from numerics.chains.window_chain import WindowChain
from numerics.drafting.acceptance import cell_means, lower_bounds, mean_acceptance, upper_bound_any
from numerics.drafting.acceptance import deficit as deficit_of
from numerics.drafting.optimal_drafter import best_drafters
from numerics.information.categorical_entropy import average, conditional_information, information
from numerics.information.divergences import KL, TEN, TV, kl, total_variation
from numerics.information.entropy import entropy, mutual_information
from numerics.information.exact_tables import exact_table, information_ball
from numerics.information.tables import measures
from numerics.sources import fixtures
from numerics.sources.finite import (
    block_joint,
    block_terms,
    by_state,
    drafting_rows,
    path_table,
    source_of,
    state_joint,
    token_joint,
)
from numerics.sources.fixtures import t1
from numerics.sources.random_sources import random_partition, random_rows, random_source
from numerics.sources.windows import hidden_points, kmeans_states, suffix_states, window_source
from verify.categorical.spaces import exclusive_or, repetition, source_of_subject
from verify.strategies.kernels import finite_sources
from verify.subject import ChainSubject
from verify.subjects import subject_named

some = settings(max_examples=40, deadline=None)
six = {"abs": 5e-7}  # the specification prints six decimals


def test_surplus_ceiling_and_deficit_of_t1():
    assert block_terms(t1(), 3) == pytest.approx((0.058173, 0.114273, 0.056100), **six)
    assert block_terms(t1(), 2).surplus == pytest.approx(0.037859, **six)
    assert block_terms(t1(), 2).deficit == pytest.approx(0.023140, **six)


def test_surplus_identity_of_t1():
    of = block_joint(t1(), 3)
    assert mutual_information(of, "H", "WF") == pytest.approx(0.094858, **six)
    assert mutual_information(of, "H", "W") == pytest.approx(0.036685, **six)
    assert mutual_information(of, "H", "F", "W") == pytest.approx(0.058173, **six)
    # only KL has the chain rule: the difference and the conditional form for total variation
    table = state_joint(t1(), 3).table
    states = table.reshape(2, 27)
    difference = information(TV, states) - information(TV, table.sum(axis=2))
    conditional = conditional_information(TV, table.transpose(1, 0, 2))
    assert (difference, conditional) == pytest.approx((0.054825, 0.134383), **six)


def test_surplus_bounds_of_t1():
    of = measures(block_joint(t1(), 3))
    assert of.H("F", "W") == pytest.approx(2.143180, **six)
    assert 2 * math.log(3) == pytest.approx(2.197225, **six)
    assert of.I("X", "F", "W") == pytest.approx(0.114273, **six)


def test_entropies_of_t1_under_both_laws():
    source = t1()
    of = measures(block_joint(source, 2))
    assert of.H("W", "X") == pytest.approx(0.976466, **six)
    assert of.H("W", "H") == pytest.approx(1.061486, **six)
    assert average(KL, source.head, source.state_law) == pytest.approx(1.047320, **six)
    assert average(TV, source.head, source.state_law) == pytest.approx(0.6325, **six)


def test_cross_entropy_of_t1_in_three_parts():
    source = t1()
    data = source.laws[0]
    model = source.head[source.encoder]
    cross = float((source.mu[:, None] * data * -np.log(model)).sum())
    loss = float((source.mu * kl(data, model)).sum())
    of = block_joint(source, 2)
    states = by_state(source, source.mu[:, None] * data) / source.state_law[:, None]
    misfit = float((source.state_law * kl(states, source.head)).sum())
    noise, representation = entropy(of, "W", "X"), mutual_information(of, "X", "W", "H")
    assert (cross, noise, representation, misfit) == pytest.approx((1.17237, 0.97647, 0.08502, 0.11088), abs=5e-6)
    assert cross == pytest.approx(noise + representation + misfit, abs=1e-14)
    assert loss == pytest.approx(0.195903, **six)
    tau = float((source.mu * total_variation(data, model)).sum())
    assert tau == pytest.approx(0.252282, **six)
    gap = average(TV, data, source.mu) - average(TV, source.head, source.state_law)
    assert abs(gap) == pytest.approx(0.041440, **six)


def test_parallel_heads_of_t1():
    joint = token_joint(t1(), 3)
    of = measures(joint)
    blind = of.H("A", "H") + of.H("B", "H") - of.H("AB", "XW")
    parts = (of.I("X", "AB", "HW"), of.TC("A", "B", given="H"), of.I("AB", "W", "H"))
    assert (blind, *parts) == pytest.approx((0.141557, 0.056100, 0.016916, 0.068541), **six)
    assert blind == pytest.approx(sum(parts), abs=1e-13)
    # the value is that of the heads p(W_{t+j} | H)
    table = joint.table.sum(axis=0)  # H, W, A, B
    heads = [table.sum(axis=axes) / table.sum(axis=(1, 2, 3))[:, None] for axes in ((1, 3), (1, 2))]
    product = heads[0][:, :, None] * heads[1][:, None, :]
    rows = t1().laws[1][..., None] * t1().laws[2]  # X, W, A, B
    weights = t1().mu[:, None] * t1().laws[0]
    value = kl(rows.reshape(4, 3, 9), product[t1().encoder].reshape(4, 1, 9))
    assert float((weights * value).sum()) == pytest.approx(blind, abs=1e-13)


def test_information_flow_of_t1():
    """Labels S = 1 on contexts 0 and 3: the chain through context, state and the head's token."""
    source = t1()
    label = np.array([1, 0, 0, 1])
    joint = np.zeros((2, 4))
    joint[label, np.arange(4)] = source.mu
    states = joint @ source.encoder_rows
    tokens = states @ source.head
    found = [information(KL, table) for table in (joint, states, tokens)]
    assert found == pytest.approx([0.661563, 0.033822, 0.003332], **six)
    rows = [table / table.sum(axis=1, keepdims=True) for table in (joint, states, tokens)]
    assert [float(TV(r[0], r[1])) for r in rows] == pytest.approx([1, 0.266667, 0.08], **six)
    assert [float(KL(r[0], r[1])) for r in rows[1:]] == pytest.approx([0.148342, 0.014584], **six)
    assert float(KL(rows[0][0], rows[0][1])) == math.inf
    assert float(TV(*source.head)) == pytest.approx(0.3)


def test_t1_in_exact_arithmetic():
    def fractions(weights):
        whole = np.vectorize(lambda w: Fraction(int(w)), otypes=[object])(weights)
        return whole / whole.sum(axis=-1, keepdims=True)

    first, second, third = map(fractions, fixtures.t1_weights())
    mu = np.array(fixtures.T1_MU, dtype=object)[:, None, None, None]
    paths = mu * first[:, :, None, None] * second[..., None] * third
    table = np.full((4, 2, 3, 3, 3), Fraction(0), dtype=object)
    table[np.arange(4), fixtures.T1_ENCODER] = paths
    exact = exact_table(("X", "H", "W", "A", "B"), table)
    terms = block_terms(t1(), 3)
    for value, (x, z) in zip(terms, (("H", "W"), ("X", "W"), ("X", "HW")), strict=True):
        ball = information_ball(exact, x, "AB", z)
        assert value == pytest.approx(ball.middle, abs=1e-14)
    assert token_joint(t1(), 3).table == pytest.approx(exact.floats().table, abs=1e-16)


def test_other_fixtures():
    joint = fixtures.S1_MU[:, None] * fixtures.S1_ROWS
    assert information(KL, joint) == pytest.approx(0.215688, **six)
    assert fixtures.s1().states == 2
    for epsilon in fixtures.R1_EPSILONS:
        assert fixtures.r1(epsilon).laws[0].sum(axis=1) == pytest.approx(np.ones(4))
    assert fixtures.G1_UNEMBEDDING.shape == (5, 2) and fixtures.K1_ROWS.sum(axis=1) == pytest.approx(np.ones(3))
    with pytest.raises(ValueError, match="read-only"):
        fixtures.K1_ROWS[0, 0] = 1  # fixtures are constants


@some
@given(finite_sources())
def test_terms_of_random_sources(source):
    for block in (2, 3):
        surplus, ceiling, deficit = block_terms(source, block)
        joint = block_joint(source, block)
        assert surplus == pytest.approx(mutual_information(joint, "H", "F", "W"), abs=1e-13)
        assert ceiling == pytest.approx(mutual_information(joint, "X", "F", "W"), abs=1e-13)
        assert deficit == pytest.approx(mutual_information(joint, "X", "F", "HW"), abs=1e-13)
        assert ceiling == pytest.approx(surplus + deficit, abs=1e-13)
        assert state_joint(source, block).table == pytest.approx(joint.table.sum(axis=0), abs=1e-15)
    weights, rows, cells = drafting_rows(source)
    assert weights.sum() == pytest.approx(1) and (weights > 0).all() and len(rows) == len(cells) == len(weights)


@some
@given(finite_sources(injective=True))
def test_injective_encoders_have_no_deficit(source):
    surplus, ceiling, deficit = block_terms(source, 3)
    assert deficit == 0 and surplus == pytest.approx(ceiling, abs=1e-13)


def test_extremal_sources():
    assert block_terms(exclusive_or(), 2) == pytest.approx((math.log(2), math.log(2), 0))
    assert mutual_information(token_joint(exclusive_or(), 2), "H", "A") == 0
    assert block_terms(repetition(), 2) == (0, 0, 0)


def test_random_sources_are_what_is_asked():
    rng = np.random.default_rng(0)
    source = random_source(rng, 7, 4, 2, 3, concentration=0.05, zeros=0.3)
    assert (source.contexts, source.V, source.tokens, source.states) == (7, 4, 2, 3)
    assert (source.laws[1] == 0).any()
    rows = random_rows(rng, (20000, 3), 2.0)
    assert rows.mean(axis=0) == pytest.approx(np.full(3, 1 / 3), abs=0.01)
    assert rows.var(axis=0) == pytest.approx(np.full(3, (1 / 3) * (2 / 3) / 7), rel=0.05)  # Dirichlet(2, 2, 2)
    sharp = random_rows(rng, (500, 5), 1e-3)
    assert sharp.sum(axis=1) == pytest.approx(np.ones(500)) and (sharp.max(axis=1) > 0.99).mean() > 0.9
    assert set(random_partition(rng, 6, 6)) == set(range(6))
    with pytest.raises(ValueError, match="cannot be cut into 5 states"):
        random_partition(rng, 4, 5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mu": [0.5, 0.4]}, "contexts of s sums to 0.9"),
        ({"mu": [1.0, 0.0]}, "context 1 of s has mass 0"),
        ({"laws": []}, "no token laws"),
        ({"laws": [[[0.5, 0.5], [0.5, 0.48]]]}, "row 1 of token law 0 of s sums to 0.98"),
        (
            {"laws": [np.full((2, 2), 0.5), np.full((2, 2), 0.5)]},
            r"token law 1 of s has shape \(2, 2\), expected \(2, 2, 2",
        ),
        ({"encoder": [0, 2]}, r"the values \[0, 2\], expected the states 0..M-1"),
        ({"head": [[1.0, 0.0], [1.0, 0.0]]}, r"head of s has shape \(2, 2\), expected \(1, 2\)"),
    ],
)
def test_sources_that_do_not_fit_are_refused(change, said):
    parts = {"name": "s", "mu": [0.5, 0.5], "laws": [np.full((2, 2), 0.5)], "encoder": [0, 0]} | change
    with pytest.raises(ValueError, match=said):
        source_of(**parts)


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="laws for 3 tokens, asked for 4"):
        path_table(t1(), 4)
    with pytest.raises(ValueError, match="the block is K = 1, expected at least 2"):
        block_terms(t1(), 1)


def window_chain(T=3, K=2, seed=0):
    return WindowChain(T, K, np.random.default_rng(seed).dirichlet(np.ones(T), T**K))


def test_a_window_source_moves_its_window_on():
    subject = ChainSubject("random", window_chain())
    source = window_source("random", subject.chain, subject.pi, 3, suffix_states(3, 2, 1))
    table = subject.chain.table
    for x in range(9):
        for a in range(3):
            for b in range(3):
                assert (source.laws[1][x, a] == table[(x % 3) * 3 + a]).all()
                assert (source.laws[2][x, a, b] == table[a * 3 + b]).all()
    assert source.encoder.tolist() == [x % 3 for x in range(9)]
    # stationarity: the law of (X, W) has the law of the next context as a marginal
    moved = np.zeros(9)
    for x in range(9):
        for a in range(3):
            moved[(x % 3) * 3 + a] += source.mu[x] * source.laws[0][x, a]
    assert moved == pytest.approx(source.mu, abs=1e-12)
    # given W_t the next context is known up to the token that is forgotten: nothing is lost with one token less
    assert block_terms(source, 2).deficit == pytest.approx(0, abs=1e-15)
    assert block_terms(source.with_encoder(np.zeros(9)), 2).deficit > 1e-3


@pytest.mark.parametrize("name", ["names@2", "phones@2"])
def test_sources_cut_from_trained_models(name):
    """H = cells of rows, last token, nothing: the three terms are exact, and finer states lose less."""
    subject = subject_named(name)
    coarse, fine = (source_of_subject(subject, cells=cells) for cells in (2, 32))
    deficits = []
    for source in (coarse, fine):
        surplus, ceiling, deficit = block_terms(source, 2)
        assert ceiling == pytest.approx(surplus + deficit, abs=1e-12) and min(surplus, deficit) > 1e-3
        deficits.append(deficit)
    assert deficits[1] < deficits[0]
    constant = coarse.with_encoder(np.zeros(coarse.contexts))
    assert block_terms(constant, 2).surplus == pytest.approx(0, abs=1e-12)
    last = window_source(name, subject.chain, subject.pi, 2, suffix_states(subject.T, 2, 1))
    assert block_terms(last, 2).deficit == pytest.approx(0, abs=1e-12)
    weights, rows, cells = drafting_rows(fine)
    means = cell_means(weights, rows, cells)
    assert deficit_of(weights, rows, cells) == pytest.approx(deficits[1], abs=1e-12)
    accepted = mean_acceptance(weights, rows, means, cells)
    best = best_drafters(weights, rows, cells).value
    assert max(lower_bounds(deficits[1])) <= accepted <= best <= upper_bound_any(deficits[1], fine.V)


def test_states_of_a_trained_model_as_cells():
    subject = subject_named("names@2")
    points = hidden_points(subject.model, 2)
    assert points.shape == (729, 33)
    encoder = kmeans_states(points, 16, np.random.default_rng(0))
    source = window_source("names@2, cells of states", subject.chain, subject.pi, 2, encoder)
    surplus, ceiling, deficit = block_terms(source, 2)
    assert 0 < deficit < ceiling == pytest.approx(surplus + deficit, abs=1e-12)


def test_contexts_without_mass_are_dropped():
    chain = window_chain(2, 2)
    source = window_source("part", chain, np.array([0.5, 0, 0.25, 0.25]), 1, [0, 5, 5, 7])
    assert source.contexts == 3 and source.encoder.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="have 729000000 cells, expected at most"):
        window_source("part", WindowChain(30, 3, np.full((27000, 30), 1 / 30)), np.full(27000, 1 / 27000), 3)


def test_cells_of_points():
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10]])
    points = np.repeat(centres, 20, axis=0) + 0.1 * rng.normal(size=(60, 2))
    labels = kmeans_states(points, 3, rng)
    assert [len(set(labels[20 * k : 20 * k + 20])) for k in range(3)] == [1, 1, 1] and len(set(labels)) == 3
    with pytest.raises(ValueError, match="60 points cannot be cut into 61 cells"):
        kmeans_states(points, 61, rng)
    assert suffix_states(2, 3, 0).tolist() == [0] * 8
    with pytest.raises(ValueError, match="last 4 tokens of a context of 3"):
        suffix_states(2, 3, 4)


@pytest.mark.parametrize("divergence", TEN, ids=lambda d: d.name)
def test_a_label_of_the_state_tells_no_more_than_the_state(divergence):
    source = t1()
    whole = state_joint(source, 3).table.reshape(2, -1)
    first = state_joint(source, 3).table.sum(axis=2)
    assert information(divergence, whole) >= information(divergence, first)
