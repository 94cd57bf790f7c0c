"""Entropies of large joint tables with named axes: every marginal once, then sums of entropies.

Main definitions
    Measures   of a `Joint`: H(of | given), I(groups | given), TC(groups | given), from cached entropies of marginals
    measures   the constructor, with a limit of cells
    Measures.entropies   H of all sets of variables at once, the law's entropy vector

Conventions: groups are sequences of axis names, as in `numerics.information.entropy` (where I is formed from log-ratios
instead: the two roads must agree). A measure that is ≥ 0 by theory is clipped where rounding leaves it above -1e-12,
and raises ArithmeticError below. Up to 10^7 cells; a marginal is formed from the smallest one that is known already.

Source: specification `categorical`, 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from numerics.information.entropy import Joint

FloatArray = NDArray[np.float64]
Names = Sequence[str]
CELL_LIMIT = 10**7
CLIP = -1e-12
MOST_VARIABLES = 16


@dataclass(frozen=True, eq=False)
class Measures:
    """Shannon measures of one joint law, in nats; marginals and their entropies are computed once."""

    joint: Joint
    _tables: dict[frozenset[str], FloatArray] = field(default_factory=dict, repr=False)
    _entropies: dict[frozenset[str], float] = field(default_factory=dict, repr=False)

    def H(self, of: Names, given: Names = ()) -> float:
        """H(of | given)."""
        return _clipped(self._entropy({*of, *given}) - self._entropy(set(given)), f"H({_text(of)} | {_text(given)})")

    def I(self, first: Names, second: Names, given: Names = ()) -> float:  # noqa: E743 - the field's own name
        """I(first; second | given) = H(first, given) + H(second, given) - H(first, second, given) - H(given).

        A name on both sides is allowed: I(X; X) = H(X).
        """
        value = (
            self._entropy({*first, *given})
            + self._entropy({*second, *given})
            - self._entropy({*first, *second, *given})
            - self._entropy(set(given))
        )
        return _clipped(value, f"I({_text(first)}; {_text(second)} | {_text(given)})")

    def TC(self, *groups: Names, given: Names = ()) -> float:
        """TC(A; B; .. | given) = Σ H(A | given) - H(A, B, .. | given)."""
        if len(groups) < 2:
            raise ValueError(f"total correlation of {len(groups)} groups, expected at least 2")
        base = self._entropy(set(given))
        parts = sum(self._entropy({*group, *given}) - base for group in groups)
        together = self._entropy({*given}.union(*map(set, groups))) - base
        return _clipped(parts - together, f"TC({'; '.join(map(_text, groups))} | {_text(given)})")

    def entropies(self) -> dict[frozenset[str], float]:
        """H of every non-empty set of variables: each marginal from one with one variable more, none kept.

        ValueError where there are more than 2^16 sets.
        """
        axes = self.joint.axes
        if len(axes) > MOST_VARIABLES:
            raise ValueError(f"{len(axes)} variables have 2^{len(axes)} sets, expected at most 2^{MOST_VARIABLES}")
        waiting = [(self.joint.table, axes, 0)] if axes else []
        while waiting:
            table, names, first = waiting.pop()
            key = frozenset(names)
            if key not in self._entropies:
                self._entropies[key] = entropy_of_table(table)
            if len(names) > 1:
                rest = range(first, len(names))  # in one order only, so that no set comes twice
                waiting += [(_without(table, k), names[:k] + names[k + 1 :], k) for k in rest]
        return dict(self._entropies)

    def marginal(self, names: Names) -> FloatArray:
        """The law of the named variables, axes in the order of the joint's."""
        return self._marginal(self._known(names))

    def _known(self, names: Names | set[str]) -> frozenset[str]:
        unknown = sorted(set(names) - set(self.joint.axes))
        if unknown:
            raise ValueError(f"the joint law has no variable {unknown[0]!r}; it has {', '.join(self.joint.axes)}")
        return frozenset(names)

    def _entropy(self, names: set[str]) -> float:
        key = self._known(names)
        if not key:
            return 0.0
        if key not in self._entropies:
            self._entropies[key] = entropy_of_table(self._marginal(key))
        return self._entropies[key]

    def _marginal(self, key: frozenset[str]) -> FloatArray:
        if len(key) == len(self.joint.axes):
            return self.joint.table
        if key not in self._tables:
            above = [known for known in self._tables if key < known]
            smallest = min(above, key=lambda known: self._tables[known].size) if above else None
            table = self.joint.table if smallest is None else self._tables[smallest]
            axes = [axis for axis in self.joint.axes if smallest is None or axis in smallest]
            self._tables[key] = _summed(table, [k for k, axis in enumerate(axes) if axis not in key])
        return self._tables[key]


def measures(joint: Joint) -> Measures:
    """The measures of a joint law. ValueError beyond 10^7 cells."""
    if joint.table.size > CELL_LIMIT:
        raise ValueError(f"the joint law has {joint.table.size} cells, expected at most {CELL_LIMIT}")
    return Measures(joint)


def entropy_of_table(table: FloatArray) -> float:
    """-Σ p log p over all cells of a table, in nats."""
    flat = table.ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        total = float(np.dot(flat, np.log(flat)))
    if np.isnan(total):  # 0 log 0: the zeros are left out only where there are some, for that is another pass
        positive = flat[flat > 0]
        total = float(np.dot(positive, np.log(positive)))
    return -total


def _summed(table: FloatArray, drop: list[int]) -> FloatArray:
    """The table with the axes `drop` summed out, neighbouring ones as one axis: NumPy's sum over many axes is slow."""
    runs: list[tuple[bool, int]] = []  # (dropped, size) of maximal runs of axes
    shape = []
    for axis, size in enumerate(table.shape):
        dropped = axis in drop
        if not dropped:
            shape.append(size)
        if runs and runs[-1][0] == dropped:
            runs[-1] = (dropped, runs[-1][1] * size)
        else:
            runs.append((dropped, size))
    found = table.reshape([size for _, size in runs])
    for position in reversed([k for k, (dropped, _) in enumerate(runs) if dropped]):
        found = _without(found, position)
    return np.asarray(found).reshape(shape)


LONGEST_PRODUCT = 4096  # NumPy's own sum adds pairwise, and loses less where there is more to add
SHORTEST_ROW = 16


def _without(table: FloatArray, axis: int) -> FloatArray:
    """The table summed over one axis; a short one by a product with ones or value by value, two to six times faster."""
    before, size, behind = math.prod(table.shape[:axis]), table.shape[axis], math.prod(table.shape[axis + 1 :])
    found: FloatArray
    if behind == 1 and size <= LONGEST_PRODUCT:
        found = table.reshape(before, size) @ np.ones(size)
    elif before > 1 and behind >= SHORTEST_ROW and size <= LONGEST_PRODUCT:
        found = np.matmul(np.ones(size), table.reshape(before, size, behind))
    elif before > 1 and size <= SHORTEST_ROW:
        cells = table.reshape(before, size, behind)
        found = cells[:, 0] + cells[:, 1] if size > 1 else cells[:, 0]
        for value in range(2, size):
            found += cells[:, value]
    else:
        found = table.reshape(before, size, behind).sum(axis=1)
    return found.reshape(*table.shape[:axis], *table.shape[axis + 1 :])


def _clipped(value: float, what: str) -> float:
    if value < CLIP:
        raise ArithmeticError(f"{what} = {value}, expected at least {CLIP}: the table is no law, or rounding won")
    return max(value, 0.0)


def _text(names: Names) -> str:
    return ", ".join(names) or "-"
