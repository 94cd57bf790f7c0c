"""Pictures of the phase experiment: where learning starts, and how rare a concept may be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.concepts.threshold import crossing, formula_starts
from verify.experiments.concepts_phase import COLUMN, column_record
from verify.experiments.concepts_phase_networks import LEARNED, TOLERANCE, grid_at, largest_lambda
from verify.experiments.concepts_phase_rarity import RARE, rare_record
from verify.report.plots import COLOURS, STYLE

if TYPE_CHECKING:
    from verify.experiments.concepts_phase import MapDiagram, NetworkDiagram
    from verify.experiments.concepts_phase_networks import Found
    from verify.experiments.concepts_phase_rarity import RarityDiagram

BLUE, ORANGE = COLOURS[:2]
SHADES = "cividis"  # grows in lightness, and the colour-blind can read it
HEAT: dict[str, Any] = {"shading": "nearest", "cmap": SHADES, "rasterized": True}


def draw_phase(path: Path, drawn: MapDiagram, trained: NetworkDiagram, column: Found, dpi: int = 110) -> Path:
    """Map and network over initial scale and weight decay, the ratio of thresholds to the formula, and the column."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"font.size": 9.5, "axes.grid": False}):
        figure, axes = pyplot.subplots(2, 2, figsize=(11, 9), layout="constrained")
        _map(figure, axes[0, 0], drawn)
        _network(figure, axes[0, 1], trained)
        _ratios(axes[1, 0], drawn, trained)
        _column(axes[1, 1], column)
        figure.suptitle("Where learning starts: initial scale σ₀ against weight decay λ, two concepts", fontsize=12)
        figure.savefig(path, dpi=dpi)
        pyplot.close(figure)
    return path


