"""Contraction of diagrams: against exact evaluation, with batches, repeated and untouched wires, and many wires."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.information.categorical_entropy import pointwise
from numerics.information.divergences import KL, TEN
from numerics.kernels.kernel import kernel
from numerics.kernels.network import Network, NetworkBox, contract, joint_table, wire_table
from numerics.sources.fixtures import K1_ROWS
from theory.categories import Box, Copy, Discard, Id, Ob, Swap, normal_form
from theory.categories.exact import exact
from theory.categories.kernel import KernelError
from theory.categories.normal_form import translate
from theory.categories.term import compose
from verify.functor import categorical_entropy, joint, numeric, numeric_batch
from verify.strategies.diagrams import diagrams, interpretations

X, Y = Ob("X"), Ob("Y")
k = Box("k", X, Y)


def floats(kernels):
    return {name: np.array([[float(v) for v in row] for row in rows]) for name, rows in kernels.items()}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_hundred_random_diagrams_agree_with_exact_evaluation(data):
    term = data.draw(diagrams())
    spaces, kernels = data.draw(interpretations(term))
    wanted = exact(term, spaces, kernels)
    found = numeric(term, spaces, floats(kernels))
    assert found.matrix == pytest.approx(np.array([[float(v) for v in row] for row in wanted.table()]), abs=1e-13)
    # as it is written, dead boxes and all, it is the same kernel
    assert numeric(translate(term), spaces, floats(kernels)).array == pytest.approx(found.array, abs=1e-13)
    # row by row through the law of the distinct wires
    inputs = tuple(spaces[ob] for ob in term.dom)
    law = np.full(inputs, 1 / max(1, int(np.prod(inputs))))
    table, wires = joint(term, spaces, floats(kernels), law if inputs else None)
    assert len(set(wires)) == table.ndim and table.sum() == pytest.approx(1)
    graph = normal_form(term)
    mixed = np.tensordot(law, found.array, axes=len(inputs))
    for outputs in product(*(range(n) for n in table.shape)):
        point = dict(zip(wires, outputs, strict=True))
        assert mixed[tuple(point[w] for w in graph.outputs)] == pytest.approx(table[outputs], abs=1e-13)


def test_repeated_outputs_lie_on_the_diagonal():
    found = numeric(k >> Copy(Y) >> Copy(Y) @ Id(Y), {X: 3, Y: 4}, {"k": K1_ROWS}).array
    assert found.shape == (3, 4, 4, 4)
    assert np.einsum("xyyy->xy", found) == pytest.approx(K1_ROWS) and found.sum() == pytest.approx(3)


def test_inputs_as_outputs_and_inputs_that_nobody_reads():
    assert (numeric(Id(X), {X: 3}, {}).array == np.eye(3)).all()
    assert numeric(Discard(X), {X: 3}, {}).array.tolist() == [1, 1, 1]
    assert numeric(Id(()), {}, {}).array.shape == ()
    found = numeric(Swap(X, Y) >> Id(Y) @ Discard(X), {X: 2, Y: 3}, {}).array
    assert (found == np.broadcast_to(np.eye(3), (2, 3, 3))).all()
    twice = Box("f", (X, X), Y)
    rows = np.random.default_rng(0).dirichlet(np.ones(3), (2, 2))
    read = numeric(Copy(X) >> twice, {X: 2, Y: 3}, {"f": rows}).array
    assert (read == rows[[0, 1], [0, 1]]).all()


def test_more_wires_than_letters():
    steps = 200
    chain = compose(*(Box(f"k{i % 3}", X, X) for i in range(steps)))
    rows = {f"k{i}": np.random.default_rng(i).dirichlet(np.ones(4), 4) for i in range(3)}
    wanted = np.linalg.multi_dot([rows[f"k{i % 3}"] for i in range(steps)])
    assert numeric(chain, {X: 4}, rows).array == pytest.approx(wanted, abs=1e-12)


def test_batches_are_many_contractions():
    term = Copy(X) >> k @ (k >> Box("h", Y, X)) >> Swap(Y, X)
    rng = np.random.default_rng(1)
    rows = {"k": rng.dirichlet(np.ones(3), (5, 2)), "h": rng.dirichlet(np.ones(2), (1, 3))}
    together = numeric_batch(term, {X: 2, Y: 3}, rows)
    assert together.shape == (5, 2, 2, 3)
    for i in range(5):
        one = numeric(term, {X: 2, Y: 3}, {"k": rows["k"][i], "h": rows["h"][0]})
        assert together[i] == pytest.approx(one.array, abs=1e-15)
    deep = numeric_batch(k >> Copy(Y), {X: 2, Y: 3}, {"k": rng.dirichlet(np.ones(3), (2, 4, 2))}, batch=2)
    assert deep.shape == (2, 4, 2, 3, 3)


def test_a_network_needs_no_diagram():
    # X -> H, H -> W, (H, W) -> F: wires 0..3
    boxes = (NetworkBox("f", (0,), (1,)), NetworkBox("k", (1,), (2,)), NetworkBox("g", (1, 2), (3,)))
    network = Network((4, 2, 3, 3), 1, boxes, (1, 2, 3))
    rng = np.random.default_rng(2)
    arrays = {"f": np.eye(2)[[0, 0, 1, 1]], "k": rng.dirichlet(np.ones(3), 2), "g": rng.dirichlet(np.ones(3), (2, 3))}
    law = np.array([1, 3, 2, 2]) / 8
    wanted = np.einsum("x,xh,hw,hwf->hwf", law, arrays["f"], arrays["k"], arrays["g"])
    assert joint_table(network, arrays, law) == pytest.approx(wanted, abs=1e-15)
    table, wires = wire_table(network, arrays)
    assert wires == (0, 1, 2, 3) and np.tensordot(law, table, 1) == pytest.approx(wanted, abs=1e-15)
    assert contract(network, arrays) == pytest.approx(table, abs=1e-15)
    assert joint_table(network, arrays, law, wires=(3,)) == pytest.approx(wanted.sum(axis=(0, 1)), abs=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Network((2, 2), 1, (), (0,)), ValueError, r"make the wires \[0\], expected 0..1, each once"),
        (lambda: Network((2,), 1, (), (1,)), ValueError, "wire 1 is an output"),
        (
            lambda: Network((2, 2), 1, (NetworkBox("k", (5,), (1,)),), (1,)),
            ValueError,
            "the box 'k' reads the wire 5",
        ),
        (lambda: contract(Network((2, 2), 1, (NetworkBox("k", (0,), (1,)),), (1,)), {}), KeyError, "has no array"),
        (
            lambda: contract(Network((2, 2), 1, (NetworkBox("k", (0,), (1,)),), (1,)), {"k": np.ones((2, 3))}),
            ValueError,
            r"shape \(2, 3\), expected \(2, 2\)",
        ),
        (
            lambda: numeric(k, {X: 2, Y: 2}, {"k": [[0.5, 0.5], [0.5, 0.48]]}),
            ValueError,
            r"row 1 \(at 1\) of the kernel of the box k sums to 0.98, expected 1 within 1e-09",
        ),
        (lambda: numeric(k, {X: 2, Y: 2}, {"k": [[1, 0, 0], [0, 1, 0]]}), ValueError, r"expected \(2, 2\)"),
        (lambda: numeric(k, {X: 2}, {"k": np.eye(2)}), KernelError, "object Y has no space"),
        (lambda: numeric(k, {X: 2, Y: 2}, {}), KernelError, "box k has no kernel"),
        (lambda: numeric(k, {X: 2, Y: 2}, {"k": kernel(np.eye(3))}), ValueError, "other spaces than the box"),
        (
            lambda: numeric(Box("f", X, Y, deterministic=True), {X: 1, Y: 2}, {"f": [[0.5, 0.5]]}),
            ValueError,
            "flagged deterministic",
        ),
        (lambda: numeric(Id((X,) * 40), {X: 1}, {}), ValueError, "80 axes"),
    ],
)
def test_bad_input_is_one_clear_line(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize("divergence", TEN, ids=lambda d: d.name)
def test_entropies_read_off_diagrams_are_the_closed_forms(divergence):
    wanted = pointwise(divergence, K1_ROWS)
    found = categorical_entropy(k, divergence, {X: 3, Y: 4}, {"k": K1_ROWS})
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    # needless complication changes nothing
    longer = Id(X) >> k >> Copy(Y) >> Id(Y) @ Discard(Y)
    assert categorical_entropy(longer, divergence, {X: 3, Y: 4}, {"k": K1_ROWS}) == pytest.approx(found, rel=1e-12)


def test_entropy_ignores_a_function_before_and_not_a_coin():
    f, coin = Box("f", X, Y, deterministic=True), Box("c", (), X)
    spaces = {X: 3, Y: 3, "Z": 4}
    kernels = {"f": np.eye(3)[[2, 2, 0]], "h": K1_ROWS, "c": [0.5, 0.5, 0.0]}
    h = Box("h", Y, Ob("Z"))
    before = categorical_entropy(f >> h, KL, spaces, kernels)
    assert before == pytest.approx(categorical_entropy(h, KL, spaces, kernels)[[2, 2, 0]])
    copied = categorical_entropy(coin >> Copy(X), KL, spaces, kernels)
    assert copied == pytest.approx([np.log(2)])  # while copying itself has entropy 0
    assert categorical_entropy(Copy(X), KL, spaces, kernels) == pytest.approx(np.zeros(3))


def test_a_kernel_of_fractions_is_read_too():
    rows = [[Fraction(1, 3), Fraction(2, 3)], [Fraction(1), Fraction(0)]]
    assert numeric(k, {X: 2, Y: 2}, {"k": rows}).array[0, 1] == 2 / 3
