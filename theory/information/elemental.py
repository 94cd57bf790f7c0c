"""Elemental inequalities: a minimal set that generates every Shannon inequality.

For variables 1..n they are H(X_i | all others) >= 0 and I(X_i; X_j | X_S) >= 0 for i < j and S inside the rest; there
are n + C(n,2) 2^(n-2) of them: 1, 3, 9, 28, 85, 246, 679, 1800 for n = 1..8.
Source: Yeung, A framework for linear information inequalities, IEEE Trans. Inf. Theory 43 (1997); specification
`categorical`, section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from math import comb

from theory.information.linear_entropy import Measure, entropy, mutual_information


def elemental_count(variables: int) -> int:
    """Number of elemental inequalities of that many variables."""
    return variables + (comb(variables, 2) * 2 ** (variables - 2) if variables >= 2 else 0)


@lru_cache(maxsize=8)
def elemental_masks(variables: int) -> tuple[tuple[int, int, int], ...]:
    """The elementals as a table, see `_masks`."""
    return tuple(_masks(variables))


def _masks(variables: int) -> Iterator[tuple[int, int, int]]:
    """Elementals as bit masks (i, j, S): I(X_i; X_j | X_S); i == j stands for H(X_i | X_S) with S all the others.

    Small conditions come first, so that of two measures that constraints make equal the shorter one is met first.
    """
    everything = (1 << variables) - 1
    bits = [1 << k for k in range(variables)]
    for size in range(max(variables - 1, 0)):
        for i, j in combinations(bits, 2):
            rest = [bit for bit in bits if bit not in (i, j)]
            for chosen in combinations(rest, size):
                yield i, j, sum(chosen)
    for i in bits:
        yield i, i, everything & ~i


def elemental_measures(names: Sequence[str]) -> Iterator[Measure]:
    """The elemental measures over the given variables, each of which is non-negative."""

    def members(mask: int) -> list[str]:
        return [name for k, name in enumerate(names) if mask >> k & 1]

    for i, j, condition in elemental_masks(len(names)):
        if i == j:
            yield entropy(members(i), members(condition))
        else:
            yield mutual_information(members(i), members(j), members(condition))
