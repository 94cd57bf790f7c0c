"""The dictionary and its projections, measured on random dictionaries."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verify.concepts.networks import random_dictionary, same, seeds
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating


@measures("concepts/dictionary_geometry", over=seeds, examples=(20, 200))
def dictionary_geometry(seed: int, context: Context) -> Iterator[Instance]:
    rng = np.random.default_rng(seed)
    dx = int(rng.integers(2, 9))
    u, kx = float(rng.uniform(0.5, 4)), float(rng.uniform(0.05, 0.95))
    # Words of norm u and cosine kappa, without a and b: a random direction and one at that angle to it.
    first, second = np.linalg.qr(rng.standard_normal((dx, 2)))[0].T
    plus, minus = u * first, u * (kx * first + np.sqrt(1 - kx**2) * second)
    a, b = (plus + minus) / 2, (plus - minus) / 2
    values: dict[str, float | int] = {"u": u, "kx": kx, "dx": dx}
    scale = u**2
    pairs = {"concept": a @ a, "difference": b @ b, "orthogonal": a @ b}
    for statement, value in pairs.items():
        yield Instance(dict(values), floating(float(value), absolute=1e-12 * scale), statement, scale=scale)
    # The other way round: any orthogonal a and b of these lengths.
    third, fourth = np.linalg.qr(rng.standard_normal((dx, 2)))[0].T
    a, b = u * np.sqrt((1 + kx) / 2) * third, u * np.sqrt((1 - kx) / 2) * fourth
    back = {
        "norm of a + b": (a + b) @ (a + b),
        "norm of a - b": (a - b) @ (a - b),
        "product": (a + b) @ (a - b),
    }
    for statement, value in back.items():
        yield Instance(dict(values), floating(float(value), absolute=1e-12 * scale), statement, scale=scale)
    long, short = rng.standard_normal((2, dx))  # polarisation holds for any two words
    found, expected = (long + short) @ (long - short) / 4, (long @ long - short @ short) / 4
    yield same(found, expected, "polarisation")


@measures("concepts/scaled_idempotents", over=seeds, examples=(20, 200))
def scaled_idempotents(seed: int, context: Context) -> Iterator[Instance]:
    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    atoms = dictionary.word_atoms()
    sizes = (atoms**2).sum(1)
    projections = np.einsum("pi,pj,p->pij", atoms, atoms, 1 / sizes)
    products = np.einsum("pij,qjk->pqik", projections, projections)
    own = np.arange(len(atoms))
    yield same(products[own, own], projections, "idempotent")
    kronecker = np.eye(len(atoms))
    expected = np.einsum("pq,pi,qk,p->pqik", kronecker, atoms, atoms, 1 / sizes)
    yield same(products, expected, "annihilate")
    summed = atoms.T @ atoms
    yield same(atoms @ summed, sizes[:, None] * atoms, "unnormalised")
    rest = np.eye(dictionary.word_dimension) - projections.sum(0)
    yield same(rest @ atoms.T, 0.0, "rest")
    b = dictionary.b
    square = (b.T @ b) @ (b.T @ b)
    yield same(square, (b[0] @ b[0]) * (b.T @ b), "unnormalised", label="square of sum b b^T")
    W = rng.standard_normal(rest.shape)
    blocks = np.einsum("pij,jk,qkl->pqil", projections, W, projections)
    scalars = (atoms @ W @ atoms.T) / np.outer(sizes, sizes)
    yield same(blocks, np.einsum("pq,pi,ql->pqil", scalars, atoms, atoms), "block")
