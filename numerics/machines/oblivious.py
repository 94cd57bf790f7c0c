"""The oblivious route: one token a step for machines whose heads do not depend on the input.

Main definitions
    head_schedule       where the heads are, for all inputs of a length; NotOblivious names two that differ
    compile_oblivious   the linear predictor: a token `state:symbols` a step, then the answer `0` or `1`
    true_chain          the chain that the direct simulation says

Token t is the state before step t and the symbols that step reads. Its state is a function of token t - 1; the symbol
on a tape is a function of the token of the last visit of that cell, or of the prompt token on a first visit. A sum of
such functions is linear in the one-hot features. Source: specification `autoregressive`, turing_oblivious and 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from numerics.machines.linear_ar import Feature, LinearAR, LinearStep
from numerics.machines.turing import Symbols, TuringMachine, simulate, words

MOST_INPUTS = 2**16
Schedule = tuple[tuple[int, ...], ...]  # (tau, tapes): cells of the heads before steps 1..tau


class NotOblivious(ValueError):
    """Two inputs of one length move a head differently; the message names them and the first time it happens."""


def head_schedule(machine: TuringMachine, n: int, tau: int) -> Schedule:
    """Head cells before each of the steps 1..tau, the same for all inputs of length n.

    Raises NotOblivious with two inputs and the number of steps already made, and ValueError for more than 2^16 inputs.
    """
    if len(machine.input_alphabet) ** n > MOST_INPUTS:
        raise ValueError(f"{len(machine.input_alphabet)}^{n} inputs are too many to compare, expected at most 2^16")
    inputs = words(machine.input_alphabet, n)
    first = simulate(machine, inputs[0], tau).heads
    # The earliest time over all pairs: with it, the message does not depend on the order of the inputs' symbols.
    earliest: tuple[int, Symbols] | None = None
    for x in inputs[1:]:
        other = simulate(machine, x, tau).heads
        differs = next((t for t in range(tau) if other[t] != first[t]), None)
        if differs is not None and (earliest is None or differs < earliest[0]):
            earliest = differs, x
    if earliest is not None:
        raise NotOblivious(
            f"{machine.name} is not oblivious on length {n}: inputs {' '.join(inputs[0])} and {' '.join(earliest[1])} "
            f"have their heads on different cells after {earliest[0]} steps"
        )
    return first[:tau]


def token(state: str, reads: Symbols) -> str:
    """`state:symbol`, symbols of several tapes separated by commas."""
    return f"{state}:{','.join(reads)}"


def compile_oblivious(machine: TuringMachine, n: int, tau: int) -> LinearAR:
    """A chain of tau + 1 tokens for prompts of n input symbols. Raises NotOblivious, MachineError."""
    schedule = head_schedule(machine, n, tau)
    everything = {token(*pair): pair for pair in machine.transitions}
    live = tuple(token(q, a) for q in machine.states for a in words(machine.alphabet, machine.tapes))
    last_visit: dict[tuple[int, int], int] = {}  # (tape, cell) to the position of the token of its last visit
    steps = []
    for t in range(1, tau + 1):
        weights: dict[Feature, dict[str, int]] = {}
        bias: dict[str, int] = {}
        if t == 1:
            _reward(bias, [out for out, (q, _) in everything.items() if q == machine.start])
        else:
            for name, pair in everything.items():
                target = machine.transitions[pair].state
                _reward(
                    weights.setdefault((n + t - 2, name), {}), [o for o, (q, _) in everything.items() if q == target]
                )
        for tape, cell in enumerate(schedule[t - 1]):
            reading = {a: [o for o, (_, reads) in everything.items() if reads[tape] == a] for a in machine.alphabet}
            if (tape, cell) in last_visit:
                for name, pair in everything.items():
                    written = machine.transitions[pair].writes[tape]
                    _reward(weights.setdefault((last_visit[tape, cell], name), {}), reading[written])
            elif tape == 0 and 0 <= cell < n:
                for symbol in machine.input_alphabet:
                    _reward(weights.setdefault((cell, symbol), {}), reading[symbol])
            else:
                _reward(bias, reading[machine.blank])
            last_visit[tape, cell] = n + t - 1
        steps.append(LinearStep(live, weights, bias))
    accepting = [name for name, pair in everything.items() if machine.transitions[pair].state in machine.accept]
    steps.append(LinearStep(("0", "1"), {(n + tau - 1, name): {"1": 2} for name in accepting}, {"1": -1}))
    return LinearAR(n, tuple(steps))


def true_chain(machine: TuringMachine, x: Sequence[str], tau: int) -> tuple[str, ...]:
    """The tau + 1 tokens by direct simulation."""
    run = simulate(machine, x, tau)
    return (*(token(state, reads) for state, reads in zip(run.states, run.reads, strict=False)), str(run.answer))


def _reward(row: dict[str, int], outputs: Sequence[str]) -> None:
    for output in outputs:
        row[output] = row.get(output, 0) + 1
