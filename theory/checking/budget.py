"""Limits of the decision procedures, counted in work and never in time.

A unit of work is a count that depends on the statement alone: 3000 resource units of z3, a few cells of a box, a few
points tried, a node of a proof search. A statement therefore gets the same answer on every machine and under any load.
A unit takes about a millisecond.

Main definitions
    Budget   units left, shared with the budget it was cut from
    rungs    the efforts tried one after another: whatever a smaller effort settles, a larger one settles the same way
    settled  a context in which SymPy answers alike in a fresh process and in one that has run for hours
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sympy as sp
import sympy.core.random as chance
from sympy.core.cache import clear_cache
from sympy.core.function import AppliedUndef

RESOURCE = 3000  # z3's resource units in one unit of work
AT_EFFORT_ONE = 10_000  # units
SAFETY_SECONDS = 600.0  # of processor time for one statement: a last resort, and the answer then names it
_UNITS_A_LOOK = 200  # the clock is read that seldom: reading it is slow
_LADDER = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_FRAMES = 1000  # of Python's stack, from wherever the question is asked


def rungs(effort: float) -> tuple[float, ...]:
    """The fixed rungs of the ladder up to the first that is at least `effort`.

    They do not depend on `effort` otherwise, so that what is proved at one effort is proved at every larger one.
    """
    below = tuple(r for r in _LADDER if r < effort)
    return (*below, *_LADDER[len(below) : len(below) + 1])


def _now() -> float:
    """Processor time of this process in seconds."""
    return time.process_time()


@dataclass
class Budget:
    """Units of work that may still be spent.

    Attributes
        left      units
        whole     the budget this one is a part of; what is spent here is spent there
        cut       whether something stopped, or was not begun, for want of units
        halted    whether the safety limit stopped something: then the answer may depend on the machine
    """

    left: float
    whole: Budget | None = None
    cut: bool = False
    halted: bool = False
    started: float = field(default_factory=_now)
    unseen: float = 0.0  # units since the clock was last read

    def part(self, units: float) -> Budget:
        """At most `units` of what is left."""
        return Budget(min(units, self.left), self, started=self.started)

    def spend(self, units: float) -> None:
        """Count work done."""
        self.left -= units
        self.unseen += units
        if self.whole is not None:
            self.whole.spend(units)
        elif self.unseen > _UNITS_A_LOOK:
            self.unseen = 0.0
            self.halted = self.halted or _now() - self.started > SAFETY_SECONDS

    def note_cut(self) -> None:
        """Something was left undone for want of units."""
        self.cut = True
        if self.whole is not None:
            self.whole.note_cut()

    def note_halt(self) -> None:
        """Something was left undone because of the safety limit."""
        self.halted = True
        if self.whole is not None:
            self.whole.note_halt()

    @property
    def exhausted(self) -> bool:
        """Whether nothing may be begun any more."""
        if self.halted or (self.whole is not None and self.whole.exhausted):
            return True
        if self.left <= 0:
            self.note_cut()
            return True
        return False


def size(expressions: Iterable[sp.Basic]) -> int:
    """Number of nodes, to which the cost of one evaluation is proportional."""
    return sum(1 for e in expressions for _ in sp.preorder_traversal(e))


@contextmanager
def settled(expressions: Iterable[sp.Basic]) -> Iterator[None]:
    """Make SymPy's answers independent of what it was asked before.

    SymPy asks the rules behind its assumptions in a random order, keeps each answer on the expression, and keeps
    expressions in caches: an expression built long ago may carry other answers than a new one. Here the caches start
    empty, the given expressions carry no answers, the order is fixed, and the stack has a fixed number of frames left
    (SymPy takes other ways when it runs out of them). The random state and the limit of the stack are restored.
    """
    clear_cache()
    for expression in expressions:
        for node in sp.preorder_traversal(expression):
            # Symbols and undefined functions only hold what was declared of them.
            if isinstance(node, sp.Basic) and node.args and not isinstance(node, AppliedUndef):
                node._assumptions = type(node).default_assumptions
    states = [generator.getstate() for generator in (chance.rng, chance._assumptions_rng)]
    limit = sys.getrecursionlimit()
    chance.seed(0)
    sys.setrecursionlimit(_depth() + _FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        for generator, state in zip((chance.rng, chance._assumptions_rng), states, strict=True):
            generator.setstate(state)


def _depth() -> int:
    """Frames on the stack."""
    frame = sys._getframe()
    count = 0
    while frame is not None:
        count, frame = count + 1, frame.f_back  # type: ignore[assignment]  # the outermost frame has none behind it
    return count
