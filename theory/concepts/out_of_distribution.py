"""Tests of other lengths and other laws of concepts (specification `concepts` 2.D).

Main statements
    ood_length   at test length L* only (n_+, n_-, beta) count: balanced labels, or L* < 1 + e^(2 beta) with a match
    ood_skew     the law of the test's concepts leaves the error given the concept as it is

Composed concepts: theory.concepts.ood_dictionary, ood_co_concepts, ood_cross_term; labels: theory.concepts.ood_labels.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.attention import (
    CLEAN,
    al,
    attention_weight,
    eq_,
    score,
    sign,
    theta,
)
from theory.concepts.composed_labels import (
    C,
    D,
    composed_output,
    half,
    output_above,
    output_below,
    output_closed,
    output_odd,
    output_same,
)
from theory.concepts.ood_dictionary import theta_of
from theory.concepts.parameters import L, b, nm, np, pk
from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.orthogonal import over_family
from theory.lemmas.sums import last, over
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

away = Parameter("away", "x", "distance of beta from log(L* - 1)/2", reals(0), (0, 3))
rest = Parameter("rest", "L^*-1", "demonstrations of a prompt with one match that do not match", integers(1), (1, 64))
_np, _nm, _b, _al, _q, _C, _D, _h, _e, _r = (p.symbol for p in (np, nm, b, al, eq_, C, D, half, away, rest))
_l, _j, _x, _y, _z = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ljxyz")
_n = sp.Symbol("n", integer=True, positive=True)

# -- length ----------------------------------------------------------------------------------------------------

_theirs = sp.tanh(_b) + (_np - _nm) / (sp.cosh(_b) * (_np * sp.exp(_b) + _nm * sp.exp(-_b)))
theta_closed = Lemma(
    "concepts/theta_closed",
    "theta = (n_+ - n_- e^(-2 beta))/(n_+ + n_- e^(-2 beta))",
    (np, nm, b, al, eq_),
    eq(theta, theta_of(_np, _nm, _b)),
    hypotheses=CLEAN,
    functions=(sign, score),
    backing=derive()
    .have(
        "theta",
        eq(theta, _theirs),
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4)), attention_weight.at("theta", cj=0, dj=0)],
    )
    .have("same", eq(_theirs, theta_of(_np, _nm, _b)), by=decide)
    .have("closed", eq(theta, theta_of(_np, _nm, _b)), by=["theta", "same", quick]),
)
one_match = Lemma(
    "concepts/one_match",
    "One match among L* demonstrations with beta = log(L* - 1)/2 + x: theta = tanh x",
    (rest, _v := Parameter("v", "v", "beta - log(L* - 1)/2", reals(), (-1, 1))),
    eq(theta_of(1, _r, sp.log(_r) / 2 + _v.symbol), sp.tanh(_v.symbol)),
    backing=derive().have("theta", eq(theta_of(1, _r, sp.log(_r) / 2 + _v.symbol), sp.tanh(_v.symbol)), by=decide),
)
test_theta = defined("concepts/test_theta", "test_theta = sum_l sigma_l e_l e_q of the test prompt", (), theta)
_signal = theta_of(_np, _nm, _b) * _D
_sum_signal = test_theta() * _D
_even, _short, _long = (sp.tanh(x) * _D for x in (_b, _e, -_e))
missed = sp.Function("missed", real=True)  # 1 on prompts with j matches where e_q f <= 0


def _window(signal: sp.Expr) -> sp.Expr:
    """min(theta p, (q + theta p)/2)."""
    return sp.Min(signal, (_C + signal) / 2)


_near, _far = sp.log(_r) / 2 + _e, sp.log(_r) / 2 - _e
_closed = (sp.Max(_C + _signal, 0) - sp.Max(_C - _signal, 0)) / 2
_L = L.symbol
iid_error = sp.Sum(sp.binomial(_L, _j) * missed(_j) / 2**_L, (_j, 0, _L))
ood_length = Claim(
    id="concepts/ood_length",
    title="Tests of another length",
    kind=Kind.STRUCTURAL,
    text=(
        "At test length L* = n_+ + n_- a learned concept (q, p, beta > 0) gives e_q f = ([q + theta p]_+ - [q - theta "
        "p]_+)/2 with theta = (n_+ - n_- e^(-2 beta))/(n_+ + n_- e^(-2 beta)): the length of training does not enter. "
        "Balanced prompts are right at every length; with one match the prompt is right iff L* < 1 + e^(2 beta), and "
        "at greater length an error; independent labels leave an error of at least 2^(-L*)"
    ),
    parameters=(np, nm, b, al, eq_, C, D, half, rest, away, L),
    hypotheses=(
        *CLEAN,
        gt(_b, 0),
        ge(_C, 0),
        gt(_D, 0),
        Forall((_j,), ge(missed(_j), 0)),
        Forall((_j,), eq(missed(_j), 1), (le(composed_output(_C, theta_of(_j, _L - _j, _b) * _D, _h), 0),)),
    ),
    statements=(
        equal(_q * composed_output(_C, _q * _sum_signal, _h), _closed, label="counts decide"),
        lower(composed_output(_C, theta_of(_np, _np, _b) * _D, _h), _window(_even), label="balanced"),
        lower(composed_output(_C, theta_of(1, _r, _near) * _D, _h), _window(_short), label="short enough"),
        upper(composed_output(_C, theta_of(1, _r, _far) * _D, _h), 0, label="too long is an error"),
        lower(iid_error, 2 ** (-_L), label="independent labels err"),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=("concepts/abstract_any_length_as_stated", "concepts/abstract_ood_as_stated"),
    derivation=derive()
    .have("theta", eq(theta, theta_of(_np, _nm, _b)), by=[*(f"hypothesis {k}" for k in range(1, 5)), theta_closed.at()])
    .have("signal", eq(_sum_signal, _signal), by=["theta", unfold(test_theta), quick])
    .have(
        "turned",
        eq(_q * composed_output(_C, _q * _sum_signal, _h), composed_output(_C, _sum_signal, _h)),
        by=["hypothesis 2", output_odd.at(signal=_sum_signal)],
    )
    .have(
        "same",
        eq(composed_output(_C, _sum_signal, _h), composed_output(_C, _signal, _h)),
        by=["signal", output_same.at(signal=_sum_signal, other_signal=_signal)],
    )
    .have("closed", eq(composed_output(_C, _signal, _h), _closed), by=output_closed.at(signal=_signal))
    .have(
        "counts decide",
        eq(_q * composed_output(_C, _q * _sum_signal, _h), _closed),
        by=["turned", "same", "closed", quick],
    )
    .have("even", eq(theta_of(_np, _np, _b) * _D, _even), by=decide)
    .have(
        "even output",
        eq(composed_output(_C, theta_of(_np, _np, _b) * _D, _h), composed_output(_C, _even, _h)),
        by=["even", output_same.at(signal=theta_of(_np, _np, _b) * _D, other_signal=_even)],
    )
    .have("even window", ge(composed_output(_C, _even, _h), _window(_even)), by=output_above.at(signal=_even))
    .have(
        "balanced",
        ge(composed_output(_C, theta_of(_np, _np, _b) * _D, _h), _window(_even)),
        by=["even output", "even window", quick],
    )
    .have("one match", eq(theta_of(1, _r, _near), sp.tanh(_e)), by=one_match.at(v=_e))
    .have("near", eq(theta_of(1, _r, _near) * _D, _short), by=["one match", quick])
    .have(
        "near output",
        eq(composed_output(_C, theta_of(1, _r, _near) * _D, _h), composed_output(_C, _short, _h)),
        by=["near", output_same.at(signal=theta_of(1, _r, _near) * _D, other_signal=_short)],
    )
    .have("near window", ge(composed_output(_C, _short, _h), _window(_short)), by=output_above.at(signal=_short))
    .have(
        "short enough",
        ge(composed_output(_C, theta_of(1, _r, _near) * _D, _h), _window(_short)),
        by=["near output", "near window", quick],
    )
    .have("one match far", eq(theta_of(1, _r, _far), sp.tanh(-_e)), by=one_match.at(v=-_e))
    .have("far", eq(theta_of(1, _r, _far) * _D, _long), by=["one match far", quick])
    .have(
        "far output",
        eq(composed_output(_C, theta_of(1, _r, _far) * _D, _h), composed_output(_C, _long, _h)),
        by=["far", output_same.at(signal=theta_of(1, _r, _far) * _D, other_signal=_long)],
    )
    .have("far window", le(composed_output(_C, _long, _h), sp.Max(_window(_long), 0)), by=output_below.at(signal=_long))
    .have("tanh", le(sp.tanh(-_e), 0), by=decide)
    .have("not positive", le(_long, 0), by=["tanh", "hypothesis 7", decide])
    .have("no window", le(sp.Max(_window(_long), 0), 0), by=["not positive", decide])
    .have(
        "too long",
        le(composed_output(_C, theta_of(1, _r, _far) * _D, _h), 0),
        by=["far output", "far window", "no window", quick],
    )
    .have("no match", eq(theta_of(0, _L, _b) * _D, -_D), by=decide)
    .have(
        "no match output",
        eq(composed_output(_C, theta_of(0, _L, _b) * _D, _h), composed_output(_C, -_D, _h)),
        by=["no match", output_same.at(signal=theta_of(0, _L, _b) * _D, other_signal=-_D)],
    )
    .have("no match window", le(composed_output(_C, -_D, _h), sp.Max(_window(-_D), 0)), by=output_below.at(signal=-_D))
    .have("nothing", le(sp.Max(_window(-_D), 0), 0), by=["hypothesis 7", decide])
    .have(
        "error without match",
        le(composed_output(_C, theta_of(0, _L, _b) * _D, _h), 0),
        by=["no match output", "no match window", "nothing", quick],
    )
    .have("missed", eq(missed(0), 1), by=["error without match", fact("hypothesis 9", j=0)])
    .have(
        "independent labels",
        ge(iid_error, 2 ** (-_L)),
        by=[SingleTerm(0), fact("hypothesis 8", j=_j), "missed", quick],
    ),
)

# -- skew ------------------------------------------------------------------------------------------------------

prompts = Parameter("prompts", r"\hat x", "last prompt of a concept", integers(0), (0, 31))
tolerance = Parameter("tolerance", r"\epsilon", "largest error of a concept", reals(0, 1), (0, 0.5))
prompt_law, misses, share, error_of = (
    sp.Function(n, real=True) for n in ("prompt_law", "misses", "share_of", "error_of")
)
_N, _pk, _tol = prompts.symbol, pk.symbol, tolerance.symbol
_given = over(_pk * prompt_law(_x) * misses(_x), _x, _N) / over(_pk * prompt_law(_x), _x, _N)
_alone = over(prompt_law(_x) * misses(_x), _x, _N)
_total = over_family(share(_y) * error_of(_y))
ood_skew = Claim(
    id="concepts/ood_skew",
    title="Tests with another law of the concepts",
    kind=Kind.STRUCTURAL,
    text=(
        "The probabilities pi of the concepts in the test leave the error given the concept as it is, since concepts "
        "decouple (concepts/reduced_dynamics); the error is at most the largest error of a concept, whatever pi. In "
        "training pi_k enters the field of concept k alone, and below concepts/no_learning_below it is forgotten"
    ),
    parameters=(prompts, pk, last, tolerance),
    hypotheses=(
        eq(over(prompt_law(_x), _x, _N), 1),
        Forall((_y,), ge(share(_y), 0)),
        eq(over_family(share(_y)), 1),
        Forall((_y,), le(error_of(_y), _tol), (le(_y, last.symbol),)),
    ),
    statements=(
        equal(_given, _alone, label="given the concept"),
        upper(_total, _tol, trivial=1, label="whatever the law"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("a skewed law in training can push a rare concept below the threshold of concepts/no_learning_below",),
    derivation=derive()
    .have(
        "numerator",
        eq(over(_pk * prompt_law(_x) * misses(_x), _x, _N), _pk * over(prompt_law(_x) * misses(_x), _x, _N)),
        by=algebra,
    )
    .have("factor", eq(over(_pk * prompt_law(_x), _x, _N), _pk * over(prompt_law(_x), _x, _N)), by=algebra)
    .have("mass", eq(over(_pk * prompt_law(_x), _x, _N), _pk), by=["factor", "hypothesis 1", quick])
    .have("given the concept", eq(_given, _alone), by=["numerator", "mass", quick])
    .have(
        "each",
        Forall((_y,), le(share(_y) * error_of(_y), share(_y) * _tol), (le(_y, last.symbol),)),
        by=[fact("hypothesis 2", y=_y), fact("hypothesis 4", y=_y), quick],
    )
    .have("termwise", le(_total, over_family(share(_y) * _tol)), by=[Termwise(), fact("each", y=_y)])
    .have("shares", eq(over_family(share(_y) * _tol), _tol * over_family(share(_y))), by=algebra)
    .have("total", le(_total, _tol), by=["termwise", "shares", "hypothesis 3", quick]),
)
