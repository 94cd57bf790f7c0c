"""A law: a named property that an object either has, or breaks with a message that says where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from verify.instance import NotApplicable

T = TypeVar("T")


class LawBroken(AssertionError):
    """The object breaks the law; the message names the values."""


@dataclass(frozen=True)
class Law(Generic[T]):
    """A property of objects of one kind. Calling it raises LawBroken, or NotApplicable where it says nothing."""

    name: str
    statement: str
    check: Callable[[T], None]

    def __call__(self, thing: T) -> None:
        self.check(thing)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class LawResult:
    """What came of one law. `holds` is None where it does not apply; `message` says why, or how it is broken."""

    law: str
    statement: str
    holds: bool | None
    message: str = ""


class Suite(Generic[T]):
    """Laws in the order of their declaration; `@suite.law` takes a function whose docstring is the statement."""

    def __init__(self) -> None:
        self.laws: list[Law[T]] = []

    def law(self, function: Callable[[T], None]) -> Law[T]:
        """Declare a function as a law."""
        statement = " ".join((function.__doc__ or "").split())
        if not statement:
            raise ValueError(f"law {function.__name__} states nothing")
        declared = Law(function.__name__, statement, function)
        self.laws.append(declared)
        return declared


def check_laws(laws: Iterable[Law[T]], thing: T) -> list[LawResult]:
    """Every law on one object; a law that raises anything but LawBroken or NotApplicable is broken too."""
    results = []
    for law in laws:
        try:
            law(thing)
        except NotApplicable as reason:
            results.append(LawResult(law.name, law.statement, None, str(reason)))
        except Exception as error:  # an object under test may fail in any way: that is the finding
            results.append(LawResult(law.name, law.statement, False, f"{type(error).__name__}: {error}"))
        else:
            results.append(LawResult(law.name, law.statement, True))
    return results


def require(condition: Any, message: str) -> None:
    """LawBroken with the message unless the condition holds."""
    if not bool(condition):
        raise LawBroken(message)


def agree(found: Any, expected: Any, what: str, *, absolute: float = 1e-9, relative: float = 0.0) -> None:
    """LawBroken unless two arrays of one shape agree; equal infinities agree. Names the worst place."""
    a, b = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    require(a.shape == b.shape, f"{what}: shape {a.shape}, expected {b.shape}")
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a - b))
        allowed = absolute + relative * np.where(np.isfinite(b), np.abs(b), 0.0)
    bad = ~(apart <= allowed)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise LawBroken(f"{what} at {place}: {a[place]!r}, expected {b[place]!r} within {allowed[place]:.2g}")
