"""Convergence claims: oracle numbers, verdicts, weakened bounds, a counterexample to a better printed rate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.chains.generators import noisy_lfsr, random_chain
from numerics.chains.house_of_cards import hoc_curve, hoc_time
from numerics.chains.mixing import mixing_time
from numerics.chains.window_chain import WindowChain
from theory.claim import Claim
from theory.markov import (
    convergence,
    convergence_coefficients,
    convergence_products,
    convergence_spectrum,
    epsilon,
    house_of_cards,
)
from theory.markov import noisy_lfsr as register
from theory.verdict import Verdict
from verify.falsify import falsify
from verify.markov import convergence as measured
from verify.markov import convergence_coefficients as measured_coefficients
from verify.markov import convergence_spectrum as measured_spectrum
from verify.markov import epsilon as measured_epsilon
from verify.markov import house_of_cards as measured_cards
from verify.markov import noisy_lfsr as measured_register
from verify.measure import measure_claim
from verify.measurement import context
from verify.subject import ChainSubject
from verify.verdict import judge

ON_CHAINS = [
    (convergence.convergence_minorant, measured.convergence_minorant),
    (convergence.convergence_doeblin, measured.convergence_doeblin),
    (convergence.convergence_dobrushin, measured.convergence_dobrushin),
    (epsilon.epsilon_range, measured_epsilon.epsilon_range),
    (convergence_products.beta_products, measured_coefficients.beta_products),
    (house_of_cards.convergence_house_of_cards, measured_cards.convergence_house_of_cards),
    (convergence_spectrum.spectral_lower, measured_spectrum.spectral_lower),
]
ON_OBJECTS = [
    (convergence.gallager_osc, measured.gallager_osc),
    (epsilon.iteration_count, measured_epsilon.iteration_count),
    (convergence_coefficients.dobrushin_hierarchy, measured_coefficients.dobrushin_hierarchy),
    (house_of_cards.hoc_time, measured_cards.hoc_time),
    (register.noisy_lfsr, measured_register.noisy_lfsr),
]


def _random(T: int = 2, K: int = 3) -> ChainSubject:
    return ChainSubject("random", random_chain(T, K, 0))


@pytest.mark.parametrize(("claim", "measurement"), ON_CHAINS, ids=lambda v: v.name if isinstance(v, Claim) else "")
def test_chain_claims_hold_on_random_chains(claim: Claim, measurement: object) -> None:
    subjects = [_random(), _random(3, 2)]
    for record in measure_claim(claim, subjects, measurement=measurement):  # type: ignore[arg-type]
        assert record.verdict in (Verdict.HOLDS, Verdict.TIGHT), record


@pytest.mark.parametrize(("claim", "measurement"), ON_OBJECTS, ids=lambda v: v.name if isinstance(v, Claim) else "")
def test_claims_on_objects_hold(claim: Claim, measurement: object) -> None:
    for record in measure_claim(claim, measurement=measurement):  # type: ignore[arg-type]
        assert record.verdict in (Verdict.HOLDS, Verdict.TIGHT), record


def test_numbers_of_random_models() -> None:
    binary, ternary = _random(), _random(3, 2)
    assert binary.epsilon == pytest.approx(0.00127700272736065, rel=1e-12)
    assert binary.alpha == pytest.approx(0.355632059483877, rel=1e-12)
    assert binary.kappa == pytest.approx(0.583502080621368, rel=1e-12)
    assert binary.spectrum.slem == pytest.approx(0.553000167774686, rel=1e-10)
    assert binary.beta == pytest.approx([0.416497919378632, 0.416497919378632, 0.751261837270993], rel=1e-12)
    assert hoc_curve(binary.beta, 20)[20] == pytest.approx(0.160005103743655, rel=1e-12)
    assert hoc_time(binary.beta) == pytest.approx(12.2003278807458, rel=1e-12)
    assert ternary.epsilon == pytest.approx(0.00770711860687639, rel=1e-12)
    assert ternary.alpha == pytest.approx(0.239327218267934, rel=1e-12)
    assert ternary.kappa == pytest.approx(0.588008005602789, rel=1e-12)
    assert hoc_curve(ternary.beta, 20)[20] == pytest.approx(0.0647372082515720, rel=1e-12)


def _least_time(rate: float, K: int, printed: bool = False) -> int:
    """First multiple-of-K time at which rate^floor(n/K) (or the printed exponent) is at most 1 %."""
    blocks = math.ceil(math.log(0.01) / math.log(rate))
    return K * (blocks + 1 if printed else blocks)


@pytest.mark.parametrize(("T", "K", "expected"), [(2, 3, (9, 27, 33, 1347, 5406)), (3, 2, (9, 18, 34, 130, 596))])
def test_steps_to_one_percent(T: int, K: int, expected: tuple[int, ...]) -> None:
    subject = _random(T, K)
    eps = subject.epsilon
    found = (
        int(mixing_time(subject.chain, 0.01).steps),
        _least_time(subject.kappa, K),
        _least_time(1 - subject.alpha, K),
        _least_time(1 - subject.n * eps, K),
        _least_time(1 - 2 * eps, K, printed=True),
    )
    assert found == expected


@pytest.mark.parametrize(("p", "printed", "mixing", "expected"), [(0.1, 6906, 40, 155), (0.25, 441, 14, 14)])
def test_numbers_of_the_parity_register(p: float, printed: int, mixing: int, expected: float) -> None:
    subject = ChainSubject("lfsr", noisy_lfsr((1, 1, 1), p))
    assert mixing_time(subject.chain, 0.01).steps == mixing
    assert _least_time(1 - 2 * p**3, 3, printed=True) == printed
    assert hoc_time(subject.beta) == pytest.approx(expected, rel=1e-12)
    y = (1 - 2 * p) ** 6
    assert subject.distance_curve(12)[12] == pytest.approx((6 * y + y * y) / 8, rel=1e-10)


def test_uniform_model_mixes_at_once_where_the_printed_bound_does_not() -> None:
    subject = ChainSubject("uniform", WindowChain(2, 3, np.full((8, 2), 0.5), np.full((6, 2), 0.5)))
    _, deviations = measured.curves(subject)
    assert deviations[3] < 1e-15
    assert 1 - 2 * subject.epsilon == pytest.approx(0.75)


def test_some_starts_of_a_large_chain_are_starts_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = ChainSubject("random", random_chain(3, 3, 0))
    full, all_deviations = measured.curves(subject)
    monkeypatch.setattr(measured, "MOST_STATES", 1)
    measured.lower_curves.cache_clear()
    for starts, exactly in ((24, False), (27, True)):
        monkeypatch.setattr(measured, "SOME_STARTS", starts)
        measured.lower_curves.cache_clear()
        some, deviations = measured.lower_curves(subject)
        assert (np.isnan(some) == np.isnan(full)).all()
        assert (some[3:] <= full[3:] + 1e-15).all() and (deviations[3:] <= all_deviations[3:] + 1e-15).all()
        assert np.allclose(some[3:, :2], full[3:, :2], atol=1e-14)  # all starts of one and two tokens
        assert np.allclose(some[3:], full[3:], atol=1e-14) or not exactly
    measured.lower_curves.cache_clear()


def test_printed_bound_is_vacuous_for_a_rare_block() -> None:
    rare = WindowChain(2, 2, np.tile([0.999, 0.001], (4, 1)), np.tile([0.999, 0.001], (2, 1)))
    claim, how = convergence.convergence_as_stated, measured.convergence_as_stated
    (record,) = measure_claim(claim, [ChainSubject("rare", rare)], measurement=how)
    assert record.verdict is Verdict.VACUOUS


def test_falsifier_finds_a_small_chain_against_a_better_printed_rate() -> None:
    n, K, eps = convergence._n, convergence._K, convergence._eps
    wrong = (1 - 3 * eps) ** (sp.floor(n / K) - 1)
    report = falsify(
        convergence.convergence_as_stated, bound=wrong, measurement=measured.convergence_as_stated, examples=200
    )
    assert report.found
    assert report.thing.n <= 4


@pytest.mark.parametrize(
    ("claim", "measurement", "weaken"),
    [
        (epsilon.epsilon_range, measured_epsilon.epsilon_range, "lower"),
        (house_of_cards.convergence_house_of_cards, measured_cards.convergence_house_of_cards, "pairs"),
        (convergence_products.beta_products, measured_coefficients.beta_products, "order"),
    ],
    ids=["epsilon_range", "house_of_cards", "beta_products"],
)
def test_a_tight_constant_weakened_by_a_tenth_is_caught(claim: Claim, measurement: object, weaken: str) -> None:
    uniform = WindowChain(2, 2, np.full((4, 2), 0.5), np.full((2, 2), 0.5))
    two_states = WindowChain(2, 1, np.array([[0.7, 0.3], [0.4, 0.6]]))
    refuted = 0
    for chain in (uniform, two_states):
        instances = list(measurement(ChainSubject("chain", chain), context(0, claim.id)))  # type: ignore[operator]
        scaled = []
        for instance in instances:
            if instance.statement != weaken:
                continue
            sign = next(s.sign for s in claim.statements if s.label == weaken)
            quantity = instance.quantity
            factor = 1.1 if sign == "<=" else 0.9
            larger = replace(quantity, lower=quantity.lower * factor, upper=quantity.upper * factor, method="float64")
            scaled.append(replace(instance, quantity=larger))
        refuted += judge(claim, scaled).verdict is Verdict.REFUTED
    assert refuted
