"""Similarity operators, measured on random encoded rows and fixture S1 (specification `categorical` 2.6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.geometry.head import Head
from numerics.similarity.dependence import chi_squared_information
from numerics.similarity.dirichlet import dirichlet_energy, laplacian_form
from numerics.similarity.kernels import POSITIVE, WITH_FEATURES, kernel_features, kernel_matrix
from numerics.similarity.operators import (
    compression_matrix,
    conditional_feature_variance,
    hilbert_schmidt_norm,
    induced_kernel,
    kernel_spectrum,
    operator_matrix,
    trace_gap,
)
from numerics.similarity.operators import (
    interlacing as interlace,
)
from numerics.spectral.alignment import cross_entropy, moment_matched_states
from verify.categorical.encoded_rows import WORK, binary, encoded, sharp
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.strategies.encoded_rows import EncodedRows

BETAS = (0.1, 1.0)
FloatArray = NDArray[np.float64]


def _number(value: float, scale: float = 1.0) -> Measured:
    return floating(value, absolute=WORK * max(1.0, scale), relative=WORK)


def _kernel(name: str, thing: EncodedRows, beta: float = 1.0) -> FloatArray:
    return kernel_matrix(name, thing.rows, thing.measure, beta, thing.unembedding)


@measures("categorical/dirichlet_laplacian", over=encoded)
def dirichlet_laplacian(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    functions = {"position": np.arange(len(thing.measure), dtype=np.float64), "feature": thing.features[:, 0]}
    for name in ("bhattacharyya", "prototype"):
        kernel = _kernel(name, thing)
        for label, function in functions.items():
            energy = float(dirichlet_energy(kernel, thing.measure, function))
            form = float(laplacian_form(kernel, thing.measure, function))
            scale = float(np.abs(kernel).max() * (function**2).max())
            yield Instance(
                {}, _number(energy, scale), 0, _number(form, scale), f"{name}, {label}", thing.witness, max(scale, 1.0)
            )


@measures("categorical/dirichlet_as_stated", over=binary)
def dirichlet_as_stated(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    """From h = 0 to the states of least log-loss of the head g = (0, 1)."""
    head = Head(np.array([[0.0], [1.0]]))
    states = moment_matched_states(head, thing.rows)
    start = np.zeros_like(states)
    losses = [cross_entropy(head, thing.rows, h, thing.measure) for h in (start, states)]
    if not losses[1] < losses[0]:
        raise NotApplicable("h = 0 is optimal already")
    kernel = _kernel("bhattacharyya", thing)
    before, after = (float(dirichlet_energy(kernel, thing.measure, h[:, 0])) for h in (start, states))
    yield Instance({}, _number(after), 0, _number(before), "from h = 0", {**thing.witness, "losses": losses}, 1.0)


@measures("categorical/operator_well_posed", over=encoded)
def operator_well_posed(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    for name in ("bhattacharyya", "linear", "chi_squared", "prototype"):
        kernel = _kernel(name, thing)
        induced = induced_kernel(kernel, thing.measure, thing.labels)
        size = float(np.abs(kernel).max())
        norm = hilbert_schmidt_norm(induced.kernel, induced.measure)
        yield Instance(
            {}, _number(norm**2, size**2), "norm", _number(size**2, size**2), name, thing.witness, max(size**2, 1.0)
        )
        last = len(induced.measure) - 1
        yield Instance(
            {},
            _number(float(induced.kernel[0, last]), size),
            "self-adjoint",
            _number(float(induced.kernel[last, 0]), size),
            name,
            thing.witness,
            max(size, 1.0),
        )


def _least(spectrum: FloatArray) -> Measured:
    """The least eigenvalue, known to 1e-10 of the largest; a zero one within that is noise, not a violation."""
    return floating(float(spectrum[-1]), absolute=1e-10 * max(float(np.abs(spectrum).max()), 1e-3))


@measures("categorical/operator_nonnegative_as_stated", over=sharp, examples=(120, 1200))
def operator_nonnegative_as_stated(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    for beta in (0.1, 0.3):
        spectrum = kernel_spectrum(_kernel("jeffreys_exponential", thing, beta), thing.measure)
        witness = {**thing.witness, "beta": beta, "spectrum": spectrum.tolist()}
        yield Instance({}, _least(spectrum), 0, floating(0.0, absolute=1e-300), f"beta = {beta}", witness, 1.0)


_LABELS = {
    "bhattacharyya": "bhattacharyya",
    "hellinger_exponential": "hellinger",
    "jensen_shannon_exponential": "jensen-shannon",
}


@measures("categorical/operator_psd", over=encoded, examples=(30, 300))
def operator_psd(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    for name in POSITIVE:
        for beta in BETAS if "exponential" in name else (1.0,):
            kernel = _kernel(name, thing, beta)
            induced = induced_kernel(kernel, thing.measure, thing.labels)
            for label, spectrum in (
                (_LABELS.get(name, "features"), kernel_spectrum(kernel, thing.measure)),
                ("induced", kernel_spectrum(induced.kernel, induced.measure)),
            ):
                # The sum of the negative eigenvalues is attained at 0 within rounding for a singular kernel.
                scale = float(np.abs(spectrum).max())
                if scale == 0:
                    continue
                relative = float(spectrum[-1]) / scale
                yield Instance(
                    {},
                    floating(relative, absolute=1e-10),
                    label,
                    floating(0.0, absolute=1e-300),
                    f"{name}, beta = {beta}, over the largest eigenvalue",
                    thing.witness,
                    1.0,
                )


@measures("categorical/operator_compression", over=encoded)
def operator_compression(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    isometry = compression_matrix(thing.measure, thing.labels)
    gram = isometry.T @ isometry
    for name in ("bhattacharyya", "chi_squared"):
        kernel = _kernel(name, thing)
        induced = induced_kernel(kernel, thing.measure, thing.labels)
        small = operator_matrix(induced.kernel, induced.measure)
        product = isometry.T @ operator_matrix(kernel, thing.measure) @ isometry
        for i, j in {(0, 0), (0, len(small) - 1)}:
            yield Instance(
                {},
                _number(float(product[i, j])),
                "compression",
                _number(float(small[i, j])),
                f"{name}, entry {i}, {j}",
                thing.witness,
                1.0,
            )
    yield Instance({}, _number(float(gram[0, 0])), "unit columns", _number(1.0), "first state", thing.witness, 1.0)
    if len(gram) > 1:
        zero = floating(0.0, absolute=1e-300)
        yield Instance({}, _number(float(gram[0, 1])), "orthogonal columns", zero, "states 0, 1", thing.witness, 1.0)


@measures("categorical/interlacing", over=encoded)
def interlacing(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    for name in ("bhattacharyya", "chi_squared", "jeffreys_exponential"):
        found = interlace(_kernel(name, thing), thing.measure, thing.labels)
        size, fewer = len(found.contexts), len(found.states)
        for i in range(fewer):
            value = _number(float(found.states[i]))
            above, below = float(found.contexts[i]), float(found.contexts[i + size - fewer])
            yield Instance({}, value, "above", _number(above), f"{name}, i = {i}", thing.witness, 1.0)
            yield Instance({}, value, "below", _number(below), f"{name}, i = {i}", thing.witness, 1.0)


@measures("categorical/operator_trace_gap", over=encoded)
def operator_trace_gap(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    for name in WITH_FEATURES:
        features = kernel_features(name, thing.rows, thing.measure, thing.unembedding)
        gap = trace_gap(_kernel(name, thing), thing.measure, thing.labels)
        spread = conditional_feature_variance(features, thing.measure, thing.labels)
        yield Instance({}, _number(gap, 10), 0, _number(spread, 10), name, thing.witness, 1.0)
    states, inverse = np.unique(thing.labels, return_inverse=True)
    law = np.asarray(np.bincount(inverse, weights=thing.measure), dtype=np.float64)
    rows = np.array([thing.measure[inverse == h] @ thing.rows[inverse == h] for h in range(len(states))]) / law[:, None]
    lost = chi_squared_information(thing.rows, thing.measure) - chi_squared_information(rows, law)
    chi = trace_gap(_kernel("chi_squared", thing), thing.measure, thing.labels)
    yield Instance({}, _number(chi, 10), 0, _number(lost, 10), "I_chi2(X; W) - I_chi2(H; W)", thing.witness, 1.0)
