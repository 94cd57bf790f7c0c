"""The reduced dynamics: what a step of training does to (p, q, w) of one concept, derived from the network's loss.

Clean balanced population (two prompts a concept, e_q = +-1, of probability pi_k/2 each), symmetric start: the network
is that of theory.concepts.neurons, and W_Q, W_K have the eigenvalues v, w on b_k. The value of a prompt is
c_k + e_q theta d_k, theta = tanh(v w |b_k|^2). Prompts of other concepts, orthogonal to c_k, d_k and b_k, move none of
these numbers.

A step is W - eta (gradient + lambda W). Its numbers are slopes of the loss on the prompts of the concept: along P_b,
of norm 1, in W_Q and in W_K; moving neuron i by x c_k (x d_k) moves <w_i, c_k> by x |c_k|^2 (<w_i, d_k> by x |d_k|^2).
While it moves the active neurons stay the same (ReLU has derivative 0 at 0), so that the output is r_i times the
preactivation plus that of the others, and <g_v, c_k> + e theta <g_v, d_k> as a function of the eigenvalues.

Main statements
    step_of_p, step_of_q, step_of_query, step_of_key   a step from any (p, q, v, w) with theta p >= 0 and q > 0
    reduced_dynamics                                   the same with v = w
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.fields import p, q, w
from theory.concepts.neurons import (
    sided,
)
from theory.concepts.parameters import Nb, kc, kd, lam, m, pk
from theory.derivation import Derivation, derive
from theory.justification import algebra, decide, quick
from theory.lemma import Lemma
from theory.lemmas.softmax import exp_increases
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, ge

eta = Parameter("eta", r"\eta", "learning rate of the step", reals(0, sp.oo, open="lower"), (0.01, 0.5))
neuron = Parameter("i", "i", "a neuron", integers(0, m.symbol - 1), (0, 19))
_eta, _i, _os, _p, _q, _m = (a.symbol for a in (eta, neuron, sided, p, q, m))
_n = sp.Symbol("n", integer=True, nonnegative=True)
v = Parameter("v", "v_k", "eigenvalue of W_Q on b_k", reals(), (-2, 2))
theta = Parameter("theta", r"\theta", "sum of sigma_l e_l e_q", reals(), (-1, 1))
plus_rest, minus_rest, plus_own, minus_own, own_c, own_d = (
    Parameter(name, name, meaning, reals(), (-2, 2))
    for name, meaning in (
        ("R1", "output of the other neurons where e_q = 1"),
        ("R2", "output of the other neurons where e_q = -1"),
        ("A1", "r_i where the neuron is active and e_q = 1"),
        ("A2", "r_i where the neuron is active and e_q = -1"),
        ("cn", "<w_i, c_k>"),
        ("dn", "<w_i, d_k>"),
    )
)
_R1, _R2, _A1, _A2, _cn, _dn = (a.symbol for a in (plus_rest, minus_rest, plus_own, minus_own, own_c, own_d))
_pk, _lam, _Nb, _kc, _kd, _v, _w, _th = (a.symbol for a in (pk, lam, Nb, kc, kd, v, w, theta))


slope = Parameter("slope", "slope", "slope of the loss on the prompts of the concept", reals(), (-2, 2))


def loss(plus: Any, minus: Any) -> sp.Expr:
    """Logistic loss on both prompts of the concept, weighted, from the outputs where e_q = 1 and where e_q = -1."""
    return _pk / 2 * (sp.log(1 + sp.exp(-plus)) + sp.log(1 + sp.exp(minus)))


def with_neuron(rest: Any, own: Any, query: Any, angle: Any) -> sp.Expr:
    """The output as a function of the numbers of one neuron."""
    return rest + own * (_cn + query * angle * _dn)


def difference(query: Any, key: Any) -> sp.Expr:
    """theta = tanh(beta), beta = v w |b_k|^2."""
    return 1 - 2 / (1 + sp.exp(2 * query * key * _Nb))


def with_weights(on_concept: Any, on_difference: Any, query: Any) -> sp.Expr:
    """<g_v, v> = <g_v, c_k> + e theta <g_v, d_k> as a function of the eigenvalues."""
    return on_concept + query * (difference(_v, _w) * on_difference)


_f1, _f2 = with_neuron(_R1, _A1, 1, _th), with_neuron(_R2, _A2, -1, _th)
_neuron_loss = loss(_f1, _f2)
_slope_c = -_pk / 2 * (_A1 / (1 + sp.exp(_f1)) - _A2 / (1 + sp.exp(-_f2)))
_slope_d = -_pk / 2 * _th * (_A1 / (1 + sp.exp(_f1)) + _A2 / (1 + sp.exp(-_f2)))
_of_neuron = (pk, theta, plus_rest, minus_rest, plus_own, minus_own, own_c, own_d)


def _slope_lemma(
    name: str, title: str, parameters: tuple[Parameter, ...], variable: Any, whole: Any, value: Any
) -> Lemma:
    """slope = value, if it is the derivative of `whole`."""
    moved = sp.Derivative(whole, variable)
    return Lemma(
        f"concepts/{name}",
        title,
        (*parameters, slope),
        eq(slope.symbol, value),
        hypotheses=(eq(slope.symbol, moved),),
        backing=derive(slope.symbol)
        .eq(moved, by="hypothesis 1", name="slope")
        .eq(value, by=algebra, name="derivative"),
    )


slope_on_concept = _slope_lemma(
    "slope_on_concept", "Slope of the loss in <w_i, c_k>", _of_neuron, _cn, _neuron_loss, _slope_c
)
slope_on_difference = _slope_lemma(
    "slope_on_difference", "Slope of the loss in <w_i, d_k>", _of_neuron, _dn, _neuron_loss, _slope_d
)
_U1, _V1, _U2, _V2 = (
    Parameter(name, name, meaning, reals(), (-2, 2))
    for name, meaning in (
        ("U1", "<g_v, c_k> where e_q = 1"),
        ("V1", "<g_v, d_k> where e_q = 1"),
        ("U2", "<g_v, c_k> where e_q = -1"),
        ("V2", "<g_v, d_k> where e_q = -1"),
    )
)
_h1, _h2 = with_weights(_U1.symbol, _V1.symbol, 1), with_weights(_U2.symbol, _V2.symbol, -1)
_weight_loss = loss(_h1, _h2)


def _slope_w(other: Any) -> sp.Expr:
    pulled = _V1.symbol / (1 + sp.exp(_h1)) + _V2.symbol / (1 + sp.exp(-_h2))
    return -_pk / 2 * (1 - difference(_v, _w) ** 2) * _Nb * other * pulled


_of_weights = (pk, Nb, v, w, _U1, _V1, _U2, _V2)
slope_of_query = _slope_lemma(
    "slope_of_query", "Slope of the loss in the eigenvalue of W_Q", _of_weights, _v, _weight_loss, _slope_w(_w)
)
slope_of_key = _slope_lemma(
    "slope_of_key", "Slope of the loss in the eigenvalue of W_K", _of_weights, _w, _weight_loss, _slope_w(_v)
)
_a1, _a2 = (Parameter(name, name, "a number", reals(), (-1, 1)) for name in ("a1", "a2"))
equal_exponentials = Lemma(
    "concepts/equal_exponentials",
    "Equal numbers have equal exponentials",
    (_a1, _a2),
    eq(sp.exp(_a1.symbol), sp.exp(_a2.symbol)),
    hypotheses=(eq(_a1.symbol, _a2.symbol),),
    backing=derive()
    .have(
        "at least",
        ge(sp.exp(_a1.symbol), sp.exp(_a2.symbol)),
        by=["hypothesis 1", exp_increases.at(u=_a1.symbol, v=_a2.symbol)],
    )
    .have(
        "at most",
        ge(sp.exp(_a2.symbol), sp.exp(_a1.symbol)),
        by=["hypothesis 1", exp_increases.at(u=_a2.symbol, v=_a1.symbol)],
    )
    .have("equal", eq(sp.exp(_a1.symbol), sp.exp(_a2.symbol)), by=["at least", "at most", quick]),
)

after = Parameter("after", "after", "the number after the step", reals(), (-3, 3))
_S1, _S2, _o1, _o2, _s = (
    Parameter(name, name, meaning, reals(), (-2, 2))
    for name, meaning in (
        ("S1", "output where e_q = 1"),
        ("S2", "output where e_q = -1"),
        ("o1", "1 where neuron i is active and e_q = 1"),
        ("o2", "1 where neuron i is active and e_q = -1"),
        ("s", "s_i"),
    )
)
_after, _sign = after.symbol, _s.symbol


def level(angle: Any, p: Any = _p, q: Any = _q) -> sp.Expr:
    """e_q times the output: theta p where theta p < q, (q + theta p)/2 where theta p >= q."""
    return (1 - _os / 2) * angle * p + _os / 2 * q


def others(whole: Any, active: Any, query: Any) -> sp.Expr:
    """The output of the other neurons than i: the whole less that of i."""
    return whole - _sign / _m * active * (_q + query * _sign * _th * _p)


def step_from(number: Any, scale: Any, slope: Any) -> sp.Expr:
    """number - eta (scale slope + lambda number)."""
    return number - _eta * (scale * slope + _lam * number)


_at_neuron = {
    "R1": others(_S1.symbol, _o1.symbol, 1),
    "R2": others(_S2.symbol, _o2.symbol, -1),
    "A1": _sign / _m * _o1.symbol,
    "A2": _sign / _m * _o2.symbol,
}
_g1 = with_neuron(_at_neuron["R1"], _at_neuron["A1"], 1, _th)
_g2 = with_neuron(_at_neuron["R2"], _at_neuron["A2"], -1, _th)
neuron_loss = loss(_g1, _g2)
_E = sp.exp(level(_th))
_numbers = (
    eq(_S1.symbol, level(_th)),
    eq(-_S2.symbol, level(_th)),
    eq(_o1.symbol, 1 - _os * (1 - _sign) / 2),
    eq(_o2.symbol, 1 - _os * (1 + _sign) / 2),
    eq(_sign**2, 1),
    eq(_cn, _q),
    eq(_dn, _sign * _p),
)
_seven = tuple(f"hypothesis {k}" for k in range(1, 8))
_neuron_parameters = (m, p, q, theta, pk, lam, eta, sided, _S1, _S2, _o1, _o2, _s, own_c, own_d, after)
_p_field = _pk / (1 + _E) * (1 - _os / 2) * _th * _kd - _lam * _p
_q_field = _pk / (1 + _E) * _os / 2 * _kc - _lam * _q

_whole, _share_of, _lev, _G1, _G2, _G, _e = (
    Parameter(name, name, meaning, reals(), (-2, 2))
    for name, meaning in (
        ("S", "output of the network"),
        ("A", "r_i where the neuron is active"),
        ("level", "e times the output"),
        ("G1", "g(f) where e_q = 1"),
        ("G2", "g(-f) where e_q = -1"),
        ("G", "g(level)"),
        ("e", "sign of a query"),
    )
)
_own = _share_of.symbol * (_q + _e.symbol * _sign * _th * _p)
_moved_output = _whole.symbol - _own + _share_of.symbol * (_cn + _e.symbol * _th * _dn)
at_own_numbers = Lemma(
    "concepts/at_own_numbers",
    "The output as a function of the numbers of neuron i, at these numbers",
    (p, q, theta, own_c, own_d, _s, _whole, _share_of, _lev, _e),
    eq(_e.symbol * _moved_output, _lev.symbol),
    hypotheses=(eq(_cn, _q), eq(_dn, _sign * _p), eq(_e.symbol * _whole.symbol, _lev.symbol)),
    backing=derive()
    .have("same", eq(_moved_output, _whole.symbol), by=["hypothesis 1", "hypothesis 2", quick])
    .have("level", eq(_e.symbol * _moved_output, _lev.symbol), by=["same", "hypothesis 3", quick]),
)
equal_pulls = Lemma(
    "concepts/equal_pulls",
    "Equal margins have equal slopes of the logistic loss",
    (_a1, _a2),
    eq(1 / (1 + sp.exp(_a1.symbol)), 1 / (1 + sp.exp(_a2.symbol))),
    hypotheses=(eq(_a1.symbol, _a2.symbol),),
    backing=derive()
    .have("exponentials", eq(sp.exp(_a1.symbol), sp.exp(_a2.symbol)), by=["hypothesis 1", equal_exponentials.at()])
    .have("pulls", eq(1 / (1 + sp.exp(_a1.symbol)), 1 / (1 + sp.exp(_a2.symbol))), by=["exponentials", decide]),
)
_pulls = (eq(_G1.symbol, _G.symbol), eq(_G2.symbol, _G.symbol))
_actives = (eq(_o1.symbol, 1 - _os * (1 - _sign) / 2), eq(_o2.symbol, 1 - _os * (1 + _sign) / 2), eq(_sign**2, 1))
_first, _second = _sign / _m * _o1.symbol * _G1.symbol, _sign / _m * _o2.symbol * _G2.symbol
_plain = (m, p, q, theta, pk, lam, eta, sided, _o1, _o2, _s, own_c, own_d, after, slope, _G1, _G2, _G)
_p_after = _p + _eta * (_pk * _G.symbol * (1 - _os / 2) * _th * _kd - _lam * _p)
_q_after = _q + _eta * (_pk * _G.symbol * _os / 2 * _kc - _lam * _q)
assembled_p = Lemma(
    "concepts/assembled_p",
    "The slope along d_k put into a step",
    (*_plain, kd),
    eq(_after, _p_after),
    hypotheses=(
        *_pulls,
        *_actives,
        eq(_dn, _sign * _p),
        eq(slope.symbol, -_pk / 2 * _th * (_first + _second)),
        eq(_after, _sign * step_from(_dn, _m * _kd, slope.symbol)),
    ),
    backing=derive()
    .have(
        "sum",
        eq(_first + _second, _sign / _m * (_o1.symbol + _o2.symbol) * _G.symbol),
        by=["hypothesis 1", "hypothesis 2", quick],
    )
    .have("active", eq(_o1.symbol + _o2.symbol, 2 - _os), by=["hypothesis 3", "hypothesis 4", quick])
    .have(
        "slope",
        eq(slope.symbol, -_pk / 2 * _th * _sign / _m * (2 - _os) * _G.symbol),
        by=["hypothesis 7", "sum", "active", quick],
    )
    .have(
        "scaled",
        eq(_sign * _m * _kd * slope.symbol, -_pk / 2 * _th * (2 - _os) * _G.symbol * _kd),
        by=["slope", "hypothesis 5", quick],
    )
    .have("own", eq(_sign * _dn, _p), by=["hypothesis 6", "hypothesis 5", quick])
    .have(
        "step",
        eq(_after, _sign * _dn - _eta * (_sign * _m * _kd * slope.symbol + _lam * _sign * _dn)),
        by=["hypothesis 8", quick],
    )
    .have("after", eq(_after, _p_after), by=["step", "scaled", "own", quick]),
)
assembled_q = Lemma(
    "concepts/assembled_q",
    "The slope along c_k put into a step",
    (*_plain, kc),
    eq(_after, _q_after),
    hypotheses=(
        *_pulls,
        *_actives,
        eq(_cn, _q),
        eq(slope.symbol, -_pk / 2 * (_first - _second)),
        eq(_after, step_from(_cn, _m * _kc, slope.symbol)),
    ),
    backing=derive()
    .have(
        "sum",
        eq(_first - _second, _sign / _m * (_o1.symbol - _o2.symbol) * _G.symbol),
        by=["hypothesis 1", "hypothesis 2", quick],
    )
    .have(
        "active", eq(_sign * (_o1.symbol - _o2.symbol), _os), by=["hypothesis 3", "hypothesis 4", "hypothesis 5", quick]
    )
    .have(
        "scaled",
        eq(_m * _kc * slope.symbol, -_pk / 2 * _os * _G.symbol * _kc),
        by=["hypothesis 7", "sum", "active", quick],
    )
    .have("after", eq(_after, _q_after), by=["hypothesis 8", "scaled", "hypothesis 6", quick]),
)


def _pulled() -> Derivation:
    """g at both prompts."""
    first = {"S": _S1.symbol, "A": _at_neuron["A1"], "level": level(_th), "e": 1}
    second = {"S": _S2.symbol, "A": _at_neuron["A2"], "level": level(_th), "e": -1}
    return (
        derive()
        .have("first output", eq(_g1, level(_th)), by=["hypothesis 1", at_own_numbers.at(**first)])
        .have("second output", eq(-_g2, level(_th)), by=["hypothesis 2", at_own_numbers.at(**second)])
        .have(
            "first pull",
            eq(1 / (1 + sp.exp(_g1)), 1 / (1 + _E)),
            by=["first output", equal_pulls.at(a1=_g1, a2=level(_th))],
        )
        .have(
            "second pull",
            eq(1 / (1 + sp.exp(-_g2)), 1 / (1 + _E)),
            by=["second output", equal_pulls.at(a1=-_g2, a2=level(_th))],
        )
    )


_G_values = {"G1": 1 / (1 + sp.exp(_g1)), "G2": 1 / (1 + sp.exp(-_g2)), "G": 1 / (1 + _E)}
_d_slope = -_pk / 2 * _th * (_at_neuron["A1"] / (1 + sp.exp(_g1)) + _at_neuron["A2"] / (1 + sp.exp(-_g2)))
_c_slope = -_pk / 2 * (_at_neuron["A1"] / (1 + sp.exp(_g1)) - _at_neuron["A2"] / (1 + sp.exp(-_g2)))
_D, _C = sp.Derivative(neuron_loss, _dn), sp.Derivative(neuron_loss, _cn)
step_of_p = Lemma(
    "concepts/step_of_p",
    "A step of training in s_i <w_i, d_k>",
    (*_neuron_parameters, slope, kd),
    eq(_after, _p + _eta * _p_field),
    hypotheses=(*_numbers, eq(slope.symbol, _D), eq(_after, _sign * step_from(_dn, _m * _kd, slope.symbol))),
    backing=_pulled()
    .have("slope of step", eq(slope.symbol, _d_slope), by=["hypothesis 8", slope_on_difference.at(**_at_neuron)])
    .have(
        "step",
        eq(_after, _p + _eta * _p_field),
        by=["first pull", "second pull", "slope of step", *_seven, "hypothesis 9", assembled_p.at(**_G_values)],
    ),
)
step_of_q = Lemma(
    "concepts/step_of_q",
    "A step of training in <w_i, c_k>",
    (*_neuron_parameters, slope, kc),
    eq(_after, _q + _eta * _q_field),
    hypotheses=(*_numbers, eq(slope.symbol, _C), eq(_after, step_from(_cn, _m * _kc, slope.symbol))),
    backing=_pulled()
    .have("slope of step", eq(slope.symbol, _c_slope), by=["hypothesis 8", slope_on_concept.at(**_at_neuron)])
    .have(
        "step",
        eq(_after, _q + _eta * _q_field),
        by=["first pull", "second pull", "slope of step", *_seven, "hypothesis 9", assembled_q.at(**_G_values)],
    ),
)

_angle = difference(_v, _w)
weight_loss = _weight_loss
_readouts = (
    eq(_U1.symbol, _os / 2 * _q),
    eq(_U2.symbol, -_os / 2 * _q),
    eq(_V1.symbol, (1 - _os / 2) * _p),
    eq(_V2.symbol, (1 - _os / 2) * _p),
)
_weight_parameters = (p, q, v, w, Nb, pk, lam, eta, sided, _U1, _V1, _U2, _V2, after, slope)
_F = sp.exp(level(_angle))
_factor = Parameter("factor", "factor", "slope of theta", reals(), (-1, 1))
_own_weight = Parameter("own", "own", "the eigenvalue that moves", reals(), (-1, 1))
_read = _th * _V1.symbol
_read_by = ["hypothesis 1", "hypothesis 2", quick]
read_plus, read_minus = (
    Lemma(
        f"concepts/{name}",
        f"The output from the products of g_v where e_q = {query}",
        (p, q, theta, sided, _U1, _V1),
        eq(query * _U1.symbol + _read, level(_th)),
        hypotheses=(eq(_U1.symbol, query * _os / 2 * _q), eq(_V1.symbol, (1 - _os / 2) * _p)),
        backing=derive().have("level", eq(query * _U1.symbol + _read, level(_th)), by=_read_by),
    )
    for name, query in (("read_plus", 1), ("read_minus", -1))
)
_w_slope = -_pk / 2 * _factor.symbol * (_V1.symbol * _G1.symbol + _V2.symbol * _G2.symbol)
_w_after = _own_weight.symbol + _eta * (
    _pk * _G.symbol * (1 - _os / 2) * _p * _factor.symbol - _lam * _own_weight.symbol
)
assembled_w = Lemma(
    "concepts/assembled_w",
    "The slope along P_b put into a step",
    (p, pk, lam, eta, sided, _V1, _V2, after, slope, _G1, _G2, _G, _factor, _own_weight),
    eq(_after, _w_after),
    hypotheses=(
        *_pulls,
        eq(_V1.symbol, (1 - _os / 2) * _p),
        eq(_V2.symbol, (1 - _os / 2) * _p),
        eq(slope.symbol, _w_slope),
        eq(_after, step_from(_own_weight.symbol, 1, slope.symbol)),
    ),
    backing=derive()
    .have(
        "sum",
        eq(_V1.symbol * _G1.symbol + _V2.symbol * _G2.symbol, 2 * (1 - _os / 2) * _p * _G.symbol),
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4)), quick],
    )
    .have(
        "slope",
        eq(slope.symbol, -_pk * _factor.symbol * (1 - _os / 2) * _p * _G.symbol),
        by=["sum", "hypothesis 5", quick],
    )
    .have("after", eq(_after, _w_after), by=["slope", "hypothesis 6", quick]),
)


def weight_field(own: Any, other: Any) -> sp.Expr:
    """What a step adds to an eigenvalue, per unit of the learning rate; `other` is that of the other matrix."""
    return _pk / (1 + _F) * (1 - _os / 2) * _p * ((1 - _angle**2) * _Nb * other) - _lam * own


def _step_of_weight(name: str, title: str, own: Any, other: Any, moving: Lemma) -> Lemma:
    level_of = level(_angle)
    moved = sp.Derivative(weight_loss, own)
    return Lemma(
        f"concepts/{name}",
        title,
        _weight_parameters,
        eq(_after, own + _eta * weight_field(own, other)),
        hypotheses=(*_readouts, eq(slope.symbol, moved), eq(_after, step_from(own, 1, slope.symbol))),
        backing=derive()
        .have("first output", eq(_h1, level_of), by=["hypothesis 1", "hypothesis 3", read_plus.at(theta=_angle)])
        .have(
            "second output",
            eq(-_h2, level_of),
            by=["hypothesis 2", "hypothesis 4", read_minus.at(theta=_angle, U1=_U2.symbol, V1=_V2.symbol)],
        )
        .have(
            "first pull",
            eq(1 / (1 + sp.exp(_h1)), 1 / (1 + _F)),
            by=["first output", equal_pulls.at(a1=_h1, a2=level_of)],
        )
        .have(
            "second pull",
            eq(1 / (1 + sp.exp(-_h2)), 1 / (1 + _F)),
            by=["second output", equal_pulls.at(a1=-_h2, a2=level_of)],
        )
        .have("slope of step", eq(slope.symbol, _slope_w(other)), by=["hypothesis 5", moving.at()])
        .have(
            "step",
            eq(_after, own + _eta * weight_field(own, other)),
            by=[
                "first pull",
                "second pull",
                "slope of step",
                *(f"hypothesis {k}" for k in (3, 4, 6)),
                assembled_w.at(
                    G1=1 / (1 + sp.exp(_h1)),
                    G2=1 / (1 + sp.exp(-_h2)),
                    G=1 / (1 + _F),
                    factor=(1 - _angle**2) * _Nb * other,
                    own=own,
                ),
            ],
        ),
    )


step_of_query = _step_of_weight("step_of_query", "A step of training in the eigenvalue of W_Q", _v, _w, slope_of_query)
step_of_key = _step_of_weight("step_of_key", "A step of training in the eigenvalue of W_K", _w, _v, slope_of_key)
