"""Plots of the family panels: risks with their theory, the same against mixing times, and against the number of states.

Colours are one a predictor (blue counting, vermilion add-1, black transformer); dotted grey lines are theory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from numerics.icl.risk import risk_curve
from verify.experiments.icl_families import Panel
from verify.report.plots import COLOURS
from verify.report.plots_grid import Axes, Line, draw_grid

PREDICTORS = {"counting": COLOURS[0], "add-1": COLOURS[1], "transformer": "black"}
GREY, GREEN = "#7F7F7F", COLOURS[2]
LIMIT, ROWS = "C(P)/√n, 2C(P)/√N: limit of counting", "counting, n π(x) independent draws a row"
KL_LIMIT = "limit of the KL risk of add-1"


def draw_families(out: Path, panels: Sequence[Panel]) -> list[Path]:
    """One PNG a family, one of the distribution shift on three states, one against mixing times and one against d."""
    paths: list[Path] = []
    fine = [panel for panel in panels if not panel.case.coarse]
    for letter in sorted({panel.case.letter for panel in fine}):
        chosen = [panel for panel in fine if panel.case.letter == letter]
        name = chosen[0].case.family if letter != "f" else "Binned processes"
        paths.append(draw_family(out / f"icl-family-{letter}.png", chosen, f"({letter}) {name}"))
    three = [panel for panel in panels if panel.case.states == 3]
    title = "Three states: the transformer, trained on Dirichlet(1) rows, elsewhere"
    paths.append(draw_family(out / "icl-shift-d3.png", three, title))
    paths.append(draw_mixing(out / "icl-mixing.png", fine))
    random = [panel for panel in fine if panel.case.kernel is None]
    paths.append(draw_dimension(out / "icl-dimension.png", random))
    return paths


def draw_family(path: Path, panels: Sequence[Panel], title: str) -> Path:
    """Columns: the panels. Rows: TV risk after n transitions, its running mean R_icl(N), and KL risk."""
    instant, running, divergence = [], [], []
    for panel in panels:
        name = f"{panel.case.family}, d = {panel.case.states}"
        n = panel.risks.transitions
        limit = panel.known.constant / np.sqrt(n)
        known = [
            Line(LIMIT, n, np.minimum(limit, 1.0), GREY, ":"),
            Line(ROWS, n, panel.row_theory, GREEN, (0, (1, 1))),
        ]
        instant.append(Axes(name, "transitions n", "TV risk", [*_lines(panel, "variation"), *known]))
        twice = Line(LIMIT, n, np.minimum(2 * limit, 1.0), GREY, ":")
        running.append(Axes("", "transitions N", "R_icl(N), mean TV over n ≤ N", [*_lines(panel, "running"), twice]))
        kl = Line(KL_LIMIT, n, panel.known.kl_constant / n, GREY, (0, (5, 2, 1, 2)))
        kept = n >= panel.known.kl_constant / 10  # earlier the limit is far above every risk
        kl = Line(kl.label, n[kept], panel.known.kl_constant / n[kept], GREY, kl.dashes)
        divergence.append(Axes("", "transitions n", "KL risk (nats)", [*_lines(panel, "divergence"), kl]))
    counts = sorted({panel.case.chains for panel in panels})
    levels = sorted({round(100 * panel.case.level) for panel in panels})
    prompts = " and ".join(str(c) for c in counts)
    bands = " and ".join(f"{level} %" for level in levels)
    return draw_grid(path, [instant, running, divergence], title=f"{title}\n{prompts} prompts, {bands} bands")


def _lines(panel: Panel, quantity: str) -> list[Line]:
    tables = getattr(panel.risks, quantity)
    lines: list[Line] = []
    for name, colour in PREDICTORS.items():
        if name not in tables or not np.isfinite(tables[name]).all():
            continue
        curve = risk_curve(tables[name], panel.case.level)
        lines.append(Line(name, panel.risks.lengths(name), curve.mean, colour, "-", curve.lower, curve.upper))
    return lines


def draw_mixing(path: Path, panels: Sequence[Panel]) -> Path:
    """R_icl(N) of counting against N, N/t_min of the tokens, and N/t_min of the windows that hold the whole prompt."""
    cells = []
    styles = ("-", (0, (5, 2)), (0, (2, 2)), (0, (5, 2, 1, 2)), (0, (1, 1)))
    order = {letter: COLOURS[i] for i, letter in enumerate("abcdef")}
    for title, xlabel, which in (
        ("length", "N", "length"),
        ("t_min of the tokens (periodic: of (I + P)/2)", "N / t_min(X)", "lazy_t_min"),
        ("t_min of the windows, K = prompt", "N / t_min(S)", "t_min_windows"),
    ):
        lines = []
        for panel in panels:
            scale = 1.0 if which == "length" else getattr(panel.known, which)[1]
            if not math.isfinite(scale):
                continue  # periodic: t_min is infinite
            same = [p for p in panels if p.case.letter == panel.case.letter]
            n = panel.risks.lengths("counting")
            mean = panel.risks.running["counting"].mean(axis=0)
            label = f"({panel.case.letter}) {panel.case.family}, d = {panel.case.states}"
            style = styles[same.index(panel) % len(styles)]
            lines.append(Line(label, n / scale, mean, order[panel.case.letter], style))
        guide = np.geomspace(20, 1000, 20) if which == "length" else np.geomspace(1, 100, 20)
        if which != "t_min_windows":
            lines.append(Line("slope −1/2", guide, 0.9 / np.sqrt(guide / guide[0]), GREY, ":"))
        upright = (0.25, "1/4: t_min ≥ 4K") if which == "t_min_windows" else None
        cells.append(Axes(title, xlabel, "R_icl(N) of counting", lines, upright=upright))
    return draw_grid(path, [cells], title="Counting, all families: length against mixing time")


def draw_dimension(path: Path, panels: Sequence[Panel]) -> Path:
    """sqrt(N) times the TV risks at the longest N, against the number d of states, Dirichlet(1) rows."""
    d = np.array([panel.case.states for panel in panels], dtype=np.float64)
    cells = []
    for quantity, factor, title in (("variation", 1.0, "after N transitions"), ("running", 2.0, "mean over n ≤ N")):
        lines = []
        for name in ("counting", "add-1"):
            curves = [risk_curve(getattr(panel.risks, quantity)[name]) for panel in panels]
            root = np.sqrt([float(panel.risks.transitions[-1]) for panel in panels])
            ends = [
                root * np.array([getattr(curve, part)[-1] for curve in curves]) for part in ("mean", "lower", "upper")
            ]
            lines.append(Line(name, d, ends[0], PREDICTORS[name], "-", ends[1], ends[2], "o"))
        mean = factor * np.array([panel.known.constant for panel in panels])
        lines.append(Line("limit: mean of C(P), 2C(P)", d, mean, GREY, ":", marker="s"))
        lines.append(Line("0.354 d, large d (twice for the mean)", d, factor * 0.354 * d, GREEN, (0, (5, 2))))
        lines.append(Line("√d, through the first point", d, mean[0] * np.sqrt(d / 2), "#CC79A7"))
        cells.append(Axes(title, "states d", "√N × TV risk", lines, xscale="linear"))
    N = int(panels[0].risks.transitions[-1])
    return draw_grid(path, [cells], title=f"Risk times √N against the number of states, N = {N}")
