"""The grammar for user expressions: exact values, and refusals that are one clear line."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory.grammar import ExpressionError, parse_expression, parse_relation

n, K, eps = (
    sp.Symbol("n", integer=True, positive=True),
    sp.Symbol("K", integer=True, positive=True),
    sp.Symbol("epsilon", positive=True),
)
SYMBOLS = {"n": n, "K": K, "epsilon": eps}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", sp.Rational(1, 10)),
        ("1e-3", sp.Rational(1, 1000)),
        (".5e2", sp.Integer(50)),
        ("1_000", sp.Integer(1000)),
        ("1e-9000", sp.Rational(1, 10**9000)),
        ("(1-3*epsilon)**(floor(n/K)-1)", (1 - 3 * eps) ** (sp.floor(n / K) - 1)),
        ("-n**2", -(n**2)),
        ("  +n", n),
        ("2**-1", sp.Rational(1, 2)),
        ("sqrt(epsilon) + log(e) + pi", sp.sqrt(eps) + 1 + sp.pi),
        ("min(1, n, K) * max(n, 2)", sp.Min(1, n, K) * sp.Max(n, 2)),
        ("abs(-epsilon)", eps),
        (
            "tanh(n)*sinh(n)*cosh(n)*sin(n)*cos(n)*tan(n)",
            sp.tanh(n) * sp.sinh(n) * sp.cosh(n) * sp.sin(n) * sp.cos(n) * sp.tan(n),
        ),
        ("ceiling(5/2) + factorial(5) + binomial(5, 2)", sp.Integer(133)),
    ],
)
def test_reads_exactly(text: str, expected: sp.Expr) -> None:
    assert parse_expression(text, SYMBOLS) == expected


def test_symbol_named_e_wins_over_the_constant() -> None:
    e = sp.Symbol("e")
    assert parse_expression("e+1", {"e": e}) == e + 1
    assert parse_expression("E+1", {}) == sp.E + 1


@pytest.mark.parametrize(
    ("text", "fragment", "position"),
    [
        ("__import__", "`__import__` is not a name this expression may use; known: K, epsilon, n", 0),
        ("n + __import__('os')", "`__import__` is not a function this expression may use; known: abs", 4),
        ("n.__class__", "attribute access", 0),
        ("n.subs(1)", "attribute access", 0),
        ("(lambda: 1)()", "lambda", 0),
        ("[n for n in (1,)]", "a comprehension", 0),
        ("exp(k for k in n)", "a comprehension", None),
        ("'n'", "a string", 0),
        ("f'{n}'", "a string", 0),
        ("b'n'", "a string", 0),
        ("2 * True", "`True` is not allowed", 4),
        ("1j", "`1j` is not allowed", 0),
        ("0x10", "`0x10` is not allowed", 0),
        ("n[0]", "indexing", 0),
        ("n if n else 1", "if-else", 0),
        ("n < 1", "a comparison", 0),
        ("n and K", "and/or", 0),
        ("n ^ 2", "a power is written **", 4),
        ("n // 2", "operator FloorDiv", 5),
        ("gamma(n)", "`gamma` is not a function", 0),
        ("exp", "`exp` is a function; write exp(...)", 0),
        ("n(2)", "`n` is a number, not a function", 0),
        ("exp(n, n)", "`exp` does not take 2 arguments", 0),
        ("binomial(n)", "`binomial` does not take 1 arguments", 0),
        ("min()", "`min` needs an argument", 0),
        ("exp(x=n)", "keyword", 0),
        ("exp(*n)", "starred", 4),
        ("(n + 1", "not an expression: '(' was never closed", 0),
        ("n +", "not an expression: invalid syntax", None),
        ("n\n", "one line", None),
        ("", "empty", 0),
        ("n = 1", "not an expression", None),
        ("9**9**9", "too large to form exactly", None),
        ("(2*n)**9**9", "out of range", None),
        ("2**(10**30/3)", "too large", None),
        ("exp(exp(exp(100)))", "exp of a constant beyond", 4),
        ("factorial(10**9)", "factorial of a constant beyond", 0),
        ("1e999999999", "out of range", 0),
        ("1/0", "division by zero", 2),
        ("0**-1", "division by zero", None),
        ("log(0)", "`log` is not defined there", 0),
        ("   n + foo", "`foo` is not a name", 7),
        ("(" * 190 + "n" + ")" * 190 + "+" + "-" * 300 + "n", "nested too deeply", None),
        ("(" * 500 + "n" + ")" * 500, "", None),
        ("n+" * 1001 + "n", "characters, expected at most 2000", 2000),
    ],
)
def test_refuses_with_one_clear_line(text: str, fragment: str, position: int | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, SYMBOLS)
    assert fragment in str(caught.value)
    assert "\n" not in str(caught.value)
    if position is not None:
        assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n <= K", sp.Le(n, K)),
        ("n >= K", sp.Ge(n, K)),
        ("n < K", sp.Lt(n, K)),
        ("n > K", sp.Gt(n, K)),
        ("n == K", sp.Eq(n, K)),
        ("n = K", sp.Eq(n, K)),
        ("-1 <= n", sp.Le(-1, n, evaluate=False)),  # not evaluated away
    ],
)
def test_relations(text: str, expected: sp.Rel) -> None:
    assert parse_relation(text, SYMBOLS) == expected


@pytest.mark.parametrize("text", ["n", "0 < n < K", "n != K", "n is K", "n <= ", "n := 1", "x <= n"])
def test_bad_relations(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_relation(text, SYMBOLS)


def _expressions() -> st.SearchStrategy[sp.Expr]:
    leaves = st.sampled_from([n, K, eps, sp.Integer(2), sp.Rational(-3, 7)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(sp.Add, inner, inner),
            st.builds(sp.Mul, inner, inner),
            st.builds(lambda x: x**2, inner),
            st.builds(sp.exp, inner),
            st.builds(sp.tanh, inner),
        ),
        max_leaves=6,
    )


@given(_expressions())
def test_reads_back_what_sympy_prints(expression: sp.Expr) -> None:
    # SymPy distributes signs over sums depending on the order of operations: equal up to expansion.
    assert sp.expand(parse_expression(str(expression), SYMBOLS) - expression) == 0


@given(st.text(alphabet="nK+-*/()., 0123456789e_'[]<=", max_size=30))
def test_any_text_gives_an_expression_or_an_expression_error(text: str) -> None:
    try:
        found = parse_expression(text, SYMBOLS)
    except ExpressionError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(found, sp.Expr)
        assert found.free_symbols <= {n, K, eps}
