"""Chains of tokens, teacher-forced and rolled out (D2-D5 of the specification `autoregressive`).

Prompts are listed 0..P with their chains z; prompt i has mass prompt_mass(i). A context is the whole number whose
digits to the base K are its tokens, so a table of a predictor is a function of whole numbers. Predictors are numbered
h = 0, 1, ...; step t = 1..T of predictor h is the table table_token(h, t, .).

Main definitions
    table_token                     h_t(context)
    teacher_context, teacher_miss   the true tokens are fed back; b_t = 1 where the table's token is another
    rollout_context, rollout_miss   the table's own tokens are fed back
    step_error, ar_error            eps_t and err_AR (teacher forced)
    rollout_error, final_error      Pr[rollout != z], Pr[last token of the rollout != z_T]
    chain_survival, hazard              Pr[no miss up to t], q_t
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import K
from theory.define import defined, opaque
from theory.lemma import Definition, meaning
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq

predictor = Parameter("h", "h", "number of a predictor", integers(0), (0, 100))
prompt = Parameter("i", "i", "number of a prompt", integers(0), (0, 1000))
last_prompt = Parameter("P", "P", "number of the last prompt", integers(0), (0, 1000))

h_, i_, t_ = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("h_", "x", "t_"))
r_ = sp.Symbol("r", integer=True, positive=True)
_c, _d = sp.symbols("c_ d_", integer=True)
_k = K.symbol


def over_prompts(term: Any) -> sp.Sum:
    """The sum of a term in i_ over all prompts."""
    return sp.Sum(term, (i_, 0, last_prompt.symbol))


prompt_mass = opaque(
    "autoregressive/prompt_mass", "prompt_mass(i) = probability of prompt i with its chain", bounds=(0, 1)
)
all_prompts = defined(
    "autoregressive/all_prompts",
    "all_prompts() = sum of prompt_mass over all prompts, which is 1",
    (),
    over_prompts(prompt_mass(i_)),
    bounds=(1, 1),
    range_by=meaning(prompt_mass),
)
prompt_code = opaque(
    "autoregressive/prompt_code", "prompt_code(i) = prompt i as a whole number to the base K", integer=True
)
true_token = opaque("autoregressive/true_token", "true_token(i, t) = z_t of prompt i, in 0..K-1", integer=True)
table_token = opaque(
    "autoregressive/table_token",
    "table_token(h, t, c) = h_t(c): token of 0..K-1 that table t of predictor h gives at the context numbered c",
    integer=True,
)
table_room = defined(
    "autoregressive/table_room",
    "table_room(h, t, c, d) = (K-1) |c - d| - |h_t(c) - h_t(d)| for whole numbers c, d; it is >= 0, because equal "
    "contexts have equal tokens, other contexts are at least 1 apart and tokens at most K - 1",
    (h_, t_, _c, _d),
    (_k - 1) * sp.Abs(_c - _d) - sp.Abs(table_token(h_, t_, _c) - table_token(h_, t_, _d)),
    bounds=(0, None),
    range_by=meaning(table_token),
)


def _context(id: str, about: str, bound: tuple[sp.Symbol, ...], token: Any) -> Definition:
    head = sp.Function(id, integer=True)
    start = Forall(bound, eq(head(*bound, 0), prompt_code(i_)))
    step = Forall((*bound, t_), eq(head(*bound, t_ + 1), _k * head(*bound, t_) + token(head(*bound, t_))))
    return Definition(f"autoregressive/{id}", head, about, (start, step))


teacher_context = _context(
    "teacher_context",
    "teacher_context(i, t) = prompt i followed by its first t true tokens",
    (i_,),
    lambda context: true_token(i_, t_ + 1),
)
rollout_context = _context(
    "rollout_context",
    "rollout_context(h, i, t) = prompt i followed by the first t tokens of the rollout of h",
    (h_, i_),
    lambda context: table_token(h_, t_ + 1, context),
)


def unequal(token: Any, other: Any) -> sp.Expr:
    """1 where two tokens (whole numbers) differ, else 0."""
    return sp.Min(1, sp.Abs(token - other))


def _miss(id: str, about: str, context: Any) -> Definition:
    head = sp.Function(id, real=True)
    value = unequal(table_token(h_, t_ + 1, context), true_token(i_, t_ + 1))
    equation = Forall((h_, i_, t_), eq(head(h_, i_, t_ + 1), value))
    return Definition(f"autoregressive/{id}", head, about, (equation,), bounds=(0, 1))


teacher_miss = _miss(
    "teacher_miss",
    "teacher_miss(h, i, t) = b_t: 1 where h_t(x, z_<t) is not z_t, else 0",
    teacher_context(i_, t_),
)
rollout_miss = _miss(
    "rollout_miss",
    "rollout_miss(h, i, t) = 1 where token t of the rollout of h from prompt i is not z_t, else 0",
    rollout_context(h_, i_, t_),
)


def none_missed(miss: Definition, h: Any, i: Any, last: Any) -> sp.Product:
    """1 if steps 1..last all agree, else 0."""
    return sp.Product(1 - miss(h, i, r_), (r_, 1, last))


step_error = defined(
    "autoregressive/step_error",
    "step_error(h, t) = eps_t = Pr[b_t = 1]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * teacher_miss(h_, i_, t_)),
)
ar_error = defined(
    "autoregressive/ar_error",
    "ar_error(h, t) = Pr[b_r = 1 for some r <= t]; err_AR at t = T",
    (h_, t_),
    over_prompts(prompt_mass(i_) * (1 - none_missed(teacher_miss, h_, i_, t_))),
)
rollout_error = defined(
    "autoregressive/rollout_error",
    "rollout_error(h, t) = Pr[the first t tokens of the rollout are not z_1..z_t]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * (1 - none_missed(rollout_miss, h_, i_, t_))),
)
final_error = defined(
    "autoregressive/final_error",
    "final_error(h, t) = Pr[token t of the rollout is not z_t]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * rollout_miss(h_, i_, t_)),
)
chain_survival = defined(
    "autoregressive/chain_survival",
    "chain_survival(h, t) = Pr[b_1 = ... = b_t = 0]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * none_missed(teacher_miss, h_, i_, t_)),
)
hazard = opaque(
    "autoregressive/hazard",
    "hazard(h, t) = q_t = Pr[b_t = 1 | b_1 = ... = b_{t-1} = 0], 0 where the condition has probability 0",
    bounds=(0, 1),
)
first_miss = defined(
    "autoregressive/first_miss",
    "first_miss(h, t) = Pr[b_1 = ... = b_t = 0, b_{t+1} = 1]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * none_missed(teacher_miss, h_, i_, t_) * teacher_miss(h_, i_, t_ + 1)),
)
conditioned = defined(
    "autoregressive/conditioned",
    "conditioned(h, t) = q_{t+1} Pr[no miss up to t] - Pr[the first miss is at t + 1], which is 0 by the definition of "
    "a conditional probability",
    (h_, t_),
    hazard(h_, t_ + 1) * chain_survival(h_, t_) - first_miss(h_, t_),
    bounds=(0, 0),
    range_by=meaning(hazard),
)
