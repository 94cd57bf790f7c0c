"""Linear decoders over bits on all prompts of one or two bits: every consistent tuple, exactly (specification 2B)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
from hypothesis import strategies as st

from numerics.learning.sizes import m_growth_joint
from numerics.learning.tables import FiniteProblem, random_masses
from verify.autoregressive.sample_size import failure
from verify.instance import Case, Instance
from verify.measurement import Context, measures
from verify.precision import Measured
from verify.space import Space

LARGEST = 3  # integer weights -2..2 and half-integer thresholds realise all threshold functions of three bits


@cache
def threshold_functions(bits: int) -> np.ndarray:
    """All threshold functions of up to three bits as tables (functions, 2^bits), points in dictionary order."""
    if not 1 <= bits <= LARGEST:
        raise ValueError(f"{bits} bits, expected 1..{LARGEST}")
    points = np.array(list(product((0, 1), repeat=bits)))
    weights = np.array(list(product(range(-2, 3), repeat=bits)))
    sums = weights @ points.T  # (weights, points)
    thresholds = np.arange(-2 * bits, 2 * bits + 2) - 0.5
    tables = (sums[:, None, :] > thresholds[None, :, None]).reshape(-1, len(points))
    return np.unique(tables.astype(np.int64), axis=0)


@dataclass(frozen=True, eq=False)
class LinearTask:
    """Chains of a linear decoder over bits, and the class of all of them on the contexts of these chains."""

    n: int
    T: int
    problem: FiniteProblem


def linear_task(n: int, T: int, rng: np.random.Generator, masses: tuple[Fraction, ...] | None = None) -> LinearTask:
    """A random teacher of n prompt bits and T tokens, n + T <= 4."""
    contexts = [tuple(x) for x in product((0, 1), repeat=n)]
    classes, truth = [], []
    for t in range(T):
        tables = threshold_functions(n + t)
        index = [int("".join(map(str, c)), 2) for c in contexts]
        labels = np.unique(tables[:, index], axis=0)
        chosen = labels[rng.integers(len(labels))]
        classes.append(labels)
        truth.append(chosen)
        contexts = [(*c, int(a)) for c, a in zip(contexts, chosen, strict=True)]
    return LinearTask(n, T, FiniteProblem(masses or random_masses(2**n, rng), tuple(classes), np.stack(truth)))


@st.composite
def linear_tasks(draw: st.DrawFn) -> LinearTask:
    """One or two prompt bits and one or two tokens."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return linear_task(draw(st.integers(1, 2)), draw(st.integers(1, 2)), rng)


def rare_prompt() -> LinearTask:
    """A prompt of mass just above 1/4: it is missed by (3/4)^m of the samples, which is then an error."""
    rare = Fraction(26, 100)
    return linear_task(1, 1, np.random.default_rng(0), (1 - rare, rare))


linear = Space("chains of random linear decoders", lambda claim: linear_tasks(), lambda claim: (rare_prompt(),))


def probability(task: LinearTask, m: int, eps: Fraction) -> Measured:
    """Pr[some consistent tuple has err_AR > eps], exact."""
    return failure(task.problem, m, float(eps))


@measures("autoregressive/pac_to_ar_joint_growth", over=linear, examples=(12, 120))
def pac_to_ar_joint_growth(thing: LinearTask, context: Context) -> Iterator[Case]:
    """The exact probability of failure where the bound is 1/2 and 1/20, and where it is trivial."""
    for eps in (Fraction(1, 4), Fraction(1, 2)):
        sizes = [m_growth_joint(thing.n, thing.T, 2, eps, risk) for risk in (0.5, 0.05)]
        for m in (int(2 / eps), *sizes):
            yield Instance(
                {"n": thing.n, "T": thing.T, "K": 2, "m": m, "epsilon": eps},
                probability(thing, m, eps),
                "failure",
                label=f"n = {thing.n}, T = {thing.T}, m = {m}, eps = {eps}",
            )
