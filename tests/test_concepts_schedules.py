"""Decay products and effective times of the schedules: derivations, oracles and verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from numerics.concepts.schedule import Schedule
from theory.concepts.parameters import g, lam, t
from theory.concepts.schedules import decay_product, effective_time
from theory.verdict import Grade, Verdict
from verify.concepts import schedules as measured
from verify.measurement import context
from verify.space import draw
from verify.verdict import judge

ALPHA = {100: 0.444195823634371, 600: 0.188938065054785, 900: 0.122044193796413, 1200: 0.0823047531767479}


@pytest.mark.parametrize("claim", [decay_product, effective_time])
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


def test_oracles_of_the_standard_set():
    def decay(steps: int) -> float:
        return float(decay_product.statement.bound.subs({lam.symbol: 0.002, g.symbol: 2000, t.symbol: steps}))

    assert decay(100) == pytest.approx(0.906964640204991, rel=1e-14)
    assert decay(1200) == pytest.approx(0.390405186423759, rel=1e-14)
    for steps, alpha in ALPHA.items():
        assert 0.3**2 * 6 * decay(steps) ** 2 == pytest.approx(alpha, rel=1e-13)
        assert Schedule(0.002, 2000).decay(steps) == pytest.approx(decay(steps), rel=1e-14)
    assert Schedule(0.002, 2000).effective_time(600) == pytest.approx(262.421965281101, rel=1e-13)


def _cases(claim, measurement):
    things = draw(measurement.over, claim, 10, 5)
    return [case for n, thing in enumerate(things) for case in measurement(thing, context(5, claim.id, str(n)))]


@pytest.mark.parametrize("claim", [decay_product, effective_time])
def test_verdicts(claim):
    assert judge(claim, _cases(claim, getattr(measured, claim.name))).verdict is Verdict.HOLDS


@pytest.mark.parametrize("n", range(4))
def test_times_a_tenth_off_are_refuted(n):
    statement = effective_time.statements[n]
    factor = 1.1 if statement.sign == ">=" else 0.9
    changed = [replace(s, bound=s.bound * factor) if s is statement else s for s in effective_time.statements]
    bold = replace(effective_time, statements=tuple(changed))
    assert judge(bold, _cases(effective_time, measured.effective_time)).verdict is Verdict.REFUTED
