"""Machines made oblivious: by sweeping, by nature, and by a cited simulation (specification `autoregressive` 2E).

Main statements
    turing_sweep       any one-tape machine, visiting all cells once a step: tau (2C - 1) + 1 tokens
    automaton_scan     an automaton is oblivious by nature: n + 1 tokens
    turing_loglinear   several tapes in O(tau log tau) tokens, the simulation being cited
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import cells, count, n, states, symbols, tau
from theory.autoregressive.turing import (
    MISSES,
    missed_component,
    oblivious_chain_length,
    one_a_step,
    tapes,
    token_gap,
    wrong,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import algebra, decide, unfold
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, ge, le
from theory.source import OWN, Source

_tau, _n, _Q, _A, _C, _k = (p.symbol for p in (tau, n, states, symbols, cells, tapes))
_j = sp.Symbol("j", integer=True, nonnegative=True)
_x, _y = (sp.Symbol(name, integer=True, positive=True) for name in "xy")

# -- sweeping ------------------------------------------------------------------------------------------------

sweep_visits = defined(
    "autoregressive/sweep_visits",
    "sweep_visits(C) = visits of one step: the leftmost cell, then for each further cell itself and its left neighbour",
    (_x,),
    1 + count(2, _j, _x) - 2,
    integer=True,
)
sweep_tokens = defined(
    "autoregressive/sweep_tokens",
    "sweep_tokens(tau, C) = a token for each visit of each step, then the answer",
    (_x, _y),
    count(sweep_visits(_y), _j, _x) + 1,
    integer=True,
)
sweep_dictionary = defined(
    "autoregressive/sweep_dictionary",
    "sweep_dictionary(Q, A) = controls (scan, done, R.q, L.q) times contents (a symbol, with each state and without)",
    (_x, _y),
    (2 + count(1, _j, _x) + count(1, _j, _x)) * _y * (count(1, _j, _x) + 1),
    integer=True,
)

turing_sweep = Claim(
    id="autoregressive/turing_sweep",
    title="Any machine made oblivious by sweeping",
    kind=Kind.EQUALITY,
    text=(
        "Visiting all C cells once a step, with a control that carries the head to a neighbour, makes any one-tape "
        "machine oblivious: exactly tau (2C - 1) + 1 tokens over a dictionary of (2|Q| + 2)|A|(|Q| + 1), gap at least "
        "1; never shorter than one token a cell and step"
    ),
    parameters=(tau, cells, states, symbols, tapes, wrong),
    hypotheses=(*MISSES, eq(_k, 1)),
    statements=(
        equal(sweep_tokens(_tau, _C), _tau * (2 * _C - 1) + 1, label="length"),
        equal(sweep_dictionary(_Q, _A), (2 * _Q + 2) * _A * (_Q + 1), label="dictionary"),
        lower(token_gap(_k), 1, label="gap"),
        lower(sweep_tokens(_tau, _C), _tau * _C + 1, label="not shorter"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("so obliviousness pays only where a machine has it by nature, or through turing_loglinear",),
    derivation=derive()
    .have("twos", eq(1 + count(2, _j, _C) - 2, 2 * _C - 1), by=algebra)
    .have("visits", eq(sweep_visits(_C), 2 * _C - 1), by=[unfold(sweep_visits, x=_C), "twos"])
    .have("steps", eq(count(sweep_visits(_C), _j, _tau) + 1, _tau * sweep_visits(_C) + 1), by=algebra)
    .have(
        "length",
        eq(sweep_tokens(_tau, _C), _tau * (2 * _C - 1) + 1),
        by=[unfold(sweep_tokens, x=_tau, y=_C), "steps", "visits", algebra],
    )
    .have("of the states", eq(count(1, _j, _Q), _Q), by=algebra)
    .have(
        "dictionary",
        eq(sweep_dictionary(_Q, _A), (2 * _Q + 2) * _A * (_Q + 1)),
        by=[unfold(sweep_dictionary, x=_Q, y=_A), "of the states", algebra],
    )
    .have(
        "gap",
        ge(token_gap(_k), 1),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", missed_component.at()],
        note="control and content: the rule of turing_oblivious with one tape",
    )
    .have("not shorter", ge(sweep_tokens(_tau, _C), _tau * _C + 1), by=["length", decide]),
)

# -- automata ------------------------------------------------------------------------------------------------

letters = Parameter("S", r"|\Sigma|", "number of input symbols", integers(1), (1, 9))
_S = letters.symbol
scan_dictionary = defined(
    "autoregressive/scan_dictionary",
    "scan_dictionary(Q, S) = pairs of a state and an input symbol",
    (_x, _y),
    _y * count(1, _j, _x),
    integer=True,
)

automaton_scan = Claim(
    id="autoregressive/automaton_scan",
    title="Regular languages in n + 1 tokens",
    kind=Kind.EQUALITY,
    text=(
        "A deterministic automaton is an oblivious machine whose head is on cells 0, 1, ..., n - 1: words of length n "
        "take n + 1 tokens over Q x Sigma, with gap at least 1"
    ),
    parameters=(n, states, letters, tapes, wrong),
    hypotheses=(*MISSES, eq(_k, 1)),
    statements=(
        equal(oblivious_chain_length(_n), _n + 1, label="length"),
        equal(scan_dictionary(_Q, _S), _Q * _S, label="dictionary"),
        lower(token_gap(_k), 1, label="gap"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("length", eq(oblivious_chain_length(_n), _n + 1), by=one_a_step.at(tau=_n))
    .have("of the states", eq(count(1, _j, _Q), _Q), by=algebra)
    .have(
        "dictionary",
        eq(scan_dictionary(_Q, _S), _Q * _S),
        by=[unfold(scan_dictionary, x=_Q, y=_S), "of the states", algebra],
    )
    .have(
        "gap",
        ge(token_gap(_k), 1),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", missed_component.at()],
    ),
)

# -- quasi-linear length -------------------------------------------------------------------------------------

long_runs = Parameter(
    "tau", r"\tau", "number of steps of the machine that is simulated", integers(2), (2, 1000), "steps"
)
rate = Parameter("c", "c", "a number not below the constant of the simulation", reals(1), (1, 100))
_runs, _rate = long_runs.symbol, rate.symbol
simulating_steps = opaque(
    "autoregressive/simulating_steps",
    "simulating_steps(tau) = steps of an oblivious two-tape machine that does tau steps of a machine with k tapes",
    integer=True,
    positive=True,
)
simulation_constant = opaque(
    "autoregressive/simulation_constant",
    "simulation_constant() = constant of the simulation; it depends on the machine that is simulated, not on tau",
    positive=True,
)
_large_enough = ge(_rate, simulation_constant())
_log = _rate * _runs * sp.log(_runs) / sp.log(2)
oblivious_simulation = Lemma(
    "autoregressive/oblivious_simulation",
    "An oblivious two-tape machine does tau steps of a machine with several tapes in c tau log2(tau) steps",
    (long_runs, rate),
    le(simulating_steps(_runs), _log),
    hypotheses=(_large_enough,),
    backing=Citation(Source("pippenger1979", "oblivious simulation; two tapes: hennie1966", recheck=True)),
)

turing_loglinear = Claim(
    id="autoregressive/turing_loglinear",
    title="Quasi-linear length",
    kind=Kind.UPPER,
    text=(
        "A machine with k tapes running tau steps is simulated by an oblivious two-tape machine in O(tau log tau) "
        "steps, so it compiles to O(tau log tau) tokens with a constant dictionary and gap at least 1"
    ),
    parameters=(long_runs, rate, tapes, wrong),
    hypotheses=(*MISSES, eq(_k, 2), _large_enough),
    statements=(
        upper(oblivious_chain_length(simulating_steps(_runs)), _log + 1, label="length"),
        lower(token_gap(_k), 1, label="gap"),
    ),
    source=Source("pippenger1979", "oblivious simulation; two tapes: hennie1966", recheck=True),
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_as_stated",),
    remarks=("the simulation is cited and not built; the compiler is measured on oblivious two-tape machines",),
    derivation=derive(oblivious_chain_length(simulating_steps(_runs)))
    .eq(simulating_steps(_runs) + 1, by=one_a_step.at(tau=simulating_steps(_runs)), name="one token a step")
    .le(_log + 1, by=["hypothesis 5", oblivious_simulation.at(), decide], name="simulation")
    .have(
        "gap",
        ge(token_gap(_k), 1),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", missed_component.at()],
    ),
)
