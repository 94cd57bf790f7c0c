"""Entropies and mutual informations of a joint law over named axes, in nats.

Main definitions
    Joint                a table of probabilities with one named axis a variable
    marginal             the law of some of its variables
    entropy              H(X) and H(X | Z)
    mutual_information   I(X; Y) and I(X; Y | Z), as the mean log-ratio that defines it

Conventions: 0 log 0 = 0. Variables are given as a sequence of axis names; a string of several letters is one name.
Mutual information is not formed from entropies, so that the chain rule between the two is a check and not an identity.
Source: specification `categorical`, 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

FloatArray = NDArray[np.float64]
Names = Sequence[str]
TOTAL_ERROR = 1e-9  # how far the sum of a law may be from 1


@dataclass(frozen=True, eq=False)
class Joint:
    """A joint law.

    Attributes
        axes   names of the variables, all different
        table  probabilities, one axis a variable, in the order of `axes`

    Raises ValueError for negative or non-finite entries, a sum other than 1 within 1e-9, or names that do not fit.
    """

    axes: tuple[str, ...]
    table: FloatArray

    def __post_init__(self) -> None:
        if len(set(self.axes)) != len(self.axes) or len(self.axes) != self.table.ndim:
            raise ValueError(f"axes {self.axes} do not name the {self.table.ndim} axes of the table, each once")
        cells = self.table.ravel(order="K")  # a view in the order of memory, where there is one
        with np.errstate(over="ignore", invalid="ignore"):
            total = float(cells.sum())
        if cells.size and not (cells.min() >= 0 and np.isfinite(total)):
            places = np.argwhere(~np.isfinite(self.table) | (self.table < 0))
            if len(places):  # else finite entries sum to infinity
                place = places[0].tolist()
                raise ValueError(
                    f"entry {place} of the joint law is {self.table[tuple(place)]}, expected a probability"
                )
        if abs(total - 1) > TOTAL_ERROR:
            raise ValueError(f"the joint law sums to {total}, expected 1 within {TOTAL_ERROR}")


def joint_of_weights(axes: Names, weights: NDArray[np.int64]) -> Joint:
    """The law proportional to non-negative integer weights, not all 0."""
    total = int(weights.sum())
    if total <= 0:
        raise ValueError(f"the weights sum to {total}, expected a positive number")
    return Joint(tuple(axes), np.asarray(weights / total, dtype=np.float64))


def marginal(joint: Joint, names: Names) -> FloatArray:
    """The law of the named variables, in the order of the joint's axes; the other axes are kept with size 1."""
    kept = set(_known(joint, names))
    others = tuple(i for i, axis in enumerate(joint.axes) if axis not in kept)
    return np.asarray(joint.table.sum(axis=others, keepdims=True))


def entropy(joint: Joint, of: Names, given: Names = ()) -> float:
    """H(of | given) in nats, as a sum of -p log p(of | given) over the support."""
    together = marginal(joint, (*of, *given))
    if not given:
        return float(-xlogy(together, together).sum())
    condition = marginal(joint, given)
    return float(-(xlogy(together, together) - xlogy(together, np.broadcast_to(condition, together.shape))).sum())


def mutual_information(joint: Joint, first: Names, second: Names, given: Names = ()) -> float:
    """I(first; second | given) = sum p(x,y,z) log [p(x,y,z) p(z) / (p(x,z) p(y,z))] in nats.

    Variables named in `given` too are dropped from the other two, which changes nothing. Raises ValueError for a
    variable on both sides that is not given, and for an unknown name.
    """
    first = [name for name in _known(joint, first) if name not in given]
    second = [name for name in _known(joint, second) if name not in given]
    common = set(first) & set(second)
    if common:
        raise ValueError(f"variable {min(common)!r} is on both sides of a mutual information; ask for its entropy")
    table = marginal(joint, (*first, *second, *given))
    shape = table.shape
    sides = (marginal(joint, (*first, *given)), marginal(joint, (*second, *given)))
    terms = xlogy(table, table) + xlogy(table, np.broadcast_to(marginal(joint, given), shape))
    for side in sides:
        terms = terms - xlogy(table, np.broadcast_to(side, shape))
    return float(terms.sum())


def _known(joint: Joint, names: Names) -> list[str]:
    unknown = [name for name in names if name not in joint.axes]
    if unknown:
        raise ValueError(f"the joint law has no variable {unknown[0]!r}; it has {', '.join(joint.axes)}")
    return list(dict.fromkeys(names))
