"""Machines by the routes binary, dictionary and sweep: lengths, gaps and norms of what was compiled, on every input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from numerics.machines.binary import binary_bits
from numerics.machines.library import table
from numerics.machines.routes import MachineChain, Route, compile_machine
from numerics.machines.sweep import sweep_tokens
from numerics.machines.tableau import Tableau
from numerics.machines.turing import simulate, words
from theory.claim import Claim
from verify.instance import Instance, NotApplicable, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact
from verify.space import Space
from verify.strategies.machines import MachineTask, machine_tasks

Found = tuple[Mapping[str, Number | Measured], int, str]  # values, quantity, label of the statement


def examples_of_the_specification(claim: Claim) -> Iterator[MachineTask]:
    """EX1 and EX2 on both kinds of tape, n = 3, four steps."""
    for name in ("ones_mod_2", "find_11"):
        for tape in ("two_sided", "one_sided"):
            yield MachineTask({**table(name), "tape": tape}, 3, 4)


machines = Space("machines", lambda claim: machine_tasks(), examples_of_the_specification)
binary_machines = Space("machines on bits", lambda claim: machine_tasks(binary=True), examples_of_the_specification)


def _chain(task: MachineTask, route: Route, *, cone: bool = False) -> MachineChain:
    """Compiled and compared, token by token, with direct simulation on every input."""
    return compile_machine(task.machine, task.n, task.tau, route, cone=cone)


def _sizes(task: MachineTask) -> dict[str, Number | Measured]:
    machine = task.machine
    cells = len(Tableau(machine, task.n, task.tau).window)
    sizes = {"Q": len(machine.states), "A": len(machine.alphabet), "F": len(machine.accept)}
    return {"tau": task.tau, "n": task.n, "C": cells, **sizes}


def _instances(task: MachineTask, found: Iterator[Found]) -> Iterator[Instance]:
    label = f"{task.table['name']}, {task.table['tape']}, n = {task.n}, tau = {task.tau}"
    witness: dict[str, Any] = {"table": task.table, "n": task.n, "tau": task.tau}
    for values, quantity, statement in found:
        yield Instance(values, exact(quantity), statement, label=label, witness=witness)


def _least(gaps: list[int | None]) -> int:
    return min(gap for gap in gaps if gap is not None)


@measures("autoregressive/turing_binary", over=binary_machines, examples=(15, 200))
def turing_binary(task: MachineTask, context: Context) -> Iterator[Instance]:
    chain = _chain(task, "binary")
    tableau, sizes = Tableau(task.machine, task.n, task.tau), _sizes(task)
    *norms, answer = chain.model.squared_norms
    gaps = chain.compiled.least_gaps
    bits = list(enumerate(binary_bits(tableau)))

    def found() -> Iterator[Found]:
        yield sizes, chain.compiled.token_count, "length"
        sides = "two" if task.table["tape"] == "two_sided" else "one"
        yield sizes, len(tableau.window), f"cells, {sides}-sided"
        for kind, gate, norm in (("P", "gate P", "norm of P"), ("H", "gate H'", "norm of H'")):
            yield {}, _least([gaps[i] for i, bit in bits if bit[0] == kind]), gate
            yield sizes, max(norms[i] for i, bit in bits if bit[0] == kind), norm
        yield {}, _least([gaps[i] for i, bit in bits if bit[0] == "S"]), "gate S'"
        yield sizes, max(norms[i] for i, bit in bits if bit[0] == "S" and bit[1] == 1), "norm of S', first layer"
        later = [norms[i] for i, bit in bits if bit[0] == "S" and bit[1] > 1]
        if later:
            yield sizes, max(later), "norm of S'"
        yield sizes, answer, "norm of the answer"

    yield from _instances(task, found())


@measures("autoregressive/turing_binary_cone", over=binary_machines, examples=(15, 200))
def turing_binary_cone(task: MachineTask, context: Context) -> Iterator[Instance]:
    chain, sizes, machine = _chain(task, "binary", cone=True), _sizes(task), task.machine
    heads = [simulate(machine, x, task.tau).heads[-1][0] for x in words(machine.input_alphabet, task.n)]

    def found() -> Iterator[Found]:
        sides = "two" if machine.tape == "two_sided" else "one"
        yield sizes, chain.compiled.token_count, f"length, {sides}-sided"
        yield sizes, max(heads), "to the right"
        yield sizes, min(heads), "to the left"

    yield from _instances(task, found())


@measures("autoregressive/turing_as_stated", over=binary_machines, examples=(10, 100))
def turing_as_stated(task: MachineTask, context: Context) -> Iterator[Instance]:
    if task.n > task.tau + 1 or task.table["tape"] != "two_sided":
        raise NotApplicable("the exponent is stated for two-sided tapes and inputs no longer than tau + 1")
    chain, sizes = _chain(task, "binary"), _sizes(task)
    yield from _instances(task, iter([(sizes, chain.compiled.token_count, "")]))


@measures("autoregressive/turing_dictionary", over=machines, examples=(30, 300))
def turing_dictionary(task: MachineTask, context: Context) -> Iterator[Instance]:
    chain, sizes, machine = _chain(task, "dictionary"), _sizes(task), task.machine
    *norms, answer = chain.model.squared_norms
    window = Tableau(machine, task.n, task.tau).window
    moves = [done.moves[0] for done in machine.transitions.values()]
    sizes |= {"n_0": moves.count(0), "n_L": moves.count(-1), "n_R": moves.count(1)}

    def found() -> Iterator[Found]:
        yield sizes, chain.compiled.token_count, "length"
        yield {}, _least(list(chain.compiled.least_gaps)), "gap"
        yield sizes, answer, "norm of the answer"
        for t in range(1, task.tau):  # layers from the second on
            for cell, norm in zip(window, norms[t * len(window) : (t + 1) * len(window)], strict=True):
                if machine.tape == "one_sided" and cell == 0:
                    yield sizes, norm, "norm at the end of the tape"
                elif window[0] < cell < window[-1]:
                    yield sizes, norm, "norm of an inner cell"

    yield from _instances(task, found())


@measures("autoregressive/turing_dictionary_cone", over=machines, examples=(30, 300))
def turing_dictionary_cone(task: MachineTask, context: Context) -> Iterator[Instance]:
    chain, sizes = _chain(task, "dictionary", cone=True), _sizes(task)
    sides = "two" if task.table["tape"] == "two_sided" else "one"
    yield from _instances(task, iter([(sizes, chain.compiled.token_count, f"length, {sides}-sided")]))


@measures("autoregressive/turing_sweep", over=machines, examples=(12, 150))
def turing_sweep(task: MachineTask, context: Context) -> Iterator[Instance]:
    chain, sizes = _chain(task, "sweep"), _sizes(task)

    def found() -> Iterator[Found]:
        yield sizes, chain.compiled.token_count, "length"
        yield sizes, len(sweep_tokens(task.machine)), "dictionary"
        yield {"k": 1, "wrong": 0}, _least(list(chain.compiled.least_gaps)), "gap"
        yield sizes, chain.compiled.token_count, "not shorter"

    yield from _instances(task, found())
