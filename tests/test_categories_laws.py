"""Equality in the free Markov category: its laws on random diagrams, and witnesses where an equation fails."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.categories import (
    Box,
    CompositionError,
    Copy,
    Discard,
    Equation,
    Id,
    Ob,
    Swap,
    compose,
    equal,
    explain,
    is_deterministic,
    normal_form,
    tensor,
)
from theory.categories.exact import exact
from theory.categories.normal_form import reduce
from theory.categories.separation import separate
from verify.strategies.diagrams import diagrams, interpretations, rewritten

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
k = Box("k", X, Y)
f = Box("f", X, Y, deterministic=True)
many = settings(max_examples=100, deadline=None)


@many
@given(diagrams(), diagrams())
def test_monoidal_laws(s, t):
    assert equal(Id(s.dom) >> s, s) and equal(s >> Id(s.cod), s)
    assert equal(s @ Id(()), s) and equal(Id(()) @ s, s)
    assert equal((s @ Id(t.dom)) >> (Id(s.cod) @ t), (Id(s.dom) @ t) >> (s @ Id(t.cod)))  # interchange
    assert equal((s @ Id(t.dom)) >> (Id(s.cod) @ t), s @ t)
    assert equal(s @ t >> Swap(s.cod, t.cod), Swap(s.dom, t.dom) >> t @ s)  # symmetry is natural
    assert equal(Swap(s.dom, t.dom) >> Swap(t.dom, s.dom), Id(s.dom + t.dom))


@many
@given(
    st.lists(st.sampled_from([X, Y, Z]), max_size=3).map(tuple),
    st.lists(st.sampled_from([X, Y]), max_size=2).map(tuple),
)
def test_comonoid_laws(a, b):
    assert equal(Copy(a) >> Copy(a) @ Id(a), Copy(a) >> Id(a) @ Copy(a))
    assert equal(Copy(a) >> Swap(a, a), Copy(a))
    assert equal(Copy(a) >> Discard(a) @ Id(a), Id(a))
    middle = Id(a) @ Swap(a, b) @ Id(b)
    assert equal(Copy(a + b), (Copy(a) @ Copy(b)) >> middle)
    assert equal(Discard(a + b), Discard(a) @ Discard(b))


@many
@given(diagrams())
def test_discard_is_natural(s):
    assert equal(s >> Discard(s.cod), Discard(s.dom))
    assert equal(Copy(s.dom) >> s @ Discard(s.dom), s)


@many
@given(diagrams())
def test_copy_is_natural_exactly_for_the_deterministic(s):
    natural = equal(s >> Copy(s.cod), Copy(s.dom) >> s @ s)
    assert natural == is_deterministic(s)


@many
@given(diagrams(deterministic=True))
def test_flagged_boxes_make_deterministic_terms(s):
    assert is_deterministic(s) and equal(s >> Copy(s.cod), Copy(s.dom) >> s @ s)


@many
@given(st.data())
def test_rewriting_by_the_laws_changes_nothing(data):
    term = data.draw(diagrams())
    other = data.draw(rewritten(term))
    assert normal_form(other) == normal_form(term)
    assert str(explain(term, other)[-1]).startswith("right: same normal form")


@many
@given(diagrams())
def test_the_normal_form_is_idempotent_and_smaller(term):
    once = normal_form(term)
    assert reduce(once) == once
    assert once.dom == term.dom and once.cod == term.cod


@many
@given(st.data())
def test_unequal_terms_are_separated_by_exact_kernels(data):
    left = data.draw(diagrams(max_steps=4, max_wires=3))
    right = data.draw(diagrams(max_steps=4, max_wires=3, dom=left.dom))
    assume(left.cod == right.cod)
    found = separate(left, right)
    if equal(left, right):
        assert found is None
        return
    assert found.gap > 0
    if found.outputs == tuple(range(len(left.cod))):  # the witness is checked again from the terms themselves
        sides = [exact(side, found.spaces, found.kernels)[found.entry] for side in (left, right)]
        assert tuple(sides) == found.values


@many
@given(st.data())
def test_random_kernels_agree_on_equal_terms_and_tell_some_unequal_ones_apart(data):
    term = data.draw(diagrams(max_steps=4, max_wires=3))
    other = data.draw(rewritten(term, max_rewrites=2))
    spaces, kernels = data.draw(interpretations(term @ other))
    assert exact(term, spaces, kernels) == exact(other, spaces, kernels)


def test_the_fair_coin_shows_that_copy_is_not_natural():
    equation = Equation(k >> Copy(Y), Copy(X) >> k @ k)
    assert not equation and str(equation) == "k ≫ Δ_Y ≠ Δ_X ≫ (k ⊗ k)"
    found = equation.separation()
    assert found.spaces == {X: 1, Y: 2} and found.gap == pytest.approx(0.25)
    assert found.kernels["k"].table() == ((0.5, 0.5),)
    assert found.left.table() == ((0.5, 0, 0, 0.5),) and found.right.table() == ((0.25,) * 4,)


def test_an_equation_that_holds_has_no_separation():
    equation = Equation(f >> Copy(Y), Copy(X) >> f @ f)
    assert equation and equation.separation() is None and " = " in str(equation)


def test_two_points_are_not_enough_for_functions():
    step = Box("s", X, X, deterministic=True)
    found = separate(step >> step >> step, step)
    assert found.spaces == {X: 3}


def test_separation_of_wide_diagrams_looks_at_few_wires():
    step = Box("s", X, X)
    layers = compose(*[tensor(*[step] * 40)] * 8)
    other = compose(*[tensor(*[step] * 40)] * 7, tensor(*[step] * 39, Id(X)))
    found = separate(layers, other)
    assert found.outputs == (39,) and found.inputs == (39,) and found.gap > 0


def test_explanations_name_the_laws():
    lines = [str(r) for r in explain(f >> Copy(Y), Copy(X) >> f @ f)]
    assert any("slide the copy through f" in line for line in lines)
    lines = [str(r) for r in explain(k >> Discard(Y), Discard(X))]
    assert any("drop k" in line for line in lines)
    lines = [str(r) for r in explain(k, f)]
    assert "box 0 is k on the left and f on the right" in lines[-1]
    with pytest.raises(CompositionError):
        explain(k, Id(X))


def test_the_traps_of_a_peer():
    """DisCoPy 1.2.2 answers False to both: discard is not natural there, and functions do not slide through copies."""
    assert equal(k >> Discard(Y), Discard(X))
    assert equal(f >> Copy(Y), Copy(X) >> f @ f)
    assert not equal(k >> Copy(Y), Copy(X) >> k @ k)


def test_one_name_with_two_meanings_is_refused():
    with pytest.raises(ValueError, match="stands for two boxes"):
        exact(Box("a", X, X) >> Box("a", X, X, deterministic=True), {X: 2}, {"a": [[1, 0], [0, 1]]})
