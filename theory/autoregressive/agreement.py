"""Two chains that follow the same rule have no first difference.

Main statements
    no_first_difference   if a token differs from its twin only where an earlier one does, no token differs
    equal_so_far          while nothing has differed, every difference so far is zero
    no_difference         the same, token by token
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

_s = sp.Symbol("s", integer=True, positive=True)
_r = sp.Symbol("r", integer=True, positive=True)
_t = sp.Symbol("t", integer=True, nonnegative=True)
difference = sp.Function("difference", real=True)
until = Parameter("until", "t", "tokens compared so far", integers(1), (1, 8), "tokens")
chosen = Parameter("chosen", "r", "one of them", integers(1, until.symbol), (1, 8))


def so_far(end: sp.Expr) -> sp.Sum:
    """The sum of the differences of tokens 1..end."""
    return sp.Sum(difference(_s), (_s, 1, end))


nonnegative_differences = Forall((_s,), ge(difference(_s), 0))
differs_after_another = Forall((_t,), eq(difference(_t + 1), 0), (eq(so_far(_t), 0),))

_total = sp.Function("total", real=True)
stays_zero = Lemma(
    "autoregressive/stays_zero",
    "What starts at zero, and is zero after it was zero, is zero",
    (),
    Forall((_t,), eq(_total(_t), 0)),
    hypotheses=(eq(_total(0), 0), Forall((_t,), eq(_total(_t + 1), 0), (eq(_total(_t), 0),))),
    functions=(_total,),
    backing=derive().have(
        "zero", Forall((_t,), eq(_total(_t), 0)), by=[Induction(_t), "hypothesis 1", "hypothesis 2", quick]
    ),
)

no_first_difference = Lemma(
    "autoregressive/no_first_difference",
    "If a token differs from its twin only where an earlier token does, no token differs",
    (),
    Forall((_t,), eq(so_far(_t), 0)),
    hypotheses=(differs_after_another,),
    functions=(difference,),
    statement="difference(s) is 0 exactly where token s is the same in both chains",
    backing=derive()
    .have("none", eq(so_far(0), 0), by=algebra)
    .have("last", Forall((_r,), eq(so_far(_r), so_far(_r - 1) + difference(_r))), by=[Induction(_r), quick])
    .have("one more", Forall((_t,), eq(so_far(_t + 1), so_far(_t) + difference(_t + 1))), by=fact("last", r=_t + 1))
    .have(
        "next",
        Forall((_t,), eq(so_far(_t + 1), 0), (eq(so_far(_t), 0),)),
        by=[fact("one more", t=_t), fact("hypothesis 1", t=_t), quick],
    )
    .have(
        "none so far",
        Forall((_t,), eq(so_far(_t), 0)),
        by=["none", "next", stays_zero.at(total=sp.Lambda((_t,), so_far(_t)))],
    ),
)

equal_so_far = Lemma(
    "autoregressive/equal_so_far",
    "While the differences so far sum to zero, each of them is zero",
    (until, chosen),
    eq(difference(chosen.symbol), 0),
    hypotheses=(nonnegative_differences, eq(so_far(until.symbol), 0)),
    functions=(difference,),
    backing=derive()
    .have(
        "one of them",
        ge(so_far(until.symbol), difference(chosen.symbol)),
        by=[SingleTerm(chosen.symbol), fact("hypothesis 1", s=_s)],
    )
    .have("no more than zero", le(difference(chosen.symbol), 0), by=["one of them", "hypothesis 2", quick])
    .have("sign", ge(difference(chosen.symbol), 0), by=fact("hypothesis 1", s=chosen.symbol))
    .have("zero", eq(difference(chosen.symbol), 0), by=["no more than zero", "sign", decide]),
)

no_difference = Lemma(
    "autoregressive/no_difference",
    "If a token differs from its twin only where an earlier token does, every token is the same",
    (until,),
    eq(difference(until.symbol), 0),
    hypotheses=(nonnegative_differences, differs_after_another),
    functions=(difference,),
    backing=derive()
    .have("none so far", no_first_difference.conclusion, by=["hypothesis 2", no_first_difference.at()])
    .have("at the last", eq(so_far(until.symbol), 0), by=fact("none so far", t=until.symbol))
    .have(
        "the last",
        eq(difference(until.symbol), 0),
        by=["hypothesis 1", "at the last", equal_so_far.at(chosen=until.symbol)],
    ),
)
