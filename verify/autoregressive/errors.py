"""Error identities on random autoregressive tables, in exact rationals over all prompts (specification 2A)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

import numpy as np

from numerics.learning.errors import (
    ar_error,
    final_error,
    first_miss,
    hazards,
    misses,
    rollout_misses,
    step_errors,
)
from verify.instance import Case, Instance, Number
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.ar_tables import TableTask, disjoint_misses, forgetful, nested_misses, table_tasks

tables = Space(
    "random autoregressive tables",
    lambda claim: table_tasks(),
    lambda claim: (disjoint_misses(), nested_misses(), forgetful()),
)


@measures("autoregressive/rollout_identity", over=tables, examples=(30, 300))
def rollout_identity(thing: TableTask, context: Context) -> Iterator[Case]:
    """Both events, and the step of the first mismatch, prompt by prompt."""
    T = thing.chains.T
    taught, rolled = misses(thing.predictor, thing.chains), rollout_misses(thing.predictor, thing.chains)
    first = (first_miss(taught), first_miss(rolled))
    for i in range(len(taught)):
        values = {"h": 0, "i": i, "T": T}
        yield Instance(
            {**values, "t": 1},
            exact(bool(taught[i].any())),
            "event",
            exact(bool(rolled[i].any())),
            label=f"prompt {i}",
            witness={"first mismatch": int(first[0][i]) + 1},
        )
        for t in range(T):
            yield Instance(
                {**values, "t": t + 1},
                exact(bool(first[0][i] == t)),
                "first",
                exact(bool(first[1][i] == t)),
                label=f"prompt {i}, step {t + 1}",
            )


@measures("autoregressive/survival_product", over=tables)
def survival_product(thing: TableTask, context: Context) -> Iterator[Case]:
    """The error of the rollout against the conditional misses of the teacher-forced chain."""
    error = ar_error(rollout_misses(thing.predictor, thing.chains), thing.chains)
    q = hazards(misses(thing.predictor, thing.chains), thing.chains)
    values: dict[str, Number] = {"h": 0, "T": thing.chains.T, "q": max(q)}
    yield Instance(values, exact(1 - error), "product", exact(prod((1 - x for x in q), start=Fraction(1))))
    for statement in ("uniform", "linear"):
        yield Instance(values, exact(error), statement, label=f"{statement}, q = {max(q)}")


@measures("autoregressive/error_sandwich", over=tables)
def error_sandwich(thing: TableTask, context: Context) -> Iterator[Case]:
    """One token, all tokens, last token; teacher forced, and the last token of the rollout."""
    missed = misses(thing.predictor, thing.chains)
    eps, error = step_errors(missed, thing.chains), ar_error(missed, thing.chains)
    values = {"h": 0, "T": thing.chains.T}
    yield Instance({**values, "t": 1}, exact(error), "all tokens", exact(sum(eps, Fraction(0))))
    yield Instance({**values, "t": 1}, exact(error), "probability")
    t = int(np.argmax([float(e) for e in eps]))
    yield Instance({**values, "t": t + 1}, exact(eps[t]), "one token", exact(error), label=f"step {t + 1}")
    last = final_error(thing.predictor, thing.chains)
    yield Instance({**values, "t": thing.chains.T}, exact(last), "last token", exact(error))
