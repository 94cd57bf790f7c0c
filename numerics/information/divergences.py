"""Divergences between laws on a finite set, from probabilities: rows at once, every edge case decided.

Main definitions
    kl, reverse_kl, jeffreys, total_variation, chi_square, squared_hellinger, jensen_shannon
    renyi             of every order in [0, ∞]
    f_divergence      for a `Generator`: f on (0, ∞), f(0) and the limit of f(t)/t
    Divergence        a named divergence: callable on rows, with its Rényi order or its generator, and its range
    TEN               the ten divergences of the body, in the order of the specification
    named             a divergence by its name, "renyi 3/2" and the like included

Conventions: p and q have shape (..., V) and broadcast; results have shape (...). Nats. 0 log 0 = 0 and 0 f(0/0) = 0.
KL, χ² and Rényi α > 1 are ∞ if p > 0 = q somewhere; Rényi 0 < α < 1 is ∞ for disjoint supports only.
ValueError for rows that are no laws; the message names the row.

Accuracy: sums of terms that are ≥ 0 where that is possible, so that laws that are close do not cancel; Rényi by expm1
and log1p of (α-1) log(p/q), so that orders near 1 do not either.

Source: specification `categorical`, D7 and 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, rel_entr

from numerics.kernels.kernel import check_rows

FloatArray: TypeAlias = NDArray[np.float64]
LOG2 = math.log(2)


def laws(p: ArrayLike, q: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both arguments as float64 rows; ValueError for a row that is no law, or lengths that differ."""
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if first.ndim == 0 or second.ndim == 0 or first.shape[-1] != second.shape[-1]:
        raise ValueError(f"laws of shapes {first.shape} and {second.shape} do not live on one set")
    check_rows(first, "the first law")
    check_rows(second, "the second law")
    return first, second


