"""Eigenvalues against distances."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.chains.decay import decay_rate
from verify.instance import Instance, Number
from verify.markov.convergence import ROUNDING, curves, near, times
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.spaces import chains
from verify.subject import ChainSubject

LARGEST_POWER = 800  # states up to which powers of the transition matrix are formed


@measures("markov/spectral_lower", over=chains)
def spectral_lower(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Every eigenvalue (the largest only, where not all are known) against d(n); SLEM^K against kappa(A)."""
    spectrum = subject.spectrum
    distances, _ = curves(subject)
    K, slem, error = subject.K, float(spectrum.slem), max(float(spectrum.error), 1e-12)
    values: dict[str, Number | Measured] = {"K": K, "kappa": near(subject.kappa)}
    moduli = {slem}
    if spectrum.eigenvalues is not None:
        sizes = np.abs(spectrum.eigenvalues[1:])
        moduli |= {float(m) for m in sizes[[0, sizes.size // 2, -1]] if m <= slem}
    for n in times(subject):
        distance = floating(float(distances[n, K - 1]), absolute=ROUNDING)
        for modulus in sorted(moduli, reverse=True):
            size = Measured(max(0.0, modulus - error), min(1.0, modulus + error), "float64")
            yield Instance({**values, "n": n, "modulus": size}, distance, "distance", label=f"n = {n}")
    power = Measured(max(0.0, slem - error) ** K, min(1.0, slem + error) ** K, "float64")
    yield Instance({**values, "n": K, "modulus": slem}, power, "contraction", near(subject.kappa))
    if subject.is_dense and subject.n <= LARGEST_POWER:
        low, high = decay_rate(subject.transition.toarray(), subject.pi)
        rate = Measured(max(0.0, low - error), min(1.0, high + error), "float64")
        size = Measured(max(0.0, slem - error), min(1.0, slem + error), "float64")
        yield Instance({**values, "n": K, "modulus": slem}, rate, "rate", size)
