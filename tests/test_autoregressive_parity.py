"""Parities: derivations, verdicts, and the specification's numbers (2F)."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.learning.features import Signs
from numerics.learning.perceptron import learn_chain
from numerics.machines.linear_ar import rollout
from numerics.machines.parity import (
    ParityError,
    chain_k,
    k_order_count,
    kautz,
    qary_count,
    scan,
    sign_mistake_bound,
    sign_squared_norms,
)
from numerics.machines.searches import agreement_with_parity, least_order_length, parity_agreements
from numerics.machines.threshold_functions import cube
from theory.autoregressive import parity, parity_accuracy, parity_margins, parity_order_k, parity_qary, parity_samples
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive import parity as measured
from verify.autoregressive import parity_order_k as measured_order_k
from verify.falsify import falsify
from verify.instance import Case, NotApplicable
from verify.measurement import Measurement, context
from verify.space import draw
from verify.verdict import as_expected, judge

CLAIMS: list[tuple[Claim, Measurement, Grade, Verdict]] = [
    (parity.parity_linear_as_stated, measured.parity_linear_as_stated, Grade.PROVED, Verdict.TIGHT),
    (parity.parity_linear_length, measured.parity_linear_length, Grade.PROVED, Verdict.HOLDS),
    (parity_qary.parity_qary_length, measured.parity_qary_length, Grade.PROVED, Verdict.TIGHT),
    (parity_accuracy.parity_no_cot, measured.parity_no_cot, Grade.CITED, Verdict.TIGHT),
    (parity_margins.parity_linear_learnable, measured.parity_linear_learnable, Grade.PROVED, Verdict.TIGHT),
    (parity_margins.parity_length_margin, measured.parity_length_margin, Grade.PROVED, Verdict.TIGHT),
    (parity_order_k.parity_order_k_as_stated, measured_order_k.parity_order_k_as_stated, Grade.PROVED, Verdict.TIGHT),
    (parity_order_k.parity_order_k_length, measured_order_k.parity_order_k_length, Grade.PROVED, Verdict.HOLDS),
    (parity_samples.parity_order_k_samples, measured_order_k.parity_order_k_samples, Grade.CITED, Verdict.TIGHT),
]
BY_NAME = {claim.name: (claim, measurement) for claim, measurement, _, _ in CLAIMS}


@pytest.mark.parametrize(("claim", "grade"), [(c, g) for c, _, g, _ in CLAIMS], ids=lambda x: getattr(x, "name", ""))
def test_derivations(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is grade


@pytest.mark.parametrize(
    ("claim", "measurement", "verdict"), [(c, m, v) for c, m, _, v in CLAIMS], ids=lambda x: getattr(x, "name", "")
)
def test_verdicts(claim: Claim, measurement: Measurement, verdict: Verdict) -> None:
    cases: list[Case] = []
    for thing in draw(measurement.over, claim, 3 if claim.name == "parity_length_margin" else 12, seed=3):
        try:
            cases.extend(measurement(thing, context(3, claim.id)))
        except NotApplicable:
            continue
    found = judge(claim, cases).verdict
    assert found is verdict
    assert as_expected(found, claim.expected)


def test_bounds_are_tight() -> None:
    nine, eleven = sp.Rational(9, 10), sp.Rational(11, 10)
    a, n, k = parity_accuracy.a.symbol, parity_order_k.n.symbol, parity_order_k.k.symbol
    L, q, D = parity.L.symbol, parity.q.symbol, parity_qary.digits.symbol
    best = sp.Rational(1, 2) + sp.binomial(a - 1, sp.floor((a - 1) / 2)) / 2**a
    for name, label, bound in (
        ("parity_linear_as_stated", 0, nine * (1 + sp.log(parity.n.symbol) / sp.log(2))),
        ("parity_qary_length", "upper", nine * (D + 1)),
        ("parity_qary_length", "lower", eleven * (1 + sp.ceiling(L / (q - 1)))),
        ("parity_no_cot", "best", nine * best),
        ("parity_order_k_as_stated", "lower", eleven * n / k),
        ("parity_order_k_samples", "lower", eleven * n * sp.log(2)),
    ):
        claim, measurement = BY_NAME[name]
        found = falsify(claim, statement=label, bound=bound, examples=30, measurement=measurement, shrink=False)
        assert found.found, f"{name}, {label}"


def test_lengths() -> None:
    lengths = [kautz(n).token_count for n in range(1, 13)] + [n.bit_length() for n in range(13, 17)]
    assert lengths == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]
    assert all(n.bit_length() == math.ceil(math.log2(n + 1)) for n in range(1, 17))


def test_chain_of_the_specification() -> None:
    assert rollout(kautz(7).model, tuple("1101110")) == ("1", "0", "1")


def test_lengths_with_three_tokens() -> None:
    upper = [qary_count(n, 3) for n in range(1, 21)]
    lower = [1 + -(-(n.bit_length() - 1) // 2) for n in range(1, 21)]
    assert upper == [1, 2, 2, 2, 2, *[3] * 12, 4, 4, 4]
    assert lower == [1, *[2] * 6, *[3] * 13]
    assert [qary_count(n, 2) for n in range(1, 21)] == [n.bit_length() for n in range(1, 21)]


def test_accuracy_without_a_chain() -> None:
    formula = [Fraction(1, 2) + Fraction(math.comb(a - 1, (a - 1) // 2), 2**a) for a in range(1, 7)]
    assert [float(value) for value in formula] == [1, 0.75, 0.75, 0.6875, 0.6875, 0.65625]
    assert [max(parity_agreements(a)) for a in range(1, 5)] == formula[:4]
    for a in range(1, 11):
        ones = cube(a).sum(axis=1)
        found = agreement_with_parity((ones >= (a + 1) // 2).astype(np.int64))
        assert max(found, 1 - found) == Fraction(1, 2) + Fraction(math.comb(a - 1, (a - 1) // 2), 2**a)
    assert 0.5 - math.comb(12, 6) / 2**13 == pytest.approx(0.3872, abs=5e-5)


def test_alternating_sums() -> None:
    for a in range(1, 9):
        for k in range(1, a + 1):
            alternating = sum((-1) ** j * math.comb(a, j) for j in range(k, a + 1))
            assert alternating == (-1) ** k * math.comb(a - 1, k - 1)


def test_norms_and_mistake_bounds() -> None:
    found = kautz(20, range(13))
    assert sorted(sign_squared_norms(found.model)) == [17, 81, 97, 101]
    assert sign_mistake_bound(found.model) == 6794
    assert sign_mistake_bound(kautz(20).model) == 45771
    scanned = scan(20)
    assert scanned.mistake_bound == 36 * 20**2 + 36 * 20 + 6 == 15126
    assert scanned.squared_norms == (6, *[12] * 19, 9)


def test_perceptrons_stay_within_the_bound_of_every_token() -> None:
    rng = np.random.default_rng(7)
    prompts = rng.integers(0, 2, size=(800, 20))
    model = kautz(20, range(13)).model
    chains = prompts[:, :13].sum(axis=1)[:, None] >> np.arange(3, -1, -1) & 1
    learned = learn_chain([Signs(np.arange(20 + t)) for t in range(4)], prompts, chains, rng)
    assert all(learned.converged)
    for t, (position, norm) in enumerate(zip(learned.positions, sign_squared_norms(model), strict=True), start=1):
        assert 0 < position.mistakes <= (20 + t) * norm


def test_identities_of_the_norms() -> None:
    i, j, L, a, n, t = sp.symbols("i j L a n t", integer=True, positive=True)
    fours = sp.summation(4**i, (i, j + 1, L)) - (4 ** (L + 1) - 4 ** (j + 1)) / 3
    assert sp.simplify(fours) == 0
    bias = a - sp.summation(2**i, (i, j + 1, L)) - 2 ** (j + 1) + 1 - (a + 1 - 2 ** (L + 1))
    assert sp.simplify(bias) == 0
    scanned = 2 * (6 * (n + 1) + 12 * sp.summation(n + t, (t, 2, n)) + 9 * (2 * n + 1)) - (36 * n**2 + 36 * n + 6)
    assert sp.simplify(scanned) == 0


def test_lengths_of_order_k() -> None:
    assert [k_order_count(64, k) for k in (2, 4, 8, 16, 64)] == [63, 21, 9, 5, 1]
    for n, k in ((1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (4, 3), (5, 3), (6, 3), (6, 4), (7, 4)):
        assert least_order_length(n, k) == k_order_count(n, k) == len(chain_k(n, None, k).sets)
    assert least_order_length(3, 1) is None
    with pytest.raises(ParityError, match="infinite length"):
        k_order_count(3, 1)


def test_sizes_of_classes_of_order_k() -> None:
    wanted = {2: 528.432421, 4: 293.985032, 8: 205.695558, 16: 173.698391, 64: 44.361420}
    for k, value in wanted.items():
        found = measured_order_k.log_parities(64, k)
        assert found.value == pytest.approx(value, abs=1e-6)
        assert 64 * math.log(2) <= found.upper <= 2 * 64 * math.log(2 * math.e * 64 / k)
