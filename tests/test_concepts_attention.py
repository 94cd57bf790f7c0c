"""Attention weights of clean prompts: derivations, oracles, verdicts, and a bound that is a little too good."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from theory.claim import Statement
from theory.concepts.attention import attention_weight, balanced_attention, balanced_squares
from theory.concepts.attention_perturbed import attention_weight_perturbed, eps
from theory.concepts.parameters import b, nm, np
from theory.verdict import Grade, Verdict
from verify.concepts import attention as measured
from verify.measurement import context
from verify.space import draw
from verify.verdict import judge


@pytest.mark.parametrize("claim", [attention_weight, attention_weight_perturbed])
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


@pytest.mark.parametrize("lemma", [balanced_attention, balanced_squares])
def test_balanced_prompts_are_proved(lemma):
    from theory.checking.kernel import check_lemma

    assert check_lemma(lemma).grade is Grade.PROVED


def test_oracle_of_the_standard_set():
    bound = attention_weight.statements[0].bound
    at = {np.symbol: 2, nm.symbol: 2, b.symbol: 0.18}
    assert float(bound.subs(at)) == pytest.approx(1 / (1 + math.exp(-0.36)), rel=1e-14)
    assert float(bound.subs(at)) == pytest.approx(0.5890, abs=5e-5)
    theta = attention_weight.statements[1].bound
    assert float(theta.subs(at)) == pytest.approx(math.tanh(0.18), rel=1e-14)


def _cases(claim, measurement, examples):
    things = draw(measurement.over, claim, examples, 3)
    return [case for n, thing in enumerate(things) for case in measurement(thing, context(3, claim.id, str(n)))]


def test_verdicts():
    found = judge(attention_weight, _cases(attention_weight, measured.attention_weight, 4))
    assert found.verdict is Verdict.HOLDS
    cases = _cases(attention_weight_perturbed, measured.attention_weight_perturbed, 20)
    assert judge(attention_weight_perturbed, cases).verdict is Verdict.TIGHT


def test_a_bound_with_a_tenth_less_error_is_refuted():
    statement = attention_weight_perturbed.statement
    better = statement.bound.subs(eps.symbol, eps.symbol * 9 / 10)
    bold = replace(attention_weight_perturbed, statements=(replace(statement, bound=better),))
    assert isinstance(bold.statement, Statement)
    cases = _cases(attention_weight_perturbed, measured.attention_weight_perturbed, 0)
    assert judge(bold, cases).verdict is Verdict.REFUTED
