"""In-context learning of Markov chains: a transformer trained on random chains against counting (experiment 4.5).

Main definitions
    run_icl_experiment  train or load, compare risks on fresh chains, fit slopes, draw
    recipes             how the transformers of a budget are trained
    family_records      the panels of all chain families, and the deviations of the empirical risk

A decoder of about 27 000 parameters is trained on Dirichlet(1) kernels and tested on fresh ones. The predictor of least
expected log-loss there is add-1 (markov/icl_bayes_optimal): the model must come close to it and may not beat it beyond
sampling error. Risk at n: mean over chains of the divergence after n transitions; running mean: R_icl(N), the mean over
n <= N. TV has no unit, KL is in nats, lengths are in transitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.icl.comparison import Comparison, compare_predictors, standard_predictors
from numerics.icl.estimators import bayes_kl_asymptote
from numerics.icl.panel import Predictor
from numerics.icl.risk import risk_curve, running_mean
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from numerics.icl.slope import log_log_slope
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.precision import sample_mean

if TYPE_CHECKING:
    from numerics.icl.pretraining import Pretrained, PretrainingSettings

FIRST = 20  # transitions from which slopes are fitted
CLOSE = 0.1  # share of the risk of add-1 by which the trained model may exceed it
MODEL, ADD_ONE, COUNTING, EXACT = "transformer", "add-1", "counting", "exact kernel"


@dataclass(frozen=True)
class Risks:
    """Risks of every predictor on test chains with d states: per-chain values (C, N), column n-1 for n transitions."""

    states: int
    comparison: Comparison
    losses: NDArray[np.float64]  # of training, one an optimiser step, nats

    @property
    def chains(self) -> int:
        """Number of test chains."""
        return int(self.comparison.total_variation[MODEL].shape[0])


def recipes(budget: Budget, seed: int) -> dict[int, PretrainingSettings]:
    """How the transformer is trained, by number of states: the specification's recipe on a full budget."""
    from numerics.icl.pretraining import PretrainingSettings

    if budget == "full":
        return {d: PretrainingSettings.reference(d, seed) for d in (2, 3)}
    return {2: PretrainingSettings.fast(2, seed), 3: PretrainingSettings.brief(3, seed)}


def run_icl_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of the experiment, and its plots in `out`.

    Trained transformers are judged against add-1 for d = 2 on a quick budget, d = 2 and 3 on a full one; every family
    has its panel on both, in the sizes its records tell. What is finished in `out` (training, in `pretraining-dD-HASH`;
    panels, in `panels`) is not done again, and training goes on from its last checkpoint.
    """
    from verify.experiments.icl_plots import draw_risks

    records: list[Record] = []
    trained: dict[int, Pretrained] = {}
    for states, settings in recipes(budget, seed).items():
        trained[states] = train(out, settings, progress)
        if budget == "quick" and states != 2:
            continue  # trained too briefly to be judged: a predictor in the panels only
        risks = measure_risks(trained[states], 2000 if budget == "quick" else 5000, seed)
        found = [*curve_records(risks), *slope_records(risks, seed), *check_records(risks)]
        plots = draw_risks(out, risks)
        records += [{"experiment": "icl", "states": states, "chains": risks.chains, "seed": seed} | r for r in found]
        records.append(_plots_record(states, plots))
    return records + family_records(out, budget, trained, seed, progress)


def family_records(
    out: Path, budget: Budget, trained: Mapping[int, Pretrained], seed: int, progress: Progress | None
) -> list[Record]:
    """Records of all family panels and of the deviations, and their plots in `out`."""
    from numerics.icl.transformer import ICLPredictor
    from verify.experiments.icl_cases import cases
    from verify.experiments.icl_deviation import deviation_records, draw_deviations, measure_deviations
    from verify.experiments.icl_families import Panel, Trained, measure_case, panel_records
    from verify.experiments.icl_family_plots import draw_families

    models = {
        states: Trained(
            Predictor(ICLPredictor(found.model).next_state_probabilities, found.settings.size.context),
            found.settings.key,
        )
        for states, found in trained.items()
    }
    records: list[Record] = []
    panels: list[Panel] = []
    chosen = cases(budget)
    for i, case in enumerate(chosen):
        panels.append(measure_case(case, out / "panels", models, seed))
        records += panel_records(panels[-1], seed)
        if progress is not None:
            progress(f"chain families: {case.label}", i + 1, len(chosen))
    longest, chains = (3000, 500) if budget == "quick" else (30_000, 2000)
    deviations = measure_deviations(longest, chains, np.random.default_rng([seed, 3, 0xDE7]))
    records += deviation_records(deviations)
    plots = [*draw_families(out, panels), draw_deviations(out / "icl-deviation.png", deviations)]
    return [*records, _plots_record(None, plots)]


def _plots_record(states: int | None, plots: list[Path]) -> Record:
    return {
        "experiment": "icl",
        "states": states,
        "name": "plots",
        "files": [path.name for path in plots],
        "as_expected": None,
    }


def train(out: Path, settings: PretrainingSettings, progress: Progress | None) -> Pretrained:
    """The transformer of a recipe, trained or loaded; its checkpoint's folder is named by the hash of the recipe."""
    from numerics.icl.pretraining import pretrain  # torch: only when a model is really trained

    states = settings.size.states
    folder = out / f"pretraining-d{states}-{settings.key}"
    folder.mkdir(parents=True, exist_ok=True)

    def report(step: int, steps: int, loss: float) -> None:
        if progress is not None:
            progress(f"pre-training on chains of {states} states", step, steps)

    return pretrain(settings, folder, progress=report)


