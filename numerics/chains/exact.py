"""Small chains in exact rational arithmetic (FLINT): the reference that float64 is held to.

A float64 probability is a dyadic rational; rows are divided by their exact sum, so the exact chain differs from the
float one by rounding in the rows only.  `flint` is imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.index import state_successor_table, successor_table
from numerics.chains.window_chain import WindowChain

Rational = Fraction | int

# FLINT solves 512 states in a quarter of a second; beyond this the rationals get too long to be useful.
EXACT_LIMIT = 1024


def exact_rows(rows: FloatArray) -> list[list[Fraction]]:
    """Probability rows as exact rationals, each row divided by its exact sum."""
    result = []
    for row in rows.tolist():
        values = [Fraction(v) for v in row]
        total = sum(values, Fraction(0))
        result.append([v / total for v in values])
    return result


def exact_transition(rows: Sequence[Sequence[Rational]], T: int, K: int) -> Any:
    """Transition matrix of the recurrent block as `flint.fmpq_mat` (T^K, T^K), from its T^K rational rows."""
    return _matrix(rows, successor_table(T, K).tolist())


def exact_transition_full(rows: Sequence[Sequence[Rational]], T: int, K: int) -> Any:
    """Transition matrix Q of the full space as `flint.fmpq_mat` (n_S, n_S), from its n_S rational rows in the order of
    D3."""
    return _matrix(rows, state_successor_table(T, K).tolist())


def exact_of_chain(chain: WindowChain, *, full: bool = False) -> Any:
    """`flint.fmpq_mat` of a window chain: the recurrent block, or the full space (which needs the shorter contexts)."""
    if not full:
        return exact_transition(exact_rows(chain.table), chain.T, chain.K)
    blocks = [chain.short_rows(length) for length in range(1, chain.K)]
    return exact_transition_full(exact_rows(np.concatenate([*blocks, chain.table])), chain.T, chain.K)


def exact_stationary(matrix: Any) -> list[Fraction]:
    """The stationary law of an exact stochastic matrix, as fractions.

    Raises `ValueError` beyond 1024 states, for rows that do not sum to 1 exactly, and when the law is not unique.
    """
    from flint import fmpq, fmpq_mat

    n = matrix.nrows()
    if n > EXACT_LIMIT:
        raise ValueError(f"an exact law of {n} states was asked for, expected at most {EXACT_LIMIT}")
    entries = [[matrix[i, j] for j in range(n)] for i in range(n)]
    for i, row in enumerate(entries):
        if sum(row, fmpq(0)) != 1:
            raise ValueError(f"row {i} of the transition matrix sums to {sum(row, fmpq(0))}, expected exactly 1")
    # Balance equations in all columns but the last, and total mass 1 in its place.
    system = fmpq_mat(n, n, [fmpq(1) if j == n - 1 else entries[i][j] - (i == j) for j in range(n) for i in range(n)])
    right = fmpq_mat(n, 1, [fmpq(int(j == n - 1)) for j in range(n)])
    try:
        solution = system.solve(right)
    except ZeroDivisionError as error:
        raise ValueError("the exact system is singular: the stationary law is not unique") from error
    return [to_fraction(solution[i, 0]) for i in range(n)]


def to_fraction(value: Any) -> Fraction:
    """A `flint.fmpq` as a `Fraction`."""
    return Fraction(int(value.p), int(value.q))


def _matrix(rows: Sequence[Sequence[Rational]], successors: list[list[int]]) -> Any:
    from flint import fmpq, fmpq_mat

    n = len(rows)
    if n != len(successors):
        raise ValueError(f"{n} rows were given, expected {len(successors)}")
    matrix = fmpq_mat(n, n)
    for u, row in enumerate(rows):
        for x, p in enumerate(row):
            value = Fraction(p)
            matrix[u, successors[u][x]] = fmpq(value.numerator, value.denominator)
    return matrix
