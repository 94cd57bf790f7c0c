"""Training objective and separation of states: the specification's numbers, verdicts, and what is proved."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import verify.categorical.cross_entropy as measured
import verify.categorical.separation as apart
from numerics.geometry.head import Head
from numerics.geometry.paths import segment, separation_chain
from numerics.information.divergences import kl, total_variation
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING, t1
from theory.claim import Claim
from theory.registry import claim_alone
from theory.verdict import Verdict
from verify.instance import NotApplicable
from verify.measurement import Measurement, context
from verify.precision import floating
from verify.space import draw
from verify.verdict import as_expected, judge, judge_instance

MEASUREMENTS = [m for module in (measured, apart) for m in vars(module).values() if isinstance(m, Measurement)]


def verdict(measurement: Measurement, claim: Claim, examples: int) -> Verdict:
    found = []
    for thing in draw(measurement.over, claim, examples, 1):
        try:
            found += list(measurement(thing, context(1, measurement.claim)))
        except NotApplicable:
            continue
    return judge(claim, found).verdict


@pytest.mark.parametrize("measurement", MEASUREMENTS, ids=lambda m: m.claim)
def test_verdict_is_the_expected_one(measurement: Measurement) -> None:
    claim = claim_alone(measurement.claim)
    examples = 200 if claim.expected is Verdict.REFUTED else 15
    assert as_expected(verdict(measurement, claim, examples), claim.expected)


def test_three_terms_of_t1() -> None:
    assert np.allclose(measured.three_terms(t1()), (1.17237, 0.97647, 0.08502, 0.11088), atol=5e-6)


def test_entropy_gap_of_t1() -> None:
    rows = measured.t1_rows()
    assert rows.tau == pytest.approx(0.252282, abs=5e-7)
    assert rows.loss == pytest.approx(0.195903, abs=5e-7)
    fano = rows.tau * math.log(2) - rows.tau * math.log(rows.tau) - (1 - rows.tau) * math.log(1 - rows.tau)
    assert fano == pytest.approx(0.739696, abs=5e-7)
    squares = float(rows.mu @ ((rows.p**2).sum(axis=1) - (rows.q**2).sum(axis=1)))
    assert abs(squares) == pytest.approx(0.041440, abs=5e-7)
    assert abs(squares) <= 2 * rows.tau == pytest.approx(0.504563, abs=1e-6)
    claim = claim_alone("categorical/entropy_gap")
    found = {str(i.statement): judge_instance(claim, i) for i in measured.entropy_gap(rows, context(1, claim.id))}
    assert found["loss"].quantity.value == pytest.approx(1.047320 - 0.976466, abs=1e-6)
    assert found["loss"].bound.value == found["distance"].bound.value == pytest.approx(0.838394, abs=5e-7)
    assert found["distance"].quantity.value == pytest.approx(0.739696, abs=5e-7)
    assert found["TV"].quantity.value == pytest.approx(0.041440, abs=5e-7)
    assert {"kl", "distance", "loss", "TV", "Hel2", "JS"} == set(found)


@pytest.mark.parametrize(("name", "length"), [("TV", 2.0), ("Hel2", 3.0), ("JS", 1.5 * math.log(2))])
def test_lengths_of_slopes_are_the_least(name: str, length: float) -> None:
    """Near p = (1, 0), q = (1 - e, e): the entropy moves by almost its steepest slope; a tenth less is caught."""
    claim = claim_alone("categorical/entropy_gap")
    thing = measured.RowPairs(np.ones(1), np.array([[1.0] + [0.0] * 10**4]), np.full((1, 10**4 + 1), 1e-8))
    thing.q[0, 0] = 1 - 1e-4
    found = next(i for i in measured.entropy_gap(thing, context(1, claim.id)) if i.statement == name)
    assert found.quantity.value > 0.9 * length * thing.tau
    assert judge(claim, [found]).verdict is not Verdict.REFUTED
    less = replace(found, bound=floating(0.9 * length * thing.tau, absolute=1e-12))
    assert judge(claim, [less]).verdict is Verdict.REFUTED


def test_ranks_of_a_generic_head() -> None:
    assert measured.ranks(*measured.generic_head()) == {"plain": 4, "bias": 5, "centred": 3, "centred, bias": 4}


def test_separation_chain_of_g1() -> None:
    chain = separation_chain(segment(Head(G1_UNEMBEDDING, np.zeros(5)), G1_STATES[0], G1_STATES[1]))
    assert np.allclose(chain.members, (0.751204, 0.751058, 0.738343, 0.727056, chain.members[4], 0.505089), atol=6e-7)
    assert chain.total_variation_artanh == pytest.approx(0.528121, abs=5e-7)


def test_mirrored_rows_are_as_close_as_they_may_be() -> None:
    """p = (1 + s, 1 - s)/2 and its mirror image, no loss: J = 4 s artanh s, and a tenth more would be wrong."""
    claim = claim_alone("categorical/separation_guarantee")
    rows = np.array([[0.7, 0.3], [0.3, 0.7]])
    thing = measured.RowPairs(np.full(2, 0.5), rows, rows)
    found = [i for i in apart.separation_guarantee(thing, context(1, claim.id)) if i.statement == "pair"]
    assert found[0].quantity.value == pytest.approx(4 * 0.4 * math.atanh(0.4))
    assert judge(claim, found).verdict is Verdict.TIGHT
    more = [replace(i, bound=floating(1.1 * i.bound.value, absolute=1e-12)) for i in found if i.bound]
    assert judge(claim, more).verdict is Verdict.REFUTED


def test_hellinger_witness() -> None:
    p, q = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert ((np.sqrt(p) - np.sqrt(q)) ** 2).sum() == pytest.approx(0.585786, abs=5e-7)
    assert kl(p, q) / 2 == pytest.approx(0.346574, abs=5e-7)


def test_similar_contexts_may_be_far_apart() -> None:
    """log q_x' is -1000 for the rare token: the path integral is .99 (log .99 + 0) + ... without forming e^-1000."""
    loss = -math.log(0.99) / 2
    path = (0.99 - 1) * math.log(0.99) + 0.01 * (math.log(0.01) + 1000)
    assert loss == pytest.approx(0.005025, abs=5e-7)
    assert path == pytest.approx(9.954049, abs=5e-7)


def test_constants_are_sharp() -> None:
    e = 1e-7
    rows = measured.RowPairs(np.ones(1), np.array([[1.0, 0.0]]), np.array([[1 - e, e]]))
    hellinger = float(((np.sqrt(rows.p) - np.sqrt(rows.q)) ** 2).sum())
    assert hellinger > 0.9 * rows.loss
    near = measured.RowPairs(np.ones(1), np.array([[0.501, 0.499]]), np.array([[0.499, 0.501]]))
    assert float(total_variation(near.p, near.q)[0]) ** 2 > 0.9 * near.loss / 2


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("cross_entropy_split", "proved"),
        ("cross_entropy_three_way", "proved"),
        ("entropy_limit_as_stated", "proved"),
        ("entropy_gap", "proved"),
        ("softmax_bottleneck", "cited"),
        ("output_approximation", "proved"),
        ("pairwise_distance", "proved"),
        ("separation_chain", "cited"),
        ("separation_guarantee", "proved"),
    ],
)
def test_derivation_is_accepted(name: str, grade: str) -> None:
    report = claim_alone(f"categorical/{name}").check()
    assert report.accepted, report.message
    assert str(report.grade) == grade
