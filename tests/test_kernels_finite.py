"""Kernels between finite spaces: the laws of a Markov category, wirings, disintegration, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels.conditionals import almost_surely_equal, bayesian_inverse, conditional, joint, recomposed
from numerics.kernels.kernel import Kernel, Wiring, copy, discard, function, identity, kernel, state, swap
from verify.strategies.kernels import composables, kernels_at_laws, rows

some = settings(max_examples=40, deadline=None)


def same(left, right):
    return left.dom == right.dom and left.cod == right.cod and np.abs(left.array - right.array).max() <= 1e-15


def exchange(left, right):
    """The exchange of two lists of wires."""
    count = len(left)
    return Wiring((*left, *right), (*range(count, count + len(right)), *range(count)))


@st.composite
def two_wire_kernels(draw, inputs=1):
    """A kernel with `inputs` input wires and two output wires."""
    dom = tuple(draw(st.integers(1, 3)) for _ in range(inputs))
    y, z = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return kernel(draw(rows(int(np.prod(dom)), y * z)), dom, (y, z), "f")


@some
@given(two_wire_kernels(inputs=2))
def test_laws_of_a_markov_category(f):
    out, copied = f.cod, f >> copy(*f.cod)
    assert same(copied >> discard(*out) @ identity(*out), f)
    assert same(copied >> identity(*out) @ discard(*out), f)
    assert same(copied >> exchange(out, out), copied)
    assert same(copied >> copy(*out) @ identity(*out), copied >> identity(*out) @ copy(*out))
    # copying both wires is copying each, up to the middle exchange
    each = f >> copy(out[0]) @ copy(out[1]) >> identity(out[0]) @ swap(out[0], out[1]) @ identity(out[1])
    assert same(each, copied)
    assert (f >> discard(*out)).array == pytest.approx(1, abs=1e-12)
    # functions slide through copying, and nothing else does
    assert same(copied, copy(*f.dom) >> f @ f) == f.is_deterministic
    right = kernel([[0.5, 0.5], [0, 1]])
    assert same(exchange(f.dom, right.dom) >> right @ f >> exchange(right.cod, out), f @ right)
    # interchange
    one = (f @ identity(*right.dom)) >> (identity(*out) @ right)
    assert same(one, (identity(*f.dom) @ right) >> (f @ identity(*right.cod)))


@some
@given(composables())
def test_composition_is_the_matrix_product_and_beside_the_kronecker_product(case):
    k, h = kernel(case.first), kernel(case.second)
    assert (k >> h).matrix == pytest.approx(case.first @ case.second, abs=1e-15)
    assert (k @ h).matrix == pytest.approx(np.kron(case.first, case.second), abs=1e-15)


def test_wirings_are_the_matrices_of_the_specification():
    a, b = 2, 3
    delta = copy(b).kernel().matrix
    assert [np.flatnonzero(row).tolist() for row in delta] == [[x * b + x] for x in range(b)]
    sigma = swap(a, b).kernel().matrix
    for i in range(a):
        for j in range(b):
            assert sigma[i * b + j, j * a + i] == 1
    assert sigma.sum() == a * b
    assert discard(b).kernel().matrix.tolist() == [[1.0]] * b


@some
@given(two_wire_kernels(), st.lists(st.integers(0, 1), max_size=3))
def test_a_wiring_acts_as_its_matrix(f, outputs):
    after = Wiring(f.cod, tuple(outputs))
    assert same(f >> after, f >> after.kernel())
    before = Wiring((f.dom[0], (0, 1)), (0,))
    assert same(before >> f, before.kernel() >> f)
    both = copy(f.dom[0]) >> f @ f
    assert same(both, copy(f.dom[0]).kernel() >> f @ f)
    assert same(before >> copy(f.dom[0]) >> f @ f, before.kernel() >> both)


def test_large_wirings_act_but_are_no_matrices():
    size = 2000
    k = kernel(np.full((1, size), 1 / size))
    table = (k >> copy(size)).array
    assert table.shape == (1, size, size) and np.trace(table[0]) == pytest.approx(1)
    with pytest.raises(ValueError, match="2000 input states is not written as a matrix"):
        copy(size).kernel()
    with pytest.raises(ValueError, match="1600 output states"):
        copy(40).kernel()


def test_labels_and_rows():
    k = kernel([[0.25, 0.75], [1, 0]], (["rain", "sun"],), ("ab",), "weather")
    assert k.row("sun").tolist() == [1, 0] and not k.is_deterministic
    assert function([1, 0, 1], 2).is_deterministic
    with pytest.raises(ValueError, match="'snow' is no point of the space"):
        k.row("snow")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: kernel([[0.5, 0.48], [1, 0]], (["rain", "sun"],), None, "weather"),
            r"row 0 \(at 'rain'\) of weather sums to 0.98, expected 1 within 1e-09",
        ),
        (lambda: kernel([[0.5, 0.5], [1.5, -0.5]]), r"row 1 \(at 1\) of kernel has the entry -0.5, expected a prob"),
        (lambda: kernel([[np.nan, 1]]), "has the entry nan"),
        (lambda: kernel([1.0, 0.0]), r"rows of shape \(2,\), expected a matrix"),
        (lambda: kernel([[1.0]], (1,), (2,)), r"expected 2 entries"),
        (lambda: Kernel(((0, 1),), ((0,),), np.ones((1, 2))), r"array of shape \(1, 2\), expected \(2, 1\)"),
        (lambda: identity([]), "has no points"),
        (lambda: identity("aa"), "expected them to differ"),
        (lambda: Wiring(((0,),), (1,)), "repeats the input 1"),
        (lambda: joint(kernel(np.eye(2)), kernel(np.eye(2))), "has inputs, expected a state"),
    ],
)
def test_bad_input_is_one_clear_line(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_types_that_do_not_match_show_both_sides():
    k, h = kernel([[1.0, 0.0]], name="k"), kernel(np.eye(3), name="h")
    with pytest.raises(TypeError, match=r"the first ends in \{0, 1\}, the second starts at \{0, 1, 2\}"):
        k >> h
    with pytest.raises(TypeError, match="cannot compose"):
        k >> copy(3)
    with pytest.raises(TypeError, match="cannot compose"):
        copy(3) >> k
    with pytest.raises(TypeError, match="other spaces"):
        joint(state([1.0]), h)


@some
@given(two_wire_kernels(), st.sampled_from([(0,), (1,)]))
def test_disintegration_puts_together_again(f, given_wires):
    rest = conditional(f, given_wires)
    arranged = f >> Wiring(f.cod, (*given_wires, *({0, 1} - set(given_wires))))
    assert recomposed(f.marginal(*given_wires), rest) == pytest.approx(arranged.array, abs=1e-15)
    # the mask marks exactly the conditions of positive probability: axes X, A
    assert (rest.mask == (f.marginal(*given_wires).array.T > 0)).all()
    open_rows = rest.kernel.array[~rest.mask]
    assert (open_rows == 1 / max(1, rest.kernel.array.shape[-1])).all()


@some
@given(kernels_at_laws())
def test_bayesian_inverse(case):
    mu, k = state(case.mu), kernel(case.rows)
    inverse = bayesian_inverse(mu, k)
    image = mu >> k
    turned = joint(image, inverse.kernel).array.T
    assert turned == pytest.approx(joint(mu, k).array, abs=1e-15)
    assert (inverse.mask == (image.array > 0)).all()
    # unique almost surely: the rows that it leaves open may be changed, and no others
    changed = inverse.kernel.array.copy()
    changed[~inverse.mask] = np.eye(changed.shape[1])[0]
    other = kernel(changed)
    assert almost_surely_equal(image, inverse.kernel, other)
    if inverse.mask.any() and len(case.mu) > 1:
        row = int(np.flatnonzero(inverse.mask)[0])
        changed[row] = np.roll(changed[row], 1)
        moved = np.abs(changed[row] - inverse.kernel.array[row]).max() * image.array[row] > 1e-12
        assert almost_surely_equal(image, inverse.kernel, kernel(changed)) != moved


def test_tiny_rows_keep_their_digits():
    f = kernel([[3e-320, 1e-320, 1.0, 0.0]], (1,), (2, 2))
    assert conditional(f).kernel.array[0, 0] == pytest.approx([0.75, 0.25], rel=1e-3)
