"""How far the entropies of a model are from those of the data (specification `categorical` 2.3).

Main statements
    entropy_limit_as_stated   E Psi_D(P_n) -> E Psi_D(P) for bounded continuous Psi_D
    entropy_gap               |mean entropy of the model - of the data| <= tau log(V-1) + h_b(tau), tau = E TV
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.row_laws import (
    contexts,
    entropy,
    k,
    mean,
    mu,
    over_tokens,
    p,
    q,
    rows,
    total_variation,
    u,
    weights,
    x,
)
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemmas.entropy_continuity import entropy_tangent
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_psi, _limit, _far = (sp.Function(name, real=True) for name in ("psi", "limit", "far"))
epsilon = Parameter("epsilon", r"\varepsilon", "change of Psi between rows that are close", reals(0), (0.001, 1))
largest = Parameter("S", "S", "largest |Psi|", reals(0), (0.1, 2))
share = Parameter("t", "t", "mass of the second of two tokens", reals(0, 1, open="both"), (0.01, 0.5))
_e, _S, _t = epsilon.symbol, largest.symbol, share.symbol
_moved = sp.Abs(mean(_psi(x)) - mean(_limit(x)))
_rest = 1 - _t
_chi2 = (_rest - _rest**2) ** 2 / _rest**2 + (_t - _t**2) ** 2 / _t**2 + 2 * _t * _rest
entropy_limit_as_stated = Claim(
    id="categorical/entropy_limit_as_stated",
    title="Average entropy converges with the rows",
    kind=Kind.ASYMPTOTIC,
    text=(
        "(H_n, P_n) => (H, P) and Psi_D bounded and continuous give E Psi_D(P_n) -> E Psi_D(P). On coupled contexts, "
        "psi(x) = Psi_D of the row of P_n, limit(x) that of P, far(x) = 1 where the rows are further apart than the "
        "delta that continuity asks for at epsilon, else 0: the means differ by at most epsilon + 2 S E far, and E far "
        "-> 0. The loss need not converge, and the states play no part. Scope: KL, TV, Hel^2, JS, Renyi alpha < 2; "
        "not chi^2 nor alpha >= 2, where the row (1 - t, t) has Psi = 1 (log 2) for every t > 0 and its limit 0"
    ),
    parameters=(contexts, epsilon, largest, share),
    functions=(mu, _psi, _limit, _far),
    hypotheses=(
        *weights,
        Forall((x,), le(sp.Abs(_psi(x)), _S)),
        Forall((x,), le(sp.Abs(_limit(x)), _S)),
        Forall((x,), ge(_far(x), 0)),
        Forall((x,), le(_far(x), 1)),
        Forall((x,), le((1 - _far(x)) * sp.Abs(_psi(x) - _limit(x)), (1 - _far(x)) * _e)),
    ),
    statements=(
        upper(_moved, _e + 2 * _S * mean(_far(x)), label="limit"),
        equal(_chi2, 1, label="chi-square"),
    ),
    source=Source("zhang2025", "Thm 5.2, App. A.4"),
    status=Status.AS_STATED,
    remarks=("superseded by categorical/entropy_gap, which needs no convergence",),
    derivation=derive()
    .have(
        "context",
        Forall((u,), le(sp.Abs(_psi(u) - _limit(u)), _e + 2 * _S * _far(u))),
        by=[*(fact(f"hypothesis {i}", x=u) for i in range(3, 8)), decide],
        note="close rows by continuity, the others by boundedness",
    )
    .have(
        "above",
        Forall((u,), le(mu(u) * _psi(u), mu(u) * (_limit(u) + _e + 2 * _S * _far(u)))),
        by=[fact("context", u=u), fact("hypothesis 1", x=u), decide],
    )
    .have(
        "below",
        Forall((u,), le(mu(u) * _limit(u), mu(u) * (_psi(u) + _e + 2 * _S * _far(u)))),
        by=[fact("context", u=u), fact("hypothesis 1", x=u), decide],
    )
    .have("all above", le(mean(_psi(x)), mean(_limit(x) + _e + 2 * _S * _far(x))), by=[Termwise(), "above"])
    .have("all below", le(mean(_limit(x)), mean(_psi(x) + _e + 2 * _S * _far(x))), by=[Termwise(), "below"])
    .have(
        "linear above",
        eq(
            mean(_limit(x) + _e + 2 * _S * _far(x)),
            mean(_limit(x)) + _e * sp.Sum(mu(x), (x, 0, contexts.symbol)) + 2 * _S * mean(_far(x)),
        ),
        by=algebra,
    )
    .have(
        "linear below",
        eq(
            mean(_psi(x) + _e + 2 * _S * _far(x)),
            mean(_psi(x)) + _e * sp.Sum(mu(x), (x, 0, contexts.symbol)) + 2 * _S * mean(_far(x)),
        ),
        by=algebra,
    )
    .have(
        "limit",
        le(_moved, _e + 2 * _S * mean(_far(x))),
        by=["all above", "all below", "linear above", "linear below", "hypothesis 2", decide],
    )
    .have("chi-square", eq(_chi2, 1), by=algebra, note="(1 - t, t) has chi-square entropy 1 for every t > 0"),
)

tau = Parameter("tau", r"\tau", "E TV(p_X, q_X)", reals(0, 1, open="both"), (0.01, 0.9))
_tau, _V = tau.symbol, V.symbol


def fano(at: Any) -> sp.Expr:
    """at log(V-1) + h_b(at)."""
    return at * sp.log(_V - 1) - at * sp.log(at) - (1 - at) * sp.log(1 - at)


def _line(theta: Any, distance: Any) -> sp.Expr:
    """The tangent of the bound at theta."""
    return -(1 - distance) * sp.log(1 - theta) - distance * sp.log(theta) + distance * sp.log(_V - 1)


def _row(table: Any) -> sp.Lambda:
    return sp.Lambda((k,), table(u, k))


_apart = {"kl": sp.Abs(mean(entropy(q)) - mean(entropy(p)))}
_tv_of_row = total_variation(p, q, u)
_mass = sp.Sum(mu(x), (x, 0, contexts.symbol))


def _tangents(theta: Any, name: str) -> Any:
    """Facts: both differences of the mean entropies are at most the tangent at theta, taken at tau."""
    steps: list[tuple[str, Any, list[Any]]] = []
    for side, first, second, of_first, of_second in (("up", q, p, 5, 3), ("down", p, q, 3, 5)):
        change = over_tokens(second(u, k) * sp.log(second(u, k))) - over_tokens(first(u, k) * sp.log(first(u, k)))
        signed = entropy(first, u) - entropy(second, u)
        steps += [
            (
                f"row {side} {name}",
                Forall((u,), le(change, _line(theta, _tv_of_row))),
                [
                    f"hypothesis {of_first}",
                    f"hypothesis {of_second}",
                    fact(f"hypothesis {of_first + 1}", x=u),
                    fact(f"hypothesis {of_second + 1}", x=u),
                    entropy_tangent.at(top=_V - 1, theta=theta, p=_row(first), q=_row(second)),
                ],
            ),
            (f"signs {side} {name}", Forall((u,), eq(signed, change)), [algebra]),
            (
                f"weighted {side} {name}",
                Forall((u,), le(mu(u) * signed, mu(u) * _line(theta, _tv_of_row))),
                [fact(f"row {side} {name}", u=u), fact(f"signs {side} {name}", u=u), fact("hypothesis 1", x=u), quick],
            ),
            (
                f"mean {side} {name}",
                le(mean(entropy(first) - entropy(second)), mean(_line(theta, total_variation(p, q)))),
                [Termwise(), f"weighted {side} {name}"],
            ),
            (
                f"apart {side} {name}",
                eq(mean(entropy(first) - entropy(second)), mean(entropy(first)) - mean(entropy(second))),
                [algebra],
            ),
        ]
    steps.append(
        (
            f"line {name}",
            eq(
                mean(_line(theta, total_variation(p, q))),
                -sp.log(1 - theta) * _mass
                + (sp.log(1 - theta) - sp.log(theta) + sp.log(_V - 1)) * mean(total_variation(p, q)),
            ),
            [algebra],
        )
    )
    return steps


def _derivation() -> Any:
    steps = derive()
    for name, proposition, by in _tangents(_tau, "at tau"):
        steps = steps.have(name, proposition, by=by)
    steps = steps.have(
        "up",
        le(mean(entropy(q)) - mean(entropy(p)), fano(_tau)),
        by=["mean up at tau", "apart up at tau", "line at tau", "hypothesis 2", "hypothesis 7", quick],
    )
    steps = steps.have(
        "down",
        le(mean(entropy(p)) - mean(entropy(q)), fano(_tau)),
        by=["mean down at tau", "apart down at tau", "line at tau", "hypothesis 2", "hypothesis 7", quick],
    )
    steps = steps.have("kl", le(_apart["kl"], fano(_tau)), by=["up", "down", quick])
    return steps


entropy_gap = Claim(
    id="categorical/entropy_gap",
    title="How far model entropy is from data entropy",
    kind=Kind.UPPER,
    text=(
        "|E H(q_X) - H(W|X)| <= phi_V(tau), tau = E TV(p_X, q_X), phi_V(t) = t log(V-1) + h_b(t) up to t = 1 - 1/V, "
        "where it is log V. No convergence is assumed. As tau <= sqrt(L_KL/2), the loss bounds the gap: "
        "phi_V(sqrt(L_KL/2)), vacuous from L_KL = 2(1 - 1/V)^2 on"
    ),
    parameters=(V, contexts, tau),
    functions=(mu, p, q),
    hypotheses=(*weights, *rows(p, q), eq(mean(total_variation(p, q)), _tau)),
    statements=(upper(_apart["kl"], fano(_tau), trivial=sp.log(_V), label="kl"),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("categorical/entropy_limit_as_stated",),
    derivation=_derivation(),
)
