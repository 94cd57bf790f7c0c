"""Witnesses along the graph of the constraints: exact, and only for statements that are false."""

from __future__ import annotations

import pytest

from theory.information import parse_query
from theory.information.dag_witness import dag_witness

FALSE = [
    "I(A;C) >= I(A;B) given A -> B -> C",
    "H(C) <= 1/2*H(A,B) given C = f(A,B), A _||_ B",
    "I(A;B) <= 1/2*I(A;B|C)",
]
TRUE = ["I(A;C) <= I(A;B) given A -> B -> C", "H(C) <= H(A,B) given C = f(A,B)", "I(A;B) >= 0"]


@pytest.mark.parametrize("text", FALSE)
def test_false_statements_are_violated_exactly(text: str) -> None:
    query = parse_query(text)
    (goal,) = query.goals()
    law = dag_witness(goal, query.constraints, query.variables())
    assert law is not None
    assert law.refutes(goal, query.constraints)
    again = dag_witness(goal, query.constraints, query.variables())
    assert again == law  # deterministic


@pytest.mark.parametrize("text", TRUE)
def test_true_statements_have_no_witness(text: str) -> None:
    query = parse_query(text)
    assert dag_witness(query.goals()[0], query.constraints, query.variables()) is None


def test_constraints_in_a_circle_are_left_alone() -> None:
    query = parse_query("H(A) <= 1/2*H(B) given A = f(B), B = g(A)")
    assert dag_witness(query.goals()[0], query.constraints, query.variables()) is None
