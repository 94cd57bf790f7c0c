"""The falsifier finds what is false, spares what is true, shrinks, reproduces, and writes code that shows it."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import strategies as st

from theory.claim import Claim, Kind, Statement, Status, upper
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, ge, le, lt
from theory.source import OWN
from theory.verdict import Verdict
from verify.falsify import FalsifyReport, NothingToSearch, falsify, falsify_relation, with_bound
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.spaces import chains, logit_vectors
from verify.subject import ChainSubject

K = Parameter("K", "K", "window", integers(1), (1, 8))
n = Parameter("n", "n", "steps", integers(0), (0, 100))
kappa = Parameter("kappa", r"\kappa", "Dobrushin coefficient", reals(0, 1), (0, 1))
m = Parameter("m", "m", "number of logits", integers(2), (2, 8))
c = Parameter("c", "c", "l1 norm", reals(0), (0, 4))
distance = sp.Function("distance", real=True)
softmax = sp.Function("softmax", real=True)


def claim(name: str, parameters: tuple[Parameter, ...], *statements: Statement, kind: Kind = Kind.UPPER) -> Claim:
    return Claim(
        f"demo/{name}",
        "stand-in",
        kind,
        "",
        parameters,
        statements,
        OWN,
        Status.OWN,
        expected=Verdict.REFUTED,
        why="a stand-in",
    )


dobrushin = claim(
    "dobrushin", (K, n, kappa), upper(distance(n.symbol), kappa.symbol ** (n.symbol / K.symbol), trivial=1)
)
floor_bound = 1 / (1 + (m.symbol - 1) * sp.exp(c.symbol))  # attained at x = -c e_i
softmax_floor = claim(
    "softmax_floor", (m, c), Statement(softmax(c.symbol), ">=", floor_bound, sp.Integer(0)), kind=Kind.LOWER
)


@measures("demo/dobrushin", over=chains)
def measure_dobrushin(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    curve = subject.distance_curve(3 * subject.K)
    for steps in (subject.K, 2 * subject.K, 3 * subject.K):
        values = {"K": subject.K, "n": steps, "kappa": subject.kappa}
        yield Instance(values, floating(curve[steps], absolute=1e-13))


@measures("demo/softmax_floor", over=logit_vectors)
def measure_softmax_floor(logits: np.ndarray, context: Context) -> Iterator[Instance]:
    shifted = np.exp(logits - logits.max())
    smallest = float((shifted / shifted.sum()).min())
    yield Instance({"m": len(logits), "c": float(np.abs(logits).sum())}, floating(smallest, relative=1e-13))


def run(snippet: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, timeout=120, check=False)


def test_a_true_bound_survives_and_bites() -> None:
    report = falsify(dobrushin, measurement=measure_dobrushin, examples=150)
    assert not report.found
    assert report.counterexample is None
    assert report.snippet == ""
    assert report.examples >= 100
    assert report.nonvacuous > report.instances / 4


def test_a_tight_bound_sharpened_by_a_tenth_is_broken() -> None:
    bound = dobrushin.statement.bound * sp.Rational(9, 10)
    report = falsify(dobrushin, bound=bound, measurement=measure_dobrushin, examples=500)
    assert report.found
    assert report.shrunk
    chain = report.thing.chain
    assert (chain.T, chain.K) == (2, 1)  # no smaller chain exists
    assert report.counterexample is not None
    assert report.counterexample.quantity is not None
    assert report.counterexample.bound is not None
    assert report.counterexample.quantity.lower > report.counterexample.bound.upper


def test_extremal_floor_survives_and_its_mutations_do_not() -> None:
    assert not falsify(softmax_floor, measurement=measure_softmax_floor, examples=300).found
    for mutation in (
        floor_bound * sp.Rational(11, 10),
        1 / (1 + (m.symbol - 1) * sp.exp(c.symbol * sp.Rational(9, 10))),
    ):
        report = falsify(softmax_floor, bound=mutation, measurement=measure_softmax_floor, examples=500)
        assert report.found, mutation
        assert len(report.thing) == 2
        assert np.count_nonzero(report.thing) <= 1


def test_searches_reproduce() -> None:
    def search(seed: int) -> FalsifyReport:
        bound = floor_bound * sp.Rational(11, 10)
        return falsify(softmax_floor, bound=bound, measurement=measure_softmax_floor, examples=200, seed=seed)

    first, second = search(3), search(3)
    assert (first.examples, first.instances, first.snippet) == (second.examples, second.instances, second.snippet)
    np.testing.assert_array_equal(first.thing, second.thing)


def test_climbing_finds_a_narrow_violation() -> None:
    # Violated only where both coordinates are within 0.5 of (700, 300): one point in 10^6.
    plane = Space("plane", lambda claim: st.tuples(st.integers(0, 1000), st.integers(0, 1000)))
    hill = claim("hill", (n,), upper(distance(n.symbol), 1))

    def height(point: tuple[int, int], context: Context) -> Iterator[Instance]:
        away = abs(point[0] - 700) + abs(point[1] - 300)
        yield Instance({"n": 0}, floating(1.5 - away if away < 1 else 0.999 / (1 + away / 100), relative=1e-12))

    report = falsify(hill, measurement=measures("demo/hill", over=plane)(height), examples=3000)
    assert report.found
    assert report.thing == (700, 300)
    assert report.snippet.startswith("# This counterexample cannot be written as code")  # a local function


def test_straddling_intervals_never_count() -> None:
    numbers = Space("numbers", lambda claim: st.integers(0, 100))
    wide = claim("wide", (n,), upper(distance(n.symbol), 1, trivial=2))

    def measure(number: int, context: Context) -> Iterator[Instance]:
        yield Instance({"n": number}, Measured(0.9, 1.5, "monte carlo"))

    report = falsify(wide, measurement=measures("demo/wide", over=numbers)(measure), examples=50)
    assert not report.found
    assert report.undecided == report.instances > 0


def test_a_snippet_measures_both_sides_again() -> None:
    bound = dobrushin.statement.bound * sp.Rational(9, 10)
    report = falsify(dobrushin, bound=bound, measurement=measure_dobrushin, examples=500)
    namespace: dict[str, Any] = {}
    exec(report.snippet, namespace)  # its last line asserts the violation
    assert namespace["quantity"].lower > namespace["bound"].upper
    assert namespace["thing"].K == 1
    tampered = report.snippet.replace("/10, values)", "/1, values)")
    assert tampered != report.snippet
    with pytest.raises(AssertionError, match="no violation"):
        exec(tampered, {})


def test_a_relation_is_refuted_by_code_that_runs_alone() -> None:
    x = sp.Symbol("x")
    report = falsify_relation(le(sp.exp(x), 1 + x + x**2), known={})
    assert report.found
    assert report.counterexample is not None
    assert report.counterexample.instance.values == {"x": 2.0}  # the smallest integer that violates it
    done = run(report.snippet)
    assert done.returncode == 0, done.stderr
    assert "quantity:" in done.stdout
    assert "bound:" in done.stdout


def test_true_relations_survive() -> None:
    x = sp.Symbol("x")
    report = falsify_relation(ge(sp.exp(x), 1 + x), known={}, examples=300)
    assert not report.found
    assert report.nonvacuous == report.instances > 200
    assert not falsify_relation(eq((x + 1) ** 2, x**2 + 2 * x + 1), known={}, examples=100).found
    assert falsify_relation(lt(sp.Abs(x), sp.Abs(x)), known={}, examples=100).found


def test_symbols_take_the_domain_of_known_parameters() -> None:
    relation = le(sp.Symbol("kappa") ** 2, sp.Symbol("kappa"))
    assert not falsify_relation(relation, known={"kappa": kappa}, examples=200).found
    assert falsify_relation(relation, known={}, examples=200).found


def test_bounds_of_the_user_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="z is no parameter of demo/dobrushin"):
        with_bound(dobrushin, 0, sp.Symbol("z"))
    silent = claim("silent", (n, kappa), upper(distance(n.symbol), kappa.symbol))

    def measure(subject: ChainSubject, context: Context) -> Iterator[Instance]:
        yield Instance({"n": 1}, floating(0.5, relative=1e-12))

    with pytest.raises(NothingToSearch, match="gives no value of kappa"):
        falsify(silent, measurement=measures("demo/silent", over=chains)(measure))
    monkeypatch.setattr("verify.falsify.measurement_alone", lambda name: None)
    with pytest.raises(NothingToSearch, match="no measurement"):
        falsify(silent)


def test_progress_counts_examples() -> None:
    seen: list[int] = []
    report = falsify(softmax_floor, measurement=measure_softmax_floor, examples=30, progress=seen.append)
    assert seen == list(range(1, report.examples + 1))
