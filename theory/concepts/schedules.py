"""Learning rates eta_t = 2/(lambda (gamma + t)): what weight decay alone multiplies to, and the time they add up to.

Main definitions
    rate_of_step   eta_t (D6)
    decay_of_steps D_t, product of 1 - lambda eta_s over s < t
    time_of_steps  tau(t), sum of eta_s over s < t (D7)

Main statements
    decay_product    D_t = (gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1))
    effective_time   tau(T) is (2/lambda) log((gamma+T)/gamma) up to (2/(lambda gamma))(1 - gamma/(gamma+T))
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.parameters import T, g, lam, t
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, decide, fact, quick, unfold
from theory.lemma import Definition
from theory.lemmas.softmax import exp_increases
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_n = sp.Symbol("n", integer=True, nonnegative=True)
_lam_, _g_ = sp.Symbol("lam_", positive=True), sp.Symbol("g_", positive=True)  # bound in the definitions
_x = sp.Symbol("x", positive=True)
_lam, _g, _t, _T = (p.symbol for p in (lam, g, t, T))

rate_of_step = defined(
    "concepts/rate_of_step",
    "rate_of_step(lambda, gamma, t) = eta_t = 2/(lambda (gamma + t)), the learning rate of step t (D6)",
    (_lam_, _g_, _n),
    2 / (_lam_ * (_g_ + _n)),
    latex=r"\eta",
)
_decay = sp.Function("decay_of_steps", real=True)
decay_of_steps = Definition(
    "concepts/decay_of_steps",
    _decay,
    "decay_of_steps(lambda, gamma, t) = D_t, product of 1 - lambda eta_s over the steps s < t",
    (
        Forall((_lam_, _g_), eq(_decay(_lam_, _g_, 0), 1)),
        Forall(
            (_lam_, _g_, _n),
            eq(_decay(_lam_, _g_, _n + 1), _decay(_lam_, _g_, _n) * (1 - _lam_ * rate_of_step(_lam_, _g_, _n))),
        ),
    ),
    latex="D",
)
_time = sp.Function("time_of_steps", real=True)
time_of_steps = Definition(
    "concepts/time_of_steps",
    _time,
    "time_of_steps(lambda, gamma, t) = tau(t), sum of eta_s over the steps s < t (D7)",
    (
        Forall((_lam_, _g_), eq(_time(_lam_, _g_, 0), 0)),
        Forall(
            (_lam_, _g_, _n),
            eq(_time(_lam_, _g_, _n + 1), _time(_lam_, _g_, _n) + rate_of_step(_lam_, _g_, _n)),
        ),
    ),
    latex=r"\tau",
)


def closed_decay(steps: sp.Expr) -> sp.Expr:
    """(gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1))."""
    return (_g - 2) * (_g - 1) / ((_g + steps - 2) * (_g + steps - 1))


decay_product = Claim(
    id="concepts/decay_product",
    title="What the steps of weight decay multiply to",
    kind=Kind.EQUALITY,
    text=(
        "For gamma > 2 and learning rates 2/(lambda (gamma + t)), the factors 1 - lambda eta_s of the steps s < t "
        "multiply to (gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1)); for gamma <= 2 the first steps overshoot"
    ),
    parameters=(lam, g, t),
    statements=(equal(decay_of_steps(_lam, _g, _t), closed_decay(_t)),),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "rate",
        Forall((_n,), eq(rate_of_step(_lam, _g, _n), 2 / (_lam * (_g + _n)))),
        by=unfold(rate_of_step, lam_=_lam, g_=_g, n=_n),
    )
    .have(
        "factor",
        Forall((_n,), eq(1 - _lam * rate_of_step(_lam, _g, _n), (_g + _n - 2) / (_g + _n))),
        by=["rate", decide],
    )
    .have(
        "step",
        Forall((_n,), eq(_decay(_lam, _g, _n + 1), _decay(_lam, _g, _n) * (_g + _n - 2) / (_g + _n))),
        by=[unfold(decay_of_steps, lam_=_lam, g_=_g, n=_n), fact("factor", n=_n), quick],
    )
    .have(
        "all steps",
        Forall((_n,), eq(_decay(_lam, _g, _n), closed_decay(_n))),
        by=[Induction(_n), unfold(decay_of_steps, lam_=_lam, g_=_g), fact("step", n=_n), decide],
    )
    .have("decay", eq(decay_of_steps(_lam, _g, _t), closed_decay(_t)), by=fact("all steps", n=_t)),
)

_v = sp.Symbol("v", nonnegative=True)
_excess = 2 / (_lam * _g) * (1 - _g / (_g + _T))  # how much the sum is above the integral at most


def _integral(steps: sp.Expr) -> sp.Expr:
    """(2/lambda) log((gamma + steps)/gamma), the integral of the learning rate."""
    return 2 / _lam * (sp.log(_g + steps) - sp.log(_g))


effective_time = Claim(
    id="concepts/effective_time",
    title="Effective time is logarithmic in the steps",
    kind=Kind.TWO_SIDED,
    text=(
        "The learning rates 2/(lambda (gamma + t)) of T steps add up to (2/lambda) log((gamma+T)/gamma) at least, and "
        "to (2/(lambda gamma))(1 - gamma/(gamma+T)) more at most; so gamma (e^(lambda tau/2) - 1) steps reach an "
        "effective time tau, up to a factor e^((1 - gamma/(gamma+T))/gamma) on gamma + T"
    ),
    parameters=(lam, g, T),
    statements=(
        lower(time_of_steps(_lam, _g, _T), 2 / _lam * sp.log((_g + _T) / _g), trivial=0, label="at least"),
        upper(time_of_steps(_lam, _g, _T), 2 / _lam * sp.log((_g + _T) / _g) + _excess, label="at most"),
        lower(_g * (sp.exp(_lam * time_of_steps(_lam, _g, _T) / 2) - 1), _T, label="steps at least"),
        upper(
            _g * (sp.exp(_lam * time_of_steps(_lam, _g, _T) / 2) - 1),
            (_g + _T) * sp.exp((1 - _g / (_g + _T)) / _g) - _g,
            label="steps at most",
        ),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("below", Forall((_x,), le(sp.log(1 + _x), _x)), by=decide)
    .have("above", Forall((_x,), ge(sp.log(1 + _x), _x / (1 + _x))), by=decide)
    .have(
        "rate",
        Forall((_n,), eq(rate_of_step(_lam, _g, _n), 2 / (_lam * (_g + _n)))),
        by=unfold(rate_of_step, lam_=_lam, g_=_g, n=_n),
    )
    .have(
        "log below",
        Forall((_n,), le(sp.log(_g + _n + 1) - sp.log(_g + _n), 1 / (_g + _n))),
        by=[fact("below", x=1 / (_g + _n)), decide],
    )
    .have(
        "log above",
        Forall((_n,), ge(sp.log(_g + _n + 1) - sp.log(_g + _n), 1 / (_g + _n + 1))),
        by=[fact("above", x=1 / (_g + _n)), decide],
    )
    .have(
        "step below",
        Forall((_n,), ge(_time(_lam, _g, _n + 1) - _time(_lam, _g, _n), _integral(_n + 1) - _integral(_n))),
        by=[unfold(time_of_steps, lam_=_lam, g_=_g, n=_n), fact("rate", n=_n), fact("log below", n=_n), decide],
    )
    .have(
        "step above",
        Forall(
            (_n,),
            le(
                _time(_lam, _g, _n + 1) - _time(_lam, _g, _n),
                _integral(_n + 1) - _integral(_n) + 2 / _lam * (1 / (_g + _n) - 1 / (_g + _n + 1)),
            ),
        ),
        by=[unfold(time_of_steps, lam_=_lam, g_=_g, n=_n), fact("rate", n=_n), fact("log above", n=_n), decide],
    )
    .have(
        "all below",
        Forall((_n,), ge(_time(_lam, _g, _n), _integral(_n))),
        by=[Induction(_n), unfold(time_of_steps, lam_=_lam, g_=_g), fact("step below", n=_n), quick],
    )
    .have(
        "all above",
        Forall((_n,), le(_time(_lam, _g, _n), _integral(_n) + 2 / _lam * (1 / _g - 1 / (_g + _n)))),
        by=[Induction(_n), unfold(time_of_steps, lam_=_lam, g_=_g), fact("step above", n=_n), quick],
    )
    .have("time below", ge(_time(_lam, _g, _T), _integral(_T)), by=fact("all below", n=_T))
    .have(
        "time above",
        le(_time(_lam, _g, _T), _integral(_T) + 2 / _lam * (1 / _g - 1 / (_g + _T))),
        by=fact("all above", n=_T),
    )
    .have("logarithm", eq(2 / _lam * sp.log((_g + _T) / _g), _integral(_T)), by=decide)
    .have("at least", ge(_time(_lam, _g, _T), 2 / _lam * sp.log((_g + _T) / _g)), by=["time below", "logarithm", quick])
    .have(
        "at most",
        le(_time(_lam, _g, _T), 2 / _lam * sp.log((_g + _T) / _g) + _excess),
        by=["time above", "logarithm", decide],
    )
    .have("exponent below", ge(_lam * _time(_lam, _g, _T) / 2, sp.log((_g + _T) / _g)), by=["at least", decide])
    .have(
        "exponent above",
        le(_lam * _time(_lam, _g, _T) / 2, sp.log((_g + _T) / _g) + (1 - _g / (_g + _T)) / _g),
        by=["at most", decide],
    )
    .have(
        "exponential below",
        ge(sp.exp(_lam * _time(_lam, _g, _T) / 2), sp.exp(sp.log((_g + _T) / _g))),
        by=["exponent below", exp_increases.at(u=_lam * _time(_lam, _g, _T) / 2, v=sp.log((_g + _T) / _g))],
    )
    .have("steps at least", ge(_g * (sp.exp(_lam * _time(_lam, _g, _T) / 2) - 1), _T), by=["exponential below", decide])
    .have(
        "exponential above",
        ge(sp.exp(sp.log((_g + _T) / _g) + (1 - _g / (_g + _T)) / _g), sp.exp(_lam * _time(_lam, _g, _T) / 2)),
        by=[
            "exponent above",
            exp_increases.at(v=_lam * _time(_lam, _g, _T) / 2, u=sp.log((_g + _T) / _g) + (1 - _g / (_g + _T)) / _g),
        ],
    )
    .have(
        "steps at most",
        le(_g * (sp.exp(_lam * _time(_lam, _g, _T) / 2) - 1), (_g + _T) * sp.exp((1 - _g / (_g + _T)) / _g) - _g),
        by=["exponential above", decide],
    ),
)
