"""How a softmax changes with its temperature.

Main statements (y are logits over a temperature, theta = the ratio of a temperature to a higher one)
    power_mean          sum_k exp(y_k) = m e^L gives sum_k exp(theta y_k) <= m e^(theta L)
    tempered            log softmax(theta y)_i >= theta log softmax(y)_i - (1 - theta) log m
    least_at_most       the least likely of m tokens has probability at most 1/m
    entropy_at_most     an entropy is at most log m
    log_slope           tau d/dtau log softmax(z/tau)_i = -log softmax(z/tau)_i - H(softmax(z/tau))
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.lemmas.divergence import log_below
from theory.lemmas.softmax import among, m, normaliser, normaliser_positive, over_tokens, x
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

theta = Parameter("theta", r"\theta", "ratio of a temperature to a higher one", reals(0, 1), (0, 1))
level = Parameter("level", "L", "log of the average of exp(y)", reals(), (-5, 5), "nats")
tau = Parameter("tau", r"\tau", "temperature", reals(0, sp.oo, open="lower"), (0.1, 10))

y, z, p = (sp.Function(name, real=True) for name in "yzp")
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
own = Parameter("own", "x_i", "logit of a token", reals(), (-5, 5), "nats")
_m, _own, _theta, _level, _tau = m.symbol, own.symbol, theta.symbol, level.symbol, tau.symbol


def scaled(logits: Any, factor: Any) -> Any:
    """The logits times a factor, as a function of the token."""
    return lambda token: factor * logits(token)


def log_share(own: Any, logits: Any, size: Any = _m) -> sp.Expr:
    """log(e^own / sum_k e^logits(k)): log softmax of the token whose logit is `own`."""
    return sp.log(sp.exp(own) / over_tokens(sp.exp(logits(_k)), size=size))


_u = Parameter("u", "u", "a number", reals(), (-5, 5))
chord_of_exp = Lemma(
    "tempering/chord_of_exp",
    "e^(theta u) lies below its chord in theta",
    (theta, _u),
    le(sp.exp(_theta * _u.symbol), _theta * sp.exp(_u.symbol) + 1 - _theta),
    backing=derive().have(
        "convexity", le(sp.exp(_theta * _u.symbol), _theta * sp.exp(_u.symbol) + 1 - _theta), by=decide
    ),
)
_chord = sp.exp(_theta * _level) * (_theta * sp.exp(-_level) * sp.exp(y(_k)) + 1 - _theta)
power_mean = Lemma(
    "tempering/power_mean",
    "A power mean with exponent at most 1 is at most the mean",
    (m, theta, level),
    le(over_tokens(sp.exp(_theta * y(_k))), _m * sp.exp(_theta * _level)),
    hypotheses=(eq(over_tokens(sp.exp(y(_k))), _m * sp.exp(_level)),),
    functions=(y,),
    backing=derive(over_tokens(sp.exp(_theta * y(_k))))
    .have(
        "each",
        Forall((_l,), le(sp.exp(_theta * y(_l)), _chord.subs(_k, _l))),
        by=[chord_of_exp.at(u=y(_l) - _level), decide],
    )
    .le(over_tokens(_chord), by=[Termwise(), "each"], name="termwise")
    .eq(
        sp.exp(_theta * _level) * (_theta * sp.exp(-_level) * over_tokens(sp.exp(y(_k))) + (1 - _theta) * _m),
        by=algebra,
        name="linear",
    )
    .eq(_m * sp.exp(_theta * _level), by=["hypothesis 1", algebra], name="mean"),
)
_z1 = over_tokens(sp.exp(y(_k)))
_z2 = over_tokens(sp.exp(_theta * y(_k)))
_goal = ge(log_share(_theta * _own, scaled(y, _theta)), _theta * log_share(_own, y) - (1 - _theta) * sp.log(_m))
tempered = Lemma(
    "tempering/tempered",
    "A softmax at a higher temperature",
    (m, theta, own),
    _goal,
    functions=(y,),
    backing=derive()
    .have("normaliser", gt(_z1, 0), by=normaliser_positive.at(x=y))
    .have("tempered normaliser", gt(_z2, 0), by=normaliser_positive.at(x=sp.Lambda((_k,), _theta * y(_k))))
    .have("level", eq(_z1, _m * sp.exp(sp.log(_z1 / _m))), by=["normaliser", algebra])
    .have(
        "power mean",
        le(_z2, _m * sp.exp(_theta * sp.log(_z1 / _m))),
        by=["level", "normaliser", power_mean.at(level=sp.log(_z1 / _m))],
    )
    .have("goal", _goal, by=["normaliser", "tempered normaliser", "power mean", decide]),
)
least_at_most = Lemma(
    "tempering/least_at_most",
    "The least likely of m tokens has probability at most 1/m",
    (m, own),
    le(log_share(_own, x), -sp.log(_m)),
    hypotheses=(Forall((_k,), le(_own, x(_k)), among(_k)),),
    functions=(x,),
    backing=derive()
    .have("each", Forall((_l,), ge(sp.exp(x(_l)), sp.exp(_own)), among(_l)), by=[fact("hypothesis 1", k=_l), decide])
    .have("termwise", ge(normaliser, over_tokens(sp.exp(_own))), by=[Termwise(), "each"])
    .have("count", eq(over_tokens(sp.exp(_own)), _m * sp.exp(_own)), by=algebra)
    .have("share", le(sp.exp(_own) / normaliser, 1 / _m), by=["termwise", "count", decide])
    .have("normaliser", gt(normaliser, 0), by=normaliser_positive.at())
    .have("logarithm", le(log_share(_own, x), -sp.log(_m)), by=["share", "normaliser", decide]),
)
rho = Parameter("rho", r"\rho", "range of the logits", reals(0), (0, 10), "nats")
range_floor = Lemma(
    "tempering/range_floor",
    "A token's log-probability in the range of the logits",
    (m, own, rho),
    ge(log_share(_own, x), -sp.log(_m) - rho.symbol),
    hypotheses=(Forall((_k,), le(x(_k) - _own, rho.symbol), among(_k)),),
    functions=(x,),
    backing=derive()
    .have(
        "each",
        Forall((_l,), le(sp.exp(x(_l)), sp.exp(rho.symbol) * sp.exp(_own)), among(_l)),
        by=[fact("hypothesis 1", k=_l), decide],
    )
    .have("termwise", le(normaliser, over_tokens(sp.exp(rho.symbol) * sp.exp(_own))), by=[Termwise(), "each"])
    .have(
        "count",
        eq(over_tokens(sp.exp(rho.symbol) * sp.exp(_own)), _m * sp.exp(rho.symbol) * sp.exp(_own)),
        by=algebra,
    )
    .have("normaliser", gt(normaliser, 0), by=normaliser_positive.at())
    .have(
        "share",
        ge(sp.exp(_own) / normaliser, sp.exp(-rho.symbol) / _m),
        by=["termwise", "count", "normaliser", decide],
    )
    .have("logarithm", ge(log_share(_own, x), -sp.log(_m) - rho.symbol), by=["share", "normaliser", decide]),
)
_q = Parameter("q", "q", "a probability", reals(0, sp.oo, open="lower"), (0.1, 1))
_entropy_term = -_q.symbol * sp.log(_q.symbol)
entropy_term = Lemma(
    "tempering/entropy_term",
    "A term of an entropy",
    (_q, m),
    le(_entropy_term, _q.symbol * sp.log(_m) + 1 / _m - _q.symbol),
    backing=derive()
    .have(
        "tangent", le(sp.log(1 / (_m * _q.symbol)), 1 / (_m * _q.symbol) - 1), by=log_below.at(t=1 / (_m * _q.symbol))
    )
    .have(
        "term",
        le(_entropy_term, _q.symbol * sp.log(_m) + 1 / _m - _q.symbol),
        by=["tangent", decide],
    ),
)
entropy_at_most = Lemma(
    "tempering/entropy_at_most",
    "An entropy is at most log m",
    (m,),
    le(over_tokens(-p(_k) * sp.log(p(_k))), sp.log(_m)),
    hypotheses=(Forall((_k,), gt(p(_k), 0), among(_k)), eq(over_tokens(p(_k)), 1)),
    functions=(p,),
    backing=derive(over_tokens(-p(_k) * sp.log(p(_k))))
    .have(
        "each",
        Forall((_l,), le(-p(_l) * sp.log(p(_l)), p(_l) * sp.log(_m) + 1 / _m - p(_l)), among(_l)),
        by=[fact("hypothesis 1", k=_l), entropy_term.at(q=p(_l))],
    )
    .le(over_tokens(p(_k) * sp.log(_m) + 1 / _m - p(_k)), by=[Termwise(), "each"], name="termwise")
    .eq(sp.log(_m) * over_tokens(p(_k)) + 1 - over_tokens(p(_k)), by=algebra, name="linear")
    .eq(sp.log(_m), by=["hypothesis 2", algebra], name="law"),
)


def at_temperature(logits: Any, temperature: Any = _tau) -> Any:
    """logits/temperature, as a function of the token."""
    return lambda token: logits(token) / temperature


def log_likelihoods(logits: Any, temperature: Any = _tau, size: Any = _m) -> sp.Sum:
    """sum_k P log P = minus the entropy of P = softmax(logits/temperature), in nats."""
    tempered_logits = at_temperature(logits, temperature)
    return over_tokens(softmax_of(tempered_logits, size) * sp.log(softmax_of(tempered_logits, size)), size=size)


def softmax_of(logits: Any, size: Any = _m) -> sp.Expr:
    """softmax(logits)_k for the bound token k."""
    return sp.exp(logits(_k)) / over_tokens(sp.exp(logits(_k)), size=size)


_u_ = sp.Symbol("u", integer=True, nonnegative=True)
_zt = at_temperature(z)


def softmax_at(token: Any) -> sp.Expr:
    """softmax(z/tau)_token."""
    return sp.exp(z(token) / _tau) / over_tokens(sp.exp(z(_k) / _tau))


_loglaw = log_share(_own / _tau, _zt)
_norm = over_tokens(sp.exp(z(_k) / _tau))
_moment = over_tokens(z(_k) / _tau * sp.exp(z(_k) / _tau))
_terms = over_tokens(sp.exp(z(_k) / _tau) / _norm * (z(_k) / _tau - sp.log(_norm)))
log_slope = Lemma(
    "tempering/log_slope",
    "Derivative of a log-probability in the logarithm of the temperature",
    (m, tau, own),
    eq(_tau * sp.diff(_loglaw, _tau), -_loglaw + log_likelihoods(z)),
    functions=(z,),
    statement="d log P/d log tau = -log P - H, H the entropy of the law in nats",
    backing=derive()
    .have("normaliser", gt(_norm, 0), by=normaliser_positive.at(x=sp.Lambda((_k,), z(_k) / _tau)))
    .have("derivative", eq(_tau * sp.diff(_loglaw, _tau), -_own / _tau + _moment / _norm), by=["normaliser", algebra])
    .have("log-probability", eq(_loglaw, _own / _tau - sp.log(_norm)), by=["normaliser", algebra])
    .have(
        "each",
        Forall(
            (_u_,),
            eq(
                softmax_at(_u_) * sp.log(softmax_at(_u_)),
                sp.exp(z(_u_) / _tau) / _norm * (z(_u_) / _tau - sp.log(_norm)),
            ),
        ),
        by=["normaliser", algebra],
    )
    .have("terms", eq(log_likelihoods(z), _terms), by=[Termwise(), "each"])
    .have(
        "linear",
        eq(_terms, _moment / _norm - sp.log(_norm) / _norm * _norm),
        by=["normaliser", algebra],
    )
    .have(
        "entropy",
        eq(log_likelihoods(z), _moment / _norm - sp.log(_norm)),
        by=["terms", "linear", "normaliser", algebra],
    )
    .have(
        "slope",
        eq(_tau * sp.diff(_loglaw, _tau), -_loglaw + log_likelihoods(z)),
        by=["derivative", "log-probability", "entropy", algebra],
    ),
)
