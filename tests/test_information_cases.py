"""The worked cases of the specification, section 3.8: answers, certificates, witnesses; and certificates made wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest

from theory.information import Distribution, decide, parse, parse_constraints, parse_query
from theory.information.checker import accepts, defects
from theory.information.distribution import ball, sign

CASES: dict[int, tuple[str, str]] = {
    1: ("H(X,Y) <= H(X) + H(Y)", "proved"),
    2: ("H(X|Y,Z) <= H(X|Y)", "proved"),
    3: ("I(X;Z) <= I(X;Y) given X -> Y -> Z", "proved"),
    4: ("I(X;Y|Z) <= I(X;Y) given X -> Y -> Z", "proved"),
    5: ("I(S;W) <= I(S;H) given S -> X -> E -> H -> W", "proved"),
    6: ("I(A;E) <= I(B;D) given A -> B -> C -> D -> E", "proved"),
    7: ("I(H;W,F) = I(H;W) + I(H;F|W)", "proved"),
    8: ("I(H;F|W) <= log|F|", "proved"),
    9: ("I(X;F|W) = I(H;F|W) + I(X;F|H,W) given H = f(X)", "proved"),
    10: ("I(H;A,B,C|W) = I(H;A|W) + I(H;B|W,A) + I(H;C|W,A,B)", "proved"),
    11: ("H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A;B|H) + I(A,B;W|H) given H = f(X)", "proved"),
    12: ("H(W|H) = H(W|X) + I(X;W|H) given H = f(X)", "proved"),
    13: ("I(B;Y,Z) <= I(B;Y) + I(B;Z) given Y _||_ Z | B", "proved"),
    14: ("I(X,Y;Z) >= I(X;Z) + I(Y;Z) given X _||_ Y", "proved"),
    15: ("2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)", "proved"),
    16: ("H(M) <= H(K) given M _||_ C, M = f(C,K)", "proved"),
    17: ("I(X;Y) <= I(X;Y|Z) given X _||_ Z", "proved"),
    18: ("I(X;Y|Z) <= I(X;Y)", "refuted"),
    19: ("I(X;Y) <= I(X;Y|Z)", "refuted"),
    20: ("I(H;F|W) <= I(H;F)", "refuted"),
    21: ("I(X;F|H,W) = 0 given X -> H -> W", "refuted"),
    22: ("TC(X;Y;Z) = 0 given X _||_ Y, Y _||_ Z, X _||_ Z", "refuted"),
    23: ("H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A,B;W|H) given H = f(X)", "refuted"),
    24: ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", "refuted"),
    25: ("2*I(C;D) <= I(A;B) + I(A;C,D) + 3*I(C;D|A) + I(C;D|B)", "undecided"),
}
ZHANG_YEUNG = CASES[25][0]
PROVED = [text for text, verdict in CASES.values() if verdict == "proved"]
REFUTED = [text for text, verdict in CASES.values() if verdict == "refuted"]


@lru_cache(maxsize=64)
def document(text: str, copies: int = 0) -> dict[str, Any]:
    """What `boundlab prove --json` prints, read back."""
    answer = decide(text, copies=copies)
    assert answer.check()
    found: dict[str, Any] = json.loads(json.dumps(answer.as_json()))
    return found


@pytest.mark.parametrize(("text", "verdict"), CASES.values(), ids=map(str, CASES))
def test_cases_of_the_specification(text: str, verdict: str) -> None:
    found = document(text)
    assert found["answer"] == verdict
    assert found["forced_constants"] == []
    assert (found["certificate"] is None) == (verdict != "proved")
    if verdict == "undecided":
        assert found["witness"]["distribution"] is None
        assert found["witness"]["cone"]["A,B,C,D"] > 0
        assert found["reason"] == "not provable by Shannon inequalities; no violating distribution found"
        assert not accepts(found)
    else:
        assert defects(found) == ()


def test_zhang_yeung_is_proved_with_one_copy() -> None:
    found = document(ZHANG_YEUNG, copies=1)
    assert found["answer"] == "proved"
    assert len(found["copies"]) == 1
    assert defects(found) == ()
    without = {**found, "copies": []}
    assert "copy lemma" in defects(without)[0]
    for wrong in ({"copy": "B"}, {"over": ["C"]}, {"of": "C"}, {"copy": "R", "of": "Q"}):
        assert not accepts({**found, "copies": [{**found["copies"][0], **wrong}]})


@pytest.mark.parametrize("text", REFUTED)
def test_witnesses_satisfy_the_constraints_and_violate_the_statement(text: str) -> None:
    witness = document(text)["witness"]
    law = Distribution.from_json(witness["variables"], witness["distribution"], witness["sizes"])
    query = parse_query(text)
    goal = parse(witness["goal"])
    assert goal in query.goals()
    assert law.refutes(goal, query.constraints)
    assert law.gap(goal) == pytest.approx(witness["gap"], abs=1e-14)
    namespace: dict[str, Any] = {}
    exec(compile(witness["code"], "witness", "exec"), namespace)  # the printed code must run
    assert namespace["law"].refutes(namespace["goal"], query.constraints)


def test_oracles_of_the_witnesses() -> None:
    gaps = {k: document(CASES[k][0])["witness"]["gap"] for k in range(18, 25)}
    for k in (18, 19, 20, 21, 22, 23):
        assert gaps[k] == pytest.approx(-0.6931471805599453, abs=1e-12)  # log 2
    assert gaps[24] == pytest.approx(-0.116543, abs=5e-7)
    # Ingleton's inequality has no linear counterexample, and holds for every linear choice of variables.
    assert len({p for _, p in document(CASES[24][0])["witness"]["distribution"]}) > 1


def mutations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every coefficient changed in several ways, every term dropped, doubled, or about other variables."""
    for k, record in enumerate(found["certificate"]):
        value = Fraction(record["coefficient"])
        for wrong in (2 * value, -value, value + Fraction(1, 10**12), Fraction(0), value + 1):
            other = copy.deepcopy(found)
            other["certificate"][k]["coefficient"] = str(wrong)
            yield other
        other = copy.deepcopy(found)
        other["certificate"][k]["coefficient"] = float(value) * (1 + 1e-9)  # inexact
        yield other
        other = copy.deepcopy(found)
        del other["certificate"][k]
        yield other
        other = copy.deepcopy(found)
        other["certificate"].append(record)
        yield other
        for kind in ("shannon", "equality", "inequality", "cardinality", "copy", "axiom"):
            if kind != record["kind"] and not (kind == "shannon" and value > 0 and record["term"][:2] in ("I(", "H(")):
                other = copy.deepcopy(found)
                other["certificate"][k]["kind"] = kind
                yield other
    if found["given"] and any(r["kind"] in ("equality", "inequality") for r in found["certificate"]):
        other = copy.deepcopy(found)
        other["given"] = []
        yield other


