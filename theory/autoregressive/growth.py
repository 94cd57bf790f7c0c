"""Joint empirical risk minimisation of linear decoders, by growth functions (specification `autoregressive` 2B).

Main statements
    product_of_counts        patterns of a product are at most the product of the patterns
    swaps                    k paired errors all fall on the ghost side with probability 2^-k
    pac_to_ar_joint_growth   Pr[some consistent tuple has err_AR > eps] <= 2 prod_t tau_t(2m) 2^(-eps m/2), m >= 2/eps

References: Cover (1965); Vapnik and Chervonenkis (1971); Blumer, Ehrenfeucht, Haussler and Warmuth (1989).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import REALIZABLE
from theory.autoregressive.expected import decoder_dimension
from theory.autoregressive.parameters import K, T, epsilon, m, n
from theory.autoregressive.rollout_identity import step
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma, meaning
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_m, _T, _t, _n, _K, _eps = m.symbol, T.symbol, step.symbol, n.symbol, K.symbol, epsilon.symbol
m_, t_, k_ = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("m_", "t_", "k_"))
u_ = sp.Symbol("u_", real=True)
r_ = sp.Symbol("r", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)


def cells(chains: Any, t: Any) -> sp.Expr:
    """tau_t(m) = 2 sum_{i < D_t} C(N-1, i), N = m K(K-1)/2; it is 2^N where N <= D_t, as the other terms vanish."""
    hyperplanes = chains * _K * (_K - 1) / 2
    return 2 * sp.Sum(sp.binomial(hyperplanes - 1, _i), (_i, 0, decoder_dimension(t) - 1))


patterns = opaque(
    "autoregressive/patterns",
    "patterns(t, m) = most labellings of m contexts by the linear decoder of step t",
    bounds=(1, None),
)
chain_patterns = opaque(
    "autoregressive/chain_patterns",
    "chain_patterns(t, m) = most patterns of misses of the first t steps on m chains; 1 at t = 0",
    bounds=(1, None),
)
no_steps = defined(
    "autoregressive/no_steps",
    "no_steps(m) = chain_patterns(0, m) - 1, which is 0",
    (m_,),
    chain_patterns(0, m_) - 1,
    bounds=(0, 0),
    range_by=meaning(chain_patterns),
)
merged_patterns = defined(
    "autoregressive/merged_patterns",
    "merged_patterns(t, m) = chain_patterns(t, m) patterns(t + 1, m) - chain_patterns(t + 1, m), which is >= 0: a miss "
    "somewhere is a union of the steps' misses",
    (t_, m_),
    chain_patterns(t_, m_) * patterns(t_ + 1, m_) - chain_patterns(t_ + 1, m_),
    bounds=(0, None),
    range_by=meaning(chain_patterns, patterns),
)
consistent_failure = opaque(
    "autoregressive/consistent_failure",
    "consistent_failure(m, u) = Pr[some tuple of linear decoders fits m chains and has err_AR > u]",
    bounds=(0, 1),
)
ghost_failure = opaque(
    "autoregressive/ghost_failure",
    "ghost_failure(m, u) = Pr[some tuple fits m chains and misses at least u m/2 of m further ones]",
    bounds=(0, 1),
)
ghost_errors = opaque(
    "autoregressive/ghost_errors",
    "ghost_errors(m, u) = ceil(u m/2), least number of misses on the ghost sample",
    integer=True,
    nonnegative=True,
)
rounded_up = defined(
    "autoregressive/rounded_up",
    "rounded_up(m, u) = ghost_errors(m, u) - u m/2, which is >= 0",
    (m_, u_),
    ghost_errors(m_, u_) - u_ * m_ / 2,
    bounds=(0, None),
    range_by=meaning(ghost_errors),
)
_swapped = sp.Function("swapped", real=True)
swapped = Definition(
    "autoregressive/swapped",
    _swapped,
    "swapped(k) = probability that independent fair swaps of k pairs put the miss of each on the ghost side",
    (eq(_swapped(0), 1), Forall((k_,), eq(_swapped(k_ + 1), _swapped(k_) / 2))),
)
union_of_patterns = defined(
    "autoregressive/union_of_patterns",
    "union_of_patterns(t, m, u) = chain_patterns(t, 2m) swapped(ghost_errors) - ghost_failure, which is >= 0 at t = T: "
    "the 2m chains are exchangeable in pairs, a pattern with both chains of a pair missed never fits, and one with k "
    "misses fits the first halves only if all swaps agree",
    (t_, m_, u_),
    chain_patterns(t_, 2 * m_) * swapped(ghost_errors(m_, u_)) - ghost_failure(m_, u_),
    bounds=(0, None),
    range_by=meaning(chain_patterns, ghost_failure, ghost_errors),
)

cover = Lemma(
    "autoregressive/cover",
    "N hyperplanes through the origin of a D-dimensional space cut out at most 2 sum_{i<D} C(N-1, i) cells",
    (n, K, m, T, step),
    le(patterns(_t, 2 * _m), cells(2 * _m, _t)),
    statement=(
        "labellings of 2m contexts are cells of the arrangement of the hyperplanes <W_a - W_a', Phi> = 0 in dimension "
        "D_t: a common vector subtracted from all W_a changes nothing, ties go by lowered biases"
    ),
    backing=Citation(Source("cover1965", "Theorem 1")),
)
symmetrisation = Lemma(
    "autoregressive/symmetrisation",
    "A consistent hypothesis of large error errs on a ghost sample at least half of the time",
    (m, epsilon),
    le(consistent_failure(_m, _eps), 2 * ghost_failure(_m, _eps)),
    hypotheses=(ge(_m, 2 / _eps),),
    statement="the median of a binomial law is at least floor(m p), and floor(m eps) >= eps m/2 for m >= 2/eps",
    backing=Citation(
        Source("blumer1989", "Lemma A2.1 (after Vapnik and Chervonenkis 1971)", recheck=True),
        "with the binomial median of Kaas and Buhrman (1980)",
    ),
)

_c, _p, _q = (sp.Function(name, real=True) for name in ("c", "p", "q"))
product_of_counts = Lemma(
    "autoregressive/product_of_counts",
    "Patterns of a product are at most the product of the patterns",
    (T,),
    le(_c(_T), sp.Product(_q(r_), (r_, 1, _T))),
    hypotheses=(
        eq(_c(0), 1),
        Forall((_u,), ge(_c(_u), 0)),
        Forall((_u,), le(_c(_u + 1), _c(_u) * _p(_u + 1))),
        Forall((_u,), le(_p(_u + 1), _q(_u + 1))),
        Forall((_u,), ge(_p(_u + 1), 0)),
    ),
    functions=(_c, _p, _q),
    backing=derive()
    .have(
        "one more",
        Forall((_u,), le(_c(_u + 1), _c(_u) * _q(_u + 1))),
        by=[*(fact(f"hypothesis {i}", u=_u) for i in (2, 3, 4)), quick],
    )
    .have(
        "all",
        Forall((_u,), le(_c(_u), sp.Product(_q(r_), (r_, 1, _u)))),
        by=[
            Induction(_u),
            "hypothesis 1",
            fact("one more", u=_u),
            fact("hypothesis 4", u=_u),
            fact("hypothesis 5", u=_u),
            quick,
        ],
    )
    .have("at T", le(_c(_T), sp.Product(_q(r_), (r_, 1, _T))), by=fact("all", u=_T)),
)
_count = Parameter("k", "k", "number of pairs with a miss", integers(0), (0, 100))
_k = _count.symbol
swaps = Lemma(
    "autoregressive/swaps",
    "k paired misses all fall on the ghost side with probability 2^-k",
    (_count,),
    eq(swapped(_k), sp.Rational(1, 2) ** _k),
    backing=derive()
    .have("none", eq(swapped(0), 1), by=unfold(swapped))
    .have("one more", Forall((k_,), eq(swapped(k_ + 1), swapped(k_) / 2)), by=unfold(swapped, k_=k_))
    .have(
        "all",
        Forall((k_,), eq(swapped(k_), sp.Rational(1, 2) ** k_)),
        by=[Induction(k_), "none", fact("one more", k_=k_), quick],
    )
    .have("k", eq(swapped(_k), sp.Rational(1, 2) ** _k), by=fact("all", k_=_k)),
)
_product = sp.Product(cells(2 * _m, r_), (r_, 1, _T))
_tail = 2 ** (-_eps * _m / 2)
_errors = ghost_errors(_m, _eps)
pac_to_ar_joint_growth = Claim(
    id="autoregressive/pac_to_ar_joint_growth",
    title="Joint empirical risk minimisation, linear decoders, explicit",
    kind=Kind.UPPER,
    text=(
        "With tau_t(m) = 2 sum_{i<D_t} C(N-1, i), N = m K(K-1)/2, D_t = (K-1) p_t: for m >= 2/eps the probability that "
        "some tuple of linear decoders fits m chains and has err_AR > eps is at most 2 prod_t tau_t(2m) 2^(-eps m/2)"
    ),
    parameters=(n, T, K, m, epsilon),
    assumptions=(REALIZABLE,),
    hypotheses=(ge(_m, 2 / _eps),),
    statements=(upper(consistent_failure(_m, _eps), 2 * _product * _tail, trivial=1, label="failure"),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/pac_to_ar_as_stated",),
    remarks=(
        "The term in delta drops from T ln(T/delta) to ln(1/delta) and T max to a sum; a factor log(T/eps) remains.",
    ),
    derivation=derive(consistent_failure(_m, _eps))
    .have("no steps", eq(chain_patterns(0, 2 * _m), 1), by=[unfold(no_steps, m_=2 * _m), quick])
    .have("count", Forall((_u,), ge(chain_patterns(_u, 2 * _m), 0)), by=[unfold(chain_patterns), quick])
    .have(
        "merged",
        Forall((_u,), le(chain_patterns(_u + 1, 2 * _m), chain_patterns(_u, 2 * _m) * patterns(_u + 1, 2 * _m))),
        by=[unfold(merged_patterns, t_=_u, m_=2 * _m), quick],
    )
    .have(
        "Cover",
        Forall((_u,), le(patterns(_u + 1, 2 * _m), cells(2 * _m, _u + 1))),
        by=cover.at(t=_u + 1, T=_u + 1),
    )
    .have("patterns sign", Forall((_u,), ge(patterns(_u + 1, 2 * _m), 0)), by=[unfold(patterns), quick])
    .have(
        "product",
        le(chain_patterns(_T, 2 * _m), _product),
        by=[
            "no steps",
            "count",
            "merged",
            "Cover",
            "patterns sign",
            product_of_counts.at(
                c=sp.Lambda(_u, chain_patterns(_u, 2 * _m)),
                p=sp.Lambda(_u, patterns(_u, 2 * _m)),
                q=sp.Lambda(_u, cells(2 * _m, _u)),
            ),
        ],
    )
    .have("swaps", eq(swapped(_errors), sp.Rational(1, 2) ** _errors), by=swaps.at(k=_errors))
    .have("errors", ge(_errors, _eps * _m / 2), by=[unfold(rounded_up, m_=_m, u_=_eps), quick])
    .have("power", le(sp.Rational(1, 2) ** _errors, _tail), by=["errors", quick])
    .have("tail", le(swapped(_errors), _tail), by=["swaps", "power", quick])
    .have("sign", ge(chain_patterns(_T, 2 * _m), 0), by=[unfold(chain_patterns), quick])
    .have("tail sign", ge(_tail, 0), by=quick)
    .have(
        "ghost sample",
        le(ghost_failure(_m, _eps), chain_patterns(_T, 2 * _m) * swapped(_errors)),
        by=[unfold(union_of_patterns, t_=_T, m_=_m, u_=_eps), quick],
    )
    .have(
        "patterns",
        le(chain_patterns(_T, 2 * _m) * swapped(_errors), chain_patterns(_T, 2 * _m) * _tail),
        by=["tail", "sign", quick],
    )
    .have("counted", le(chain_patterns(_T, 2 * _m) * _tail, _product * _tail), by=["product", "tail sign", quick])
    .le(2 * ghost_failure(_m, _eps), by=["hypothesis 1", symmetrisation.at()], name="double sample")
    .le(2 * _product * _tail, by=["ghost sample", "patterns", "counted", quick], name="union over patterns"),
)
