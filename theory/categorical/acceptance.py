"""Speculative drafting: what the acceptance of drafted tokens is governed by (specification `categorical` 2.2).

The verifier's row in context x = 0..m, of weight w(x), is p(x, .) = p(. | X, W_t), the drafter's is q(x, .), the same
for all contexts of a cell (H, W_t); pbar(x, .) = p(. | H, W_t) is the mean of the rows of the cell. A drafted token is
kept with probability min(1, p/q), so that q keeps alpha(q) = E sum_w min(p, q) = 1 - E TV(p, q) (D16).

Main statements
    drafting_resource_as_stated   "the surplus is what drafting exploits": refuted
    acceptance_bounds             acceptance is governed by kappa = E KL(p || q) and by the deficit delta
    accepted_length               expected number of accepted tokens
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V, gamma
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemmas.bretagnolle_huber import bretagnolle_huber
from theory.lemmas.entropy_continuity import entropy_tangent, slope_positive
from theory.lemmas.mixtures import mean_exponential, mean_square, mixture_distance
from theory.lemmas.pinsker import pinsker
from theory.lemmas.subadditive import renamed
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

contexts = Parameter("m", "m", "last context", integers(0), (0, 100))
kappa = Parameter("kappa", r"\kappa", "E KL(p || q)", reals(0), (0, 4), "nats")
preimage = Parameter("r", "r", "phi_V^-1(delta), the smallest preimage", reals(0, open="lower"), (0.001, 0.5))
w, t, tbar, tq, d, g, share = (sp.Function(name, real=True) for name in ("w", "t", "tbar", "tq", "d", "g", "c"))
p, q, pbar = (sp.Function(name, real=True) for name in ("p", "q", "pbar"))
i, j, k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyk")
_m, _V, _kappa, _r = contexts.symbol, V.symbol, kappa.symbol, preimage.symbol


def over(term: Any, index: sp.Symbol = i, end: Any = _m) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def over_tokens(term: Any) -> sp.Sum:
    """The sum of `term` over the tokens k = 0..V-1."""
    return over(term, k, _V - 1)


def distance(first: Any, second: Any, context: Any = i) -> sp.Expr:
    """Total variation between two rows of a context."""
    return over_tokens(sp.Abs(first(context, k) - second(context, k))) / 2


def rows(*tables: Any) -> tuple[Any, ...]:
    """Positive rows that sum to 1 (two hypotheses a table)."""
    found: list[Any] = []
    for table in tables:
        found += [Forall((i, k), gt(table(i, k), 0)), Forall((i,), eq(over_tokens(table(i, k)), 1))]
    return tuple(found)


weights = (Forall((i,), ge(w(i), 0)), eq(over(w(i)), 1))
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
_missed, _missed_star = over(w(i) * t(i)), over(w(i) * tbar(i))
_tangent = -(1 - tbar(i)) * sp.log(1 - _r) - tbar(i) * sp.log(_r) + tbar(i) * sp.log(_V - 1)
_slope = sp.log(1 - _r) - sp.log(_r) + sp.log(_V - 1)


def _row(table: Any) -> sp.Lambda:
    return sp.Lambda((k,), table(i, k))


_both_rows = ["hypothesis 3", "hypothesis 4", "hypothesis 5", "hypothesis 6"]
_squared = over(w(i) * t(i) ** 2)
_mixed = over(share(i, j) * (p(j, k) - q(j, k)), j)
_triangle = sp.Abs(p(i, k) - q(i, k)) + sp.Abs(pbar(i, k) - q(i, k))
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
        "L3",
        Forall((i,), le(distance(p, q) ** 2, 1 - sp.exp(-over_tokens(p(i, k) * sp.log(p(i, k) / q(i, k)))))),
        by=[*_both_rows, bretagnolle_huber.at(top=_V - 1, p=_row(p), q=_row(q))],
    )
    .have(
        "divergence of a context",
        Forall((i,), le(sp.exp(-d(i)), sp.exp(-over_tokens(p(i, k) * sp.log(p(i, k) / q(i, k)))))),
        by=[fact("hypothesis 10", x=i), decide],
    )
    .have(
        "distance of a context",
        Forall((i,), le(t(i) ** 2, 1 - sp.exp(-d(i)))),
        by=[fact("L3", x=i), fact("divergence of a context", x=i), fact("hypothesis 9", x=i), quick],
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
        "mixed",
        Forall((i,), le(over_tokens(sp.Abs(_mixed)), over(share(i, j) * (2 * t(j)), j))),
        by=[
            "hypothesis 9",
            "hypothesis 16",
            mixture_distance.at(
                top=_m,
                last=_V - 1,
                w=sp.Lambda((j,), share(i, j)),
                e=sp.Lambda((j, k), p(j, k) - q(j, k)),
                size=sp.Lambda((j,), 2 * t(j)),
            ),
        ],
        note="pbar is the mean of the rows of a cell, on which q is the same",
    )
    .have(
        "letter",
        Forall((i, k), eq(sp.Abs(pbar(i, k) - q(i, k)), sp.Abs(_mixed))),
        by=[fact("hypothesis 18", x=i, k=k), quick],
    )
    .have(
        "letters",
        Forall((i,), eq(over_tokens(sp.Abs(pbar(i, k) - q(i, k))), over_tokens(sp.Abs(_mixed)))),
        by=[Termwise(), "letter"],
    )
    .have("doubled", Forall((i,), eq(over(share(i, j) * (2 * t(j)), j), 2 * over(t(j) * share(i, j), j))), by=algebra)
    .have(
        "drafter of a context",
        Forall((i,), le(tq(i), over(t(j) * share(i, j), j))),
        by=[*(fact(n, x=i) for n in ("mixed", "letters", "doubled", "hypothesis 19")), quick],
    )
    .have(
        "triangle of a token",
        Forall((i, k), le(sp.Abs(p(i, k) - pbar(i, k)), sp.Abs(p(i, k) - q(i, k)) + sp.Abs(pbar(i, k) - q(i, k)))),
        by=decide,
    )
    .have(
        "triangles",
        Forall((i,), le(over_tokens(sp.Abs(p(i, k) - pbar(i, k))), over_tokens(_triangle))),
        by=[Termwise(), "triangle of a token"],
    )
    .have(
        "apart in a context",
        Forall((i,), eq(over_tokens(_triangle), 2 * distance(p, q) + 2 * distance(pbar, q))),
        by=algebra,
    )
    .have(
        "context",
        Forall((i,), le(w(i) * tbar(i), w(i) * (t(i) + over(t(j) * share(i, j), j)))),
        by=[
            *(fact(n, x=i) for n in ("drafter of a context", "triangles", "apart in a context")),
            *(fact(f"hypothesis {n}", x=i) for n in (1, 9, 12, 19)),
            quick,
        ],
    )
    .have("contexts", le(_missed_star, over(w(i) * (t(i) + over(t(j) * share(i, j), j)))), by=[Termwise(), "context"])
    .have(
        "both",
        eq(over(w(i) * (t(i) + over(t(j) * share(i, j), j))), _missed + over(w(i) * over(t(j) * share(i, j), j))),
        by=algebra,
    )
    .have(
        "exchanged",
        eq(over(w(i) * over(t(j) * share(i, j), j)), over(t(j) * over(w(i) * share(i, j)), j)),
        by=exchange.at(top=_m, last=_m, u=w, w=t, g=share),
    )
    .have("cells", eq(over(t(j) * over(w(i) * share(i, j)), j), over(t(j) * w(j), j)), by=[Termwise(), "hypothesis 17"])
    .have("same mean", eq(_missed, over(t(j) * w(j), j)), by=renamed.at(m=_m, f=sp.Lambda((i,), w(i) * t(i))))
    .have("twice", le(_missed_star, 2 * _missed), by=["contexts", "both", "exchanged", "cells", "same mean", quick])
    .have("any drafter", le(alpha_q, 1 - _r / 2), by=["at least r", "twice", quick]),
)

_gamma = gamma.symbol
ends, reach, mass, drafted, verified = (
    sp.Function(name, real=True) for name in ("ends", "reach", "mass", "q_step", "p_step")
)
_n = sp.Symbol("n", integer=True, nonnegative=True)
_v = sp.Symbol("v", integer=True, nonnegative=True)
_path = sp.Symbol("path", integer=True, nonnegative=True)


def _lengths(end: Any) -> sp.Sum:
    return over(_n * (reach(_n) - reach(_n + 1)), _n, end)


def _reached(end: Any) -> sp.Sum:
    return over(reach(_n), _n, end) - reach(0)


_length = over(_n * ends(_n), _n, _gamma)
_kept = sp.Min(verified(_n, _path), drafted(_n, _path))
_product = sp.Product(sp.Min(verified(_v, _path), drafted(_v, _path)), (_v, 0, _n))
_steps = Parameter("steps", r"\nu", "tokens of the path, less one", integers(0), (0, 8))
_route = Parameter("route", r"\pi", "a path of tokens", integers(0), (0, 100))
_of_route = _product.subs({_n: _steps.symbol, _path: _route.symbol})
accepted_length = Claim(
    id="categorical/accepted_length",
    title="Expected accepted length",
    kind=Kind.EQUALITY,
    text=(
        "E[# accepted of gamma drafted tokens] = sum_{k=1}^gamma E_x sum_{w_1..w_k} prod_{i<=k} min(p, q)(w_i | x, "
        "w_<i). reach(k) is the probability that at least k are accepted, ends(k) that exactly k are, so ends(k) = "
        "reach(k) - reach(k+1) and reach(gamma+1) = 0; mass(n, path) is the probability that the first n tokens of a "
        "path are drafted and accepted, each with q min(1, p/q). The formula (1 - alpha^(gamma+1))/(1 - alpha) counts "
        "one token more and is exact for constant acceptance only: with alpha = 1 in half of the contexts and 0 in the "
        "others gamma/2 are accepted, never fewer than sum_{k<=gamma} 2^-k = 1 - 2^-gamma and more for gamma >= 2; it "
        "over-counts where steps alternate (gamma = 2, beta_1 = 1 in one of two equally likely contexts, beta_2 = 1 in "
        "the other: 1/2 < 3/4)"
    ),
    parameters=(gamma, _steps, _route),
    functions=(ends, reach, mass, drafted, verified),
    hypotheses=(
        Forall((_n,), eq(ends(_n), reach(_n) - reach(_n + 1))),
        eq(reach(_gamma + 1), 0),
        Forall((_n, _path), gt(drafted(_n, _path), 0)),
        Forall((_n, _path), ge(verified(_n, _path), 0)),
        Forall(
            (_n, _path),
            eq(
                mass(_n + 1, _path),
                mass(_n, _path) * drafted(_n, _path) * sp.Min(1, verified(_n, _path) / drafted(_n, _path)),
            ),
        ),
    ),
    statements=(
        equal(_length, _reached(_gamma), label="length"),
        equal(
            mass(_steps.symbol + 1, _route.symbol),
            mass(0, _route.symbol) * _of_route,
            label="path",
        ),
        lower(_gamma / 2, 1 - sp.Rational(1, 2) ** _gamma, label="formula"),
    ),
    source=Source("leviathan2023", "section 3.1", recheck=True),
    status=Status.CORRECTED,
    derivation=derive()
    .have(
        "letters",
        eq(_length, _lengths(_gamma)),
        by=[Termwise(), "hypothesis 1"],
    )
    .have(
        "by parts",
        Forall((_v,), eq(_lengths(_v), _reached(_v) - _v * reach(_v + 1))),
        by=[Induction(_v), quick],
        note="summation by parts",
    )
    .have("length", eq(_length, _reached(_gamma)), by=["letters", fact("by parts", v=_gamma), "hypothesis 2", quick])
    .have(
        "accepted",
        Forall((_n, _path), eq(drafted(_n, _path) * sp.Min(1, verified(_n, _path) / drafted(_n, _path)), _kept)),
        by=[fact("hypothesis 3", n=_n, path=_path), fact("hypothesis 4", n=_n, path=_path), decide],
        note="P(draft w and accept it) = min(p, q)",
    )
    .have(
        "one token more",
        Forall((_n, _path), eq(mass(_n + 1, _path), mass(_n, _path) * _kept)),
        by=[fact("accepted", n=_n, path=_path), fact("hypothesis 5", n=_n, path=_path), quick],
    )
    .have(
        "paths",
        Forall((_n, _path), eq(mass(_n + 1, _path), mass(0, _path) * _product)),
        by=[
            Induction(_n),
            fact("one token more", n=0, path=_path),
            fact("one token more", n=_n + 1, path=_path),
            quick,
        ],
    )
    .have(
        "path",
        eq(
            mass(_steps.symbol + 1, _route.symbol),
            mass(0, _route.symbol) * _of_route,
        ),
        by=fact("paths", n=_steps.symbol, path=_route.symbol),
    )
    .have(
        "halves",
        Forall((_n,), ge((_n + 1) / sp.S(2), 1 - sp.Rational(1, 2) ** (_n + 1))),
        by=[Induction(_n), decide],
    )
    .have("formula", ge(_gamma / 2, 1 - sp.Rational(1, 2) ** _gamma), by=fact("halves", n=_gamma - 1)),
)
