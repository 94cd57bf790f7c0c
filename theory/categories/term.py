"""Terms of the free Markov category: boxes, identities, copies, discards and swaps under `>>` and `@`.

Main definitions
    Box, Id, Copy, Discard, Swap   the generators and the structure
    Compose, Tensor                n-ary; made by `>>` and `@`, or at once by `compose` and `tensor`
    CompositionError               the types do not match; the message shows both

Notation and conventions
    `f >> g` is f, then g; `@` binds tighter than `>>`. Both are flattened, so that associativity is structural; all
    other laws are decided by `equal` (theory.categories.equality), while `==` compares terms as they are written.
    `repr` evaluates back; `str` is what one writes on the board.

Source: specification `categorical`, D1, D2 and 3.1.

>>> X, Y = Ob("X"), Ob("Y")
>>> k = Box("k", X, Y)
>>> print(Copy(X) >> k @ k)
Δ_X ≫ (k ⊗ k)
>>> Copy(X) >> k @ k
Copy(Ob('X')) >> Box('k', Ob('X'), Ob('Y')) @ Box('k', Ob('X'), Ob('Y'))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from theory.categories.types import Ob, Ty, as_type, type_repr, type_text


class CompositionError(TypeError):
    """Two terms whose types do not match; the message shows both sides."""


class Term:
    """A morphism `dom -> cod`, from the type of its inputs to that of its outputs. Its subclasses are final."""

    # no abc: its isinstance is slow, and terms are composed by the thousand
    @property
    def dom(self) -> Ty:
        """The type of the inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no domain")

    @property
    def cod(self) -> Ty:
        """The type of the outputs."""
        raise NotImplementedError(f"{type(self).__name__} has no codomain")

    def __rshift__(self, other: Term) -> Term:
        if not isinstance(other, Term):
            return NotImplemented
        _require_match(self, other)
        return _composed((*_factors(self), *_factors(other)))

    def __matmul__(self, other: Term) -> Term:
        if not isinstance(other, Term):
            return NotImplemented
        return _beside((*_parts(self), *_parts(other)))

    @property
    def type_text(self) -> str:
        """`X ⊗ Y → Z`."""
        return f"{type_text(self.dom)} → {type_text(self.cod)}"

    def _repr_svg_(self) -> str:
        from theory.categories.drawing.svg import svg

        return svg(self)


@dataclass(frozen=True, repr=False)
class Box(Term):
    """A generator, read as a Markov kernel; `deterministic` says that it commutes with copying."""

    name: str
    dom: Ty = ()
    cod: Ty = ()
    deterministic: bool = False

    def __init__(self, name: str, dom: Ob | Ty, cod: Ob | Ty, deterministic: bool = False) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"a box has the name {name!r}, expected a text that is not empty")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "dom", as_type(dom))
        object.__setattr__(self, "cod", as_type(cod))
        object.__setattr__(self, "deterministic", bool(deterministic))

    def __repr__(self) -> str:
        flag = ", deterministic=True" if self.deterministic else ""
        return f"Box({self.name!r}, {type_repr(self.dom)}, {type_repr(self.cod)}{flag})"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, repr=False, init=False)
class Id(Term):
    """The identity of a type."""

    type: Ty

    def __init__(self, type: Ob | Ty = ()) -> None:
        object.__setattr__(self, "type", as_type(type))

    @property
    def dom(self) -> Ty:
        return self.type

    @property
    def cod(self) -> Ty:
        return self.type

    def __repr__(self) -> str:
        return f"Id({type_repr(self.type)})"

    def __str__(self) -> str:
        return f"1_{_index(self.type)}"


@dataclass(frozen=True, repr=False, init=False)
class Copy(Term):
    """Copying a type: X -> X ⊗ X."""

    type: Ty

    def __init__(self, type: Ob | Ty) -> None:
        object.__setattr__(self, "type", as_type(type))

    @property
    def dom(self) -> Ty:
        return self.type

    @property
    def cod(self) -> Ty:
        return self.type + self.type

    def __repr__(self) -> str:
        return f"Copy({type_repr(self.type)})"

    def __str__(self) -> str:
        return f"Δ_{_index(self.type)}"


@dataclass(frozen=True, repr=False, init=False)
class Discard(Term):
    """Discarding a type: X -> I."""

    type: Ty

    def __init__(self, type: Ob | Ty) -> None:
        object.__setattr__(self, "type", as_type(type))

    @property
    def dom(self) -> Ty:
        return self.type

    @property
    def cod(self) -> Ty:
        return ()

    def __repr__(self) -> str:
        return f"Discard({type_repr(self.type)})"

    def __str__(self) -> str:
        return f"!_{_index(self.type)}"


