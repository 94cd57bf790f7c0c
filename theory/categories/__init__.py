"""The free Markov category: terms, decided equality, functors to exact and symbolic kernels, independences, drawing."""

from theory.categories.equality import Equation, Rewrite, equal, explain
from theory.categories.normal_form import Hypergraph, is_deterministic, normal_form
from theory.categories.term import (
    Box,
    Compose,
    CompositionError,
    Copy,
    Discard,
    Id,
    Swap,
    Tensor,
    Term,
    compose,
    tensor,
)
from theory.categories.types import Ob, Ty

__all__ = [
    "Box",
    "Compose",
    "CompositionError",
    "Copy",
    "Discard",
    "Equation",
    "Hypergraph",
    "Id",
    "Ob",
    "Rewrite",
    "Swap",
    "Tensor",
    "Term",
    "Ty",
    "compose",
    "equal",
    "explain",
    "is_deterministic",
    "normal_form",
    "tensor",
]
