"""Perceptrons on traces of compiled machines: presented traces with a miss against the bound from the norms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics.learning.ar_perceptron import Update, learn, vote
from numerics.learning.features import decoders
from numerics.learning.sizes import m_voted
from numerics.machines.dense import dense, encode, rollout
from numerics.machines.library import table
from numerics.machines.routes import MachineChain, Route, compile_machine
from numerics.machines.table import machine_of_table
from numerics.machines.turing import words
from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact
from verify.space import Space
from verify.statistics import binomial_interval

VOTED = (Fraction(1, 2), Fraction(1, 5))  # epsilon, delta at which the vote is tried
MOST_TRACES = 1000  # of one trial of the vote


@dataclass(frozen=True)
class Lesson:
    """A shipped machine by one route, its inputs and steps, and which positions of a trace are updated."""

    name: str
    tape: str
    route: Route
    n: int
    tau: int
    update: Update

    @property
    def chain(self) -> MachineChain:
        """The compiled machine."""
        machine = machine_of_table({**table(self.name), "tape": self.tape})
        return compile_machine(machine, self.n, self.tau, self.route, cone=self.route == "dictionary")


LESSONS = (
    Lesson("ones_mod_2", "one_sided", "oblivious", 1, 1, "all"),
    Lesson("ones_mod_2", "two_sided", "oblivious", 4, 5, "all"),
    Lesson("ones_mod_2", "two_sided", "oblivious", 4, 5, "first"),
    Lesson("find_11", "two_sided", "dictionary", 3, 4, "all"),
    Lesson("find_11", "one_sided", "dictionary", 4, 5, "first"),
)
lessons = Space("traces of machines", lambda claim: st.sampled_from(LESSONS), lambda claim: LESSONS)


@measures("autoregressive/turing_learnable", over=lessons, examples=(0, 20))
def turing_learnable(task: Lesson, context: Context) -> Iterator[Instance]:
    chain = task.chain
    model = dense(chain.model, chain.compiled.tokens, "int64")
    prompts = encode(model, words(chain.machine.input_alphabet, task.n))
    true = rollout(model, prompts)
    live = [step.live for step in model.steps]
    learner = decoders(prompts, true, len(model.tokens), live=live, drop_constant=False)
    *norms, answer = chain.model.squared_norms
    n, T = task.n, true.shape[1]
    values: dict[str, Number | Measured] = {"n": n, "T": T, "kappa": 2, "B2": max(norms), "BT2": answer}
    witness: dict[str, Any] = {"machine": task.name, "tape": task.tape, "route": task.route, "tau": task.tau}
    label = f"{task.name}, {task.tape}, {task.route}, n = {n}, tau = {task.tau}, update {task.update}"
    passes = context.pick(60, 400)
    order = np.concatenate([context.rng.permutation(len(prompts)) for _ in range(passes)])
    run = learn(learner, prompts, true, update=task.update, order=order)
    yield Instance({**values, "m": len(order)}, exact(run.mistakes), "mistakes", label=label, witness=witness)
    epsilon, delta = VOTED
    bound = 2 * (max(norms) * sum(n + t for t in range(1, T)) + answer * (n + T))
    m = m_voted(bound, epsilon, delta)
    if m > MOST_TRACES:
        return
    trials = context.pick(30, 200)
    failures = 0
    for _ in range(trials):
        drawn = context.rng.integers(0, len(prompts), m)
        once = learn(learner, prompts, true, update=task.update, order=drawn)
        failures += bool((vote(once, prompts) != true).any(axis=1).mean() > epsilon)
    found = Measured(*binomial_interval(failures, trials), "monte carlo")
    voted = {**values, "m": m, "epsilon": epsilon, "delta": delta}
    yield Instance(voted, found, "voted", label=f"{label}, m = {m}", witness=witness)
