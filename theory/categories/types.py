"""Objects and types of the free Markov category. A type is a tuple of objects; `()` is the unit I.

>>> X, Y = Ob("X"), Ob("Y")
>>> type_text((X, Y)), type_text(())
('X ⊗ Y', 'I')
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Ob:
    """A generating object, a space whose points are not looked at. Raises ValueError for an empty name."""

    name: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ValueError(f"an object has the name {self.name!r}, expected a text that is not empty")

    def __repr__(self) -> str:
        return f"Ob({self.name!r})"

    def __str__(self) -> str:
        return self.name


Ty: TypeAlias = tuple[Ob, ...]


def as_type(value: Ob | Iterable[Ob]) -> Ty:
    """A single object or several, as a type. Raises TypeError for anything else, naming it."""
    if isinstance(value, Ob):
        return (value,)
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{value!r} is no type, expected an object such as Ob('X') or a tuple of objects")
    found = tuple(value)
    for position, ob in enumerate(found):
        if not isinstance(ob, Ob):
            raise TypeError(f"position {position} of a type is {ob!r}, expected an object such as Ob('X')")
    return found


def type_text(value: Ty, separator: str = " ⊗ ") -> str:
    """A type as one writes it on the board."""
    return separator.join(ob.name for ob in value) or "I"


def type_repr(value: Ty) -> str:
    """A type as Python text: a single object stands for the type of length one."""
    return repr(value[0]) if len(value) == 1 else repr(value)
