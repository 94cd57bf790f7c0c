"""Information surplus of a hidden state over the next token (specification `categorical` 2.2).

Main statements
    surplus_identity   I(H; W, F) = I(H; W) + I(H; F | W), token by token
    surplus_bounds     0 <= surplus <= min(ceiling, H(F|W)) <= (K - 1) log V
    surplus_dpi        I_D(H; W, F) >= I_D(H; W) for every divergence with data processing
    surplus_deficit    ceiling = surplus + deficit for a state H = f(X)

X is the context, H the state, W the next token W_t and F the K - 1 tokens after it (D13, D14); the law is that of the
data. surplus = I(H; F | W), ceiling = I(X; F | W), deficit = I(X; F | H, W).
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, block
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, algebra, decide, fact, quick, unfold
from theory.lemmas.subadditive import (
    data_processing,
    homogeneous,
    last,
    over,
    phi,
    single,
    subadditive,
    top,
    x,
    y,
)
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_joint = information("I(H;W,F)")
_next = information("I(H;W)")
surplus = information("I(H;F|W)")
ceiling = information("I(X;F|W)")
deficit = information("I(X;F|H,W)")
spread = information("H(F|W)")
_block = information("I(H;A,B,C|W)")
_first, _second, _third = information("I(H;A|W)"), information("I(H;B|W,A)"), information("I(H;C|W,A,B)")
STATE_OF_CONTEXT = "H = f(X)"

surplus_identity = Claim(
    id="categorical/surplus_identity",
    title="Surplus is a conditional mutual information",
    kind=Kind.EQUALITY,
    text=(
        "I(H; W_t, F) = I(H; W_t) + Surplus, where Surplus = I(H; F | W_t), and the surplus of a block is the sum of "
        "the surpluses of its tokens (three further tokens are written out)"
    ),
    parameters=(),
    statements=(
        equal(_joint, _next + surplus, label="surplus"),
        equal(_block, _first + _second + _third, label="block"),
    ),
    source=Source("zhang2025", "eqs. (4.1)-(4.2), App. A.3"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("chain rule", eq(_joint, _next + surplus), by=Shannon(), note="both sides expand identically")
    .have("token by token", eq(_block, _first + _second + _third), by=Shannon()),
)

_V, _K = V.symbol, block.symbol
_v = sp.Symbol("v", integer=True, positive=True)
_k = sp.Symbol("k", integer=True, positive=True)
count_of_blocks = defined(
    "categorical/count_of_blocks",
    "count_of_blocks(v, k) = |F|, the number of blocks of k - 1 tokens from v",
    (_v, _k),
    _v ** (_k - 1),
    latex=r"|F|",
    positive=True,
)
_count = count_of_blocks(_V, _K)
surplus_bounds = Claim(
    id="categorical/surplus_bounds",
    title="Range of the surplus",
    kind=Kind.TWO_SIDED,
    text="0 <= Surplus_K <= min(Ceiling_K, H(F | W_t)) <= (K - 1) log V for a state H = f(X)",
    parameters=(V, block),
    statements=(
        upper(surplus, (_K - 1) * sp.log(_V), label="logarithm"),
        upper(surplus, ceiling, label="ceiling"),
        upper(surplus, spread, label="entropy"),
        upper(spread, (_K - 1) * sp.log(_V), label="block"),
        lower(surplus, 0, label="sign"),
    ),
    source=Source("zhang2025", "section 4.1"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("sign", ge(surplus, 0), by=Shannon())
    .have("ceiling", le(surplus, ceiling), by=Shannon(given=STATE_OF_CONTEXT), note="data processing, H = f(X)")
    .have("entropy", le(surplus, spread), by=Shannon())
    .have("alphabet", le(spread, sp.log(_count)), by=Shannon(atoms=((sp.log(_count), "log|F|"),)))
    .have("number of blocks", eq(_count, _V ** (_K - 1)), by=unfold(count_of_blocks, v=_V, k=_K), note="|F| = V^(K-1)")
    .have("monotone", le(sp.log(_count), sp.log(_V ** (_K - 1))), by=["number of blocks", decide])
    .have("logarithm of a power", eq(sp.log(_V ** (_K - 1)), (_K - 1) * sp.log(_V)), by=algebra)
    .have("block", le(spread, (_K - 1) * sp.log(_V)), by=["alphabet", "monotone", "logarithm of a power", quick])
    .have("logarithm", le(surplus, (_K - 1) * sp.log(_V)), by=["entropy", "block", quick]),
)

_p, _q = sp.Function("p", real=True), sp.Function("q", real=True)
_row = sp.Function("row", real=True)
_m, _n = top.symbol, last.symbol
_u = sp.Symbol("u", integer=True, nonnegative=True)
_at_u = phi(over(_p(_u, x), _n), over(_q(_u, x), _n))
_masses = tuple(Forall((x, y), ge(law(x, y), 0)) for law in (_p, _q))
_marginals = over(_at_u, _m, _u)
surplus_dpi = Claim(
    id="categorical/surplus_dpi",
    title="The difference form of the surplus",
    kind=Kind.LOWER,
    text=(
        "I_D(H; W_t, F) >= I_D(H; W_t) for every f-divergence and every Renyi divergence: two joint laws p and q of "
        "u = (H, W_t) and x = F, p the law of the data and q = p_H (x) p_{W,F}, come no further apart when F is "
        "discarded. row(u) is what the blocks after u add to D(p || q); phi(a, b) = b f(a/b). The difference equals "
        "I_D(H; F | W_t) only for Kullback-Leibler."
    ),
    parameters=(top, last),
    functions=(_p, _q, phi, _row),
    hypotheses=(
        *_masses,
        subadditive,
        homogeneous,
        Forall((_u,), eq(_row(_u), over(phi(_p(_u, x), _q(_u, x)), _n))),
    ),
    statements=(lower(over(_row(_u), _m, _u), _marginals, label="discard"),),
    source=Source("zhang2025", "eqs. (4.1)-(4.2)", version="v1"),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "one pair",
        Forall((_u,), le(over(_at_u, 0, y), over(phi(_p(_u, x), _q(_u, x)), _n))),
        by=[
            fact("hypothesis 1", x=_u, y=x),
            fact("hypothesis 2", x=_u, y=x),
            "hypothesis 1",
            "hypothesis 2",
            "hypothesis 3",
            "hypothesis 4",
            data_processing.at(
                m=_n,
                n=0,
                p=sp.Lambda((y,), _p(_u, y)),
                q=sp.Lambda((y,), _q(_u, y)),
                k=sp.Lambda((x, y), sp.S.One),
            ),
        ],
        note="F is discarded: the kernel to a single letter",
    )
    .have(
        "one letter",
        Forall((_u,), eq(over(_at_u, 0, y), _at_u)),
        by=single.at(f=sp.Lambda((y,), _at_u)),
    )
    .have(
        "row",
        Forall((_u,), le(_at_u, _row(_u))),
        by=[*(fact(n, u=_u) for n in ("one pair", "one letter")), fact("hypothesis 5", u=_u), quick],
    )
    .have("pairs", le(_marginals, over(_row(_u), _m, _u)), by=[Termwise(), "row"])
    .have("discard", ge(over(_row(_u), _m, _u), _marginals), by="pairs"),
)
surplus_deficit = Claim(
    id="categorical/surplus_deficit",
    title="Ceiling = surplus + deficit",
    kind=Kind.EQUALITY,
    text="H = f(X) gives Ceiling_K = Surplus_K + Deficit_K, and Deficit_K = I(X; F | H, W_t) >= 0",
    parameters=(),
    statements=(equal(ceiling, surplus + deficit, label="split"), lower(deficit, 0, label="sign")),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("categorical/surplus_bounds",),
    derivation=derive()
    .have("split", eq(ceiling, surplus + deficit), by=Shannon(given=STATE_OF_CONTEXT), note="H = f(X)")
    .have("sign", ge(deficit, 0), by=Shannon()),
)
