"""The functors: four ways to evaluate agree; checked kernels; conditionals; categorical entropies."""

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.categories import Box, Compose, Copy, Discard, Id, Ob, Swap, Tensor, normal_form
from theory.categories.conditionals import almost_surely_equal, bayesian_inverse, conditional, joint, marginal
from theory.categories.evaluation import TooManyTerms
from theory.categories.exact import exact
from theory.categories.kernel import Kernel, KernelError, kernel_of
from theory.categories.monomials import Monomials
from theory.categories.symbolic import categorical_entropy, generic, symbolic
from verify.functor import numeric
from verify.strategies.diagrams import diagrams, interpretations

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
k, p = Box("k", X, Y), Box("p", (), Y)
many = settings(max_examples=100, deadline=None)
K1 = [["1/2", "1/4", "1/8", "1/8"], ["1", "0", "0", "0"], ["1/3", "1/3", "1/3", "0"]]


def pushed(term, inputs, spaces, kernels):
    """The law of the outputs, by running the term as it is written: nothing of the engine is used."""
    match term:
        case Compose():
            law = {inputs: Fraction(1)}
            for factor in term.factors:
                after = {}
                for values, weight in law.items():
                    for out, q in pushed(factor, values, spaces, kernels).items():
                        after[out] = after.get(out, 0) + weight * q
                law = after
            return law
        case Tensor():
            law, start = {(): Fraction(1)}, 0
            for part in term.parts:
                stop = start + len(part.dom)
                right = pushed(part, inputs[start:stop], spaces, kernels)
                law = {a + b: u * v for a, u in law.items() for b, v in right.items()}
                start = stop
            return law
        case Box():
            row = 0
            for ob, value in zip(term.dom, inputs, strict=True):
                row = row * spaces[ob] + value
            outputs = product(*(range(spaces[ob]) for ob in term.cod))
            return {o: q for o, q in zip(outputs, kernels[term.name][row], strict=True) if q}
        case Copy():
            return {inputs + inputs: Fraction(1)}
        case Discard():
            return {(): Fraction(1)}
        case Swap():
            middle = len(term.left)
            return {inputs[middle:] + inputs[:middle]: Fraction(1)}
        case Id():
            return {inputs: Fraction(1)}


@many
@given(st.data())
def test_a_hundred_random_diagrams_four_ways(data):
    term = data.draw(diagrams())
    spaces, kernels = data.draw(interpretations(term))
    by_engine = exact(term, spaces, kernels)
    symbols, values, functions = {}, {}, {}
    for box in dict.fromkeys(node.box for node in normal_form(term).nodes):
        dom, cod = (tuple(tuple(range(spaces[ob])) for ob in type) for type in (box.dom, box.cod))
        if box.deterministic:
            functions[box.name] = kernels[box.name]
            continue
        symbols[box.name], _ = generic(box.name, dom, cod)
        table = kernel_of(box.name, dom, cod, kernels[box.name])
        for key, symbol in symbols[box.name].entries.items():
            if symbol != 1:
                values[symbol] = sp.sympify(table.entries.get(key, 0))
    by_symbols = symbolic(term, spaces, {**functions, **symbols}, limit=None)
    floats = {name: [[float(q) for q in row] for row in rows] for name, rows in kernels.items()}
    by_floats = numeric(term, spaces, floats).array
    for inputs in product(*(range(spaces[ob]) for ob in term.dom)):
        law = pushed(term, inputs, spaces, kernels)
        assert by_engine.row(inputs) == law
        for outputs in product(*(range(spaces[ob]) for ob in term.cod)):
            entry = sp.sympify(by_symbols[inputs, outputs]).xreplace(values)
            assert entry == sp.sympify(law.get(outputs, 0))
            assert by_floats[inputs + outputs] == pytest.approx(float(law.get(outputs, 0)), abs=1e-12)


def test_copy_then_two_kernels_has_one_product_an_entry():
    table = symbolic(Copy(X) >> k @ k, {X: 3, Y: 3})
    assert len(table.entries) == 27
    assert str(table[1, (0, 2)]) == "k_1_0*k_1_2"


