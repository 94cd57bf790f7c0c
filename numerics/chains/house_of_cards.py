"""The house-of-cards chain: how long two copies take to agree on K consecutive tokens (definition D11).

From agreement k the next tokens coincide with probability at least beta_k (agreement k+1), else agreement falls to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray


def hoc_matrix(beta: Sequence[float] | FloatArray) -> FloatArray:
    """H (K, K): H[k, 0] = 1 - beta_k, H[k, k+1] = beta_k for k < K-1; the mass missing from row K-1 has coalesced."""
    overlaps = _check(beta)
    K = overlaps.size
    H = np.zeros((K, K))
    H[np.arange(K - 1), np.arange(1, K)] = overlaps[:-1]
    H[:, 0] += 1.0 - overlaps
    return H


def hoc_curve(beta: Sequence[float] | FloatArray, n_max: int) -> FloatArray:
    """h(0), ..., h(n_max) with h(n) = e_0^T H^n 1.

    An upper bound on dbar(n) over full contexts (claim markov/convergence_house_of_cards).
    """
    overlaps = _check(beta)
    agreement = np.zeros(overlaps.size)
    agreement[0] = 1.0
    curve = np.empty(n_max + 1)
    for n in range(n_max + 1):
        curve[n] = agreement.sum()
        moved = agreement * overlaps
        fallen = float((agreement * (1.0 - overlaps)).sum())
        agreement = np.concatenate([[fallen], moved[:-1]])
    return curve


def hoc_at(beta: Sequence[float] | FloatArray, times: Sequence[int] | IntArray) -> FloatArray:
    """h(n) at increasing times n, however long, by powers of H."""
    powers = [_absorbing(beta)]
    row = np.zeros(powers[0].shape[0])
    row[0] = 1.0
    now, found = 0, []
    for target in np.asarray(times).tolist():
        if target < now:
            raise ValueError(f"time {target} follows {now}, expected increasing times")
        gap, bit = target - now, 0
        while gap >> bit:
            if bit == len(powers):
                powers.append(_square(powers[-1]))
            if gap >> bit & 1:
                row = _rescaled(row[None, :] @ powers[bit])[0]
            bit += 1
        now = target
        found.append(float(row[:-1].sum()))
    return np.asarray(found)


def _absorbing(beta: Sequence[float] | FloatArray) -> FloatArray:
    """H with the coalesced state added, (K+1, K+1): stochastic, so that a tiny coalescence probability is never lost by
    rounding."""
    H = hoc_matrix(beta)
    K = H.shape[0]
    whole = np.zeros((K + 1, K + 1))
    whole[:K, :K] = H
    whole[K - 1, K] = np.asarray(beta, dtype=np.float64)[-1]
    whole[K, K] = 1.0
    return whole


def _square(power: FloatArray) -> FloatArray:
    return _rescaled(power @ power)


def _rescaled(rows: FloatArray) -> FloatArray:
    """Rows made to sum to 1 by scaling what has not coalesced: the last column, a sum of positive terms, is the
    accurate one."""
    rest = rows[:, :-1].sum(axis=1)
    target = np.clip(1.0 - rows[:, -1], 0.0, 1.0)
    rows[:, :-1] *= np.divide(target, rest, out=np.zeros_like(rest), where=rest > 0.0)[:, None]
    return rows


def hoc_time(beta: Sequence[float] | FloatArray) -> float:
    """Expected coalescence time E = sum_{j<K} prod_{k<j} beta_k / prod_{k<K} beta_k in tokens.

    Inf when some beta_k = 0.
    """
    overlaps = _check(beta)
    products = np.concatenate([[1.0], np.cumprod(overlaps)])
    return float(products[:-1].sum() / products[-1]) if products[-1] > 0.0 else float("inf")


def hoc_mixing_time(beta: Sequence[float] | FloatArray, eta: float) -> float:
    """First n with h(n) <= eta, by doubling powers of H and bisection; inf when some beta_k = 0."""
    overlaps = _check(beta)
    if not 0.0 < eta < 1.0:
        raise ValueError(f"eta = {eta}, expected a number in (0, 1)")
    if not np.prod(overlaps) > 0.0:
        return float("inf")
    powers = [_absorbing(overlaps)]
    row = np.zeros(overlaps.size + 1)
    row[0] = 1.0
    while (row @ powers[-1])[:-1].sum() > eta:
        powers.append(_square(powers[-1]))
    steps = 0
    # Invariant: after `steps` steps the curve is still above eta.
    for j in range(len(powers) - 1, -1, -1):
        ahead = _rescaled(row[None, :] @ powers[j])[0]
        if ahead[:-1].sum() > eta:
            row, steps = ahead, steps + 2**j
    return float(steps + 1)


def _check(beta: Sequence[float] | FloatArray) -> FloatArray:
    overlaps = np.asarray(beta, dtype=np.float64)
    if overlaps.ndim != 1 or overlaps.size == 0 or not ((overlaps >= 0) & (overlaps <= 1)).all():
        raise ValueError(f"overlaps beta = {overlaps.tolist()}, expected K >= 1 numbers in [0, 1]")
    return overlaps
