"""Reports of the checker kept on disk, so that an unchanged statement is not checked twice.

The name of an entry is a hash of everything the report depends on: the statement with its whole derivation, the same
of every lemma it applies, the source of its computations and of all they import from the same package, the source of
the checker, and the versions of the libraries it trusts. A change in any of
them is a miss. Only reports in which nothing was refused are kept.

The folder is $BOUNDLAB_CACHE, else $XDG_CACHE_HOME/boundlab, else ~/.cache/boundlab; BOUNDLAB_CACHE=off keeps nothing.
"""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.metadata
import inspect
import json
import os
import platform
import tempfile
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

TRUSTED = ("sympy", "z3-solver", "python-flint", "scipy", "networkx")
PACKAGES = (".", "checking", "information", "categories")  # of theory: where the checker's own code lies


def folder() -> Path | None:
    """Where reports are kept, or None where they are not."""
    chosen = os.environ.get("BOUNDLAB_CACHE")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen) / "checks"
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "boundlab" / "checks"


@cache
def checker_hash() -> str:
    """Hash of the checker's source and of the versions of what it trusts."""
    found = hashlib.sha256(platform.python_version().encode())
    for name in TRUSTED:
        found.update(f"{name} {importlib.metadata.version(name)}".encode())
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for path in sorted((root / package).glob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def sources(file: str | None, packages: Path | None = None) -> tuple[Path, ...]:
    """A module's file and those of all it imports from its own top-level package, directly or through others.

    `packages` is the folder that holds the package (by default the one that holds `theory`); the imports are read from
    the source, those inside functions included, and nothing is run. A file outside the folder stands for itself.
    """
    if file is None:
        return ()
    root = packages or Path(__file__).parent.parent.parent
    start = Path(file).resolve()
    if not start.is_relative_to(root):
        return (start,)
    found: dict[Path, None] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        waiting.extend(_imported(path, root))
    return tuple(sorted(found))


@cache
def _imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Files of the modules that the source of `path` imports from its own top-level package."""
    package = path.relative_to(root).parts[0]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(root).parts[: -node.level] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    found = []
    for name in sorted(n for n in names if n.split(".")[0] == package):
        parts = name.split(".")
        for end in range(1, len(parts) + 1):  # importing a.b.c runs a and a.b as well
            place = root.joinpath(*parts[:end])
            found += [p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()]
    return tuple(found)


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


def statement_key(statement: Any, keys: dict[int, str] | None = None) -> str:
    """The hash under which the report on a lemma or claim is kept."""
    keys = {} if keys is None else keys
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
    path = root / f"{statement_key(statement)}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, OSError):
        return None  # torn or unreadable: checked again, and written anew
    return kept if isinstance(kept, dict) else None


def save(statement: Any, report: Mapping[str, Any]) -> None:
    """Keep a report; a folder that cannot be written to keeps nothing."""
    root = folder()
    if root is None:
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=root, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(report, stream)
        os.replace(temporary, root / f"{statement_key(statement)}.json")
    except OSError:
        return  # a read-only home is no reason to fail
