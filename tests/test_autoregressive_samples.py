"""Sample sizes of chains (2B): derivations, verdicts, the specification's numbers, and what weakened bounds reveal."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp

from numerics.learning.features import OneHot, predictions
from numerics.learning.free_labels import (
    block_decoder,
    block_prompts,
    coin_error,
    indicator_decoder,
    indicator_prompts,
    least_chains,
)
from numerics.learning.minimum_norm import minimum_norm
from numerics.learning.sizes import SampleSizeError, free_prompts, m_expected, m_growth_joint, m_lower
from numerics.learning.tables import (
    FiniteProblem,
    consistent,
    draw_seen,
    random_erm,
    random_problem,
    seen_law,
    tuple_error,
    worst_erm,
)
from numerics.machines.linear_ar import LinearAR, rollout
from theory.autoregressive.expected import pac_to_ar_expected
from theory.autoregressive.growth import pac_to_ar_joint_growth
from theory.autoregressive.lower_bound import sample_lower_bound
from theory.autoregressive.sample_size import ar_learner_approximates, pac_to_ar_as_stated, pac_to_ar_joint_erm
from theory.claim import Claim
from theory.verdict import Grade
from verify.autoregressive import expected, growth, lower_bound, sample_size
from verify.bounds import enclosure
from verify.falsify import falsify
from verify.measure import measure_claim
from verify.measurement import Measurement
from verify.precision import Measured, exact
from verify.statistics import binomial_interval
from verify.verdict import as_expected

PAIRS = (
    (pac_to_ar_as_stated, sample_size.pac_to_ar_as_stated, Grade.PROVED),
    (pac_to_ar_joint_erm, sample_size.pac_to_ar_joint_erm, Grade.PROVED),
    (ar_learner_approximates, sample_size.ar_learner_approximates, Grade.PROVED),
    (pac_to_ar_expected, expected.pac_to_ar_expected, Grade.CITED),  # Helly's theorem
    (pac_to_ar_joint_growth, growth.pac_to_ar_joint_growth, Grade.CITED),  # Cover; Vapnik and Chervonenkis
    (sample_lower_bound, lower_bound.sample_lower_bound, Grade.PROVED),
)
HALF = Fraction(1, 2)


def bound(claim: Claim, statement: int = 0, **values: int | float | Fraction) -> Measured:
    return enclosure(claim.statements[statement].bound, values)


@pytest.mark.parametrize(("claim", "grade"), [(c, g) for c, _, g in PAIRS], ids=lambda p: getattr(p, "name", ""))
def test_derivations(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.grade is grade, report.message
    assert all(step.grade > Grade.GAP for step in report.steps)


@pytest.mark.parametrize(("claim", "measurement"), [p[:2] for p in PAIRS], ids=lambda p: getattr(p, "name", ""))
def test_verdicts(claim: Claim, measurement: Measurement) -> None:
    (record,) = measure_claim(claim, measurement=measurement)
    assert as_expected(record.verdict, claim.expected), record.message
    assert record.bites > 0.5


def test_printed_sizes_are_the_crossings_of_the_bounds() -> None:
    lnH = math.log(1024)
    stated = {"T": 64, "lnH": lnH, "delta": Fraction(1, 20), "J": 1023}
    assert (
        bound(pac_to_ar_as_stated, m=18031, **stated).upper
        <= 0.05
        < bound(pac_to_ar_as_stated, m=18030, **stated).lower
    )
    joint = {"lnHs": 64 * lnH, "delta": Fraction(1, 20)}
    assert bound(pac_to_ar_joint_erm, m=8933, **joint).upper <= 0.05 < bound(pac_to_ar_joint_erm, m=8932, **joint).lower
    linear = {"n": 20, "T": 5, "K": 2}
    assert bound(pac_to_ar_expected, m=2299, **linear).overlaps(exact(Fraction(1, 20)))  # 115/2300
    assert bound(pac_to_ar_expected, m=2298, **linear).lower > Fraction(1, 20)
    needed = bound(sample_lower_bound, light=89, epsilon=Fraction(1, 20))
    assert needed.overlaps(exact(Fraction(445, 2)))
    assert m_lower(20, 5, 0.05) == math.ceil(Fraction(445, 2)) == 223


@pytest.mark.parametrize(
    ("n", "T", "K", "eps", "delta"),
    [(10, 4, 2, "1/10", "1/20"), (20, 5, 2, "1/20", "1/20"), (8, 16, 2, "1/20", "1/20"), (6, 3, 4, "1/10", "1/20")],
)
def test_growth_sizes_are_certified_crossings(n: int, T: int, K: int, eps: str, delta: str) -> None:
    """The claim's own bound, in ball arithmetic, on both sides of the size found in logarithms."""
    m = m_growth_joint(n, T, K, Fraction(eps), Fraction(delta))
    values = {"n": n, "T": T, "K": K, "epsilon": Fraction(eps)}
    assert bound(pac_to_ar_joint_growth, m=m, **values).upper <= Fraction(delta)
    assert bound(pac_to_ar_joint_growth, m=m - 1, **values).lower > Fraction(delta)


