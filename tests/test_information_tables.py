"""Measures of joint tables: sums of entropies, log-ratios and rigorous balls agree; clipping; limits."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.information.entropy import Joint, entropy, joint_of_weights, mutual_information
from numerics.information.exact_tables import (
    ExactTable,
    entropy_ball,
    exact_table,
    independent,
    information_ball,
    law,
    marginal,
    total_correlation_ball,
)
from numerics.information.tables import Measures, measures
from verify.strategies.laws import integer_weights

some = settings(max_examples=40, deadline=None)
AXES = ("X", "Y", "Z", "W")


@st.composite
def tables(draw):
    """Integer weights with four axes, zeros included."""
    shape = tuple(draw(st.integers(1, 3)) for _ in AXES)
    return draw(integer_weights(1, int(np.prod(shape)), zeros=draw(st.booleans()))).reshape(shape)


@some
@given(tables())
def test_three_roads_agree(weights):
    joint, exact = joint_of_weights(AXES, weights), exact_table(AXES, weights)
    of = measures(joint)
    for names, given_names in (("X", ""), ("XY", ""), ("XZ", "W"), ("XYZW", ""), ("Y", "XZW"), ("", "X")):
        ball = entropy_ball(exact, names, given_names)
        assert of.H(names, given_names) == pytest.approx(ball.middle, abs=1e-13)
        assert entropy(joint, names, given_names) == pytest.approx(ball.middle, abs=1e-13)
        assert ball.lower <= ball.upper < ball.lower + Fraction(1, 10**29)
    for first, second, given_names in (("X", "Y", ""), ("X", "YZ", ""), ("XW", "Z", "Y"), ("X", "Y", "ZW")):
        ball = information_ball(exact, first, second, given_names)
        assert of.I(first, second, given_names) == pytest.approx(ball.middle, abs=1e-12)
        assert mutual_information(joint, first, second, given_names) == pytest.approx(ball.middle, abs=1e-12)
        # independence is decided in integers, and then the ball holds 0
        free = independent(exact, first, second, given_names)
        assert free == (ball.lower <= 0)
    total = total_correlation_ball(exact, ("X", "Y", "Z"), "W").middle
    assert of.TC("X", "Y", "Z", given="W") == pytest.approx(total, abs=1e-12)
    chained = mutual_information(joint, "X", "Y", "W") + mutual_information(joint, "XY", "Z", "W")
    assert chained == pytest.approx(total, abs=1e-12)


@some
@given(tables())
def test_marginals_are_sums(weights):
    joint, exact = joint_of_weights(AXES, weights), exact_table(AXES, weights)
    of = measures(joint)
    for names in ("X", "YW", "XZ", "XYZ", "XYZW"):
        others = tuple(k for k, axis in enumerate(AXES) if axis not in names)
        assert of.marginal(names) == pytest.approx(joint.table.sum(axis=others), abs=1e-15)
        assert (marginal(exact, names).squeeze() == np.asarray(weights.sum(axis=others)).squeeze()).all()
    assert law(exact, "X").sum() == 1


def test_values_with_closed_forms():
    bits = np.zeros((2, 2, 2), dtype=np.int64)
    for x in range(2):
        for y in range(2):
            bits[x, y, x ^ y] = 1
    of = measures(joint_of_weights("XYZ", bits))
    assert of.I("X", "Y") == 0
    assert of.I("X", "Y", "Z") == pytest.approx(math.log(2), abs=1e-15)
    assert of.TC("X", "Y", "Z") == pytest.approx(math.log(2), abs=1e-15)
    assert of.I("X", "X") == of.H("X") == pytest.approx(math.log(2), abs=1e-15)
    assert independent(exact_table("XYZ", bits), "X", "Y") and not independent(exact_table("XYZ", bits), "X", "Y", "Z")


def test_a_marginal_comes_from_a_smaller_one_that_is_known():
    rng = np.random.default_rng(0)
    joint = Joint(("A", "B", "C"), rng.dirichlet(np.ones(60)).reshape(3, 4, 5))
    of = measures(joint)
    of.H("AB")
    # were the small one not used, a wrong table of it could not be seen
    object.__setattr__(of, "_tables", {frozenset("AB"): np.full((3, 4), 1 / 12)})
    assert of.marginal("A") == pytest.approx(np.full(3, 1 / 3))


@some
@given(tables())
def test_entropies_of_all_sets_at_once(weights):
    joint = joint_of_weights(AXES, weights)
    found = measures(joint).entropies()
    assert len(found) == 2**4 - 1
    for names, value in found.items():
        assert value == pytest.approx(entropy(joint, tuple(names)), abs=1e-13)


@pytest.mark.parametrize(
    "shape", [(3, 5000), (5000, 3), (2, 3, 40), (40, 3, 2), (2, 40, 3), (7, 20, 20), (5, 6, 3), (5, 1, 3)]
)
def test_every_way_of_summing_over_an_axis(shape):
    rng = np.random.default_rng(0)
    joint = Joint(tuple("ABC"[: len(shape)]), rng.dirichlet(np.ones(math.prod(shape))).reshape(shape))
    for table in (joint, Joint(joint.axes, np.asfortranarray(joint.table))):
        of = measures(table)
        for size in range(1, len(shape)):
            for kept in itertools.combinations(range(len(shape)), size):
                others = tuple(k for k in range(len(shape)) if k not in kept)
                law = of.marginal([joint.axes[k] for k in kept])
                np.testing.assert_allclose(law, joint.table.sum(axis=others), rtol=1e-13)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([0.5, math.nan], r"entry \[1\] of the joint law is nan, expected a probability"),
        ([math.inf, 0.0], r"entry \[0\] of the joint law is inf"),
        ([1.5, -0.5], r"entry \[1\] of the joint law is -0.5"),
        ([1e308, 1e308], "the joint law sums to inf, expected 1"),
        ([0.5, 0.4], "the joint law sums to 0.9, expected 1"),
    ],
)
def test_a_law_has_probabilities_that_sum_to_one(entries, said):
    with pytest.raises(ValueError, match=said):
        Joint(("X",), np.array(entries))


def test_rounding_is_clipped_and_more_is_raised():
    unsound = Measures(Joint(("X", "Y"), np.full((2, 2), 0.25)))
    unsound._entropies[frozenset("XY")] = 2 * math.log(2) + 1e-13
    assert unsound.I("X", "Y") == 0
    unsound._entropies[frozenset("XY")] = 2 * math.log(2) + 1e-11
    with pytest.raises(ArithmeticError, match=r"I\(X; Y \| -\) = -1.*e-11, expected at least -1e-12"):
        unsound.I("X", "Y")


def test_large_tables_are_measured_and_larger_ones_refused():
    rng = np.random.default_rng(0)
    weights = rng.random((2,) * 20)
    joint = Joint(tuple(f"X{i}" for i in range(20)), weights / weights.sum())
    of = measures(joint)
    first, second = [f"X{i}" for i in range(10)], [f"X{i}" for i in range(10, 20)]
    assert of.I(first, second) == pytest.approx(mutual_information(joint, first, second), abs=1e-12)
    with pytest.raises(ValueError, match="10000001 cells, expected at most 10000000"):
        measures(Joint(("X",), np.full(10_000_001, 1 / 10_000_001)))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda of, t: of.H("Q"), ValueError, "no variable 'Q'; it has X, Y"),
        (
            lambda of, t: measures(Joint(tuple(map(str, range(17))), np.ones((1,) * 17))).entropies(),
            ValueError,
            "17 var",
        ),
        (lambda of, t: of.TC("X"), ValueError, "total correlation of 1 groups"),
        (lambda of, t: marginal(t, "Q"), ValueError, "no variable 'Q'"),
        (lambda of, t: exact_table("X", [0.5, 0.5]), TypeError, "is a float"),
        (lambda of, t: exact_table("X", [1, -1]), ValueError, "is -1, expected an integer >= 0"),
        (lambda of, t: exact_table("X", [0, 0]), ValueError, "every weight of the table is 0"),
        (lambda of, t: ExactTable(("X", "X"), t.weights), ValueError, "do not name the 2 axes"),
    ],
)
def test_bad_input_is_one_clear_line(call, error, said):
    of = measures(Joint(("X", "Y"), np.full((2, 2), 0.25)))
    with pytest.raises(error, match=said):
        call(of, exact_table("XY", np.ones((2, 2), dtype=int)))


def test_fractions_are_put_over_one_denominator():
    table = exact_table("XY", [[Fraction(1, 6), Fraction(1, 4)], ["1/3", Fraction(1, 4)]])
    assert table.weights.tolist() == [[2, 3], [4, 3]] and table.total == 12
    assert table.floats().table.tolist() == [[1 / 6, 1 / 4], [1 / 3, 1 / 4]]
