"""Divergences between two laws whose likelihood ratio is bounded.

p and q are positive laws on 0..top: p(k), q(k) > 0, sum p = sum q = 1.

Main statements
    ratio_from_log     log(p/q) <= B gives p <= e^B q, and -B <= log(p/q) gives p >= e^-B q
    tv_likelihood_ratio   low q <= p <= high q gives d_TV <= (high - 1)(1 - low)/(high - low), attained on two points
    xlogx_chord        r log r lies below its chord on [e^-B, e^B]
    kl_log_ratio_sum   |log(p/q)| <= B gives d_KL(p||q) <= B tanh(B/2), attained on two points
    kl_largest         d_KL(p||q) <= log(1/min q)
    pinsker            2 d_TV^2 <= d_KL

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
    statement="d_TV = E_q (p/q - 1)_+, and (r - 1)_+ lies below its chord on [low, high]; attained by ratios in {low, high}",
    backing=derive()
    .have(
        "chord",
        Forall(
            (_l,),
            le((sp.Abs(p(_l) - q(_l)) + p(_l) - q(_l)) / 2, (p(_l) - _low * q(_l)) * (_high - 1) / (_high - _low)),
            within(_l),
        ),
        by=["hypothesis 5", *(fact(f"hypothesis {h}", k=_l) for h in (1, 2, 6, 7)), decide],
    )
    .have(
        "positive part",
        eq(total_variation(), total((sp.Abs(p(_k) - q(_k)) + p(_k) - q(_k)) / 2)),
        by=["hypothesis 3", "hypothesis 4", algebra],
        note="sum p = sum q",
    )
    .have(
        "average of the chord",
        le(total((sp.Abs(p(_k) - q(_k)) + p(_k) - q(_k)) / 2), total(_chord)),
        by=[Termwise(), "chord"],
    )
    .have(
        "value",
        eq(total(_chord), (_high - 1) * (1 - _low) / (_high - _low)),
        by=["hypothesis 3", "hypothesis 4", "hypothesis 5", decide],
    )
    .have(
        "bound",
        le(total_variation(), (_high - 1) * (1 - _low) / (_high - _low)),
        by=["positive part", "average of the chord", "value"],
    ),
)
