"""Tests with labels turned upside down (specification `concepts` 2.D).

Main statements
    label_sign_memorised   with -d in place of d: error' = 1 - error + P(f = 0), whatever the network
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.concepts.parameters import L
from theory.concepts.turned_labels import NO_CROSS_TERM, neurons, turned_around, turned_margin
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

prompts = Parameter("prompts", r"\hat x", "last pair of prompts that differ in every sign", integers(0), (0, 31))
law_of, missed_at, zero_at, inverse_at = (
    sp.Function(n, real=True) for n in ("law_of", "missed_at", "zero_at", "inverse_at")
)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_u, _v = (sp.Symbol(name, real=True) for name in "uv")
_N = prompts.symbol
_M, _m1, _m2, _z1, _z2, _i1, _i2 = (
    Parameter(n, n, "a number", reals(), (-1, 1)) for n in ("M", "m1", "m2", "z1", "z2", "i1", "i2")
)


def indicators(margin: Any, missed: Any, zero: Any, inverse: Any) -> tuple[Any, ...]:
    """missed = 1 iff margin <= 0, else 0; zero = 1 iff margin = 0, else 0 (inverse is 1/margin then)."""
    return (
        eq(missed**2, missed),
        eq(zero**2, zero),
        le(missed * margin, 0),
        ge((1 - missed) * margin, 0),
        eq(zero * margin, 0),
        le(zero, missed),
        eq((1 - zero) * (1 - margin * inverse), 0),
    )


one_of_two = Lemma(
    "concepts/one_of_two",
    "Of a margin and its opposite one is missed, and both where they vanish",
    (_M, _m1, _z1, _i1, _m2, _z2, _i2),
    eq(_m1.symbol + _m2.symbol, 1 + _z2.symbol),
    hypotheses=(
        *indicators(-_M.symbol, _m1.symbol, _z1.symbol, _i1.symbol),
        *indicators(_M.symbol, _m2.symbol, _z2.symbol, _i2.symbol),
    ),
    backing=derive().have(
        "one of two",
        eq(_m1.symbol + _m2.symbol, 1 + _z2.symbol),
        by=[*(f"hypothesis {k}" for k in range(1, 15)), decide],
    ),
)
_at_point = (_x, _u, _v)
_INDICATORS = tuple(
    Forall(_at_point, relation)
    for relation in indicators(
        turned_margin(*_at_point), missed_at(*_at_point), zero_at(*_at_point), inverse_at(*_at_point)
    )
)


def _both(function: Any, v: Any) -> sp.Sum:
    """The mean of a function of prompts over all pairs and both prompts of a pair."""
    return over(law_of(_x) * (function(_x, 1, v) + function(_x, -1, v)), _x, _N)


def _turned_pair(u: int) -> Any:
    """Prompt (x, u) under the dictionary with -d, and prompt (x, -u) under d."""
    return [
        fact("margins", x=_x, u=u),
        *(fact(f"hypothesis {k}", x=_x, u=u, v=-1) for k in range(4, 11)),
        *(fact(f"hypothesis {k}", x=_x, u=-u, v=1) for k in range(4, 11)),
        one_of_two.at(
            M=turned_margin(_x, -u, 1),
            m1=missed_at(_x, u, -1),
            z1=zero_at(_x, u, -1),
            i1=inverse_at(_x, u, -1),
            m2=missed_at(_x, -u, 1),
            z2=zero_at(_x, -u, 1),
            i2=inverse_at(_x, -u, 1),
        ),
    ]


_error, _turned_error, _ties = _both(missed_at, 1), _both(missed_at, -1), _both(zero_at, 1)
label_sign_memorised = Claim(
    id="concepts/label_sign_memorised",
    title="What the sign of a label means is memorised",
    kind=Kind.EQUALITY,
    text=(
        "With -d in place of d at test, error' = 1 - error + P(f = 0) for every network with gamma* = delta* = 0 and "
        "every law of prompts that is invariant under flipping all signs: a label map that was learned is retrieved, "
        "another one is not learned in context. The population consists of pairs of prompts that differ in every sign"
    ),
    parameters=(L, top, neurons, prompts),
    hypotheses=(
        *NO_CROSS_TERM,
        eq(over(law_of(_x), _x, _N), sp.Rational(1, 2)),
        *_INDICATORS,
        Forall((_x,), ge(law_of(_x), 0)),
    ),
    statements=(
        equal(_turned_error, 1 - _error + _ties, label="turned labels"),
        lower(_turned_error, 1 - _error, trivial=0, label="learned labels turned are errors"),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=("concepts/abstract_ood_as_stated",),
    derivation=derive()
    .have("margins", turned_around.conclusion, by=["hypothesis 1", "hypothesis 2", turned_around.at()])
    .have(
        "one",
        Forall((_x,), eq(missed_at(_x, 1, -1) + missed_at(_x, -1, 1), 1 + zero_at(_x, -1, 1))),
        by=_turned_pair(1),
    )
    .have(
        "other",
        Forall((_x,), eq(missed_at(_x, -1, -1) + missed_at(_x, 1, 1), 1 + zero_at(_x, 1, 1))),
        by=_turned_pair(-1),
    )
    .have(
        "each",
        Forall(
            (_x,),
            eq(
                law_of(_x) * (missed_at(_x, 1, -1) + missed_at(_x, -1, -1)),
                law_of(_x) * (2 - missed_at(_x, 1, 1) - missed_at(_x, -1, 1) + zero_at(_x, 1, 1) + zero_at(_x, -1, 1)),
            ),
        ),
        by=[fact("one", x=_x), fact("other", x=_x), quick],
    )
    .have(
        "termwise",
        eq(
            _turned_error,
            over(
                law_of(_x) * (2 - missed_at(_x, 1, 1) - missed_at(_x, -1, 1) + zero_at(_x, 1, 1) + zero_at(_x, -1, 1)),
                _x,
                _N,
            ),
        ),
        by=[Termwise(), fact("each", x=_x)],
    )
    .have(
        "linear",
        eq(
            over(
                law_of(_x) * (2 - missed_at(_x, 1, 1) - missed_at(_x, -1, 1) + zero_at(_x, 1, 1) + zero_at(_x, -1, 1)),
                _x,
                _N,
            ),
            2 * over(law_of(_x), _x, _N) - _error + _ties,
        ),
        by=algebra,
    )
    .have("turned labels", eq(_turned_error, 1 - _error + _ties), by=["termwise", "linear", "hypothesis 3", quick])
    .have("zeros", Forall((_x, _u, _v), ge(zero_at(_x, _u, _v), 0)), by=[fact("hypothesis 5", x=_x, u=_u, v=_v), quick])
    .have(
        "ties",
        ge(_ties, 0),
        by=[
            SingleTerm(0),
            fact("zeros", x=_x, u=1, v=1),
            fact("zeros", x=_x, u=-1, v=1),
            fact("zeros", x=0, u=1, v=1),
            fact("zeros", x=0, u=-1, v=1),
            fact("hypothesis 11", x=_x),
            fact("hypothesis 11", x=0),
            quick,
        ],
    )
    .have("memorised", ge(_turned_error, 1 - _error), by=["turned labels", "ties", quick]),
)