def test_seen_law_is_exact() -> None:
    law = seen_law((HALF, Fraction(1, 3), Fraction(1, 6)), 3)
    assert sum(law.values()) == 1
    assert law[(True, False, False)] == Fraction(1, 8)
    assert law[(True, True, True)] == 6 * HALF * Fraction(1, 3) * Fraction(1, 6)
    assert law[(False, False, False)] == 0
    with pytest.raises(ValueError, match="13 prompts have 8192 sets"):
        seen_law((Fraction(1, 13),) * 13, 2)


def test_worst_learner_is_the_worst_of_all_consistent_tuples() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        problem = random_problem(4, (3, 4, 2), 2, rng)
        seen = rng.random(4) < 0.5
        tuples = list(product(*consistent(problem, seen)))
        errors = [tuple_error(problem, choice) for choice in tuples]
        assert worst_erm(problem, seen) == max(errors)
        assert tuple_error(problem, random_erm(problem, seen, rng)) in errors


def test_frequencies_agree_with_the_exact_law_of_failure() -> None:
    """The worst learner over one prompt in ten is wrong exactly when that prompt was not seen."""
    rare = Fraction(1, 10)
    problem = FiniteProblem((1 - rare, rare), (np.array([[0, 0], [0, 1]]),), np.array([[0, 0]]))
    failure = sample_size.failure(problem, 20, 0.05)
    assert failure.lower == (1 - rare) ** 20
    failed = sum(
        worst_erm(problem, seen) > 0.05 for seen in draw_seen(problem.masses, 20, 2000, np.random.default_rng(0))
    )
    low, high = binomial_interval(int(failed), 2000, 0.9999)
    assert low <= failure.lower <= high


def test_realizability_is_required() -> None:
    with pytest.raises(ValueError, match="no hypothesis of position 0 fits"):
        FiniteProblem((Fraction(1),), (np.array([[0]]),), np.array([[1]]))


def answers(model: LinearAR, x: Sequence[int]) -> tuple[str, ...]:
    return rollout(model, [str(a) for a in x])


