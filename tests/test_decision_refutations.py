"""False statements are refuted at certified points; what is out of reach or undefined is not called proved."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sympy as sp
from sympy import Eq, Function, Ge, Gt, Le, Lt, Max, Min, Ne, Rational, exp, floor, log, sin, sqrt, tanh

from theory.checking.decision import Proof, Refutation, Undecided, decide, equal

x, y, a, c, c0, m, p, D, d2, eps, q = sp.symbols("x y a c c_0 m p D d_2 epsilon q", real=True)
B, tau = sp.symbols("B tau", positive=True)
T, K, n, N = sp.symbols("T K n N", integer=True, positive=True)
half = Rational(1, 2)
percent = Rational(99, 100)
more = Rational(101, 100)
entropy = -p * log(p) - (1 - p) * log(1 - p)
kappa = Function("kappa", nonnegative=True)

FALSE = {
    "log flipped": (Ge(-log(1 - x), x / (1 - x)), [x >= 0, x < 1]),
    "log one per cent": (Le(-log(1 - x), percent * x / (1 - x)), [x >= 0, x < 1]),
    "softmax flipped": (Ge(1 + (T - 1) * exp(x), T * exp(x)), [x >= 0]),
    "softmax missing assumption": (Le(1 + (T - 1) * exp(x), T * exp(x)), []),
    "extreme point one per cent": (Ge((m - 1) * exp(c), more * exp(c) + m - 2), [c >= 0, m >= 2]),
    "extreme point missing": (Ge((m - 1) * exp(c), exp(c) + m - 2), [c >= 0]),
    "tanh one per cent": (Le(tanh(x), percent), [x >= 0]),
    "tanh below its half": (Le(tanh(x), sqrt(x) / 2), [x >= 0]),
    "tanh identity wrong": (Eq((exp(B) - 1) * (1 - exp(-B)) / (exp(B) - exp(-B)), tanh(B)), []),
    "hellinger flipped": (Ge(2 * (1 - c), -2 * log(c)), [c > 0, c <= 1]),
    "hellinger one per cent": (Le(more * 2 * (1 - c), -2 * log(c)), [c > 0, c <= 1]),
    "hellinger strict at zero": (Lt(d2 * (1 - d2 / 4), d2), [d2 >= 0]),
    "root of B too large": (Ge(sqrt(Max(log(T) + 2 * D / tau, log(1 / c0))), 1), [T >= 2, D >= 0, c0 > 0, c0 <= 1 / T]),
    "mixing factor decreases": (Le(((2 - a) / (1 - a)) ** 2, ((2 - x) / (1 - x)) ** 2), [x >= 0, a >= x, a < 1]),
    "minorant missing": (Ge(1 - 2 * m, 1 - n * m), [m >= 0]),
    "minorant flipped": (Le(1 - 2 * m, 1 - n * m), [n >= 2, m >= 0]),
    "block one per cent": (Le(1 - T**K * eps, 1 - 2 * more * eps), [T >= 2, K >= 1, eps >= 0]),
    "entropy one per cent": (Le(entropy, percent * log(2)), [p > 0, p < 1]),
    "x log x flipped": (Le(x * log(x), x - 1), [x > 0]),
    "exp flipped": (Lt(exp(x), 1 + x), []),
    "exp strict at zero": (Gt(exp(x), 1 + x), []),
    "epsilon range missing": (Le(p**K, T ** (-K)), [p >= 0, p <= 1]),
    "block length constant": (Ge((B + K - 1) ** 2 / B, Rational(404, 100) * (K - 1)), [K >= 2]),
    "cauchy constant": (Le((x + y) ** 2, percent * 2 * (x**2 + y**2)), []),
    "overlap below zero": (Ge(6 * p**2 - 4 * p**3, p / 10), [p >= 0, p <= half]),
    "overlap range": (Ge(6 * p**2 - 4 * p**3, 0), [p >= 0]),
    "log sum constant": (Ge(log(1 + (T - 1) * exp(D)), more * log(T)), [D >= 0]),
    "contraction monotone": (Lt((1 - 2 * x) ** n, (1 - 2 * x) ** (n + 1)), [x > 0, x < half]),
    "contraction missing": (Ge((1 - 2 * x) ** n, (1 - 2 * x) ** (n + 1)), [x <= half]),
    "floor missing": (Ge(floor(n / K) - 1, 0), []),
    "floor off by one": (Ge(floor(n / K), 3), [n >= 2 * K]),
    "quarter one per cent": (Le(q * (1 - q), percent / 4), []),
    "odd cycle one per cent": (Le(1 / (2 * sin(sp.pi / (4 * N + 2))), percent * N), []),
    "state count exponent": (Eq(T * (T**K - 1), T ** (K + 1) - T + 1), []),
    "equality at one point": (Ne(x, half), [x >= 0, x <= 1]),
    "max flipped": (Le(Max(x, y), (x + y) / 2), []),
    "min flipped": (Ge(Min(x, y), (x + y) / 2), []),
    "opaque": (Le(kappa(x), 1), []),
    "conjunction": (sp.And(x**2 >= 0, x <= 1), []),
    "bernoulli flipped": (Lt((1 - x) ** n, 1 - n * x), [x >= 0, x <= 1]),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_statement_is_refuted(name: str) -> None:
    statement, assumptions = FALSE[name]
    decision = decide(statement, assumptions)
    assert isinstance(decision, Refutation), f"{name}: {decision}"
    part = next(r for r in statement.atoms(sp.core.relational.Relational) if fails(r, decision.point))
    assert part is not None
    assert all(holds(h, decision.point) for h in assumptions)


def holds(relation: sp.Basic, point: Mapping[sp.Expr, sp.Expr]) -> bool:
    """Second road: SymPy's own evaluation to 50 digits."""
    if isinstance(relation, sp.logic.boolalg.BooleanAtom):
        return bool(relation)
    gap = sp.N((relation.lhs - relation.rhs).subs(point), 50)
    exact = sp.nsimplify(gap, rational=True) if abs(gap) < sp.Float(10) ** -40 else gap
    return bool(
        {"<=": exact <= 0, "<": exact < 0, ">=": exact >= 0, ">": exact > 0, "==": exact == 0, "!=": exact != 0}[
            relation.rel_op
        ]
    )


