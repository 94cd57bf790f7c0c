"""Recurrent classes, periods, and what positivity is for (specification 2.A).

Main statements
    ergodic_as_stated    "the chain on all states is ergodic", as stated
    ergodic_unichain     full contexts are the only recurrent class, aperiodic; the stationary law is unique
    truncated_decoding   without positivity several classes and periods are possible

The witness of the last one is the parity register without noise: K = 3 bits, the next bit is their parity (D26).
"""

from __future__ import annotations

from math import gcd

import networkx as nx
import sympy as sp

from theory.assumption import FINITE_LOGITS, POSITIVE, TEMPERATURE_POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import Derivation, derive
from theory.justification import Computation, Gap, Induction, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K, T, ell
from theory.markov.states import strings, strings_up_to, successor
from theory.markov.structure import (
    block_structure,
    count,
    draw,
    full_entry,
    least,
    length_after,
    lengths_grow,
    mass,
    steps,
)
from theory.markov.windows import division
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _K = T.symbol, K.symbol
_j = sp.Symbol("j", integer=True, positive=True)
_k = sp.Symbol("k_", integer=True, nonnegative=True)
_l = sp.Symbol("l_", integer=True, positive=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)

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
least_stationary = opaque(
    "markov/least_stationary",
    "least_stationary() = smallest entry of pi on the full contexts",
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
    backing=Citation(Source("hornjohnson2012", "Theorem 6.2.24", recheck=True)),
)
perron_frobenius = Lemma(
    "markov/perron_frobenius",
    "The stationary law of a positive matrix is unique and positive",
    (least, K),
    gt(least_stationary(), 0),
    hypotheses=(gt(full_entry(_K), 0),),
    backing=Citation(Source("hornjohnson2012", "Theorems 8.2.8 and 8.2.11 (Perron)", recheck=True)),
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
    backing=Citation(Source("levin2017", "section 1.3, period of a state", recheck=True)),
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
    functions=(mass, draw),
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
    .have("positive law", gt(least_stationary(), 0), by=["positive block", perron_frobenius.at()]),
)


def _register() -> nx.DiGraph:
    """The parity register without noise: the eight contexts of three bits, each with its one successor."""
    graph: nx.DiGraph = nx.DiGraph()
    for u in range(8):
        graph.add_edge(u, 2 * (u % 4) + bin(u).count("1") % 2)
    return graph


def _closed_classes() -> list[list[int]]:
    """Its closed communicating classes, by size and then by first state."""
    graph = _register()
    components = [sorted(c) for c in nx.strongly_connected_components(graph)]
    closed = [c for c in components if all(v in c for u in c for v in graph.successors(u))]
    return sorted(closed, key=lambda c: (len(c), c))


def _period(members: list[int]) -> int:
    """gcd of the lengths of the cycles within a class."""
    return gcd(*(len(cycle) for cycle in nx.simple_cycles(_register().subgraph(members))))


def _stationary_dimension() -> int:
    """Dimension of the simplex of stationary laws: the nullity of I - P, less one for the total mass."""
    graph = _register()
    matrix = sp.eye(8) - sp.Matrix(8, 8, lambda u, v: int(graph.has_edge(u, v)))
    return int(8 - matrix.rank()) - 1


def _class_count() -> int:
    return len(_closed_classes())


def _size_of(index: int) -> Computation:
    return Computation(lambda: len(_closed_classes()[index]), f"size of class {index} of the register")


def _period_of(index: int) -> Computation:
    return Computation(lambda: _period(_closed_classes()[index]), f"period of class {index} of the register")


register_classes = opaque(
    "markov/register_classes",
    "register_classes() = recurrent classes of the parity register with p = 0 (D26)",
    integer=True,
    nonnegative=True,
)
register_class_size = opaque(
    "markov/register_class_size",
    "register_class_size(i) = number of states of its i-th recurrent class, by size and then first state",
    integer=True,
    nonnegative=True,
)
register_class_period = opaque(
    "markov/register_class_period",
    "register_class_period(i) = period of its i-th recurrent class",
    integer=True,
    nonnegative=True,
)
stationary_dimension = opaque(
    "markov/stationary_dimension",
    "stationary_dimension() = dimension of the simplex of stationary laws of the parity register with p = 0",
    integer=True,
    nonnegative=True,
)
most_classes = opaque(
    "markov/most_classes",
    "most_classes() = largest number of recurrent classes of a model under truncated decoding",
    integer=True,
    nonnegative=True,
)
longest_period = opaque(
    "markov/longest_period",
    "longest_period() = largest period of a recurrent class of a model under truncated decoding",
    integer=True,
    nonnegative=True,
)
further_classes = defined(
    "markov/further_classes",
    "further_classes() = most_classes - register_classes, which is >= 0: the parity register with p = 0 is what greedy "
    "decoding makes of the one with 0 < p < 1/2",
    (),
    most_classes() - register_classes(),
    bounds=(0, None),
    integer=True,
)
longer_periods = defined(
    "markov/longer_periods",
    "longer_periods() = longest_period - register_class_period(3), which is >= 0 for the same reason",
    (),
    longest_period() - register_class_period(3),
    bounds=(0, None),
    integer=True,
)


def _truncated() -> Derivation:
    found = derive().have(
        "classes", eq(register_classes(), 4), by=Computation(_class_count, "closed classes of a graph on 8 states")
    )
    for i, (size, period) in enumerate(zip(SIZES, PERIODS, strict=True)):
        found = found.have(f"size of class {i}", eq(register_class_size(i), size), by=_size_of(i))
        found = found.have(f"period of class {i}", eq(register_class_period(i), period), by=_period_of(i))
    return (
        found.have(
            "stationary laws",
            eq(stationary_dimension(), 3),
            by=Computation(_stationary_dimension, "nullity of I - P over the rationals, less 1"),
        )
        .have("several classes", ge(most_classes(), 2), by=[unfold(further_classes), "classes"])
        .have("periods", ge(longest_period(), 2), by=[unfold(longer_periods), "period of class 3"])
    )


SIZES = (1, 1, 2, 4)
PERIODS = (1, 1, 2, 4)

truncated_decoding = Claim(
    id="markov/truncated_decoding",
    title="Without positivity several classes and periods are possible",
    kind=Kind.STRUCTURAL,
    text=(
        "With greedy, top-k or top-p decoding or an absorbing end token Prop. 3.3 and 3.4 do not apply: the parity "
        "register with p = 0 has the recurrent classes {000}, {111}, {010, 101}, {001, 011, 110, 100} with periods 1, "
        "1, 2, 4, and a 3-dimensional simplex of stationary laws; any p in (0, 1) restores uniqueness"
    ),
    parameters=(),
    statements=(
        lower(most_classes(), 2, trivial=1, label="several classes"),
        lower(longest_period(), 2, trivial=1, label="periods"),
        equal(register_classes(), 4, label="classes of the register"),
        *(equal(register_class_size(i), size, label=f"size of class {i}") for i, size in enumerate(SIZES)),
        *(equal(register_class_period(i), period, label=f"period of class {i}") for i, period in enumerate(PERIODS)),
        equal(stationary_dimension(), 3, label="stationary laws"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_truncated(),
)
