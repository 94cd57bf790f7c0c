"""Conditional independences read off a diagram, and their hand-over to the information-inequality prover.

Main definitions
    variables    the wires of the normal form, by name
    independent  whether A and B are independent given C under every interpretation (d-separation)
    constraints  the diagram in the prover's grammar
    prove        an information inequality from the picture

Conventions: every wire is a random variable, named after its object; where several wires have one object they are
numbered in the order of the normal form (X1, X2, ...), inputs first. What the grammar of the prover does not allow in a
name becomes an underscore. The inputs of an open diagram may depend on each other.

How: a hidden node for every box lets its outputs depend on each other given its inputs, and one for the inputs; the
condition is closed under determinism first. Sound for every interpretation, complete for generic ones.
Source: specification `categorical`, 3.3; Geiger, Verma and Pearl 1990 (functional nodes); Fritz and Klingler 2023.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import networkx as nx

from theory.categories.normal_form import Hypergraph, normal_form
from theory.categories.term import Term

if TYPE_CHECKING:
    from theory.information.prover import NotShannon, Proved, Undecided

RESERVED = {"H", "I", "TC"}  # no function of the prover's grammar may have these names


def variables(term: Term | Hypergraph) -> dict[str, int]:
    """The wires of the normal form by name, inputs first."""
    graph = _graph(term)
    stems = [_identifier(ob.name) for ob in graph.types]
    taken = {stem for stem in stems if stems.count(stem) == 1}
    found: dict[str, int] = {}
    count: dict[str, int] = {}
    for wire, stem in enumerate(stems):
        name = stem
        while stem not in taken:
            count[stem] = count.get(stem, 0) + 1
            name = f"{stem}{count[stem]}"
            if name not in taken and name not in found:
                break
        found[name] = wire
    return found


def _identifier(name: str) -> str:
    """A name of the prover's grammar: a letter, then letters, digits, underscores and primes."""
    text = re.sub(r"[^A-Za-z0-9_']", "_", name)
    return text if text[0].isalpha() else f"V{text}"


def _graph(term: Term | Hypergraph) -> Hypergraph:
    return term if isinstance(term, Hypergraph) else normal_form(term)


def _chosen(names: dict[str, int], wanted: str | Iterable[str]) -> set[int]:
    listed = [wanted] if isinstance(wanted, str) else list(wanted)
    for name in listed:
        if name not in names:
            raise KeyError(f"the diagram has no variable {name!r}; it has {', '.join(names) or 'none'}")
    return {names[name] for name in listed}


def determined(graph: Hypergraph, known: Iterable[int]) -> set[int]:
    """The wires that flagged boxes make of the known ones, and those themselves."""
    found = set(known)
    for node, results in zip(graph.nodes, graph.results, strict=True):
        if node.box.deterministic and found.issuperset(node.inputs):
            found.update(results)
    return found


def independent(
    term: Term | Hypergraph,
    A: str | Iterable[str],
    B: str | Iterable[str],
    given: str | Iterable[str] = (),
) -> bool:
    """Whether A and B are independent given C in every Markov category, read off the diagram.

    Names are those of `variables`; raises KeyError for another one, listing them.
    """
    graph = _graph(term)
    names = variables(graph)
    known = determined(graph, _chosen(names, given))
    left, right = _chosen(names, A) - known, _chosen(names, B) - known
    if left & right:
        return False
    if not left or not right:
        return True
    return bool(nx.is_d_separator(_network(graph), left, right, known))


def _network(graph: Hypergraph) -> nx.DiGraph:
    network = nx.DiGraph()
    network.add_nodes_from(range(graph.wires))
    network.add_edges_from(("inputs", wire) for wire in range(len(graph.dom)))
    for number, (node, results) in enumerate(zip(graph.nodes, graph.results, strict=True)):
        hidden = f"box {number}"
        network.add_edges_from((wire, hidden) for wire in node.inputs)
        network.add_edges_from((hidden, wire) for wire in results)
    return network


def constraints(term: Term | Hypergraph, about: Iterable[str] | None = None) -> tuple[str, ...]:
    """What the diagram says, in the grammar of `theory.information`: one constraint a box.

    `Y = f(inputs)` for a flagged box, else its outputs are independent of everything made before, given its inputs;
    in the order of the normal form that implies all independences of the diagram. With `about`, only for the named
    variables and those they are made of.
    """
    graph = _graph(term)
    names = variables(graph)
    wires = [name for name, _ in sorted(names.items(), key=lambda item: item[1])]
    wanted = set(range(graph.wires)) if about is None else _ancestors(graph, _chosen(names, about))
    earlier = [wire for wire in range(len(graph.dom)) if wire in wanted]
    found: list[str] = []
    for node, results in zip(graph.nodes, graph.results, strict=True):
        if not wanted.intersection(results):
            continue
        inputs = list(dict.fromkeys(node.inputs))
        outputs = _group([wires[wire] for wire in results])
        others = [wire for wire in earlier if wire not in inputs]
        if node.box.deterministic:
            if inputs:
                found.append(f"{outputs} = {_function(node.box.name)}({','.join(wires[w] for w in inputs)})")
            else:
                found.append(f"H({outputs.strip('()')}) = 0")
        elif others:
            condition = f" | {','.join(wires[w] for w in inputs)}" if inputs else ""
            found.append(f"{outputs} _||_ {_group([wires[w] for w in others])}{condition}")
        earlier.extend(results)
    return tuple(found)


def _ancestors(graph: Hypergraph, wanted: set[int]) -> set[int]:
    """The wires, what they are made of, and what is made beside them."""
    found = set(wanted)
    for node, results in reversed(list(zip(graph.nodes, graph.results, strict=True))):
        if found.intersection(results):
            found.update(results, node.inputs)
    return found


def _group(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({','.join(names)})"


def _function(name: str) -> str:
    text = _identifier(name)
    return f"{text}_" if text in RESERVED else text


def prove(query: str, diagram: Term | Hypergraph, given: str = "") -> Proved | NotShannon | Undecided:
    """Prove an information inequality between the variables of a diagram, from the diagram and what is given.

    Raises KeyError for a variable that the diagram does not have, and what `theory.information.prove` raises.
    """
    from theory.information.grammar import parse_query
    from theory.information.prover import prove as shannon

    named = parse_query(query, given).variables()
    said = (*constraints(diagram, named), *([given] if given else []))
    return shannon(query, given=", ".join(said))
