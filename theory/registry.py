"""The registry: every claim, lemma and definition, found by walking the packages, never listed by hand.

Any inconsistency raises RegistryError and says which declaration is wrong: an id that does not match the variable
or the package, a duplicate, a link to nothing, a function symbol defined twice, a citation key that is not in the
bibliography, definitions that define each other.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from theory.claim import Claim
from theory.index import UnknownClaim, bodies, close, index, located, module_files
from theory.lemma import Citation, Definition, Lemma, Meaning
from theory.recursion import circle

__all__ = [
    "Registry",
    "RegistryError",
    "UnknownClaim",
    "applicable_alone",
    "bodies",
    "citation_keys",
    "claim_alone",
    "registry",
]

BIBLIOGRAPHY = Path(__file__).parent / "references.bib"


class RegistryError(ValueError):
    """Declarations contradict each other."""


@dataclass(frozen=True)
class Registry:
    """All declarations by id."""

    claims: dict[str, Claim]
    lemmas: dict[str, Lemma]
    definitions: dict[str, Definition]

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of theory, sorted."""
        return tuple(sorted({c.body for c in self.claims.values()}))

    def claim(self, name: str) -> Claim:
        """The claim of that id; UnknownClaim with close matches otherwise."""
        if name not in self.claims:
            raise UnknownClaim(f"unknown claim {name!r}{close(name, self.claims)}")
        return self.claims[name]

    def applicable(self, name: str) -> Claim | Lemma:
        """The claim or lemma of that id; UnknownClaim with close matches otherwise."""
        if name in self.claims:
            return self.claims[name]
        if name in self.lemmas:
            return self.lemmas[name]
        raise UnknownClaim(f"unknown claim or lemma {name!r}{close(name, [*self.claims, *self.lemmas])}")

    def sharpened_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they sharpen this one."""
        return tuple(c.id for c in self.claims.values() if name in c.sharpens)

    def corrected_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they correct this one."""
        return tuple(c.id for c in self.claims.values() if name in c.corrects)


def walk(package: str) -> Iterator[ModuleType]:
    """All modules below a package, the package itself included."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(pkgutil.walk_packages(root.__path__, f"{package}."), key=lambda i: i.name):
        yield importlib.import_module(info.name)


def citation_keys() -> frozenset[str]:
    """The keys of the bibliography."""
    return frozenset(re.findall(r"^@\w+\{([^,\s]+)", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))


def claim_alone(name: str) -> Claim:
    """A claim found by importing its module alone: for commands that speak of one claim, which should answer at once.

    What the registry checks across declarations is not checked here. UnknownClaim with close matches.
    """
    found = _alone(name)
    if isinstance(found, Claim):
        return found
    index().claim(name)
    return registry().claim(name)


def applicable_alone(name: str) -> Claim | Lemma:
    """A claim or lemma found like `claim_alone`."""
    found = _alone(name)
    if found is not None:
        return found
    index().applicable(name)
    return registry().applicable(name)


def _alone(name: str) -> Claim | Lemma | None:
    """The statement of that id from the module that the index names, or that binds a variable of its own name.

    None where neither finds it: not every declaration can be told from the text of its module.
    """
    known = located(name)
    for module in _binding(name) if known is None else (known,):
        with _uncollected():
            values = vars(importlib.import_module(module)).values()
        for value in values:
            if isinstance(value, Claim | Lemma) and value.id == name:
                return value
    return None


def _binding(name: str) -> Iterator[str]:
    """Modules of a body, or of a topic of lemmas, whose text binds the variable of that name to a claim or lemma."""
    place, _, variable = name.partition("/")
    if not variable.isidentifier():
        return
    binds = re.compile(rf"^{variable}_* = (Claim|Lemma)\(", re.MULTILINE)
    for module, file in module_files():
        if _place(module) == place and binds.search(file.read_text("utf-8")):
            yield module


@cache
def registry() -> Registry:
    """Walk the packages once; raises RegistryError for the first inconsistency."""
    with _uncollected():
        return _walked()


@contextmanager
def _uncollected() -> Iterator[None]:
    """While statements are built: they stay, and looking through them again and again takes an eighth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _walked() -> Registry:
    claims: dict[str, Claim] = {}
    lemmas: dict[str, Lemma] = {}
    definitions: dict[str, Definition] = {}
    home: dict[str, str] = {}
    elsewhere: list[tuple[Claim | Lemma | Definition, RegistryError]] = []
    for package in ("theory.lemmas", *(f"theory.{body}" for body in bodies())):
        for module in walk(package):
            for variable, value in vars(module).items():
                if not isinstance(value, Claim | Lemma | Definition):
                    continue
                table: dict[str, Any] = (
                    claims if isinstance(value, Claim) else lemmas if isinstance(value, Lemma) else definitions
                )
                if table.get(value.id) is value:
                    continue  # imported from where it was declared
                try:
                    check_id(value, variable, module.__name__)
                except RegistryError as error:
                    elsewhere.append((value, error))  # an import under another name, or a wrong id: told apart below
                    continue
                if value.id in home:
                    raise RegistryError(f"{value.id} is declared twice: in {home[value.id]} and {module.__name__}")
                home[value.id] = module.__name__
                table[value.id] = value
    found = Registry(claims, lemmas, definitions)
    declared = {id(v) for v in (*claims.values(), *lemmas.values(), *definitions.values())}
    for value, misplaced in elsewhere:
        if id(value) not in declared:
            raise misplaced
    _check_links(found)
    return found


