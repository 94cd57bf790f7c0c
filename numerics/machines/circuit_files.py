"""Threshold circuits in YAML and JSON files; every fault names its place in the file.

Main definitions
    load_circuit      the graph of a file
    circuit_of_file   the graph of a table that was read

    name: majority
    inputs: [a, b, c]                 # names in the order of the prompt
    gates:
      - {name: m, weights: {a: 1, b: 1, c: 1}, threshold: 2}
    output: m

Numbers are the decimals or fractions that stand in the file (0.1 is one tenth). Source: specification `autoregressive`,
3.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx

from numerics.machines.circuits import CircuitError, circuit, number
from numerics.machines.files import FileError, Located, Place, read_table

KEYS = ("name", "inputs", "gates", "output")


def load_circuit(path: Path) -> nx.DiGraph:
    """The graph of a .yaml, .yml or .json file, ready for `compile_circuit`. Raises FileError."""
    return circuit_of_file(read_table(path))


def circuit_of_file(table: Located) -> nx.DiGraph:
    """The graph of a table with the keys inputs, gates, output. Raises FileError with the place of the fault."""
    data = table.data
    for key in data:
        if key not in KEYS:
            raise _fault(table, (key,), f"unknown key {key!r}, expected {', '.join(KEYS)}")
    for key in KEYS[1:]:
        if key not in data:
            raise _fault(table, (), f"the circuit has no {key!r}")
    graph = nx.DiGraph(name=str(data.get("name", "circuit")))
    known: dict[str, Place] = {}
    for i, entry in enumerate(_list(table, ("inputs",), data["inputs"])):
        graph.add_node(_new(table, ("inputs", i), entry, known), input=i)
    gates = _list(table, ("gates",), data["gates"])
    for j, entry in enumerate(gates):
        at: Place = ("gates", j)
        _gate_keys(table, at, entry)
        name = _new(table, (*at, "name"), entry["name"], known)
        graph.add_node(name, threshold=_number(table, (*at, "threshold"), entry["threshold"]))
    for j, entry in enumerate(gates):
        for source, weight in entry["weights"].items():
            place: Place = ("gates", j, "weights", source)
            if source not in known:
                raise _fault(table, place, f"{source!r} is neither an input nor a gate")
            graph.add_edge(source, str(entry["name"]), weight=_number(table, place, weight))
    output = data["output"]
    if not isinstance(output, str) or output not in known:
        raise _fault(table, ("output",), f"the output {output!r} is neither an input nor a gate")
    graph.graph["output"] = output
    try:
        circuit(graph)
    except CircuitError as error:  # what only the whole graph shows: a cycle, no inputs
        raise _fault(table, known.get(str(error.item), ()), error.fault) from error
    return graph


def _gate_keys(table: Located, at: Place, entry: Any) -> None:
    wanted = ("name", "weights", "threshold")
    if not isinstance(entry, dict):
        raise _fault(table, at, f"a gate is {entry!r}, expected {', '.join(wanted)}")
    for key in entry:
        if key not in wanted:
            raise _fault(table, (*at, key), f"unknown key {key!r} of a gate, expected {', '.join(wanted)}")
    for key in wanted:
        if key not in entry:
            raise _fault(table, at, f"the gate has no {key!r}")
    if not isinstance(entry["weights"], dict):
        raise _fault(table, (*at, "weights"), f"weights {entry['weights']!r}, expected node: number")


def _new(table: Located, at: Place, entry: Any, known: dict[str, Place]) -> str:
    if not isinstance(entry, str) or not entry:
        raise _fault(table, at, f"the name {entry!r}, expected text")
    if entry in known:
        raise _fault(table, at, f"a second node has the name {entry!r}; the first is at {table.place(known[entry])}")
    known[entry] = at
    return entry


def _list(table: Located, at: Place, entry: Any) -> list[Any]:
    if not isinstance(entry, list):
        raise _fault(table, at, f"{at[-1]} is {entry!r}, expected a list")
    return entry


def _number(table: Located, at: Place, entry: Any) -> Any:
    # JSON has turned decimals into floats; the shortest decimal that reads back is what stands in the file.
    text = repr(entry) if isinstance(entry, float) else entry
    try:
        return number(text, str(at[-1]))
    except CircuitError as error:
        raise _fault(table, at, error.fault) from error


def _fault(table: Located, at: Place, fault: str) -> FileError:
    return FileError(f"{table.place(at)}: {fault}")
