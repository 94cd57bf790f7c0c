"""Expressions typed by a user, read with an allow-list and never executed.

Main definitions
    parse_expression   text to a SymPy expression over declared symbols
    parse_relation     text with one of <= >= < > == = to a SymPy relation
    ExpressionError    one clear line, with the position of the offence

The text is read by Python's `ast` and rebuilt node by node: numbers, + - * / ** and unary signs, declared names, the
constants pi and e, calls of allowed functions, parentheses. Nothing else exists in this grammar, so nothing else can
run. Decimals are exact (0.1 is 1/10). Constants whose exact value would fill the memory (9**9**9) are refused before
they are formed.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

MAX_LENGTH = 2000  # characters
MAX_DEPTH = 150  # nested operations
MAX_BITS = 100_000  # of a constant's numerator or denominator; 1e-9000 takes 30 000
MAX_EXPONENT = 10_000  # of a compound base: SymPy raises the base's numeric factor at once
MAX_COUNT = 2_000  # argument of factorial and binomial when it is a constant
MAX_EXP_ARGUMENT = 10**6  # of exp and its kin when it is a constant


class ExpressionError(ValueError):
    """The text is no expression of the grammar.

    Attributes: `message` (one line), `position` (index of the offending character in the text, from 0).
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.message = message
        self.position = position


def _factorial(n: sp.Expr) -> sp.Expr:
    _small_count("factorial", n)
    return sp.factorial(n)


def _binomial(n: sp.Expr, k: sp.Expr) -> sp.Expr:
    _small_count("binomial", n)
    _small_count("binomial", k)
    return sp.binomial(n, k)


def _small_count(name: str, n: sp.Expr) -> None:
    if n.is_Rational and abs(n) > MAX_COUNT:
        raise ValueError(f"{name} of a constant beyond {MAX_COUNT} is not formed")


def _floor(x: sp.Expr) -> sp.Expr:
    return sp.floor(x, evaluate=bool(x.is_Rational or x.free_symbols))


def _ceiling(x: sp.Expr) -> sp.Expr:
    return sp.ceiling(x, evaluate=bool(x.is_Rational or x.free_symbols))


def _min(*arguments: sp.Expr) -> sp.Expr:
    return sp.Min(*arguments)


def _max(*arguments: sp.Expr) -> sp.Expr:
    return sp.Max(*arguments)


def _moderate(function: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
    """`function` refusing constants so large that comparing the result would exhaust memory."""

    def guarded(x: sp.Expr) -> sp.Expr:
        if not x.free_symbols and abs(x.evalf(15)) > MAX_EXP_ARGUMENT:
            raise ValueError(f"{function.__name__} of a constant beyond {MAX_EXP_ARGUMENT} is not formed")
        return function(x)

    return guarded


def _unary(function: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
    """`function` with a one-argument signature (SymPy's classes accept any number of arguments)."""

    def wrapped(x: sp.Expr) -> sp.Expr:
        return function(x)

    return wrapped


DEFAULT_FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = MappingProxyType(
    {
        "exp": _moderate(sp.exp),
        "log": _unary(sp.log),
        "sqrt": _unary(sp.sqrt),
        "tanh": _moderate(sp.tanh),
        "sinh": _moderate(sp.sinh),
        "cosh": _moderate(sp.cosh),
        "sin": _moderate(sp.sin),
        "cos": _moderate(sp.cos),
        "tan": _moderate(sp.tan),
        "abs": _unary(sp.Abs),
        "min": _min,
        "max": _max,
        "floor": _floor,
        "ceiling": _ceiling,
        "factorial": _factorial,
        "binomial": _binomial,
    }
)
CONSTANTS: Mapping[str, sp.Expr] = MappingProxyType({"pi": sp.pi, "e": sp.E, "E": sp.E})

_RELATIONS: Mapping[type[ast.cmpop], Callable[..., sp.Rel]] = MappingProxyType(
    {ast.LtE: sp.Le, ast.GtE: sp.Ge, ast.Lt: sp.Lt, ast.Gt: sp.Gt, ast.Eq: sp.Eq}
)
_UNKNOWN_NODES: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Attribute: "attribute access",
        ast.Subscript: "indexing",
        ast.ListComp: "a comprehension",
        ast.SetComp: "a comprehension",
        ast.DictComp: "a comprehension",
        ast.GeneratorExp: "a comprehension",
        ast.Lambda: "lambda",
        ast.IfExp: "if-else",
        ast.BoolOp: "and/or",
        ast.Compare: "a comparison",
        ast.NamedExpr: "an assignment",
        ast.Tuple: "a tuple",
        ast.List: "a list",
        ast.Dict: "a dictionary",
        ast.Set: "a set",
        ast.JoinedStr: "a string",
        ast.Starred: "a starred argument",
        ast.Await: "await",
        ast.Yield: "yield",
    }
)
_NUMBER = re.compile(r"(?P<digits>\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE](?P<exponent>[+-]?\d+))?")


