"""The measurement of one claim, found without the others, is the one that all of them together hold."""

import pytest

from theory.registry import registry
from verify.measurement import measurement_alone, measurements


@pytest.mark.parametrize("name", sorted(registry().claims))
def test_a_measurement_is_found_without_the_others(name):
    assert measurement_alone(name) is measurements().get(name)


def test_no_measurement_belongs_to_a_claim_that_is_not_there():
    assert set(measurements()) <= set(registry().claims)
    assert measurement_alone("markov/nothing_of_that_name") is None
    assert measurement_alone("nowhere/sparsity") is None
