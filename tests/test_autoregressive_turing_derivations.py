"""The derivations of the claims about Turing machines are accepted, and false versions of them are not."""

from dataclasses import replace

import pytest

from theory.autoregressive.turing import missed_component, turing_oblivious
from theory.autoregressive.turing_as_stated import turing_as_stated
from theory.autoregressive.turing_binary import turing_binary
from theory.autoregressive.turing_binary_cone import turing_binary_cone
from theory.autoregressive.turing_dictionary import turing_dictionary, turing_dictionary_cone
from theory.autoregressive.turing_sweep import automaton_scan, turing_loglinear, turing_sweep
from theory.checking.kernel import check_claim

PROVED = (
    turing_as_stated,
    turing_binary,
    turing_binary_cone,
    turing_dictionary,
    turing_dictionary_cone,
    turing_oblivious,
    turing_sweep,
    automaton_scan,
)


@pytest.mark.parametrize("claim", (*PROVED, turing_loglinear), ids=lambda claim: claim.name)
def test_derivations(claim):
    report = claim.check()
    assert report.accepted, report.message
    assert str(report.grade) == ("cited" if claim is turing_loglinear else "proved")
    assert not [step for step in report.steps if str(step.grade) == "gap"]


def test_only_the_simulation_is_cited():
    steps = {step.name: str(step.grade) for step in turing_loglinear.check().steps}
    assert [name for name, grade in steps.items() if grade != "proved"] == ["simulation"]


@pytest.mark.parametrize("claim", (turing_dictionary_cone, turing_sweep, automaton_scan), ids=lambda claim: claim.name)
def test_a_token_less_is_not_proved(claim):
    """The same derivation does not yield a length that is shorter by one."""
    first = claim.statements[0]
    changed = replace(claim, statements=(replace(first, bound=first.bound - 1), *claim.statements[1:]))
    assert not check_claim(changed).accepted


def test_the_gap_needs_a_component_that_differs():
    """Without the hypothesis that some component differs, the lemma of the gap cannot be applied."""
    kept = tuple(h for h in turing_sweep.hypotheses if h != missed_component.hypotheses[2])
    assert len(kept) == len(turing_sweep.hypotheses) - 1
    weaker = replace(turing_sweep.derivation, given=kept)
    assert not check_claim(replace(turing_sweep, hypotheses=kept, derivation=weaker)).accepted
