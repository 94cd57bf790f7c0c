"""Quadratic upper bounds of the log-loss and their minima (specification `categorical` 2.7).

Main statements
    spectral_surrogate   A(h) <= A(h_0) + <g_0, h - h_0> + |h - h_0|_Q^2/2, hence a bound of L_CE

x is a context of mass mu(x), k a token 0..V-1, p(x, k) the row of the data, a(k) = b(k) + <g(k), h_0> the logits of the
reference state h_0, move(x, k) = <g(k), h_x - h_0>.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.state_laws import contexts, k, mean, mu, over_tokens, p, u, weights, x
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import Derivation, derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.bohning import centre, tilted_half
from theory.lemmas.bounded_range import R, bregman, in_range, low, tilted_variance
from theory.lemmas.calculus import below_tangent, s
from theory.lemmas.softmax import m
from theory.lemmas.softmax import over_tokens as over_letters
from theory.lemmas.tilting import a, curvature, partition, positive, slope, variance, y
from theory.lemmas.tilting import mean as tilted_mean
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source

weight = Parameter("q", r"\|h-h_0\|_Q^2", "the quadratic form of the step h - h_0", reals(0), (0, 10))
_q, _V = weight.symbol, V.symbol
_F = bregman(s) - _q * s**2 / 2
_f = tilted_mean(s) - tilted_mean(0) - _q * s
_g = variance(s) - _q
_below_tangent = below_tangent.at(x=1, F=sp.Lambda((s,), _F), f=sp.Lambda((s,), _f), g=sp.Lambda((s,), _g))
quadratic_bound = Lemma(
    "categorical/quadratic_bound",
    "The log-partition function lies below its second-order bound",
    (m, weight),
    le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + _q / 2),
    hypotheses=(Forall((s,), le(variance(s), _q)),),
    functions=(a, y),
    statement="A(h) <= A(h_0) + <g_0, h - h_0> + q/2 where the Hessian along the segment is at most q",
    backing=derive()
    .have("partition", Forall((s,), gt(partition(s), 0)), by=positive(s))
    .have("slope", slope.conclusion, by=slope.at())
    .have("curvature", curvature.conclusion, by=curvature.at())
    .have("first derivative", Forall((s,), eq(sp.Derivative(_F, s), _f)), by=[fact("partition", s=s), algebra])
    .have("second derivative", Forall((s,), eq(sp.Derivative(_f, s), _g)), by=[fact("partition", s=s), algebra])
    .have("sign", Forall((s,), le(_g, 0)), by=[fact("hypothesis 1", s=s), quick])
    .have(
        "bound",
        le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + _q / 2),
        by=["first derivative", "second derivative", "sign", _below_tangent, quick],
    ),
)

_stated = le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + R.symbol**2 / 8)
surrogate_of_range = Lemma(
    "categorical/surrogate_of_range",
    "The second-order bound with a quarter of the squared range of the logits' change",
    (m, low, R),
    _stated,
    hypotheses=in_range(),
    functions=(a, y),
    statement="Q = diam^2/4 1 and Q = B^2 1: the range of <g, h - h_0> is at most diam |h - h_0| <= 2 B |h - h_0|",
    backing=derive()
    .have("Hessian", tilted_variance.conclusion, by=["hypothesis 1", "hypothesis 2", tilted_variance.at()])
    .have(
        "bound",
        le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + R.symbol**2 / 4 / 2),
        by=["Hessian", quadratic_bound.at(q=R.symbol**2 / 4)],
    )
    .have("eighth", _stated, by=["bound", quick]),
)
_gram_of_line = over_letters((y(k) - centre.symbol) ** 2) / 2
surrogate_of_gram = Lemma(
    "categorical/surrogate_of_gram",
    "The second-order bound with half the sum of squares of the logits' change",
    (m, centre),
    le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + _gram_of_line / 2),
    functions=(a, y),
    statement="Q = W_c^T W_c/2",
    backing=derive()
    .have("Hessian", tilted_half.conclusion, by=tilted_half.at())
    .have("squares", ge(over_letters((y(k) - centre.symbol) ** 2), 0), by=SingleTerm(0))
    .have("not negative", ge(_gram_of_line, 0), by=["squares", quick])
    .have(
        "bound",
        le(sp.log(partition(1)), sp.log(partition(0)) + tilted_mean(0) + _gram_of_line / 2),
        by=["Hessian", "not negative", quadratic_bound.at(q=_gram_of_line)],
    ),
)

move, least, span, middle = (sp.Function(name, real=True) for name in ("move", "least", "span", "middle"))


def _logits(context: Any, time: Any = 1) -> sp.Expr:
    return sp.exp(a(k) + time * move(context, k))


def normaliser(context: Any, time: Any = 1) -> sp.Sum:
    """Z at h_0 + time (h_x - h_0)."""
    return over_tokens(_logits(context, time))


_start = over_tokens(sp.exp(a(k)))


def row_loss(context: Any) -> sp.Expr:
    """-sum_w p log q of one context: A(h_x) - <gbar_x, h_x> - E b."""
    return sp.log(normaliser(context)) - over_tokens(p(context, k) * (a(k) + move(context, k)))


def row_bound(context: Any, quadratic: Any) -> sp.Expr:
    """A(h_0) + <g_0, h_x - h_0> - <gbar_x, h_x> - E b + quadratic/2."""
    start = over_tokens(sp.exp(a(k)) / _start * move(context, k))
    return sp.log(_start) + start - over_tokens(p(context, k) * (a(k) + move(context, k))) + quadratic / 2


def _gram(context: Any) -> sp.Expr:
    """|h_x - h_0|_Q^2 for Q = W_c^T W_c / 2."""
    return over_tokens((move(context, k) - middle(context)) ** 2) / 2


def _quarter(context: Any) -> sp.Expr:
    """|h_x - h_0|_Q^2 for a Q of the range."""
    return span(context) ** 2 / 4


def _bounds() -> Derivation:
    found = derive()
    line = sp.Lambda((k,), move(u, k))
    sources: dict[str, Any] = {
        "range": [
            fact("hypothesis 5", x=u),
            "hypothesis 3",
            "hypothesis 4",
            surrogate_of_range.at(m=_V, y=line, low=least(u), R=span(u)),
        ],
        "centred gram": surrogate_of_gram.at(m=_V, y=line, c=middle(u)),
    }
    for name, quadratic in (("range", _quarter), ("centred gram", _gram)):
        step = sp.log(_start) + over_tokens(sp.exp(a(k)) / _start * move(u, k)) + quadratic(u) / 2
        found = (
            found.have(f"{name}: context", Forall((u,), le(sp.log(normaliser(u)), step)), by=sources[name])
            .have(
                f"{name}: row",
                Forall((u,), le(row_loss(u), row_bound(u, quadratic(u)))),
                by=[fact(f"{name}: context", u=u), quick],
            )
            .have(
                name,
                le(mean(row_loss(x)), mean(row_bound(x, quadratic(x)))),
                by=[Termwise(), fact(f"{name}: row", u=x), "hypothesis 1"],
            )
        )
    return found


_loss = mean(row_loss(x))
spectral_surrogate = Claim(
    id="categorical/spectral_surrogate",
    title="A calibrated quadratic upper bound of the NLL",
    kind=Kind.UPPER,
    text=(
        "For any reference h_0, g_0 = grad A(h_0) and Q >= sup Hess A: L_CE <= E[A(h_0) + <g_0, h - h_0> - <gbar_X, h> "
        "+ |h - h_0|_Q^2/2], both sides with - E b(W) where the head has biases. Admissible: a quarter of the squared "
        "range of <g(w), h - h_0> over w, hence Q = B^2 1 and Q = diam^2/4 1; Q = W_c^T W_c/2, whose form is half the "
        "sum of squares of <g(w), h - h_0> about any centre. Vacuous where it is at least log V."
    ),
    parameters=(contexts, V),
    functions=(mu, p, a, move, least, span, middle),
    hypotheses=(
        *weights,
        Forall((x, k), ge(move(x, k), least(x))),
        Forall((x, k), le(move(x, k), least(x) + span(x))),
        Forall((x,), ge(span(x), 0)),
    ),
    statements=(
        upper(_loss, mean(row_bound(x, _gram(x))), trivial=sp.log(_V), label="centred gram"),
        upper(_loss, mean(row_bound(x, _quarter(x))), trivial=sp.log(_V), label="range"),
    ),
    source=Source("zhang2025", "abstract (announced)", "v5", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/spectral_alignment_as_stated",),
    derivation=_bounds(),
)
