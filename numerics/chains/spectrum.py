"""Spectrum, second largest eigenvalue modulus and spectral gap of the recurrent block (D12).

Window chains are far from normal: P^K may have rank far below T^K, and the eigenvalue 0 then sits in Jordan blocks of
size up to K that rounding smears to moduli about (1e-16)^(1/K).  A SLEM is therefore called certified only when a
first-order error bound (left and right eigenvectors) is small against both the SLEM and the gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy.linalg as linalg
import scipy.sparse.linalg as sparse_linalg
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray, as_stochastic
from numerics.chains.operator import dense, right_action
from numerics.chains.reduction import effective_order, with_window
from numerics.chains.stationary import stationary
from numerics.chains.structure import chain_structure
from numerics.chains.window_chain import WindowChain

ComplexArray = NDArray[np.complex128]

DENSE_SPECTRUM_LIMIT = 2048


@dataclass(frozen=True, eq=False)
class Spectrum:
    """`slem`: largest |lambda| over eigenvalues other than 1 (one eigenvalue 1 removed per recurrent class); `gap` = 1
    - slem.

    `eigenvalues`: all of them, by decreasing modulus (None for an iterative method; those of the reduced chain when
    `method` says so: the others are 0); `error`: first-order error bound on the SLEM; `certified`; `note` says why not.
    """

    slem: float
    gap: float
    eigenvalues: ComplexArray | None = field(repr=False)
    method: str
    error: float
    certified: bool
    note: str = ""


def spectrum(chain: WindowChain | FloatArray) -> Spectrum:
    """Spectrum of a window chain or of a plain stochastic matrix, by the method its size and structure allow.

    Dense eigenvalues up to 2048 states; a window whose oldest tokens do not matter is shortened first; above that
    ARPACK on the matrix-free operator with the constant functions removed, and if that does not converge, growth rates
    (never certified).
    """
    if isinstance(chain, WindowChain):
        order = effective_order(chain)
        if order < chain.K:
            reduced = spectrum(with_window(chain, order))
            note = f"the next token depends on the last {order} tokens only: non-zero spectrum of order {order}"
            joined = f"{note}; {reduced.note}" if reduced.note else note
            method = f"{reduced.method}, order {order}"
            return Spectrum(
                reduced.slem, reduced.gap, reduced.eigenvalues, method, reduced.error, reduced.certified, joined
            )
        if chain.n > DENSE_SPECTRUM_LIMIT:
            return _iterative(chain)
        values = _dense_spectrum(dense(chain), len(chain_structure(chain).recurrent))
        if chain.underflows:
            note = "some probabilities underflow to 0 in float64: eigenvalues of the rounded chain"
            return Spectrum(values.slem, values.gap, values.eigenvalues, values.method, np.inf, False, note)
        return values
    P = as_stochastic(chain)
    if P.shape[0] > DENSE_SPECTRUM_LIMIT:
        raise ValueError(f"the spectrum of {P.shape[0]} states was asked for, expected at most {DENSE_SPECTRUM_LIMIT}")
    return _dense_spectrum(P, len(chain_structure(P).recurrent))


def slem(chain: WindowChain | FloatArray) -> float:
    """Second largest eigenvalue modulus; see `spectrum` for whether it is certified."""
    return spectrum(chain).slem


def _dense_spectrum(P: FloatArray, classes: int) -> Spectrum:
    values = linalg.eigvals(P)
    order = np.argsort(np.abs(values - 1.0))
    rest = values[order[classes:]]
    values = values[np.argsort(-np.abs(values))]
    if rest.size == 0:
        return Spectrum(0.0, 1.0, values, "dense", 0.0, True, "every eigenvalue is 1" if classes > 1 else "")
    second = rest[np.argmax(np.abs(rest))]
    modulus = min(1.0, float(np.abs(second)))
    error = _eigenvalue_error(P, complex(second))
    if classes > 1:
        note = f"{classes} recurrent classes: the eigenvalue 1 has that multiplicity"
    elif error > 1e-6 * max(modulus, 1e-3) or error > 0.01 * (1.0 - modulus):
        note = f"ill-conditioned: the second eigenvalue is known to about {error:.1g} only"
    else:
        note = ""
    return Spectrum(modulus, 1.0 - modulus, values, "dense", error, note == "", note)


def _eigenvalue_error(P: FloatArray, value: complex) -> float:
    """First-order bound eps n ||P||_2 / |y^H x| from one step of inverse iteration on each side; inf for a defective
    eigenvalue."""
    n = P.shape[0]
    eps = float(np.finfo(np.float64).eps)
    # A shift of a few roundings keeps the factorisation regular and the eigenvector dominant.
    factors = linalg.lu_factor(P - (value + eps * n * (1.0 + 1.0j)) * np.eye(n), check_finite=False)
    right = left = np.cos(np.arange(n)) + 1.5 + 0.0j
    for _ in range(2):
        right = linalg.lu_solve(factors, right)
        right /= np.linalg.norm(right)
        left = linalg.lu_solve(factors, left, trans=2)
        left /= np.linalg.norm(left)
    overlap = abs(np.vdot(left, right))
    size = float(np.sqrt(np.abs(P).sum(axis=0).max() * np.abs(P).sum(axis=1).max()))
    return float(eps * np.sqrt(n) * size / overlap) if overlap > 0.0 else float("inf")


def _iterative(chain: WindowChain) -> Spectrum:
    structure = chain_structure(chain)
    if not structure.is_ergodic:
        classes = len(structure.recurrent)
        if classes == 1:
            return Spectrum(
                1.0, 0.0, None, "graph", 0.0, True, f"period {structure.periods[0]}: eigenvalues on the unit circle"
            )
        note = f"{classes} recurrent classes: the eigenvalue 1 has that multiplicity, the others were not computed"
        return Spectrum(float("nan"), float("nan"), None, "graph", float("inf"), False, note)
    pi = stationary(chain).pi
    n = chain.n

    def centred(f: FloatArray) -> FloatArray:
        g = right_action(chain, np.ravel(f))
        g -= float(pi @ g)
        return g

    start = np.random.default_rng(0).standard_normal(n)  # fixed, so that a run repeats; any generic start will do
    operator = sparse_linalg.LinearOperator((n, n), matvec=centred, dtype=np.float64)
    width = 20 if n <= 1 << 18 else 8
    try:
        found, vectors = sparse_linalg.eigs(
            operator,
            k=2 if width < 20 else 4,
            ncv=width,
            which="LM",
            v0=centred(start),
            tol=1e-8,
            maxiter=max(4, (1 << 22) // n),
        )
    except sparse_linalg.ArpackNoConvergence:
        return _growth(centred, start)
    top = int(np.argmax(np.abs(found)))
    f = vectors[:, top]
    image = centred(np.ascontiguousarray(f.real)) + 1j * centred(np.ascontiguousarray(f.imag))
    left_over = float(np.linalg.norm(image - found[top] * f) / np.linalg.norm(f))
    modulus = min(1.0, float(np.abs(found[top])))
    note = (
        f"ARPACK, residual {left_over:.1g}: an eigenvalue of this modulus exists, that none is larger is not certified"
    )
    return Spectrum(modulus, 1.0 - modulus, None, "arpack", left_over, False, note)


def _growth(centred: Callable[[FloatArray], FloatArray], start: FloatArray) -> Spectrum:
    """Growth rate of ||Q^n f|| over the second half of 64 steps, for a generic mean-zero f."""
    f = centred(start)
    logs = []
    for _ in range(64):
        size = float(np.linalg.norm(f))
        if size < 1e-280:
            return Spectrum(
                0.0, 1.0, None, "growth", float("inf"), False, "functions vanish: the chain is nearly nilpotent"
            )
        logs.append(np.log(size))
        f = centred(f)
    rate = float(np.exp((logs[-1] - logs[31]) / (len(logs) - 32)))
    note = "ARPACK did not converge; growth rate of a generic function over steps 32 to 64, an estimate"
    return Spectrum(min(1.0, rate), max(0.0, 1.0 - rate), None, "growth", float("inf"), False, note)
