"""What shrinks a query: derived independences, orbits, small lattices, needed columns; and the dense simplex method."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from theory.checking import rational_programs
from theory.checking.dense_simplex import Farkas, Optimum, small_program
from theory.checking.rational_programs import Combination, Separation, exact_simplex, nonnegative_combination
from theory.information import Answer, Distribution, decide, parse, prove
from theory.information import program as program_module
from theory.information.checker import accepts, defects
from theory.information.cuts import few_of_many
from theory.information.elemental import elemental_masks
from theory.information.grammar import Query, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy, entropy, mutual_information
from theory.information.program import Program
from theory.information.prover import NotShannon, Proved
from theory.information.symmetry import automorphisms, coloured, orbit_labels

NAMES = ("A", "B", "C", "D", "E")
STATED = [
    "A -> B -> C -> D -> E",
    "A _||_ B _||_ C",
    "A _||_ (B,C) | D",
    "C = f(A,B), A _||_ B",
    "A -> B -> C, B -> C -> D",
]


def program(given: str) -> Program:
    return Program(
        Query(parse("0*H(A) + 0*H(B) + 0*H(C) + 0*H(D) + 0*H(E)"), "<=", LinearEntropy(), parse_constraints(given))
    )


@pytest.mark.parametrize("given", STATED)
def test_derived_independences_are_consequences(given: str) -> None:
    """Minus each of them is lifted to constraints as written and Shannon measures."""
    made = program(given)
    names, found = made.names, 0
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            for mask in range(1 << len(names)):
                if mask >> i & 1 or mask >> j & 1 or not made.independences.holds(i, j, mask):
                    continue
                found += 1
                measure = mutual_information([names[i]], [names[j]], made.members(mask))
                lifted, facts, left = made.reduction(made.all).lift(
                    {k: -v for k, v in made.masses(LinearEntropy.of([(measure, 1)])).items()}
                )
                assert not left
                assert all(value > 0 for value in lifted.values())
                assert facts
    assert found > 0


def test_semigraphoid_closure_of_a_chain() -> None:
    made = program("A -> B -> C -> D -> E")
    place = {name: k for k, name in enumerate(made.names)}
    between = {"AC": "B", "AE": "C", "BD": "C", "AD": "C", "BE": "D", "CE": "D"}
    for pair, middle in between.items():
        assert made.independences.holds(place[pair[0]], place[pair[1]], made.mask(middle))
    assert not made.independences.holds(place["A"], place["C"], 0)
    assert not made.independences.holds(place["A"], place["B"], made.mask("CDE"))
    # Of a chain only single variables and pairs remain.
    reduction = made.reduction(made.all)
    basic = {b for mask in range(1, made.all + 1) for b in reduction.of(mask)}
    assert {b.bit_count() for b in basic} == {1, 2} and len(basic) == 15


def chain(n: int) -> str:
    return " -> ".join(f"X{k}" for k in range(1, n + 1))


@pytest.mark.parametrize("n", [3, 6, 9, 12])
def test_chains_of_many_variables(n: int) -> None:
    text = f"I(X1;X{n}) <= I(X2;X{n - 1}) given {chain(n)}"
    answer = prove(text, max_variables=12)
    assert isinstance(answer, Proved) and answer.check()
    assert accepts(Answer(answer.query, "proved", answer.certificates).as_json())
    wrong = prove(f"I(X2;X{n}) <= I(X1;X{n}) given {chain(n)}", max_variables=12)
    assert isinstance(wrong, NotShannon) and wrong.check()


def han(n: int) -> str:
    names = [f"X{k}" for k in range(1, n + 1)]
    parts = [f"H({','.join(x for x in names if x != y)})" for y in names]
    return f"{n - 1}*H({','.join(names)}) <= {' + '.join(parts)}"


@pytest.mark.parametrize("n", [3, 8, 10, 11])
def test_hans_inequality(n: int) -> None:
    answer = prove(han(n), max_variables=12)
    assert isinstance(answer, Proved)
    assert accepts(Answer(answer.query, "proved", answer.certificates).as_json())
    assert isinstance(prove(han(n).replace("<=", ">="), max_variables=12), NotShannon)


@pytest.mark.parametrize(
    "text",
    [
        "2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)",
        "I(X;Z) <= I(X;Y) given X -> Y -> Z",
        "I(A;E) <= I(B;D) given A -> B -> C -> D -> E",
        "TC(A;B;C;D) >= I(A;B) + I(C;D)",
        "H(A) + H(B) <= 2*log|A| given H(A) = H(B)",
        "I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)",
        "H(A,B,C,D) <= H(A) + H(B)",
        "I(C;A) <= I(C;B) given A _||_ B, C = f(A,B)",
    ],
)
def test_all_roads_agree(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orbits, needed columns and the direct program give the same kind of answer."""
    usual = prove(text)
    monkeypatch.setattr(Program, "quick", lambda *_: None)
    direct = prove(text)
    monkeypatch.setattr(program_module, "FEW", 0)
    large = prove(text)
    assert type(usual) is type(direct) is type(large)
    for answer in (usual, direct, large):
        assert isinstance(answer, (Proved, NotShannon)) and answer.check()
        if isinstance(answer, Proved):
            assert defects(Answer(answer.query, "proved", answer.certificates).as_json()) == ()