def draw_rarity(path: Path, drawn: RarityDiagram, networks: Found) -> Path:
    """The map over rarity and weight decay, and the networks of the specification."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"font.size": 9.5, "axes.grid": False}):
        figure, axes = pyplot.subplots(1, 2, figsize=(11, 5), layout="constrained")
        place = axes[0]
        mesh = place.pcolormesh(drawn.lam[:, 0], drawn.rare, drawn.beta.T, vmin=0, **HEAT)
        figure.colorbar(mesh, ax=place, label="β of the rare concept at the end")
        for share, line in ((1.0, "-"), (0.5, "--")):
            place.plot(
                drawn.lam[:, 0],
                drawn.formula / np.sqrt(share),
                color="white",
                linestyle=line,
                label=f"formula, φ = {share:g}",
            )
        place.plot(drawn.lam[::2, 0], drawn.threshold[::2], "o", color=ORANGE, markersize=3.5, label="threshold found")
        _logarithmic(place, "weight decay λ", "probability ϖ of the rare concept")
        place.set_ylim(drawn.rare[0], drawn.rare[-1])
        place.legend(loc="lower right", labelcolor="white", fontsize=9)
        place.set_title(f"reduced map, σ₀ = {drawn.sigma_0:g}")
        _rare(axes[1], networks)
        figure.suptitle("Rare concepts are forgotten under weight decay", fontsize=12)
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _map(figure: Any, place: Any, drawn: MapDiagram) -> None:
    mesh = place.pcolormesh(drawn.lam[:, 0], drawn.sigma_0, drawn.beta.T, vmin=0, **HEAT)
    figure.colorbar(mesh, ax=place, label="β at the end")
    place.plot(drawn.lam[:, 0], drawn.formula, color="white", label="formula, φ = 1")
    place.plot(drawn.lam[::2, 0], drawn.threshold[::2], "o", color=ORANGE, markersize=3.5, label="threshold found")
    place.axvline(largest_lambda(1.0), color="white", linestyle=":", linewidth=1, label="end of the claim's range")
    _logarithmic(place, "weight decay λ", "initial scale σ₀")
    place.set_ylim(drawn.sigma_0[0], drawn.sigma_0[-1])
    place.legend(loc="lower right", labelcolor="white", fontsize=9)
    place.set_title(f"reduced map, {drawn.beta.shape[0]} × {drawn.beta.shape[1]} points")


def _network(figure: Any, place: Any, trained: NetworkDiagram) -> None:
    share = trained.learned.mean((2, 3))
    mesh = place.pcolormesh(trained.lam, trained.sigma_0, share.T, vmin=0, vmax=1, **HEAT)
    figure.colorbar(mesh, ax=place, label="share of concepts with β > ½ at the end")
    for phi, line in ((1.0, "-"), (0.5, "--")):
        formula = formula_starts(grid_at(trained.lam), phi)
        place.plot(trained.lam, formula, color="white", linestyle=line, label=f"formula, φ = {phi:g}")
    _logarithmic(place, "weight decay λ", "initial scale σ₀")
    place.set_xticks((0.002, 0.005, 0.01, 0.02), ("0.002", "0.005", "0.01", "0.02"))
    place.set_yticks((0.02, 0.05, 0.1, 0.2, 0.5), ("0.02", "0.05", "0.1", "0.2", "0.5"))
    place.minorticks_off()
    place.set_ylim(trained.sigma_0[0], trained.sigma_0[-1])
    place.legend(loc="lower right", labelcolor="white", fontsize=9)
    rows, columns, seeds, concepts = trained.beta.shape
    place.set_title(f"network, random read-out, {rows} × {columns} points of {seeds * concepts} concepts")


def _ratios(place: Any, drawn: MapDiagram, trained: NetworkDiagram) -> None:
    place.axhspan(1 - TOLERANCE, 1 + TOLERANCE, color="grey", alpha=0.2, linewidth=0, label=f"within {TOLERANCE:.0%}")
    place.axhline(1, color="grey", linewidth=0.8)
    finite = np.isfinite(drawn.threshold)
    place.plot(
        drawn.lam[finite, 0],
        (drawn.threshold / drawn.formula)[finite],
        "o-",
        color="black",
        markersize=3,
        label="map, φ = 1",
    )
    own = [crossing(x, y) for x, y in zip(trained.own, trained.learned, strict=True)]
    over = np.broadcast_to((trained.sigma_0 / trained.half[:, None])[..., None, None], trained.beta.shape)
    half = [crossing(x, y) for x, y in zip(over, trained.learned, strict=True)]
    place.plot(trained.lam, own, "s-", color=BLUE, markersize=4, label="network, φ of each concept")
    place.plot(trained.lam, half, "^", color=ORANGE, markersize=4.5, label="network, φ = ½ for all")
    for share, colour in ((1.0, "black"), (0.5, BLUE)):
        place.axvline(largest_lambda(share), color=colour, linestyle=":", linewidth=1)
    place.text(largest_lambda(0.5), 0.82, "end of the claim's range: φ = ½ ", ha="right", fontsize=8, color=BLUE)
    place.set_xscale("log")
    place.set_ylim(0.8, 1.4)
    place.set_xlabel("weight decay λ")
    place.set_ylabel("σ₀ where learning starts / formula")
    place.legend(loc="upper left")
    place.set_title("found against the formula")


def _column(place: Any, column: Found) -> None:
    record = column_record(column)
    rows = record["rows"]
    scales = [entry[0] for entry in COLUMN]
    shares = np.array([row["learned"] for row in rows])
    ends = np.array([row["interval"] for row in rows])
    place.errorbar(
        scales,
        shares,
        yerr=np.abs(ends.T - shares),
        fmt="o",
        color="black",
        capsize=3,
        label=f"share of {record['concepts']} concepts learned (99 %)",
    )
    place.plot(scales, [row["specification"] for row in rows], "x", color=ORANGE, label="share expected")
    place.plot(scales, [row["error"] for row in rows], "s-", color=BLUE, markersize=4, label="error at the end")
    for name, line in (("phi = 1", "-"), ("phi = 1/2", "--")):
        label = f"formula, φ = {name.removeprefix('phi = ')}"
        place.axvline(record["lines"][name], color="grey", linestyle=line, linewidth=1.2, label=label)
    place.set_ylim(-0.03, 1.05)
    place.set_xlabel("initial scale σ₀")
    place.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, fontsize=8.5)
    place.set_title("networks on fresh noisy prompts, λ = 0.02")


def _rare(place: Any, found: Found) -> None:
    record = rare_record(found)
    rows = record["rows"]
    shares = [row["probability"] for row in rows]
    place.plot(shares, [row["learned"] for row in rows], "o-", color="black", label="share learned")
    place.plot(shares, [row["error"] for row in rows], "s-", color=BLUE, label="error on its prompts")
    beta = found.beta[:, 1].reshape(len(RARE), -1)
    for i, share in enumerate(shares):
        label = "β of each seed" if i == 0 else None
        place.plot([share] * beta.shape[1], beta[i], ".", color=ORANGE, alpha=0.7, label=label)
    place.axhline(LEARNED, color=ORANGE, linestyle=":", linewidth=1, label="β from which it counts as learned")
    line = float(formula_starts(grid_at(np.array(0.002), 1.0)) / 0.3)
    for phi, style in ((1.0, "-"), (0.5, "--")):
        label = f"formula, φ = {phi:g}"
        place.axvline(line / np.sqrt(phi), color="grey", linestyle=style, linewidth=1.2, label=label)
    place.set_xscale("log")
    place.set_xticks(shares, [f"{share:g}" for share in shares])
    place.minorticks_off()
    place.set_xlabel("probability ϖ of the rare concept")
    place.set_ylabel("share, error, β")
    place.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3, fontsize=8.5)
    place.set_title(f"{record['seeds']} networks on fresh noisy prompts, λ = 0.002")


def _logarithmic(place: Any, x: str, y: str) -> None:
    place.set_xscale("log")
    place.set_yscale("log")
    place.set_xlabel(x)
    place.set_ylabel(y)
