"""In-context learning by a model that forgets: mixing of the tokens only (specification 2.G, D21, D22).

Main statements
    icl_gap_forgetting   (1 + dbar(1)/(1-dbar(B))) ((B w_0 + W)/N) sqrt(ceil(N/B) log(1/delta)/2)

f is R_icl-hat as a function of the tokens, read in consecutive blocks of B; a block has a letter each.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FIRST_ORDER, FIXED_MODEL
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.markov.concentration import confident_by_norms, same_as_blocks
from theory.markov.icl import root_below
from theory.markov.parameters import delta
from theory.markov.parameters_concentration import (
    block,
    blocked,
    difference_norm,
    f,
    mixing_norm,
    pair_distance,
    shortfall,
    spare,
)
from theory.markov.parameters_icl import euclidean, length, letter_change
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source

blocks = Parameter("blocks", "m", "number of blocks", integers(1), (1, 1000), "blocks")
first_distance = Parameter("d_1", r"\bar d(1)", "worst pair distance of the tokens after one step", reals(0, 1), (0, 1))
block_distance = Parameter(
    "d_B",
    r"\bar d(B)",
    "bound on the worst pair distance of the tokens after B steps",
    reals(0, 1, open="upper"),
    (0, 0.9),
)
w_0 = Parameter("w_0", "w_0", "largest change of the loss under any change of the window (D21)", reals(0, 1), (0, 1))
memory = Parameter("W", "W", "effective memory of the model (D21)", reals(0), (0, 100), "tokens")
reach_of_block = Parameter(
    "change",
    "c",
    "bound on the change of the mean loss when a block changes",
    reals(0, sp.oo, open="lower"),
    (0.001, 1),
)

_F, _D, _B, _M, _N = f.symbol, delta.symbol, block.symbol, blocks.symbol, length.symbol
_a, _d1, _w0, _W, _C = block_distance.symbol, first_distance.symbol, w_0.symbol, memory.symbol, reach_of_block.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, positive=True)
_r = sp.Symbol("r", integer=True, nonnegative=True)

diagonal = opaque(
    "markov/diagonal",
    "diagonal(f, B, k) = entry of the mixing matrix of the blocks of B tokens, k + 1 places right of its diagonal "
    "(D22)",
    bounds=(0, None),
    nonnegative=True,
)
_f = sp.Symbol("f_", integer=True, nonnegative=True)
_b = sp.Symbol("B_", integer=True, positive=True)
block_pair = defined(
    "markov/block_pair",
    "block_pair(f, B, k) = dbar(k B + 1), the pair distance of the tokens k blocks of B and one step later",
    (_f, _b, _k),
    pair_distance(_f, _k * _b + 1),
    bounds=(0, 1),
    nonnegative=True,
    range_by=unfold(pair_distance),
)


def _upto(term: Any, last: Any) -> sp.Sum:
    return sp.Sum(term, (_k, 0, last))


later_block = Lemma(
    "markov/later_block",
    "dbar(s + t) <= dbar(s) dbar(t), at s = k B + 1 and t = B",
    (f, block),
    Forall((_k,), le(block_pair(_F, _B, _k + 1), block_pair(_F, _B, _k) * pair_distance(_F, _B))),
    backing=Citation(Source("levin2017", "Lemma 4.11")),
)
maximal_coupling = Lemma(
    "markov/maximal_coupling",
    "Blocks k + 1 apart can be coupled as well as the first token of the later one, k B + 1 steps away",
    (f, block),
    Forall((_k,), le(diagonal(_F, _B, _k), block_pair(_F, _B, _k))),
    backing=Citation(Source("goldstein1979", "maximal coupling", recheck=True)),
)
norm_by_diagonals = Lemma(
    "markov/norm_by_diagonals",
    "A matrix with constant diagonals has spectral norm at most the sum of their entries",
    (f, block, blocks),
    le(mixing_norm(blocked(_F, _B)), 1 + _upto(diagonal(_F, _B, _k), _M - 1)),
    backing=Citation(Source("hornjohnson2012", "section 5.6")),
)
geometric_partial_sums = Lemma(
    "markov/geometric_partial_sums",
    "Partial sums of a geometric series",
    (block_distance, blocks),
    le(_upto(_a**_k, _M - 1), 1 / (1 - _a)),
    backing=derive()
    .have(
        "sum",
        Forall((_r,), eq((1 - _a) * _upto(_a**_k, _r), 1 - _a ** (_r + 1))),
        by=[Induction(_r), quick],
    )
    .have("at the last", eq((1 - _a) * _upto(_a**_k, _M - 1), 1 - _a**_M), by=fact("sum", r=_M - 1))
    .have("power", ge(_a**_M, 0), by=quick)
    .have("bound", le(_upto(_a**_k, _M - 1), 1 / (1 - _a)), by=["at the last", "power", quick]),
)
block_mixing_norm = Lemma(
    "markov/block_mixing_norm",
    "Spectral norm of the mixing matrix of blocks of tokens",
    (f, block, blocks, first_distance, block_distance),
    le(mixing_norm(blocked(_F, _B)), 1 + _d1 / (1 - _a)),
    hypotheses=(le(pair_distance(_F, 1), _d1), le(pair_distance(_F, _B), _a)),
    backing=derive(mixing_norm(blocked(_F, _B)))
    .have(
        "next block",
        Forall((_r,), le(block_pair(_F, _B, _r + 1), block_pair(_F, _B, _r) * _a)),
        by=["hypothesis 2", later_block.at(), unfold(block_pair), quick],
    )
    .have(
        "first block", le(block_pair(_F, _B, 0), _d1), by=["hypothesis 1", unfold(block_pair, f_=_F, B_=_B, k=0), quick]
    )
    .have(
        "decay",
        Forall((_r,), le(block_pair(_F, _B, _r), _d1 * _a**_r)),
        by=[Induction(_r), "first block", fact("next block", r=_r), quick],
    )
    .have(
        "entries",
        Forall((_r,), le(diagonal(_F, _B, _r), _d1 * _a**_r)),
        by=[fact("decay", r=_r), maximal_coupling.at(), quick],
    )
    .have("sum", le(_upto(diagonal(_F, _B, _k), _M - 1), _upto(_d1 * _a**_k, _M - 1)), by=[Termwise(), "entries"])
    .have("factor", eq(_upto(_d1 * _a**_k, _M - 1), _d1 * _upto(_a**_k, _M - 1)), by=algebra)
    .have(
        "series",
        le(_upto(diagonal(_F, _B, _k), _M - 1), _d1 / (1 - _a)),
        by=["sum", "factor", geometric_partial_sums.at(), quick],
    )
    .le(1 + _upto(diagonal(_F, _B, _k), _M - 1), by=norm_by_diagonals.at(), name="diagonals")
    .le(1 + _d1 / (1 - _a), by=["series", quick], name="geometric series"),
)
_changes = sp.Sum(letter_change(_F, _n) ** 2, (_n, 0, _M - 1))
equal_changes = Lemma(
    "markov/equal_changes",
    "A function of m letters that changes by at most c with each has |c| <= c sqrt(m)",
    (f, blocks, reach_of_block),
    le(difference_norm(_F), _C * sp.sqrt(_M)),
    hypotheses=(euclidean(_F, _M), Forall((_n,), le(letter_change(_F, _n), _C), (le(_n, _M - 1),))),
    backing=derive()
    .have(
        "square",
        Forall((_r,), le(letter_change(_F, _r) ** 2, _C**2), (le(_r, _M - 1),)),
        by=[fact("hypothesis 2", n_=_r), unfold(letter_change), quick],
    )
    .have("squares", le(_changes, sp.Sum(_C**2, (_n, 0, _M - 1))), by=[Termwise(), "square"])
    .have("count", eq(sp.Sum(_C**2, (_n, 0, _M - 1)), (_C * sp.sqrt(_M)) ** 2), by=algebra)
    .have("total", le(_changes, (_C * sp.sqrt(_M)) ** 2), by=["squares", "count", quick])
    .have("non-negative", ge(_changes, 0), by=SingleTerm(0))
    .have(
        "root",
        le(sp.sqrt(_changes), _C * sp.sqrt(_M)),
        by=["total", "non-negative", root_below.at(square=_changes, level=_C * sp.sqrt(_M))],
    )
    .have("norm", le(difference_norm(_F), _C * sp.sqrt(_M)), by=["hypothesis 1", "root", quick]),
)

_m = sp.ceiling(_N / _B)
_change = (_B * _w0 + _W) / _N
_mixing = 1 + _d1 / spare.symbol
_letters = blocked(_F, _B)
icl_gap_forgetting = Claim(
    id="markov/icl_gap_forgetting",
    title="In-context learning by a model that forgets",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "X first-order, theta fixed, any B in 1..N: with probability at least 1 - delta, R_icl - R-hat_icl <= (1 + "
        "dbar_X(1)/(1 - dbar_X(B))) ((B w_0 + W)/N) sqrt(ceil(N/B) log(1/delta)/2): the mixing of the tokens, not of "
        "the windows, times the model's effective memory W"
    ),
    parameters=(f, length, block, first_distance, spare, w_0, memory, delta),
    assumptions=(FIXED_MODEL, FIRST_ORDER),
    hypotheses=(
        le(_B, _N),
        gt(_B * _w0 + _W, 0),
        le(pair_distance(_F, 1), _d1),
        le(pair_distance(_F, _B), 1 - spare.symbol),
        euclidean(_letters, _m),
        Forall((_n,), le(letter_change(_letters, _n), (sp.Sum(_w0, (_j, 1, _B)) + _W) / _N), (le(_n, _m - 1),)),
    ),
    statements=(
        upper(shortfall(_F, _D), _mixing * _change * sp.sqrt(_m * sp.log(1 / _D) / 2), trivial=1, label="gap"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/icl_gap_token_tmin_as_stated",),
    confidence=delta,
    remarks=(
        "changing a block alters the B windows that end in it by at most w_0, and the window that ends j tokens later "
        "by at most w_j; W = w_1 + ... + w_(K-1)",
        "the model that never forgets the first token of its window has W = 0.4 (K - 1): no contradiction",
    ),
    derivation=derive(shortfall(_F, _D))
    .have("blocks", ge(_m, 1), by=quick)
    .have(
        "mixing",
        le(mixing_norm(_letters), _mixing),
        by=["blocks", "hypothesis 3", "hypothesis 4", block_mixing_norm.at(blocks=_m, d_B=1 - spare.symbol)],
    )
    .have(
        "change of a block",
        Forall((_r,), le(letter_change(_letters, _r), _change), (le(_r, _m - 1),)),
        by=[fact("hypothesis 6", n_=_r), quick],
        note="B windows end in the block; then W altogether",
    )
    .have("positive", gt(_change, 0), by=["hypothesis 2", quick])
    .have(
        "differences",
        le(difference_norm(_letters), _change * sp.sqrt(_m)),
        by=[
            "blocks",
            "positive",
            "change of a block",
            "hypothesis 5",
            equal_changes.at(f=_letters, blocks=_m, change=_change),
        ],
    )
    .have("at least one", ge(_mixing, 1), by=quick)
    .have("norm", gt(_change * sp.sqrt(_m), 0), by=["positive", "blocks", quick])
    .eq(shortfall(_letters, _D), by=same_as_blocks.at(), name="as blocks")
    .le(
        _mixing * (_change * sp.sqrt(_m)) * sp.sqrt(sp.log(1 / _D) / 2),
        by=[
            "mixing",
            "differences",
            "at least one",
            "norm",
            confident_by_norms.at(f=_letters, Gamma=_mixing, c_norm=_change * sp.sqrt(_m)),
        ],
        name="McDiarmid for blocks",
    )
    .eq(_mixing * _change * sp.sqrt(_m * sp.log(1 / _D) / 2), by=["blocks", algebra], name="one root"),
)
