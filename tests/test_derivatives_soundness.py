"""Ways to prove something false through derivatives: those that stand in statements, and the signs of slopes.

The searches for counterexamples come before every proof; here they are switched off, so that the rules stand alone.
"""

from __future__ import annotations

import pytest
import sympy as sp

from theory.checking import counterexample
from theory.checking.budget import AT_EFFORT_ONE, Budget, settled
from theory.checking.decision import Proof, equal
from theory.checking.derivatives import carried_out
from theory.checking.prover import relations
from theory.checking.transcendental import Goal, Search
from theory.derivation import derive
from theory.justification import algebra, decide
from theory.lemmas import calculus
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, le
from theory.verdict import Grade

x, y, c = sp.symbols("x y c", real=True)
s = sp.Symbol("s", real=True, nonnegative=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
p = sp.Symbol("p", integer=True, positive=True)
m = sp.Symbol("m", integer=True, positive=True)
plain = sp.Symbol("z")
G = sp.Function("G", real=True)
half = sp.Rational(1, 2)


@pytest.fixture(autouse=True)
def rules_alone(monkeypatch):
    monkeypatch.setenv("BOUNDLAB_CACHE", "off")
    monkeypatch.setattr(counterexample, "search", lambda *_, **__: counterexample.Sampled())


def holds(left, right=0, hypotheses=(), strict=False) -> bool:
    """Whether the search proves left >= right (or >) by signs of derivatives, concavity, splitting or scaling."""
    goal = Goal(sp.S(left) - right, strict, tuple(relations(hypotheses)))
    with settled([goal.expression, *goal.hypotheses]):
        return isinstance(Search(Budget(AT_EFFORT_ONE).part(600), 100).prove(goal, 2), Proof)


def at_least(a, b):
    return sp.GreaterThan(a, b, evaluate=False)


def between(symbol, low, high):
    return [at_least(symbol, low), at_least(high, symbol)]


def same(left, right, *hypotheses) -> bool:
    return isinstance(equal(left, right, list(hypotheses)), Proof)


# ---- derivatives in statements ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", [i, n, p, sp.Symbol("e", even=True), sp.Symbol("r", rational=True)])
def test_what_takes_no_interval_of_values_has_no_derivative(variable):
    # on integers floor(n) is n and (-1)**(2n) is 1: simplifications that hold on the integers alone
    assert carried_out(sp.Derivative(sp.floor(variable) + variable**2, variable)) is None
    assert carried_out(sp.Derivative(variable * (-1) ** (2 * variable), variable)) is None


def test_a_variable_with_one_value_has_no_derivative():
    zero = sp.Symbol("o", zero=True)
    assert carried_out(sp.Derivative(zero + x, zero)) is None


def test_a_function_defined_at_one_point_has_no_derivative_there():
    lone = (-(x**2) - c**2) ** sp.Rational(3, 2)  # real at x = c = 0 only
    at_zero = (sp.Eq(x, 0, evaluate=False), sp.Eq(c, 0, evaluate=False))
    assert not same(sp.Derivative(lone, x), 0, *at_zero)
    assert not same(sp.Derivative(x**half * x**2, x), 0, sp.Eq(x, 0, evaluate=False))
    assert same(sp.Derivative(x ** sp.Rational(3, 2), x), 3 * sp.sqrt(x) / 2, sp.Gt(x, 0))


@pytest.mark.parametrize(
    ("term", "slope"),
    [
        (sp.log(s - k - 1), 1 / (s - k - 1)),  # logarithms of negative numbers
        (G(k) / (s - k - 1), -G(k) / (s - k - 1) ** 2),  # poles at 1, 2, ..
        (sp.sqrt(s - k), 1 / sp.sqrt(s - k) / 2),
        (G(k) * sp.sqrt(s + k), G(k) / sp.sqrt(s + k) / 2),  # a root at 0, for s = k = 0
        (G(k) * (s + k) ** (k - 3), G(k) * (k - 3) * (s + k) ** (k - 4)),  # negative powers for small k
    ],
)
def test_the_terms_of_a_sum_are_smooth_at_every_index(term, slope):
    total = sp.Sum(term, (k, 0, m - 1))
    assert carried_out(sp.Derivative(total, s)) is None
    assert not same(sp.Derivative(total, s), sp.Sum(slope, (k, 0, m - 1)))


def test_terms_that_are_smooth_over_the_range_are_differentiated():
    def both(term, *limits):
        return same(sp.Derivative(sp.Sum(term, *limits), s), sp.Sum(sp.diff(term, s), *limits))

    assert both(G(k) * sp.log(s + k), (k, 1, m))
    assert not both(G(k) * sp.log(s + k), (k, 0, m))
    assert both(G(k) / (1 + s**2 + k), (k, 0, m))
    assert both(G(k) * sp.exp(s * G(k)) / sp.Sum(sp.exp(s * G(i)), (i, 0, m)), (k, 0, m))
    assert both(G(k) * sp.log(s + k + i), (k, 1, m), (i, 0, m))
    assert not both(G(k) * sp.log(s + k + i), (k, 1, m), (i, -1, m))


def test_the_range_of_a_sum_counts_and_not_what_its_index_assumes():
    poles = sp.Sum(1 / (s + p), (p, -m, -1))  # SymPy takes p for positive, hence the sum for real
    assert poles.is_real
    assert not same(sp.Derivative(poles, s), sp.Sum(-1 / (s + p) ** 2, (p, -m, -1)))
    assert not same(sp.Derivative(sp.Sum(G(p) * sp.log(s + p), (p, -m, -1)), s), sp.Sum(G(p) / (s + p), (p, -m, -1)))


def test_a_sum_with_its_ends_exchanged_is_not_differentiated_by_terms_between_them():
    # SymPy reads Sum(f, (k, 1, -9)) as -Sum(f, (k, -8, 0)): the terms at -8, .., 0 count
    exchanged = sp.Sum(G(i) * sp.log(s + i), (i, 1, -m))
    assert carried_out(sp.Derivative(exchanged, s)) is None
    assert not same(sp.Derivative(exchanged, s), sp.Sum(G(i) / (s + i), (i, 1, -m)))


def test_a_function_with_poles_does_not_decrease_from_its_value_at_0():
    count = Parameter("m", "m", "a count", integers(1), (1, 5))
    end = Parameter("x", "x", "a number", reals(0, 10), (0, 10))

    def function(v):
        return sp.Sum(1 / (v + p), (p, -count.symbol, -1))

    def slope(v):
        return sp.Sum(-1 / (v + p) ** 2, (p, -count.symbol, -1))

    variable = sp.Dummy("u", real=True, nonnegative=True)
    used = calculus.nonincreasing.at(
        x=end.symbol, F=sp.Lambda(variable, function(variable)), f=sp.Lambda(variable, slope(variable))
    )
    d = (
        derive(parameters=[count, end])
        .have("slope", Forall((s,), eq(sp.Derivative(function(s), s), slope(s))), by=algebra)
        .have("below", le(function(end.symbol), function(sp.Integer(0))), by=[used, decide])
    )
    report = d.check()
    assert [r.grade for r in report.steps] == [Grade.REFUSED, Grade.REFUSED]


def test_what_is_equal_at_a_point_is_not_equal_around_it():
    pinned = sp.Eq(c, x**2, evaluate=False)  # c is a number, and x**2 at this x
    assert not same(sp.Derivative(c * x, x), 3 * x**2, pinned)
    assert same(sp.Derivative(c * x, x), x**2, pinned)
    crossing = (sp.Eq(x**2, x, evaluate=False), sp.Gt(x, 0))  # x = 1
    assert not same(sp.Derivative(x**2, x), sp.Derivative(x, x), *crossing)
    assert not same(sp.Derivative(G(x), x), 1, sp.Eq(G(x), x, evaluate=False))


def test_branches_of_roots():
    assert not same(sp.Derivative(sp.sqrt(plain**2), plain), 1)  # |z|
    assert not same(sp.Derivative(sp.sqrt(plain**2), plain), 1, sp.Ne(plain, 0))
    assert not same(sp.Derivative(sp.cbrt(x), x), sp.cbrt(x) / (3 * x), sp.Lt(x, 0))
    assert not same(sp.Derivative(sp.sqrt(-1 - x**2), x), -x / sp.sqrt(-1 - x**2))
    corner = sp.sqrt(x**2 - 2 * x + 1)  # |x - 1|, not recognised as such
    assert not same(sp.Derivative(corner, x), (x - 1) / corner)
    assert same(sp.Derivative(corner, x), (x - 1) / corner, sp.Gt(x, 1))


@pytest.mark.parametrize(
    "expression",
    [
        sp.Integral(G(y), (y, 0, x)),
        sp.Product(x + k, (k, 0, m)),
        sp.Subs(sp.Derivative(G(y), y), y, x),
        sp.Sum(sp.Abs(x - k), (k, 0, m)),
        sp.exp(sp.Max(x, 0)),
        sp.Sum(G(k) * x, (k, 0, sp.floor(x))),
        sp.Sum(1, (k, 0, m + x)),
        (1 + x**2) ** c,
        sp.atan(1 / x),
        sp.Mod(x, 1),
    ],
)
def test_other_functions_of_the_variable_are_not_understood(expression):
    assert carried_out(sp.Derivative(expression, x)) is None


# ---- inequalities from signs of slopes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "hypotheses"),
    [
        (1 / x + 1, between(x, -1, 1)),  # decreasing on both sides of its pole
        (sp.coth(x) + 1, between(x, -1, 1)),
        (sp.tan(x), between(x, 0, 2)),  # increasing on both sides of pi/2
        (-sp.log(x**2), between(x, -1, 1)),
        (x * sp.log(x), between(x, 0, 1)),
        (-sp.sqrt(x**2 - 2 * x + 1) / (x - 1), between(x, 0, 2)),  # a step, of slope 0
        (sp.sqrt(x**2 - 2 * x + 1) - 1, between(x, 0, 2)),  # a kink between ends of value 0
        (sp.sqrt(plain**2) - 1, between(plain, -1, 1)),
        (sp.Abs(x) - 1, between(x, -1, 1)),
        (half - sp.sign(x), between(x, -1, 1)),
        (x - sp.floor(x) - half, between(x, half, 2)),
        (sp.Max(x, 1 - x) - 1, between(x, 0, 1)),
        (x**x - 1, between(x, 0, 1)),
        (y**x - half, [*between(x, 0, 1), *between(y, 0, 1)]),  # 0**0 = 1 at the end, 0 beyond it
        (0**n - half, []),
        (sp.cbrt(x) ** 2 - half, between(x, -1, 1)),
    ],
)
def test_no_slope_across_poles_kinks_steps_and_branch_points(expression, hypotheses):
    assert not holds(expression, 0, hypotheses)


