"""Heads that draft several tokens at once from the state alone (specification `categorical` 2.2).

Main statements
    parallel_heads   their least KL from the verifier is deficit + total correlation + information of the next token
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import block
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import log_below
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

pairs = Parameter("m", "m", "last pair of a state and a token", integers(0), (0, 100))
mass, own_row, head_row, state_mass = (
    sp.Function(name, real=True) for name in ("mass", "own_row", "head_row", "state")
)
cross, own = sp.Function("cross", real=True), sp.Function("own", real=True)
i, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")
_m, _K = pairs.symbol, block.symbol
_seen, _alone = information("H(F|X,W)"), information("H(F|H)")
_deficit, _blind = information("I(X;F|H,W)"), information("I(F;W|H)")


def over(term: sp.Expr) -> sp.Sum:
    """The sum over the pairs i = (state, token)."""
    return sp.Sum(term, (i, 0, _m))


def over_heads(term: sp.Expr) -> sp.Sum:
    """The sum over the heads j = 1..K-1."""
    return sp.Sum(term, (j, 1, _K - 1))


_correlation = over_heads(own(j)) - _alone
_least = _deficit + _correlation + _blind
_split = (
    information("H(A|H)") + information("H(B|H)") - information("H(A,B|X,W)"),
    information("I(X;A,B|H,W)") + information("TC(A;B|H)") + information("I(A,B;W|H)"),
)
_p, _r, _q = (Parameter(name, name, "a probability", reals(0, open="lower"), (0.1, 1)) for name in ("p_H", "r", "q"))
gibbs_letter = Lemma(
    "categorical/gibbs_letter",
    "log r - log q >= 1 - q/r, weighted by p_H r",
    (_p, _r, _q),
    ge(
        -_p.symbol * _r.symbol * sp.log(_q.symbol),
        -_p.symbol * _r.symbol * sp.log(_r.symbol) + _p.symbol * _r.symbol - _p.symbol * _q.symbol,
    ),
    backing=derive()
    .have(
        "tangent",
        le(sp.log(_q.symbol / _r.symbol), _q.symbol / _r.symbol - 1),
        by=log_below.at(t=_q.symbol / _r.symbol),
    )
    .have("split", eq(sp.log(_q.symbol / _r.symbol), sp.log(_q.symbol) - sp.log(_r.symbol)), by=algebra)
    .have(
        "weighted",
        ge(
            -_p.symbol * _r.symbol * sp.log(_q.symbol),
            -_p.symbol * _r.symbol * sp.log(_r.symbol) + _p.symbol * _r.symbol - _p.symbol * _q.symbol,
        ),
        by=["tangent", "split", decide],
    ),
)
_at = (state_mass(i), own_row(i, j), head_row(i, j))
_lower = -_at[0] * _at[1] * sp.log(_at[1]) + _at[0] * _at[1] - _at[0] * _at[2]
parallel_heads = Claim(
    id="categorical/parallel_heads",
    title="Cost of parallel (blind) heads",
    kind=Kind.EQUALITY,
    text=(
        "Heads prod_j q_j(W_{t+j} | H) that do not see W_t, H = f(X), j = 1..K-1: min_q E KL(p(F | X, W_t) || "
        "prod_j q_j) = Deficit_K + TC(F | H) + I(F; W_t | H), attained at q_j = p(W_{t+j} | H), where TC(F | H) = "
        "sum_j H(F_j | H) - H(F | H). E KL is sum_j cross(j) - H(F | X, W_t), where cross(j) = E[-log q_j(F_j | H)]"
        " is a sum over pairs i of a state, of mass state(i), and a token, of rows head_row(i, j) = q_j and "
        "own_row(i, j) = p(F_j | H); own(j) = H(F_j | H). For two heads A, B the split is also written in entropies"
    ),
    parameters=(block, pairs),
    functions=(cross, own, state_mass, own_row, head_row),
    hypotheses=(
        Forall((i,), gt(state_mass(i), 0)),
        Forall((i, j), gt(own_row(i, j), 0)),
        Forall((i, j), gt(head_row(i, j), 0)),
        Forall((j,), eq(over(state_mass(i) * own_row(i, j)), 1)),
        Forall((j,), eq(over(state_mass(i) * head_row(i, j)), 1)),
        Forall((j,), eq(cross(j), over(-state_mass(i) * own_row(i, j) * sp.log(head_row(i, j))))),
        Forall((j,), eq(own(j), over(-state_mass(i) * own_row(i, j) * sp.log(own_row(i, j))))),
    ),
    statements=(
        equal(over_heads(own(j)) - _seen, _least, label="least"),
        lower(over_heads(cross(j)) - _seen, _least, label="any heads"),
        equal(*_split, label="split"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("categorical/drafting_resource_as_stated",),
    derivation=derive()
    .have("three terms", eq(_alone - _seen, _deficit + _blind), by=Shannon(given="H = f(X)"), note="H = f(X)")
    .have("least", eq(over_heads(own(j)) - _seen, _least), by=["three terms", quick])
    .have(
        "letter",
        Forall((i, j), ge(-_at[0] * _at[1] * sp.log(_at[2]), _lower)),
        by=[
            fact("hypothesis 1", i=i),
            fact("hypothesis 2", i=i, j=j),
            fact("hypothesis 3", i=i, j=j),
            gibbs_letter.at(p_H=_at[0], r=_at[1], q=_at[2]),
        ],
    )
    .have("letters", Forall((j,), ge(over(-_at[0] * _at[1] * sp.log(_at[2])), over(_lower))), by=[Termwise(), "letter"])
    .have(
        "linear",
        Forall(
            (j,),
            eq(over(_lower), over(-_at[0] * _at[1] * sp.log(_at[1])) + over(_at[0] * _at[1]) - over(_at[0] * _at[2])),
        ),
        by=algebra,
    )
    .have(
        "Gibbs",
        Forall((j,), ge(cross(j), own(j))),
        by=[*(fact(n, j=j) for n in ("letters", "linear", *(f"hypothesis {h}" for h in range(4, 8)))), quick],
    )
    .have("heads", ge(over_heads(cross(j)), over_heads(own(j))), by=[Termwise(), "Gibbs"])
    .have("any heads", ge(over_heads(cross(j)) - _seen, _least), by=["least", "heads", quick])
    .have("split", eq(*_split), by=Shannon(given="H = f(X)"), note="H = f(X)"),
)
