"""Turing machines: the table format, and the direct simulator that every compiled chain is compared with.

Main definitions
    TuringMachine      states, alphabet, transitions, one or several tapes
    machine_of_table   from the plain data of a YAML or JSON table; every fault of the table is named
    simulate           a run of exactly tau steps
    ONES_MOD_2, FIND_11   the example tables EX1 and EX2

Conventions: the input lies on cells 0..n-1 of the first tape, heads start on 0; with `one_sided` tapes a move to the
left on cell 0 stays. The machine runs for exactly tau steps; its answer is whether the state then is accepting.
Source: specification `autoregressive`, D12 and 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tape = Literal["two_sided", "one_sided"]
Symbols = tuple[str, ...]
MOVES: Mapping[Any, int] = {"L": -1, "S": 0, "R": 1, -1: -1, 0: 0, 1: 1}

ONES_MOD_2: Mapping[str, Any] = {
    "name": "ones_mod_2",
    "states": ["even", "odd"],
    "alphabet": ["0", "1", "B"],
    "blank": "B",
    "input_alphabet": ["0", "1"],
    "start": "even",
    "accept": ["odd"],
    "tape": "two_sided",
    "transitions": [
        ["even", "0", "even", "0", "R"],
        ["even", "1", "odd", "1", "R"],
        ["even", "B", "even", "B", "S"],
        ["odd", "0", "odd", "0", "R"],
        ["odd", "1", "even", "1", "R"],
        ["odd", "B", "odd", "B", "S"],
    ],
}
FIND_11: Mapping[str, Any] = {
    "name": "find_11",
    "states": ["s0", "s1", "hit"],
    "alphabet": ["0", "1", "B"],
    "blank": "B",
    "input_alphabet": ["0", "1"],
    "start": "s0",
    "accept": ["hit"],
    "tape": "two_sided",
    "transitions": [
        ["s0", "0", "s0", "0", "R"],
        ["s0", "1", "s1", "1", "R"],
        ["s0", "B", "s0", "B", "S"],
        ["s1", "0", "s0", "0", "R"],
        ["s1", "1", "hit", "1", "S"],
        ["s1", "B", "s1", "B", "S"],
    ],
    "halt": ["hit"],
}


class MachineError(ValueError):
    """A machine's table, its input or its number of steps is wrong; the message names the value and what fits."""


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
        if len(x) < 1:
            raise MachineError(f"{self.name}: the input is empty, expected at least one symbol")
        for i, symbol in enumerate(x):
            if symbol not in self.input_alphabet:
                raise MachineError(f"{self.name}: input symbol {symbol!r} at position {i} is not in the input alphabet")
        if steps < 1:
            raise MachineError(f"{self.name}: {steps} steps, expected at least 1")


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


def simulate(machine: TuringMachine, x: Sequence[str], tau: int) -> Run:
    """Run for exactly tau >= 1 steps on the input x; MachineError for a foreign symbol or an empty input."""
    machine.check_input(x, tau)
    cells: list[dict[int, str]] = [dict(enumerate(x))] + [{} for _ in range(machine.tapes - 1)]
    state, at = machine.start, (0,) * machine.tapes
    states, heads, reads = [state], [at], []
    for _ in range(tau):
        read = tuple(tape.get(cell, machine.blank) for tape, cell in zip(cells, at, strict=True))
        done = machine.transitions[state, read]
        for tape, cell, symbol in zip(cells, at, done.writes, strict=True):
            tape[cell] = symbol
        state = done.state
        at = tuple(moved(machine, cell, move) for cell, move in zip(at, done.moves, strict=True))
        states.append(state)
        heads.append(at)
        reads.append(read)
    kept = tuple({c: a for c, a in sorted(tape.items()) if a != machine.blank} for tape in cells)
    return Run(tuple(states), tuple(heads), tuple(reads), kept, int(state in machine.accept))


def moved(machine: TuringMachine, cell: int, move: int) -> int:
    """The cell after a move."""
    return max(cell + move, 0) if machine.tape == "one_sided" else cell + move


