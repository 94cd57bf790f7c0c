"""Pre-training gap of a model with known memory (specification 2.F): blocks of tokens in place of windows.

The data are cut into m = ceil(N/B) blocks of B tokens. Changing one block changes the B windows that end in it by at
most w_0 each, and the window ending j tokens later by at most w_j (memory profile, D21); |Gamma_B| is the norm of the
mixing matrix of the blocks (D22), which is 1 for independent tokens, however long the window.

Main statement: pretraining_gap_memory.
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FINITE_WINDOW, FIXED_MODEL
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma, meaning
from theory.markov.concentration import confident_by_norms
from theory.markov.parameters import K, N, delta
from theory.markov.parameters_concentration import difference_norm, mixing_norm, shortfall
from theory.markov.parameters_pretraining import i_, l_, n_
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

block = Parameter("block", "B", "length of a block", integers(1, N.symbol), (1, 8192), "tokens")
Gamma_block = Parameter(
    "Gamma_block", r"\|\hat\Gamma_B\|", "spectral norm of the block mixing matrix (D22)", reals(1), (1, 100)
)
w0 = Parameter("w0", "w_0", "largest difference of two losses (D21)", reals(0, 1, open="lower"), (0.01, 1))
W = Parameter("W", "W", "effective memory w_1 + ... + w_{K-1} (D21)", reals(0, K.symbol - 1), (0, 8192), "tokens")
Omega = Parameter(
    "Omega",
    r"\Omega",
    "sum over k of the influence of the single token k places back",
    reals(0, K.symbol, open="lower"),
    (0.01, 100),
)
_N, _D, _K, _B, _G = N.symbol, delta.symbol, K.symbol, block.symbol, Gamma_block.symbol
_w, _W, _O = w0.symbol, W.symbol, Omega.symbol
_m = sp.ceiling(_N / _B)
_root = sp.sqrt(sp.log(1 / _D) / 2)
_b = sp.Symbol("b_", integer=True, positive=True)

block_risk = opaque(
    "markov/block_risk",
    "block_risk(N, B) = number of R^ of model 0 as a function of the consecutive blocks of B tokens (the last may be "
    "shorter)",
    latex=r"\hat R",
    integer=True,
    nonnegative=True,
)
profile = opaque(
    "markov/profile",
    "profile(j) = w_j, largest difference of the losses of two states of equal length that agree on their last j "
    "tokens",
    bounds=(0, 1),
)
near_change = opaque(
    "markov/near_change",
    "near_change(b, i) = largest change of the loss of the i-th window ending in block b when the block changes",
    bounds=(0, None),
)
far_change = opaque(
    "markov/far_change",
    "far_change(b, j) = largest change of the loss of the window that ends j tokens after block b, when the block "
    "changes",
    bounds=(0, None),
)
effective_memory = defined(
    "markov/effective_memory",
    "effective_memory(K) = w_1 + ... + w_{K-1} <= W (D21)",
    (l_,),
    sp.Sum(profile(n_), (n_, 1, l_ - 1)),
    bounds=(0, _W),
    range_by=(meaning(profile, W.symbol, side="high"), unfold(profile)),
)
block_change = defined(
    "markov/block_change",
    "block_change(b) = c_b, the largest change of R^ when block b changes: the windows ending in it, then those ending "
    "1..K-1 tokens later; a window of K tokens ending later no longer contains the block",
    (_b,),
    (sp.Sum(near_change(_b, i_), (i_, 1, _B)) + sp.Sum(far_change(_b, n_), (n_, 1, _K - 1))) / _N,
    bounds=(0, None),
    nonnegative=True,
    range_by=(unfold(near_change), unfold(far_change)),
)
block_norm = Definition(
    "markov/block_norm",
    sp.Function("block_norm", real=True),
    "block_norm(N, B) = |c|^2 - sum_b c_b^2 over the blocks, which is 0",
    (
        eq(
            sp.Function("block_norm", real=True)(_N, _B),
            difference_norm(block_risk(_N, _B)) ** 2 - sp.Sum(block_change(_b) ** 2, (_b, 1, _m)),
        ),
    ),
    bounds=(0, 0),
    range_by=(meaning(difference_norm, near_change, far_change),),
)
_terms = Parameter("terms", "m", "number of terms", integers(1), (1, 100))
_each = Parameter("each", "x", "a number", reals(), (-1, 1))
constant_terms = Lemma(
    "markov/constant_terms",
    "A sum of m equal terms",
    (_terms, _each),
    eq(sp.Sum(_each.symbol, (_b, 1, _terms.symbol)), _terms.symbol * _each.symbol),
    backing=derive().have(
        "sum", eq(sp.Sum(_each.symbol, (_b, 1, _terms.symbol)), _terms.symbol * _each.symbol), by=algebra
    ),
)
_c = (_B * _w + _W) / _N
# What changing a block does to the windows (D21): the count of the specification, assumed here, not derived.
_near = Forall((_b, i_), le(near_change(_b, i_), _w))
_far = Forall((_b, n_), le(far_change(_b, n_), profile(n_)))
block_difference_norm = Lemma(
    "markov/block_difference_norm",
    "|c| <= (B w_0 + W) sqrt(m)/N over the blocks",
    (N, K, block, w0, W),
    le(difference_norm(block_risk(_N, _B)), _c * sp.sqrt(_m)),
    hypotheses=(_near, _far),
    statement="a window ending in the block changes by at most w_0, one ending j tokens later by at most w_j (D21)",
    backing=derive()
    .have(
        "near",
        Forall((_b,), le(sp.Sum(near_change(_b, i_), (i_, 1, _B)), sp.Sum(_w, (i_, 1, _B)))),
        by=[Termwise(), "hypothesis 1"],
    )
    .have("near total", eq(sp.Sum(_w, (i_, 1, _B)), _B * _w), by=algebra)
    .have(
        "far",
        Forall((_b,), le(sp.Sum(far_change(_b, n_), (n_, 1, _K - 1)), sp.Sum(profile(n_), (n_, 1, _K - 1)))),
        by=[Termwise(), "hypothesis 2"],
    )
    .have("memory", le(sp.Sum(profile(n_), (n_, 1, _K - 1)), _W), by=[unfold(effective_memory, l_=_K), quick])
    .have(
        "change",
        Forall((_b,), le(block_change(_b), _c)),
        by=[unfold(block_change, b_=_b), fact("near", b_=_b), "near total", fact("far", b_=_b), "memory", quick],
    )
    .have(
        "square",
        Forall((_b,), le(block_change(_b) ** 2, _c**2)),
        by=[fact("change", b_=_b), unfold(block_change, b_=_b), quick],
    )
    .have(
        "squares", le(sp.Sum(block_change(_b) ** 2, (_b, 1, _m)), sp.Sum(_c**2, (_b, 1, _m))), by=[Termwise(), "square"]
    )
    .have("blocks", ge(_m, 1), by=quick)
    .have(
        "constant terms",
        eq(sp.Sum(_c**2, (_b, 1, _m)), _m * _c**2),
        by=["blocks", constant_terms.at(terms=_m, each=_c**2)],
    )
    .have(
        "squared norm",
        le(difference_norm(block_risk(_N, _B)) ** 2, _m * _c**2),
        by=["squares", "constant terms", unfold(block_norm), quick],
    )
    .have(
        "norm",
        le(difference_norm(block_risk(_N, _B)), _c * sp.sqrt(_m)),
        by=["squared norm", "blocks", unfold(difference_norm), quick],
    ),
)

_mixing = le(mixing_norm(block_risk(_N, _B)), _G)
_GAP = shortfall(block_risk(_N, _B), _D)
gap_by_blocks = Lemma(
    "markov/gap_by_blocks",
    "McDiarmid over blocks of tokens",
    (N, K, block, w0, W, Gamma_block, delta),
    le(_GAP, _G * _c * sp.sqrt(_m * sp.log(1 / _D) / 2)),
    hypotheses=(_mixing, _near, _far),
    backing=derive(_GAP)
    .have("blocks", ge(_m, 1), by=quick)
    .have(
        "norm",
        le(difference_norm(block_risk(_N, _B)), _c * sp.sqrt(_m)),
        by=["hypothesis 2", "hypothesis 3", block_difference_norm.at()],
    )
    .have("positive", gt(_c * sp.sqrt(_m), 0), by=["blocks", quick])
    .le(
        _G * (_c * sp.sqrt(_m)) * _root,
        by=[
            "hypothesis 1",
            "norm",
            "positive",
            confident_by_norms.at(f=block_risk(_N, _B), Gamma=_G, c_norm=_c * sp.sqrt(_m)),
        ],
        name="McDiarmid",
    )
    .eq(_G * _c * sp.sqrt(_m * sp.log(1 / _D) / 2), by=["blocks", algebra], name="collect"),
)
best_block = Lemma(
    "markov/best_block",
    "(B + K - 1)^2/B is smallest at B = K - 1",
    (N, K, block),
    ge((_B + _K - 1) ** 2 / _B, 4 * (_K - 1)),
    statement="the difference is (B - (K - 1))^2/B",
    backing=derive()
    .have("square", eq((_B + _K - 1) ** 2 / _B - 4 * (_K - 1), (_B - _K + 1) ** 2 / _B), by=algebra)
    .have("smallest", ge((_B + _K - 1) ** 2 / _B, 4 * (_K - 1)), by=["square", quick]),
)

Gamma_tokens = Parameter(
    "Gamma_tokens", r"\|\Gamma_X\|", "spectral norm of the mixing matrix of the tokens (D18)", reals(1), (1, 100)
)
_GX = Gamma_tokens.symbol
token_risk = opaque(
    "markov/token_risk",
    "token_risk(N) = number of R^ of model 0 as a function of the single tokens",
    integer=True,
    nonnegative=True,
)
_back = sp.Symbol("k_", integer=True, nonnegative=True)
token_influence = opaque(
    "markov/token_influence",
    "token_influence(k) = omega_k, largest change of the loss when only the token k places before the newest changes",
    bounds=(0, None),
)
token_influences = defined(
    "markov/token_influences",
    "token_influences(K) = omega_0 + ... + omega_{K-1}, at most Omega",
    (l_,),
    sp.Sum(token_influence(_back), (_back, 0, l_ - 1)),
    bounds=(0, _O),
    range_by=(meaning(token_influence, Omega.symbol, side="high"), unfold(token_influence)),
)
token_change = opaque(
    "markov/token_change", "token_change(i) = c_i, the largest change of R^ when only token i changes", bounds=(0, None)
)
token_norm = Definition(
    "markov/token_norm",
    sp.Function("token_norm", real=True),
    "token_norm(N) = |c|^2 - sum_i c_i^2 over the tokens, which is 0",
    (
        eq(
            sp.Function("token_norm", real=True)(_N),
            difference_norm(token_risk(_N)) ** 2 - sp.Sum(token_change(_b) ** 2, (_b, 1, _N)),
        ),
    ),
    bounds=(0, 0),
    range_by=(meaning(difference_norm, token_change),),
)
_token_mixing = le(mixing_norm(token_risk(_N)), _GX)
_TOKENS = shortfall(token_risk(_N), _D)
# What changing one token does to the windows: the count of the specification, assumed here, not derived.
_single = Forall((_b,), le(token_change(_b), sp.Sum(token_influence(_back), (_back, 0, _K - 1)) / _N))
gap_by_tokens = Lemma(
    "markov/gap_by_tokens",
    "McDiarmid over single tokens",
    (N, K, Omega, Gamma_tokens, delta),
    le(_TOKENS, _GX * _O * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
    hypotheses=(_token_mixing, _single),
    statement="the window that ends k tokens after a token changes by at most omega_k, k = 0..K-1",
    backing=derive(_TOKENS)
    .have(
        "influences",
        le(sp.Sum(token_influence(_back), (_back, 0, _K - 1)), _O),
        by=[unfold(token_influences, l_=_K), quick],
    )
    .have(
        "change",
        Forall((_b,), le(token_change(_b), _O / _N)),
        by=[fact("hypothesis 2", b_=_b), "influences", quick],
    )
    .have(
        "square",
        Forall((_b,), le(token_change(_b) ** 2, (_O / _N) ** 2)),
        by=[fact("change", b_=_b), unfold(token_change), quick],
    )
    .have(
        "squares",
        le(sp.Sum(token_change(_b) ** 2, (_b, 1, _N)), sp.Sum((_O / _N) ** 2, (_b, 1, _N))),
        by=[Termwise(), "square"],
    )
    .have("equal terms", eq(sp.Sum((_O / _N) ** 2, (_b, 1, _N)), _O**2 / _N), by=algebra)
    .have(
        "squared norm",
        le(difference_norm(token_risk(_N)) ** 2, _O**2 / _N),
        by=["squares", "equal terms", unfold(token_norm), quick],
    )
    .have(
        "norm",
        le(difference_norm(token_risk(_N)), _O / sp.sqrt(_N)),
        by=["squared norm", unfold(difference_norm), quick],
    )
    .le(
        _GX * (_O / sp.sqrt(_N)) * _root,
        by=["hypothesis 1", "norm", confident_by_norms.at(f=token_risk(_N), Gamma=_GX, c_norm=_O / sp.sqrt(_N))],
        name="McDiarmid",
    )
    .eq(_GX * _O * sp.sqrt(sp.log(1 / _D) / (2 * _N)), by=algebra, name="collect"),
)
_p, _q = sp.symbols("p_ q_", integer=True, positive=True)
pretraining_gap_memory = Claim(
    id="markov/pretraining_gap_memory",
    title="Pre-training gap of a model with known memory",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "Blocks of B tokens, m = ceil(N/B), memory profile w_j: with probability at least 1 - delta, R <= R^ + "
        "|Gamma_B| ((B w_0 + W)/N) sqrt(m log(1/delta)/2). Assumed (D21): changing a block changes the loss of a "
        "window ending in it by at most w_0 and of the one ending j tokens later by at most w_j; changing one token "
        "changes R^ by at most (omega_0 + ... + omega_{K-1})/N. With w_0 = 1, W = K-1, independent tokens and B = K-1 "
        "dividing N this is 2 sqrt((K-1) log(1/delta)/(2N)), and (B+K-1)^2/B is smallest at B = K-1; at B = 1, "
        "w_0 + W may be replaced by the sum Omega of the single-token influences"
    ),
    parameters=(N, delta, block, K, w0, W, Gamma_block, Omega, Gamma_tokens),
    assumptions=(FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(_mixing, _token_mixing, _near, _far, _single),
    statements=(
        upper(_GAP, _G * _c * sp.sqrt(_m * sp.log(1 / _D) / 2), trivial=1, label="blocks"),
        upper(_TOKENS, _GX * _O * sp.sqrt(sp.log(1 / _D) / (2 * _N)), trivial=1, label="tokens"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/pretraining_gap",),
    confidence=delta,
    derivation=derive()
    .have(
        "windows forget",
        Forall((_p, _q), ge(_q - _K + 1, _p + 1), (ge(_q, _p + _K),)),
        by=quick,
        note="a window that ends K or more tokens after a block begins after it",
    )
    .have("best block", ge((_B + _K - 1) ** 2 / _B, 4 * (_K - 1)), by=best_block.at(), note="attained at B = K - 1")
    .have(
        "blocks",
        le(_GAP, _G * _c * sp.sqrt(_m * sp.log(1 / _D) / 2)),
        by=["hypothesis 1", "hypothesis 3", "hypothesis 4", gap_by_blocks.at()],
    )
    .have(
        "tokens",
        le(_TOKENS, _GX * _O * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
        by=["hypothesis 2", "hypothesis 5", gap_by_tokens.at()],
    ),
)
