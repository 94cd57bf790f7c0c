"""A single gate may need exponential weights (specification `autoregressive` 2D).

Main statements
    fibonacci_weights         weights of a gate for the top-bit parity grow like the Fibonacci numbers
    gate_margin_exponential   the same, with the mistakes that a perceptron then makes at least
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN
from theory.verdict import Verdict

theta = Parameter("theta", r"\theta", "threshold of the gate; f(0) = 0 says theta >= 1", integers(1), (1, 3))
pairs = Parameter("k", "k", "the index of the weight is 2k + 1 or 2k + 2", integers(0), (0, 5))
mistakes = Parameter(
    "M", "M", "mistakes of the perceptron before it is right on the whole cube", integers(0), (0, 100), "mistakes"
)
_theta, _k, _M = theta.symbol, pairs.symbol, mistakes.symbol

_i = sp.Symbol("i", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, positive=True)
_m = sp.Symbol("m", integer=True, nonnegative=True)

_fib = sp.Function("fibonacci_number", integer=True, nonnegative=True)
fibonacci_number = Definition(
    "autoregressive/fibonacci_number",
    _fib,
    "F_0 = 0, F_1 = 1, F_(i+2) = F_(i+1) + F_i",
    equations=(
        eq(_fib(0), 0),
        eq(_fib(1), 1),
        Forall((_i,), eq(_fib(_i + 2), _fib(_i + 1) + _fib(_i))),
    ),
    latex="F",
)
signed_weight = sp.Function("signed_weight", integer=True)
_even, _odd = (sp.Function(name, integer=True) for name in ("even_total", "odd_total"))
even_total = Definition(
    "autoregressive/even_total",
    _even,
    "even_total(i) = u_2 + u_4 + ... + u_2i, u_j = w_j for odd j and -w_j for even j",
    equations=(eq(_even(0), 0), Forall((_i,), eq(_even(_i + 1), _even(_i) + signed_weight(2 * _i + 2)))),
)
odd_total = Definition(
    "autoregressive/odd_total",
    _odd,
    "odd_total(i) = u_1 + u_3 + ... + u_(2i-1)",
    equations=(eq(_odd(0), 0), Forall((_i,), eq(_odd(_i + 1), _odd(_i) + signed_weight(2 * _i + 1)))),
)
on_odd = Forall((_i,), ge(signed_weight(2 * _i + 1), _theta + even_total(_i)))
on_even = Forall((_i,), ge(signed_weight(2 * _i + 2), odd_total(_i + 1) - _theta + 1))

_both = Forall(
    (_i,),
    sp.And(
        ge(even_total(_i), fibonacci_number(2 * _i + 1) - 1),
        ge(odd_total(_i + 1) - _theta, fibonacci_number(2 * _i + 2) - 1),
    ),
)
fibonacci_sums = Lemma(
    "autoregressive/fibonacci_sums",
    "Sums of the signed weights are at least sums of Fibonacci numbers",
    (theta,),
    _both,
    hypotheses=(on_odd, on_even),
    statement="F_2 + F_4 + ... + F_2i = F_(2i+1) - 1 and F_1 + F_3 + ... + F_(2i+1) = F_(2i+2)",
    backing=derive()
    .have("first", eq(fibonacci_number(1), 1), by=unfold(fibonacci_number))
    .have("second", eq(fibonacci_number(2), 1), by=[unfold(fibonacci_number, i=0), quick])
    .have(
        "odd ones",
        Forall((_i,), eq(fibonacci_number(2 * _i + 3), fibonacci_number(2 * _i + 2) + fibonacci_number(2 * _i + 1))),
        by=unfold(fibonacci_number, i=2 * _i + 1),
    )
    .have(
        "even ones",
        Forall((_i,), eq(fibonacci_number(2 * _i + 4), fibonacci_number(2 * _i + 3) + fibonacci_number(2 * _i + 2))),
        by=unfold(fibonacci_number, i=2 * _i + 2),
    )
    .have("no even ones", eq(even_total(0), 0), by=unfold(even_total))
    .have("one odd one", eq(odd_total(1), signed_weight(1)), by=[unfold(odd_total, i=0), quick])
    .have("weight 1", ge(signed_weight(1), _theta), by=[fact("hypothesis 1", i=0), "no even ones", quick])
    .have(
        "next even total",
        Forall((_i,), ge(even_total(_i + 1), even_total(_i) + odd_total(_i + 1) - _theta + 1)),
        by=[unfold(even_total, i=_i), fact("hypothesis 2", i=_i), quick],
    )
    .have(
        "next odd total",
        Forall((_i,), ge(odd_total(_i + 2), odd_total(_i + 1) + _theta + even_total(_i + 1))),
        by=[unfold(odd_total, i=_i + 1), fact("hypothesis 1", i=_i + 1), quick],
    )
    .have(
        "totals",
        _both,
        by=[
            Induction(_i),
            *("first", "second", "no even ones", "one odd one", "weight 1"),
            *(fact(name, i=_i) for name in ("odd ones", "even ones", "next even total", "next odd total")),
        ],
    ),
)
fibonacci_weights = Lemma(
    "autoregressive/fibonacci_weights",
    "Weight i of a gate for the top-bit parity is at least F_i in absolute value",
    (theta, pairs),
    sp.And(
        ge(signed_weight(2 * _k + 1), fibonacci_number(2 * _k + 1)),
        ge(signed_weight(2 * _k + 2), fibonacci_number(2 * _k + 2)),
    ),
    hypotheses=(on_odd, on_even),
    backing=derive()
    .have("totals", _both, by=["hypothesis 1", "hypothesis 2", fibonacci_sums.at()])
    .have("at k", _both.body.xreplace({_i: _k}), by=fact("totals", i=_k))
    .have(
        "weights",
        sp.And(
            ge(signed_weight(2 * _k + 1), fibonacci_number(2 * _k + 1)),
            ge(signed_weight(2 * _k + 2), fibonacci_number(2 * _k + 2)),
        ),
        by=["at k", fact("hypothesis 1", i=_k), fact("hypothesis 2", i=_k), decide],
    ),
)

coordinate = sp.Function("coordinate", integer=True)
fibonacci_squares = defined(
    "autoregressive/fibonacci_squares",
    "fibonacci_squares(i) = F_1^2 + ... + F_i^2, the squared norm of the weights w_j = (-1)^(j+1) F_j",
    (_i,),
    sp.Sum(fibonacci_number(_j) ** 2, (_j, 1, _i)),
)
perceptron_coordinate = Lemma(
    "autoregressive/perceptron_coordinate",
    "A coordinate that starts at 0 and moves by at most 1 a mistake is at most the number of mistakes",
    (),
    Forall((_m, _j), le(sp.Abs(coordinate(_j, _m)), _m)),
    hypotheses=(
        Forall((_j,), eq(coordinate(_j, 0), 0)),
        Forall((_m, _j), le(sp.Abs(coordinate(_j, _m + 1) - coordinate(_j, _m)), 1)),
    ),
    backing=derive().have(
        "size",
        Forall((_m, _j), le(sp.Abs(coordinate(_j, _m)), _m)),
        by=[Induction(_m), fact("hypothesis 1", j=_j), fact("hypothesis 2", m=_m, j=_j), decide],
    ),
)
fibonacci_growth = Lemma(
    "autoregressive/fibonacci_growth",
    "Fibonacci numbers grow exponentially",
    (),
    Forall(
        (_i,),
        sp.And(
            ge(fibonacci_number(_i + 2), sp.Rational(3, 2) ** _i),
            ge(fibonacci_number(_i + 3), sp.Rational(3, 2) ** (_i + 1)),
        ),
    ),
    backing=derive()
    .have("second", eq(fibonacci_number(2), 1), by=[unfold(fibonacci_number, i=0), quick])
    .have("third", eq(fibonacci_number(3), 2), by=[unfold(fibonacci_number, i=1), "second", quick])
    .have(
        "next",
        Forall((_i,), eq(fibonacci_number(_i + 4), fibonacci_number(_i + 3) + fibonacci_number(_i + 2))),
        by=unfold(fibonacci_number, i=_i + 2),
    )
    .have(
        "power", Forall((_i,), eq(sp.Rational(3, 2) ** (_i + 1), sp.Rational(3, 2) * sp.Rational(3, 2) ** _i)), by=quick
    )
    .have(
        "next power",
        Forall((_i,), eq(sp.Rational(3, 2) ** (_i + 2), sp.Rational(9, 4) * sp.Rational(3, 2) ** _i)),
        by=quick,
    )
    .have("positive", Forall((_i,), ge(sp.Rational(3, 2) ** _i, 0)), by=quick)
    .have(
        "growth",
        Forall(
            (_i,),
            sp.And(
                ge(fibonacci_number(_i + 2), sp.Rational(3, 2) ** _i),
                ge(fibonacci_number(_i + 3), sp.Rational(3, 2) ** (_i + 1)),
            ),
        ),
        by=[
            Induction(_i),
            *("second", "third"),
            *(fact(name, i=_i) for name in ("next", "power", "next power", "positive")),
        ],
    ),
)

_odd_weight = ge(signed_weight(2 * _k + 1), fibonacci_number(2 * _k + 1))
_even_weight = ge(signed_weight(2 * _k + 2), fibonacci_number(2 * _k + 2))

gate_margin_exponential = Claim(
    id="autoregressive/gate_margin_exponential",
    title="One token may need exponential weights",
    kind=Kind.LOWER,
    text=(
        "Let f(x) = 1 iff the largest index i in 1..n with x_i = 1 exists and is odd. Every integer threshold gate "
        "for f has |w_i| >= F_i, the Fibonacci number, with equality for w_i = (-1)^(i+1) F_i, theta = 1. A "
        "perceptron in sign features started at 0 makes at least F_n mistakes before it is right on the whole cube, "
        "although T = 1 and the linear program is easy: no bound on mistakes that is polynomial in n holds for all "
        "linear decoders"
    ),
    parameters=(theta, pairs, mistakes),
    hypotheses=(
        on_odd,
        on_even,
        *perceptron_coordinate.hypotheses,
        Forall((_j,), eq(sp.Abs(coordinate(_j, _M)), sp.Abs(signed_weight(_j))), (le(_j, 2 * _k + 2),)),
    ),
    statements=(
        lower(signed_weight(2 * _k + 1), fibonacci_number(2 * _k + 1), trivial=0, label="odd weight"),
        lower(signed_weight(2 * _k + 2), fibonacci_number(2 * _k + 2), trivial=0, label="even weight"),
        equal(fibonacci_squares(_k), fibonacci_number(_k) * fibonacci_number(_k + 1), label="norm"),
        lower(_M, fibonacci_number(2 * _k + 1), trivial=0, label="mistakes, odd"),
        lower(_M, fibonacci_number(2 * _k + 2), trivial=0, label="mistakes, even"),
        lower(fibonacci_number(_k + 2), sp.Rational(3, 2) ** _k, label="growth"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    expected=Verdict.TIGHT,
    corrects=("autoregressive/linear_decoder_as_stated",),
    remarks=(
        "hypothesis 1 is the gate on e_i and the even unit vectors below i, for odd i = 2 i' + 1: the value is 1; "
        "hypothesis 2 on e_i and the odd ones below, for even i: the value is 0, so the sum is at most theta - 1. "
        "theta >= 1 because f(0) = 0",
        "in sign features all scores have one parity, so the two classes are 2 apart and the weights on signs meet the "
        "same inequalities as integer weights on bits: the last hypothesis identifies them",
        "the general worst case, 2^Theta(n log n), is in Hastad 1994",
    ),
    derivation=derive()
    .have(
        "weights",
        sp.And(_odd_weight, _even_weight),
        by=["hypothesis 1", "hypothesis 2", fibonacci_weights.at()],
    )
    .have("odd weight", _odd_weight, by="weights")
    .have("even weight", _even_weight, by="weights")
    .have("size", perceptron_coordinate.conclusion, by=["hypothesis 3", "hypothesis 4", perceptron_coordinate.at()])
    .have(
        "mistakes, odd",
        ge(_M, fibonacci_number(2 * _k + 1)),
        by=["odd weight", fact("size", m=_M, j=2 * _k + 1), fact("hypothesis 5", j=2 * _k + 1), decide],
    )
    .have(
        "mistakes, even",
        ge(_M, fibonacci_number(2 * _k + 2)),
        by=["even weight", fact("size", m=_M, j=2 * _k + 2), fact("hypothesis 5", j=2 * _k + 2), decide],
    )
    .have("empty", eq(fibonacci_number(0), 0), by=unfold(fibonacci_number))
    .have(
        "norms",
        Forall(
            (_i,), eq(sp.Sum(fibonacci_number(_j) ** 2, (_j, 1, _i)), fibonacci_number(_i) * fibonacci_number(_i + 1))
        ),
        by=[Induction(_i), "empty", unfold(fibonacci_number, i=_i), quick],
    )
    .have(
        "norm",
        eq(fibonacci_squares(_k), fibonacci_number(_k) * fibonacci_number(_k + 1)),
        by=[unfold(fibonacci_squares, i=_k), fact("norms", i=_k)],
    )
    .have("growths", fibonacci_growth.conclusion, by=fibonacci_growth.at())
    .have("growth", ge(fibonacci_number(_k + 2), sp.Rational(3, 2) ** _k), by=fact("growths", i=_k)),
)
