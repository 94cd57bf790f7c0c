"""The spaces of the categorical claims: they draw what they say, hold the fixtures, and shrink to the smallest."""

import numpy as np
import pytest
from hypothesis import find, settings

from numerics.information.categorical_entropy import pointwise
from numerics.information.divergences import KL, TV
from numerics.kernels.kernel import check_rows
from verify.categorical import spaces
from verify.space import Space, draw
from verify.strategies import kernels as strategies

quick = settings(max_examples=200, database=None)
SPACES = [value for value in vars(spaces).values() if isinstance(value, Space) and not value.over_models]


@pytest.mark.parametrize("space", SPACES, ids=lambda s: s.name)
def test_equal_seeds_draw_equal_objects_with_laws_as_rows(space):
    first, second = draw(space, None, 6, 3), draw(space, None, 6, 3)
    extremal = list(space.extremal(None))
    assert len(first) > len(extremal) >= 1
    for one, other in zip(first, second, strict=True):
        for name, value in vars(one).items():
            if isinstance(value, np.ndarray):
                assert np.array_equal(value, getattr(other, name))
                if value.dtype == np.float64:
                    check_rows(value, name)


def test_they_shrink_to_uniform_laws_on_the_smallest_sizes():
    case = find(strategies.kernels_at_laws(), lambda c: c.rows.shape[1] > 1, settings=quick)
    assert case.rows.tolist() == [[0.5, 0.5]] and case.mu.tolist() == [1]
    # kernels with disjoint branches have zeros
    pair = find(strategies.hom_pairs(), lambda c: c.f.shape[1] > 1 and c.g.shape[1] > 1 and c.g.all(), settings=quick)
    assert pair.f.tolist() == [[0.5, 0.5]] and (pair.g == 0.5).all() and pair.g.shape == (2, 2)
    source = find(strategies.finite_sources(), lambda s: True, settings=quick)
    assert (source.contexts, source.V, source.states) == (2, 2, 1)
    assert all((law == 0.5).all() for law in source.laws) and source.mu.tolist() == [0.5, 0.5]
    rows = find(strategies.drafting_rows(), lambda c: True, settings=quick)
    assert (rows.rows == 0.5).all() and rows.cells.tolist() == [0, 0]


def test_false_statements_are_found_false_and_shrunk():
    """Entropy grows behind a coin; pairs of kernels that differ at both steps: generic search shrinks to one input."""
    grows = find(
        strategies.composables(),
        lambda c: pointwise(KL, c.first @ c.second).max() > pointwise(KL, c.first).max() + 1e-9,
        settings=settings(max_examples=600, database=None),
    )
    assert grows.first.shape == (1, 1) and grows.second.tolist() == [[0.5, 0.5]]
    both = find(
        strategies.hom_pairs(),
        lambda c: TV(c.f, c.f1).max() > 0.3 and TV(c.g, c.g1).max() > 0.3,
        settings=settings(max_examples=600, database=None),
    )
    assert both.f.shape[0] == 1