def forms_of(text: str) -> tuple[list[dict[int, Any]], int]:
    query = parse_query(text)
    bit = {name: 1 << k for k, name in enumerate(query.variables())}
    facts = [f for c in query.constraints for f in c.facts()]
    return coloured([(query.goals()[0], "goal"), *((f.expression, str(f.equality)) for f in facts)], bit), len(bit)


def group_size(generators: list[tuple[int, ...]], count: int) -> int:
    known = {tuple(range(count))}
    front = list(known)
    while front:
        element = front.pop()
        for g in generators:
            product = tuple(g[k] for k in element)
            if product not in known:
                known.add(product)
                front.append(product)
    return len(known)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)", 6),
        ("I(X;Y|Z) <= I(X;Y)", 6),
        ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", 4),
        ("I(A;E) <= H(C) given A -> B -> C, C -> D -> E", 2),
        ("H(A,B) + H(C,D) >= H(A,B,C,D)", 8),
        ("H(X) <= log|Y| + H(Y)", 1),
        ("H(X|Y) <= H(X)", 2),
        ("H(X|Y) <= H(Y)", 1),
    ],
)
def test_symmetries_of_statements(text: str, size: int) -> None:
    forms, count = forms_of(text)
    generators = automorphisms(forms, count)
    assert group_size(generators, count) == size
    # Against the definition: all permutations that carry the list of forms into itself.
    family = sorted(sorted(f.items()) for f in forms)

    def moved(mask: int, image: tuple[int, ...]) -> int:
        return sum(1 << image[k] for k in range(count) if mask >> k & 1)

    images = [
        p
        for p in permutations(range(count))
        if sorted(sorted((moved(m, p), v) for m, v in f.items()) for f in forms) == family
    ]
    assert len(images) == size
    labels = orbit_labels(generators, count)
    for mask in range(1 << count):
        assert labels[mask] == min(moved(mask, p) for p in images)


entries = st.integers(-2, 2)


@st.composite
def small(draw: st.DrawFn) -> tuple[list[dict[int, Fraction]], dict[int, Fraction], int, frozenset[int]]:
    rows, count = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    vectors = [[draw(entries) for _ in range(rows)] for _ in range(count + 1)]
    as_maps = [{r: Fraction(v) for r, v in enumerate(vector) if v} for vector in vectors]
    free = frozenset(j for j in range(count) if draw(st.integers(0, 4)) == 0)
    return as_maps[:-1], as_maps[-1], rows, free


@settings(max_examples=50, deadline=None)
@given(small())
def test_farkas_by_every_road(case: tuple[list[dict[int, Fraction]], dict[int, Fraction], int, frozenset[int]]) -> None:
    columns, target, rows, free = case
    usual, exact = nonnegative_combination(columns, target, rows, free), exact_simplex(columns, target, rows, free)
    assert type(usual) is type(exact)
    quick = rational_programs._small(columns, target, rows, free)
    assert quick is None or type(quick) is type(exact)
    if isinstance(usual, Combination):
        assert rational_programs.is_combination(columns, target, free, usual.coefficients)
    if isinstance(usual, Separation):
        assert rational_programs.is_separation(columns, target, free, usual.normal)
    if target and any(j not in free and columns[j] for j in range(len(columns))):
        few = few_of_many(columns, target, rows, free)
        assert few is None or type(few) is type(exact)


def test_the_dense_simplex_method() -> None:
    matrix = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    best = small_program(matrix, np.array([2.0, 2.0]), np.ones(3))
    assert isinstance(best, Optimum) and best.x == pytest.approx([0.0, 2.0, 0.0])
    twice = small_program(np.vstack([matrix, matrix[:1]]), np.array([2.0, 2.0, 2.0]), np.ones(3))  # a redundant row
    assert isinstance(twice, Optimum) and twice.x == pytest.approx([0.0, 2.0, 0.0])
    none = small_program(matrix, np.array([-1.0, 2.0]), np.ones(3))
    assert isinstance(none, Farkas)
    assert (none.y @ matrix >= -1e-12).all() and none.y @ np.array([-1.0, 2.0]) < 0


def test_elementals_are_a_table() -> None:
    assert elemental_masks(3) is elemental_masks(3)
    assert len(set(elemental_masks(6))) == 246


DAGS = [
    "I(A;C) <= I(A;B) - 1/10*H(C) given A -> B -> C",
    "H(C) <= H(A) given C = f(A,B), A _||_ B",
    "I(A;C|B) <= 1/3*I(A;B) given A _||_ C, B = f(A,C)",
    "log|A| <= H(A)",
    "H(A) >= 1/2*log|A|",
]


@pytest.mark.parametrize("text", DAGS)
def test_false_statements_with_constraints_are_refuted(text: str) -> None:
    answer = decide(text)
    assert answer.verdict == "refuted" and answer.check()
    assert defects(answer.as_json()) == ()


def test_alphabets_enter_log_cardinalities() -> None:
    law = Distribution(("X",), (((0,), Fraction(1, 2)), ((1,), Fraction(1, 2))), (("X", 4),))
    assert law(parse("log|X| - H(X)")) == {2: Fraction(1)}
    with pytest.raises(ValueError, match="fewer than its values"):
        Distribution(("X",), (((0,), Fraction(1, 2)), ((1,), Fraction(1, 2))), (("X", 1),))


def test_entropy_of_measures_in_cone_vertices() -> None:
    answer = prove("H(X,Y) <= H(X)")
    assert isinstance(answer, NotShannon)
    assert answer.cone_vertex(LinearEntropy.of([(entropy(["Y"], ["X"]), 1)])) > 0
