"""Oblivious machines: one token a step (specification `autoregressive` 2E)."""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import cells, count, equal_terms, equal_to, n, states, symbols, tau
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

tapes = Parameter("k", "k", "number of tapes", integers(1), (1, 4))
wrong = Parameter(
    "wrong", "j_0", "a component in which a token differs from the true one", integers(0, tapes.symbol), (0, 4)
)
on_others = Parameter("B", r"|\Gamma|^{k-1}", "symbols on all tapes but one", integers(1), (1, 9))
entries = Parameter("N", "N", "weights and biases of a step", integers(1), (1, 1000))
yes = Parameter(
    "yes", "y", "tokens after which the state is accepting",
    integers(0, states.symbol * symbols.symbol * on_others.symbol), (0, 100),
)  # fmt: skip
_tau, _n, _Q, _A, _C = (p.symbol for p in (tau, n, states, symbols, cells))
_k, _wrong, _B, _N, _yes = (p.symbol for p in (tapes, wrong, on_others, entries, yes))

_t = sp.Symbol("t", integer=True, positive=True)
_j, _i, _h = (sp.Symbol(name, integer=True, nonnegative=True) for name in "jih")
_x, _y, _z = (sp.Symbol(name, integer=True, positive=True) for name in "xyz")
_agrees = sp.Function("agrees", real=True)
_entry = sp.Function("entry_of_step", real=True)

oblivious_chain_length = defined(
    "autoregressive/oblivious_chain_length",
    "tokens of the chain: one for each step 1..tau of the machine, then the answer",
    (_t,),
    sp.Sum(1, (_j, 1, _t)) + 1,
    integer=True,
    nonnegative=True,
)
token_gap = defined(
    "autoregressive/token_gap",
    "score of the true token minus score of another: the state and each of the k tapes contribute one indicator each, "
    "so the true token scores Sum_{j=0}^k 1 and the other Sum_{j=0}^k agrees(j), agrees(j) in {0, 1}",
    (_t,),
    sp.Sum(1 - _agrees(_j), (_j, 0, _t)),
)
token_rewards = defined(
    "autoregressive/token_rewards",
    "token_rewards(k, Q, A, B) = unit weights of one token, at most: towards the A B tokens that have its next state, "
    "and for each tape towards the Q B tokens that read what it wrote",
    (_t, _x, _y, _z),
    _y * _z + count(_x * _z, _j, _t),
    integer=True,
)
met_once = defined(
    "autoregressive/met_once",
    "met_once(Q, A) = squares of the weights of a token that says both the state and the symbol of the next one (one "
    "tape, the head stayed): 2 towards the token with both, 1 towards the others with one of them",
    (_x, _y),
    sp.S(2) ** 2 + (_x - 1) + (_y - 1),
    integer=True,
)
staying_norm = defined(
    "autoregressive/staying_norm",
    "staying_norm(Q, A) = B^2 of such a step: the Q A tokens at one position",
    (_x, _y),
    _x * count(met_once(_x, _y), _j, _y),
    integer=True,
)
moving_norm = defined(
    "autoregressive/moving_norm",
    "moving_norm(Q, A) = B^2 of a step that reads state and symbol at two positions: A and Q unit weights a token",
    (_x, _y),
    _x * count(_y, _j, _y) + _x * count(_x, _j, _y),
    integer=True,
)
yes_norm = defined(
    "autoregressive/yes_norm",
    "yes_norm(y) = B^2 of the answer: 2 on each of the y tokens after which the state is accepting; bias -1",
    (_h,),
    count(2**2, _j, _h) + 1,
    integer=True,
)

MISSES = (
    Forall((_j,), ge(_agrees(_j), 0)),
    Forall((_j,), le(_agrees(_j), 1)),
    eq(_agrees(_wrong), 0),
)
missed_component = Lemma(
    "autoregressive/missed_component",
    "A token that differs from the true one in a component is behind by at least 1",
    (tapes, wrong),
    ge(token_gap(_k), 1),
    hypotheses=MISSES,
    backing=derive()
    .have(
        "another token misses a component",
        ge(sp.Sum(1 - _agrees(_j), (_j, 0, _k)), 1),
        by=[SingleTerm(_wrong), "hypothesis 2", "hypothesis 3"],
    )
    .have("gap", ge(token_gap(_k), 1), by=[unfold(token_gap, t=_k), "another token misses a component", decide]),
)
one_a_step = Lemma(
    "autoregressive/one_a_step",
    "One token a step and the answer",
    (tau,),
    eq(oblivious_chain_length(_tau), _tau + 1),
    backing=derive()
    .have(
        "one token a step",
        eq(oblivious_chain_length(_tau), sp.Sum(1, (_j, 1, _tau)) + 1),
        by=unfold(oblivious_chain_length, t=_tau),
    )
    .have("count", eq(sp.Sum(1, (_j, 1, _tau)) + 1, _tau + 1), by=algebra)
    .have("length", eq(oblivious_chain_length(_tau), _tau + 1), by=["one token a step", "count"]),
)