def parse_expression(
    text: str,
    symbols: Mapping[str, sp.Basic],
    functions: Mapping[str, Callable[..., sp.Expr]] = DEFAULT_FUNCTIONS,
) -> sp.Expr:
    """The expression that `text` writes, over `symbols` and `functions`, with exact numbers.

    Raises ExpressionError for anything outside the grammar.

    >>> n = sp.Symbol("n", positive=True)
    >>> parse_expression("exp(-0.5*n) + 1/3", {"n": n})
    1/3 + exp(-n/2)
    >>> parse_expression("__import__('os')", {"n": n})
    Traceback (most recent call last):
    theory.grammar.ExpressionError: `__import__` is not a function this expression may use; known: ...
    """
    return _Reader(text, symbols, functions).expression(_tree(text))


def parse_relation(
    text: str,
    symbols: Mapping[str, sp.Basic],
    functions: Mapping[str, Callable[..., sp.Expr]] = DEFAULT_FUNCTIONS,
) -> sp.Rel:
    """The unevaluated relation that `text` writes with one of <= >= < > == (or =).

    Raises ExpressionError for anything outside the grammar, for no relation sign and for several.
    """
    text = re.sub(r"(?<![<>=!:])=(?!=)", "==", text)
    tree = _tree(text)
    if not isinstance(tree, ast.Compare):
        raise ExpressionError("expected one relation: left <= right, with <= >= < > or ==", 0)
    if len(tree.ops) != 1:
        raise ExpressionError("expected a single relation sign; write a chain as separate relations", 0)
    relation = _RELATIONS.get(type(tree.ops[0]))
    if relation is None:
        raise ExpressionError("relation sign not allowed; expected one of <= >= < > ==", tree.left.end_col_offset or 0)
    reader = _Reader(text, symbols, functions)
    return relation(reader.expression(tree.left), reader.expression(tree.comparators[0]), evaluate=False)


def _tree(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"expression has {len(text)} characters, expected at most {MAX_LENGTH}", MAX_LENGTH)
    if not text.strip():
        raise ExpressionError("expression is empty", 0)
    if "\n" in text or "\r" in text or "\0" in text:
        raise ExpressionError("expression must be one line", 0)
    try:
        return ast.parse(text.lstrip(), mode="eval").body  # Python takes leading blanks for indentation
    except SyntaxError as error:
        reason = (error.msg or "invalid syntax").split(". Perhaps")[0]
        raise ExpressionError(f"not an expression: {reason}", max((error.offset or 1) - 1, 0)) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("expression is nested too deeply", 0) from None
    except ValueError as error:
        raise ExpressionError(f"not an expression: {str(error).splitlines()[0]}", 0) from None


