"""Coefficients of a block from what tokens share (specification 2.B).

Main statements
    beta_products   alpha(A) >= prod gamma_k, 1-kappa(A) >= prod beta_k, gamma_k <= beta_k

With m(w, x) the part of P(x | s) that all (or two) contexts s ending in w share, the shared part of the laws of the
next K tokens is at least tail(K) at the empty suffix, where tail(0, w) = 1 and
tail(j+1, w) = sum_x m(w, x) tail(j, w x); one token more costs at least the factor gamma (or beta).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, Termwise, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma, meaning
from theory.lemmas.averages import average_below
from theory.lemmas.stochastic_matrix import (
    k_,
)
from theory.markov.parameters import K, T
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_K = K.symbol

_j = sp.Symbol("j", integer=True, nonnegative=True)
_w = sp.Symbol("w", integer=True, nonnegative=True)
_x = k_  # a token
_i = sp.Symbol("i", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, positive=True)
_T = T.symbol
_s_ = sp.Symbol("s_", integer=True, nonnegative=True)  # a context
_tokens = (_x, 0, _T - 1)


def _family(name: str, shared_by: str, coefficient: Any) -> tuple[Definition, ...]:
    """The definitions for one kind of overlap: tokens shared by all contexts of a suffix, or by two."""
    part = opaque(
        f"markov/{name}_part",
        f"{name}_part(j, w, x) = what {shared_by} of P(x | s), j tokens before the end of the block",
        bounds=(0, 1),
    )
    tail_head = sp.Function(f"{name}_tail", real=True)
    where = sp.Function(f"{name}_worst_suffix", integer=True, nonnegative=True)
    tail = Definition(
        f"markov/{name}_tail",
        tail_head,
        f"{name}_tail(j, w) = shared part of the law of the last j tokens of the block after the suffix w",
        (
            Forall((_w,), eq(tail_head(0, _w), 1)),
            Forall(
                (_j, _w),
                eq(
                    tail_head(_j + 1, _w),
                    sp.Sum(part(_j + 1, _w, _x) * tail_head(_j, _w * _T + _x), _tokens),
                ),
            ),
        ),
        bounds=(0, None),
        range_by=(unfold(part),),
    )
    spare = defined(
        f"markov/{name}_tail_spare",
        f"{name}_tail_spare(j, w) = {name}_tail(j, w) minus its minimum over suffixes, which is >= 0",
        (_j, _w),
        tail_head(_j, _w) - tail_head(_j, where(_j)),
        bounds=(0, None),
        range_by=meaning(where),
    )
    token = defined(
        f"markov/{name}_token_mass",
        f"{name}_token_mass(j, w) = shared mass of one token minus its minimum over suffixes, which is >= 0",
        (_j, _w),
        sp.Sum(part(_j + 1, _w, _x), _tokens) - coefficient(_j + 1),
        bounds=(0, None),
        range_by=meaning(coefficient),
    )
    return part, tail, spare, token


_gamma, _beta = sp.Function("gamma_overlap", real=True), sp.Function("beta_overlap", real=True)
gamma_overlap = Definition(
    "markov/gamma_overlap", _gamma, "gamma_overlap(j) = gamma_(K-j) (D10)", latex=r"\gamma_{K-j}", bounds=(0, 1)
)
beta_overlap = Definition(
    "markov/beta_overlap", _beta, "beta_overlap(j) = beta_(K-j) (D10)", latex=r"\beta_{K-j}", bounds=(0, 1)
)
doeblin_part, doeblin_tail, doeblin_tail_spare, doeblin_token_mass = _family(
    "doeblin", "all contexts that end in w share", gamma_overlap
)
dobrushin_part, dobrushin_tail, dobrushin_tail_spare, dobrushin_token_mass = _family(
    "dobrushin", "two contexts that end in w share, the pair with the least overlap", beta_overlap
)


def _tail_product(
    name: str, part: Definition, tail: Definition, spare: Definition, token: Definition, coefficient: Definition
) -> Lemma:
    """tail(K, w) >= prod_{j=1}^K coefficient(j)."""
    where = sp.Function(f"{name}_worst_suffix", integer=True, nonnegative=True)
    worst = where(_j + 1)
    low = tail(_j, where(_j))
    ahead = tail(_j, worst * _T + k_)
    weight = part(_j + 1, worst, k_)
    averaged = average_below.at(top=_T - 1, low=low, f=sp.Lambda(k_, ahead), w=sp.Lambda(k_, weight))
    mixed, shared = sp.Sum(weight * ahead, (k_, 0, _T - 1)), sp.Sum(weight, (k_, 0, _T - 1))

    def product(last: Any) -> sp.Product:
        return sp.Product(coefficient(_i), (_i, 1, last))

    backing = (
        derive()
        .have("ahead", Forall((_j, k_), ge(ahead - low, 0)), by=[unfold(spare, j=_j, w=worst * _T + k_), quick])
        .have("weights", Forall((_j, k_), ge(weight, 0)), by=unfold(part))
        .have("average", Forall((_j,), averaged.conclusion), by=["ahead", "weights", averaged])
        .have("unrolled", Forall((_j,), eq(tail(_j + 1, worst), mixed)), by=unfold(tail, j=_j, w=worst))
        .have("token", Forall((_j,), ge(shared, coefficient(_j + 1))), by=[unfold(token, j=_j, w=worst), quick])
        .have("sign", Forall((_j,), ge(low, 0)), by=unfold(tail, j=_j, w=where(_j)))
        .have(
            "scaled",
            Forall((_j,), ge(low * shared, low * coefficient(_j + 1))),
            by=[fact("token", j=_j), fact("sign", j=_j), quick],
        )
        .have(
            "step",
            Forall((_j,), ge(tail(_j + 1, worst), low * coefficient(_j + 1))),
            by=[*(fact(f, j=_j) for f in ("average", "unrolled", "scaled")), quick],
        )
        .have("end", eq(tail(0, where(0)), 1), by=unfold(tail, w=where(0), j=0))
        .have("coefficients", Forall((_n,), ge(coefficient(_n + 1), 0)), by=unfold(coefficient))
        .have(
            "products",
            Forall((_n,), ge(tail(_n, where(_n)), product(_n))),
            by=[
                Induction(_n, 1),
                fact("step", j=_n),
                fact("step", j=_n - 1),
                "end",
                fact("coefficients", n_=_n),
                quick,
            ],
        )
        .have("least", ge(tail(_K, 0), tail(_K, where(_K))), by=[unfold(spare, j=_K, w=0), quick])
        .have("product", ge(tail(_K, 0), product(_K)), by=["least", fact("products", n_=_K), quick])
    )
    return Lemma(
        f"markov/{name}_product",
        "One token more costs at most one factor",
        (T, K),
        ge(tail(_K, 0), product(_K)),
        backing,
    )


doeblin_product = _tail_product(
    "doeblin", doeblin_part, doeblin_tail, doeblin_tail_spare, doeblin_token_mass, gamma_overlap
)
dobrushin_product = _tail_product(
    "dobrushin", dobrushin_part, dobrushin_tail, dobrushin_tail_spare, dobrushin_token_mass, beta_overlap
)

block_doeblin = opaque("markov/block_doeblin", "block_doeblin(T, K) = alpha(A)", bounds=(0, 1))
block_dobrushin = opaque("markov/block_dobrushin", "block_dobrushin(T, K) = kappa(A)", bounds=(0, 1))
_gammas, _betas = (sp.Product(g(_i), (_i, 1, _K)) for g in (_gamma, _beta))
coupled_tokens = Lemma(
    "markov/coupled_tokens",
    "Two copies coupled token by token agree on a block with at least the shared part of the pair",
    (T, K),
    ge(1 - block_dobrushin(_T, _K), dobrushin_tail(_K, 0)),
    derive().have(
        "coupling",
        ge(1 - block_dobrushin(_T, _K), dobrushin_tail(_K, 0)),
        by=Gap("own coupling proof of the specification, not formalised: maximal couplings one token after another"),
    ),
)
smallest_gamma = Parameter("gamma_0", r"\gamma_0", "overlap of all contexts (D10)", reals(0, 1), (0, 1))
next_token = opaque("markov/next_token", "next_token(x, s) = P(x | s) for a full context s", bounds=(0, 1))
least_likely_context = opaque(
    "markov/least_likely_context",
    "least_likely_context(j, x) = the full context s with the least P(x | s) among those that end in the worst suffix "
    "of K - j tokens, the one of gamma_(K-j)",
    integer=True,
    nonnegative=True,
)
token_floor = opaque("markov/token_floor", "token_floor(x) = min of P(x | s) over all full contexts s", bounds=(0, 1))
above_token_floor = defined(
    "markov/above_token_floor",
    "above_token_floor(x, s) = P(x | s) minus its minimum over all full contexts, which is >= 0",
    (_x, _s_),
    next_token(_x, _s_) - token_floor(_x),
    bounds=(0, None),
    range_by=meaning(token_floor),
)
gamma_attained = defined(
    "markov/gamma_attained",
    "gamma_attained(j) = gamma_(K-j) minus the part that the contexts of its worst suffix share (D10): 0",
    (_n,),
    _gamma(_n) - sp.Sum(next_token(_x, least_likely_context(_n, _x)), _tokens),
    bounds=(0, 0),
    range_by=meaning(least_likely_context, gamma_overlap),
)
gamma_of_all = defined(
    "markov/gamma_of_all",
    "gamma_of_all() = part that all full contexts share, which is gamma_0 (D10)",
    (),
    sp.Sum(token_floor(_x), _tokens),
    bounds=(smallest_gamma.symbol, smallest_gamma.symbol),
    range_by=meaning(smallest_gamma.symbol),
)
_worst_common = sp.Sum(next_token(_x, least_likely_context(_n, _x)), _tokens)
token_index = Parameter("j", "j", "tokens left in the block, k = K - j", integers(1, _K), (1, 5), "tokens")
pair_part = opaque(
    "markov/pair_part", "pair_part(j, x) = min(P(x|s), P(x|s')) for the pair that attains beta_(K-j)", bounds=(0, 1)
)
common_token = opaque(
    "markov/common_token",
    "common_token(j, x) = min over all s that end in the suffix of that pair of P(x|s)",
    bounds=(0, 1),
)
pair_above = defined(
    "markov/pair_above",
    "pair_above(j, x) = pair_part(j, x) - common_token(j, x), >= 0: the pair is among all contexts of its suffix",
    (_n, _x),
    pair_part(_n, _x) - common_token(_n, _x),
    bounds=(0, None),
    range_by=meaning(pair_part, common_token),
)
beta_attained = defined(
    "markov/beta_attained",
    "beta_attained(j) = beta_(K-j) minus the overlap of its pair: 0",
    (_n,),
    _beta(_n) - sp.Sum(pair_part(_n, _x), _tokens),
    bounds=(0, 0),
    range_by=meaning(pair_part, beta_overlap),
)
gamma_below = defined(
    "markov/gamma_below",
    "gamma_below(j) = shared part at the suffix of that pair minus its minimum gamma_(K-j), which is >= 0",
    (_n,),
    sp.Sum(common_token(_n, _x), _tokens) - _gamma(_n),
    bounds=(0, None),
    range_by=meaning(gamma_overlap),
)
_p = Parameter("p_high", "p^+", "largest P(1|s) over a set of contexts", reals(0, 1), (0.5, 1))
_r = Parameter("p_low", "p^-", "smallest P(1|s) over that set", reals(0, _p.symbol), (0, 0.5))
_high, _low = _p.symbol, _r.symbol
_number = token_index.symbol

beta_products = Claim(
    id="markov/beta_products",
    title="Block coefficients from overlaps of next-token laws",
    kind=Kind.LOWER,
    text=(
        "alpha(A) >= prod_k gamma_k >= gamma_0^K and 1-kappa(A) >= prod_k beta_k over k < K; gamma_k <= beta_k, with "
        "equality for T = 2, where the overlap of a set of laws is 1 - (max - min) of P(1|.), and a pair attains it"
    ),
    parameters=(T, K, smallest_gamma, token_index, _p, _r),
    statements=(
        lower(block_doeblin(_T, _K), _gammas, trivial=0, label="doeblin"),
        lower(_gammas, smallest_gamma.symbol**_K, trivial=0, label="power"),
        lower(1 - block_dobrushin(_T, _K), _betas, trivial=0, label="dobrushin"),
        upper(_gamma(_number), _beta(_number), trivial=1, label="order"),
        equal(_low + (1 - _high), sp.Min(_high, _low) + sp.Min(1 - _high, 1 - _low), label="two tokens"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("all contexts", ge(doeblin_tail(_K, 0), _gammas), by=doeblin_product.at())
    .have(
        "paths",
        ge(block_doeblin(_T, _K), doeblin_tail(_K, 0)),
        by=Gap("the sum over blocks v of prod_k m_k is rewritten as iterated sums over tokens: not formalised"),
        note="A(u, v) is a product along one path (path product) of factors that are at least the shared parts",
    )
    .have("doeblin", ge(block_doeblin(_T, _K), _gammas), by=["all contexts", "paths", quick])
    .have(
        "fewer contexts",
        Forall((_n,), ge(_worst_common, sp.Sum(token_floor(_x), _tokens))),
        by=[Termwise(), unfold(above_token_floor, k=_x, s_=least_likely_context(_n, _x)), quick],
        note="a minimum over the contexts of one suffix is at least that over all: overlaps grow with the suffix",
    )
    .have(
        "each factor",
        Forall((_n,), ge(_gamma(_n), smallest_gamma.symbol)),
        by=[fact("fewer contexts", n_=_n), unfold(gamma_attained, n_=_n), unfold(gamma_of_all), quick],
    )
    .have("powers", Forall((_n,), ge(smallest_gamma.symbol**_n, 0)), by=quick)
    .have(
        "all powers",
        Forall((_n,), ge(sp.Product(_gamma(_i), (_i, 1, _n)), smallest_gamma.symbol**_n)),
        by=[Induction(_n, 1), fact("each factor", n_=_n), fact("each factor", n_=_n + 1), fact("powers", n_=_n), quick],
    )
    .have("power", ge(_gammas, smallest_gamma.symbol**_K), by=fact("all powers", n_=_K))
    .have("pairs", ge(dobrushin_tail(_K, 0), _betas), by=dobrushin_product.at())
    .have("coupling", ge(1 - block_dobrushin(_T, _K), dobrushin_tail(_K, 0)), by=coupled_tokens.at())
    .have("dobrushin", ge(1 - block_dobrushin(_T, _K), _betas), by=["pairs", "coupling", quick])
    .have(
        "parts",
        Forall((_x,), ge(pair_part(_number, _x), common_token(_number, _x))),
        by=[unfold(pair_above, n_=_number, k=k_), quick],
    )
    .have(
        "sums",
        ge(sp.Sum(pair_part(_number, _x), _tokens), sp.Sum(common_token(_number, _x), _tokens)),
        by=[Termwise(), "parts", quick],
    )
    .have(
        "order",
        le(_gamma(_number), _beta(_number)),
        by=["sums", unfold(beta_attained, n_=_number), unfold(gamma_below, n_=_number), quick],
    )
    .have("two tokens", eq(_low + (1 - _high), sp.Min(_high, _low) + sp.Min(1 - _high, 1 - _low)), by=decide),
)
