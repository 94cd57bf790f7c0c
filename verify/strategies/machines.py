"""Random Turing machines and automata, as tables: what is drawn is shown in reports and read like a user's file.

Main definitions
    MachineTask     a table, an input length and a number of steps
    machine_tasks   one-tape machines: |Q| <= 3, 2..3 symbols, inputs of length 1..3, 1..4 steps, both kinds of tape
    oblivious_tasks machines whose states carry a clock that alone moves the heads, 1..2 tapes
    automata        tables of automata

Everything shrinks to one state that stays. Source: specification `autoregressive`, common measurement rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from numerics.machines.table import machine_of_table
from numerics.machines.turing import TuringMachine, words


@dataclass(frozen=True)
class MachineTask:
    """A machine, the length of its inputs, and its number of steps."""

    table: dict[str, Any]
    n: int
    tau: int

    @property
    def machine(self) -> TuringMachine:
        """The machine of the table."""
        return machine_of_table(self.table)


@st.composite
def machine_tasks(draw: st.DrawFn, *, binary: bool = False) -> MachineTask:
    """Any transitions; `binary` draws machines with exactly two input symbols."""
    states = [f"q{i}" for i in range(draw(st.integers(1, 3)))]
    alphabet = ["0", "1", "B"] if binary or draw(st.booleans()) else ["0", "B"]
    row = st.tuples(st.sampled_from(states), st.sampled_from(alphabet), st.sampled_from((0, 1, -1)))
    table = {
        "name": "random machine",
        "states": states,
        "alphabet": alphabet,
        "blank": "B",
        "input_alphabet": alphabet[:-1],
        "start": states[0],
        "accept": draw(st.lists(st.sampled_from(states), unique=True)),
        "tape": draw(st.sampled_from(("two_sided", "one_sided"))),
        "transitions": [[q, a, *draw(row)] for q in states for a in alphabet],
    }
    return MachineTask(table, draw(st.integers(1, 3)), draw(st.integers(1, 4)))


@st.composite
def oblivious_tasks(draw: st.DrawFn) -> MachineTask:
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
    return MachineTask(table, draw(st.integers(1, 3)), draw(st.integers(1, 4)))


@st.composite
def automata(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """An automaton with 1..4 states over 1..3 symbols, and a length of 1..4."""
    states = [f"q{i}" for i in range(draw(st.integers(1, 4)))]
    alphabet = ["0", "1", "2"][: draw(st.integers(1, 3))]
    table = {
        "states": states,
        "alphabet": alphabet,
        "start": states[0],
        "accept": draw(st.lists(st.sampled_from(states), unique=True)),
        "transitions": [[q, a, draw(st.sampled_from(states))] for q in states for a in alphabet],
    }
    return table, draw(st.integers(1, 4))
