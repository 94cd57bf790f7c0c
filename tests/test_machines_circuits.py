"""Threshold circuits: random ones on all inputs, numbers of every kind, every fault, files."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.machines.circuit_files import circuit_of_file, load_circuit
from numerics.machines.circuits import CircuitError, circuit, compile_circuit, gate_values, integers, number
from numerics.machines.files import FileError, read_yaml
from numerics.machines.linear_ar import rollout


def graph_of(inputs: int, gates: dict[str, tuple[dict[str, Any], Any]], output: str) -> nx.DiGraph:
    """Inputs x0, x1, ...; gates by name: weights of their sources, and the threshold."""
    graph = nx.DiGraph(output=output)
    for i in range(inputs):
        graph.add_node(f"x{i}", input=i)
    for name, (_, threshold) in gates.items():
        graph.add_node(name, threshold=threshold)
    for name, (weights, _) in gates.items():
        for source, weight in weights.items():
            graph.add_edge(source, name, weight=weight)
    return graph


def xor() -> nx.DiGraph:
    return graph_of(2, {"both": ({"x0": 1, "x1": 1}, 2), "out": ({"x0": 1, "x1": 1, "both": -2}, 1)}, "out")


small = st.one_of(
    st.integers(-3, 3),
    st.fractions(-3, 3, max_denominator=6),
    st.integers(-24, 24).map(lambda v: v / 8),
    st.integers(-30, 30).map(lambda v: f"{v / 10:.1f}"),
)


@st.composite
def graphs(draw: st.DrawFn) -> nx.DiGraph:
    """Circuits of at most 6 inputs and 6 gates, in no particular order of names."""
    n, size = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    names = draw(st.permutations([f"g{t}" for t in range(size)]))
    known = [f"x{i}" for i in range(n)]
    gates = {}
    for name in names:
        sources = draw(st.lists(st.sampled_from(known), unique=True, max_size=6))
        gates[name] = ({source: draw(small) for source in sources}, draw(small))
        known.append(name)
    return graph_of(n, gates, draw(st.sampled_from(known)))


def directly(graph: nx.DiGraph, bits: tuple[int, ...]) -> dict[str, int]:
    """Value of every node from the definition, by recursion on the graph's own data."""
    values: dict[str, int] = {}

    def value(node: str) -> int:
        if node not in values:
            data = graph.nodes[node]
            if "input" in data:
                values[node] = bits[data["input"]]
            else:
                total = sum(Fraction(graph.edges[s, node]["weight"]) * value(s) for s in graph.predecessors(node))
                values[node] = int(total >= Fraction(data["threshold"]))
        return values[node]

    for node in graph:
        value(node)
    return values


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_random_circuits_on_all_inputs(graph: nx.DiGraph) -> None:
    given_circuit = circuit(graph)
    compiled = compile_circuit(graph)
    assert compiled.token_count == len(given_circuit.gates)
    assert str(compiled.verification) == "exhaustive" and (compiled.least_gap or 0) >= 1
    for bits in itertools.product((0, 1), repeat=given_circuit.n):
        truth = directly(graph, bits)
        chain = rollout(compiled.model, [str(bit) for bit in bits])
        assert chain[-1] == str(truth[graph.graph["output"]])
        if "input" not in graph.nodes[graph.graph["output"]]:
            assert chain == tuple(str(truth[one.name]) for one in given_circuit.gates)


@given(graphs())
@settings(max_examples=40, deadline=None)
def test_the_chain_is_the_needed_part_in_lexicographic_order(graph: nx.DiGraph) -> None:
    output = graph.graph["output"]
    given_circuit = circuit(graph)
    gates = {node for node, data in graph.nodes(data=True) if "threshold" in data}
    if output in gates:
        needed = (nx.ancestors(graph, output) | {output}) & gates
        kept = [one.name for one in given_circuit.gates]
        assert set(kept) == needed and kept[-1] == output
        whole_order = [v for v in nx.lexicographical_topological_sort(graph, key=str) if v in needed]
        assert kept == whole_order
        assert set(given_circuit.dropped) == gates - needed
    else:
        assert len(given_circuit.gates) == 1 and set(given_circuit.dropped) == gates