def measure_risks(trained: Pretrained, chains: int, seed: int) -> Risks:
    """All predictors on fresh Dirichlet(1) chains of as many states and as long as the transformer reads."""
    from numerics.icl.transformer import ICLPredictor

    settings = trained.settings
    states = settings.size.states
    # The batch of training step t uses the seed [seed, t]: a third entry keeps the test chains apart from all of them.
    rng = np.random.default_rng([seed, states, 0x7E57])
    kernels = random_dirichlet_kernels(chains, states, rng)
    prompts = sample_chains(kernels, settings.size.context, rng)
    predictors = {MODEL: ICLPredictor(trained.model).next_state_probabilities} | standard_predictors(kernels)
    found = compare_predictors(predictors, kernels, prompts)
    # Column 0 is the prediction from a single state, before any transition.
    return Risks(
        states,
        Comparison(
            {name: values[:, 1:] for name, values in found.total_variation.items()},
            {name: values[:, 1:] for name, values in found.kullback_leibler.items()},
        ),
        trained.losses,
    )


def curve_records(risks: Risks) -> list[Record]:
    """One record for every predictor and risk: mean and 95 % band at every n, instantaneous and running mean."""
    records: list[Record] = []
    for measure, values in _measures(risks).items():
        for predictor, table in values.items():
            if not np.isfinite(table).all():
                continue  # counting excludes transitions that occur: its KL risk is infinite
            for name, curve in (("risk", risk_curve(table)), ("running mean", risk_curve(running_mean(table)))):
                records.append(
                    {
                        "name": name,
                        "measure": measure,
                        "predictor": predictor,
                        "transitions": curve.positions.tolist(),
                        "mean": curve.mean.tolist(),
                        "lower": curve.lower.tolist(),
                        "upper": curve.upper.tolist(),
                        "level": curve.level,
                        "as_expected": None,
                    }
                )
    return records


def slope_records(risks: Risks, seed: int) -> list[Record]:
    """Log-log slopes of the TV risk from 20 transitions on, with bootstrap intervals over chains.

    A slope near -1/2 is reached slowly, and by counting too: nothing is expected of it.
    """
    records: list[Record] = []
    for predictor in (MODEL, ADD_ONE, COUNTING):
        table = risks.comparison.total_variation[predictor]
        for name, curves in (("slope", table), ("slope of the running mean", running_mean(table))):
            fit = log_log_slope(curves, np.random.default_rng([seed, risks.states]), first=FIRST)
            records.append(
                {
                    "name": name,
                    "measure": "TV",
                    "predictor": predictor,
                    "first": FIRST,
                    "value": fit.slope,
                    "lower": fit.interval[0],
                    "upper": fit.interval[1],
                    "level": fit.level,
                    "reference": -0.5,
                    "as_expected": None,
                }
            )
    return records


def check_records(risks: Risks) -> list[Record]:
    """What must hold: no predictor beats the Bayes log-loss, and the model comes close to it."""
    variation, divergence = risks.comparison.total_variation, risks.comparison.kullback_leibler
    excess = sample_mean((divergence[MODEL] - divergence[ADD_ONE]).mean(axis=1))
    tail = slice(FIRST - 1, None)
    share = np.asarray(variation[MODEL].mean(axis=0) / variation[ADD_ONE].mean(axis=0))[tail]
    last = divergence[ADD_ONE].shape[1]
    return [
        {
            "name": "mean KL risk minus that of add-1, the Bayes predictor",
            "measure": "KL",
            "value": excess.value,
            "lower": float(excess.lower),
            "upper": float(excess.upper),
            "expected": ">= 0 up to sampling error",
            "as_expected": bool(excess.upper >= 0),
        },
        {
            "name": f"largest ratio of the TV risk to that of add-1 from {FIRST} transitions on",
            "measure": "TV",
            "value": float(share.max()),
            "expected": f"<= {1 + CLOSE}",
            "as_expected": bool(share.max() <= 1 + CLOSE),
        },
        {
            "name": "largest TV risk of the exact kernel",
            "measure": "TV",
            "value": float(variation[EXACT].max()),
            "expected": "0",
            "as_expected": bool(variation[EXACT].max() == 0),
        },
        {
            "name": f"KL risk of add-1 at N = {last} as a multiple of d(d-1)/(2N)",
            "measure": "KL",
            "value": float(divergence[ADD_ONE][:, -1].mean() / bayes_kl_asymptote(risks.states, last)),
            "as_expected": None,
        },
    ]


def _measures(risks: Risks) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
    return {"TV": risks.comparison.total_variation, "KL": risks.comparison.kullback_leibler}


EXPERIMENT = Experiment("icl", "markov", "in-context learning of Markov chains", run_icl_experiment)
