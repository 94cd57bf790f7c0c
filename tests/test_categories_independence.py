"""Independences read off diagrams: sound and generically complete on random ones, and what the prover makes of them."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.categories import Box, Copy, Id, Ob, normal_form
from theory.categories.exact import exact
from theory.categories.independence import constraints, independent, prove, variables
from theory.categories.language_model import data_diagram, model_diagram
from theory.categories.normal_form import Hypergraph
from theory.information import NotShannon, Proved
from theory.information.grammar import parse_constraints
from verify.strategies.diagrams import diagrams, interpretations

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
many = settings(max_examples=60, deadline=None)


def law_of(graph, spaces, kernels):
    """The joint law of all wires of a closed normal form."""
    everything = Hypergraph(graph.dom, graph.nodes, tuple(range(graph.wires)))
    return {outputs: q for (_, outputs), q in exact(everything, spaces, kernels).entries.items()}


def holds(law, a, b, c):
    """p(abc) p(c) = p(ac) p(bc), exactly."""

    def margin(wires):
        found = {}
        for values, q in law.items():
            key = tuple(values[w] for w in wires)
            found[key] = found.get(key, Fraction(0)) + q
        return found

    c = tuple(c)
    abc, ac, bc, only = margin((a, b, *c)), margin((a, *c)), margin((b, *c)), margin(c)
    return all(
        abc.get((u, v, *w), 0) * only[w] == ac[u, *w] * bc[v, *w2]
        for (u, *w) in ac
        for (v, *w2) in bc
        if w == w2
        for w in [tuple(w)]
    )


@many
@given(st.data())
def test_what_is_read_off_holds_for_every_kernel(data):
    graph = normal_form(data.draw(diagrams(dom=(), max_steps=6)))
    spaces, kernels = data.draw(interpretations_of(graph))
    law = law_of(graph, spaces, kernels)
    names = list(variables(graph))
    for a, b in combinations(names, 2):
        for c in [(), *((n,) for n in names if n not in (a, b))]:
            if independent(graph, a, b, c):
                wires = variables(graph)
                assert holds(law, wires[a], wires[b], [wires[n] for n in c])


def interpretations_of(graph):
    """Kernels for the boxes of a normal form, through a term that has them all."""
    term = Id(())
    for box in dict.fromkeys(node.box for node in graph.nodes):
        term = term @ box
    return interpretations(term)


GENERIC = {  # neither function is injective: that would be more than being a function
    "source": [["1/17", "2/17", "5/17", "9/17"]],
    "emb": [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "backbone": [[1, 0], [1, 0], [0, 1]],
    "data": [
        ["1/10", "2/10", "3/10", "4/10"],
        ["5/13", "1/13", "4/13", "3/13"],
        ["1/11", "7/11", "2/11", "1/11"],
        ["2/7", "1/7", "1/7", "3/7"],
    ],
}


@pytest.mark.parametrize("condition", [(), ("X",), ("H",), ("W",), ("E",), ("H", "W")])
def test_generic_kernels_have_no_other_independences(condition):
    graph = normal_form(data_diagram)
    law = law_of(graph, {"X": 4, "E": 3, "H": 2, "W": 2, "F": 2}, GENERIC)
    wires = variables(graph)
    for a, b in combinations([n for n in wires if n not in condition], 2):
        said = independent(graph, a, b, condition)
        assert holds(law, wires[a], wires[b], [wires[n] for n in condition]) == said, (a, b)


def test_classic_shapes():
    cause, left, right = Box("p", (), X), Box("l", X, Y), Box("r", X, Z)
    fork = cause >> Copy(X) >> left @ Copy(X) >> Id(Y) @ Id(X) @ right
    assert independent(fork, "Y", "Z", "X") and not independent(fork, "Y", "Z")
    meet = Box("a", (), X) @ Box("b", (), Y) >> Copy(X) @ Copy(Y) >> Id(X) @ Box("m", (X, Y), Z) @ Id(Y)
    assert independent(meet, "X", "Y") and not independent(meet, "X", "Y", "Z")
    pair = cause >> Box("both", X, (Y, Z))
    assert not independent(pair, "Y", "Z", "X")  # two outputs of one box may depend on each other
    assert not independent(Id((X, Y)), "X", "Y")  # and so may the inputs of an open diagram


def test_functions_close_the_condition():
    function = Box("f", X, Y, deterministic=True)
    seen = Box("p", (), X) >> Copy(X) >> Id(X) @ (function >> Copy(Y)) >> Id(X) @ Id(Y) @ Box("k", Y, Z)
    assert independent(seen, "Y", "Z", "X") and independent(seen, "X", "Z", "Y")
    noisy = Box("p", (), X) >> Copy(X) >> Id(X) @ (Box("f", X, Y) >> Copy(Y)) >> Id(X) @ Id(Y) @ Box("k", Y, Z)
    assert not independent(noisy, "Y", "Z", "X")
    assert independent(seen, "Y", "Y", "X") and not independent(noisy, "Y", "Y", "X")


def test_the_language_model_in_the_prover():
    assert constraints(data_diagram) == ("E = emb(X)", "H = backbone(E)", "(W,F) _||_ (E,H) | X")
    assert independent(data_diagram, "F", "H", "X") and not independent(data_diagram, "F", "X", ("H", "W"))
    assert isinstance(prove("I(H;F|W) <= I(X;F|W)", diagram=data_diagram), Proved)
    assert isinstance(prove("I(X;W) <= I(H;W)", diagram=model_diagram), Proved)
    assert isinstance(prove("I(X;W) <= I(H;W)", diagram=data_diagram), NotShannon)  # the tokens read the context there
    assert isinstance(prove("H(H) <= H(E)", diagram=model_diagram, given="H = h(W)"), Proved)
    with pytest.raises(KeyError, match="no variable 'Q'"):
        prove("H(Q) >= 0", diagram=data_diagram)


@many
@given(diagrams())
def test_constraints_are_in_the_grammar(term):
    for constraint in constraints(term):
        assert parse_constraints(constraint)


def test_repeated_objects_are_numbered_and_odd_names_made_fit():
    chain = Box("p", (), X) >> Copy(X) >> Id(X) @ Box("k", X, X)
    assert list(variables(chain)) == ["X1", "X2"]
    assert constraints(Copy(X) >> Box("H", X, Ob("R^d"), deterministic=True) @ Id(X)) == ("R_d = H_(X)",)
    assert list(variables(Id((Ob("X"), Ob("X"), Ob("X1"))))) == ["X2", "X3", "X1"]
    constant = Box("c", (), X, deterministic=True)
    assert constraints(constant) == ("H(X) = 0",)
    with pytest.raises(KeyError, match="no variable 'Q'; it has X1, X2"):
        independent(chain, "X1", "Q")