@pytest.mark.parametrize("text", [*PROVED, "H(X) <= 1/2*H(Z) given 2*H(X) <= H(Y), H(Y) <= H(Z)"])
def test_corrupted_documents_are_refused(text: str) -> None:
    found = document(text)
    wrong = list(mutations(found))
    assert len(wrong) >= 8 * len(found["certificate"])
    for other in wrong:
        assert not accepts(other), other
    assert not accepts({**found, "query": "H(Q1) <= H(Q2)"})
    assert not accepts({**found, "answer": "undecided"})


@pytest.mark.parametrize("text", REFUTED)
def test_corrupted_witnesses_are_refused(text: str) -> None:
    found = document(text)
    for k in range(len(found["witness"]["distribution"])):
        other = copy.deepcopy(found)
        other["witness"]["distribution"][k][1] = "1/7"
        assert "sum 1" in defects(other)[0]
        other = copy.deepcopy(found)
        del other["witness"]["distribution"][k]
        assert not accepts(other)
    point = copy.deepcopy(found)
    point["witness"]["distribution"] = [[[0] * len(found["witness"]["variables"]), "1"]]
    assert defects(point) == ("the distribution does not violate the query",)


def test_a_witness_that_breaks_a_constraint_is_refused() -> None:
    found = copy.deepcopy(document(CASES[18][0]))  # parity: X, Z are independent, X = Y is false
    assert defects({**found, "given": ["Y = f(X)"]}) == ("the distribution does not satisfy Y = f(X)",)
    assert accepts({**found, "given": ["X _||_ Z", "X _||_ Y", "Z = f(X,Y)", "H(X) = H(Y)", "H(X) <= H(X,Y)"]})
    assert not accepts({**found, "given": ["X -> Z -> Y"]})


