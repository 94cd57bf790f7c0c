"""Plots of the drafting experiment: stacked terms, the sandwich of exact sources, the pairs of a real model.

Measured values are points; bounds are grey lines; where a bound says nothing the ground is grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numerics.drafting.acceptance import lower_bounds, upper_bound_any, upper_bound_kl
from verify.experiments.categorical_drafting import BEST, MEAN, REPRESENTATIVE
from verify.experiments.categorical_model_pairs import LAYER, WINDOW
from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE

BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY = COLOURS
LOOK = {BEST: (GREEN, "^"), MEAN: (BLUE, "o"), REPRESENTATIVE: (RED, "s")}
VACUOUS = 2.0  # nats of κ from which Pinsker's bound says nothing
LEGEND_ENTRY = 2.6  # inches that the longest entry takes
SMALL = 1e-6  # nats: less is left out of a logarithmic axis


def new_figure(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """Figure and its axes (rows, columns) in the style of all plots; width and height of one plot in inches."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"font.size": 9.5, "figure.dpi": 110}):
        figure, axes = pyplot.subplots(
            rows,
            columns,
            figsize=(width * columns, height * rows + 0.9),
            squeeze=False,
            layout="constrained",
            **options,
        )
        return figure, axes


def save(figure: Any, path: Path, title: str, handles: dict[str, Any]) -> Path:
    """Write the figure with its title and one legend below."""
    from matplotlib import pyplot

    figure.suptitle(title, fontsize=11.5)
    columns = min(4, len(handles), int(figure.get_figwidth() / LEGEND_ENTRY))
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=columns, frameon=False)
    figure.savefig(path)
    pyplot.close(figure)
    return path


def _cases(records: Sequence[Record]) -> list[tuple[str, int]]:
    return list(dict.fromkeys((r["source"], r["block"]) for r in records if r["name"] == "terms"))


def draw_terms(path: Path, records: Sequence[Record]) -> Path:
    """Surplus and deficit stacked up to the ceiling against the number of k-means states; suffixes as points."""
    cases = _cases(records)
    figure, grid = new_figure(1, len(cases), 3.6, 3.1)
    handles: dict[str, Any] = {}
    for cell, (source, block) in zip(grid[0], cases, strict=True):
        found = [r for r in records if r["name"] == "terms" and (r["source"], r["block"]) == (source, block)]
        ends = [r for r in found if r["encoder"] == "suffix" and r["states"] in (1, r["contexts"])]
        stack = sorted([*ends, *(r for r in found if r["encoder"] == "k-means")], key=lambda r: int(r["states"]))
        x = [r["states"] for r in stack]
        surplus, total = np.array([r["surplus"] for r in stack]), np.array([r["surplus"] + r["deficit"] for r in stack])
        handles["surplus I(H;F|W)"] = cell.fill_between(x, 0, surplus, color=BLUE, alpha=0.55, linewidth=0)
        handles["deficit I(X;F|H,W)"] = cell.fill_between(x, surplus, total, color=ORANGE, alpha=0.55, linewidth=0)
        cell.plot(x, surplus, color="black", marker=".", linewidth=0.8)
        (handles["ceiling I(X;F|W)"],) = cell.plot(x, [r["ceiling"] for r in stack], color="black", linestyle="--")
        suffixes = [r for r in found if r["encoder"] == "suffix"]
        (handles["surplus of the last k tokens"],) = cell.plot(
            [r["states"] for r in suffixes], [r["surplus"] for r in suffixes], "D", color=RED, markersize=5,
            linestyle="none", clip_on=False, zorder=5,
        )  # fmt: skip
        cell.set(xscale="log", xlabel="states M of the encoder", title=f"{source}, K = {block}", ylim=(0, None))
    grid[0][0].set_ylabel("nats")
    return save(figure, path, "categorical/surplus_deficit: ceiling = surplus + deficit (k-means cells of H)", handles)


def draw_acceptance(path: Path, records: Sequence[Record]) -> Path:
    """Above: α against κ with both lower bounds. Below: α against δ with the upper bounds. One column a source."""
    found = [r for r in records if r["name"] == "acceptance"]
    names = list(dict.fromkeys(r["source"] for r in found))
    figure, grid = new_figure(2, len(names), 4.4, 3.1, sharey=True, sharex="row")
    handles: dict[str, Any] = {}
    for column, name in enumerate(names):
        here = [r for r in found if r["source"] == name]
        above, below = grid[0][column], grid[1][column]
        _lower(above, handles, np.logspace(-3, 1, 200))
        delta = np.logspace(-3, 0, 200)
        _upper(below, handles, delta, here[0]["vocabulary"])
        for drafter, (colour, marker) in LOOK.items():
            chosen = [r for r in here if r["drafter"] == drafter]
            for cell, key in ((above, "kappa"), (below, "delta")):
                shown = [r for r in chosen if r[key] is not None and r[key] > SMALL]
                (handles[f"{drafter} drafter"],) = cell.plot(
                    [r[key] for r in shown], [r["alpha"] for r in shown], marker, color=colour, markersize=5,
                    linestyle="none",
                )  # fmt: skip
        above.set(xscale="log", xlabel="κ = E KL(p‖q) (nats)", title=name, ylim=(0, 1.03))
        below.set(xscale="log", xlabel="δ = deficit (nats)")
    for row in grid:
        row[0].set_ylabel("acceptance α")
    return save(figure, path, "categorical/acceptance_bounds: exact sources, drafter sees (H, W)", handles)


