"""Reports of the checker kept on disk, so that an unchanged statement is not checked twice.

The name of an entry is a hash of everything the report depends on: the statement with its whole derivation, the same
of every lemma it applies, the source of its computations and of all they import from the same package, the source of
the checker, and the versions of the libraries it trusts. A change in any of
them is a miss. Only reports in which nothing was refused are kept.
They lie in the folder `checks` of the user's cache (see theory.storage).
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from theory import imports, storage
from theory.imports import sources

PACKAGES = (".", "checking", "information", "categories")  # of theory: where the checker's own code lies


def folder() -> Path | None:
    """Where reports are kept, or None where they are not."""
    return storage.folder("checks")


@cache
def checker_hash() -> str:
    """Hash of the checker's source and of the versions of what it trusts."""
    found = hashlib.sha256(storage.libraries().encode())
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for path in sorted((root / package).glob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def _function_text(function: UndefinedFunction) -> str:
    return f"{function.__name__} {sorted(function._kwargs.items())}"


def _text(value: Any, keys: dict[int, str]) -> str:
    """A canonical text of a piece of a statement; expressions with the assumptions of their symbols and functions."""
    if isinstance(value, sp.Basic):
        functions = sorted({_function_text(a.func) for a in value.atoms(AppliedUndef)})
        return f"{sp.srepr(value)} {functions}"
    if isinstance(value, UndefinedFunction):
        return _function_text(value)
    if hasattr(value, "parameters") and hasattr(value, "conclusion") and hasattr(value, "id"):
        return statement_key(value, keys)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(f.name, _text(getattr(value, f.name), keys)) for f in dataclasses.fields(value)]
        return f"{type(value).__name__}{fields}"
    if isinstance(value, tuple | list):
        return f"({', '.join(_text(v, keys) for v in value)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{k}: {_text(v, keys)}' for k, v in sorted(value.items()))}}}"
    if value is None or isinstance(value, str | int | float | bool | Fraction | Enum):
        return repr(value)
    if callable(value):
        module = inspect.getmodule(value)
        digest = hashlib.sha256(inspect.getsource(value).encode()) if module is None else hashlib.sha256()
        for path in sources(getattr(module, "__file__", None)):
            digest.update(path.read_bytes())
        return f"{value.__qualname__} {digest.hexdigest()}"
    raise TypeError(f"{type(value).__name__} has no canonical text")


_keys: dict[int, tuple[Any, str]] = {}  # by identity; the statement is held, so that no other takes its place


def statement_key(statement: Any, keys: dict[int, str] | None = None) -> str:
    """The hash under which the report on a lemma or claim is kept."""
    if keys is None:
        if id(statement) not in _keys:
            _keys[id(statement)] = (statement, statement_key(statement, {}))
        return _keys[id(statement)][1]
    if id(statement) not in keys:
        keys[id(statement)] = f"circular {statement.id}"
        fields = [(f.name, _text(getattr(statement, f.name), keys)) for f in dataclasses.fields(statement)]
        keys[id(statement)] = hashlib.sha256(f"{checker_hash()} {fields}".encode()).hexdigest()
    return keys[id(statement)]


def load(statement: Any) -> dict[str, Any] | None:
    """The kept report as plain data, or None."""
    root = folder()
    if root is None:
        return None
    return storage.load(root / f"{statement_key(statement)}.json")


def save(statement: Any, report: Mapping[str, Any]) -> None:
    """Keep a report; a folder that cannot be written to keeps nothing."""
    root = folder()
    if root is None:
        return
    storage.save(root / f"{statement_key(statement)}.json", report)
    imports.remember()
