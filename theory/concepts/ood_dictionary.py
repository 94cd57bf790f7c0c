"""Tests on composed concepts (specification `concepts` 2.D): vectors of the test that combine learned ones.

Main statements
    ood_conic_dictionary   beta* = sum_k t_k^2 beta_k, C* = sum_k t''_k q_k, D* = sum_k t'_k p_k decide
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.attention import (
    CLEAN,
    COUNTED,
    SIGNS,
    agree,
    al,
    attention_weight,
    cj,
    correct,
    dj,
    eq_,
    score,
    sign,
    value,
    weight,
)
from theory.concepts.attention import over_demonstrations as over_prompt
from theory.concepts.composed import (
    LEARNED,
    SCORED,
    WORDS,
    b_star,
    composed,
    composed_scores,
    composed_strength,
    form,
    rho,
    spare,
)
from theory.concepts.composed_labels import (
    LABELS,
    NEURONS,
    C,
    D,
    along_c,
    along_d,
    c_star,
    composed_output,
    composed_reading,
    d_star,
    half,
    hinge,
    label_mix,
    output_above,
    output_below,
    output_closed,
    output_odd,
    p_of,
    read_concept,
    read_difference,
)
from theory.concepts.parameters import b, nm, np
from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.orthogonal import chosen, over_coordinates, over_family
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

bs = Parameter("bs", r"\beta^*", "score of a match: the attention's form on b*", reals(), (0.1, 3))
pulled = Parameter("pulled", r"\theta^* D^*", "theta* D*, positive or 0", reals(0), (0, 3))
deficit = Parameter("deficit", "x", "by how much -C* exceeds theta* D*", reals(0), (0, 3))
_x, _y, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyl")
_i = sp.Symbol("i", integer=True, positive=True)
_s = sp.Symbol("s", real=True)
_np, _nm, _b, _bs, _q, _C, _D, _h, _k = (p.symbol for p in (np, nm, b, bs, eq_, C, D, half, chosen))
_w, _e = pulled.symbol, deficit.symbol


def correct_share(matches: Any, others: Any, beta: Any) -> sp.Expr:
    """n_+/(n_+ + n_- e^(-2 beta))."""
    return matches / (matches + others * sp.exp(-2 * beta))


def theta_of(matches: Any, others: Any, beta: Any) -> sp.Expr:
    """theta = 2 sigma_corr - 1."""
    return (matches - others * sp.exp(-2 * beta)) / (matches + others * sp.exp(-2 * beta))


test_value = defined(
    "concepts/test_value",
    "test_value(x) = coordinate x of v = sum_l sigma_l (c* + e_l d*)",
    (_x,),
    over_prompt(weight * (c_star(_x) + sign(_l) * d_star(_x))),
)


def _reading(s: Any) -> sp.Sum:
    """<w_i, v> of a neuron of sign s."""
    return over_coordinates((along_c(_x) + s * along_d(_x)) * test_value(_x))


composed_margin = defined(
    "concepts/composed_margin",
    "composed_margin = e_q f, f = sum_i r_i [<w_i, v>]_+, r_i = 1/m for half of the neurons, -1/m for the others",
    (),
    _q
    * (
        sp.Sum(sp.Max(_reading(1), 0) / (2 * _h), (_i, 1, _h)) - sp.Sum(sp.Max(_reading(-1), 0) / (2 * _h), (_i, 1, _h))
    ),
)
_theirs = sp.tanh(_b) + (_np - _nm) / (sp.cosh(_b) * (_np * sp.exp(_b) + _nm * sp.exp(-_b)))
value_closed = Lemma(
    "concepts/value_closed",
    "The value of a clean prompt: c + e_q theta d",
    (np, nm, b, al, eq_, cj, dj),
    eq(value, cj.symbol + _q * theta_of(_np, _nm, _b) * dj.symbol),
    hypotheses=CLEAN,
    functions=(sign, score),
    backing=derive()
    .have(
        "value",
        eq(value, cj.symbol + _q * _theirs * dj.symbol),
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4)), attention_weight.at("value")],
    )
    .have("theta", eq(_theirs, theta_of(_np, _nm, _b)), by=decide)
    .have("closed", eq(value, cj.symbol + _q * theta_of(_np, _nm, _b) * dj.symbol), by=["value", "theta", quick]),
)
_theta = theta_of(_np, _nm, _bs)
_seen = sp.Lambda((_x,), c_star(_x) + _q * _theta * d_star(_x))
_signal = _theta * _D
_margin = composed_margin()
_closed = (sp.Max(_C + _signal, 0) - sp.Max(_C - _signal, 0)) / 2
_window = sp.Min(_signal, (_C + _signal) / 2)
_model = (*WORDS, *LEARNED, SCORED, *LABELS, *NEURONS)
_n = len(_model)
ood_conic_dictionary = Claim(
    id="concepts/ood_conic_dictionary",
    title="Tests on combinations of learned concepts",
    kind=Kind.EQUALITY,
    text=(
        "Words a* +- b* and labels c* +- d* with b* = sum t_k b_k, a* in the span of the a_k, d* = sum t'_k d_k and c* "
        "= sum t''_k c_k: beta* = sum t_k^2 beta_k whatever the signs of t, C* = sum t''_k q_k, D* = sum t'_k p_k, and "
        "e_q f = ([C* + theta* D*]_+ - [C* - theta* D*]_+)/2, theta* = tanh beta* on balanced prompts: right iff "
        "theta* D* > 0 and C* + theta* D* > 0. Conic combinations (t', t'' >= 0) suffice; a strongly negative c* "
        "silences the network"
    ),
    parameters=(top, last, rho, eq_, np, nm, bs, C, D, half, chosen, pulled, deficit),
    hypotheses=(
        *_model,
        *SIGNS,
        COUNTED,
        eq(_bs, composed),
        eq(_C, read_concept),
        eq(_D, read_difference),
        Forall((_y,), ge(p_of(_y), 0)),
    ),
    statements=(
        equal(form(b_star, b_star), composed, label="strength"),
        equal(correct, correct_share(_np, _nm, _bs), label="attention"),
        equal(_margin, _closed, label="output"),
        lower(_margin, _window, label="right"),
        upper(_margin, sp.Max(_window, 0), label="wrong"),
        lower(
            over_family(sp.Abs(label_mix(_y)) * p_of(_y)), sp.Abs(label_mix(_k)) * p_of(_k), label="conic differences"
        ),
        equal(composed_output(-_w - _e, _w, _h), 0, label="negative concept is silent"),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=("concepts/abstract_ood_as_stated",),
    remarks=("components of a*, b* outside the learned span add the decayed rest of the attention only",),
    derivation=derive()
    .have(
        "strength",
        eq(form(b_star, b_star), composed),
        by=["hypothesis 1", "hypothesis 3", "hypothesis 5", "hypothesis 6", composed_strength.at()],
    )
    .have(
        "all scores",
        Forall((_l,), eq(score(_l), spare + agree * composed)),
        by=[*(f"hypothesis {k}" for k in range(1, 8)), composed_scores.at()],
    )
    .have(
        "scores",
        Forall((_l,), eq(score(_l), spare + agree * _bs)),
        by=[fact("all scores", l=_l), f"hypothesis {_n + 4}", quick],
    )
    .have(
        "attention",
        eq(correct, correct_share(_np, _nm, _bs)),
        by=[
            "scores",
            *(f"hypothesis {k}" for k in (_n + 1, _n + 2, _n + 3)),
            attention_weight.at("correct attention", al=spare, b=_bs, cj=0, dj=0),
        ],
    )
    .have(
        "value",
        Forall((_x,), eq(test_value(_x), c_star(_x) + _q * _theta * d_star(_x))),
        by=[
            "scores",
            *(f"hypothesis {k}" for k in (_n + 1, _n + 2, _n + 3)),
            unfold(test_value, x=_x),
            value_closed.at(al=spare, b=_bs, cj=c_star(_x), dj=d_star(_x)),
        ],
    )
    .have(
        "reading",
        Forall((_s,), eq(_reading(_s), over_coordinates((along_c(_x) + _s * along_d(_x)) * _seen(_x)))),
        by=[Termwise(), fact("value", x=_x), quick],
    )
    .have(
        "read",
        Forall(
            (_s,),
            eq(
                over_coordinates((along_c(_x) + _s * along_d(_x)) * _seen(_x)),
                read_concept + _s * (_q * _theta) * read_difference,
            ),
        ),
        by=[*(f"hypothesis {k}" for k in range(8, _n + 1)), composed_reading.at(eta=_q * _theta, side=_s)],
    )
    .have(
        "preactivation",
        Forall((_s,), eq(_reading(_s), _C + _s * (_q * _signal))),
        by=[fact("reading", s=_s), fact("read", s=_s), f"hypothesis {_n + 5}", f"hypothesis {_n + 6}", quick],
    )
    .have("upper half", eq(_reading(1), _C + _q * _signal), by=[fact("preactivation", s=1), quick])
    .have("lower half", eq(_reading(-1), _C - _q * _signal), by=[fact("preactivation", s=-1), quick])
    .have(
        "upper sum",
        eq(sp.Sum(sp.Max(_reading(1), 0) / (2 * _h), (_i, 1, _h)), sp.Max(_C + _q * _signal, 0) / 2),
        by=["upper half", hinge.at(A=_reading(1), B=_C + _q * _signal)],
    )
    .have(
        "lower sum",
        eq(sp.Sum(sp.Max(_reading(-1), 0) / (2 * _h), (_i, 1, _h)), sp.Max(_C - _q * _signal, 0) / 2),
        by=["lower half", hinge.at(A=_reading(-1), B=_C - _q * _signal)],
    )
    .have(
        "network",
        eq(_margin, _q * (sp.Max(_C + _q * _signal, 0) / 2 - sp.Max(_C - _q * _signal, 0) / 2)),
        by=[unfold(composed_margin), "upper sum", "lower sum", quick],
    )
    .have(
        "sides",
        eq(
            composed_output(_C, _q * _signal, _h),
            (sp.Max(_C + _q * _signal, 0) - sp.Max(_C - _q * _signal, 0)) / 2,
        ),
        by=output_closed.at(signal=_q * _signal),
    )
    .have(
        "turned",
        eq(_q * composed_output(_C, _q * _signal, _h), composed_output(_C, _signal, _h)),
        by=[f"hypothesis {_n + 2}", output_odd.at(signal=_signal)],
    )
    .have("margin", eq(_margin, composed_output(_C, _signal, _h)), by=["network", "sides", "turned", quick])
    .have("closed", eq(composed_output(_C, _signal, _h), _closed), by=output_closed.at(signal=_signal))
    .have("output", eq(_margin, _closed), by=["margin", "closed"])
    .have("above", ge(composed_output(_C, _signal, _h), _window), by=output_above.at(signal=_signal))
    .have("right", ge(_margin, _window), by=["margin", "above", quick])
    .have("below", le(composed_output(_C, _signal, _h), sp.Max(_window, 0)), by=output_below.at(signal=_signal))
    .have("wrong", le(_margin, sp.Max(_window, 0)), by=["margin", "below", quick])
    .have(
        "conic differences",
        ge(over_family(sp.Abs(label_mix(_y)) * p_of(_y)), sp.Abs(label_mix(_k)) * p_of(_k)),
        by=[SingleTerm(_k), fact(f"hypothesis {_n + 7}", y=_y), quick],
    )
    .have(
        "silent sides",
        eq(composed_output(-_w - _e, _w, _h), (sp.Max(-_e, 0) - sp.Max(-_w - _e - _w, 0)) / 2),
        by=output_closed.at(C=-_w - _e, signal=_w),
    )
    .have("negative concept", eq(composed_output(-_w - _e, _w, _h), 0), by=["silent sides", decide]),
)
