"""Permutations of the variables that leave a statement as it is.

Averaging a polymatroid over such permutations keeps all constraints and the goal's value, so sets that a permutation
carries into each other may share one joint entropy in a linear program. Main definitions: `automorphisms` (generators)
and `orbit_labels`. Source: specification `categorical`, section 3.5 ("ask for symmetry"); own derivation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from theory.information.linear_entropy import LinearEntropy, LogCardinality

_NODES = 20_000  # of the backtracking search for one permutation; beyond it the symmetry is left unused
Coloured = Mapping[int, Any]  # mask -> what is said about that set


def coloured(forms: Sequence[tuple[LinearEntropy, str]], bit: Mapping[str, int]) -> list[dict[int, Any]]:
    """Each form (with its kind) as a mapping from masks to coefficients; log|X| joins the mask of X."""
    found = []
    for form, kind in forms:
        values: dict[int, Any] = {}
        for coordinate, value in form.terms:
            if isinstance(coordinate, LogCardinality):
                mask, place = bit[coordinate.name], "log"
            else:
                mask, place = sum(bit[name] for name in coordinate), "h"
            values[mask] = (*values.get(mask, ()), (place, value))
        found.append({mask: (kind, tuple(sorted(said))) for mask, said in values.items()})
    return found


def automorphisms(forms: Sequence[Coloured], count: int) -> list[tuple[int, ...]]:
    """Generators of the permutations p of 0..count-1 under which the list of forms is carried into itself."""
    family = sorted(_key(form) for form in forms)
    colour = [_colour(forms, k) for k in range(count)]
    generators = []
    for fixed in range(count):
        for image in range(fixed + 1, count):
            if colour[fixed] != colour[image]:
                continue
            start = [*range(fixed), image]
            found = _extend(start, forms, family, colour, count, [_NODES])
            if found is not None:
                generators.append(found)
    return generators


def _key(form: Coloured) -> tuple[Any, ...]:
    return tuple(sorted(form.items()))


def _colour(forms: Sequence[Coloured], k: int) -> Any:
    """What every automorphism preserves about one variable."""
    return sorted(sorted((said, mask.bit_count()) for mask, said in form.items() if mask >> k & 1) for form in forms)


def _extend(
    images: list[int], forms: Sequence[Coloured], family: list[Any], colour: list[Any], count: int, left: list[int]
) -> tuple[int, ...] | None:
    left[0] -= 1
    if left[0] < 0 or not _consistent(images, forms):
        return None
    k = len(images)
    if k == count:
        moved = sorted(_key({_image(mask, images): said for mask, said in form.items()}) for form in forms)
        return tuple(images) if moved == family else None
    for candidate in range(count):
        if candidate not in images and colour[candidate] == colour[k]:
            found = _extend([*images, candidate], forms, family, colour, count, left)
            if found is not None:
                return found
    return None


def _consistent(images: Sequence[int], forms: Sequence[Coloured]) -> bool:
    """Sets that lie inside the variables mapped so far must be carried to sets of which the same is said."""
    inside, outside = (1 << len(images)) - 1, sum(1 << image for image in images)

    def restricted(form: Coloured, within: int, move: bool) -> tuple[Any, ...]:
        return tuple(sorted((_image(m, images) if move else m, said) for m, said in form.items() if m & ~within == 0))

    return sorted(restricted(f, inside, True) for f in forms) == sorted(restricted(f, outside, False) for f in forms)


def _image(mask: int, images: Sequence[int]) -> int:
    return sum(1 << image for k, image in enumerate(images) if mask >> k & 1)


def orbit_labels(generators: Sequence[Sequence[int]], count: int) -> Any:
    """For every mask the smallest mask of its orbit, as an integer array of length 2^count."""
    import numpy as np

    masks = np.arange(1 << count)
    label = masks.copy()
    moves = [sum(((masks >> k) & 1) << image for k, image in enumerate(images)) for images in generators]
    while True:
        before = label.copy()
        for move in moves:
            smaller = np.minimum(label, label[move])
            np.minimum.at(smaller, move, label)
            label = smaller
        if np.array_equal(before, label):
            return label
