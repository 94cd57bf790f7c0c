"""Strategies: what they draw is valid, and they shrink to the simplest object."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from theory.claim import Claim, Kind, Status, upper
from theory.parameter import Parameter, check_values, integers, reals
from theory.proposition import ge
from theory.source import OWN
from theory.verdict import Verdict
from verify.space import Space, draw
from verify.strategies import (
    exact_probability_vectors,
    exact_stochastic_matrices,
    logit_vectors,
    parameters,
    probability_pairs,
    probability_vectors,
    stochastic_matrices,
    table_models,
    window_chains,
)
from verify.strategies.points import points

few = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))

T = Parameter("T", "T", "vocabulary", integers(2), (2, 5))
k = Parameter("k", "k", "index", integers(0, T.symbol - 1), (0, 4))
epsilon = Parameter("epsilon", "e", "smallest entry", reals(0, 1 / T.symbol, open="lower"), (0, 0.5))
r = Parameter("r", "r", "any real", reals(), (-1, 1))
CLAIM = Claim(
    "demo/points",
    "stand-in",
    Kind.UPPER,
    "",
    (T, k, epsilon, r),
    (upper(sp.Function("q")(T.symbol), r.symbol),),
    OWN,
    Status.OWN,
    hypotheses=(ge(T.symbol, k.symbol + 1),),
    expected=Verdict.REFUTED,
    why="a stand-in",
)


@few
@given(st.one_of(stochastic_matrices(), stochastic_matrices(zeros=True), stochastic_matrices(lazy=True)))
def test_matrices_are_stochastic(matrix: np.ndarray) -> None:
    assert matrix.shape[0] == matrix.shape[1] >= 2
    assert matrix.min() >= 0
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-14)


@few
@given(exact_stochastic_matrices(zeros=True), exact_probability_vectors())
def test_exact_laws_sum_to_one(matrix: tuple[tuple[Fraction, ...], ...], law: tuple[Fraction, ...]) -> None:
    assert all(sum(row) == 1 and min(row) >= 0 for row in matrix)
    assert sum(law) == 1
    assert min(law) > 0


@few
@given(window_chains(zeros=True), table_models())
def test_chains_and_models_are_valid(chain: Any, model: Any) -> None:
    assert chain.n <= 64
    assert chain.short is not None
    contexts = np.zeros((1, model.context_window), dtype=np.int64)
    assert np.exp(model.next_token_log_probs(contexts)).sum() == pytest.approx(1)


@few
@given(st.floats(0.01, 3).flatmap(lambda c: st.tuples(st.just(c), probability_pairs(max_log_ratio=c))))
def test_log_ratios_are_bounded(pair: tuple[float, tuple[np.ndarray, np.ndarray]]) -> None:
    bound, (p, q) = pair
    assert p.sum() == pytest.approx(1)
    assert q.sum() == pytest.approx(1)
    assert np.abs(np.log(p / q)).max() <= bound + 1e-9


@few
@given(logit_vectors(l1=2.0), logit_vectors(sup=0.5))
def test_logits_stay_in_their_balls(first: np.ndarray, second: np.ndarray) -> None:
    assert np.abs(first).sum() <= 2 + 1e-12
    assert np.abs(second).max() <= 0.5 + 1e-12


@few
@given(parameters(CLAIM))
def test_points_lie_in_their_domains(point: dict[str, Any]) -> None:
    check_values(CLAIM.parameters, point)  # raises for a value outside, ends that name T included
    assert point["T"] >= point["k"] + 1


def test_ends_of_domains_are_reached_from_inside() -> None:
    # 1/11 rounds up: the nearest float lies outside [0, 1/11].
    eleven = Parameter("T", "T", "vocabulary", integers(11, 11), (11, 11))
    share = Parameter("epsilon", "e", "smallest entry", reals(0, 1 / eleven.symbol), (0, 0.09))
    point = simplest(points((eleven, share)), lambda p: p["epsilon"] > 0.0905)
    check_values((eleven, share), point)
    largest = simplest(points((eleven, share)), lambda p: p["epsilon"] >= math.nextafter(1 / 11, 0))
    assert Fraction(largest["epsilon"]) < Fraction(1, 11) < Fraction(1 / 11)


def simplest(strategy: st.SearchStrategy[Any], condition: Any = lambda thing: True) -> Any:
    return find(strategy, condition, settings=settings(few, max_examples=2000))


def test_everything_shrinks_to_the_simplest_object() -> None:
    np.testing.assert_array_equal(simplest(probability_vectors()), [0.5, 0.5])
    np.testing.assert_array_equal(simplest(stochastic_matrices()), np.full((2, 2), 0.5))
    np.testing.assert_array_equal(simplest(stochastic_matrices(lazy=True)), np.eye(2))
    np.testing.assert_array_equal(simplest(logit_vectors()), [0, 0])
    chain = simplest(window_chains())
    assert (chain.T, chain.K) == (2, 1)
    np.testing.assert_array_equal(chain.table, np.full((2, 2), 0.5))
    assert simplest(parameters(CLAIM))["T"] == 2


def test_shrinking_keeps_one_entry_only() -> None:
    matrix = simplest(stochastic_matrices(), lambda m: m[0, 0] > 0.6)
    np.testing.assert_allclose(matrix, [[2 / 3, 1 / 3], [0.5, 0.5]])
    logits = simplest(logit_vectors(), lambda z: z.max() - z.min() >= 1)
    assert len(logits) == 2
    assert np.count_nonzero(logits) <= 2
    chain = simplest(window_chains(), lambda c: c.K == 2 and c.table[3, 1] > 0.7)
    assert chain.T == 2
    assert np.count_nonzero(chain.table != 0.5) == 2


def test_draws_reproduce_and_include_the_extremal_objects() -> None:
    space = Space("integers", lambda claim: st.integers(0, 10**6), lambda claim: (-1,))
    first = draw(space, CLAIM, 20, seed=5)
    assert first == draw(space, CLAIM, 20, seed=5)
    assert first != draw(space, CLAIM, 20, seed=6)
    assert first[0] == -1
    assert len(first) == 21
    assert all(math.isfinite(value) for value in first)
