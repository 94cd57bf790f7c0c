"""Speculative drafting: what the acceptance of drafted tokens is governed by (specification `categorical` 2.2).

The verifier's row in context i = 0..m, of weight w(i), is p(i, .) = p(. | X, W_t), the drafter's is q(i, .), the same
for all contexts of a cell (H, W_t); pbar(i, .) = p(. | H, W_t) is the mean of the rows of the cell. A drafted token w is
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
from theory.justification import Gap
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

contexts = Parameter("m", "m", "last context", integers(0), (0, 100))
kappa = Parameter("kappa", r"\kappa", "E KL(p || q)", reals(0), (0, 4), "nats")
preimage = Parameter("r", "r", "phi_V^-1(delta), the smallest preimage", reals(0, open="lower"), (0.001, 0.5))
w, t, tbar, d, g = (sp.Function(name, real=True) for name in ("w", "t", "tbar", "d", "g"))
p, q, pbar = (sp.Function(name, real=True) for name in ("p", "q", "pbar"))
i, k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ik")
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
acceptance_bounds = Claim(
    id="categorical/acceptance_bounds",
    title="Acceptance is governed by the deficit",
    kind=Kind.TWO_SIDED,
    text=(
        "Any drafter: 1 - alpha(q) <= min(sqrt(kappa/2), sqrt(1 - e^-kappa)) with kappa = E KL(p || q). With delta = "
        "Deficit_2 = E [H(pbar) - H(p)] and r = phi_V^-1(delta): the KL-optimal drafter pbar keeps at most 1 - r, and "
        "every (H, W_t)-measurable drafter at most 1 - r/2. phi_V(r) = r log(V-1) - r log r - (1-r) log(1-r) for "
        "r < 1 - 1/V; nothing is said for delta = 0 (r = 0), and delta = log V is its limit."
    ),
    parameters=(V, contexts, kappa, preimage),
    functions=(w, p, q, pbar, t, tbar, d, g),
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
        le(over(w(i) * tbar(i)), 2 * over(w(i) * t(i))),
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
    .have("bretagnolle-huber", ge(alpha_q, 1 - sp.sqrt(1 - sp.exp(-_kappa))), by=Gap("placeholder"))
    .have("pinsker", ge(alpha_q, 1 - sp.sqrt(_kappa / 2)), by=Gap("placeholder"))
    .have("kl-optimal", le(alpha_star, 1 - _r), by=Gap("placeholder"))
    .have("any drafter", le(alpha_q, 1 - _r / 2), by=Gap("placeholder")),
)

_gamma = gamma.symbol
prob, reach = (sp.Function(name, real=True) for name in ("prob", "reach"))
_n = sp.Symbol("n", integer=True, nonnegative=True)
_length = over(_n * prob(_n), _n, _gamma)
_reached = sp.Sum(reach(_n), (_n, 1, _gamma))
accepted_length = Claim(
    id="categorical/accepted_length",
    title="Expected accepted length",
    kind=Kind.EQUALITY,
    text="placeholder",
    parameters=(gamma,),
    functions=(prob, reach),
    hypotheses=(
        Forall((_n,), eq(prob(_n), reach(_n) - reach(_n + 1))),
        eq(reach(_gamma + 1), 0),
    ),
    statements=(equal(_length, _reached, label="length"),),
    source=Source("leviathan2023", "section 3.1", recheck=True),
    status=Status.CORRECTED,
    derivation=derive().have("length", eq(_length, _reached), by=Gap("placeholder")),
)
