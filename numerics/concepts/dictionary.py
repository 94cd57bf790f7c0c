"""The dictionary of word and label vectors of the concept model.

Main definitions
    Dictionary        orthogonal atoms a, b, nu of words and c, d, omega of labels (D2)
    draw_dictionary   random directions by QR of a Gaussian matrix, with the norms of D2

Concept k has the words mu_k^+- = a_k +- b_k and the labels q_k^+- = c_k +- d_k: a (c) is the concept, b (d) its
semantic difference. Vectors are rows. The law of training is the same in every orthonormal basis (the initial W_Q and
W_K are multiples of I, the other inputs rotation-invariant), so that one dictionary serves all seeds of a run.
Source: specification `concepts`, D1, D2, dictionary_geometry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Atoms as rows. A fresh dictionary is orthogonal; `shifted` ones, for tests out of distribution, need not be.

    Attributes
        a, b   (K_1, d_x), concept and semantic difference of words
        c, d   (K_1, d_y), the same of labels
        nu     (K_2, d_x), irrelevant atoms of words
        omega  (K_2, d_y), irrelevant atoms of labels
    """

    a: Floats
    b: Floats
    c: Floats
    d: Floats
    nu: Floats
    omega: Floats

    def __post_init__(self) -> None:
        for name in ("a", "b", "c", "d", "nu", "omega"):
            value = np.array(getattr(self, name), dtype=np.float64)
            if value.ndim != 2:
                raise ValueError(f"{name} of a dictionary has shape {value.shape}, expected (atoms, dimensions)")
            if not np.isfinite(value).all():
                raise ValueError(f"{name} of a dictionary holds a value that is not finite")
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        if len(self.a) < 1:
            raise ValueError("a dictionary of 0 task concepts, expected at least 1")
        shapes = {
            "b": self.a.shape,
            "c": (len(self.a), self.c.shape[1]),
            "d": self.c.shape,
            "nu": (len(self.nu), self.a.shape[1]),
            "omega": (len(self.nu), self.c.shape[1]),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} of a dictionary has shape {getattr(self, name).shape}, expected {shape}")

    @property
    def concepts(self) -> int:
        """K_1."""
        return len(self.a)

    @property
    def irrelevant(self) -> int:
        """K_2."""
        return len(self.nu)

    @property
    def word_dimension(self) -> int:
        """d_x."""
        return int(self.a.shape[1])

    @property
    def label_dimension(self) -> int:
        """d_y."""
        return int(self.c.shape[1])

    def words(self, sign: int) -> Floats:
        """mu^+ or mu^-: (K_1, d_x)."""
        return self.a + sign * self.b

    def labels(self, sign: int) -> Floats:
        """q^+ or q^-: (K_1, d_y)."""
        return self.c + sign * self.d

    def word_atoms(self) -> Floats:
        """a, b and nu: (2 K_1 + K_2, d_x)."""
        return np.concatenate([self.a, self.b, self.nu])

    def label_atoms(self) -> Floats:
        """c, d and omega: (2 K_1 + K_2, d_y)."""
        return np.concatenate([self.c, self.d, self.omega])

    def cross_product(self) -> float:
        """Largest |<x, y>| of two different word atoms or two different label atoms: 0 where all are orthogonal."""
        largest = 0.0
        for atoms in (self.word_atoms(), self.label_atoms()):
            gram = np.abs(atoms @ atoms.T)
            np.fill_diagonal(gram, 0.0)
            largest = max(largest, float(gram.max()))
        return largest

    def shifted(
        self,
        a: ArrayLike | None = None,
        b: ArrayLike | None = None,
        c: ArrayLike | None = None,
        d: ArrayLike | None = None,
    ) -> Dictionary:
        """The dictionary with some of a, b, c, d replaced by arrays of the same shapes; nothing else is required.

        Raises ValueError where a shape differs.
        """
        given = {"a": a, "b": b, "c": c, "d": d}
        changed = {name: np.asarray(value, dtype=np.float64) for name, value in given.items() if value is not None}
        for name, value in changed.items():
            if value.shape != getattr(self, name).shape:
                raise ValueError(f"{name} has shape {value.shape}, expected {getattr(self, name).shape}")
        return replace(self, **changed)


def draw_dictionary(
    rng: np.random.Generator,
    concepts: int,
    irrelevant: int,
    word_dimension: int,
    label_dimension: int | None = None,
    *,
    word_norm_squared: float = 8.0,
    label_norm_squared: float = 8.0,
    word_cosine: float = 0.5,
    label_cosine: float = 0.5,
) -> Dictionary:
    """Random orthogonal atoms with |mu|^2 = u^2, <mu^+, mu^-> = kappa_x u^2, and the same with v, kappa_y for labels.

    label_dimension is word_dimension where it is not given. The defaults are those of D11.
    Raises ValueError for more atoms than dimensions, a cosine outside (0, 1), a norm that is not positive.
    """
    if concepts < 1 or irrelevant < 0:
        raise ValueError(f"{concepts} concepts and {irrelevant} irrelevant atoms, expected at least 1 and at least 0")
    label_dimension = word_dimension if label_dimension is None else label_dimension
    atoms = 2 * concepts + irrelevant
    for what, dimension in (("word", word_dimension), ("label", label_dimension)):
        if dimension < atoms:
            raise ValueError(
                f"{dimension} {what} dimensions for {concepts} concepts and {irrelevant} irrelevant atoms, expected at "
                f"least 2*{concepts} + {irrelevant} = {atoms}"
            )
    for what, cosine in (("word_cosine", word_cosine), ("label_cosine", label_cosine)):
        if not 0 < cosine < 1:
            raise ValueError(f"{what} = {cosine}, expected an inner product inside a concept strictly between 0 and 1")
    for what, square in (("word_norm_squared", word_norm_squared), ("label_norm_squared", label_norm_squared)):
        if not (math.isfinite(square) and square > 0):
            raise ValueError(f"{what} = {square}, expected a positive number")
    a, b, nu = _split(_orthonormal(rng, atoms, word_dimension), concepts, word_norm_squared, word_cosine)
    c, d, omega = _split(_orthonormal(rng, atoms, label_dimension), concepts, label_norm_squared, label_cosine)
    return Dictionary(a, b, c, d, nu, omega)


def _orthonormal(rng: np.random.Generator, atoms: int, dimension: int) -> Floats:
    q, _ = np.linalg.qr(rng.standard_normal((dimension, atoms)))
    return np.ascontiguousarray(q.T, dtype=np.float64)


def _split(directions: Floats, concepts: int, square: float, cosine: float) -> tuple[Floats, Floats, Floats]:
    same, difference, rest = np.split(directions, [concepts, 2 * concepts])
    return (
        same * math.sqrt(square * (1 + cosine) / 2),
        difference * math.sqrt(square * (1 - cosine) / 2),
        rest * math.sqrt(square),
    )
