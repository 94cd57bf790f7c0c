"""Counterexamples as standalone Python code: the object written out, both sides measured again, the violation asserted.

Main definitions
    snippet_of   the code
    literal      a Python expression that evaluates to an equal object

A float that is a small fraction is written as that fraction (2/3 evaluates to the same float64).
"""

from __future__ import annotations

import dataclasses
import keyword
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from numerics.chains.window_chain import WindowChain
from theory.claim import Claim, Statement
from verify.bounds import is_opaque, statement_of
from verify.instance import Frequency, Instance
from verify.measurement import Measurement
from verify.parametric import BothSides
from verify.precision import Measured
from verify.subject import ChainSubject
from verify.verdict import Judged

MAX_DENOMINATOR = 10**6
VIOLATED = {
    "<=": "quantity.lower > bound.upper",
    "<": "quantity.lower >= bound.upper",
    ">=": "quantity.upper < bound.lower",
    ">": "quantity.upper <= bound.lower",
    "==": "not quantity.overlaps(bound)",
}


def snippet_of(
    claim: Claim,
    measurement: Measurement,
    thing: Any,
    judged: Judged,
    index: int,
    names: Sequence[str],
    seed: int,
) -> str:
    """Code that measures instance number `index` of `thing` again, prints both sides and asserts the violation."""
    statement = statement_of(claim, judged.instance.statement)
    imports: set[str] = set()
    body: list[str] = []
    parametric = isinstance(measurement.measure, BothSides)
    if parametric:
        body.append(f"values = {literal(dict(judged.instance.values), imports)}")
        body += _side("quantity", statement.quantity, imports)
    else:
        code = literal(thing, imports)
        function = _path(measurement, imports)
        imports.add("from verify.measurement import context")
        arguments = ", ".join([str(seed), *(repr(name) for name in names)])
        body += [
            f"thing = {code}",
            f"instance = list(islice({function}(thing, context({arguments})), {index + 1}))[-1]",
            "values, quantity = instance.values, instance.quantity",
        ]
        imports.add("from itertools import islice")
    if isinstance(judged.instance, Instance):
        if parametric or judged.instance.bound is None:
            body += _side("bound", statement.bound, imports)
        else:
            body.append("bound = instance.bound")
        body += [
            f'print("{_words(statement)}")',
            'print("parameters:", {name: str(value) for name, value in values.items()})',
            'print("quantity:  ", quantity)',
            'print("bound:     ", bound)',
            f'assert {VIOLATED[statement.sign]}, "no violation"',
        ]
    else:
        name = claim.confidence.name if claim.confidence is not None else ""
        body[-1] = "values = instance.values"
        body += _side("bound", statement.bound, imports)
        imports.add("from verify.verdict import failure_level")
        if isinstance(judged.instance, Frequency):
            imports.add("from verify.statistics import binomial_interval")
            body.append("low, _ = binomial_interval(instance.failures_at(failure_level(bound)), instance.trials)")
        else:
            body.append("low = instance.probability(failure_level(bound)).lower")
        body += [
            f'print("{_words(statement)}")',
            'print("parameters:", {name: str(value) for name, value in values.items()})',
            f'print("fails with probability at least", low, "allowed", values["{name}"])',
            f'assert low > values["{name}"], "no violation"',
        ]
    header = f'"""Counterexample to {claim.id}: {_words(statement)}"""'
    return "\n".join([header, *_sorted(imports), "", *body, ""])


def _words(statement: Statement) -> str:
    return str(statement).replace('"', "'").replace("\\", "/").replace("\n", " ")


def _sorted(imports: set[str]) -> list[str]:
    return sorted(imports, key=lambda line: (not line.startswith("from itertools"), line))


def _path(measurement: Measurement, imports: set[str]) -> str:
    """The variable that holds the measurement, imported."""
    import importlib

    for name, value in vars(importlib.import_module(measurement.module)).items():
        if value is measurement:
            imports.add(f"from {measurement.module} import {name} as measurement")
            return "measurement"
    raise LookupError(f"no variable of {measurement.module} holds the measurement of {measurement.claim}")


def _side(variable: str, expr: sp.Expr, imports: set[str]) -> list[str]:
    """Code that evaluates an expression at `values`, rigorously."""
    if is_opaque(expr):
        raise ValueError(f"{expr} names undefined functions and cannot be written as code")
    imports |= {"import sympy as sp", "from verify.bounds import enclosure"}
    symbols = sorted(expr.free_symbols, key=str)
    lines = []
    table: dict[Any, sp.Symbol] = {}
    for symbol in symbols:
        name = str(symbol) + ("_" if keyword.iskeyword(str(symbol)) or str(symbol) == "sp" else "")
        table[symbol] = sp.Symbol(name)
        lines.append(f'{name} = sp.Symbol("{symbol}", real=True)')
    code = _Code().doprint(expr.xreplace(table))
    return [*lines, f"{variable} = enclosure({code}, values)"]


