"""Which files a module depends on: its own and those of all it imports from the same package, read from the source.

Nothing is run. What a text imports is kept by the hash of the text (see theory.storage): parsing a file takes longer
than all else here.
"""

from __future__ import annotations

import ast
import hashlib
import os
from functools import cache
from pathlib import Path

from theory import storage

LIMIT = 5000  # texts that are remembered before those of other versions are dropped

Names = tuple[tuple[int, str], ...]  # (level of a relative import, dotted name)

_known: dict[str, Names] = {}
_used: set[str] = set()
_new: set[str] = set()


def sources(file: str | None, packages: Path | None = None) -> tuple[Path, ...]:
    """A module's file and those of all it imports from its own top-level package, directly or through others.

    `packages` is the folder that holds the package (by default the one that holds `theory`); imports inside functions
    count. A file outside the folder stands for itself.
    """
    if file is None:
        return ()
    root = packages or Path(__file__).parent.parent
    start = Path(file).resolve()
    if not start.is_relative_to(root):
        return (start,)
    return tuple(sorted(map(Path, closure(str(start), str(root)))))


def closure(file: str, root: str) -> list[str]:
    """`sources` of a file below the folder `root`, both absolute, sorted."""
    found: set[str] = set()
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(path, root))
    return sorted(found)


def remember() -> None:
    """Keep what was parsed since the last time."""
    root = storage.folder("index")
    if root is None or not _new:
        return
    _new.clear()
    storage.save(root / "imports.json", _known if len(_known) <= LIMIT else {key: _known[key] for key in _used})


@cache
def text_hash(path: str) -> str:
    """The hash of a file's content, read once in a process."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@cache
def _imported(path: str, root: str) -> tuple[str, ...]:
    """Files of the modules that the source of `path` imports from its own top-level package."""
    place = os.path.relpath(path, root).split(os.sep)
    names = {
        ".".join(filter(None, (*(place[:-level] if level else ()), name))) for level, name in _names(path, place[0])
    }
    modules = set()
    for parts in (n.split(".") for n in names if n.split(".")[0] == place[0]):
        modules |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}  # importing a.b.c runs a and a.b as well
    return tuple(p for name in sorted(modules) for p in _files(name, root))


@cache
def _files(module: str, root: str) -> tuple[str, ...]:
    place = os.path.join(root, *module.split("."))
    return tuple(p for p in (f"{place}.py", os.path.join(place, "__init__.py")) if os.path.isfile(p))


def _names(path: str, package: str) -> Names:
    key = f"{package} {text_hash(path)}"
    if not _known:
        _recall()
    if key not in _known:
        _known[key] = _parsed(Path(path).read_bytes(), package)
        _new.add(key)
    _used.add(key)
    return _known[key]


def _parsed(text: bytes, package: str) -> Names:
    """All that a text imports from a package: the modules named, and what is taken from them, which may be modules."""
    names: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {(0, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names |= {(node.level, base), *((node.level, f"{base}.{a.name}".lstrip(".")) for a in node.names)}
    return tuple(sorted((level, name) for level, name in names if level or name.split(".")[0] == package))


def _recall() -> None:
    root = storage.folder("index")
    kept = None if root is None else storage.load(root / "imports.json")
    try:
        found = {key: tuple((int(level), str(name)) for level, name in names) for key, names in (kept or {}).items()}
    except (TypeError, ValueError):
        return  # of another format: parsed again
    _known.update(found)
