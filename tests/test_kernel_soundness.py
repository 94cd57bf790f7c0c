"""Ways to prove something false that the checker once accepted; each must be refused."""

from dataclasses import replace

import pytest
import sympy as sp

from theory.checking.kernel import check_lemma
from theory.derivation import Derivation, Step, derive
from theory.justification import Computation, Decide, Induction, SingleTerm, Termwise, algebra, decide, fact, unfold
from theory.lemma import Definition, Instance, Lemma, meaning
from theory.parameter import Parameter, integers, reals
from theory.proposition import AssumptionError, Forall, eq, ge, gt, le, lt, substitute
from theory.verdict import Grade

x = Parameter("x", "x", "a number", reals(0, 10), (0, 10))
y = Parameter("y", "y", "a number", reals(), (-1, 1))
c = Parameter("c", "c", "a number", reals(), (-1, 1))
X = x.symbol
f = sp.Function("f", real=True)
g = sp.Function("g", real=True)
G = sp.Function("G", real=True)
j = sp.Symbol("j", integer=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, positive=True)
even = sp.Symbol("w", even=True, nonnegative=True)


@pytest.fixture(autouse=True)
def no_kept_reports(monkeypatch):
    monkeypatch.setenv("BOUNDLAB_CACHE", "off")


def grade(proposition, by):
    return derive(parameters=[x]).have("a", proposition, by=by).check().grade


def lemma(conclusion, by, parameters=(), **more):
    return Lemma("test/lemma", "", parameters, conclusion, derive().have("r", conclusion, by=by), **more)


everywhere = lemma(
    ge(G(5), 0), ["hypothesis 1", decide], hypotheses=(Forall((j,), ge(G(j), 0)),), functions=(G,)
)  # from "for all j" to the value at 5


@pytest.mark.parametrize(
    ("variable", "base", "claimed"),
    [
        (n, -5, Forall((n,), le((n + 5) * X, 0))),  # below the variable's first value
        (m, 0, Forall((m,), le(m * X, 0))),  # the same, by the default base
        (j, sp.Rational(1, 2), Forall((j,), le((j - sp.Rational(1, 2)) * X, 0), (ge(j, sp.Rational(1, 2)),))),
        (even, 0, Forall((even,), eq(X * sp.cos(sp.pi * even / 2) ** 2, X))),  # steps by 1 leave the even numbers
    ],
)
def test_induction_reaches_the_first_value(variable, base, claimed):
    assert grade(claimed, Induction(variable, base)) is Grade.REFUSED


def test_induction_from_a_base_below_the_first_value_begins_at_it():
    assert grade(Forall((m,), ge(m * X, X)), Induction(m, 0)) is Grade.PROVED


@pytest.mark.parametrize("rule", [Termwise(), SingleTerm(1)])
def test_the_index_of_a_sum_is_no_more_than_its_range_says(rule):
    k = sp.Symbol("k", integer=True, positive=True)
    left = sp.Sum(k * X, (k, -3, 1))
    right = sp.Sum(k * X / 2, (k, -3, 1)) if isinstance(rule, Termwise) else X
    assert grade(ge(left, right), [rule, decide]) is Grade.REFUSED


def test_a_hypothesis_for_all_is_not_met_on_the_range_of_a_sum_or_under_a_steps_conditions():
    u = sp.Dummy("u", integer=True)
    used = everywhere.at(G=sp.Lambda(u, (3 - u) * X))
    assert check_lemma(everywhere).grade is Grade.PROVED
    assert grade(le(sp.Sum(X + j, (j, 0, 3)), sp.Sum(j, (j, 0, 3))), [Termwise(), used, decide]) is Grade.REFUSED
    assert grade(Forall((j,), le(X + j, j), (ge(j, 0), le(j, 3))), [used, decide]) is Grade.REFUSED


def test_renaming_bound_variables_captures_nothing():
    a, u = sp.Symbol("a", real=True), sp.Dummy("u", real=True)
    met = Forall((y.symbol,), ge(G(y.symbol), 0))
    diagonal = lemma(ge(G(5), 0), ["hypothesis 1", decide], hypotheses=(met,), functions=(G,))
    wrong = lemma(
        ge(g(5, 5), 0),
        [replace(diagonal, id="test/diagonal").at(G=sp.Lambda(u, g(u, u))), decide],
        (y,),
        hypotheses=(Forall((a,), ge(g(a, y.symbol), 0)),),
        functions=(g,),
    )
    assert check_lemma(wrong).grade is Grade.REFUSED


def test_a_sum_up_to_its_own_index_is_substituted_at_its_end_only():
    k = Parameter("k", "k", "a count", integers(0), (0, 9)).symbol
    assert substitute(sp.Sum(f(k), (k, 0, k)), {k: 3}).doit() == f(0) + f(1) + f(2) + f(3)


def test_two_parameters_of_one_name_are_refused():
    narrow = Parameter("z", "z", "", reals(1, 2), (1, 2))
    other = Parameter("z", "z", "", reals(sp.Rational(3, 2), 4), (2, 3))
    backing = derive(parameters=[other]).have("r", ge(narrow.symbol, sp.Rational(3, 2)), by=decide)
    wrong = Lemma("test/narrow", "", (narrow,), ge(narrow.symbol, sp.Rational(3, 2)), backing)
    assert check_lemma(wrong).grade is Grade.REFUSED


