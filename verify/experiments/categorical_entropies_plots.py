"""Plots of the entropies experiment: the four readings against temperature, and averages against Rényi order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from verify.experiments.categorical_drafting_plots import new_figure, save
from verify.experiments.experiment import Record
from verify.report.plots import COLOURS

NAMES = {"chi2": "χ²", "Hel2": "Hel²", "renyi inf": "Rényi ∞"}
LOGARITHMIC = ("renyi inf",)
LAST_ORDER = 2.5  # where order ∞ is drawn


def draw_readings(path: Path, records: Sequence[Record]) -> Path:
    """Ten axes, one a divergence: quantiles of the pointwise reading as a band, the other readings as lines."""
    found = [r for r in records if r["name"] == "readings"]
    names = list(dict.fromkeys(r["divergence"] for r in found))
    figure, grid = new_figure(2, (len(names) + 1) // 2, 3.1, 2.8, sharex=True)
    handles: dict[str, Any] = {}
    for cell, name in zip(grid.ravel(), names, strict=False):
        here = [r for r in found if r["divergence"] == name]
        x = np.array([r["temperature"] for r in here])
        low, middle, high = (np.array([r["pointwise"][q] for r in here]) for q in ("0.05", "0.5", "0.95"))
        handles["pointwise, 5 to 95 % of contexts"] = cell.fill_between(x, low, high, color=COLOURS[5], alpha=0.35)
        (handles["pointwise, median"],) = cell.plot(x, middle, color=COLOURS[5], linewidth=1.2)
        (handles["sup"],) = cell.plot(x, [r["sup"] for r in here], color=COLOURS[1], linewidth=1.5)
        (handles["average"],) = cell.plot(x, [r["average"] for r in here], color="black", linewidth=1.8)
        (handles["joint"],) = cell.plot(
            x, [r["joint"] for r in here], color=COLOURS[2], linestyle=(0, (4, 3)), linewidth=1.8
        )
        (handles["uniform law"],) = cell.plot(
            x, [r["uniform"] for r in here], color=COLOURS[6], linestyle=":", linewidth=1.3
        )
        cell.axvline(1.0, color="0.8", linewidth=0.8, zorder=0)
        cell.set_xscale("log", base=2)
        cell.set_xticks([0.25, 0.5, 1, 2, 4], ["¼", "½", "1", "2", "4"])
        if name in LOGARITHMIC:
            cell.set_yscale("log")
        else:
            cell.set_ylim(bottom=0)
        cell.set_title(NAMES.get(name, name.replace("renyi", "Rényi")))
    for cell in grid[-1]:
        cell.set_xlabel("temperature")
    for row, label in zip(grid, ("Ψ (Rényi, KL in nats)", "Ψ (Rényi, JS in nats)"), strict=True):
        row[0].set_ylabel(label)
    title = f"categorical/entropy_readings, entropy_closed_forms: {found[0]['source']}, at its stationary law"
    return save(figure, path, title, handles)


def draw_orders(path: Path, records: Sequence[Record]) -> Path:
    """Average and joint readings against the Rényi order, one line a temperature, one column a source."""
    found = [r for r in records if r["name"] == "readings" and r["divergence"].startswith(("renyi", "KL"))]
    sources = list(dict.fromkeys(r["source"] for r in found))
    figure, grid = new_figure(1, len(sources), 4.6, 3.6, sharey=True)
    handles: dict[str, Any] = {}
    for cell, source in zip(grid[0], sources, strict=True):
        here = [r for r in found if r["source"] == source]
        temperatures = list(dict.fromkeys(r["temperature"] for r in here))
        for temperature, colour in zip(temperatures[:: max(1, len(temperatures) // 4)], COLOURS, strict=False):
            chosen = sorted((r for r in here if r["temperature"] == temperature), key=lambda r: _order(r["divergence"]))
            x = [_order(r["divergence"]) for r in chosen]
            (handles[f"average, T = {temperature:.3g}"],) = cell.plot(
                x, [r["average"] for r in chosen], color=colour, marker="o", markersize=4
            )
            (handles["joint (dashed)"],) = cell.plot(
                x, [r["joint"] for r in chosen], color=colour, linestyle=(0, (4, 3)), linewidth=1.2
            )
        size = here[0]["vocabulary"]
        handles["log V"] = cell.axhline(np.log(size), color=COLOURS[6], linestyle=":", linewidth=1.3)
        cell.set_xticks([0, 0.5, 1, 1.5, 2, LAST_ORDER], ["0", "½", "1 (KL)", "3/2", "2", "∞"])
        cell.set(xlabel="Rényi order", title=source, yscale="log")
    grid[0][0].set_ylabel("Ψ (nats)")
    return save(figure, path, "categorical/entropy_closed_forms: entropies grow with the Rényi order", handles)


def _order(name: str) -> float:
    if name == "KL":
        return 1.0
    text = name.removeprefix("renyi ")
    if text == "inf":
        return LAST_ORDER
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)
