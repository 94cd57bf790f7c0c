"""Norms of mixing matrices, and the mixing matrices of windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.chains.generators import noisy_lfsr, random_chain
from numerics.chains.mixing_matrix import band_norm, toeplitz_norm, triangle_norm
from theory.claim import Claim
from theory.markov.mixing_matrix import geometric_sum, mixing_matrix_norms
from theory.markov.mixing_matrix_hoc import beyond_window, covered, mixing_matrix_hoc
from theory.markov.window_mixing import gamma_iid_as_stated, window_mixing_floor
from theory.verdict import Grade, Verdict
from verify.markov import mixing_matrix as norms
from verify.markov import mixing_matrix_hoc as ceilings
from verify.markov import window_mixing as floors
from verify.measure import measure_claim
from verify.subject import ChainSubject
from verify.verdict import as_expected


def weakened(claim: Claim, label: str, factor: sp.Expr) -> Claim:
    """The claim with the bound of one statement multiplied by a factor."""
    statements = tuple(replace(s, bound=s.bound * factor) if s.label == label else s for s in claim.statements)
    return replace(claim, statements=statements)


@pytest.mark.parametrize("claim", [mixing_matrix_norms, window_mixing_floor, mixing_matrix_hoc], ids=lambda c: c.name)
def test_derivation_is_accepted_with_textbook_steps_cited(claim: Claim) -> None:
    report = claim.check()
    resting = {step.name for step in report.steps if step.grade is Grade.GAP}
    coupling = {"agreement", "house of cards, time by time", "house of cards"}  # own coupling, not formalised
    assert resting == (coupling if claim is mixing_matrix_hoc else set())
    assert report.grade is (Grade.GAP if resting else Grade.CITED), report.message


@pytest.mark.parametrize("lemma", [beyond_window, covered, geometric_sum], ids=lambda c: c.id)
def test_combinatorial_and_algebraic_lemmas_are_proved(lemma: object) -> None:
    assert lemma.backing.check().grade is Grade.PROVED  # type: ignore[attr-defined]  # both are lemmas


def test_a_wrong_count_of_shared_entries_is_refused() -> None:
    assert weakened(window_mixing_floor, "floor", sp.Rational(11, 10)).check().grade is Grade.REFUSED


@pytest.mark.parametrize(
    ("claim", "measurement"),
    [(mixing_matrix_norms, norms.mixing_matrix_norms), (window_mixing_floor, floors.window_mixing_floor)],
    ids=lambda x: getattr(x, "name", ""),
)
def test_measured_verdict_is_tight(claim: Claim, measurement: object) -> None:
    small = replace(measurement, examples=(8, 8))  # type: ignore[type-var]  # every entry is a Measurement
    assert measure_claim(claim, measurement=small)[0].verdict is Verdict.TIGHT


def test_norm_one_for_independent_windows_is_refuted_by_a_search() -> None:
    record = measure_claim(gamma_iid_as_stated, measurement=floors.gamma_iid_as_stated)[0]
    assert record.verdict is Verdict.REFUTED and record.snippet


@pytest.mark.parametrize(
    ("claim", "measurement", "label", "factor"),
    [
        (mixing_matrix_norms, norms.mixing_matrix_norms, "contracting chain", sp.Rational(9, 10)),
        (mixing_matrix_norms, norms.mixing_matrix_norms, "triangle", sp.Rational(9, 10)),
        (window_mixing_floor, floors.window_mixing_floor, "floor", sp.Rational(11, 10)),
        (window_mixing_floor, floors.window_mixing_floor, "entries", sp.Rational(11, 10)),
        (window_mixing_floor, floors.window_mixing_floor, "independent tokens", sp.Rational(9, 10)),
    ],
)
def test_weakened_constants_are_caught(claim: Claim, measurement: object, label: str, factor: sp.Expr) -> None:
    small = replace(measurement, examples=(1, 1))  # type: ignore[type-var]  # every entry is a Measurement
    assert measure_claim(weakened(claim, label, factor), measurement=small)[0].verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "subject",
    [
        ChainSubject("random@3", random_chain(2, 3, 0)),
        ChainSubject("register", noisy_lfsr((1, 1, 1), 0.1)),
        ChainSubject("first order", random_chain(3, 1, 1)),
    ],
    ids=lambda s: s.name,
)
def test_ceilings_hold_on_chains(subject: ChainSubject) -> None:
    record = measure_claim(mixing_matrix_hoc, [subject], measurement=ceilings.mixing_matrix_hoc)[0]
    assert as_expected(record.verdict, Verdict.HOLDS), record.message


def test_oracles() -> None:
    assert triangle_norm(100) == pytest.approx(63.9809383698404, rel=1e-13)
    assert toeplitz_norm(np.ones(100), 100) == pytest.approx(63.9809383698404, rel=1e-12)
    assert band_norm(50, 3) == pytest.approx(2.99611935756661, rel=1e-12)
    assert band_norm(400, 20) == pytest.approx(19.9794554595935, rel=1e-11)


def test_geometric_ceiling_is_the_limit_for_long_sequences() -> None:
    curve = 0.5 ** np.arange(60)
    found = [toeplitz_norm(curve, N) for N in (64, 1024)]
    assert found[0] < found[1] < 2.0 and found[1] == pytest.approx(2.0, rel=2e-5)
