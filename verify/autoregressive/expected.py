"""Expected errors of the minimum-norm learner over bits, exact over all sets of prompts seen (specification 2B)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.learning.features import OneHot, predictions
from numerics.learning.minimum_norm import minimum_norm
from numerics.learning.tables import mass_of, seen_law
from verify.autoregressive.growth import LinearTask, linear
from verify.instance import Case, Instance, Number
from verify.measurement import Context, measures
from verify.precision import exact

SIZES = (1, 4, 12, 40)  # chains


def minimum_norm_misses(task: LinearTask, seen: np.ndarray) -> np.ndarray:
    """Where the minimum-norm decoders of the prompts seen (a mask (P,)) miss, boolean (T, P)."""
    P = len(task.problem.masses)
    contexts = np.array([[int(b) for b in f"{i:0{task.n}b}"] for i in range(P)], dtype=np.int64)
    missed = np.zeros((task.T, P), dtype=bool)
    for t, truth in enumerate(task.problem.truth):
        width = contexts.shape[1]
        decoder = OneHot(2, np.arange(2), np.arange(width))
        weights = minimum_norm(decoder, contexts[seen], truth[seen])
        if weights is None:
            raise ArithmeticError(f"no decoder of step {t + 1} fits a threshold function on {int(seen.sum())} contexts")
        missed[t] = predictions(decoder, weights, contexts) != truth
        contexts = np.column_stack([contexts, truth])
    return missed


@measures("autoregressive/pac_to_ar_expected", over=linear, examples=(10, 100))
def pac_to_ar_expected(thing: LinearTask, context: Context) -> Iterator[Case]:
    """E err_AR, the sum of E eps_t and Pr[err_AR > 1/4], from the exact law of the set of prompts seen."""
    problem, eps = thing.problem, Fraction(1, 4)
    learnt: dict[tuple[bool, ...], np.ndarray] = {}
    for m in SIZES:
        chain, steps, failed = Fraction(0), Fraction(0), Fraction(0)
        for seen, probability in seen_law(problem.masses, m).items():
            if not probability:
                continue
            if seen not in learnt:
                learnt[seen] = minimum_norm_misses(thing, np.array(seen))
            missed = learnt[seen]
            error = mass_of(problem, np.asarray(missed.any(axis=0)))
            chain += probability * error
            steps += probability * sum((mass_of(problem, row) for row in missed), Fraction(0))
            failed += probability * (error > eps)
        values: dict[str, Number] = {"n": thing.n, "T": thing.T, "K": 2, "m": m, "epsilon": eps}
        yield Instance(values, exact(chain), "minimum norm", label=f"m = {m}")
        yield Instance(values, exact(chain), "sum", exact(steps), label=f"m = {m}")
        yield Instance(values, exact(failed), "Markov", label=f"m = {m}")
