"""Oblivious machines, compiled and compared with direct simulation on every input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numerics.machines.library import table
from numerics.machines.linear_ar import LinearAR, gap, rollout
from numerics.machines.oblivious import NotOblivious, Schedule, compile_oblivious, head_schedule, true_chain
from numerics.machines.turing import TuringMachine, words
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.machines import MachineTask, oblivious_tasks


def ones_mod_2(claim: Claim) -> Iterator[MachineTask]:
    """EX1 on both kinds of tape and every length up to 4, run until one step beyond the input."""
    for tape in ("two_sided", "one_sided"):
        for n in range(1, 5):
            yield MachineTask({**table("ones_mod_2"), "tape": tape}, n, n + 1)


machines = Space("oblivious machines", lambda claim: oblivious_tasks(), ones_mod_2)


def least_gap(machine: TuringMachine, model: LinearAR, n: int, tau: int) -> tuple[int, list[str]]:
    """Smallest gap of all tokens on all inputs and where it is; at most 0 where the chain is not the machine's."""
    least: tuple[int, list[str]] | None = None
    for x in words(machine.input_alphabet, n):
        chain, true = rollout(model, x), true_chain(machine, x, tau)
        found = min(gap(step, (*x, *true[:t]), true[t]) for t, step in enumerate(model.steps))
        if chain != true:
            found = min(found, 0)  # never above 0 by itself: the first token that differs was preferred to the true one
        if least is None or found < least[0]:
            least = found, list(x)
    assert least is not None  # there is an input: alphabets are not empty
    return least


@measures("autoregressive/turing_oblivious", over=machines)
def turing_oblivious(task: MachineTask, context: Context) -> Iterator[Instance]:
    machine = task.machine
    try:
        model = compile_oblivious(machine, task.n, task.tau)
    except NotOblivious as refusal:
        raise NotApplicable(str(refusal)) from refusal
    values = {"tau": task.tau, "k": machine.tapes}
    witness: dict[str, Any] = {"table": task.table, "n": task.n}
    label = f"{machine.name}, n = {task.n}"
    yield Instance(values, exact(len(model.steps)), "length", label=label, witness=witness)
    least, x = least_gap(machine, model, task.n, task.tau)
    yield Instance({**values, "wrong": 0}, exact(least), "gap", label=label, witness={**witness, "input": x})
    yield from _norms(machine, model, head_schedule(machine, task.n, task.tau), label, witness)


def _norms(
    machine: TuringMachine, model: LinearAR, schedule: Schedule, label: str, witness: dict[str, Any]
) -> Iterator[Instance]:
    others = len(machine.alphabet) ** (machine.tapes - 1)
    sizes = {"k": machine.tapes, "Q": len(machine.states), "A": len(machine.alphabet), "B": others}
    *norms, answer = model.squared_norms
    yield Instance(sizes, exact(max(norms)), "norm", label=label, witness=witness)
    yield Instance(sizes, exact(answer), "norm of the answer", label=label, witness=witness)
    if machine.tapes == 1:
        for t, norm in enumerate(norms):
            stayed = t > 0 and schedule[t] == schedule[t - 1]
            kind = "norm, one tape, stayed" if stayed else "norm, one tape, moved"
            yield Instance(sizes, exact(norm), kind, label=f"{label}, token {t + 1}", witness=witness)


two_tapes = Space(
    "oblivious machines with two tapes",
    lambda claim: oblivious_tasks().filter(lambda task: task.machine.tapes == 2 and task.tau >= 2),
)


@measures("autoregressive/turing_loglinear", over=two_tapes, examples=(15, 150))
def turing_loglinear(task: MachineTask, context: Context) -> Iterator[Instance]:
    """Machines that are oblivious with two tapes already: they simulate themselves, with constant 1."""
    machine = task.machine
    model = compile_oblivious(machine, task.n, task.tau)
    witness = {"table": task.table, "n": task.n}
    yield Instance({"tau": task.tau, "c": 1}, exact(len(model.steps)), "length", witness=witness)
    least, x = least_gap(machine, model, task.n, task.tau)
    yield Instance({"k": 2, "wrong": 0}, exact(least), "gap", witness={**witness, "input": x})
