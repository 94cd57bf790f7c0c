"""Networks with given learned concepts, and prompts with given vectors and signs.

Main definitions
    learned_network   W_Q = W_K and W_O with beta_k, p_k, q_k given (the form that training reaches, only_b_grows)
    clean_prompt      one prompt of words a + e_l b and labels c + e_l d
    margin            e_q f of each prompt
    correct_attention_of   attention on the demonstrations with the sign of the query

This module imports torch; import it only where a network is really run. Source: specification `concepts`, D2-D5, D9.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from numerics.concepts.dictionary import Dictionary
from numerics.concepts.network import Parameters, batch_of, forward
from numerics.concepts.prompts import Prompts

Floats = NDArray[np.float64]


def learned_network(
    dictionary: Dictionary,
    beta: Sequence[float],
    p: Sequence[float],
    q: Sequence[float],
    *,
    neurons: int = 2,
    decayed: float = 0.0,
) -> Parameters:
    """One network (S = 1): eigenvalue sqrt(beta_k/|b_k|^2) of W_Q = W_K on b_k, `decayed` elsewhere, and neurons
    sum_k (q_k c_k/|c_k|^2 + s_i' p_k d_k/|d_k|^2).

    Raises ValueError for an odd number of neurons, a negative beta_k, or other than K_1 numbers.
    """
    if neurons < 2 or neurons % 2:
        raise ValueError(f"{neurons} neurons, expected an even number, at least 2")
    values = {name: np.asarray(v, dtype=np.float64) for name, v in (("beta", beta), ("p", p), ("q", q))}
    for name, array in values.items():
        if array.shape != (dictionary.concepts,):
            raise ValueError(f"{name} of shape {array.shape}, expected ({dictionary.concepts},)")
    if (values["beta"] < 0).any():
        raise ValueError(f"beta = {values['beta'].tolist()}, expected numbers at least 0")
    size = (dictionary.b**2).sum(1)
    weight = np.sqrt(values["beta"] / size)
    unit = dictionary.b / np.sqrt(size)[:, None]
    W = decayed * np.eye(dictionary.word_dimension) + (unit.T * (weight - decayed)) @ unit
    along_c = values["q"] @ (dictionary.c / (dictionary.c**2).sum(1, keepdims=True))
    along_d = values["p"] @ (dictionary.d / (dictionary.d**2).sum(1, keepdims=True))
    W_O = along_c + np.repeat([1.0, -1.0], neurons // 2)[:, None] * along_d
    return Parameters(*(torch.as_tensor(np.array(x))[None] for x in (W, W, W_O)))


def clean_prompt(
    a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike, target: ArrayLike, signs: ArrayLike
) -> Prompts:
    """Prompts with words a + e_l b and labels c + e_l d: target e_q (B), signs e_1..e_L (B, L); equal weights."""
    e_q, e = np.asarray(target, dtype=np.int64), np.asarray(signs, dtype=np.int64)
    if e_q.ndim != 1 or e.ndim != 2 or len(e) != len(e_q):
        raise ValueError(f"signs of shape {e.shape} for targets of shape {e_q.shape}, expected (B, L) and (B,)")
    everything = np.concatenate([e, e_q[:, None]], axis=1)
    words = np.asarray(a, dtype=np.float64) + everything[..., None] * np.asarray(b, dtype=np.float64)
    labels = np.asarray(c, dtype=np.float64) + e[..., None] * np.asarray(d, dtype=np.float64)
    weights = np.full(len(e_q), 1 / len(e_q))
    return Prompts(words, labels, e_q, everything, np.zeros((len(e_q), 1), dtype=np.int64), weights)


def margin(network: Parameters, prompts: Prompts) -> Floats:
    """e_q f of each prompt, (B)."""
    state = forward(network, batch_of(prompts, 1, shared=True))
    return np.asarray(prompts.target * state.output[0].numpy(), dtype=np.float64)


def correct_attention_of(network: Parameters, prompts: Prompts) -> Floats:
    """Attention on the demonstrations with the sign of the query, (B)."""
    state = forward(network, batch_of(prompts, 1, shared=True))
    return np.asarray((state.attention[0].numpy() * prompts.matches).sum(-1), dtype=np.float64)
