"""Programs with many columns: which few of them a proof needs, or the point that shows that there is none.

minimise goal . h over 0 <= h <= 1, a . h >= 0 for columns a: one starts with few columns, solves, adds those that the
solution violates most, and repeats; each round judges all columns by one sparse product. Floating point only proposes:
the columns that were needed, or the point reached, are decided exactly. Source: specification `categorical`, 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from theory.checking.rational_programs import (
    Combination,
    ExactnessError,
    Separation,
    Vector,
    nonnegative_combination,
    separation_near,
    sparse_columns,
)

_TOLERANCE = 1e-9
_ROUNDS = 200
_BATCH = 400


def few_of_many(
    columns: Sequence[Vector], target: Vector, rows: int, free: frozenset[int]
) -> Combination | Separation | None:
    """An exact answer to "is the target a combination of the columns?", or None where the proposals did not survive.

    Raises ExactnessError where the rounds do not end.
    """
    import numpy as np
    from scipy.optimize import linprog

    matrix = sparse_columns([*columns, target], rows).T.tocsr()  # (columns + 1, rows)
    goal = matrix[-1].toarray().ravel()
    signed = np.array([j for j in range(len(columns)) if j not in free])
    judged = matrix[signed]
    norms = np.maximum(1.0, np.sqrt(np.asarray(judged.multiply(judged).sum(axis=1)).ravel()))
    outside = np.asarray(abs(judged) @ (goal == 0).astype(float)).ravel()
    chosen = np.zeros(len(signed), dtype=bool)
    chosen[np.argsort(outside, kind="stable")[:_BATCH]] = True  # first those closest to the goal's own sets
    equal = matrix[sorted(free)] if free else None
    for _ in range(_ROUNDS):
        taken = np.flatnonzero(chosen)
        solved = linprog(
            goal,
            A_ub=-judged[taken],
            b_ub=np.zeros(len(taken)),
            A_eq=equal,
            b_eq=None if equal is None else np.zeros(len(free)),
            bounds=(-10.0, 10.0),
            method="highs-ds",
        )
        if solved.status != 0:
            raise ExactnessError(f"the linear program of {rows} joint entropies ended with status {solved.status}")
        if solved.fun > -_TOLERANCE:
            places = sorted([*(int(signed[k]) for k in taken), *free])
            answer = nonnegative_combination(
                [columns[j] for j in places], target, rows, frozenset(k for k, j in enumerate(places) if j in free)
            )
            if isinstance(answer, Separation):
                return None
            x = [Fraction(0)] * len(columns)
            for j, value in zip(places, answer.coefficients, strict=True):
                x[j] = value
            return Combination(tuple(x))
        values = (judged @ solved.x) / norms
        bad = np.flatnonzero((values < -_TOLERANCE) & ~chosen)
        if not len(bad):
            return separation_near(columns, target, free, [float(v) for v in solved.x])
        chosen[bad[np.argsort(values[bad], kind="stable")[:_BATCH]]] = True
    raise ExactnessError(f"the linear program did not settle within {_ROUNDS} rounds of new inequalities")
