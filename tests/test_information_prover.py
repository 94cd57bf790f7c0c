"""The prover: worked cases, corrupted certificates, random Shannon combinations, renaming of variables."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from theory.checking import rational_programs
from theory.information import program
from theory.information.certificate import Certificate, CertificateTerm
from theory.information.cone import ConeVertex
from theory.information.constraints import Fact
from theory.information.elemental import elemental_count, elemental_measures
from theory.information.expression import H, I, parse
from theory.information.grammar import GrammarError, Query, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy, Measure, entropy, mutual_information
from theory.information.prover import NotShannon, Proved, TooManyVariables, Undecided, forced_constants, prove
from theory.information.simplify import joined, shorten

PROVED = {
    1: "H(X,Y) <= H(X) + H(Y)",
    2: "H(X|Y,Z) <= H(X|Y)",
    3: "I(X;Z) <= I(X;Y) given X -> Y -> Z",
    4: "I(X;Y|Z) <= I(X;Y) given X -> Y -> Z",
    5: "I(S;W) <= I(S;H) given S -> X -> E -> H -> W",
    6: "I(A;E) <= I(B;D) given A -> B -> C -> D -> E",
    7: "I(H;W,F) = I(H;W) + I(H;F|W)",
    8: "I(H;F|W) <= log|F|",
    9: "I(X;F|W) = I(H;F|W) + I(X;F|H,W) given H = f(X)",
    10: "I(H;A,B,C|W) = I(H;A|W) + I(H;B|W,A) + I(H;C|W,A,B)",
    11: "H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A;B|H) + I(A,B;W|H) given H = f(X)",
    12: "H(W|H) = H(W|X) + I(X;W|H) given H = f(X)",
    13: "I(B;Y,Z) <= I(B;Y) + I(B;Z) given Y _||_ Z | B",
    14: "I(X,Y;Z) >= I(X;Z) + I(Y;Z) given X _||_ Y",
    15: "2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)",
    16: "H(M) <= H(K) given M _||_ C, M = f(C,K)",
    17: "I(X;Y) <= I(X;Y|Z) given X _||_ Z",
}
NOT_SHANNON = {
    18: "I(X;Y|Z) <= I(X;Y)",
    19: "I(X;Y) <= I(X;Y|Z)",
    20: "I(H;F|W) <= I(H;F)",
    21: "I(X;F|H,W) = 0 given X -> H -> W",
    22: "TC(X;Y;Z) = 0 given X _||_ Y, Y _||_ Z, X _||_ Z",
    23: "H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A,B;W|H) given H = f(X)",
    24: "I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)",
    25: "2*I(C;D) <= I(A;B) + I(A;C,D) + 3*I(C;D|A) + I(C;D|B)",
}
OTHERS_PROVED = [
    "0 <= I(H;F|W)",
    "I(H;F|W) <= I(X;F|W) given H = f(X)",
    "I(H;F|W) <= H(F|W)",
    "H(F|W) <= log|F|",
    "H(F|H,W) - H(F|X,W) = I(X;F|H,W) given H = f(X)",
    "I(S;X) <= H(X)",
    "I(S;W) <= I(X;H) given S -> X -> E -> H -> W",
    "I(X;F|H,W) = 0 given H = f(X), X = g(H)",
    "H(P) <= H(Q) + H(P|Q)",
    "H(A|H) + H(B|H) + H(C|H) - H(A,B,C|X,W) = I(X;A,B,C|H,W) + TC(A;B;C|H) + I(A,B,C;W|H) given H = f(X)",
    "H(X) = 0 given X _||_ X",
    "I(X;Y) = 0 given H(X) = 0",
    "H(Z) <= H(X) + H(Y) given (Z,W) = f(X,Y)",
    "H(R) <= H(A,B) given H(R) = H(A)",
    "H(X) <= 1/2*H(Z) given 2*H(X) <= H(Y), H(Y) <= H(Z)",
    "TC(X;Y;Z) >= I(X;Y)",
    "I(A;B,C,D) = 0 given A _||_ B _||_ (C,D)",
    "H(X,Z) = H(X) given Y = f(X), Z = g(Y)",
    "I(H;F|W) <= I(X;F|W) given 0 = 3*H(H|X)",
    "I(H;F|W) <= I(X;F|W) given H(H|X) <= 0",
    "I(C,D;F|W) = I(X;F|W) given (C,D) = f(X), X = g(D,C), X _||_ W",
]


def proved(text: str) -> Proved:
    answer = prove(text)
    assert isinstance(answer, Proved), answer
    return answer


@pytest.mark.parametrize("text", [*PROVED.values(), *OTHERS_PROVED])
def test_true_statements_have_certificates_that_check(text: str) -> None:
    answer = proved(text)
    assert answer.check()
    assert [c.goal for c in answer.certificates] == list(answer.query.goals())
    for certificate in answer.certificates:
        assert certificate.defects() == ()
        assert all(term.coefficient > 0 or term.kind == "equality" for term in certificate.terms)


@pytest.mark.parametrize("text", NOT_SHANNON.values())
def test_statements_without_shannon_proof_get_an_exact_polymatroid(text: str) -> None:
    answer = prove(text)
    assert isinstance(answer, NotShannon)
    assert answer.check()
    assert answer.gap < 0
    assert all(isinstance(value, Fraction) for _, value in answer.cone_vertex.values)
    # The check has bite: without the violation, or with one value lowered to break monotonicity, it fails.
    assert not answer.cone_vertex.violates(-answer.goal, answer.query.constraints)
    top = frozenset(answer.query.variables())
    lowered = {c: v - 10 * (c == top) for c, v in answer.cone_vertex.values}
    assert not ConeVertex.of(answer.query.variables(), lowered).violates(answer.goal, answer.query.constraints)


@pytest.mark.parametrize("text", [t for n, t in PROVED.items() if n not in (7, 10)])
def test_corrupted_certificates_are_refused(text: str) -> None:
    mutated = 0
    for certificate in proved(text).certificates:
        for k, item in enumerate(certificate.terms):
            others = certificate.terms[:k] + certificate.terms[k + 1 :]
            for wrong in (item.coefficient * 2, -item.coefficient, item.coefficient + Fraction(1, 10**9), Fraction(0)):
                changed = (*others, replace(item, coefficient=wrong))
                assert not replace(certificate, terms=changed).check()
                mutated += 1
            assert not replace(certificate, terms=others).check()
        if any(item.kind == "equality" for item in certificate.terms):
            assert not replace(certificate, hypotheses=()).check()
    assert mutated >= 4


def test_checker_refuses_dishonest_terms() -> None:
    goal = I("X;Z") - I("X;Y")  # false in general
    invented = Fact(goal, False, "invented")
    assert not Certificate(goal, (), (CertificateTerm(Fraction(1), "inequality", invented),)).check()
    # A true hypothesis used with the wrong sign, or called an equality.
    hypotheses = parse_constraints("I(X;Y) <= I(X;Z)")
    (fact,) = hypotheses[0].facts()
    assert Certificate(goal, hypotheses, (CertificateTerm(Fraction(1), "inequality", fact),)).check()
    assert not Certificate(-goal, hypotheses, (CertificateTerm(Fraction(-1), "inequality", fact),)).check()
    assert not Certificate(-goal, hypotheses, (CertificateTerm(Fraction(-1), "equality", fact),)).check()
    # log|X| alone is not a Shannon measure, and a total correlation is not accepted as one.
    assert not Certificate(
        parse("log|X|"), (), (CertificateTerm(Fraction(1), "shannon", Measure("log", (("X",),))),)
    ).check()
    # A float is not an exact coefficient, even when its value is right.
    term = CertificateTerm(1.0, "shannon", mutual_information("X", "Y"))  # type: ignore[arg-type]  # wrong on purpose
    assert not Certificate(I("X;Y"), (), (term,)).check()


def test_certificates_of_the_tabulated_cases() -> None:
    # Not unique in general; these are the only ones, or the ones with the least sum of coefficients.
    (one,) = proved(PROVED[1]).certificates
    assert [(t.coefficient, str(t.term)) for t in one.terms] == [(1, "I(X;Y)")]
    (three,) = proved(PROVED[3]).certificates
    assert three.as_json() == [
        {"coefficient": "1", "term": "I(X;Y|Z)", "kind": "shannon"},
        {"coefficient": "-1", "term": "I(X;Z|Y)", "kind": "equality", "origin": "X -> Y -> Z"},
    ]
    assert str(three) == ("I(X;Y) - I(X;Z)\n  = I(X;Y|Z) [>= 0]\n  - I(X;Z|Y) [= 0, from X -> Y -> Z]\n  >= 0")
    assert all(not c.terms for c in proved(PROVED[7]).certificates)
    (eight,) = proved(PROVED[8]).certificates
    assert {t["term"] for t in eight.as_json()} == {"H(F|H,W)", "I(F;W)", "log|F| - H(F)"}


def test_a_proof_belongs_to_its_query() -> None:
    answer = proved(PROVED[9])
    assert not Proved(parse_query(PROVED[12]), answer.certificates).check()
    assert not Proved(answer.query, answer.certificates[:1]).check()


NAMES = ("A", "B", "C", "D")
subsets = st.sets(st.sampled_from(NAMES), min_size=1).map(lambda s: tuple(sorted(s)))
conditions = st.sets(st.sampled_from(NAMES)).map(lambda s: tuple(sorted(s)))
measures = st.one_of(
    st.builds(entropy, subsets, conditions), st.builds(mutual_information, subsets, subsets, conditions)
)
weights = st.fractions(min_value=0, max_value=5, max_denominator=7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(measures, weights), min_size=1, max_size=6))
def test_random_shannon_combinations_are_proved(combination: list[tuple[Measure, Fraction]]) -> None:
    goal = LinearEntropy.of(combination).joint()
    answer = prove(Query(LinearEntropy(), "<=", goal))
    assert isinstance(answer, Proved)
    assert answer.check()


expressions = st.lists(st.tuples(measures, st.integers(-3, 3)), min_size=1, max_size=4).map(LinearEntropy.of)
hypotheses = st.sampled_from(["", "A -> B -> C", "A _||_ B", "D = f(A,B)", "B = f(A), C = g(B)", "H(A) = H(B)"])


@settings(max_examples=60, deadline=None)
@given(expressions, hypotheses, st.permutations(NAMES))
def test_renaming_variables_changes_nothing(expression: LinearEntropy, constraint: str, image: list[str]) -> None:
    names = dict(zip(NAMES, image, strict=True))
    renamed = "".join(names.get(letter, letter) for letter in constraint.replace("H(", "\0("))
    first = prove(Query(LinearEntropy(), "<=", expression), constraint)
    second = prove(Query(LinearEntropy(), "<=", expression.rename(names)), renamed.replace("\0(", "H("))
    assert type(first) is type(second)
    assert not isinstance(first, Undecided) and not isinstance(second, Undecided)
    assert first.check() and second.check()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=4, max_size=4),
    expressions,
    hypotheses,
)
def test_what_is_proved_holds_for_ranks(vectors: list[list[int]], expression: LinearEntropy, constraint: str) -> None:
    """Variables as random functionals on GF(2)^3: ranks are entropies in bits, so proved statements hold on them."""

    def rank(names: frozenset[str]) -> int:
        pivots: list[int] = []
        for value in (int("".join(map(str, vectors[NAMES.index(name)])), 2) for name in names):
            for pivot in pivots:
                value = min(value, value ^ pivot)
            if value:
                pivots.append(value)
        return len(pivots)

    def on_ranks(form: LinearEntropy) -> Fraction:
        return sum((c * rank(s) for s, c in form.terms if isinstance(s, frozenset)), Fraction(0))

    query = Query(LinearEntropy(), "<=", expression, parse_constraints(constraint))
    met = all(on_ranks(fact.expression) == 0 for c in query.constraints for fact in c.facts())
    answer = prove(query)
    assert not isinstance(answer, Undecided)
    assert answer.check()
    if met and isinstance(answer, Proved):
        assert on_ranks(expression) >= 0


def test_no_shannon_proof_of_the_negated_elementals() -> None:
    for measure in elemental_measures(("X", "Y", "Z")):
        answer = prove(Query(LinearEntropy(), ">=", LinearEntropy.of([(measure, 1)])))
        assert isinstance(answer, NotShannon) and answer.check()


def test_elemental_counts() -> None:
    assert [elemental_count(n) for n in range(1, 9)] == [1, 3, 9, 28, 85, 246, 679, 1800]
    for n in range(1, 6):
        assert len(set(elemental_measures("ABCDE"[:n]))) == elemental_count(n)


def test_every_basic_measure_is_a_sum_of_elementals() -> None:
    for size in range(1, 5):
        for group in combinations(NAMES, size):
            assert isinstance(prove(Query(LinearEntropy(), "<=", LinearEntropy.of([(entropy(group), 1)]))), Proved)


SMALL = [*OTHERS_PROVED[:4], *(t for n, t in (PROVED | NOT_SHANNON).items() if n not in (5, 6, 11, 23))]


@pytest.mark.parametrize("text", SMALL)
def test_the_exact_simplex_alone_agrees(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = prove(text)
    monkeypatch.setattr(rational_programs, "_small", lambda *_: None)
    monkeypatch.setattr(rational_programs, "_float_combination", lambda *_: None)
    monkeypatch.setattr(rational_programs, "_float_separation", lambda *_: None)
    exact = prove(text)
    assert type(exact) is type(usual)
    assert isinstance(exact, (Proved, NotShannon)) and exact.check()


def test_without_an_exact_answer_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> rational_programs.Combination:
        raise rational_programs.ExactnessError("no exact answer within 3 pivots")

    monkeypatch.setattr(program, "nonnegative_combination", stopped)
    answer = prove("2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)")
    assert isinstance(answer, Undecided)
    assert answer.reason == "no exact answer within 3 pivots"


def test_too_many_variables_says_how_many_inequalities() -> None:
    with pytest.raises(TooManyVariables, match=r"4 variables \(A, B, C, D\) need 28 elemental inequalities"):
        prove("H(A,B,C,D) >= H(A)", max_variables=3)


def test_forced_constants_are_named() -> None:
    assert forced_constants(parse_query("H(X) >= 0 given X _||_ X, Y = f(X)")) == ("X", "Y")
    assert forced_constants(parse_query("I(X;Y) >= 0 given X -> Y -> Z")) == ()
    assert forced_constants(parse_query("H(X) >= 0 given 2*H(X) <= H(X,Y) - H(Y)")) == ("X",)


def test_given_argument_adds_to_the_query() -> None:
    assert isinstance(prove("I(X;Z) <= I(X;Y)"), NotShannon)
    assert isinstance(prove("I(X;Z) <= I(X;Y)", given="X -> Y -> Z"), Proved)
    assert isinstance(prove(parse_query("H(X) = 0 given X = f(Y)"), given="H(Y) = 0"), Proved)
    with pytest.raises(GrammarError):
        prove("I(X;Z) <= I(X;Y)", given="X -> Y")


@given(measures, measures)
def test_joined_measures_have_the_sum(first: Measure, second: Measure) -> None:
    both = joined(first, second)
    if both is not None:
        assert LinearEntropy.of([(both, 1)]) == LinearEntropy.of([(first, 1), (second, 1)])


def test_shorten_joins_a_chain() -> None:
    chain = {mutual_information("A", "B"): Fraction(2), mutual_information("A", "C", "B"): Fraction(2)}
    assert shorten(chain) == {mutual_information("A", "BC"): Fraction(2)}
    three = {entropy("A", "BC"): Fraction(1), mutual_information("A", "B", "C"): Fraction(1)}
    assert shorten(three) == {entropy("A", "C"): Fraction(1)}
    assert H("A|C") == LinearEntropy.of([(m, c) for m, c in three.items()])
