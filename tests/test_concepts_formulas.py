"""Closed forms of learned concepts: against enumeration of the labels and the specification's numbers."""

from __future__ import annotations

import math
from itertools import pairwise, product

import pytest

from numerics.concepts.formulas import (
    attention_squares,
    correct_attention,
    noise_linear,
    perturbed_attention,
    polysemy_bound,
    polysemy_interference,
    readout_chain,
    readout_error,
    readout_right,
)


def test_attention_oracles():
    assert float(correct_attention(2, 2, 0.18)) == pytest.approx(1 / (1 + math.exp(-0.36)), rel=1e-14)
    assert float(correct_attention(1, 3, 2.2)) == pytest.approx(1 / (1 + 3 * math.exp(-4.4)), rel=1e-14)
    assert float(correct_attention(4, 0, 0.3)) == 1 and float(correct_attention(0, 4, 0.3)) == 0
    assert attention_squares(3, 3, 0.7) == pytest.approx((1 + math.tanh(0.7) ** 2) / 6, rel=1e-14)
    lowered = [math.exp(0.9 * s - 0.1 * s) for s in (1, 1, -1)]  # every score moved by 0.1 against the matches
    assert float(perturbed_attention(2, 1, 0.9, 0.1)) == pytest.approx(sum(lowered[:2]) / sum(lowered), rel=1e-14)


@pytest.mark.parametrize(("length", "beta"), [(1, 0.3), (3, 0.5), (6, 0.8), (8, 0.5), (8, 2.0)])
def test_readout_error_is_that_of_all_labels(length, beta):
    counts = [sum(labels) for labels in product((0, 1), repeat=length)]
    wrong = sum(not readout_right(n, length - n, beta) for n in counts) / 2**length
    assert readout_error(length, beta) == pytest.approx(wrong, abs=1e-15)
    chain = readout_chain(length, beta)
    assert all(low <= high * (1 + 1e-12) for low, high in pairwise(chain))


def test_readout_oracles():
    assert readout_chain(8, 0.5) == pytest.approx(
        (0.00390625, 0.14453125, 0.411662033472647, 0.425619694167165), rel=1e-13
    )
    assert readout_chain(16, 1.0) == pytest.approx(
        (1.52587890625e-5, 2.593994140625e-4, 0.00527375204074, 0.00965571542352), rel=1e-11
    )


def test_noise_and_polysemy_oracles():
    assert noise_linear(0.8, 0.9, 4, 2, (1, 0.7), 0) == pytest.approx(0.0771910562640275, rel=1e-13)
    exact, bound = polysemy_interference(4, 4, 0.1)
    assert exact == pytest.approx(0.0996626557935187, rel=1e-13) and bound == pytest.approx(0.12)
    assert polysemy_bound(4, 4, 0.1) == pytest.approx(1 - 0.9**12, rel=1e-13) and polysemy_bound(4, 4, 1.0) == 1
