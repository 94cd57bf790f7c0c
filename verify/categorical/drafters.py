"""The best drafter against a linear program, and the entropies of drafters and verifiers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import entr

from numerics.drafting.acceptance import cell_means, mean_acceptance
from numerics.drafting.optimal_drafter import best_by_linear_program, best_drafters
from numerics.information.entropy import entropy, mutual_information
from numerics.sources.finite import FiniteSource, token_joint
from verify.categorical.spaces import drafting, sources
from verify.categorical.toy import near
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.strategies.kernels import DraftingRows

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
PROGRAM_ERROR = 1e-7  # agreement asked of the linear program


@measures("categorical/optimal_drafter", over=drafting, examples=(30, 300))
def optimal_drafter(thing: DraftingRows, context: Context) -> Iterator[Instance]:
    weights, rows, cells = thing.weights, thing.rows, thing.cells
    best = best_drafters(weights, rows, cells)
    greedy = near(mean_acceptance(weights, rows, best.rows, cells))
    mean = cell_means(weights, rows, cells)
    random = context.rng.dirichlet(np.ones(rows.shape[1]), size=len(mean))
    witness = {"weights": weights.tolist(), "rows": rows.tolist(), "cells": cells.tolist()}
    for name, drafter in (("random", random), ("KL-optimal", mean)):
        accepted = near(mean_acceptance(weights, rows, drafter, cells))
        yield Instance({}, accepted, "best", greedy, name, witness, 1.0)
    program = sum(best_by_linear_program(weights[cells == c], rows[cells == c]) for c in np.unique(cells))
    yield Instance({}, floating(program, absolute=PROGRAM_ERROR), "best", greedy, "linear program", witness, 1.0)
    missed = near(1 - mean_acceptance(weights, rows, mean, cells))
    yield Instance({}, missed, "half", near(2 * (1 - best.value)), "KL-optimal", witness, 1.0)


@measures("categorical/draft_entropy_as_stated", over=drafting)
def draft_entropy_as_stated(thing: DraftingRows, context: Context) -> Iterator[Instance]:
    weights, rows, cells = thing.weights, thing.rows, thing.cells
    best = best_drafters(weights, rows, cells).rows
    drafter = float((weights * _entropies(best)[cells]).sum())
    verifier = float((weights * _entropies(rows)).sum())
    witness = {"weights": weights.tolist(), "rows": rows.tolist(), "cells": cells.tolist()}
    yield Instance({}, near(drafter), bound=near(verifier), witness=witness, scale=1.0)


def _entropies(rows: FloatArray) -> FloatArray:
    return np.asarray(entr(rows).sum(axis=-1))


@measures("categorical/draft_entropy_gap", over=sources, examples=(20, 200))
def draft_entropy_gap(source: FiniteSource, context: Context) -> Iterator[Instance]:
    joint = token_joint(source, 2)
    drafter, verifier = entropy(joint, "A", "HW"), entropy(joint, "A", "XW")
    deficit = mutual_information(joint, "X", "A", "HW")
    yield Instance({}, near(drafter - verifier), "gap", near(deficit), scale=1.0)
    yield Instance({}, near(drafter), "sign", near(verifier), scale=1.0)
