"""Chains for parities: lengths, digits, orders, norms, and every oracle of the specification."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.machines.compiled import Compiled
from numerics.machines.dense import dense, rollout
from numerics.machines.parity import (
    ParityError,
    chain_k,
    expand_k,
    k_order_count,
    kautz,
    parity,
    qary,
    qary_count,
    scan,
    sign_form,
    sign_mistake_bound,
    sign_squared_norms,
)


def last_tokens(compiled: Compiled) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """All prompts of bits (2^n, n), and whether the last token is 1."""
    model = dense(compiled.model, compiled.tokens)
    n = compiled.model.n
    bits = np.array(list(itertools.product((0, 1), repeat=n)))
    assert model.tokens[:2] == ("0", "1")
    return bits, rollout(model, bits)[:, -1]


@pytest.mark.parametrize("n", range(1, 15))
def test_kautz_computes_parity_with_floor_log_plus_one_tokens(n: int) -> None:
    compiled = kautz(n)
    assert compiled.token_count == n.bit_length() == int(np.floor(np.log2(n))) + 1
    assert str(compiled.verification) == ("exhaustive" if n <= 12 else "1000 seeded prompts")
    bits, found = last_tokens(compiled)
    assert (found == bits.sum(axis=1) % 2).all()
    assert compiled.least_gaps == (1,) * compiled.token_count


def test_lengths_and_the_chain_of_the_statement() -> None:
    assert [kautz(n).token_count for n in range(1, 17)] == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]
    assert [line.token for line in kautz(7).trace("1101110")] == ["1", "0", "1"]


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))), st.booleans())
@settings(max_examples=30, deadline=None)
def test_kautz_of_any_positions(case: tuple[int, set[int]], pad: bool) -> None:
    n, positions = case
    compiled = kautz(n, positions, pad)
    assert compiled.token_count == (n if pad else max(len(positions), 1)).bit_length()
    bits, found = last_tokens(compiled)
    assert (found == bits[:, sorted(positions)].sum(axis=1) % 2).all()


def test_the_empty_parity_is_one_constant_token() -> None:
    compiled = kautz(3, ())
    assert (compiled.token_count, compiled.squared_norms, compiled.least_gaps) == (1, (1,), (1,))
    assert [compiled.trace(word)[0].token for word in ("000", "111")] == ["0", "0"]


@pytest.mark.parametrize("q", [2, 3, 4, 7])
@pytest.mark.parametrize("n", [1, 2, 5, 9, 12])
def test_base_q_digits(n: int, q: int) -> None:
    compiled = qary(n, None, q)
    assert compiled.token_count == qary_count(n, q) <= n.bit_length()
    bits, found = last_tokens(compiled)
    assert (found == bits.sum(axis=1) % 2).all()
    assert {token for step in compiled.model.steps for token in step.live} <= {str(d) for d in range(q)}
    assert (compiled.least_gap or 0) >= 1


def test_base_three_lengths_of_the_statement() -> None:
    upper = [qary(n, None, 3).token_count for n in range(1, 21)]
    assert upper == [1, 2, 2, 2, 2, *[3] * 12, 4, 4, 4]
    lower = [1 + -(-(n.bit_length() - 1) // 2) for n in range(1, 21)]
    assert lower == [1, 2, 2, 2, 2, 2, 2, *[3] * 13]
    assert all(a <= b for a, b in zip(lower, upper, strict=True))
    assert [qary_count(n, 2) for n in range(1, 200)] == [n.bit_length() for n in range(1, 200)]


def test_base_q_of_some_positions() -> None:
    compiled = qary(8, [1, 2, 4, 7], 3)
    assert compiled.token_count == 2
    bits, found = last_tokens(compiled)
    assert (found == bits[:, [1, 2, 4, 7]].sum(axis=1) % 2).all()
    assert qary(3, [], 5).token_count == 1


@pytest.mark.parametrize("n", [1, 2, 3, 7, 11])
def test_scan_reads_every_bit(n: int) -> None:
    compiled = scan(n)
    assert compiled.token_count == n + 1
    bits, found = last_tokens(compiled)
    assert (found == bits.sum(axis=1) % 2).all()
    assert compiled.squared_norms == ((6, *[12] * (n - 1), 9))
    assert compiled.mistake_bound == 36 * n * n + 36 * n + 6


def test_scan_tokens_are_the_parity_so_far_and_the_bit() -> None:
    assert [line.token for line in scan(4).trace("1101")] == ["0:1", "1:1", "0:0", "0:1", "1"]


def test_norms_and_mistakes_of_the_statements() -> None:
    assert sign_squared_norms(kautz(20, range(13)).model) == (17, 81, 97, 101)
    assert sign_mistake_bound(kautz(20, range(13)).model) == 6794
    assert sign_mistake_bound(kautz(20).model) == 45771
    assert scan(20).mistake_bound == 15126


@pytest.mark.parametrize(("n", "a"), [(5, 1), (6, 4), (9, 7), (10, 10), (20, 16)])
def test_sign_norms_have_the_closed_form(n: int, a: int) -> None:
    compiled = kautz(n, range(n - a, n))
    top = a.bit_length() - 1
    closed = [a + (4 ** (top + 1) - 4 ** (j + 1)) // 3 + (a + 1 - 2 ** (top + 1)) ** 2 for j in range(top, -1, -1)]
    assert list(sign_squared_norms(compiled.model)) == closed


def test_sign_forms_give_the_same_scores() -> None:
    model = kautz(5).model
    for t, step in enumerate(model.steps):
        weights, bias = sign_form(step, 5 + t)
        for word in itertools.product("01", repeat=5 + t):
            signs = [1 if bit == "1" else -1 for bit in word]
            score = step.bias["1"] + sum(step.weights.get((i, bit), {}).get("1", 0) for i, bit in enumerate(word))
            assert sum((w * s for w, s in zip(weights, signs, strict=True)), bias) == Fraction(score)
    with pytest.raises(ParityError, match="expected a step on the bits"):
        sign_form(scan(2).model.steps[0], 2)


# ------------------------------------------------------------------ order k


def test_orders_of_the_statement() -> None:
    assert [k_order_count(64, k) for k in (2, 4, 8, 16, 64)] == [63, 21, 9, 5, 1]
    assert [k_order_count(1, k) for k in (1, 2)] == [1, 1]


@pytest.mark.parametrize(("n", "k"), [(1, 1), (1, 3), (4, 2), (5, 3), (7, 4), (6, 9)])
def test_order_k_chains_compute_parity(n: int, k: int) -> None:
    chain = chain_k(n, None, k)
    assert len(chain.sets) == k_order_count(n, k)
    assert all(len(positions) <= k for positions in chain.sets)
    assert all(max(positions) < n + t for t, positions in enumerate(chain.sets))
    for word in itertools.product("01", repeat=n):
        assert chain.rollout(word)[-1] == str(parity(word, range(n)))


@pytest.mark.parametrize(("n", "k"), [(3, 2), (4, 2), (5, 2), (5, 3), (7, 4)])
def test_no_shorter_chain_of_order_k_exists(n: int, k: int) -> None:
    """All ways to choose the tokens' sets, up to the order of the inputs, for one token less than the formula."""
    count = k_order_count(n, k) - 1
    # Over GF(2), token t is the parity of at most k earlier bits: masks of inputs that can be reached.
    reached = {frozenset([1 << i for i in range(n)])}
    for _ in range(count):
        reached = {known | {mask} for known in reached for size in range(1, k + 1) for mask in canonical(known, size)}
        assert all((1 << n) - 1 not in known for known in reached)
    assert any(
        (1 << n) - 1 in canonical(known, size) for known in reached for size in range(1, k + 1)
    )  # one token more


