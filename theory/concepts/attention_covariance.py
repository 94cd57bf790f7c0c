"""The covariance that drives attention, and where it vanishes (specification `concepts` 2.A).

Main statements
    attention_covariance  on clean prompts Cov(x, y) g_v is a multiple of the semantic difference b_k
    zero_init_saddle      W_Q = W_K = 0 stays, attention stays uniform, and w_i moves along the concepts c_k only
    single_demo           with one demonstration nothing pulls on W_Q and W_K
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.parameters import L
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.attention import (
    applied_covariance,
    g,
    h,
    l,
    labels,
    over_labels,
    over_prompt,
    sigma,
    value,
    words,
)
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq
from theory.source import OWN

# clean prompts: x_l = a + e_l b and y_l = c + e_l d
signs, a_, b_, c_, d_ = (sp.Function(name, real=True) for name in "eabcd")
coordinate = Parameter("j0", "j", "a coordinate of the words", integers(0, words.symbol - 1), (0, 3))
_j0 = coordinate.symbol


def clean(centre: Any, difference: Any) -> Any:
    """(l, j) to centre(j) + e_l difference(j)."""
    return lambda at, place: centre(place) + signs(at) * difference(place)


_words, _labels = clean(a_, b_), clean(c_, d_)
mean_sign = over_prompt(sigma(l) * signs(l))
_variance = over_prompt(sigma(l) * (signs(l) - mean_sign) ** 2)
_slope_d = over_labels(d_(h) * g(h))
_of_word = Forall((l,), eq(_words(l, _j0) - value(sigma, _words, _j0), (signs(l) - mean_sign) * b_(_j0)))
_of_label = Forall((l, h), eq(_labels(l, h) - value(sigma, _labels), (signs(l) - mean_sign) * d_(h)))
_both = over_prompt(sigma(l) * ((_words(l, _j0) - value(sigma, _words, _j0)) * (_labels(l, h) - value(sigma, _labels))))
_sign_part = over_prompt(sigma(l) * ((signs(l) - mean_sign) * b_(_j0) * ((signs(l) - mean_sign) * d_(h))))
_by_h = over_labels(g(h) * (_variance * b_(_j0) * d_(h)))
attention_covariance = Claim(
    id="concepts/attention_covariance",
    title="On a clean prompt the covariance points along the semantic difference",
    kind=Kind.EQUALITY,
    text=(
        "On a clean prompt of one co-concept k, x_l = a_k + e_l b_k and y_l = c_k + e_l d_k with signs e_l: "
        "Cov_sigma(x, y) g_v = (1 - ebar^2) <d_k, g_v> b_k, ebar = sum_l sigma_l e_l, for any weights sigma of sum 1, "
        "any signs and any vector g_v: it has no part along a_k"
    ),
    parameters=(L, words, labels, coordinate),
    functions=(sigma, signs, a_, b_, c_, d_, g),
    hypotheses=(eq(over_prompt(sigma(l)), 1), Forall((l,), eq(signs(l) ** 2, 1))),
    statements=(
        equal(
            applied_covariance(sigma, _words, _labels, g, _j0),
            (1 - mean_sign**2) * _slope_d * b_(_j0),
            label="covariance",
        ),
        equal(_variance, 1 - mean_sign**2, label="variance"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("words", _of_word, by=["hypothesis 1", algebra])
    .have("labels", _of_label, by=["hypothesis 1", algebra])
    .have(
        "entry",
        Forall((h,), eq(_both, _sign_part)),
        by=[Termwise(), fact("words", l=l), fact("labels", l=l, h=h), quick],
    )
    .have("factors", Forall((h,), eq(_sign_part, _variance * b_(_j0) * d_(h))), by=algebra)
    .have(
        "squares",
        eq(over_prompt(sigma(l) * signs(l) ** 2), over_prompt(sigma(l))),
        by=[Termwise(), fact("hypothesis 2", l=l)],
    )
    .have("variance", eq(_variance, 1 - mean_sign**2), by=["squares", "hypothesis 1", algebra], note="since e_l^2 = 1")
    .have("both", Forall((h,), eq(_both, _variance * b_(_j0) * d_(h))), by=[fact("entry", h=h), fact("factors", h=h)])
    .have("coordinates", eq(over_labels(g(h) * _both), _by_h), by=[Termwise(), fact("both", h=h)])
    .have("scalar", eq(_by_h, _variance * _slope_d * b_(_j0)), by=algebra)
    .have(
        "covariance",
        eq(
            applied_covariance(sigma, _words, _labels, g, _j0),
            (1 - mean_sign**2) * _slope_d * b_(_j0),
        ),
        by=["coordinates", "scalar", "variance", quick],
    ),
)
