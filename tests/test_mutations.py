"""Deliberately wrong steps, generated from the real derivations, are refused."""

import pytest

from theory.checking.kernel import check_last_step
from theory.checking.mutation import mutations
from theory.derivation import Derivation
from theory.registry import registry

EFFORT = 0.15  # refusing must not depend on how long the procedures search
SAMPLE = 120  # of all certainly false mutations, spread evenly over the statements


def derivations():
    found = registry()
    for lemma in found.lemmas.values():
        if isinstance(lemma.backing, Derivation):
            yield lemma.id, lemma.backing
    for claim in found.claims.values():
        if claim.derivation is not None:
            yield claim.id, claim.derivation


def false_mutations():
    return [(name, m) for name, derivation in derivations() for m in mutations(derivation) if m.false]


ALL = false_mutations()
CHOSEN = ALL[:: max(1, len(ALL) // SAMPLE)]


def test_there_are_many():
    assert len(CHOSEN) >= 40
    assert {m.kind for _, m in CHOSEN} == {"flipped", "one per cent"}


@pytest.mark.parametrize(("name", "mutation"), CHOSEN, ids=[f"{n}-{m.step}-{m.kind}" for n, m in CHOSEN])
def test_a_false_step_is_refused(name, mutation):
    report = check_last_step(mutation.derivation, effort=EFFORT)
    assert not report.accepted, f"{name}, step {mutation.step} {mutation.kind}: accepted {report.proposition}"


def test_false_steps_often_come_with_a_counterexample():
    reports = [check_last_step(mutation.derivation, effort=EFFORT) for _, mutation in CHOSEN[:40]]
    found = [r for r in reports if r.counterexample is not None]
    assert len(found) >= 10
    assert all(r.counterexample for r in found)


def test_a_step_stripped_of_what_backs_it_is_often_refused():
    """Those that are accepted still follow: what was taken away was one reason too many."""
    stripped = [m for _, d in derivations() for m in mutations(d) if m.kind == "no assumption"]
    sample = stripped[:: max(1, len(stripped) // 30)]
    refused = [m for m in sample if not check_last_step(m.derivation, effort=EFFORT).accepted]
    assert len(sample) >= 30
    assert len(refused) >= len(sample) // 3
