"""Claims about Turing machines: oracle numbers, verdicts, and weakened constants that are caught."""

from contextlib import suppress
from dataclasses import replace

import pytest
import sympy as sp

from numerics.machines import library
from numerics.machines.routes import compile_machine
from theory.autoregressive.turing import turing_oblivious
from theory.autoregressive.turing_as_stated import turing_as_stated
from theory.autoregressive.turing_binary import turing_binary
from theory.autoregressive.turing_binary_cone import turing_binary_cone
from theory.autoregressive.turing_dictionary import turing_dictionary, turing_dictionary_cone
from theory.autoregressive.turing_learnable import turing_learnable
from theory.autoregressive.turing_sweep import automaton_scan, turing_loglinear, turing_sweep
from verify.autoregressive import automata, turing, turing_routes
from verify.autoregressive import turing_learnable as learnable
from verify.instance import NotApplicable
from verify.measurement import context
from verify.space import draw
from verify.strategies.machines import MachineTask
from verify.verdict import judge

MEASURED = {
    turing_as_stated: turing_routes.turing_as_stated,
    turing_binary: turing_routes.turing_binary,
    turing_binary_cone: turing_routes.turing_binary_cone,
    turing_dictionary: turing_routes.turing_dictionary,
    turing_dictionary_cone: turing_routes.turing_dictionary_cone,
    turing_oblivious: turing.turing_oblivious,
    turing_sweep: turing_routes.turing_sweep,
    turing_loglinear: turing.turing_loglinear,
    automaton_scan: automata.automaton_scan,
    turing_learnable: learnable.turing_learnable,
}
CLAIMS = list(MEASURED)


def named(claim):
    return claim.name


def instances(claim, examples):
    measured = MEASURED[claim]
    things = draw(measured.over, claim, examples, seed=1) if examples else measured.over.extremal(claim)
    for i, thing in enumerate(things):
        with suppress(NotApplicable):
            yield from measured(thing, context(i, claim.id))


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_verdicts(claim):
    found = list(instances(claim, 0 if claim is turing_learnable else 6))
    judgement = judge(claim, found)
    assert str(judgement.verdict) in ("holds", "tight"), judgement.worst
    assert {i.statement for i in found} >= {s.label for s in claim.statements if s.label}, "a statement is not measured"
    only_equal = all(s.sign == "==" for s in claim.statements)
    if not only_equal and claim not in (turing_as_stated, turing_learnable):
        assert str(judgement.verdict) == "tight"


def bound(claim, label, **values):
    statement = next(s for s in claim.statements if s.label == label)
    symbols = {p.symbol: values[p.name] for p in claim.parameters if p.name in values}
    return statement.bound.subs(symbols)


def test_oracle_numbers():
    """EX1: |Q| = 2, |A| = 3, n = 3, tau = 4, so C = 9 on a two-sided tape and 5 on a one-sided one."""
    sizes = {"tau": 4, "Q": 2, "A": 3, "n": 3}
    assert bound(turing_binary, "cells, two-sided", **sizes) == 9
    assert bound(turing_binary, "cells, one-sided", **sizes) == 5
    for cells, binary, dictionary, sweep in ((9, 397, 37, 69), (5, 221, 21, 37)):
        assert bound(turing_binary, "length", C=cells, **sizes) == binary
        assert bound(turing_dictionary, "length", C=cells, **sizes) == dictionary
        assert bound(turing_sweep, "length", C=cells, **sizes) == sweep
    assert bound(turing_binary, "length", tau=4, C=9, Q=3, A=3) == 541
    assert bound(turing_binary_cone, "length, two-sided", **sizes) == 193
    assert bound(turing_binary_cone, "length, one-sided", **sizes) == 119
    assert bound(turing_dictionary_cone, "length, two-sided", **sizes) == 25
    assert bound(turing_dictionary_cone, "length, one-sided", **sizes) == 15
    assert bound(turing_oblivious, "length", **sizes) == 5
    assert bound(automaton_scan, "length", n=5) == 6


def test_the_end_of_a_one_sided_tape_weighs_more_than_4_q_a_squared():
    """One state that always moves to the left: 4 |Q||A|^2 more than an inner cell would be 87, and it is 99."""
    states, symbols = ["q"], ["0", "1", "B"]
    left = {
        "name": "left",
        "states": states,
        "alphabet": symbols,
        "blank": "B",
        "input_alphabet": ["0", "1"],
        "start": "q",
        "accept": [],
        "tape": "one_sided",
        "transitions": [["q", a, "q", "0", "L"] for a in symbols],
    }
    chain = compile_machine(MachineTask(left, 1, 2).machine, 1, 2, "dictionary")
    cells = 3
    assert chain.model.squared_norms[cells] == 99  # cell 0 of the second layer
    inner = 3 * 2**2 + 4 * 3**2 + 3
    assert inner + 4 * 3**2 == 87 < 99 == inner + 4 * 3 * (3 + 1)
    claimed = turing_dictionary.statements[3]
    weaker = replace(turing_dictionary, statements=(*turing_dictionary.statements[:3], replace(
        claimed, bound=claimed.bound.subs(sp.Symbol("A", integer=True, positive=True) + 1,
                                          sp.Symbol("A", integer=True, positive=True))
    ), *turing_dictionary.statements[4:]))  # fmt: skip
    measured = list(turing_routes.turing_dictionary(MachineTask(left, 1, 2), context(0)))
    assert str(judge(turing_dictionary, measured).verdict) == "tight"
    assert str(judge(weaker, measured).verdict) == "refuted"


ATTAINED = [c for c in CLAIMS if c not in (turing_learnable, turing_loglinear, turing_as_stated)]


@pytest.mark.parametrize("claim", ATTAINED, ids=named)
def test_weakened_constants_are_caught(claim):
    """Every statement that is attained, with its bound a tenth off, is refuted by the same measurements."""
    found = list(instances(claim, 3))
    caught = 0
    for i, statement in enumerate(claim.statements):
        factor = sp.Rational(11, 10) if statement.sign in (">=", "==") else sp.Rational(9, 10)
        statements = list(claim.statements)
        statements[i] = replace(statement, bound=statement.bound * factor, trivial=None)
        changed = replace(claim, statements=tuple(statements))
        of_it = [f for f in found if f.statement in (statement.label, i)]
        caught += bool(of_it) and str(judge(changed, of_it).verdict) == "refuted"
    assert caught >= max(1, len(claim.statements) // 2)


def test_a_damaged_compiler_is_caught(monkeypatch):
    from numerics.machines import routes
    from numerics.machines.compiled import CompilerError
    from numerics.machines.linear_ar import LinearAR, LinearStep

    honest = routes.compile_dictionary

    def damaged(machine, n, tau, *, cone=False):
        model = honest(machine, n, tau, cone=cone)
        last = model.steps[-2]
        return LinearAR(n, (*model.steps[:-2], LinearStep(last.live[::-1], {}, last.bias), model.steps[-1]))

    monkeypatch.setattr(routes, "compile_dictionary", damaged)
    with pytest.raises(CompilerError, match=r"two tokens tie|is '"):
        compile_machine(library.machine("find_11"), 3, 4, "dictionary")
