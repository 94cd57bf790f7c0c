"""Starts below the threshold, the critical start, and the time to leave the early phase."""

import math
from dataclasses import replace

import numpy as np
import pytest

from numerics.concepts.early import escape_steps, escape_units
from numerics.concepts.grid import Grid, escape_time
from numerics.concepts.reduced import Concept
from theory.claim import upper
from theory.concepts.forgetting import no_learning_below
from theory.concepts.thresholds import escape_time as escape_claim
from verify.concepts.forgetting import Training
from verify.concepts.forgetting import no_learning_below as measured_forgetting
from verify.concepts.thresholds import Escape
from verify.concepts.thresholds import escape_time as measured_escape
from verify.measurement import context
from verify.verdict import judge


@pytest.mark.parametrize("claim", [no_learning_below, escape_claim])
def test_derivations(claim):
    assert str(claim.check().grade) == "proved"


@pytest.mark.parametrize("lam", [1e-7, 0.002, 0.5])
@pytest.mark.parametrize("gamma", [3.0, 50.0])
def test_training_below_the_threshold_is_bounded(lam, gamma):
    judgement = judge(no_learning_below, measured_forgetting(Training(Concept(lam, pi=0.5), gamma, 0.999), context(0)))
    assert str(judgement.verdict) == "tight"  # the equality of the original units; w itself comes close
    assert judgement.undecided == 0


def test_a_smaller_bound_on_the_weight_is_caught():
    first, *rest = no_learning_below.statements
    stronger = replace(
        no_learning_below, statements=(upper(first.quantity, first.bound * 0.9, label=first.label), *rest)
    )
    thing = Training(Concept(1e-7, pi=0.5), 500.0, 0.5)
    assert str(judge(stronger, measured_forgetting(thing, context(0))).verdict) == "refuted"


def test_the_bound_on_the_weight_is_nearly_reached():
    # A vanishing weight decay is the linearised map, and many small steps are its flow.
    values = list(measured_forgetting(Training(Concept(1e-7, pi=0.5), 500.0, 0.5), context(0)))
    last = [case for case in values if case.statement == "w"][-1]
    psi, t = last.values["psi"], last.values["t"]
    left = 498 * 499 / ((498 + t) * (499 + t))
    sigma_0 = values[0].quantity.value
    assert last.quantity.value < sigma_0 / math.cos(psi) * left
    assert last.quantity.value > 0.95 * sigma_0 / math.cos(psi) * left


def test_escape_of_the_standard_set():
    assert escape_steps(23.7170824512628, 2000) == pytest.approx(69.7132218801273, rel=1e-12)


def test_accurate_escape_times_of_the_flow():
    sigma_0 = np.array([0.1, 0.05, 0.03, 0.026, 0.12, 0.3])
    lam = np.array([0.005] * 4 + [0.02] * 2)
    grid = Grid(lam, np.array(1.0), np.array(0.1), np.array(0.3), np.array(2.0))
    found = escape_time(grid, grid.start(sigma_0), step=1e-3)
    # The specification's column is up to 0.2 % above: 54.640, 134.920, 349.560, 619.040, 85.940, 18.020.
    np.testing.assert_allclose(found, [54.538, 134.759, 349.351, 619.71, 85.910, 18.000], rtol=2e-4)
    formula = np.array([escape_units(float(W_0)) for W_0 in grid.start_in_units(sigma_0)]) / lam
    excess = formula / found - 1
    assert (excess > 0).all() and excess[:4].max() < 0.048 and excess[4:].max() < 0.12


@pytest.mark.parametrize("escape", [Escape(23.7170824512628, 0.002, 2000.0), Escape(1.6, 0.02, 3.0)])
def test_escape_verdict(escape):
    judgement = judge(escape_claim, measured_escape(escape, context(0)))
    assert str(judgement.verdict) == "tight"


def test_fewer_steps_do_not_suffice():
    statement = next(s for s in escape_claim.statements if s.label == "fewer do not")
    others = tuple(s for s in escape_claim.statements if s.label != "fewer do not")
    stronger = replace(
        escape_claim, statements=(*others, upper(statement.quantity, statement.bound * 0.9, label=statement.label))
    )
    assert str(judge(stronger, measured_escape(Escape(1.6, 0.02, 3.0), context(0))).verdict) == "refuted"
