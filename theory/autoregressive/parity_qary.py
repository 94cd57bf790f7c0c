"""Parities with larger dictionaries (specification `autoregressive` 2F).

Main statements
    parity_qary_length   between 1 + ceil(floor(log2 n)/(q-1)) and the least T with 2 q^(T-1) >= n + 1
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.halving import free_bits, tokens_from_halvings
from theory.autoregressive.parity import (
    L,
    T,
    last_digit,
    last_range,
    n,
    number_read,
    number_spelled,
    ones,
    place,
    q,
    what_is_left,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, decide, fact, quick, unfold
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN

digits = Parameter("D", "D", "digits in base q before the last token", integers(0), (0, 6))
_n, _L, _T, _q, _c, _D = (p.symbol for p in (n, L, T, q, ones, digits))

_s = sp.Symbol("s", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_t = sp.Symbol("t", integer=True, positive=True)

qary_tokens = defined(
    "autoregressive/qary_tokens",
    "qary_tokens(D) = tokens of the chain with D digits in base q: the digits, then what is left, 0 or 1",
    (_k,),
    sp.Sum(1, (_t, 1, _k)) + 1,
    integer=True,
)
tournament_halvings = defined(
    "autoregressive/tournament_halvings",
    "tournament_halvings(k) = halvings that make k + 1 tokens constant: q - 1 for each of the first k, whose arg max "
    "is a knock-out tournament of pairwise threshold gates, winners persisting on subcubes, and 1 for the last token, "
    "which says one of two things",
    (_k,),
    sp.Sum(_q - 1, (_t, 1, _k)) + 1,
    integer=True,
    nonnegative=True,
)

_left = what_is_left(_s)
parity_qary_length = Claim(
    id="autoregressive/parity_qary_length",
    title="Parity with a dictionary of q tokens",
    kind=Kind.TWO_SIDED,
    text=(
        "Over a dictionary of q tokens the least length T for all parities of n bits is at most every D + 1 with "
        "2 q^D >= n + 1, and at least 1 + ceil(floor(log2 n)/(q - 1)); both are floor(log2 n) + 1 for q = 2"
    ),
    parameters=(n, L, q, ones, T, digits),
    hypotheses=(
        Forall((_s,), eq(place(_s), 2 * _q ** (_D - 1 - _s))),
        ge(2 * _q**_D, _n + 1),
        le(2**_L, _n),
        le(_T, qary_tokens(_D)),
        le(free_bits(_n, tournament_halvings(_T - 1)), 0),
    ),
    statements=(
        upper(_T, _D + 1, label="upper"),
        lower(_T, 1 + sp.ceiling(_L / (_q - 1)), trivial=1, label="lower"),
        equal(what_is_left(_D), _c - 2 * sp.floor(_c / 2), label="last token"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "hypotheses 4 and 5: a least chain is no longer than the one of digits, and parity is constant on no subcube "
        "of one bit, while the halvings of the tournament leave one of free_bits bits. The gap is open for q >= 3",
    ),
    derivation=derive()
    .have("ones", Forall((_k,), eq(sp.Sum(1, (_t, 1, _k)), _k)), by=[Induction(_k), quick])
    .have("digits", eq(qary_tokens(_D), _D + 1), by=[unfold(qary_tokens, k=_D), fact("ones", k=_D)])
    .have("upper", le(_T, _D + 1), by=["digits", "hypothesis 4", quick])
    .have("equal terms", Forall((_k,), eq(sp.Sum(_q - 1, (_t, 1, _k)), _k * (_q - 1))), by=[Induction(_k), quick])
    .have(
        "halvings",
        eq(tournament_halvings(_T - 1), (_T - 1) * (_q - 1) + 1),
        by=[unfold(tournament_halvings, k=_T - 1), fact("equal terms", k=_T - 1), quick],
    )
    .have("at least one", ge(tournament_halvings(_T - 1), 1), by=["halvings", decide])
    .have(
        "enough halvings",
        ge(tournament_halvings(_T - 1), _L + 1),
        by=[
            "hypothesis 3",
            "hypothesis 5",
            "at least one",
            tokens_from_halvings.at(D=0, T=tournament_halvings(_T - 1)),
        ],
    )
    .have("product", ge((_T - 1) * (_q - 1), _L), by=["halvings", "enough halvings", quick])
    .have("ratio", le(_L / (_q - 1), _T - 1), by=["product", decide])
    .have("lower", ge(_T, 1 + sp.ceiling(_L / (_q - 1))), by=["ratio", decide])
    .have(
        "places",
        Forall((_s,), eq(place(_s), _q * place(_s + 1))),
        by=[fact("hypothesis 1", s=_s), fact("hypothesis 1", s=_s + 1), quick],
    )
    .have("first place", eq(_q * place(0), 2 * _q**_D), by=[fact("hypothesis 1", s=0), quick])
    .have("last place", eq(_q * place(_D), 2), by=[fact("hypothesis 1", s=_D), quick])
    .have("enough digits", lt(_c, _q * place(0)), by=["first place", "hypothesis 2", decide])
    .have("ranges", last_range.conclusion, by=["places", "enough digits", last_range.at()])
    .have("not negative", ge(what_is_left(_D), 0), by=fact("ranges", s=_D))
    .have("below 2", lt(what_is_left(_D), 2), by=[fact("ranges", s=_D), "last place", quick])
    .have("numbers", number_spelled.conclusion, by=["places", number_spelled.at()])
    .have(
        "number",
        eq(what_is_left(_D), _c - 2 * number_read(_q, _D)),
        by=[fact("numbers", s=_D), "last place", quick],
    )
    .have(
        "last token",
        eq(what_is_left(_D), _c - 2 * sp.floor(_c / 2)),
        by=["number", "not negative", "below 2", last_digit.at(total=_c, h=number_read(_q, _D), x=what_is_left(_D))],
    ),
)
