"""Floors of a softmax, norms of logits and log-ratios, measured on random and extremal logits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.strategies.laws import probability_vectors
from verify.strategies.logits import logit_vectors

FloatArray = NDArray[np.float64]
RELATIVE = 1e-12  # of a softmax of at most a few dozen logits below 50 in absolute value
ROUNDING = 1e-13  # of an inner product of a few terms, relative to the norms
RADII = (0.0, 0.25, 1.0, 3.0, 12.0)


def log_softmax(x: FloatArray) -> FloatArray:
    """log softmax of logits (m,)."""
    shifted = x - x.max()
    return np.asarray(shifted - math.log(math.fsum(np.exp(shifted).tolist())))


def _vectors(claim: object) -> st.SearchStrategy[FloatArray]:
    radii = st.sampled_from(RADII)
    return st.one_of(radii.flatmap(lambda c: logit_vectors(l1=c)), radii.flatmap(lambda b: logit_vectors(sup=b)))


def _corners() -> tuple[FloatArray, ...]:
    """-c e_i, where the l1 floor is attained; -b e_i + b (the rest), where the sup-norm floor is; ties."""
    found: list[FloatArray] = []
    for m in (2, 3, 5):
        for radius in (0.5, 1.0, 4.0):
            down = np.zeros(m)
            down[0] = -radius
            found += [down, np.where(down < 0, -radius, radius)]
    return (*found, np.zeros(3))


logits = Space("logits", _vectors, lambda claim: _corners())


@measures("markov/softmax_floor_as_stated", over=logits)
def softmax_floor_as_stated(x: FloatArray, context: Context) -> Iterator[Instance]:
    yield _floor(x, {"c": float(np.abs(x).sum())})


@measures("markov/softmax_floor", over=logits)
def softmax_floor(x: FloatArray, context: Context) -> Iterator[Instance]:
    yield _floor(x, {"c": float(np.abs(x).sum())})


@measures("markov/softmax_floor_range", over=logits)
def softmax_floor_range(x: FloatArray, context: Context) -> Iterator[Instance]:
    low, high = int(np.argmin(x)), int(np.argmax(x))
    rho = float(x[high] - x[low])
    yield _floor(x, {"rho": rho}, "range")
    yield _floor(x, {"b": float(np.abs(x).max())}, "sup norm")
    losses = -log_softmax(x)
    spread = floating(float(losses.max() - losses.min()), absolute=1e-12 * (1 + rho))
    yield Instance({"m": x.size, "rho": rho, "i_low": low, "i_high": high}, spread, "log-loss")


def _floor(x: FloatArray, radius: dict[str, float], statement: int | str = 0) -> Instance:
    i = int(np.argmin(x))
    smallest = floating(math.exp(log_softmax(x)[i]), relative=RELATIVE)
    return Instance({"m": x.size, "i": i, **radius}, smallest, statement, witness={"x": x.tolist()})


# -- logits of a transformer ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Head:
    """Unembedding matrix (T, r), columns (r, n) in the unit ball, temperature."""

    unembedding: FloatArray
    columns: FloatArray
    tau: float


@st.composite
def heads(draw: st.DrawFn) -> Head:
    """Small heads with entries in eighths; columns scaled into the unit ball. Shrinks to zero."""
    T, r, n = draw(st.integers(2, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 4))

    def entries(rows: int, width: int) -> FloatArray:
        values = draw(st.lists(st.integers(-8, 8), min_size=rows * width, max_size=rows * width))
        return np.asarray(values, dtype=np.float64).reshape(rows, width) / 8

    columns = entries(r, n)
    columns = columns / np.maximum(np.linalg.norm(columns, axis=0), 1.0)
    return Head(entries(T, r), columns, draw(st.sampled_from((1.0, 0.25, 4.0))))


def _aligned(claim: object) -> tuple[Head, ...]:
    """All rows along one direction that every column has: all norms attained; opposite rows: D_U = 2 b_U."""
    same = Head(np.array([[1.0], [1.0], [1.0]]), np.ones((1, 2)), 0.5)
    opposite = Head(np.array([[1.0], [-1.0]]), np.ones((1, 3)), 2.0)
    return same, opposite


transformer_heads = Space("unembedding matrices and unit-ball columns", lambda claim: heads(), _aligned)


@measures("markov/logit_norms", over=transformer_heads)
def logit_norms(head: Head, context: Context) -> Iterator[Instance]:
    rows, n = head.unembedding, head.columns.shape[1]
    if not rows.any():
        raise NotApplicable("all rows are zero: every side is 0")
    z = (rows @ head.columns).sum(axis=1) / (n * head.tau)  # (T,)
    norms = np.linalg.norm(rows, axis=1)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    values = {
        "T": rows.shape[0],
        "tau": head.tau,
        "B_U": float(norms.sum()),
        "b_U": float(norms.max()),
        "D_U": float(distances.max()),
    }
    # Rounding of an inner product is proportional to the norms; differences of rows are exact in eighths.
    i, j = np.unravel_index(int(np.argmax(z[:, None] - z[None])), distances.shape)
    spread = float(((rows[i] - rows[j]) @ head.columns).sum() / (n * head.tau))
    yield Instance(values, floating(float(np.abs(z).sum()), absolute=ROUNDING * values["B_U"] / head.tau), "l1")
    yield Instance(values, floating(float(np.abs(z).max()), absolute=ROUNDING * values["b_U"] / head.tau), "sup norm")
    yield Instance(values, _of_scale(spread, float(distances[i, j]) / head.tau), "range")
    yield Instance(values, _of_scale(values["D_U"] / head.tau, values["D_U"] / head.tau), "range by rows")


def _of_scale(value: float, scale: float) -> Measured:
    """A float with rounding errors proportional to a scale; exactly 0 where the scale is."""
    return floating(value, absolute=ROUNDING * scale) if scale > 0 else exact(0)


# -- log-ratio of a true law and a model ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Prediction:
    """A true law (T,) and logits (T,) of a model with the constants that the paper's bound B is made of."""

    truth: FloatArray
    logits: FloatArray
    tau: float
    B_U: float

    @property
    def c_0(self) -> float:
        """Ambiguity constant of the true law."""
        return float(self.truth.min())

    @property
    def log_ratio_bound(self) -> float:
        """max{log T + 2 B_U/tau, log(1/c_0)} in nats (D16)."""
        return max(math.log(self.truth.size) + 2 * self.B_U / self.tau, -math.log(self.c_0))

    @property
    def log_ratios(self) -> FloatArray:
        """log(P*/P_Theta), (T,)."""
        return np.asarray(np.log(self.truth) - log_softmax(self.logits))


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    """Predictions with ||logits||_1 <= B_U/tau. Shrinks to two uniform laws."""
    truth = draw(probability_vectors())
    tau = draw(st.sampled_from((1.0, 0.5, 2.0)))
    B_U = draw(st.sampled_from((0.0, 0.5, 2.0, 8.0)))
    x = draw(logit_vectors(size=truth.size, l1=B_U / tau))
    return Prediction(truth, x, tau, max(B_U, tau * float(np.abs(x).sum())))


predictions_space = Space(
    "true laws and models",
    lambda claim: predictions(),
    lambda claim: (Prediction(np.full(2, 0.5), np.zeros(2), 1.0, 0.0),),
)


@measures("markov/log_ratio_as_stated", over=predictions_space)
def log_ratio_as_stated(thing: Prediction, context: Context) -> Iterator[Instance]:
    values = {"T": thing.truth.size, "tau": thing.tau, "B_U": thing.B_U, "c_0": thing.c_0}
    largest = float(np.abs(thing.log_ratios).max())
    yield Instance(values, floating(largest, absolute=1e-12, relative=1e-12), "log-ratio")
    yield Instance(values, floating(thing.log_ratio_bound, relative=1e-14, absolute=1e-15), "never small")
