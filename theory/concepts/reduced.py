"""A step of training in the reduced numbers of one concept, and its mirror image.

The state is (p, q, v, w): W_Q and W_K have the eigenvalues v, w on b_k; v = w from the aligned start and v = -w from
the mirrored one. Both have theta p >= 0, theta = tanh(v w |b_k|^2).

Main statements
    attention_of_prompt  theta = sum_l sigma_l e_l e_q of a balanced prompt, from the softmax
    reduced_dynamics     one step adds eta times the field of the regime to (p, q, v, w)
    mirrored_solution    (-p, q, v, -w) is mapped to the mirror image; what a mirrored network gets right
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.attention import CLEAN, al, attention_weight, balanced_attention, eq_, theta_of_counts
from theory.concepts.attention import theta as attention_difference
from theory.concepts.dynamics import (
    difference,
    equal_pulls,
    eta,
    level,
    neuron,
    neuron_loss,
    own_c,
    own_d,
    step_from,
    step_of_key,
    step_of_p,
    step_of_q,
    step_of_query,
    theta,
    v,
    weight_field,
    weight_loss,
)
from theory.concepts.fields import p, q, w
from theory.concepts.neurons import (
    NEURONS,
    activity,
    activity_of,
    concept_readout,
    difference_readout,
    outputs,
    over_neurons,
    preactivation,
    readout_on_concept,
    readout_on_difference,
    regime,
    sgn,
    sided,
)
from theory.concepts.parameters import Nb, b, kc, kd, lam, m, nm, np, pk
from theory.derivation import Derivation, derive
from theory.justification import decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import eq, substitute
from theory.source import OWN

_n = sp.Symbol("n", integer=True, nonnegative=True)
_p, _q, _v, _w, _th, _os, _eta, _i = (a.symbol for a in (p, q, v, w, theta, sided, eta, neuron))
_pk, _lam, _kd, _kc, _Nb, _m, _b, _np, _nm = (a.symbol for a in (pk, lam, kd, kc, Nb, m, b, np, nm))
on_plus, on_minus = (sp.Function(name, real=True) for name in ("on_plus", "on_minus"))
p_after, q_after, v_after, w_after = (
    Parameter(name, latex, meaning, reals(), (-3, 3))
    for name, latex, meaning in (
        ("p_after", "p_k^+", "s_i <w_i, d_k> after the step"),
        ("q_after", "q_k^+", "<w_i, c_k> after the step"),
        ("v_after", "v_k^+", "eigenvalue of W_Q on b_k after the step"),
        ("w_after", "w_k^+", "eigenvalue of W_K on b_k after the step"),
    )
)
slope_d, slope_c, slope_v, slope_w = (
    Parameter(name, name, meaning, reals(), (-1, 1))
    for name, meaning in (
        ("slope_d", "slope of the loss in <w_i, d_k>"),
        ("slope_c", "slope of the loss in <w_i, c_k>"),
        ("slope_v", "slope of the loss along P_b in W_Q"),
        ("slope_w", "slope of the loss along P_b in W_K"),
    )
)

_beta = _v * _w * _Nb
PROMPTS = (*(substitute(h, {_b: _beta}) for h in CLEAN), eq(_nm, _np), eq(_th, attention_difference))
attention_of_prompt = Lemma(
    "concepts/attention_of_prompt",
    "theta of a balanced prompt",
    (np, nm, al, eq_, v, w, Nb, theta),
    eq(_th, sp.tanh(_beta)),
    hypotheses=PROMPTS,
    functions=(sp.Function("sign_of", real=True), sp.Function("score", real=True)),
    backing=derive()
    .have(
        "attention",
        eq(attention_difference, sp.tanh(_beta)),
        by=[*(f"hypothesis {k}" for k in range(1, 6)), balanced_attention.at(b=_beta)],
    )
    .have("theta", eq(_th, sp.tanh(_beta)), by=["hypothesis 6", "attention", quick]),
)


def network_output(query: Any) -> sp.Expr:
    """sum_n r_n [<w_n, v>]_+ on the prompt of that query sign."""
    return over_neurons(sgn(_n) / _m * sp.Max(preactivation(query, _th * _p), 0))


_values = {
    "S1": network_output(1),
    "S2": network_output(-1),
    "o1": on_plus(_i),
    "o2": on_minus(_i),
    "s": sgn(_i),
}
_reads = {
    "U1": readout_on_concept(on_plus),
    "V1": readout_on_difference(on_plus),
    "U2": readout_on_concept(on_minus),
    "V2": readout_on_difference(on_minus),
}


def _bound_to(lemma: Lemma, given: dict[str, Any]) -> dict[Any, Any]:
    return {a.symbol: given[a.name] for a in lemma.parameters if a.name in given}


_neuron_loss = substitute(neuron_loss, _bound_to(step_of_p, _values))
_weight_loss = substitute(weight_loss, _bound_to(step_of_query, _reads))
_cn, _dn = own_c.symbol, own_d.symbol
NETWORK = (
    *NEURONS,
    *activity_of(on_plus, 1, _th * _p),
    *activity_of(on_minus, -1, _th * _p),
    *regime(_th * _p),
    eq(_cn, _q),
    eq(_dn, sgn(_i) * _p),
)
STEP = (
    eq(slope_d.symbol, sp.Derivative(_neuron_loss, _dn)),
    eq(p_after.symbol, sgn(_i) * step_from(_dn, _m * _kd, slope_d.symbol)),
    eq(slope_c.symbol, sp.Derivative(_neuron_loss, _cn)),
    eq(q_after.symbol, step_from(_cn, _m * _kc, slope_c.symbol)),
    eq(slope_v.symbol, sp.Derivative(_weight_loss, _v)),
    eq(v_after.symbol, step_from(_v, 1, slope_v.symbol)),
    eq(slope_w.symbol, sp.Derivative(_weight_loss, _w)),
    eq(w_after.symbol, step_from(_w, 1, slope_w.symbol)),
)
_first = len(NETWORK) + 1
_network = tuple(f"hypothesis {k}" for k in range(1, _first))


def field_of_p(p: Any, q: Any, angle: Any) -> sp.Expr:
    """What a step adds to p per unit of the learning rate, where theta = angle."""
    return _pk / (1 + sp.exp(level(angle, p, q))) * (1 - _os / 2) * angle * _kd - _lam * p


def field_of_q(p: Any, q: Any, angle: Any) -> sp.Expr:
    """The same for q."""
    return _pk / (1 + sp.exp(level(angle, p, q))) * _os / 2 * _kc - _lam * q


def _side(name: str, query: int, active: Any) -> dict[str, Lemma]:
    """What holds on the prompt of one query sign: output, activity of neuron i, products of g_v."""
    given = (*NEURONS, *activity_of(active, query, _th * _p), *regime(_th * _p))
    used = [f"hypothesis {k}" for k in range(1, len(given) + 1)]
    at = {"y": _th * _p, "e": query, "on": active}
    on_concept, on_difference = readout_on_concept(active), readout_on_difference(active)

    def lemma(what: str, title: str, conclusion: Any, applied: Any) -> Lemma:
        return Lemma(
            f"concepts/{what}_{name}",
            f"{title} where e_q = {query}",
            (m, p, q, theta, sided),
            conclusion,
            hypotheses=given,
            functions=(sgn, active),
            backing=derive().have(what, conclusion, by=[*used, applied.at(**at)]),
        )

    whether = eq(active(_i), 1 - _os * (1 - query * sgn(_i)) / 2)
    return {
        "output": lemma("output_on", "The output", eq(query * network_output(query), level(_th)), outputs),
        "concept": lemma("concept_on", "<g_v, c_k>", eq(on_concept, query * _os / 2 * _q), concept_readout),
        "difference": lemma("difference_on", "<g_v, d_k>", eq(on_difference, (1 - _os / 2) * _p), difference_readout),
        "active": Lemma(
            f"concepts/active_on_{name}",
            f"Whether neuron i is active where e_q = {query}",
            (m, p, q, theta, sided, neuron),
            whether,
            hypotheses=given,
            functions=(sgn, active),
            backing=derive()
            .have("sign", eq(sgn(_i) ** 2, 1), by=fact("hypothesis 1", n=_i))
            .have(
                "active",
                whether,
                by=[
                    "sign",
                    *(fact(f"hypothesis {k}", n=_i) for k in (3, 4, 5)),
                    *used[-4:],
                    activity.at(x=query * sgn(_i), o=active(_i), y=_th * _p),
                ],
            ),
        ),
    }


_plus_side, _minus_side = _side("plus", 1, on_plus), _side("minus", -1, on_minus)
output_on_plus, output_on_minus = _plus_side["output"], _minus_side["output"]
concept_on_plus, concept_on_minus = _plus_side["concept"], _minus_side["concept"]
difference_on_plus, difference_on_minus = _plus_side["difference"], _minus_side["difference"]
active_on_plus, active_on_minus = _plus_side["active"], _minus_side["active"]


def _chain() -> Derivation:
    found = derive().have("sign", eq(sgn(_i) ** 2, 1), by=fact("hypothesis 1", n=_i))
    for name, first, side in (("plus", 3, _plus_side), ("minus", 6, _minus_side)):
        used = [f"hypothesis {k}" for k in (1, 2, first, first + 1, first + 2, 9, 10, 11, 12)]
        for what, lemma in side.items():
            found = found.have(f"{what} {name}", lemma.conclusion, by=[*used, lemma.at()])
    return found


_own = [
    "output plus",
    "output minus",
    "active plus",
    "active minus",
    "sign",
    f"hypothesis {_first - 2}",
    f"hypothesis {_first - 1}",
]
_read = ["concept plus", "concept minus", "difference plus", "difference minus"]
_prompts = [f"hypothesis {k}" for k in range(_first + len(STEP), _first + len(STEP) + len(PROMPTS))]
reduced_dynamics = Claim(
    id="concepts/reduced_dynamics",
    title="Training on the clean population reduces to three numbers a concept",
    kind=Kind.EQUALITY,
    text=(
        "On the clean balanced population, from a symmetric start with q > 0 and theta p >= 0, one step adds eta F to "
        "(p, q, w) of each concept. Both-active (theta p < q, mu = 0): f = e_q theta p and F = (pi_k g(theta p) theta "
        "kappa_d - lambda p, -lambda q, pi_k g(theta p) p sech^2(beta) N_b w - lambda w). One-sided (theta p >= q, "
        "mu = 1): f = e_q (q + theta p)/2 and F = (pi_k g theta kappa_d/2 - lambda p, pi_k g kappa_c/2 - lambda q, "
        "pi_k g p sech^2(beta) N_b w/2 - lambda w). theta = tanh(beta); stated for eigenvalues v of W_Q and w of W_K"
    ),
    parameters=(
        *(p, q, v, w, theta, pk, Nb, kd, kc, lam, eta, sided, m, neuron, own_c, own_d),
        *(slope_d, p_after, slope_c, q_after, slope_v, v_after, slope_w, w_after),
        *(np, nm, al, eq_),
    ),
    hypotheses=(*NETWORK, *STEP, *PROMPTS),
    functions=(sgn, on_plus, on_minus, sp.Function("sign_of", real=True), sp.Function("score", real=True)),
    statements=(
        equal(p_after.symbol, _p + _eta * field_of_p(_p, _q, _th), label="p"),
        equal(q_after.symbol, _q + _eta * field_of_q(_p, _q, _th), label="q"),
        equal(v_after.symbol, _v + _eta * weight_field(_v, _w), label="eigenvalue of W_Q"),
        equal(w_after.symbol, _w + _eta * weight_field(_w, _v), label="eigenvalue of W_K"),
        equal(_th, sp.tanh(_beta), label="theta"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_chain()
    .have(
        "p",
        eq(p_after.symbol, _p + _eta * field_of_p(_p, _q, _th)),
        by=[
            *_own,
            f"hypothesis {_first}",
            f"hypothesis {_first + 1}",
            step_of_p.at(slope=slope_d.symbol, after=p_after.symbol, **_values),
        ],
    )
    .have(
        "q",
        eq(q_after.symbol, _q + _eta * field_of_q(_p, _q, _th)),
        by=[
            *_own,
            f"hypothesis {_first + 2}",
            f"hypothesis {_first + 3}",
            step_of_q.at(slope=slope_c.symbol, after=q_after.symbol, **_values),
        ],
    )
    .have(
        "v",
        eq(v_after.symbol, _v + _eta * weight_field(_v, _w)),
        by=[
            *_read,
            f"hypothesis {_first + 4}",
            f"hypothesis {_first + 5}",
            step_of_query.at(slope=slope_v.symbol, after=v_after.symbol, **_reads),
        ],
    )
    .have(
        "w",
        eq(w_after.symbol, _w + _eta * weight_field(_w, _v)),
        by=[
            *_read,
            f"hypothesis {_first + 6}",
            f"hypothesis {_first + 7}",
            step_of_key.at(slope=slope_w.symbol, after=w_after.symbol, **_reads),
        ],
    )
    .have("theta", eq(_th, sp.tanh(_beta)), by=[*_prompts, attention_of_prompt.at()]),
)


def step_map(number: Any) -> sp.Expr:
    """p, q, v or w after a step."""
    angle = difference(_v, _w)
    fields = {
        _p: field_of_p(_p, _q, angle),
        _q: field_of_q(_p, _q, angle),
        _v: weight_field(_v, _w),
        _w: weight_field(_w, _v),
    }
    return number + _eta * fields[number]


def mirrored(expression: sp.Expr) -> sp.Expr:
    """At (-p, q, v, -w)."""
    return expression.xreplace({_p: -_p, _w: -_w})


_th1, _G, _G1 = (
    Parameter(name, name, meaning, reals(), (-1, 1))
    for name, meaning in (("th1", "theta of the mirror image"), ("G", "g"), ("G1", "g of the mirror image"))
)
_plain = (p, q, v, w, theta, _th1, _G, _G1, pk, kd, kc, Nb, lam, eta, sided)


def _with(angle: Any, g: Any) -> dict[sp.Symbol, sp.Expr]:
    """The map in terms of theta and g."""
    share = 1 - _os / 2
    pulled = _pk * g * share * _p * (1 - angle**2) * _Nb
    return {
        _p: _p + _eta * (_pk * g * share * angle * _kd - _lam * _p),
        _q: _q + _eta * (_pk * g * _os / 2 * _kc - _lam * _q),
        _v: _v + _eta * (pulled * _w - _lam * _v),
        _w: _w + _eta * (pulled * _v - _lam * _w),
    }


_turned, _plain_map = _with(_th1.symbol, _G1.symbol), _with(_th, _G.symbol)
_image = {_p: -1, _q: 1, _v: 1, _w: -1}
mirror_p, mirror_q, mirror_v, mirror_w = (
    Lemma(
        f"concepts/mirror_{number.name}",
        f"The map in {number.name} at the mirror image",
        _plain,
        eq(mirrored(_turned[number]), sign * _plain_map[number]),
        hypotheses=(eq(_th1.symbol, -_th), eq(_G1.symbol, _G.symbol)),
        backing=derive().have(
            "mirror",
            eq(mirrored(_turned[number]), sign * _plain_map[number]),
            by=["hypothesis 1", "hypothesis 2", quick],
        ),
    )
    for number, sign in _image.items()
)
_angle = difference(_v, _w)
_level, _level_1 = level(_angle), mirrored(level(_angle))
_at_mirror = {
    "theta": _angle,
    "th1": mirrored(_angle),
    "G": 1 / (1 + sp.exp(_level)),
    "G1": 1 / (1 + sp.exp(_level_1)),
}
_upside_down = tuple(substitute(h, {_b: -_b}) for h in CLEAN)
_margin = _p * (_nm * sp.exp(2 * _b) - _np) / (_nm * sp.exp(2 * _b) + _np)
mirrored_solution = Claim(
    id="concepts/mirrored_solution",
    title="Training learns a concept upside down as well",
    kind=Kind.EQUALITY,
    text=(
        "The map of a step takes (-p, q, v, -w) to the mirror image of where it takes (p, q, v, w); from W_K = "
        "-sigma_0 I and p_0 = 0 training therefore gives (-beta, -p, q). With -beta and -p, beta, p > 0, the margin of "
        "a both-active network is theta (-p) = p (n_- e^(2 beta) - n_+)/(n_- e^(2 beta) + n_+): right iff n_+ < "
        "n_- e^(2 beta), so that balanced prompts are right and fully matching ones wrong"
    ),
    parameters=(p, q, v, w, pk, Nb, kd, kc, lam, eta, sided, np, nm, b, al, eq_),
    hypotheses=_upside_down,
    functions=(sp.Function("sign_of", real=True), sp.Function("score", real=True)),
    statements=(
        equal(mirrored(step_map(_p)), -step_map(_p), label="p"),
        equal(mirrored(step_map(_q)), step_map(_q), label="q"),
        equal(mirrored(step_map(_v)), step_map(_v), label="eigenvalue of W_Q"),
        equal(mirrored(step_map(_w)), -step_map(_w), label="eigenvalue of W_K"),
        equal(-_p * attention_difference, _margin, label="margin"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("odd", eq(mirrored(_angle), -_angle), by=decide, note="theta is odd in beta")
    .have("level", eq(_level_1, _level), by=["odd", quick])
    .have(
        "pull",
        eq(1 / (1 + sp.exp(_level_1)), 1 / (1 + sp.exp(_level))),
        by=["level", equal_pulls.at(a1=_level_1, a2=_level)],
    )
    .have("p", eq(mirrored(step_map(_p)), -step_map(_p)), by=["odd", "pull", mirror_p.at(**_at_mirror)])
    .have("q", eq(mirrored(step_map(_q)), step_map(_q)), by=["odd", "pull", mirror_q.at(**_at_mirror)])
    .have("v", eq(mirrored(step_map(_v)), step_map(_v)), by=["odd", "pull", mirror_v.at(**_at_mirror)])
    .have("w", eq(mirrored(step_map(_w)), -step_map(_w)), by=["odd", "pull", mirror_w.at(**_at_mirror)])
    .have(
        "theta",
        eq(attention_difference, theta_of_counts.xreplace({_b: -_b})),
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4)), attention_weight.at("theta", b=-_b, cj=0, dj=0)],
    )
    .have("closed", eq(-_p * theta_of_counts.xreplace({_b: -_b}), _margin), by=decide)
    .have("margin", eq(-_p * attention_difference, _margin), by=["theta", "closed", quick]),
)
