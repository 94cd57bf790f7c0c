"""Softmax attention over demonstrations that either match the sign of the query or do not.

Demonstrations l = 0..L-1, L = n_+ + n_-, have signs e(l) = +-1, the query has e_q = +-1; n_+ is the number of matches
e(l) e_q = 1. On a clean prompt the score of a demonstration is s(l) = alpha + e(l) e_q beta (D2-D4, D9).

Main definitions
    over_demonstrations   the sum over l
    exponentials, matches, others   sums of exp s(l) over all demonstrations, over matches, over the others
    weight                sigma_l = exp s(l) / sum_j exp s(j)
    correct, theta, squares   sum of the weights of matches; sum_l sigma_l e_l e_q; sum_l sigma_l^2

Main statements
    matched, unmatched          sums of exponentials over matches and over the others
    attention_weight            sigma_corr = n_+/(n_+ + n_- e^(-2 beta)), theta, sum of squares, value v
    balanced_attention          n_+ = n_-: theta = tanh beta, sum of squares (1 + theta^2)/L

Scores known up to an error: theory.concepts.attention_perturbed.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.parameters import b, nm, np
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.softmax import exp_increases
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt
from theory.source import OWN

al = Parameter("al", r"\alpha", "score of the concept itself: the attention's form on a_k", reals(), (-5, 5))
eq_ = Parameter("eq", "e_q", "sign of the query, the real label", reals(-1, 1), (-1, 1))
cj = Parameter("cj", "c_{k,j}", "a coordinate of the label concept c_k", reals(), (-3, 3))
dj = Parameter("dj", "d_{k,j}", "the same coordinate of the label difference d_k", reals(), (-3, 3))

sign = sp.Function("sign_of", real=True)  # e(l)
score = sp.Function("score", real=True)  # s(l)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_np, _nm, _b, _a, _q, _c, _d = (p.symbol for p in (np, nm, b, al, eq_, cj, dj))


def over_demonstrations(term: Any) -> sp.Sum:
    """The sum of `term` over l = 0..n_+ + n_- - 1."""
    return sp.Sum(term, (_l, 0, _np + _nm - 1))


agree = sign(_l) * _q  # e_l e_q
match, other = (1 + agree) / 2, (1 - agree) / 2
exponentials = over_demonstrations(sp.exp(score(_l)))
matches = over_demonstrations(sp.exp(score(_l)) * match)
others = over_demonstrations(sp.exp(score(_l)) * other)
weight = sp.exp(score(_l)) / exponentials
correct = over_demonstrations(weight * match)
theta = over_demonstrations(weight * agree)
squares = over_demonstrations(weight**2)
value = over_demonstrations(weight * (_c + sign(_l) * _d))  # a coordinate of v = sum_l sigma_l y_l

SIGNS = (Forall((_l,), eq(sign(_l) ** 2, 1)), eq(_q**2, 1))
COUNTED = eq(over_demonstrations(match), _np)
SCORES = Forall((_l,), eq(score(_l), _a + agree * _b))
CLEAN = (*SIGNS, COUNTED, SCORES)

_x = Parameter("x", "x", "e_l e_q", reals(), (-1, 1))
_s = Parameter("s", "s", "a score", reals(), (-5, 5))
_S, _X = _s.symbol, _x.symbol
of_sign = Lemma(
    "concepts/of_sign",
    "The exponential of a score alpha + x beta of sign x, where x = 1",
    (_x, _s, al, b),
    eq(sp.exp(_S) * (1 + _X) / 2, sp.exp(_a + _b) * (1 + _X) / 2),
    hypotheses=(eq(_X**2, 1), eq(_S, _a + _X * _b)),
    backing=derive()
    .have("sign", eq(sp.exp(_a + _X * _b) * (1 + _X) / 2, sp.exp(_a + _b) * (1 + _X) / 2), by=["hypothesis 1", decide])
    .have("below", ge(sp.exp(_S), sp.exp(_a + _X * _b)), by=["hypothesis 2", exp_increases.at(u=_S, v=_a + _X * _b)])
    .have("above", ge(sp.exp(_a + _X * _b), sp.exp(_S)), by=["hypothesis 2", exp_increases.at(u=_a + _X * _b, v=_S)])
    .have("same", eq(sp.exp(_S), sp.exp(_a + _X * _b)), by=["below", "above", quick])
    .have("score", eq(sp.exp(_S) * (1 + _X) / 2, sp.exp(_a + _b) * (1 + _X) / 2), by=["sign", "same", quick]),
)
_is_sign = Forall((_l,), eq(agree**2, 1))
matched = Lemma(
    "concepts/matched",
    "Exponentials of the scores of matches, summed",
    (np, nm, al, b, eq_),
    eq(matches, sp.exp(_a + _b) * _np),
    hypotheses=CLEAN,
    functions=(sign, score),
    backing=derive()
    .have("sign", _is_sign, by=[fact("hypothesis 1", l=_l), "hypothesis 2", quick])
    .have(
        "each",
        Forall((_l,), eq(sp.exp(score(_l)) * match, sp.exp(_a + _b) * match)),
        by=[fact("sign", l=_l), fact("hypothesis 4", l=_l), of_sign.at(x=agree, s=score(_l))],
    )
    .have("all", eq(matches, over_demonstrations(sp.exp(_a + _b) * match)), by=[Termwise(), "each"])
    .have(
        "factor",
        eq(over_demonstrations(sp.exp(_a + _b) * match), sp.exp(_a + _b) * over_demonstrations(match)),
        by=algebra,
    )
    .have("counted", eq(matches, sp.exp(_a + _b) * _np), by=["all", "factor", "hypothesis 3", quick]),
)
unmatched = Lemma(
    "concepts/unmatched",
    "Exponentials of the scores of the other demonstrations, summed",
    (np, nm, al, b, eq_),
    eq(others, sp.exp(_a - _b) * _nm),
    hypotheses=CLEAN,
    functions=(sign, score),
    backing=derive()
    .have("ones", eq(over_demonstrations(1), _np + _nm), by=algebra)
    .have("split", eq(over_demonstrations(other), over_demonstrations(1) - over_demonstrations(match)), by=algebra)
    .have("number", eq(over_demonstrations(other), _nm), by=["split", "ones", "hypothesis 3", quick])
    .have("sign", Forall((_l,), eq((-agree) ** 2, 1)), by=[fact("hypothesis 1", l=_l), "hypothesis 2", quick])
    .have(
        "each",
        Forall((_l,), eq(sp.exp(score(_l)) * other, sp.exp(_a - _b) * other)),
        by=[fact("sign", l=_l), fact("hypothesis 4", l=_l), of_sign.at(x=-agree, s=score(_l), b=-_b)],
    )
    .have("all", eq(others, over_demonstrations(sp.exp(_a - _b) * other)), by=[Termwise(), "each"])
    .have(
        "factor",
        eq(over_demonstrations(sp.exp(_a - _b) * other), sp.exp(_a - _b) * over_demonstrations(other)),
        by=algebra,
    )
    .have("counted", eq(others, sp.exp(_a - _b) * _nm), by=["all", "factor", "number", quick]),
)
_M, _N = sp.exp(_a + _b) * _np, sp.exp(_a - _b) * _nm  # both sums
_below = _np + _nm * sp.exp(-2 * _b)
_correct = _np / _below
theta_of_counts = sp.tanh(_b) + (_np - _nm) / (sp.cosh(_b) * (_np * sp.exp(_b) + _nm * sp.exp(-_b)))
_squares = (_np + _nm * sp.exp(-4 * _b)) / _below**2
_four = tuple(f"hypothesis {k}" for k in (1, 2, 3, 4))
_signed = over_demonstrations(sp.exp(score(_l)) * sign(_l))
_double = over_demonstrations(sp.exp(2 * score(_l)))
_double_matches = over_demonstrations(sp.exp(2 * score(_l)) * match)
_double_others = over_demonstrations(sp.exp(2 * score(_l)) * other)
_twice = {"score": sp.Lambda((_l,), 2 * score(_l)), "al": 2 * _a, "b": 2 * _b}
_ratio = (_M - _N) / (_M + _N)
_sums = (
    derive()
    .have("matches", eq(matches, _M), by=[*_four, matched.at()])
    .have("others", eq(others, _N), by=[*_four, unmatched.at()])
    .have("parts", eq(exponentials, matches + others), by=algebra)
    .have("normaliser", eq(exponentials, _M + _N), by=["parts", "matches", "others", quick])
    .have("twice", Forall((_l,), eq(2 * score(_l), 2 * _a + agree * 2 * _b)), by=[fact("hypothesis 4", l=_l), quick])
    .have(
        "double matches", eq(_double_matches, sp.exp(2 * _a + 2 * _b) * _np), by=[*_four, "twice", matched.at(**_twice)]
    )
    .have(
        "double others", eq(_double_others, sp.exp(2 * _a - 2 * _b) * _nm), by=[*_four, "twice", unmatched.at(**_twice)]
    )
    .have("double parts", eq(_double, _double_matches + _double_others), by=algebra)
)
attention_weight = Claim(
    id="concepts/attention_weight",
    title="Softmax attention on the demonstrations that match the query",
    kind=Kind.EQUALITY,
    text=(
        "If the scores are alpha + e_l e_q beta, then sigma_corr = n_+/(n_+ + n_- e^(-2 beta)): alpha cancels; "
        "theta = sum sigma_l e_l e_q is tanh beta on balanced prompts; the squares of the weights sum to "
        "sigma_corr^2/n_+ + (1 - sigma_corr)^2/n_-, balanced (1 + theta^2)/L; the value is c_k + e_q theta d_k"
    ),
    parameters=(np, nm, b, al, eq_, cj, dj),
    hypotheses=CLEAN,
    functions=(sign, score),
    statements=(
        equal(correct, _correct, label="correct attention"),
        equal(theta, theta_of_counts, label="theta"),
        equal(squares, _squares, label="squares"),
        equal(_np * _nm * squares, _nm * _correct**2 + _np * (1 - _correct) ** 2, label="squares by parts"),
        equal(value, _c + _q * theta_of_counts * _d, label="value"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_sums.have("correct by sums", eq(correct, matches / exponentials), by=algebra)
    .have("correct ratio", eq(correct, _M / (_M + _N)), by=["correct by sums", "matches", "normaliser", quick])
    .have("correct closed", eq(_M / (_M + _N), _correct), by=decide)
    .have("correct", eq(correct, _correct), by=["correct ratio", "correct closed"])
    .have("theta by sums", eq(theta, (matches - others) / exponentials), by=algebra)
    .have("theta ratio", eq(theta, _ratio), by=["theta by sums", "matches", "others", "normaliser", quick])
    .have("theta closed", eq(_ratio, theta_of_counts), by=decide)
    .have("theta", eq(theta, theta_of_counts), by=["theta ratio", "theta closed"])
    .have("squares by sums", eq(squares, _double / exponentials**2), by=algebra)
    .have(
        "squares ratio",
        eq(squares, (sp.exp(2 * _a + 2 * _b) * _np + sp.exp(2 * _a - 2 * _b) * _nm) / (_M + _N) ** 2),
        by=["squares by sums", "double parts", "double matches", "double others", "normaliser", quick],
    )
    .have(
        "squares closed",
        eq((sp.exp(2 * _a + 2 * _b) * _np + sp.exp(2 * _a - 2 * _b) * _nm) / (_M + _N) ** 2, _squares),
        by=decide,
    )
    .have("squares", eq(squares, _squares), by=["squares ratio", "squares closed"])
    .have(
        "parts of squares",
        eq(_np * _nm * _squares, _nm * _correct**2 + _np * (1 - _correct) ** 2),
        by=decide,
    )
    .have(
        "squares by parts",
        eq(_np * _nm * squares, _nm * _correct**2 + _np * (1 - _correct) ** 2),
        by=["squares", "parts of squares", quick],
    )
    .have("value by sums", eq(value, _c + _d * _signed / exponentials), by=algebra)
    .have("signed", eq(theta, _q * _signed / exponentials), by=algebra)
    .have("positive", gt(exponentials, 0), by=["normaliser", quick])
    .have(
        "value by theta",
        eq(value, _c + _q * theta * _d),
        by=["value by sums", "signed", "positive", "hypothesis 2", decide],
    )
    .have("value", eq(value, _c + _q * theta_of_counts * _d), by=["value by theta", "theta", quick]),
)
balanced_attention = Lemma(
    "concepts/balanced_attention",
    "Attention on a balanced prompt, as many matches as others",
    (np, nm, b, al, eq_),
    eq(theta, sp.tanh(_b)),
    hypotheses=(*CLEAN, eq(_nm, _np)),
    functions=(sign, score),
    backing=derive()
    .have("closed", eq(theta, theta_of_counts), by=[*_four, attention_weight.at("theta", cj=0, dj=0)])
    .have("balanced", eq(theta_of_counts, sp.tanh(_b)), by=["hypothesis 5", decide])
    .have("theta", eq(theta, sp.tanh(_b)), by=["closed", "balanced"]),
)
balanced_squares = Lemma(
    "concepts/balanced_squares",
    "Sum of the squared weights on a balanced prompt of L = 2 n_+ demonstrations",
    (np, nm, b, al, eq_),
    eq(squares, (1 + sp.tanh(_b) ** 2) / (2 * _np)),
    hypotheses=(*CLEAN, eq(_nm, _np)),
    functions=(sign, score),
    backing=derive()
    .have("closed", eq(squares, _squares), by=[*_four, attention_weight.at("squares", cj=0, dj=0)])
    .have("balanced", eq(_squares, (1 + sp.tanh(_b) ** 2) / (2 * _np)), by=["hypothesis 5", decide])
    .have("squares", eq(squares, (1 + sp.tanh(_b) ** 2) / (2 * _np)), by=["closed", "balanced"]),
)
