"""Paths of Q: the tokens drawn one after another from a state (specification 2.A).

Main statements
    path_floor         k draws have probability at least p_min^k
    forgets_start      after K draws the context is what was drawn, so exactly one path leads to a full context
    log_of_path        the logarithm of the probability of a path is the sum of those of its draws
    product_of_draws   the probability of a path is the product of its draws

Paths are numbered by w = 1, 2, ...; draw(w, i) is the probability of the i-th token of path w, drawn(w, i) that token.
"""

from __future__ import annotations

import sympy as sp

from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.markov.parameters import K, T
from theory.markov.states import successor
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt

_T, _K = T.symbol, K.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
least = Parameter("p_min", r"p_{\min}", "smallest next-token probability", reals(0, 1, open="lower"), (1e-6, 0.5))
_w = sp.Symbol("w_", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
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
path_floor = Lemma(
    "markov/path_floor",
    "A path of k draws has probability at least p_min^k",
    (least,),
    Forall((_w, _k), ge(path_probability(_w, _k), least.symbol**_k)),
    hypotheses=(Forall((_w, _i), ge(draw(_w, _i), least.symbol)),),
    backing=derive().have(
        "power",
        Forall((_w, _k), ge(path_probability(_w, _k), least.symbol**_k)),
        by=[
            Induction(_k),
            unfold(path_probability, w_=_w, k=_k),
            unfold(path_probability, w_=_w),
            fact("hypothesis 1", w_=_w, i=_k + 1),
        ],
    ),
)

path = Parameter("w", "w", "number of a start and K further tokens; 1: those of the recursion", integers(1), (1, 8))
drawn = opaque(
    "markov/drawn",
    "drawn(w, i) = i-th token of path w, numbered from 0 to T - 1",
    bounds=(0, _T - 1),
    integer=True,
    nonnegative=True,
)
start_of_path = opaque(
    "markov/start_of_path",
    "start_of_path(w) = index of the full context from which path w starts",
    bounds=(0, _T**_K - 1),
    integer=True,
    nonnegative=True,
)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_kept = _T ** (_K - 1)
modulus = Parameter("M", "M", "a whole number to divide by", integers(1), (1, 100))
_M = modulus.symbol
remainder_is_less = Lemma(
    "markov/remainder_is_less",
    "A remainder is at most the divisor less 1",
    (modulus,),
    Forall((_u,), le(_u - _M * sp.floor(_u / _M), _M - 1)),
    backing=derive().have("remainder", Forall((_u,), le(_u - _M * sp.floor(_u / _M), _M - 1)), by=quick),
)
successor_is_a_context = Lemma(
    "markov/successor_is_a_context",
    "The successor of a full context after a token is one of the T^K full contexts",
    (T, K),
    Forall((_u, _x), le(successor(_u, _x), _T**_K - 1), (le(_x, _T - 1),)),
    backing=derive()
    .have("kept", Forall((_u,), le(_u - _kept * sp.floor(_u / _kept), _kept - 1)), by=remainder_is_less.at(M=_kept))
    .have(
        "context",
        Forall((_u, _x), le(successor(_u, _x), _T**_K - 1), (le(_x, _T - 1),)),
        by=[unfold(successor, u=_u, x=_x), fact("kept", u=_u), quick],
    ),
)
_context = sp.Function("context_after", integer=True, nonnegative=True)
context_after = Definition(
    "markov/context_after",
    _context,
    "context_after(w, k) = index of the full context after k tokens of path w, drawn(w, i) being the i-th (D5)",
    equations=(
        Forall((_w,), eq(_context(_w, 0), start_of_path(_w))),
        Forall((_w, _k), eq(_context(_w, _k + 1), successor(_context(_w, _k), drawn(_w, _k + 1)))),
    ),
    bounds=(0, _T**_K - 1),
    range_by=(unfold(start_of_path), unfold(drawn), successor_is_a_context.at()),
    parameters=(T, K),
)
_written = sp.Function("written", integer=True, nonnegative=True)
written = Definition(
    "markov/written",
    _written,
    "written(w, k) = the first k tokens of path w as a base-T number",
    equations=(
        Forall((_w,), eq(_written(_w, 0), 0)),
        Forall((_w, _k), eq(_written(_w, _k + 1), _T * _written(_w, _k) + drawn(_w, _k + 1))),
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
            eq(_forgotten(_w, _k + 1), _T * _forgotten(_w, _k) + sp.floor(context_after(_w, _k) / _T ** (_K - 1))),
        ),
    ),
)
path_entry = defined(
    "markov/path_entry",
    "path_entry(w) = A(u, v) for the start u and the tokens v of path w (D6), by the sum over paths from u to v; that "
    "this sum has the one term written here holds because the K draws must be the tokens of v, which is step 'end' of "
    "markov/path_product and no part of this definition",
    (_w,),
    path_probability(_w, _K),
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
draws_are_possible = Forall((_w, _k), gt(draw(_w, _k + 1), 0))
draws_are_tokens = Forall((_w, _k), le(drawn(_w, _k + 1), _T - 1))

positive_path = Lemma(
    "markov/positive_path",
    "A path of possible tokens is possible",
    (),
    Forall((_w, _k), gt(path_probability(_w, _k), 0)),
    hypotheses=(draws_are_possible,),
    backing=derive().have(
        "positive",
        Forall((_w, _k), gt(path_probability(_w, _k), 0)),
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
    Forall((_w,), eq(context_after(_w, _K), written(_w, _K))),
    hypotheses=(draws_are_tokens,),
    backing=derive()
    .have(
        "below",
        Forall((_w, _k), le(written(_w, _k), _T**_k - 1)),
        by=[Induction(_k), unfold(written, w_=_w, k=_k), unfold(written, w_=_w), fact("hypothesis 1", w_=_w, k=_k)],
    )
    .have(
        "dropped",
        Forall(
            (_w, _k),
            eq(
                _T**_K * forgotten(_w, _k + 1),
                _T * _T**_K * forgotten(_w, _k)
                + _T * context_after(_w, _k)
                + drawn(_w, _k + 1)
                - context_after(_w, _k + 1),
            ),
        ),
        by=[
            unfold(context_after, w_=_w, k=_k),
            unfold(successor, u=context_after(_w, _k), x=drawn(_w, _k + 1)),
            unfold(forgotten, w_=_w, k=_k),
        ],
        note="a step multiplies by T, drops the oldest token and appends one",
    )
    .have("nothing forgotten", Forall((_w,), eq(forgotten(_w, 0), 0)), by=unfold(forgotten, w_=_w))
    .have("nothing written", Forall((_w,), eq(written(_w, 0), 0)), by=unfold(written, w_=_w))
    .have(
        "written next",
        Forall((_w, _k), eq(written(_w, _k + 1), _T * written(_w, _k) + drawn(_w, _k + 1))),
        by=unfold(written, w_=_w, k=_k),
    )
    .have(
        "split",
        Forall(
            (_w, _k),
            eq(context_after(_w, _k), _T**_k * context_after(_w, 0) + written(_w, _k) - _T**_K * forgotten(_w, _k)),
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
        Forall((_w,), eq(context_after(_w, _K) - written(_w, _K), _T**_K * (context_after(_w, 0) - forgotten(_w, _K)))),
        by=fact("split", w_=_w, k=_K),
    )
    .have(
        "less than one multiple",
        Forall((_w,), lt(context_after(_w, _K) - written(_w, _K), _T**_K)),
        by=unfold(context_after),
    )
    .have(
        "more than minus one",
        Forall((_w,), gt(context_after(_w, _K) - written(_w, _K), -(_T**_K))),
        by=[unfold(context_after), fact("below", w_=_w, k=_K)],
    )
    .have(
        "nothing of the start",
        Forall((_w,), eq(context_after(_w, 0) - forgotten(_w, _K), 0)),
        by=[fact("multiple", w_=_w), fact("less than one multiple", w_=_w), fact("more than minus one", w_=_w)],
        note="an integer between -1 and 1",
    )
    .have(
        "end",
        Forall((_w,), eq(context_after(_w, _K), written(_w, _K))),
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

log_of_path = Lemma(
    "markov/log_of_path",
    "The logarithm of the probability of a path is the sum of those of its draws",
    (),
    Forall((_w, _k), eq(sp.log(path_probability(_w, _k)), log_path(_w, _k))),
    hypotheses=(draws_are_possible,),
    backing=derive()
    .have("positive", positive_path.conclusion, by=[positive_path.at(), "hypothesis 1"])
    .have(
        "start",
        Forall((_w,), eq(sp.log(path_probability(_w, 0)), log_path(_w, 0))),
        by=[unfold(path_probability, w_=_w), unfold(log_path, w_=_w)],
    )
    .have(
        "next",
        Forall((_w, _k), eq(sp.log(path_probability(_w, _k + 1)), sp.log(path_probability(_w, _k) * draw(_w, _k + 1)))),
        by=[
            unfold(path_probability, w_=_w, k=_k),
            fact("positive", w_=_w, k=_k),
            fact("positive", w_=_w, k=_k + 1),
            fact("hypothesis 1", w_=_w, k=_k),
            same_logarithm.at(U=path_probability(_w, _k + 1), V=path_probability(_w, _k) * draw(_w, _k + 1)),
        ],
    )
    .have(
        "one more",
        Forall(
            (_w, _k), eq(sp.log(path_probability(_w, _k + 1)), sp.log(path_probability(_w, _k)) + log_draw(_w, _k + 1))
        ),
        by=[
            fact("positive", w_=_w, k=_k),
            fact("hypothesis 1", w_=_w, k=_k),
            fact("next", w_=_w, k=_k),
            unfold(log_draw, w_=_w, i=_k + 1),
            logarithm_of_product.at(U=path_probability(_w, _k), V=draw(_w, _k + 1)),
        ],
    )
    .have(
        "sum",
        Forall((_w, _k), eq(log_path(_w, _k + 1), log_path(_w, _k) + log_draw(_w, _k + 1))),
        by=unfold(log_path, w_=_w, k=_k),
    )
    .have(
        "all",
        Forall((_w, _k), eq(sp.log(path_probability(_w, _k)), log_path(_w, _k))),
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
product_of_draws = Lemma(
    "markov/product_of_draws",
    "The probability of a path is the product of its draws",
    (),
    Forall((_w, _k), eq(path_probability(_w, _k), sp.Product(draw(_w, _i), (_i, 1, _k)))),
    backing=derive().have(
        "product",
        Forall((_w, _k), eq(path_probability(_w, _k), sp.Product(draw(_w, _i), (_i, 1, _k)))),
        by=[Induction(_k), unfold(path_probability, w_=_w, k=_k), unfold(path_probability, w_=_w)],
    ),
)
