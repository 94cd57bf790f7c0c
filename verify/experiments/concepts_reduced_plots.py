"""One picture of the reduced dynamics: network and map, phase portrait, escape, sliding, saturation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.concepts.early import critical_start_at, escape_units, solution
from numerics.concepts.grid import Grid, run_flow
from verify.experiments.concepts_reduced import FOLLOWED
from verify.experiments.concepts_reduced_limits import STANDARD
from verify.report.plots import COLOURS, STYLE

if TYPE_CHECKING:
    from verify.experiments.concepts_reduced import Course, Separatrix
    from verify.experiments.concepts_reduced_limits import Escape, Saturated, Sliding

BLUE, ORANGE, GREEN, PINK = COLOURS[:4]
BOUND: Any = (0, (5, 2))
LEAST = 1e-17


def draw_reduced(
    path: Path,
    courses: Sequence[Course],
    border: Separatrix,
    left: Sequence[Escape],
    sliding: Sliding,
    saturated: Sequence[Saturated],
) -> Path:
    """Six panels into one PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9, "lines.linewidth": 1.5}):
        figure, axes = pyplot.subplots(2, 3, figsize=(14, 8.2), layout="constrained")
        _course(axes[0, 0], courses[0])
        _differences(axes[0, 1], courses)
        _portrait(axes[0, 2], border)
        _escapes(axes[1, 0], left)
        _sliding(axes[1, 1], sliding)
        _saturation(axes[1, 2], saturated)
        for place in axes.flat:
            place.title.set_fontsize(10)
        figure.suptitle("Reduced dynamics of a concept", fontsize=12)
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _course(place: Any, course: Course) -> None:
    t = np.arange(len(course.map))
    few = slice(None, None, max(1, len(t) // 24))
    for i, (name, colour) in enumerate((("β", BLUE), ("p", ORANGE), ("q", GREEN))):
        place.plot(t, course.map[:, i], color=colour, label=f"{name}, map")
        place.plot(t[few], course.network[few, i, 0], "o", color="black", markersize=3)
    place.plot([], [], "o", color="black", markersize=3, label="network")
    place.set_xlabel("step t")
    place.legend(fontsize=8)
    place.set_title("standard set: network on its population, and map")


def _differences(place: Any, courses: Sequence[Course]) -> None:
    for course, colour in zip(courses, (BLUE, ORANGE, GREEN), strict=True):
        K_1, K_2, d, L, m = course.shape
        label = f"K₁ = {K_1}, K₂ = {K_2}, d = {d}, L = {L}, m = {m}"
        found = course.differences
        place.plot(np.arange(len(found)), np.maximum(found, LEAST), color=colour, linewidth=1, label=label)
    place.axhline(FOLLOWED, color="black", linestyle=BOUND, label="allowed")
    place.set_yscale("log")
    place.set_ylim(LEAST, 1e-6)
    place.set_xlabel("step t")
    place.set_ylabel("largest difference in β, p, q")
    place.legend(fontsize=8, loc="upper right")
    place.set_title("network against map at three sizes")


def _portrait(place: Any, border: Separatrix) -> None:
    """In the units of the early phase, P = p pi N_b/(2 lambda) and W^2 = beta over its value at W = 1."""
    grid = Grid(
        np.array(0.001), *(np.array(v) for v in (STANDARD.pi, STANDARD.kappa_d, STANDARD.kappa_c, STANDARD.n_b))
    )
    unit_p, unit_w = 2 * grid.lam / (grid.pi * grid.n_b), 1 / grid.start_in_units(1.0)
    starts = [(0.0, W) for W in (0.5, 1.0, 1.4, 1.54, 1.6, 1.8, 2.2)] + [
        (-0.8, 1.9),
        (-0.8, 2.4),
        (1.6, 0.5),
        (1.6, 0.9),
    ]
    for P_0, W_0 in starts:
        state = grid.start(W_0 * unit_w, STANDARD.q_0, P_0 * unit_p)
        points = [state]
        for _ in range(120):
            state = run_flow(grid, state, 0.04, 0.02)
            points.append(state)
        found = np.stack(points)
        P, W = found[:, 0] / unit_p, found[:, 2] / unit_w
        colour = BLUE if critical_start_at(P_0) < W_0 else "grey"
        place.plot(P, W**2, color=colour, linewidth=1)
        place.plot(P[:1], W[:1] ** 2, "o", color=colour, markersize=3)
        until = min(0.9 * escape_units(W_0, P_0), 3.0)
        exact = np.array([solution(W_0, s, P_0) for s in np.linspace(0, until, 7)[1:]])
        place.plot(exact[:, 0], exact[:, 1] ** 2, "x", color="black", markersize=3.5)
    line = np.linspace(-1, 2.4, 120)
    place.plot(line, [critical_start_at(P) ** 2 for P in line], color=ORANGE, linewidth=2, label="separatrix, formula")
    place.plot(border.P_0, border.found[-1] ** 2, "s", color=ORANGE, markersize=4, label="by bisection on the flow")
    place.plot([1], [1], "*", color="black", markersize=10, label="saddle")
    place.plot([], [], color=BLUE, label="learned")
    place.plot([], [], color="grey", label="forgotten")
    place.plot([], [], "x", color="black", markersize=4, label="closed form")
    place.set_xlim(-1.05, 2.4)
    place.set_ylim(0, 6)
    place.set_xlabel("p in units of the saddle")
    place.set_ylabel("β in units of the saddle")
    place.legend(fontsize=8, loc="upper right", frameon=True, facecolor="white", framealpha=1, edgecolor="none")
    place.set_title("early phase, λ = 0.001: which starts are learned")


def _escapes(place: Any, left: Sequence[Escape]) -> None:
    for lam, colour in ((0.005, BLUE), (0.02, ORANGE)):
        chosen = [entry for entry in left if entry.lam == lam]
        critical = np.pi * lam * np.sqrt(1 / STANDARD.kappa_d) / STANDARD.n_b
        scales = np.geomspace(1.01 * critical, 20 * critical, 200)
        place.plot(scales, -np.log1p(-critical / scales) / lam, color=colour, label=f"formula, λ = {lam:g}")
        x, y = [entry.sigma_0 for entry in chosen], [entry.flow for entry in chosen]
        place.plot(x, y, "o", color=colour, label=f"flow, λ = {lam:g}")
        place.axvline(critical, color=colour, linestyle=":", linewidth=1)
    place.set_xscale("log")
    place.set_yscale("log")
    place.set_xlabel("initial scale σ₀ (dotted: threshold)")
    place.set_ylabel("effective time until β = 1")
    place.legend(fontsize=8)
    place.set_title("time to leave the early phase, one concept")


def _sliding(place: Any, sliding: Sliding) -> None:
    beta, p, q = sliding.course.T
    place.plot(sliding.times, np.tanh(beta) * p, color=ORANGE, label="θp")
    place.plot(sliding.times, q, color=GREEN, label="q")
    place.plot(sliding.times, beta, color=BLUE, label="β")
    for value, colour in zip(sliding.limit, (BLUE, ORANGE, GREEN), strict=True):
        place.axhline(value, color=colour, linestyle=BOUND, linewidth=1)
    place.axhline(sliding.both_active, color="grey", linestyle=":", linewidth=1.2, label="β if both-active for ever")
    place.plot([], [], color="black", linestyle=BOUND, linewidth=1, label="limit of the sliding phase")
    place.set_xscale("symlog", linthresh=10)
    place.set_xlim(0, sliding.times[-1])
    place.set_ylim(0, 3.4)
    place.set_xlabel("step t")
    place.legend(fontsize=8, loc="lower right")
    place.set_title("training ends on the surface θp = q")


def _saturation(place: Any, saturated: Sequence[Saturated]) -> None:
    learned = [entry for entry in saturated if entry.beta > 0]
    none = [entry for entry in saturated if entry.beta == 0]
    lam = [entry.lam for entry in learned]
    place.plot(
        lam, [entry.leading for entry in learned], color=ORANGE, linestyle=BOUND, label="κ_d/(4 N_b p²), Lambert's p"
    )
    place.plot(lam, [entry.missing for entry in learned], "o", color="black", markersize=4, label="1 − σ_corr")
    place.plot([e.lam for e in none], [e.missing for e in none], "x", color="black", label="no concept is learned")
    place.set_xscale("log")
    place.set_yscale("log")
    place.invert_xaxis()
    place.set_xlabel("weight decay λ (falls to the right)")
    place.set_ylabel("missing attention")
    place.legend(fontsize=8)
    place.set_title("attention tends to 1 only as λ → 0, and slowly")
