"""Declarations are consistent, inconsistent ones are named, and the index says of them what they say themselves."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
import sympy as sp

import theory.index
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import derive
from theory.graph import checking_order, rests_on, statement_graph, uses
from theory.imports import sources, text_hash
from theory.index import entries_of, forget, index, remember_grades, unread
from theory.justification import algebra
from theory.parameter import DomainError, Parameter, check_values, integers, reals
from theory.proposition import Forall, eq, free_symbols
from theory.registry import (
    Registry,
    RegistryError,
    UnknownClaim,
    _check_links,
    applicable_alone,
    check_id,
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


def test_free_symbols_are_those_that_sympy_finds():
    index = sp.Symbol("i", integer=True)
    inner = sp.Sum(sp.Symbol("a") ** index, (index, 0, index))
    nested = sp.Sum(inner * index, (index, 1, x.symbol))
    for stated in (nested, inner + index, sp.Derivative(nested, x.symbol), sp.Lambda(index, nested + index)):
        assert free_symbols(eq(sp.Function("f")(stated), 0)) == stated.free_symbols
    for statement in (*registry().lemmas.values(), *registry().claims.values()):
        for stated in (statement.conclusion, *statement.hypotheses):
            if isinstance(stated, Forall):
                parts = stated.body.free_symbols.union(*(c.free_symbols for c in stated.conditions))
                assert free_symbols(stated) == parts - set(stated.variables)
            else:
                assert free_symbols(stated) == stated.free_symbols


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
        check_id(claim(), "something_else", "theory.markov.topic")
    with pytest.raises(RegistryError, match="beginning with 'concepts'"):
        check_id(claim(), "example", "theory.concepts.topic")
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


# -- the index --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A cache folder in which everything is indexed."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOUNDLAB_CACHE", str(folder))
        forget()
        index()
    return folder


@pytest.fixture
def kept(built, tmp_path, monkeypatch):
    """The file of the index in a cache folder of its own."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("BOUNDLAB_CACHE", str(tmp_path))
    forget()
    (file,) = [f for f in (tmp_path / "index").iterdir() if f.name != "imports.json"]
    yield file
    forget()


def without_modules(found):
    return [replace(e, module="") for e in (*found.claims.values(), *found.lemmas.values())]


def test_the_index_says_what_the_statements_say(kept):
    assert unread() == 0
    assert without_modules(index()) == without_modules(entries_of(registry()))
    for name, entry in index().entries.items():
        assert name in {getattr(v, "id", None) for v in vars(importlib.import_module(entry.module)).values()}
    assert index().bodies == registry().bodies
    for name in registry().claims:
        assert set(index().sharpened_by(name)) == set(registry().sharpened_by(name))
        assert set(index().corrected_by(name)) == set(registry().corrected_by(name))
        assert index().used_by(name) == tuple(
            s.id for t in (registry().lemmas, registry().claims) for _, s in sorted(t.items()) if name in uses(s)
        )


@pytest.mark.parametrize("damage", ["{torn", '{"format": 1, "modules": 3}'])
def test_a_damaged_index_is_built_anew(kept, damage):
    whole = json.loads(kept.read_text())
    kept.write_text(damage)
    forget()
    assert unread() == len(whole["modules"])
    assert without_modules(index()) == without_modules(entries_of(registry()))
    assert json.loads(kept.read_text()) == whole


def test_only_what_has_changed_is_read_again(kept, monkeypatch):
    changed = str(Path(theory.index.__file__).parent / "markov" / "structure.py")
    document = json.loads(kept.read_text())
    for _, claims, _ in document["modules"].values():
        for entry in claims:
            entry["title"] = "as it was kept"
    kept.write_text(json.dumps(document))
    monkeypatch.setattr(theory.index, "text_hash", lambda file: "new" if file == changed else text_hash(file))
    forget()
    stale = {name for name, file in theory.index.module_files() if Path(changed) in sources(str(file))}
    assert "theory.markov.structure" in stale and len(stale) == unread() < len(document["modules"])
    for name, entry in index().claims.items():
        read = registry().claims[name].title if entry.module in stale else "as it was kept"
        assert entry.title == read
    forget()
    assert unread() == 0  # what was read is kept


def test_nothing_is_kept_where_the_user_wants_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BOUNDLAB_CACHE", "off")
    forget()
    assert without_modules(index()) == without_modules(entries_of(registry()))
    remember_grades({"markov/sparsity": "proved"})
    forget()
    assert index().grades == {} and not list(tmp_path.iterdir())
    forget()


def test_grades_are_kept_until_the_statement_changes(kept, monkeypatch):
    remember_grades({"markov/sparsity": "proved", "markov/t_min": "refused"})
    forget()
    assert index().grades == {"markov/sparsity": "proved"}
    monkeypatch.setattr(theory.index, "text_hash", lambda file: "new")
    forget()
    assert index().grades == {}


def test_contradictions_between_modules_are_named(kept):
    document = json.loads(kept.read_text())
    entries = [e for _, claims, _ in document["modules"].values() for e in claims]
    entries[0]["sharpens"] = ["markov/nothing"]
    kept.write_text(json.dumps(document))
    forget()
    with pytest.raises(RegistryError, match="links to markov/nothing"):
        index()
    entries[0]["sharpens"] = []
    entries[-1]["id"] = entries[0]["id"]
    kept.write_text(json.dumps(document))
    forget()
    with pytest.raises(RegistryError, match=f"{entries[0]['id']} is declared twice"):
        index()


def test_a_lemma_is_found_without_the_others(kept):
    for name, lemma in registry().lemmas.items():
        assert applicable_alone(name) is lemma
    with pytest.raises(UnknownClaim, match="contraction/iterate"):
        applicable_alone("contraction/iterates")


LISTING = """
import sys
from verify.cli.main import main
status = main(["claims"])
heavy = {"sympy", "numpy", "networkx", "theory.claim"} & set(sys.modules)
sys.exit(status or (f"imported {heavy}" if heavy else 0))
"""
ONE = """
import sys
from verify.cli.main import main
status = main(["show", "markov/noisy_lfsr", "--latex"])
print(*(name for name in sys.modules if name.startswith("theory.")), file=sys.stderr)
sys.exit(status)
"""


def run(code, kept):
    environment = {**os.environ, "BOUNDLAB_CACHE": str(kept.parent.parent)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


def test_a_listing_imports_nothing_but_the_index(kept):
    done = run(LISTING, kept)
    assert done.returncode == 0, done.stderr
    assert f"{len(registry().claims)} claims in {len(registry().bodies)} bodies" in done.stdout


def test_one_claim_imports_its_own_module_and_what_that_imports(kept):
    done = run(ONE, kept)
    assert done.returncode == 0 and "theory.markov.noisy_lfsr" in done.stderr.split(), done.stderr
    home = dict(theory.index.module_files())
    needed = sources(str(home["theory.markov.noisy_lfsr"]))
    loaded = [name for name in done.stderr.split() if name in home]
    assert all(home[name] in needed for name in loaded if home[name].name != "__init__.py")
