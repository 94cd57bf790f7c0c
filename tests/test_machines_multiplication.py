"""Multiplication: the texts, the linear predictors, and the split."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.machines.compiled import Compiled
from numerics.machines.dense import dense, encode, gaps, rollout
from numerics.machines.multiplication import compile_long_form, compile_low_carry, compile_ripple, compile_short
from numerics.machines.multiplication_split import MULTIPLIER, Split, leakage, published_split
from numerics.machines.multiplication_text import (
    LONG_FORM_VOCABULARY,
    Layout,
    OperandError,
    long_form,
    long_form_length,
    low_carry,
    ripple,
    short,
)

LONG = (
    "[BOS] 1 2 x 5 6 = ( 2 x 1 + 1 x 1 0 ) x ( 6 x 1 + 5 x 1 0 ) = 2x6 x 1 x 1 + 2x5 x 1 x 1 0 + 1x6 x 1 0 x 1 "
    "+ 1x5 x 1 0 x 1 0 = 1 2 + 1 0 0 + 0 6 0 + 0 5 0 0 = 0 6 7 2"
)
RIPPLE = (
    "1 2 5 6 2x6 2x5 1x6 1x5 1 2 1 0 0 6 0 5 1+0+0 C0 1 0+1+0 C0 1 0+0+0 C0 0 1+6+0 C0 7 1+0+0 C0 1 0+0+0 C0 0 "
    "1+5+0 C0 6 0+0+0 C0 0 0 6 7 2"
)


def layouts(d: int) -> list[Layout]:
    return [long_form(d), long_form(d, joined=False), short(d), low_carry(d), ripple(d), ripple(d, sums=True)]


def test_the_printed_examples() -> None:
    for layout, text in ((long_form(2), LONG), (ripple(2), RIPPLE)):
        assert " ".join(layout.prompt(12, 56) + layout.chain(12, 56)) == text


@given(st.integers(1, 5).flatmap(lambda d: st.tuples(st.just(d), *[st.integers(0, 10**d - 1)] * 2)))
def test_every_layout_ends_with_the_product(pair: tuple[int, int, int]) -> None:
    d, a, b = pair
    for layout in layouts(d):
        chain = layout.chain(a, b)
        assert layout.product(chain) == a * b
        assert len(chain) == layout.length
        assert layout.chain_of(layout.prompt(a, b)) == chain


def test_lengths() -> None:
    assert [long_form_length(d) for d in range(1, 6)] == [28, 77, 166, 307, 512]
    assert [len(long_form(d).inputs) + long_form(d).length for d in range(1, 6)] == [28, 77, 166, 307, 512]
    split = long_form(4, joined=False)
    assert len(split.inputs) + split.length == 339
    words = long_form(4).prompt(1234, 5678) + long_form(4).chain(1234, 5678)
    assert [len(part.split()) for part in " ".join(words).split("=")] == [10, 47, 143, 95, 8]
    assert (short(4).length, ripple(2).length, ripple(4).length) == (24, 40, 272)
    assert [len(layout.inputs) + layout.length for layout in (long_form(2), low_carry(2), ripple(2))] == [77, 16, 44]


def test_vocabulary_of_the_long_form() -> None:
    assert len(LONG_FORM_VOCABULARY) == len(set(LONG_FORM_VOCABULARY)) == 117
    assert set(long_form(4).chain(9876, 1023)) <= set(LONG_FORM_VOCABULARY)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(OperandError, match="100 does not have at most 2 digits"):
        short(2).chain(100, 3)
    with pytest.raises(OperandError, match="0 digits"):
        ripple(0)


# Corners of 4 digits: powers of ten, all nines, repeated digits, zeros inside.
CORNERS = [(1000, 1000), (9999, 9999), (1111, 9999), (5555, 5555), (1001, 9009), (0, 0), (9999, 1), (1000, 9999)]


def test_the_predictor_of_the_long_form_is_exact_on_a_thousand_pairs() -> None:
    compiled, layout = compile_long_form(4), long_form(4)
    drawn = np.random.default_rng(20).integers(1000, 10000, size=(1000, 2)).tolist()
    pairs = [*CORNERS, *map(tuple, drawn)]
    model = dense(compiled.model, compiled.tokens)
    prompts = encode(model, [layout.prompt(a, b) for a, b in pairs])
    truth = encode(model, [layout.chain(a, b) for a, b in pairs])
    assert np.array_equal(rollout(model, prompts), truth)


def test_what_the_long_form_is_made_of() -> None:
    compiled = compile_long_form(4)
    steps, norms = compiled.model.steps, compiled.squared_norms
    constants = sum(len(step.live) == 1 for step in steps)
    copies = sum(len(meaning) == 2 and meaning[0] in "ab" for meaning in compiled.meanings)
    joint = sum(", b" in meaning for meaning in compiled.meanings)
    products = sum(meaning.startswith(("tens", "ones")) for meaning in compiled.meanings)
    answer = sum(meaning.startswith("digit") for meaning in compiled.meanings)
    assert (constants, copies, joint, products, answer) == (233, 8, 16, 32, 8)
    assert (norms[-8], norms[-1]) == (96443382086306896785, 127294763950688401833)
    assert compiled.least_gap == 1


def test_single_precision_gives_wrong_digits() -> None:
    """float32 holds 24 bits and the scores of the answer reach 10^9 with a gap of 1.

    How many products go wrong depends on the order of summation: 244 of these 300 where weights are added one by one.
    """
    compiled, layout = compile_long_form(4), long_form(4)
    pairs = np.random.default_rng(0).integers(1111, 10000, size=(300, 2)).tolist()
    model = dense(compiled.model, compiled.tokens, backend="float32")
    chains = rollout(model, encode(model, [layout.prompt(a, b) for a, b in pairs]))
    truth = encode(model, [layout.chain(a, b) for a, b in pairs])
    wrong = int((chains != truth).any(axis=1).sum())
    assert wrong >= 100


@pytest.mark.parametrize(
    ("compiler", "layout", "count"),
    [
        (compile_short, short(4), 24),
        (compile_low_carry, low_carry(2), 12),
        (compile_ripple, ripple(2), 40),
        (compile_ripple, ripple(3), 123),
        (partial(compile_ripple, sums=True), ripple(2, sums=True), 40),
        (partial(compile_ripple, sums=True), ripple(3, sums=True), 123),
    ],
)
def test_the_other_layouts(compiler: Callable[[int], Compiled], layout: Layout, count: int) -> None:
    compiled = compiler(layout.d)
    assert compiled.token_count == count
    assert compiled.least_gap is not None
    assert compiled.least_gap >= 1
    model = dense(compiled.model, compiled.tokens)
    top = 10**layout.d - 1
    pairs = [(0, 0), (1, 1), (top, top), (top, 1), (10 ** (layout.d - 1), top), (top // 9 * 5, top // 9 * 7)]
    truth = encode(model, [layout.chain(a, b) for a, b in pairs])
    assert np.array_equal(rollout(model, encode(model, [layout.prompt(a, b) for a, b in pairs])), truth)


def test_the_ripple_layout_has_small_weights_and_unit_gaps() -> None:
    compiled = compile_ripple(3)
    assert max(compiled.squared_norms) <= 600
    assert {gap for gap in compiled.least_gaps if gap is not None} == {1}


def test_a_wrong_weight_is_found() -> None:
    """One weight off by one at the answer: the gap is 0 or below somewhere."""
    compiled, layout = compile_short(2), short(2)
    model = dense(compiled.model, compiled.tokens)
    last = model.steps[-1]
    last.rows[1] = last.rows[1] + np.eye(len(last.live), dtype=last.rows.dtype)[0] * 30
    every = [(a, b) for a in range(10, 100, 3) for b in range(10, 100, 3)]
    prompts = encode(model, [layout.prompt(a, b) for a, b in every])
    truth = encode(model, [layout.chain(a, b) for a, b in every])
    found = [g for g in gaps(model, prompts, truth) if g is not None]
    assert min(int(g.min()) for g in found) <= 0


def test_the_split_by_enumeration_is_the_split_pair_by_pair() -> None:
    for split in (Split(0, 1), Split(3, 20), published_split(2)):
        operands = np.arange(split.lo, split.hi)
        trains = split.trains(operands, operands[:, None])  # (b, a)
        size = split.hi - split.lo
        slow = [
            [(x + size * y) * MULTIPLIER % split.pairs > split.pairs // 4 for x in range(size)] for y in range(size)
        ]
        assert np.array_equal(trains, np.array(slow))
        test = ~trains & ~np.eye(size, dtype=bool)
        found = leakage(split)
        assert (found.training, found.test_off_diagonal) == (trains.sum(), test.sum())
        assert found.leaked == (test & trains.T).sum()


def test_the_published_split_of_four_digits() -> None:
    found = leakage(published_split(4))
    assert (found.pairs, found.training) == (79014321, 59260740)
    assert round(found.fraction, 3) == 0.750


def test_the_split_refuses_operands_outside_its_range() -> None:
    with pytest.raises(OperandError, match=r"b = 10000 is outside 1111\.\.9999"):
        published_split(4).trains(1111, 10000)
    with pytest.raises(OperandError, match="0 <= lo < hi"):
        Split(5, 5)