def _lower(cell: Any, handles: dict[str, Any], kappa: Any) -> None:
    bounds = [lower_bounds(float(k)) for k in kappa]
    (handles["1 − √(κ/2), from below"],) = cell.plot(
        kappa, [b.pinsker for b in bounds], color=GREY, linestyle="--", linewidth=1.3
    )
    (handles["1 − √(1 − exp(−κ)), from below"],) = cell.plot(
        kappa, [b.bretagnolle_huber for b in bounds], color=GREY, linewidth=1.3
    )
    handles["κ ≥ 2: the first bound is vacuous"] = cell.axvspan(VACUOUS, kappa[-1], color="0.92", zorder=0)
    cell.set_xlim(kappa[0], kappa[-1])


def _upper(cell: Any, handles: dict[str, Any], delta: Any, vocabulary: int) -> None:
    (handles["1 − φ⁻¹(δ), above the KL-optimal"],) = cell.plot(
        delta, [upper_bound_kl(float(d), vocabulary) for d in delta], color=BLUE, linestyle=":", linewidth=1.5
    )
    (handles["1 − ½φ⁻¹(δ), above every drafter"],) = cell.plot(
        delta, [upper_bound_any(float(d), vocabulary) for d in delta], color="black", linestyle=":", linewidth=1.5
    )
    cell.set_xlim(delta[0], delta[-1])


def draw_pairs(path: Path, records: Sequence[Record]) -> Path:
    """Rows: early exits, short windows. Columns: α against κ for every context; means with bounds; accepted lengths."""
    model = str(records[0]["model"])
    figure, grid = new_figure(2, 3, 4.4, 3.3, sharey="col")
    handles: dict[str, Any] = {}
    for row, family, label in zip(
        grid, (LAYER, WINDOW), ("layers of the drafter", "tokens the drafter reads"), strict=True
    ):
        here = [r for r in records if r["drafter"] == family]
        found = [r for r in here if r["name"] == "acceptance"]
        _contexts(row[0], handles, [r for r in found if not r["whole"]], family)
        _means(row[1], handles, found)
        _lengths(row[2], handles, [r for r in here if r["name"] == "accepted length"])
        for cell in row[1:]:
            cell.set_xlabel(label)
            if family == WINDOW:
                cell.set_xscale("log", base=2)
            cell.set_xticks([r["parameter"] for r in found], [str(r["parameter"]) for r in found])
            cell.minorticks_off()
    count, length = found[0]["contexts"], found[0]["length"]
    title = f"categorical/acceptance_bounds, accepted_length: {model} drafted by its early exits and short windows"
    return save(figure, path, f"{title}\n{count} contexts of {length} tokens, 95 % intervals", handles)


def _contexts(cell: Any, handles: dict[str, Any], found: Sequence[Record], family: str) -> None:
    from matplotlib import colormaps

    shades = colormaps["viridis"](np.linspace(0, 0.9, len(found)))
    for record, shade in zip(found, shades, strict=True):
        cell.plot(record["kappas"], record["alphas"], ".", color=shade, markersize=3, alpha=0.5, linestyle="none")
    for record, shade in zip(found, shades, strict=True):
        cell.plot(
            record["kappa"], record["alpha"], "o", color=shade, markeredgecolor="black", markersize=7,
            label=str(record["parameter"]), linestyle="none",
        )  # fmt: skip
    low = min(min(k for k in r["kappas"] if k > 0) for r in found)
    high = max(max(r["kappas"]) for r in found)
    _lower(cell, handles, np.logspace(np.log10(max(low, 1e-3)) - 0.1, np.log10(max(high, VACUOUS)) + 0.1, 200))
    cell.set(
        xscale="log", xlabel="κ (nats)", ylabel="acceptance α", title=f"{family}: contexts and means", ylim=(0, 1.03)
    )
    cell.legend(fontsize=7.5, loc="lower left", title="layers" if family == LAYER else "tokens", title_fontsize=7.5)


def _means(cell: Any, handles: dict[str, Any], found: Sequence[Record]) -> None:
    x = [r["parameter"] for r in found]
    alpha = np.array([r["alpha"] for r in found])
    ends = np.array([r["alpha_interval"] for r in found]).T
    handles["mean, 95 % interval"] = cell.errorbar(
        x, alpha, np.abs(ends - alpha), color="black", marker="o", markersize=4, capsize=3, linewidth=1.2
    )
    cell.plot(x, [r["bretagnolle_huber"] for r in found], color=GREY, linewidth=1.3)
    cell.plot(x, [r["pinsker"] for r in found], color=GREY, linestyle="--", linewidth=1.3)
    (handles["1 − φ⁻¹(|E H(p) − E H(q)|), from above"],) = cell.plot(
        x, [r["upper"] for r in found], color=BLUE, linestyle=":", linewidth=1.5
    )
    cell.set(title="mean acceptance between its bounds", ylim=(0, 1.03), ylabel="acceptance α")


def _lengths(cell: Any, handles: dict[str, Any], found: Sequence[Record]) -> None:
    x, value = [r["parameter"] for r in found], np.array([r["value"] for r in found])
    ends = np.array([r["interval"] for r in found]).T
    cell.errorbar(x, value, np.abs(ends - value), color="black", marker="o", markersize=4, capsize=3, linewidth=1.2)
    (handles["Σ αᵏ: if all tokens were accepted alike"],) = cell.plot(
        x, [r["constant"] for r in found], color=RED, marker="x", linestyle="--", linewidth=1.2
    )
    drafted = found[0]["drafted"]
    cell.axhline(drafted, color=GREY, linestyle="-.", linewidth=1)
    cell.set(title=f"accepted of {drafted} drafted tokens", ylim=(0, drafted * 1.03), ylabel="tokens")
