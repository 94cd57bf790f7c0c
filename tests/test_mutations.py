"""Deliberately wrong steps, generated from the real derivations, are refused."""

import pytest

from theory.checking.kernel import check_last_step
from theory.checking.mutation import mutations
from theory.derivation import Derivation
from theory.registry import registry

EFFORT = 0.15  # refusing must not depend on how long the procedures search
PER_STATEMENT = 3  # mutations checked for each statement, spread over its steps


def derivations():
    found = registry()
    for lemma in found.lemmas.values():
        if isinstance(lemma.backing, Derivation):
            yield lemma.id, lemma.backing
    for claim in found.claims.values():
        if claim.derivation is not None:
            yield claim.id, claim.derivation


def false_mutations(derivation):
    wrong = [m for m in mutations(derivation) if m.false]
    step = max(1, len(wrong) // PER_STATEMENT)
    return wrong[::step][:PER_STATEMENT]


@pytest.mark.parametrize(("name", "derivation"), list(derivations()), ids=[n for n, _ in derivations()])
def test_false_steps_are_refused(name, derivation):
    for mutation in false_mutations(derivation):
        changed = check_last_step(mutation.derivation, effort=EFFORT)
        assert not changed.accepted, f"{name}, step {mutation.step} {mutation.kind}: accepted {changed.proposition}"


def test_there_are_many_and_most_come_with_a_counterexample():
    total = found = 0
    for _, derivation in derivations():
        for mutation in false_mutations(derivation)[:1]:
            if total == 60:
                break
            total += 1
            found += check_last_step(mutation.derivation, effort=EFFORT).counterexample is not None
    assert sum(len(false_mutations(d)) for _, d in derivations()) >= 40
    assert found >= total // 3
