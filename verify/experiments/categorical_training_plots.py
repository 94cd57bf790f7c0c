"""One figure of a training course: nine plots, each titled with the claim it pictures, all but one over the steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.report.plots import COLOURS, STYLE

if TYPE_CHECKING:
    from verify.experiments.categorical_training import Course

BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, GREY = COLOURS
BOUND: Any = (0, (5, 2))  # every bound is dashed, what was measured is drawn through
LEAST = 1e-8  # of logarithmic axes: differences below are rounding noise of sums of size one


def draw_course(path: Path, course: Course) -> Path:
    """Draw all plots of a course into one PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    source, settings = course.recipe.source, course.recipe.settings
    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9, "lines.linewidth": 1.5}):
        figure, grid = pyplot.subplots(3, 3, figsize=(13.5, 11), layout="constrained")
        for place, (cell, draw) in enumerate(zip(grid.flat, PLOTS, strict=True)):
            draw(cell, course)
            cell.title.set_fontsize(9.5)
            if draw is not _rotations:
                _over_steps(cell, settings.steps, labelled=place >= 6 or PLOTS[place + 3] is _rotations)
            cell.legend(fontsize=7.5, loc="best")
        figure.suptitle(
            f"Transformer of width {settings.width} trained on {source.name}: {source.contexts} contexts, "
            f"{source.V} tokens, exact loss (nats)",
            fontsize=12,
        )
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _over_steps(cell: Any, steps: int, *, labelled: bool) -> None:
    """Step 0 is shown and the early ones are spread, as the checkpoints are: the axis is of square roots."""
    cell.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    cell.set_xlim(0, steps)
    cell.set_xticks([0, *(round(steps * share) for share in (1 / 16, 1 / 4, 9 / 16, 1))])
    if labelled:
        cell.set_xlabel("optimiser step")


def _split(cell: Any, course: Course) -> None:
    s, t = course.series, course.steps
    parts = [s["quantised noise"], s["representation"], s["misfit"]]
    cell.stackplot(
        t, *parts, colors=[GREY, SKY, ORANGE], alpha=0.55,
        labels=["noise H(W|X)", "representation I(X;W|H)", "misfit of the head"],
    )  # fmt: skip
    cell.plot(t, s["quantised L_CE"], color="black", label=f"loss with {course.recipe.cells} cells H")
    cell.plot(t, s["L_CE"], color=BLUE, label="loss of the network")
    top = float(max(s["quantised L_CE"].max(), s["L_CE"].max()))
    cell.set_ylim(course.noise - 0.25 * (top - course.noise), top + 0.05 * (top - course.noise))
    cell.set_ylabel("nats")
    cell.set_title("categorical/cross_entropy_three_way")


def _gap(cell: Any, course: Course) -> None:
    s, t, trivial = course.series, course.steps, math.log(course.recipe.source.V)
    _log(cell, t, s["gap KL"], color="black", label="|model entropy − H(W|X)|")
    _log(cell, t, s["entropy bound by tau"], color=BLUE, linestyle=BOUND, label="φ_V(τ)")
    _log(cell, t, s["entropy bound by L_KL"], color=ORANGE, linestyle=BOUND, label="φ_V(√(L_KL/2))")
    cell.set_yscale("log")
    low = max(LEAST, 0.5 * float(s["gap KL"][s["gap KL"] > 0].min()))
    cell.set_ylim(low, trivial * (trivial / low) ** 0.08)
    cell.axhspan(trivial, cell.get_ylim()[1], color="grey", alpha=0.2, linewidth=0, label="vacuous: above log V")
    cell.set_ylabel("nats")
    cell.set_title("categorical/entropy_gap")


def _entropies(cell: Any, course: Course) -> None:
    names = (("KL", BLUE), ("Hel2", GREEN), ("TV", ORANGE), ("JS", PINK))
    for name, colour in names:
        cell.plot(course.steps, course.series[f"entropy {name}"], color=colour, label=name.replace("Hel2", "Hel²"))
    cell.axhline(course.noise, color="black", linestyle=":", linewidth=1.0, label="H(W|X) of the source")
    cell.set_ylim(0, 1.6 * float(course.series["entropy KL"].max()))
    cell.set_ylabel("average entropy of the head (KL: nats)")
    cell.set_title("categorical/entropy_is_shannon")


