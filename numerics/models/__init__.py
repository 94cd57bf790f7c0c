"""Language models behind one protocol: `catalogue()` lists them, `load(name)` makes one.

A model's file declares `MODELS`, a tuple of `ModelEntry`; the catalogue is found by walking this
folder, never listed by hand.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import Any

from numerics.models.protocol import LanguageModel, ModelEntry, ModelError, UnknownModelError, Vocabulary

__all__ = ["LanguageModel", "ModelEntry", "ModelError", "UnknownModelError", "Vocabulary", "catalogue", "load"]


@cache
def _entries() -> MappingProxyType[str, ModelEntry]:
    found: dict[str, ModelEntry] = {}
    for module_info in pkgutil.iter_modules(__path__):
        if module_info.ispkg:  # wrappers/ and networks/ hold no entries, and networks/ imports torch
            continue
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for entry in vars(module).get("MODELS", ()):
            if entry.name in found:
                raise ModelError(f"two files declare the model {entry.name!r}")
            found[entry.name] = entry
    return MappingProxyType(dict(sorted(found.items())))


def catalogue() -> tuple[ModelEntry, ...]:
    """Every model by name; reads no weights and imports no torch."""
    return tuple(_entries().values())


def load(name: str, **options: Any) -> LanguageModel:
    """The model `name` ("names", "random", "hf:PATH", "table:FILE") with its options.

    Raises UnknownModelError with the closest names, and ModelError for a missing package, an unknown option, or
    unreadable weights.
    """
    stem, _, argument = name.partition(":")
    entry = _entries().get(stem)
    if entry is None:
        close = difflib.get_close_matches(stem, list(_entries()), n=3, cutoff=0.4)
        known = ", ".join(close or _entries())
        raise UnknownModelError(f"unknown model {name!r}; {'did you mean' if close else 'known models'}: {known}")
    if bool(entry.argument) != bool(argument):
        expected = f"{stem}:{entry.argument}" if entry.argument else stem
        raise ModelError(f"model {name!r} is written {expected!r}")
    allowed = list(inspect.signature(entry.build).parameters)[1 if argument else 0 :]
    for option in options:
        if option not in allowed:
            raise ModelError(f"model {stem!r} has no option {option!r}; its options: {', '.join(allowed) or 'none'}")
    return entry.build(argument, **options) if argument else entry.build(**options)
