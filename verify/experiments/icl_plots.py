"""Plot of the transformer on the chains it was trained for: risks against length on log-log axes, with 95 % bands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.icl.estimators import bayes_kl_asymptote
from numerics.icl.risk import risk_curve, running_mean
from verify.report.plots import COLOURS
from verify.report.plots_grid import Axes, Line, draw_grid

if TYPE_CHECKING:
    from verify.experiments.icl import Risks

COLOUR_OF = {"transformer": "black", "counting": COLOURS[0], "add-1": COLOURS[1]}
GREY = COLOURS[6]


def draw_risks(out: Path, risks: Risks) -> list[Path]:
    """One PNG in `out`: TV risk, its running mean R_icl(N), and KL risk, each against the number of transitions, with a
    line of slope -1/2 (TV) or the Bayes asymptote d(d-1)/(2n) (KL)."""
    d, variation = risks.states, dict(risks.comparison.total_variation)
    running = {name: running_mean(values) for name, values in variation.items()}
    divergence = {n: v for n, v in risks.comparison.kullback_leibler.items() if np.isfinite(v).all()}
    n = np.arange(1, variation["counting"].shape[1] + 1)
    bayes = Line("d(d − 1)/(2n)", n, bayes_kl_asymptote(d, 1) / n, GREY, (0, (5, 2, 1, 2)))
    cells = [
        Axes("Total variation", "transitions n", "mean risk", [*_lines(variation), _root(variation, n)]),
        Axes("Running mean R_icl(N) of TV", "transitions N", "R_icl(N)", [*_lines(running), _root(running, n)]),
        Axes("Kullback-Leibler (nats)", "transitions n", "mean risk (nats)", [*_lines(divergence), bayes]),
    ]
    title = f"Transformer on {risks.chains} fresh Dirichlet(1) chains, d = {d}, 95 % bands"
    return [draw_grid(out / f"icl-d{d}.png", [cells], title=title, share=False)]


def _lines(values: Mapping[str, NDArray[np.float64]]) -> list[Line]:
    lines: list[Line] = []
    for name in ("counting", "add-1", "transformer"):
        if name not in values:
            continue  # the KL risk of counting is infinite
        curve = risk_curve(values[name])
        # Drawn last and dashed, the transformer lets add-1 be seen under it.
        dashes = (0, (4, 3)) if name == "transformer" else "-"
        lines.append(Line(name, curve.positions, curve.mean, COLOUR_OF[name], dashes, curve.lower, curve.upper))
    return lines


def _root(values: Mapping[str, NDArray[np.float64]], n: NDArray[np.int64]) -> Line:
    end = float(values["counting"][:, -1].mean())
    return Line("slope −1/2", n, end * np.sqrt(n[-1] / n), GREY, ":")