def machine_of_table(table: Mapping[str, Any]) -> TuringMachine:
    """A machine from its table (keys as in the module's examples; `halt` and `partial: halt` optional).

    A transition is [state, read, new_state, write, move]; with several tapes read, write and move are lists.
    Raises MachineError naming the faulty entry.
    """
    name = str(table.get("name", "machine"))
    required = ("states", "alphabet", "blank", "input_alphabet", "start", "accept", "tape", "transitions")
    for key in required:
        if key not in table:
            raise MachineError(f"{name}: the table has no {key!r}")
    states, alphabet = _names(name, table, "states"), _names(name, table, "alphabet")
    inputs, blank = _names(name, table, "input_alphabet"), str(table["blank"])
    _among(name, "blank", [blank], alphabet)
    _among(name, "input symbol", inputs, alphabet)
    if blank in inputs:
        raise MachineError(f"{name}: the blank {blank!r} is in the input alphabet")
    _among(name, "start", [str(table["start"])], states)
    accept = [str(q) for q in table["accept"]]
    _among(name, "accepting state", accept, states)
    if table["tape"] not in ("two_sided", "one_sided"):
        raise MachineError(f"{name}: tape {table['tape']!r}, expected two_sided or one_sided")

    found: dict[tuple[str, Symbols], Transition] = {}
    tapes = 0
    for row, entry in enumerate(table["transitions"]):
        if len(entry) != 5:
            raise MachineError(f"{name}: transition {row} has {len(entry)} entries, expected 5")
        reads, writes = (tuple(map(str, _listed(entry[i]))) for i in (1, 3))
        tapes = tapes or len(reads)
        _among(name, f"state of transition {row}", [str(entry[0]), str(entry[2])], states)
        _among(name, f"symbol of transition {row}", (*reads, *writes), alphabet)
        unknown = [move for move in _listed(entry[4]) if move not in MOVES]
        if unknown:
            raise MachineError(f"{name}: move {unknown[0]!r} of transition {row}, expected L, S, R or -1, 0, 1")
        moves = tuple(MOVES[move] for move in _listed(entry[4]))
        if {len(reads), len(writes), len(moves)} != {tapes}:
            raise MachineError(f"{name}: transition {row} is not for {tapes} tapes as the first one")
        if (str(entry[0]), reads) in found:
            raise MachineError(f"{name}: two transitions for state {entry[0]!r} reading {', '.join(reads)}")
        found[str(entry[0]), reads] = Transition(str(entry[2]), writes, moves)

    halting = [str(q) for q in table.get("halt", ())]
    _among(name, "halting state", halting, states)
    for state in states:
        for reads in words(alphabet, tapes or 1):
            if (state, reads) in found:
                continue
            if state not in halting and table.get("partial") != "halt":
                raise MachineError(f"{name}: no transition for state {state!r} reading {', '.join(reads)}")
            found[state, reads] = Transition(state, reads, (0,) * len(reads))
    return TuringMachine(
        name,
        states,
        alphabet,
        blank,
        inputs,
        str(table["start"]),
        frozenset(accept),
        "two_sided" if table["tape"] == "two_sided" else "one_sided",
        found,
        tapes or 1,
    )


def words(alphabet: Sequence[str], length: int) -> list[Symbols]:
    """All words of a length, in alphabet order."""
    found: list[Symbols] = [()]
    for _ in range(length):
        found = [(*word, symbol) for word in found for symbol in alphabet]
    return found


def _listed(entry: Any) -> list[Any]:
    return list(entry) if isinstance(entry, list | tuple) else [entry]


def _names(name: str, table: Mapping[str, Any], key: str) -> Symbols:
    found = tuple(str(entry) for entry in table[key])
    if not found or len(set(found)) != len(found):
        raise MachineError(f"{name}: {key} {list(found)}, expected different names, at least one")
    return found


def _among(name: str, what: str, entries: Sequence[str], known: Sequence[str]) -> None:
    for entry in entries:
        if entry not in known:
            raise MachineError(f"{name}: {what} {entry!r} is not among {', '.join(known)}")
