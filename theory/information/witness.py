"""Search for a distribution that meets the constraints and violates a goal: linear first, then sparse, then tables.

(a) linear variables over GF(2)^m, m <= 3, then GF(3)^2: complete for at most three variables without constraints, or
with constraints that are elemental equalities (the extreme rays of the cone of three variables are linear);
(b) at most six atoms on {0,1}^n, probabilities multiples of 1/10, then 1/20;
(c) tables along the graph that the constraints form, by descent (`dag_witness`).
Deterministic; limited in units of work, never in seconds. Every answer has passed `Distribution.refutes`.
Source: specification `categorical`, section 3.6.
"""

from __future__ import annotations

from fractions import Fraction
from math import log

from theory.information.constraints import Constraint
from theory.information.dag_witness import dag_witness
from theory.information.distribution import Distribution
from theory.information.lattices import Budget, Lattice, Task, bits, partition_heights, search, shapes, subspaces
from theory.information.linear_entropy import LinearEntropy, LogCardinality

WORK = 60_000_000  # table look-ups of one search, a few seconds


def linear_witness(
    goal: LinearEntropy, constraints: tuple[Constraint, ...], variables: tuple[str, ...], work: int = WORK
) -> Distribution | None:
    """Linear variables on which every constraint holds exactly and goal >= 0 fails, or None where none was found."""
    return _linear(_task(goal, constraints, variables), constraints, Budget(work))


def find_witness(
    goal: LinearEntropy, constraints: tuple[Constraint, ...], variables: tuple[str, ...], work: int = WORK
) -> Distribution | None:
    """A distribution on which every constraint holds exactly and goal >= 0 fails, or None where none was found."""
    task = _task(goal, constraints, variables)
    for search_in in (_roomy, _linear, _sparse):
        found = search_in(task, constraints, Budget(work))
        if found is not None:
            return found
    return dag_witness(goal, constraints, variables)


def _task(goal: LinearEntropy, constraints: tuple[Constraint, ...], variables: tuple[str, ...]) -> Task:
    return Task(variables, goal, tuple(fact for constraint in constraints for fact in constraint.facts()))


def _distribution(task: Task, lattice: Lattice, chosen: dict[str, int], weights: tuple[Fraction, ...]) -> Distribution:
    rows = [tuple(lattice.labels[chosen[name]][k] for name in task.variables) for k in range(len(weights))]
    return Distribution.of(task.variables, zip(rows, weights, strict=True))


def _roomy(task: Task, constraints: tuple[Constraint, ...], _: Budget) -> Distribution | None:
    """Constants in alphabets of two letters: for goals in which a log-cardinality has a negative coefficient."""
    names = {c.name for c, v in task.goal.terms if isinstance(c, LogCardinality) and v < 0}
    if not names:
        return None
    atoms = (((0,) * len(task.variables), Fraction(1)),)
    found = Distribution(task.variables, atoms, tuple((name, 2) for name in task.variables if name in names))
    return found if found.refutes(task.goal, constraints) else None


def _linear(task: Task, constraints: tuple[Constraint, ...], budget: Budget) -> Distribution | None:
    count = len(task.variables)
    for q, m in ((2, 1), (2, 2), (2, 3), (3, 2)):
        if (q, m) == (2, 3) and count > 4:
            continue
        lattice = subspaces(q, m)
        ranks = [round(_log(len(set(label)), q)) for label in lattice.labels]
        chosen = search(task, lattice, len(lattice.labels), ranks, budget, largest=False)
        if chosen is not None:
            found = _distribution(task, lattice, chosen, (Fraction(1, q**m),) * q**m)
            if found.refutes(task.goal, constraints):
                return found
    return None


def _log(number: int, base: int) -> int:
    power = 0
    while number > 1:
        number //= base
        power += 1
    return power


def _sparse(task: Task, constraints: tuple[Constraint, ...], budget: Budget) -> Distribution | None:
    for atoms, parts in ((2, 10), (3, 10), (3, 20), (4, 20), (5, 10), (5, 20), (6, 10)):
        lattice, members = bits(atoms)
        sizes = [log(len(set(label))) for label in lattice.labels]
        best: tuple[float, Distribution] | None = None
        for shape in shapes(atoms, parts):
            weights = tuple(Fraction(s, parts) for s in shape)
            heights = partition_heights(lattice, weights)
            chosen = search(task, lattice, members, heights, budget, largest=True, sizes=sizes)
            if chosen is None:
                continue
            found = _distribution(task, lattice, chosen, weights)
            if not found.refutes(task.goal, constraints):
                continue
            gap = found.gap(task.goal)
            if best is None or gap < best[0] - 1e-12:
                best = (gap, found)
        if best is not None:
            return best[1]
    return None
