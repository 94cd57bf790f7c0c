"""Finite automata as chains: one token a symbol, `state:symbol`, then the answer.

Main definitions
    Automaton      a deterministic automaton
    automaton_of_table   from plain data; every fault is a MachineError with its place
    dfa_to_ar      the linear predictor of n + 1 tokens with its evidence

Token t is the state before symbol t and symbol t: [state after token t - 1] + [prompt symbol], so every gap is 1. It is
the oblivious route with the schedule 0..n-1, without the blank. Source: specification `autoregressive`, automaton_scan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.machines.compiled import Compiled, verified
from numerics.machines.linear_ar import Feature, LinearAR, LinearStep
from numerics.machines.oblivious import token
from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, Symbols, TuringMachine

END = "end"  # name of the blank of the equivalent machine, lengthened where the alphabet has it


@dataclass(frozen=True)
class Automaton:
    """A deterministic automaton; `transitions` is total: (state, symbol) to state."""

    name: str
    states: Symbols
    alphabet: Symbols
    start: str
    accept: frozenset[str]
    transitions: Mapping[tuple[str, str], str]

    def run(self, x: Sequence[str]) -> Symbols:
        """States after 0..len(x) symbols. MachineError for a foreign symbol."""
        found = [self.start]
        for i, symbol in enumerate(x):
            if symbol not in self.alphabet:
                known = ", ".join(self.alphabet)
                raise MachineError(self.name, f"symbol {symbol!r} at position {i} is not in the alphabet {known}")
            found.append(self.transitions[found[-1], symbol])
        return tuple(found)


def automaton_of_table(table: Mapping[str, Any]) -> Automaton:
    """From `states, alphabet, start, accept, transitions: [[state, symbol, new_state]]`, optional `name`.

    Raises MachineError, whose `at` is the place of the faulty entry.
    """
    machine = machine_of_table(_as_machine(table))
    found: dict[tuple[str, str], str] = {}
    for state in machine.states:
        for symbol in machine.input_alphabet:
            found[state, symbol] = machine.transitions[state, (symbol,)].state
    return Automaton(machine.name, machine.states, machine.input_alphabet, machine.start, machine.accept, found)


def as_machine(table: Mapping[str, Any]) -> TuringMachine:
    """The oblivious machine that walks over its input once and stops on the first blank."""
    return machine_of_table(_as_machine(table))


def _as_machine(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table of the machine; faults that its own reader would name misleadingly are named here."""
    name = str(table.get("name", "automaton"))
    for key in ("states", "alphabet", "start", "accept", "transitions"):
        if key not in table:
            raise MachineError(name, f"the table has no {key!r}")
    if not isinstance(table["alphabet"], list | tuple):
        raise MachineError(name, f"alphabet is {table['alphabet']!r}, expected a list", ("alphabet",))
    if not isinstance(table["transitions"], list | tuple):
        raise MachineError(name, f"transitions is {table['transitions']!r}, expected a list", ("transitions",))
    rows = []
    for row, entry in enumerate(table["transitions"]):
        if not isinstance(entry, list | tuple) or len(entry) != 3:
            raise MachineError(name, f"transition {row}: expected [state, symbol, new_state]", ("transitions", row))
        rows.append([entry[0], entry[1], entry[2], entry[1], "R"])
    alphabet = [str(symbol) for symbol in table["alphabet"]]
    blank = END
    while blank in alphabet:
        blank += "_"
    states = table["states"]
    stops = [[q, blank, q, blank, "S"] for q in states] if isinstance(states, list | tuple) else []
    return {
        "name": name,
        "states": states,
        "alphabet": [*alphabet, blank],
        "blank": blank,
        "input_alphabet": alphabet,
        "start": table["start"],
        "accept": table["accept"],
        "tape": "one_sided",
        "transitions": [*rows, *stops],
    }


def automaton_chain(automaton: Automaton, x: Sequence[str]) -> tuple[str, ...]:
    """The n + 1 tokens by running the automaton."""
    states = automaton.run(x)
    pairs = (token(q, (a,)) for q, a in zip(states, x, strict=False))
    return (*pairs, str(int(states[-1] in automaton.accept)))


def compile_automaton(automaton: Automaton, n: int) -> LinearAR:
    """The chain of n + 1 tokens over states x symbols. MachineError for n < 1."""
    if n < 1:
        raise MachineError(automaton.name, f"inputs of {n} symbols, expected at least 1")
    pairs = {token(q, (a,)): (q, a) for q in automaton.states for a in automaton.alphabet}
    if len(pairs) != len(automaton.states) * len(automaton.alphabet):
        raise MachineError(automaton.name, "two tokens are spelled alike: rename a symbol or a state")
    in_state = {s: {name: 1 for name, (q, _) in pairs.items() if q == s} for s in automaton.states}
    reading = {b: {name: 1 for name, (_, a) in pairs.items() if a == b} for b in automaton.alphabet}
    steps = []
    for t in range(n):
        weights: dict[Feature, Mapping[str, int]] = {(t, a): reading[a] for a in automaton.alphabet}
        if t:
            weights |= {(n + t - 1, name): in_state[automaton.transitions[pair]] for name, pair in pairs.items()}
        steps.append(LinearStep(tuple(pairs), weights, {} if t else in_state[automaton.start]))
    accepting = [name for name, pair in pairs.items() if automaton.transitions[pair] in automaton.accept]
    steps.append(LinearStep(("0", "1"), {(2 * n - 1, name): {"1": 2} for name in accepting}, {"1": -1}))
    return LinearAR(n, tuple(steps))


def dfa_to_ar(table: Mapping[str, Any], n: int) -> Compiled:
    """The verified predictor of an automaton's table for words of length n. Raises MachineError."""
    automaton = automaton_of_table(table)
    meanings = [f"state before symbol {t}, symbol {t}" for t in range(1, n + 1)]
    return verified(
        compile_automaton(automaton, n),
        lambda x: automaton_chain(automaton, x),
        [automaton.alphabet] * n,
        route="automaton",
        formula="n + 1",
        count=n + 1,
        meanings=[*meanings, "answer"],
    )
