"""Occam's bound for finite classes: few hypotheses of large error fit many independent examples.

Samples are numbered x = 0..top with masses chance(x), hypotheses y = 0..last with errors err(y) in [0, 1]. A learner
picks from every sample a hypothesis that fits it: 0 <= picked(x, y) <= fits(x, y). bad(y) in [0, 1] vanishes for
hypotheses of error below e; a hypothesis fits m independent examples with probability (1 - err(y))^m.

Main statements
    bad_power     bad(y) (1 - err(y))^m <= bad(y) (1 - e)^m
    occam         Pr[the hypothesis picked is bad] <= (last + 1) (1 - e)^m
    occam_size    (last + 1) (1 - e)^m <= d as soon as m e >= L + ln(1/d), L >= ln(last + 1)

References: Blumer, Ehrenfeucht, Haussler and Warmuth (1989), section 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.softmax import exp_increases
from theory.lemmas.sums import exchange, over
from theory.lemmas.unions import power_exponential
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

top = Parameter("top", r"\hat x", "last sample", integers(0), (0, 100))
last = Parameter("last", r"\hat y", "last hypothesis", integers(0), (0, 100))
trials = Parameter("m", "m", "number of examples", integers(0), (0, 1000))
level = Parameter("e", "e", "allowed error", reals(0, 1), (0, 1))
risk = Parameter("d", "d", "allowed probability of failure", reals(0, 1, open="both"), (0.001, 0.5))
log_count = Parameter("L", "L", "logarithm of the number of hypotheses", reals(0), (0, 100), "nats")

_x, _y = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xy")
_n = sp.Symbol("n_", integer=True, nonnegative=True)
chance, picked, fits, bad, err = (sp.Function(name, real=True) for name in ("chance", "picked", "fits", "bad", "err"))
_top, _last, _m, _e, _d, _L = (p.symbol for p in (top, last, trials, level, risk, log_count))

_b = Parameter("b", "b", "whether a hypothesis is bad", reals(0, 1), (0, 1))
_r = Parameter("r", "r", "its error", reals(0, 1), (0, 1))
_B, _R = _b.symbol, _r.symbol
bad_power = Lemma(
    "occam/bad_power",
    "A hypothesis of error at least e fits m examples with probability at most (1 - e)^m",
    (trials, level, _b, _r),
    le(_B * (1 - _R) ** _m, (1 - _e) ** _m),
    hypotheses=(ge(_B * (_R - _e), 0),),
    statement="b in [0, 1] vanishes unless the error r is at least e",
    backing=derive()
    .have("sign", Forall((_n,), ge((1 - _R) ** _n, 0)), by=quick)
    .have("power sign", Forall((_n,), ge((1 - _e) ** _n, 0)), by=quick)
    .have("one factor", le(_B * (1 - _R), _B * (1 - _e)), by=["hypothesis 1", quick])
    .have(
        "all",
        Forall((_n,), le(_B * (1 - _R) ** _n, _B * (1 - _e) ** _n)),
        by=[Induction(_n), "one factor", fact("sign", n_=_n), fact("power sign", n_=_n), quick],
    )
    .have(
        "at m",
        le(_B * (1 - _R) ** _m, (1 - _e) ** _m),
        by=[fact("all", n_=_m), fact("power sign", n_=_m), quick],
    ),
)

_failures = over(chance(_x) * over(bad(_y) * picked(_x, _y), _y, _last), _x, _top)


def _mass_of(function: Any, y: Any) -> sp.Sum:
    return over(chance(_x) * function(_x, y), _x, _top)


occam = Lemma(
    "occam/occam",
    "A learner that fits the sample picks a bad hypothesis with probability at most |H| (1 - e)^m",
    (top, last, trials, level),
    le(_failures, (_last + 1) * (1 - _e) ** _m),
    hypotheses=(
        Forall((_x,), ge(chance(_x), 0)),
        Forall((_x, _y), ge(fits(_x, _y) - picked(_x, _y), 0)),
        Forall((_y,), ge(bad(_y), 0)),
        Forall((_y,), le(bad(_y), 1)),
        Forall((_y,), ge(err(_y), 0)),
        Forall((_y,), le(err(_y), 1)),
        Forall((_y,), ge(bad(_y) * (err(_y) - _e), 0)),
        Forall((_y,), eq(_mass_of(fits, _y), (1 - err(_y)) ** _m)),
    ),
    functions=(chance, picked, fits, bad, err),
    backing=derive(_failures)
    .have(
        "one sample",
        Forall((_x, _y), le(chance(_x) * picked(_x, _y), chance(_x) * fits(_x, _y))),
        by=[fact("hypothesis 1", x=_x), fact("hypothesis 2", x=_x, y=_y), quick],
    )
    .have(
        "all samples",
        Forall((_y,), le(_mass_of(picked, _y), _mass_of(fits, _y))),
        by=[Termwise(), fact("one sample", x=_x, y=_y)],
    )
    .have(
        "fitting",
        Forall((_y,), le(bad(_y) * _mass_of(picked, _y), bad(_y) * (1 - err(_y)) ** _m)),
        by=[fact("all samples", y=_y), fact("hypothesis 3", y=_y), fact("hypothesis 8", y=_y), quick],
    )
    .have(
        "bad and fitting",
        Forall((_y,), le(bad(_y) * (1 - err(_y)) ** _m, (1 - _e) ** _m)),
        by=[
            *(fact(f"hypothesis {i}", y=_y) for i in (3, 4, 5, 6, 7)),
            bad_power.at(b=bad(_y), r=err(_y)),
        ],
    )
    .have(
        "each hypothesis",
        Forall((_y,), le(bad(_y) * _mass_of(picked, _y), (1 - _e) ** _m)),
        by=[fact("fitting", y=_y), fact("bad and fitting", y=_y), quick],
    )
    .eq(
        over(bad(_y) * _mass_of(picked, _y), _y, _last),
        by=exchange.at(u=chance, w=bad, g=picked),
        name="by hypotheses",
    )
    .le(over((1 - _e) ** _m, _y, _last), by=[Termwise(), fact("each hypothesis", y=_y)], name="each")
    .eq((_last + 1) * (1 - _e) ** _m, by=algebra, name="count"),
)
occam_size = Lemma(
    "occam/occam_size",
    "(ln|H| + ln(1/d))/e examples suffice",
    (last, trials, level, risk, log_count),
    le((_last + 1) * (1 - _e) ** _m, _d),
    hypotheses=(ge(_L, sp.log(_last + 1)), ge(_e * _m, _L + sp.log(1 / _d))),
    backing=derive((_last + 1) * (1 - _e) ** _m)
    .have("exponential", le((1 - _e) ** _m, sp.exp(-_e * _m)), by=power_exponential.at(q=_e))
    .le((_last + 1) * sp.exp(-_e * _m), by=["exponential", quick], name="(1 - e)^m <= exp(-e m)")
    .have("exponent", le(-_e * _m, sp.log(_d) - sp.log(_last + 1)), by=["hypothesis 1", "hypothesis 2", quick])
    .have(
        "exponentials",
        le(sp.exp(-_e * _m), sp.exp(sp.log(_d) - sp.log(_last + 1))),
        by=["exponent", exp_increases.at(u=sp.log(_d) - sp.log(_last + 1), v=-_e * _m)],
    )
    .le((_last + 1) * sp.exp(sp.log(_d) - sp.log(_last + 1)), by=["exponentials", quick], name="size")
    .eq(_d, by=algebra, name="cancel"),
)
