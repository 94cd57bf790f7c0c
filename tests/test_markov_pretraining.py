"""Pre-training bounds (2.F): the specification's numbers, verdicts on small sources, weakened constants are caught."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.chains.generators import noisy_lfsr, random_chain
from theory.checking.kernel import check_claim, check_lemma
from theory.claim import Claim
from theory.markov.pretraining import pretraining_gap, pretraining_gap_as_stated, tv_difference_norm
from theory.markov.pretraining_class import (
    pretraining_gap_trained_as_stated,
    pretraining_gap_uniform,
)
from theory.markov.pretraining_depth import (
    Lambda,
    Lambda_tokens,
    pretraining_gap_depth,
    pretraining_gap_depth_as_stated,
    product_norm,
)
from theory.markov.pretraining_kl import pretraining_gap_kl, pretraining_gap_kl_as_stated
from theory.markov.pretraining_memory import block_difference_norm, pretraining_gap_memory
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure
from verify.falsify import falsify, with_bound
from verify.markov.pretraining_depth import transformers
from verify.markov.pretraining_sources import count, source_of
from verify.measure import measure_claim, measurement_of
from verify.measurement import context
from verify.space import draw
from verify.statistics import binomial_interval
from verify.subject import ChainSubject
from verify.verdict import as_expected, judge

SOURCES = (
    ChainSubject("noisy register", noisy_lfsr([1, 1, 1], 0.3)),
    ChainSubject("random", random_chain(3, 2, seed=0)),
)
OVER_CHAINS = (
    pretraining_gap_as_stated,
    pretraining_gap,
    pretraining_gap_uniform,
    pretraining_gap_memory,
    pretraining_gap_kl_as_stated,
    pretraining_gap_kl,
)
PRINTED = {"T": 2, "B_U": 2, "tau": 1, "c_0": 0.1, "Gamma": 1, "delta": 0.05, "N": 1000}


def value(expression: sp.Expr, **values: float) -> float:
    return float(enclosure(expression, values).value)


@pytest.mark.parametrize("lemma", [tv_difference_norm, product_norm, block_difference_norm], ids=lambda lemma: lemma.id)
def test_own_lemmas_are_proved(lemma: object) -> None:
    assert check_lemma(lemma).grade is Grade.PROVED  # type: ignore[arg-type]  # parametrized over Lemma


@pytest.mark.parametrize(
    "claim",
    [pretraining_gap, pretraining_gap_uniform, pretraining_gap_memory],
    ids=lambda c: c.id,
)
def test_derivations_rest_on_cited_theorems_only(claim: Claim) -> None:
    report = check_claim(claim)
    assert report.grade is Grade.CITED, report.message
    assert all(step.grade >= Grade.CITED for step in report.steps)


def test_parts_of_a_layer_are_shown_as_gaps() -> None:
    report = check_claim(pretraining_gap_depth)
    assert report.grade is Grade.GAP, report.message


def test_too_small_constants_are_refused() -> None:
    half = replace(
        tv_difference_norm, id="markov/tv_difference_norm_weak", conclusion=replace_bound(tv_difference_norm.conclusion)
    )
    assert check_lemma(half).grade is Grade.REFUSED


def replace_bound(relation: sp.Basic) -> sp.Basic:
    return sp.Le(relation.lhs, sp.Rational(9, 10) * relation.rhs, evaluate=False)


def test_printed_constants() -> None:
    scale = math.sqrt(math.log(2 / 0.05) / 1000)
    assert value(pretraining_gap_as_stated.statement.bound, **PRINTED) / scale == pytest.approx(
        4.33273455478636, rel=1e-12
    )
    kl = value(pretraining_gap_kl_as_stated.statement.bound, **PRINTED) / scale
    assert kl == pytest.approx(6.63711239296093, rel=1e-12)


def test_depth_constants() -> None:
    sizes = {"L": 4, "r": 16, "m": 64, "H": 4, "B_V": 0.02, "B_O": 0.02, "B_1": 0.02, "B_2": 0.02, "B_tok": 1, "B_U": 5}
    assert value(Lambda, **sizes) == pytest.approx(77.9358242520349, rel=1e-12)
    assert value(Lambda_tokens, **sizes) == pytest.approx(29.1548215039605, rel=1e-12)


def test_long_contexts() -> None:
    """K = 8192, N = 1.5e13, independent tokens: l1 errors from blocks of K-1 tokens, and from |Gamma| = K."""
    N, K = 15 * 10**12, 8192
    blocks = pretraining_gap_memory.statement.bound
    found = 2 * value(blocks, N=N, K=K, block=K - 1, w0=1, W=K - 1, Gamma_block=1, delta=0.05)
    assert found == pytest.approx(1.14398e-4, rel=1e-5)
    windows = 2 * value(pretraining_gap.statement.bound, N=N, Gamma=K, delta=0.05)
    assert windows == pytest.approx(5.17739e-3, rel=1e-5)


@pytest.mark.parametrize("claim", OVER_CHAINS, ids=lambda c: c.id)
def test_verdicts_on_small_sources(claim: Claim) -> None:
    for record in measure_claim(claim, SOURCES, seed=1):
        assert as_expected(record.verdict, record.expected), (record.message, claim.id)
        assert record.verdict in (claim.expected, Verdict.TIGHT)


def test_a_memoriser_is_found() -> None:
    records = measure_claim(pretraining_gap_trained_as_stated, (), seed=0, search=200)
    assert [r.verdict for r in records] == [Verdict.REFUTED]


def test_depth_bounds_hold_and_a_tenth_less_is_caught() -> None:
    for claim in (pretraining_gap_depth, pretraining_gap_depth_as_stated):
        assert all(as_expected(r.verdict, r.expected) for r in measure_claim(claim, (), seed=0))
    smaller = with_bound(
        pretraining_gap_depth, "columns", pretraining_gap_depth.statements[1].bound * sp.Rational(9, 10)
    )
    measurement = measurement_of(pretraining_gap_depth)
    things = draw(transformers, pretraining_gap_depth, 100, 0)
    cases = [
        case for thing in things for case in measurement(thing, context(0, "columns")) if case.statement == "columns"
    ]
    assert judge(smaller, cases).verdict is Verdict.REFUTED


def test_a_bound_without_mixing_fails_on_windows() -> None:
    """|Gamma| = 1 in place of its value: on a slowly mixing source the frequency of failure exceeds delta."""
    source = source_of(ChainSubject("sticky", noisy_lfsr([1], 0.01)))
    N, delta = 200, 0.05
    loss = np.array([[0.0], [1.0]])  # the model is right after 0 and wrong after 1
    gaps = source.gaps(loss, N, np.random.default_rng(0))[:, 0]
    unmixed = math.sqrt(math.log(1 / delta) / (2 * N))
    assert binomial_interval(count(gaps)(unmixed), gaps.size)[0] > delta
    assert binomial_interval(count(gaps)(source.mixing_norm(N) * unmixed), gaps.size)[1] <= delta


def test_search_stays_within_the_printed_memoriser_family() -> None:
    found = falsify(pretraining_gap_trained_as_stated, examples=200, seed=3)
    assert found.found
    assert found.counterexample is not None
