"""Evaluation at one point against mpmath with many digits: right digits, far beyond float64, or an error."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from theory.evaluation import EvaluationError, UncertainError, compile_bound, enclose, evaluate
from theory.evaluation.logballs import log_ball
from theory.parameter import Parameter, integers, reals

PARAMETERS = (
    Parameter("T", "T", "vocabulary", integers(2), (2, 10)),
    Parameter("K", "K", "window", integers(1), (1, 10)),
    Parameter("n", "n", "steps", integers(1), (1, 100)),
    Parameter("epsilon", r"\varepsilon", "smallest entry", reals(0, sp.Rational(1, 2), open="both"), (0.1, 0.2)),
    Parameter("eta", r"\eta", "distance", reals(0, 1, open="both"), (0.1, 0.2)),
)
T, K, n, eps, eta = (p.symbol for p in PARAMETERS)
N_PAPER = K * (1 + sp.ceiling(sp.log(eta) / sp.log(1 - 2 * eps)))


def test_state_counts_and_sparsity_are_exact() -> None:
    count, sparsity = T * (T**K - 1) / (T - 1), (T - 1) / (T**K - 1)
    for (tokens, window), states in {(2, 3): 14, (2, 1): 2, (3, 2): 12, (4, 3): 84}.items():
        found = evaluate(count, PARAMETERS, {"T": tokens, "K": window})
        assert (found.value, found.exact, found.sign) == (float(states), str(states), 1)
    assert evaluate(sparsity, PARAMETERS, {"T": 2, "K": 3}).exact == "1/7"


def test_the_sizes_of_real_models() -> None:
    size = evaluate(T**K, PARAMETERS, {"T": 128000, "K": 8192})
    assert size.value is None and size.log10 == pytest.approx(41838.26407135534, rel=1e-14)
    sparsity = evaluate((T - 1) / (T**K - 1), PARAMETERS, {"T": 128256, "K": 131072})
    with mpmath.workdps(60):
        expected = mpmath.log10(128255) - 131072 * mpmath.log10(128256)
    assert sparsity.value is None and sparsity.sign == 1
    assert sparsity.log10 == pytest.approx(float(expected), rel=1e-15)
    assert evaluate(T ** (K + 1), PARAMETERS, {"T": 50257, "K": 2048}).log10 == pytest.approx(9632.75, abs=0.005)


def test_steps_of_the_printed_rate() -> None:
    values = {"K": 3, "eta": 0.01, "epsilon": 0.00127700272736065}
    assert evaluate(N_PAPER, PARAMETERS, values).value == 5406
    values = {"K": 2, "eta": 0.01, "epsilon": 0.00770711860687639}
    assert evaluate(N_PAPER, PARAMETERS, values).value == 596


def test_a_rounding_on_an_exact_integer_is_proved_not_guessed() -> None:
    assert evaluate(N_PAPER, PARAMETERS, {"K": 3, "eta": "1/4", "epsilon": "1/4"}).value == 9
    assert evaluate(sp.floor(sp.log(T) / sp.log(2)), PARAMETERS, {"T": 8}).value == 3
    with pytest.raises(UncertainError, match="too close to a jump"):
        # sinh(asinh(2)) = 2, which no rule here knows
        evaluate(sp.floor(sp.sinh(sp.asinh(T, evaluate=False), evaluate=False)), PARAMETERS, {"T": 2})


@pytest.mark.parametrize("digits", [300, 9000])
def test_tiny_epsilon_keeps_its_digits(digits: int) -> None:
    epsilon = f"1e-{digits}"
    power = evaluate((1 - 2 * eps) ** n, PARAMETERS, {"epsilon": epsilon, "n": 10**digits})
    assert power.value == pytest.approx(math.exp(-2), rel=1e-15)
    lost = evaluate(1 - (1 - 2 * eps) ** n, PARAMETERS, {"epsilon": epsilon, "n": 5})
    assert lost.log10 == pytest.approx(1 - digits, rel=1e-14) and lost.sign == 1
    steps = evaluate(N_PAPER, PARAMETERS, {"epsilon": epsilon, "eta": 0.25, "K": 1})
    assert steps.log10 == pytest.approx(digits + math.log10(math.log(4) / 2), rel=1e-14)


def test_a_value_just_below_one_has_its_logarithm() -> None:
    found = evaluate((1 - eps) ** n, PARAMETERS, {"epsilon": "1e-30", "n": 1000})
    assert found.value == 1.0
    assert found.log10 == pytest.approx(-1e-27 / math.log(10), rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "values", "message"),
    [
        (sp.log(n - 1), {"n": 1}, "not real there"),
        (1 / (n - 1), {"n": 1}, "division by zero"),
        (sp.sqrt(1 - n), {"n": 3}, "not real there"),
        (T**K, {"T": 2}, "no value given for K"),
        (T**K, {"T": 2, "K": 1, "z": 3}, "unknown parameter 'z'"),
        (T**K, {"T": "two", "K": 1}, "T = 'two' is not a number"),
        (eps, {"epsilon": "1e-999999999999"}, "exponent within 1000000"),
        (eps, {"epsilon": "__import__('os')"}, "is not a number"),
        (eps, {"epsilon": math.nan}, "not a finite number"),
        (sp.cosh(n) ** 2 - sp.sinh(n) ** 2 - 1, {"n": 3}, "too close to 0"),
        (sp.exp(sp.exp(n)), {"n": 10**4}, "no float holds even its logarithm"),
        (sp.zeta(n), {"n": 3}, "`zeta` cannot be evaluated"),
    ],
)
def test_errors_say_what_is_wrong(expression: sp.Expr, values: dict[str, float | str], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(expression, PARAMETERS, values)


def test_zero_is_zero() -> None:
    assert evaluate(T - 2, PARAMETERS, {"T": 2}) == evaluate(eps * (T - 2), PARAMETERS, {"T": 2, "epsilon": 0.1})
    assert evaluate(sp.log(T - 1), PARAMETERS, {"T": 2}).sign == 0


x, y = sp.Symbol("x", positive=True), sp.Symbol("y", positive=True)
XY = tuple(Parameter(name, name, "", reals(0, open="lower"), (0.5, 2)) for name in "xy")


def expressions() -> st.SearchStrategy[sp.Expr]:
    leaves = st.sampled_from([x, y, sp.Integer(1), sp.Integer(3), sp.Rational(2, 7), sp.pi])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
            st.builds(lambda a, b: a / (1 + b**2), inner, inner),
            st.builds(lambda a, b: (1 + a**2) ** b, inner, inner),
            st.builds(lambda a: sp.exp(-(a**2)), inner),
            st.builds(lambda a: sp.log(1 + a**2), inner),
            st.builds(sp.tanh, inner),
            st.builds(sp.sin, inner),
            st.builds(lambda a: sp.sqrt(sp.Abs(a)), inner),
            st.builds(sp.Min, inner, inner),
            st.builds(sp.Max, inner, inner),
        ),
        max_leaves=8,
    )


def reference(expression: sp.Expr, values: dict[str, Fraction]) -> mpmath.mpf:
    function = sp.lambdify((x, y), expression, "mpmath")
    return function(*(mpmath.mpf(values[k].numerator) / values[k].denominator for k in "xy"))


positive = st.fractions(min_value=Fraction(1, 1000), max_value=20, max_denominator=1000)


@settings(max_examples=150, deadline=None)
@given(expressions(), positive, positive)
@example((1 + x**2) ** (x - y), Fraction(1, 1000), Fraction(1, 1000))
@example(sp.pi / (1 + (x - y) ** 2), Fraction(1, 1000), Fraction(1, 1000))
@example(sp.pi + sp.sqrt(sp.Abs(sp.sin(x) - sp.sin(y))), Fraction(1, 7), Fraction(1, 7))
@example(sp.exp(sp.Min(x, y) - x), Fraction(1, 7), Fraction(1, 3))
@example(sp.Max(x, sp.sin(sp.Max(sp.pi, x))), Fraction(1, 7), Fraction(1, 3))
def test_all_roads_agree_with_mpmath(expression: sp.Expr, a: Fraction, b: Fraction) -> None:
    assume(expression.free_symbols and not expression.has(sp.zoo, sp.nan, sp.I))
    values = {"x": a, "y": b}
    with mpmath.workdps(120):
        expected = reference(expression, values)
        with mpmath.workdps(240):  # sin(10**500) is not known from 120 digits of its argument
            assume(abs(reference(expression, values) - expected) <= mpmath.mpf(10) ** -105 * abs(expected))
        assume(abs(expected) > mpmath.mpf(10) ** -60 and abs(mpmath.log10(abs(expected))) < 10**6)
        log10 = float(mpmath.log10(abs(expected)))
        found = evaluate(expression, XY, values)
        assert found.sign == mpmath.sign(expected)
        assert found.log10 == pytest.approx(log10, rel=1e-12, abs=1e-17)
        if found.value is not None:
            assert abs(found.value - expected) <= mpmath.mpf(2) ** -52 * abs(expected)
        lower, upper = enclose(expression, values)
        exact_lower, exact_upper = (
            mpmath.mpf(int(e.man_exp()[0])) * mpmath.mpf(2) ** int(e.man_exp()[1]) for e in (lower, upper)
        )
        slack = abs(expected) * mpmath.mpf(10) ** -100  # what the reference itself may be off
        assert exact_lower - slack <= expected <= exact_upper + slack
        env = {name: sp.Rational(v.numerator, v.denominator) for name, v in values.items()}
        signed = log_ball(expression, env, 1024)
        assert signed.sign == found.sign
        assert float(signed.log.mid()) / math.log(10) == pytest.approx(log10, rel=1e-12, abs=1e-15)


@settings(max_examples=100, deadline=None)
@given(expressions(), positive, positive)
def test_float_roads_stay_within_their_rounding(expression: sp.Expr, a: Fraction, b: Fraction) -> None:
    assume(expression.free_symbols and not expression.has(sp.zoo, sp.nan, sp.I))
    found = evaluate_or_none(expression, {"x": a, "y": b})
    assume(found is not None and found.value is not None and abs(found.value) > 1e-6)
    assert found is not None and found.value is not None
    compiled = compile_bound(expression, XY)
    near = [
        float(compiled({"x": float(a) * (1 + s * 1e-13), "y": float(b) * (1 + t * 1e-13)}))
        for s in (-1, 1)
        for t in (-1, 1)
    ]
    # A float result is as good as the same formula at inputs off by 1e-13, plus the rounding of its largest term.
    spread = max(near) - min(near) + 1e-9 * max(1.0, abs(found.value))
    assert abs(float(compiled({"x": float(a), "y": float(b)})) - found.value) <= spread
    sign, log = compiled.sign_and_log({"x": float(a), "y": float(b)})
    assert abs(float(sign) * math.exp(float(log)) - found.value) <= spread


def evaluate_or_none(expression: sp.Expr, values: dict[str, Fraction]):  # type: ignore[no-untyped-def]  # a helper
    try:
        return evaluate(expression, XY, values)
    except EvaluationError:
        return None


def test_import_is_light() -> None:
    code = "import sys, theory.evaluation; print(sorted({'torch', 'scipy', 'matplotlib', 'z3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
