"""Average entropies converge with the rows (specification `categorical` 2.3).

Main statements
    entropy_limit_as_stated   E Psi_D(P_n) -> E Psi_D(P) for bounded continuous Psi_D
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.row_laws import contexts, mean, mu, u, weights, x
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

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
