"""The Dirichlet energy of a function of contexts (specification `categorical` 2.6, D22).

Main statements
    dirichlet_laplacian   E_K(phi) = <phi, (deg - M_K) phi>
    dirichlet_as_stated   that minimising the log-loss lowers the energy: refuted

x and y are contexts 0..n_X of masses mu(x), K a symmetric kernel, phi a function of contexts;
E_K(phi) = 1/2 E K(X, X') (phi(X) - phi(X'))^2 for independent X, X', and deg(x) = E K(x, X').
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.state_laws import K, contexts, mean, mu, phi, u, x, y
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.double_sums import swapped
from theory.proposition import Forall, eq
from theory.source import Source
from theory.verdict import Verdict

symmetric = Forall((x, y), eq(K(x, y), K(y, x)))

energy = mean(mean(K(x, y) * (phi(x) - phi(y)) ** 2, y)) / 2
_degree = mean(K(x, y), y)
_applied = mean(K(x, y) * phi(y), y)
_first_squares = mean(phi(x) ** 2 * _degree)
laplacian_form = mean(phi(x) * (_degree * phi(x) - _applied))
_second_squares = mean(mean(K(x, y) * phi(y) ** 2, y))


def _at(context: Any) -> sp.Expr:
    return K(context, y) * (phi(context) - phi(y)) ** 2


def _expanded(context: Any) -> sp.Expr:
    squares = phi(context) ** 2 * mean(K(context, y), y) + mean(K(context, y) * phi(y) ** 2, y)
    return squares - 2 * phi(context) * mean(K(context, y) * phi(y), y)


dirichlet_laplacian = Claim(
    id="categorical/dirichlet_laplacian",
    title="Dirichlet energy is a Laplacian form",
    kind=Kind.EQUALITY,
    text=(
        "E_K(phi) = <phi, (deg - M_K) phi> in L^2(mu) with deg(x) = E K(x, X'), for a symmetric K. Minimising the "
        "energy of a function of given norm is maximising <phi, M_K phi> only if deg is constant."
    ),
    parameters=(contexts,),
    functions=(mu, K, phi),
    hypotheses=(symmetric,),
    statements=(equal(energy, laplacian_form),),
    source=Source("zhang2025", "eq. (7.6)"),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "order of summation",
        eq(_second_squares, mean(phi(x) ** 2 * mean(K(y, x), y))),
        by=swapped.at(top=contexts.symbol, last=contexts.symbol, g=K, u=mu, w=sp.Lambda((y,), mu(y) * phi(y) ** 2)),
    )
    .have(
        "symmetry in a sum",
        Forall((u,), eq(mean(K(y, u), y), mean(K(u, y), y))),
        by=[Termwise(), fact("hypothesis 1", x=u, y=y)],
    )
    .have(
        "symmetry",
        eq(mean(phi(x) ** 2 * mean(K(y, x), y)), _first_squares),
        by=[Termwise(), fact("symmetry in a sum", u=x)],
    )
    .have("square", Forall((u,), eq(mean(_at(u), y), _expanded(u))), by=algebra)
    .have("squares", eq(mean(mean(_at(x), y)), mean(_expanded(x))), by=[Termwise(), fact("square", u=x)])
    .have(
        "expanded",
        eq(mean(_expanded(x)), _first_squares + _second_squares - 2 * mean(phi(x) * _applied)),
        by=algebra,
    )
    .have("collected", eq(laplacian_form, _first_squares - mean(phi(x) * _applied)), by=algebra)
    .have(
        "Laplacian",
        eq(energy, laplacian_form),
        by=["order of summation", "symmetry", "squares", "expanded", "collected", quick],
    ),
)

energy_at = opaque(
    "categorical/energy_at",
    "energy_at(n) = E_K(<h, v>) of the states after n steps of minimising the log-loss, v a direction",
    bounds=(0, None),
)
dirichlet_as_stated = Claim(
    id="categorical/dirichlet_as_stated",
    title="NLL minimises Dirichlet energy",
    kind=Kind.ORDERING,
    text=(
        '"Minimising the NLL implicitly minimises the Dirichlet energy" of <h, v> for directions v of high predictive '
        "sensitivity: the energy at the states of least log-loss (n = 2) is at most that of the states before (n = 1)"
    ),
    parameters=(),
    statements=(upper(energy_at(2), energy_at(1)),),
    source=Source("zhang2025", "Prop. 7.4, App. A.7"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "two contexts with rows (.6, .4) and (.4, .6): from h = 0 (energy 0, log-loss .6931) to the optimum "
        "h = +-log 1.5 (energy .1611, log-loss .6730); only the Rayleigh quotient stays"
    ),
)
