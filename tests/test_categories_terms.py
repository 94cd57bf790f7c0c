"""Terms: typed composition, what is printed, what is written back, and speed that does not depend on luck."""

import ast

import pytest
from hypothesis import given, settings

from theory.categories import (
    Box,
    Compose,
    CompositionError,
    Copy,
    Discard,
    Equation,
    Id,
    Ob,
    Swap,
    Tensor,
    compose,
    equal,
    tensor,
)
from theory.categories.language_model import encoder, generator
from verify.strategies.diagrams import diagrams

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
f, g, h = Box("f", X, Y), Box("g", Y, Z, deterministic=True), Box("h", (X, Y), Z)
NAMES = {c.__name__: c for c in (Box, Copy, Discard, Id, Ob, Swap, Compose, Tensor)} | {
    "compose": compose,
    "tensor": tensor,
}


def written_back(text):
    """The term that a repr stands for, read as Python with the names of the package and its two operators alone."""
    return built(ast.parse(text, mode="eval").body)


def built(node):
    match node:
        case ast.BinOp(left=left, op=ast.RShift(), right=right):
            return built(left) >> built(right)
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return built(left) @ built(right)
        case ast.Call(func=ast.Name(id=name)):
            return NAMES[name](*map(built, node.args), **{k.arg: built(k.value) for k in node.keywords})
        case ast.Tuple(elts=elements):
            return tuple(map(built, elements))
    return ast.literal_eval(node)


def test_a_mismatch_shows_both_types():
    with pytest.raises(CompositionError) as caught:
        f >> h
    message = str(caught.value)
    assert "f : X → Y" in message and "h : X ⊗ Y → Z" in message
    assert "ends in Y" in message and "starts at X ⊗ Y" in message
    with pytest.raises(CompositionError, match=r"X → Y.*Y → Z"):
        Equation(f, g)
    with pytest.raises(CompositionError):
        compose(f, g, f)


@pytest.mark.parametrize("bad", [lambda: f >> 3, lambda: f @ "g"])
def test_only_terms_compose(bad):
    with pytest.raises(TypeError):
        bad()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Ob(""), "empty"),
        (lambda: Box("f", "X", Y), "'X' is no type"),
        (lambda: Box("f", (X, 3), Y), "position 1 of a type is 3"),
        (lambda: Box(" ", X, Y), "has the name ' '"),
        (compose, "at least one"),
    ],
)
def test_malformed_pieces_are_refused(make, said):
    with pytest.raises((TypeError, ValueError), match=said):
        make()


@pytest.mark.parametrize(
    ("term", "board"),
    [
        (f >> Copy(Y), "f ≫ Δ_Y"),
        (Copy(X) >> f @ f, "Δ_X ≫ (f ⊗ f)"),
        (f @ (f >> g), "f ⊗ (f ≫ g)"),
        (Swap(X, (Y, Z)), "σ_{X,Y⊗Z}"),
        (Discard((X, Y)), "!_{X⊗Y}"),
        (Id(()), "1_I"),
        (generator, "emb ≫ backbone ≫ head"),
    ],
)
def test_str_is_what_one_writes_on_the_board(term, board):
    assert str(term) == board


@settings(max_examples=100, deadline=None)
@given(diagrams())
def test_repr_evaluates_back(term):
    assert written_back(repr(term)) == term


def test_repr_of_a_long_term_evaluates_back():
    step = Box("step", X, X)
    long = compose(*[step] * 1000)
    assert written_back(repr(long)) == long
    assert written_back(repr(tensor(*[step] * 1000))) == tensor(*[step] * 1000)


def test_associativity_and_units_of_writing():
    assert (f >> g) >> Copy(Z) == f >> (g >> Copy(Z)) == compose(f, g, Copy(Z))
    assert (f @ g) @ h == f @ (g @ h) == tensor(f, g, h)
    assert tensor() == Id(()) and compose(f) is f
    assert f != Box("f", X, Y, deterministic=True) and len({f, Box("f", X, Y)}) == 1


def test_long_and_deep_terms_need_no_recursion():
    step = Box("step", X, X)
    deep = step
    for _ in range(3000):
        deep = Id(X) >> (deep @ Id(()))
    assert equal(deep, step)
    layers = compose(*[tensor(*[step] * 80)] * 80)
    columns = tensor(*[compose(*[step] * 80)] * 80)
    assert equal(layers, columns) and layers != columns


def test_the_language_model_is_typed():
    assert [ob.name for ob in generator.dom + generator.cod] == ["X", "W"]
    assert encoder.cod == (Ob("H"),)
