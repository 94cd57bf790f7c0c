"""Several in-context predictors on the same chains: per-chain risks at every position (experiment 4.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.icl.estimators import add_constant, counting, exact_kernel
from numerics.icl.risk import kullback_leibler, total_variation

PromptPredictor = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Comparison:
    """Risks by predictor name, each (C, N): column n is the risk of the law predicted from n+1 states, after n
    transitions. KL in nats."""

    total_variation: Mapping[str, NDArray[np.float64]]
    kullback_leibler: Mapping[str, NDArray[np.float64]]


def standard_predictors(kernels: NDArray[np.float64]) -> dict[str, PromptPredictor]:
    """The baselines "counting", "add-1" and "exact kernel" for chains with the kernels (d, d) or (C, d, d)."""
    states = kernels.shape[-1]
    return {
        "counting": lambda prompts: counting(prompts, states),
        "add-1": lambda prompts: add_constant(prompts, states, 1.0),
        "exact kernel": lambda prompts: exact_kernel(prompts, kernels),
    }


def compare_predictors(
    predictors: Mapping[str, PromptPredictor], kernels: NDArray[np.float64], prompts: NDArray[np.int64]
) -> Comparison:
    """Risk of every predictor against the true law of the next state, on prompts (C, N) of chains with the given
    kernels.

    Raises ValueError when a predictor answers with the wrong shape.
    """
    truth = exact_kernel(prompts, kernels)
    variation: dict[str, NDArray[np.float64]] = {}
    divergence: dict[str, NDArray[np.float64]] = {}
    for name, predictor in predictors.items():
        laws = predictor(prompts)
        if laws.shape != truth.shape:
            raise ValueError(f"predictor {name!r} answered with shape {laws.shape}, expected {truth.shape}")
        variation[name] = total_variation(truth, laws)
        divergence[name] = kullback_leibler(truth, laws)
    return Comparison(variation, divergence)