def test_assumptions_of_bound_variables_are_demanded_of_their_values():
    nonzero, complex_ = sp.Symbol("w", real=True, nonzero=True), sp.Symbol("w")
    d = derive(parameters=[x]).have("a", Forall((nonzero,), gt(nonzero**2, 0)), by=decide)
    assert d.have("b", eq(0, 1), by=[fact("a", w=0), algebra]).check().grade is Grade.REFUSED
    d = derive(parameters=[x]).have("a", Forall((complex_,), ge(complex_**2, 0)), by=decide)
    assert d.have("b", ge(-1, 0), by=fact("a", w=sp.I)).check().grade is Grade.REFUSED


@pytest.mark.parametrize(
    "replacement",
    [sp.sqrt, sp.Lambda(X, sp.I), (lambda u: sp.Lambda(u, sp.sqrt(u)))(sp.Symbol("u", positive=True))],
)
@pytest.mark.parametrize("function", [G, sp.Function("h")])
def test_a_schematic_function_stands_for_real_functions_only(function, replacement):
    square = lemma(ge(function(c.symbol) ** 2, 0), decide, (c,), functions=(function,))
    used = square.at(**{str(function): replacement}, c=-1)
    assert grade(ge(-1, 0), used) is Grade.REFUSED


def test_a_schematic_function_is_not_one_that_a_definition_or_a_computation_fixes():
    definition = Definition("test/f", f, "", (eq(f(0), -1),))
    for by in (unfold(definition), Computation(lambda: -1)):
        fixed = lemma(eq(f(0), -1), by, functions=(f,))
        assert grade(eq(5, -1), fixed.at(f=sp.Lambda(X, 5))) is Grade.REFUSED
    plain = lemma(eq(f(0), -1), unfold(definition))
    through = replace(lemma(eq(f(0), -1), plain.at(), functions=(f,)), id="test/through")
    assert check_lemma(through).grade is Grade.REFUSED


def test_an_instance_replaces_parameters_only():
    at_most = lemma(le(X, 20), decide, (x,))
    three, twenty = sp.Integer(3), sp.Integer(20)
    assert grade(le(3, -5), Instance(at_most, ((X, three), (twenty, sp.Integer(-5))))) is Grade.REFUSED
    assert grade(le(3, 20), Instance(at_most, ((X, three),))) is Grade.PROVED


def test_a_box_is_no_assumption():
    assert grade(ge(X, 5), Decide(box=((X, 5, 6),))) is Grade.REFUSED


def test_a_link_begins_where_the_chain_ends():
    assert Derivation(sp.Integer(11), (Step("1", le(X, 10), (decide,)),), (x,)).check().grade is Grade.REFUSED


def test_a_computation_is_about_a_named_object_and_gives_one_value():
    assert grade(eq(0, 1), Computation(lambda: 1)) is Grade.REFUSED
    named = sp.Function("named_in_this_test")()
    assert grade(eq(named, 1), Computation(lambda: 1)) is Grade.PROVED
    assert grade(eq(named, 2), Computation(lambda: 2)) is Grade.REFUSED


def test_algebra_proves_nothing_from_contradictory_hypotheses():
    d = derive(parameters=[x]).have("a", eq(1, 0), by=algebra)
    assert d.check((), (lt(X, 0),)).grade is Grade.REFUSED


def test_definitions_that_give_two_values_are_refused():
    a, b = sp.symbols("a b", real=True)
    for equations in (
        (Forall((a, b), eq(g(a), b)),),
        (Forall((a,), eq(g(a**2), a)),),
        (eq(g(0), 0), Forall((n,), eq(g(n), g(n) + 1))),
    ):
        with pytest.raises(ValueError, match="definition test/g"):
            Definition("test/g", g, "", equations)


def test_a_parameter_that_a_definition_depends_on_is_one_number():
    total = Definition(
        "test/total",
        f,
        "the sum of one fixed row, which is c",
        (eq(f(), g(1) + g(2)),),
        bounds=(X, X),
        range_by=meaning(X),
    )
    value = lemma(eq(g(1) + g(2), X), [unfold(total), decide], (x,))
    assert check_lemma(value).grade is Grade.PROVED
    both = derive(0).eq(g(1) + g(2), by=value.at(x=0)).eq(1, by=value.at(x=1))
    assert both.check().grade is Grade.REFUSED
    other = Parameter("z", "z", "", reals(0, 10), (0, 10))
    d = derive(X, parameters=[x, other]).eq(g(1) + g(2), by=value.at())
    same = lemma(eq(X, other.symbol), [value.at(), replace(value, id="test/again").at(x=other.symbol)], (x, other))
    assert d.check().grade is Grade.PROVED
    assert check_lemma(replace(same, id="test/same")).grade is Grade.REFUSED


def test_a_value_of_unknown_reality_is_refused():
    with pytest.raises(AssumptionError):
        Forall((sp.Symbol("w"),), ge(sp.Symbol("w") ** 2, 0)).at({sp.Symbol("w"): sp.sqrt(y.symbol)})