def _surplus(cell: Any, course: Course) -> None:
    s, t = course.series, course.steps
    labels = ["surplus I(H;F|W)", "deficit I(X;F|H,W)"]
    cell.stackplot(t, s["surplus"], s["deficit"], colors=[GREEN, PINK], alpha=0.55, labels=labels)
    cell.plot(t, s["ceiling"], color="black", label="ceiling I(X;F|W)")
    cell.set_ylim(0, 1.35 * float(s["ceiling"].max()))
    cell.set_ylabel("nats")
    cell.set_title(f"categorical/surplus_deficit: K = {course.recipe.block}, {course.recipe.cells} cells")


def _ranks(cell: Any, course: Course) -> None:
    s, t, head = course.series, course.steps, course.recipe
    most = min(head.settings.width, head.source.V - 1)
    cell.plot(t, s["pullback rank"], color="black", label="rank g*")
    cell.plot(t, s["effective rank"], color=BLUE, label="effective rank, mean over contexts")
    cell.axhline(most, color=ORANGE, linestyle=BOUND, label="min(d, V − 1)")
    cell.axhspan(most, most + 1, color="grey", alpha=0.2, linewidth=0, label="impossible")
    cell.set_ylim(0, most + 1)
    cell.set_ylabel("rank")
    cell.set_title("categorical/pullback_rank")


def _top(cell: Any, course: Course) -> None:
    s, t = course.series, course.steps
    cell.plot(t, s["largest top eigenvalue"], color="black", label="largest over contexts")
    cell.plot(t, s["top eigenvalue"], color=BLUE, label="mean over contexts")
    cell.plot(t, s["top eigenvalue bound"], color=ORANGE, linestyle=BOUND, label="diam²/4")
    cell.set_ylim(0, 1.3 * float(s["top eigenvalue bound"].max()))
    cell.set_ylabel("top eigenvalue of g*")
    cell.set_title("categorical/pullback_spectrum_bounds")


def _dirichlet(cell: Any, course: Course) -> None:
    s, t, free = course.series, course.steps, course.free
    own = np.arange(len(free["L_CE"]))
    for name, short, line in (("Dirichlet energy", "energy", "-"), ("Rayleigh quotient", "Rayleigh quotient", ":")):
        wide = 3.0 if line == ":" else 1.5  # the two quotients may coincide: the wider one shows behind the other
        cell.plot(t, s[name], color="black", linestyle=line, linewidth=wide, label=f"{short}, network")
        cell.plot(own, free[name], color=GREEN, linestyle=line, label=f"{short}, free states from near 0")
    cell.set_yscale("log")
    cell.set_ylabel("centred logits, all tokens")
    cell.set_title("categorical/dirichlet_as_stated (refuted)")


def _moments(cell: Any, course: Course) -> None:
    s, t = course.series, course.steps
    _log(cell, t, s["moment residual"], color="black", label="E‖E_q g − E_p g‖")
    _log(cell, t, s["moment bound"], color=ORANGE, linestyle=BOUND, label="diam · τ")
    cell.set_yscale("log")
    cell.set_ylim(bottom=max(LEAST, 0.5 * float(s["moment residual"].min())))
    cell.set_ylabel("logit units per state unit")
    cell.set_title("categorical/moment_matching")


def _rotations(cell: Any, course: Course) -> None:
    for turned, colour in zip(course.rotations, (ORANGE, SKY, GREEN), strict=False):
        label = f"step {turned.step}: rotated states"
        cell.scatter(turned.losses, turned.alignments, s=9, color=colour, alpha=0.6, label=label)
        cell.scatter([turned.loss], [turned.alignment], s=80, color=colour, edgecolor="black", marker="*", zorder=3)
    cell.scatter([], [], s=80, color="white", edgecolor="black", marker="*", label="the network's own states")
    cell.axvline(course.noise, color="black", linestyle=":", linewidth=1.0, label="H(W|X)")
    cell.set_ylim(bottom=0)
    cell.set_xlabel("log-loss (nats)")
    cell.set_ylabel("alignment of whitened states")
    cell.set_title("categorical/spectral_alignment_as_stated (refuted)")


def _log(cell: Any, x: Any, y: Any, **style: Any) -> None:
    cell.plot(x, np.where(y > LEAST, y, np.nan), **style)


PLOTS: tuple[Callable[[Any, Course], None], ...] = (
    _split, _gap, _entropies, _surplus, _ranks, _top, _rotations, _dirichlet, _moments,
)  # fmt: skip