@dataclass(frozen=True, repr=False, init=False)
class Swap(Term):
    """Exchanging two types: X ⊗ Y -> Y ⊗ X."""

    left: Ty
    right: Ty

    def __init__(self, left: Ob | Ty, right: Ob | Ty) -> None:
        object.__setattr__(self, "left", as_type(left))
        object.__setattr__(self, "right", as_type(right))

    @property
    def dom(self) -> Ty:
        return self.left + self.right

    @property
    def cod(self) -> Ty:
        return self.right + self.left

    def __repr__(self) -> str:
        return f"Swap({type_repr(self.left)}, {type_repr(self.right)})"

    def __str__(self) -> str:
        return f"σ_{{{type_text(self.left, '⊗')},{type_text(self.right, '⊗')}}}"


@dataclass(frozen=True, repr=False, init=False)
class Compose(Term):
    """Two or more terms one after the other; made by `>>` or `compose`."""

    factors: tuple[Term, ...]
    _dom: Ty = field(compare=False)
    _cod: Ty = field(compare=False)

    @property
    def dom(self) -> Ty:
        return self._dom

    @property
    def cod(self) -> Ty:
        return self._cod

    def __repr__(self) -> str:
        if len(self.factors) > LONG:
            return f"compose({', '.join(map(repr, self.factors))})"
        return " >> ".join(map(repr, self.factors))

    def __str__(self) -> str:
        return " ≫ ".join(f"({t})" if isinstance(t, Tensor) else str(t) for t in self.factors)


@dataclass(frozen=True, repr=False, init=False)
class Tensor(Term):
    """Two or more terms side by side; made by `@` or `tensor`."""

    parts: tuple[Term, ...]
    _dom: Ty = field(compare=False)
    _cod: Ty = field(compare=False)

    @property
    def dom(self) -> Ty:
        return self._dom

    @property
    def cod(self) -> Ty:
        return self._cod

    def __repr__(self) -> str:
        if len(self.parts) > LONG:
            return f"tensor({', '.join(map(repr, self.parts))})"
        return " @ ".join(f"({t!r})" if isinstance(t, Compose) else repr(t) for t in self.parts)

    def __str__(self) -> str:
        return " ⊗ ".join(f"({t})" if isinstance(t, Compose) else str(t) for t in self.parts)


LONG = 50  # beyond it `repr` writes a call: Python's parser nests one level for every operator


def compose(*terms: Term) -> Term:
    """All terms in sequence, in linear time. Raises CompositionError where two neighbours do not match."""
    if not terms:
        raise ValueError("composing no terms has no type, expected at least one: use Id(type)")
    for first, second in pairwise(terms):
        _require_match(first, second)
    factors = tuple(factor for term in terms for factor in _factors(term))
    return terms[0] if len(terms) == 1 else _composed(factors)


def tensor(*terms: Term) -> Term:
    """All terms side by side, in linear time; of none, the identity of the unit."""
    if len(terms) < 2:
        return terms[0] if terms else Id(())
    return _beside(tuple(part for term in terms for part in _parts(term)))


def _factors(term: Term) -> tuple[Term, ...]:
    return term.factors if isinstance(term, Compose) else (term,)


def _parts(term: Term) -> tuple[Term, ...]:
    return term.parts if isinstance(term, Tensor) else (term,)


def _composed(factors: tuple[Term, ...]) -> Compose:
    term = object.__new__(Compose)
    object.__setattr__(term, "factors", factors)
    object.__setattr__(term, "_dom", factors[0].dom)
    object.__setattr__(term, "_cod", factors[-1].cod)
    return term


def _beside(parts: tuple[Term, ...]) -> Tensor:
    term = object.__new__(Tensor)
    object.__setattr__(term, "parts", parts)
    object.__setattr__(term, "_dom", tuple(ob for part in parts for ob in part.dom))
    object.__setattr__(term, "_cod", tuple(ob for part in parts for ob in part.cod))
    return term


def _require_match(first: Term, second: Term) -> None:
    if first.cod == second.dom:
        return
    left, right = _short(first), _short(second)
    raise CompositionError(
        f"cannot compose {left} : {first.type_text} with {right} : {second.type_text}: "
        f"the first ends in {type_text(first.cod)}, the second starts at {type_text(second.dom)}"
    )


def _short(term: Term, width: int = 60) -> str:
    text = str(term)
    return text if len(text) <= width else f"{text[: width // 2]} … {text[-width // 2 :]}"


def _index(value: Ty) -> str:
    return type_text(value) if len(value) < 2 else f"{{{type_text(value, '⊗')}}}"
