"""True statements, most of them steps of the chain-theory derivations: each must be proved, and not vacuously."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Eq, Function, Ge, Gt, Le, Lt, Max, Min, Ne, Rational, cos, exp, floor, log, pi, sin, sqrt, tanh

from theory.checking.decision import Proof, decide

x, y, a, c, c0, m, p, D, d2, eps, q, u, v = sp.symbols("x y a c c_0 m p D d_2 epsilon q u v", real=True)
B, tau, w = sp.symbols("B tau w", positive=True)
T, K, n, N, k = sp.symbols("T K n N k", integer=True, positive=True)
c1, c2, c3 = sp.symbols("c_1:4", real=True)
half = Rational(1, 2)
entropy = -p * log(p) - (1 - p) * log(1 - p)
kappa = Function("kappa", nonnegative=True)

TRUE = {
    "log below rational": (Le(-log(1 - x), x / (1 - x)), [x >= 0, x < 1]),
    "softmax denominator": (Le(1 + (T - 1) * exp(x), T * exp(x)), [x >= 0]),
    "softmax extreme point": (Ge((m - 1) * exp(c), exp(c) + m - 2), [c >= 0, m >= 2]),
    "tanh at most one": (Le(tanh(x), 1), [x >= 0]),
    "tanh below one strictly": (Lt(tanh(x), 1), []),
    "tanh below root": (Le(tanh(x), sqrt(x)), [x >= 0]),
    "tanh min form": (Le(tanh(B / 2), Min(1, sqrt(B / 2))), []),
    "tanh identity": (Eq((exp(B) - 1) * (1 - exp(-B)) / (exp(B) - exp(-B)), tanh(B / 2)), []),
    "hellinger log": (Le(2 * (1 - c), -2 * log(c)), [c > 0, c <= 1]),
    "hellinger square": (Le(x**2 * (1 - x**2 / 4), x**2), []),
    "hellinger linear": (Le(d2 * (1 - d2 / 4), d2), [d2 >= 0]),
    "twice root of B": (
        Ge(2 * sqrt(Max(log(T) + 2 * D / tau, log(1 / c0))), 1 / sqrt(2)),
        [T >= 2, D >= 0, c0 > 0, c0 <= 1 / T],
    ),
    "mixing factor slope": (Ge(sp.diff(((2 - a) / (1 - a)) ** 2, a), 0), [a >= 0, a < 1]),
    "mixing factor increases": (Ge(((2 - a) / (1 - a)) ** 2, ((2 - x) / (1 - x)) ** 2), [x >= 0, a >= x, a < 1]),
    "doeblin against minorant": (Ge(1 - 2 * m, 1 - n * m), [n >= 2, m >= 0]),
    "block minorant": (Le(1 - T**K * eps, 1 - 2 * eps), [T >= 2, K >= 1, eps >= 0]),
    "entropy at most log 2": (Le(entropy, log(2)), [p > 0, p < 1]),
    "entropy positive": (Gt(entropy, 0), [p > 0, p < 1]),
    "x log x": (Ge(x * log(x), x - 1), [x > 0]),
    "exp above tangent": (Ge(exp(x), 1 + x), []),
    "epsilon range": (Le(p**K, T ** (-K)), [p >= 0, p <= 1 / T]),
    "block length": (Ge((B + K - 1) ** 2 / B, 4 * (K - 1)), [K >= 2]),
    "cauchy two": (Le((c1 + c2) ** 2, 2 * (c1**2 + c2**2)), []),
    "cauchy three": (Le((c1 + c2 + c3) ** 2, 3 * (c1**2 + c2**2 + c3**2)), []),
    "parity overlap low": (Ge(6 * p**2 - 4 * p**3, 0), [p >= 0, p <= half]),
    "parity overlap high": (Le(6 * p**2 - 4 * p**3, 1), [p >= 0, p <= half]),
    "overlap minimum": (Le(6 * p**2 - 4 * p**3, 2 * p), [p > 0, p < half]),
    "overlap of pairs": (Le(2 * p * (1 - p), half), [p > 0, p < half]),
    "log sum monotone": (Ge(log(1 + (T - 1) * exp(D)), log(T)), [D >= 0]),
    "log sum above": (Le(log(1 + (T - 1) * exp(D)), log(T) + D), [D >= 0]),
    "B tanh": (Le(B * tanh(B / 2), B), []),
    "contraction antitone": (Ge((1 - 2 * x) ** n, (1 - 2 * x) ** (n + 1)), [x >= 0, x <= half]),
    "contraction at most one": (Le((1 - 2 * x) ** n, 1), [x >= 0, x <= half]),
    "contraction nonnegative": (Ge((1 - 2 * x) ** n, 0), [x >= 0, x <= half]),
    "contraction in base": (Le((1 - a) ** n, (1 - x) ** n), [x >= 0, x <= a, a <= 1]),
    "floor one": (Ge(floor(n / K) - 1, 0), [n >= K]),
    "floor two": (Ge(floor(n / K), 2), [n >= 2 * K]),
    "floor converse": (Lt(floor(n / K), 2), [n < 2 * K]),
    "floor minus one": (Ge(floor((n - K) / K), floor(n / K) - 1), []),
    "floor exponents": (Le((1 - 2 * x) ** floor(n / K), (1 - 2 * x) ** (floor(n / K) - 1)), [x >= 0, x < half, n >= K]),
    "quarter": (Le(q * (1 - q), Rational(1, 4)), []),
    "odd cycle": (Le(1 / (2 * sin(pi / (4 * N + 2))), N), []),
    "state count": (Eq(T * (T**K - 1) / (T - 1) * (T - 1), T ** (K + 1) - T), [T >= 2]),
    "state count step": (Eq(T * (T**K - 1) / (T - 1) + T ** (K + 1), T * (T ** (K + 1) - 1) / (T - 1)), [T >= 2]),
    "sparsity": (Eq(T * T * (T**K - 1) / (T - 1) / (T * (T**K - 1) / (T - 1)) ** 2, (T - 1) / (T**K - 1)), [T >= 2]),
    "geometric sum": (Eq(sp.Sum(T**k, (k, 1, K)), T * (T**K - 1) / (T - 1)), [T >= 2]),
    "arithmetic sum": (Eq(sp.Sum(k, (k, 1, K)), K * (K + 1) / 2), []),
    "concave chord": (Ge(1 - x, 4 ** (-x)), [x >= 0, x <= half]),
    "minorant exponential": (Le((1 - x) ** n, exp(-n * x)), [x >= 0, x <= 1]),
    "count above block": (Ge(T * (T**K - 1) / (T - 1), T**K), [T >= 2]),
    "proportion": (Le((T - 1) / (T**K - 1), 1), [T >= 2]),
    "root subadditive": (Le(sqrt(u + v), sqrt(u) + sqrt(v)), [u >= 0, v >= 0]),
    "root tangent": (Le(sqrt(u), (1 + u) / 2), [u >= 0]),
    "root concave": (Ge(sqrt((u + v) / 2), (sqrt(u) + sqrt(v)) / 2), [u >= 0, v >= 0]),
    "max of two": (Ge(Max(x, y), (x + y) / 2), []),
    "min and max": (Eq(Min(x, y) + Max(x, y), x + y), []),
    "total variation": (Eq(abs(x - y), x + y - 2 * Min(x, y)), []),
    "floor of both": (Ge(Min(exp(-2 * D / tau) / T, c0), exp(-Max(log(T) + 2 * D / tau, log(1 / c0)))), [c0 > 0]),
    "two cases": (Ge(Max(log(T) + 2 * D / tau, log(1 / c0)), log(T)), [D >= 0, c0 > 0]),
    "two-point value": (
        Eq((exp(u) - 1) * (1 - exp(-v)) / (exp(u) - exp(-v)), (exp(v) - 1) * (exp(u) - 1) / (exp(u + v) - 1)),
        [u > 0, v > 0],
    ),
    "spectral norm of band": (Eq(1 + 1 / (1 - a), (2 - a) / (1 - a)), [a >= 0, a < 1]),
    "log positive": (Gt(log(1 / x), 0), [x > 0, x < 1]),
    "power at least two": (Ge(T**K, 2), [T >= 2]),
    "half of a power": (Le(2 * T ** (-K), 1), [T >= 2]),
    "opaque function": (Le((1 - kappa(x)) * kappa(x), Rational(1, 4)), []),
    "opaque monotone": (Le(kappa(x) ** n, 1), [kappa(x) <= 1]),
    "chi square": (Le(log(x), x - 1), [x > 0]),
    "log above": (Ge(log(1 + x), x / (1 + x)), [x > -1]),
    "log by chord": (Ge(log(1 + x), 2 * x / (2 + x)), [x >= 0]),
    "exp cubic": (Ge(exp(x), 1 + x + x**2 / 2 + x**3 / 6), [x >= 0]),
    "hoeffding": (Le((exp(x) + exp(-x)) / 2, exp(x**2 / 2)), [x >= 0]),
    "sin": (Le(sin(x), x), [x >= 0]),
    "cos": (Ge(cos(x), 1 - x**2 / 2), []),
    "pythagoras": (Eq(sin(x) ** 2 + cos(x) ** 2, 1), []),
    "confidence": (Ge(log(2 / w), log(2)), [w <= 1]),
    "sample size solved": (Eq(sqrt(log(2 / w) / (log(2 / w) / tau**2)), tau), [w < 1]),
    "not equal": (Ne(x**2 + 1, x), []),
    "two-state stationary": (Eq(p / (p + q) * (1 - q) + q / (p + q) * p, p / (p + q)), [p > 0, q > 0]),
    "bernoulli": (Ge((1 - x) ** n, 1 - n * x), [x >= 0, x <= 1]),
    "interval": (Ge(exp(-x) * cos(x) + x**2, Rational(6, 10)), [x >= 0, x <= 1]),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_statement_is_proved(name: str) -> None:
    statement, assumptions = TRUE[name]
    decision = decide(statement, assumptions)
    assert isinstance(decision, Proof), f"{name}: {decision}"
    assert not decision.vacuous
