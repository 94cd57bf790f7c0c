"""Two positive laws whose log-ratio has a given range, and softmaxes whose logits differ by a given range.

Main statements
    tv_oscillation    low q <= p <= low e^osc q gives d_TV <= tanh(osc/4), attained on two letters (L7)
    tv_softmax        softmaxes of logits u, v: d_TV <= tanh(osc/4), osc the range of u - v

Source: specification `categorical`, L7.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, p, q, top, total, total_variation, tv_likelihood_ratio, within
from theory.lemmas.softmax import among, normaliser_positive, over_tokens, softmax
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le

low = Parameter("low", r"\check r", "smallest likelihood ratio p/q", reals(0, open="lower"), (0.1, 1))
osc = Parameter("osc", r"\mathrm{osc}", "range of a difference of logits", reals(0, open="lower"), (0.1, 10), "nats")
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")
_top, _low, _osc = top.symbol, low.symbol, osc.symbol
_high = _low * sp.exp(_osc)
_bound = (_high - 1) * (1 - _low) / (_high - _low)

tv_oscillation = Lemma(
    "oscillation/tv_oscillation",
    "Total variation of laws whose log-ratio has the range osc",
    (top, low, osc),
    le(total_variation(), sp.tanh(_osc / 4)),
    hypotheses=(
        *laws(),
        Forall((_k,), ge(p(_k), _low * q(_k)), within(_k)),
        Forall((_k,), le(p(_k), _high * q(_k)), within(_k)),
    ),
    functions=(p, q),
    statement="(low e^osc - 1)(1 - low)/(low e^osc - low) is largest at low = e^(-osc/2), where it is tanh(osc/4)",
    backing=derive()
    .have("at least", ge(total(p(_k)), total(_low * q(_k))), by=[Termwise(), "hypothesis 5"])
    .have("at most", le(total(p(_k)), total(_high * q(_k))), by=[Termwise(), "hypothesis 6"])
    .have("low masses", eq(total(_low * q(_k)), _low * total(q(_k))), by=algebra)
    .have("high masses", eq(total(_high * q(_k)), _high * total(q(_k))), by=algebra)
    .have("low", le(_low, 1), by=["at least", "low masses", "hypothesis 3", "hypothesis 4", quick])
    .have("high", ge(_high, 1), by=["at most", "high masses", "hypothesis 3", "hypothesis 4", quick])
    .have("apart", gt(_high, _low), by=decide)
    .have(
        "ratios",
        le(total_variation(), _bound),
        by=[
            "low",
            "high",
            "apart",
            *(f"hypothesis {n}" for n in range(1, 7)),
            tv_likelihood_ratio.at(low=_low, high=_high),
        ],
    )
    .have("half angle", eq(sp.tanh(_osc / 4), (sp.exp(_osc / 2) - 1) / (sp.exp(_osc / 2) + 1)), by=algebra)
    .have(
        "square",
        eq(
            (sp.exp(_osc / 2) - 1) / (sp.exp(_osc / 2) + 1) - _bound,
            (_low * sp.exp(_osc / 2) - 1) ** 2 / (_high - _low),
        ),
        by=algebra,
    )
    .have("sign", ge((_low * sp.exp(_osc / 2) - 1) ** 2 / (_high - _low), 0), by=["apart", decide])
    .have(
        "oscillation", le(total_variation(), sp.tanh(_osc / 4)), by=["ratios", "half angle", "square", "sign", quick]
    ),
)

_A, _B, _C, _D = (Parameter(name, name, "a logit", reals(), (-1, 1)) for name in ("u_l", "v_l", "u_a", "v_a"))
_Zu, _Zv = (Parameter(name, name, "a normaliser", reals(0, open="lower"), (1, 10)) for name in ("Z_u", "Z_v"))
_gap = _A.symbol - _B.symbol - (_C.symbol - _D.symbol)
_share = sp.exp(_A.symbol) / _Zu.symbol
_reference = sp.exp(_C.symbol) / _Zu.symbol / (sp.exp(_D.symbol) / _Zv.symbol) * (sp.exp(_B.symbol) / _Zv.symbol)
_scalars = (_A, _B, _C, _D, _Zu, _Zv)
_floor = sp.exp(_C.symbol - _D.symbol + _B.symbol)
_cancelled = eq(_reference, _floor / _Zu.symbol)
share_at_least = Lemma(
    "oscillation/share_at_least",
    "A smaller difference of logits gives a smaller ratio of shares",
    _scalars,
    ge(_share, _reference),
    hypotheses=(ge(_gap, 0),),
    backing=derive()
    .have("cancelled", _cancelled, by=algebra)
    .have("exponentials", ge(sp.exp(_A.symbol), _floor), by=["hypothesis 1", decide])
    .have("shares", ge(_share, _reference), by=["cancelled", "exponentials", quick]),
)
_raised = _floor * sp.exp(_osc)
share_at_most = Lemma(
    "oscillation/share_at_most",
    "The largest ratio of shares is e^osc times the smallest",
    (*_scalars, osc),
    le(_share, _reference * sp.exp(_osc)),
    hypotheses=(le(_gap, _osc),),
    backing=derive()
    .have("cancelled", _cancelled, by=algebra)
    .have(
        "sum",
        le(sp.exp(_A.symbol), sp.exp(_C.symbol - _D.symbol + _B.symbol + _osc)),
        by=["hypothesis 1", decide],
    )
    .have("product", eq(sp.exp(_C.symbol - _D.symbol + _B.symbol + _osc), _raised), by=algebra)
    .have("shares", le(_share, _reference * sp.exp(_osc)), by=["cancelled", "sum", "product", quick]),
)
m = Parameter("m", "m", "number of logits", integers(1), (2, 100_000), "tokens")
first = Parameter("a", "a", "token at which u - v is smallest", integers(0, m.symbol - 1), (0, 1))
u, v = (sp.Function(name, real=True) for name in "uv")
_m, _a = m.symbol, first.symbol
_difference = u(_k) - v(_k) - (u(_a) - v(_a))
ranges = (
    Forall((_k,), ge(_difference, 0), among(_k, _m)),
    Forall((_k,), le(_difference, _osc), among(_k, _m)),
)


def normaliser(logits: Any) -> sp.Sum:
    """sum_k exp(logits(k))."""
    return over_tokens(sp.exp(logits(_k)), size=_m)


def _softmax_is_law(logits: Any, name: str) -> tuple[tuple[str, Any, Any], ...]:
    positive = gt(normaliser(logits), 0)
    return (
        (f"normaliser of {name}", positive, normaliser_positive.at(m=_m, x=logits)),
        (
            f"{name} positive",
            Forall((_k,), gt(softmax(logits, _k, _m), 0), among(_k, _m)),
            [f"normaliser of {name}", decide],
        ),
        (f"{name} sums to 1", eq(over_tokens(softmax(logits, _k, _m), size=_m), 1), [f"normaliser of {name}", algebra]),
    )


tv = over_tokens(sp.Abs(softmax(u, _k, _m) - softmax(v, _k, _m)), size=_m) / 2
_facts = (*_softmax_is_law(u, "u"), *_softmax_is_law(v, "v"))
_ratio = softmax(u, _a, _m) / softmax(v, _a, _m)
_start = derive()
for _name, _proposition, _by in _facts:
    _start = _start.have(_name, _proposition, by=_by)
_laws = [name for name, _, _ in _facts]
_at = {"u_l": u(_k), "v_l": v(_k), "u_a": u(_a), "v_a": v(_a), "Z_u": normaliser(u), "Z_v": normaliser(v)}
tv_softmax = Lemma(
    "oscillation/tv_softmax",
    "Total variation of two softmaxes whose logits differ by a range osc",
    (m, first, osc),
    le(tv, sp.tanh(_osc / 4)),
    hypotheses=ranges,
    functions=(u, v),
    backing=_start.have("ratio", gt(_ratio, 0), by=["normaliser of u", "normaliser of v", decide])
    .have(
        "at least",
        Forall((_k,), ge(softmax(u, _k, _m), _ratio * softmax(v, _k, _m)), among(_k, _m)),
        by=["normaliser of u", "normaliser of v", fact("hypothesis 1", k=_k), share_at_least.at(**_at)],
    )
    .have(
        "at most",
        Forall((_k,), le(softmax(u, _k, _m), _ratio * softmax(v, _k, _m) * sp.exp(_osc)), among(_k, _m)),
        by=["normaliser of u", "normaliser of v", fact("hypothesis 2", k=_k), share_at_most.at(**_at)],
    )
    .have(
        "oscillation",
        le(tv, sp.tanh(_osc / 4)),
        by=[
            *_laws,
            "ratio",
            "at least",
            "at most",
            tv_oscillation.at(
                top=_m - 1,
                low=_ratio,
                p=sp.Lambda((_k,), softmax(u, _k, _m)),
                q=sp.Lambda((_k,), softmax(v, _k, _m)),
            ),
        ],
    ),
)
