"""Definitions: well-founded recursion, no circles, one value for each argument, ranges graded by what backs them."""

import types

import pytest
import sympy as sp

from theory.checking import store
from theory.checking.kernel import check_lemma, check_range
from theory.checking.vocabulary import axioms_of, inconsistent
from theory.derivation import derive
from theory.justification import Computation, Gap, decide, unfold
from theory.lemma import Citation, Definition, Lemma, meaning
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.registry import Registry, RegistryError, _check_links
from theory.source import Source
from theory.verdict import Grade

f, g, h = (sp.Function(name, real=True) for name in "fgh")
n = sp.Symbol("n", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
K = Parameter("K", "K", "a length", integers(1), (1, 9))


@pytest.fixture(autouse=True)
def no_kept_reports(monkeypatch):
    monkeypatch.setenv("BOUNDLAB_CACHE", "off")


def constant(head, value, **more):
    return Definition(f"test/{head}", head, "", (eq(head(), value),), **more)


def recursive(head, first, following, **more):
    equations = (eq(head(0), first), Forall((n,), eq(head(n + 1), following)))
    return Definition(f"test/{head}", head, "", equations, **more)


# -- circles and recursion --------------------------------------------------------------------------------------------

CIRCLES = [
    ((f, g() + 1), (g, f() - 2)),
    ((f, g() + 1), (g, h()), (h, 2 * f())),
]


@pytest.mark.parametrize("circle", CIRCLES, ids=["two", "three"])
def test_definitions_in_a_circle_are_refused(circle):
    definitions = [constant(head, value) for head, value in circle]
    names = " -> ".join(d.id for d in [*definitions, definitions[0]])
    with pytest.raises(RegistryError, match=f"circular: {names} define each other"):
        _check_links(Registry({}, {}, {d.id: d for d in definitions}))
    d = derive(f()).eq(f() + 0 * g(), by=[*map(unfold, definitions), decide])
    assert names in d.check().message


def test_a_circle_through_a_lemma_is_refused():
    first, second = (constant(head, value) for head, value in CIRCLES[0])
    inner = Lemma("test/inner", "", (), eq(g(), f() - 2), derive().have("g", eq(g(), f() - 2), by=unfold(second)))
    used = derive().have("absurd", eq(0, 1), by=[inner.at(), unfold(first), decide])
    assert used.check().grade is Grade.REFUSED
    assert "define each other" in inconsistent(used)


def test_two_definitions_of_one_symbol_are_refused():
    used = derive().have("absurd", eq(0, 1), by=[unfold(constant(f, 0)), unfold(constant(f, 1)), decide])
    assert "differently" in used.check().message


@pytest.mark.parametrize("following", [2 * f(n), f(n) + f(n) ** 2, sp.Sum(f(n) * i, (i, 0, 3)), g() * f(n)], ids=str)
def test_recursion_that_goes_down_is_accepted(following):
    doubled = recursive(f, 1, following)
    assert inconsistent(derive().have("f", eq(f(0), 1), by=unfold(doubled))) == ""


@pytest.mark.parametrize(
    "equations",
    [
        (eq(f(0), 1), Forall((n,), eq(f(n + 1), f(n + 1) + 1))),  # not smaller
        (eq(f(0), 1), Forall((n,), eq(f(n + 1), f(n + 2) + 1))),  # larger
        (eq(f(0), 1), Forall((i,), eq(f(i + 1), 1 + f(i)))),  # not bounded below
        (eq(f(0), 1), Forall((n,), eq(f(n + 1), sp.Sum(f(n), (n, 0, 3))))),  # another n
        (eq(f(0), 1 - f(1)), eq(f(1), f(0))),  # a system
        (Forall((n,), eq(f(n + 1), f(n))),),  # no base case
    ],
)
def test_recursion_that_does_not_go_down_is_named(equations):
    with pytest.raises(ValueError, match="definition test/f: circular"):
        Definition("test/f", f, "", equations)


def test_equations_that_may_meet_are_refused():
    first_step = Forall((n,), eq(f(n), 1 + g(n)))
    with pytest.raises(ValueError, match="given twice"):
        Definition("test/f", f, "", (eq(f(K.symbol), 0), first_step))
    below = Forall((n,), eq(f(n), 1 + g(n)), (le(n, K.symbol - 1),))
    assert Definition("test/f", f, "", (eq(f(K.symbol), 0), below)).equations


# -- ranges -----------------------------------------------------------------------------------------------------------

weight = Definition("test/weight", g, "weights of a law on 0..9", bounds=(0, 1))
total = constant(h, sp.Sum(g(i), (i, 0, 9)), bounds=(1, 1), range_by=meaning(weight))


def test_a_range_is_proved_by_the_recursion():
    halved = recursive(f, 1, f(n) / 2, bounds=(0, 1))
    assert check_range(halved).grade is Grade.PROVED
    assert check_range(halved).kind == "proved"
    one = derive().have("one", Forall((n,), le(f(n), 1)), by=[unfold(halved), decide]).check()
    assert one.grade is Grade.PROVED


def test_a_range_of_averages_is_proved_by_the_weights():
    averaged = recursive(f, 1, sp.Sum(g(i) * f(n), (i, 0, 9)), bounds=(0, 1), range_by=(unfold(weight), unfold(total)))
    assert check_range(averaged).grade is Grade.PROVED


def test_a_range_that_does_not_follow_is_a_gap_in_every_step_that_uses_it():
    opaque_value = constant(f, g(0), bounds=(0, 1))
    assert check_range(opaque_value).grade is Grade.GAP
    used = derive().have("range", le(f(), 1), by=[unfold(opaque_value), decide])
    assert used.check().grade is Grade.GAP
    backed = constant(f, g(0), bounds=(0, 1), range_by=unfold(weight))
    assert derive().have("range", le(f(), 1), by=[unfold(backed), decide]).check().grade is Grade.PROVED


def test_a_false_range_is_refused():
    wrong = constant(f, sp.Integer(2), bounds=(0, 1))
    assert check_range(wrong).grade is Grade.REFUSED
    assert derive().have("absurd", le(2, 1), by=[unfold(wrong), decide]).check().grade is Grade.REFUSED


def test_the_sign_of_a_symbol_with_equations_is_to_be_proved_without_it():
    signed = sp.Function("signed", real=True, nonnegative=True)
    assert check_range(recursive(signed, 1, signed(n) + 1)).grade is Grade.PROVED
    assert check_range(recursive(signed, 1, signed(n) - 1)).grade is not Grade.PROVED
    whole = sp.Function("whole", integer=True)
    assert check_range(constant(whole, sp.Rational(1, 2))).grade is Grade.REFUSED


@pytest.mark.parametrize(
    ("backing", "grade"),
    [
        (Citation(Source("levin2017")), Grade.CITED),
        (Gap("not written down"), Grade.GAP),
        (meaning(weight), Grade.PROVED),
    ],
)
def test_a_step_is_graded_by_what_backs_the_range_it_uses(backing, grade):
    declared = constant(f, g(0) + g(1), bounds=(0, 1), range_by=backing)
    lemma = Lemma("test/range", "", (), le(f(), 1), derive().have("range", le(f(), 1), by=[unfold(declared), decide]))
    assert check_lemma(lemma).grade is grade


def test_a_range_under_a_parameters_domain_needs_that_domain():
    length = K.symbol
    scaled = constant(f, (length - 1) / length, bounds=(0, 1), parameters=(K,))
    assert check_range(scaled).grade is Grade.PROVED
    inside = derive(parameters=[K]).have("range", ge(f(), 0), by=[unfold(scaled), decide])
    assert inside.check().grade is Grade.PROVED


def test_a_meaning_is_that_of_symbols_without_equations_and_is_shown():
    with pytest.raises(ValueError, match="has equations"):
        meaning(total)
    stated = derive().have("sum", eq(sp.Sum(g(i), (i, 0, 9)), 1), by=[unfold(total), decide])
    assert axioms_of(stated) == [(total, "h >= 1 and <= 1", "g")]
    bare = constant(f, h() + 1, bounds=(0, 2), range_by=meaning(h))
    with pytest.raises(RegistryError, match="test/h means, which has equations"):
        _check_links(Registry({}, {}, {d.id: d for d in (bare, total)}))


# -- the store --------------------------------------------------------------------------------------------------------


def test_a_computation_depends_on_all_it_imports(tmp_path, monkeypatch):
    package = tmp_path / "theory"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("def half():\n    return 1\n")
    (package / "between.py").write_text("def value():\n    from theory.helper import half\n    return half()\n")
    (package / "aside.py").write_text("import math\n")
    (package / "topic.py").write_text("import json\nfrom theory import between\ndef value():\n    return between\n")
    names = [p.name for p in store.sources(str(package / "topic.py"), tmp_path)]
    assert names == ["__init__.py", "between.py", "helper.py", "topic.py"]

    module = types.ModuleType("topic")
    module.__file__ = str(package / "topic.py")
    found = store.sources
    monkeypatch.setattr(store, "sources", lambda file: found(file, tmp_path))
    monkeypatch.setattr(store.inspect, "getmodule", lambda value: module)
    step = derive().have("v", eq(sp.Function("v")(), 1), by=Computation(lambda: 1))

    def declared() -> Lemma:
        return Lemma("test/computed", "", (), eq(sp.Function("v")(), 1), step)

    lemma = declared()
    before = store.statement_key(lemma)
    assert store.statement_key(declared()) == before
    (package / "aside.py").write_text("import cmath\n")
    assert store.statement_key(declared()) == before
    (package / "helper.py").write_text("def half():\n    return 2\n")
    assert store.statement_key(declared()) != before
    assert store.statement_key(lemma) == before  # what was loaded before the change computes what it did
