"""Claims about read-out errors: accepted derivations, oracle numbers, verdicts, Monte Carlo beyond enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.formulas import readout_chain
from numerics.concepts.prompts import Sampler
from theory.concepts.error_floor import error_floor_iid
from theory.concepts.readout import readout_chernoff, readout_error
from theory.verdict import Grade, Verdict
from verify.concepts import error_floor, readout
from verify.measure import measure_claim
from verify.measurement import context
from verify.statistics import binomial_interval
from verify.verdict import judge

MEASURED = {
    readout_error: readout.readout_error,
    readout_chernoff: readout.readout_chernoff,
    error_floor_iid: error_floor.error_floor_iid,
}


@pytest.mark.parametrize(
    ("claim", "grade"),
    [(readout_error, Grade.PROVED), (readout_chernoff, Grade.CITED), (error_floor_iid, Grade.PROVED)],
    ids=lambda v: getattr(v, "name", str(v)),
)
def test_derivation_is_accepted(claim, grade):
    report = claim.check()
    assert report.grade is grade, report.message
    cited = [s.name for s in report.steps if s.grade is Grade.CITED]
    assert cited == ([] if grade is Grade.PROVED else ["binomial theorem", "Chernoff", "Pinsker"])


@pytest.mark.parametrize("claim", MEASURED, ids=lambda c: c.name)
def test_verdict(claim):
    chosen = MEASURED[claim]
    if claim is not error_floor_iid:
        chosen = replace(chosen, examples=(8, 8))
    for record in measure_claim(claim, measurement=chosen):
        assert record.as_expected, record.message


@pytest.mark.parametrize(
    ("length", "beta", "chain"),
    [
        (8, 0.5, (0.00390625, 0.14453125, 0.411662033472647, 0.425619694167165)),
        (16, 1.0, (1.52587890625e-5, 2.593994140625e-4, 0.00527375204074, 0.00965571542352)),
    ],
)
def test_oracles(length, beta, chain):
    assert readout_chain(length, beta) == pytest.approx(chain, rel=1e-11)
    values = {"L": length, "b": sp.Rational(str(beta))}
    bounds = [
        readout_chernoff.statements[2].bound,
        readout_error.statement.bound,
        readout_chernoff.statements[1].bound,
        readout_chernoff.statement.bound,
    ]
    exact = [float(b.subs({s: values[s.name] for s in b.free_symbols}).doit()) for b in bounds]
    assert exact == pytest.approx(chain, rel=1e-11)
    dictionary = draw_dictionary(np.random.default_rng(0), 1, 0, 2)
    found = readout.error(readout.Learned(length, beta, 0.5, 1.5, 1), dictionary)
    assert found.value == pytest.approx(chain[1], rel=1e-9)


def test_sampled_labels_err_as_often_as_counted():
    rng = np.random.default_rng(1)
    dictionary = draw_dictionary(rng, 1, 0, 2)
    case = readout.Learned(12, 0.3, 0.5, 1.5, 1)
    prompts = Sampler(12, "iid").sample(rng, dictionary, (4000,))
    low, high = binomial_interval(int(readout.wrong(case, dictionary, prompts).sum()), 4000, 0.9999)
    assert low <= readout_chain(12, 0.3)[1] <= high and high - low < 0.1


@pytest.mark.parametrize("beta", [0.4, 1.0, 1.5])
def test_one_match_is_right_below_the_length(beta):
    dictionary = draw_dictionary(np.random.default_rng(2), 1, 0, 2)
    for length in range(2, 25):
        case = readout.Learned(length, beta, 0.5, 1.5, 1)
        one = readout.wrong(case, dictionary, readout.of_counts(1, length, dictionary))
        assert (not one.any()) == (length < 1 + np.exp(2 * beta))
        assert not one.any() or one.all()


def test_error_floor_of_three_hundred_networks():
    cases = list(error_floor.error_floor_iid(3, context(0, "floor")))
    least = next(c for c in cases if c.label.startswith("least"))
    assert least.quantity.value >= 0.125 - 1e-12
    raised = replace(
        error_floor_iid,
        statements=tuple(replace(s, bound=s.bound * sp.Rational(11, 10)) for s in error_floor_iid.statements),
    )
    assert judge(raised, cases).verdict is Verdict.REFUTED


def test_weakened_chain_is_caught():
    cases = list(readout.readout_chernoff(readout.Learned(1, 1.0, 0.5, 1.5, 1), context(0, "chain")))
    floor = [c for c in cases if c.statement == "all alike"]
    raised = tuple(
        replace(s, bound=s.bound * sp.Rational(11, 10)) if s.label == "all alike" else s
        for s in readout_chernoff.statements
    )
    assert judge(replace(readout_chernoff, statements=raised), floor).verdict is Verdict.REFUTED
