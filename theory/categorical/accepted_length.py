"""How many drafted tokens are accepted (specification `categorical` 2.2).

Main statements
    accepted_length   expected number of accepted tokens, and where the formula for constant acceptance errs
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.drafting import over
from theory.categorical.parameters import gamma
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import Induction, Termwise, decide, fact, quick
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt
from theory.source import Source

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
