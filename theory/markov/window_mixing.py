"""Windows that overlap share tokens (specification 2.E).

Main statements
    gamma_iid_as_stated     "|Gamma| = 1 for independent data", refuted for windows
    window_mixing_floor     |Gamma| >= K - K(K-1)/(2N) for windows of length K
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Lemma, meaning
from theory.markov.mixing_matrix import curve, curve_sum, matrix_norm, schur_test
from theory.markov.mixing_matrix_hoc import beyond_window
from theory.markov.parameters import K, N
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_t, _i, _n = sp.symbols("t i n_", integer=True, nonnegative=True)
_N, _K = N.symbol, K.symbol

windowed = opaque(
    "markov/windowed",
    "windowed(K) = number of the mixing matrices of the windows of length K of a process whose tokens can take two "
    "values",
    integer=True,
    nonnegative=True,
)
independent_windows = opaque(
    "markov/independent_windows",
    "independent_windows(K) = number of the mixing matrices of the windows of length K of independent tokens",
    integer=True,
    nonnegative=True,
)

gamma_iid_as_stated = Claim(
    id="markov/gamma_iid_as_stated",
    title="The mixing matrix of independent data has norm 1",
    kind=Kind.EQUALITY,
    text="|Gamma| = 1 for i.i.d. data (said of the windows S_n of the data)",
    parameters=(N, K),
    hypotheses=(ge(_N, _K),),
    statements=(equal(matrix_norm(independent_windows(_K), _N), 1),),
    source=Source("zekri2024", "after Prop. 4.1", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="windows overlap: S_i and S_{i+1} share K - 1 tokens, so Gamma has K - 1 further diagonals of ones",
)

gap = Parameter("gap", "t", "distance from the diagonal, of any size", integers(0), (0, 20))
position = Parameter("position", "p", "position in the window", integers(1, K.symbol), (1, 8))
row = Parameter("row", "i", "row of the mixing matrix", integers(1), (1, 100))
lag = Parameter("lag", "j-i", "distance from the diagonal", integers(0, K.symbol - 1), (0, 7))
_I, _L = row.symbol, lag.symbol
_k, _p, _s = sp.symbols("k_ p_ s_", integer=True, nonnegative=True)
window_entry = opaque(
    "markov/window_entry",
    "window_entry(K, i, t) = Gamma_{i,i+t} of windows: the largest P(S_{i+t} != S'_{i+t}) when the tokens at i differ",
    bounds=(0, 1),
    nonnegative=True,
)
token_mismatch = opaque(
    "markov/token_mismatch", "token_mismatch(i, j) = P(X_j != X'_j) when the tokens at i differ", nonnegative=True
)
position_mismatch = defined(
    "markov/position_mismatch",
    "position_mismatch(K, i, t, p) = P(position p of S_{i+t} differs); position p = 1..K holds token i + t - K + p",
    (_k, _i, _t, _p),
    token_mismatch(_i, _i + _t - _k + _p),
    nonnegative=True,
)
own_token = defined(
    "markov/own_token",
    "own_token(i) = token_mismatch(i, i), which is 1: the tokens at i differ",
    (_i,),
    token_mismatch(_i, _i),
    bounds=(1, 1),
    range_by=meaning(token_mismatch),
)
rest_of_window = Lemma(
    "markov/rest_of_window",
    "Windows that differ in one position differ",
    (row, K, gap, position),
    ge(window_entry(_K, _I, gap.symbol), position_mismatch(_K, _I, gap.symbol, position.symbol)),
    backing=Citation(Source("durrett2019", "Theorem 1.1.1 (i)"), "monotonicity of probability"),
)
window_diagonal = defined(
    "markov/window_diagonal",
    "window_diagonal(K, t, N) = sum of Gamma_{i,i+t} over i = 1..N-t",
    (_k, _t, _n),
    sp.Sum(window_entry(_k, _i, _t), (_i, 1, _n - _t)),
)
later_token = opaque(
    "markov/later_token",
    "later_token(s) = P(X_(i+s) != X'_(i+s)) for independent tokens, when the tokens at i differ",
    bounds=(0, 1),
    nonnegative=True,
)
_G = gap.symbol
_positions = sp.Sum(later_token(_G - _K + _p), (_p, 1, _K))
some_position = Lemma(
    "markov/some_position",
    "Windows that differ do so in one of their K positions",
    (K, gap),
    le(curve(independent_windows(_K), _G), _positions),
    hypotheses=(ge(_G, _K),),
    backing=Citation(Source("durrett2019", "Theorem 1.1.1 (ii)"), "subadditivity of probability"),
)
beyond_band = Lemma(
    "markov/beyond_band",
    "Windows of independent tokens that share no token are coupled as equal",
    (K, gap),
    le(curve(independent_windows(_K), _G), 0),
    hypotheses=(ge(_G, _K), Forall((_i,), eq(later_token(_i + 1), 0))),
    backing=derive()
    .have(
        "equal tokens",
        Forall((_t, _n), eq(sp.Sum(later_token(_t + _p), (_p, 1, _n)), 0)),
        by=[Induction(_n), fact("hypothesis 2", i=_t + _n), quick],
    )
    .have("all positions", eq(_positions, 0), by=fact("equal tokens", t=_G - _K, n_=_K))
    .have("none", le(curve(independent_windows(_K), _G), 0), by=["all positions", "hypothesis 1", some_position.at()]),
)
rayleigh = Lemma(
    "markov/rayleigh",
    "The norm is at least the Rayleigh quotient at the constant vector",
    (N, K),
    ge(matrix_norm(windowed(_K), _N), sp.Sum(window_diagonal(_K, _t, _N), (_t, 0, _K - 1)) / _N),
    hypotheses=(ge(_N, _K),),
    statement="the sum of all entries over N; the entries beyond the first K diagonals are >= 0",
    backing=Citation(Source("hornjohnson2012", "section 5.6 and Thm 4.2.2")),
)
shared_token = Lemma(
    "markov/shared_token",
    "Windows less than K apart share a token",
    (row, K, lag),
    ge(window_entry(_K, _I, _L), 1),
    statement="Gamma_ij = 1 for 0 <= j - i < K",
    backing=derive()
    .have("own token", eq(token_mismatch(_I, _I), 1), by=[unfold(own_token, i=_I), quick])
    .have(
        "its position",
        eq(position_mismatch(_K, _I, _L, _K - _L), token_mismatch(_I, _I)),
        by=unfold(position_mismatch, k_=_K, i=_I, t=_L, p_=_K - _L),
        note="token i stands at position K - t of S_{i+t}",
    )
    .have(
        "the window differs",
        ge(window_entry(_K, _I, _L), position_mismatch(_K, _I, _L, _K - _L)),
        by=rest_of_window.at(gap=_L, position=_K - _L),
    )
    .have("one", ge(window_entry(_K, _I, _L), 1), by=["own token", "its position", "the window differs", quick]),
)
_floor = _K - _K * (_K - 1) / (2 * _N)
_windows = matrix_norm(windowed(_K), _N)
_band = matrix_norm(independent_windows(_K), _N)

window_mixing_floor = Claim(
    id="markov/window_mixing_floor",
    title="Windows share tokens, so their mixing matrix has norm about K at least",
    kind=Kind.LOWER,
    text=(
        "For windows of length K of any process whose tokens can take two values given some past, Gamma_ij = 1 for "
        "0 <= j - i < K, so |Gamma| >= K - K(K-1)/(2N) for N >= K; for independent tokens |Gamma| <= K "
        "(under a coupling that keeps later tokens equal: later_token = 0)"
    ),
    parameters=(N, K, row, lag),
    hypotheses=(ge(_N, _K), Forall((_i,), eq(later_token(_i + 1), 0))),
    statements=(
        lower(_windows, _floor, trivial=1, label="floor"),
        lower(window_entry(_K, _I, _L), 1, label="entries"),
        upper(_band, _K, label="independent tokens"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/gamma_iid_as_stated",),
    derivation=derive()
    .have("entries", shared_token.conclusion, by=shared_token.at())
    .have(
        "all entries",
        Forall((_i, _t), ge(window_entry(_K, _i, _t), 1), (ge(_i, 1), le(_t, _K - 1))),
        by=shared_token.at(row=_i, lag=_t),
    )
    .have(
        "one diagonal",
        Forall(
            (_t,),
            ge(sp.Sum(window_entry(_K, _i, _t), (_i, 1, _N - _t)), sp.Sum(1, (_i, 1, _N - _t))),
            (le(_t, _K - 1),),
        ),
        by=[Termwise(), fact("all entries", i=_i, t=_t), quick],
    )
    .have("count", Forall((_n,), eq(sp.Sum(1, (_i, 1, _n)), _n)), by=[Induction(_n), quick])
    .have(
        "its sum",
        Forall((_t,), ge(window_diagonal(_K, _t, _N), _N - _t), (le(_t, _K - 1),)),
        by=[unfold(window_diagonal, k_=_K, t=_t, n_=_N), fact("one diagonal", t=_t), fact("count", n_=_N - _t), quick],
    )
    .have(
        "K diagonals",
        ge(sp.Sum(window_diagonal(_K, _t, _N), (_t, 0, _K - 1)), sp.Sum(_N - _t, (_t, 0, _K - 1))),
        by=[Termwise(), fact("its sum", t=_t), quick],
    )
    .have("total", eq(sp.Sum(_N - _t, (_t, 0, _K - 1)), _N * _floor), by=algebra)
    .have("Rayleigh", rayleigh.conclusion, by=["hypothesis 1", rayleigh.at()])
    .have("floor", ge(_windows, _floor), by=["Rayleigh", "K diagonals", "total", quick])
    .have("band entries", Forall((_t,), le(curve(independent_windows(_K), _t), 1)), by=[unfold(curve), quick])
    .have(
        "band within",
        Forall((_n,), le(curve_sum(independent_windows(_K), _n), _n + 1)),
        by=[Induction(_n), fact("band entries", t=0), fact("band entries", t=_n + 1), quick],
        note="the windows share a token: entries of at most 1",
    )
    .have(
        "band beyond",
        Forall((_t,), le(curve(independent_windows(_K), _K + _t), 0)),
        by=["hypothesis 2", beyond_band.at(gap=_K + _t)],
        note="they share none",
    )
    .have(
        "after the band",
        Forall((_n,), le(sp.Sum(curve(independent_windows(_K), _K + _s), (_s, 0, _n)), 0)),
        by=[Induction(_n), fact("band beyond", t=0), fact("band beyond", t=_n + 1), quick],
    )
    .have(
        "band sum",
        le(curve_sum(independent_windows(_K), _N - 1), _K),
        by=[
            fact("band within", n_=_K - 1),
            fact("after the band", n_=_N - 1),
            beyond_window.at(g=independent_windows(_K)),
            quick,
        ],
    )
    .have(
        "independent tokens",
        le(_band, _K),
        by=[schur_test.at(g=independent_windows(_K)), "band sum", quick],
    ),
)
