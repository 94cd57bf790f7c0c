"""The masked networks on multiplication and on text (experiments E4 and E5).

Main definitions
    Plan                      everything of a budget; `plan` gives it
    run_autoregressive_networks    both experiments, their records and plots

Multiplication: MLP and linear network of one width, each with the long form and with the bare answer, on the published
split. Text: the linear network over the characters of speeches (words on a full budget) against n-gram counts. On a
full budget the networks have the published sizes and options, for a GPU; training goes on from its last checkpoint in
the folder of the run. Source: specification `autoregressive`, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from verify.experiments.experiment import Budget, Experiment, Progress, Record

if TYPE_CHECKING:
    from numerics.learning.training import Recipe, Source, Trained

NAME = "autoregressive_networks"


@dataclass(frozen=True)
class MultiplicationPlan:
    """Digits, width of all networks, updates and rate by kind of network, texts an update, test pairs judged."""

    d: int
    width: int
    batch: int
    updates: Mapping[str, int]
    rates: Mapping[str, float]
    test: int
    reached: bool  # whether the training is long enough for the published ordering of the MLP


@dataclass(frozen=True)
class TextPlan:
    """Source and unit of the text, size of the network (`vocabulary` None: as many tokens as occur) and recipe."""

    text: str
    words: bool
    positions: int
    width: int
    batch: int
    updates: int | None  # None: one pass over the windows, in order
    rate: float
    vocabulary: int | None = None
    accumulation: int = 1
    pad: bool = False  # keep the incomplete last window, filled with a padding token that enters the loss


@dataclass(frozen=True)
class Plan:
    """Both experiments of one budget."""

    multiplication: MultiplicationPlan
    text: TextPlan


def plan(budget: Budget) -> Plan:
    """Minutes on two cores, or the published configurations."""
    if budget == "full":
        updates, rates = dict.fromkeys(("MLP", "linear"), 48_829), dict.fromkeys(("MLP", "linear"), 1e-3)
        return Plan(
            MultiplicationPlan(4, 128, 2048, updates, rates, 1000, True),
            TextPlan("sotu", True, 64, 256, 128, None, 5e-4, vocabulary=50_258, accumulation=8),
        )
    return Plan(
        MultiplicationPlan(2, 16, 64, {"MLP": 400, "linear": 400}, {"MLP": 5e-3, "linear": 1e-2}, 2000, False),
        TextPlan("sotu", False, 32, 32, 64, 900, 2e-3),
    )


def run_autoregressive_networks(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of both experiments and their figures in `out`."""
    return run_plan(plan(budget), out, seed, progress)


def run_plan(chosen: Plan, out: Path, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiments of any plan: tests run small ones through the same code."""
    from verify.experiments.autoregressive_networks_multiplication import measure_multiplication, multiplication_records
    from verify.experiments.autoregressive_networks_plots import draw_multiplication, draw_text
    from verify.experiments.autoregressive_networks_text import measure_text, text_records

    cells = measure_multiplication(chosen.multiplication, out, seed, progress)
    text = measure_text(chosen.text, out, seed, progress)
    plots = [
        draw_multiplication(out / "multiplication-network.png", cells),
        draw_text(out / "text-network.png", text),
    ]
    records = [*multiplication_records(chosen.multiplication, cells), *text_records(text)]
    records.append({"name": "plots", "files": [path.name for path in plots], "as_expected": None})
    return [{"experiment": NAME, "seed": seed} | record for record in records]


def trained(recipe: Recipe, source: Source, out: Path, title: str, progress: Progress | None) -> Trained:
    """The run of a recipe, made or gone on with; its checkpoint's folder is named by the hash of the recipe."""
    import torch

    from numerics.learning.training import train

    def report(update: int, updates: int, loss: float) -> None:
        if progress is not None:
            progress(title, update, updates)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return train(recipe, source, out / f"training-{recipe.key}", progress=report, device=device)


EXPERIMENT = Experiment(
    NAME,
    "autoregressive",
    "masked networks on multiplication and on text",
    run_autoregressive_networks,
)
