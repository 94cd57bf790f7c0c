"""Drafting: what a coarse state costs, and how many drafted tokens are accepted (experiments E2 and E3).

Main definitions
    run_drafting_experiment  all records, and three plots
    Sizes, sizes_of          how large a budget measures
    window_sources           `names` and `phones` cut to a window: exact finite sources
    encoders_of              coarser encoders: the last tokens of a context, k-means cells of its state
    terms_record             surplus, ceiling and deficit of one encoder
    acceptance_records       best, KL-optimal and representative drafter of one encoder, with their bounds

The drafter sees (H, W_t), the verifier (X, W_t). The representative drafter of a cell is the verifier's row of its
heaviest pair: a student that was never averaged. Pairs of real models are in `categorical_model_pairs`.

Acceptance has no unit; information, κ and δ are in nats; lengths are in tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from numerics.chains.stationary import stationary
from numerics.chains.window_chain import WindowChain
from numerics.drafting.acceptance import (
    cell_means,
    kappa,
    lower_bounds,
    mean_acceptance,
    upper_bound_any,
    upper_bound_kl,
)
from numerics.drafting.optimal_drafter import best_drafters
from numerics.models import load
from numerics.sources.finite import FiniteSource, block_terms, drafting_rows
from numerics.sources.windows import hidden_points, kmeans_states, suffix_states, window_source
from verify.experiments.experiment import Budget, Experiment, Progress, Record

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SUM_ERROR = 1e-9  # nats by which ceiling and surplus + deficit may differ
DRAFTING_CELLS = 5 * 10**6  # pairs (x, w) times tokens of a source whose best drafters are found in seconds
ERROR = 1e-12  # of a float64 acceptance, information or bound
BEST, MEAN, REPRESENTATIVE = "best", "KL-optimal", "representative"


class PairSizes(NamedTuple):
    """Of a model whose text is drafted: how many contexts of how many tokens, and how often drafting is simulated."""

    contexts: int
    length: int
    drafted: int
    draws: int


@dataclass(frozen=True)
class Sizes:
    """Exact sources: (model, tokens of context, block K, k-means cells). Models that draft, and how much of each."""

    sources: tuple[tuple[str, int, int, tuple[int, ...]], ...]
    models: tuple[str, ...]
    pairs: PairSizes


def sizes_of(budget: Budget) -> Sizes:
    """The full budget has more cells, contexts and draws, K = 3, and `smollm2`."""
    if budget == "quick":
        fine: tuple[int, ...] = (2, 8, 32, 128, 512)
        exact: tuple[tuple[str, int, int, tuple[int, ...]], ...]
        exact = (("names", 2, 2, fine), ("names", 3, 2, (8, 64)), ("phones", 2, 2, (8, 64, 512)))
        return Sizes(exact, ("carroll",), PairSizes(160, 24, 3, 256))
    fine = tuple(2**k for k in range(1, 10))
    exact = (("names", 2, 2, fine), ("names", 3, 2, fine), ("phones", 2, 2, fine))
    # With two tokens of context and W_t, only the first further token depends on X: K = 3 repeats K = 2.
    return Sizes((*exact, ("names", 2, 3, fine)), ("carroll", "smollm2"), PairSizes(400, 32, 4, 2000))


@dataclass(frozen=True)
class WindowedSource:
    """An exact source with the points its contexts are clustered by: hidden states, or roots of next-token rows."""

    source: FiniteSource
    block: int
    vocabulary: int
    window: int
    kept: IntArray  # numbers of the contexts of positive mass, in base T
    points: FloatArray  # (N, d)


def run_drafting_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of the exact sources and of the model pairs, and their plots in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.categorical_drafting_plots import draw_acceptance, draw_pairs, draw_terms
    from verify.experiments.categorical_model_pairs import pair_records

    records: list[Record] = []
    steps = len(sizes.sources) + len(sizes.models)
    for place, (model, window, block, cells) in enumerate(sizes.sources):
        records += exact_records(exact_source(model, window, block), cells, seed)
        if progress is not None:
            progress(f"exact source {model}, {window} tokens, K = {block}", place + 1, steps)
    plots = [draw_terms(out / "drafting-terms.png", records), draw_acceptance(out / "drafting-acceptance.png", records)]
    for place, model in enumerate(sizes.models):
        found = pair_records(model, sizes.pairs, seed)
        plots.append(draw_pairs(out / f"drafting-{model}.png", found))
        records += found
        if progress is not None:
            progress(f"drafting for {model}", len(sizes.sources) + place + 1, steps)
    records.append({"name": "plots", "files": [path.name for path in plots], "as_expected": None})
    return [{"experiment": "categorical_drafting", "seed": seed} | record for record in records]


def exact_source(model_name: str, window: int, block: int) -> WindowedSource:
    """The model cut to its last `window` tokens, at its stationary law, with the laws of the next `block` tokens."""
    model = load(model_name)
    chain = WindowChain.from_model(model, window)
    law = stationary(chain).pi
    source = window_source(f"{model_name}, m = {window}", chain, law, block)
    kept = np.flatnonzero(law > 0)
    points = hidden_points(model, window) if hasattr(model, "hidden_states") else np.sqrt(chain.table)
    return WindowedSource(source, block, chain.T, window, kept, points[kept])


def encoders_of(thing: WindowedSource, cells: tuple[int, ...], seed: int) -> Iterator[tuple[str, int, IntArray]]:
    """(family, its parameter, labels): the last k tokens for k = 0..m, the last being injective, then k-means cells."""
    for tokens in range(thing.window + 1):
        yield "suffix", tokens, suffix_states(thing.vocabulary, thing.window, tokens)[thing.kept]
    for count in cells:
        if count < thing.source.contexts:
            rng = np.random.default_rng([seed, count])
            yield "k-means", count, kmeans_states(thing.points, count, rng)


def exact_records(thing: WindowedSource, cells: tuple[int, ...], seed: int) -> list[Record]:
    """Every encoder's terms; for K = 2 its drafters too, unless the source is too large to look for the best one."""
    records: list[Record] = []
    for family, parameter, labels in encoders_of(thing, cells, seed):
        source = thing.source.with_encoder(labels)
        head: Record = {
            "source": thing.source.name,
            "vocabulary": source.V,
            "contexts": source.contexts,
            "encoder": family,
            "parameter": parameter,
            "states": source.states,
            "block": thing.block,
        }
        # W_t joins the state: with it, m - 1 tokens of a window of m say all about the tokens that follow.
        lossless = family == "suffix" and parameter >= thing.window - 1
        records.append(head | terms_record(source, thing.block, lossless))
        drafts = thing.block == 2 and source.laws[1].size <= DRAFTING_CELLS
        if drafts and source.states < source.contexts:  # under an injective encoder everything is accepted
            records += [head | found for found in acceptance_records(source)]
    return records


