"""The early phase: derivations, oracles through the tool's own functions, verdicts."""

import math
from dataclasses import replace

import pytest

from numerics.concepts.early import (
    critical_start_at,
    damped_critical,
    damping,
    escape_units,
    integrated,
    integrated_blow_up,
    solution,
)
from theory.claim import equal, lower
from theory.concepts.early_phase import early_phase, early_phase_start
from theory.concepts.iid_labels import early_phase_iid
from verify.concepts.early_phase import Start
from verify.concepts.early_phase import early_phase as measured_phase
from verify.concepts.early_phase import early_phase_start as measured_start
from verify.concepts.iid_labels import Labels
from verify.concepts.iid_labels import early_phase_iid as measured_iid
from verify.measurement import context
from verify.verdict import judge


@pytest.mark.parametrize(
    ("claim", "gaps"), [(early_phase, []), (early_phase_start, []), (early_phase_iid, ["critical start"])]
)
def test_derivations(claim, gaps):
    report = claim.check()
    assert report.accepted
    assert [step.name for step in report.steps if str(step.grade) != "proved"] == gaps


def test_the_solution_is_the_integrated_one():
    assert solution(1.4, 2.0) == pytest.approx((0.502963237643974, 0.537466901904878), rel=1e-13)
    assert integrated(1.4, 2.0) == pytest.approx(solution(1.4, 2.0), rel=1e-11)
    for W_0, P_0, s in ((2.0, 0.5, 0.4), (0.5, 0.9, 0.7), (0.3, -2.0, 1.2), (0.8, 0.8, 0.5)):
        assert integrated(W_0, s, P_0) == pytest.approx(solution(W_0, s, P_0), rel=1e-10)


@pytest.mark.parametrize(
    ("P_0", "critical"),
    [(0.0, 1.57079632679490), (0.4, 1.32616605574369), (0.8, 1.10297242332755), (-0.5, 1.90344143241293),
     (-2.0, 3.03960512241237)],
)  # fmt: skip
def test_critical_starts_by_integration(P_0, critical):
    assert critical_start_at(P_0) == pytest.approx(critical, rel=1e-13)
    assert integrated_blow_up(1.01 * critical, P_0) < 1 < integrated_blow_up(0.99 * critical, P_0)
    assert integrated_blow_up(critical, P_0) == pytest.approx(1, abs=1e-8)


def test_the_tempting_criterion_is_wrong():
    low, high = 0.5, 1.5
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if middle + math.atan(0.8 / middle) > math.pi / 2 else (middle, high)
    assert low == pytest.approx(0.7593, abs=1e-4)
    assert escape_units(low, 0.8) == math.inf


def test_damped_critical_start_of_the_example():
    delta = damping(1.0, 0.5, 4, 0.02)
    scale = math.sqrt(0.5) * 2 * (1 - 1 / 4) / (2 * 0.02)
    assert delta == 1.5625
    assert damped_critical(delta) / scale == pytest.approx(0.07734, abs=2e-5)
    assert math.pi / 2 / scale == pytest.approx(0.05924, abs=1e-5)


@pytest.mark.parametrize(
    ("claim", "measurement", "thing", "verdict"),
    [
        (early_phase, measured_phase, Start(1.4), "tight"),
        (early_phase, measured_phase, Start(5.0), "tight"),
        (early_phase_start, measured_start, Start(1.2, 0.8), "holds"),
        (early_phase_start, measured_start, Start(2.0, 2.0), "holds"),
        (early_phase_start, measured_start, Start(0.5, 2.0), "holds"),
        (early_phase_iid, measured_iid, Labels(4), "tight"),
    ],
)
def test_verdicts(claim, measurement, thing, verdict):
    assert str(judge(claim, measurement(thing, context(0))).verdict) == verdict


@pytest.mark.parametrize(
    ("claim", "measurement", "thing"),
    [
        (early_phase, measured_phase, Start(1.4)),
        (early_phase_start, measured_start, Start(1.2, 0.8)),
        (early_phase_iid, measured_iid, Labels(4)),
    ],
)
def test_changed_constants_are_caught(claim, measurement, thing):
    statements = tuple(
        equal(s.quantity, s.bound * 1.1, label=s.label) if s.sign == "==" else lower(s.quantity, s.bound, label=s.label)
        for s in claim.statements
    )
    assert str(judge(replace(claim, statements=statements), measurement(thing, context(0))).verdict) == "refuted"


def test_the_undamped_threshold_is_too_small_for_iid_labels():
    stated = early_phase_iid.statements[-1]
    stronger = replace(
        early_phase_iid,
        statements=(*early_phase_iid.statements[:-1], lower(stated.quantity, stated.bound * 1.5, label=stated.label)),
    )
    assert str(judge(stronger, measured_iid(Labels(8), context(0))).verdict) == "refuted"
