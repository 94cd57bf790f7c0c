"""Random concept networks on random prompts, and how their numbers are compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from theory.claim import Claim
from verify.instance import Instance
from verify.precision import floating
from verify.space import Space

if TYPE_CHECKING:
    from numerics.concepts.network import Parameters

ERROR = 1e-12  # of sums of a few hundred float64 products of numbers of size 1


def _first(claim: Claim) -> Iterable[int]:
    return (0,)


seeds = Space("networks and prompts by seed", lambda claim: st.integers(0, 2**32 - 1), _first)


def random_dictionary(rng: np.random.Generator, irrelevant: int = 1) -> Dictionary:
    """One or two concepts in a few more dimensions than they need."""
    concepts = int(rng.integers(1, 3))
    least = 2 * concepts + irrelevant
    sizes = (int(least + rng.integers(0, 3)), int(least + rng.integers(0, 3)))
    return draw_dictionary(rng, concepts, irrelevant, *sizes)


def random_weights(rng: np.random.Generator, dictionary: Dictionary, neurons: int = 6) -> Parameters:
    """Gaussian W_Q, W_K and W_O of one seed."""
    import torch

    from numerics.concepts.network import Parameters

    word, label = dictionary.word_dimension, dictionary.label_dimension
    shapes = ((word, word), (word, word), (neurons, label))
    return Parameters(*(torch.as_tensor(0.4 * rng.standard_normal((1, *shape))) for shape in shapes))


def same(
    found: Any,
    expected: Any,
    statement: str,
    error: float = ERROR,
    label: str = "",
    witness: dict[str, Any] | None = None,
) -> Instance:
    """The entry at which two arrays differ most, as one case of an equality; `error` is relative to their size."""
    left, right = np.broadcast_arrays(np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64))
    size = float(max(1.0, np.abs(left).max(initial=0.0), np.abs(right).max(initial=0.0)))
    worst = np.unravel_index(np.abs(left - right).argmax(), left.shape)
    at = {"entry": tuple(int(k) for k in worst), **(witness or {})}
    sides = (floating(float(side[worst]), absolute=error * size) for side in (left, right))
    quantity, bound = sides
    return Instance({}, quantity, statement, bound, label, at, scale=size * max(1.0, 4 * error / 1e-9))
