"""Plots of the in-context learning experiment: risk against length on log-log axes, with 95 % bands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.icl.estimators import bayes_kl_asymptote
from numerics.icl.risk import risk_curve, running_mean
from verify.report.plots import COLOURS, STYLE

if TYPE_CHECKING:
    from verify.experiments.icl import Risks


def draw_risks(out: Path, risks: Risks) -> list[Path]:
    """Three PNG files in `out`: TV risk, its running mean R_icl(N), and KL risk, each against the number of
    transitions, with a reference line of slope -1/2 (TV) or the Bayes asymptote d(d-1)/(2N) (KL)."""
    d, variation = risks.states, dict(risks.comparison.total_variation)
    running = {name: running_mean(values) for name, values in variation.items()}
    divergence = {n: v for n, v in risks.comparison.kullback_leibler.items() if np.isfinite(v).all()}
    chains = f"{risks.chains} Dirichlet(1) chains, d = {d}"
    return [
        _draw(
            out / f"icl-d{d}-tv.png",
            variation,
            f"Total variation risk after n transitions ({chains})",
            "transitions n",
            "mean TV",
            "root",
            d,
        ),
        _draw(
            out / f"icl-d{d}-running.png",
            running,
            f"Running mean of the TV risk ({chains})",
            "transitions N",
            "R_icl(N)",
            "root",
            d,
        ),
        _draw(
            out / f"icl-d{d}-kl.png",
            divergence,
            f"Kullback-Leibler risk after n transitions ({chains})",
            "transitions n",
            "mean KL (nats)",
            "bayes",
            d,
        ),
    ]


def _draw(
    path: Path,
    values: Mapping[str, NDArray[np.float64]],
    title: str,
    xlabel: str,
    ylabel: str,
    reference: str,
    states: int,
) -> Path:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(layout="constrained")
        last = 1
        anchor = 0.0
        for number, (name, table) in enumerate(values.items()):
            curve = risk_curve(table)
            if not curve.mean.max() > 0:  # the exact kernel has no risk: nothing to draw on a logarithmic axis
                continue
            x = curve.positions
            last, anchor = int(x[-1]), float(curve.mean[-1])
            colour = "black" if number == 0 else COLOURS[number - 1]
            style: Any = "-" if number == 0 else (0, (5, 2))
            axes.plot(x, curve.mean, color=colour, linestyle=style, label=name, zorder=4 if number == 0 else 5)
            axes.fill_between(x, curve.lower, curve.upper, color=colour, alpha=0.15, linewidth=0)
        n = np.arange(1, last + 1)
        if reference == "root":
            axes.plot(n, anchor * np.sqrt(last / n), color="grey", linestyle=":", label="slope -1/2")
        else:
            axes.plot(n, bayes_kl_asymptote(states, 1) / n, color="grey", linestyle=":", label="d(d-1)/(2n)")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(FixedLocator([m for m in (1, 2, 5, 10, 20, 50, 100, 200) if m <= last]))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_title(title, fontsize=12)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.legend(fontsize=9)
        figure.savefig(path)
        pyplot.close(figure)
    return path


__all__ = ["draw_risks"]
