"""Inversion: round trips, the safe side of integers, readable closed forms, and honest refusals."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.evaluation import EvaluationError, NoSolution, evaluate, solve
from theory.evaluation.inversion import invert
from theory.parameter import Parameter, integers, reals

PARAMETERS = (
    Parameter("T", "T", "vocabulary", integers(2), (2, 10)),
    Parameter("K", "K", "window", integers(1), (1, 10)),
    Parameter("n", "n", "steps", integers(1), (1, 100)),
    Parameter("epsilon", r"\varepsilon", "smallest entry", reals(0, sp.Rational(1, 2), open="both"), (0.1, 0.2)),
    Parameter("delta", r"\delta", "confidence", reals(0, 1, open="both"), (0.01, 0.1)),
    Parameter("L", "L", "range", reals(0, open="lower"), (0.5, 2)),
    Parameter("m", "m", "count", integers(1, 10), (1, 10)),
    Parameter("c", "c", "small", reals(0, 1 / sp.Symbol("T", integer=True, positive=True), open="lower"), (0.01, 0.1)),
)
BY_NAME = {p.name: p for p in PARAMETERS}
T, K, n, eps, delta, L, m, c = (p.symbol for p in PARAMETERS)
TARGET = sp.Symbol("target", positive=True)
HOEFFDING = 2 * sp.exp(-n * eps**2 / (2 * L**2))
RATE = (1 - 2 * eps) ** (sp.floor(n / K) - 1)


def test_a_sample_size_reads_as_on_paper() -> None:
    assert invert(HOEFFDING, n, TARGET) == [2 * L**2 * sp.log(2 / TARGET) / eps**2]
    assert invert(L * sp.sqrt(2 * sp.log(2 / delta) / n), n, TARGET) == [2 * L**2 * sp.log(2 / delta) / TARGET**2]
    assert invert((1 - 2 * eps) ** n, n, TARGET) == [sp.log(TARGET) / sp.log(1 - 2 * eps)]
    found = solve(HOEFFDING, 0.05, BY_NAME["n"], PARAMETERS, {"epsilon": 0.01, "L": 1})
    assert found.expression == 2 * L**2 * sp.log(2 / TARGET) / eps**2
    assert (found.value, found.kind, found.verified) == (math.ceil(2e4 * math.log(40)), "integer", True)
    assert found.safe_side.endswith("the smallest")


def test_steps_of_the_printed_rate() -> None:
    """The smallest n with a floor in the exponent: K*(1 + ceiling(log(eta)/log(1-2*epsilon)))."""
    for window, epsilon, steps in ((3, 0.00127700272736065, 5406), (2, 0.00770711860687639, 596)):
        found = solve(RATE, 0.01, BY_NAME["n"], PARAMETERS, {"epsilon": epsilon, "K": window})
        assert (found.value, found.kind, found.verified, found.expression) == (steps, "integer", True, None)


def test_equality_at_an_integer_counts() -> None:
    assert solve((1 - 2 * eps) ** n, "1/4", BY_NAME["n"], PARAMETERS, {"epsilon": "1/4"}).value == 2
    assert solve(n**2 + n, 110, BY_NAME["n"], PARAMETERS, {}).value == 10
    assert solve(n**2 + n, 109, BY_NAME["n"], PARAMETERS, {}).value == 9
    assert solve(n**2 + n, 109, BY_NAME["n"], PARAMETERS, {}, relation=">=").value == 10


@pytest.mark.parametrize("digits", [900, 9000])
def test_huge_answers_live_in_the_log_domain(digits: int) -> None:
    found = solve((1 - 2 * eps) ** n, 0.01, BY_NAME["n"], PARAMETERS, {"epsilon": f"1e-{digits}"})
    assert found.value is None and found.verified and found.kind == "integer" and "16 digits" in found.note
    assert found.log10 == pytest.approx(digits + math.log10(math.log(100) / 2), rel=1e-14)
    small = solve(eps / n, f"1e-{digits}", BY_NAME["epsilon"], PARAMETERS, {"n": 1})
    assert small.value is None and small.log10 == pytest.approx(-digits, rel=1e-14)
    window = solve((T - 1) / (T**K - 1), "1e-600000", BY_NAME["K"], PARAMETERS, {"T": 128256})
    assert window.value == math.ceil((600000 + math.log10(128255)) / math.log10(128256)) and window.verified


real_cases = st.sampled_from(
    [
        (HOEFFDING, "epsilon", "closed form"),
        (HOEFFDING, "L", "closed form"),
        (eps * sp.exp(eps), "epsilon", "bracketed root"),
        (delta * sp.log(1 / delta) + delta**2 * 5, "delta", "bracketed root"),
        (L + sp.sqrt(L) + sp.log(1 + L), "L", "bracketed root"),
        (sp.tanh(L / n) + 1, "L", "closed form"),
        (L / (1 + L), "L", "closed form"),
        (1 - (1 - eps) ** n, "epsilon", "closed form"),
    ]
)
FIXED: dict[str, float] = {"n": 40, "L": 1.5, "epsilon": 0.2, "delta": 0.05}


@settings(max_examples=40, deadline=None)
@given(real_cases, st.fractions(Fraction(1, 50), Fraction(9, 20), max_denominator=100))
def test_real_round_trips(case: tuple[sp.Expr, str, str], at: Fraction) -> None:
    """Solving for the value that was put in gives it back, on the side where the relation holds."""
    expression, name, kind = case
    values = {key: value for key, value in FIXED.items() if key != name}
    target = evaluate(expression, PARAMETERS, {**values, name: at}).value
    assume(target is not None and target > 0)
    assert target is not None
    assume(not (name == "delta" and target > 0.3))  # beyond, the bound is as high again further on
    found = solve(expression, target, BY_NAME[name], PARAMETERS, values)
    assert found.value == pytest.approx(float(at), rel=1e-9)
    assert (found.kind, found.verified) == (kind, True)
    back = evaluate(expression - sp.Rational(repr(target)), PARAMETERS, {**values, name: found.value})
    assert back.sign <= 0


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 10**6), st.integers(2, 50))
def test_integers_are_the_first_that_work(steps: int, tokens: int) -> None:
    target = Fraction(1, steps)
    found = solve(1 / n, target, BY_NAME["n"], PARAMETERS, {})
    assert (found.value, found.verified) == (steps, True)
    found = solve(sp.log(T) / sp.sqrt(n), Fraction(1, 10), BY_NAME["n"], PARAMETERS, {"T": tokens})
    assert found.value == math.ceil(100 * math.log(tokens) ** 2)
    assert isinstance(found.value, int)


def test_no_value_works_and_why() -> None:
    with pytest.raises(
        NoSolution, match=r"stays above 0\.75 for every epsilon in \(0, 1/2\) tried \(\d+ points; lowest"
    ):
        solve(eps + sp.Rational(3, 4), 0.75, BY_NAME["epsilon"], PARAMETERS, {})
    with pytest.raises(NoSolution, match=r"at or below 2 .* so any epsilon works"):
        solve(eps, 2, BY_NAME["epsilon"], PARAMETERS, {})
    with pytest.raises(NoSolution, match="does not depend on n"):
        solve(eps, 2, BY_NAME["n"], PARAMETERS, {"epsilon": 0.1})
    with pytest.raises(NoSolution, match=r"above 0\.01 for every m in integers 1\.\.10 tried \(10 points"):
        solve(1 / m, 0.01, BY_NAME["m"], PARAMETERS, {})
    every = solve(1 / n, 3, BY_NAME["n"], PARAMETERS, {})
    assert every.value == 1 and "holds at all" in every.note and not every.verified


def test_not_monotone_is_said() -> None:
    bump = L * sp.exp(-L)
    found = solve(bump, 0.2, BY_NAME["L"], PARAMETERS, {})
    assert "not monotone: the relation changes 2 times" in found.note
    assert found.value is not None and found.value * math.exp(-found.value) == pytest.approx(0.2, rel=1e-12)
    assert found.verified and found.safe_side == "L <= the value"


def test_a_jump_is_said() -> None:
    found = solve(sp.Piecewise((1, L < 2), (sp.Rational(1, 10), True)), 0.5, BY_NAME["L"], PARAMETERS, {})
    assert found.value == 2.0 and found.safe_side == "L >= the value"


def test_domains_that_name_other_parameters() -> None:
    found = solve(sp.log(1 / c), 3, BY_NAME["c"], PARAMETERS, {"T": 10})
    assert found.value == pytest.approx(math.exp(-3), rel=1e-15)
    with pytest.raises(NoSolution):
        solve(sp.log(1 / c), 3, BY_NAME["c"], PARAMETERS, {"T": 30})
    with pytest.raises(EvaluationError, match="end 1/T of the domain: no value given for T"):
        solve(sp.log(1 / c), 3, BY_NAME["c"], PARAMETERS, {})


def test_bad_questions() -> None:
    with pytest.raises(EvaluationError, match="no value given for epsilon"):
        solve(HOEFFDING, 0.1, BY_NAME["n"], PARAMETERS, {"L": 1})
    with pytest.raises(EvaluationError, match="relation '<' is not known"):
        solve(1 / n, 0.1, BY_NAME["n"], PARAMETERS, {}, relation="<")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(EvaluationError, match="target = 'half' is not a number"):
        solve(1 / n, "half", BY_NAME["n"], PARAMETERS, {})
