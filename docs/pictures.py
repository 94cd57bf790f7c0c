"""Draw the pictures of the documents that take a computation of their own.

    python docs/pictures.py [NAME ...] [--out docs/pictures]

Without names all of them. Every picture comes from an experiment of its quick budget at seed 0: the same numbers on
every run, a minute or two on one core.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from verify.experiments.concepts_ood import run_ood
from verify.experiments.concepts_phase import fresh_column, map_diagram, network_diagram, sizes_of
from verify.experiments.concepts_phase_plots import draw_phase
from verify.experiments.concepts_rates import run_rates
from verify.experiments.experiment import Run


def concepts_phase(path: Path) -> None:
    """Initial scale against weight decay: where learning starts."""
    sizes = sizes_of("quick")
    with tempfile.TemporaryDirectory() as folder:
        trials = Path(folder)
        draw_phase(path, map_diagram(sizes), network_diagram(trials, sizes, 0), fresh_column(trials, sizes, 0), dpi=100)


def concepts_ood(path: Path) -> None:
    """Learned concepts on prompts of another law: what generalises and what fails."""
    _figure_of(run_ood, "ood-rows.png", path)


def concepts_rates(path: Path) -> None:
    """The 0-1 error of joint training with its fits and the bound."""
    _figure_of(run_rates, "rates.png", path)


def _figure_of(run: Run, name: str, path: Path) -> None:
    """A figure that an experiment leaves in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "experiment"
        out.mkdir()
        run(out, budget="quick", seed=0, progress=None)
        shutil.copyfile(out / name, path)


PICTURES: dict[str, Callable[[Path], None]] = {
    "concepts_phase": concepts_phase,
    "concepts_ood": concepts_ood,
    "concepts_rates": concepts_rates,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "pictures")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in PICTURES]
    if unknown:
        parser.error(f"no picture is called {unknown[0]!r}; there are {', '.join(PICTURES)}")
    torch.set_num_threads(1)
    for name in arguments.names or PICTURES:
        PICTURES[name](arguments.out / f"{name}.png")
        print(f"{arguments.out / name}.png")
