"""Top-bit parity, a threshold function whose integer weights grow like the Fibonacci numbers.

f(x) = 1 iff the largest index i in 1..n with x_i = 1 exists and is odd.

Main definitions
    top_bit_parity        its values on the cube
    fibonacci_gate        the gate of least weights: w_i = (-1)^(i+1) F_i, threshold 1
    least_top_weight      the least |w_n| of all gates, by a linear program whose answer is certified in integers
    perceptron_mistakes   mistakes of the perceptron in sign features before it is right on the whole cube

Source: specification `autoregressive`, gate_margin_exponential.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from numerics.machines.threshold_functions import cube

IntArray = NDArray[np.int64]


def top_bit_parity(n: int) -> IntArray:
    """Values (2^n,) on the inputs of `cube(n)`, whose columns are x_1..x_n."""
    inputs = cube(n)
    largest = np.where(inputs.any(axis=1), n - inputs[:, ::-1].argmax(axis=1), 0)
    values: IntArray = largest % 2
    return values


def fibonacci_gate(n: int) -> tuple[tuple[int, ...], int]:
    """Weights (-1)^(i+1) F_i, i = 1..n, and threshold 1."""
    numbers = [1, 1]
    while len(numbers) < n:
        numbers.append(numbers[-1] + numbers[-2])
    return tuple(f if i % 2 == 0 else -f for i, f in enumerate(numbers[:n])), 1


def least_top_weight(n: int) -> Fraction:
    """The least |w_n| of a gate w.x >= theta where f = 1, w.x <= theta - 1 where f = 0 (real weights allowed).

    The linear program's dual solution is rounded to rationals and checked exactly: it proves the value from below. The
    Fibonacci gate, checked exactly, attains it. Raises ArithmeticError where the two do not meet.
    """
    from scipy.optimize import linprog

    values, inputs = top_bit_parity(n), cube(n)
    side = 2 * values - 1  # +1: w.x - theta >= 0; -1: theta - w.x >= 1
    rows = side[:, None] * np.hstack([inputs, -np.ones((len(inputs), 1), dtype=np.int64)])
    needed = (values == 0).astype(np.int64)
    goal = np.zeros(n + 1)
    goal[n - 1] = 1 if n % 2 else -1  # w_n > 0 for odd n, < 0 for even n: e_n against 0
    solved = linprog(goal, A_ub=-rows, b_ub=-needed, bounds=[(None, None)] * (n + 1), method="highs")
    if solved.status != 0:
        raise ArithmeticError(f"the linear program for n = {n} was not solved: {solved.message}")
    dual = [max(Fraction(float(-v)).limit_denominator(10**6), Fraction(0)) for v in solved.ineqlin.marginals]
    used = [(y, rows[i]) for i, y in enumerate(dual) if y]
    combined = [sum((y * int(row[j]) for y, row in used), Fraction(0)) for j in range(n + 1)]
    if combined != [Fraction(int(v)) for v in goal]:
        raise ArithmeticError(f"the dual solution for n = {n} does not prove a bound on |w_n|")
    proved = sum((y * int(needed[i]) for i, y in enumerate(dual)), Fraction(0))
    weights, threshold = fibonacci_gate(n)
    if ((inputs @ np.array(weights) >= threshold) != values).any() or abs(weights[-1]) != proved:
        raise ArithmeticError(f"the Fibonacci gate for n = {n} does not attain the bound {proved}")
    return proved


def perceptron_mistakes(n: int, rng: np.random.Generator, passes: int = 100_000) -> tuple[int, IntArray]:
    """Mistakes and final weights (n + 1, bias last) in features +-1, examples in a new random order every pass.

    f = 1 is predicted where the form is > 0. Raises ArithmeticError where `passes` do not suffice.
    """
    features = np.hstack([2 * cube(n) - 1, np.ones((2**n, 1), dtype=np.int64)])
    signs = 2 * top_bit_parity(n) - 1
    weights = np.zeros(n + 1, dtype=np.int64)
    mistakes = 0
    for _ in range(passes):
        order = rng.permutation(2**n)
        start = 0
        clean = True
        while start < len(order):
            rest = order[start:]
            wrong = ((features[rest] @ weights > 0) != (signs[rest] > 0)).nonzero()[0]
            if not len(wrong):
                break
            at = rest[wrong[0]]
            weights += signs[at] * features[at]
            mistakes += 1
            clean = False
            start += int(wrong[0]) + 1
        if clean:
            return mistakes, weights
    raise ArithmeticError(f"the perceptron made mistakes in all of {passes} passes at n = {n}")
