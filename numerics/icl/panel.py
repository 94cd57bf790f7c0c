"""One panel of the in-context learning experiment: several predictors on many prompts of one family (experiment 4.5).

Main definitions
    PanelRisks     per-chain risks at some prompt lengths
    measure_panel  draw prompts, predict, compare with the true law, portion by portion
    save_panel, load_panel   one `.npz` file, written whole, read without pickle

Lengths are in transitions: after n transitions n + 1 states have been read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.archive import read_arrays, write_arrays
from numerics.icl.estimators import add_constant, counting, exact_kernel
from numerics.icl.risk import kullback_leibler, running_mean, total_variation
from numerics.icl.simulate import sample_chains
from numerics.icl.slope import log_spaced_positions

Laws = Callable[[NDArray[np.int64]], NDArray[np.float64]]
Table = Mapping[str, NDArray[np.float64]]

CELLS = 4_000_000  # numbers in one array of laws; prompts are taken in portions of about that size
POINTS = 40  # lengths at which risks are kept


@dataclass(frozen=True)
class Predictor:
    """A map from prompts (C, N) to laws (C, N, d) that reads at most `reach` states (None: any number)."""

    laws: Laws
    reach: int | None = None


@dataclass(frozen=True)
class PanelRisks:
    """Risks by predictor, (C, M_p): column i after `transitions[i]` transitions; a predictor of short reach has the
    first M_p <= M columns only. `running` is the mean TV risk over all lengths up to there; KL in nats."""

    transitions: NDArray[np.int64]
    variation: Table
    running: Table
    divergence: Table

    @property
    def chains(self) -> int:
        """Number of prompts."""
        return int(next(iter(self.variation.values())).shape[0])

    def lengths(self, predictor: str) -> NDArray[np.int64]:
        """The transitions (M_p,) at which a predictor was measured."""
        return self.transitions[: self.variation[predictor].shape[1]]


def baselines(states: int) -> dict[str, Predictor]:
    """Counting and add-1 on d states."""
    return {
        "counting": Predictor(lambda prompts: counting(prompts, states)),
        "add-1": Predictor(lambda prompts: add_constant(prompts, states, 1.0)),
    }


def panel_lengths(transitions: int, reach: int | None) -> NDArray[np.int64]:
    """About 40 log-spaced lengths from 1 to `transitions`, and the longest that a predictor of short reach can see."""
    points = log_spaced_positions(1, transitions, POINTS)
    return points if reach is None else np.union1d(points, [min(reach - 1, transitions)])


def measure_panel(
    kernels: NDArray[np.float64],
    start: NDArray[np.float64],
    predictors: Mapping[str, Predictor],
    transitions: NDArray[np.int64],
    chains: int,
    rng: np.random.Generator,
) -> PanelRisks:
    """Risks of `predictors` on one prompt from each of `chains` chains started from the law `start` (d,).

    `kernels` is (d, d), shared, or (C, d, d), one kernel a prompt. Raises ValueError on lengths that are not increasing
    or a predictor that answers with the wrong shape.
    """
    if transitions.ndim != 1 or transitions[0] < 1 or not (np.diff(transitions) > 0).all():
        raise ValueError(f"lengths are {transitions.tolist()}, expected increasing integers >= 1")
    if kernels.ndim == 3 and kernels.shape[0] != chains:
        raise ValueError(f"{kernels.shape[0]} kernels for {chains} chains, expected one each")
    states, longest = kernels.shape[-1], int(transitions[-1]) + 1
    prompts = sample_chains(kernels, longest, rng, chains=chains, start=start)  # (C, N + 1)
    # Counting keeps a table of d^2 counts a chain beside the laws of all N positions.
    portion = max(1, CELLS // (states * (longest + states)))
    parts: dict[str, list[tuple[NDArray[np.float64], ...]]] = {name: [] for name in predictors}
    for first in range(0, chains, portion):
        chunk = prompts[first : first + portion]
        own = kernels if kernels.ndim == 2 else kernels[first : first + portion]
        truth = exact_kernel(chunk, own)  # (c, N + 1, d)
        for name, predictor in predictors.items():
            length = longest if predictor.reach is None else min(longest, predictor.reach)
            laws = predictor.laws(chunk[:, :length])
            if laws.shape != truth[:, :length].shape:
                raise ValueError(
                    f"predictor {name!r} answered with shape {laws.shape}, expected {truth[:, :length].shape}"
                )
            kept = transitions[transitions < length]
            # Column 0 is the prediction from one state, before any transition: it is left out of every mean.
            variation = total_variation(truth[:, :length], laws)
            divergence = kullback_leibler(truth[:, kept], laws[:, kept])
            parts[name].append((variation[:, kept], running_mean(variation[:, 1:])[:, kept - 1], divergence))
    joined = {
        name: tuple(np.concatenate(column) for column in zip(*found, strict=True)) for name, found in parts.items()
    }
    return PanelRisks(transitions, *({name: found[i] for name, found in joined.items()} for i in range(3)))


def save_panel(path: Path, panel: PanelRisks) -> None:
    """Write the panel to `path`; a reader sees the old file or the new one, never a part of it."""
    arrays = {"transitions": panel.transitions}
    for group in ("variation", "running", "divergence"):
        arrays |= {f"{group}/{name}": values for name, values in getattr(panel, group).items()}
    write_arrays(path, arrays)


def load_panel(path: Path) -> PanelRisks:
    """Read a panel. Raises ValueError when the file is not a complete one, FileNotFoundError when there is none."""
    arrays = read_arrays(path, "panel", ("transitions",))

    def group(prefix: str) -> dict[str, NDArray[np.float64]]:
        return {n.removeprefix(f"{prefix}/"): v for n, v in arrays.items() if n.startswith(f"{prefix}/")}

    return PanelRisks(arrays["transitions"], group("variation"), group("running"), group("divergence"))
