"""Derivations of the convergence claims: accepted, with their grades, and open to an exchange of lemmas."""

from __future__ import annotations

import pytest

from theory.claim import Claim
from theory.lemmas.contraction import dobrushin_deviation, doeblin_deviation, minorant_deviation
from theory.markov import convergence, convergence_coefficients, convergence_products
from theory.verdict import Grade

GRADES = [
    (convergence.gallager_osc, Grade.PROVED),
    (convergence.convergence_as_stated, Grade.CITED),  # Chapman and Kolmogorov
    (convergence.convergence_minorant, Grade.CITED),
    (convergence.convergence_doeblin, Grade.CITED),
    (convergence.convergence_dobrushin, Grade.CITED),
    (convergence_coefficients.dobrushin_hierarchy, Grade.CITED),
    (convergence_products.beta_products, Grade.GAP),
]


@pytest.mark.parametrize(("claim", "grade"), GRADES, ids=lambda v: v.name if isinstance(v, Claim) else str(v))
def test_derivation_is_accepted_with_its_grade(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message


@pytest.mark.parametrize("lemma", [dobrushin_deviation, doeblin_deviation, minorant_deviation], ids=lambda v: v.id)
def test_printed_bound_is_sharpened_by_another_lemma(lemma: object) -> None:
    derivation = convergence.convergence_as_stated.derivation
    assert derivation is not None
    swapped = derivation.with_lemma("contract", lemma)  # type: ignore[arg-type]  # parametrised over lemmas
    assert swapped.dropped == ()
    assert swapped.bound != derivation.bound
    assert swapped.check().accepted
