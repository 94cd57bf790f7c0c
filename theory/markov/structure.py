"""Blocks and paths of Q (specification 2.A).

Main statements
    block_structure   short contexts die out in K-1 steps; full contexts are reached by every path
    path_product      an entry of A = P_R^K is one product along a path, and its minimum eps a recursion
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K, T, ell
from theory.markov.states import successor
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source

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
    Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
    backing=derive().have(
        "min",
        Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
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
        Source("hornjohnson2012", "section 0.8.5 and 2.4.P", recheck=True),
        "cited: the determinant of a block triangular matrix is the product of those of its blocks, here of x I - Q",
    ),
    statement=(
        "det(x I - Q) = det(x I - P_T) det(x I - P_R), since Q is block triangular, and det(x I - P_T) = x^m for the "
        "nilpotent block P_T of size m = n_S - T^K: exactly the statement 'characteristic polynomial'. That Q has this "
        "shape and P_T is nilpotent is what lengths_grow says; this lemma has no hypotheses that would ask for it"
    ),
)
least = Parameter("p_min", r"p_{\min}", "smallest next-token probability", reals(0, 1, open="lower"), (1e-6, 0.5))
count = Parameter("n_S", "n_S", "number of states", integers(1), (1, 100))
_w = sp.Symbol("w_", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
mass = sp.Function("mass", real=True)
draw = sp.Function("draw", real=True)
_path = sp.Function("path_probability", real=True)
path_probability = Definition(
    "markov/path_probability",
    _path,
    "path_probability(w, K) = probability of drawing K given tokens one after another from state w: the only path "
    "from w to the full context they form; draw(w, i) is the probability of the i-th token on the way",
    equations=(
        Forall((_w,), eq(_path(_w, 0), 1)),
        Forall((_w, _k), eq(_path(_w, _k + 1), _path(_w, _k) * draw(_w, _k + 1))),
    ),
)
full_entry = defined(
    "markov/full_entry",
    "full_entry(k) = Q^k(i, j) for a full context j and k >= K: the law mass(w) after k - K steps, then the K tokens "
    "of j",
    (_k,),
    sp.Sum(mass(_w) * _path(_w, _K), (_w, 1, count.symbol)),
)
path_floor = Lemma(
    "markov/path_floor",
    "A path of k draws has probability at least p_min^k",
    (least,),
    Forall((_w, _k), ge(_path(_w, _k), least.symbol**_k)),
    hypotheses=(Forall((_w, _i), ge(draw(_w, _i), least.symbol)),),
    functions=(draw,),
    backing=derive().have(
        "power",
        Forall((_w, _k), ge(_path(_w, _k), least.symbol**_k)),
        by=[
            Induction(_k),
            unfold(path_probability, w_=_w, k=_k),
            unfold(path_probability, w_=_w),
            fact("hypothesis 1", w_=_w, i=_k + 1),
        ],
    ),
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
    functions=(mass, draw),
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
            sp.Sum(mass(_w) * _path(_w, _K), (_w, 1, count.symbol)),
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

path = Parameter("w", "w", "number of a start and K further tokens; 1: those of the recursion", integers(1), (1, 8))
_remaining = sp.Function("least_remaining", real=True)
_drawn = sp.Function("drawn", integer=True, nonnegative=True)
_start = sp.Function("start_of_path", integer=True, nonnegative=True)
_context = sp.Function("context_after", integer=True, nonnegative=True)
context_after = Definition(
    "markov/context_after",
    _context,
    "context_after(w, k) = index of the full context after k tokens of path w, drawn(w, i) being the i-th (D5)",
    equations=(
        Forall((_w,), eq(_context(_w, 0), _start(_w))),
        Forall((_w, _k), eq(_context(_w, _k + 1), successor(_context(_w, _k), _drawn(_w, _k + 1)))),
    ),
    bounds=(0, _T**_K - 1),
)
_written = sp.Function("written", integer=True, nonnegative=True)
written = Definition(
    "markov/written",
    _written,
    "written(w, k) = the first k tokens of path w as a base-T number",
    equations=(
        Forall((_w,), eq(_written(_w, 0), 0)),
        Forall((_w, _k), eq(_written(_w, _k + 1), _T * _written(_w, _k) + _drawn(_w, _k + 1))),
    ),
)
_forgotten = sp.Function("forgotten", integer=True, nonnegative=True)
forgotten = Definition(
    "markov/forgotten",
    _forgotten,
    "forgotten(w, k) = the tokens that k steps of path w dropped, oldest first, as a base-T number",
    equations=(
        Forall((_w,), eq(_forgotten(_w, 0), 0)),
        Forall(
            (_w, _k),
            eq(_forgotten(_w, _k + 1), _T * _forgotten(_w, _k) + sp.floor(_context(_w, _k) / _T ** (_K - 1))),
        ),
    ),
)
path_entry = defined(
    "markov/path_entry",
    "path_entry(w) = A(u, v) for the start u and the tokens v of path w (D6), by the sum over paths from u to v; that "
    "this sum has the one term written here holds because the K draws must be the tokens of v, which is step 'end' of "
    "markov/path_product and no part of this definition",
    (_w,),
    _path(_w, _K),
    latex="A(u,v)",
)
log_draw = defined(
    "markov/log_draw",
    "log_draw(w, i) = logarithm of the probability of the i-th token of path w, in nats",
    (_w, _i),
    sp.log(draw(_w, _i)),
)
_log_path = sp.Function("log_path", real=True)
log_path = Definition(
    "markov/log_path",
    _log_path,
    "log_path(w, k) = sum of the logarithms of the first k draws of path w",
    equations=(
        Forall((_w,), eq(_log_path(_w, 0), 0)),
        Forall((_w, _k), eq(_log_path(_w, _k + 1), _log_path(_w, _k) + log_draw(_w, _k + 1))),
    ),
)
least_path = opaque("markov/least_path", "least_path() = a path of least probability", integer=True, positive=True)
above_least_path = defined(
    "markov/above_least_path",
    "above_least_path(w) = log A(u, v) - log eps, which is >= 0: eps is the smallest entry (D8)",
    (_w,),
    _log_path(_w, _K) - _log_path(least_path(), _K),
    bounds=(0, None),
)
log_epsilon = defined(
    "markov/log_epsilon",
    "log_epsilon() = log eps, the logarithm of the smallest entry of A (D8), in nats: "
    "the logarithm of the least likely path (statement 'logarithm' of markov/path_product)",
    (),
    _log_path(least_path(), _K),
    latex=r"\log\varepsilon",
)
min_plus_value = defined(
    "markov/min_plus_value",
    "min_plus_value() = min_u f_K(u), f_0 = 0, f_{k+1}(u) = min_x [log P(x|u) + f_k(u x)]; least_remaining(w, i) is "
    "f_{K-i} at the context after i tokens of path w, and path 1 is one that the recursion chooses: that it does, and "
    "that no start is lower, are hypotheses of markov/path_product",
    (),
    _remaining(1, 0),
    latex=r"\min_u f_K(u)",
)

_least_above = Forall((_w, _k), le(_remaining(_w, _k), log_draw(_w, _k + 1) + _remaining(_w, _k + 1)))
_nothing_left = Forall((_w,), eq(_remaining(_w, _K), 0))
_best_start = Forall((_w,), le(_remaining(1, 0), _remaining(_w, 0)))
_chosen = Forall((_k,), eq(_remaining(1, _k), log_draw(1, _k + 1) + _remaining(1, _k + 1)))
_positive = Forall((_w, _k), gt(draw(_w, _k + 1), 0))
_tokens = Forall((_w, _k), le(_drawn(_w, _k + 1), _T - 1))

positive_path = Lemma(
    "markov/positive_path",
    "A path of possible tokens is possible",
    (),
    Forall((_w, _k), gt(_path(_w, _k), 0)),
    hypotheses=(_positive,),
    functions=(draw,),
    backing=derive().have(
        "positive",
        Forall((_w, _k), gt(_path(_w, _k), 0)),
        by=[
            Induction(_k),
            unfold(path_probability, w_=_w, k=_k),
            unfold(path_probability, w_=_w),
            fact("hypothesis 1", w_=_w, k=_k),
        ],
    ),
)
forgets_start = Lemma(
    "markov/forgets_start",
    "After K draws the context is what was drawn",
    (T, K),
    Forall((_w,), eq(_context(_w, _K), _written(_w, _K))),
    hypotheses=(_tokens,),
    backing=derive()
    .have(
        "below",
        Forall((_w, _k), le(_written(_w, _k), _T**_k - 1)),
        by=[Induction(_k), unfold(written, w_=_w, k=_k), unfold(written, w_=_w), fact("hypothesis 1", w_=_w, k=_k)],
    )
    .have(
        "dropped",
        Forall(
            (_w, _k),
            eq(
                _T**_K * _forgotten(_w, _k + 1),
                _T * _T**_K * _forgotten(_w, _k) + _T * _context(_w, _k) + _drawn(_w, _k + 1) - _context(_w, _k + 1),
            ),
        ),
        by=[
            unfold(context_after, w_=_w, k=_k),
            unfold(successor, u=_context(_w, _k), x=_drawn(_w, _k + 1)),
            unfold(forgotten, w_=_w, k=_k),
        ],
        note="a step multiplies by T, drops the oldest token and appends one",
    )
    .have("nothing forgotten", Forall((_w,), eq(_forgotten(_w, 0), 0)), by=unfold(forgotten, w_=_w))
    .have("nothing written", Forall((_w,), eq(_written(_w, 0), 0)), by=unfold(written, w_=_w))
    .have(
        "written next",
        Forall((_w, _k), eq(_written(_w, _k + 1), _T * _written(_w, _k) + _drawn(_w, _k + 1))),
        by=unfold(written, w_=_w, k=_k),
    )
    .have(
        "split",
        Forall(
            (_w, _k),
            eq(_context(_w, _k), _T**_k * _context(_w, 0) + _written(_w, _k) - _T**_K * _forgotten(_w, _k)),
        ),
        by=[
            Induction(_k),
            fact("dropped", w_=_w, k=_k),
            fact("nothing forgotten", w_=_w),
            fact("nothing written", w_=_w),
            fact("written next", w_=_w, k=_k),
        ],
    )
    .have(
        "multiple",
        Forall((_w,), eq(_context(_w, _K) - _written(_w, _K), _T**_K * (_context(_w, 0) - _forgotten(_w, _K)))),
        by=fact("split", w_=_w, k=_K),
    )
    .have(
        "less than one multiple",
        Forall((_w,), lt(_context(_w, _K) - _written(_w, _K), _T**_K)),
        by=unfold(context_after),
    )
    .have(
        "more than minus one",
        Forall((_w,), gt(_context(_w, _K) - _written(_w, _K), -(_T**_K))),
        by=[unfold(context_after), fact("below", w_=_w, k=_K)],
    )
    .have(
        "nothing of the start",
        Forall((_w,), eq(_context(_w, 0) - _forgotten(_w, _K), 0)),
        by=[fact("multiple", w_=_w), fact("less than one multiple", w_=_w), fact("more than minus one", w_=_w)],
        note="an integer between -1 and 1",
    )
    .have(
        "end",
        Forall((_w,), eq(_context(_w, _K), _written(_w, _K))),
        by=[fact("multiple", w_=_w), fact("nothing of the start", w_=_w)],
    ),
)
_left, _right = (Parameter(name, name, "a positive number", reals(0, open="lower"), (0.1, 1)) for name in ("U", "V"))
same_logarithm = Lemma(
    "markov/same_logarithm",
    "Equal numbers have equal logarithms",
    (_left, _right),
    eq(sp.log(_left.symbol), sp.log(_right.symbol)),
    hypotheses=(eq(_left.symbol, _right.symbol),),
    backing=derive().have("same", eq(sp.log(_left.symbol), sp.log(_right.symbol)), by="hypothesis 1"),
)
logarithm_of_product = Lemma(
    "markov/logarithm_of_product",
    "The logarithm of a product",
    (_left, _right),
    eq(sp.log(_left.symbol * _right.symbol), sp.log(_left.symbol) + sp.log(_right.symbol)),
    backing=derive().have(
        "sum",
        eq(sp.log(_left.symbol * _right.symbol), sp.log(_left.symbol) + sp.log(_right.symbol)),
        by=algebra,
    ),
)
_F = sp.Function("F", real=True)
never_decreases = Lemma(
    "markov/never_decreases",
    "A sequence that no step decreases",
    (),
    Forall((_k,), le(_F(0), _F(_k))),
    hypotheses=(Forall((_k,), le(_F(_k), _F(_k + 1))),),
    functions=(_F,),
    backing=derive().have("all", Forall((_k,), le(_F(0), _F(_k))), by=[Induction(_k), fact("hypothesis 1", k=_k)]),
)
never_changes = Lemma(
    "markov/never_changes",
    "A sequence that no step changes",
    (),
    Forall((_k,), eq(_F(0), _F(_k))),
    hypotheses=(Forall((_k,), eq(_F(_k), _F(_k + 1))),),
    functions=(_F,),
    backing=derive().have("all", Forall((_k,), eq(_F(0), _F(_k))), by=[Induction(_k), fact("hypothesis 1", k=_k)]),
)


def _so_far(w: Any) -> sp.Lambda:
    """Logarithm of the first k draws of path w, and what the recursion says of the others."""
    return sp.Lambda(_k, _log_path(w, _k) + _remaining(w, _k))


log_of_path = Lemma(
    "markov/log_of_path",
    "The logarithm of the probability of a path is the sum of those of its draws",
    (),
    Forall((_w, _k), eq(sp.log(_path(_w, _k)), _log_path(_w, _k))),
    hypotheses=(_positive,),
    functions=(draw,),
    backing=derive()
    .have("positive", positive_path.conclusion, by=[positive_path.at(), "hypothesis 1"])
    .have(
        "start",
        Forall((_w,), eq(sp.log(_path(_w, 0)), _log_path(_w, 0))),
        by=[unfold(path_probability, w_=_w), unfold(log_path, w_=_w)],
    )
    .have(
        "next",
        Forall((_w, _k), eq(sp.log(_path(_w, _k + 1)), sp.log(_path(_w, _k) * draw(_w, _k + 1)))),
        by=[
            unfold(path_probability, w_=_w, k=_k),
            fact("positive", w_=_w, k=_k),
            fact("positive", w_=_w, k=_k + 1),
            fact("hypothesis 1", w_=_w, k=_k),
            same_logarithm.at(U=_path(_w, _k + 1), V=_path(_w, _k) * draw(_w, _k + 1)),
        ],
    )
    .have(
        "one more",
        Forall((_w, _k), eq(sp.log(_path(_w, _k + 1)), sp.log(_path(_w, _k)) + log_draw(_w, _k + 1))),
        by=[
            fact("positive", w_=_w, k=_k),
            fact("hypothesis 1", w_=_w, k=_k),
            fact("next", w_=_w, k=_k),
            unfold(log_draw, w_=_w, i=_k + 1),
            logarithm_of_product.at(U=_path(_w, _k), V=draw(_w, _k + 1)),
        ],
    )
    .have(
        "sum",
        Forall((_w, _k), eq(_log_path(_w, _k + 1), _log_path(_w, _k) + log_draw(_w, _k + 1))),
        by=unfold(log_path, w_=_w, k=_k),
    )
    .have(
        "all",
        Forall((_w, _k), eq(sp.log(_path(_w, _k)), _log_path(_w, _k))),
        by=[
            Induction(_k),
            fact("start", w_=_w),
            fact("one more", w_=_w, k=_k),
            fact("sum", w_=_w, k=_k),
            fact("positive", w_=_w, k=_k),
            fact("positive", w_=_w, k=_k + 1),
        ],
    ),
)
min_plus = Lemma(
    "markov/min_plus",
    "The recursion bounds every path from below, and one attains it",
    (K,),
    eq(log_epsilon(), min_plus_value()),
    hypotheses=(_least_above, _nothing_left, _best_start, _chosen),
    functions=(_remaining,),
    backing=derive()
    .have("start", Forall((_w,), eq(_log_path(_w, 0), 0)), by=unfold(log_path, w_=_w))
    .have(
        "sum",
        Forall((_w, _k), eq(_log_path(_w, _k + 1), _log_path(_w, _k) + log_draw(_w, _k + 1))),
        by=unfold(log_path, w_=_w, k=_k),
    )
    .have(
        "worst path",
        Forall((_k,), le(_so_far(least_path())(_k), _so_far(least_path())(_k + 1))),
        by=[fact("sum", w_=least_path(), k=_k), fact("hypothesis 1", w_=least_path(), k=_k)],
    )
    .have(
        "below",
        Forall((_k,), le(_so_far(least_path())(0), _so_far(least_path())(_k))),
        by=["worst path", never_decreases.at(F=_so_far(least_path()))],
        note="telescoping: no path is less likely than the recursion says",
    )
    .have(
        "chosen draws",
        Forall((_k,), eq(_so_far(1)(_k), _so_far(1)(_k + 1))),
        by=[fact("sum", w_=1, k=_k), fact("hypothesis 4", k=_k)],
    )
    .have(
        "attained",
        Forall((_k,), eq(_so_far(1)(0), _so_far(1)(_k))),
        by=["chosen draws", never_changes.at(F=_so_far(1))],
        note="the path of the minimising tokens",
    )
    .have(
        "at least",
        ge(_log_path(least_path(), _K), _remaining(1, 0)),
        by=[
            fact("below", k=_K),
            fact("start", w_=least_path()),
            fact("hypothesis 2", w_=least_path()),
            fact("hypothesis 3", w_=least_path()),
        ],
    )
    .have(
        "chosen path",
        eq(_remaining(1, 0), _log_path(1, _K)),
        by=[fact("attained", k=_K), fact("start", w_=1), fact("hypothesis 2", w_=1)],
    )
    .have("at most", le(_log_path(least_path(), _K), _log_path(1, _K)), by=unfold(above_least_path, w_=1))
    .have("value", eq(log_epsilon(), _log_path(least_path(), _K)), by=unfold(log_epsilon))
    .have("recursion", eq(min_plus_value(), _remaining(1, 0)), by=unfold(min_plus_value))
    .have(
        "both",
        eq(log_epsilon(), min_plus_value()),
        by=["at least", "at most", "chosen path", "value", "recursion"],
    ),
)
product_of_draws = Lemma(
    "markov/product_of_draws",
    "The probability of a path is the product of its draws",
    (),
    Forall((_w, _k), eq(_path(_w, _k), sp.Product(draw(_w, _i), (_i, 1, _k)))),
    functions=(draw,),
    backing=derive().have(
        "product",
        Forall((_w, _k), eq(_path(_w, _k), sp.Product(draw(_w, _i), (_i, 1, _k)))),
        by=[Induction(_k), unfold(path_probability, w_=_w, k=_k), unfold(path_probability, w_=_w)],
    ),
)

path_product = Claim(
    id="markov/path_product",
    title="An entry of A is one product",
    kind=Kind.EQUALITY,
    text=(
        "A(u, v) = prod_{k<K} P(v_{k+1} | u_{k+1}...u_K v_1...v_k), since the K tokens drawn must be v; hence log eps "
        "= min_u f_K(u) with f_0 = 0, f_{k+1}(u) = min_x [log P(x|u) + f_k(u x)], at a cost of K T^(K+1)"
    ),
    parameters=(T, K, path),
    assumptions=(POSITIVE,),
    functions=(draw, _remaining),
    hypotheses=(_tokens, _positive, _least_above, _nothing_left, _best_start, _chosen),
    statements=(
        equal(path_entry(path.symbol), sp.Product(draw(path.symbol, _i), (_i, 1, _K)), label="product"),
        equal(_context(path.symbol, _K), _written(path.symbol, _K), label="one path"),
        equal(log_epsilon(), min_plus_value(), label="recursion"),
        equal(sp.log(_path(path.symbol, _K)), _log_path(path.symbol, _K), label="logarithm"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "end", forgets_start.conclusion, by=[forgets_start.at(), "hypothesis 1"], note="so exactly one path leads to v"
    )
    .have("products", product_of_draws.conclusion, by=product_of_draws.at())
    .have(
        "product",
        eq(path_entry(path.symbol), sp.Product(draw(path.symbol, _i), (_i, 1, _K))),
        by=[unfold(path_entry, w_=path.symbol), fact("end", w_=path.symbol), fact("products", w_=path.symbol, k=_K)],
        note="rests on step 'end': the sum over paths from u to v has one term because the K draws must be v's tokens",
    )
    .have("one path", eq(_context(path.symbol, _K), _written(path.symbol, _K)), by=fact("end", w_=path.symbol))
    .have(
        "recursion",
        eq(log_epsilon(), min_plus_value()),
        by=[
            min_plus.at(),
            *(f"hypothesis {number}" for number in range(3, 7)),
        ],
        note="about paths; that they are the entries of A is step 'end'",
    )
    .have("logarithms", log_of_path.conclusion, by=[log_of_path.at(), "hypothesis 2"])
    .have(
        "logarithm",
        eq(sp.log(_path(path.symbol, _K)), _log_path(path.symbol, _K)),
        by=fact("logarithms", w_=path.symbol, k=_K),
    ),
)
