"""Compiled bounds over arrays, and sweeps: they agree with the certified values point by point."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from theory.evaluation import EvaluationError, compile_bound, evaluate, sweep
from theory.parameter import DomainError, Parameter, integers, reals

PARAMETERS = (
    Parameter("T", "T", "vocabulary", integers(2), (2, 10)),
    Parameter("K", "K", "window", integers(1), (1, 10)),
    Parameter("n", "n", "steps", integers(1), (1, 100)),
    Parameter("epsilon", r"\varepsilon", "smallest entry", reals(0, sp.Rational(1, 2), open="both"), (0.1, 0.2)),
)
T, K, n, eps = (p.symbol for p in PARAMETERS)
FORMULAS = [
    (T - 1) / (T**K - 1),
    (1 - 2 * eps) ** (sp.floor(n / K) - 1),
    1 - (1 - eps) ** n,
    sp.Min(1, 2 * sp.exp(-2 * n * eps**2)),
    sp.Max(sp.sqrt(K / n), eps, sp.log(T) / n),
    sp.tanh(eps * n) / sp.cosh(eps) + sp.sinh(eps / n),
    sp.Piecewise((eps, n < K), (eps**2, sp.Eq(n, K)), (sp.sqrt(eps), True)),
    sp.Piecewise((1, sp.And(n > 3, K > 3)), (2, sp.Or(n > 3, K > 3)), (3, True)),
    sp.ceiling(sp.log(eps) / sp.log(1 - 2 * eps)),
    sp.binomial(n + K, K) / sp.factorial(K),
    sp.loggamma(n + K) - sp.gamma(eps) * sp.sin(n) + sp.cos(eps) * sp.tan(eps),
    sp.Abs(eps - sp.Rational(1, 4)) * (-1) ** n - sp.sign(eps - sp.Rational(1, 4)),
    sp.exp(-sp.pi * n) * (-eps) ** 3,
]


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_arrays_agree_with_certified_values(formula: sp.Expr) -> None:
    rng = np.random.default_rng(7)
    names = sorted(s.name for s in formula.free_symbols)
    size = 25
    columns = {
        "T": rng.integers(2, 30, size),
        "K": rng.integers(1, 9, size),
        "n": rng.integers(1, 12, size),
        "epsilon": rng.uniform(0.01, 0.49, size),
    }
    values = {name: columns[name] for name in names}
    compiled = compile_bound(formula, PARAMETERS)
    direct, (sign, log) = compiled(values), compiled.sign_and_log(values)
    assert direct.shape == sign.shape == log.shape == (size,)
    for i in range(size):
        found = evaluate(formula, PARAMETERS, {name: columns[name][i].item() for name in names})
        assert found.value is not None
        assert direct[i] == pytest.approx(found.value, rel=1e-11, abs=1e-13)
        assert sign[i] == found.sign
        if found.log10 is not None:
            assert log[i] / math.log(10) == pytest.approx(found.log10, rel=1e-11, abs=1e-12)


def test_broadcasting_and_constants() -> None:
    compiled = compile_bound((T - 1) / (T**K - 1), PARAMETERS)
    table = compiled({"T": np.array([[2.0], [3.0]]), "K": np.array([1, 2, 3])})
    assert np.allclose(table, [[1, 1 / 3, 1 / 7], [1, 1 / 4, 1 / 13]], rtol=1e-15)
    assert compile_bound(sp.Integer(2), PARAMETERS)({"n": np.zeros(3)}).tolist() == [2, 2, 2]
    assert float(compiled({"T": 2, "K": 3})) == 1 / 7
    assert compile_bound((T - 1) / (T**K - 1), PARAMETERS) is compiled


def test_overflow_inside_does_not_spoil_the_result() -> None:
    ratio = compile_bound(T**K / (T**K + T ** (K - 1)), PARAMETERS)
    assert ratio({"T": np.array([2.0, 128256.0]), "K": 131072}) == pytest.approx([2 / 3, 128256 / 128257], rel=1e-9)


def test_logarithms_of_real_model_sizes() -> None:
    compiled = compile_bound((T - 1) / (T**K - 1), PARAMETERS)
    found = compiled.log10({"T": np.array([27.0, 128256.0]), "K": np.array([8, 131072])})
    for got, tokens, window in zip(found, (27, 128256), (8, 131072), strict=True):
        assert got == pytest.approx(
            evaluate(compiled.expression, PARAMETERS, {"T": tokens, "K": window}).log10, rel=1e-13
        )
    assert compile_bound(1 - (1 - eps) ** n, PARAMETERS).log10({"epsilon": "1e-9000", "n": 100}) == pytest.approx(-8998)


def test_undefined_is_nan_and_zero_is_minus_infinity() -> None:
    compiled = compile_bound(sp.log(n - 1), PARAMETERS)
    found = compiled({"n": np.array([1.0, 2.0, 3.0])})
    assert math.isnan(found[0]) or found[0] == -math.inf
    assert found[1:] == pytest.approx([0.0, math.log(2)])
    assert compiled.log10({"n": np.array([2.0])})[0] == -math.inf
    assert math.isnan(compile_bound(1 / (n - 1), PARAMETERS).log10({"n": np.array([1.0])})[0])


def test_names_are_checked() -> None:
    with pytest.raises(EvaluationError, match="z is no parameter"):
        compile_bound(sp.Symbol("z") + n, PARAMETERS)
    with pytest.raises(EvaluationError, match="no value given for n"):
        compile_bound(eps * n, PARAMETERS)({"epsilon": 0.1})
    with pytest.raises(EvaluationError, match="unknown parameter 'z'"):
        compile_bound(eps * n, PARAMETERS)({"epsilon": 0.1, "n": 2, "z": 1})
    # A parameter may bear the name of anything in Python.
    odd = Parameter("lambda_", "x", "", reals(), (0, 1)), Parameter("exp", "x", "", reals(), (0, 1))
    total = sp.exp(odd[0].symbol) + odd[1].symbol
    assert float(compile_bound(total, odd)({"lambda_": 0.0, "exp": 2.0})) == 3.0


def test_sweeps() -> None:
    table = sweep((T - 1) / (T**K - 1), PARAMETERS, {"T": 128256}, "K", 1, 131072, 9)
    assert table.logarithmic and table.points[0] == 1 and table.points[-1] == 131072
    assert np.all(table.points == np.round(table.points)) and np.all(np.diff(table.points) > 0)
    assert np.isfinite(table.log10).all() and table.log10[-1] == pytest.approx(-669520.8510639213, rel=1e-14)
    assert np.isnan(table.values[-1]) and np.all(table.sign == 1)
    short = sweep(n * eps, PARAMETERS, {"epsilon": 0.1}, "n", 1, 4, 50)
    assert short.points.tolist() == [1, 2, 3, 4] and not short.logarithmic
    assert short.values == pytest.approx([0.1, 0.2, 0.3, 0.4], rel=1e-15)
    far = sweep(eps * n, PARAMETERS, {"n": 1}, "epsilon", "1e-9", 0.25, 5)
    ratios = far.points[1:] / far.points[:-1]
    assert ratios == pytest.approx([ratios[0]] * 4, rel=1e-9)


@pytest.mark.parametrize(
    ("lo", "hi", "count", "error", "message"),
    [
        (2, 1, 3, EvaluationError, "lower end first"),
        (1, 2, 0, EvaluationError, "number of points"),
        (0, 2, 3, DomainError, "n = 0 is outside its domain"),
    ],
)
def test_bad_sweeps(lo: int, hi: int, count: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        sweep(n * eps, PARAMETERS, {"epsilon": 0.1}, "n", lo, hi, count)
