"""The fields of the reduced dynamics: what one step of training adds to (p, q, w), per unit of the learning rate.

Main definitions
    p, q, w               the state of one concept (D9): means of the neurons along d_k and c_k, eigenvalue on b_k
    attention_difference  theta = tanh beta, beta = w^2 N_b
    both_active           right-hand sides where theta p < q: every neuron sees both query signs
    one_sided             where theta p >= q: a neuron sees one query sign only
    combined              the convex combination with weight mu on the one-sided field (Filippov)

Source: specification `concepts`, D9, reduced_dynamics, stationary_sliding.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import Nb, kc, kd, lam, pk
from theory.parameter import Parameter, reals

p = Parameter("p", "p_k", "mean of s_i' <w_i, d_k> over the neurons (D9)", reals(), (0, 3))
q = Parameter("q", "q_k", "mean of <w_i, c_k> over the neurons (D9)", reals(0), (0, 3))
w = Parameter("w", "w_k", "common eigenvalue of W_Q and W_K on b_k (D9)", reals(), (0, 2))

Field = tuple[sp.Expr, sp.Expr, sp.Expr]


def attention_difference(w: Any) -> sp.Expr:
    """theta = 2 sigma_corr - 1 on clean balanced prompts."""
    return sp.tanh(w**2 * Nb.symbol)


def pull(f: Any) -> sp.Expr:
    """pi_k g(f), g(f) = 1/(1 + e^f) (D6)."""
    return pk.symbol / (1 + sp.exp(f))


def both_active(p: Any, q: Any, w: Any, theta: Any = None) -> Field:
    """(F_p, F_q, F_w) where theta p < q; the output on a prompt is e_q theta p.

    `theta` is tanh(w^2 N_b) where it is not given under another name.
    """
    theta = attention_difference(w) if theta is None else theta
    growth = pull(theta * p)
    return (
        growth * theta * kd.symbol - lam.symbol * p,
        -lam.symbol * q,
        growth * p * (1 - theta**2) * Nb.symbol * w - lam.symbol * w,
    )


def one_sided(p: Any, q: Any, w: Any, theta: Any = None) -> Field:
    """(F_p, F_q, F_w) where theta p >= q; the output on a prompt is e_q (q + theta p)/2."""
    theta = attention_difference(w) if theta is None else theta
    growth = pull((q + theta * p) / 2) / 2
    return (
        growth * theta * kd.symbol - lam.symbol * p,
        growth * kc.symbol - lam.symbol * q,
        growth * p * (1 - theta**2) * Nb.symbol * w - lam.symbol * w,
    )


def combined(p: Any, q: Any, w: Any, mu: Any, theta: Any = None) -> Field:
    """(1 - mu) both_active + mu one_sided, component by component."""
    first, second, third = (
        (1 - mu) * both + mu * one
        for both, one in zip(both_active(p, q, w, theta), one_sided(p, q, w, theta), strict=True)
    )
    return first, second, third