def canonical(known: frozenset[int], size: int) -> set[int]:
    """Exclusive ors of `size` known masks."""
    found = set()
    for masks in itertools.combinations(sorted(known), size):
        total = 0
        for mask in masks:
            total ^= mask
        found.add(total)
    return found


@given(
    st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))),
    st.integers(2, 5),
)
@settings(max_examples=30, deadline=None)
def test_order_k_chains_become_longer_linear_ones(case: tuple[int, set[int]], k: int) -> None:
    n, positions = case
    chain = chain_k(n, positions, k)
    compiled = expand_k(chain)
    assert compiled.token_count == sum(max(len(s), 1).bit_length() for s in chain.sets) >= len(chain.sets)
    bits, found = last_tokens(compiled)
    assert (found == bits[:, sorted(positions)].sum(axis=1) % 2).all()
    assert f"{len(chain.sets)} tokens of order {k} became {compiled.token_count} linear ones" in compiled.notes


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: kautz(3, [0, 3]), "position 3 is outside the prompt, expected 0..2"),
        (lambda: kautz(3, [-1]), "position -1 is outside"),
        (lambda: kautz(0), "n is 0"),
        (lambda: scan(0), "n is 0"),
        (lambda: qary(3, None, 1), "q is 1"),
        (lambda: chain_k(3, None, 0), "k is 0"),
        (lambda: chain_k(3, [0, 2], 1), "a parity of 2 bits has infinite length"),
        (lambda: chain_k(3, [5], 2), "position 5 is outside"),
    ],
)
def test_parities_that_do_not_exist_are_refused(build: Any, message: str) -> None:
    with pytest.raises(ParityError, match=message):
        build()


def test_order_one_copies_one_bit() -> None:
    chain = chain_k(3, [2], 1)
    assert [chain.rollout(word) for word in ("001", "110")] == [("1",), ("0",)]
    with pytest.raises(ValueError, match="2 tokens, expected 3"):
        chain.rollout("01")
