"""The registry: every claim, lemma and definition, found by walking the packages, never listed by hand.

Any inconsistency raises RegistryError and says which declaration is wrong: an id that does not match the variable
or the package, a duplicate, a link to nothing, a function symbol defined twice, a citation key that is not in the
bibliography, definitions that define each other.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from theory.claim import Claim
from theory.lemma import Citation, Definition, Lemma, Meaning
from theory.recursion import circle

NOT_BODIES = frozenset({"checking", "categories", "information", "lemmas", "evaluation"})
BIBLIOGRAPHY = Path(__file__).parent / "references.bib"


class RegistryError(ValueError):
    """Declarations contradict each other."""


class UnknownClaim(KeyError):
    """No claim has this id; the message offers close ones."""

    def __str__(self) -> str:
        return str(self.args[0])


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
            raise UnknownClaim(f"unknown claim {name!r}{_close(name, self.claims)}")
        return self.claims[name]

    def applicable(self, name: str) -> Claim | Lemma:
        """The claim or lemma of that id; UnknownClaim with close matches otherwise."""
        if name in self.claims:
            return self.claims[name]
        if name in self.lemmas:
            return self.lemmas[name]
        raise UnknownClaim(f"unknown claim or lemma {name!r}{_close(name, [*self.claims, *self.lemmas])}")

    def sharpened_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they sharpen this one."""
        return tuple(c.id for c in self.claims.values() if name in c.sharpens)

    def corrected_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they correct this one."""
        return tuple(c.id for c in self.claims.values() if name in c.corrects)


def _close(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if not near:
        near = [k for k in known if k.split("/")[-1] == name.split("/")[-1]][:3]
    return f"; close: {', '.join(near)}" if near else "; `boundlab claims` lists them"


def walk(package: str) -> Iterator[ModuleType]:
    """All modules below a package, the package itself included."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(pkgutil.walk_packages(root.__path__, f"{package}."), key=lambda i: i.name):
        yield importlib.import_module(info.name)


def bodies() -> tuple[str, ...]:
    """Names of the packages below `theory` that hold a body of claims."""
    root = importlib.import_module("theory")
    names = [m.name for m in pkgutil.iter_modules(root.__path__) if m.ispkg and m.name not in NOT_BODIES]
    return tuple(sorted(names))


def citation_keys() -> frozenset[str]:
    """The keys of the bibliography."""
    return frozenset(re.findall(r"^@\w+\{([^,\s]+)", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))


def claim_alone(name: str) -> Claim:
    """A claim found without loading the other bodies and topics: for one bound, which should answer at once.

    A claim is bound to a variable of its own name (`_check_id`), so the one module that binds it is imported. What the
    registry checks across declarations is not checked here. UnknownClaim with close matches, from the whole registry.
    """
    body, _, variable = name.partition("/")
    if body in bodies() and variable.isidentifier():
        package = importlib.import_module(f"theory.{body}")
        binds = re.compile(rf"^{variable}_* = Claim\(", re.MULTILINE)
        for info in pkgutil.walk_packages(package.__path__, f"theory.{body}."):
            found = importlib.util.find_spec(info.name)
            if found is None or found.origin is None or not binds.search(Path(found.origin).read_text("utf-8")):
                continue
            for value in vars(importlib.import_module(info.name)).values():
                if isinstance(value, Claim) and value.id == name:
                    return value
    return registry().claim(name)


@cache
def registry() -> Registry:
    """Walk the packages once; raises RegistryError for the first inconsistency."""
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
                    _check_id(value, variable, module.__name__)
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


def _check_id(value: Claim | Lemma | Definition, variable: str, module: str) -> None:
    topic, _, name = value.id.partition("/")
    parts = module.split(".")
    place = parts[2] if parts[1] == "lemmas" and len(parts) > 2 else parts[1]
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