def test_norms_are_those_of_the_statement() -> None:
    compiled = compile_circuit(xor())
    assert compiled.squared_norms == (4 * 2 + 3**2, 4 * 6 + 1**2)
    assert compiled.least_gaps == (1, 1)
    assert [rollout(compiled.model, word) for word in ("00", "01", "10", "11")] == [
        ("0", "0"),
        ("0", "1"),
        ("0", "1"),
        ("1", "0"),
    ]


def test_weights_are_scaled_gate_by_gate() -> None:
    graph = graph_of(3, {"a": ({"x0": "0.25", "x1": Fraction(1, 3)}, 0.5), "b": ({"a": 1, "x2": 0.5}, "1.5")}, "b")
    first, second = circuit(graph).gates
    assert integers(first) == ({0: 3, 1: 4}, 6)
    assert integers(second) == ({2: 1, 3: 2}, 3)


def test_a_float_is_its_dyadic_value() -> None:
    # 0.1 + 0.2 as floats exceed the float 0.3; as decimals they equal it.
    for weights, threshold, expected in (((0.1, 0.2), 0.3, 1), ((0.1, 0.1), 0.2, 1), (("0.1", "0.2"), "0.3", 1)):
        graph = graph_of(2, {"a": (dict(zip(("x0", "x1"), weights, strict=True)), threshold)}, "a")
        assert gate_values(circuit(graph), (1, 1)) == (expected,)
    graph = graph_of(2, {"a": ({"x0": 0.1, "x1": 0.2}, Fraction("0.3"))}, "a")
    assert number(0.1, "w") + number(0.2, "w") > Fraction("0.3")
    just_above = Fraction(0.1) + Fraction(0.2) + Fraction(1, 10**30)
    assert gate_values(circuit(graph), (1, 1)) == (1,)
    graph.nodes["a"]["threshold"] = just_above
    assert gate_values(circuit(graph), (1, 1)) == (0,)
    assert rollout(compile_circuit(graph).model, "11") == ("0",)


def test_an_output_that_is_an_input_is_copied() -> None:
    graph = graph_of(3, {"a": ({"x0": 1}, 1)}, "x1")
    compiled = compile_circuit(graph)
    assert compiled.token_count == 1
    assert compiled.notes == ("gates that do not reach the output were dropped: a",)
    assert [rollout(compiled.model, word) for word in ("000", "010", "101", "111")] == [("0",), ("1",), ("0",), ("1",)]


def test_dropped_gates_are_reported() -> None:
    graph = xor()
    graph.add_node("idle", threshold=0)
    graph.add_edge("out", "idle", weight=1)
    assert compile_circuit(graph).token_count == 2
    assert compile_circuit(graph).notes == ("gates that do not reach the output were dropped: idle",)
    assert compile_circuit(xor()).notes == ()
    assert compile_circuit(xor()).meanings[1] == "gate out: 1*x0 + 1*x1 + -2*both >= 1"


def cyclic() -> nx.DiGraph:
    graph = xor()
    graph.add_edge("out", "both", weight=1)
    return graph


