"""Temperature: proofs, the witnesses of the specification, verdicts on small chains."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.chains.coefficients import log_epsilon
from numerics.chains.entropy import entropy_rate
from numerics.chains.generators import chain_of_logits, noisy_lfsr, random_chain
from numerics.chains.spectrum import slem
from theory.markov import temperature as claims
from theory.verdict import Grade, Verdict
from verify.falsify import falsify
from verify.markov import temperature as measured
from verify.measure import measure_claim
from verify.subject import ChainSubject
from verify.verdict import as_expected

WITNESS = np.array([[1.0, 0.0], [3.0, 0.0]])  # logits after the tokens 0 and 1
HOLDING = ("temperature_derivative", "temperature_monotone", "temperature_limits")
SUBJECTS = [
    ChainSubject("random 2x3", random_chain(2, 3, 0)),
    ChainSubject("random 3x2", random_chain(3, 2, 0)),
    ChainSubject("parity register", noisy_lfsr((1, 1, 1), 0.1)),
    ChainSubject("uniform", chain_of_logits(np.zeros((6, 2)), 2, 2)),
]


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("temperature_derivative", Grade.CITED),  # by the envelope theorem
        ("temperature_monotone", Grade.PROVED),
        ("temperature_limits", Grade.PROVED),
    ],
)
def test_the_derivation_is_accepted(name: str, grade: Grade) -> None:
    report = getattr(claims, name).check()
    assert report.grade is grade, report.message
    cited = [step.name for step in report.steps if step.grade is Grade.CITED]
    assert cited == ([] if grade is Grade.PROVED else ["envelope"])


@pytest.mark.parametrize("name", HOLDING)
def test_the_measured_verdict_is_the_expected_one(name: str) -> None:
    claim = getattr(claims, name)
    records = measure_claim(claim, SUBJECTS, measurement=getattr(measured, name))
    assert len(records) == len(SUBJECTS)
    for record in records:
        assert as_expected(record.verdict, claim.expected), (record.model, record.message)


def test_the_search_refutes_that_heat_speeds_up_convergence() -> None:
    claim, measurement = claims.temperature_speed_as_stated, measured.temperature_speed_as_stated
    for label in ("second eigenvalue", "mixing time"):
        report = falsify(claim, statement=label, examples=500, measurement=measurement, shrink=False)
        assert report.found, label


def test_looping_is_refuted_on_a_chain_and_by_search() -> None:
    claim, measurement = claims.looping_as_stated, measured.looping_as_stated
    records = measure_claim(claim, SUBJECTS[2:3], measurement=measurement, search=50)
    assert [r.verdict for r in records] == [Verdict.REFUTED, Verdict.REFUTED]


def test_entropy_rate_of_the_parity_register() -> None:
    p = 0.1
    chain = noisy_lfsr((1, 1, 1), p)
    pi = np.full(8, 1 / 8)
    assert entropy_rate(chain, pi) == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p), rel=1e-12)


def test_second_eigenvalues_of_the_witness() -> None:
    expected = {
        0.1: 4.53978686089e-05,
        0.4: 0.0753054013843,
        0.8: 0.199722768915,
        1.6: 0.215680895136,
        3.2: 0.141099027385,
        6.4: 0.0761046348284,
    }
    found = {tau: slem(chain_of_logits(WITNESS, 2, 1, tau)) for tau in expected}
    assert found == pytest.approx(expected, rel=1e-9)
    epsilons = [log_epsilon(chain_of_logits(WITNESS, 2, 1, tau)).value for tau in expected]
    assert epsilons == sorted(epsilons)


def test_mixing_times_of_the_witness() -> None:
    times = [measured.mixing_steps(chain_of_logits(WITNESS, 2, 1, tau)) for tau in (0.1, 0.4, 1.6, 6.4)]
    assert times == [1, 2, 3, 2]


def test_greedy_limit_with_two_classes_mixes_ever_slower() -> None:
    """A unique argmax whose greedy dynamics has two recurrent classes: the second eigenvalue tends to 1."""
    table = np.array([[1.0, 0.0], [0.0, 1.0]])
    values = [slem(chain_of_logits(table, 2, 1, tau)) for tau in (1.0, 0.3, 0.1, 0.05)]
    assert values == sorted(values)
    assert values[-1] > 1 - 1e-8


def test_derivative_by_hand_for_one_context() -> None:
    """K = 1: d log p_min/d log tau = -log p_min - H, here from the logistic function."""
    tau, margin = sp.Symbol("tau", positive=True), sp.Rational(3, 2)
    log_p = -sp.log(1 + sp.exp(margin / tau))
    exact = float((tau * sp.diff(log_p, tau)).subs(tau, sp.Rational(4, 5)))
    chain = chain_of_logits(np.array([[1.5, 0.0], [1.5, 0.0]]), 2, 1, float(Fraction(4, 5)))
    assert measured.slope(chain, log_epsilon(chain)) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "label", "change"),
    [
        ("temperature_limits", "hot", lambda bound: bound * sp.Rational(11, 10)),
        ("temperature_limits", "largest", lambda bound: bound * sp.Rational(11, 10)),
    ],
)
def test_a_constant_weakened_by_a_tenth_is_caught(name: str, label: str, change: object) -> None:
    claim = getattr(claims, name)
    (statement,) = [s for s in claim.statements if s.label == label]
    report = falsify(
        claim,
        statement=label,
        bound=change(statement.bound),  # type: ignore[operator]  # a lambda of the table above
        examples=100,
        measurement=getattr(measured, name),
        shrink=False,
    )
    assert report.found
