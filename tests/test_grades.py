"""Every derivation in the registry stands, and at most one step in ten is a gap."""

import pytest

from theory.checking.kernel import check_lemma
from theory.registry import registry
from verify.report.grades import GAP_LIMIT, count, graded_steps, statements_behind

CLAIMS = [c for c in registry().claims.values() if c.derivation is not None]


@pytest.mark.parametrize("claim", CLAIMS, ids=[c.id for c in CLAIMS])
def test_the_derivation_stands(claim):
    report = check_lemma(claim)
    assert report.accepted, report.message


@pytest.mark.slow
def test_at_most_one_step_in_ten_is_a_gap_and_each_says_why():
    markov = [c for c in CLAIMS if c.body == "markov"]
    found = count([step for statement in statements_behind(markov) for step in graded_steps(statement)])
    assert not found.refused
    assert found.gap_share <= GAP_LIMIT
    assert all(step.message for step in found.gaps)


def test_claims_kept_without_a_derivation_are_expected_to_be_refuted():
    bare = [c for c in registry().claims.values() if c.derivation is None]
    assert bare and all(str(c.expected) == "refuted" and c.why for c in bare)
