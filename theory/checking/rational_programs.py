"""Exact answers to "is the target a non-negative combination of these columns?".

Main statement (Farkas): either there are x_j >= 0 (x_j free for the columns named free) with sum x_j a_j = b, or there
is a y with y.a_j >= 0 (= 0 for free columns) and y.b < 0; never both. `nonnegative_combination` returns one of the two
in exact rationals. Floating point (HiGHS) only proposes; every answer is re-checked exactly, and where no proposal
survives an exact simplex with Bland's rule decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Vector = Mapping[int, Fraction]
_SUPPORT = 1e-9
_DENOMINATOR = 1000
_LARGEST_TABLEAU = 4_000_000  # entries; beyond it the exact simplex would need gigabytes and hours


class ExactnessError(RuntimeError):
    """No exact answer within the allowed number of pivots."""


@dataclass(frozen=True)
class Combination:
    """x with sum x_j a_j = b, x_j >= 0 where not free."""

    coefficients: tuple[Fraction, ...]


@dataclass(frozen=True)
class Separation:
    """y with y.a_j >= 0 (= 0 for free columns) and y.b < 0; `normal` has one entry a row."""

    normal: tuple[Fraction, ...]


def _dot(normal: Sequence[Fraction], column: Vector) -> Fraction:
    return sum((normal[row] * value for row, value in column.items()), Fraction(0))


def is_combination(columns: Sequence[Vector], target: Vector, free: frozenset[int], x: Sequence[Fraction]) -> bool:
    """Exact check of sum x_j a_j = b and of the signs."""
    if len(x) != len(columns) or any(x[j] < 0 and j not in free for j in range(len(x))):
        return False
    residual = dict(target)
    for column, value in zip(columns, x, strict=True):
        if value:
            for row, entry in column.items():
                residual[row] = residual.get(row, Fraction(0)) - value * entry
    return not any(residual.values())


def is_separation(columns: Sequence[Vector], target: Vector, free: frozenset[int], y: Sequence[Fraction]) -> bool:
    """Exact check of y.a_j >= 0 (= 0 for free columns) and y.b < 0."""
    for j, column in enumerate(columns):
        value = _dot(y, column)
        if value < 0 or (value and j in free):
            return False
    return _dot(y, target) < 0


def nonnegative_combination(
    columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int] = frozenset(), max_pivots: int = 20_000
) -> Combination | Separation:
    """Exact coefficients that combine the columns to the target, or an exact separating vector.

    `columns[j]` and `target` map row indices 0..rows-1 to rationals. Among the combinations one with a small sum of
    coefficients is sought. Raises `ExactnessError` when the exact simplex exceeds `max_pivots`.
    """
    if not any(target.values()):
        return Combination((Fraction(0),) * len(columns))
    for proposal in (_small, _float_combination, _float_separation):
        answer = proposal(columns, target, rows, free)
        if answer is not None:
            return answer
    return exact_simplex(columns, target, rows, free, max_pivots)


# ---- proposals in floating point


def _scales(columns: Sequence[Vector]) -> list[Fraction]:
    return [max((abs(v) for v in column.values() if v), default=Fraction(1)) for column in columns]


def sparse_columns(columns: Sequence[Vector], rows: int) -> Any:
    """The columns, each divided by its largest entry, as a sparse matrix (rows, columns) of floats."""
    return _sparse(columns, _scales(columns), rows)


def _sparse(columns: Sequence[Vector], scales: Sequence[Fraction], rows: int) -> Any:
    from scipy.sparse import csc_matrix

    data, index, pointer = [], [], [0]
    for column, scale in zip(columns, scales, strict=True):
        for row, value in column.items():
            data.append(float(value / scale))
            index.append(row)
        pointer.append(len(data))
    return csc_matrix((data, index, pointer), shape=(rows, len(columns)))


def _small(
    columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int]
) -> Combination | Separation | None:
    """Programs so small that calling a solver would cost more than solving them."""
    from theory.checking.dense_simplex import LARGEST, Farkas, Optimum, small_program

    count = len(columns)
    if not columns or (rows + 1) * (count + len(free) + rows + 1) > LARGEST:
        return None
    import numpy as np

    scales, scale = _scales(columns), _scales([target])[0]
    matrix, right = np.zeros((rows, count + len(free))), np.zeros(rows)
    for j, column in enumerate(columns):
        for row, value in column.items():
            matrix[row, j] = value / scales[j]
    back = sorted(free)
    matrix[:, count:] = -matrix[:, back]
    for row, value in target.items():
        right[row] = value / scale
    cost = np.ones(count + len(free))
    cost[back] = cost[count:] = 0.0
    solved = small_program(matrix, right, cost)
    if isinstance(solved, Optimum):
        x = solved.x[:count].copy()
        x[back] -= solved.x[count:]
        return _exact_combination(columns, target, rows, free, x, scales, scale)
    if isinstance(solved, Farkas):
        return _exact_separation(columns, target, free, [float(v) for v in solved.y])
    return None


def _float_combination(
    columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int]
) -> Combination | None:
    import numpy as np
    from scipy.optimize import linprog

    if not columns:
        return None
    scales, scale = _scales(columns), _scales([target])[0]
    right = np.zeros(rows)
    for row, value in target.items():
        right[row] = float(value / scale)
    cost = np.array([0.0 if j in free else 1.0 for j in range(len(columns))])
    bounds = [(None, None) if j in free else (0, None) for j in range(len(columns))]
    solved = linprog(cost, A_eq=_sparse(columns, scales, rows), b_eq=right, bounds=bounds, method="highs-ds")
    if solved.status != 0:
        return None
    return _exact_combination(columns, target, rows, free, solved.x, scales, scale)


def _exact_combination(
    columns: Sequence[Vector],
    target: Vector,
    rows: int,
    free: frozenset[int],
    proposed: Sequence[float],
    scales: Sequence[Fraction],
    scale: Fraction,
) -> Combination | None:
    """The exact coefficients that floating-point ones (of scaled columns and target) stand for."""
    zero = Fraction(0)
    guess = [
        Fraction(float(x)).limit_denominator(_DENOMINATOR) * scale / s if abs(x) > _SUPPORT else zero
        for x, s in zip(proposed, scales, strict=True)
    ]
    if is_combination(columns, target, free, guess):
        return Combination(tuple(guess))
    support = [j for j, x in enumerate(proposed) if abs(x) > _SUPPORT]
    exact = _solve([columns[j] for j in support], target, rows)
    if exact is None:
        return None
    full = [Fraction(0)] * len(columns)
    for j, value in zip(support, exact, strict=True):
        full[j] = value
    return Combination(tuple(full)) if is_combination(columns, target, free, full) else None


def _float_separation(columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int]) -> Separation | None:
    import numpy as np
    from scipy.optimize import linprog

    scales = _scales([*columns, target])
    matrix = _sparse([*columns, target], scales, rows).T.tocsr()  # one row of the program a column or target
    signed = [j for j in range(len(columns)) if j not in free]
    cost = matrix[-1].toarray().ravel()
    # Normalise the sum of the non-negative values to one; the target's own value joins it, so that the program stays
    # bounded and feasible even where every column vanishes on the separating vector.
    total = np.asarray(matrix[signed].sum(axis=0)).ravel() if signed else np.zeros(rows)
    upper = -matrix[signed] if signed else None
    equal = matrix[sorted(free)].toarray() if free else np.zeros((0, rows))
    for normalisation in (total, total - cost):
        solved = linprog(
            cost,
            A_ub=upper,
            b_ub=np.zeros(len(signed)) if signed else None,
            A_eq=np.vstack([equal, normalisation]),
            b_eq=np.append(np.zeros(len(free)), 1.0),
            bounds=(None, None),
            method="highs-ds",
        )
        if solved.status == 0 and solved.fun < -_SUPPORT:
            found = _exact_separation(columns, target, free, [float(v) for v in solved.x])
            if found is not None:
                return found
    return None


def separation_near(
    columns: Sequence[Vector], target: Vector, free: frozenset[int], guess: Sequence[float]
) -> Separation | None:
    """The exact separating vector that a floating-point one stands for, or None where none was found."""
    return _exact_separation(columns, target, free, guess)


def _exact_separation(
    columns: Sequence[Vector], target: Vector, free: frozenset[int], guess: Sequence[float]
) -> Separation | None:
    unit = min((abs(v) for v in guess if abs(v) > _SUPPORT), default=1.0)
    y = [Fraction(v / unit).limit_denominator(_DENOMINATOR) for v in guess]
    if is_separation(columns, target, free, y):
        return Separation(tuple(y))
    # The vertex is determined, up to scale, by the columns that vanish on it.
    active: list[Vector] = []
    for j, column in enumerate(columns):
        size = sum(abs(float(v) * guess[row]) for row, v in column.items())
        if j in free or abs(sum(float(v) * guess[row] for row, v in column.items())) <= _SUPPORT * (1 + size):
            active.append(column)
    direction = _kernel_line(active, len(guess))
    if direction is None:
        return None
    if _dot(direction, target) > 0:
        direction = [-v for v in direction]
    return Separation(tuple(direction)) if is_separation(columns, target, free, direction) else None


# ---- exact linear algebra


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _solve(columns: Sequence[Vector], target: Vector, rows: int) -> list[Fraction] | None:
    """One exact solution x of sum x_j a_j = b, zero where undetermined; None if there is none."""
    from flint import fmpq, fmpq_mat

    count = len(columns)
    matrix = fmpq_mat(rows, count + 1)
    for j, column in enumerate([*columns, target]):
        for row, value in column.items():
            matrix[row, j] = fmpq(value.numerator, value.denominator)
    reduced, rank = matrix.rref()
    x = [Fraction(0)] * count
    for row in range(rank):
        pivot = next(j for j in range(count + 1) if reduced[row, j] != 0)
        if pivot == count:
            return None
        x[pivot] = _fraction(reduced[row, count])
    return x


def _kernel_line(equations: Sequence[Vector], rows: int) -> list[Fraction] | None:
    """The y with y.a = 0 for all equations, if it is unique up to scale."""
    from flint import fmpq, fmpq_mat

    if not equations:
        return [Fraction(1)] if rows == 1 else None
    matrix = fmpq_mat(len(equations), rows)
    for j, equation in enumerate(equations):
        for row, value in equation.items():
            matrix[j, row] = fmpq(value.numerator, value.denominator)
    reduced, rank = matrix.rref()
    if rank != rows - 1:
        return None
    pivots = [next(j for j in range(rows) if reduced[i, j] != 0) for i in range(rank)]
    loose = next(j for j in range(rows) if j not in set(pivots))
    y = [Fraction(0)] * rows
    y[loose] = Fraction(1)
    for i, pivot in enumerate(pivots):
        y[pivot] = -_fraction(reduced[i, loose])
    return y


def exact_simplex(
    columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int] = frozenset(), max_pivots: int = 20_000
) -> Combination | Separation:
    """The same question decided in rationals alone: phase one of the simplex method with Bland's rule.

    Raises `ExactnessError` after `max_pivots` pivots, or at once where the tableau would be too large.
    """
    from flint import fmpq

    zero, one = fmpq(0), fmpq(1)
    split = [(j, 1) for j in range(len(columns))] + [(j, -1) for j in sorted(free)]
    width = len(split) + rows + 1  # structural columns, one artificial a row, right-hand side
    if rows * width > _LARGEST_TABLEAU:
        raise ExactnessError(
            f"the exact simplex needs a tableau of {rows} x {width}, at most {_LARGEST_TABLEAU} entries"
        )
    tableau = [[zero] * width for _ in range(rows)]
    signs = [1] * rows
    for row in range(rows):
        value = target.get(row, Fraction(0))
        signs[row] = -1 if value < 0 else 1
        tableau[row][-1] = fmpq(abs(value).numerator, abs(value).denominator)
        tableau[row][len(split) + row] = one
    for k, (j, sign) in enumerate(split):
        for row, value in columns[j].items():
            tableau[row][k] = fmpq(value.numerator, value.denominator) * (sign * signs[row])
    # Reduced costs of "minimise the sum of the artificials": minus the column sums, zero on the artificials.
    cost = [-sum((line[k] for line in tableau), zero) for k in range(width)]
    for row in range(rows):
        cost[len(split) + row] = zero
    basis = [len(split) + row for row in range(rows)]
    for _ in range(max_pivots):
        entering = next((k for k in range(width - 1) if cost[k] < 0), None)
        if entering is None:
            break
        leaving = min(
            (row for row in range(rows) if tableau[row][entering] > 0),
            key=lambda row: (tableau[row][-1] / tableau[row][entering], basis[row]),
        )
        pivot = tableau[leaving][entering]
        source = tableau[leaving] = [v / pivot if v != 0 else v for v in tableau[leaving]]
        for line in [*(tableau[r] for r in range(rows) if r != leaving), cost]:
            factor = line[entering]
            if factor != 0:
                for k, v in enumerate(source):
                    if v != 0:
                        line[k] = line[k] - factor * v
        basis[leaving] = entering
    else:
        raise ExactnessError(f"no exact answer within {max_pivots} pivots ({rows} rows, {len(columns)} columns)")
    if cost[-1] == 0:
        x = [Fraction(0)] * len(columns)
        for row, k in enumerate(basis):
            if k < len(split):
                x[split[k][0]] += split[k][1] * _fraction(tableau[row][-1])
        return Combination(tuple(x))
    # The reduced cost of artificial i is 1 - (dual i); the dual of the phase-one optimum separates.
    y = tuple(-signs[row] * _fraction(one - cost[len(split) + row]) for row in range(rows))
    return Separation(y)
