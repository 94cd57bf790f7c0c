"""The sample size of chains of order k (specification `autoregressive` 2F).

Main statements
    parity_order_k_samples   joint ERM needs between n ln 2 and 2 n ln(2 e n/k) nats of data, whatever k is
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.parity_order_k import T, k, n
from theory.claim import Claim, Kind, Status, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source

_n, _k, _T = n.symbol, k.symbol, T.symbol
_N = sp.Symbol("N", integer=True, positive=True)
_t = sp.Symbol("t", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_r = sp.Symbol("r", integer=True, nonnegative=True)

parities = defined(
    "autoregressive/parities",
    "parities(N, k) = parities of at most k of N bits: S(N, k) = sum_{i<=k} C(N, i) (D13)",
    (_N, _r),
    sp.Sum(sp.binomial(_N, _i), (_i, 0, _r)),
)
total_log_parities = defined(
    "autoregressive/total_log_parities",
    "total_log_parities(T) = ln of the size of the class: sum over tokens t = 1..T of ln S(n + t - 1, k)",
    (_N,),
    sp.Sum(sp.log(parities(_n + _t - 1, _k)), (_t, 1, _N)),
)
parities_at_least = Lemma(
    "autoregressive/parities_at_least",
    "S(N, k) >= 2^k for N >= k: the subsets of k of the bits",
    (k,),
    Forall((_N,), ge(parities(_N, _k), 2**_k), (ge(_N, _k),)),
    backing=Citation(
        Source("graham1994", "sec. 5.1: sum_i C(k, i) = 2^k, and C(N, i) >= C(k, i) for N >= k", recheck=True)
    ),
)
parities_at_most = Lemma(
    "autoregressive/parities_at_most",
    "S(N, k) <= (e N/k)^k for N >= k",
    (k,),
    Forall((_N,), le(parities(_N, _k), (sp.E * _N / _k) ** _k), (ge(_N, _k),)),
    backing=Citation(Source("anthony1999", "Thm 3.7", recheck=True)),
)
_S = Parameter("S", "S", "size of a class", reals(0, sp.oo, open="lower"), (1, 100))
_B = Parameter("B", "B", "base of a bound on it", reals(0, sp.oo, open="lower"), (1, 100))
_s, _b = _S.symbol, _B.symbol
log_at_least = Lemma(
    "autoregressive/log_at_least",
    "ln S >= k ln 2 from S >= 2^k",
    (k, _S),
    ge(sp.log(_s), _k * sp.log(2)),
    hypotheses=(ge(_s, 2**_k),),
    backing=derive()
    .have("logarithms", ge(sp.log(_s), sp.log(2**_k)), by=["hypothesis 1", decide])
    .have("power", ge(sp.log(_s), _k * sp.log(2)), by=["logarithms", quick]),
)
log_at_most = Lemma(
    "autoregressive/log_at_most",
    "ln S <= k ln B from S <= B^k",
    (k, _S, _B),
    le(sp.log(_s), _k * sp.log(_b)),
    hypotheses=(le(_s, _b**_k),),
    backing=derive()
    .have("logarithms", le(sp.log(_s), sp.log(_b**_k)), by=["hypothesis 1", decide])
    .have("power", le(sp.log(_s), _k * sp.log(_b)), by=["logarithms", quick]),
)

_factors = tuple(Parameter(name, name, "a factor", reals(0), (0, 1)) for name in ("p", "q", "b"))
_p, _q, _b2 = (f.symbol for f in _factors)
product_of_bounds = Lemma(
    "autoregressive/product_of_bounds",
    "Products grow with each factor",
    _factors,
    le(_p * _b2, _q * _b2),
    hypotheses=(le(_p, _q),),
    backing=derive().have("product", le(_p * _b2, _q * _b2), by=["hypothesis 1", decide]),
)


def _base(t: sp.Expr) -> sp.Expr:
    """e N/k for token t, which reads N = n + t - 1 bits."""
    return sp.E * (_n + t - 1) / _k


_x = sp.Symbol("x", real=True)
_terms = sp.log(parities(_n + _t - 1, _k))
_total = sp.Sum(_terms, (_t, 1, _T))
_tokens = (le(_t, _T),)
parity_order_k_samples = Claim(
    id="autoregressive/parity_order_k_samples",
    title="The total sample size of chains of order k is nearly flat in k",
    kind=Kind.TWO_SIDED,
    text=(
        "For 2 <= k <= n and T the least length, the log-cardinality L = sum_t ln S(n + t - 1, k) of the class of "
        "chains of order k lies between n ln 2 and k T ln(e (n + T - 1)/k) <= 2 n ln(2 e n/k); joint ERM needs "
        "ceil((L + ln(1/delta))/epsilon) chains. The trade-off is length n/k against time n^Theta(k) or queries, not "
        "sample size"
    ),
    parameters=(n, k, T),
    hypotheses=(le(_k, _n), ge(_k * _T, _n), le(_k * _T, 2 * _n)),
    statements=(
        lower(total_log_parities(_T), _n * sp.log(2), trivial=0, label="lower"),
        upper(total_log_parities(_T), _k * _T * sp.log(sp.E * (_n + _T - 1) / _k), label="upper"),
        upper(total_log_parities(_T), 2 * _n * sp.log(2 * sp.E * _n / _k), label="flat"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("autoregressive/parity_order_k_as_stated",),
    remarks=(
        "hypotheses 2 and 3 hold of the least length (autoregressive/parity_order_k_as_stated)",
        "noise-free parities are also learned by Gaussian elimination: `hard` must mean statistical queries or noise",
    ),
    derivation=derive()
    .have("at least", parities_at_least.conclusion, by=parities_at_least.at())
    .have("at most", parities_at_most.conclusion, by=parities_at_most.at())
    .have(
        "each at least",
        Forall((_t,), ge(_terms, _k * sp.log(2))),
        by=[fact("at least", N=_n + _t - 1), log_at_least.at(S=parities(_n + _t - 1, _k))],
    )
    .have("some", Forall((_t,), gt(parities(_n + _t - 1, _k), 0)), by=[fact("at least", N=_n + _t - 1), decide])
    .have(
        "each at most",
        Forall((_t,), le(_terms, _k * sp.log(_base(_t)))),
        by=[
            fact("at most", N=_n + _t - 1),
            fact("some", t=_t),
            log_at_most.at(S=parities(_n + _t - 1, _k), B=_base(_t)),
        ],
    )
    .have("growing base", Forall((_t,), le(sp.log(_base(_t)), sp.log(_base(_T))), _tokens), by=decide)
    .have(
        "each at most the last",
        Forall((_t,), le(_terms, _k * sp.log(_base(_T))), _tokens),
        by=[fact("each at most", t=_t), fact("growing base", t=_t), quick],
    )
    .have("unfolded", eq(total_log_parities(_T), _total), by=unfold(total_log_parities, N=_T))
    .have("from below", ge(_total, sp.Sum(_k * sp.log(2), (_t, 1, _T))), by=[Termwise(), fact("each at least", t=_t)])
    .have(
        "from above",
        le(_total, sp.Sum(_k * sp.log(_base(_T)), (_t, 1, _T))),
        by=[Termwise(), fact("each at most the last", t=_t)],
    )
    .have("constants", Forall((_x, _N), eq(sp.Sum(_x, (_t, 1, _N)), _N * _x)), by=[Induction(_N, 1), quick])
    .have("sum below", ge(_total, _T * (_k * sp.log(2))), by=["from below", fact("constants", x=_k * sp.log(2), N=_T)])
    .have(
        "constants above",
        eq(sp.Sum(_k * sp.log(_base(_T)), (_t, 1, _T)), _T * (_k * sp.log(_base(_T)))),
        by=algebra,
    )
    .have(
        "sum above",
        le(_total, _T * (_k * sp.log(_base(_T)))),
        by=["from above", "constants above"],
    )
    .have("enough tokens", ge(_T * (_k * sp.log(2)), _n * sp.log(2)), by=["hypothesis 2", decide])
    .have("lower", ge(total_log_parities(_T), _n * sp.log(2)), by=["unfolded", "sum below", "enough tokens"])
    .have(
        "upper",
        le(total_log_parities(_T), _k * _T * sp.log(_base(_T))),
        by=["unfolded", "sum above", quick],
    )
    .have("few tokens", le(_T, _n), by=["hypothesis 3", decide])
    .have("last base", le(_base(_T), 2 * sp.E * _n / _k), by=["few tokens", decide])
    .have("last logarithm", le(sp.log(_base(_T)), sp.log(2 * sp.E * _n / _k)), by=["last base", decide])
    .have("sign", ge(sp.log(2 * sp.E * _n / _k), 0), by=["hypothesis 1", decide])
    .have(
        "last term",
        le(_k * _T * sp.log(_base(_T)), _k * _T * sp.log(2 * sp.E * _n / _k)),
        by=["last logarithm", decide],
    )
    .have(
        "products",
        le(_k * _T * sp.log(2 * sp.E * _n / _k), 2 * _n * sp.log(2 * sp.E * _n / _k)),
        by=[
            "sign",
            "hypothesis 3",
            product_of_bounds.at(p=_k * _T, q=2 * _n, b=sp.log(2 * sp.E * _n / _k)),
        ],
    )
    .have(
        "flat", le(total_log_parities(_T), 2 * _n * sp.log(2 * sp.E * _n / _k)), by=["upper", "last term", "products"]
    ),
)
