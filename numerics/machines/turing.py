"""Turing machines, and the direct simulator that every compiled chain is compared with.

Main definitions
    TuringMachine    states, alphabet, transitions, one or several tapes
    simulate         a run of exactly tau steps
    configurations   tape, head and state after 0..tau steps
    steps_to_halt    after how many steps a machine stops; StepLimit where it does not in time

Conventions: the input lies on cells 0..n-1 of the first tape, heads start on 0; with `one_sided` tapes a move to the
left on cell 0 stays. The machine runs for exactly tau steps; its answer is whether the state then is accepting.
Source: specification `autoregressive`, D12 and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Tape = Literal["two_sided", "one_sided"]
Symbols = tuple[str, ...]
MOVES: Mapping[str, int] = {"L": -1, "S": 0, "R": 1, "-1": -1, "0": 0, "1": 1, "+1": 1}
STEP_LIMIT = 100_000  # steps that a machine may take to stop where no number of steps is given


class MachineError(ValueError):
    """A machine's table, its input or its number of steps is wrong; the message names the value and what fits.

    Attributes
        message  without the machine's name
        at       where in the table: keys and indices, e.g. ("transitions", 3, 1); empty where it is not in the table
    """

    def __init__(self, name: str, message: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(name, message, at)
        self.message, self.at = message, at

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.message}"


class StepLimit(MachineError):
    """A machine has not halted after as many steps as it was allowed."""


@dataclass(frozen=True)
class Transition:
    """What a machine does: the new state, and for each tape the symbol written and the move (-1, 0, 1)."""

    state: str
    writes: Symbols
    moves: tuple[int, ...]


@dataclass(frozen=True)
class TuringMachine:
    """A deterministic machine with one or several tapes.

    Attributes
        transitions  (state, symbols read) to what is done; total
        tapes        how many
    """

    name: str
    states: Symbols
    alphabet: Symbols
    blank: str
    input_alphabet: Symbols
    start: str
    accept: frozenset[str]
    tape: Tape
    transitions: Mapping[tuple[str, Symbols], Transition]
    tapes: int = 1

    def check_input(self, x: Sequence[str], steps: int) -> None:
        """Raises MachineError for an empty input, a foreign symbol, or fewer than one step."""
        check_sizes(self, len(x), steps)
        for i, symbol in enumerate(x):
            if symbol not in self.input_alphabet:
                known = ", ".join(self.input_alphabet)
                raise MachineError(
                    self.name, f"input symbol {symbol!r} at position {i} is not in the input alphabet {known}"
                )

    def halted(self, state: str, reads: Symbols) -> bool:
        """Whether nothing changes from here on: the transition leaves state, symbols and heads as they are."""
        return self.transitions[state, reads] == Transition(state, reads, (0,) * self.tapes)


def check_sizes(machine: TuringMachine, n: int, tau: int) -> None:
    """Raises MachineError for fewer than one input symbol or fewer than one step."""
    if n < 1:
        raise MachineError(machine.name, f"inputs of {n} symbols, expected at least 1")
    if tau < 1:
        raise MachineError(machine.name, f"{tau} steps, expected at least 1")


@dataclass(frozen=True)
class Configuration:
    """A machine between two steps: contents of each tape (blank cells left out), head cells, state."""

    cells: tuple[Mapping[int, str], ...]
    heads: tuple[int, ...]
    state: str


@dataclass(frozen=True)
class Run:
    """A run of tau steps.

    Attributes
        states  after 0..tau steps (tau + 1)
        heads   cell of each head after 0..tau steps (tau + 1, tapes)
        reads   symbols read by steps 1..tau (tau, tapes)
        cells   contents of each tape at the end, blank cells left out
        answer  1 if the last state is accepting, else 0
    """

    states: Symbols
    heads: tuple[tuple[int, ...], ...]
    reads: tuple[Symbols, ...]
    cells: tuple[Mapping[int, str], ...]
    answer: int


Moment = tuple[str, tuple[int, ...], Symbols, tuple[Mapping[int, str], ...]]  # state, heads, symbols read, tapes


def moments(machine: TuringMachine, x: Sequence[str]) -> Iterator[Moment]:
    """State, head cells, symbols under the heads and tapes after 0, 1, 2, ... steps, without end.

    The tapes are the simulator's own: they change with the next step.
    """
    cells: list[dict[int, str]] = [dict(enumerate(x))] + [{} for _ in range(machine.tapes - 1)]
    state, at = machine.start, (0,) * machine.tapes
    while True:
        reads = tuple(tape.get(cell, machine.blank) for tape, cell in zip(cells, at, strict=True))
        yield state, at, reads, tuple(cells)
        done = machine.transitions[state, reads]
        for tape, cell, symbol in zip(cells, at, done.writes, strict=True):
            tape[cell] = symbol
        state = done.state
        at = tuple(moved(machine, cell, move) for cell, move in zip(at, done.moves, strict=True))


def simulate(machine: TuringMachine, x: Sequence[str], tau: int) -> Run:
    """Run for exactly tau >= 1 steps on the input x; MachineError for a foreign symbol or an empty input."""
    machine.check_input(x, tau)
    states, heads, reads, tapes = zip(*islice(moments(machine, x), tau + 1), strict=True)
    return Run(states, heads, reads[:-1], _kept(machine, tapes[-1]), int(states[-1] in machine.accept))


def configurations(machine: TuringMachine, x: Sequence[str], tau: int) -> tuple[Configuration, ...]:
    """Tapes, heads and state after 0..tau steps (tau + 1)."""
    machine.check_input(x, tau)
    run = islice(moments(machine, x), tau + 1)
    return tuple(Configuration(_kept(machine, cells), heads, state) for state, heads, _, cells in run)


def steps_to_halt(machine: TuringMachine, x: Sequence[str], limit: int = STEP_LIMIT) -> int:
    """The number of steps, at least 1, after which nothing changes any more. Raises StepLimit after `limit` steps."""
    machine.check_input(x, limit)
    for made, (state, _, reads, _) in enumerate(islice(moments(machine, x), limit + 1)):
        if machine.halted(state, reads):
            return max(made, 1)
    shown = "".join(x) if all(len(a) == 1 for a in x) else " ".join(x)
    raise StepLimit(machine.name, f"not halted after {limit} steps (the step limit) on input {shown}")


def _kept(machine: TuringMachine, cells: Sequence[Mapping[int, str]]) -> tuple[Mapping[int, str], ...]:
    return tuple({c: a for c, a in sorted(tape.items()) if a != machine.blank} for tape in cells)


def moved(machine: TuringMachine, cell: int, move: int) -> int:
    """The cell after a move."""
    return max(cell + move, 0) if machine.tape == "one_sided" else cell + move


def words(alphabet: Sequence[str], length: int) -> list[Symbols]:
    """All words of a length, in alphabet order."""
    found: list[Symbols] = [()]
    for _ in range(length):
        found = [(*word, symbol) for word in found for symbol in alphabet]
    return found
