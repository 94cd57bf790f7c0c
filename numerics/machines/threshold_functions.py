"""Boolean functions that one or two threshold gates compute, decided exactly.

Main definitions
    threshold_functions   all of them for n <= 4 bits
    single_gate           integer weights and threshold of a function, found by a linear program, checked exactly
    exact_length          1, 2 or ">2" tokens of {0, 1}, for n <= 4 bits
    cube                  the inputs, first bit most significant

A function of n bits is the array of its 2^n values in the order of `cube`. Two gates compute f iff there are a first
gate g and one weight vector by which f is a threshold function both where g = 0 and where g = 1. Only the order of the
inputs by that vector matters, and every order without ties is that of small integers, so no linear program is needed.
Source: specification `autoregressive`, threshold_circuit_length, 3.1; counts of threshold functions: OEIS A000609.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
MOST_BITS_EXACT = 4
# Largest weights that all threshold functions of n bits need, and all orders of the cube without ties.
GATE_WEIGHTS = (0, 1, 1, 2, 3)
ORDER_WEIGHTS = (0, 1, 2, 4, 10)


def cube(n: int) -> IntArray:
    """The inputs (2^n, n), first bit most significant."""
    rows: IntArray = (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1
    return rows


@cache
def threshold_functions(n: int) -> IntArray:
    """All threshold functions of n <= 4 bits, constants included: (count, 2^n), rows in ascending order.

    Raises ValueError for another n.
    """
    _few(n)
    sums = _vectors(n, GATE_WEIGHTS[n]) @ cube(n).T  # (weights, 2^n)
    found = (sums[:, None, :] >= sums[:, :, None]).reshape(-1, 2**n)  # every sum as a threshold
    never = np.zeros((1, 2**n), dtype=bool)
    functions: IntArray = np.unique(np.concatenate([found, never]), axis=0).astype(np.int64)
    functions.setflags(write=False)
    return functions


def single_gate(values: IntArray) -> tuple[tuple[int, ...], int] | None:
    """Weights (n) and threshold of a gate for the function (2^n,), None if there is none.

    The answer is exact where a gate is returned; that there is none is the verdict of a linear program in floating
    point (of unateness, exactly, for most functions).
    """
    n = int(values.size).bit_length() - 1
    signs = _unate(values, n)
    if signs is None:
        return None
    # Oriented so that the function increases in every bit, the extreme points decide.
    x = cube(n)
    y = np.where(signs < 0, 1 - x, x)  # (2^n, n)
    order = np.empty(2**n, dtype=np.int64)
    order[y @ (1 << np.arange(n - 1, -1, -1))] = np.arange(2**n)
    up = values[order].reshape((2,) * n)
    least_true = up == 1
    most_false = up == 0
    for axis in range(n):
        one = (slice(None),) * axis + (1,)
        zero = (slice(None),) * axis + (0,)
        least_true[one] &= up[zero] == 0
        most_false[zero] &= up[one] == 1
    true, false = x[least_true.ravel()], x[most_false.ravel()]  # rows of the oriented cube
    weights = _separating(true, false, n)
    if weights is None:
        return None
    for scale in range(1, n + 3):  # rounding moves a sum by at most n/2, and the classes are `scale` apart
        rounded = np.rint(scale * weights).astype(np.int64)
        low = int((true @ rounded).min(initial=int(rounded.sum()) + 1))
        high = int((false @ rounded).max(initial=-1))
        if low > high:
            oriented = signs * rounded
            threshold = (low + high + 1) // 2 - int(rounded[signs < 0].sum())
            if ((x @ oriented >= threshold) == (values == 1)).all():
                return tuple(map(int, oriented)), threshold
    return None


def exact_length(values: IntArray) -> Literal[1, 2, ">2"]:
    """Least number of tokens of {0, 1} by which a linear chain computes the function (2^n,), n <= 4 bits.

    Raises ValueError for more bits.
    """
    n = int(values.size).bit_length() - 1
    _few(n)
    gates = threshold_functions(n)
    if (gates == values).all(axis=1).any():
        return 1
    return 2 if len(first_gates(values)) else ">2"


def first_gates(values: IntArray) -> IntArray:
    """The first gates (count, 2^n) after which one more gate computes the function (2^n,), n <= 4 bits.

    A gate and its complement serve alike; of the two the one that is 0 on the input of zeros is listed.
    """
    n = int(values.size).bit_length() - 1
    _few(n)
    functions = threshold_functions(n)
    gates = functions[functions[:, 0] == 0]
    wrong = (functions != values).astype(np.float32)  # (functions, 2^n)
    # f = (h where the gate is 0, k where it is 1), the gates h and k having the same weights up to the threshold.
    on = gates.astype(np.float32) @ wrong.T == 0  # (gates, functions)
    off = (1 - gates).astype(np.float32) @ wrong.T == 0
    parallel = _parallel(n)
    found: IntArray = gates[[parallel[np.ix_(h, k)].any() for h, k in zip(off, on, strict=True)]]
    return found


@cache
def _parallel(n: int) -> NDArray[np.bool_]:
    """True for every two threshold functions that one weight vector computes, by two thresholds."""
    functions = threshold_functions(n)
    bits = 1 << np.arange(2**n - 1, -1, -1)
    codes = functions @ bits  # ascending
    together = np.zeros((len(functions), len(functions)), dtype=bool)
    for order in _orders(n):
        tails = np.concatenate([np.cumsum(bits[order[::-1]])[::-1], [0]])  # the last inputs of the order are true
        same = np.searchsorted(codes, tails)
        together[np.ix_(same, same)] = True
    return together


@cache
def _orders(n: int) -> IntArray:
    """Inputs sorted by a weight vector, for all vectors without ties: (orders, 2^n)."""
    rising = np.array(list(itertools.combinations(range(1, ORDER_WEIGHTS[n] + 1), n)), dtype=np.int64)
    ranked = np.sort(rising @ cube(n).T, axis=1)
    generic = rising[(np.diff(ranked, axis=1) > 0).all(axis=1)]
    _, first = np.unique((generic @ cube(n).T).argsort(axis=1), axis=0, return_index=True)
    # Renaming bits and changing signs takes these orders to all others.
    moved = generic[first][:, np.array(list(itertools.permutations(range(n))))].reshape(-1, n)
    signs = np.array(list(itertools.product((-1, 1), repeat=n)), dtype=np.int64)
    vectors = (moved[:, None, :] * signs[None, :, :]).reshape(-1, n)
    return np.unique((vectors @ cube(n).T).argsort(axis=1), axis=0)


def _vectors(n: int, largest: int) -> IntArray:
    return np.array(list(itertools.product(range(-largest, largest + 1), repeat=n)), dtype=np.int64)


def _unate(values: IntArray, n: int) -> IntArray | None:
    """+1 or -1 for each bit in which the function never decreases or never increases; None if it does both."""
    table = values.reshape((2,) * n)
    signs = np.ones(n, dtype=np.int64)
    for axis in range(n):
        change = np.diff(table, axis=axis)
        if change.min() < 0:
            if change.max() > 0:
                return None
            signs[axis] = -1
    return signs


def _separating(true: IntArray, false: IntArray, n: int) -> NDArray[np.float64] | None:
    """Weights >= 0 of least sum with (w, true) >= theta and (w, false) <= theta - 1; None if infeasible."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    rows: Any = np.concatenate(
        [
            np.column_stack([-true, np.ones(len(true), dtype=np.int64)]),
            np.column_stack([false, -np.ones(len(false), dtype=np.int64)]),
        ]
    )  # (constraints, n + 1), theta last
    right = np.concatenate([np.zeros(len(true)), -np.ones(len(false))])
    cost = np.append(np.ones(n), 0.0)
    solved = linprog(cost, csr_array(rows), right, bounds=[(0, None)] * n + [(None, None)], method="highs")
    return np.asarray(solved.x[:n], dtype=np.float64) if solved.status == 0 else None


def _few(n: int) -> None:
    if not 1 <= n <= MOST_BITS_EXACT:
        raise ValueError(f"functions of {n} bits are decided exactly for 1 to {MOST_BITS_EXACT} bits only")
