"""Softmax floors, norms of logits and the printed log-ratio: proofs, numbers, verdicts, weakened constants."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from theory.markov import softmax_floor as floors
from theory.registry import registry
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.falsify import falsify
from verify.markov import softmax as measured
from verify.measure import measure_claim
from verify.measurement import context
from verify.verdict import as_expected

NAMES = ("softmax_floor_as_stated", "softmax_floor", "softmax_floor_range", "logit_norms", "log_ratio_as_stated")


@pytest.mark.parametrize("name", NAMES)
def test_the_derivation_is_proved(name: str) -> None:
    report = registry().claim(f"markov/{name}").check()
    assert report.grade is Grade.PROVED, report.message


@pytest.mark.parametrize("name", NAMES)
def test_the_measured_verdict_is_the_expected_one(name: str) -> None:
    claim, measurement = registry().claim(f"markov/{name}"), getattr(measured, name)
    (record,) = measure_claim(claim, measurement=measurement)
    assert as_expected(record.verdict, claim.expected), record.message
    if name in ("softmax_floor", "softmax_floor_range", "logit_norms"):
        assert record.verdict is Verdict.TIGHT, record.message


def test_floors_at_the_numbers_of_the_specification() -> None:
    sharp = enclosure(floors.softmax_floor.statement.bound, {"m": 5, "c": 1})
    printed = enclosure(floors.softmax_floor_as_stated.statement.bound, {"m": 5, "c": 1})
    sup_norm = enclosure(floors.softmax_floor_range.statements[1].bound, {"m": 5, "b": 1})
    assert sharp.value == pytest.approx(0.0842238084008974, rel=1e-14)
    assert printed.value == pytest.approx(0.027067056647, rel=1e-11)
    assert sup_norm.value == pytest.approx(0.0327265563653860, rel=1e-14)


def test_the_sharp_floor_is_attained_at_its_extreme_point() -> None:
    x = np.array([-1.0, 0.0, 0.0, 0.0, 0.0])
    smallest = math.exp(measured.log_softmax(x)[0])
    assert smallest == pytest.approx(0.0842238084008974, rel=1e-14)


def test_range_of_the_log_loss_is_the_range_of_the_logits() -> None:
    x = np.array([0.5, -2.0, 1.25])
    instances = list(measured.softmax_floor_range(x, context(0, "test")))
    assert instances[2].quantity.value == pytest.approx(3.25, abs=1e-14)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("softmax_floor", 0),
        ("softmax_floor_range", "range"),
        ("softmax_floor_range", "sup norm"),
        ("logit_norms", "l1"),
        ("logit_norms", "sup norm"),
        ("logit_norms", "range"),
        ("logit_norms", "range by rows"),
    ],
)
def test_a_constant_weakened_by_a_tenth_is_caught(name: str, statement: int | str) -> None:
    claim = registry().claim(f"markov/{name}")
    chosen = claim.statements[statement] if isinstance(statement, int) else claim.at(statement)
    sign, bound = (chosen.sign, chosen.bound) if isinstance(statement, int) else _sides(chosen.conclusion)
    wrong = bound * sp.Rational(11, 10) if sign == ">=" else bound * sp.Rational(9, 10)
    report = falsify(
        claim, statement=statement, bound=wrong, examples=150, measurement=getattr(measured, name), shrink=False
    )
    assert report.found


def _sides(relation: sp.Rel) -> tuple[str, sp.Expr]:
    return relation.rel_op, relation.rhs
