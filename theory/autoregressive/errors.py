"""Errors of a chain: all tokens, a step at a time, the last token (specification `autoregressive` 2A).

Main statements
    survival_product   1 - err_AR = prod (1 - q_t)
    error_sandwich     max eps_t <= err_AR <= min(1, sum eps_t); the last token errs at most as often as the chain
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.parameters import K, T
from theory.autoregressive.rollout_identity import rollout_is_teacher, step
from theory.autoregressive.rollouts import (
    all_prompts,
    ar_error,
    chain_survival,
    conditioned,
    final_error,
    first_miss,
    hazard,
    i_,
    last_prompt,
    none_missed,
    over_prompts,
    predictor,
    prompt_mass,
    r_,
    rollout_error,
    rollout_miss,
    step_error,
    teacher_miss,
)
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.unions import (
    bernoulli,
    expected_count,
    none_at_least,
    none_nonnegative,
    one_event,
    one_more,
    union_bound,
    weighted,
)
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN
from theory.verdict import Verdict

_h, _T = predictor.symbol, T.symbol
_u = sp.Symbol("u", integer=True, nonnegative=True)
_t = step.symbol
_R = none_missed(teacher_miss, _h, i_, _u)
_unit_misses = (
    derive(parameters=(K, last_prompt))
    .have("no less than 0", Forall((i_, r_), ge(teacher_miss(_h, i_, r_), 0)), by=unfold(teacher_miss))
    .have("no more than 1", Forall((i_, r_), le(teacher_miss(_h, i_, r_), 1)), by=unfold(teacher_miss))
    .have("masses", Forall((i_,), ge(prompt_mass(i_), 0)), by=unfold(prompt_mass))
)
largest = Parameter("q", "q", "bound of all q_t", reals(0, 1), (0, 1))
_q = largest.symbol
_hazards = sp.Product(1 - hazard(_h, r_), (r_, 1, _T))
_lost = prompt_mass(i_) * _R * teacher_miss(_h, i_, _u + 1)
survival_product = Claim(
    id="autoregressive/survival_product",
    title="Chain rule for the chain",
    kind=Kind.EQUALITY,
    text=(
        "1 - err_AR = prod_{t=1}^T (1 - q_t), where q_t is the probability of a miss at t after none before; so "
        "q_t <= q for all t gives err_AR <= 1 - (1-q)^T <= T q"
    ),
    parameters=(predictor, T, largest),
    hypotheses=(Forall((r_,), le(hazard(_h, r_), _q)),),
    statements=(
        equal(1 - rollout_error(_h, _T), _hazards, label="product"),
        upper(rollout_error(_h, _T), 1 - (1 - _q) ** _T, trivial=1, label="uniform"),
        upper(rollout_error(_h, _T), _T * _q, trivial=1, label="linear"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(parameters=(K, last_prompt))
    .have(
        "one factor more",
        Forall(
            (i_, _u),
            eq(
                none_missed(teacher_miss, _h, i_, _u + 1),
                _R * (1 - teacher_miss(_h, i_, _u + 1)),
            ),
        ),
        by=[one_more.at(b=sp.Lambda(r_, teacher_miss(_h, i_, r_)))],
    )
    .have(
        "each prompt",
        Forall(
            (i_, _u),
            eq(
                prompt_mass(i_) * none_missed(teacher_miss, _h, i_, _u + 1),
                prompt_mass(i_) * _R - _lost,
            ),
        ),
        by=[fact("one factor more", x=i_, u=_u), quick],
    )
    .have(
        "all prompts",
        Forall(
            (_u,),
            eq(
                over_prompts(prompt_mass(i_) * none_missed(teacher_miss, _h, i_, _u + 1)),
                over_prompts(prompt_mass(i_) * _R - _lost),
            ),
        ),
        by=[Termwise(), fact("each prompt", x=i_, u=_u)],
    )
    .have(
        "linear",
        Forall(
            (_u,),
            eq(over_prompts(prompt_mass(i_) * _R - _lost), over_prompts(prompt_mass(i_) * _R) - over_prompts(_lost)),
        ),
        by=algebra,
    )
    .have(
        "survivors",
        Forall((_u,), eq(chain_survival(_h, _u + 1), chain_survival(_h, _u) - first_miss(_h, _u))),
        by=[
            unfold(chain_survival, h_=_h, t_=_u),
            unfold(chain_survival, h_=_h, t_=_u + 1),
            unfold(first_miss, h_=_h, t_=_u),
            fact("all prompts", u=_u),
            fact("linear", u=_u),
            quick,
        ],
    )
    .have(
        "conditional probability",
        Forall((_u,), eq(first_miss(_h, _u), hazard(_h, _u + 1) * chain_survival(_h, _u))),
        by=[unfold(conditioned, h_=_h, t_=_u), quick],
    )
    .have(
        "one step",
        Forall((_u,), eq(chain_survival(_h, _u + 1), chain_survival(_h, _u) * (1 - hazard(_h, _u + 1)))),
        by=[fact("survivors", u=_u), fact("conditional probability", u=_u), quick],
    )
    .have(
        "no factor",
        Forall((i_,), eq(prompt_mass(i_) * none_missed(teacher_miss, _h, i_, 0), prompt_mass(i_))),
        by=algebra,
    )
    .have(
        "nothing missed",
        eq(over_prompts(prompt_mass(i_) * none_missed(teacher_miss, _h, i_, 0)), over_prompts(prompt_mass(i_))),
        by=[Termwise(), fact("no factor", x=i_)],
    )
    .have(
        "start",
        eq(chain_survival(_h, 0), 1),
        by=[unfold(chain_survival, h_=_h, t_=0), "nothing missed", unfold(all_prompts), quick],
    )
    .have(
        "telescope",
        Forall((_u,), eq(chain_survival(_h, _u), sp.Product(1 - hazard(_h, r_), (r_, 1, _u)))),
        by=[Induction(_u), "start", fact("one step", u=_u), quick],
    )
    .have(
        "complement",
        eq(
            over_prompts(prompt_mass(i_) * (1 - none_missed(teacher_miss, _h, i_, _T))),
            over_prompts(prompt_mass(i_)) - over_prompts(prompt_mass(i_) * none_missed(teacher_miss, _h, i_, _T)),
        ),
        by=algebra,
    )
    .have(
        "teacher forced",
        eq(1 - ar_error(_h, _T), chain_survival(_h, _T)),
        by=[
            "complement",
            unfold(ar_error, h_=_h, t_=_T),
            unfold(chain_survival, h_=_h, t_=_T),
            unfold(all_prompts),
            quick,
        ],
    )
    .have("rolled out", eq(rollout_error(_h, _T), ar_error(_h, _T)), by=rollout_is_teacher.at())
    .have(
        "product",
        eq(1 - rollout_error(_h, _T), _hazards),
        by=["rolled out", "teacher forced", fact("telescope", u=_T), quick],
    )
    .have("no less than 0", Forall((r_,), ge(hazard(_h, r_), 0)), by=unfold(hazard))
    .have("no more than 1", Forall((r_,), le(hazard(_h, r_), 1)), by=unfold(hazard))
    .have(
        "powers",
        ge(_hazards, (1 - _q) ** _T),
        by=[
            "no less than 0",
            "no more than 1",
            "hypothesis 1",
            none_at_least.at(n=_T, q=_q, b=sp.Lambda(r_, hazard(_h, r_))),
        ],
    )
    .have("uniform", le(rollout_error(_h, _T), 1 - (1 - _q) ** _T), by=["product", "powers", quick])
    .have("Bernoulli", ge((1 - _q) ** _T, 1 - _T * _q), by=bernoulli.at(m=_T, q=_q))
    .have("linear in T", le(rollout_error(_h, _T), _T * _q), by=["uniform", "Bernoulli", quick]),
)

_event = 1 - none_missed(teacher_miss, _h, i_, _T)
_union = sp.Sum(teacher_miss(_h, i_, r_), (r_, 1, _T))
_misses = sp.Lambda(r_, teacher_miss(_h, i_, r_))
_steps = sp.Sum(step_error(_h, r_), (r_, 1, _T))
_rolled_event = 1 - none_missed(rollout_miss, _h, i_, _T)
errors_by_step = Lemma(
    "autoregressive/errors_by_step",
    "The expected number of misses is the sum of the errors of the steps",
    (predictor, T, last_prompt),
    eq(over_prompts(prompt_mass(i_) * _union), _steps),
    backing=derive(over_prompts(prompt_mass(i_) * _union), parameters=(K,))
    .have(
        "each step",
        Forall((r_,), eq(over_prompts(prompt_mass(i_) * teacher_miss(_h, i_, r_)), step_error(_h, r_))),
        by=unfold(step_error, h_=_h, t_=r_),
    )
    .eq(
        _steps,
        by=[
            "each step",
            expected_count.at(
                last=last_prompt.symbol,
                n=_T,
                w=sp.Lambda(i_, prompt_mass(i_)),
                g=sp.Lambda((i_, r_), teacher_miss(_h, i_, r_)),
                mean=sp.Lambda(r_, step_error(_h, r_)),
            ),
        ],
        name="expectations add",
    ),
)
error_sandwich = Claim(
    id="autoregressive/error_sandwich",
    title="One token, all tokens, last token",
    kind=Kind.TWO_SIDED,
    text=(
        "max_t eps_t <= err_AR <= min(1, sum_t eps_t), and Pr[last token of the rollout != z_T] <= err_AR. eps_T "
        "(teacher forced) and the error of the last token of the rollout are different numbers: neither bounds the "
        "other"
    ),
    parameters=(predictor, T, step),
    statements=(
        upper(ar_error(_h, _T), _steps, trivial=1, label="all tokens"),
        upper(ar_error(_h, _T), 1, label="probability"),
        upper(step_error(_h, _t), ar_error(_h, _T), label="one token"),
        upper(final_error(_h, _T), ar_error(_h, _T), label="last token"),
    ),
    source=OWN,
    status=Status.OWN,
    expected=Verdict.TIGHT,
    derivation=_unit_misses.have(
        "union",
        Forall((i_,), le(_event, _union)),
        by=["no less than 0", "no more than 1", union_bound.at(n=_T, b=_misses)],
    )
    .have(
        "union of a prompt",
        Forall((i_,), le(prompt_mass(i_) * _event, prompt_mass(i_) * _union)),
        by=[fact("union", x=i_), fact("masses", x=i_), weighted.at(x=_event, y=_union, v=prompt_mass(i_))],
    )
    .have(
        "unions",
        le(over_prompts(prompt_mass(i_) * _event), over_prompts(prompt_mass(i_) * _union)),
        by=[Termwise(), fact("union of a prompt", x=i_)],
    )
    .have("by steps", eq(over_prompts(prompt_mass(i_) * _union), _steps), by=errors_by_step.at())
    .have(
        "all tokens",
        le(ar_error(_h, _T), _steps),
        by=[unfold(ar_error, h_=_h, t_=_T), "unions", "by steps", quick],
    )
    .have(
        "none negative",
        Forall((i_,), ge(none_missed(teacher_miss, _h, i_, _T), 0)),
        by=["no less than 0", "no more than 1", none_nonnegative.at(n=_T, b=_misses)],
    )
    .have(
        "certain",
        Forall((i_,), le(prompt_mass(i_) * _event, prompt_mass(i_))),
        by=[fact("none negative", x=i_), fact("masses", x=i_), weighted.at(x=_event, y=1, v=prompt_mass(i_))],
    )
    .have(
        "all prompts",
        le(over_prompts(prompt_mass(i_) * _event), over_prompts(prompt_mass(i_))),
        by=[Termwise(), fact("certain", x=i_)],
    )
    .have(
        "probability",
        le(ar_error(_h, _T), 1),
        by=[unfold(ar_error, h_=_h, t_=_T), "all prompts", unfold(all_prompts), quick],
    )
    .have(
        "one event",
        Forall((i_,), le(teacher_miss(_h, i_, _t), _event)),
        by=["no less than 0", "no more than 1", one_event.at(n=_T, s=_t, b=_misses)],
    )
    .have(
        "one event of a prompt",
        Forall((i_,), le(prompt_mass(i_) * teacher_miss(_h, i_, _t), prompt_mass(i_) * _event)),
        by=[
            fact("one event", x=i_),
            fact("masses", x=i_),
            weighted.at(x=teacher_miss(_h, i_, _t), y=_event, v=prompt_mass(i_)),
        ],
    )
    .have(
        "events",
        le(over_prompts(prompt_mass(i_) * teacher_miss(_h, i_, _t)), over_prompts(prompt_mass(i_) * _event)),
        by=[Termwise(), fact("one event of a prompt", x=i_)],
    )
    .have(
        "one token",
        le(step_error(_h, _t), ar_error(_h, _T)),
        by=[unfold(ar_error, h_=_h, t_=_T), unfold(step_error, h_=_h, t_=_t), "events", quick],
    )
    .have("rolled no less than 0", Forall((i_, r_), ge(rollout_miss(_h, i_, r_), 0)), by=unfold(rollout_miss))
    .have("rolled no more than 1", Forall((i_, r_), le(rollout_miss(_h, i_, r_), 1)), by=unfold(rollout_miss))
    .have(
        "last of the rollout",
        Forall((i_,), le(rollout_miss(_h, i_, _T), _rolled_event)),
        by=[
            "rolled no less than 0",
            "rolled no more than 1",
            one_event.at(n=_T, s=_T, b=sp.Lambda(r_, rollout_miss(_h, i_, r_))),
        ],
    )
    .have(
        "last of a prompt",
        Forall((i_,), le(prompt_mass(i_) * rollout_miss(_h, i_, _T), prompt_mass(i_) * _rolled_event)),
        by=[
            fact("last of the rollout", x=i_),
            fact("masses", x=i_),
            weighted.at(x=rollout_miss(_h, i_, _T), y=_rolled_event, v=prompt_mass(i_)),
        ],
    )
    .have(
        "lasts",
        le(over_prompts(prompt_mass(i_) * rollout_miss(_h, i_, _T)), over_prompts(prompt_mass(i_) * _rolled_event)),
        by=[Termwise(), fact("last of a prompt", x=i_)],
    )
    .have("rolled out", eq(rollout_error(_h, _T), ar_error(_h, _T)), by=rollout_is_teacher.at())
    .have(
        "last token",
        le(final_error(_h, _T), ar_error(_h, _T)),
        by=[unfold(rollout_error, h_=_h, t_=_T), unfold(final_error, h_=_h, t_=_T), "lasts", "rolled out", quick],
        note="a rollout equal to z ends in z_T",
    ),
)
