"""The kernel's rule for diagrams: what it proves, what it refuses and with which witness, and that it is not fooled."""

import pytest
import sympy as sp

from theory.categories import Box, Copy, Discard, Id, Ob, Swap
from theory.categories.atoms import diagram, entry, term_of, unfolding
from theory.checking.mutation import mutations
from theory.derivation import derive
from theory.justification import Computation, algebra, decide, normal_form, unfold
from theory.lemma import Definition
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, relation
from theory.verdict import Grade

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
f, g, h = Box("f", X, Y), Box("g", X, Y, deterministic=True), Box("h", Y, Z)
x, y, z = sp.symbols("x y z", integer=True, nonnegative=True)
n = Parameter("n", "n", "points of Y", integers(1, sp.oo), (1, 5))


def check(left, right, by=None, parameters=()):
    return derive(parameters=parameters).have("step", eq(left, right), by=by or normal_form()).check(tuple(parameters))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (f >> Discard(Y), Discard(X)),
        (g >> Copy(Y), Copy(X) >> g @ g),
        (Copy(X) >> Id(X) @ Discard(X), Id(X)),
        (Copy(X) >> f @ g >> Swap(Y, Y), Copy(X) >> g @ f),
        (g >> h >> Copy(Z) >> Id(Z) @ Discard(Z), g >> h),
    ],
)
def test_equal_normal_forms_are_proved(left, right):
    report = check(diagram(left), diagram(right))
    assert report.grade is Grade.PROVED
    assert report.steps[0].method == "normal form"
    assert any("same normal form" in line for line in report.steps[0].details["rewrites"])


def test_copying_is_not_natural_and_the_refusal_names_the_kernel():
    report = check(diagram(f >> Copy(Y)), diagram(Copy(X) >> f @ f))
    assert report.grade is Grade.REFUSED
    witness = report.steps[0].counterexample
    assert witness["f"] == "(1/2, 1/2)" and {witness["left"], witness["right"]} == {"1/2", "1/4"}


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (diagram(f), diagram(h), "different types"),
        (entry(f, (x,), (y,)), entry(f, (x,), (z,)), "expected the same values"),
        (sp.Integer(1), sp.Integer(2), "no diagram"),
        (entry(f >> h, (x,), (z,)), 2 * entry(h, (y,), (z,)), "give its size"),
    ],
)
def test_refusals_say_why(left, right, said):
    report = (
        derive()
        .have("step", sp.Eq(left, right, evaluate=False), by=normal_form())
        .check((_free(x), _free(y), _free(z)))
    )
    assert report.grade is Grade.REFUSED and said.lower() in report.message.lower()


def _free(symbol):
    return Parameter(symbol.name, symbol.name, "a point", integers(0, sp.oo), (0, 3))


def test_only_equalities_are_proved():
    report = derive().have("step", relation(diagram(f), "<=", diagram(f >> Id(Y))), by=normal_form()).check()
    assert report.grade is Grade.REFUSED and "equalities" in report.message


def test_composition_is_the_sum_over_the_middle():
    inner = sp.Symbol("k", integer=True, nonnegative=True)
    stated = sp.Sum(entry(f, (x,), (inner,)) * entry(h, (inner,), (z,)), (inner, 0, n.symbol - 1))
    goal = Forall((x, z), eq(entry(f >> h, (x,), (z,)), stated))
    good = derive(parameters=[n]).have("sum", goal, by=normal_form({Y: n.symbol}))
    assert good.check((n,)).grade is Grade.PROVED
    shifted = stated.xreplace({n.symbol - 1: n.symbol})
    wrong = Forall((x, z), eq(entry(f >> h, (x,), (z,)), shifted))
    assert derive(parameters=[n]).have("sum", wrong, by=normal_form({Y: n.symbol})).check((n,)).grade is Grade.REFUSED


def test_rows_sum_to_one_because_discard_is_natural():
    total = sp.Sum(entry(f, (x,), (y,)), (y, 0, n.symbol - 1))
    chain = (
        derive(total, parameters=[n, _free(x)])
        .eq(entry(f >> Discard(Y), (x,)), by=normal_form({Y: n.symbol}))
        .eq(1, by=normal_form({Y: n.symbol}))
    )
    assert chain.check((n, _free(x))).grade is Grade.PROVED


def test_empty_spaces_are_refused():
    m = Parameter("m", "m", "a number that may be 0", integers(0, sp.oo), (0, 5))
    goal = Forall((x,), eq(entry(f >> Discard(Y), (x,)), 1))
    report = derive(parameters=[m]).have("one", goal, by=normal_form({Y: m.symbol})).check((m,))
    assert report.grade is Grade.REFUSED


def test_every_false_mutation_is_refused():
    inner = sp.Symbol("k", integer=True, nonnegative=True)
    stated = sp.Sum(entry(f, (x,), (inner,)) * entry(h, (inner,), (z,)), (inner, 0, n.symbol - 1))
    points = (n, _free(x), _free(z))
    derivation = (
        derive(entry(f >> h, (x,), (z,)), parameters=points)
        .eq(stated, by=normal_form({Y: n.symbol}))
        .eq(entry(f >> Copy(Y) >> h @ Discard(Y), (x,), (z,)), by=normal_form({Y: n.symbol}))
    )
    assert derivation.check(points).grade is Grade.PROVED
    found = list(mutations(derivation))
    assert found
    for mutation in found:
        assert mutation.derivation.check(points).grade is Grade.REFUSED, mutation.step


def test_no_other_procedure_proves_a_false_equation_of_diagrams():
    for by in (algebra, decide):
        report = derive().have("step", eq(diagram(f >> Copy(Y)), diagram(Copy(X) >> f @ f)), by=by).check()
        assert report.grade is Grade.REFUSED


def test_the_symbols_of_diagrams_are_not_redefined():
    atom = diagram(f)
    own = Definition("categorical/own", atom.func, "an invented value", (eq(atom, 3),))
    report = derive().have("value", eq(atom, 3), by=unfold(own)).check()
    assert report.grade is Grade.REFUSED and "about a diagram" in report.message
    computed = derive().have("value", eq(atom, 3), by=Computation(lambda: 3)).check()
    assert computed.grade is Grade.REFUSED and "computation" in computed.message


def test_atoms_are_equal_exactly_for_terms_written_the_same():
    flagged = Box("f", X, Y, deterministic=True)
    assert diagram(f) == diagram(Box("f", X, Y)) and diagram(f) != diagram(flagged)
    assert str(diagram(f)) == str(diagram(flagged)) == "[f]"
    assert diagram(f) * diagram(h) == diagram(h) * diagram(f)
    assert term_of(diagram(f >> h)) == f >> h and term_of(sp.Symbol("f")) is None


def test_repeated_wires_unfold_to_kronecker_deltas():
    copied = entry(f >> Copy(Y), (x,), (y, z))
    assert unfolding(copied, {}) == entry(f, (x,), (y,)) * sp.KroneckerDelta(y, z)