def kl(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """KL(p‖q) = Σ p log(p/q)."""
    return kl_unchecked(*laws(p, q))


def kl_unchecked(p: FloatArray, q: FloatArray) -> FloatArray:
    """KL(p‖q) of arrays that are known to be laws along the last axis."""
    return np.asarray(_relative(p, q).sum(axis=-1))


def _relative(p: FloatArray, q: FloatArray) -> FloatArray:
    """p log(p/q) - p + q ≥ 0, by log1p of (p-q)/q so that close laws do not cancel; the rest sums to 0 for laws."""
    difference = p - q
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        found = p * np.log1p(difference / q) - difference
    found = np.where(p == 0, q, found)
    odd = ~np.isfinite(found)  # q = 0 < p, or a ratio beyond float64
    if odd.any():
        found = np.where(odd, rel_entr(p, q) - difference, found)
    return np.asarray(found)


def reverse_kl(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """KL(q‖p)."""
    return kl(q, p)


def jeffreys(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """KL(p‖q) + KL(q‖p)."""
    p, q = laws(p, q)
    return kl_unchecked(p, q) + kl_unchecked(q, p)


def total_variation(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """½ Σ |p - q|, in [0, 1]."""
    p, q = laws(p, q)
    return np.asarray(np.minimum(0.5 * np.abs(p - q).sum(axis=-1), 1.0))


def chi_square(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """Σ (p - q)²/q."""
    p, q = laws(p, q)
    with np.errstate(over="ignore"):
        terms = np.where(q > 0, (p - q) ** 2 / np.where(q > 0, q, 1.0), np.where(p > 0, np.inf, 0.0))
    return np.asarray(terms.sum(axis=-1))


def squared_hellinger(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """Σ (√p - √q)² = 2(1 - BC), in [0, 2]."""
    p, q = laws(p, q)
    roots = np.sqrt(p) + np.sqrt(q)
    difference = (p - q) / np.where(roots > 0, roots, 1.0)
    return np.asarray(np.minimum((difference**2).sum(axis=-1), 2.0))


def bhattacharyya(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """BC = Σ √(pq), in [0, 1]."""
    p, q = laws(p, q)
    return np.asarray(np.minimum((np.sqrt(p) * np.sqrt(q)).sum(axis=-1), 1.0))


def jensen_shannon(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """½ KL(p‖m) + ½ KL(q‖m), m = (p+q)/2, in [0, log 2]."""
    p, q = laws(p, q)
    middle = 0.5 * (p + q)
    return np.asarray(np.minimum(0.5 * (kl_unchecked(p, middle) + kl_unchecked(q, middle)), LOG2))


def renyi(p: ArrayLike, q: ArrayLike, order: float) -> FloatArray:
    """D_α(p‖q) = log Σ p^α q^{1-α} / (α-1), order α in [0, ∞]. ValueError for another order."""
    p, q = laws(p, q)
    alpha = check_order(order)
    if alpha == 1:
        return kl_unchecked(p, q)
    if alpha == 0:
        missed = np.where(p > 0, 0.0, q).sum(axis=-1)
        shared = ((p > 0) & (q > 0)).any(axis=-1)
        with np.errstate(divide="ignore"):
            return np.asarray(np.where(shared, -np.log1p(-np.minimum(missed, 1.0)), np.inf)) + 0.0
    both = (p > 0) & (q > 0)
    outside = ((p > 0) & ~(q > 0)).any(axis=-1)
    with np.errstate(divide="ignore"):
        ratios = np.where(both, np.log(np.where(both, p, 1.0)) - np.log(np.where(both, q, 1.0)), 0.0)
    if alpha == math.inf:
        largest = np.where(both, ratios, -np.inf).max(axis=-1)
        return np.asarray(np.where(outside, np.inf, largest))
    lost = np.where(q > 0, 0.0, p).sum(axis=-1)
    log_p = np.where(both, np.log(np.where(both, p, 1.0)), -np.inf)
    found = log_mean(log_p, ratios, lost, alpha - 1)
    disjoint = ~both.any(axis=-1)
    infinite = disjoint | outside if alpha > 1 else disjoint
    return np.asarray(np.where(infinite, np.inf, found))


def log_mean(log_p: FloatArray, ratios: FloatArray, lost: FloatArray, step: float) -> FloatArray:
    """log Σ e^{log_p + step·ratio} / step ≥ 0, where Σ e^log_p = 1 - lost.

    By log1p of a sum of expm1, which is exact to rounding for close laws and for step near 0; by logsumexp where that
    sum overflows or most of the mass is lost. Rounding below 0 is cut off.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        terms = np.where(np.isneginf(log_p), 0.0, np.exp(log_p) * np.expm1(step * ratios))
        excess = terms.sum(axis=-1) - lost
        near = np.isfinite(excess) & (excess > -0.5)
        found = np.log1p(np.where(near, excess, 0.0))
        if not near.all():
            far = logsumexp(np.where(np.isneginf(log_p), -np.inf, log_p + step * ratios), axis=-1)
            found = np.where(near, found, far)
        return np.asarray(np.maximum(found / step, 0.0))


def check_order(order: float) -> float:
    """The order as a float. ValueError outside [0, ∞]."""
    alpha = float(order)
    if not alpha >= 0:
        raise ValueError(f"the Rényi order is {order}, expected a number in [0, ∞]")
    return alpha


@dataclass(frozen=True)
class Generator:
    """A convex f with f(1) = 0: its values on (0, ∞), f(0), and slope = lim f(t)/t as t grows (each may be ∞)."""

    name: str
    function: Callable[[FloatArray], FloatArray]
    at_zero: float
    slope: float


def f_divergence(p: ArrayLike, q: ArrayLike, generator: Generator) -> FloatArray:
    """Σ q f(p/q); a term with q = 0 < p is p · slope, one with p = 0 < q is q f(0)."""
    p, q = laws(p, q)
    both = (p > 0) & (q > 0)
    with np.errstate(over="ignore"):
        ratio = np.where(both, p, 1.0) / np.where(both, q, 1.0)
        inner = np.where(both, q * generator.function(ratio), 0.0)
    return np.asarray(
        (
            inner
            + _times(np.where(q > 0, 0.0, p), generator.slope)
            + _times(np.where(p > 0, 0.0, q), generator.at_zero)
        ).sum(axis=-1)
    )


def _times(mass: FloatArray, value: float) -> FloatArray:
    """mass · value with 0 · ∞ = 0."""
    if math.isinf(value):
        return np.where(mass > 0, value, 0.0)
    return mass * value


def _js(t: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (t * np.log(t) - (t + 1) * np.log((t + 1) / 2)))


GENERATORS: dict[str, Generator] = {
    g.name: g
    for g in (
        Generator("KL", lambda t: np.asarray(t * np.log(t)), 0.0, math.inf),
        Generator("TV", lambda t: np.asarray(0.5 * np.abs(t - 1)), 0.5, 0.5),
        Generator("chi2", lambda t: np.asarray((t - 1) ** 2), 1.0, math.inf),
        Generator("Hel2", lambda t: np.asarray((np.sqrt(t) - 1) ** 2), 1.0, 1.0),
        Generator("JS", _js, LOG2 / 2, LOG2 / 2),
        Generator("reverse KL", lambda t: np.asarray(-np.log(t)), math.inf, 0.0),
        Generator("Jeffreys", lambda t: np.asarray((t - 1) * np.log(t)), math.inf, math.inf),
    )
}


@dataclass(frozen=True)
class Divergence:
    """A divergence by name; call it on rows (..., V).

    Attributes
        name       "KL", "TV", "renyi 1/2", "chi2", "Hel2", "JS", "reverse KL", "Jeffreys"
        order      the Rényi order; None for a divergence that is none (KL is both: order 1, and an f-divergence)
        generator  f, where it is an f-divergence
        top        the least upper bound over all pairs of laws, ∞ where there is none
        enriches   whether D(f ≫ g) ≤ D(f) + D(g) for all kernels (claim categorical/enrichment)
        tensors    whether D(f ⊗ h) ≤ D(f) + D(h)
        bounded_psi  whether Ψ_D is bounded and continuous on the simplex of V tokens
    """

    name: str
    function: Callable[[FloatArray, FloatArray], FloatArray]
    order: float | None = None
    generator: Generator | None = None
    top: float = math.inf
    enriches: bool = True
    tensors: bool = True
    bounded_psi: bool = True

    def __call__(self, p: ArrayLike, q: ArrayLike) -> FloatArray:
        """D(p‖q) of rows (..., V), shape (...)."""
        return self.function(np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64))

    def __repr__(self) -> str:
        return f"Divergence({self.name!r})"


def renyi_divergence(order: float | Fraction) -> Divergence:
    """The Rényi divergence of one order; order 1 is KL. ValueError for an order outside [0, ∞]."""
    alpha = check_order(float(order))
    if order == 1:
        return KL
    text = "inf"
    if not math.isinf(alpha):
        # the name tells the order exactly: 0.3 is called 3/10 and not by its binary digits
        short = Fraction(order).limit_denominator(10**6)
        text = str(short if isinstance(order, float) and float(short) == order else Fraction(order))
    return Divergence(f"renyi {text}", lambda p, q: renyi(p, q, alpha), order=alpha, bounded_psi=alpha < 2)


KL = Divergence("KL", kl, order=1.0, generator=GENERATORS["KL"])
TV = Divergence("TV", total_variation, generator=GENERATORS["TV"], top=1.0)
CHI_SQUARE = Divergence(
    "chi2", chi_square, generator=GENERATORS["chi2"], enriches=False, tensors=False, bounded_psi=False
)
SQUARED_HELLINGER = Divergence("Hel2", squared_hellinger, generator=GENERATORS["Hel2"], top=2.0)
JENSEN_SHANNON = Divergence("JS", jensen_shannon, generator=GENERATORS["JS"], top=LOG2, enriches=False)
REVERSE_KL = Divergence("reverse KL", reverse_kl, generator=GENERATORS["reverse KL"], bounded_psi=False)
JEFFREYS = Divergence("Jeffreys", jeffreys, generator=GENERATORS["Jeffreys"], bounded_psi=False)

TEN: tuple[Divergence, ...] = (
    KL,
    TV,
    renyi_divergence(0),
    renyi_divergence(Fraction(1, 2)),
    renyi_divergence(Fraction(3, 2)),
    renyi_divergence(2),
    renyi_divergence(math.inf),
    CHI_SQUARE,
    SQUARED_HELLINGER,
    JENSEN_SHANNON,
)
_NAMED: dict[str, Divergence] = {d.name.lower(): d for d in (*TEN, REVERSE_KL, JEFFREYS)}


def named(name: str) -> Divergence:
    """A divergence by its name; "renyi A" for any order A in [0, ∞] ("3/2", "0.999", "inf").

    ValueError for an unknown name (the message lists the names) or an order outside its range.
    """
    wanted: Any = " ".join(name.lower().split())
    if wanted in _NAMED:
        return _NAMED[wanted]
    head, _, order = wanted.partition(" ")
    if head in ("renyi", "rényi") and order:
        try:
            return renyi_divergence(math.inf if order in ("inf", "oo", "∞") else Fraction(order))
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"{name!r}: the Rényi order is {order}, expected a number in [0, ∞]") from error
    raise ValueError(f"no divergence is called {name!r}; there are {', '.join(d.name for d in _NAMED.values())}")
