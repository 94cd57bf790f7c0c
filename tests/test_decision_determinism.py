"""A decision depends on the statement, the hypotheses and the effort: not on time, history, hashes or chance."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest
import sympy as sp
import sympy.core.random as chance
from sympy import Eq, Function, Ge, Gt, Le, Lt, exp, floor, log, sqrt, tanh

from theory.checking import budget, decision
from theory.checking.budget import Budget, rungs
from theory.checking.decision import Proof, Refutation, SpuriousContradictionError, Undecided, decide
from theory.checking.polynomial import Answer
from theory.checking.prover import Problem
from theory.checking.ranges import point
from theory.checking.translation import assumption_range, takes_integers

x, y, a = sp.symbols("x y a", real=True)
n = sp.Symbol("n", integer=True, positive=True)
w, i = sp.symbols("w i", integer=True, positive=True)
draw, path = Function("draw", real=True), Function("path", real=True)

QUESTIONS = {
    "tangent": (Ge(exp(x), 1 + x), []),
    "root": (Le(sqrt(x), (1 + x) / 2), [x >= 0]),
    "power": (Le((1 - a) ** n, (1 - x) ** n), [x >= 0, x <= a, a <= 1]),
    "floor": (Ge(floor(x / 2), 2), [x >= 4]),
    "false": (Lt(x**2, 3), [x > 1]),
    "undefined": (Le(log(x), x - 1), []),
    "beyond": (Le(Function("f")(x) + exp(exp(x)), 10**6), [x < 2]),
    "hyperbolic": (Lt(tanh(x), 1), []),
    "contradiction": (Le(x, 7), [exp(x) < 1, x > 0]),
}


def answer(name: str, effort: float = 0.3) -> str:
    return repr(decide(*QUESTIONS[name], effort=effort))


def unrelated(count: int) -> None:
    for k in range(count):
        b = sp.Symbol(f"b{k % 7}", real=True, positive=k % 2 == 0 or None)
        decide(Ge(b**2 + exp(b) * k, -k), [b > k % 3], effort=0.1)


def test_earlier_questions_change_nothing() -> None:
    before = {name: answer(name) for name in QUESTIONS}
    unrelated(50)
    after = {name: answer(name) for name in reversed(QUESTIONS)}
    assert before == after
    kinds = {text.split("(")[0] for text in before.values()}
    assert kinds == {"Proof", "Refutation", "Undecided"}  # else the comparison says little


def test_two_processes_with_other_hashes_answer_alike() -> None:
    def run(seed: str) -> str:
        code = (
            "import importlib.util as u, sys; s = u.spec_from_file_location('t', sys.argv[1]);"
            "m = u.module_from_spec(s); s.loader.exec_module(m); print([m.answer(q) for q in m.QUESTIONS])"
        )
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, __file__]
        return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout

    assert run("1") == run("2") == f"{[answer(name) for name in QUESTIONS]}\n"


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_settled_at_one_effort_is_settled_alike_at_every_larger_one(name: str) -> None:
    answers = [decide(*QUESTIONS[name], effort=effort) for effort in (0.05, 0.3, 0.4)]
    for smaller, larger in itertools.pairwise(answers):
        assert isinstance(smaller, Undecided) or smaller == larger


def test_the_rungs_of_a_smaller_effort_come_first() -> None:
    efforts = (0.01, 0.1, 0.2, 0.3, 0.9, 1.0, 2.0, 7.0)
    for smaller, larger in itertools.pairwise(efforts):
        assert rungs(larger)[: len(rungs(smaller))] == rungs(smaller)
        assert rungs(smaller)[-1] >= smaller


def test_a_slow_machine_gets_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: answer(name) for name in QUESTIONS}
    clock = itertools.count()
    monkeypatch.setattr(budget.time, "process_time", lambda: float(next(clock)) / 2)
    assert {name: answer(name) for name in QUESTIONS} == before


def test_the_safety_limit_stops_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=1000)
    monkeypatch.setattr(budget.time, "process_time", lambda: float(next(clock)))
    whole = Budget(10**6)
    part = whole.part(10**5)
    assert not part.exhausted
    part.spend(10**3)
    assert part.exhausted and whole.halted and not whole.cut


def test_a_part_of_a_budget_spends_the_whole() -> None:
    whole = Budget(10)
    part = whole.part(100)
    part.spend(4)
    assert (whole.left, part.left, whole.cut) == (6, 6, False)
    part.spend(7)
    assert part.exhausted and whole.exhausted and whole.cut


def test_symbols_of_one_name_are_different_symbols() -> None:
    free, positive = sp.Symbol("x", real=True), sp.Symbol("x", positive=True)
    assert isinstance(decide(Gt(positive, 0, evaluate=False)), Proof)
    assert isinstance(decide(Gt(free, 0, evaluate=False)), Refutation)
    assert isinstance(decide(Ge(free, positive)), Refutation)
    assert isinstance(decide(Ge(free * positive, -(free**2) - positive**2)), Proof)
    found = decide(Ge(free, 0), [positive >= 1])
    assert isinstance(found, Refutation)
    assert set(found.point) <= {free, positive}  # the names used inside do not come out
    first, second = sp.Dummy("x", real=True), sp.Dummy("x", real=True)
    assert isinstance(decide(Eq(first, second)), Refutation)
    assert isinstance(decide(Ge(first**2 + second**2, 2 * first * second)), Proof)


def test_no_symbol_is_taken_for_a_reciprocal() -> None:
    for name in ("inverse", "inverse#0", "inverse 0", "variable 0"):
        s = sp.Symbol(name, real=True)
        assert not isinstance(decide(Eq(s * x, 1), [x > 0, y <= 1 / x], effort=0.1), Proof)


@pytest.mark.parametrize("first", ["extended_nonpositive", "integer", "odd", "noninteger", "positive"])
def test_an_empty_product_is_one_whatever_sympy_was_asked(first: str) -> None:
    # SymPy holds an empty product for positive and for at most 0; chance decides which it says.
    for seed in range(6):
        chance.seed(seed)
        empty = sp.Product(draw(w, i), (i, 1, 0))
        empty._assumptions = empty.default_assumptions
        getattr(empty, f"is_{first}")
        assert assumption_range(empty) == point(sp.Integer(1))
        assert not takes_integers(empty)
        start = [Eq(path(w, 0), 1, evaluate=False), Eq(empty, 1, evaluate=False)]
        found = decide(Eq(path(w, 0), empty, evaluate=False), start, effort=0.1)
        assert isinstance(found, Proof) and not found.vacuous


def test_a_sum_has_the_sign_of_its_terms_where_its_range_runs_upwards() -> None:
    k = sp.Symbol("k", integer=True, positive=True)
    weight = Function("weight", positive=True)
    assert assumption_range(sp.Sum(weight(k), (k, 1, n))).positive
    some = assumption_range(sp.Sum(weight(k), (k, 2, n)))
    assert some.nonnegative and not some.positive  # it may be empty
    assert not assumption_range(sp.Sum(weight(k), (k, 4, n))).nonnegative  # it may run backwards
    # the symbol says k > 0, the range does not
    assert not assumption_range(sp.Sum(k, (k, -3, 2))).nonnegative


_k = sp.Symbol("k", integer=True, nonnegative=True)
SQUARES = sp.Sum(Function("f", real=True)(_k) ** 2, (_k, 0, n))  # no point is drawn where a sum stands in the statement


def test_a_spurious_contradiction_is_an_error_that_names_the_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "contradictory", lambda self, units=0: True)
    with pytest.raises(SpuriousContradictionError, match="x >= 2 hold at x = "):
        decide(Ge(x + SQUARES, 1 + SQUARES), [x >= 2])


def test_hypotheses_with_a_known_point_are_not_asked_for_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(self: Problem, units: float = 0) -> bool:
        raise AssertionError("the hypotheses hold at a sampled point")

    monkeypatch.setattr(Problem, "contradictory", never)
    found = decide(Ge(x, 1), [x >= 2])
    assert isinstance(found, Proof) and not found.vacuous


def test_what_holds_without_the_hypotheses_is_not_asked_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "ask", lambda *_, **__: Answer("unknown"))
    found = decide(Ge(1, -1, evaluate=False), [x * y + SQUARES >= 2])
    assert isinstance(found, Proof) and found.method == "sign"


def test_a_contradiction_that_is_not_confirmed_settles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(self: Problem, booleans: object, units: float, levels: object = (), seed: int = 0) -> Answer:
        return Answer("unknown" if seed or not self.hypotheses else "unsat")

    monkeypatch.setattr(Problem, "ask", once)
    found = decision.decide(Ge(x * y + SQUARES, 1 + SQUARES), [x * y >= 2])
    assert isinstance(found, Undecided)
    assert "when asked again" in found.reason
