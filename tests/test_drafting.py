"""Speculative drafting: oracles of T1, greedy and linear program, exact lengths, simulation, φ and its inverse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.drafting.acceptance import (
    acceptance,
    cell_means,
    deficit,
    emitted_law,
    kappa,
    lower_bounds,
    mean_acceptance,
    phi,
    phi_inverse,
    upper_bound_any,
    upper_bound_kl,
)
from numerics.drafting.accepted_length import accepted_length, accepted_terms, constant_formula, drafting_laws
from numerics.drafting.optimal_drafter import best_by_linear_program, best_drafter, best_drafters
from numerics.drafting.simulate import draw_uniforms, estimate, estimate_difference, simulate
from numerics.information.categorical_entropy import renyi_entropy
from numerics.information.divergences import total_variation
from numerics.information.entropy import entropy
from numerics.sources.finite import block_joint, block_terms, drafting_rows, source_of
from numerics.sources.fixtures import t1
from verify.categorical.spaces import repetition
from verify.strategies import kernels as strategies
from verify.strategies.kernels import finite_sources

some = settings(max_examples=40, deadline=None)
six = {"abs": 5e-7}


def test_acceptance_of_t1():
    weights, rows, cells = drafting_rows(t1())
    means = cell_means(weights, rows, cells)
    delta = deficit(weights, rows, cells)
    assert delta == pytest.approx(0.023140, **six)
    assert delta == pytest.approx(block_terms(t1(), 2).deficit, abs=1e-15)
    assert mean_acceptance(weights, rows, means, cells) == pytest.approx(0.938383, **six)
    assert best_drafters(weights, rows, cells).value == pytest.approx(0.955330, **six)
    assert lower_bounds(delta) == pytest.approx((0.892435, 0.848756), **six)
    assert upper_bound_kl(delta, 3) == pytest.approx(0.996902, **six)
    assert upper_bound_any(delta, 3) == pytest.approx(0.998451, **six)


def test_entropy_gap_of_t1():
    joint = block_joint(t1(), 2)
    draft, verify = entropy(joint, "F", "HW"), entropy(joint, "F", "XW")
    assert (draft, verify, draft - verify) == pytest.approx((1.035138, 1.011998, 0.023140), **six)


def test_one_state_in_which_the_best_drafter_is_less_random_than_the_verifier():
    weights, rows = np.array([2 / 3, 1 / 3]), np.array([[0.9, 0.1], [0.5, 0.5]])
    best = best_drafter(weights, rows)
    assert best.rows == pytest.approx([0.9, 0.1])
    assert best.value == pytest.approx(0.866667, **six)
    mean = float((weights * renyi_entropy(rows, 1)).sum())
    assert (float(renyi_entropy(best.rows, 1)), mean) == pytest.approx((0.325083, 0.447771), **six)
    q = cell_means(weights, rows, np.zeros(2, dtype=np.int64))
    assert float(renyi_entropy(q[0], 1)) == pytest.approx(0.543273, **six)
    assert float((weights * acceptance(rows, q)).sum()) == pytest.approx(0.822222, **six)


def test_surplus_does_not_order_acceptance():
    weights, rows, cells = drafting_rows(repetition())
    assert block_terms(repetition(), 2).surplus == 0
    assert best_drafters(weights, rows, cells).value == 1
    # V = 4, W_{t+1} = X, H = X mod 2, W_t constant
    first = np.zeros((4, 4))
    first[:, 0] = 1
    second = np.broadcast_to(np.eye(4)[:, None, :], (4, 4, 4)).copy()
    source = source_of("x mod 2", np.full(4, 0.25), [first, second], [0, 1, 0, 1])
    terms = block_terms(source, 2)
    assert (terms.surplus, terms.deficit) == pytest.approx((math.log(2), math.log(2)))
    assert best_drafters(*drafting_rows(source)).value == pytest.approx(0.5)


@some
@given(strategies.drafting_rows())
def test_greedy_filling_is_the_linear_program(case):
    found = best_drafters(case.weights, case.rows, case.cells)
    assert found.rows.sum(axis=1) == pytest.approx(np.ones(len(found.rows)))
    program = sum(
        best_by_linear_program(case.weights[case.cells == cell], case.rows[case.cells == cell])
        for cell in range(len(found.rows))
    )
    assert found.value == pytest.approx(program, abs=1e-7)
    assert found.value == pytest.approx(mean_acceptance(case.weights, case.rows, found.rows, case.cells), abs=1e-14)


@some
@given(strategies.drafting_rows())
def test_bounds_on_the_acceptance(case):
    size = case.rows.shape[1]
    means = cell_means(case.weights, case.rows, case.cells)
    delta = deficit(case.weights, case.rows, case.cells)
    at_means = mean_acceptance(case.weights, case.rows, means, case.cells)
    best = best_drafters(case.weights, case.rows, case.cells).value
    assert kappa(case.weights, case.rows, means, case.cells) == delta
    assert max(lower_bounds(delta)) <= at_means + 1e-12
    # φ' is infinite at 0: the inverse of a rounding error of δ is small, but not that small
    assert at_means <= upper_bound_kl(delta, size) + 1e-10 and best <= upper_bound_any(delta, size) + 1e-10
    assert at_means <= best + 1e-14 and 1 - at_means <= 2 * (1 - best) + 1e-12


@some
@given(strategies.state_pairs())
def test_what_comes_out_is_the_verifiers_law(pair):
    assert emitted_law(pair.p, pair.q) == pytest.approx(pair.p, abs=1e-15)
    assert float(acceptance(pair.p, pair.q)) == pytest.approx(1 - float(total_variation(pair.p, pair.q)), abs=1e-15)


@pytest.mark.parametrize("size", [2, 3, 10, 50_000])
def test_phi_and_its_inverse(size):
    top = 1 - 1 / size
    grid = np.linspace(0, 1, 201)
    values = np.array([phi(t, size) for t in grid])
    assert values[0] == 0 and values[-1] == math.log(size) and phi(top, size) == math.log(size)
    assert (np.diff(values) >= 0).all() and (np.diff(values, 2) <= 1e-12).all()  # non-decreasing, concave
    for t in (1e-9, 1e-4, 0.1, 0.9 * top):
        assert phi_inverse(phi(t, size), size) == pytest.approx(t, rel=1e-11)
    assert phi_inverse(0.0, size) == 0 and phi_inverse(math.log(size), size) == top
    with pytest.raises(ValueError, match=rf"in \[0, log {size}\]"):
        phi_inverse(math.log(size) + 1e-9, size)


def test_accepted_length_of_t1_exactly_and_simulated():
    weights, verifier, drafter = drafting_laws(t1(), 2)
    exact = accepted_length(weights, verifier, drafter)
    assert exact == pytest.approx(1.797905, **six)
    assert accepted_terms(weights, verifier, drafter)[0] == pytest.approx(0.938383, **six)
    uniforms = draw_uniforms(np.random.default_rng(0), 400_000, 2)
    found = simulate(weights, verifier, drafter, uniforms)
    seen = estimate(found)
    assert seen.draws == 400_000 and seen.low <= exact <= seen.high
    perfect = simulate(weights, verifier, verifier, uniforms)
    assert (perfect == 2).all()
    gap = estimate_difference(perfect, found)
    assert gap.low <= 2 - exact <= gap.high


def test_intervals_cover_at_their_level():
    weights, verifier, drafter = drafting_laws(t1(), 1)
    exact = accepted_length(weights, verifier, drafter)
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        seen = estimate(simulate(weights, verifier, drafter, draw_uniforms(rng, 1000, 1)))
        covered += seen.low <= exact <= seen.high
    assert 0.91 <= covered / 400 <= 0.985  # binomial(400, .95) lies there with probability .9996


@some
@given(finite_sources(max_vocabulary=2), st.integers(1, 2))
def test_prefix_recursion_against_enumeration(source, drafted):
    weights, verifier, drafter = drafting_laws(source, drafted)
    total = 0.0
    for context, mass in enumerate(weights):
        for steps in range(1, drafted + 1):
            for word in np.ndindex(*[source.V] * steps):
                both = 1.0
                for i in range(steps):
                    p, q = (laws[i][(context, *word[: i + 1])] for laws in (verifier, drafter))
                    both *= min(p, q)
                total += mass * both
    assert accepted_length(weights, verifier, drafter) == pytest.approx(total, abs=1e-13)


def test_the_constant_formula_holds_for_constant_acceptance_only():
    alpha, drafted = 0.7, 3
    p = np.array([alpha, 1 - alpha])
    laws = [np.broadcast_to(np.array([1.0, 0.0]), (1, *[2] * step)).copy() for step in range(1, drafted + 1)]
    verifier = [np.broadcast_to(p, law.shape).copy() for law in laws]
    exact = accepted_length(np.ones(1), verifier, laws)
    assert exact + 1 == pytest.approx(constant_formula(alpha, drafted))
    # acceptance a property of the context: 1 on half of them, 0 on the others
    halves = [np.zeros((2, *[2] * step)) for step in range(1, drafted + 1)]
    mine = [np.zeros((2, *[2] * step)) for step in range(1, drafted + 1)]
    for q, v in zip(halves, mine, strict=True):
        q[..., 0] = 1
        v[0, ..., 0] = 1
        v[1, ..., 1] = 1
    under = accepted_length(np.full(2, 0.5), mine, halves)
    assert under == drafted / 2 > constant_formula(0.5, drafted) - 1
    # alternating: accepted at the first step in one context, at the second in the other
    first, second = np.array([[1.0, 0], [0, 1.0]]), np.zeros((2, 2, 2))
    second[0, :, 1] = second[1, :, 0] = 1
    drafts = [np.array([[1.0, 0], [1, 0]]), np.zeros((2, 2, 2))]
    drafts[1][..., 0] = 1
    assert accepted_length(np.full(2, 0.5), [first, second], drafts) == 0.5 < constant_formula(0.5, 2) - 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: phi(1.5, 3), r"total variation is 1.5, expected a number in \[0, 1\]"),
        (lambda: phi(0.5, 1), "vocabulary has 1 tokens"),
        (lambda: constant_formula(1.2, 2), "acceptance is 1.2"),
        (lambda: constant_formula(0.5, 0), "0 tokens are drafted"),
        (lambda: accepted_terms(np.ones(1), [np.ones((1, 1))], []), "laws for 1 steps, the drafter for 0"),
        (lambda: accepted_terms(np.ones(2), [np.ones((1, 1))], [np.ones((1, 1))]), "step 1: the laws have shapes"),
        (lambda: estimate(np.ones(1)), r"shape \(1,\), expected"),
    ],
)
def test_bad_input_is_one_clear_line(call, said):
    with pytest.raises(ValueError, match=said):
        call()