def terms_record(source: FiniteSource, block: int, lossless: bool) -> Record:
    """Ceiling = surplus + deficit to 1e-9 nats, all three >= 0; where the state loses nothing, deficit 0."""
    terms = block_terms(source, block)
    residual = terms.ceiling - terms.surplus - terms.deficit
    expected = abs(residual) <= SUM_ERROR and min(terms) >= -ERROR
    if lossless:
        expected = expected and terms.deficit <= ERROR
    return {
        "name": "terms",
        "claim": "categorical/injective_encoder" if lossless else "categorical/surplus_deficit",
        "surplus": terms.surplus,
        "ceiling": terms.ceiling,
        "deficit": terms.deficit,
        "residual": residual,
        "expected": "ceiling = surplus + deficit" + (", deficit = 0" if lossless else ""),
        "as_expected": bool(expected),
    }


def drafters_of(weights: FloatArray, rows: FloatArray, cells: IntArray) -> dict[str, FloatArray]:
    """One row a cell (H, W_t), by drafter."""
    mean = cell_means(weights, rows, cells)
    heaviest = np.argsort(weights, kind="stable")  # the last assignment to a cell is its heaviest row
    representative = mean.copy()
    representative[cells[heaviest]] = rows[heaviest]
    return {BEST: best_drafters(weights, rows, cells).rows, MEAN: mean, REPRESENTATIVE: representative}


