"""Blocks, paths and recurrent classes of Q (specification 2.A).

Main statements
    block_structure      short contexts die out in K-1 steps; full contexts are reached by every path
    path_product         an entry of A = P_R^K is one product along a path, and eps is its minimum
    ergodic_as_stated    "the chain on all states is ergodic", as stated
    ergodic_unichain     full contexts are the only recurrent class, aperiodic; the stationary law is unique
    truncated_decoding   without positivity several classes and periods are possible
    window_chain         windows of a source of memory at most K form a Markov chain (and not otherwise)
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K, T
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_T, _K = T.symbol, K.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, positive=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)

steps = Parameter("k", "k", "number of steps", integers(K.symbol), (1, 20), "steps")

_length = sp.Function("length_after", integer=True, positive=True)
length_after = Definition(
    "markov/length_after",
    _length,
    "length_after(l, k) = length of the state k steps after a state of length l <= K: a step adds a token, and keeps the last K",
    equations=(
        Forall((_l,), eq(_length(_l, 0), _l)),
        Forall((_l, _k), eq(_length(_l, _k + 1), sp.Min(_K, _length(_l, _k) + 1))),
    ),
)
_nilpotency = sp.Function("nilpotency_index", integer=True, nonnegative=True)
nilpotency_index = Definition(
    "markov/nilpotency_index",
    _nilpotency,
    "nilpotency_index(K) = least k with P_T^k = 0: least k after which every state has length K (0 for K = 1, no short states)",
)
_entry = sp.Function("least_full_entry", real=True)
least_full_entry = Definition(
    "markov/least_full_entry", _entry, "least_full_entry(k) = min of Q^k(i, j) over states i and full contexts j"
)
_short = sp.Function("short_mass", real=True, nonnegative=True)
short_mass = Definition(
    "markov/short_mass",
    _short,
    "short_mass(k) = max over starts of the probability of a context shorter than K after k steps",
)
_gap = sp.Function("characteristic_mismatch", real=True, nonnegative=True)
characteristic_mismatch = Definition(
    "markov/characteristic_mismatch",
    _gap,
    "characteristic_mismatch() = largest coefficient of chi_Q(x) - x^(n_S - T^K) chi_{P_R}(x), relative to the largest of chi_Q",
)

lengths_grow = Lemma(
    "markov/lengths_grow",
    "After k steps a state of length l has length min(K, l + k)",
    (K,),
    Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
    backing=derive().have(
        "min",
        Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
        by=[Induction(_k), unfold(length_after, l=_l, k=_k), unfold(length_after, l=_l)],
    ),
)
block_triangular = Lemma(
    "markov/block_triangular",
    "The characteristic polynomial of a block triangular matrix is the product of those of its blocks, and x^m for a nilpotent block of size m",
    (),
    eq(_gap(), 0),
    backing=Citation(Source("hornjohnson2012", "section 0.8.5 and 2.4.P", recheck=True)),
)
least = Parameter("p_min", r"p_{\min}", "smallest next-token probability", reals(0, 1, open="lower"), (1e-6, 0.5))
count = Parameter("n_S", "n_S", "number of states", integers(1), (1, 100))
_w = sp.Symbol("w", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
_mass = sp.Function("mass", real=True)
_draw = sp.Function("draw", real=True)
_path = sp.Function("path_probability", real=True)
path_probability = Definition(
    "markov/path_probability",
    _path,
    "path_probability(w, K) = probability of drawing K given tokens one after another from state w: the only path from w "
    "to the full context they form; draw(w, i) is the probability of the i-th token on the way",
    equations=(
        Forall((_w,), eq(_path(_w, 0), 1)),
        Forall((_w, _k), eq(_path(_w, _k + 1), _path(_w, _k) * _draw(_w, _k + 1))),
    ),
)
full_entry = Definition(
    "markov/full_entry",
    sp.Function("full_entry", real=True),
    "full_entry(k) = Q^k(i, j) for a full context j and k >= K: the law mass(w) after k - K steps, then the K tokens of j",
    equations=(
        Forall(
            (_k,),
            eq(
                sp.Function("full_entry", real=True)(_k),
                sp.Sum(_mass(_w) * _path(_w, _K), (_w, 1, count.symbol)),
            ),
        ),
    ),
)
path_floor = Lemma(
    "markov/path_floor",
    "A path of k draws has probability at least p_min^k",
    (least,),
    Forall((_w, _k), ge(_path(_w, _k), least.symbol**_k)),
    hypotheses=(Forall((_w, _i), ge(_draw(_w, _i), least.symbol)),),
    functions=(_draw,),
    backing=derive().have(
        "power",
        Forall((_w, _k), ge(_path(_w, _k), least.symbol**_k)),
        by=[
            Induction(_k),
            unfold(path_probability, w=_w, k=_k),
            unfold(path_probability, w=_w),
            fact("hypothesis 1", w=_w, i=_k + 1),
        ],
    ),
)

block_structure = Claim(
    id="markov/block_structure",
    title="Short contexts die out, full contexts are reached",
    kind=Kind.STRUCTURAL,
    text=(
        "Q = [[P_T, P_TR], [0, P_R]]: P_T^(K-1) = 0 and not before (K >= 2), the characteristic polynomial of Q is "
        "x^(n_S - T^K) times that of P_R, and for a positive model and k >= K steps every entry of Q^k in the columns of "
        "full contexts is at least p_min^K > 0 while those of short contexts vanish"
    ),
    parameters=(K, steps, least, count),
    assumptions=(POSITIVE,),
    functions=(_mass, _draw),
    hypotheses=(
        Forall((_w,), ge(_mass(_w), 0)),
        eq(sp.Sum(_mass(_w), (_w, 1, count.symbol)), 1),
        Forall((_w, _i), ge(_draw(_w, _i), least.symbol)),
    ),
    statements=(
        Statement(full_entry(steps.symbol), ">=", least.symbol**_K, sp.S.Zero, "full contexts"),
        equal(length_after(1, _K - 1), _K, label="short contexts die out"),
        equal(length_after(1, sp.Max(_K - 2, 0)), sp.Max(_K - 1, 1), label="not before"),
        equal(_gap(), 0, label="characteristic polynomial"),
    ),
    source=Source("zekri2024", "eq. (9), Lemma F.1", "v2"),
    status=Status.SHARPENED,
    derivation=derive()
    .have("lengths", lengths_grow.conclusion, by=lengths_grow.at())
    .have("die out", eq(length_after(1, _K - 1), _K), by=fact("lengths", l=1, k=_K - 1), note="a step adds one token")
    .have(
        "not before",
        eq(length_after(1, sp.Max(_K - 2, 0)), sp.Max(_K - 1, 1)),
        by=fact("lengths", l=1, k=sp.Max(_K - 2, 0)),
    )
    .have("path floor", path_floor.conclusion, by=[path_floor.at(), "hypothesis 3"])
    .have(
        "mixture",
        ge(
            sp.Sum(_mass(_w) * _path(_w, _K), (_w, 1, count.symbol)),
            sp.Sum(_mass(_w) * least.symbol**_K, (_w, 1, count.symbol)),
        ),
        by=[Termwise(), fact("path floor", w=_w, k=_K), fact("hypothesis 1", w=_w)],
    )
    .have(
        "total mass",
        eq(
            sp.Sum(_mass(_w) * least.symbol**_K, (_w, 1, count.symbol)),
            least.symbol**_K * sp.Sum(_mass(_w), (_w, 1, count.symbol)),
        ),
        by=algebra,
    )
    .have(
        "full contexts",
        ge(full_entry(steps.symbol), least.symbol**_K),
        by=[unfold(full_entry, k=steps.symbol), "mixture", "total mass", "hypothesis 2"],
    )
    .have("characteristic polynomial", eq(_gap(), 0), by=block_triangular.at()),
)