_D = _Q * _A * _B
_REWARDS = _B * (_A + _k * _Q)

turing_oblivious = Claim(
    id="autoregressive/turing_oblivious",
    title="One token per step of an oblivious machine",
    kind=Kind.EQUALITY,
    text=(
        "An oblivious machine with k tapes running tau steps compiles to a chain of exactly tau + 1 tokens over D = Q "
        "x Gamma^k, with gap at least 1 at every token, and B_t^2 <= (k+1)|D|(|Gamma|^k + k |Q||Gamma|^(k-1)), for one "
        "tape |D|(|Q| + |Gamma| + 2); the answer has at most 4 |D| + 1"
    ),
    parameters=(tau, tapes, wrong, states, symbols, on_others, entries, yes),
    hypotheses=(
        *MISSES,
        Forall((_i,), ge(_entry(_i), 0)),
        Forall((_i,), le(_entry(_i), _k + 1)),
        le(count(_entry(_i), _i, _N), _D * token_rewards(_k, _Q, _A, _B)),
    ),
    statements=(
        equal(oblivious_chain_length(_tau), _tau + 1, label="length"),
        lower(token_gap(_k), 1, label="gap"),
        upper(count(_entry(_i) ** 2, _i, _N), (_k + 1) * _D * _REWARDS, label="norm"),
        equal(staying_norm(_Q, _A), _Q * _A * (_Q + _A + 2), label="norm, one tape, stayed"),
        upper(moving_norm(_Q, _A), _Q * _A * (_Q + _A + 2), label="norm, one tape, moved"),
        upper(yes_norm(_yes), 4 * _D + 1, label="norm of the answer"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_dictionary",),
    functions=(_entry,),
    remarks=(
        "hypotheses: the state and each tape reward a token by at most one each, so an entry is at most k + 1, and the "
        "entries sum to the rewards of |D| tokens; first visits of a cell reward through prompt or bias, and by less",
        "the first token only copies; tau tokens are possible",
    ),
    derivation=derive()
    .have("length", eq(oblivious_chain_length(_tau), _tau + 1), by=one_a_step.at())
    .have(
        "gap",
        ge(token_gap(_k), 1),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", missed_component.at()],
    )
    .have("tapes", eq(count(_Q * _B, _j, _k), _k * _Q * _B), by=algebra)
    .have(
        "rewards",
        eq(token_rewards(_k, _Q, _A, _B), _REWARDS),
        by=[unfold(token_rewards, t=_k, x=_Q, y=_A, z=_B), "tapes", algebra],
    )
    .have(
        "square",
        Forall((_i,), le(_entry(_i) ** 2, (_k + 1) * _entry(_i))),
        by=[fact("hypothesis 4", i=_i), fact("hypothesis 5", i=_i), quick],
    )
    .have(
        "squares",
        le(count(_entry(_i) ** 2, _i, _N), count((_k + 1) * _entry(_i), _i, _N)),
        by=[Termwise(), fact("square", i=_i)],
    )
    .have("factor", eq(count((_k + 1) * _entry(_i), _i, _N), (_k + 1) * count(_entry(_i), _i, _N)), by=algebra)
    .have("sum", le(count(_entry(_i), _i, _N), _D * _REWARDS), by=["hypothesis 6", "rewards", decide])
    .have(
        "norm",
        le(count(_entry(_i) ** 2, _i, _N), (_k + 1) * _D * _REWARDS),
        by=["squares", "factor", "sum", decide],
    )
    .have("once", eq(met_once(_Q, _A), _Q + _A + 2), by=[unfold(met_once, x=_Q, y=_A), algebra])
    .have("tokens of a state", eq(count(met_once(_Q, _A), _j, _A), _A * met_once(_Q, _A)), by=algebra)
    .have(
        "norm, one tape, stayed",
        eq(staying_norm(_Q, _A), _Q * _A * (_Q + _A + 2)),
        by=[unfold(staying_norm, x=_Q, y=_A), "tokens of a state", "once", algebra],
    )
    .have("two positions", eq(_Q * count(_A, _j, _A) + _Q * count(_Q, _j, _A), _Q * _A * (_A + _Q)), by=algebra)
    .have(
        "norm, one tape, moved",
        le(moving_norm(_Q, _A), _Q * _A * (_Q + _A + 2)),
        by=[unfold(moving_norm, x=_Q, y=_A), "two positions", decide],
    )
    .have("fours", equal_to(4), by=equal_terms.at(each=4))
    .have("accepting tokens", eq(yes_norm(_yes), 4 * _yes + 1), by=[unfold(yes_norm, h=_yes), fact("fours", k=_yes)])
    .have("norm of the answer", le(yes_norm(_yes), 4 * _D + 1), by=["accepting tokens", decide]),
)
