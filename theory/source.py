"""Where a statement comes from: a bibliography key, a version and a theorem number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A locator into the literature.

    Attributes
        key      an entry of docs/references.bib, or "own" for this project's own derivation
        locator  theorem, lemma, equation or section number
        version  of a preprint, e.g. "v2"
        recheck  the locator was taken from another text and has not been compared with the original
    """

    key: str
    locator: str = ""
    version: str = ""
    recheck: bool = False

    def __str__(self) -> str:
        if self.key == "own":
            return "own derivation" + (f" ({self.locator})" if self.locator else "")
        parts = [self.key + (f" {self.version}" if self.version else ""), self.locator]
        return ", ".join(p for p in parts if p) + (" (numbering not rechecked)" if self.recheck else "")


OWN = Source("own")
