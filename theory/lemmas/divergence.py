"""Divergences between two laws whose likelihood ratio is bounded.

p and q are positive laws on 0..top: p(k), q(k) > 0, sum p = sum q = 1.

Main statements
    ratio_at_most, ratio_at_least   log(p/q) <= B gives p <= e^B q, and -B <= log(p/q) gives p >= e^-B q
    tv_likelihood_ratio   low q <= p <= high q gives d_TV <= (high - 1)(1 - low)/(high - low), attained on two points
    xlogx_chord        r log r lies below its chord on [e^-B, e^B]
    kl_log_ratio_sum   |log(p/q)| <= B gives d_KL(p||q) <= B tanh(B/2), attained on two points
    kl_largest         d_KL(p||q) <= log(1/min q)

Pinsker's inequality stands in `theory.lemmas.pinsker`.

References: Cover and Thomas (2006), ch. 2; Tsybakov (2008), section 2.4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le

top = Parameter("top", r"\hat k", "last token", integers(0), (1, 100_000))
low = Parameter("low", r"\check r", "smallest likelihood ratio p/q", reals(0, 1), (0, 1))
high = Parameter("high", r"\hat r", "largest likelihood ratio p/q", reals(1), (1, 10))
B = Parameter("B", "B", "largest |log(p/q)|", reals(0, sp.oo, open="lower"), (0.01, 10), "nats")

p, q = (sp.Function(name, real=True) for name in "pq")
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_top, _low, _high, _B = top.symbol, low.symbol, high.symbol, B.symbol


def total(term: Any, last: Any = _top) -> sp.Sum:
    """The sum of `term` over k = 0..last."""
    return sp.Sum(term, (_k, 0, last))


def total_variation(last: Any = _top) -> sp.Expr:
    """Half the l1 distance of p and q."""
    return total(sp.Abs(p(_k) - q(_k)), last) / 2


def kullback_leibler(last: Any = _top) -> sp.Sum:
    """d_KL(p||q)."""
    return total(p(_k) * sp.log(p(_k) / q(_k)), last)


def within(index: sp.Symbol, last: Any = _top) -> tuple[Any, ...]:
    """index <= last, the condition on a bound token."""
    return (le(index, last),)


def laws(last: Any = _top) -> tuple[Any, ...]:
    """What makes p and q positive laws on 0..last (four hypotheses)."""
    return (
        Forall((_k,), gt(p(_k), 0), within(_k, last)),
        Forall((_k,), gt(q(_k), 0), within(_k, last)),
        eq(total(p(_k), last), 1),
        eq(total(q(_k), last), 1),
    )


_x = Parameter("x", "x", "a probability", reals(0, sp.oo, open="lower"), (0.1, 1))
_y = Parameter("y", "y", "another probability", reals(0, sp.oo, open="lower"), (0.1, 1))
_bound = Parameter("bound", r"\beta", "bound of a log-ratio", reals(), (-1, 1))
ratio_at_most = Lemma(
    "divergence/ratio_at_most",
    "From a log-ratio to a ratio",
    (_x, _y, _bound),
    le(_x.symbol, sp.exp(_bound.symbol) * _y.symbol),
    hypotheses=(le(sp.log(_x.symbol / _y.symbol), _bound.symbol),),
    backing=derive().have(
        "exponentiate", le(_x.symbol, sp.exp(_bound.symbol) * _y.symbol), by=["hypothesis 1", decide]
    ),
)
ratio_at_least = Lemma(
    "divergence/ratio_at_least",
    "From a log-ratio to a ratio, below",
    (_x, _y, _bound),
    ge(_x.symbol, sp.exp(_bound.symbol) * _y.symbol),
    hypotheses=(ge(sp.log(_x.symbol / _y.symbol), _bound.symbol),),
    backing=derive().have(
        "exponentiate", ge(_x.symbol, sp.exp(_bound.symbol) * _y.symbol), by=["hypothesis 1", decide]
    ),
)
_chord = (p(_k) - _low * q(_k)) * (_high - 1) / (_high - _low)
tv_likelihood_ratio = Lemma(
    "divergence/tv_likelihood_ratio",
    "Total variation of laws with bounded likelihood ratio",
    (top, low, high),
    le(total_variation(), (_high - 1) * (1 - _low) / (_high - _low)),
    hypotheses=(
        *laws(),
        gt(_high, _low),
        Forall((_k,), ge(p(_k), _low * q(_k)), within(_k)),
        Forall((_k,), le(p(_k), _high * q(_k)), within(_k)),
    ),
    functions=(p, q),
    statement="(r - 1)_+ lies below its chord on [low, high], and d_TV = E_q (p/q - 1)_+; attained by two ratios",
    backing=derive(total_variation())
    .have(
        "chord",
        Forall(
            (_l,),
            le((sp.Abs(p(_l) - q(_l)) + p(_l) - q(_l)) / 2, (p(_l) - _low * q(_l)) * (_high - 1) / (_high - _low)),
            within(_l),
        ),
        by=["hypothesis 5", *(fact(f"hypothesis {h}", k=_l) for h in (1, 2, 6, 7)), decide],
    )
    .eq(
        total((sp.Abs(p(_k) - q(_k)) + p(_k) - q(_k)) / 2),
        by=["hypothesis 3", "hypothesis 4", algebra],
        name="positive part",
        note="sum p = sum q",
    )
    .le(total(_chord), by=[Termwise(), "chord"], name="average of the chord")
    .eq((total(p(_k)) - _low * total(q(_k))) * (_high - 1) / (_high - _low), by=algebra, name="linear")
    .eq((1 - _low) * (_high - 1) / (_high - _low), by=["hypothesis 3", "hypothesis 4", algebra], name="laws")
    .eq((_high - 1) * (1 - _low) / (_high - _low), by=algebra, name="value"),
)

r = Parameter("r", "r", "a likelihood ratio", reals(0, sp.oo, open="lower"), (0.1, 10))
_coth = (sp.exp(_B) + sp.exp(-_B)) / (sp.exp(_B) - sp.exp(-_B))


def _xlogx_chord(first: Any, second: Any) -> sp.Expr:
    """q times the chord of r log r over [e^-B, e^B] at r = p/q, for p = first, q = second."""
    return -_B * sp.exp(-_B) * second + (first - sp.exp(-_B) * second) * _B * _coth


_t = Parameter("t", "t", "a positive number", reals(0, sp.oo, open="lower"), (0.1, 10))
log_below = Lemma(
    "divergence/log_below",
    "The logarithm lies below its tangent at 1",
    (_t,),
    le(sp.log(_t.symbol), _t.symbol - 1),
    backing=derive().have("tangent", le(sp.log(_t.symbol), _t.symbol - 1), by=decide),
)
_from_low = r.symbol - sp.exp(-_B)
_to_high = sp.exp(_B) - r.symbol
_xlogx_numerator = -_B * sp.exp(-_B) * (sp.exp(_B) - sp.exp(-_B)) + _from_low * _B * (sp.exp(_B) + sp.exp(-_B))
xlogx_chord = Lemma(
    "divergence/xlogx_chord",
    "r log r lies below its chord",
    (r, B),
    le(r.symbol * sp.log(r.symbol), _xlogx_chord(r.symbol, 1)),
    hypotheses=(ge(r.symbol, sp.exp(-_B)), le(r.symbol, sp.exp(_B))),
    backing=derive()
    .have("above", le(sp.log(r.symbol) - _B, r.symbol * sp.exp(-_B) - 1), by=log_below.at(t=r.symbol * sp.exp(-_B)))
    .have("below", le(sp.log(r.symbol) + _B, r.symbol * sp.exp(_B) - 1), by=log_below.at(t=r.symbol * sp.exp(_B)))
    .have(
        "upper end",
        ge(_from_low * sp.exp(_B) * (_B - sp.log(r.symbol)), _from_low * _to_high),
        by=["hypothesis 1", "above", decide],
        note="log t <= t - 1 at t = r e^-B",
    )
    .have(
        "lower end",
        ge(_to_high * sp.exp(-_B) * (-_B - sp.log(r.symbol)), -_to_high * _from_low),
        by=["hypothesis 2", "below", decide],
        note="log t <= t - 1 at t = r e^B",
    )
    .have(
        "convexity",
        le(r.symbol * sp.log(r.symbol) * (sp.exp(_B) - sp.exp(-_B)), _xlogx_numerator),
        by=["upper end", "lower end", decide],
    )
    .have("ends apart", gt(sp.exp(_B) - sp.exp(-_B), 0), by=decide)
    .have(
        "chord",
        le(r.symbol * sp.log(r.symbol), _xlogx_chord(r.symbol, 1)),
        by=["convexity", "ends apart", decide],
    ),
)
_term = _x.symbol * sp.log(_x.symbol / _y.symbol)
term_chord = Lemma(
    "divergence/term_chord",
    "A term p log(p/q) lies below q times the chord of r log r at p/q",
    (_x, _y, B),
    le(_term, _xlogx_chord(_x.symbol, _y.symbol)),
    hypotheses=(ge(_x.symbol, sp.exp(-_B) * _y.symbol), le(_x.symbol, sp.exp(_B) * _y.symbol)),
    backing=derive()
    .have("at least", ge(_x.symbol / _y.symbol, sp.exp(-_B)), by=["hypothesis 1", decide])
    .have("at most", le(_x.symbol / _y.symbol, sp.exp(_B)), by=["hypothesis 2", decide])
    .have(
        "at the ratio",
        le(_term / _y.symbol, _xlogx_chord(_x.symbol / _y.symbol, 1)),
        by=["at least", "at most", xlogx_chord.at(r=_x.symbol / _y.symbol), decide],
    )
    .have("times q", le(_term, _y.symbol * _xlogx_chord(_x.symbol / _y.symbol, 1)), by=["at the ratio", decide])
    .have(
        "homogeneous",
        eq(_y.symbol * _xlogx_chord(_x.symbol / _y.symbol, 1), _xlogx_chord(_x.symbol, _y.symbol)),
        by=algebra,
    )
    .have("chord", le(_term, _xlogx_chord(_x.symbol, _y.symbol)), by=["times q", "homogeneous"]),
)
kl_log_ratio_sum = Lemma(
    "divergence/kl_log_ratio_sum",
    "Kullback-Leibler divergence of laws with bounded log-ratio",
    (top, B),
    le(kullback_leibler(), _B * sp.tanh(_B / 2)),
    hypotheses=(
        *laws(),
        Forall((_k,), ge(p(_k), sp.exp(-_B) * q(_k)), within(_k)),
        Forall((_k,), le(p(_k), sp.exp(_B) * q(_k)), within(_k)),
    ),
    functions=(p, q),
    statement="d_KL = E_q phi(p/q) with phi(r) = r log r below its chord on [e^-B, e^B]; attained by ratios e^-B, e^B",
    backing=derive(kullback_leibler())
    .have(
        "chord",
        Forall((_l,), le(p(_l) * sp.log(p(_l) / q(_l)), _xlogx_chord(p(_l), q(_l))), within(_l)),
        by=[*(fact(f"hypothesis {h}", k=_l) for h in (1, 2, 5, 6)), term_chord.at(x=p(_l), y=q(_l))],
    )
    .le(total(_xlogx_chord(p(_k), q(_k))), by=[Termwise(), "chord"], name="average of the chord")
    .eq(_xlogx_chord(total(p(_k)), total(q(_k))), by=algebra, name="linear")
    .eq(_xlogx_chord(1, 1), by=["hypothesis 3", "hypothesis 4", algebra], name="laws")
    .eq(_B * sp.tanh(_B / 2), by=algebra, name="value"),
)

least = Parameter("q_min", r"\check q", "smallest probability under q", reals(0, 1, open="lower"), (0.001, 0.5))
term_from_floor = Lemma(
    "divergence/term_from_floor",
    "A term p log(p/q) of a probability p <= 1, with q at least its floor",
    (_x, _y, least),
    le(_term, _x.symbol * sp.log(1 / least.symbol)),
    hypotheses=(le(_x.symbol, 1), ge(_y.symbol, least.symbol)),
    backing=derive()
    .have("ratio", le(_x.symbol / _y.symbol, 1 / least.symbol), by=["hypothesis 1", "hypothesis 2", decide])
    .have("logarithm", le(sp.log(_x.symbol / _y.symbol), sp.log(1 / least.symbol)), by=["ratio", decide])
    .have("term", le(_term, _x.symbol * sp.log(1 / least.symbol)), by=["logarithm", decide]),
)
kl_largest = Lemma(
    "divergence/kl_largest",
    "Kullback-Leibler divergence from a law with a floor",
    (top, least),
    le(kullback_leibler(), sp.log(1 / least.symbol)),
    hypotheses=(*laws(), Forall((_k,), ge(q(_k), least.symbol), within(_k))),
    functions=(p, q),
    backing=derive(kullback_leibler())
    .have(
        "other probabilities", Forall((_l,), ge(total(p(_k)), p(_l)), within(_l)), by=[SingleTerm(_l), "hypothesis 1"]
    )
    .have(
        "at most one",
        Forall((_l,), le(p(_l), 1), within(_l)),
        by=[fact("other probabilities", l=_l), "hypothesis 3", decide],
    )
    .have(
        "term",
        Forall((_l,), le(p(_l) * sp.log(p(_l) / q(_l)), p(_l) * sp.log(1 / least.symbol)), within(_l)),
        by=[
            fact("at most one", l=_l),
            *(fact(f"hypothesis {h}", k=_l) for h in (1, 2, 5)),
            term_from_floor.at(x=p(_l), y=q(_l)),
        ],
    )
    .le(total(p(_k) * sp.log(1 / least.symbol)), by=[Termwise(), "term"], name="termwise")
    .eq(sp.log(1 / least.symbol) * total(p(_k)), by=algebra, name="linear")
    .eq(sp.log(1 / least.symbol), by=["hypothesis 3", algebra], name="law"),
)

B1 = Parameter("B_1", "B_1", "largest -log(p/q)", reals(0, sp.oo, open="lower"), (0.01, 10), "nats")
B2 = Parameter("B_2", "B_2", "largest log(p/q)", reals(0, sp.oo, open="lower"), (0.01, 10), "nats")
_up, _down = sp.exp(B2.symbol), sp.exp(-B1.symbol)


def log_ratio_within(below: Any, above: Any, last: Any = _top) -> tuple[Any, ...]:
    """-below <= log(p/q) <= above on 0..last (two hypotheses)."""
    return (
        Forall((_k,), ge(sp.log(p(_k) / q(_k)), -below), within(_k, last)),
        Forall((_k,), le(sp.log(p(_k) / q(_k)), above), within(_k, last)),
    )


def _ratios(below: Any, above: Any) -> Any:
    """Facts 'at least' and 'at most' on p(l) and q(l), from hypotheses 1, 2 (positivity) and 5, 6 (log-ratios)."""
    positive = (fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l))
    return (
        derive()
        .have(
            "at least",
            Forall((_l,), ge(p(_l), sp.exp(-below) * q(_l)), within(_l)),
            by=[*positive, fact("hypothesis 5", k=_l), ratio_at_least.at(x=p(_l), y=q(_l), bound=-below)],
        )
        .have(
            "at most",
            Forall((_l,), le(p(_l), sp.exp(above) * q(_l)), within(_l)),
            by=[*positive, fact("hypothesis 6", k=_l), ratio_at_most.at(x=p(_l), y=q(_l), bound=above)],
        )
    )


two_sided_bound = (_up - 1) * (1 - _down) / (_up - _down)
tv_two_sided = Lemma(
    "divergence/tv_two_sided",
    "Total variation of laws with log-ratio in [-B_1, B_2]",
    (top, B1, B2),
    le(total_variation(), two_sided_bound),
    hypotheses=(*laws(), *log_ratio_within(B1.symbol, B2.symbol)),
    functions=(p, q),
    backing=_ratios(B1.symbol, B2.symbol)
    .have("ends apart", gt(_up, _down), by=decide)
    .have(
        "bound",
        le(total_variation(), two_sided_bound),
        by=["ends apart", "at least", "at most", tv_likelihood_ratio.at(low=_down, high=_up)],
    ),
)
tv_symmetric = Lemma(
    "divergence/tv_symmetric",
    "Total variation of laws with |log(p/q)| <= B",
    (top, B),
    le(total_variation(), sp.tanh(_B / 2)),
    hypotheses=(*laws(), *log_ratio_within(_B, _B)),
    functions=(p, q),
    backing=derive(total_variation())
    .le(two_sided_bound.subs({B1.symbol: _B, B2.symbol: _B}), by=tv_two_sided.at(B_1=_B, B_2=_B), name="two-sided")
    .eq(sp.tanh(_B / 2), by=algebra, name="equal ends"),
)
kl_symmetric = Lemma(
    "divergence/kl_symmetric",
    "Kullback-Leibler divergence of laws with |log(p/q)| <= B",
    (top, B),
    le(kullback_leibler(), _B * sp.tanh(_B / 2)),
    hypotheses=(*laws(), *log_ratio_within(_B, _B)),
    functions=(p, q),
    backing=_ratios(_B, _B).have(
        "bound", le(kullback_leibler(), _B * sp.tanh(_B / 2)), by=["at least", "at most", kl_log_ratio_sum.at()]
    ),
)
