"""Threshold circuits, one token a gate.

Main definitions
    ThresholdCircuit   gates in topological order, with rational weights as they were given
    circuit            from a directed graph; every fault is named
    compile_circuit    the linear predictor: T gates, T tokens
    gate_values        direct evaluation, the reference of the compiled chain
    number             int, Fraction, decimal text or finite float, exactly

A graph's input nodes carry `input` = 0..n-1, each once; gate nodes carry `threshold`, edges carry `weight`, the graph
attribute `output` names the output node. A gate is 1 iff the sum of its weights times its inputs is at least the
threshold. Source: specification `autoregressive`, D11, threshold_circuit_as_stated, 3.1.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from numbers import Integral, Rational
from typing import Any

import networkx as nx

from numerics.machines.compiled import Compiled, Word, verified
from numerics.machines.linear_ar import LinearAR
from numerics.machines.tokens import BITS, gate

# A number such as 1e1000000000 would be written out in full.
MOST_DIGITS = 400


class CircuitError(ValueError):
    """A circuit's graph is wrong: `item` is the node, the edge or the attribute, `fault` what is wrong with it."""

    def __init__(self, fault: str, item: Hashable = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.item = item


@dataclass(frozen=True)
class Gate:
    """One threshold gate; `inputs` are positions in prompt + chain: input i is i, gate t = 1.. is n + t - 1."""

    name: str
    inputs: tuple[int, ...]
    weights: tuple[Fraction, ...]
    threshold: Fraction


@dataclass(frozen=True)
class ThresholdCircuit:
    """Gates in topological order, the output last.

    Attributes
        input_names  of the n inputs, in order
        dropped      gates that do not reach the output
    """

    input_names: Word
    gates: tuple[Gate, ...]
    dropped: Word

    @property
    def n(self) -> int:
        """Number of input bits."""
        return len(self.input_names)


def number(value: Any, where: str, item: Hashable = None) -> Fraction:
    """An int, Fraction, finite float (its dyadic value) or decimal text as a rational; CircuitError names `where`."""
    if isinstance(value, Rational | Integral) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise CircuitError(f"{where} is {value}, expected a finite number", item)
        return Fraction(value)
    try:
        if not isinstance(value, str) or not _short(value):
            raise ValueError(f"{value!r} is not a short decimal text")
        return Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        expected = "an integer, a fraction, a decimal text or a finite float"
        raise CircuitError(f"{where} is {value!r}, expected {expected}", item) from error


def circuit(graph: nx.DiGraph) -> ThresholdCircuit:
    """The circuit of a graph as in the module's text.

    Order: lexicographic topological sort by node name; gates that do not reach the output are left out and listed. An
    output that is an input becomes one gate that copies it. Raises CircuitError for a cycle, a missing weight,
    threshold or output, a number that is none, an edge into an input, a duplicate or missing input index, no inputs.
    """
    if not isinstance(graph, nx.DiGraph) or graph.is_multigraph():
        raise CircuitError(f"the circuit is a {type(graph).__name__}, expected a networkx.DiGraph")
    inputs = _inputs(graph)
    if "output" not in graph.graph:
        raise CircuitError("the graph has no attribute `output`, expected the name of the output node", "output")
    output = graph.graph["output"]
    if output not in graph:
        raise CircuitError(f"the output {output!r} is not a node of the graph", "output")
    thresholds: dict[Hashable, Fraction] = {}
    for node, data in graph.nodes(data=True):
        if node in inputs:
            if graph.in_degree(node):
                source = next(iter(graph.predecessors(node)))
                raise CircuitError(f"edge {source!r} -> {node!r} leads into an input", (source, node))
        elif "threshold" not in data:
            raise CircuitError(f"node {node!r} has neither `input` nor `threshold`", node)
        else:
            thresholds[node] = number(data["threshold"], f"the threshold of gate {node!r}", node)
    weights: dict[tuple[Hashable, Hashable], Fraction] = {}
    for source, target, data in graph.edges(data=True):
        if "weight" not in data:
            raise CircuitError(f"edge {source!r} -> {target!r} has no `weight`", (source, target))
        where = f"the weight of edge {source!r} -> {target!r}"
        weights[source, target] = number(data["weight"], where, (source, target))
    _acyclic(graph)
    names = tuple(str(node) for node in sorted(inputs, key=lambda node: inputs[node]))
    if output in inputs:
        copied = Gate(f"copy of {output}", (inputs[output],), (Fraction(1),), Fraction(1))
        return ThresholdCircuit(names, (copied,), tuple(sorted(map(str, thresholds))))
    needed = nx.ancestors(graph, output) | {output}
    order = [node for node in nx.lexicographical_topological_sort(graph, key=str) if node in thresholds]
    kept = [node for node in order if node in needed]
    position = inputs | {node: len(inputs) + t for t, node in enumerate(kept)}
    gates = []
    for node in kept:
        sources = sorted(graph.predecessors(node), key=lambda source: position[source])
        gates.append(
            Gate(
                str(node),
                tuple(position[source] for source in sources),
                tuple(weights[source, node] for source in sources),
                thresholds[node],
            )
        )
    return ThresholdCircuit(names, tuple(gates), tuple(str(node) for node in order if node not in needed))


def integers(given: Gate) -> tuple[dict[int, int], int]:
    """Weights by position and threshold of a gate, times their common denominator."""
    scale = lcm(given.threshold.denominator, *(weight.denominator for weight in given.weights))
    scaled = {position: int(weight * scale) for position, weight in zip(given.inputs, given.weights, strict=True)}
    return scaled, int(given.threshold * scale)


def gate_values(given: ThresholdCircuit, bits: Sequence[int]) -> tuple[int, ...]:
    """Values of all gates on n input bits, in topological order, by rational arithmetic."""
    values = list(bits)
    for one in given.gates:
        total = sum((w for i, w in zip(one.inputs, one.weights, strict=True) if values[i]), Fraction(0))
        values.append(int(total >= one.threshold))
    return tuple(values[given.n :])


def compile_circuit(graph: nx.DiGraph | ThresholdCircuit) -> Compiled:
    """The predictor whose chain is the values of the gates in topological order. Raises CircuitError."""
    given = graph if isinstance(graph, ThresholdCircuit) else circuit(graph)
    names = [*given.input_names, *(one.name for one in given.gates)]

    def reference(prompt: Word) -> list[str]:
        return [str(value) for value in gate_values(given, [int(bit) for bit in prompt])]

    notes = (f"gates that do not reach the output were dropped: {', '.join(given.dropped)}",) if given.dropped else ()
    return verified(
        LinearAR(given.n, tuple(gate(*integers(one)) for one in given.gates)),
        reference,
        [BITS] * given.n,
        route="circuit",
        formula="gates that reach the output",
        count=len(given.gates),
        meanings=[f"gate {one.name}: {_inequality(one, names)}" for one in given.gates],
        notes=notes,
    )


def _inputs(graph: nx.DiGraph) -> dict[Hashable, int]:
    """Index of every input node."""
    owner: dict[int, Hashable] = {}
    for node, data in graph.nodes(data=True):
        if "input" not in data:
            continue
        index = data["input"]
        if "threshold" in data:
            raise CircuitError(f"node {node!r} has both `input` and `threshold`", node)
        if not isinstance(index, Integral) or isinstance(index, bool):
            raise CircuitError(f"the input index of node {node!r} is {index!r}, expected an integer", node)
        if int(index) in owner:
            raise CircuitError(f"nodes {owner[int(index)]!r} and {node!r} have the same input index {index}", node)
        owner[int(index)] = node
    if not owner:
        raise CircuitError("the graph has no input nodes, expected some with `input` = 0, 1, ...")
    missing = [i for i in range(len(owner)) if i not in owner]
    if missing:
        raise CircuitError(
            f"no node has input index {missing[0]}: the {len(owner)} inputs have {sorted(owner)}", owner[max(owner)]
        )
    return {node: index for index, node in owner.items()}


def _acyclic(graph: nx.DiGraph) -> None:
    try:
        cycle = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return
    path = " -> ".join(str(edge[0]) for edge in [*cycle, cycle[0]])
    raise CircuitError(f"the graph has the cycle {path}", cycle[0][0])


def _inequality(given: Gate, names: Sequence[str]) -> str:
    terms = [f"{weight}*{names[i]}" for i, weight in zip(given.inputs, given.weights, strict=True)]
    return f"{' + '.join(terms) or '0'} >= {given.threshold}"


def _short(text: str) -> bool:
    """Whether the exponent of a decimal text is small enough to write the number out."""
    exponent = text.lower().partition("e")[2].strip().lstrip("+-").replace("_", "")
    return len(text) <= MOST_DIGITS and (not exponent.isdecimal() or int(exponent) <= MOST_DIGITS)
