"""What is recorded of a network while it trains: losses, errors, attention and the products with the dictionary.

Main definitions
    Measured         the metrics of every seed at one time
    measure          all of them, on given prompts
    responses        loss, error and attention alone
    products         the quadratic forms and read-out products, which need no prompts
    noise_block      |A| outside the span of the dictionary

Source: specification `concepts`, D8.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from numerics.concepts.dictionary import Dictionary
from numerics.concepts.network import Batch, Parameters, errors, forward, losses

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """Metrics of S seeds; the losses in nats, on the prompts given.

    Attributes
        loss, error, attention  (S): cross-entropy, 0-1 error, mean correct attention
        beta, alpha             (S, K_1): b_k^T A b_k and a_k^T A a_k
        irrelevant              (S): max_j |nu_j^T A nu_j|, 0 without irrelevant atoms
        noise                   (S): Frobenius norm of A outside the span of the dictionary
        common                  (S, K_1): max over positive neurons of <w_i, c_k>
        positive                (S, K_1): max over positive neurons of <w_i, d_k>
        negative                (S, K_1): min over negative neurons of <w_i, d_k>
        leak                    (S): max_{i,j} |<w_i, omega_j>|, 0 without irrelevant atoms
    """

    loss: Floats
    error: Floats
    attention: Floats
    beta: Floats
    alpha: Floats
    irrelevant: Floats
    noise: Floats
    common: Floats
    positive: Floats
    negative: Floats
    leak: Floats


METRICS = tuple(field.name for field in fields(Measured))
RESPONSES = ("loss", "error", "attention")


def measure(parameters: Parameters, dictionary: Dictionary, batch: Batch, matches: Tensor) -> Measured:
    """All metrics; matches (S, B, L) or (B, L) says which demonstrations have the sign of the query."""
    return Measured(**responses(parameters, batch, matches), **products(parameters, dictionary))


def responses(parameters: Parameters, batch: Batch, matches: Tensor) -> dict[str, Floats]:
    """The metrics that need prompts, by the names of RESPONSES, each (S)."""
    state = forward(parameters, batch)
    correct = (state.attention * matches.to(state.attention.device)).sum(-1)
    return {
        "loss": _floats(losses(state, batch)),
        "error": _floats(errors(state, batch)),
        "attention": _floats((batch.weights * correct).sum(-1)),
    }


def products(parameters: Parameters, dictionary: Dictionary) -> dict[str, Floats]:
    """The metrics that need no prompts, by name."""
    half = parameters.neurons // 2
    along = {name: parameters.W_O @ _like(getattr(dictionary, name), parameters).T for name in ("c", "d", "omega")}
    seeds = parameters.seeds
    return {
        "beta": quadratic(parameters, dictionary.b),
        "alpha": quadratic(parameters, dictionary.a),
        "irrelevant": np.abs(quadratic(parameters, dictionary.nu)).max(1, initial=0.0),
        "noise": noise_block(parameters, dictionary),
        "common": _floats(along["c"][:, :half].amax(1)),
        "positive": _floats(along["d"][:, :half].amax(1)),
        "negative": _floats(along["d"][:, half:].amin(1)),
        "leak": _floats(along["omega"].abs().reshape(seeds, -1)).max(1, initial=0.0),
    }


def quadratic(parameters: Parameters, vectors: ArrayLike) -> Floats:
    """x^T A x = <W_K x, W_Q x> of each row x: (S, rows)."""
    rows = _like(vectors, parameters)
    return _floats(((rows @ parameters.W_K.mT) * (rows @ parameters.W_Q.mT)).sum(-1))


def noise_block(parameters: Parameters, dictionary: Dictionary) -> Floats:
    """|P A P|_F, P the projection on the complement of the word atoms: (S); costs O(d^3) a seed."""
    span, _ = np.linalg.qr(dictionary.word_atoms().T)
    rest = torch.eye(dictionary.word_dimension).to(parameters.W_Q) - _like(span @ span.T, parameters)
    block = (parameters.W_K @ rest).mT @ (parameters.W_Q @ rest)
    return _floats(block.flatten(1).norm(dim=1))


def _like(array: ArrayLike, parameters: Parameters) -> Tensor:
    return torch.as_tensor(np.array(array)).to(parameters.W_O)


def _floats(tensor: Tensor) -> Floats:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)
