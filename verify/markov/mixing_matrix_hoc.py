"""Mixing matrices of the windows of a chain (pair curve D19) against the bounds on their norm."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from numerics.chains.house_of_cards import hoc_time
from numerics.chains.mixing_matrix import pair_curve, toeplitz_norm
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import floating
from verify.spaces import chains
from verify.subject import ChainSubject

LARGEST = 256  # full contexts; a step of the pair curve costs T n^2
RELATIVE = 1e-9


@measures("markov/mixing_matrix_hoc", over=chains)
def mixing_matrix_hoc(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """The Toeplitz matrix of the pair curve of N windows; a chain of order one also in longer windows."""
    if subject.n > LARGEST:
        raise NotApplicable(f"{subject.name} has {subject.n} full contexts, expected at most {LARGEST}")
    N = context.pick(100, 400)
    curve = pair_curve(subject.chain, N - 1)
    given = {"N": N, "K": subject.K}
    norm = floating(toeplitz_norm(curve, N), relative=RELATIVE)
    yield Instance(given, norm, "Schur", floating(float(curve.sum()), relative=1e-12))
    expected = hoc_time(subject.beta)
    if math.isfinite(expected):
        yield Instance(given, norm, "house of cards", floating(expected, relative=1e-10))
    if subject.kappa < 1 - 1e-9:
        yield Instance({**given, "kappa": floating(subject.kappa, absolute=1e-13)}, norm, "Dobrushin")
        if subject.K == 1:
            for window in (1, 2, 5):
                longer = np.concatenate([np.ones(window - 1), curve])[:N]
                found = floating(toeplitz_norm(longer, N), relative=RELATIVE)
                values = {"N": N, "K": window, "theta": floating(subject.kappa, absolute=1e-13)}
                yield Instance(values, found, "first order", label=f"windows of {window}")
