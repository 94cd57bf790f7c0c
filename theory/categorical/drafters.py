"""Which drafter is best, and how random it is (specification `categorical` 2.2).

Main statements
    optimal_drafter           greedy filling attains the largest acceptance
    draft_entropy_as_stated   "effective drafters are more stochastic than verifiers": refuted
    draft_entropy_gap         the KL-optimal drafter's mean entropy exceeds the verifier's by the deficit
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.drafting import (
    cells,
    contexts,
    i,
    k,
    missed,
    missed_star,
    over,
    over_tokens,
    p,
    pbar,
    q,
    share,
    t,
    tbar,
    tq,
    twice,
    w,
)
from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

best, gain, gain_best, above, reached = (
    sp.Function(name, real=True) for name in ("best", "gain", "gain_best", "above", "reached")
)
drafter = sp.Function("drafter", real=True)
level = Parameter("level", r"\lambda", "slope of the last segment that is filled", reals(0), (0, 1))
_V, _m, _level = V.symbol, contexts.symbol, level.symbol
_acceptance, _greedy = over_tokens(gain(k)), over_tokens(gain_best(k))
_gain_of, _gain_best_of = over(w(i) * sp.Min(p(i, k), drafter(k))), over(w(i) * sp.Min(p(i, k), best(k)))
_row, _from, _to = (Parameter(name, name, "a probability", reals(0), (0, 1)) for name in ("p_v", "s", "t"))
_above, _reached = (
    Parameter(name, name, "whether a row lies above", reals(0, 1), (0, 1)) for name in ("above", "reached")
)
_up, _down = sp.Max(_to.symbol - _from.symbol, 0), sp.Max(_from.symbol - _to.symbol, 0)
segment = Lemma(
    "categorical/segment",
    "min(p, t) lies below its broken line of slopes above (to the right of s) and reached (to the left)",
    (_row, _from, _to, _above, _reached),
    le(
        sp.Min(_row.symbol, _to.symbol),
        sp.Min(_row.symbol, _from.symbol) + _above.symbol * _up - _reached.symbol * _down,
    ),
    hypotheses=(
        eq((1 - _above.symbol) * sp.Max(_row.symbol - _from.symbol, 0), 0),
        eq(_reached.symbol * sp.Max(_from.symbol - _row.symbol, 0), 0),
    ),
    backing=derive().have(
        "cases",
        le(
            sp.Min(_row.symbol, _to.symbol),
            sp.Min(_row.symbol, _from.symbol) + _above.symbol * _up - _reached.symbol * _down,
        ),
        by=["hypothesis 1", "hypothesis 2", decide],
    ),
)
_rise, _fall = sp.Max(drafter(k) - best(k), 0), sp.Max(best(k) - drafter(k), 0)
_bound_of = over(w(i) * (sp.Min(p(i, k), best(k)) + above(i, k) * _rise - reached(i, k) * _fall))
_line = gain_best(k) + _level * (drafter(k) - best(k))
optimal_drafter = Claim(
    id="categorical/optimal_drafter",
    title="The acceptance-optimal drafter",
    kind=Kind.EQUALITY,
    text=(
        "sup_q sum_x w(x) sum_v min(p_x(v), q(v)) is attained by greedy filling: for each token v the levels of the "
        "rows cut [0, 1] into segments of slope sum {w(x): p_x(v) > level}; segments are taken by decreasing slope "
        "until mass 1. So there is a level lambda such that no segment of larger slope is left out and none of smaller "
        "slope is taken: at best(v), the rows above it weigh at most lambda and the rows that reach it at least lambda "
        "(above(x, v) = 1 where p > best, reached(x, v) = 0 where p < best). gain(v) = sum_x w(x) min(p_x(v), q(v))."
    ),
    parameters=(V, contexts, level),
    functions=(w, p, drafter, best, gain, gain_best, above, reached, q, pbar, t, tbar, tq, share),
    hypotheses=(
        Forall((i,), ge(w(i), 0)),
        Forall((k,), ge(drafter(k), 0)),
        Forall((k,), ge(best(k), 0)),
        eq(over_tokens(drafter(k)), 1),
        eq(over_tokens(best(k)), 1),
        Forall((k,), eq(gain(k), _gain_of)),
        Forall((k,), eq(gain_best(k), _gain_best_of)),
        Forall((i, k), ge(p(i, k), 0)),
        Forall((i, k), ge(above(i, k), 0)),
        Forall((i, k), le(above(i, k), 1)),
        Forall((i, k), ge(reached(i, k), 0)),
        Forall((i, k), le(reached(i, k), 1)),
        Forall((i, k), eq((1 - above(i, k)) * sp.Max(p(i, k) - best(k), 0), 0)),
        Forall((i, k), eq(reached(i, k) * sp.Max(best(k) - p(i, k), 0), 0)),
        Forall((k,), le(over(w(i) * above(i, k)), _level)),
        Forall((k,), ge(over(w(i) * reached(i, k)), _level)),
        *cells[1:],
    ),
    statements=(upper(_acceptance, _greedy, label="best"), upper(missed_star, 2 * missed, label="half")),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "segment",
        Forall(
            (i, k),
            le(
                w(i) * sp.Min(p(i, k), drafter(k)),
                w(i) * (sp.Min(p(i, k), best(k)) + above(i, k) * _rise - reached(i, k) * _fall),
            ),
        ),
        by=[
            fact("hypothesis 1", x=i),
            fact("hypothesis 2", k=k),
            fact("hypothesis 3", k=k),
            *(fact(f"hypothesis {n}", x=i, k=k) for n in range(8, 15)),
            segment.at(p_v=p(i, k), s=best(k), t=drafter(k), above=above(i, k), reached=reached(i, k)),
            quick,
        ],
    )
    .have("segments", Forall((k,), le(_gain_of, _bound_of)), by=[Termwise(), "segment"])
    .have(
        "slopes",
        Forall(
            (k,),
            eq(_bound_of, _gain_best_of + _rise * over(w(i) * above(i, k)) - _fall * over(w(i) * reached(i, k))),
        ),
        by=algebra,
    )
    .have(
        "line",
        Forall((k,), le(gain(k), _line)),
        by=[
            fact("segments", k=k),
            fact("slopes", k=k),
            *(fact(f"hypothesis {n}", k=k) for n in (6, 7, 15, 16)),
            decide,
        ],
        note="concave: every token stays below a line of the same slope lambda",
    )
    .have("lines", le(_acceptance, over_tokens(_line)), by=[Termwise(), "line"])
    .have(
        "budget",
        eq(over_tokens(_line), _greedy + _level * (over_tokens(drafter(k)) - over_tokens(best(k)))),
        by=algebra,
    )
    .have("best", le(_acceptance, _greedy), by=["lines", "budget", "hypothesis 4", "hypothesis 5", quick])
    .have(
        "half",
        le(missed_star, 2 * missed),
        by=[
            "hypothesis 1",
            *(f"hypothesis {n}" for n in range(17, 23)),
            twice.at(V=_V, m=_m, w=w, p=p, q=q, pbar=pbar, t=t, tbar=tbar, tq=tq, c=share),
        ],
        note="step 4 of acceptance_bounds",
    ),
)

draft_entropy = opaque(
    "categorical/draft_entropy",
    "draft_entropy() = mean entropy of a drafter of largest acceptance",
    bounds=(0, None),
    unit="nats",
)
verify_entropy = opaque(
    "categorical/verify_entropy",
    "verify_entropy() = mean entropy of the verifier's rows",
    bounds=(0, None),
    unit="nats",
)
draft_entropy_as_stated = Claim(
    id="categorical/draft_entropy_as_stated",
    title="Drafters are more stochastic than verifiers",
    kind=Kind.LOWER,
    text=(
        "It is plausible that an effective drafter has a larger mean entropy than the verifier: Hbar(draft) > "
        "Hbar(verify), read for drafters of largest acceptance and Kullback-Leibler, with equality allowed"
    ),
    parameters=(),
    statements=(lower(draft_entropy(), verify_entropy()),),
    source=Source("zhang2025", "section 4.1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "one state with rows (.9, .1) of weight 2/3 and (.5, .5) of weight 1/3: the best drafter is (.9, .1), of "
        "entropy .325083 < .447771, the rows' mean entropy"
    ),
)

_drafter, _verifier = information("H(Y|H,W)"), information("H(Y|X,W)")
deficit_of_next = information("I(X;Y|H,W)")
draft_entropy_gap = Claim(
    id="categorical/draft_entropy_gap",
    title="Entropy gap of the KL-optimal drafter",
    kind=Kind.EQUALITY,
    text=(
        "At step t + 1, Y = W_{t+1}: the KL-optimal drafter p(. | H, W_t) has mean entropy H(Y | H, W), the verifier "
        "H(Y | X, W), and for H = f(X) the two differ by the deficit I(X; Y | H, W) >= 0"
    ),
    parameters=(),
    statements=(equal(_drafter - _verifier, deficit_of_next, label="gap"), lower(_drafter, _verifier, label="sign")),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("categorical/draft_entropy_as_stated",),
    derivation=derive()
    .have("gap", eq(_drafter - _verifier, deficit_of_next), by=Shannon(given="H = f(X)"), note="H = f(X)")
    .have("sign", ge(_drafter, _verifier), by=Shannon(given="H = f(X)"), note="conditioning on X as well"),
)
