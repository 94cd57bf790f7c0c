"""Gradients of the one-layer attention network (specification `concepts` 2.A).

Main statements
    gradients   gradients in W_Q, W_K and w_i, and of the loss

Words x(l, j), query xq(j), labels y(l, h), neurons w(n, h) with signs r(n); on(n) = 1{<w_n, v> > 0}. A gradient is said
by its product with any direction: the slope of f along W + t E is sum_ij E(i, j) G(i, j), for every E and t.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.parameters import L, lam
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.attention import (
    along,
    delta,
    demonstration,
    form,
    g,
    h,
    i,
    j,
    l,
    labels,
    mean,
    output,
    over_labels,
    over_prompt,
    over_words,
    positive,
    pulled,
    pulled_form,
    s,
    softmax_of,
    time,
    value_slope,
    weight_slope,
    words,
    x,
    y,
)
from theory.lemmas.double_sums import exchange_nh
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

neurons = Parameter("m", "m", "number of neurons", integers(1), (2, 20))
sign = Parameter("eq", "e_q", "real label of the query", reals(), (-1, 1))
out = Parameter("f", "f", "output of the network", reals(), (-3, 3))
_L, _dx, _dy, _m, _t = L.symbol, words.symbol, labels.symbol, neurons.symbol, time.symbol
_e, _f, _lam = sign.symbol, out.symbol, lam.symbol
n, b = (sp.Symbol(name, integer=True, nonnegative=True) for name in "nb")
_k, _q = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kq")
WQ, WK, E, F, xq, w, r, on, v = (
    sp.Function(name, real=True) for name in ("WQ", "WK", "E", "F", "xq", "w", "r", "on", "v")
)


def over_neurons(term: Any) -> sp.Sum:
    """Sum over the neurons n."""
    return sp.Sum(term, (n, 0, _m - 1))


def on_query(matrix: Any) -> Any:
    """i to (M x_q)(i) = sum_b M(i, b) xq(b)."""
    return lambda at: over_words(matrix(at, b) * xq(b), b)


def line(matrix: Any, time: Any = _t) -> Any:
    """The matrix M + t E."""
    return lambda row, column: matrix(row, column) + time * E(row, column)


def scores(matrix: Any, vector: Any) -> Any:
    """l to <W_K x_l, W_Q x_q> + t <vector, matrix x_l>: the scores on a line of matrices (statements "line of ...")."""
    return lambda at: form(WK, on_query(WQ), x, at) + _t * form(matrix, vector, x, at)


def on_line(matrix: Any, vector: Any) -> Any:
    """l to sigma_l = softmax(s)_l on that line."""
    return lambda at: softmax_of(scores(matrix, vector), at)


def readout(at: Any) -> sp.Sum:
    """g_v(h) = sum_n r(n) on(n) w(n, h)."""
    return over_neurons(r(n) * on(n) * w(n, at))


queried, keyed = (WK, on_query(E)), (E, on_query(WQ))  # W_Q + t E and W_K + t E


def _line_lemma(name: str, title: str, moving: Any) -> Lemma:
    """The slope of the output while the scores move along the form <e, M x_l>, moving = (M, e)."""
    matrix, vector = moving
    weight = on_line(*moving)
    listed, forms = (sp.Lambda((_k,), f(_k)) for f in (weight, lambda at: form(matrix, vector, x, at)))
    base, total = (sp.Lambda((_k,), f(_k)) for f in (lambda at: form(WK, on_query(WQ), x, at), scores(*moving)))
    entries = {"M": sp.Lambda((_k, _q), matrix(_k, _q)), "e": sp.Lambda((_k,), vector(_k))}
    return Lemma(
        f"concepts/{name}",
        title,
        (L, words, labels, time),
        eq(sp.Derivative(output(weight), _t), pulled_form(weight, matrix, vector)),
        functions=(x, xq, y, g, WQ, WK, E),
        backing=derive(sp.Derivative(output(weight), _t))
        .have("normaliser", gt(over_prompt(sp.exp(scores(*moving)(l))), 0), by=positive.at(s=total))
        .have("weights", eq(over_prompt(weight(l)), 1), by=["normaliser", algebra])
        .eq(
            along(weight, forms),
            by=value_slope.at(s=base, delta=forms),
            name="scores",
            note="d sigma_l/d s_j = sigma_l (1{l = j} - sigma_j), so d f/d s_l = sigma_l <y_l - v, g_v>",
        )
        .eq(
            pulled_form(weight, matrix, vector),
            by=["weights", pulled.at(sigma=listed, **entries)],
            name="chain rule",
            note="the deviations of the labels average to 0, so the words may be centred",
        ),
    )


query_slope = _line_lemma("query_slope", "The slope of the output in the query matrix", queried)
key_slope = _line_lemma("key_slope", "The slope of the output in the key matrix", keyed)

# the output and its activity pattern at any value v
_z = sp.Sum(w(n, h) * v(h), (h, 0, _dy - 1))
_number = Parameter("z", "z", "a preactivation", reals(), (-1, 1))
_active = Parameter("a", "a", "whether the neuron is active", reals(), (0, 1))
relu_active = Lemma(
    "concepts/relu_active",
    "ReLU is its argument times the indicator of activity",
    (_number, _active),
    eq(sp.Max(_number.symbol, 0), _active.symbol * _number.symbol),
    hypotheses=(
        eq(_active.symbol * (1 - _active.symbol), 0),
        ge(_active.symbol * _number.symbol, 0),
        le((1 - _active.symbol) * _number.symbol, 0),
    ),
    backing=derive().have(
        "relu",
        eq(sp.Max(_number.symbol, 0), _active.symbol * _number.symbol),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", decide],
    ),
)

_unit = Forall((n,), eq(on(n) * (1 - on(n)), 0))
_where_on = Forall((n,), ge(on(n) * _z, 0))
_where_off = Forall((n,), le((1 - on(n)) * _z, 0))
_relu = over_neurons(r(n) * sp.Max(_z, 0))
_linear = over_neurons(r(n) * on(n) * _z)
_read_out = over_labels(readout(h) * v(h))
read_out = Lemma(
    "concepts/read_out",
    "While the active neurons are those of on, the output is linear in the value",
    (labels, neurons),
    eq(_relu, _read_out),
    hypotheses=(_unit, _where_on, _where_off),
    functions=(w, r, on, v),
    backing=derive(_relu)
    .have(
        "neuron",
        Forall((n,), eq(sp.Max(_z, 0), on(n) * _z)),
        by=[
            *(fact(f"hypothesis {c}", n=n) for c in (1, 2, 3)),
            relu_active.at(z=_z, a=on(n)),
        ],
    )
    .eq(_linear, by=[Termwise(), fact("neuron", n=n)], name="neurons")
    .eq(
        _read_out,
        by=[
            exchange_nh.at(
                top=_m - 1, last=_dy - 1, u=sp.Lambda((_k,), r(_k) * on(_k)), w=v, g=sp.Lambda((_k, _q), w(_k, _q))
            ),
            quick,
        ],
        name="coordinates first",
    ),
)

_l0 = demonstration.symbol
_moved_query = over_words((WQ(i, b) + _t * E(i, b)) * xq(b), b)
_moved_key = over_words((WK(i, j) + _t * E(i, j)) * x(_l0, j))


def _line_of(moving: Any) -> sp.Expr:
    return scores(*moving)(_l0)


def _sigma(at: Any) -> sp.Expr:
    return softmax_of(lambda place: s(place) + _t * delta(place), at)


_queries = over_words(over_words(WK(i, j) * x(_l0, j)) * _moved_query, i)
_keys = over_words(on_query(WQ)(i) * _moved_key, i)
_query_parts = over_words(over_words(WK(i, j) * x(_l0, j)) * (on_query(WQ)(i) + _t * on_query(E)(i)), i)
_key_parts = over_words(on_query(WQ)(i) * (over_words(WK(i, j) * x(_l0, j)) + _t * over_words(E(i, j) * x(_l0, j))), i)
_neurons_moved = over_neurons(r(n) * on(n) * sp.Sum((w(n, h) + _t * F(n, h)) * v(h), (h, 0, _dy - 1)))
_neuron_slope = over_neurons(r(n) * on(n) * sp.Sum(F(n, h) * v(h), (h, 0, _dy - 1)))
_row = sp.Sum((w(0, h) + _t * F(0, h)) ** 2, (h, 0, _dy - 1))
_loss = sp.log(1 + sp.exp(-_e * _f))


def _gradient(moving: Any) -> sp.Sum:
    return pulled_form(on_line(*moving), moving[0], moving[1], x, y, readout)


_at_readout = {"g": sp.Lambda((_k,), readout(_k))}
gradients = Claim(
    id="concepts/gradients",
    title="Gradients of the one-layer attention network",
    kind=Kind.EQUALITY,
    text=(
        "With g_v = sum_i r_i 1{<w_i, v> > 0} w_i and Cov = sum_l sigma_l (x_l - xbar)(y_l - v)^T: df/dW_Q = "
        "W_K Cov g_v x_q^T, df/dW_K = W_Q x_q (Cov g_v)^T and df/dw_i = r_i 1{<w_i, v> > 0} v; each is said by the "
        "slope of f along W + t E, for every direction E and every t, as the inner product of E with the gradient. "
        "f = <g_v, v> while the active neurons stay the same, which is a neighbourhood of every point where no "
        "preactivation is 0. The loss multiplies them by -e_q/(1 + e^(e_q f)) and adds lambda W"
    ),
    parameters=(L, words, labels, neurons, demonstration, time, sign, out, lam),
    functions=(x, xq, y, w, r, on, v, WQ, WK, E, F, s, delta),
    hypotheses=(_unit, _where_on, _where_off),
    statements=(
        equal(sp.Derivative(output(on_line(*queried), y, readout), _t), _gradient(queried), label="W_Q"),
        equal(sp.Derivative(output(on_line(*keyed), y, readout), _t), _gradient(keyed), label="W_K"),
        equal(sp.Derivative(_neurons_moved, _t), _neuron_slope, label="W_O"),
        equal(_relu, _read_out, label="read-out"),
        equal(_queries, _line_of(queried), label="line of W_Q"),
        equal(_keys, _line_of(keyed), label="line of W_K"),
        equal(sp.Derivative(_sigma(_l0), _t), _sigma(_l0) * (delta(_l0) - mean(_sigma, delta)), label="softmax"),
        equal(sp.Derivative(_loss, _f), -_e / (1 + sp.exp(_e * _f)), label="loss"),
        equal(
            sp.Derivative(_lam / 2 * _row, _t),
            _lam * sp.Sum(F(0, h) * (w(0, h) + _t * F(0, h)), (h, 0, _dy - 1)),
            label="decay",
        ),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "softmax",
        eq(sp.Derivative(_sigma(_l0), _t), _sigma(_l0) * (delta(_l0) - mean(_sigma, delta))),
        by=weight_slope.at(),
        note="d sigma_l/d s_j = sigma_l (1{l = j} - sigma_j), in the direction delta",
    )
    .have("read-out", eq(_relu, _read_out), by=["hypothesis 1", "hypothesis 2", "hypothesis 3", read_out.at()])
    .have("moved queries", Forall((i,), eq(_moved_query, on_query(WQ)(i) + _t * on_query(E)(i))), by=algebra)
    .have("queries", eq(_queries, _query_parts), by=[Termwise(), fact("moved queries", i=i)])
    .have("line of W_Q", eq(_queries, _line_of(queried)), by=["queries", algebra])
    .have(
        "moved keys",
        Forall((i,), eq(_moved_key, over_words(WK(i, j) * x(_l0, j)) + _t * over_words(E(i, j) * x(_l0, j)))),
        by=algebra,
    )
    .have("keys", eq(_keys, _key_parts), by=[Termwise(), fact("moved keys", i=i)])
    .have("line of W_K", eq(_keys, _line_of(keyed)), by=["keys", algebra])
    .have(
        "W_Q",
        eq(sp.Derivative(output(on_line(*queried), y, readout), _t), _gradient(queried)),
        by=query_slope.at(**_at_readout),
        note="chain rule in s_l = <W_K x_l, W_Q x_q>",
    )
    .have(
        "W_K",
        eq(sp.Derivative(output(on_line(*keyed), y, readout), _t), _gradient(keyed)),
        by=key_slope.at(**_at_readout),
    )
    .have("W_O", eq(sp.Derivative(_neurons_moved, _t), _neuron_slope), by=algebra)
    .have("loss", eq(sp.Derivative(_loss, _f), -_e / (1 + sp.exp(_e * _f))), by=algebra)
    .have(
        "decay",
        eq(
            sp.Derivative(_lam / 2 * _row, _t),
            _lam * sp.Sum(F(0, h) * (w(0, h) + _t * F(0, h)), (h, 0, _dy - 1)),
        ),
        by=algebra,
        note="one row of a matrix; the regulariser is the sum over all rows",
    ),
)
