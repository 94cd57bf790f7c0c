"""Categorical entropies of kernels: what a kernel loses against being deterministic, in four readings never mixed.

Main definitions
    psi                 Ψ_D(p), by its closed form
    psi_by_definition   Ψ_D(p) = D(Σ_w p_w δ_(w,w) ‖ p ⊗ p), from the two tables
    pointwise           H_D(k)(x) = Ψ_D(k_x), one number a row
    supremum            sup_x Ψ_D(k_x)
    average             E_μ Ψ_D(k_x)
    joint               D(joint(μ, k ≫ Δ) ‖ joint(μ, Δ ≫ k ⊗ k)), from the two tables
    joint_closed_form   the same: the average for f-divergences, a log-mean-exp for Rényi
    renyi_entropy       H_β of any order β ≤ 2, negative ones and -∞ included
    information         I_D(p) = D(p ‖ p_X ⊗ p_Y)
    conditional_information           I_D(X; Y | A) at a law of A, from the two tables
    conditional_information_by_rows   the same from the divergences of the rows
    hom_divergence      sup_x D(f_x ‖ g_x)

Conventions: rows k (X, V); laws (..., V); nats. Infinite values are inf. A row of μ-mass 0 counts in `supremum` only.

Source: specification `categorical`, D8 to D11 and claims entropy_closed_forms, entropy_readings.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from numerics.information.divergences import Divergence, FloatArray, log_mean
from numerics.kernels.kernel import Kernel, check_rows, hom_rows


def psi(divergence: Divergence, law: ArrayLike) -> FloatArray:
    """Ψ_D of rows (..., V), shape (...), by the closed form of the claim entropy_closed_forms."""
    p = _laws(law)
    if divergence.name == "TV":
        return np.asarray((p * (1 - p)).sum(axis=-1))
    if divergence.name == "chi2":
        return np.asarray((p > 0).sum(axis=-1) - 1.0)
    if divergence.name == "Hel2":
        return np.asarray(2 * (p * (1 - np.sqrt(p))).sum(axis=-1))
    if divergence.name == "JS":
        return np.asarray(math.log(2) - 0.5 * (p * (1 + p) * np.log1p(p) - xlogy(p**2, p)).sum(axis=-1))
    if divergence.order is not None:
        return renyi_entropy(p, 2 - divergence.order)
    return _psi_of_generator(divergence, p)


def _psi_of_generator(divergence: Divergence, p: FloatArray) -> FloatArray:
    """Σ p² f(1/p) + f(0)(1 - Σ p²)."""
    generator = divergence.generator
    if generator is None:
        raise ValueError(f"{divergence!r} has neither a Rényi order nor a generator: no closed form of Ψ is known")
    support = p > 0
    safe = np.where(support, p, 1.0)
    on = np.where(support, safe**2 * generator.function(1 / safe), 0.0).sum(axis=-1)
    off = (p * (1 - p)).sum(axis=-1)
    rest = np.where(off > 0, math.inf, 0.0) if math.isinf(generator.at_zero) else generator.at_zero * off
    return np.asarray(on + rest)


def psi_by_definition(divergence: Divergence, law: ArrayLike) -> FloatArray:
    """Ψ_D of rows (..., V) from the tables on pairs of tokens (..., V²)."""
    p = _laws(law)
    return divergence(_copied(p), _twice(p))


def _copied(p: FloatArray) -> FloatArray:
    size = p.shape[-1]
    table = np.zeros((*p.shape[:-1], size * size))
    table[..., :: size + 1] = p
    return table


def _twice(p: FloatArray) -> FloatArray:
    return (p[..., :, None] * p[..., None, :]).reshape(*p.shape[:-1], -1)


def renyi_entropy(law: ArrayLike, order: float) -> FloatArray:
    """H_β of rows (..., V): log Σ_{p>0} p^β / (1-β), any β in [-∞, ∞].

    β = 1: Shannon; β = 0: log of the support's size; β = ∞: -log max p; β = -∞: -log min p over the support.
    """
    p = _laws(law)
    if math.isnan(order):
        raise ValueError("the Rényi order is nan, expected a number in [-∞, ∞]")
    support = p > 0
    logs = np.log(np.where(support, p, 1.0))
    if order == 1:
        return np.asarray(-xlogy(p, p).sum(axis=-1))
    if order == 0:
        return np.asarray(np.log(support.sum(axis=-1)))
    if math.isinf(order):
        ends = np.where(support, logs, -np.inf).max(axis=-1) if order > 0 else np.where(support, logs, 0.0).min(axis=-1)
        return np.asarray(-ends)
    # H_β = -log Σ p e^{(β-1) log p} / (β-1): the mean of a Rényi divergence with the sign of its step turned
    return log_mean(np.where(support, logs, -np.inf), -logs, np.zeros(p.shape[:-1]), 1 - order)


def pointwise(divergence: Divergence, kernel: Kernel | ArrayLike) -> FloatArray:
    """H_D(k)(x) = Ψ_D(k_x) for every x, shape (X,)."""
    return psi(divergence, hom_rows(kernel))


def supremum(divergence: Divergence, kernel: Kernel | ArrayLike) -> float:
    """sup_x Ψ_D(k_x)."""
    return float(pointwise(divergence, kernel).max())


def average(divergence: Divergence, kernel: Kernel | ArrayLike, mu: ArrayLike) -> float:
    """H̄_D(k; μ) = E_μ Ψ_D(k_x)."""
    rows = hom_rows(kernel)
    return _mean(_weights(mu, len(rows)), pointwise(divergence, rows))


def joint(divergence: Divergence, kernel: Kernel | ArrayLike, mu: ArrayLike) -> float:
    """D(joint(μ, k ≫ Δ) ‖ joint(μ, Δ ≫ k ⊗ k)) from the two tables (X, V²): nothing is assumed of D."""
    rows = _laws(hom_rows(kernel))
    weights = _weights(mu, len(rows))[:, None]
    return float(divergence((weights * _copied(rows)).ravel(), (weights * _twice(rows)).ravel()))


def joint_closed_form(divergence: Divergence, kernel: Kernel | ArrayLike, mu: ArrayLike) -> float:
    """The joint reading without the tables, by the claim entropy_readings."""
    rows = hom_rows(kernel)
    return mixed(divergence, _weights(mu, len(rows)), pointwise(divergence, rows))


def mixed(divergence: Divergence, weights: FloatArray, values: FloatArray) -> float:
    """D of two joint states with one marginal μ, from D of their rows.

    f-divergences: the mean. Rényi: (α-1)^{-1} log E exp((α-1) value), at α = 0 and ∞ too.
    """
    seen = weights > 0
    weights, values = weights[seen], values[seen]
    if divergence.generator is not None or divergence.order is None or divergence.order == 1:
        return _mean(weights, values)
    if math.isinf(divergence.order):
        return float(values.max())
    step = divergence.order - 1
    if step > 0 and np.isinf(values).any():
        return math.inf
    return float(log_mean(np.log(weights), values, np.zeros(()), step))


def information(divergence: Divergence, table: ArrayLike) -> float:
    """I_D(X; Y) = D(p ‖ p_X ⊗ p_Y) of a joint law (X, Y)."""
    p = np.asarray(table, dtype=np.float64)
    if p.ndim != 2:
        raise ValueError(f"the joint law has shape {p.shape}, expected (X, Y)")
    product = p.sum(axis=1)[:, None] * p.sum(axis=0)[None, :]
    return float(divergence(p.ravel(), product.ravel()))


def conditional_information(divergence: Divergence, table: ArrayLike) -> float:
    """I_D(X; Y | A) of a joint law (A, X, Y): D(joint(μ, f) ‖ joint(μ, Δ ≫ f_X ⊗ f_Y)), D11, from the two tables."""
    mu, rows, products = _given(table)
    weights = mu[:, None, None]
    return float(divergence((weights * rows).ravel(), (weights * products).ravel()))


def conditional_information_by_rows(divergence: Divergence, table: ArrayLike) -> float:
    """The same from D(f_a ‖ f_{X,a} ⊗ f_{Y,a}) and the law of A, by the closed forms of D11."""
    mu, rows, products = _given(table)
    return mixed(divergence, mu, divergence(rows.reshape(len(mu), -1), products.reshape(len(mu), -1)))


def _given(table: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of a joint law (A, X, Y): the positive masses of A, the rows f_a and the products of their marginals."""
    p = np.asarray(table, dtype=np.float64)
    if p.ndim != 3:
        raise ValueError(f"the joint law has shape {p.shape}, expected (A, X, Y)")
    mu = p.sum(axis=(1, 2))
    seen = mu > 0
    p, mu = p[seen], mu[seen]
    rows = p / mu[:, None, None]
    return mu, rows, rows.sum(axis=2)[:, :, None] * rows.sum(axis=1)[:, None, :]


def hom_divergence(divergence: Divergence, first: Kernel | ArrayLike, second: Kernel | ArrayLike) -> float:
    """sup_x D(f_x ‖ g_x), D8."""
    return float(divergence(hom_rows(first), hom_rows(second)).max())


def _laws(law: ArrayLike) -> FloatArray:
    p = np.asarray(law, dtype=np.float64)
    check_rows(p, "the law")
    return p


def _weights(mu: ArrayLike, rows: int) -> FloatArray:
    weights = np.asarray(mu, dtype=np.float64).ravel()
    if len(weights) != rows:
        raise ValueError(f"the law of the inputs has {len(weights)} entries, expected {rows}, one a row")
    check_rows(weights, "the law of the inputs")
    return weights


def _mean(weights: FloatArray, values: FloatArray) -> float:
    seen = weights > 0
    return float((weights[seen] * values[seen]).sum())
