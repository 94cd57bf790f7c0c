"""What truncated decoding does to ergodicity (specification 2.A).

Main statements
    truncated_decoding   without positivity several recurrent classes and periods are possible

The witness is the parity register without noise: K = 3 bits, the next bit is their parity (D26).
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import Derivation, derive
from theory.justification import Computation, unfold
from theory.lemma import meaning
from theory.proposition import eq, ge
from theory.source import OWN

if TYPE_CHECKING:
    import networkx as nx


def _register() -> nx.DiGraph:
    """The parity register without noise: the eight contexts of three bits, each with its one successor."""
    import networkx as nx

    graph: nx.DiGraph = nx.DiGraph()
    for u in range(8):
        graph.add_edge(u, 2 * (u % 4) + bin(u).count("1") % 2)
    return graph


def _closed_classes() -> list[list[int]]:
    """Its closed communicating classes, by size and then by first state."""
    import networkx as nx

    graph = _register()
    components = [sorted(c) for c in nx.strongly_connected_components(graph)]
    closed = [c for c in components if all(v in c for u in c for v in graph.successors(u))]
    return sorted(closed, key=lambda c: (len(c), c))


def _period(members: list[int]) -> int:
    """gcd of the lengths of the cycles within a class."""
    import networkx as nx

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
    range_by=meaning(most_classes),
)
longer_periods = defined(
    "markov/longer_periods",
    "longer_periods() = longest_period - register_class_period(3), which is >= 0 for the same reason",
    (),
    longest_period() - register_class_period(3),
    bounds=(0, None),
    integer=True,
    range_by=meaning(longest_period),
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
