"""Witnesses along a directed acyclic graph: two-valued variables with tables that make the constraints true by design.

Each variable has parents: what a function takes, what a Markov chain or an independence conditions on, or everything
before it where nothing is said. The tables descend the goal in floating point from seeded starts; rounded to rationals
they give an exact law, which counts only if `Distribution.refutes`. Source: specification `categorical`, 3.6 (c).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from theory.information.constraints import Constraint, FunctionOf, Independence, MarkovChain
from theory.information.distribution import Distribution
from theory.information.linear_entropy import LinearEntropy, LogCardinality

LARGEST = 6  # variables
STARTS = 3
STEPS = 40  # of the descent from each start
DENOMINATORS = (4, 10, 20, 100, 1000)


def dag_witness(
    goal: LinearEntropy, constraints: Sequence[Constraint], variables: tuple[str, ...]
) -> Distribution | None:
    """A law along the graph of the constraints that violates goal >= 0, or None where none was found."""
    import numpy as np
    from scipy.optimize import minimize

    graph = _graph(constraints, variables)
    if graph is None or len(variables) > LARGEST or any(isinstance(c, LogCardinality) for c, _ in goal.terms):
        return None
    order, parents, functions = graph
    places = [order.index(name) for name in variables]
    states = np.array([[s >> k & 1 for k in range(len(order))] for s in range(1 << len(order))])  # (states, variables)
    rows = [states[:, list(p)] @ (1 << np.arange(len(p))) if p else np.zeros(len(states), dtype=int) for p in parents]
    sizes = [1 << len(p) for p in parents]
    free = [k for k in range(len(order)) if k not in functions]
    marginals = [
        (float(v), states[:, [order.index(n) for n in sorted(c)]] @ (1 << np.arange(len(c))))
        for c, v in goal.terms
        if not isinstance(c, LogCardinality)
    ]

    def value(tables: list[Any]) -> float:
        law = np.ones(len(states))
        for k, table in enumerate(tables):
            one = table[rows[k]]
            law = law * np.where(states[:, k] == 1, one, 1 - one)
        total = 0.0
        for coefficient, group in marginals:
            mass = np.bincount(group, weights=law)
            mass = mass[mass > 0]
            total -= coefficient * float(mass @ np.log(mass))
        return total

    splits = np.cumsum([sizes[k] for k in free])[:-1]
    generator = np.random.default_rng(0)
    for _ in range(STARTS):
        fixed = {k: generator.integers(0, 2, sizes[k]).astype(float) for k in functions}

        def tables(logits: Any, fixed: dict[int, Any] = fixed) -> list[Any]:
            free_tables = dict(zip(free, np.split(1 / (1 + np.exp(-logits)), splits), strict=True))
            return [fixed[k] if k in fixed else free_tables[k] for k in range(len(order))]

        start = generator.normal(size=sum(sizes[k] for k in free))
        found = minimize(lambda x, t=tables: value(t(x)), start, method="L-BFGS-B", options={"maxiter": STEPS})
        if found.fun > -1e-9:
            continue
        for denominator in DENOMINATORS:
            exact = [[Fraction(round(float(t) * denominator), denominator) for t in table] for table in tables(found.x)]
            weights = []
            for s, state in enumerate(states.tolist()):
                weight = Fraction(1)
                for k, bit in enumerate(state):
                    one = exact[k][int(rows[k][s])]
                    weight *= one if bit else 1 - one
                weights.append((tuple(state[place] for place in places), weight))
            law = Distribution.of(variables, weights)
            if law.refutes(goal, constraints):
                return law
    return None


def _graph(
    constraints: Sequence[Constraint], variables: tuple[str, ...]
) -> tuple[list[str], list[tuple[int, ...]], frozenset[int]] | None:
    """Order, parents (as places in the order) and which variables are functions; None where there is a cycle."""
    said: dict[str, tuple[str, ...]] = {}
    functions: set[str] = set()
    for constraint in constraints:
        if isinstance(constraint, FunctionOf):
            for name in constraint.node:
                said[name] = constraint.arguments
                functions.add(name)
    for constraint in constraints:
        if isinstance(constraint, MarkovChain):
            for before, node in zip(constraint.nodes[1:], constraint.nodes[2:], strict=False):
                for place, name in enumerate(node):
                    said.setdefault(name, (*before, *node[:place]))
        elif isinstance(constraint, Independence):
            for node in constraint.nodes[1:]:
                for place, name in enumerate(node):
                    said.setdefault(name, (*constraint.given, *node[:place]))
    order: list[str] = []
    parents: list[tuple[int, ...]] = []
    waiting = list(variables)
    while waiting:
        ready = [n for n in waiting if n in said and set(said[n]) <= set(order)]
        ready += [n for n in waiting if n not in said]
        if not ready:
            return None
        name = ready[0]
        parents.append(tuple(order.index(p) for p in said[name]) if name in said else tuple(range(len(order))))
        order.append(name)
        waiting.remove(name)
    return order, parents, frozenset(order.index(name) for name in functions)
