"""Temperature (specification 2.C).

Main statements
    temperature_derivative       d log eps/d log tau = -log eps - sum of entropies along the minimising path
    temperature_monotone         eps and p_min do not decrease with the temperature
    temperature_limits           eps -> T^-K as tau -> infinity; eps -> 0 as tau -> 0 unless all logits tie
    temperature_speed_as_stated  "a higher temperature speeds up convergence": refuted
    looping_as_stated            "the stationary law is a deterministic loop": refuted

A path is K contexts with a token drawn in each; at temperature t its log-probability is
sum_k log(e^(chosen(k)/t)/sum_x e^(z(k, x)/t)), where z(k, .) are the logits of the k-th context and chosen(k) the
logit of the token drawn there. eps is the smallest path probability (markov/path_product). Logits beyond the last
token do not matter; hypotheses on them hold by taking them equal to the smallest one.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FINITE_LOGITS, POSITIVE, TEMPERATURE_POSITIVE
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact
from theory.lemma import Citation, Lemma
from theory.lemmas.softmax import exp_increases, normaliser_positive, over_tokens
from theory.lemmas.tempering import (
    at_temperature,
    least_at_most,
    log_likelihoods,
    log_share,
    log_slope,
    range_floor,
    tempered,
)
from theory.markov.parameters import K, T, tau
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

rho = Parameter("rho", r"\rho", "largest range of the logits of a full context", reals(0), (0, 10), "nats")
tau_2 = Parameter("tau_2", r"\tau_2", "a higher temperature", reals(tau.symbol), (0.1, 10))
top = Parameter("top", r"\hat x", "token of the largest logit", integers(0, T.symbol - 1), (0, 1))
rarest = Parameter("rarest", r"\check z", "logit of the least likely token at the higher temperature", reals(), (-5, 5))

log_epsilon_at = opaque(
    "markov/log_epsilon_at",
    "log_epsilon_at(t) = log eps at temperature t, the smallest log-probability of a path of K tokens (D8)",
    latex=r"\log\varepsilon",
    unit="nats",
)
log_p_min_at = opaque(
    "markov/log_p_min_at",
    "log_p_min_at(t) = log of the smallest next-token probability over full contexts at temperature t (D8)",
    latex=r"\log p_{\min}",
    unit="nats",
)
log_epsilon_slope = opaque(
    "markov/log_epsilon_slope",
    "log_epsilon_slope(t) = d log eps/d log tau at temperature t, one-sided where several paths tie",
    latex=r"\frac{d\log\varepsilon}{d\log\tau}",
)
slem_at = opaque(
    "markov/slem_at",
    "slem_at(t) = second largest eigenvalue modulus of P_R at temperature t (D12)",
    bounds=(0, 1),
    nonnegative=True,
)
mixing_time_at = opaque(
    "markov/mixing_time_at",
    "mixing_time_at(t) = t_mix(0.01) of the chain at temperature t, starts in R (D7)",
    unit="steps",
    integer=True,
    nonnegative=True,
)
stationary_entropy = opaque(
    "markov/stationary_entropy",
    "stationary_entropy() = sum_s pi(s) H(P(.|s)), entropy rate of the output at stationarity",
    bounds=(0, None),
    unit="nats",
    nonnegative=True,
)

z, v = (sp.Function(name, real=True) for name in "zv")
chosen, least = (sp.Function(name, real=True) for name in ("chosen", "least"))
rare = sp.Function("w", real=True)
_s = sp.Symbol("s", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_T, _K, _tau, _tau_2, _rho = T.symbol, K.symbol, tau.symbol, tau_2.symbol, rho.symbol


def _row(logits: Any, context: Any) -> Any:
    return sp.Lambda((_x,), logits(context, _x))


def _over_path(term: Any) -> sp.Sum:
    return sp.Sum(term, (_s, 0, _K - 1))


def _term(logits: Any, token: Any, temperature: Any, context: Any = _s) -> sp.Expr:
    return log_share(token(context) / temperature, at_temperature(_row(logits, context), temperature), _T)


def path(logits: Any, token: Any, temperature: Any) -> sp.Sum:
    """Log-probability of the path with these logits and drawn tokens."""
    return _over_path(_term(logits, token, temperature))


def _rescaled(logits: Any, context: Any, temperature: Any) -> Any:
    return sp.Lambda((_y,), logits(context, _y) / temperature)


def _of_token(context: Any) -> sp.Expr:
    """-log P - H of the token drawn in a context."""
    return -_term(z, chosen, _tau, context) + log_likelihoods(_row(z, context), _tau, _T)


_slope_terms = _over_path(_tau * sp.diff(_term(z, chosen, _tau), _tau))
_negative_entropy = log_likelihoods(_row(z, _s), _tau, _T)
_entropies = _over_path(-_negative_entropy)

envelope = Lemma(
    "markov/envelope",
    "The derivative of a minimum of finitely many smooth functions is that of a minimising one",
    (T, K, tau),
    eq(log_epsilon_slope(_tau), _slope_terms),
    hypotheses=(eq(log_epsilon_at(_tau), path(z, chosen, _tau)),),
    functions=(z, chosen),
    statement=(
        "log eps is the minimum of the log-probabilities of finitely many paths, each smooth in tau; among tied paths, "
        "one of smallest slope gives the derivative to the right, one of largest slope that to the left"
    ),
    backing=Citation(Source("danskin1966", "directional derivative of a maximum", recheck=True)),
)

temperature_derivative = Claim(
    id="markov/temperature_derivative",
    title="Derivative of log eps in log tau",
    kind=Kind.EQUALITY,
    text=(
        "Along the minimising path of eps, with contexts s_k: d log eps/d log tau = -log eps - sum_k H(P_tau(.|s_k)), "
        "H in nats; one-sided where several paths tie"
    ),
    parameters=(T, K, tau),
    functions=(z, chosen),
    assumptions=(POSITIVE, FINITE_LOGITS, TEMPERATURE_POSITIVE),
    hypotheses=(eq(log_epsilon_at(_tau), path(z, chosen, _tau)),),
    statements=(equal(log_epsilon_slope(_tau), -log_epsilon_at(_tau) - _entropies),),
    source=OWN,
    status=Status.OWN,
    derivation=derive(log_epsilon_slope(_tau))
    .have(
        "one token",
        Forall((_u,), eq(_tau * sp.diff(_term(z, chosen, _tau, _u), _tau), _of_token(_u))),
        by=log_slope.at(m=_T, own=chosen(_u), z=_row(z, _u)),
    )
    .eq(_slope_terms, by=["hypothesis 1", envelope.at()], name="envelope")
    .eq(_over_path(_of_token(_s)), by=[Termwise(), "one token"], name="token by token")
    .eq(-path(z, chosen, _tau) - _entropies, by=algebra, name="sum over the path")
    .eq(-log_epsilon_at(_tau) - _entropies, by=["hypothesis 1", algebra], name="minimising path"),
)

_theta = _tau / _tau_2
_tempered_terms = _over_path(_theta * _term(z, chosen, _tau) - (1 - _theta) * sp.log(_T))
_rare_share = log_share(rarest.symbol / _tau, at_temperature(rare, _tau), _T)
_rare_share_2 = log_share(rarest.symbol / _tau_2, at_temperature(rare, _tau_2), _T)
_low, _high = log_epsilon_at(_tau), log_epsilon_at(_tau_2)

temperature_monotone = Claim(
    id="markov/temperature_monotone",
    title="eps and p_min do not decrease with the temperature",
    kind=Kind.ORDERING,
    text=(
        "tau -> eps(tau) and tau -> p_min(tau) are non-decreasing, strictly unless the model is uniform on full "
        "contexts: log eps(tau_2) - log eps(tau) >= (1 - tau/tau_2)(log T^-K - log eps(tau)) for tau <= tau_2"
    ),
    parameters=(T, K, tau, tau_2, rarest),
    functions=(z, chosen, v, least, rare),
    assumptions=(POSITIVE, FINITE_LOGITS, TEMPERATURE_POSITIVE),
    hypotheses=(
        eq(_high, path(z, chosen, _tau_2)),
        le(_low, path(z, chosen, _tau)),
        le(_low, path(v, least, _tau)),
        Forall((_u, _y), le(least(_u), v(_u, _y))),
        eq(log_p_min_at(_tau_2), _rare_share_2),
        le(log_p_min_at(_tau), _rare_share),
        Forall((_y,), le(rarest.symbol, rare(_y))),
    ),
    statements=(
        upper(_low, _high, label="epsilon"),
        upper(log_p_min_at(_tau), log_p_min_at(_tau_2), label="p_min"),
        lower(_high - _low, (1 - _theta) * (-_K * sp.log(_T) - _low), label="gain"),
    ),
    source=Source("zekri2024", "discussion after Prop. 3.4, Fig. 5(d), asserted without proof", "v2"),
    status=Status.OWN,
    derivation=derive()
    .have("ratio of the temperatures", le(_theta, 1), by=decide)
    .have(
        "one token",
        Forall(
            (_u,),
            ge(_term(z, chosen, _tau_2, _u), _theta * _term(z, chosen, _tau, _u) - (1 - _theta) * sp.log(_T)),
        ),
        by=[
            "ratio of the temperatures",
            tempered.at(m=_T, theta=_theta, own=chosen(_u) / _tau, y=_rescaled(z, _u, _tau)),
        ],
        note="the power mean of exponent tau/tau_2 is at most the mean",
    )
    .have("path", ge(path(z, chosen, _tau_2), _tempered_terms), by=[Termwise(), "one token"])
    .have(
        "linear",
        eq(_tempered_terms, _theta * path(z, chosen, _tau) - (1 - _theta) * _K * sp.log(_T)),
        by=algebra,
    )
    .have(
        "scaled",
        Forall((_u, _y), le(least(_u) / _tau, v(_u, _y) / _tau)),
        by=[fact("hypothesis 4", u=_u, y=_y), decide],
    )
    .have(
        "least likely token",
        Forall((_u,), le(_term(v, least, _tau, _u), -sp.log(_T))),
        by=["scaled", least_at_most.at(m=_T, own=least(_u) / _tau, x=_rescaled(v, _u, _tau))],
    )
    .have("least likely path", le(path(v, least, _tau), _over_path(-sp.log(_T))), by=[Termwise(), "least likely token"])
    .have("at most uniform", le(_low, -_K * sp.log(_T)), by=["hypothesis 3", "least likely path", decide])
    .have(
        "gain",
        ge(_high - _low, (1 - _theta) * (-_K * sp.log(_T) - _low)),
        by=["hypothesis 1", "hypothesis 2", "path", "linear", "ratio of the temperatures", decide],
    )
    .have("epsilon", le(_low, _high), by=["gain", "at most uniform", "ratio of the temperatures", decide])
    .have(
        "p_min tempered",
        ge(_rare_share_2, _theta * _rare_share - (1 - _theta) * sp.log(_T)),
        by=[
            "ratio of the temperatures",
            tempered.at(m=_T, theta=_theta, own=rarest.symbol / _tau, y=sp.Lambda((_y,), rare(_y) / _tau)),
        ],
    )
    .have("scaled p_min", Forall((_y,), le(rarest.symbol / _tau, rare(_y) / _tau)), by=["hypothesis 7", decide])
    .have(
        "p_min at most uniform",
        le(_rare_share, -sp.log(_T)),
        by=["scaled p_min", least_at_most.at(m=_T, own=rarest.symbol / _tau, x=sp.Lambda((_y,), rare(_y) / _tau))],
    )
    .have(
        "p_min",
        le(log_p_min_at(_tau), log_p_min_at(_tau_2)),
        by=[
            "hypothesis 5",
            "hypothesis 6",
            "p_min tempered",
            "p_min at most uniform",
            "ratio of the temperatures",
            decide,
        ],
    ),
)

_g, _h = sp.Symbol("g", positive=True), sp.Symbol("h", positive=True)
_own = Parameter("own", "z_i", "logit of a token", reals(), (-5, 5))
_k = sp.Symbol("k", integer=True, nonnegative=True)
_beside = over_tokens(sp.exp(rare(_k) / _tau), size=_T)
share_beside_larger = Lemma(
    "markov/share_beside_larger",
    "Log-probability of a token beside one whose logit is larger by rho",
    (T, tau, rho, top, _own),
    le(log_share(_own.symbol / _tau, at_temperature(rare, _tau), _T), -_rho / _tau),
    hypotheses=(eq(rare(top.symbol), _own.symbol + _rho),),
    functions=(rare,),
    backing=derive()
    .have("term", ge(_beside, sp.exp(rare(top.symbol) / _tau)), by=SingleTerm(top.symbol))
    .have(
        "its size",
        ge(sp.exp(rare(top.symbol) / _tau), sp.exp((_own.symbol + _rho) / _tau)),
        by=["hypothesis 1", exp_increases.at(u=rare(top.symbol) / _tau, v=(_own.symbol + _rho) / _tau)],
    )
    .have("normaliser", ge(_beside, sp.exp(_own.symbol / _tau) * sp.exp(_rho / _tau)), by=["term", "its size", decide])
    .have(
        "share",
        le(sp.exp(_own.symbol / _tau) / _beside, sp.exp(-_rho / _tau)),
        by=["normaliser", decide],
    )
    .have("positive", gt(_beside, 0), by=normaliser_positive.at(m=_T, x=sp.Lambda((_x,), rare(_x) / _tau)))
    .have(
        "logarithm",
        le(log_share(_own.symbol / _tau, at_temperature(rare, _tau), _T), -_rho / _tau),
        by=["share", "positive", decide],
    ),
)

_exponent = Parameter("u", "u", "a number", reals(), (-5, 5))
exp_above = Lemma(
    "markov/exp_above",
    "The exponential lies above its tangent at 0",
    (_exponent,),
    ge(sp.exp(_exponent.symbol), 1 + _exponent.symbol),
    backing=derive().have("tangent", ge(sp.exp(_exponent.symbol), 1 + _exponent.symbol), by=decide),
)
_deficits = _over_path(-sp.log(_T) - _term(v, least, _tau))
_hot_terms = _over_path(-sp.log(_T) - _rho / _tau)

temperature_limits = Claim(
    id="markov/temperature_limits",
    title="eps at very high and very low temperatures",
    kind=Kind.ASYMPTOTIC,
    text=(
        "eps(tau) -> T^-K as tau -> infinity, since 1 - K rho/tau <= T^K eps(tau) <= 1; eps(tau) -> 0 as tau -> 0 "
        "unless all logits of every full context tie (then eps = T^-K), since eps(tau) <= T^(1-K) e^(-rho/tau), rho "
        "being the largest range of the logits of a full context"
    ),
    parameters=(T, K, tau, rho, top),
    functions=(z, chosen, v, least),
    assumptions=(POSITIVE, FINITE_LOGITS, TEMPERATURE_POSITIVE),
    hypotheses=(
        eq(_low, path(z, chosen, _tau)),
        Forall((_u, _y), le(z(_u, _y) - chosen(_u), _rho)),
        le(_low, path(v, least, _tau)),
        Forall((_u, _y), le(least(_u), v(_u, _y))),
        eq(v(0, top.symbol), least(0) + _rho),
    ),
    statements=(
        lower(sp.exp(_low + _K * sp.log(_T)), 1 - _K * _rho / _tau, label="hot"),
        upper(_low, -_K * sp.log(_T), label="largest"),
        upper(_low, -(_K - 1) * sp.log(_T) - _rho / _tau, label="cold"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "scaled range",
        Forall((_u, _y), le(z(_u, _y) / _tau - chosen(_u) / _tau, _rho / _tau)),
        by=[fact("hypothesis 2", u=_u, y=_y), decide],
    )
    .have(
        "floor of one token",
        Forall((_u,), ge(_term(z, chosen, _tau, _u), -sp.log(_T) - _rho / _tau)),
        by=["scaled range", range_floor.at(m=_T, own=chosen(_u) / _tau, rho=_rho / _tau, x=_rescaled(z, _u, _tau))],
    )
    .have("floor of the path", ge(path(z, chosen, _tau), _hot_terms), by=[Termwise(), "floor of one token"])
    .have("count", eq(_hot_terms, -_K * sp.log(_T) - _K * _rho / _tau), by=algebra)
    .have(
        "log scale",
        ge(_low + _K * sp.log(_T), -_K * _rho / _tau),
        by=["hypothesis 1", "floor of the path", "count", decide],
    )
    .have(
        "hot",
        ge(sp.exp(_low + _K * sp.log(_T)), 1 - _K * _rho / _tau),
        by=["log scale", exp_above.at(u=_low + _K * sp.log(_T)), decide],
    )
    .have(
        "limit at infinity",
        Forall((_g,), ge(1 - _K * _rho / _tau, 1 - _g), (ge(_tau, _K * _rho / _g),)),
        by=decide,
        note="within g of 1 from tau = K rho/g on",
    )
    .have(
        "scaled least",
        Forall((_u, _y), le(least(_u) / _tau, v(_u, _y) / _tau)),
        by=[fact("hypothesis 4", u=_u, y=_y), decide],
    )
    .have(
        "least likely token",
        Forall((_u,), le(_term(v, least, _tau, _u), -sp.log(_T))),
        by=["scaled least", least_at_most.at(m=_T, own=least(_u) / _tau, x=_rescaled(v, _u, _tau))],
    )
    .have("least likely path", le(path(v, least, _tau), _over_path(-sp.log(_T))), by=[Termwise(), "least likely token"])
    .have("largest", le(_low, -_K * sp.log(_T)), by=["hypothesis 3", "least likely path", decide])
    .have(
        "widest context",
        le(_term(v, least, _tau, sp.Integer(0)), -_rho / _tau),
        by=["hypothesis 5", share_beside_larger.at(own=least(0), w=sp.Lambda((_y,), v(0, _y)))],
    )
    .have(
        "deficit",
        ge(_deficits, _rho / _tau - sp.log(_T)),
        by=[SingleTerm(0), "least likely token", "widest context"],
        note="the path starts at the context of largest range",
    )
    .have("linear", eq(_deficits, -_K * sp.log(_T) - path(v, least, _tau)), by=algebra)
    .have(
        "cold",
        le(_low, -(_K - 1) * sp.log(_T) - _rho / _tau),
        by=["hypothesis 3", "deficit", "linear", decide],
    )
    .have(
        "limit at zero",
        Forall(
            (_g, _h),
            le(sp.exp(-_h / _tau), _g),
            (le(_tau * sp.log(1 / _g), _h), sp.Lt(_g, 1, evaluate=False)),
        ),
        by=decide,
        note="below g from tau = rho/log(1/g) down, for rho > 0",
    ),
)

temperature_speed_as_stated = Claim(
    id="markov/temperature_speed_as_stated",
    title="A higher temperature speeds up convergence",
    kind=Kind.ORDERING,
    text="Raising the temperature speeds up convergence to the stationary law",
    parameters=(tau, tau_2),
    statements=(
        upper(slem_at(_tau_2), slem_at(_tau), label="second eigenvalue"),
        upper(mixing_time_at(_tau_2), mixing_time_at(_tau), label="mixing time"),
    ),
    assumptions=(POSITIVE,),
    source=Source("zekri2024", "Sec. 3.1-3.2", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "true of the printed bound only (eps increases): a chain can mix slower at a higher temperature, e.g. logits "
        "(1, 0) and (3, 0) after the two tokens of a first-order chain"
    ),
    remarks=(
        "what survives: if the logits have a unique argmax and the greedy dynamics has several recurrent classes or a "
        "period, the second eigenvalue modulus tends to 1 as tau tends to 0",
    ),
)

looping_as_stated = Claim(
    id="markov/looping_as_stated",
    title="Reaching the stationary law is a deterministic loop",
    kind=Kind.EQUALITY,
    text="The stationary law sends the model into a deterministic loop: its output has no entropy from then on",
    parameters=(T, K),
    statements=(equal(stationary_entropy(), 0),),
    assumptions=(POSITIVE,),
    source=Source("zekri2024", 'remark "Looping" after Prop. 3.4', "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "at stationarity the output has entropy rate sum_s pi(s) H(P(.|s)) > 0; loops are slow mixing instead, "
        "eigenvalues near roots of unity at low temperature"
    ),
)