def changed(change: Any) -> nx.DiGraph:
    graph = xor()
    change(graph)
    return graph


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (cyclic(), r"the graph has the cycle (both -> out -> both|out -> both -> out)"),
        (changed(lambda g: g.add_edge("out", "out", weight=1)), "the graph has the cycle out -> out"),
        (changed(lambda g: g.edges["x0", "out"].clear()), "edge 'x0' -> 'out' has no `weight`"),
        (changed(lambda g: g.nodes["both"].clear()), "node 'both' has neither `input` nor `threshold`"),
        (changed(lambda g: g.graph.clear()), "no attribute `output`"),
        (changed(lambda g: g.graph.update(output="q")), "the output 'q' is not a node"),
        (changed(lambda g: g.edges["x0", "out"].update(weight=float("nan"))), "edge 'x0' -> 'out' is nan"),
        (changed(lambda g: g.nodes["out"].update(threshold=float("inf"))), "the threshold of gate 'out' is inf"),
        (changed(lambda g: g.nodes["out"].update(threshold="1e400000000")), "the threshold of gate 'out' is '1e4"),
        (changed(lambda g: g.nodes["out"].update(threshold=True)), "the threshold of gate 'out' is True"),
        (changed(lambda g: g.nodes["out"].update(threshold="1/0")), "the threshold of gate 'out' is '1/0'"),
        (changed(lambda g: g.edges["x0", "out"].update(weight="two")), "'two', expected an integer"),
        (changed(lambda g: g.add_edge("both", "x1", weight=1)), "edge 'both' -> 'x1' leads into an input"),
        (changed(lambda g: g.nodes["x1"].update(input=0)), "nodes 'x0' and 'x1' have the same input index 0"),
        (changed(lambda g: g.nodes["x1"].update(input=2)), "no node has input index 1"),
        (changed(lambda g: g.nodes["x1"].update(input="1")), "the input index of node 'x1' is '1'"),
        (changed(lambda g: g.nodes["x1"].update(threshold=1)), "node 'x1' has both"),
        (graph_of(0, {"a": ({}, 0)}, "a"), "the graph has no input nodes"),
        (nx.MultiDiGraph(), "the circuit is a MultiDiGraph"),
        (nx.Graph(), "the circuit is a Graph"),
    ],
)
def test_faults_name_the_item(graph: nx.DiGraph, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        compile_circuit(graph)


# ------------------------------------------------------------------ files

TABLE = """name: xor
inputs: [x, y]
gates:
  - {name: both, weights: {x: 1, y: 1}, threshold: 2}
  - name: out
    weights: {x: 0.1, y: 0.1, both: -0.2}
    threshold: 0.1
output: out
"""


def test_yaml_and_json_files_give_one_circuit(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(TABLE)
    gates = [
        {"name": "both", "weights": {"x": 1, "y": 1}, "threshold": 2},
        {"name": "out", "weights": {"x": 0.1, "y": 0.1, "both": -0.2}, "threshold": "1/10"},
    ]
    (tmp_path / "c.json").write_text(json.dumps({"inputs": ["x", "y"], "gates": gates, "output": "out"}))
    found = [circuit(load_circuit(tmp_path / name)) for name in ("c.yaml", "c.json")]
    assert found[0] == found[1]
    assert found[0].gates[1].threshold == Fraction(1, 10)  # the decimal in the file, not the nearest float
    for bits in itertools.product((0, 1), repeat=2):
        assert gate_values(found[0], bits)[-1] == bits[0] ^ bits[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("y: 0.1,", "q: 0.1,", "line 6: 'q' is neither an input nor a gate"),
        ("-0.2", "abc", "line 6: both is 'abc', expected an integer"),
        ("-0.2", ".nan", "line 6: both is '.nan'"),
        ("y: 1}", "y: 1, out: 1}", "line 4: the graph has the cycle|line 5: the graph has the cycle"),
        ("output: out", "output: nothing", "line 8: the output 'nothing'"),
        ("output: out\n", "", "line 1: the circuit has no 'output'"),
        ("    threshold: 0.1\n", "", "line 5: the gate has no 'threshold'"),
        ("threshold: 0.1", "treshold: 0.1", "line 7: unknown key 'treshold'"),
        ("- name: out", "- name: x", "line 5: a second node has the name 'x'; the first is at f.yaml, line 2"),
        ("inputs: [x, y]", "inputs: 2", "line 2: inputs is '2', expected a list"),
        ("inputs: [x, y]", "inputs: [[x], y]", r"line 2: the name \['x'\], expected text"),
        ("weights: {x: 0.1, y: 0.1, both: -0.2}", "weights: [1, 2]", r"line 6: weights \['1', '2'\]"),
        ("name: xor", "title: xor", "line 1: unknown key 'title'"),
    ],
)
def test_faults_of_a_file_name_the_line(old: str, new: str, message: str) -> None:
    assert old in TABLE
    with pytest.raises(FileError, match=f"f.yaml, ({message})"):
        circuit_of_file(read_yaml(TABLE.replace(old, new), "f.yaml"))


def test_faults_of_a_json_file_name_the_path(tmp_path: Path) -> None:
    gates = [{"name": "a", "weights": {"x": 1, "y": float("inf")}, "threshold": 2}]
    (tmp_path / "c.json").write_text(json.dumps({"inputs": ["x", "y"], "gates": gates, "output": "a"}))
    with pytest.raises(FileError, match=r"c.json, gates\[0\].weights.y: y is 'inf'"):
        load_circuit(tmp_path / "c.json")


def test_numbers_of_numpy_count_as_integers() -> None:
    assert number(np.int64(3), "w") == 3
