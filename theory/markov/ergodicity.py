"""Recurrent classes, periods, and what positivity is for (specification 2.A).

Main statements
    ergodic_as_stated    "the chain on all states is ergodic", as stated
    ergodic_unichain     full contexts are the only recurrent class, aperiodic; the stationary law is unique

What happens without positivity stands in `truncated_decoding`.
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FINITE_LOGITS, POSITIVE, TEMPERATURE_POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma, meaning
from theory.markov.parameters import K, T, ell
from theory.markov.paths import least
from theory.markov.states import strings, strings_up_to, successor
from theory.markov.structure import block_structure, count, full_entry, length_after, lengths_grow, steps
from theory.markov.windows import division
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import Source
from theory.verdict import Verdict

_T, _K = T.symbol, K.symbol
_j = sp.Symbol("j", integer=True, positive=True)
_k = sp.Symbol("k_", integer=True, nonnegative=True)
_l = sp.Symbol("l_", integer=True, positive=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_u = sp.Symbol("u_", integer=True, nonnegative=True)


def _over_full(term: sp.Expr) -> sp.Sum:
    """Sum over the full contexts u = 0..T^K - 1."""
    return sp.Sum(term, (_u, 0, _T**_K - 1))


recurrent_states = opaque(
    "markov/recurrent_states",
    "recurrent_states() = number of recurrent states of the chain on V (D2)",
    integer=True,
    nonnegative=True,
)
recurrent_classes = opaque(
    "markov/recurrent_classes",
    "recurrent_classes() = number of closed communicating classes of Q",
    integer=True,
    nonnegative=True,
)
transient_states = opaque(
    "markov/transient_states",
    "transient_states(T, K) = number of transient states of the chain on V (D2)",
    integer=True,
    nonnegative=True,
)
recurrent_period = opaque(
    "markov/recurrent_period",
    "recurrent_period() = greatest common divisor of the return times of a recurrent state",
    bounds=(1, None),
    integer=True,
    positive=True,
)
_constant = sp.Function("constant_context", integer=True, nonnegative=True)
constant_context = Definition(
    "markov/constant_context",
    _constant,
    "constant_context(x, k) = the string x...x of k equal tokens as a base-T number",
    equations=(
        Forall((_x,), eq(_constant(_x, 0), 0)),
        Forall((_x, _k), eq(_constant(_x, _k + 1), _T * _constant(_x, _k) + _x)),
    ),
)
loop_multiple = opaque(
    "markov/loop_multiple",
    "loop_multiple(u, x) = 1 as a multiple of the period, where the full context u followed by the token x is u again: "
    "1 is then a return time of u, and the period divides every return time",
    integer=True,
    positive=True,
)
loop_length = defined(
    "markov/loop_length",
    "loop_length(u, x) = 1, the length of the loop at u, as a multiple of the period",
    (_u, _x),
    recurrent_period() * loop_multiple(_u, _x),
    conditions=(eq(successor(_u, _x), _u),),
    bounds=(1, 1),
    range_by=meaning(recurrent_period, loop_multiple),
)
full_law = opaque(
    "markov/full_law", "full_law(u) = pi(u) for the full context number u", bounds=(0, 1), nonnegative=True
)
full_law_mass = defined(
    "markov/full_law_mass",
    "full_law_mass() = pi of all full contexts, which is 1",
    (),
    _over_full(full_law(_u)),
    bounds=(1, 1),
    range_by=meaning(full_law),
)
to_least = opaque(
    "markov/to_least",
    "to_least(u) = A(u, v) = P_R^K(u, v) for a full context v at which pi is smallest",
    bounds=(0, 1),
    nonnegative=True,
)
above_full_entry = defined(
    "markov/above_full_entry",
    "above_full_entry(u) = A(u, v) less the smallest entry of A, which is >= 0",
    (_u,),
    to_least(_u) - full_entry(_K),
    bounds=(0, None),
    range_by=meaning(to_least),
)
least_stationary = defined(
    "markov/least_stationary",
    "least_stationary() = pi(v), the smallest entry of pi on the full contexts: pi A = pi at v",
    (),
    _over_full(full_law(_u) * to_least(_u)),
    latex=r"\min_{\mathcal R}\pi",
)

ergodic_as_stated = Claim(
    id="markov/ergodic_as_stated",
    title="The chain on all states is ergodic",
    kind=Kind.STRUCTURAL,
    text=(
        "The chain on V is ergodic, that is, it consists entirely of one recurrent aperiodic class (Def. C.10), and "
        "has a unique stationary law"
    ),
    parameters=(T, K),
    assumptions=(POSITIVE,),
    statements=(
        equal(recurrent_states(), _T * (_T**_K - 1) / (_T - 1), label="all states recurrent"),
        equal(recurrent_classes(), 1, label="one class"),
        equal(recurrent_period(), 1, label="aperiodic"),
    ),
    source=Source("zekri2024", "Prop. 3.3 with Def. C.10", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="for K >= 2 a context shorter than K is never returned to; true for K = 1, and uniqueness is true for all K",
)

strongly_connected = Lemma(
    "markov/strongly_connected",
    "If every full context is reached from every state with positive probability, the full contexts form the only "
    "closed class",
    (least, K),
    eq(recurrent_classes(), 1),
    hypotheses=(gt(full_entry(_K), 0),),
    backing=Citation(Source("levin2017", "section 1.7, essential classes")),
)
positive_law = Lemma(
    "markov/positive_law",
    "A stationary law of a positive matrix is positive",
    (T, K),
    gt(least_stationary(), 0),
    hypotheses=(gt(full_entry(_K), 0),),
    backing=derive()
    .have(
        "each",
        Forall((_u,), ge(full_law(_u) * to_least(_u), full_law(_u) * full_entry(_K))),
        by=[unfold(above_full_entry, u_=_u), unfold(full_law), quick],
    )
    .have(
        "all",
        ge(_over_full(full_law(_u) * to_least(_u)), _over_full(full_law(_u) * full_entry(_K))),
        by=[Termwise(), "each"],
    )
    .have(
        "factor",
        eq(_over_full(full_law(_u) * full_entry(_K)), full_entry(_K) * full_law_mass()),
        by=[unfold(full_law_mass), algebra],
    )
    .have("mass", eq(full_law_mass(), 1), by=[unfold(full_law_mass), quick])
    .have(
        "positive",
        gt(least_stationary(), 0),
        by=["hypothesis 1", unfold(least_stationary), "all", "factor", "mass", quick],
        note="pi(v) = sum_u pi(u) A(u, v) >= min A",
    ),
)
constant_is_fixed = Lemma(
    "markov/constant_is_fixed",
    "The context x...x followed by x is itself",
    (T, K),
    Forall((_x,), eq(successor(_constant(_x, _K), _x), _constant(_x, _K)), (le(_x, _T - 1),)),
    backing=derive()
    .have(
        "value",
        Forall((_x, _k), eq((_T - 1) * _constant(_x, _k), _x * (_T**_k - 1))),
        by=[Induction(_k), unfold(constant_context, x=_x, k_=_k), unfold(constant_context, x=_x)],
        note="x (T^K - 1)/(T - 1)",
    )
    .have(
        "lower",
        Forall((_x,), ge((_T - 1) * (_constant(_x, _K) - _x * _T ** (_K - 1)), 0)),
        by=fact("value", x=_x, k_=_K),
    )
    .have("low", Forall((_x,), ge(_constant(_x, _K) - _x * _T ** (_K - 1), 0)), by=fact("lower", x=_x))
    .have(
        "upper",
        Forall(
            (_x,),
            lt((_T - 1) * (_constant(_x, _K) - _x * _T ** (_K - 1)), (_T - 1) * _T ** (_K - 1)),
            (le(_x, _T - 1),),
        ),
        by=fact("value", x=_x, k_=_K),
    )
    .have(
        "high",
        Forall((_x,), lt(_constant(_x, _K) - _x * _T ** (_K - 1), _T ** (_K - 1)), (le(_x, _T - 1),)),
        by=fact("upper", x=_x),
    )
    .have(
        "oldest",
        Forall((_x,), eq(sp.floor(_constant(_x, _K) / _T ** (_K - 1)), _x), (le(_x, _T - 1),)),
        by=[
            fact("low", x=_x),
            fact("high", x=_x),
            division.at(
                number=_constant(_x, _K),
                divisor=_T ** (_K - 1),
                quotient=_x,
                remainder=_constant(_x, _K) - _x * _T ** (_K - 1),
            ),
        ],
    )
    .have(
        "fixed",
        Forall((_x,), eq(successor(_constant(_x, _K), _x), _constant(_x, _K)), (le(_x, _T - 1),)),
        by=[unfold(successor, u=_constant(_x, _K), x=_x), fact("oldest", x=_x), fact("value", x=_x, k_=_K)],
    ),
)
never_shorter = Lemma(
    "markov/never_shorter",
    "A context shorter than K only gets longer",
    (K,),
    Forall((_l, _k), ge(length_after(_l, _k + 1), sp.Min(_K, _l + 1)), (le(_l, _K),)),
    backing=derive()
    .have("lengths", lengths_grow.conclusion, by=lengths_grow.at())
    .have(
        "longer",
        Forall((_l, _k), ge(length_after(_l, _k + 1), sp.Min(_K, _l + 1)), (le(_l, _K),)),
        by=fact("lengths", l=_l, k=_k + 1),
    ),
)

loop_is_aperiodic = Lemma(
    "markov/loop_is_aperiodic",
    "A recurrent class with a state that may return to itself in one step is aperiodic: 1 is a return time, so the "
    "greatest common divisor of them is 1",
    (T, K, least),
    eq(recurrent_period(), 1),
    hypotheses=(eq(successor(_constant(0, _K), 0), _constant(0, _K)), gt(full_entry(_K), 0)),
    backing=derive()
    .have(
        "loop",
        eq(loop_length(_constant(0, _K), 0), 1),
        by=["hypothesis 1", unfold(loop_length, u_=_constant(0, _K), x=0), quick],
        note="the loop has positive probability: 1 is a return time",
    )
    .have(
        "multiple",
        eq(recurrent_period() * loop_multiple(_constant(0, _K), 0), 1),
        by=["hypothesis 1", "loop", unfold(loop_length, u_=_constant(0, _K), x=0), quick],
    )
    .have("at least once", ge(loop_multiple(_constant(0, _K), 0), 1), by=quick)
    .have("at most", le(recurrent_period(), 1), by=["multiple", "at least once", decide])
    .have("period", eq(recurrent_period(), 1), by=["at most", unfold(recurrent_period), quick]),
)
transient_are_short = Lemma(
    "markov/transient_are_short",
    "The transient states are the contexts shorter than K: they only get longer, and full contexts are all reached",
    (T, K, least),
    eq(transient_states(_T, _K), sp.Sum(strings(_j), (_j, 1, _K - 1))),
    hypotheses=(never_shorter.conclusion, gt(full_entry(_K), 0)),
    backing=derive().have(
        "counted",
        eq(transient_states(_T, _K), sp.Sum(strings(_j), (_j, 1, _K - 1))),
        by=Gap("counting the states of a length that is never returned to, by length: not formalised"),
    ),
)

ergodic_unichain = Claim(
    id="markov/ergodic_unichain",
    title="One recurrent class, aperiodic; a unique stationary law",
    kind=Kind.STRUCTURAL,
    text=(
        "The full contexts are the only recurrent class, aperiodic; shorter contexts are transient; the stationary law "
        "is unique, 0 on shorter contexts and positive on full ones"
    ),
    parameters=(T, K, ell, steps, least, count),
    assumptions=(POSITIVE, TEMPERATURE_POSITIVE, FINITE_LOGITS),
    hypotheses=block_structure.hypotheses,
    statements=(
        equal(recurrent_classes(), 1, label="one recurrent class"),
        equal(recurrent_period(), 1, label="aperiodic"),
        equal(transient_states(_T, _K), _T * (_T ** (_K - 1) - 1) / (_T - 1), label="transient"),
        lower(length_after(ell.symbol, steps.symbol), sp.Min(_K, ell.symbol + 1), label="never shorter"),
        Statement(least_stationary(), ">", sp.S.Zero, label="positive law"),
    ),
    source=Source("zekri2024", "proof of Prop. 3.3", "v1, v2"),
    status=Status.CORRECTED,
    corrects=("markov/ergodic_as_stated",),
    derivation=derive()
    .have(
        "every path is possible",
        ge(full_entry(_K), least.symbol**_K),
        by=[
            block_structure.at("full contexts", k=_K),
            *(f"hypothesis {number}" for number in range(1, len(block_structure.hypotheses) + 1)),
        ],
        note="A > 0 entrywise",
    )
    .have("positive block", gt(full_entry(_K), 0), by="every path is possible")
    .have("one recurrent class", eq(recurrent_classes(), 1), by=["positive block", strongly_connected.at()])
    .have("fixed", constant_is_fixed.conclusion, by=constant_is_fixed.at())
    .have("loop", eq(successor(_constant(0, _K), 0), _constant(0, _K)), by=fact("fixed", x=0))
    .have(
        "aperiodic",
        eq(recurrent_period(), 1),
        by=["loop", "positive block", loop_is_aperiodic.at()],
        note="x...x returns to itself in one step: the period divides 1",
    )
    .have("longer", never_shorter.conclusion, by=never_shorter.at())
    .have(
        "never shorter",
        ge(length_after(ell.symbol, steps.symbol), sp.Min(_K, ell.symbol + 1)),
        by=fact("longer", l_=ell.symbol, k_=steps.symbol - 1),
    )
    .have("strings up to", strings_up_to.conclusion, by=strings_up_to.at())
    .have(
        "shorter contexts",
        eq(sp.Sum(strings(_j), (_j, 1, _K - 1)), _T * (_T ** (_K - 1) - 1) / (_T - 1)),
        by=fact("strings up to", k=_K - 1),
    )
    .have(
        "transient",
        eq(transient_states(_T, _K), _T * (_T ** (_K - 1) - 1) / (_T - 1)),
        by=["longer", "positive block", transient_are_short.at(), "shorter contexts"],
    )
    .have("positive law", gt(least_stationary(), 0), by=["positive block", positive_law.at()]),
)
