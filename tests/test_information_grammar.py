"""The grammar and the expressions: round trips, definitions, errors with their position."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from theory.information.constraints import FunctionOf, Independence, LinearConstraint, MarkovChain
from theory.information.expression import TC, H, I, parse
from theory.information.grammar import GrammarError, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy, Measure, MeasureKind


def test_definitions() -> None:
    assert H("X,Y|Z") == H("X,Y,Z") - H("Z")
    assert I("X;Y|Z") == H("X|Z") + H("Y|Z") - H("X,Y|Z")
    assert TC("A;B;C|D") == H("A|D") + H("B|D") + H("C|D") - H("A,B,C|D")
    assert TC("A;B") == I("A;B")
    assert I("X;X") == H("X")
    assert H("X,X,Y") == H("Y,X")
    assert I("X;Y|X") == parse("0") == LinearEntropy()
    assert H("X|X") == LinearEntropy()


def test_coefficients_are_exact() -> None:
    form = parse("1/2*H(X) - 0.25 H(Y) + 3H(X)")
    assert form.coefficients() == {frozenset("X"): Fraction(7, 2), frozenset("Y"): Fraction(-1, 4)}
    assert 2 * form == form + form
    assert form - form == LinearEntropy()
    assert not (form - form)
    with pytest.raises(TypeError, match="float"):
        form * 0.5  # type: ignore[operator]  # wrong on purpose


def test_str_is_what_one_writes() -> None:
    for text in ("I(X;Y|Z)", "H(X,Y|Z) - 1/2*I(A;B)", "-TC(A;B;C|D) + log|X|", "0", "2*H(X') + H(x_1)"):
        assert str(parse(text)) == text
    assert str(I("X;Y").joint()) == "H(X) + H(Y) - H(X,Y)"


names = st.builds("".join, st.tuples(st.sampled_from("ABHITXYhx"), st.text("A0_'", max_size=2)))
groups = st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def written(draw: st.DrawFn) -> tuple[Measure, Fraction]:
    kind: MeasureKind = draw(st.sampled_from(["H", "I", "TC", "log"]))
    coefficient = draw(st.fractions(max_denominator=9).filter(bool))
    if kind == "log":
        return Measure("log", ((draw(names),),)), coefficient
    count = {"H": 1, "I": 2}.get(kind) or draw(st.integers(2, 4))
    given = draw(st.one_of(st.just(()), groups))
    return Measure(kind, tuple(draw(groups) for _ in range(count)), given), coefficient


@given(st.lists(written(), max_size=4))
def test_printing_and_reading_are_inverse(terms: list[tuple[Measure, Fraction]]) -> None:
    form = LinearEntropy.of(terms)
    again = parse(str(form))
    assert again == form
    assert again.written == form.written


CONSTRAINTS = [
    ("X -> Y -> Z", MarkovChain((("X",), ("Y",), ("Z",)))),
    ("(A,B) -> C -> D -> E", MarkovChain((("A", "B"), ("C",), ("D",), ("E",)))),
    ("X _||_ Y", Independence((("X",), ("Y",)))),
    ("X ⫫ (Y,Z) _||_ W | U,V", Independence((("X",), ("Y", "Z"), ("W",)), ("U", "V"))),
    ("H = f(X)", FunctionOf(("H",), "f", ("X",))),
    ("(A,B) = enc(X,Y)", FunctionOf(("A", "B"), "enc", ("X", "Y"))),
    ("H(R) = H(A)", LinearConstraint(H("R"), "=", H("A"))),
    ("0 <= I(A;B)", LinearConstraint(LinearEntropy(), "<=", I("A;B"))),
]


@pytest.mark.parametrize(("text", "expected"), CONSTRAINTS)
def test_constraints(text: str, expected: object) -> None:
    assert parse_constraints(text) == (expected,)
    assert parse_constraints(str(expected)) == (expected,)


def test_lists_of_constraints() -> None:
    assert len(parse_constraints("X _||_ Y, Y _||_ Z; X -> Y -> Z and H = f(X)")) == 4
    # The comma behind a condition continues the group, unless a constraint starts there.
    first, second = parse_constraints("X _||_ Y | A, B, C, M = f(X)")
    assert first == Independence((("X",), ("Y",)), ("A", "B", "C"))
    assert second == FunctionOf(("M",), "f", ("X",))
    first, second = parse_constraints("X _||_ Y | B, H(X) = H(Y)")
    assert first == Independence((("X",), ("Y",)), ("B",))
    assert second == LinearConstraint(H("X"), "=", H("Y"))
    assert parse_constraints("  ") == ()


def test_query_keeps_the_users_writing() -> None:
    text = "I(X;Z) <= I(X;Y) given X -> Y -> Z, H = f(X)"
    query = parse_query(text)
    assert str(query) == text
    assert query.variables() == ("X", "Z", "Y", "H")
    assert query.goals() == (I("X;Y") - I("X;Z"),)
    assert len(parse_query("H(X) == H(Y)").goals()) == 2
    assert parse_query("H(X) >= H(Y)").goals() == (H("X") - H("Y"),)


WRONG = [
    ("", 0, "empty input"),
    ("   ", 3, "empty input"),
    ("H(X) <= H(Y) $", 13, "unknown character '$'"),
    ("H(X <= H(Y)", 4, "unbalanced"),
    ("H(X)) <= H(Y)", 4, "found ')'"),
    ("H(X) <= H(Y))", 12, "unbalanced"),
    ("H() <= H(X)", 2, "empty group"),
    ("H(|X) <= H(X)", 2, "empty group"),
    ("I(X;) <= H(X)", 4, "empty group"),
    ("H(X|) <= H(X)", 4, "empty group"),
    ("H(X,) <= H(X)", 4, "empty group"),
    ("H(X) < H(Y)", 5, "strict '<'"),
    ("H(X) > H(Y)", 5, "strict '>'"),
    ("H(X) <= 1", 8, "inhomogeneous"),
    ("1/2 + H(X) <= H(Y)", 0, "inhomogeneous"),
    ("H(X;Y) <= H(X)", 0, "H has 2 groups"),
    ("H(X) >= I(X)", 8, "I has one group"),
    ("I(X;Y;Z) >= 0", 0, "use TC"),
    ("TC(X) >= 0", 0, "TC has one group"),
    ("H(X) >= 0 given X -> Y", 16, "Y = f(X)"),
    ("H(X) >= 0 given Y = H(X)", 20, "function named H"),
    ("H(X) >= 0 given Y = TC(X)", 20, "function named TC"),
    ("H(X) H(Y) >= 0", 5, "two terms without a sign"),
    ("H(X) 2 >= 0", 5, "two terms without a sign"),
    ("H(X) + >= 0", 7, "expected H(...)"),
    ("G(X) >= 0", 0, "unknown function 'G'"),
    ("X >= 0", 0, "expected H(...)"),
    ("H(X)", 4, "expected '<=', '>=' or '='"),
    ("H(X) >= 0 >= H(Y)", 10, "expected the end"),
    ("H(X) >= 0 given", 15, "expected the name"),
    ("H(X) >= 0 given X _||_ Y,", 25, "expected the name"),
    ("H(X) >= 0 given X Y", 18, "expected '->'"),
    ("H(X) >= 0 given X_||_Y", 20, "blanks around _||_"),
    ("H(given) >= 0", 2, "reserved word"),
    ("1/0*H(X) >= 0", 0, "divides by zero"),
    ("H(X|Y|Z) >= 0", 5, "after the condition"),
    ("log|X >= 0", 6, "expected '|'"),
    ("9" * 5000 + "H(X) >= 0", 0, "5000 characters"),
]


@pytest.mark.parametrize(("text", "position", "message"), WRONG)
def test_malformed_input_says_where(text: str, position: int, message: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_query(text)
    assert caught.value.position == position
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="HITCXY(),;|+-*/<>=_0123 .gvenad⫫", max_size=30))
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    try:
        query = parse_query(text)
    except GrammarError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse_query(str(query)) == query


def test_measures_refuse_wrong_groups() -> None:
    with pytest.raises(ValueError, match="H has 2 groups, expected 1"):
        Measure("H", (("X",), ("Y",)))
    with pytest.raises(ValueError, match="empty group"):
        Measure("I", (("X",), ()))
    with pytest.raises(ValueError, match="chain of 2 nodes"):
        MarkovChain((("X",), ("Y",)))
