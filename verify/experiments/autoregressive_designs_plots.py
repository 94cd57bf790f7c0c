"""Plot of the designs experiment: what is learned against the margin of the exact predictor, and against length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE


def draw_designs(path: Path, records: Sequence[Record]) -> Path:
    """Exact products (with intervals), right digits and whole chains of every layout, over two axes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    designs = [r for r in records if r["name"] == "design"]
    axes_of = (
        ("largest_inverse_margin", "largest 1/γ over the tokens of the exact predictor"),
        ("tokens", "tokens, prompt included"),
    )
    with pyplot.rc_context(STYLE | {"font.size": 9.5}):
        figure, axes = pyplot.subplots(1, 2, figsize=(11.5, 4.6), sharey=True, layout="constrained")
        for place, (key, label) in zip(axes, axes_of, strict=True):
            for design, colour in zip(designs, COLOURS, strict=False):
                low, high = design["exact_interval"]
                place.errorbar(
                    [design[key]],
                    [design["exact"]],
                    yerr=[[design["exact"] - low], [high - design["exact"]]],
                    fmt="o",
                    color=colour,
                    capsize=4,
                    label=f"{design['layout']}: products",
                )
                place.plot([design[key]], [design["digits"]], "^", color=colour, label=f"{design['layout']}: digits")
            place.set_xlabel(label)
            place.set_ylim(0, 1.02)
        axes[0].set_xscale("log")
        axes[1].set_xlim(left=0)
        axes[0].set_ylabel("share right on test pairs")
        figure.suptitle("Perceptrons learn to multiply: it is the margin that counts, not the length")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path)
        pyplot.close(figure)
    return path
