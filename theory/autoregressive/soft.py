"""Soft predictors: what their cross-entropy says of decoded chains (specification `autoregressive` 2A, D14).

Soft model h gives the true token of step t of prompt i the probability true_probability(h, i, t), teacher forced.
Predictor h of `rollouts` is its greedy decoding where a statement speaks of greedy decoding. Losses are in nats;
-log2 p = -ln p/ln 2.

Main statements
    greedy_nll_bound        err_AR of greedy decoding <= T loss/ln 2, through E min(1, sum min(1, bits))
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import K, T
from theory.autoregressive.rollout_identity import rollout_is_teacher
from theory.autoregressive.rollouts import (
    ar_error,
    h_,
    i_,
    last_prompt,
    none_missed,
    over_prompts,
    predictor,
    prompt_mass,
    r_,
    rollout_error,
    t_,
    teacher_miss,
)
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma, meaning
from theory.lemmas.divergence import log_below
from theory.lemmas.unions import none_nonnegative, union_bound, weighted
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_h, _T = predictor.symbol, T.symbol
true_probability = opaque(
    "autoregressive/true_probability",
    "true_probability(h, i, t) = probability that soft model h gives z_t after x, z_<t",
    bounds=(0, 1),
    positive=True,
)
rival_probability = opaque(
    "autoregressive/rival_probability",
    "rival_probability(h, i, t) = largest probability of another token than z_t after x, z_<t",
    bounds=(0, 1),
)
spare_probability = defined(
    "autoregressive/spare_probability",
    "spare_probability(h, i, t) = 1 - probability of z_t - largest probability of another token, which is >= 0",
    (h_, i_, t_),
    1 - true_probability(h_, i_, t_) - rival_probability(h_, i_, t_),
    bounds=(0, None),
    range_by=meaning(true_probability, rival_probability),
)
greedy_lead = defined(
    "autoregressive/greedy_lead",
    "greedy_lead(h, i, t) = [greedy decoding misses z_t] (probability of its rival - of z_t), which is >= 0: greedy "
    "decoding takes a most probable token, ties included",
    (h_, i_, t_),
    teacher_miss(h_, i_, t_) * (rival_probability(h_, i_, t_) - true_probability(h_, i_, t_)),
    bounds=(0, None),
    range_by=meaning(true_probability, rival_probability),
)


def nats(h: Any, i: Any, t: Any) -> sp.Expr:
    """Loss of a token, -ln p_t."""
    return -sp.log(true_probability(h, i, t))


def bits(h: Any, i: Any, t: Any) -> sp.Expr:
    """Loss of a token in bits."""
    return nats(h, i, t) / sp.log(2)


def chain_sum(term: Any, last: Any = _T) -> sp.Sum:
    """The sum of a term in r_ over the steps 1..last."""
    return sp.Sum(term, (r_, 1, last))


chain_loss = defined(
    "autoregressive/chain_loss",
    "chain_loss(h, t) = expected loss of the first t tokens, E sum -ln p_r",
    (h_, t_),
    over_prompts(prompt_mass(i_) * chain_sum(nats(h_, i_, r_), t_)),
    unit="nats",
)
clipped_bits = defined(
    "autoregressive/clipped_bits",
    "clipped_bits(h, t) = E min(1, sum_r min(1, -log2 p_r))",
    (h_, t_),
    over_prompts(prompt_mass(i_) * sp.Min(1, chain_sum(sp.Min(1, bits(h_, i_, r_)), t_))),
    unit="bits",
)

_miss = Parameter("b", "b", "1 where greedy decoding misses", reals(0, 1), (0, 1))
_p = Parameter("p", "p", "probability of the true token", reals(0, 1, open="lower"), (0.01, 1))
_rival = Parameter("rival", "p'", "probability of another token", reals(0, 1), (0, 1))
_B, _P, _R = _miss.symbol, _p.symbol, _rival.symbol
missed_bit = Lemma(
    "autoregressive/missed_bit",
    "A greedy miss costs at least one bit",
    (_miss, _p, _rival),
    le(_B, sp.Min(1, -sp.log(_P) / sp.log(2))),
    hypotheses=(ge(_B * (_R - _P), 0), ge(1 - _P - _R, 0)),
    backing=derive()
    .have(
        "half",
        ge(_B * (1 - 2 * _P), 0),
        by=["hypothesis 1", "hypothesis 2", quick],
        note="another token has at least the probability of the true one, so p <= 1/2",
    )
    .have("tangent", le(sp.log(2 * _P), 2 * _P - 1), by=log_below.at(t=2 * _P))
    .have("product", eq(sp.log(2 * _P), sp.log(2) + sp.log(_P)), by=algebra)
    .have("logarithm", ge(-sp.log(_P) - sp.log(2), 1 - 2 * _P), by=["tangent", "product", quick])
    .have("scaled", ge(_B * (-sp.log(_P) - sp.log(2)), 0), by=["half", "logarithm", quick])
    .have("loss", ge(-sp.log(_P), 0), by=quick)
    .have("at least", ge(-sp.log(_P), _B * sp.log(2)), by=["scaled", "loss", quick])
    .have("bits", le(_B, -sp.log(_P) / sp.log(2)), by=["at least", quick])
    .have("one bit", le(_B, sp.Min(1, -sp.log(_P) / sp.log(2))), by=["bits", quick]),
)

loss = Parameter("loss", r"\ell", "mean loss of a generated token", reals(0, sp.oo), (0, 10), "nats")
_event = 1 - none_missed(teacher_miss, _h, i_, _T)
_missed = chain_sum(teacher_miss(_h, i_, r_))
_clipped = chain_sum(sp.Min(1, bits(_h, i_, r_)))
_whole = chain_sum(bits(_h, i_, r_))
_cut = sp.Min(1, _clipped)
greedy_clipped = Lemma(
    "autoregressive/greedy_clipped",
    "Greedy rollouts fail at most as often as the clipped bits say",
    (predictor, T),
    le(rollout_error(_h, _T), clipped_bits(_h, _T)),
    backing=derive(rollout_error(_h, _T), parameters=(K, last_prompt))
    .have("no less than 0", Forall((i_, r_), ge(teacher_miss(_h, i_, r_), 0)), by=unfold(teacher_miss))
    .have("no more than 1", Forall((i_, r_), le(teacher_miss(_h, i_, r_), 1)), by=unfold(teacher_miss))
    .have("masses", Forall((i_,), ge(prompt_mass(i_), 0)), by=unfold(prompt_mass))
    .have("probability", Forall((i_, r_), le(true_probability(_h, i_, r_), 1)), by=unfold(true_probability))
    .have("rival sign", Forall((i_, r_), ge(rival_probability(_h, i_, r_), 0)), by=unfold(rival_probability))
    .have("rival size", Forall((i_, r_), le(rival_probability(_h, i_, r_), 1)), by=unfold(rival_probability))
    .have(
        "greedy",
        Forall(
            (i_, r_),
            ge(teacher_miss(_h, i_, r_) * (rival_probability(_h, i_, r_) - true_probability(_h, i_, r_)), 0),
        ),
        by=[unfold(greedy_lead, h_=_h, x=i_, t_=r_), quick],
    )
    .have(
        "spare",
        Forall((i_, r_), ge(1 - true_probability(_h, i_, r_) - rival_probability(_h, i_, r_), 0)),
        by=[unfold(spare_probability, h_=_h, x=i_, t_=r_), quick],
    )
    .have(
        "a miss costs a bit",
        Forall((i_, r_), le(teacher_miss(_h, i_, r_), sp.Min(1, bits(_h, i_, r_)))),
        by=[
            *(
                fact(name, x=i_, r=r_)
                for name in (
                    "no less than 0",
                    "no more than 1",
                    "probability",
                    "rival sign",
                    "rival size",
                    "greedy",
                    "spare",
                )
            ),
            missed_bit.at(
                b=teacher_miss(_h, i_, r_), p=true_probability(_h, i_, r_), rival=rival_probability(_h, i_, r_)
            ),
        ],
    )
    .have(
        "some miss",
        Forall((i_,), le(_event, _missed)),
        by=["no less than 0", "no more than 1", union_bound.at(n=_T, b=sp.Lambda(r_, teacher_miss(_h, i_, r_)))],
    )
    .have(
        "bits of misses", Forall((i_,), le(_missed, _clipped)), by=[Termwise(), fact("a miss costs a bit", x=i_, r=r_)]
    )
    .have(
        "at least none",
        Forall((i_,), ge(none_missed(teacher_miss, _h, i_, _T), 0)),
        by=["no less than 0", "no more than 1", none_nonnegative.at(n=_T, b=sp.Lambda(r_, teacher_miss(_h, i_, r_)))],
    )
    .have(
        "of a prompt",
        Forall((i_,), le(_event, _cut)),
        by=[fact("some miss", x=i_), fact("bits of misses", x=i_), fact("at least none", x=i_), quick],
    )
    .have(
        "weighed",
        Forall((i_,), le(prompt_mass(i_) * _event, prompt_mass(i_) * _cut)),
        by=[fact("of a prompt", x=i_), fact("masses", x=i_), weighted.at(x=_event, y=_cut, v=prompt_mass(i_))],
    )
    .eq(ar_error(_h, _T), by=rollout_is_teacher.at(), name="rolled out")
    .eq(over_prompts(prompt_mass(i_) * _event), by=unfold(ar_error, h_=_h, t_=_T), name="events")
    .le(over_prompts(prompt_mass(i_) * _cut), by=[Termwise(), fact("weighed", x=i_)], name="expected")
    .eq(clipped_bits(_h, _T), by=unfold(clipped_bits, h_=_h, t_=_T), name="clipped"),
)
_nats = chain_sum(nats(_h, i_, r_))
clipped_at_most = Lemma(
    "autoregressive/clipped_at_most",
    "Clipped bits are at most the bits",
    (predictor, T),
    le(clipped_bits(_h, _T), chain_loss(_h, _T) / sp.log(2)),
    backing=derive(clipped_bits(_h, _T), parameters=(K, last_prompt))
    .have("masses", Forall((i_,), ge(prompt_mass(i_), 0)), by=unfold(prompt_mass))
    .have("probability", Forall((i_, r_), le(true_probability(_h, i_, r_), 1)), by=unfold(true_probability))
    .have("unclipped token", Forall((i_, r_), le(sp.Min(1, bits(_h, i_, r_)), bits(_h, i_, r_))), by=quick)
    .have("unclipped tokens", Forall((i_,), le(_clipped, _whole)), by=[Termwise(), fact("unclipped token", x=i_, r=r_)])
    .have("in nats", Forall((i_,), eq(_whole, _nats / sp.log(2))), by=algebra)
    .have(
        "unclipped",
        Forall((i_,), le(_cut, _nats / sp.log(2))),
        by=[fact("unclipped tokens", x=i_), fact("in nats", x=i_), quick],
    )
    .have(
        "unclipped weighed",
        Forall((i_,), le(prompt_mass(i_) * _cut, prompt_mass(i_) * (_nats / sp.log(2)))),
        by=[
            fact("unclipped", x=i_),
            fact("masses", x=i_),
            weighted.at(x=_cut, y=_nats / sp.log(2), v=prompt_mass(i_)),
        ],
    )
    .have("loss", eq(over_prompts(prompt_mass(i_) * _nats), chain_loss(_h, _T)), by=unfold(chain_loss, h_=_h, t_=_T))
    .eq(over_prompts(prompt_mass(i_) * _cut), by=unfold(clipped_bits, h_=_h, t_=_T), name="clipped")
    .le(
        over_prompts(prompt_mass(i_) * (_nats / sp.log(2))),
        by=[Termwise(), fact("unclipped weighed", x=i_)],
        name="unclipped chains",
    )
    .eq(over_prompts(prompt_mass(i_) * _nats) / sp.log(2), by=algebra, name="unit")
    .eq(chain_loss(_h, _T) / sp.log(2), by=["loss", quick], name="in bits"),
)
greedy_nll_bound = Claim(
    id="autoregressive/greedy_nll_bound",
    title="Cross-entropy in bits bounds the autoregressive error",
    kind=Kind.UPPER,
    text=(
        "Greedy decoding of a soft model has err_AR <= E min(1, sum_t min(1, -log2 p_t)) <= E sum_t -log2 p_t; a mean "
        "loss of l nats over T generated tokens gives err_AR <= T l/ln 2"
    ),
    parameters=(predictor, T, loss),
    hypotheses=(eq(chain_loss(_h, _T), _T * loss.symbol),),
    statements=(
        upper(rollout_error(_h, _T), _T * loss.symbol / sp.log(2), trivial=1, label="nats"),
        upper(rollout_error(_h, _T), clipped_bits(_h, _T), trivial=1, label="clipped"),
        upper(clipped_bits(_h, _T), chain_loss(_h, _T) / sp.log(2), label="bits"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("clipped", le(rollout_error(_h, _T), clipped_bits(_h, _T)), by=greedy_clipped.at())
    .have("bits", le(clipped_bits(_h, _T), chain_loss(_h, _T) / sp.log(2)), by=clipped_at_most.at())
    .have(
        "nats", le(rollout_error(_h, _T), _T * loss.symbol / sp.log(2)), by=["clipped", "bits", "hypothesis 1", quick]
    ),
)
