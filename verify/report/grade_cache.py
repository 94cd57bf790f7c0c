"""Grades on disk: checking every derivation takes minutes, and its outcome depends on nothing but the code.

Main definitions
    Graded  the grade of a statement and the checker's word on every step
    graded  from the cache, or from the checker
    prepare to be called first

One small file a statement, in `boundlab` below the user's cache folder (XDG_CACHE_HOME, else ~/.cache), in a folder
named by a hash of the sources of `theory` and the versions of the libraries it decides with: other code, other folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from verify.report.grades import GradedStep, graded_steps

if TYPE_CHECKING:
    from theory.claim import Claim
    from theory.lemma import Lemma


@dataclass(frozen=True)
class Graded:
    """`grade`: proved, cited, gap or refused; `steps`: empty for a statement without a derivation."""

    grade: str
    steps: tuple[GradedStep, ...]


def graded(statement: Claim | Lemma) -> Graded:
    """The checker's word on a claim or lemma of the registry."""
    file = _folder() / f"{statement.id.replace('/', '-')}.json"
    found = _read(file)
    if found is None:
        from theory.checking.kernel import check_lemma

        found = Graded(str(check_lemma(statement).grade), tuple(graded_steps(statement)))
        _write(file, found)
    return found


def prepare() -> None:
    """Hash the sources; call it before `theory` is imported, so that the hash is of the code that is going to run even
    where somebody edits it meanwhile."""
    _folder()


@cache
def _folder() -> Path:
    from verify.campaign import fingerprint, versions
    from verify.store import digest

    key = digest([fingerprint(("theory",)), *(versions()[n] for n in ("sympy", "z3-solver", "python-flint"))])
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "boundlab" / f"grades-{key}"


def _read(file: Path) -> Graded | None:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        return Graded(held["grade"], tuple(GradedStep(**step) for step in held["steps"]))
    except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged: it is checked again
        return None


def _write(file: Path, found: Graded) -> None:
    document = {"grade": found.grade, "steps": [vars(step) for step in found.steps]}
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        temporary.replace(file)
    except OSError:  # a read-only home costs time on the next call, nothing else
        return
