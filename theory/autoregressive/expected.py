"""Expected errors add up, and a learner without logarithms (specification `autoregressive` 2B).

The minimum-norm learner takes at every step the consistent linear decoder of least norm: a strictly convex program
whose optimum is already forced by at most D_t = (K-1) p_t of the chains (Helly), p_t = (K-1)(n+t-1) + 1.

Main statements
    leave_one_out        a learner forced by k of m + 1 exchangeable chains errs with probability at most k/(m+1)
    pac_to_ar_expected   E err_AR <= sum_t E eps_t <= (K-1) sum_t p_t/(m+1); Pr[err_AR > eps] by Markov's inequality
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import REALIZABLE
from theory.autoregressive.error_ranges import ar_error_sign
from theory.autoregressive.errors import error_sandwich
from theory.autoregressive.parameters import K, T, epsilon, m, n
from theory.autoregressive.rollout_identity import step
from theory.autoregressive.rollouts import ar_error, step_error
from theory.autoregressive.samples import (
    all_samples,
    failure,
    large,
    large_scale,
    last_sample,
    learnt,
    m_,
    over_samples,
    sample_mass,
    x_,
    y_,
)
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Lemma, meaning
from theory.lemmas.sums import exchange
from theory.lemmas.unions import expected_count, weighted
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_m, _T, _t, _n, _K, _S = m.symbol, T.symbol, step.symbol, n.symbol, K.symbol, last_sample.symbol
t_ = sp.Symbol("t_", integer=True, nonnegative=True)
r_ = sp.Symbol("r", integer=True, positive=True)


def decoder_dimension(t: Any) -> sp.Expr:
    """D_t = (K-1)((K-1)(n+t-1) + 1), free weights of the linear decoder of step t."""
    return (_K - 1) * ((_K - 1) * (_n + t - 1) + 1)


expected_step_error = defined(
    "autoregressive/expected_step_error",
    "expected_step_error(m, t) = E eps_t of the predictor learnt from m chains",
    (m_, t_),
    over_samples(sample_mass(m_, x_) * step_error(learnt(m_, x_), t_)),
)
expected_ar_error = defined(
    "autoregressive/expected_ar_error",
    "expected_ar_error(m, t) = E err_AR of the predictor learnt from m chains of t tokens",
    (m_, t_),
    over_samples(sample_mass(m_, x_) * ar_error(learnt(m_, x_), t_)),
)
left_out = opaque(
    "autoregressive/left_out",
    "left_out(m, x, y, t) = 1 where the learner, given sample x of m + 1 chains without chain y, misses step t of "
    "chain y, else 0",
    bounds=(0, 1),
)
forcing = opaque(
    "autoregressive/forcing",
    "forcing(m, x, y, t) = 1 where chain y belongs to a least set of chains of sample x of m + 1 chains whose "
    "constraints force the minimum-norm decoder of step t, else 0",
    bounds=(0, 1),
)
unforced = defined(
    "autoregressive/unforced",
    "unforced(m, x, y, t) = forcing - left_out, which is >= 0: a chain that forces nothing can be left out without "
    "changing the decoder, which decodes it correctly",
    (m_, x_, y_, t_),
    forcing(m_, x_, y_, t_) - left_out(m_, x_, y_, t_),
    bounds=(0, None),
    range_by=meaning(forcing, left_out),
)
exchangeable = defined(
    "autoregressive/exchangeable",
    "exchangeable(m, y, t) = Pr[step t of chain y of m + 1 is missed when it is left out] - E eps_t from m chains, "
    "which is 0: the chain left out is a fresh one",
    (m_, y_, t_),
    over_samples(sample_mass(m_ + 1, x_) * left_out(m_, x_, y_, t_)) - expected_step_error(m_, t_),
    bounds=(0, 0),
    range_by=meaning(sample_mass, left_out, learnt),
)


def _chains(term: Any) -> sp.Sum:
    return sp.Sum(term, (y_, 0, _m))


_forced = _chains(forcing(_m, x_, y_, _t))
helly = Lemma(
    "autoregressive/helly",
    "The optimum of a strictly convex program in k variables is forced by at most k of its constraints",
    (n, K, m, T, step),
    Forall((x_,), le(_forced, decoder_dimension(_t))),
    statement=(
        "convex sets of R^k have a common point if every k + 1 of them do; with the set of points better than the "
        "optimum among them, k constraints suffice"
    ),
    backing=Citation(Source("danzer1963", "Helly's theorem"), "applied to the constraints and the better points"),
)
_share = 1 / (_m + 1)
_missed = _chains(_share * left_out(_m, x_, y_, _t))
_average = _chains(_share * over_samples(sample_mass(_m + 1, x_) * left_out(_m, x_, y_, _t)))
_most = decoder_dimension(_t) / (_m + 1)
leave_one_out = Lemma(
    "autoregressive/leave_one_out",
    "Leave one out: E eps_t <= D_t/(m + 1)",
    (n, K, m, T, step, last_sample),
    le(expected_step_error(_m, _t), _most),
    statement="the average over the chain that is left out, for every sample of m + 1 chains",
    backing=derive()
    .have("masses", Forall((x_,), ge(sample_mass(_m + 1, x_), 0)), by=unfold(sample_mass))
    .have(
        "only forcing chains",
        Forall((x_, y_), le(left_out(_m, x_, y_, _t), forcing(_m, x_, y_, _t))),
        by=[unfold(unforced, m_=_m, x=x_, y=y_, t_=_t), quick],
    )
    .have(
        "one chain",
        Forall((x_, y_), le(_share * left_out(_m, x_, y_, _t), _share * forcing(_m, x_, y_, _t))),
        by=[fact("only forcing chains", x=x_, y=y_), quick],
    )
    .have(
        "count",
        Forall((x_,), le(_missed, _chains(_share * forcing(_m, x_, y_, _t)))),
        by=[Termwise(), fact("one chain", x=x_, y=y_)],
    )
    .have("shares", Forall((x_,), eq(_chains(_share * forcing(_m, x_, y_, _t)), _share * _forced)), by=algebra)
    .have("Helly", Forall((x_,), le(_forced, decoder_dimension(_t))), by=helly.at())
    .have("Helly, shares", Forall((x_,), le(_share * _forced, _most)), by=[fact("Helly", x=x_), quick])
    .have(
        "at most k",
        Forall((x_,), le(_missed, _most)),
        by=[fact("count", x=x_), fact("shares", x=x_), fact("Helly, shares", x=x_), quick],
    )
    .have(
        "weighed",
        Forall((x_,), le(sample_mass(_m + 1, x_) * _missed, sample_mass(_m + 1, x_) * _most)),
        by=[
            fact("masses", x=x_),
            fact("at most k", x=x_),
            weighted.at(v=sample_mass(_m + 1, x_), x=_missed, y=_most),
        ],
    )
    .have(
        "all samples",
        le(over_samples(sample_mass(_m + 1, x_) * _missed), over_samples(sample_mass(_m + 1, x_) * _most)),
        by=[Termwise(), fact("weighed", x=x_)],
    )
    .have(
        "constant",
        eq(over_samples(sample_mass(_m + 1, x_) * _most), _most * over_samples(sample_mass(_m + 1, x_))),
        by=algebra,
    )
    .have("mass", eq(over_samples(sample_mass(_m + 1, x_)), 1), by=[unfold(all_samples, m_=_m + 1), quick])
    .have(
        "exchange",
        eq(over_samples(sample_mass(_m + 1, x_) * _missed), _average),
        by=exchange.at(
            top=_S,
            last=_m,
            u=sp.Lambda(x_, sample_mass(_m + 1, x_)),
            w=sp.Lambda(y_, _share),
            g=sp.Lambda((x_, y_), left_out(_m, x_, y_, _t)),
        ),
    )
    .have(
        "each chain",
        Forall(
            (y_,),
            eq(
                _share * over_samples(sample_mass(_m + 1, x_) * left_out(_m, x_, y_, _t)),
                _share * expected_step_error(_m, _t),
            ),
        ),
        by=[unfold(exchangeable, m_=_m, y=y_, t_=_t), quick],
    )
    .have(
        "chains", eq(_average, _chains(_share * expected_step_error(_m, _t))), by=[Termwise(), fact("each chain", y=y_)]
    )
    .have(
        "m + 1 chains",
        eq(_chains(_share * expected_step_error(_m, _t)), expected_step_error(_m, _t)),
        by=algebra,
    )
    .have(
        "expected",
        le(expected_step_error(_m, _t), _most),
        by=["all samples", "constant", "mass", "exchange", "chains", "m + 1 chains", quick],
    ),
)

_error = ar_error(learnt(_m, x_), _T)
_steps = sp.Sum(step_error(learnt(_m, x_), r_), (r_, 1, _T))
_sum = sp.Sum(expected_step_error(_m, r_), (r_, 1, _T))
errors_add = Lemma(
    "autoregressive/errors_add",
    "E err_AR <= sum of E eps_t",
    (m, T, last_sample),
    le(expected_ar_error(_m, _T), _sum),
    backing=derive(expected_ar_error(_m, _T))
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have("sandwich", Forall((x_,), le(_error, _steps)), by=error_sandwich.at("all tokens", h=learnt(_m, x_), t=1))
    .have(
        "each sample",
        Forall((x_,), le(sample_mass(_m, x_) * _error, sample_mass(_m, x_) * _steps)),
        by=[fact("masses", x=x_), fact("sandwich", x=x_), weighted.at(v=sample_mass(_m, x_), x=_error, y=_steps)],
    )
    .have(
        "by step",
        Forall(
            (r_,),
            eq(over_samples(sample_mass(_m, x_) * step_error(learnt(_m, x_), r_)), expected_step_error(_m, r_)),
        ),
        by=unfold(expected_step_error, m_=_m, t_=r_),
    )
    .eq(over_samples(sample_mass(_m, x_) * _error), by=unfold(expected_ar_error, m_=_m, t_=_T), name="expectation")
    .le(over_samples(sample_mass(_m, x_) * _steps), by=[Termwise(), fact("each sample", x=x_)], name="sandwich, mean")
    .eq(
        _sum,
        by=[
            "by step",
            expected_count.at(
                last=_S,
                n=_T,
                w=sp.Lambda(x_, sample_mass(_m, x_)),
                g=sp.Lambda((x_, r_), step_error(learnt(_m, x_), r_)),
                mean=sp.Lambda(r_, expected_step_error(_m, r_)),
            ),
        ],
        name="linearity",
    ),
)

_dimensions = (_K - 1) * ((_K - 1) * (_T * _n + _T * (_T - 1) / 2) + _T)
_flag = large(learnt(_m, x_), _T, epsilon.symbol)
_eps = epsilon.symbol
_f = Parameter("f", "f", "a flag", reals(0, 1), (0, 1))
_k = Parameter("k", "k", "its scale", reals(0), (0, 1))
_a = Parameter("a", "a", "a number", reals(0), (0, 1))
_c = Parameter("c", "c", "a level", reals(0, 1), (0, 1))
markov_flag = Lemma(
    "autoregressive/markov_flag",
    "Markov's inequality for one outcome: c [a > c] <= a",
    (_f, _k, _a, _c),
    le(_c.symbol * _f.symbol, _a.symbol),
    hypotheses=(eq(_f.symbol, _k.symbol * sp.Max(0, _a.symbol - _c.symbol)),),
    backing=derive()
    .have("where exceeded", ge(_f.symbol * (_a.symbol - _c.symbol), 0), by=["hypothesis 1", quick])
    .have("outcome", le(_c.symbol * _f.symbol, _a.symbol), by=["where exceeded", quick]),
)
pac_to_ar_expected = Claim(
    id="autoregressive/pac_to_ar_expected",
    title="Expected error adds up",
    kind=Kind.UPPER,
    text=(
        "Learners of the steps with E eps_t <= r_t(m) give E err_AR <= sum_t r_t(m). The minimum-norm consistent "
        "linear decoder at every step, a polynomial-time learner, gives E err_AR <= (K-1) sum_t p_t/(m+1), for K = 2 "
        "T(2n+T+1)/(2(m+1)); so ceil((K-1) sum_t p_t/eps) - 1 chains suffice in expectation"
    ),
    parameters=(n, T, K, m, epsilon),
    assumptions=(REALIZABLE,),
    statements=(
        upper(expected_ar_error(_m, _T), _dimensions / (_m + 1), trivial=1, label="minimum norm"),
        upper(expected_ar_error(_m, _T), _sum, trivial=1, label="sum"),
        upper(failure(_m, _eps), _dimensions / ((_m + 1) * _eps), trivial=1, label="Markov"),
    ),
    source=Source("own", "leave-one-out after Vapnik; Helly"),
    status=Status.SHARPENED,
    sharpens=("autoregressive/pac_to_ar_as_stated",),
    derivation=derive(parameters=(last_sample,))
    .have("sum", le(expected_ar_error(_m, _T), _sum), by=errors_add.at())
    .have(
        "each step",
        Forall((r_,), le(expected_step_error(_m, r_), decoder_dimension(r_) / (_m + 1))),
        by=leave_one_out.at(t=r_, T=r_),
    )
    .have(
        "steps",
        le(_sum, sp.Sum(decoder_dimension(r_) / (_m + 1), (r_, 1, _T))),
        by=[Termwise(), fact("each step", r=r_)],
    )
    .have("dimensions", eq(sp.Sum(decoder_dimension(r_) / (_m + 1), (r_, 1, _T)), _dimensions / (_m + 1)), by=algebra)
    .have("two letters", eq(_dimensions.subs(_K, 2), _T * (2 * _n + _T + 1) / 2), by=algebra, note="K = 2")
    .have(
        "minimum norm", le(expected_ar_error(_m, _T), _dimensions / (_m + 1)), by=["sum", "steps", "dimensions", quick]
    )
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have("sign", Forall((x_,), ge(_flag, 0)), by=unfold(large))
    .have("unit", Forall((x_,), le(_flag, 1)), by=unfold(large))
    .have("scale", Forall((x_,), ge(large_scale(learnt(_m, x_), _T, _eps), 0)), by=unfold(large_scale))
    .have("error", Forall((x_,), ge(_error, 0)), by=ar_error_sign.at(h=learnt(_m, x_)))
    .have(
        "flag",
        Forall((x_,), eq(_flag, large_scale(learnt(_m, x_), _T, _eps) * sp.Max(0, _error - _eps))),
        by=unfold(large, h_=learnt(_m, x_), t_=_T, u_=_eps),
    )
    .have(
        "one sample",
        Forall((x_,), le(_eps * _flag, _error)),
        by=[
            *(fact(name, x=x_) for name in ("sign", "unit", "scale", "error", "flag")),
            markov_flag.at(f=_flag, k=large_scale(learnt(_m, x_), _T, _eps), a=_error, c=_eps),
        ],
    )
    .have(
        "each sample",
        Forall((x_,), le(sample_mass(_m, x_) * (_eps * _flag), sample_mass(_m, x_) * _error)),
        by=[
            fact("masses", x=x_),
            fact("one sample", x=x_),
            weighted.at(v=sample_mass(_m, x_), x=_eps * _flag, y=_error),
        ],
    )
    .have(
        "all samples",
        le(over_samples(sample_mass(_m, x_) * (_eps * _flag)), over_samples(sample_mass(_m, x_) * _error)),
        by=[Termwise(), fact("each sample", x=x_)],
    )
    .have(
        "level",
        eq(over_samples(sample_mass(_m, x_) * (_eps * _flag)), _eps * over_samples(sample_mass(_m, x_) * _flag)),
        by=algebra,
    )
    .have(
        "Markov's inequality",
        le(_eps * failure(_m, _eps), expected_ar_error(_m, _T)),
        by=[
            unfold(failure, m_=_m, u_=_eps),
            unfold(expected_ar_error, m_=_m, t_=_T),
            "all samples",
            "level",
            quick,
        ],
    )
    .have(
        "scaled",
        le(_eps * failure(_m, _eps), _dimensions / (_m + 1)),
        by=["Markov's inequality", "minimum norm", quick],
    )
    .have("Markov", le(failure(_m, _eps), _dimensions / ((_m + 1) * _eps)), by=["scaled", quick]),
)
