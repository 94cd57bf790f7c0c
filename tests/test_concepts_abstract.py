"""The abstract's statements: what the falsifier finds, and what it does not find."""

from __future__ import annotations

from fractions import Fraction

import pytest

from theory.concepts.abstract import (
    abstract_any_length_as_stated,
    abstract_data_model_as_stated,
    abstract_exponential_as_stated,
    abstract_ood_as_stated,
)
from theory.verdict import Grade, Verdict
from verify.concepts import abstract as measured
from verify.falsify import falsify
from verify.measure import measure_claim

AS_STATED = (
    abstract_data_model_as_stated,
    abstract_exponential_as_stated,
    abstract_ood_as_stated,
    abstract_any_length_as_stated,
)


@pytest.mark.parametrize("claim", AS_STATED, ids=lambda claim: claim.name)
def test_the_source_is_the_abstract_and_to_be_rechecked(claim):
    assert claim.source.key == "bu2024" and claim.source.recheck and "2411.02199" in claim.source.locator


@pytest.mark.parametrize("claim", AS_STATED, ids=lambda claim: claim.name)
def test_measured_verdict_is_the_expected_one(claim):
    (record,) = measure_claim(claim, [], 0)
    assert record.verdict is claim.expected
    assert record.snippet or claim is abstract_data_model_as_stated  # a counterexample that can be run again


def test_the_reading_of_the_data_model_is_proved():
    assert abstract_data_model_as_stated.check().grade is Grade.PROVED
    assert abstract_data_model_as_stated.expected is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "label",
    [
        "combined concepts of words",
        "combined differences of labels",
        "combined concepts of labels",
        "length",
        "fresh dictionary",
    ],
)
def test_each_unqualified_reading_has_a_witness(label):
    found = falsify(abstract_ood_as_stated, statement=label, examples=400, measurement=measured.abstract_ood_as_stated)
    assert found.found
    task = found.thing
    assert task.kind == label
    if label == "length":
        assert task.others > task.matches
    if label == "combined differences of labels":
        assert min(task.vector[:2]) < 0 or not any(task.vector[:2])
    if label == "combined concepts of labels":
        assert min(task.vector[:2]) < 0
    if label == "combined concepts of words":
        assert any(task.vector[2:])  # a* has a part along the b_k


def test_combined_differences_of_words_have_none():
    found = falsify(
        abstract_ood_as_stated,
        statement="combined differences of words",
        examples=100,
        measurement=measured.abstract_ood_as_stated,
    )
    assert not found.found and found.instances > 5


def test_balanced_training_converges_and_independent_labels_keep_their_floor():
    assert measured.course("balanced", 4)[1:] == (0,) * measured.LONGEST
    for length in (1, 2, 4):
        assert min(measured.course("iid", length)) >= Fraction(1, 2**length)
    report = falsify(
        abstract_exponential_as_stated,
        statement="balanced labels",
        examples=40,
        measurement=measured.abstract_exponential_as_stated,
    )
    assert not report.found and report.instances > 5


def test_one_demonstration_gives_the_attention_no_gradient():
    report = falsify(
        abstract_any_length_as_stated,
        statement="attention learns",
        examples=60,
        measurement=measured.abstract_any_length_as_stated,
    )
    assert report.found and report.thing.length == 1
    assert report.counterexample is not None and report.counterexample.quantity.upper == 0
