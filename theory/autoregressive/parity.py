"""Parities by linear chains: the exact length (specification `autoregressive` 2F).

Main statements
    parity_linear_as_stated   O(log n) tokens
    parity_linear_length      exactly floor(log2 n) + 1 tokens of {0, 1}
    parity_qary_length        larger dictionaries

The chain reads the number of ones, most significant digit first: a digit is the floor of what is left, divided by the
digit's place (`bucket_token`; for two digits a threshold gate).
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.halving import free_bits, tokens_from_halvings
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt, substitute
from theory.source import Source

n = Parameter("n", "n", "number of bits", integers(1), (1, 64), "bits")
L = Parameter("L", "L", "floor(log2 n)", integers(0), (0, 6))
T = Parameter("T", "T", "least number of tokens", integers(1), (1, 8), "tokens")
q = Parameter("q", "q", "size of the dictionary", integers(2), (2, 5), "tokens")
ones = Parameter("ones", "c", "number of ones among the bits", integers(0, n.symbol), (0, 8))
_n, _L, _T, _q, _c = (p.symbol for p in (n, L, T, q, ones))

_s = sp.Symbol("s", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)

place = sp.Function("place", real=True, positive=True)
_left_after = sp.Function("what_is_left", real=True)
what_is_left = Definition(
    "autoregressive/what_is_left",
    _left_after,
    "what_is_left(s) = number of ones minus what its first s digits account for, digit s having place(s)",
    equations=(
        eq(_left_after(0), _c),
        Forall((_s,), eq(_left_after(_s + 1), _left_after(_s) - place(_s) * sp.floor(_left_after(_s) / place(_s)))),
    ),
)
_left = what_is_left(_s)
_digit = sp.floor(_left / place(_s))
_read = sp.Function("number_read", integer=True)
number_read = Definition(
    "autoregressive/number_read",
    _read,
    "number_read(q, s) = the number that the first s digits floor(what_is_left/place) spell in base q",
    equations=(
        Forall((_k,), eq(_read(_k, 0), 0)),
        Forall((_k, _s), eq(_read(_k, _s + 1), _k * _read(_k, _s) + _digit)),
    ),
)
places = Forall((_s,), eq(place(_s), _q * place(_s + 1)))
_rest = Parameter("r", "r", "what is left", reals(0), (0, 8))
_size = Parameter("p", "p", "place of the digit", reals(0, sp.oo, open="lower"), (1, 8))
remainder = Lemma(
    "autoregressive/remainder",
    "The floor of a ratio leaves less than the divisor, and nothing negative",
    (_rest, _size),
    sp.And(
        ge(_rest.symbol - _size.symbol * sp.floor(_rest.symbol / _size.symbol), 0),
        lt(_rest.symbol - _size.symbol * sp.floor(_rest.symbol / _size.symbol), _size.symbol),
    ),
    backing=derive()
    .have("below", le(sp.floor(_rest.symbol / _size.symbol), _rest.symbol / _size.symbol), by=decide)
    .have("above", lt(_rest.symbol / _size.symbol, sp.floor(_rest.symbol / _size.symbol) + 1), by=decide)
    .have(
        "left",
        sp.And(
            ge(_rest.symbol - _size.symbol * sp.floor(_rest.symbol / _size.symbol), 0),
            lt(_rest.symbol - _size.symbol * sp.floor(_rest.symbol / _size.symbol), _size.symbol),
        ),
        by=["below", "above", decide],
    ),
)
_not_negative = Forall((_s,), ge(_left, 0))
digit_ranges = Lemma(
    "autoregressive/digit_ranges",
    "What is left after a digit is less than the digit's place",
    (n, ones),
    Forall((_s,), lt(what_is_left(_s + 1), place(_s))),
    backing=derive()
    .have("positive", Forall((_s,), gt(place(_s), 0)), by=quick)
    .have("all is left", ge(what_is_left(0), 0), by=[unfold(what_is_left), quick])
    .have(
        "not negative after",
        Forall((_s,), ge(what_is_left(_s + 1), 0), (ge(_left, 0),)),
        by=[fact("positive", s=_s), unfold(what_is_left, s=_s), remainder.at(r=_left, p=place(_s)), quick],
    )
    .have("not negative", _not_negative, by=[Induction(_s), "all is left", "not negative after"])
    .have(
        "less",
        Forall((_s,), lt(what_is_left(_s + 1), place(_s))),
        by=[
            fact("positive", s=_s),
            fact("not negative", s=_s),
            unfold(what_is_left, s=_s),
            remainder.at(r=_left, p=place(_s)),
            quick,
        ],
    ),
)
number_spelled = Lemma(
    "autoregressive/number_spelled",
    "What is left is the number of ones less the number read so far, times the last digit's place",
    (n, q, ones),
    Forall((_s,), eq(_left, _c - _q * place(_s) * number_read(_q, _s))),
    hypotheses=(places,),
    backing=derive()
    .have("all is left", eq(what_is_left(0), _c), by=unfold(what_is_left))
    .have("nothing read", eq(number_read(_q, 0), 0), by=unfold(number_read, k=_q))
    .have(
        "spelled",
        Forall((_s,), eq(_left, _c - _q * place(_s) * number_read(_q, _s))),
        by=[
            Induction(_s),
            *("all is left", "nothing read"),
            unfold(what_is_left, s=_s),
            unfold(number_read, k=_q, s=_s),
            fact("hypothesis 1", s=_s),
            quick,
        ],
    ),
)
_h = Parameter("h", "h", "number read before the last digit", integers(), (0, 8))
_x = Parameter("x", "x", "what is left for the last token", reals(), (0, 1))
_count = Parameter("total", "c", "number of ones", integers(0), (0, 8))
last_digit = Lemma(
    "autoregressive/last_digit",
    "What is left below 2, after an even number was taken away, is the parity",
    (_count, _h, _x),
    eq(_x.symbol, _count.symbol - 2 * sp.floor(_count.symbol / 2)),
    hypotheses=(eq(_x.symbol, _count.symbol - 2 * _h.symbol), ge(_x.symbol, 0), lt(_x.symbol, 2)),
    backing=derive()
    .have("half", eq(sp.floor(_count.symbol / 2), _h.symbol), by=[*(f"hypothesis {i}" for i in (1, 2, 3)), decide])
    .have(
        "parity",
        eq(_x.symbol, _count.symbol - 2 * sp.floor(_count.symbol / 2)),
        by=["half", "hypothesis 1", quick],
    ),
)
last_range = Lemma(
    "autoregressive/last_range",
    "Before every digit, less is left than the digit can take",
    (n, q, ones),
    Forall((_s,), sp.And(ge(_left, 0), lt(_left, _q * place(_s)))),
    hypotheses=(places, lt(_c, _q * place(0))),
    backing=derive()
    .have("less", digit_ranges.conclusion, by=digit_ranges.at())
    .have("all is left", eq(what_is_left(0), _c), by=unfold(what_is_left))
    .have("positive", Forall((_s,), gt(place(_s), 0)), by=quick)
    .have(
        "not negative after",
        Forall((_s,), ge(what_is_left(_s + 1), 0), (ge(_left, 0),)),
        by=[fact("positive", s=_s), unfold(what_is_left, s=_s), remainder.at(r=_left, p=place(_s)), quick],
    )
    .have("not negative", _not_negative, by=[Induction(_s), "all is left", "not negative after"])
    .have(
        "small",
        Forall((_s,), lt(what_is_left(_s + 1), _q * place(_s + 1))),
        by=[fact("less", s=_s), fact("hypothesis 1", s=_s), quick],
    )
    .have(
        "small from the first",
        Forall((_s,), lt(_left, _q * place(_s))),
        by=[Induction(_s), "all is left", "hypothesis 2", "small"],
    )
    .have(
        "range",
        Forall((_s,), sp.And(ge(_left, 0), lt(_left, _q * place(_s)))),
        by=[fact("not negative", s=_s), fact("small from the first", s=_s), quick],
    ),
)

_t = sp.Symbol("t", integer=True, nonnegative=True)
kautz_tokens = defined(
    "autoregressive/kautz_tokens",
    "kautz_tokens(L) = tokens of the Kautz chain: one for each binary digit L..0 of the number of ones",
    (_k,),
    sp.Sum(1, (_t, 0, _k)),
    integer=True,
)
kautz_length = Lemma(
    "autoregressive/kautz_length",
    "The Kautz chain has L + 1 tokens",
    (L,),
    eq(kautz_tokens(_L), _L + 1),
    backing=derive()
    .have("ones", Forall((_k,), eq(sp.Sum(1, (_t, 0, _k)), _k + 1)), by=[Induction(_k), quick])
    .have("length", eq(kautz_tokens(_L), _L + 1), by=[unfold(kautz_tokens, k=_L), fact("ones", k=_L)]),
)

parity_linear_as_stated = Claim(
    id="autoregressive/parity_linear_as_stated",
    title="Parities of n bits take O(log n) tokens",
    kind=Kind.UPPER,
    text="All parities of subsets of n bits are computed by linear autoregressive predictors with O(log n) tokens",
    parameters=(n, L),
    hypotheses=(le(2**_L, _n),),
    statements=(upper(kautz_tokens(_L), 1 + sp.log(_n) / sp.log(2)),),
    source=Source("malach2023", "Thm 3.11", "v3", recheck=True),
    status=Status.AS_STATED,
    derivation=derive(kautz_tokens(_L))
    .have("logarithms", le(sp.log(2**_L), sp.log(_n)), by=["hypothesis 1", decide])
    .have("power", eq(sp.log(2**_L), _L * sp.log(2)), by=decide)
    .have("L", le(_L, sp.log(_n) / sp.log(2)), by=["logarithms", "power", decide])
    .eq(_L + 1, by=kautz_length.at(), name="length")
    .le(1 + sp.log(_n) / sp.log(2), by="L", name="logarithm"),
)

_parity = _c - 2 * sp.floor(_c / 2)
parity_linear_length = Claim(
    id="autoregressive/parity_linear_length",
    title="Parity takes exactly floor(log2 n) + 1 tokens of {0, 1}",
    kind=Kind.EQUALITY,
    text=(
        "Over {0, 1} the least length at which linear autoregressive predictors compute all parities of n bits is "
        "floor(log2 n) + 1: the Kautz chain spells the number of ones in binary, most significant digit first, and the "
        "last digit is the parity; fewer tokens are all constant on a subcube of one bit"
    ),
    parameters=(n, L, ones, T),
    hypotheses=(
        Forall((_s,), eq(place(_s), 2 ** (_L - _s))),
        le(2**_L, _n),
        lt(_n, 2 ** (_L + 1)),
        le(_T, kautz_tokens(_L)),
        le(free_bits(_n, _T), 0),
    ),
    statements=(
        equal(_T, _L + 1, label="length"),
        equal(what_is_left(_L), _parity, label="last token"),
    ),
    source=Source("kautz1961", "upper bound; the lower bound is an own derivation", recheck=True),
    status=Status.SHARPENED,
    sharpens=("autoregressive/parity_linear_as_stated",),
    remarks=(
        "hypotheses 4 and 5: a least chain is no longer than Kautz's, and parity is constant on no subcube of one bit "
        "(halving_lower_bound with D = 0)",
    ),
    derivation=derive()
    .have("Kautz", eq(kautz_tokens(_L), _L + 1), by=kautz_length.at())
    .have("at least", ge(_T, _L + 1), by=["hypothesis 2", "hypothesis 5", tokens_from_halvings.at(D=0)])
    .have("length", eq(_T, _L + 1), by=["Kautz", "at least", "hypothesis 4", decide])
    .have(
        "places",
        Forall((_s,), eq(place(_s), 2 * place(_s + 1))),
        by=[fact("hypothesis 1", s=_s), fact("hypothesis 1", s=_s + 1), quick],
    )
    .have("first place", eq(place(0), 2**_L), by=[fact("hypothesis 1", s=0), quick])
    .have("last place", eq(place(_L), 1), by=[fact("hypothesis 1", s=_L), quick])
    .have("enough digits", lt(_c, 2 * place(0)), by=["first place", "hypothesis 3", decide])
    .have("ranges", substitute(last_range.conclusion, {_q: 2}), by=["places", "enough digits", last_range.at(q=2)])
    .have(
        "range",
        sp.And(ge(what_is_left(_L), 0), lt(what_is_left(_L), 2)),
        by=[fact("ranges", s=_L), "last place", quick],
    )
    .have("numbers", substitute(number_spelled.conclusion, {_q: 2}), by=["places", number_spelled.at(q=2)])
    .have(
        "number",
        eq(what_is_left(_L), _c - 2 * number_read(2, _L)),
        by=[fact("numbers", s=_L), "last place", quick],
    )
    .have("not negative", ge(what_is_left(_L), 0), by="range")
    .have("below 2", lt(what_is_left(_L), 2), by="range")
    .have(
        "last token",
        eq(what_is_left(_L), _parity),
        by=["number", "not negative", "below 2", last_digit.at(total=_c, h=number_read(2, _L), x=what_is_left(_L))],
    ),
)
