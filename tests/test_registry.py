"""Declarations are consistent, and inconsistent ones are named."""

import networkx as nx
import pytest
import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import derive
from theory.graph import checking_order, rests_on, statement_graph, uses
from theory.justification import algebra
from theory.parameter import DomainError, Parameter, check_values, integers, reals
from theory.registry import (
    Registry,
    RegistryError,
    UnknownClaim,
    _check_id,
    _check_links,
    citation_keys,
    claim_alone,
    registry,
)
from theory.source import OWN, Source
from theory.verdict import Verdict

x = Parameter("x", "x", "a number", reals(0, 1), (0, 1))


def claim(**changes):
    settings = {
        "id": "markov/example",
        "title": "",
        "kind": Kind.EQUALITY,
        "text": "",
        "parameters": (x,),
        "statements": (equal(x.symbol, x.symbol),),
        "source": OWN,
        "status": Status.OWN,
        "derivation": derive(x.symbol).eq(x.symbol, by=algebra),
    }
    return Claim(**{**settings, **changes})


def test_everything_is_found_and_linked():
    found = registry()
    assert {"markov", "categorical", "autoregressive", "concepts"} <= set(found.bodies)
    graph = statement_graph(found)
    assert all(node in found.claims or node in found.lemmas for node in graph)
    order = checking_order(found)
    for name in order:
        statement = found.applicable(name)
        assert all(order.index(other) < order.index(name) for other in uses(statement))
    assert "markov/convergence_dobrushin" in rests_on("contraction/iterate")
    assert nx.is_directed_acyclic_graph(nx.DiGraph([(a, b) for a, b, l in graph.edges(data="link") if l == "uses"]))


def test_an_unknown_claim_offers_close_ones():
    with pytest.raises(UnknownClaim, match="markov/convergence_dobrushin"):
        registry().claim("markov/convergence_dobrushi")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statements": ()}, "states nothing"),
        ({"statements": (equal(sp.Symbol("y"), 1),)}, "undeclared symbol y"),
        ({"parameters": (x, x)}, "declared twice"),
        ({"derivation": None}, "no derivation"),
        ({"expected": Verdict.REFUTED}, "say why"),
        ({"kind": Kind.HIGH_PROBABILITY}, "confidence"),
        ({"confidence": x}, "confidence"),
    ],
)
def test_a_malformed_claim_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        claim(**changes)


def test_ids_links_and_citations_are_checked():
    with pytest.raises(RegistryError, match="expected 'example'"):
        _check_id(claim(), "something_else", "theory.markov.topic")
    with pytest.raises(RegistryError, match="beginning with 'concepts'"):
        _check_id(claim(), "example", "theory.concepts.topic")
    with pytest.raises(RegistryError, match="links to markov/nothing"):
        _check_links(Registry({"markov/example": claim(sharpens=("markov/nothing",))}, {}, {}))
    with pytest.raises(RegistryError, match="cites nobody2000"):
        _check_links(Registry({"markov/example": claim(source=Source("nobody2000"))}, {}, {}))


def test_the_bibliography_is_where_readers_look():
    assert "zekri2024" in citation_keys()


def test_values_are_validated_by_domain():
    k = Parameter("k", "k", "", integers(1, 5), (1, 5))
    y = Parameter("y", "y", "", reals(0, k.symbol, open="upper"), (0, 1))
    assert check_values([k, y], {"k": "3", "y": "0.1"})[y.symbol] == sp.Rational(1, 10)
    for values, message in [
        ({"k": 6}, "k = 6"),
        ({"k": 2.5}, "k = 2.5"),
        ({"k": "nan"}, "not a number"),
        ({"k": 2, "y": 2}, "y = 2"),
        ({"z": 1}, "unknown parameter 'z'"),
    ]:
        with pytest.raises(DomainError, match=message):
            check_values([k, y], values)


def test_an_upper_bound_reads_as_on_paper():
    assert str(upper(x.symbol, 1, trivial=2)) == "x <= 1"


@pytest.mark.parametrize("name", sorted(registry().claims))
def test_a_claim_is_found_without_the_others(name):
    assert claim_alone(name) is registry().claims[name]


@pytest.mark.parametrize("name", ["markov/sparsty", "nowhere/sparsity", "markov/", "sparsity", "markov/(", ""])
def test_a_claim_that_does_not_exist_is_unknown_alone_too(name):
    with pytest.raises(UnknownClaim):
        claim_alone(name)