def test_labels_stand_for_points():
    table = exact(k, {"X": ["rain", "sun"], "Y": "ab"}, {"k": [["1/3", "2/3"], [1, 0]]})
    assert table["rain", "b"] == Fraction(2, 3) and table.row("sun") == {("a",): 1}
    with pytest.raises(KeyError, match="snow"):
        table["snow", "a"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["1/2", "1/3"], [1, 0]], "row 0 of the kernel k sums to 5/6, expected 1"),
        ([[1, 0], ["3/2", "-1/2"]], "row 1 of the kernel k has the entry -1/2"),
        ([[1, 0]], "has 1 rows, expected 2"),
        ([[1, 0], [1]], "row 1 of the kernel k is .* expected 2 entries"),
        ([[0.5, 0.5], [1, 0]], "0.5, expected an exact rational"),
    ],
)
def test_rows_that_are_no_laws_are_refused(rows, said):
    with pytest.raises(KernelError, match=said):
        exact(k, {X: 2, Y: 2}, {"k": rows})


def test_missing_or_wrong_interpretations_are_refused():
    with pytest.raises(KernelError, match="object Y has no space"):
        exact(k, {X: 2}, {"k": [[1], [1]]})
    with pytest.raises(KernelError, match="box k has no kernel"):
        exact(k, {X: 2, Y: 2}, {})
    with pytest.raises(KernelError, match="flagged deterministic"):
        exact(Box("f", X, Y, deterministic=True), {X: 1, Y: 2}, {"f": [["1/2", "1/2"]]})
    with pytest.raises(KernelError, match="no points"):
        exact(Id(X), {X: 0}, {})


def test_a_symbolic_row_is_checked_with_its_relation():
    a, b = sp.symbols("a b", positive=True)
    assert symbolic(p, {Y: 2}, {"p": [a, b]}, {b: 1 - a})[(), 1] == b
    with pytest.raises(KernelError, match="sums to"):
        symbolic(p, {Y: 2}, {"p": [a, b]})


def test_too_many_terms_are_refused_before_they_are_formed():
    with pytest.raises(TooManyTerms, match="10000 products"):
        symbolic(Copy(X) >> k @ k, {X: 32, Y: 32})
    with pytest.raises(TooManyTerms):
        exact(Id((X,) * 60), {X: 2}, {})


@many
@given(st.data())
def test_disintegration_puts_together_again(data):
    f = Box("f", X, (Y, Z))
    spaces, kernels = data.draw(interpretations(f))
    whole = exact(f, spaces, kernels)
    first, rest = marginal(whole, (0,)), conditional(whole)
    for (a,), (y,), (z,) in product(*(product(range(spaces[ob])) for ob in (X, Y, Z))):
        assert whole[a, (y, z)] == first[a, y] * rest[(y, a), z]
    assert all(sum(row.values()) == 1 for row in rest.rows().values())


@many
@given(st.data())
def test_the_bayesian_inverse_turns_the_joint_round(data):
    mu = Box("mu", (), X)
    spaces, kernels = data.draw(interpretations(mu >> k))
    state, kernel = exact(mu, spaces, kernels), exact(k, spaces, kernels)
    inverse, pushed_on = bayesian_inverse(state, kernel), exact(mu >> k, spaces, kernels)
    for x, y in product(range(spaces[X]), range(spaces[Y])):
        assert state[(), x] * kernel[x, y] == pushed_on[(), y] * inverse[y, x]
    assert almost_surely_equal(state, bayesian_inverse(pushed_on, inverse), kernel)


def test_almost_sure_equality_ignores_null_points():
    space = ((0, 1),)
    state = Kernel((), space, {((), (0,)): Fraction(1)})
    one, other = (kernel_of("k", space, space, rows) for rows in ([[1, 0], [0, 1]], [[1, 0], [1, 0]]))
    third = kernel_of("k", space, space, [[0, 1], [0, 1]])
    assert almost_surely_equal(state, one, other) and one != other
    assert not almost_surely_equal(state, one, third)
    with pytest.raises(KernelError, match="a state has no inputs"):
        joint(one, other)


