"""The table format of Turing machines: plain data, as a YAML or JSON file holds it, to a machine.

Main definitions
    machine_of_table   every fault of the table is a MachineError that says where in the table it is

A table has the keys of `REQUIRED`; a transition is [state, read, new_state, write, move], with lists for read, write
and move where a machine has several tapes. Optional: `halt`, states whose missing transitions are self-loops, and
`partial: halt`, which makes self-loops of all missing transitions. Names of states and symbols are text; a whole
number counts as its digits. Source: specification `autoregressive`, 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numerics.machines.turing import MOVES, MachineError, Symbols, Tape, Transition, TuringMachine, words

REQUIRED = ("states", "alphabet", "blank", "input_alphabet", "start", "accept", "tape", "transitions")
OPTIONAL = ("name", "description", "halt", "partial", "example")
Place = tuple[str | int, ...]


def machine_of_table(table: Mapping[str, Any]) -> TuringMachine:
    """A machine from its table. Raises MachineError, whose `at` is the place of the faulty entry."""
    reader = _Reader(table)
    states, alphabet, inputs = (reader.names(key) for key in ("states", "alphabet", "input_alphabet"))
    blank, start = reader.text("blank"), reader.text("start")
    reader.known(blank, alphabet, "blank", ("blank",))
    for i, symbol in enumerate(inputs):
        reader.known(symbol, alphabet, "input symbol", ("input_alphabet", i))
        if symbol == blank:
            raise reader.error(f"the blank {blank!r} is in the input alphabet", ("input_alphabet", i))
    reader.known(start, states, "start", ("start",))
    accept = reader.members("accept", states, "accepting state")
    halting = reader.members("halt", states, "halting state") if "halt" in table else ()
    tape, partial = reader.text("tape"), reader.text("partial") if "partial" in table else ""
    if tape not in ("two_sided", "one_sided"):
        raise reader.error(f"tape {tape!r}, expected two_sided or one_sided", ("tape",))
    if partial not in ("", "halt"):
        raise reader.error(f"partial: {partial!r}, expected halt", ("partial",))

    found: dict[tuple[str, Symbols], Transition] = {}
    rows: dict[tuple[str, Symbols], int] = {}
    tapes = 0
    for row, entry in enumerate(reader.listed("transitions")):
        state, reads, done = reader.transition(row, entry, states, alphabet, tapes)
        tapes = tapes or len(reads)
        if (state, reads) in found:
            raise reader.error(
                f"two transitions for state {state!r} reading {', '.join(reads)}: {rows[state, reads]} and {row}",
                ("transitions", row),
            )
        found[state, reads], rows[state, reads] = done, row
    for state in states:
        for reads in words(alphabet, tapes or 1):
            if (state, reads) in found:
                continue
            if state not in halting and partial != "halt":
                raise reader.error(f"no transition for state {state!r} reading {', '.join(reads)}", ("transitions",))
            found[state, reads] = Transition(state, reads, (0,) * len(reads))
    sides: Tape = "two_sided" if tape == "two_sided" else "one_sided"
    return TuringMachine(
        reader.name, states, alphabet, blank, inputs, start, frozenset(accept), sides, found, tapes or 1
    )  # fmt: skip


class _Reader:
    """Entries of one table, with their faults."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.name = "machine"
        if "name" in table:
            self.name = self.text("name")
        for key in REQUIRED:
            if key not in table:
                raise self.error(f"the table has no {key!r}")
        for key in table:
            if key not in (*REQUIRED, *OPTIONAL):
                known = ", ".join((*REQUIRED, *OPTIONAL))
                raise self.error(f"unknown key {key!r}, expected {known}", (str(key),))

    def error(self, message: str, at: Place = ()) -> MachineError:
        return MachineError(self.name, message, at)

    def text(self, key: str) -> str:
        return self.word(self.table[key], key, (key,))

    def word(self, entry: Any, what: str, at: Place) -> str:
        """A name: text, or a whole number as its digits."""
        if isinstance(entry, bool) or not isinstance(entry, str | int) or str(entry) == "":
            raise self.error(f"{what} is {entry!r}, expected text", at)
        return str(entry)

    def listed(self, key: str) -> list[Any]:
        entries = self.table[key]
        if not isinstance(entries, list | tuple):
            raise self.error(f"{key} is {entries!r}, expected a list", (key,))
        return list(entries)

    def words(self, key: str) -> Symbols:
        return tuple(self.word(entry, f"entry {i} of {key}", (key, i)) for i, entry in enumerate(self.listed(key)))

    def names(self, key: str) -> Symbols:
        found = self.words(key)
        if not found:
            raise self.error(f"{key} is empty, expected at least one name", (key,))
        for i, name in enumerate(found):
            if name in found[:i]:
                raise self.error(f"{key} has {name!r} twice", (key, i))
        return found

    def members(self, key: str, states: Symbols, what: str) -> Symbols:
        found = self.words(key)
        for i, name in enumerate(found):
            self.known(name, states, what, (key, i))
        return found

    def known(self, entry: str, names: Sequence[str], what: str, at: Place) -> None:
        if entry not in names:
            raise self.error(f"{what} {entry!r} is not among {', '.join(names)}", at)

    def transition(
        self, row: int, entry: Any, states: Symbols, alphabet: Symbols, tapes: int
    ) -> tuple[str, Symbols, Transition]:
        """State, symbols read and what is done; `tapes` is 0 for the first row, which decides how many there are."""
        at: Place = ("transitions", row)
        if not isinstance(entry, list | tuple) or len(entry) != 5:
            size = f"{len(entry)} entries" if isinstance(entry, list | tuple) else repr(entry)
            raise self.error(f"transition {row} is {size}, expected [state, read, new_state, write, move]", at)
        old, new = (self.word(entry[i], f"state of transition {row}", (*at, i)) for i in (0, 2))
        for state, i in ((old, 0), (new, 2)):
            self.known(state, states, f"state of transition {row}", (*at, i))
        reads, writes, moves = (self._of_tapes(entry[i], row, (*at, i)) for i in (1, 3, 4))
        for i, symbols in ((1, reads), (3, writes)):
            for symbol in symbols:
                self.known(symbol, alphabet, f"symbol of transition {row}", (*at, i))
        for move in moves:
            if move not in MOVES:
                raise self.error(f"move {move!r} of transition {row}, expected L, S, R or -1, 0, 1", (*at, 4))
        expected = tapes or len(reads)
        if {len(reads), len(writes), len(moves)} != {expected}:
            raise self.error(f"transition {row} is not for {expected} tapes in all of read, write and move", at)
        return old, reads, Transition(new, writes, tuple(MOVES[move] for move in moves))

    def _of_tapes(self, entry: Any, row: int, at: Place) -> Symbols:
        parts = list(entry) if isinstance(entry, list | tuple) else [entry]
        if not parts:
            raise self.error(f"transition {row} has an empty list, expected one entry a tape", at)
        return tuple(self.word(part, f"entry {at[-1]} of transition {row}", at) for part in parts)
