"""Oblivious machines, compiled and compared with direct simulation on every input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from numerics.machines.library import table
from numerics.machines.linear_ar import gap, rollout
from numerics.machines.oblivious import NotOblivious, compile_oblivious, true_chain
from numerics.machines.table import machine_of_table
from numerics.machines.turing import TuringMachine, words
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space


@dataclass(frozen=True)
class Task:
    """A machine, the length of its inputs, and its number of steps."""

    table: dict[str, Any]
    n: int
    tau: int

    @property
    def machine(self) -> TuringMachine:
        """The machine of the table."""
        return machine_of_table(self.table)


@st.composite
def oblivious_tasks(draw: st.DrawFn) -> Task:
    """Machines with <= 4 states, 2..3 symbols and 1..2 tapes on inputs of length 1..3, up to 4 steps.

    Their states carry a clock that alone decides the moves, so their heads do not depend on the input. Shrinks to a
    machine of one state that stays.
    """
    clock, values, tapes = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    alphabet = ["0", "1", "B"] if draw(st.booleans()) else ["0", "B"]
    symbol = st.lists(st.sampled_from(alphabet), min_size=tapes, max_size=tapes)
    moves = [draw(st.lists(st.sampled_from((0, 1, -1)), min_size=tapes, max_size=tapes)) for _ in range(clock)]
    states = [f"t{c}v{v}" for c in range(clock) for v in range(values)]
    transitions = [
        [
            f"t{c}v{v}",
            list(reads),
            f"t{(c + 1) % clock}v{draw(st.integers(0, values - 1))}",
            draw(symbol),
            moves[c],
        ]
        for c in range(clock)
        for v in range(values)
        for reads in words(alphabet, tapes)
    ]
    table = {
        "name": "random oblivious machine",
        "states": states,
        "alphabet": alphabet,
        "blank": "B",
        "input_alphabet": alphabet[:-1],
        "start": states[0],
        "accept": draw(st.lists(st.sampled_from(states), unique=True)),
        "tape": draw(st.sampled_from(("two_sided", "one_sided"))),
        "transitions": transitions,
    }
    return Task(table, draw(st.integers(1, 3)), draw(st.integers(1, 4)))


def ones_mod_2(claim: Claim) -> Iterator[Task]:
    """EX1 on both kinds of tape and every length up to 4, run until one step beyond the input."""
    for tape in ("two_sided", "one_sided"):
        for n in range(1, 5):
            yield Task({**table("ones_mod_2"), "tape": tape}, n, n + 1)


machines = Space("oblivious machines", lambda claim: oblivious_tasks(), ones_mod_2)


@measures("autoregressive/turing_oblivious", over=machines)
def turing_oblivious(task: Task, context: Context) -> Iterator[Instance]:
    machine = task.machine
    try:
        model = compile_oblivious(machine, task.n, task.tau)
    except NotOblivious as refusal:
        raise NotApplicable(str(refusal)) from refusal
    values = {"tau": task.tau, "k": machine.tapes}
    witness: dict[str, Any] = {"table": task.table, "n": task.n}
    label = f"{machine.name}, n = {task.n}"
    least: int | None = None
    for x in words(machine.input_alphabet, task.n):
        chain, true = rollout(model, x), true_chain(machine, x, task.tau)
        found = min(gap(step, (*x, *true[:t]), true[t]) for t, step in enumerate(model.steps))
        if chain != true:
            found = min(found, 0)  # never above 0 by itself: the first token that differs was preferred to the true one
        if least is None or found < least:
            least, witness = found, {**witness, "input": list(x)}
    yield Instance(values, exact(len(model.steps)), "length", label=label, witness=witness)
    if least is not None:
        yield Instance({**values, "wrong": 0}, exact(least), "gap", label=label, witness=witness)
