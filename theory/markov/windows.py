"""When the windows of a sequence form a Markov chain (specification 2.A).

Main statements
    window_chain_as_stated   "for any sequence", as stated
    window_chain             for a source of memory at most K with the same conditional laws at all times

Notation: a history X_1..X_n of at least K tokens is the base-T number h, first token most significant; reading one more
token x makes it T h + x.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import fact, unfold
from theory.lemma import Lemma, meaning
from theory.markov.parameters import K, T
from theory.markov.states import successor
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _K = T.symbol, K.symbol
_h = sp.Symbol("h_", integer=True, nonnegative=True)
_g = sp.Symbol("g_", integer=True, nonnegative=True)
_x = sp.Symbol("x_", integer=True, nonnegative=True)
_conditional = sp.Function("conditional", real=True)

history = Parameter("h", "h", "history of at least K tokens, as a base-T number", integers(0), (0, 63))
token = Parameter("x", "x", "next token", integers(0, _T - 1), (0, 1))

window = defined(
    "markov/window",
    "window(h) = index of the last K tokens of the history h (D17): h modulo T^K",
    (_h,),
    _h - _T**_K * sp.floor(_h / _T**_K),
    integer=True,
    nonnegative=True,
)

worst_token = opaque(
    "markov/worst_token",
    "worst_token() = the next token whose probability depends most on the past",
    integer=True,
    nonnegative=True,
)
worst_history = opaque(
    "markov/worst_history",
    "worst_history() = a history, of two that share a window but differ most",
    integer=True,
    nonnegative=True,
)
other_history = opaque(
    "markov/other_history", "other_history() = the other of the two histories", integer=True, nonnegative=True
)
shared_window = defined(
    "markov/shared_window",
    "shared_window() = window(worst_history) - window(other_history), which is 0: the two histories share their window",
    (),
    window(worst_history()) - window(other_history()),
    bounds=(0, 0),
    integer=True,
    range_by=meaning(worst_history, other_history),
)
dependence_on_the_past = defined(
    "markov/dependence_on_the_past",
    "dependence_on_the_past() = max |P(X_{n+1} = x | X_1..X_n = h) - P(X_{m+1} = x | X_1..X_m = g)| over tokens x and "
    "histories h, g of positive probability, of any lengths n, m >= K, with the same window; the windows form a "
    "time-homogeneous Markov chain exactly if it is 0",
    (),
    sp.Abs(_conditional(worst_token(), worst_history()) - _conditional(worst_token(), other_history())),
)

window_chain_as_stated = Claim(
    id="markov/window_chain_as_stated",
    title="The windows of any sequence form a Markov chain",
    kind=Kind.STRUCTURAL,
    text="For any sequence X the windows S_n, the last min(n, K) tokens of X_1..X_n, form a Markov chain",
    parameters=(T, K),
    statements=(equal(dependence_on_the_past(), 0),),
    source=Source("zekri2024", "Lemma F.17", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="a source that looks back further than K tokens has next-token laws that the window does not determine",
)

_first = Parameter("i", "i", "an integer", integers(), (-8, 8))
_second = Parameter("j", "j", "an integer", integers(), (-8, 8))
whole_below = Lemma(
    "markov/whole_below",
    "Integers i < j are at least 1 apart",
    (_first, _second),
    le(_first.symbol, _second.symbol - 1),
    hypotheses=(lt(_first.symbol, _second.symbol),),
    backing=derive().have("apart", le(_first.symbol, _second.symbol - 1), by="hypothesis 1"),
)

_number = Parameter("number", "a", "dividend", integers(0), (0, 8))
_divisor = Parameter("divisor", "m", "divisor", integers(1), (1, 8))
_quotient = Parameter("quotient", "q", "quotient", integers(0), (0, 8))
_remainder = Parameter("remainder", "r", "remainder", integers(0), (0, 8))
division = Lemma(
    "markov/division",
    "Quotient and remainder are unique",
    (_number, _divisor, _quotient, _remainder),
    eq(sp.floor(_number.symbol / _divisor.symbol), _quotient.symbol),
    hypotheses=(
        eq(_number.symbol, _divisor.symbol * _quotient.symbol + _remainder.symbol),
        lt(_remainder.symbol, _divisor.symbol),
    ),
    backing=derive().have(
        "quotient",
        eq(sp.floor(_number.symbol / _divisor.symbol), _quotient.symbol),
        by=["hypothesis 1", "hypothesis 2"],
    ),
)

_floor_h, _suffix = sp.floor(_h / _T**_K), window(_h)
_dropped = sp.floor(window(_h) / _T ** (_K - 1))
window_moves = Lemma(
    "markov/window_moves",
    "The window of a longer history: S_{n+1} = S_n X_{n+1}",
    (T, K),
    Forall((_h, _x), eq(window(_T * _h + _x), successor(window(_h), _x)), (le(_x, _T - 1),)),
    backing=derive()
    .have(
        "split",
        Forall((_h,), eq(_h, _T**_K * _floor_h + _suffix)),
        by=unfold(window, h_=_h),
    )
    .have("below", Forall((_h,), le(_suffix, _T**_K - 1)), by=unfold(window, h_=_h))
    .have("rest is not negative", Forall((_h,), ge(_suffix - _T ** (_K - 1) * _dropped, 0)), by=())
    .have("rest below", Forall((_h,), lt(_suffix - _T ** (_K - 1) * _dropped, _T ** (_K - 1))), by=())
    .have(
        "rest",
        Forall((_h,), le(_suffix - _T ** (_K - 1) * _dropped, _T ** (_K - 1) - 1)),
        by=[fact("rest below", h_=_h), whole_below.at(i=_suffix - _T ** (_K - 1) * _dropped, j=_T ** (_K - 1))],
    )
    .have(
        "longer",
        Forall(
            (_h, _x),
            eq(
                _T * _h + _x,
                _T**_K * (_T * _floor_h + _dropped) + _T * (_suffix - _T ** (_K - 1) * _dropped) + _x,
            ),
        ),
        by=fact("split", h_=_h),
        note="T h + x, with the oldest token of the window carried over",
    )
    .have(
        "remainder",
        Forall(
            (_h, _x),
            lt(_T * (_suffix - _T ** (_K - 1) * _dropped) + _x, _T**_K),
            (le(_x, _T - 1),),
        ),
        by=[fact("rest", h_=_h)],
    )
    .have(
        "quotient",
        Forall(
            (_h, _x),
            eq(sp.floor((_T * _h + _x) / _T**_K), _T * _floor_h + _dropped),
            (le(_x, _T - 1),),
        ),
        by=[
            fact("longer", h_=_h, x_=_x),
            fact("remainder", h_=_h, x_=_x),
            fact("rest is not negative", h_=_h),
            division.at(
                number=_T * _h + _x,
                divisor=_T**_K,
                quotient=_T * _floor_h + _dropped,
                remainder=_T * (_suffix - _T ** (_K - 1) * _dropped) + _x,
            ),
        ],
    )
    .have(
        "moves",
        Forall((_h, _x), eq(window(_T * _h + _x), successor(window(_h), _x)), (le(_x, _T - 1),)),
        by=[
            unfold(window, h_=_T * _h + _x),
            unfold(successor, u=window(_h), x=_x),
            fact("quotient", h_=_h, x_=_x),
            fact("longer", h_=_h, x_=_x),
        ],
    ),
)

window_chain = Claim(
    id="markov/window_chain",
    title="The windows of a source of memory at most K form a Markov chain",
    kind=Kind.STRUCTURAL,
    text=(
        "If the law of X_{n+1} given X_1..X_n depends on the window S_n only, in the same way at all times, then (S_n) "
        "is a time-homogeneous Markov chain: S_{n+1} = S_n X_{n+1}; the statement on the law restates the hypothesis"
    ),
    parameters=(T, K, history, token),
    hypotheses=(Forall((_x, _h, _g), eq(_conditional(_x, _h), _conditional(_x, _g)), (eq(window(_h), window(_g)),)),),
    statements=(
        equal(dependence_on_the_past(), 0, label="law"),
        equal(
            window(_T * history.symbol + token.symbol),
            successor(window(history.symbol), token.symbol),
            label="window",
        ),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/window_chain_as_stated",),
    derivation=derive()
    .have("same window", eq(window(worst_history()), window(other_history())), by=unfold(shared_window))
    .have(
        "same law",
        eq(_conditional(worst_token(), worst_history()), _conditional(worst_token(), other_history())),
        by=["same window", fact("hypothesis 1", x_=worst_token(), h_=worst_history(), g_=other_history())],
    )
    .have(
        "law",
        eq(dependence_on_the_past(), 0),
        by=[unfold(dependence_on_the_past), "same law"],
        note="the hypothesis read at the worst two histories: it says no more than that; what is proved is 'window'",
    )
    .have("moves", window_moves.conclusion, by=window_moves.at())
    .have(
        "window",
        eq(
            window(_T * history.symbol + token.symbol),
            successor(window(history.symbol), token.symbol),
        ),
        by=fact("moves", h_=history.symbol, x_=token.symbol),
    ),
)
