"""The pullback metric: derivations, oracles of the specification, verdicts; bounds too tight by a tenth are caught."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from numerics.geometry.head import row_diameter
from numerics.geometry.norms import RootMeanSquareNorm, pulled_back_rank
from numerics.geometry.paths import reverse_kl_by_rows, segment
from numerics.geometry.pullback import metric
from numerics.geometry.series import reverse_kl_series
from theory.categorical import pullback, pullback_norms, pullback_rank, pullback_spectrum
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.categorical import pullback as measured
from verify.categorical import pullback_rank as measured_ranks
from verify.falsify import falsify
from verify.instance import Case, NotApplicable
from verify.measurement import Measurement, context
from verify.space import draw
from verify.strategies.heads import g1
from verify.verdict import as_expected, judge

CLAIMS: list[tuple[Claim, Measurement]] = [
    (pullback.pullback_metric, measured.pullback_metric),
    (pullback.pullback_local_divergence, measured.pullback_local_divergence),
    (pullback_rank.pullback_rank, measured_ranks.pullback_rank),
    (pullback_rank.pullback_rank_as_stated, measured_ranks.pullback_rank_as_stated),
    (pullback_rank.pullback_degenerate_as_stated, measured_ranks.pullback_degenerate_as_stated),
    (pullback_norms.pullback_rank_normalised, measured_ranks.pullback_rank_normalised),
    (pullback_spectrum.pullback_spectrum_bounds, measured_ranks.pullback_spectrum_bounds),
]
GRADES = {
    "pullback_metric": Grade.PROVED,
    "pullback_local_divergence": Grade.CITED,
    "pullback_rank": Grade.CITED,
    "pullback_rank_as_stated": Grade.CITED,
    "pullback_rank_normalised": Grade.CITED,
    "pullback_spectrum_bounds": Grade.PROVED,
}


@pytest.mark.parametrize("claim", [c for c, _ in CLAIMS if c.name in GRADES], ids=lambda c: str(c.name))
def test_derivations(claim: Claim) -> None:
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is GRADES[claim.name]


@pytest.mark.parametrize(("claim", "measurement"), CLAIMS, ids=lambda x: getattr(x, "name", ""))
def test_verdicts(claim: Claim, measurement: Measurement) -> None:
    cases: list[Case] = []
    for thing in draw(measurement.over, claim, 12, seed=3):
        try:
            cases.extend(measurement(thing, context(3, claim.id)))
        except NotApplicable:
            continue
    assert as_expected(judge(claim, cases).verdict, claim.expected)


def test_fixture() -> None:
    head, state = g1().head, g1().first
    found = metric(head, state)
    assert np.allclose(found, [[1.036995, 0.789439], [0.789439, 1.448161]], atol=1e-6)
    assert np.allclose(np.linalg.eigvalsh(found), [0.426810, 2.058347], atol=1e-6)
    assert row_diameter(head).upper ** 2 / 4 == pytest.approx(3.25)


def test_ranks_before_a_norm() -> None:
    thing = measured_ranks.generic()
    cases = list(measured_ranks.pullback_rank_normalised(thing, context(0, "generic")))
    ranks = {str(c.statement): c.quantity.value for c in cases if c.quantity is not None and c.quantity.rigorous}
    assert ranks == {"RMSNorm": 5, "LayerNorm": 4, "smoothed LayerNorm": 5}
    assert pulled_back_rank(thing.at.head, RootMeanSquareNorm(thing.gain, 0.01), thing.at.first) == 6


@pytest.mark.parametrize(("order", "slope"), [(2, 3), (4, 5)])
def test_slope_of_the_remainder(order: int, slope: int) -> None:
    thing = g1()
    along = segment(thing.head, thing.first, thing.second)
    scales = np.array([0.2, 0.1, 0.05])
    gaps = []
    for scale in scales:
        path = segment(thing.head, thing.first, thing.first + scale * (thing.second - thing.first))
        gaps.append(abs(reverse_kl_by_rows(path) - reverse_kl_series(along, float(scale), order)))
    fitted = np.polyfit(np.log(scales), np.log(gaps), 1)[0]
    assert fitted == pytest.approx(slope, abs=0.3)


def test_small_width_is_not_degenerate() -> None:
    found = falsify(
        pullback_rank.pullback_degenerate_as_stated,
        examples=200,
        measurement=measured_ranks.pullback_degenerate_as_stated,
    )
    assert found.found
    assert found.counterexample is not None
    assert pullback_rank.pullback_degenerate_as_stated.expected is Verdict.REFUTED


def test_bounds_are_tight() -> None:
    diam = pullback_spectrum.diam.symbol
    V, d = pullback_rank.V.symbol, pullback_rank.d.symbol
    width = pullback_norms.width.symbol
    for claim, measurement, label, bound in (
        (CLAIMS[6][0], CLAIMS[6][1], "diameter", sp.Rational(9, 40) * diam**2),
        (CLAIMS[3][0], CLAIMS[3][1], "rank", sp.Rational(9, 10) * sp.Min(d, V - 1)),
        (CLAIMS[5][0], CLAIMS[5][1], "RMSNorm", sp.Rational(9, 10) * (width - 1)),
    ):
        found = falsify(claim, statement=label, bound=bound, examples=300, measurement=measurement, shrink=False)
        assert found.found, f"{claim.id}, {label}"
