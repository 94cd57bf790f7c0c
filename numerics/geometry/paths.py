"""Straight segments between two states, and the divergences that are integrals of the metric along them.

Along h_t = h + t (h' - h) the logits are affine in t, so the metric on the velocity is a variance of one vector:
g*(h_t)(v, v) = Var_{p_t}(y) with y = W v. Main definitions

    Segment, segment                 logits at the start and their slope y
    speeds                           g*(h_t)(v, v) at given times
    Quadrature                       a value, the last change, and the number of nodes
    jeffreys_by_quadrature, jeffreys_by_rows, jeffreys_by_means      three roads to KL(p||q) + KL(q||p)
    forward_kl_by_*, reverse_kl_by_* by quadrature, from the rows, as a Bregman divergence of A
    path_length                      integral of sqrt(g*)
    fisher_rao_distance              2 arccos BC, below the length of every curve
    SeparationChain, separation_chain   every member of the chain from J down to 4 TV^2

Conventions: forward KL is KL(p_h || p_h'), reverse KL(p_h' || p_h); nats. Quadrature is 40-node Gauss-Legendre on
equal panels, doubled until the value changes by less than the tolerance (relative to values above 1).
Source: specification `categorical`, D20; claims kl_path, jeffreys_path, separation_chain; 4.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from numerics.geometry.head import FloatArray, Head, images, log_sum_exp, logits, mean_row
from numerics.information.log_divergences import jeffreys, kl, squared_hellinger, total_variation

NODES = 40
MOST_DOUBLINGS = 10
PANEL_OSCILLATION = 64.0
CHUNK_ENTRIES = 2**21  # entries (times x tokens) held at once: 16 MiB


@dataclass(frozen=True, eq=False)
class Segment:
    """Logits a (V,) at the start and their slope y (V,): the logits at time t are a + t y."""

    start: FloatArray
    slope: FloatArray

    @property
    def oscillation(self) -> float:
        """osc(h, h') = max y - min y, logit units."""
        return float(np.ptp(self.slope))


@dataclass(frozen=True)
class Quadrature:
    """A value of an integral, how much it changed in the last doubling, and the nodes of the last rule.

    `converged` is False where the panels ran out before the change fell below the tolerance.
    """

    value: float
    change: float
    nodes: int
    converged: bool


@dataclass(frozen=True)
class SeparationChain:
    """J >= length^2 >= d_FR^2 >= 8 (1 - BC) >= 4 (1 - BC^2) >= 4 TV^2, and J >= 4 TV artanh TV (nats)."""

    jeffreys: float
    squared_length: float
    squared_fisher_rao: float
    four_squared_hellinger: float
    four_one_minus_squared_affinity: float
    four_squared_total_variation: float
    total_variation_artanh: float

    @property
    def members(self) -> tuple[float, ...]:
        """The six members of the chain in decreasing order; the artanh branch is not among them."""
        return (
            self.jeffreys,
            self.squared_length,
            self.squared_fisher_rao,
            self.four_squared_hellinger,
            self.four_one_minus_squared_affinity,
            self.four_squared_total_variation,
        )


def segment(head: Head, first: FloatArray, second: FloatArray) -> Segment:
    """The segment from state h (d,) to state h' (d,)."""
    return Segment(logits(head, first), images(head, second - first))


def log_row_at(path: Segment, time: float) -> FloatArray:
    """log p_{h_t} (V,)."""
    values = path.start + time * path.slope
    return np.asarray(values - log_sum_exp(values))


def speeds(path: Segment, times: FloatArray) -> FloatArray:
    """g*(h_t)(v, v) = Var_{p_t}(y) at times (n,): (n,)."""
    out = np.empty(len(times))
    step = max(1, CHUNK_ENTRIES // len(path.slope))
    for first in range(0, len(times), step):
        values = path.start + times[first : first + step, None] * path.slope  # (step, V)
        weights = np.exp(values - values.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        centred = path.slope - (weights @ path.slope)[:, None]
        out[first : first + step] = (weights * centred**2).sum(axis=1)
    return out


def integrate(
    integrand: Callable[[FloatArray], FloatArray],
    tolerance: float = 1e-8,
    panels: int = 1,
    most_doublings: int = MOST_DOUBLINGS,
) -> Quadrature:
    """Integral over [0, 1] of a vectorised function of times by a 40-node rule on `panels` panels, doubled until it
    settles."""
    nodes, weights = _panel_rule(panels)
    value, change, settled = float(weights @ integrand(nodes)), float("inf"), False
    for _ in range(most_doublings):
        panels *= 2
        nodes, weights = _panel_rule(panels)
        finer = float(weights @ integrand(nodes))
        value, change = finer, abs(finer - value)
        settled = change <= tolerance * max(1.0, abs(value))
        if settled:
            break
    return Quadrature(value, change, len(nodes), settled)


def jeffreys_by_quadrature(path: Segment, tolerance: float = 1e-8) -> Quadrature:
    """Integral of g*(h_t)(v, v)."""
    return integrate(lambda times: speeds(path, times), tolerance, _first_panels(path))


def jeffreys_by_rows(path: Segment) -> float:
    """Sum_w (p - q)(log p - log q) from the log-probabilities at the two ends."""
    return float(jeffreys(*_ends(path)))


def jeffreys_by_means(head: Head, first: FloatArray, second: FloatArray) -> float:
    """<gbar(h') - gbar(h), h' - h> for two states (d,), O(V d)."""
    return float((mean_row(head, second) - mean_row(head, first)) @ (second - first))


def forward_kl_by_quadrature(path: Segment, tolerance: float = 1e-8) -> Quadrature:
    """KL(p_h || p_h') as the integral of (1 - t) g*(h_t)(v, v)."""
    return integrate(lambda times: (1 - times) * speeds(path, times), tolerance, _first_panels(path))


def reverse_kl_by_quadrature(path: Segment, tolerance: float = 1e-8) -> Quadrature:
    """KL(p_h' || p_h) as the integral of t g*(h_t)(v, v)."""
    return integrate(lambda times: times * speeds(path, times), tolerance, _first_panels(path))


def forward_kl_by_rows(path: Segment) -> float:
    """KL(p_h || p_h') from log-probabilities."""
    return float(kl(*_ends(path)))


def reverse_kl_by_rows(path: Segment) -> float:
    """KL(p_h' || p_h) from log-probabilities."""
    first, second = _ends(path)
    return float(kl(second, first))


def forward_kl_by_partition(path: Segment) -> float:
    """A(h') - A(h) - <grad A(h), v>: the Bregman divergence of the log-partition."""
    gain = log_sum_exp(path.start + path.slope) - log_sum_exp(path.start)
    return float(gain - np.exp(log_row_at(path, 0.0)) @ path.slope)


def reverse_kl_by_partition(path: Segment) -> float:
    """A(h) - A(h') + <grad A(h'), v>."""
    gain = log_sum_exp(path.start + path.slope) - log_sum_exp(path.start)
    return float(np.exp(log_row_at(path, 1.0)) @ path.slope - gain)


def path_length(path: Segment, tolerance: float = 1e-8) -> Quadrature:
    """Length of the segment in the pullback metric, the integral of sqrt(g*(h_t)(v, v))."""
    return integrate(lambda times: np.sqrt(speeds(path, times)), tolerance, _first_panels(path))


def fisher_rao_distance(path: Segment) -> float:
    """2 arccos BC of the rows at the two ends: a lower bound of `path_length`.

    Computed as 4 arcsin(d_H / 2), the same number, which keeps its digits for rows that are close.
    """
    return 4 * float(np.arcsin(np.sqrt(squared_hellinger(*_ends(path))) / 2))


def separation_chain(path: Segment, tolerance: float = 1e-8) -> SeparationChain:
    """All members for one segment.

    Raises ArithmeticError when the length does not converge within the panels allowed.
    """
    length = path_length(path, tolerance)
    if not length.converged:
        raise ArithmeticError(
            f"the length still changes by {length.change:.3g} at {length.nodes} nodes, expected at most {tolerance}"
        )
    variation = float(total_variation(*_ends(path)))
    gap = float(squared_hellinger(*_ends(path))) / 2  # 1 - BC, which keeps its digits for close rows
    return SeparationChain(
        jeffreys=jeffreys_by_rows(path),
        squared_length=length.value**2,
        squared_fisher_rao=fisher_rao_distance(path) ** 2,
        four_squared_hellinger=8 * gap,
        four_one_minus_squared_affinity=4 * gap * (2 - gap),
        four_squared_total_variation=4 * variation**2,
        total_variation_artanh=4 * variation * float(np.arctanh(min(variation, 1 - 2**-53))),
    )


def _ends(path: Segment) -> tuple[FloatArray, FloatArray]:
    """log p_h and log p_h'."""
    return log_row_at(path, 0.0), log_row_at(path, 1.0)


def _first_panels(path: Segment) -> int:
    """Panels across each of which log g* changes by at most 64: it changes at most at the rate osc (self-concordance),
    so that 40 nodes a panel cannot step over a peak and call two zeros agreement."""
    panels = 1
    while path.oscillation > PANEL_OSCILLATION * panels:
        panels *= 2
    return panels


@cache
def _panel_rule(panels: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on [0, 1] of the 40-node rule repeated on equal panels."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    within = (nodes + 1) / 2
    starts = np.arange(panels)[:, None]
    return ((starts + within) / panels).ravel(), np.tile(weights / (2 * panels), panels)