def fails(relation: sp.Basic, point: Mapping[sp.Expr, sp.Expr]) -> bool:
    return not holds(relation, point)


UNDEFINED = {
    "logarithm of anything": (Le(log(x), x - 1), []),
    "division by anything": (Ge(1 / (x - y) ** 2, 0), []),
    "cancelling logarithms": (Le(log(x), log(x) + 1, evaluate=False), []),
    "zero to the zero": (Eq(x**a * x, x ** (a + 1)), [x >= 0]),
    "even root": (Eq(sqrt(x * y), sqrt(x) * sqrt(y), evaluate=False), []),
    "fraction under a logarithm": (Ge(log(1 / x) + log(x), 0), [x < 1]),
    "root of anything": (Ge(sqrt(x - 1), 0), []),
    "power of anything": (Le(x**a, 1), [x <= 1, a >= 0]),
    "log of a product": (Eq(log(x * y), log(x) + log(y)), []),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_undefined_terms_are_not_proved(name: str) -> None:
    statement, assumptions = UNDEFINED[name]
    assert not isinstance(decide(statement, assumptions, effort=0.3), Proof)


def test_log_of_a_product_with_signs() -> None:
    assert isinstance(equal(log(x * y), log(x) + log(y), [x > 0, y > 0]), Proof)


def test_power_of_a_negative_base_is_not_split() -> None:
    assert not isinstance(equal((x**2) ** a, x ** (2 * a)), Proof)


@pytest.mark.parametrize("assumptions", [[x > 1, x < 0], [x**2 < 0], [x >= y, y > x], [exp(x) < 1, x > 0]])
def test_contradictory_hypotheses_are_reported(assumptions: list[sp.Basic]) -> None:
    decision = decide(Le(x, 7), assumptions)
    assert isinstance(decision, Proof)
    assert decision.vacuous


def test_a_question_out_of_reach_stays_undecided() -> None:
    riemann_like = Function("f")
    decision = decide(Le(sp.Sum(riemann_like(n), (n, 1, N)), 10**6), [], effort=0.3)
    assert isinstance(decision, Undecided)


def test_box_narrows_the_domain() -> None:
    assert isinstance(decide(Le(exp(x) * sin(x) + y**2, 4), box={x: (0, 1), y: (0, 1)}), Proof)
    assert isinstance(decide(Le(exp(x) * sin(x) + y**2, 3), box={x: (0, 1), y: (0, 1)}), Refutation)


def test_integer_symbols_are_respected() -> None:
    k = sp.Symbol("k", integer=True)
    assert isinstance(decide(Ne(2 * k, 2 * n + 1)), Proof)
    assert isinstance(decide(Ge(k * (k - 1), 0)), Proof)
    assert isinstance(decide(Ge(x * (x - 1), 0)), Refutation)
