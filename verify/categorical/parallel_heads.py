"""Blind heads, measured as divergences of whole blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import rel_entr

from numerics.information.entropy import Joint, entropy, mutual_information
from numerics.sources.finite import FiniteSource, token_joint
from verify.categorical.spaces import sources
from verify.categorical.toy import near
from verify.instance import Instance
from verify.measurement import Context, measures

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def cost_of_heads(joint: Joint, first: FloatArray, second: FloatArray) -> float:
    """E KL(p(A, B | X, W) || first(A|H) second(B|H)); the heads' rows are (M, V), the axes X, H, W, A, B."""
    table = joint.table
    weights = table.sum(axis=(3, 4), keepdims=True)
    heads = first[None, :, None, :, None] * second[None, :, None, None, :]
    return float(rel_entr(table, weights * heads).sum())


@measures("categorical/parallel_heads", over=sources, examples=(20, 200))
def parallel_heads(source: FiniteSource, context: Context) -> Iterator[Instance]:
    joint = token_joint(source, 3)
    by_state = joint.table.sum(axis=(0, 2))
    masses = by_state.sum(axis=(1, 2))[:, None]
    own = by_state.sum(axis=2) / masses, by_state.sum(axis=1) / masses
    deficit = mutual_information(joint, "X", "AB", "HW")
    correlation = mutual_information(joint, "A", "B", "H")  # the total correlation of two tokens
    blind = mutual_information(joint, "AB", "W", "H")
    least = near(deficit + correlation + blind)
    values = {"K": 3}
    witness = {"deficit": deficit, "total correlation": correlation, "information of the next token": blind}
    yield Instance(values, near(cost_of_heads(joint, *own)), "least", least, "own heads", witness, 1.0)
    split = entropy(joint, "A", "H") + entropy(joint, "B", "H") - entropy(joint, "AB", "XW")
    yield Instance(values, near(split), "split", least, "entropies", witness, 1.0)
    size = own[0].shape
    for _ in range(2):
        heads = context.rng.dirichlet(np.ones(size[1]), size=(2, size[0]))
        yield Instance(values, near(cost_of_heads(joint, *heads)), "any heads", least, "random heads", witness, 1.0)
