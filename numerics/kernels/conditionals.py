"""Disintegration of finite kernels: joint states, conditionals, Bayesian inverses, almost-sure equality.

Main definitions
    joint               μ(x) k(y|x), as a state on X ⊗ Y (D6)
    conditional         f_{|X}: X ⊗ A -> Y of f: A -> X ⊗ Y, with the mask of the rows that f determines (D5)
    bayesian_inverse    k†: Y -> X, with the mask of the points of positive mass
    almost_surely_equal (1 ⊗ f)Δμ = (1 ⊗ g)Δμ

Conventions: a row that the conditional leaves open (the condition has probability 0) is uniform, and its mask entry is
False. A conditional of a row of positive mass is exact up to one division.

Source: specification `categorical`, D5, D6 and 4.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.kernels.kernel import FloatArray, Kernel, Wiring, sizes


class Conditional(NamedTuple):
    """A kernel, and which of its rows are determined (shape sizes of the kernel's dom)."""

    kernel: Kernel
    mask: NDArray[np.bool_]


def joint(mu: Kernel, k: Kernel) -> Kernel:
    """The state μ(x) k(y|x). TypeError where the spaces differ, ValueError if `mu` has inputs."""
    _require_state(mu)
    if mu.cod != k.dom:
        raise TypeError(f"cannot join {mu!r} with {k!r}: the state lives on other spaces than the kernel reads")
    extra = k.array.ndim - mu.array.ndim
    return Kernel((), mu.cod + k.cod, mu.array.reshape(mu.array.shape + (1,) * extra) * k.array, f"joint of {k.name}")


def normalised(table: FloatArray, condition_axes: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Rows of a non-negative table as laws, with the mask of the rows that had mass; the first axes are the condition.

    A row without mass becomes uniform.
    """
    outputs = tuple(range(condition_axes, table.ndim))
    totals = table.sum(axis=outputs, keepdims=True)
    mask = totals > 0
    # scaled by the largest entry first: a subnormal row would lose its digits
    largest = table.max(axis=outputs, keepdims=True) if outputs else table
    scaled = table / np.where(mask, largest, 1.0)
    rows = scaled / np.where(mask, scaled.sum(axis=outputs, keepdims=True), 1.0)
    count = int(np.prod(table.shape[condition_axes:], dtype=np.int64))
    return np.where(mask, rows, 1.0 / count), mask.reshape(table.shape[:condition_axes])


def conditional(f: Kernel, given: tuple[int, ...] = (0,)) -> Conditional:
    """f_{|X}: X ⊗ A -> Y for the output wires X at the positions `given`; Y are the others, in order."""
    rest = tuple(wire for wire in range(len(f.cod)) if wire not in given)
    arranged = f >> Wiring(f.cod, (*given, *rest))
    inputs, first = len(f.dom), len(given)
    axes = [*range(inputs, inputs + first), *range(inputs), *range(inputs + first, arranged.array.ndim)]
    table = np.ascontiguousarray(arranged.array.transpose(axes))
    rows, mask = normalised(table, first + inputs)
    dom = tuple(f.cod[wire] for wire in given) + f.dom
    return Conditional(Kernel(dom, tuple(f.cod[wire] for wire in rest), rows, f"conditional of {f.name}"), mask)


def bayesian_inverse(mu: Kernel, k: Kernel) -> Conditional:
    """k†: Y -> X with μ(x)k(y|x) = (μ ≫ k)(y) k†(x|y); the mask marks the y with (μ ≫ k)(y) > 0."""
    both = joint(mu, k)
    width = len(mu.cod)
    table = both.array.transpose([*range(width, both.array.ndim), *range(width)])
    rows, mask = normalised(np.ascontiguousarray(table), len(k.cod))
    return Conditional(Kernel(k.cod, mu.cod, rows, f"inverse of {k.name}"), mask)


def almost_surely_equal(mu: Kernel, f: Kernel, g: Kernel, tolerance: float = 1e-12) -> bool:
    """Whether joint(μ, f) and joint(μ, g) agree entry by entry within `tolerance`."""
    if (f.dom, f.cod) != (g.dom, g.cod):
        raise TypeError(f"{f!r} and {g!r} are kernels between different spaces")
    return bool((np.abs(joint(mu, f).array - joint(mu, g).array) <= tolerance).all())


def recomposed(marginal: Kernel, rest: Conditional) -> FloatArray:
    """f(x, y | a) = f_X(x|a) f_{|X}(y|x, a) as an array with axes A, X, Y: what D5 says a conditional is."""
    inputs, outputs = len(marginal.dom), len(marginal.cod)
    array = rest.kernel.array  # axes X, A, Y
    array = array.transpose([*range(outputs, outputs + inputs), *range(outputs), *range(outputs + inputs, array.ndim)])
    shape = sizes(marginal.dom) + sizes(marginal.cod) + (1,) * (array.ndim - inputs - outputs)
    return np.asarray(marginal.array.reshape(shape) * array)


def _require_state(mu: Kernel) -> None:
    if mu.dom:
        raise ValueError(f"{mu!r} has inputs, expected a state")
