"""Consistent linear decoders by linear programming.

Main definitions
    consistent   a decoder of least l1 norm with gap at least 1 on every example, or None where there is none
    least_gap    the smallest gap of a decoder over examples

HiGHS solves min |W|_1 subject to <W_true - W_a, Phi> >= 1; a solution is taken only if all gaps, computed again from
the weights, are at least 1 - 1e-7. Cost: 2 |W| variables, m (A - 1) rows; about 0.1 s at n = 20, m = 3000 for bits.
Source: specification `autoregressive`, linear_decoder_lp and section 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from numerics.learning.features import Decoder, IntArray, OneHot, Weights, labels

GAP = 1 - 1e-7


class SolverError(RuntimeError):
    """A solver neither found a point that satisfies the constraints nor proved that there is none."""


def constraints(decoder: Decoder, contexts: IntArray, tokens: IntArray) -> sparse.csr_array:
    """Rows g with <g, vec W> >= 1 for every example and every other live token: (m (A - 1), |W|).

    vec W is the weights (features, rows) in C order. Equal rows are kept once.
    """
    true = labels(decoder, tokens)
    if isinstance(decoder, OneHot):
        seen, first = np.unique(np.column_stack([decoder.encode(contexts), true]), axis=0, return_index=True)
        rows, true = seen[:, :-1], true[first]
        m, width = rows.shape
        A = len(decoder.live)
        others = np.array([[a for a in range(A) if a != y] for y in range(A)], dtype=np.int64)[true]  # (m, A - 1)
        count = m * (A - 1)
        plus = np.repeat(rows * A + true[:, None], A - 1, axis=0)  # (m (A - 1), p + 1)
        minus = np.repeat(rows * A, A - 1, axis=0) + others.reshape(-1, 1)
        row = np.repeat(np.arange(count), width)
        data = np.ones(row.size)
        shape = (count, decoder.shape[0] * A)
        found = sparse.coo_array((data, (row, plus.ravel())), shape) - sparse.coo_array(
            (data, (row, minus.ravel())), shape
        )
        return sparse.csr_array(found)
    signed = np.where(true == 1, 1, -1)[:, None] * decoder.encode(contexts)
    return sparse.csr_array(np.unique(signed, axis=0).astype(np.float64))


def least_gap(decoder: Decoder, weights: Weights, contexts: IntArray, tokens: IntArray) -> float:
    """Smallest gap (with signs: margin) over examples, from the weights; inf where one token is live only."""
    if len(decoder.live) == 1:
        return float("inf")
    true = labels(decoder, tokens)
    scores = decoder.scores(weights, decoder.encode(contexts)).astype(np.float64)
    every = np.arange(len(true))
    own = scores[every, true].copy()
    scores[every, true] = -np.inf
    return float((own - scores.max(axis=1)).min())


def consistent(decoder: Decoder, contexts: IntArray, tokens: IntArray) -> NDArray[np.float64] | None:
    """Weights of least l1 norm with gap at least 1 - 1e-7 on contexts (m, L) and tokens (m,); None if infeasible.

    Raises SolverError where HiGHS says neither, FeatureError for a token that is not live.
    """
    if len(decoder.live) == 1:
        labels(decoder, tokens)
        return np.zeros(decoder.shape)
    rows = constraints(decoder, contexts, tokens)
    both = sparse.hstack([-rows, rows], format="csr")  # W = positive part - negative part
    answer = linprog(np.ones(both.shape[1]), A_ub=both, b_ub=-np.ones(both.shape[0]), method="highs")
    if answer.status == 2:
        return None
    if answer.x is None:
        raise SolverError(f"HiGHS gave no weights for {rows.shape[0]} constraints: {answer.message}")
    half = rows.shape[1]
    weights: NDArray[np.float64] = (answer.x[:half] - answer.x[half:]).reshape(decoder.shape)
    found = least_gap(decoder, weights, contexts, tokens)
    if found < GAP:
        raise SolverError(f"the weights of HiGHS have least gap {found:.9g}, expected at least 1 - 1e-7")
    return weights
