"""Counting states and transitions: derivations, the specification's numbers, verdicts, and altered claims."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from numerics.chains.generators import random_chain
from numerics.chains.index import n_states, state_successor_table
from numerics.chains.operator import csr_full
from theory.claim import Claim, Statement
from theory.markov.parameters import K, T
from theory.markov.states import (
    printed_incompatibility,
    sparsity,
    state_count,
    transition_rule,
)
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.falsify import falsify
from verify.markov import states as measured
from verify.measure import measure_claim
from verify.measurement import Measurement
from verify.strategies import window_chains
from verify.subject import ChainSubject
from verify.verdict import as_expected

MEASURED: list[tuple[Claim, Measurement]] = [
    (state_count, measured.state_count),
    (printed_incompatibility, measured.printed_incompatibility),
    (transition_rule, measured.transition_rule),
    (sparsity, measured.sparsity),
]


def subjects() -> list[ChainSubject]:
    return [ChainSubject(f"random {T}, {K}", random_chain(T, K, seed=1)) for T, K in ((2, 1), (2, 3), (3, 2))]


@pytest.mark.parametrize(
    ("claim", "grade"),
    [
        (state_count, Grade.PROVED),
        (transition_rule, Grade.GAP),  # sums over states by the tokens that lead there
        (sparsity, Grade.GAP),  # the same count, row by row
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_derivations_are_accepted_with_their_grade(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message


@pytest.mark.parametrize(("claim", "measurement"), MEASURED, ids=lambda x: getattr(x, "name", ""))
def test_verdicts_are_the_expected_ones(claim: Claim, measurement: Measurement) -> None:
    records = measure_claim(claim, subjects(), measurement=measurement)
    assert records
    for record in records:
        assert record.instances > 0
        assert as_expected(record.verdict, claim.expected), (record.model, record.message)


@pytest.mark.parametrize(("size", "count"), [((2, 3), 14), ((2, 1), 2), ((3, 2), 12), ((4, 3), 84)])
def test_number_of_states(size: tuple[int, int], count: int) -> None:
    assert n_states(*size) == count
    bound = enclosure(state_count.statement.bound, {"T": size[0], "K": size[1]})
    assert bound.lower <= count <= bound.upper
    assert bound.width < 1e-20


@pytest.mark.parametrize(
    ("size", "pairs", "transitions", "rejected"), [((2, 3), 80, 28, 4), ((2, 2), 24, 12, 0), ((2, 1), 4, 4, 0)]
)
def test_printed_rule_counts(size: tuple[int, int], pairs: int, transitions: int, rejected: int) -> None:
    assert measured.printed_counts(*size) == (pairs, rejected)
    assert size[0] * n_states(*size) == transitions


@pytest.mark.parametrize("size", [(2, 1), (2, 2), (2, 3), (2, 4), (3, 2), (3, 3), (4, 2), (5, 2)])
def test_printed_rule_counts_in_closed_form(size: tuple[int, int]) -> None:
    T, K = size
    pairs = sum(
        T**length * sum(T ** (j - length + 1) for j in range(max(1, length - 1), K + 1)) for length in range(1, K + 1)
    )
    rejected = sum(T ** (length + 1) for length in range(1, K)) - (K - 1) * T**2
    assert measured.printed_counts(T, K) == (pairs, rejected)


def test_the_search_finds_the_smallest_counterexample_to_the_printed_rule() -> None:
    report = falsify(printed_incompatibility, measurement=measured.printed_incompatibility, examples=200)
    assert report.found
    assert report.thing == (2, 2)
    lost = falsify(
        printed_incompatibility,
        statement="true transitions rejected",
        measurement=measured.printed_incompatibility,
        examples=200,
    )
    assert lost.found
    assert lost.thing == (2, 3)


def test_share_of_nonzeros() -> None:
    chain = random_chain(2, 3, seed=0)
    nonzeros = csr_full(chain).nnz
    assert nonzeros == 28
    assert Fraction(int(nonzeros), 14**2) == Fraction(1, 7)
    # T = 50257, K = 2048: T^(K+1) transitions out of full contexts.
    assert 2049 * math.log10(50257) == pytest.approx(9632.75, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(window_chains(max_states=32))
def test_numbering_of_successors_is_that_of_strings(chain: object) -> None:
    size = (chain.T, chain.K)  # type: ignore[attr-defined]  # the strategy yields window chains
    table = state_successor_table(*size)
    assert np.array_equal(table, measured.index_by_tokens(*size))
    assert all(len(set(row)) == size[0] for row in table.tolist())  # x -> u x is injective


@pytest.mark.parametrize(
    ("claim", "measurement", "label"),
    [
        (state_count, measured.state_count, ""),
        (sparsity, measured.sparsity, "proportion"),
        (sparsity, measured.sparsity, "non-zeros"),
        (transition_rule, measured.transition_rule, "row sum"),
        (transition_rule, measured.transition_rule, "non-zeros"),
    ],
)
def test_a_statement_that_is_a_tenth_off_is_refuted(claim: Claim, measurement: Measurement, label: str) -> None:
    def altered(statement: Statement) -> Statement:
        return replace(statement, bound=statement.bound * 9 / 10) if statement.label == label else statement

    wrong = replace(claim, statements=tuple(map(altered, claim.statements)))
    records = measure_claim(wrong, subjects(), measurement=measurement)
    assert [r.verdict for r in records] == [Verdict.REFUTED] * len(records)


def test_a_derivation_of_another_count_is_refused() -> None:
    wrong = replace(state_count.statement, bound=T.symbol * (T.symbol**K.symbol - 1) / T.symbol)
    assert replace(state_count, statements=(wrong,)).check().grade is Grade.REFUSED
