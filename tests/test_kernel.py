"""The checker accepts what follows and refuses what does not."""

import pytest
import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.derivation import DerivationError, derive
from theory.information.atoms import information
from theory.justification import (
    Computation,
    Gap,
    Induction,
    Shannon,
    SingleTerm,
    Termwise,
    algebra,
    decide,
    fact,
    unfold,
)
from theory.lemma import Citation, Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import AssumptionError, Forall, eq, ge, gt, le, lt, substitute
from theory.source import OWN, Source
from theory.verdict import Grade

x = Parameter("x", "x", "a number", reals(0, sp.oo), (0, 10))
p = Parameter("p", "p", "a probability", reals(0, 1), (0, 1))
n = Parameter("n", "n", "a count", integers(1), (1, 10))
k = sp.Symbol("k", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True)
f = sp.Function("f", real=True)
g = sp.Function("g", real=True)


def grade(derivation, *parameters, given=()):
    report = derivation.check(parameters, given)
    return report.grade


def test_a_true_chain_is_proved_and_composes():
    d = derive(sp.log(1 + x.symbol), parameters=[x]).le(x.symbol, by=decide).lt(x.symbol + 1, by=decide)
    assert d.check().grade is Grade.PROVED
    assert d.relation() == lt(sp.log(1 + x.symbol), x.symbol + 1)


@pytest.mark.parametrize(
    "wrong",
    [
        derive(sp.log(1 + x.symbol)).ge(x.symbol, by=decide),
        derive(sp.log(1 + x.symbol)).le(x.symbol * sp.Rational(99, 100), by=decide),
        derive(p.symbol * (1 - p.symbol)).le(sp.Rational(24, 100), by=decide),
        derive((1 + x.symbol) ** 2).eq(1 + 2 * x.symbol + sp.Rational(101, 100) * x.symbol**2, by=algebra),
    ],
)
def test_a_wrong_link_is_refused_with_a_counterexample(wrong):
    report = wrong.check((x, p))
    assert report.grade is Grade.REFUSED
    assert report.steps[-1].counterexample


def test_a_gap_is_shown_and_lowers_the_grade():
    report = derive(x.symbol).le(x.symbol**2, by=Gap("not true below one")).check((x,))
    assert report.grade is Grade.GAP
    assert "not true" in report.steps[0].message


def test_an_undeclared_symbol_is_refused():
    report = derive(x.symbol).le(x.symbol + sp.Symbol("y", positive=True), by=decide).check((x,))
    assert "undeclared symbol y" in report.message


def test_contradictory_hypotheses_prove_nothing():
    report = derive(x.symbol).le(-1, by=decide).check((x,), (lt(x.symbol, 0),))
    assert report.grade is Grade.REFUSED


def test_mixed_directions_are_refused():
    d = derive(x.symbol, parameters=[x]).le(x.symbol + 1, by=decide).ge(x.symbol, by=decide)
    assert d.check().grade is Grade.REFUSED


def test_a_step_cannot_use_itself_or_a_later_one():
    d = derive().have("a", ge(f(0), 1), by="b").have("b", ge(f(0), 1), by="a")
    assert grade(d) is Grade.REFUSED
    d = derive().have("a", ge(f(0), 1), by="a")
    assert grade(d) is Grade.REFUSED


def test_a_refused_step_is_no_fact():
    d = derive().have("false", ge(0, 1), by=decide).have("next", ge(f(0), 1), by=["false", decide])
    report = d.check()
    assert not report.steps[1].accepted


def test_side_conditions_of_a_lemma_are_discharged():
    lemma = Lemma(
        "test/root",
        "",
        (Parameter("y", "y", "", reals(1, sp.oo), (1, 2)),),
        le(sp.sqrt(sp.Symbol("y", positive=True)), sp.Symbol("y", positive=True)),
        derive().have("it", le(sp.sqrt(sp.Symbol("y", positive=True)), sp.Symbol("y", positive=True)), by=decide),
    )
    good = derive(sp.sqrt(1 + x.symbol)).le(1 + x.symbol, by=lemma.at(y=1 + x.symbol))
    bad = derive(sp.sqrt(x.symbol)).le(x.symbol, by=lemma.at(y=x.symbol))
    assert grade(good, x) is Grade.PROVED
    report = bad.check((x,))
    assert report.grade is Grade.REFUSED
    assert "side condition" in report.message


