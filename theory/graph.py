"""The graph of statements: what rests on what.

Nodes are ids of claims and lemmas. Edges carry `link`: "uses" (from a statement to what its derivation applies),
"sharpens", "corrects".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.claim import Claim
from theory.derivation import Derivation
from theory.index import ClaimEntry, entries_of, index
from theory.lemma import Lemma
from theory.registry import Registry

if TYPE_CHECKING:
    import networkx as nx


def uses(statement: Claim | Lemma) -> tuple[str, ...]:
    """Ids of the lemmas and claims that a statement's derivation applies, in order of first use."""
    derivation = statement.derivation if isinstance(statement, Claim) else statement.backing
    if not isinstance(derivation, Derivation):
        return ()
    return tuple(dict.fromkeys(i.lemma.id for i in derivation.instances()))


def statement_graph(of: Registry | None = None) -> nx.DiGraph:
    """The whole graph, of this installation's index unless a registry is given."""
    import networkx as nx

    found = index() if of is None else entries_of(of)
    graph = nx.DiGraph()
    for lemma in found.lemmas.values():
        graph.add_node(lemma.id, kind="lemma", title=lemma.title)
    for claim in found.claims.values():
        graph.add_node(claim.id, kind="claim", title=claim.title)
    for entry in found.entries.values():
        for other in entry.uses:
            graph.add_edge(entry.id, other, link="uses")
        if isinstance(entry, ClaimEntry):
            for other in entry.sharpens:
                graph.add_edge(entry.id, other, link="sharpens")
            for other in entry.corrects:
                graph.add_edge(entry.id, other, link="corrects")
    return graph


def checking_order(of: Registry | None = None) -> tuple[str, ...]:
    """Ids in an order in which everything comes after what it uses; raises nx.NetworkXUnfeasible on a cycle."""
    import networkx as nx

    graph = statement_graph(of)
    only = graph.edge_subgraph([e for e in graph.edges if graph.edges[e]["link"] == "uses"]).copy()
    only.add_nodes_from(graph)
    return tuple(reversed(list(nx.lexicographical_topological_sort(only))))


def rests_on(name: str, of: Registry | None = None) -> tuple[str, ...]:
    """Everything whose derivation uses `name`, directly or through others."""
    import networkx as nx

    graph = statement_graph(of)
    only = graph.edge_subgraph([e for e in graph.edges if graph.edges[e]["link"] == "uses"])
    return tuple(sorted(nx.ancestors(only, name))) if name in only else ()
