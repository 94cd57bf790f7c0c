"""Coefficients of random matrices and of window chains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.coefficients import dobrushin, doeblin
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.spaces import chains
from verify.strategies.laws import stochastic_matrices
from verify.subject import ChainSubject

_n = st.integers(2, 6)
pairs_of_matrices = Space(
    "pairs of stochastic matrices",
    lambda claim: _n.flatmap(lambda n: st.tuples(stochastic_matrices(size=n), stochastic_matrices(size=n))),
    lambda claim: (
        (np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.7, 0.3], [0.4, 0.6]])),
        (np.full((3, 3), 1 / 3), np.full((3, 3), 1 / 3)),
        (np.eye(3), np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]])),
    ),
)


@measures("markov/dobrushin_hierarchy", over=pairs_of_matrices, examples=(40, 400))
def dobrushin_hierarchy(pair: tuple[FloatArray, FloatArray], context: Context) -> Iterator[Instance]:
    """The chain of coefficients, products, and a random difference of laws."""
    first, second = pair
    size, least = first.shape[0], float(first.min())
    values = {"size": size, "m": least}
    kappa, rate = dobrushin(first), 1 - doeblin(first)

    yield Instance(values, floating(kappa, absolute=1e-14), "dobrushin", floating(rate, absolute=1e-14))
    yield Instance(values, floating(rate, absolute=1e-14), "doeblin", floating(1 - size * least, absolute=1e-14))
    yield Instance(
        values, floating(1 - size * least, absolute=1e-14), "smallest entry", floating(1 - 2 * least, absolute=1e-14)
    )
    product = floating(dobrushin(first @ second), absolute=1e-14)
    yield Instance(values, product, "products", floating(kappa * dobrushin(second), absolute=1e-14))
    worst = np.unravel_index(np.abs(first[:, None] - first[None]).sum(axis=2).argmax(), (size, size))
    extreme = np.zeros(size)
    extreme[worst[0]] += 1
    extreme[worst[1]] -= 1
    random: FloatArray = context.rng.standard_normal((size,))
    for v in (random - random.mean(), extreme):
        moved, mass = float(np.abs(v @ first).sum()), float(np.abs(v).sum())
        if mass > 0:
            scaled = floating(moved / mass, absolute=1e-13)
            yield Instance(values, scaled, "differences", floating(kappa, absolute=1e-13))


@measures("markov/beta_products", over=chains)
def beta_products(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """alpha(A) and 1-kappa(A) against products of overlaps."""
    beta, gamma = subject.beta, subject.gamma
    table = np.asarray(subject.chain.table)
    values: dict[str, float] = {
        "T": subject.T,
        "K": subject.K,
        "gamma_0": float(gamma[0]),
        "p_high": float(table[:, 1].max()),
        "p_low": float(table[:, 1].min()),
        "j": 1,
    }
    products = [floating(float(np.prod(g)), absolute=1e-13) for g in (gamma, beta)]
    if subject.is_dense:
        yield Instance(values, floating(subject.alpha, absolute=1e-13), "doeblin", products[0])
        yield Instance(values, floating(1 - subject.kappa, absolute=1e-13), "dobrushin", products[1])
    power = floating(float(gamma[0]) ** subject.K, absolute=1e-13)
    yield Instance(values, products[0], "power", power)
    for k in range(subject.K):
        less, more = (floating(float(g[k]), absolute=1e-13) for g in (gamma, beta))
        yield Instance({**values, "j": subject.K - k}, less, "order", more, label=f"k = {k}")
    if subject.T == 2:
        yield Instance(
            values, floating(float(gamma[0]), absolute=1e-13), "two tokens", floating(float(beta[0]), absolute=1e-13)
        )
