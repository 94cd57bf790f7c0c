"""The graph of statements: what rests on what.

Nodes are ids of claims and lemmas. Edges carry `link`: "uses" (from a statement to what its derivation applies),
"sharpens", "corrects".
"""

from __future__ import annotations

import networkx as nx

from theory.claim import Claim
from theory.derivation import Derivation
from theory.lemma import Lemma
from theory.registry import Registry, registry


def uses(statement: Claim | Lemma) -> tuple[str, ...]:
    """Ids of the lemmas and claims that a statement's derivation applies, in order of first use."""
    derivation = statement.derivation if isinstance(statement, Claim) else statement.backing
    if not isinstance(derivation, Derivation):
        return ()
    return tuple(dict.fromkeys(i.lemma.id for i in derivation.instances()))


def statement_graph(of: Registry | None = None) -> nx.DiGraph:
    """The whole graph."""
    found = of or registry()
    graph = nx.DiGraph()
    statements: list[Claim | Lemma] = [*found.lemmas.values(), *found.claims.values()]
    for statement in statements:
        graph.add_node(statement.id, kind=type(statement).__name__.lower(), title=statement.title)
    for statement in statements:
        for other in uses(statement):
            graph.add_edge(statement.id, other, link="uses")
        if isinstance(statement, Claim):
            for other in statement.sharpens:
                graph.add_edge(statement.id, other, link="sharpens")
            for other in statement.corrects:
                graph.add_edge(statement.id, other, link="corrects")
    return graph


def checking_order(of: Registry | None = None) -> tuple[str, ...]:
    """Ids in an order in which everything comes after what it uses; raises nx.NetworkXUnfeasible on a cycle."""
    graph = statement_graph(of)
    only = graph.edge_subgraph([e for e in graph.edges if graph.edges[e]["link"] == "uses"]).copy()
    only.add_nodes_from(graph)
    return tuple(reversed(list(nx.lexicographical_topological_sort(only))))


def rests_on(name: str, of: Registry | None = None) -> tuple[str, ...]:
    """Everything whose derivation uses `name`, directly or through others."""
    graph = statement_graph(of)
    only = graph.edge_subgraph([e for e in graph.edges if graph.edges[e]["link"] == "uses"])
    return tuple(sorted(nx.ancestors(only, name))) if name in only else ()