class _Code(sp.printing.str.StrPrinter):  # type: ignore[misc]  # SymPy ships no type hints
    """SymPy expressions as Python code over `sp`, with exact rationals."""

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"sp.Rational({expr.p}, {expr.q})" if expr.q != 1 else str(expr.p)

    def _print_Function(self, expr: Any) -> str:
        return f"sp.{expr.func.__name__}({', '.join(self._print(a) for a in expr.args)})"

    def _print_NumberSymbol(self, expr: Any) -> str:
        return f"sp.{expr}"

    def _print_Exp1(self, expr: Any) -> str:
        return "sp.E"

    def _print_Pi(self, expr: Any) -> str:
        return "sp.pi"

    def _print_LatticeOp(self, expr: Any) -> str:  # Min and Max
        return f"sp.{expr.func.__name__}({', '.join(self._print(a) for a in expr.args)})"

    _print_Min = _print_LatticeOp
    _print_Max = _print_LatticeOp

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        return f"({self._print(expr.base)})**({self._print(expr.exp)})"

    def _print_Sum(self, expr: sp.Sum) -> str:
        return f"sp.{sp.srepr(expr)}"

    def emptyPrinter(self, expr: Any) -> str:
        return f"sp.{sp.srepr(expr)}"


def literal(thing: Any, imports: set[str]) -> str:
    """A Python expression for `thing`; what it needs is added to `imports`.

    Raises TypeError for an object that cannot be written down.
    """
    if isinstance(thing, ChainSubject):
        imports.add("from verify.subject import ChainSubject")
        return f"ChainSubject({thing.name!r}, {literal(thing.chain, imports)})"
    if isinstance(thing, WindowChain):
        imports.add("from numerics.chains.window_chain import WindowChain")
        short = "None" if thing.short is None else literal(np.asarray(thing.short), imports)
        return f"WindowChain({thing.T}, {thing.K}, {literal(np.asarray(thing.table), imports)}, {short})"
    if isinstance(thing, np.ndarray):
        imports.add("import numpy as np")
        if thing.size == 0:
            return f"np.empty({thing.shape})"
        if thing.dtype == np.float64:
            return f"np.array({literal(thing.tolist(), imports)})"
        return f"np.array({thing.tolist()!r}, dtype=np.{thing.dtype})"
    if isinstance(thing, Measured):
        imports.add("from verify.precision import Measured")
        return f"Measured({literal(thing.lower, imports)}, {literal(thing.upper, imports)}, {thing.method!r})"
    if isinstance(thing, bool | int | str) or thing is None:
        return repr(thing)
    if isinstance(thing, float | np.floating):
        return _float(float(thing), imports)
    if isinstance(thing, np.integer):
        return repr(int(thing))
    if isinstance(thing, Fraction):
        imports.add("from fractions import Fraction")
        return f"Fraction({thing.numerator}, {thing.denominator})"
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{literal(k, imports)}: {literal(v, imports)}" for k, v in thing.items()) + "}"
    if isinstance(thing, tuple | list):
        inner = ", ".join(literal(item, imports) for item in thing)
        if isinstance(thing, list):
            return f"[{inner}]"
        return f"({inner},)" if len(thing) == 1 else f"({inner})"
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        kind = type(thing)
        imports.add(f"from {kind.__module__} import {kind.__qualname__}")
        return f"{kind.__qualname__}({', '.join(_fields(thing, imports))})"
    raise TypeError(f"{type(thing).__name__} cannot be written as a Python literal")


def _fields(thing: Any, imports: set[str]) -> Iterator[str]:
    for field in dataclasses.fields(thing):
        if field.init:
            yield f"{field.name}={literal(getattr(thing, field.name), imports)}"


def _float(value: float, imports: set[str]) -> str:
    if not np.isfinite(value):
        return f'float("{value}")'
    if value == int(value) and abs(value) < 1e16:
        return repr(value)
    near = Fraction(value).limit_denominator(MAX_DENOMINATOR)
    if near.numerator / near.denominator == value and len(str(near)) < len(repr(value)):
        return f"{near.numerator}/{near.denominator}"
    return repr(value)