def test_a_lemma_whose_proof_fails_cannot_be_used():
    y = Parameter("y", "y", "", reals(), (0, 1))
    false = Lemma("test/false", "", (y,), ge(y.symbol, 0), derive().have("it", ge(y.symbol, 0), by=decide))
    report = derive(sp.S(-1)).ge(0, by=false.at(y=-1)).check()
    assert "does not stand" in report.message


def test_a_cited_lemma_gives_cited_and_not_more():
    lemma = Lemma("test/cited", "", (x,), le(f(x.symbol), 1), Citation(Source("levin2017", "somewhere")))
    assert grade(derive(f(2)).le(1, by=lemma.at(x=2))) is Grade.CITED
    # one per cent less than what is cited does not follow
    assert grade(derive(f(2)).le(sp.Rational(99, 100), by=lemma.at(x=2))) is Grade.REFUSED


def test_an_integer_parameter_takes_only_integers():
    lemma = Lemma("test/int", "", (n,), le(f(n.symbol), 1), Citation(Source("levin2017")))
    assert grade(derive(f(x.symbol)).le(1, by=lemma.at(n=x.symbol)), x) is Grade.REFUSED


def test_a_derivation_brings_no_hidden_assumption_into_a_lemma():
    with pytest.raises(DerivationError, match="assumes"):
        Lemma("test/hidden", "", (x,), ge(x.symbol, 2), derive(given=[ge(x.symbol, 2)]))


def test_induction_needs_base_and_step():
    power = Forall((k,), le(f(k), 2**k))
    step = Forall((k,), le(f(k + 1), 2 * f(k)))
    good = derive().have("all", power, by=[Induction(k), fact("hypothesis 2", k=k)])
    assert good.check((), (le(f(0), 1), step)).grade is Grade.PROVED
    assert good.check((), (le(f(0), 2), step)).grade is Grade.REFUSED
    weak = Forall((k,), le(f(k + 1), 3 * f(k)))
    assert good.check((), (le(f(0), 1), weak)).grade is Grade.REFUSED


def test_induction_must_start_where_the_variable_does():
    late = derive().have("all", Forall((k,), ge(f(k), 0)), by=[Induction(k, 1), fact("hypothesis 2", k=k)])
    step = Forall((k,), ge(f(k + 1), f(k)))
    assert late.check((), (ge(f(1), 0), step)).grade is Grade.REFUSED


def test_sums_are_split_in_induction():
    claim = Forall((k,), eq(sp.Sum(j, (j, 0, k)), k * (k + 1) / 2))
    assert grade(derive().have("gauss", claim, by=[Induction(k), algebra])) is Grade.PROVED
    wrong = Forall((k,), eq(sp.Sum(f(j), (j, 0, k)), k * (k + 1) / 2))
    assert grade(derive().have("gauss", wrong, by=[Induction(k)])) is Grade.REFUSED


def test_termwise_and_single_term():
    smaller = Forall((j,), le(f(j), g(j)))
    sums = le(sp.Sum(f(j), (j, 1, n.symbol)), sp.Sum(g(j), (j, 1, n.symbol)))
    assert derive().have("sum", sums, by=[Termwise(), "hypothesis 1"]).check((n,), (smaller,)).grade is Grade.PROVED
    backwards = le(sums.rhs, sums.lhs)
    d = derive().have("sum", backwards, by=[Termwise(), "hypothesis 1"])
    assert d.check((n,), (smaller,)).grade is Grade.REFUSED
    positive = Forall((j,), ge(f(j), 0))
    one = ge(sp.Sum(f(j), (j, 1, n.symbol)), f(1))
    assert derive().have("one", one, by=[SingleTerm(1), "hypothesis 1"]).check((n,), (positive,)).grade is Grade.PROVED
    outside = ge(sp.Sum(f(j), (j, 1, n.symbol)), f(0))
    d = derive().have("one", outside, by=[SingleTerm(0), "hypothesis 1"])
    assert d.check((n,), (positive,)).grade is Grade.REFUSED
    assert derive().have("one", one, by=[SingleTerm(1)]).check((n,)).grade is Grade.REFUSED


def test_definitions_unfold_and_are_not_circular():
    h = sp.Function("h_test", real=True)
    double = Definition("test/double", h, "", (Forall((k,), eq(h(k), 2 * k)),))
    assert grade(derive().have("h3", eq(h(3), 6), by=unfold(double, k=3))) is Grade.PROVED
    assert grade(derive().have("h3", eq(h(3), 7), by=unfold(double, k=3))) is Grade.REFUSED
    with pytest.raises(ValueError, match="circular"):
        Definition("test/circular", h, "", (Forall((k,), eq(h(k), h(k) + 1)),))