@pytest.mark.parametrize(
    "changed",
    [
        {"certificate": [{"coefficient": "1", "term": "TC(X;Y)", "kind": "shannon"}]},
        {"certificate": [{"coefficient": "1", "term": "I(X;Y) + I(X;Y)", "kind": "shannon"}]},
        {"certificate": [{"coefficient": "1", "term": "H(X) + H(Y) - H(X,Y)", "kind": "equality"}]},
        {"certificate": [{"coefficient": "1", "term": "I(X;Y)", "kind": "shannon", "goal": 1}]},
        {"certificate": [{"coefficient": "1", "term": "I(X;Y)", "kind": "shannon", "goal": -1}]},
        {"certificate": [{"coefficient": "1", "term": "I(X;Y", "kind": "shannon"}]},
        {"certificate": [{"coefficient": "1/0", "term": "I(X;Y)", "kind": "shannon"}]},
        {"certificate": None},
        {"given": ["X -> Y"]},
        {"given": ["nonsense"]},
        {"query": "H(X,Y) < H(X)"},
    ],
)
def test_malformed_documents_are_refused(changed: dict[str, Any]) -> None:
    found = document(CASES[1][0])
    assert found["certificate"] == [{"coefficient": "1", "term": "I(X;Y)", "kind": "shannon", "goal": 0}]
    assert not accepts({**found, **changed})
    assert not accepts({})


def test_exact_values_and_signs() -> None:
    law = Distribution.of(("X", "Y"), [((0, 0), Fraction(1, 2)), ((0, 1), Fraction(1, 4)), ((1, 1), Fraction(1, 4))])
    assert law(parse("H(X,Y)")) == {2: Fraction(3, 2)}
    assert law(parse("H(X)")) == {2: Fraction(2), 3: Fraction(-3, 4)}
    assert sign(law(parse("H(X,Y) - H(X) - H(Y|X)"))) == 0
    assert sign(law(parse("I(X;Y)"))) == 1
    assert float(ball(law(parse("I(X;Y)")))) == pytest.approx(0.2157615543388357, abs=1e-12)
    assert sign(law(parse("log|X| - H(X)"))) == 1
    # A difference far below double precision still has a sign: log(2^64 + 1) > log(2^64).
    assert sign({2**64 + 13: Fraction(1), 2: Fraction(-64)}) == 1
    assert law.satisfies(parse_constraints("H(X) = H(Y|X) + H(X) - 1/2*H(X,Y) + 1/4*H(Y) - 1/4*H(Y)")[0]) is False


def test_independence_is_decided_over_all_values() -> None:
    half = Fraction(1, 2)
    equal = Distribution.of(("X", "Y"), [((0, 0), half), ((1, 1), half)])
    assert not equal.independent(("X",), ("Y",))
    assert equal.independent(("X",), ("Y",), given=("X",))
    parity = Distribution.of("XYZ", [((x, y, x ^ y), Fraction(1, 4)) for x in (0, 1) for y in (0, 1)])
    assert parity.independent(("X",), ("Y",)) and not parity.independent(("X",), ("Y",), given=("Z",))
    assert not parity.independent(("X",), ("Y",), ("Z",))
    with pytest.raises(ValueError, match="sum to 1/2"):
        Distribution(("X",), (((0,), half),))
