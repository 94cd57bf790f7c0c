"""Chains sampled from a soft predictor at temperature 1 (specification `autoregressive` 2A, D14).

Soft model h gives the true token of step t of prompt i the probability true_probability(h, i, t), teacher forced.
Predictor h of `rollouts` is its greedy decoding where a statement speaks of greedy decoding. Losses are in nats;
-log2 p = -ln p/ln 2.

Main statements
    sampled_rollout_error   Pr[sampled rollout != z] = 1 - E prod p_t <= 1 - exp(-E sum of losses)
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.parameters import T
from theory.autoregressive.rollouts import (
    all_prompts,
    h_,
    i_,
    last_prompt,
    over_prompts,
    predictor,
    prompt_mass,
    r_,
    t_,
)
from theory.autoregressive.soft import chain_loss, chain_sum, nats, true_probability
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.mixtures import above_tangent, mean_exponential
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_h, _T = predictor.symbol, T.symbol
_u = sp.Symbol("u", integer=True, nonnegative=True)
_v = sp.Symbol("v", integer=True, positive=True)
_sampled_chain = sp.Function("sampled_chain", real=True)
sampled_chain = Definition(
    "autoregressive/sampled_chain",
    _sampled_chain,
    "sampled_chain(h, i, t) = probability that the first t tokens sampled from soft model h at temperature 1 are "
    "z_1..z_t",
    (
        Forall((h_, i_), eq(_sampled_chain(h_, i_, 0), 1)),
        Forall(
            (h_, i_, t_),
            eq(_sampled_chain(h_, i_, t_ + 1), _sampled_chain(h_, i_, t_) * true_probability(h_, i_, t_ + 1)),
        ),
    ),
)
sampled_error = defined(
    "autoregressive/sampled_error",
    "sampled_error(h, t) = Pr[the first t sampled tokens are not z_1..z_t]",
    (h_, t_),
    over_prompts(prompt_mass(i_) * (1 - sampled_chain(h_, i_, t_))),
)
chain_likelihood = defined(
    "autoregressive/chain_likelihood",
    "chain_likelihood(h, t) = E prod_{r <= t} p_r",
    (h_, t_),
    over_prompts(prompt_mass(i_) * sp.Product(true_probability(h_, i_, r_), (r_, 1, t_))),
)
_so_far = Parameter("s", "s", "loss so far", reals(), (0, 10), "nats")
_next = Parameter("next", "s'", "loss with one token more", reals(), (0, 10), "nats")
_factor = Parameter("p", "p", "probability of the token", reals(0, sp.oo, open="lower"), (0.01, 1))
_w, _s, _f = _next.symbol - _so_far.symbol, _so_far.symbol, _factor.symbol
exponential_step = Lemma(
    "autoregressive/exponential_step",
    "One loss more is one factor more",
    (_so_far, _next, _factor),
    eq(sp.exp(-_next.symbol), sp.exp(-_s) * _f),
    hypotheses=(eq(_next.symbol, _s - sp.log(_f)),),
    statement="e^(s - s') lies above its tangent at ln p, e^(s' - s) above its tangent at -ln p",
    backing=derive()
    .have("above", ge(sp.exp(-_w - sp.log(_f)), 1 - _w - sp.log(_f)), by=above_tangent.at(z=-_w - sp.log(_f)))
    .have("below", ge(sp.exp(_w + sp.log(_f)), 1 + _w + sp.log(_f)), by=above_tangent.at(z=_w + sp.log(_f)))
    .have("at least", ge(sp.exp(-_w), _f), by=["above", "hypothesis 1", quick])
    .have("inverse", ge(_f * sp.exp(_w), 1), by=["below", "hypothesis 1", quick])
    .have("at most", le(sp.exp(-_w), _f), by=["inverse", quick])
    .have("factor", eq(sp.exp(-_next.symbol), sp.exp(-_s) * sp.exp(-_w)), by=algebra)
    .have("step", eq(sp.exp(-_next.symbol), sp.exp(-_s) * _f), by=["at least", "at most", "factor", quick]),
)
nll = Parameter("NLL", r"\mathrm{NLL}", "mean loss of a whole chain", reals(0, sp.oo), (0, 100), "nats")
_product = sp.Product(true_probability(_h, i_, r_), (r_, 1, _T))
_losses = chain_sum(nats(_h, i_, r_))
_complement = over_prompts(prompt_mass(i_) * (1 - sampled_chain(_h, i_, _T)))
_mean = over_prompts(prompt_mass(i_) * sp.exp(-_losses))
sampled_rollout_error = Claim(
    id="autoregressive/sampled_rollout_error",
    title="Failure probability of sampled chains",
    kind=Kind.EQUALITY,
    text=(
        "Sampling at temperature 1, Pr[rollout != z] = 1 - E prod_t p_t <= 1 - exp(-NLL), with NLL = E sum_t -ln p_t "
        "in nats; both are equal where the loss of the chain is the same for every prompt"
    ),
    parameters=(predictor, T, nll),
    hypotheses=(eq(chain_loss(_h, _T), nll.symbol),),
    statements=(
        upper(sampled_error(_h, _T), 1 - sp.exp(-nll.symbol), trivial=1, label="Jensen"),
        equal(sampled_error(_h, _T), 1 - chain_likelihood(_h, _T), label="product"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(parameters=(last_prompt,))
    .have("masses", Forall((i_,), ge(prompt_mass(i_), 0)), by=unfold(prompt_mass))
    .have("first", Forall((i_,), eq(sampled_chain(_h, i_, 0), 1)), by=unfold(sampled_chain, h_=_h, x=i_))
    .have(
        "next",
        Forall(
            (i_, _u), eq(sampled_chain(_h, i_, _u + 1), sampled_chain(_h, i_, _u) * true_probability(_h, i_, _u + 1))
        ),
        by=unfold(sampled_chain, h_=_h, x=i_, t_=_u),
    )
    .have(
        "chain rule",
        Forall((i_, _u), eq(sampled_chain(_h, i_, _u), sp.Product(true_probability(_h, i_, r_), (r_, 1, _u)))),
        by=[Induction(_u), fact("first", x=i_), fact("next", x=i_, u=_u), quick],
    )
    .have(
        "each product",
        Forall((i_,), eq(prompt_mass(i_) * (1 - sampled_chain(_h, i_, _T)), prompt_mass(i_) * (1 - _product))),
        by=[fact("chain rule", x=i_, u=_T), quick],
    )
    .have(
        "products",
        eq(_complement, over_prompts(prompt_mass(i_) * (1 - _product))),
        by=[Termwise(), fact("each product", x=i_)],
    )
    .have(
        "complement",
        eq(
            over_prompts(prompt_mass(i_) * (1 - _product)),
            over_prompts(prompt_mass(i_)) - over_prompts(prompt_mass(i_) * _product),
        ),
        by=algebra,
    )
    .have(
        "product",
        eq(sampled_error(_h, _T), 1 - chain_likelihood(_h, _T)),
        by=[
            unfold(sampled_error, h_=_h, t_=_T),
            unfold(chain_likelihood, h_=_h, t_=_T),
            unfold(all_prompts),
            "products",
            "complement",
            quick,
        ],
    )
    .have(
        "one loss more",
        Forall((i_, _v), eq(chain_sum(nats(_h, i_, r_), _v), chain_sum(nats(_h, i_, r_), _v - 1) + nats(_h, i_, _v))),
        by=[Induction(_v), quick],
    )
    .have(
        "next loss",
        Forall(
            (i_, _u),
            eq(
                chain_sum(nats(_h, i_, r_), _u + 1),
                chain_sum(nats(_h, i_, r_), _u) - sp.log(true_probability(_h, i_, _u + 1)),
            ),
        ),
        by=fact("one loss more", x=i_, v=_u + 1),
    )
    .have(
        "exponential of one more",
        Forall(
            (i_, _u),
            eq(
                sp.exp(-chain_sum(nats(_h, i_, r_), _u + 1)),
                sp.exp(-chain_sum(nats(_h, i_, r_), _u)) * true_probability(_h, i_, _u + 1),
            ),
        ),
        by=[
            fact("next loss", x=i_, u=_u),
            exponential_step.at(
                s=chain_sum(nats(_h, i_, r_), _u),
                next=chain_sum(nats(_h, i_, r_), _u + 1),
                p=true_probability(_h, i_, _u + 1),
            ),
        ],
    )
    .have(
        "exponential",
        Forall((i_, _u), eq(sampled_chain(_h, i_, _u), sp.exp(-chain_sum(nats(_h, i_, r_), _u)))),
        by=[
            Induction(_u),
            fact("first", x=i_),
            fact("next", x=i_, u=_u),
            fact("exponential of one more", x=i_, u=_u),
            quick,
        ],
        note="a product of probabilities is exp of minus the sum of their losses",
    )
    .have(
        "each exponential",
        Forall((i_,), eq(prompt_mass(i_) * (1 - sampled_chain(_h, i_, _T)), prompt_mass(i_) * (1 - sp.exp(-_losses)))),
        by=[fact("exponential", x=i_, u=_T), quick],
    )
    .have(
        "exponentials",
        eq(_complement, over_prompts(prompt_mass(i_) * (1 - sp.exp(-_losses)))),
        by=[Termwise(), fact("each exponential", x=i_)],
    )
    .have(
        "split",
        eq(over_prompts(prompt_mass(i_) * (1 - sp.exp(-_losses))), over_prompts(prompt_mass(i_)) - _mean),
        by=algebra,
    )
    .have("mass", eq(over_prompts(prompt_mass(i_)), 1), by=[unfold(all_prompts), quick])
    .have(
        "convex",
        le(sp.exp(-over_prompts(prompt_mass(i_) * _losses)), _mean),
        by=[
            "masses",
            "mass",
            mean_exponential.at(top=last_prompt.symbol, w=sp.Lambda(i_, prompt_mass(i_)), f=sp.Lambda(i_, _losses)),
        ],
        note="Jensen's inequality for exp(-x)",
    )
    .have(
        "loss",
        eq(over_prompts(prompt_mass(i_) * _losses), nll.symbol),
        by=[unfold(chain_loss, h_=_h, t_=_T), "hypothesis 1", quick],
    )
    .have("at the loss", eq(sp.exp(-over_prompts(prompt_mass(i_) * _losses)), sp.exp(-nll.symbol)), by=["loss", quick])
    .have(
        "Jensen",
        le(sampled_error(_h, _T), 1 - sp.exp(-nll.symbol)),
        by=[unfold(sampled_error, h_=_h, t_=_T), "exponentials", "split", "mass", "convex", "at the loss", quick],
    ),
)
