"""Where results that can be computed again are kept: the user's cache folder, or nowhere.

The folder is $BOUNDLAB_CACHE, else $XDG_CACHE_HOME/boundlab, else ~/.cache/boundlab; BOUNDLAB_CACHE=off keeps nothing.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

TRUSTED = ("sympy", "z3-solver", "python-flint", "scipy", "networkx")


def libraries() -> str:
    """The versions of Python and of the libraries that the checker trusts."""
    return " ".join([platform.python_version(), *(f"{n} {importlib.metadata.version(n)}" for n in TRUSTED)])


def folder(kind: str) -> Path | None:
    """Where results of one kind are kept, or None where they are not."""
    chosen = os.environ.get("BOUNDLAB_CACHE")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen) / kind
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "boundlab" / kind


def load(path: Path) -> dict[str, Any] | None:
    """The JSON object kept there; None where there is none, and where it is torn or unreadable."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # computed again, and written anew
    return kept if isinstance(kept, dict) else None


def save(path: Path, document: Any) -> None:
    """Keep a JSON document, whole or not at all; a folder that cannot be written to keeps nothing."""
    text = json.dumps(document)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError:
        return  # a read-only home is no reason to fail
