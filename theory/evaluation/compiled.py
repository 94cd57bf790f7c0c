"""Bounds compiled once to NumPy code, with the log domain where float64 ends.

Main definitions
    compile_bound   a SymPy expression over parameters, as a CompiledBound; cached
    CompiledBound   called on arrays: values; `log10` and `sign_and_log`: far beyond float64

The code is SymPy's own (`sympy.lambdify`, NumPy printer, common subexpressions once). It is made from expression trees
only, never from text. Names are replaced by fresh ones first, so no parameter can shadow a Python name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from theory.evaluation.enclosure import evaluate_exact
from theory.evaluation.logdomain import Floats, _lgamma, sign_and_log
from theory.evaluation.values import EvaluationError, Given, check_known, exact_number, exact_values, require_values
from theory.parameter import Parameter

MAX_CERTIFIED = 64  # points per call computed again with balls, where the log domain gave 0 or nothing

_MODULES: list[Any] = [
    {
        "loggamma": _lgamma,
        "gamma": lambda x: np.exp(_lgamma(x)),
        "factorial": lambda x: np.exp(_lgamma(np.asarray(x) + 1.0)),
        "binomial": lambda n, k: np.exp(_lgamma(n + 1.0) - _lgamma(k + 1.0) - _lgamma(n - k + 1.0)),
    },
    "numpy",
]


class CompiledBound:
    """A bound ready for arrays. Attributes: `expression`, `parameters`, `names` (of those that occur in it)."""

    def __init__(self, expression: sp.Expr, parameters: tuple[Parameter, ...]) -> None:
        self.expression = expression
        self.parameters = parameters
        occurring = sorted(expression.free_symbols, key=lambda symbol: str(symbol.name))
        self.names = tuple(str(symbol.name) for symbol in occurring)
        fresh = [sp.Dummy(f"x{i}", **symbol.assumptions0) for i, symbol in enumerate(occurring)]
        renamed = expression.xreplace(dict(zip(occurring, fresh, strict=True)))
        self._direct: Callable[..., Any] = sp.lambdify(fresh, renamed, modules=_MODULES, cse=True)

    def __call__(self, values: Mapping[str, object]) -> Floats:
        """Float64 values, with the shape of the broadcast inputs.

        values: by name, numbers or arrays that broadcast together. Points where plain float64 arithmetic gives inf,
        nan or 0 are computed again in the log domain; what is still inf or 0 there lies outside float64 (use
        `log10`), and nan means that the bound is undefined.
        Raises EvaluationError for a missing or unknown name.
        """
        arrays, extreme = self._arrays(values)
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values())) if arrays else ()
        if extreme:  # an input that float64 does not hold
            return self._far({name: values[name] for name in self.names}, shape)
        with np.errstate(all="ignore"):
            found = self._direct(*(arrays[name] for name in self.names))
        result = np.array(np.broadcast_to(np.asarray(found, dtype=np.float64), shape))
        doubtful = ~np.isfinite(result) | (result == 0)
        if doubtful.any():
            spread = {name: np.broadcast_to(arrays[name], shape)[doubtful] for name in self.names}
            result[doubtful] = self._far(spread, (int(doubtful.sum()),))
        return result

    def sign_and_log(self, values: Mapping[str, object]) -> tuple[Floats, Floats]:
        """Sign and natural logarithm of the absolute value, both with the broadcast shape; -inf for 0.

        Up to MAX_CERTIFIED points where float64 gives 0 or nothing (1 - (1 - epsilon)**n at epsilon = 1e-9000) are
        computed again with certified balls; beyond, 0 may be an underflow of the logarithm's own arithmetic.
        """
        arrays, _ = self._arrays(values)
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values())) if arrays else ()
        sign, log = sign_and_log(self.expression, {name: values[name] for name in self.names})
        sign, log = np.array(np.broadcast_to(sign, shape)), np.array(np.broadcast_to(log, shape))
        doubtful = np.argwhere(np.isnan(sign) | (sign == 0))
        if len(doubtful) <= MAX_CERTIFIED:
            for index in map(tuple, doubtful):
                point = {name: _at(values[name], shape, index) for name in self.names}
                sign[index], log[index] = _certified(self.expression, point)
        return sign, log

    def log10(self, values: Mapping[str, object]) -> Floats:
        """Decimal logarithm; -inf where the bound is 0, nan where it is negative or undefined."""
        sign, log = self.sign_and_log(values)
        with np.errstate(invalid="ignore"):
            return np.where(sign < 0, np.nan, log / math.log(10.0))

    def _far(self, values: Mapping[str, object], shape: tuple[int, ...]) -> Floats:
        sign, log = sign_and_log(self.expression, values)
        with np.errstate(all="ignore"):
            return np.array(np.broadcast_to(np.where(sign == 0, 0.0, sign * np.exp(log)), shape))

    def _arrays(self, values: Mapping[str, object]) -> tuple[dict[str, Floats], bool]:
        """Inputs as float64 arrays, and whether one is an exact number that float64 does not hold."""
        check_known(self.parameters, values)
        require_values(self.expression, values)
        arrays: dict[str, Floats] = {}
        extreme = False
        for name, value in values.items():
            if isinstance(value, (str, int, sp.Expr)):
                exact = exact_number(name, value)
                size = (abs(int(exact.p)).bit_length() - int(exact.q).bit_length()) if exact != 0 else 0
                outside = abs(size) > 1000
                extreme = extreme or outside
                value = math.nan if outside else int(exact.p) / int(exact.q)
            try:
                arrays[name] = np.asarray(value, dtype=np.float64)
            except (TypeError, ValueError):
                raise EvaluationError(f"{name} = {value!r} is not a number or an array of numbers") from None
        return arrays, extreme


def _at(value: object, shape: tuple[int, ...], index: tuple[int, ...]) -> Given:
    if isinstance(value, (str, int, float, sp.Expr)):
        return value
    return float(np.broadcast_to(np.asarray(value, dtype=np.float64), shape)[index])


def _certified(expression: sp.Expr, point: Mapping[str, Given]) -> tuple[float, float]:
    """(sign, log of the size) from balls; (nan, nan) where the bound has no value."""
    try:
        found = evaluate_exact(expression, exact_values(point))
    except EvaluationError:
        return math.nan, math.nan
    return float(found.sign), -math.inf if found.log10 is None else found.log10 * math.log(10.0)


def compile_bound(expr: sp.Expr, parameters: Sequence[Parameter]) -> CompiledBound:
    """`expr` compiled for arrays; the same expression and parameters give the same object.

    Raises EvaluationError for a symbol that is no parameter.
    """
    names = {p.name for p in parameters}
    strangers = sorted(str(s) for s in expr.free_symbols if str(s) not in names)
    if strangers:
        raise EvaluationError(f"{', '.join(strangers)} is no parameter of the bound; known: {', '.join(sorted(names))}")
    return _compile(expr, tuple(parameters))


@lru_cache(maxsize=1024)
def _compile(expr: sp.Expr, parameters: tuple[Parameter, ...]) -> CompiledBound:
    return CompiledBound(expr, parameters)
