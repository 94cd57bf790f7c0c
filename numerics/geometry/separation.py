"""How far apart the output laws of contexts force their states to be.

For contexts x, x' with data rows p and model rows q of a head: the path integral of the pullback metric between the
states is the Jeffreys divergence of q_x and q_x', at least 4 s artanh s with s = (TV(p_x, p_x') - eps_x - eps_x')_+,
eps_x = TV(p_x, q_x); in the mean the same with s = (E TV(p_X, p_X') - sqrt(2 L_KL))_+.

Main definitions
    pairwise_path_integrals      all Jeffreys divergences <gbar(h') - gbar(h), h' - h>, without quadrature
    pairwise_total_variation, pairwise_hellinger   all distances between rows
    Separation, separation       both sides of the guarantee, for pairs and in the mean
    separation_bound             4 s artanh s

Conventions: states (N, d), rows (N, V), measure (N,) a positive law; nats; d_H = sqrt(2 (1 - BC)).
Source: specification `categorical`, claims jeffreys_path, pairwise_distance, separation_guarantee.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from numerics.geometry.head import FloatArray, Head, mean_row, rows
from numerics.information.divergences import kl, total_variation
from numerics.similarity.dependence import check_measure

CHUNK_ENTRIES = 2**21


@dataclass(frozen=True, eq=False)
class Separation:
    """Both sides of the separation guarantee.

    Attributes
        path_integrals    (N, N), nats
        bounds            4 s artanh s of every pair (N, N)
        mean_integral     E over independent pairs of the path integral
        mean_bound        4 s artanh s at the mean s
        mean_separation   that s; 0 where the guarantee says nothing
        kl_loss           L_KL
    """

    path_integrals: FloatArray
    bounds: FloatArray
    mean_integral: float
    mean_bound: float
    mean_separation: float
    kl_loss: float

    @property
    def worst_slack(self) -> float:
        """Least path integral minus its bound over all pairs."""
        return float((self.path_integrals - self.bounds).min())


def pairwise_path_integrals(head: Head, states: FloatArray) -> FloatArray:
    """<gbar(h') - gbar(h), h' - h> for all pairs of states (N, d): (N, N), symmetric, zero diagonal."""
    means = mean_row(head, states)
    out = np.empty((len(states), len(states)))
    step = max(1, CHUNK_ENTRIES // states.size)
    for first in range(0, len(states), step):
        part = slice(first, first + step)
        out[part] = ((means[part, None] - means) * (states[part, None] - states)).sum(axis=2)
    return np.maximum(out, 0.0)


def pairwise_total_variation(laws: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """TV of all pairs of rows (N, V) and (M, V): (N, M)."""
    others = laws if others is None else others
    return np.asarray(cdist(laws, others, "cityblock") / 2)


def pairwise_hellinger(laws: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """d_H of all pairs of rows: (N, M); close rows keep their digits."""
    others = laws if others is None else others
    return np.asarray(cdist(np.sqrt(laws), np.sqrt(others), "euclidean"))


def separation_bound(separations: FloatArray | float) -> FloatArray:
    """4 s artanh s for s in [0, 1]; inf at 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(4 * np.asarray(separations) * np.arctanh(separations))


def separation(head: Head, data_rows: FloatArray, states: FloatArray, measure: FloatArray) -> Separation:
    """Path integrals between the states, and what the data rows force them to be at least."""
    check_measure(measure, len(states))
    model_rows = rows(head, states)
    errors = total_variation(data_rows, model_rows)  # (N,)
    distances = pairwise_total_variation(data_rows)
    loss = float(measure @ kl(data_rows, model_rows))
    pairwise = np.maximum(distances - errors[:, None] - errors[None, :], 0.0)
    mean = max(0.0, float(measure @ distances @ measure) - float(np.sqrt(2 * loss)))
    integrals = pairwise_path_integrals(head, states)
    return Separation(
        integrals,
        separation_bound(pairwise),
        float(measure @ integrals @ measure),
        float(separation_bound(mean)),
        mean,
        loss,
    )
