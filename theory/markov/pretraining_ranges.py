"""Ranges of logits, laws and losses that the pre-training bounds use (specification 2.F).

Main statements
    state_range     two logits/tau of a state differ by at most D_U/tau
    state_size      the size of a logit/tau is at most that of its row of the unembedding, divided by tau
    law_floor       so a model gives every token at least 1/(1 + (T-1) e^(D_U/tau))
    tv_loss_range   a total variation loss is at most 1
    tv_loss_floor   and at least 0
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, unfold
from theory.lemma import Lemma
from theory.lemmas.softmax import floor_range
from theory.markov.parameters import T, tau
from theory.markov.parameters_pretraining import (
    D_U,
    averaged,
    hidden,
    hidden_square,
    in_ball,
    model,
    model_law,
    model_mass,
    model_width,
    over_coordinates,
    over_tokens,
    row_distance,
    row_length,
    s_,
    softmax_law,
    source_law,
    source_mass,
    state_length,
    state_logit,
    token_row,
    tv_loss,
    width_of_model,
    x_,
    y_,
)
from theory.markov.softmax import B_U as B_U  # re-exported: every pre-training bound takes them from here
from theory.markov.softmax import averaged_score
from theory.markov.softmax import c_0 as c_0
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

_T = T.symbol
_c = sp.Symbol("k", integer=True, nonnegative=True)
_p = sp.Symbol("p", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)

among = (le(x_, _T - 1),)
model_floor = 1 / (1 + (_T - 1) * sp.exp(D_U.symbol / tau.symbol))
_state = Parameter("state", "s", "a state", integers(0), (0, 10))
_token = Parameter("token", "x", "a token", integers(0, _T - 1), (0, 1))
_S, _X, _range = _state.symbol, _token.symbol, D_U.symbol / tau.symbol
_one = Parameter("one", "x", "number of a row of the unembedding", integers(0), (0, 1))
_two = Parameter("two", "z", "number of another row", integers(0), (0, 1))
_X1, _X2 = _one.symbol, _two.symbol
_hidden = sp.Lambda((_c, _p), hidden(_S, _c, _p))
_sizes = {"r": width_of_model, "positions": state_length(_S), "S": _hidden}
_gap_row = sp.Lambda((_u,), token_row(_X1, _u) - token_row(_X2, _u))
_gap_logit = averaged(_gap_row, _S)
_difference = sp.Sum(
    (
        over_coordinates(token_row(_X1, _c) * hidden(_S, _c, _p))
        - over_coordinates(token_row(_X2, _c) * hidden(_S, _c, _p))
    )
    / (state_length(_S) * tau.symbol),
    (_p, 0, state_length(_S) - 1),
)
_sized = (
    derive()
    .have("width", ge(width_of_model, 1), by=unfold(model_width))
    .have("tokens", ge(state_length(_S), 1), by=unfold(state_length))
    .have(
        "ball",
        Forall((_u,), le(over_coordinates(hidden(_S, _c, _u) ** 2), 1)),
        by=[fact("hypothesis 1", s=_S, p=_u), unfold(hidden_square, s=_S, p=_u), decide],
    )
)
state_range = Lemma(
    "markov/state_range",
    "Two logits/tau of a state differ by at most D_U/tau where final hidden states lie in the unit ball",
    (tau, D_U, _state, _one, _two),
    le(state_logit(_S, _X1) - state_logit(_S, _X2), _range),
    hypotheses=(in_ball,),
    statement="as in claim markov/logit_norms",
    backing=_sized.have(
        "distance",
        eq(over_coordinates(_gap_row(_c) ** 2), row_distance(_X1, _X2) ** 2),
        by=[unfold(row_distance, x=_X1, z=_X2), algebra],
    )
    .have("largest", le(row_distance(_X1, _X2), D_U.symbol), by=unfold(row_distance, x=_X1, z=_X2))
    .have("not negative", ge(row_distance(_X1, _X2), 0), by=decide)
    .have(
        "average",
        le(sp.Abs(_gap_logit), row_distance(_X1, _X2) / tau.symbol),
        by=[
            "width",
            "tokens",
            "ball",
            "distance",
            "not negative",
            averaged_score.at(norm=row_distance(_X1, _X2), a=_gap_row, **_sizes),
        ],
    )
    .have(
        "linear in the row",
        Forall(
            (_u,),
            eq(
                over_coordinates(_gap_row(_c) * hidden(_S, _c, _u)),
                over_coordinates(token_row(_X1, _c) * hidden(_S, _c, _u))
                - over_coordinates(token_row(_X2, _c) * hidden(_S, _c, _u)),
            ),
        ),
        by=algebra,
    )
    .have("termwise", eq(_gap_logit, _difference), by=[Termwise(), "linear in the row"])
    .have(
        "linear",
        eq(_difference, state_logit(_S, _X1) - state_logit(_S, _X2)),
        by=[unfold(state_logit, s=_S, x=_X1), unfold(state_logit, s=_S, x=_X2), algebra],
    )
    .have(
        "range",
        le(state_logit(_S, _X1) - state_logit(_S, _X2), _range),
        by=["average", "termwise", "linear", "largest", decide],
    ),
)
state_size = Lemma(
    "markov/state_size",
    "A logit/tau is at most the norm of its row over tau where final hidden states lie in the unit ball",
    (tau, _state, _one),
    le(sp.Abs(state_logit(_S, _X1)), row_length(_X1) / tau.symbol),
    hypotheses=(in_ball,),
    statement="as in claim markov/logit_norms",
    backing=_sized.have(
        "norm",
        eq(over_coordinates(token_row(_X1, _c) ** 2), row_length(_X1) ** 2),
        by=[unfold(row_length, x=_X1), algebra],
    )
    .have("not negative", ge(row_length(_X1), 0), by=decide)
    .have(
        "average",
        le(sp.Abs(averaged(lambda k: token_row(_X1, k), _S)), row_length(_X1) / tau.symbol),
        by=[
            "width",
            "tokens",
            "ball",
            "norm",
            "not negative",
            averaged_score.at(norm=row_length(_X1), a=sp.Lambda((_u,), token_row(_X1, _u)), **_sizes),
        ],
    )
    .have(
        "size",
        le(sp.Abs(state_logit(_S, _X1)), row_length(_X1) / tau.symbol),
        by=["average", unfold(state_logit, s=_S, x=_X1), decide],
    ),
)
law_floor = Lemma(
    "markov/law_floor",
    "Every next-token probability of model 0 is at least 1/(1 + (T-1) e^(D_U/tau))",
    (T, D_U, tau, _state, _token),
    ge(model_law(0, _S, _X), model_floor),
    hypotheses=(in_ball,),
    backing=derive()
    .have(
        "range",
        Forall((y_,), le(state_logit(_S, y_) - state_logit(_S, _X), _range)),
        by=["hypothesis 1", state_range.at(one=y_, two=_X)],
    )
    .have(
        "softmax",
        ge(sp.exp(state_logit(_S, _X)) / sp.Sum(sp.exp(state_logit(_S, y_)), (y_, 0, _T - 1)), model_floor),
        by=["range", floor_range.at(m=_T, i=_X, rho=_range, x=sp.Lambda(y_, state_logit(_S, y_)))],
    )
    .have(
        "floor",
        ge(model_law(0, _S, _X), model_floor),
        by=["softmax", unfold(softmax_law, s=_S, x=_X), decide],
    ),
)
tv_loss_range = Lemma(
    "markov/tv_loss_range",
    "A total variation distance lies in [0, 1]",
    (T, model),
    Forall((s_,), le(tv_loss(model.symbol, s_), 1)),
    backing=derive()
    .have(
        "each token",
        Forall(
            (s_, x_),
            le(
                sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_)),
                source_law(s_, x_) + model_law(model.symbol, s_, x_),
            ),
        ),
        by=[unfold(source_law), unfold(model_law), decide],
    )
    .have(
        "all tokens",
        Forall(
            (s_,),
            le(
                over_tokens(sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_))),
                over_tokens(source_law(s_, x_) + model_law(model.symbol, s_, x_)),
            ),
        ),
        by=[Termwise(), "each token"],
    )
    .have(
        "mass",
        Forall(
            (s_,),
            eq(
                over_tokens(source_law(s_, x_) + model_law(model.symbol, s_, x_)),
                source_mass(s_) + model_mass(model.symbol, s_),
            ),
        ),
        by=[unfold(source_mass, s=s_), unfold(model_mass, j_=model.symbol, s=s_), algebra],
    )
    .have(
        "range",
        Forall((s_,), le(tv_loss(model.symbol, s_), 1)),
        by=[
            unfold(tv_loss, j_=model.symbol, s=s_),
            fact("all tokens", s=s_),
            fact("mass", s=s_),
            unfold(source_mass, s=s_),
            unfold(model_mass, j_=model.symbol, s=s_),
            decide,
        ],
    ),
)
tv_loss_floor = Lemma(
    "markov/tv_loss_floor",
    "A total variation distance is not negative",
    (T, model),
    Forall((s_,), ge(tv_loss(model.symbol, s_), 0)),
    backing=derive()
    .have(
        "all tokens",
        Forall(
            (s_,), ge(over_tokens(sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_))), over_tokens(0 * x_))
        ),
        by=[Termwise(), decide],
    )
    .have(
        "floor",
        Forall((s_,), ge(tv_loss(model.symbol, s_), 0)),
        by=[unfold(tv_loss, j_=model.symbol, s=s_), fact("all tokens", s=s_), decide],
    ),
)
