"""Where a claim's instances come from.

Main definitions
    Space      objects of one kind: a Hypothesis strategy for them, and extremal objects that must not be missed
    draw       seeded examples of a space

A space over models is measured on the subjects that a run names; any other space is measured on its extremal objects
and on examples drawn from its strategy. The falsifier searches either kind.

A claim's author defines a space of their own in one expression:

    pairs = Space("pairs of laws", lambda claim: st.tuples(probability_vectors(), probability_vectors()))
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from theory.claim import Claim


def _none(claim: Claim) -> Iterable[Any]:
    return ()


@dataclass(frozen=True)
class Space:
    """Objects of one kind.

    Attributes
        name         how reports call an object drawn from it, e.g. "random logits"
        strategy     claim to a Hypothesis strategy of its objects (most spaces ignore the claim)
        extremal     claim to objects that are always measured: the cases in which bounds are attained or break
        over_models  measured on the models that a run names, not on drawn objects
    """

    name: str
    strategy: Callable[[Claim], st.SearchStrategy[Any]]
    extremal: Callable[[Claim], Iterable[Any]] = _none
    over_models: bool = False


def draw(space: Space, claim: Claim, examples: int, seed: int) -> list[Any]:
    """The extremal objects and `examples` more drawn from the strategy; equal seeds give equal objects."""
    found: list[Any] = list(space.extremal(claim))
    wanted = len(found) + examples

    @seeded(seed)
    @settings(
        max_examples=max(examples, 1),  # Hypothesis refuses 0; none is drawn then, see below
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(space.strategy(claim))
    def collect(thing: Any) -> None:
        if len(found) < wanted:
            found.append(thing)

    if examples > 0:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)  # a small space runs out of new examples: fine
            collect()
    return found
