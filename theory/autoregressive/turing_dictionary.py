"""The tableau of a machine with one token a cell and step (specification `autoregressive` 2E).

Main statements
    turing_dictionary        tau C + 1 tokens, gap 1, and the exact B_t^2 of inner cells and of the end of the tape
    turing_dictionary_cone   (tau + 1)^2 and (tau + 1)(tau + 2)/2 tokens

The score of symbol b in state s, or in no state, on a cell is [b is left there] + 2 [a head arrives in state s] + [no
state].
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import (
    accepting,
    cells,
    cone_one_sided,
    cone_two_sided,
    count,
    equal_terms,
    equal_to,
    states,
    symbols,
    tau,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, unfold
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_tau, _Q, _A, _C, _F = (p.symbol for p in (tau, states, symbols, cells, accepting))
_t, _j, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tjk")
_x, _y, _z, _w = (sp.Symbol(name, integer=True, positive=True) for name in "xyzw")
_u, _v, _o = (sp.Symbol(name, integer=True, nonnegative=True) for name in "uvo")


def _bit(name: str, latex: str, meaning: str) -> Parameter:
    return Parameter(name, latex, meaning, integers(0, 1), (0, 1))


comes = _bit("comes", "r", "1 where a head arrives on the cell")
same_symbol = _bit("same_symbol", "e", "1 where another token has the symbol that is left on the cell")
same_state = _bit("same_state", "f", "1 where it has the state in which the head arrives")
no_state = _bit("no_state", "g", "1 where it has no state")
stays = Parameter("n_0", "n_0", "transitions that stay", integers(0), (0, 9))
lefts = Parameter("n_L", "n_-", "transitions that move to the left", integers(0), (0, 9))
rights = Parameter("n_R", "n_+", "transitions that move to the right", integers(0), (0, 9))
_r, _e, _f, _g = (p.symbol for p in (comes, same_symbol, same_state, no_state))
_n0, _nL, _nR = (p.symbol for p in (stays, lefts, rights))

layer_tokens = defined(
    "autoregressive/layer_tokens", "layer_tokens(C) = one token for each cell", (_y,), count(1, _j, _y), integer=True
)
dictionary_tokens = defined(
    "autoregressive/dictionary_tokens",
    "dictionary_tokens(tau, C) = tokens of the layers 1..tau, then the answer",
    (_x, _y),
    count(layer_tokens(_y), _t, _x) + 1,
    integer=True,
)
cell_score = defined(
    "autoregressive/cell_score",
    "cell_score(e, a, g) = score of a token on a cell: e = 1 for the symbol left there, a = 1 for the state in which a "
    "head arrives there, g = 1 for no state",
    (_u, _v, _o),
    _u + 2 * _v + _o,
    integer=True,
)
_true = cell_score(1, _r, 1 - _r)  # the symbol left; the state of the head that arrives, else no state
_other = cell_score(_e, _r * _f, _g)

of_plain_token = defined(
    "autoregressive/of_plain_token",
    "of_plain_token(Q) = squares of the weights of a token that brings no head to the cell: 1 towards the symbol it "
    "leaves, with no state and with each state",
    (_x,),
    1 + count(1, _j, _x),
    integer=True,
)
of_staying_token = defined(
    "autoregressive/of_staying_token",
    "of_staying_token(Q, A) = squares of the weights of a token whose head stays: 1 + 2 towards the symbol it leaves "
    "in the new state, 2 towards the other symbols in it, 1 towards the symbol in the Q - 1 other states and in none",
    (_x, _y),
    sp.S(3) ** 2 + 2**2 * (_y - 1) + 1**2 * _x,
    integer=True,
)
of_coming_token = defined(
    "autoregressive/of_coming_token",
    "of_coming_token(A) = squares of the weights of a neighbour's token whose head comes: 2 towards each symbol in the "
    "new state",
    (_y,),
    count(2**2, _j, _y),
    integer=True,
)
cell_norm = defined(
    "autoregressive/cell_norm",
    "cell_norm(Q, A, own, here, there) = B^2 of a cell from the second layer on: old tokens without head (A), with a "
    "head that leaves (own), stays (here) or comes from a neighbour (there); bias 1 towards each symbol without state",
    (_x, _y, _u, _v, _o),
    count(of_plain_token(_x), _j, _y)
    + count(of_plain_token(_x), _j, _u)
    + count(of_staying_token(_x, _y), _j, _v)
    + count(of_coming_token(_y), _j, _o)
    + count(1, _j, _y),
    integer=True,
)
inner_norm = cell_norm(_Q, _A, _nL + _nR, _n0, _nL + _nR)
end_norm = cell_norm(_Q, _A, _nR, _n0 + _nL, _nL)  # moves to the left stay, and none comes from the left
accepting_tokens = defined(
    "autoregressive/accepting_tokens",
    "accepting_tokens(A, F) = squares of the weights of the answer on one cell: 2 on each symbol in each accepting "
    "state",
    (_y, _t),
    _y * count(2**2, _j, _t),
    integer=True,
)
answer_tokens_norm = defined(
    "autoregressive/answer_tokens_norm",
    "answer_tokens_norm(C, A, F) = B^2 of the answer: the weights on all cells; bias -1",
    (_z, _y, _t),
    count(accepting_tokens(_y, _t), _j, _z) + 1,
    integer=True,
)

_LENGTH = _tau * _C + 1
_NORM = _A * (_Q + 1) ** 2 + 4 * _Q * _A**2 + 4 * _n0 + _A

turing_dictionary = Claim(
    id="autoregressive/turing_dictionary",
    title="One token for each cell and step",
    kind=Kind.EQUALITY,
    text=(
        "With a token for each symbol, with or without a state, a machine running tau steps compiles to exactly tau C "
        "+ 1 tokens, with gap 1 at every token. From the second layer on an inner cell has B_t^2 = |A|(|Q| + 1)^2 + 4 "
        "|Q||A|^2 + 4 n_0 + |A|, n_0 transitions staying; the end of a one-sided tape at most 4 |Q||A|(|A| + 1) more; "
        "the answer 4 C |A||Acc| + 1"
    ),
    parameters=(
        tau,
        cells,
        states,
        symbols,
        accepting,
        comes,
        same_symbol,
        same_state,
        no_state,
        stays,
        lefts,
        rights,
    ),
    hypotheses=(
        le(_f + _g, 1),
        eq(_r * _e * _f, 0),
        eq((1 - _r) * _e * _g, 0),
        eq(_n0 + _nL + _nR, _Q * _A),
    ),
    statements=(
        equal(dictionary_tokens(_tau, _C), _LENGTH, label="length"),
        lower(_true - _other, 1, label="gap"),
        equal(inner_norm, _NORM, label="norm of an inner cell"),
        upper(end_norm, _NORM + 4 * _Q * _A * (_A + 1), label="norm at the end of the tape"),
        equal(answer_tokens_norm(_C, _A, _F), 4 * _C * _A * _F + 1, label="norm of the answer"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_binary",),
    remarks=(
        "hypotheses: another token has at most one state; where a head arrives it does not agree in symbol and state "
        "both, where none arrives it does not agree in the symbol and have no state; every transition moves somehow",
        "on cell 0 of a one-sided tape each move to the left stays: that is 4 |A| + 4 a transition, so 4 |Q||A|^2 more "
        "would be too little",
    ),
    derivation=derive()
    .have("a layer", eq(layer_tokens(_C), _C), by=[unfold(layer_tokens, y=_C), algebra])
    .have("layers", eq(count(layer_tokens(_C), _t, _tau) + 1, _tau * layer_tokens(_C) + 1), by=algebra)
    .have(
        "length",
        eq(dictionary_tokens(_tau, _C), _LENGTH),
        by=[unfold(dictionary_tokens, x=_tau, y=_C), "layers", "a layer", algebra],
    )
    .have("true score", eq(_true, 2 + _r), by=[unfold(cell_score, u=1, v=_r, o=1 - _r), algebra])
    .have("other score", eq(_other, _e + 2 * _r * _f + _g), by=[unfold(cell_score, u=_e, v=_r * _f, o=_g), algebra])
    .have(
        "two of three",
        ge(2 + _r - _e - 2 * _r * _f - _g, 1),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", decide],
    )
    .have("gap", ge(_true - _other, 1), by=["true score", "other score", "two of three", decide])
    .have("ones", equal_to(1), by=equal_terms.at(each=1))
    .have("fours", equal_to(4), by=equal_terms.at(each=4))
    .have("plain", eq(of_plain_token(_Q), _Q + 1), by=[unfold(of_plain_token, x=_Q), fact("ones", k=_Q), algebra])
    .have("staying", eq(of_staying_token(_Q, _A), 9 + 4 * (_A - 1) + _Q), by=unfold(of_staying_token, x=_Q, y=_A))
    .have("coming", eq(of_coming_token(_A), 4 * _A), by=[unfold(of_coming_token, y=_A), fact("fours", k=_A)])
    .have("plain tokens", equal_to(of_plain_token(_Q)), by=equal_terms.at(each=of_plain_token(_Q)))
    .have("staying tokens", equal_to(of_staying_token(_Q, _A)), by=equal_terms.at(each=of_staying_token(_Q, _A)))
    .have("coming tokens", equal_to(of_coming_token(_A)), by=equal_terms.at(each=of_coming_token(_A)))
    .have(
        "terms",
        Forall(
            (_u, _v, _o),
            eq(
                cell_norm(_Q, _A, _u, _v, _o),
                (_A + _u) * of_plain_token(_Q) + _v * of_staying_token(_Q, _A) + _o * of_coming_token(_A) + _A,
            ),
        ),
        by=[
            unfold(cell_norm, x=_Q, y=_A, u=_u, v=_v, o=_o),
            fact("plain tokens", k=_A),
            fact("plain tokens", k=_u),
            fact("staying tokens", k=_v),
            fact("coming tokens", k=_o),
            fact("ones", k=_A),
            algebra,
        ],
    )
    .have(
        "squares",
        Forall(
            (_u, _v, _o),
            eq(
                cell_norm(_Q, _A, _u, _v, _o),
                (_A + _u) * (_Q + 1) + _v * (9 + 4 * (_A - 1) + _Q) + 4 * _A * _o + _A,
            ),
        ),
        by=[fact("terms", u=_u, v=_v, o=_o), "plain", "staying", "coming", algebra],
    )
    .have(
        "norm of an inner cell",
        eq(inner_norm, _NORM),
        by=[fact("squares", u=_nL + _nR, v=_n0, o=_nL + _nR), "hypothesis 4", decide],
    )
    .have(
        "at the end",
        eq(end_norm, (_A + _nR) * (_Q + 1) + (_n0 + _nL) * (9 + 4 * (_A - 1) + _Q) + 4 * _A * _nL + _A),
        by=fact("squares", u=_nR, v=_n0 + _nL, o=_nL),
    )
    .have(
        "norm at the end of the tape",
        le(end_norm, _NORM + 4 * _Q * _A * (_A + 1)),
        by=["at the end", "hypothesis 4", decide],
    )
    .have(
        "of a cell",
        eq(accepting_tokens(_A, _F), 4 * _A * _F),
        by=[unfold(accepting_tokens, y=_A, t=_F), fact("fours", k=_F), algebra],
    )
    .have("of all cells", eq(count(accepting_tokens(_A, _F), _j, _C), _C * accepting_tokens(_A, _F)), by=algebra)
    .have(
        "norm of the answer",
        eq(answer_tokens_norm(_C, _A, _F), 4 * _C * _A * _F + 1),
        by=[unfold(answer_tokens_norm, z=_C, y=_A, t=_F), "of all cells", "of a cell", algebra],
    ),
)

cone_tokens_two_sided = defined(
    "autoregressive/cone_tokens_two_sided",
    "cone_tokens_two_sided(tau) = a token for each cell |c| <= t after step t = 1..tau, then the answer",
    (_x,),
    1 + count(cone_two_sided(_j), _j, _x),
    integer=True,
)
cone_tokens_one_sided = defined(
    "autoregressive/cone_tokens_one_sided",
    "cone_tokens_one_sided(tau) = the same on a one-sided tape",
    (_x,),
    1 + count(cone_one_sided(_j), _j, _x),
    integer=True,
)
_SQUARE, _TRIANGLE = (_tau + 1) ** 2, (_tau + 1) * (_tau + 2) / 2

turing_dictionary_cone = Claim(
    id="autoregressive/turing_dictionary_cone",
    title="Square and triangular numbers",
    kind=Kind.EQUALITY,
    text=(
        "With tokens for the cells that the head can have reached only, a machine running tau steps takes exactly (tau "
        "+ 1)^2 tokens on a two-sided and (tau + 1)(tau + 2)/2 on a one-sided tape, whatever n is"
    ),
    parameters=(tau,),
    statements=(
        equal(cone_tokens_two_sided(_tau), _SQUARE, label="length, two-sided"),
        equal(cone_tokens_one_sided(_tau), _TRIANGLE, label="length, one-sided"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_dictionary",),
    derivation=derive()
    .have(
        "cells, two-sided",
        Forall((_k,), eq(cone_two_sided(_k), 2 * _k + 1)),
        by=[unfold(cone_two_sided, t=_k), algebra],
    )
    .have("cells, one-sided", Forall((_k,), eq(cone_one_sided(_k), _k + 1)), by=[unfold(cone_one_sided, t=_k), algebra])
    .have(
        "layers, two-sided",
        eq(count(cone_two_sided(_j), _j, _tau), count(2 * _j + 1, _j, _tau)),
        by=[Termwise(), fact("cells, two-sided", k=_j)],
    )
    .have(
        "layers, one-sided",
        eq(count(cone_one_sided(_j), _j, _tau), count(_j + 1, _j, _tau)),
        by=[Termwise(), fact("cells, one-sided", k=_j)],
    )
    .have("odd numbers", eq(1 + count(2 * _j + 1, _j, _tau), _SQUARE), by=algebra)
    .have("whole numbers", eq(1 + count(_j + 1, _j, _tau), _TRIANGLE), by=algebra)
    .have(
        "length, two-sided",
        eq(cone_tokens_two_sided(_tau), _SQUARE),
        by=[unfold(cone_tokens_two_sided, x=_tau), "layers, two-sided", "odd numbers"],
    )
    .have(
        "length, one-sided",
        eq(cone_tokens_one_sided(_tau), _TRIANGLE),
        by=[unfold(cone_tokens_one_sided, x=_tau), "layers, one-sided", "whole numbers"],
    ),
)
