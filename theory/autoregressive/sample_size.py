"""How many chains suffice for finite classes (specification `autoregressive` 2B).

"With probability at least 1 - delta, err_AR <= u" is confident_error(m, delta) <= u (`theory.autoregressive.samples`);
the bounds are solved for u, so m chains suffice for eps as soon as the bound at m is at most eps. The sizes themselves
are `numerics.learning.sizes.m_union` and `m_joint`.

Main statements
    pac_to_ar_as_stated       T (max ln|H_t| + ln(T/delta))/m, each step learnt to eps/T with confidence 1 - delta/T
    pac_to_ar_joint_erm       (sum ln|H_t| + ln(1/delta))/m, one union bound over the tuples of the product
    ar_learner_approximates   the last token of what is learnt errs at most as often as the chain
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import REALIZABLE
from theory.autoregressive.error_ranges import ar_error_sign, fit_power
from theory.autoregressive.errors import error_sandwich
from theory.autoregressive.parameters import T, delta, epsilon, log_size, m, total_log_size
from theory.autoregressive.rollouts import ar_error, final_error
from theory.autoregressive.samples import (
    below_error,
    below_final_error,
    confident_error,
    confident_final_error,
    consistent,
    failure,
    final_failure,
    fits,
    large,
    large_final,
    large_final_scale,
    large_not,
    large_scale,
    last_predictor,
    last_sample,
    learnt,
    learnt_is_picked,
    over_class,
    over_samples,
    picked,
    sample_mass,
    x_,
    y_,
)
from theory.autoregressive.union_of_positions import position_failure, position_occam, union_of_positions
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.divergence import log_below
from theory.lemmas.occam import occam, occam_size
from theory.lemmas.unions import weighted
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_m, _T, _d, _L, _J, _S = m.symbol, T.symbol, delta.symbol, log_size.symbol, last_predictor.symbol, last_sample.symbol
_Ls, _eps = total_log_size.symbol, epsilon.symbol
r_ = sp.Symbol("r", integer=True, positive=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)

_needed = _T * (_L + sp.log(_T / _d))
_step_level = (_L + sp.log(_T / _d)) / _m
pac_to_ar_as_stated = Claim(
    id="autoregressive/pac_to_ar_as_stated",
    title="PAC steps give autoregressive learning",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "If each H_t is PAC-learnable with m(eps, delta) examples, the product is AR-learnable with m(eps/T, delta/T) "
        "chains; for finite classes, m >= (T/eps)(max_t ln|H_t| + ln(T/delta)) chains suffice. Here J + 1 is the "
        "largest class size and ln|H| its logarithm, or more"
    ),
    parameters=(m, T, log_size, delta, last_predictor),
    assumptions=(REALIZABLE,),
    hypotheses=(ge(_L, sp.log(_J + 1)), ge(_m, _needed)),
    statements=(upper(confident_error(_m, _d), _needed / _m, trivial=1, label="error"),),
    source=Source("malach2023", "Thm 3.3", "v3", recheck=True),
    status=Status.AS_STATED,
    confidence=delta,
    remarks=(
        "Vacuous in practice when m exceeds the number of distinct prompts: memorising them is cheaper.",
        "The hypothesis on m says that the bound is at most 1.",
    ),
    derivation=derive(confident_error(_m, _d), parameters=(last_sample,))
    .have("logarithm", ge(sp.log(_T / _d), 0), by=quick)
    .have("level sign", ge(_step_level, 0), by=["logarithm", quick])
    .have("level unit", le(_step_level, 1), by=["hypothesis 2", "logarithm", quick])
    .have("share", le(_d / _T, _d), by=quick)
    .have(
        "Occam at a step",
        Forall((r_,), le(position_failure(_m, r_, _step_level), (_J + 1) * (1 - _step_level) ** _m)),
        by=["level sign", "level unit", position_occam.at(t=r_, T=r_, e=_step_level)],
        note="((x, z_<t), z_t) is an independent realizable sample for H_t",
    )
    .have("exponent", eq(_step_level * _m, _L + sp.log(1 / (_d / _T))), by=algebra)
    .have("exponent suffices", ge(_step_level * _m, _L + sp.log(1 / (_d / _T))), by=["exponent", quick])
    .have(
        "size at a step",
        le((_J + 1) * (1 - _step_level) ** _m, _d / _T),
        by=[
            "hypothesis 1",
            "level sign",
            "level unit",
            "share",
            "exponent suffices",
            occam_size.at(last=_J, m=_m, e=_step_level, d=_d / _T, L=_L),
        ],
        note="accuracy eps/T, confidence delta/T",
    )
    .have(
        "each step",
        Forall((r_,), le(position_failure(_m, r_, _step_level), _d / _T)),
        by=[fact("Occam at a step", r=r_), "size at a step", quick],
    )
    .have(
        "chain",
        le(failure(_m, _T * _step_level), _d),
        by=["each step", "level sign", "level unit", union_of_positions.at(e=_step_level)],
        note="union bound over t, on confidence and on error",
    )
    .le(
        _T * _step_level,
        by=["chain", unfold(below_error, m_=_m, u_=_T * _step_level, d_=_d), quick],
        name="confident error",
    )
    .eq(_needed / _m, by=algebra, name="collect"),
)

_class_sizes = sp.Function("class_size", integer=True, positive=True)
class_size = Definition(
    "autoregressive/class_size",
    _class_sizes,
    "class_size(t) = |H_t|, number of tables for step t",
    (),
    bounds=(1, None),
)
_head = sp.Function("tuple_count", integer=True, positive=True)
_k = sp.Symbol("k_", integer=True, nonnegative=True)
tuple_count = Definition(
    "autoregressive/tuple_count",
    _head,
    "tuple_count(t) = |H_1 x ... x H_t|",
    (
        eq(_head(0), 1),
        Forall((_k,), eq(_head(_k + 1), _head(_k) * _class_sizes(_k + 1))),
    ),
)
_E = Parameter("e", "e", "allowed err_AR", reals(0, 1), (0.001, 0.5))
_e = _E.symbol
_chosen = over_class(large(y_, _T, _e) * picked(_m, x_, y_))
tuple_occam = Lemma(
    "autoregressive/tuple_occam",
    "A tuple picked to fit the sample has err_AR > e with probability at most |H_1 x ... x H_T| (1 - e)^m",
    (m, T, _E, last_predictor, last_sample),
    le(failure(_m, _e), (_J + 1) * (1 - _e) ** _m),
    backing=derive(failure(_m, _e))
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have(
        "fitted",
        Forall((x_, y_), ge(fits(_m, x_, y_) - picked(_m, x_, y_), 0)),
        by=[unfold(consistent, m_=_m, x=x_, y=y_), quick],
    )
    .have("flag sign", Forall((y_,), ge(large(y_, _T, _e), 0)), by=unfold(large))
    .have("flag unit", Forall((y_,), le(large(y_, _T, _e), 1)), by=unfold(large))
    .have("error sign", Forall((y_,), ge(ar_error(y_, _T), 0)), by=ar_error_sign.at(h=y_))
    .have("error unit", Forall((y_,), le(ar_error(y_, _T), 1)), by=error_sandwich.at("probability", h=y_, t=1))
    .have("scale", Forall((y_,), ge(large_scale(y_, _T, _e), 0)), by=unfold(large_scale))
    .have(
        "flag",
        Forall((y_,), ge(large(y_, _T, _e) * (ar_error(y_, _T) - _e), 0)),
        by=[unfold(large, h_=y_, t_=_T, u_=_e), fact("scale", y=y_), quick],
    )
    .have(
        "independent chains",
        Forall((y_,), eq(over_samples(sample_mass(_m, x_) * fits(_m, x_, y_)), (1 - ar_error(y_, _T)) ** _m)),
        by=fit_power.at(h=y_, t=1),
    )
    .have(
        "each sample",
        Forall((x_,), eq(sample_mass(_m, x_) * large(learnt(_m, x_), _T, _e), sample_mass(_m, x_) * _chosen)),
        by=[unfold(learnt_is_picked, m_=_m, x=x_, u_=_e), quick],
    )
    .eq(
        over_samples(sample_mass(_m, x_) * large(learnt(_m, x_), _T, _e)),
        by=unfold(failure, m_=_m, u_=_e),
        name="failures",
    )
    .eq(over_samples(sample_mass(_m, x_) * _chosen), by=[Termwise(), fact("each sample", x=x_)], name="tuples picked")
    .le(
        (_J + 1) * (1 - _e) ** _m,
        by=[
            "masses",
            "fitted",
            "flag sign",
            "flag unit",
            "error sign",
            "error unit",
            "flag",
            "independent chains",
            occam.at(
                top=_S,
                last=_J,
                m=_m,
                e=_e,
                chance=sp.Lambda(x_, sample_mass(_m, x_)),
                picked=sp.Lambda((x_, y_), picked(_m, x_, y_)),
                fits=sp.Lambda((x_, y_), fits(_m, x_, y_)),
                bad=sp.Lambda(y_, large(y_, _T, _e)),
                err=sp.Lambda(y_, ar_error(y_, _T)),
            ),
        ],
        name="Occam",
    ),
)
_log_classes = sp.Sum(sp.log(class_size(r_)), (r_, 1, _n))
_a = Parameter("a", "a", "a number of tuples", reals(0, sp.oo, open="lower"), (1, 9))
_b = Parameter("b", "b", "number of tables of one more step", reals(0, sp.oo, open="lower"), (1, 9))
_c = Parameter("c", "c", "their product", reals(0, sp.oo, open="lower"), (1, 9))
log_of_product = Lemma(
    "autoregressive/log_of_product",
    "The logarithm of a product",
    (_a, _b, _c),
    eq(sp.log(_c.symbol), sp.log(_a.symbol) + sp.log(_b.symbol)),
    hypotheses=(eq(_c.symbol, _a.symbol * _b.symbol),),
    statement="the logarithm lies below its tangent at 1, at c/(ab) = 1 and at (ab)/c = 1",
    backing=derive()
    .have("ratio", eq(_c.symbol / (_a.symbol * _b.symbol), 1), by=["hypothesis 1", quick])
    .have("inverse ratio", eq(_a.symbol * _b.symbol / _c.symbol, 1), by=["hypothesis 1", quick])
    .have(
        "at most",
        le(sp.log(_c.symbol / (_a.symbol * _b.symbol)), _c.symbol / (_a.symbol * _b.symbol) - 1),
        by=log_below.at(t=_c.symbol / (_a.symbol * _b.symbol)),
    )
    .have(
        "at least",
        le(sp.log(_a.symbol * _b.symbol / _c.symbol), _a.symbol * _b.symbol / _c.symbol - 1),
        by=log_below.at(t=_a.symbol * _b.symbol / _c.symbol),
    )
    .have(
        "expanded",
        eq(
            sp.log(_c.symbol / (_a.symbol * _b.symbol)),
            sp.log(_c.symbol) - sp.log(_a.symbol) - sp.log(_b.symbol),
        ),
        by=algebra,
    )
    .have(
        "expanded inverse",
        eq(
            sp.log(_a.symbol * _b.symbol / _c.symbol),
            sp.log(_a.symbol) + sp.log(_b.symbol) - sp.log(_c.symbol),
        ),
        by=algebra,
    )
    .have(
        "product",
        eq(sp.log(_c.symbol), sp.log(_a.symbol) + sp.log(_b.symbol)),
        by=["ratio", "inverse ratio", "at most", "at least", "expanded", "expanded inverse", quick],
    ),
)
eta = Parameter(
    "eta", r"\eta", "probability of failure for which two sizes are compared", reals(0, 1, open="both"), (0.001, 0.5)
)
_h = eta.symbol
_joint, _union = (_Ls + sp.log(1 / _h)) / _eps, _T * (_L + sp.log(_T / _h)) / _eps
_level = (_Ls + sp.log(1 / _d)) / _m
pac_to_ar_joint_erm = Claim(
    id="autoregressive/pac_to_ar_joint_erm",
    title="Joint empirical risk minimisation over finite classes",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "Consistency with every step at once needs only m >= (sum_t ln|H_t| + ln(1/delta))/eps chains; that is never "
        "more than the size with eps/T and delta/T, and it needs no extra computation, because a tuple fits the chains "
        "iff each of its tables does"
    ),
    parameters=(m, T, total_log_size, delta, log_size, epsilon, eta, last_predictor),
    assumptions=(REALIZABLE,),
    hypotheses=(
        eq(_J + 1, tuple_count(_T)),
        eq(_Ls, sp.Sum(sp.log(class_size(r_)), (r_, 1, _T))),
        ge(_m, _Ls + sp.log(1 / _d)),
        le(_Ls, _T * _L),
    ),
    statements=(
        upper(confident_error(_m, _d), _level, trivial=1, label="error"),
        upper(_joint, _union, label="never more"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/pac_to_ar_as_stated",),
    confidence=delta,
    derivation=derive(confident_error(_m, _d), parameters=(last_sample,))
    .have(
        "one class more",
        Forall((_n,), eq(tuple_count(_n + 1), tuple_count(_n) * class_size(_n + 1))),
        by=unfold(tuple_count, k_=_n),
    )
    .have(
        "one logarithm more",
        Forall((_n,), eq(sp.log(tuple_count(_n + 1)), sp.log(tuple_count(_n)) + sp.log(class_size(_n + 1)))),
        by=[
            fact("one class more", n_=_n),
            log_of_product.at(a=tuple_count(_n), b=class_size(_n + 1), c=tuple_count(_n + 1)),
        ],
    )
    .have("no class", eq(sp.log(tuple_count(0)), 0), by=[unfold(tuple_count), quick])
    .have(
        "logarithms",
        Forall((_n,), eq(sp.log(tuple_count(_n)), _log_classes)),
        by=[Induction(_n), "no class", fact("one logarithm more", n_=_n), quick],
        note="the number of tuples is the product of the class sizes",
    )
    .have(
        "log-cardinality",
        ge(_Ls, sp.log(_J + 1)),
        by=["hypothesis 1", "hypothesis 2", fact("logarithms", n_=_T), quick],
    )
    .have("logarithm", ge(sp.log(1 / _d), 0), by=quick)
    .have("level sign", ge(_level, 0), by=["logarithm", quick])
    .have("level unit", le(_level, 1), by=["hypothesis 3", quick])
    .have(
        "Occam",
        le(failure(_m, _level), (_J + 1) * (1 - _level) ** _m),
        by=["level sign", "level unit", tuple_occam.at(e=_level)],
    )
    .have("exponent", eq(_level * _m, _Ls + sp.log(1 / _d)), by=algebra)
    .have("exponent suffices", ge(_level * _m, _Ls + sp.log(1 / _d)), by=["exponent", quick])
    .have(
        "size",
        le((_J + 1) * (1 - _level) ** _m, _d),
        by=[
            "log-cardinality",
            "level sign",
            "level unit",
            "exponent suffices",
            occam_size.at(last=_J, m=_m, e=_level, d=_d, L=_Ls),
        ],
    )
    .have("failure", le(failure(_m, _level), _d), by=["Occam", "size", quick])
    .le(_level, by=["failure", unfold(below_error, m_=_m, u_=_level, d_=_d), quick], name="error")
    .have("more steps", ge(sp.log(_T / _h), sp.log(1 / _h)), by=quick)
    .have("positive", ge(sp.log(1 / _h), 0), by=quick)
    .have("all steps", ge(_T * sp.log(_T / _h), sp.log(1 / _h)), by=["more steps", "positive", quick])
    .have("never more", le(_joint, _union), by=["all steps", "hypothesis 4", quick]),
)

_excess, _final_excess = (
    sp.Max(0, ar_error(learnt(_m, x_), _T) - _eps),
    sp.Max(0, final_error(learnt(_m, x_), _T) - _eps),
)
_flag, _final_flag = large(learnt(_m, x_), _T, _eps), large_final(learnt(_m, x_), _T, _eps)
_one = Parameter("f", "f", "a flag", reals(0, 1), (0, 1))
_other = Parameter("g", "g", "another flag", reals(0, 1), (0, 1))
_scale = Parameter("k", "k", "a scale", reals(0), (0, 1))
_less = Parameter("less", r"\epsilon'", "an excess", reals(), (-1, 1))
_more = Parameter("more", r"\epsilon''", "an excess that is not smaller", reals(), (-1, 1))
flag_below = Lemma(
    "autoregressive/flag_below",
    "A smaller error exceeds a level only where the larger does",
    (_one, _other, _scale, _less, _more),
    le(_one.symbol, _other.symbol),
    hypotheses=(
        le(_less.symbol, _more.symbol),
        eq(_one.symbol, _scale.symbol * sp.Max(0, _less.symbol)),
        eq((1 - _other.symbol) * sp.Max(0, _more.symbol), 0),
    ),
    backing=derive()
    .have(
        "no excess",
        eq((1 - _other.symbol) * sp.Max(0, _less.symbol), 0),
        by=["hypothesis 1", "hypothesis 3", quick],
    )
    .have("no flag", eq((1 - _other.symbol) * _one.symbol, 0), by=["no excess", "hypothesis 2", quick])
    .have("flags", le(_one.symbol, _other.symbol), by=["no flag", quick]),
)
ar_learner_approximates = Claim(
    id="autoregressive/ar_learner_approximates",
    title="Autoregressive learning approximates the function",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "If h computes f and the learner sees m(eps, delta) chains (x, h(x)), then with probability at least 1 - delta "
        "the last token of the rollout of what is learnt differs from f(x) with probability at most eps: the same m, "
        "no extra factor"
    ),
    parameters=(m, T, epsilon, delta),
    assumptions=(REALIZABLE,),
    hypotheses=(le(failure(_m, _eps), _d),),
    statements=(upper(confident_final_error(_m, _d), _eps, trivial=1, label="error"),),
    source=Source("malach2023", "Thm 3.6", "v3", recheck=True),
    status=Status.AS_STATED,
    confidence=delta,
    derivation=derive(confident_final_error(_m, _d), parameters=(last_sample,))
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have(
        "last token",
        Forall((x_,), le(final_error(learnt(_m, x_), _T) - _eps, ar_error(learnt(_m, x_), _T) - _eps)),
        by=[error_sandwich.at("last token", h=learnt(_m, x_), t=1), quick],
    )
    .have(
        "final flag",
        Forall((x_,), eq(_final_flag, large_final_scale(learnt(_m, x_), _T, _eps) * _final_excess)),
        by=unfold(large_final, h_=learnt(_m, x_), t_=_T, u_=_eps),
    )
    .have("final sign", Forall((x_,), ge(_final_flag, 0)), by=unfold(large_final))
    .have("final unit", Forall((x_,), le(_final_flag, 1)), by=unfold(large_final))
    .have("sign", Forall((x_,), ge(_flag, 0)), by=unfold(large))
    .have("unit", Forall((x_,), le(_flag, 1)), by=unfold(large))
    .have("scale", Forall((x_,), ge(large_final_scale(learnt(_m, x_), _T, _eps), 0)), by=unfold(large_final_scale))
    .have(
        "unflagged",
        Forall((x_,), eq((1 - _flag) * _excess, 0)),
        by=[
            unfold(large_not, h_=learnt(_m, x_), t_=_T, u_=_eps),
            unfold(large, h_=learnt(_m, x_), t_=_T, u_=_eps),
            quick,
        ],
    )
    .have(
        "flags",
        Forall((x_,), le(_final_flag, _flag)),
        by=[
            *(
                fact(name, x=x_)
                for name in (
                    "last token",
                    "final flag",
                    "final sign",
                    "final unit",
                    "sign",
                    "unit",
                    "scale",
                    "unflagged",
                )
            ),
            flag_below.at(
                f=_final_flag,
                g=_flag,
                k=large_final_scale(learnt(_m, x_), _T, _eps),
                less=final_error(learnt(_m, x_), _T) - _eps,
                more=ar_error(learnt(_m, x_), _T) - _eps,
            ),
        ],
    )
    .have(
        "each sample",
        Forall((x_,), le(sample_mass(_m, x_) * _final_flag, sample_mass(_m, x_) * _flag)),
        by=[fact("masses", x=x_), fact("flags", x=x_), weighted.at(v=sample_mass(_m, x_), x=_final_flag, y=_flag)],
    )
    .have(
        "all samples",
        le(over_samples(sample_mass(_m, x_) * _final_flag), over_samples(sample_mass(_m, x_) * _flag)),
        by=[Termwise(), fact("each sample", x=x_)],
    )
    .have(
        "failures",
        le(final_failure(_m, _eps), _d),
        by=[
            unfold(final_failure, m_=_m, u_=_eps),
            unfold(failure, m_=_m, u_=_eps),
            "all samples",
            "hypothesis 1",
            quick,
        ],
    )
    .le(_eps, by=["failures", unfold(below_final_error, m_=_m, u_=_eps, d_=_d), quick], name="error"),
)
