"""Automata compiled to chains, on every word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numerics.machines.automata import dfa_to_ar
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.machines import automata

Task = tuple[dict[str, Any], int]  # table, length of the words

EVEN: dict[str, Any] = {
    "states": ["even", "odd"],
    "alphabet": ["0", "1"],
    "start": "even",
    "accept": ["even"],
    "transitions": [["even", "0", "even"], ["even", "1", "odd"], ["odd", "0", "odd"], ["odd", "1", "even"]],
}
tables = Space("automata", lambda claim: automata(), lambda claim: [(EVEN, n) for n in range(1, 7)])


@measures("autoregressive/automaton_scan", over=tables)
def automaton_scan(task: Task, context: Context) -> Iterator[Instance]:
    table, n = task
    compiled = dfa_to_ar(table, n)
    sizes = {"n": n, "Q": len(table["states"]), "S": len(table["alphabet"])}
    witness = {"table": table, "n": n}
    yield Instance(sizes, exact(compiled.token_count), "length", witness=witness)
    live = {len(step.live) for step in compiled.model.steps[:-1]}
    yield Instance(sizes, exact(max(live)), "dictionary", witness=witness)
    least = min(gap for gap in compiled.least_gaps if gap is not None)
    yield Instance({"k": 1, "wrong": 0}, exact(least), "gap", witness=witness)
