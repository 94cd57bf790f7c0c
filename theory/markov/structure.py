"""Blocks of Q: short contexts and full ones (specification 2.A).

Main statements
    block_structure   short contexts die out in K-1 steps; full contexts are reached by every path
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K, T, ell
from theory.markov.paths import (
    draw,
    least,
    path_floor,
    path_probability,
)
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_T, _K = T.symbol, K.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, positive=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)

steps = Parameter("k", "k", "number of steps", integers(_K), (1, 20), "steps")

_length = sp.Function("length_after", integer=True, positive=True)
length_after = Definition(
    "markov/length_after",
    _length,
    "length_after(l, k) = length of the state k steps after a state of length l <= K: a step adds a token, and keeps "
    "the last K",
    equations=(
        Forall((_l,), eq(_length(_l, 0), _l)),
        Forall((_l, _k), eq(_length(_l, _k + 1), sp.Min(_K, _length(_l, _k) + 1))),
    ),
)
characteristic_mismatch = opaque(
    "markov/characteristic_mismatch",
    "characteristic_mismatch() = largest coefficient of chi_Q(x) - x^(n_S - T^K) chi_{P_R}(x), in absolute value",
    nonnegative=True,
)

lengths_grow = Lemma(
    "markov/lengths_grow",
    "After k steps a state of length l has length min(K, l + k)",
    (K,),
    Forall((_l, _k), eq(length_after(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
    backing=derive().have(
        "min",
        Forall((_l, _k), eq(length_after(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
        by=[Induction(_k), unfold(length_after, l=_l, k=_k), unfold(length_after, l=_l)],
    ),
)
block_triangular = Lemma(
    "markov/block_triangular",
    "The characteristic polynomial of a block triangular matrix is the product of those of its blocks, and x^m for a "
    "nilpotent block of size m",
    (),
    eq(characteristic_mismatch(), 0),
    backing=Citation(
        Source("hornjohnson2012", "determinants of block triangular matrices", recheck=True),
        "cited: the determinant of a block triangular matrix is the product of those of its blocks, here of x I - Q",
    ),
    statement=(
        "det(x I - Q) = det(x I - P_T) det(x I - P_R), since Q is block triangular, and det(x I - P_T) = x^m for the "
        "nilpotent block P_T of size m = n_S - T^K: exactly the statement 'characteristic polynomial'. That Q has this "
        "shape and P_T is nilpotent is what lengths_grow says; this lemma has no hypotheses that would ask for it"
    ),
)
count = Parameter("n_S", "n_S", "number of states", integers(1), (1, 100))
_w = sp.Symbol("w_", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
mass = sp.Function("mass", real=True)
full_entry = defined(
    "markov/full_entry",
    "full_entry(k) = Q^k(i, j) for a full context j and k >= K: the law mass(w) after k - K steps, then the K tokens "
    "of j",
    (_k,),
    sp.Sum(mass(_w) * path_probability(_w, _K), (_w, 1, count.symbol)),
)

block_structure = Claim(
    id="markov/block_structure",
    title="Short contexts die out, full contexts are reached",
    kind=Kind.STRUCTURAL,
    text=(
        "Q = [[P_T, P_TR], [0, P_R]]: P_T^(K-1) = 0 and not before (K >= 2), the characteristic polynomial of Q is "
        "x^(n_S - T^K) times that of P_R, and for a positive model and k >= K steps every entry of Q^k in the columns "
        "of full contexts is at least p_min^K > 0 while those of short contexts vanish"
    ),
    parameters=(K, ell, steps, least, count),
    assumptions=(POSITIVE,),
    hypotheses=(
        Forall((_w,), ge(mass(_w), 0)),
        eq(sp.Sum(mass(_w), (_w, 1, count.symbol)), 1),
        Forall((_w, _i), ge(draw(_w, _i), least.symbol)),
    ),
    statements=(
        Statement(full_entry(steps.symbol), ">=", least.symbol**_K, sp.S.Zero, "full contexts"),
        equal(length_after(1, _K - 1), _K, label="short contexts die out"),
        equal(length_after(1, sp.Max(_K - 2, 0)), sp.Max(_K - 1, 1), label="not before"),
        equal(length_after(ell.symbol, steps.symbol), _K, label="short contexts vanish"),
        equal(characteristic_mismatch(), 0, label="characteristic polynomial"),
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
    .have(
        "short contexts vanish",
        eq(length_after(ell.symbol, steps.symbol), _K),
        by=fact("lengths", l=ell.symbol, k=steps.symbol),
    )
    .have("path floor", path_floor.conclusion, by=[path_floor.at(), "hypothesis 3"])
    .have(
        "mixture",
        ge(
            sp.Sum(mass(_w) * path_probability(_w, _K), (_w, 1, count.symbol)),
            sp.Sum(mass(_w) * least.symbol**_K, (_w, 1, count.symbol)),
        ),
        by=[Termwise(), fact("path floor", w_=_w, k=_K), fact("hypothesis 1", w_=_w)],
    )
    .have(
        "total mass",
        eq(
            sp.Sum(mass(_w) * least.symbol**_K, (_w, 1, count.symbol)),
            least.symbol**_K * sp.Sum(mass(_w), (_w, 1, count.symbol)),
        ),
        by=algebra,
    )
    .have(
        "full contexts",
        ge(full_entry(steps.symbol), least.symbol**_K),
        by=[unfold(full_entry, k=steps.symbol), "mixture", "total mass", "hypothesis 2"],
    )
    .have("characteristic polynomial", eq(characteristic_mismatch(), 0), by=block_triangular.at()),
)

least_remaining = sp.Function("least_remaining", real=True)
