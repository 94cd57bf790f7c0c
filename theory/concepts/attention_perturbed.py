"""Softmax attention on matches where every score is known up to an error eps only.

Main statements
    convex_exponential          the exponential lies above its tangent
    at_least_of_sign, at_most_of_sign   exponentials of scores that depend on a sign, at the values 1 of the sign
    share_at_least              a share from bounds on both parts
    attention_weight_perturbed  sigma_corr >= n_+/(n_+ + n_- e^(-2 beta + 2 eps))
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, lower
from theory.concepts.attention import (
    COUNTED,
    SIGNS,
    agree,
    al,
    correct,
    eq_,
    exponentials,
    match,
    matches,
    other,
    others,
    over_demonstrations,
    score,
    sign,
)
from theory.concepts.parameters import b, nm, np
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.softmax import normaliser_positive
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN
from theory.verdict import Verdict

eps = Parameter("eps", r"\varepsilon", "largest error of a score", reals(0), (0, 2))
_x = Parameter("x", "x", "e_l e_q", reals(), (-1, 1))
_s = Parameter("s", "s", "a score", reals(), (-5, 5))
_w = Parameter("w", "w", "another score", reals(), (-5, 5))
_u = sp.Symbol("u", real=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_np, _nm, _b, _a, _eps, _S, _X = (p.symbol for p in (np, nm, b, al, eps, _s, _x))
NEAR = Forall((_l,), le(sp.Abs(score(_l) - _a - agree * _b), _eps))

convex_exponential = Lemma(
    "concepts/convex_exponential",
    "The exponential lies above its tangent",
    (_s, _w),
    ge(sp.exp(_s.symbol), sp.exp(_w.symbol) * (1 + _s.symbol - _w.symbol)),
    backing=derive()
    .have("at 0", Forall((_u,), ge(sp.exp(_u), 1 + _u)), by=decide)
    .have(
        "apart", ge(sp.exp(_s.symbol - _w.symbol), 1 + _s.symbol - _w.symbol), by=fact("at 0", u=_s.symbol - _w.symbol)
    )
    .have("tangent", ge(sp.exp(_s.symbol), sp.exp(_w.symbol) * (1 + _s.symbol - _w.symbol)), by=["apart", decide]),
)


_least = sp.exp(_a + _b - _eps)
at_least_of_sign = Lemma(
    "concepts/at_least_of_sign",
    "The exponential of a score known up to eps, where the sign x is 1",
    (_x, _s, al, b, eps),
    ge(sp.exp(_S) * (1 + _X) / 2, _least * (1 + _X) / 2),
    hypotheses=(eq(_X**2, 1), ge(_S, _a + _X * _b - _eps)),
    backing=derive()
    .have("share", ge((1 + _X) / 2, 0), by=["hypothesis 1", decide])
    .have(
        "tangent",
        ge(sp.exp(_S), _least * (1 + _S - (_a + _b - _eps))),
        by=convex_exponential.at(s=_S, w=_a + _b - _eps),
    )
    .have("only there", eq((1 + _X) / 2 * (_X - 1), 0), by=["hypothesis 1", quick])
    .have("distance", ge((1 + _X) / 2 * (_S - _a - _X * _b + _eps), 0), by=["hypothesis 2", "share", decide])
    .have("rise", ge((1 + _X) / 2 * (_S - (_a + _b - _eps)), 0), by=["distance", "only there", decide])
    .have("scaled", ge(_least * ((1 + _X) / 2 * (_S - (_a + _b - _eps))), 0), by=["rise", decide])
    .have(
        "product",
        ge((1 + _X) / 2 * (sp.exp(_S) - _least * (1 + _S - (_a + _b - _eps))), 0),
        by=["tangent", "share", decide],
    )
    .have("least", ge(sp.exp(_S) * (1 + _X) / 2, _least * (1 + _X) / 2), by=["product", "scaled", decide]),
)
_most = sp.exp(_a + _b + _eps)
at_most_of_sign = Lemma(
    "concepts/at_most_of_sign",
    "The same from above",
    (_x, _s, al, b, eps),
    le(sp.exp(_S) * (1 + _X) / 2, _most * (1 + _X) / 2),
    hypotheses=(eq(_X**2, 1), le(_S, _a + _X * _b + _eps)),
    backing=derive()
    .have("share", ge((1 + _X) / 2, 0), by=["hypothesis 1", decide])
    .have(
        "tangent", ge(_most, sp.exp(_S) * (1 + (_a + _b + _eps) - _S)), by=convex_exponential.at(s=_a + _b + _eps, w=_S)
    )
    .have("only there", eq((1 + _X) / 2 * (_X - 1), 0), by=["hypothesis 1", quick])
    .have("distance", ge((1 + _X) / 2 * (_a + _X * _b + _eps - _S), 0), by=["hypothesis 2", "share", decide])
    .have("rise", ge((1 + _X) / 2 * (_a + _b + _eps - _S), 0), by=["distance", "only there", decide])
    .have("scaled", ge(sp.exp(_S) * ((1 + _X) / 2 * (_a + _b + _eps - _S)), 0), by=["rise", decide])
    .have(
        "product",
        ge((1 + _X) / 2 * (_most - sp.exp(_S) * (1 + (_a + _b + _eps) - _S)), 0),
        by=["tangent", "share", decide],
    )
    .have("most", le(sp.exp(_S) * (1 + _X) / 2, _most * (1 + _X) / 2), by=["product", "scaled", decide]),
)
_least_matches = sp.exp(_a + _b - _eps) * _np
_most_others = sp.exp(_a - _b + _eps) * _nm
_perturbed = _np / (_np + _nm * sp.exp(-2 * _b + 2 * _eps))
_big, _small = (
    Parameter(n, n, meaning, reals(), (0, 9)) for n, meaning in (("M", "sum over matches"), ("N", "over the others"))
)
_unit, _r = (
    Parameter(n, n, meaning, reals(0, sp.oo, open="lower"), (0.1, 9))
    for n, meaning in (("E", "least exponential of a match"), ("r", "ratio of the largest other one to it"))
)
share_at_least = Lemma(
    "concepts/share_at_least",
    "The share of matches from bounds on both sums",
    (np, nm, _big, _small, _unit, _r),
    ge(_big.symbol / (_big.symbol + _small.symbol), _np / (_np + _nm * _r.symbol)),
    hypotheses=(
        ge(_big.symbol, _unit.symbol * _np),
        le(_small.symbol, _unit.symbol * _r.symbol * _nm),
        gt(_big.symbol + _small.symbol, 0),
    ),
    backing=derive()
    .have("first", ge(_big.symbol * _r.symbol * _nm, _unit.symbol * _np * _r.symbol * _nm), by=["hypothesis 1", decide])
    .have("second", le(_small.symbol * _np, _unit.symbol * _r.symbol * _nm * _np), by=["hypothesis 2", decide])
    .have("cross", ge(_big.symbol * _r.symbol * _nm, _small.symbol * _np), by=["first", "second", quick])
    .have("whole", gt(_np + _nm * _r.symbol, 0), by=decide)
    .have(
        "share",
        ge(_big.symbol / (_big.symbol + _small.symbol), _np / (_np + _nm * _r.symbol)),
        by=["cross", "whole", "hypothesis 3", decide],
    ),
)
attention_weight_perturbed = Claim(
    id="concepts/attention_weight_perturbed",
    title="Attention on the matches where scores are known up to an error",
    kind=Kind.LOWER,
    text=(
        "If no score is off alpha + e_l e_q beta by more than eps, then sigma_corr is at least "
        "n_+/(n_+ + n_- e^(-2 beta + 2 eps)); attained where eps lowers the matches and raises the others"
    ),
    parameters=(np, nm, b, eps, al, eq_),
    hypotheses=(*SIGNS, COUNTED, NEAR),
    functions=(sign, score),
    statements=(lower(correct, _perturbed, trivial=0, label="correct attention"),),
    source=OWN,
    status=Status.OWN,
    expected=Verdict.TIGHT,
    derivation=derive()
    .have("sign", Forall((_l,), eq(agree**2, 1)), by=[fact("hypothesis 1", l=_l), "hypothesis 2", quick])
    .have("other sign", Forall((_l,), eq((-agree) ** 2, 1)), by=[fact("sign", l=_l), quick])
    .have("lowest", Forall((_l,), ge(score(_l), _a + agree * _b - _eps)), by=[fact("hypothesis 4", l=_l), decide])
    .have("highest", Forall((_l,), le(score(_l), _a - agree * (-_b) + _eps)), by=[fact("hypothesis 4", l=_l), decide])
    .have(
        "each match",
        Forall((_l,), ge(sp.exp(score(_l)) * match, _least * match)),
        by=[fact("sign", l=_l), fact("lowest", l=_l), at_least_of_sign.at(x=agree, s=score(_l))],
    )
    .have("matches", ge(matches, over_demonstrations(_least * match)), by=[Termwise(), "each match"])
    .have("matches by number", eq(over_demonstrations(_least * match), _least * over_demonstrations(match)), by=algebra)
    .have("matches at least", ge(matches, _least_matches), by=["matches", "matches by number", "hypothesis 3", quick])
    .have("ones", eq(over_demonstrations(1), _np + _nm), by=algebra)
    .have("split", eq(over_demonstrations(other), over_demonstrations(1) - over_demonstrations(match)), by=algebra)
    .have("number", eq(over_demonstrations(other), _nm), by=["split", "ones", "hypothesis 3", quick])
    .have(
        "each other",
        Forall((_l,), le(sp.exp(score(_l)) * other, sp.exp(_a - _b + _eps) * other)),
        by=[fact("other sign", l=_l), fact("highest", l=_l), at_most_of_sign.at(x=-agree, s=score(_l), b=-_b)],
    )
    .have("others", le(others, over_demonstrations(sp.exp(_a - _b + _eps) * other)), by=[Termwise(), "each other"])
    .have(
        "others by number",
        eq(over_demonstrations(sp.exp(_a - _b + _eps) * other), sp.exp(_a - _b + _eps) * over_demonstrations(other)),
        by=algebra,
    )
    .have("others at most", le(others, _most_others), by=["others", "others by number", "number", quick])
    .have("parts", eq(exponentials, matches + others), by=algebra)
    .have("correct by sums", eq(correct, matches / exponentials), by=algebra)
    .have("normaliser", gt(exponentials, 0), by=normaliser_positive.at(m=_np + _nm, x=score))
    .have("correct by parts", eq(correct, matches / (matches + others)), by=["correct by sums", "parts", quick])
    .have("positive", gt(matches + others, 0), by=["normaliser", "parts", quick])
    .have(
        "share",
        ge(matches / (matches + others), _perturbed),
        by=[
            "positive",
            "matches at least",
            "others at most",
            share_at_least.at(M=matches, N=others, E=sp.exp(_a + _b - _eps), r=sp.exp(-2 * _b + 2 * _eps)),
        ],
    )
    .have("correct attention", ge(correct, _perturbed), by=["share", "correct by parts", quick]),
)