class _Reader:
    """Rebuilds a syntax tree as a SymPy expression."""

    def __init__(
        self, text: str, symbols: Mapping[str, sp.Basic], functions: Mapping[str, Callable[..., sp.Expr]]
    ) -> None:
        self.source = text.lstrip().encode()  # ast counts columns in UTF-8 bytes
        self.shift = len(text) - len(text.lstrip())
        self.symbols = symbols
        self.functions = functions

    def error(self, message: str, node: ast.expr) -> ExpressionError:
        before = self.source[: node.col_offset].decode(errors="replace")
        return ExpressionError(message, self.shift + len(before))

    def expression(self, node: ast.expr, depth: int = 0) -> sp.Expr:
        if depth > MAX_DEPTH:
            raise self.error(f"expression is nested too deeply, expected at most {MAX_DEPTH} levels", node)
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.name(node)
            case ast.UnaryOp(op=ast.USub()):
                return -self.expression(node.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(node.operand, depth + 1)
            case ast.BinOp():
                return self.binary(node, depth)
            case ast.Call():
                return self.call(node, depth)
            case _:
                what = _UNKNOWN_NODES.get(type(node), f"`{type(node).__name__}`")
                raise self.error(f"{what} is not allowed in an expression", node)

    def number(self, node: ast.Constant) -> sp.Expr:
        text = self.source[node.col_offset : node.end_col_offset].decode()
        match = _NUMBER.fullmatch(text)
        if isinstance(node.value, bool) or match is None:
            kind = "a string" if isinstance(node.value, (str, bytes)) else f"`{text[:20]}`"
            raise self.error(f"{kind} is not allowed in an expression; expected a decimal number", node)
        exponent = match["exponent"]
        if exponent and (len(exponent) > 7 or abs(int(exponent)) * 3.33 > MAX_BITS):
            raise self.error(f"number {text[:20]} is out of range, expected an exponent within 30000", node)
        value = Fraction(text)
        return sp.Rational(value.numerator, value.denominator)

    def name(self, node: ast.Name) -> sp.Expr:
        found = self.symbols.get(node.id, CONSTANTS.get(node.id))
        if found is None:
            if node.id in self.functions:
                raise self.error(f"`{node.id}` is a function; write {node.id}(...)", node)
            raise self.error(f"`{node.id}` is not a name this expression may use; known: {self._known_names()}", node)
        return found

    def _known_names(self) -> str:
        return ", ".join(sorted(self.symbols)) or "none"

    def binary(self, node: ast.BinOp, depth: int) -> sp.Expr:
        left = self.expression(node.left, depth + 1)
        right = self.expression(node.right, depth + 1)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                if right == 0:
                    raise self.error("division by zero", node.right)
                return left / right
            case ast.Pow():
                self.check_power(left, right, node.right)
                return left**right
            case ast.BitXor():
                raise self.error("`^` is not allowed in an expression; a power is written **", node.right)
            case _:
                raise self.error(
                    f"operator {type(node.op).__name__} is not allowed; expected one of + - * / **", node.right
                )

    def check_power(self, base: sp.Expr, exponent: sp.Expr, node: ast.expr) -> None:
        if base == 0 and exponent.is_negative:
            raise self.error("division by zero", node)
        if exponent.free_symbols or base.is_Symbol:
            return
        if base.is_Rational and exponent.is_Rational:
            if base in (0, 1, -1):
                return
            bits = max(abs(base.p).bit_length(), base.q.bit_length())
            if abs(exponent) * bits > MAX_BITS:
                raise self.error("power of two constants is too large to form exactly; use parameters instead", node)
        elif abs(exponent.evalf(15)) > MAX_EXPONENT:
            raise self.error(f"constant exponent is out of range, expected at most {MAX_EXPONENT}", node)

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        if not isinstance(node.func, ast.Name):
            what = _UNKNOWN_NODES.get(type(node.func), "a computed function")
            raise self.error(f"{what} is not allowed in an expression; a call names its function", node)
        name = node.func.id
        known = ", ".join(sorted(self.functions))
        function = self.functions.get(name)
        if function is None:
            if name in self.symbols:
                raise self.error(f"`{name}` is a number, not a function; write a product with *", node)
            raise self.error(f"`{name}` is not a function this expression may use; known: {known}", node)
        if node.keywords:
            raise self.error(f"`{name}` takes no keyword arguments", node)
        arguments = [self.expression(argument, depth + 1) for argument in node.args]
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError:
            raise self.error(f"`{name}` does not take {len(arguments)} arguments", node) from None
        if not arguments:
            raise self.error(f"`{name}` needs an argument", node)
        try:
            value = function(*arguments)
        except (ValueError, TypeError) as error:
            raise self.error(str(error).splitlines()[0], node) from None
        if value.has(sp.zoo, sp.nan, sp.oo):
            raise self.error(f"`{name}` is not defined there", node)
        return value
