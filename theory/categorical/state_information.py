"""How much of a state can be read out of the next token (specification `categorical` 2.2).

Main statements
    compensation              the mean divergence from the mean row is at most that from any row
    state_information_bound   I(H; W) <= min(log V, diam^2 tr Cov(H)/8)
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, diam
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import kl_largest
from theory.lemmas.pinsker import pinsker
from theory.lemmas.softmax import over_tokens
from theory.lemmas.subadditive import over, x, y
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

_V, _diam = V.symbol, diam.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_states = Parameter("n_H", "n_H", "last state", integers(0), (0, 100))
tr_cov = Parameter("tr_cov", r"\mathrm{tr}\,\mathrm{Cov}\,H", "total variance of the state", reals(0), (0, 10))
mu, row, out, reference, own, spent, spread = (
    sp.Function(name, real=True) for name in ("mu", "row", "out", "ref", "own", "spent", "spread")
)
_nH = _states.symbol
ratio, ratio_uniform = sp.Function("ratio", real=True), sp.Function("ratio_uniform", real=True)
_log_ratio = ratio(_k)
_mutual = over(mu(x) * own(x), _nH)
_bound = _diam**2 * tr_cov.symbol / 8
_spent_of = over_tokens(row(x, _k) * sp.log(row(x, _k) / reference(_k)), _k, _V)
_own_of = over_tokens(row(x, _k) * sp.log(row(x, _k) / out(_k)), _k, _V)
_gained_of = over_tokens(_log_ratio * row(x, _k), _k, _V)
_of_rows = (
    Forall((x,), ge(mu(x), 0)),
    eq(over(mu(x), _nH), 1),
    Forall((x, _k), gt(row(x, _k), 0)),
    Forall((x,), eq(over_tokens(row(x, _k), _k, _V), 1)),
    Forall((_k,), gt(out(_k), 0)),
    eq(over_tokens(out(_k), _k, _V), 1),
    Forall((_k,), eq(out(_k), over(mu(x) * row(x, _k), _nH))),
    Forall((x,), eq(own(x), _own_of)),
    Forall((_k,), gt(reference(_k), 0)),
    eq(over_tokens(reference(_k), _k, _V), 1),
    Forall((x,), eq(spent(x), _spent_of)),
    Forall((_k,), eq(ratio(_k), sp.log(out(_k) / reference(_k)))),
)
_laws_of_rows = [f"hypothesis {n}" for n in range(1, 13)]
_contribution = row(x, _k) * sp.log(row(x, _k) / out(_k)) + _log_ratio * row(x, _k)
_prior_rows = over(mu(x) * over(_log_ratio.subs(_k, y) * row(x, y), _V - 1, y), _nH)
_columns = over(_log_ratio.subs(_k, y) * over(mu(x) * row(x, y), _nH), _V - 1, y)
_kl_of_out = over_tokens(out(_k) * _log_ratio, _k, _V)
_p, _q, _r = (Parameter(name, name, "a probability", reals(0, open="lower"), (0.1, 1)) for name in "pqr")
_logs = [
    (name, eq(sp.log(u.symbol / v.symbol), sp.log(u.symbol) - sp.log(v.symbol)))
    for name, u, v in (("p over r", _p, _r), ("p over q", _p, _q), ("q over r", _q, _r))
]
_through = eq(
    _p.symbol * sp.log(_p.symbol / _r.symbol),
    _p.symbol * sp.log(_p.symbol / _q.symbol) + sp.log(_q.symbol / _r.symbol) * _p.symbol,
)
log_through = Lemma(
    "categorical/log_through",
    "p log(p/r) = p log(p/q) + p log(q/r)",
    (_p, _q, _r),
    _through,
    backing=derive()
    .have(_logs[0][0], _logs[0][1], by=algebra)
    .have(_logs[1][0], _logs[1][1], by=algebra)
    .have(_logs[2][0], _logs[2][1], by=algebra)
    .have("through", _through, by=[name for name, _ in _logs] + [quick]),
)
_f = sp.Function("f", real=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_last = Parameter("n", "n", "last token", integers(0), (0, 100))
token_renamed = Lemma(
    "categorical/token_renamed",
    "A sum over tokens does not depend on the name of its index",
    (_last,),
    eq(over(_f(y), _last.symbol, y), over(_f(_k), _last.symbol, _k)),
    functions=(_f,),
    backing=derive()
    .have("all", Forall((_i,), eq(over(_f(y), _i, y), over(_f(_k), _i, _k))), by=[Induction(_i), quick])
    .have(
        "at the last",
        eq(over(_f(y), _last.symbol, y), over(_f(_k), _last.symbol, _k)),
        by=fact("all", i=_last.symbol),
    ),
)
compensation = Lemma(
    "categorical/compensation",
    "The mean divergence from the mean row is at most that from any row",
    (V, _states),
    le(_mutual, over(mu(x) * spent(x), _nH)),
    hypotheses=_of_rows,
    functions=(mu, row, out, own, reference, spent, ratio),
    statement="E spent - E own = KL(out || ref) >= 0",
    backing=derive()
    .have(
        "letter",
        Forall((x, _k), eq(row(x, _k) * sp.log(row(x, _k) / reference(_k)), _contribution)),
        by=[
            fact("hypothesis 3", x=x, k=_k),
            fact("hypothesis 5", k=_k),
            fact("hypothesis 9", k=_k),
            fact("hypothesis 12", k=_k),
            log_through.at(p=row(x, _k), q=out(_k), r=reference(_k)),
            quick,
        ],
        note="log(p/r) = log(p/out) + log(out/r)",
    )
    .have("letters", Forall((x,), eq(_spent_of, over_tokens(_contribution, _k, _V))), by=[Termwise(), "letter"])
    .have("split", Forall((x,), eq(over_tokens(_contribution, _k, _V), _own_of + _gained_of)), by=algebra)
    .have(
        "other name",
        Forall((x,), eq(over(_log_ratio.subs(_k, y) * row(x, y), _V - 1, y), _gained_of)),
        by=token_renamed.at(n=_V - 1, f=sp.Lambda((_k,), _log_ratio * row(x, _k))),
    )
    .have(
        "state",
        Forall((x,), eq(mu(x) * spent(x), mu(x) * (own(x) + over(_log_ratio.subs(_k, y) * row(x, y), _V - 1, y)))),
        by=[
            *(fact(n, x=x) for n in ("letters", "split", "other name", "hypothesis 8", "hypothesis 11")),
            quick,
        ],
    )
    .have(
        "states",
        eq(
            over(mu(x) * spent(x), _nH),
            over(mu(x) * (own(x) + over(_log_ratio.subs(_k, y) * row(x, y), _V - 1, y)), _nH),
        ),
        by=[Termwise(), "state"],
    )
    .have(
        "linear",
        eq(over(mu(x) * (own(x) + over(_log_ratio.subs(_k, y) * row(x, y), _V - 1, y)), _nH), _mutual + _prior_rows),
        by=algebra,
    )
    .have(
        "exchanged",
        eq(_prior_rows, _columns),
        by=exchange.at(top=_nH, last=_V - 1, u=mu, w=ratio, g=row),
    )
    .have(
        "mean row",
        Forall((y,), eq(_log_ratio.subs(_k, y) * over(mu(x) * row(x, y), _nH), out(y) * _log_ratio.subs(_k, y))),
        by=[fact("hypothesis 7", k=y), quick],
    )
    .have("columns", eq(_columns, over(out(y) * _log_ratio.subs(_k, y), _V - 1, y)), by=[Termwise(), "mean row"])
    .have(
        "renamed",
        eq(over(out(y) * _log_ratio.subs(_k, y), _V - 1, y), _kl_of_out),
        by=token_renamed.at(n=_V - 1, f=sp.Lambda((_k,), out(_k) * _log_ratio)),
    )
    .have(
        "Gibbs",
        le(
            2 * (over_tokens(sp.Abs(out(_k) - reference(_k)), _k, _V) / 2) ** 2,
            over_tokens(out(_k) * sp.log(out(_k) / reference(_k)), _k, _V),
        ),
        by=[*_laws_of_rows, pinsker.at(top=_V - 1, p=out, q=reference)],
    )
    .have(
        "token",
        Forall((_k,), eq(out(_k) * _log_ratio, out(_k) * sp.log(out(_k) / reference(_k)))),
        by=[fact("hypothesis 12", k=_k), quick],
    )
    .have(
        "tokens",
        eq(_kl_of_out, over_tokens(out(_k) * sp.log(out(_k) / reference(_k)), _k, _V)),
        by=[Termwise(), "token"],
    )
    .have("sign", ge(_kl_of_out, 0), by=["Gibbs", "tokens", quick])
    .have(
        "compensation",
        le(_mutual, over(mu(x) * spent(x), _nH)),
        by=["states", "linear", "exchanged", "columns", "renamed", "sign", quick],
    ),
)
uniform = sp.Function("uniform", real=True)
state_information_bound = Claim(
    id="categorical/state_information_bound",
    title="Information read out of a state",
    kind=Kind.UPPER,
    text=(
        "Under the model law I(H; W) <= min(log V, diam^2 tr Cov(H)/8), with |g| <= B at most B^2 tr Cov(H)/2. The "
        "states x = 0..n_H have masses mu and rows row(x, .), out is the law of W, so that I(H; W) = E own, own(x) = "
        "KL(row(x) || out); ref is the row at the mean state, spent(x) = KL(row(x) || ref) and spread(x) = |x - E H|^2"
    ),
    parameters=(V, diam, tr_cov, _states),
    functions=(mu, row, out, own, reference, spent, ratio, spread, uniform, ratio_uniform),
    hypotheses=(
        *_of_rows,
        Forall((x,), le(spent(x), _diam**2 * spread(x) / 8)),
        eq(over(mu(x) * spread(x), _nH), tr_cov.symbol),
        Forall((x,), eq(uniform(x), over_tokens(row(x, _k) * sp.log(row(x, _k) / (1 / _V)), _k, _V))),
        Forall((_k,), eq(ratio_uniform(_k), sp.log(out(_k) / (1 / _V)))),
    ),
    statements=(upper(_mutual, sp.Min(sp.log(_V), _bound), trivial=sp.log(_V), label="bound"),),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("reference", compensation.conclusion, by=[*_laws_of_rows, compensation.at(V=_V, n_H=_nH)])
    .have(
        "state",
        Forall((x,), le(mu(x) * spent(x), mu(x) * (_diam**2 * spread(x) / 8))),
        by=[fact("hypothesis 1", x=x), fact("hypothesis 13", x=x), quick],
        note="softmax_contraction: KL <= osc^2/8, osc <= diam |x - E H|",
    )
    .have(
        "states",
        le(over(mu(x) * spent(x), _nH), over(mu(x) * (_diam**2 * spread(x) / 8), _nH)),
        by=[Termwise(), "state"],
    )
    .have(
        "variance",
        eq(over(mu(x) * (_diam**2 * spread(x) / 8), _nH), _diam**2 * over(mu(x) * spread(x), _nH) / 8),
        by=algebra,
    )
    .have("spread", le(_mutual, _bound), by=["reference", "states", "variance", "hypothesis 14", quick])
    .have(
        "uniform row",
        Forall((x,), le(over_tokens(row(x, _k) * sp.log(row(x, _k) / (1 / _V)), _k, _V), sp.log(1 / (1 / _V)))),
        by=[
            "hypothesis 3",
            "hypothesis 4",
            kl_largest.at(top=_V - 1, q_min=1 / _V, p=sp.Lambda((_k,), row(x, _k)), q=sp.Lambda((_k,), 1 / _V)),
        ],
    )
    .have(
        "uniform of a state",
        Forall((x,), le(mu(x) * uniform(x), mu(x) * sp.log(_V))),
        by=[fact("uniform row", x=x), fact("hypothesis 1", x=x), fact("hypothesis 15", x=x), quick],
    )
    .have(
        "uniform states",
        le(over(mu(x) * uniform(x), _nH), over(mu(x) * sp.log(_V), _nH)),
        by=[Termwise(), "uniform of a state"],
    )
    .have("alphabet", eq(over(mu(x) * sp.log(_V), _nH), sp.log(_V) * over(mu(x), _nH)), by=algebra)
    .have("uniform mass", eq(over_tokens(1 / _V, _k, _V), 1), by=algebra)
    .have(
        "uniform reference",
        le(_mutual, over(mu(x) * uniform(x), _nH)),
        by=[
            *_laws_of_rows[:8],
            "hypothesis 15",
            "hypothesis 16",
            "uniform mass",
            compensation.at(V=_V, n_H=_nH, ref=sp.Lambda((_k,), 1 / _V), spent=uniform, ratio=ratio_uniform),
        ],
    )
    .have(
        "logarithm",
        le(_mutual, sp.log(_V)),
        by=["uniform reference", "uniform states", "alphabet", "hypothesis 2", quick],
    )
    .have("bound", le(_mutual, sp.Min(sp.log(_V), _bound)), by=["spread", "logarithm", decide]),
)