@pytest.mark.parametrize(("n", "T"), [(2, 1), (3, 4), (6, 6), (8, 16), (7, 9)])
def test_random_labellings_are_realised(n: int, T: int) -> None:
    """Both constructions, every block: own labels on the own block, 0 on the others."""
    rng = np.random.default_rng(n)
    most = 0
    for prompts_of, decoder, skipped in (
        (block_prompts, block_decoder, 0),
        (indicator_prompts, indicator_decoder, T // 2),
    ):
        try:
            blocks = prompts_of(n, T)
        except SampleSizeError:
            assert decoder is indicator_decoder  # too few further points: N_2 = 0
            continue
        most = max(most, sum(map(len, blocks)))
        for _ in range(5):
            labels = [[int(b) for b in rng.integers(0, 2, len(block))] for block in blocks]
            model = decoder(n, T, labels)
            for tau, block in enumerate(blocks):
                for j, x in enumerate(block):
                    z = answers(model, x)
                    assert z[skipped:] == tuple(str(labels[tau][j]) if t == tau else "0" for t in range(len(blocks)))
    assert most == free_prompts(n, T)


def test_labels_of_the_wrong_shape_are_named() -> None:
    with pytest.raises(SampleSizeError, match=r"labels of lengths \[2\], expected 1 rows of 3"):
        block_decoder(2, 1, [[0, 1]])
    with pytest.raises(SampleSizeError, match="4 blocks leave 0 of 2 bits free"):
        block_prompts(2, 4)


def test_memorising_fair_coins_has_the_exact_error() -> None:
    """Light prompts of mass theta with fair labels, and a learner that answers 0 where it has seen nothing."""
    rng = np.random.default_rng(3)
    light, theta, m, trials = 10, Fraction(1, 2), 12, 4000
    law = np.array([1 - float(theta), *[float(theta) / light] * light])
    seen = rng.multinomial(m, law, size=trials) > 0
    coins = rng.integers(0, 2, (trials, light + 1)).astype(bool)
    errors = ((coins & ~seen) * law).sum(axis=1)
    wide = 5 * errors.std() / math.sqrt(trials)
    assert abs(errors.mean() - float(coin_error(m, light, theta))) < wide
    assert coin_error(m, light, theta) >= theta / 2 * (1 - Fraction(m) * theta / light)


@pytest.mark.parametrize(
    ("n", "T", "eps"), [(20, 5, Fraction(1, 20)), (8, 16, Fraction(1, 4)), (10, 30, Fraction(1, 100))]
)
def test_even_the_best_learner_needs_the_printed_number(n: int, T: int, eps: Fraction) -> None:
    light = free_prompts(n, T) - 1
    m = least_chains(light, eps)
    assert coin_error(m, light, 4 * eps) <= eps < coin_error(m - 1, light, 4 * eps)
    assert m_lower(n, T, eps) <= m <= 2 * m_lower(n, T, eps)
    assert m <= m_expected(n, T, 2, eps) or eps == Fraction(1, 4)


def test_minimum_norm_learner_on_random_teachers() -> None:
    """Mean exact err_AR at n = 4, T = 3, m = 20 against 18/21 = 0.857; the specification reports a mean near 0.08."""
    rng = np.random.default_rng(0)
    contexts = np.array(list(product((0, 1), repeat=4)), dtype=np.int64)
    errors = []
    for _ in range(40):
        seen = np.unique(rng.integers(0, 16, 20))
        context, wrong = contexts, np.zeros(16, dtype=bool)
        for t in range(3):
            weights = rng.standard_normal(4 + t)
            truth = ((2 * context - 1) @ weights + rng.standard_normal() > 0).astype(np.int64)
            decoder = OneHot(2, np.arange(2), np.arange(4 + t))
            found = minimum_norm(decoder, context[seen], truth[seen])
            assert found is not None
            wrong |= predictions(decoder, found, context) != truth
            context = np.column_stack([context, truth])
        errors.append(wrong.mean())
    assert bound(pac_to_ar_expected, n=4, T=3, K=2, m=20).value == pytest.approx(18 / 21)
    assert 0.03 < float(np.mean(errors)) < 0.16


@pytest.mark.parametrize(
    ("claim", "measurement", "statement", "factor"),
    [
        (sample_lower_bound, lower_bound.sample_lower_bound, "other blocks", sp.Rational(11, 10)),
        (sample_lower_bound, lower_bound.sample_lower_bound, "labellings", sp.Rational(11, 10)),
        (sample_lower_bound, lower_bound.sample_lower_bound, "chains", sp.Integer(2)),
        (pac_to_ar_expected, expected.pac_to_ar_expected, "minimum norm", sp.Rational(1, 10)),
    ],
)
def test_stronger_statements_are_refuted(
    claim: Claim, measurement: Measurement, statement: str, factor: sp.Expr
) -> None:
    """A tenth more where the bound is attained; a factor where it is known to be loose by less than that."""
    stated = next(s.bound for s in claim.statements if s.label == statement)
    report = falsify(
        claim, statement=statement, bound=stated * factor, examples=20, measurement=measurement, shrink=False
    )
    assert report.found
