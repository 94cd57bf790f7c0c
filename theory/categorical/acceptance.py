"""Speculative drafting: what the acceptance of drafted tokens is governed by (specification `categorical` 2.2).

Main statements
    drafting_resource_as_stated   "the surplus is what drafting exploits": refuted
    acceptance_bounds             acceptance is governed by kappa = E KL(p || q) and by the deficit delta
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.drafting import (
    contexts,
    d,
    distance,
    g,
    i,
    j,
    k,
    missed,
    missed_star,
    over,
    over_tokens,
    p,
    pbar,
    q,
    rows,
    share,
    t,
    tbar,
    tq,
    twice,
    w,
    weights,
)
from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemmas.bretagnolle_huber import bretagnolle_huber
from theory.lemmas.entropy_continuity import entropy_tangent, slope_positive
from theory.lemmas.mixtures import mean_exponential, mean_square
from theory.lemmas.pinsker import pinsker
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

kappa = Parameter("kappa", r"\kappa", "E KL(p || q)", reals(0), (0, 4), "nats")
preimage = Parameter("r", "r", "phi_V^-1(delta), the smallest preimage", reals(0, open="lower"), (0.001, 0.5))
_m, _V, _kappa, _r = contexts.symbol, V.symbol, kappa.symbol, preimage.symbol
alpha_q = 1 - over(w(i) * t(i))
alpha_star = 1 - over(w(i) * tbar(i))

surplus_of = opaque("categorical/surplus_of", "surplus_of(j) = I(H; W_{t+1} | W_t) of source j", bounds=(0, None))
best_acceptance = opaque(
    "categorical/best_acceptance",
    "best_acceptance(j) = largest acceptance of a drafter that sees (H, W_t) of source j",
    bounds=(0, 1),
)
drafting_resource_as_stated = Claim(
    id="categorical/drafting_resource_as_stated",
    title="Surplus is what drafting exploits",
    kind=Kind.ORDERING,
    text=(
        'The surplus "identifies, exactly, the quantity exploited by K-token drafting": the best acceptance of a '
        "drafter fed with (H, W_t) is a non-decreasing function of Surplus_2, so that of two sources the one with the "
        "larger surplus is drafted at least as well"
    ),
    parameters=(),
    hypotheses=(le(surplus_of(1), surplus_of(2)),),
    statements=(upper(best_acceptance(1), best_acceptance(2)),),
    source=Source("zhang2025", "section 4.1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "W_{t+1} = W_t has surplus 0 and is drafted without a miss; X uniform on 4, W_{t+1} = X, H = X mod 2 has "
        "surplus log 2 and acceptance 1/2: what matters is the deficit (0 and log 2)"
    ),
)

_deficit = over(w(i) * g(i))
_entropies = over_tokens(p(i, k) * sp.log(p(i, k))) - over_tokens(pbar(i, k) * sp.log(pbar(i, k)))
_missed, _missed_star = missed, missed_star
_tangent = -(1 - tbar(i)) * sp.log(1 - _r) - tbar(i) * sp.log(_r) + tbar(i) * sp.log(_V - 1)
_slope = sp.log(1 - _r) - sp.log(_r) + sp.log(_V - 1)


def _row(table: Any) -> sp.Lambda:
    return sp.Lambda((k,), table(i, k))


_both_rows = ["hypothesis 3", "hypothesis 4", "hypothesis 5", "hypothesis 6"]
_squared = over(w(i) * t(i) ** 2)
acceptance_bounds = Claim(
    id="categorical/acceptance_bounds",
    title="Acceptance is governed by the deficit",
    kind=Kind.TWO_SIDED,
    text=(
        "Any drafter: 1 - alpha(q) <= min(sqrt(kappa/2), sqrt(1 - e^-kappa)) with kappa = E KL(p || q). With delta = "
        "Deficit_2 = E [H(pbar) - H(p)] and r = phi_V^-1(delta): the KL-optimal drafter pbar keeps at most 1 - r, and "
        "every (H, W_t)-measurable drafter at most 1 - r/2. phi_V(r) = r log(V-1) - r log r - (1-r) log(1-r) for "
        "r < 1 - 1/V; nothing is said for delta = 0 (r = 0), and delta = log V is its limit. c(x, y) is the share of "
        "context y in the cell of context x; q and pbar are the same on a cell."
    ),
    parameters=(V, contexts, kappa, preimage),
    functions=(w, p, q, pbar, t, tbar, d, g, share, tq),
    hypotheses=(
        *weights,
        *rows(p, q, pbar),
        Forall((i,), eq(t(i), distance(p, q))),
        Forall((i,), eq(d(i), over_tokens(p(i, k) * sp.log(p(i, k) / q(i, k))))),
        eq(_kappa, over(w(i) * d(i))),
        Forall((i,), eq(tbar(i), distance(p, pbar))),
        Forall((i,), eq(g(i), _entropies)),
        lt(_r, 1 - 1 / _V),
        eq(_deficit, _r * sp.log(_V - 1) - _r * sp.log(_r) - (1 - _r) * sp.log(1 - _r)),
        Forall((i, j), ge(share(i, j), 0)),
        Forall((j,), eq(over(w(i) * share(i, j)), w(j))),
        Forall((i, k), eq(pbar(i, k) - q(i, k), over(share(i, j) * (p(j, k) - q(j, k)), j))),
        Forall((i,), eq(tq(i), distance(pbar, q))),
    ),
    statements=(
        lower(alpha_q, 1 - sp.sqrt(1 - sp.exp(-_kappa)), trivial=0, label="bretagnolle-huber"),
        lower(alpha_q, 1 - sp.sqrt(_kappa / 2), trivial=0, label="pinsker"),
        upper(alpha_star, 1 - _r, trivial=1, label="kl-optimal"),
        upper(alpha_q, 1 - _r / 2, trivial=1, label="any drafter"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("categorical/drafting_resource_as_stated",),
    derivation=derive()
    .have(
        "L2",
        Forall((i,), le(2 * distance(p, q) ** 2, over_tokens(p(i, k) * sp.log(p(i, k) / q(i, k))))),
        by=[*_both_rows, pinsker.at(top=_V - 1, p=_row(p), q=_row(q))],
    )
    .have(
        "divergence of a context",
        Forall((i,), le(over_tokens(p(i, k) * sp.log(p(i, k) / q(i, k))), d(i))),
        by=[fact("hypothesis 10", x=i), quick],
    )
    .have(
        "L3",
        Forall((i,), le(distance(p, q) ** 2, 1 - sp.exp(-d(i)))),
        by=[
            *_both_rows,
            fact("divergence of a context", x=i),
            bretagnolle_huber.at(top=_V - 1, KL=d(i), p=_row(p), q=_row(q)),
        ],
    )
    .have(
        "distance of a context",
        Forall((i,), le(t(i) ** 2, 1 - sp.exp(-d(i)))),
        by=[fact("L3", x=i), fact("hypothesis 9", x=i), quick],
    )
    .have(
        "square of a context",
        Forall((i,), le(w(i) * t(i) ** 2, w(i) * d(i) / 2)),
        by=[
            fact("L2", x=i),
            fact("hypothesis 1", x=i),
            fact("hypothesis 9", x=i),
            fact("hypothesis 10", x=i),
            quick,
        ],
    )
    .have("squares", le(_squared, over(w(i) * d(i) / 2)), by=[Termwise(), "square of a context"])
    .have("half", eq(over(w(i) * d(i) / 2), over(w(i) * d(i)) / 2), by=algebra)
    .have(
        "mean of squares",
        le(_missed**2, _squared),
        by=["hypothesis 1", "hypothesis 2", mean_square.at(top=_m, w=w, f=t)],
    )
    .have(
        "pinsker squared", le(_missed**2, _kappa / 2), by=["mean of squares", "squares", "half", "hypothesis 11", quick]
    )
    .have("pinsker root", le(_missed, sp.sqrt(_kappa / 2)), by=["pinsker squared", decide])
    .have("pinsker", ge(alpha_q, 1 - sp.sqrt(_kappa / 2)), by=["pinsker root", quick])
    .have(
        "exponential of a context",
        Forall((i,), le(w(i) * t(i) ** 2, w(i) * (1 - sp.exp(-d(i))))),
        by=[fact("distance of a context", x=i), fact("hypothesis 1", x=i), quick],
    )
    .have(
        "exponentials",
        le(_squared, over(w(i) * (1 - sp.exp(-d(i))))),
        by=[Termwise(), "exponential of a context"],
    )
    .have(
        "apart",
        eq(over(w(i) * (1 - sp.exp(-d(i)))), over(w(i)) - over(w(i) * sp.exp(-d(i)))),
        by=algebra,
    )
    .have(
        "Jensen",
        le(sp.exp(-over(w(i) * d(i))), over(w(i) * sp.exp(-d(i)))),
        by=["hypothesis 1", "hypothesis 2", mean_exponential.at(top=_m, w=w, f=d)],
    )
    .have("kappa", eq(sp.exp(-_kappa), sp.exp(-over(w(i) * d(i)))), by=["hypothesis 11", algebra])
    .have(
        "squared",
        le(_missed**2, 1 - sp.exp(-_kappa)),
        by=["mean of squares", "exponentials", "apart", "Jensen", "kappa", "hypothesis 2", quick],
    )
    .have("root", le(_missed, sp.sqrt(1 - sp.exp(-_kappa))), by=["squared", decide])
    .have("bretagnolle-huber", ge(alpha_q, 1 - sp.sqrt(1 - sp.exp(-_kappa))), by=["root", quick])
    .have("share of r", lt(_r, 1), by=["hypothesis 14", decide])
    .have(
        "L5",
        Forall((i,), le(_entropies, _tangent.subs(tbar(i), distance(p, pbar)))),
        by=[
            *_both_rows[:2],
            "hypothesis 7",
            "hypothesis 8",
            "share of r",
            entropy_tangent.at(top=_V - 1, theta=_r, p=_row(pbar), q=_row(p)),
        ],
        note="tangent of phi_V at r",
    )
    .have(
        "tangent of a context",
        Forall((i,), le(w(i) * g(i), w(i) * _tangent)),
        by=[
            fact("L5", x=i),
            fact("hypothesis 1", x=i),
            fact("hypothesis 12", x=i),
            fact("hypothesis 13", x=i),
            quick,
        ],
    )
    .have("tangents", le(_deficit, over(w(i) * _tangent)), by=[Termwise(), "tangent of a context"])
    .have(
        "line",
        eq(over(w(i) * _tangent), -sp.log(1 - _r) * over(w(i)) + _slope * _missed_star),
        by=algebra,
    )
    .have("slope", gt(_slope, 0), by=["hypothesis 14", "share of r", slope_positive.at(V=_V, r=_r)])
    .have(
        "crossed",
        ge(_slope * (_missed_star - _r), 0),
        by=["tangents", "line", "hypothesis 2", "hypothesis 15", quick],
        note="delta is the tangent at r itself",
    )
    .have("at least r", ge(_missed_star, _r), by=["slope", "crossed", quick])
    .have("kl-optimal", le(alpha_star, 1 - _r), by=["at least r", quick])
    .have(
        "twice",
        le(_missed_star, 2 * _missed),
        by=[
            *(f"hypothesis {n}" for n in (1, 9, 12, 16, 17, 18, 19)),
            twice.at(V=_V, m=_m, w=w, p=p, q=q, pbar=pbar, t=t, tbar=tbar, tq=tq, c=share),
        ],
        note="step 4",
    )
    .have("any drafter", le(alpha_q, 1 - _r / 2), by=["at least r", "twice", quick]),
)
