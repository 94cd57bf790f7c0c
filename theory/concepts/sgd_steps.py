"""One step of regularised logistic SGD: contraction, and the length of weights and gradients (specification D12).

A step draws B examples x = 0..B-1 with coordinates X(x, y), y = 0..columns, labels folded in. Its direction is
(1/B) sum_x d(x) X(x, .); for weights w, d(x) = 1/(1 + e^<w, X(x)>) is minus the derivative of the logistic loss.

Main statements
    slope            (g(u) - g(v))^2 <= (g(u) - g(v)) (v - u)/4 for g(u) = 1/(1 + e^u)
    direction_square   |(1/B) sum_x d(x) X(x)|^2 <= R^2 (1/B) sum_x d(x)^2
    contraction      eta R^2/4 <= 1 - a: a step moves two runs with the same examples closer by a factor 1 - a
    shrunk_square    |(1-a) w + a v|^2 <= (1-a)|w|^2 + a |v|^2
    cauchy_schwarz_bound   <a, b>^2 <= A B for |a|^2 <= A, |b|^2 <= B

References: Nesterov (2004), theorem 2.1.5 for co-coercivity, proved here from `slope`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas import norms
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

columns = Parameter("columns", r"\hat y", "last coordinate of the features", integers(0), (0, 10))
B = Parameter("B", "B", "examples of a step", integers(1), (1, 32), "examples")
R2 = Parameter("R2", "R^2", "largest squared length of a feature vector", reals(0), (0.1, 10))
decay = Parameter("a", "a", "share of the weights that a step takes away", reals(0, 1), (0, 0.5))
eta = Parameter("eta", r"\eta", "learning rate", reals(0), (0.001, 1))

d, delta, X, s, w, v = (sp.Function(name, real=True) for name in ("d", "delta", "X", "s", "w", "v"))
_x, _y, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyn")
_u, _v = sp.symbols("u v", real=True)
_B, _R2, _a, _eta = B.symbol, R2.symbol, decay.symbol, eta.symbol


def over_members(term: Any) -> sp.Sum:
    """The sum of `term` over the examples x = 0..B-1 of a step."""
    return sp.Sum(term, (_x, 0, _B - 1))


def over_columns(term: Any) -> sp.Sum:
    """The sum of `term` over coordinates y."""
    return sp.Sum(term, (_y, 0, columns.symbol))


def pull_of(margin: Any) -> sp.Expr:
    """1/(1 + e^margin): minus the derivative of the logistic loss."""
    return 1 / (1 + sp.exp(margin))


_a0, _b0, _c0 = (Parameter(name, name[0], "a number", reals(), (-1, 1)) for name in ("a0", "b0", "c0"))
_k0 = Parameter("k0", "k", "a factor", reals(0), (0, 1))
through = Lemma(
    "concepts/through",
    "a <= c from a = b, b <= c",
    (_a0, _b0, _c0),
    le(_a0.symbol, _c0.symbol),
    hypotheses=(eq(_a0.symbol, _b0.symbol), le(_b0.symbol, _c0.symbol)),
    backing=derive().have("through", le(_a0.symbol, _c0.symbol), by=["hypothesis 1", "hypothesis 2", quick]),
)
scaled_bound = Lemma(
    "concepts/scaled_bound",
    "a <= k c from a = k b, b <= c, k >= 0",
    (_a0, _b0, _c0, _k0),
    le(_a0.symbol, _k0.symbol * _c0.symbol),
    hypotheses=(eq(_a0.symbol, _k0.symbol * _b0.symbol), le(_b0.symbol, _c0.symbol)),
    backing=derive().have(
        "scaled", le(_a0.symbol, _k0.symbol * _c0.symbol), by=["hypothesis 1", "hypothesis 2", decide]
    ),
)
first = Parameter("p", "p", "e^(u/2)", reals(0, sp.oo, open="lower"), (0.1, 10))
ratio = Parameter("q", "q", "e^((v-u)/2)", reals(0, sp.oo, open="lower"), (0.1, 10))
share = Parameter("k", "k", "a share", reals(0, 1), (0, 1))
tangent = Parameter("t", "t", "tanh(log(q)/2)", reals(), (-1, 1))
log_ratio = Parameter("l", "l", "log(q)/2", reals(), (-1, 1))
_p, _q, _k, _t, _l = first.symbol, ratio.symbol, share.symbol, tangent.symbol, log_ratio.symbol
_tanh = (_q - 1) / (_q + 1)
_share = _p**2 * (_q + 1) ** 2 / ((1 + _p**2) * (1 + _p**2 * _q**2))
_difference = 1 / (1 + _p**2) - 1 / (1 + _p**2 * _q**2)
below_chord = Lemma(
    "concepts/below_chord",
    "tanh(log(q)/2)^2 <= tanh(log(q)/2) log(q)/2",
    (ratio,),
    le(_tanh**2, _tanh * (sp.log(_q) / 2)),
    backing=derive()
    .have("chord", ge(sp.log(_q) * (_q - 1), 2 * (_q - 1) ** 2 / (_q + 1)), by=decide)
    .have("divided", le(_tanh**2, _tanh * (sp.log(_q) / 2)), by=["chord", decide]),
)
smaller_share = Lemma(
    "concepts/smaller_share",
    "(k t)^2 <= k t l from t^2 <= t l, for 0 <= k <= 1",
    (share, tangent, log_ratio),
    le((_k * _t) ** 2, _k * _t * _l),
    hypotheses=(le(_t**2, _t * _l),),
    backing=derive().have("share", le((_k * _t) ** 2, _k * _t * _l), by=["hypothesis 1", decide]),
)
slope_numbers = Lemma(
    "concepts/slope_numbers",
    "The slope of 1/(1 + p^2) in log p",
    (first, ratio),
    le(_difference**2, _difference * (sp.log(_q) / 2)),
    statement="the difference is k t with t = (q - 1)/(q + 1), and k <= 1 since 1 - k has the sign of (1 - p^2 q)^2",
    backing=derive()
    .have("at most 1", le(_share, 1), by=decide)
    .have("not negative", ge(_share, 0), by=decide)
    .have("difference", eq(_difference, _share * _tanh), by=algebra)
    .have("chord", le(_tanh**2, _tanh * (sp.log(_q) / 2)), by=below_chord.at())
    .have(
        "share",
        le((_share * _tanh) ** 2, _share * _tanh * (sp.log(_q) / 2)),
        by=["at most 1", "not negative", "chord", smaller_share.at(k=_share, t=_tanh, l=sp.log(_q) / 2)],
    )
    .have("slope", le(_difference**2, _difference * (sp.log(_q) / 2)), by=["share", "difference", quick]),
)
_at = slope_numbers.at(p=sp.exp(_u / 2), q=sp.exp((_v - _u) / 2))
slope = Lemma(
    "concepts/slope",
    "The derivative of the logistic loss decreases and is 1/4-Lipschitz",
    (),
    Forall((_u, _v), le((pull_of(_u) - pull_of(_v)) ** 2, (pull_of(_u) - pull_of(_v)) * (_v - _u) / 4)),
    backing=derive().have(
        "slope",
        Forall((_u, _v), le((pull_of(_u) - pull_of(_v)) ** 2, (pull_of(_u) - pull_of(_v)) * (_v - _u) / 4)),
        by=[_at, quick],
    ),
)

S_, D_, Q_ = (
    Parameter(name, name, meaning, reals(), (-1, 1))
    for name, meaning in (("S", "|s|^2"), ("D", "|delta|^2"), ("Q", "<s, delta>"))
)
_direction = over_members(d(_x) * X(_x, _y)) / _B
_SHORT = Forall((_x,), le(over_columns(X(_x, _y) ** 2), _R2))
direction_square = Lemma(
    "concepts/direction_square",
    "|(1/B) sum_x d(x) X(x)|^2 <= R^2 (1/B) sum_x d(x)^2",
    (columns, B, R2),
    le(over_columns(_direction**2), _R2 * over_members(d(_x) ** 2) / _B),
    hypotheses=(_SHORT,),
    functions=(d, X),
    backing=derive()
    .have("mass", eq(over_members(1 / _B), 1), by=algebra)
    .have("weight", Forall((_x,), ge(1 / _B, 0)), by=quick)
    .have(
        "one coordinate",
        Forall(
            (_n,),
            le(over_members(1 / _B * (d(_x) * X(_x, _n))) ** 2, over_members(1 / _B * (d(_x) * X(_x, _n)) ** 2)),
        ),
        by=[
            "mass",
            "weight",
            norms.square_of_mean.at(top=_B - 1, w=sp.Lambda((_x,), 1 / _B), e=sp.Lambda((_x,), d(_x) * X(_x, _n))),
        ],
    )
    .have(
        "coordinate",
        Forall(
            (_n,),
            le(
                (over_members(d(_x) * X(_x, _n)) / _B) ** 2,
                1 * over_members(d(_x) ** 2 * X(_x, _n) ** 2) / _B,
            ),
        ),
        by=[fact("one coordinate", n=_n), quick],
    )
    .have(
        "coordinates",
        le(over_columns(_direction**2), over_columns(1 * over_members(d(_x) ** 2 * X(_x, _y) ** 2) / _B)),
        by=[Termwise(), fact("coordinate", n=_y)],
    )
    .have(
        "exchange",
        eq(
            over_members(d(_x) ** 2 * over_columns(1 * X(_x, _y) ** 2)),
            over_columns(1 * over_members(d(_x) ** 2 * X(_x, _y) ** 2)),
        ),
        by=exchange.at(
            top=_B - 1,
            last=columns.symbol,
            g=sp.Lambda((_x, _y), X(_x, _y) ** 2),
            u=sp.Lambda((_x,), d(_x) ** 2),
            w=sp.Lambda((_y,), sp.Integer(1)),
        ),
    )
    .have(
        "factor",
        eq(
            over_columns(1 * over_members(d(_x) ** 2 * X(_x, _y) ** 2) / _B),
            over_columns(1 * over_members(d(_x) ** 2 * X(_x, _y) ** 2)) / _B,
        ),
        by=algebra,
    )
    .have(
        "short",
        Forall((_x,), le(d(_x) ** 2 * over_columns(X(_x, _y) ** 2), _R2 * d(_x) ** 2)),
        by=[fact("hypothesis 1", x=_x), quick],
    )
    .have(
        "all short",
        le(over_members(d(_x) ** 2 * over_columns(X(_x, _y) ** 2)), over_members(_R2 * d(_x) ** 2)),
        by=[Termwise(), "short"],
    )
    .have("constant", eq(over_members(_R2 * d(_x) ** 2), _R2 * over_members(d(_x) ** 2)), by=algebra)
    .have(
        "square",
        le(over_columns(_direction**2), _R2 * over_members(d(_x) ** 2) / _B),
        by=["coordinates", "exchange", "factor", "all short", "constant", quick],
    ),
)
_products = over_members(d(_x) * over_columns(delta(_y) * X(_x, _y)))
direction_product = Lemma(
    "concepts/direction_product",
    "<delta, (1/B) sum_x d(x) X(x)> = (1/B) sum_x d(x) <delta, X(x)>",
    (columns, B),
    eq(over_columns(delta(_y) * (over_members(d(_x) * X(_x, _y)) / _B)), _products / _B),
    functions=(d, delta, X),
    backing=derive()
    .have(
        "exchange",
        eq(_products, over_columns(delta(_y) * over_members(d(_x) * X(_x, _y)))),
        by=exchange.at(top=_B - 1, last=columns.symbol, g=X, u=d, w=delta),
    )
    .have(
        "factor",
        eq(
            over_columns(delta(_y) * (over_members(d(_x) * X(_x, _y)) / _B)),
            over_columns(delta(_y) * over_members(d(_x) * X(_x, _y))) / _B,
        ),
        by=algebra,
    )
    .have(
        "product",
        eq(over_columns(delta(_y) * (over_members(d(_x) * X(_x, _y)) / _B)), _products / _B),
        by=["exchange", "factor", quick],
    ),
)
_S, _D, _Q = S_.symbol, D_.symbol, Q_.symbol
contracted = Lemma(
    "concepts/contracted",
    "(1-a)^2 D + 2 (1-a) eta Q + eta^2 S <= (1-a)^2 D for S <= -(R^2/4) Q, eta R^2/4 <= 1 - a",
    (decay, eta, R2, S_, D_, Q_),
    le((1 - _a) ** 2 * _D + 2 * (1 - _a) * _eta * _Q + _eta**2 * _S, (1 - _a) ** 2 * _D),
    hypotheses=(le(_S, -_R2 * _Q / 4), le(_Q, 0), le(_eta * _R2 / 4, 1 - _a)),
    backing=derive()
    .have("gradients", le(_eta**2 * _S, -(_eta**2) * _R2 * _Q / 4), by=["hypothesis 1", quick])
    .have(
        "rate",
        le(-(_eta**2) * _R2 * _Q / 4, -_eta * (1 - _a) * _Q),
        by=["hypothesis 2", "hypothesis 3", decide],
    )
    .have("sign", le(_eta * (1 - _a) * _Q, 0), by=["hypothesis 2", decide])
    .have(
        "step",
        le((1 - _a) ** 2 * _D + 2 * (1 - _a) * _eta * _Q + _eta**2 * _S, (1 - _a) ** 2 * _D),
        by=["gradients", "rate", "sign", decide],
    ),
)
_moved = over_columns(((1 - _a) * delta(_y) + _eta * s(_y)) ** 2)
_dd, _ds, _ss = over_columns(delta(_y) ** 2), over_columns(delta(_y) * s(_y)), over_columns(s(_y) ** 2)
contraction = Lemma(
    "concepts/contraction",
    "A step moves two runs with the same examples closer by a factor 1 - a",
    (columns, B, R2, decay, eta),
    le(_moved, (1 - _a) ** 2 * _dd),
    hypotheses=(
        _SHORT,
        Forall((_x,), le(d(_x) ** 2, -d(_x) * over_columns(delta(_y) * X(_x, _y)) / 4)),
        Forall((_y,), eq(s(_y), _direction)),
        le(_eta * _R2 / 4, 1 - _a),
    ),
    functions=(d, delta, X, s),
    statement=(
        "delta is the difference of the weights, s that of the directions: |s|^2 <= -(R^2/4) <s, delta> since the "
        "derivative of the loss decreases and is 1/4-Lipschitz"
    ),
    backing=derive()
    .have("direction term", Forall((_y,), eq(s(_y) ** 2, _direction**2)), by=[fact("hypothesis 3", y=_y), quick])
    .have("direction", eq(_ss, over_columns(_direction**2)), by=[Termwise(), "direction term"])
    .have(
        "product term",
        Forall((_y,), eq(delta(_y) * s(_y), delta(_y) * _direction)),
        by=[fact("hypothesis 3", y=_y), quick],
    )
    .have("product sum", eq(_ds, over_columns(delta(_y) * _direction)), by=[Termwise(), "product term"])
    .have("product", eq(over_columns(delta(_y) * _direction), _products / _B), by=direction_product.at())
    .have(
        "square",
        le(over_columns(_direction**2), _R2 * over_members(d(_x) ** 2) / _B),
        by=["hypothesis 1", direction_square.at()],
    )
    .have(
        "slopes",
        le(over_members(d(_x) ** 2), over_members(-d(_x) * over_columns(delta(_y) * X(_x, _y)) / 4)),
        by=[Termwise(), "hypothesis 2"],
    )
    .have(
        "linear",
        eq(over_members(-d(_x) * over_columns(delta(_y) * X(_x, _y)) / 4), -_products / 4),
        by=algebra,
    )
    .have("squares", ge(over_members(d(_x) ** 2), 0), by=SingleTerm(0))
    .have("aligned", le(_products, 0), by=["slopes", "linear", "squares", quick])
    .have(
        "co-coercive",
        le(_ss, -_R2 * _ds / 4),
        by=["direction", "square", "slopes", "linear", "product", "product sum", decide],
    )
    .have("aligned sum", le(_ds, 0), by=["aligned", "product", "product sum", decide])
    .have(
        "expanded",
        eq(_moved, (1 - _a) ** 2 * _dd + 2 * (1 - _a) * _eta * _ds + _eta**2 * _ss),
        by=algebra,
    )
    .have(
        "numbers",
        le((1 - _a) ** 2 * _dd + 2 * (1 - _a) * _eta * _ds + _eta**2 * _ss, (1 - _a) ** 2 * _dd),
        by=["co-coercive", "aligned sum", "hypothesis 4", contracted.at(S=_ss, D=_dd, Q=_ds)],
    )
    .have("contraction", le(_moved, (1 - _a) ** 2 * _dd), by=["expanded", "numbers", quick]),
)
_shrunk = over_columns(((1 - _a) * w(_y) + _a * v(_y)) ** 2)
_ww, _vv = over_columns(w(_y) ** 2), over_columns(v(_y) ** 2)
shrunk_square = Lemma(
    "concepts/shrunk_square",
    "|(1-a) w + a v|^2 <= (1-a) |w|^2 + a |v|^2",
    (columns, decay),
    le(_shrunk, (1 - _a) * _ww + _a * _vv),
    functions=(w, v),
    backing=derive()
    .have(
        "coordinate",
        Forall((_n,), ge(_a * (1 - _a) * (w(_n) - v(_n)) ** 2, 0)),
        by=decide,
    )
    .have(
        "coordinates",
        ge(over_columns(_a * (1 - _a) * (w(_y) - v(_y)) ** 2), 0),
        by=[SingleTerm(0), fact("coordinate", n=_y), fact("coordinate", n=0)],
    )
    .have(
        "expanded",
        eq(
            over_columns(_a * (1 - _a) * (w(_y) - v(_y)) ** 2),
            _a * (1 - _a) * (_ww - 2 * over_columns(w(_y) * v(_y)) + _vv),
        ),
        by=algebra,
    )
    .have(
        "square",
        eq(_shrunk, (1 - _a) ** 2 * _ww + 2 * _a * (1 - _a) * over_columns(w(_y) * v(_y)) + _a**2 * _vv),
        by=algebra,
    )
    .have("convex", le(_shrunk, (1 - _a) * _ww + _a * _vv), by=["coordinates", "expanded", "square", quick]),
)
difference_square = Lemma(
    "concepts/difference_square",
    "|w - v|^2 <= 2 |w|^2 + 2 |v|^2",
    (columns,),
    le(over_columns((w(_y) - v(_y)) ** 2), 2 * _ww + 2 * _vv),
    functions=(w, v),
    backing=derive()
    .have("sum", ge(over_columns((w(_y) + v(_y)) ** 2), 0), by=SingleTerm(0))
    .have("plus", eq(over_columns((w(_y) + v(_y)) ** 2), _ww + 2 * over_columns(w(_y) * v(_y)) + _vv), by=algebra)
    .have("minus", eq(over_columns((w(_y) - v(_y)) ** 2), _ww - 2 * over_columns(w(_y) * v(_y)) + _vv), by=algebra)
    .have("both", le(over_columns((w(_y) - v(_y)) ** 2), 2 * _ww + 2 * _vv), by=["sum", "plus", "minus", quick]),
)
bound_w = Parameter("W2", "A", "bound on |w|^2", reals(0), (0, 1))
bound_v = Parameter("V2", "C", "bound on |v|^2", reals(0), (0, 1))
_l = sp.Symbol("k", integer=True, nonnegative=True)


def _renamed(term: Any) -> sp.Sum:
    return sp.Sum(term(_l), (_l, 0, columns.symbol))


other_index = Lemma(
    "concepts/other_index",
    "The name of an index does not matter",
    (columns,),
    eq(over_columns(w(_y)), _renamed(w)),
    functions=(w,),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(sp.Sum(w(_y), (_y, 0, _n)), sp.Sum(w(_l), (_l, 0, _n)))),
        by=[Induction(_n), quick],
    )
    .have("sum", eq(over_columns(w(_y)), _renamed(w)), by=fact("every end", n=columns.symbol)),
)
_wv = over_columns(w(_y) * v(_y))
_W2, _V2 = bound_w.symbol, bound_v.symbol
cauchy_schwarz_bound = Lemma(
    "concepts/cauchy_schwarz_bound",
    "<w, v>^2 <= A C for |w|^2 <= A, |v|^2 <= C",
    (columns, bound_w, bound_v),
    le(_wv**2, _W2 * _V2),
    hypotheses=(le(_ww, _W2), le(_vv, _V2)),
    functions=(w, v),
    backing=derive()
    .have("w", eq(_ww, _renamed(lambda k: w(k) ** 2)), by=other_index.at(w=sp.Lambda((_y,), w(_y) ** 2)))
    .have("v", eq(_vv, _renamed(lambda k: v(k) ** 2)), by=other_index.at(w=sp.Lambda((_y,), v(_y) ** 2)))
    .have("product", eq(_wv, _renamed(lambda k: w(k) * v(k))), by=other_index.at(w=sp.Lambda((_y,), w(_y) * v(_y))))
    .have(
        "Cauchy-Schwarz",
        le(_renamed(lambda k: w(k) * v(k)) ** 2, _renamed(lambda k: w(k) ** 2) * _renamed(lambda k: v(k) ** 2)),
        by=norms.cauchy_schwarz.at(top=columns.symbol, a=w, b=v),
    )
    .have("square of w", ge(_ww, 0), by=SingleTerm(0))
    .have("square of v", ge(_vv, 0), by=SingleTerm(0))
    .have("named", le(_wv**2, _ww * _vv), by=["w", "v", "product", "Cauchy-Schwarz", quick])
    .have("first", le(_ww * _vv, _W2 * _vv), by=["hypothesis 1", "square of v", quick])
    .have("second", le(_W2 * _vv, _W2 * _V2), by=["hypothesis 2", quick])
    .have("bound", le(_wv**2, _W2 * _V2), by=["named", "first", "second", quick]),
)