def test_symbolic_bayesian_inverse():
    mu, table = (symbolic(t, {X: 2, Y: 2}) for t in (Box("mu", (), X), k))
    inverse = bayesian_inverse(mu, table)
    total = sp.Add(*(mu[(), x] * table[x, 0] for x in (0, 1)))
    assert sp.simplify(inverse[0, 1] - mu[(), 1] * table[1, 0] / total) == 0


PSI = {  # specification 4.9, kernel K1: rows 1 and 3 (row 2 is a point mass)
    "KL": (1.213008, 1.098612),
    "TV": (0.656250, 0.666667),
    "chi2": (3, 2),
    "Hel2": (0.866117, 0.845299),
    "JS": (0.327212, 0.318257),
    ("Renyi", 0): (1.067841, 1.098612),
    ("Renyi", sp.Rational(1, 2)): (1.134997, 1.098612),
    ("Renyi", sp.Rational(3, 2)): (1.298614, 1.098612),
    ("Renyi", 2): (1.386294, 1.098612),
    ("Renyi", sp.oo): (2.079442, 1.098612),
}


@pytest.mark.parametrize(("name", "values"), PSI.items(), ids=str)
def test_categorical_entropies_of_the_fixture(name, values):
    rows = [[sp.Rational(entry) for entry in row] for row in K1]
    found = categorical_entropy(k, name, {X: 3, Y: 4}, {"k": rows})
    assert float(found[(0,)]) == pytest.approx(values[0], abs=1e-6)
    assert float(found[(2,)]) == pytest.approx(values[1], abs=1e-6)
    assert sp.simplify(found[(1,)]) == 0


@pytest.mark.parametrize("size", [2, 3])
def test_closed_forms_of_symbolic_entropies(size):
    law = sp.symbols(f"a:{size}", positive=True)
    last = {law[-1]: 1 - sp.Add(*law[:-1])}
    squares = sp.Add(*(a**2 for a in law))
    closed = {
        "KL": -sp.Add(*(a * sp.log(a) for a in law)),
        "chi2": sp.Integer(size - 1),
        "Hel2": 2 * (1 - sp.Add(*(a ** sp.Rational(3, 2) for a in law))),
        ("Renyi", 0): -sp.log(squares),
        ("Renyi", 2): sp.log(size),
    }
    for name, form in closed.items():
        found = categorical_entropy(p, name, {Y: size}, {"p": list(law)}, last)[()]
        difference = sp.expand_log(sp.expand(found - form), force=True)
        for point in ([sp.Rational(1, size)] * size, [sp.Rational(1, 7)] * (size - 1)):
            values = dict(zip(law, point, strict=False))
            values[law[-1]] = 1 - sum(point[: size - 1])
            assert abs(difference.xreplace(values).evalf(30)) < 1e-25, name
    assert sp.expand_log(categorical_entropy(p, "KL", {Y: size}, {"p": list(law)}, last)[()] - closed["KL"]) == 0


def test_unknown_divergences_are_refused():
    with pytest.raises(ValueError, match="expected one of KL"):
        categorical_entropy(p, "L1", {Y: 2})
    with pytest.raises(ValueError, match=r"expected one in \[0, oo\]"):
        categorical_entropy(p, ("Renyi", -1), {Y: 2})


def test_fast_products_are_those_of_sympy():
    a, b, c = sp.symbols("c a b", positive=True)
    entries = [a, b, c, 1 - a, 1 - a - b, 2 * a + 2 * b, sp.Integer(2), 1 / a, a * b, sp.sqrt(a), sp.Rational(1, 3) + b]
    fast = Monomials(entries)
    for x, y, z in product(entries, repeat=3):
        assert fast.multiply(x, y) == x * y and fast.multiply(fast.multiply(x, y), z) == x * y * z
        assert fast.multiply(x, y).args == (x * y).args


def test_symbols_are_ordered_as_sympy_orders_them():
    names = ("k1_2", "k10_1", "a", "B", "k1_10")
    found = [sp.Symbol(n, **said) for n in names for said in ({}, {"positive": True}, {"integer": True})]
    fast = Monomials(found)
    for x, y, z in product(found, repeat=3):
        assert fast.multiply(fast.multiply(x, y), z).args == (x * y * z).args