def _place(module: str) -> str:
    """The body, or the topic of lemmas, that a module belongs to."""
    parts = module.split(".")
    return parts[2] if parts[1] == "lemmas" and len(parts) > 2 else parts[1]


def check_id(value: Claim | Lemma | Definition, variable: str, module: str) -> None:
    """Raise RegistryError for an id that names another variable or another place than those of its declaration."""
    topic, _, name = value.id.partition("/")
    place = _place(module)
    if name.rstrip("_") != variable.rstrip("_"):
        raise RegistryError(f"{value.id} is bound to the variable {variable!r} in {module}; expected {name!r}")
    if topic != place:
        raise RegistryError(f"{value.id} is declared in {module}; expected an id beginning with {place!r}")


def _check_links(found: Registry) -> None:
    keys = citation_keys() | {"own"}
    for claim in found.claims.values():
        for link in (*claim.sharpens, *claim.corrects):
            if link not in found.claims:
                raise RegistryError(f"{claim.id} links to {link}, which does not exist")
        if claim.source.key not in keys:
            raise RegistryError(f"{claim.id} cites {claim.source.key}, which is not in {BIBLIOGRAPHY.name}")
    for lemma in found.lemmas.values():
        sources = [lemma.source] + ([lemma.backing.source] if isinstance(lemma.backing, Citation) else [])
        for source in sources:
            if source.key not in keys:
                raise RegistryError(f"{lemma.id} cites {source.key}, which is not in {BIBLIOGRAPHY.name}")
        if isinstance(lemma.backing, Citation) and lemma.backing.source.key == "own":
            raise RegistryError(f"{lemma.id} cites no literature: give a source, or a derivation")
    heads: dict[str, str] = {}
    for definition in found.definitions.values():
        other = heads.setdefault(definition.name, definition.id)
        if other != definition.id:
            raise RegistryError(f"function symbol {definition.name} is defined by {other} and by {definition.id}")
    _check_definitions(found)


def _check_definitions(found: Registry) -> None:
    """No definitions in a circle; a Meaning names symbols without equations; citations are in the bibliography."""
    wrong = circle(found.definitions.values())
    if wrong:
        raise RegistryError(wrong)
    keys = citation_keys()
    by_head = {d.head: d for d in found.definitions.values()}
    for definition in found.definitions.values():
        for backing in definition.range_by:
            if isinstance(backing, Citation) and backing.source.key not in keys:
                cited = f"{backing.source.key}, which is not in {BIBLIOGRAPHY.name}"
                raise RegistryError(f"the range of {definition.id} cites {cited}")
            for symbol in backing.of if isinstance(backing, Meaning) else ():
                other = symbol if isinstance(symbol, Definition) else by_head.get(symbol)
                if other is not None and other.equations:
                    raise RegistryError(
                        f"the range of {definition.id} states what {other.id} means, which has equations"
                    )