@pytest.mark.parametrize(
    ("expression", "hypotheses"),
    [
        ((-1) ** n, []),
        (sp.cos(sp.pi * i), []),
        (n * (n - 1) - 1, []),
        (1 - n, between(n, half, 2)),  # n = 2
        (n * (1 - n) + half, between(n, 0, 2)),
    ],
)
def test_integers_between_their_bounds(expression, hypotheses):
    assert not holds(expression, 0, hypotheses)


@pytest.mark.parametrize(
    ("expression", "hypotheses"),
    [
        (x**2, [at_least(x, 0)]),
        (x * (1 - x), between(x, 0, 1)),
        (x - y, [sp.Gt(x, 0), at_least(x, y)]),  # of two lower ends the closed one may be the larger
        (sp.exp(x) - 1 - x, [at_least(x, -1)]),
    ],
)
def test_strictness_at_the_ends(expression, hypotheses):
    assert not holds(expression, 0, hypotheses, strict=True)


@pytest.mark.parametrize(
    ("expression", "hypotheses"),
    [
        (2 * x - y, [sp.Eq(y, x**2, evaluate=False), at_least(x, 0)]),  # y is tied to x
        (x - 1, [sp.Ne(x, 0), at_least(x, 0)]),
        (1 - x, [at_least(1, x**2 - y), sp.Eq(y, 3 * x, evaluate=False), at_least(x, 0)]),
        (2 - x, [at_least(9, x**2), at_least(x, 0)]),
        (sp.exp(x) - 1 - x - x**2 / 2, [at_least(x, -1)]),
        (1 + x, [at_least(G(x), x), at_least(0, x)]),
        (sp.sin(x), between(x, 0, 4)),
        (sp.log(1 + x) - x / 2, between(x, 0, 3)),
        (x - c, [at_least(x, y), at_least(y, c - 1)]),
    ],
)
def test_other_hypotheses_and_far_ends(expression, hypotheses):
    assert not holds(expression, 0, hypotheses)


def test_the_rules_still_prove_what_is_true():
    assert holds(sp.exp(x) - 1 - x, 0, [at_least(x, 0)])
    assert holds(x - sp.log(1 + x), 0, [at_least(x, 0)])
    assert holds(sp.sqrt(1 + x) - 1, 0, between(x, 0, 3))
    assert holds(sp.log(1 + x) - x / 3, 0, between(x, 0, 3))
    assert holds(x**2, 0, [sp.Gt(x, 0)], strict=True)
