"""Teacher-forced failure is rollout failure (specification `autoregressive` 2A).

Main statements
    rollout_identity     the two events are equal, and so are their first steps
    rollout_is_teacher   so err_AR is the error of the rollout
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.parameters import K, T
from theory.autoregressive.rollouts import (
    ar_error,
    i_,
    last_prompt,
    none_missed,
    over_prompts,
    predictor,
    prompt,
    prompt_mass,
    r_,
    rollout_context,
    rollout_error,
    rollout_miss,
    table_room,
    table_token,
    teacher_context,
    teacher_miss,
    true_token,
    unequal,
)
from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.justification import Induction, Termwise, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.unions import (
    none_at_most_one,
    none_nonnegative,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_h, _i, _T = predictor.symbol, prompt.symbol, T.symbol
step = Parameter("t", "t", "a step of the chain", integers(1, T.symbol), (1, 100), "tokens")
_t = step.symbol
_u = sp.Symbol("u", integer=True, nonnegative=True)

_apart = Parameter("d", "d", "difference of two tokens", integers(), (-3, 3))
_D = _apart.symbol
_n = sp.Symbol("n_", integer=True, nonnegative=True)
equal_tokens = Lemma(
    "autoregressive/equal_tokens",
    "Tokens that do not differ are equal",
    (_apart,),
    eq((1 - sp.Min(1, sp.Abs(_D))) * _D, 0),
    backing=derive()
    .have("whole", Forall((_n,), eq((1 - sp.Min(1, _n)) * _n, 0)), by=[Induction(_n), quick])
    .have("size", eq((1 - sp.Min(1, sp.Abs(_D))) * sp.Abs(_D), 0), by=[fact("whole", n_=sp.Abs(_D)), quick])
    .have("zero", eq((1 - sp.Min(1, sp.Abs(_D))) * _D, 0), by=["size", quick]),
)
_alive = Parameter("alive", r"\alpha", "1 while nothing has differed", reals(0, 1), (0, 1))
_one = Parameter("one", "a", "a number", reals(), (0, 3))
_other = Parameter("other", "b", "another", reals(), (0, 3))
_true = Parameter("true", "z", "the true token", reals(), (0, 3))
_a, _o, _p, _z = _alive.symbol, _one.symbol, _other.symbol, _true.symbol
same_misses = Lemma(
    "autoregressive/same_misses",
    "Tokens that agree as long as nothing has differed miss together",
    (_alive, _one, _other, _true),
    eq(_a * (1 - unequal(_o, _z)), _a * (1 - unequal(_p, _z))),
    hypotheses=(eq(_a * (_o - _p), 0),),
    backing=derive().have(
        "together", eq(_a * (1 - unequal(_o, _z)), _a * (1 - unequal(_p, _z))), by=["hypothesis 1", quick]
    ),
)
_x = Parameter("x", "x", "a number", reals(), (0, 9))
_y = Parameter("y", "y", "another", reals(), (0, 9))
same_table = Lemma(
    "autoregressive/same_table",
    "A function of contexts agrees where they do",
    (_alive, _one, _other, _x, _y, K),
    eq(_a * (_o - _p), 0),
    hypotheses=(
        eq(_a * (_x.symbol - _y.symbol), 0),
        ge((K.symbol - 1) * sp.Abs(_x.symbol - _y.symbol) - sp.Abs(_o - _p), 0),
    ),
    backing=derive().have("zero", eq(_a * (_o - _p), 0), by=["hypothesis 1", "hypothesis 2", quick]),
)

_rolled = rollout_context(_h, _i, _u)
_taught = teacher_context(_i, _u)
_token, _taught_token = table_token(_h, _u + 1, _rolled), table_token(_h, _u + 1, _taught)
_z_next = true_token(_i, _u + 1)
_so_far = none_missed(rollout_miss, _h, _i, _u)
rollout_identity = Claim(
    id="autoregressive/rollout_identity",
    title="Teacher-forced failure is rollout failure",
    kind=Kind.EQUALITY,
    text=(
        "{some t: h_t(x, z_<t) != z_t} = {rollout of h from x != z}, for every predictor, prompt and chain, and the "
        "first mismatching step is the same in both: decoding is deterministic, with one tie rule and one arithmetic"
    ),
    parameters=(predictor, prompt, T, step),
    statements=(
        equal(
            1 - none_missed(teacher_miss, _h, _i, _T),
            1 - none_missed(rollout_miss, _h, _i, _T),
            label="event",
        ),
        equal(
            none_missed(teacher_miss, _h, _i, _t - 1) * teacher_miss(_h, _i, _t),
            none_missed(rollout_miss, _h, _i, _t - 1) * rollout_miss(_h, _i, _t),
            label="first",
        ),
    ),
    source=Source("malach2023", "proof of Thm 3.6", "v3", recheck=True),
    status=Status.AS_STATED,
    remarks=("No error compounds: behaviour off the teacher's path never matters for err_AR.",),
    derivation=derive(parameters=(K, last_prompt))
    .have(
        "next rollout miss",
        Forall((_u,), eq(rollout_miss(_h, _i, _u + 1), unequal(_token, _z_next))),
        by=unfold(rollout_miss, h_=_h, x=_i, t_=_u),
    )
    .have(
        "next teacher miss",
        Forall((_u,), eq(teacher_miss(_h, _i, _u + 1), unequal(_taught_token, _z_next))),
        by=unfold(teacher_miss, h_=_h, x=_i, t_=_u),
    )
    .have(
        "difference of contexts",
        Forall(
            (_u,),
            eq(
                rollout_context(_h, _i, _u + 1) - teacher_context(_i, _u + 1),
                K.symbol * (_rolled - _taught) + (_token - _z_next),
            ),
        ),
        by=[unfold(rollout_context, h_=_h, x=_i, t_=_u), unfold(teacher_context, x=_i, t_=_u), quick],
    )
    .have(
        "token",
        Forall((_u,), eq((1 - unequal(_token, _z_next)) * (_token - _z_next), 0)),
        by=equal_tokens.at(d=_token - _z_next),
    )
    .have(
        "same start",
        eq(rollout_context(_h, _i, 0) - teacher_context(_i, 0), 0),
        by=[unfold(rollout_context, h_=_h, x=_i), unfold(teacher_context, x=_i), quick],
    )
    .have(
        "same contexts",
        Forall((_u,), eq(_so_far * (_rolled - _taught), 0)),
        by=[
            Induction(_u),
            "same start",
            fact("difference of contexts", u=_u),
            fact("next rollout miss", u=_u),
            fact("token", u=_u),
            quick,
        ],
        note="while the rollout has made no mistake, it has read what the teacher reads",
    )
    .have("no less than 0", Forall((r_,), ge(rollout_miss(_h, _i, r_), 0)), by=unfold(rollout_miss))
    .have("no more than 1", Forall((r_,), le(rollout_miss(_h, _i, r_), 1)), by=unfold(rollout_miss))
    .have(
        "not negative",
        Forall((_u,), ge(_so_far, 0)),
        by=["no less than 0", "no more than 1", none_nonnegative.at(n=_u, b=sp.Lambda(r_, rollout_miss(_h, _i, r_)))],
    )
    .have(
        "at most 1",
        Forall((_u,), le(_so_far, 1)),
        by=["no less than 0", "no more than 1", none_at_most_one.at(n=_u, b=sp.Lambda(r_, rollout_miss(_h, _i, r_)))],
    )
    .have(
        "a table is a function",
        Forall((_u,), ge((K.symbol - 1) * sp.Abs(_rolled - _taught) - sp.Abs(_token - _taught_token), 0)),
        by=[unfold(table_room, h_=_h, t_=_u + 1, c_=_rolled, d_=_taught), quick],
    )
    .have(
        "same tokens",
        Forall((_u,), eq(_so_far * (_token - _taught_token), 0)),
        by=[
            fact("same contexts", u=_u),
            fact("a table is a function", u=_u),
            fact("not negative", u=_u),
            fact("at most 1", u=_u),
            same_table.at(alive=_so_far, one=_token, other=_taught_token, x=_rolled, y=_taught),
        ],
    )
    .have(
        "same misses",
        Forall((_u,), eq(_so_far * (1 - unequal(_token, _z_next)), _so_far * (1 - unequal(_taught_token, _z_next)))),
        by=[
            fact("same tokens", u=_u),
            fact("not negative", u=_u),
            fact("at most 1", u=_u),
            same_misses.at(alive=_so_far, one=_token, other=_taught_token, true=_z_next),
        ],
    )
    .have(
        "same survival of a step",
        Forall((_u,), eq(_so_far * (1 - rollout_miss(_h, _i, _u + 1)), _so_far * (1 - teacher_miss(_h, _i, _u + 1)))),
        by=[fact("same misses", u=_u), fact("next rollout miss", u=_u), fact("next teacher miss", u=_u), quick],
    )
    .have(
        "same survival",
        Forall((_u,), eq(none_missed(teacher_miss, _h, _i, _u), _so_far)),
        by=[Induction(_u), fact("same survival of a step", u=_u), quick],
        note="induction on the steps before the first mismatch",
    )
    .have(
        "event",
        eq(1 - none_missed(teacher_miss, _h, _i, _T), 1 - none_missed(rollout_miss, _h, _i, _T)),
        by=[fact("same survival", u=_T), quick],
    )
    .have(
        "first",
        eq(
            none_missed(teacher_miss, _h, _i, _t - 1) * teacher_miss(_h, _i, _t),
            none_missed(rollout_miss, _h, _i, _t - 1) * rollout_miss(_h, _i, _t),
        ),
        by=[fact("same survival", u=_t - 1), fact("same survival of a step", u=_t - 1), quick],
    ),
)

rollout_is_teacher = Lemma(
    "autoregressive/rollout_is_teacher",
    "The rollout fails as often as the teacher-forced chain",
    (predictor, T),
    eq(rollout_error(_h, _T), ar_error(_h, _T)),
    backing=derive(parameters=(K, last_prompt))
    .have(
        "each prompt",
        Forall(
            (i_,),
            eq(
                prompt_mass(i_) * (1 - none_missed(rollout_miss, _h, i_, _T)),
                prompt_mass(i_) * (1 - none_missed(teacher_miss, _h, i_, _T)),
            ),
        ),
        by=[rollout_identity.at("event", i=i_, t=1), quick],
    )
    .have(
        "all prompts",
        eq(
            over_prompts(prompt_mass(i_) * (1 - none_missed(rollout_miss, _h, i_, _T))),
            over_prompts(prompt_mass(i_) * (1 - none_missed(teacher_miss, _h, i_, _T))),
        ),
        by=[Termwise(), fact("each prompt", x=i_)],
    )
    .have(
        "same probability",
        eq(rollout_error(_h, _T), ar_error(_h, _T)),
        by=[unfold(rollout_error, h_=_h, t_=_T), unfold(ar_error, h_=_h, t_=_T), "all prompts", quick],
    ),
)