def acceptance_records(source: FiniteSource) -> list[Record]:
    """One record a drafter: α with both lower bounds (κ) and the upper one (δ); and what is said of them together."""
    weights, rows, cells = drafting_rows(source)
    drafters = drafters_of(weights, rows, cells)
    delta = max(kappa(weights, rows, drafters[MEAN], cells), 0.0)
    records = []
    for name, drafter in drafters.items():
        alpha = mean_acceptance(weights, rows, drafter, cells)
        spent = max(kappa(weights, rows, drafter, cells), 0.0)
        records.append(
            bounds_record(name, alpha, spent, delta, source.V)
            | {"entropy": float((weights * entr(drafter).sum(axis=1)[cells]).sum())}
        )
    verifier = float((weights * entr(rows).sum(axis=1)).sum())
    return [*records, *together(records, delta, verifier)]


def bounds_record(drafter: str, alpha: float, spent: float, delta: float, vocabulary: int) -> Record:
    """The sandwich of one drafter. An infinite κ or bound is None: there is no bound then."""
    lower = lower_bounds(spent)
    limit = min(delta, math.log(vocabulary))
    upper = upper_bound_kl(limit, vocabulary) if drafter == MEAN else upper_bound_any(limit, vocabulary)
    inside = max(lower) - ERROR <= alpha <= upper + ERROR
    return {
        "name": "acceptance",
        "claim": "categorical/acceptance_bounds",
        "drafter": drafter,
        "alpha": alpha,
        "kappa": spent if math.isfinite(spent) else None,
        "delta": delta,
        "pinsker": lower.pinsker if math.isfinite(lower.pinsker) else None,
        "bretagnolle_huber": lower.bretagnolle_huber,
        "upper": upper,
        "expected": "both lower bounds <= alpha <= upper, kappa >= delta",
        "as_expected": bool(inside and spent >= delta - ERROR),
    }


def together(records: list[Record], delta: float, verifier: float) -> list[Record]:
    """The best drafter accepts most and misses at least half of what the KL-optimal one misses, whose entropy exceeds
    the verifier's by δ. Whether the best one is more or less stochastic than the verifier is only told."""
    best, mean, representative = (next(r for r in records if r["drafter"] == d) for d in (BEST, MEAN, REPRESENTATIVE))
    ahead = best["alpha"] - max(mean["alpha"], representative["alpha"])
    half = 2 * (1 - best["alpha"]) - (1 - mean["alpha"])
    gap = mean["entropy"] - verifier
    return [
        {
            "name": "optimal drafter",
            "claim": "categorical/optimal_drafter",
            "value": ahead,
            "half": half,
            "expected": "value >= 0 and half >= 0",
            "as_expected": bool(ahead >= -ERROR and half >= -ERROR),
        },
        {
            "name": "entropy gap of the KL-optimal drafter",
            "claim": "categorical/draft_entropy_gap",
            "value": gap,
            "delta": delta,
            "expected": "delta",
            "as_expected": bool(abs(gap - delta) <= SUM_ERROR),
        },
        {
            "name": "entropy of the best drafter minus the verifier's",
            "claim": "categorical/draft_entropy_as_stated",
            "value": best["entropy"] - verifier,
            "as_expected": None,
        },
    ]


EXPERIMENT = Experiment(
    "categorical_drafting", "categorical", "drafting: states, acceptance and its bounds", run_drafting_experiment
)
