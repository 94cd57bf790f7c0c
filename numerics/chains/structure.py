"""Communicating classes, periods and absorbing states, from the support graph (never from rounded spectra).

A class is recurrent when no edge leaves it.  The period of a recurrent class is the gcd of level(u) + 1 - level(v) over
its edges u -> v, with levels of a breadth-first search.  Shorter contexts of a window chain (K >= 2) are always
transient and are left out: indices here are those of the full contexts, or of the rows of a plain stochastic matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.index import successor_table
from numerics.chains.window_chain import WindowChain

if TYPE_CHECKING:  # a positive chain needs no graph library at all
    import scipy.sparse as sparse

# Below this size the textbook algorithms of networkx are as quick; above it only SciPy's compiled ones are.
NETWORKX_LIMIT = 256


class ReducibleChainError(ValueError):
    """The chain has several recurrent classes, so no unique stationary law; carries the `ChainStructure`."""

    def __init__(self, structure: ChainStructure) -> None:
        self.structure = structure
        sizes = ", ".join(str(c.size) for c in structure.recurrent[:8])
        more = ", ..." if len(structure.recurrent) > 8 else ""
        super().__init__(
            f"the chain has {len(structure.recurrent)} recurrent classes (sizes {sizes}{more}), expected 1: "
            "its stationary law is not unique; use stationary_laws for one law per class"
        )


@dataclass(frozen=True, eq=False)
class ChainStructure:
    """Classes of a finite chain of `n` states.

    `recurrent`: sorted state indices of each recurrent class, ordered by first state; `periods`: their periods;
    `transient`: sorted indices of the transient states; `absorbing`: states that are a recurrent class by themselves.
    """

    n: int
    recurrent: tuple[IntArray, ...] = field(repr=False)
    periods: tuple[int, ...]
    transient: IntArray = field(repr=False)

    @property
    def absorbing(self) -> tuple[int, ...]:
        return tuple(int(c[0]) for c in self.recurrent if c.size == 1)

    @property
    def has_unique_law(self) -> bool:
        return len(self.recurrent) == 1

    @property
    def is_irreducible(self) -> bool:
        return len(self.recurrent) == 1 and self.transient.size == 0

    @property
    def is_ergodic(self) -> bool:
        """One recurrent class, aperiodic (transient states allowed): the chain converges from every start."""
        return len(self.recurrent) == 1 and self.periods[0] == 1


def support_graph(chain: WindowChain | FloatArray | sparse.csr_array) -> sparse.csr_array:
    """The support of the transition matrix as a CSR matrix of ones.

    For a window chain read from the log-probabilities where known.
    """
    import scipy.sparse as sparse

    if isinstance(chain, WindowChain):
        support = chain.support()
        successors = successor_table(chain.T, chain.K)
        index_type = np.int32 if chain.n * chain.T < np.iinfo(np.int32).max else np.int64
        starts = np.concatenate([[0], np.cumsum(support.sum(axis=1))]).astype(index_type)
        indices = successors[support].astype(index_type)
        return sparse.csr_array((np.ones(indices.size, dtype=np.int8), indices, starts), shape=(chain.n, chain.n))
    graph = sparse.csr_array(chain != 0) if isinstance(chain, np.ndarray) else chain.copy()
    graph.eliminate_zeros()
    graph.data = np.ones(graph.data.size, dtype=np.int8)
    return graph


def chain_structure(chain: WindowChain | FloatArray | sparse.csr_array) -> ChainStructure:
    """Recurrent classes, their periods and the transient states."""
    if isinstance(chain, WindowChain) and chain.is_positive:
        # Every context is reached from every other in K steps, and xx...x has a loop (claim markov/ergodic_unichain).
        return ChainStructure(chain.n, (np.arange(chain.n),), (1,), np.empty(0, dtype=np.int64))
    graph = support_graph(chain)
    n = graph.shape[0]
    labels = _components(graph)
    count = int(labels.max()) + 1
    sources = np.repeat(np.arange(n), np.diff(graph.indptr))
    leaving = labels[sources] != labels[graph.indices]
    closed = np.ones(count, dtype=bool)
    closed[labels[sources[leaving]]] = False
    order = np.argsort(labels, kind="stable")
    cuts = np.searchsorted(labels[order], np.arange(count + 1))
    classes = [order[cuts[c] : cuts[c + 1]] for c in np.flatnonzero(closed)]
    classes.sort(key=lambda states: int(states[0]))
    transient = np.flatnonzero(~closed[labels])
    return ChainStructure(n, tuple(classes), tuple(_period(graph, c) for c in classes), transient)


def _components(graph: sparse.csr_array) -> IntArray:
    n = graph.shape[0]
    if n <= NETWORKX_LIMIT:
        import networkx as nx

        labels = np.empty(n, dtype=np.int64)
        directed = nx.from_scipy_sparse_array(graph, create_using=nx.DiGraph)
        for label, members in enumerate(nx.strongly_connected_components(directed)):
            labels[list(members)] = label
        return labels
    from scipy.sparse import csgraph

    _, labels = csgraph.connected_components(graph, directed=True, connection="strong")
    return np.asarray(labels, dtype=np.int64)


def _period(graph: sparse.csr_array, states: IntArray) -> int:
    """Period of a closed class: gcd of level(u) + 1 - level(v) over its edges."""
    block = graph[states][:, states] if states.size < graph.shape[0] else graph
    levels = _levels(block)
    rows = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    return int(np.gcd.reduce(levels[rows] + 1 - levels[block.indices]))


def _levels(graph: sparse.csr_array) -> IntArray:
    """Breadth-first distance from state 0, one sweep of the frontier at a time."""
    levels = np.full(graph.shape[0], -1, dtype=np.int64)
    levels[0] = 0
    frontier = np.zeros(1, dtype=np.int64)
    step = 0
    while frontier.size:
        step += 1
        starts, stops = graph.indptr[frontier], graph.indptr[frontier + 1]
        counts = (stops - starts).astype(np.int64)
        flat = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
        reached = np.unique(graph.indices[flat])
        frontier = reached[levels[reached] < 0].astype(np.int64)
        levels[frontier] = step
    return levels
