"""Derivations of the convergence claims: smallest entry, house of cards, spectrum, register."""

from __future__ import annotations

import pytest

from theory.claim import Claim
from theory.markov import convergence_spectrum, epsilon, house_of_cards
from theory.markov import noisy_lfsr as register
from theory.verdict import Grade

GRADES = [
    (epsilon.iteration_count, Grade.PROVED),
    (epsilon.epsilon_range, Grade.PROVED),
    (epsilon.epsilon_architecture, Grade.PROVED),
    (house_of_cards.convergence_house_of_cards, Grade.GAP),
    (house_of_cards.hoc_time, Grade.CITED),
    (convergence_spectrum.spectral_lower, Grade.CITED),
    (register.noisy_lfsr, Grade.GAP),
]


@pytest.mark.parametrize(("claim", "grade"), GRADES, ids=lambda v: v.name if isinstance(v, Claim) else str(v))
def test_derivation_is_accepted_with_its_grade(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message