def test_shannon_certificates_back_information_identities():
    chain = eq(information("I(H;W,F)"), information("I(H;W)") + information("I(H;F|W)"))
    assert grade(derive().have("chain", chain, by=Shannon())) is Grade.PROVED
    wrong = eq(information("I(H;W,F)"), information("I(H;W)") + information("I(H;F)"))
    assert grade(derive().have("chain", wrong, by=Shannon())) is Grade.REFUSED


def test_computations_are_exact_and_compared():
    states = sp.Function("states_test")()
    assert grade(derive().have("count", eq(states, 14), by=Computation(lambda: 2 + 4 + 8))) is Grade.PROVED
    assert grade(derive().have("count", eq(states, 15), by=Computation(lambda: 2 + 4 + 8))) is Grade.REFUSED
    assert grade(derive().have("count", eq(states, 14), by=Computation(lambda: 14.0))) is Grade.REFUSED


def test_substitution_does_not_capture_bound_variables():
    statement = Forall((k,), le(f(k), x.symbol))
    moved = substitute(statement, {x.symbol: sp.Symbol("k", integer=True, nonnegative=True)})
    assert k in (moved.body.rhs.free_symbols) and moved.variables[0] != k
    total = substitute(sp.Sum(j * x.symbol, (j, 1, 3)), {x.symbol: j})
    assert total.doit() == 6 * j


def test_types_are_checked_when_a_universal_fact_is_used():
    with pytest.raises(AssumptionError):
        Forall((k,), gt(f(k), 0)).at({k: sp.Rational(1, 2)})
    _, obligations = Forall((k,), gt(f(k), 0)).at({k: j})
    assert ge(j, 0) in obligations


def test_with_lemma_gives_the_new_bound_and_drops_what_no_longer_follows():
    first = Lemma("test/first", "", (n,), le(f(n.symbol), sp.Rational(1, 2) ** n.symbol), Citation(Source("levin2017")))
    second = Lemma(
        "test/second", "", (n,), le(f(n.symbol), sp.Rational(1, 3) ** n.symbol), Citation(Source("levin2017"))
    )
    d = derive(f(2 * n.symbol), parameters=[n]).le(by=first.at(n=2 * n.symbol), name="bound")
    d = d.eq(sp.Rational(1, 4) ** n.symbol, by=algebra, name="simplify")
    assert d.check().grade is Grade.CITED
    swapped = d.with_lemma("bound", second)
    assert swapped.check().accepted
    assert swapped.bound.equals(sp.Rational(1, 9) ** n.symbol)
    assert swapped.dropped == ("simplify",)
    with pytest.raises(DerivationError, match="does not match"):
        d.with_lemma("bound", Lemma("test/other", "", (n,), le(g(n.symbol), 1), Citation(Source("levin2017"))))


def test_a_sum_over_a_reversed_range_is_not_compared_term_by_term():
    whole = Parameter("z", "z", "any integer", integers(), (-5, 5))
    smaller = Forall((j,), le(f(j), g(j)))
    sums = le(sp.Sum(f(j), (j, 1, whole.symbol)), sp.Sum(g(j), (j, 1, whole.symbol)))
    report = derive().have("sum", sums, by=[Termwise(), "hypothesis 1"]).check((whole,), (smaller,))
    assert report.grade is Grade.REFUSED


def test_a_statement_that_may_fail_proves_nothing_certain():
    delta = Parameter("delta", "d", "probability of failure", reals(0, 1, open="both"), (0.01, 0.5))
    settings = {"title": "", "text": "", "parameters": (delta,), "source": OWN, "status": Status.OWN}
    statement = upper(f(delta.symbol), 1)
    cited = Lemma("test/tail", "", (delta,), statement.relation, Citation(Source("hoeffding1963")))
    likely = Claim(
        "test/likely",
        kind=Kind.HIGH_PROBABILITY,
        statements=(statement,),
        confidence=delta,
        derivation=derive(statement.quantity).le(1, by=cited.at()),
        **settings,
    )
    certain = Claim(
        "test/certain",
        kind=Kind.UPPER,
        statements=(statement,),
        derivation=derive(statement.quantity).le(1, by=likely.at()),
        **settings,
    )
    assert likely.check().accepted
    assert "probability only" in certain.check().message
