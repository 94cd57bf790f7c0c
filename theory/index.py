"""The index: what listings, links and look-ups need of every statement, without building their expressions.

Main definitions
    ClaimEntry, LemmaEntry  what is known of a statement
    Index         all entries, sorted by id
    index         the index of this installation; reads what is not indexed yet
    located       the module of a statement, where that is indexed already
    remember_grades  adds what the checker said, for listings

The index is kept in the user's cache folder (see theory.storage). Entries of a module stay valid as long as nothing
changes in its file, in what it imports from this package, and in the versions of the libraries the checker trusts;
entries of other modules are read anew. It answers questions about the statements, never about their truth: what
contradicts itself across declarations is found by `theory.registry.registry`, which an empty index is read from.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory import storage
from theory.imports import closure, remember, text_hash

if TYPE_CHECKING:
    from theory.claim import Claim
    from theory.lemma import Lemma
    from theory.parameter import Parameter
    from theory.registry import Registry

FORMAT = 1
NOT_BODIES = frozenset({"checking", "categories", "information", "lemmas", "evaluation"})


class UnknownClaim(KeyError):
    """No claim has this id; the message offers close ones."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class ClaimEntry:
    """A claim, all fields as text.

    Attributes
        module      where it is declared
        uses        ids of the lemmas and claims its derivation applies
        parameters  pairs (name, hash of the declaration)
    """

    id: str
    module: str
    title: str
    kind: str
    status: str
    expected: str
    source: str
    uses: tuple[str, ...]
    sharpens: tuple[str, ...]
    corrects: tuple[str, ...]
    assumptions: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]

    @property
    def body(self) -> str:
        """The body of theory it belongs to."""
        return self.id.split("/")[0]


@dataclass(frozen=True)
class LemmaEntry:
    """A lemma; `cited` and `remark` are empty where a derivation backs it."""

    id: str
    module: str
    title: str
    uses: tuple[str, ...]
    cited: str
    remark: str


Entry = ClaimEntry | LemmaEntry


@dataclass(frozen=True)
class Index:
    """All entries by id; `grades` by claim, where the checker has been asked."""

    claims: dict[str, ClaimEntry]
    lemmas: dict[str, LemmaEntry]
    grades: dict[str, str] = field(default_factory=dict)

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of theory, sorted."""
        return tuple(sorted({c.body for c in self.claims.values()}))

    def claim(self, name: str) -> ClaimEntry:
        """The claim of that id; UnknownClaim with close matches otherwise."""
        if name not in self.claims:
            raise UnknownClaim(f"unknown claim {name!r}{close(name, self.claims)}")
        return self.claims[name]

    def applicable(self, name: str) -> Entry:
        """The claim or lemma of that id; UnknownClaim with close matches otherwise."""
        found = self.claims.get(name) or self.lemmas.get(name)
        if found is None:
            raise UnknownClaim(f"unknown claim or lemma {name!r}{close(name, [*self.claims, *self.lemmas])}")
        return found

    @property
    def entries(self) -> dict[str, Entry]:
        """Lemmas, then claims."""
        return {**self.lemmas, **self.claims}

    def used_by(self, name: str) -> tuple[str, ...]:
        """Lemmas, then claims, whose derivations apply this one."""
        return tuple(e.id for e in self.entries.values() if name in e.uses)

    def sharpened_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they sharpen this one."""
        return tuple(c.id for c in self.claims.values() if name in c.sharpens)

    def corrected_by(self, name: str) -> tuple[str, ...]:
        """Claims that say they correct this one."""
        return tuple(c.id for c in self.claims.values() if name in c.corrects)


def close(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown id: close ones, or where to find them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if not near:
        near = [k for k in known if k.split("/")[-1] == name.split("/")[-1]][:3]
    return f"; close: {', '.join(near)}" if near else "; `boundlab claims` lists them"


def bodies() -> tuple[str, ...]:
    """Names of the packages below `theory` that hold a body of claims."""
    root = importlib.import_module("theory")
    names = [m.name for m in pkgutil.iter_modules(root.__path__) if m.ispkg and m.name not in NOT_BODIES]
    return tuple(sorted(names))


def entries_of(found: Registry) -> Index:
    """The index of a registry that was built from the statements themselves; their modules are left open."""
    return _indexed(
        [_of_claim(c, "") for c in found.claims.values()] + [_of_lemma(m, "") for m in found.lemmas.values()], {}
    )


def _indexed(entries: Iterable[Entry], grades: dict[str, str]) -> Index:
    ordered = sorted(entries, key=lambda e: e.id)
    return Index(
        {e.id: e for e in ordered if isinstance(e, ClaimEntry)},
        {e.id: e for e in ordered if isinstance(e, LemmaEntry)},
        grades,
    )


def unread() -> int:
    """How many modules `index` would have to read."""
    return len(_kept().unread)


@cache
def index() -> Index:
    """The index of this installation, from the cache folder; what is not kept there, or has changed, is read.

    Raises RegistryError where declarations contradict each other, as far as they are read.
    """
    kept = _kept()
    modules = dict(kept.modules)
    if kept.unread:
        from theory.registry import registry

        if not kept.modules:
            registry()  # nothing is known yet: everything is read, and checked as a whole
        modules |= {name: tuple(_read(importlib.import_module(name), kept.files[name])) for name in kept.unread}
    entries = [entry for name in kept.files for entry in modules[name]]
    _check(entries)
    if kept.unread and kept.path is not None:
        _save(kept.path, kept.closures, modules, kept.grades)
    return _indexed(entries, {name: grade for name, (_, grade) in kept.grades.items()})


def located(name: str) -> str | None:
    """The module that declares a claim or lemma, where the index has it already."""
    return _kept().homes.get(name)


def remember_grades(grades: Mapping[str, str]) -> None:
    """Keep the checker's word on claims. What was refused is not kept: it is to be checked again."""
    found, kept = index(), _kept()
    new = {
        name: grade
        for name, grade in grades.items()
        if grade != "refused" and found.grades.get(name) != grade and found.claims[name].module in kept.closures
    }
    if kept.path is None or not new:
        return
    found.grades.update(new)
    latest = _kept_in(kept.path, kept.files, kept.closures)  # others may have added to it
    merged = latest.grades | {name: (kept.closures[found.claims[name].module], grade) for name, grade in new.items()}
    _save(kept.path, kept.closures, latest.modules, merged)


def forget() -> None:
    """Read the cache folder again at the next question, in this process."""
    index.cache_clear()
    _kept.cache_clear()


# -- what is kept -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kept:
    """The state of the index file against that of the sources.

    Attributes
        path      the file, None where nothing is kept
        files     the source of every module
        closures  hash of all that a module depends on, empty where nothing is kept
        modules   the entries that are valid
        grades    the valid ones, with the hash of the module they belong to
    """

    path: Path | None
    files: dict[str, Path]
    closures: dict[str, str]
    modules: dict[str, tuple[Entry, ...]]
    grades: dict[str, tuple[str, str]]

    @property
    def unread(self) -> tuple[str, ...]:
        """Modules whose entries are missing."""
        return tuple(m for m in self.files if m not in self.modules)

    @cached_property
    def homes(self) -> dict[str, str]:
        """The modules of the statements that are indexed."""
        return {e.id: e.module for entries in self.modules.values() for e in entries}


@cache
def _kept() -> _Kept:
    packages = importlib.import_module("theory").__path__
    root, files = storage.folder("index"), dict(module_files())
    if root is None or len(packages) != 1:  # nothing is to be kept, or some modules lie elsewhere
        return _Kept(None, files, {}, {}, {})
    place = Path(packages[0]).resolve()
    path = root / f"{hashlib.sha256(str(place).encode()).hexdigest()[:16]}.json"
    libraries = storage.libraries().encode()
    closures = {}
    for name, file in files.items():
        digest = hashlib.sha256(libraries)
        for source in closure(str(file.resolve()), str(place.parent)):
            digest.update(f"{source.removeprefix(str(place))} {text_hash(source)}\n".encode())
        closures[name] = digest.hexdigest()
    remember()
    return _kept_in(path, files, closures)


def module_files() -> Iterator[tuple[str, Path]]:
    """Every module that may declare statements, and its source, in the order in which the registry walks them."""
    for package in ("theory.lemmas", *(f"theory.{body}" for body in bodies())):
        root = importlib.import_module(package)
        yield package, Path(str(root.__file__))
        for info in sorted(pkgutil.walk_packages(root.__path__, f"{package}."), key=lambda i: i.name):
            place = Path(str(getattr(info.module_finder, "path", ""))) / info.name.rpartition(".")[2]
            yield info.name, place / "__init__.py" if info.ispkg else place.with_suffix(".py")


def _kept_in(path: Path, files: dict[str, Path], closures: dict[str, str]) -> _Kept:
    """What the file holds of the sources as they are now; a file of another format holds nothing."""
    document = storage.load(path) or {}
    try:
        if document.get("format") != FORMAT:
            return _Kept(path, files, closures, {}, {})
        modules: dict[str, tuple[Entry, ...]] = {
            name: tuple([_claim_entry(c) for c in claims] + [_lemma_entry(e) for e in lemmas])
            for name, (closure, claims, lemmas) in document["modules"].items()
            if closures.get(name) == closure
        }
        homes = {e.id: name for name, entries in modules.items() for e in entries}
        grades = {
            str(name): (str(closure), str(grade))
            for name, (closure, grade) in document["grades"].items()
            if name in homes and closures[homes[name]] == closure
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return _Kept(path, files, closures, {}, {})
    return _Kept(path, files, closures, modules, grades)


def _save(
    path: Path,
    closures: Mapping[str, str],
    modules: Mapping[str, tuple[Entry, ...]],
    grades: Mapping[str, tuple[str, str]],
) -> None:
    document = {
        name: [
            closures[name],
            [asdict(e) for e in entries if isinstance(e, ClaimEntry)],
            [asdict(e) for e in entries if isinstance(e, LemmaEntry)],
        ]
        for name, entries in modules.items()
    }
    storage.save(path, {"format": FORMAT, "modules": document, "grades": grades})


def _claim_entry(kept: Mapping[str, Any]) -> ClaimEntry:
    names = ("uses", "sharpens", "corrects", "assumptions")
    pairs = tuple((str(name), str(declared)) for name, declared in kept["parameters"])
    return ClaimEntry(**{**kept, **{n: tuple(map(str, kept[n])) for n in names}, "parameters": pairs})


def _lemma_entry(kept: Mapping[str, Any]) -> LemmaEntry:
    return LemmaEntry(**{**kept, "uses": tuple(map(str, kept["uses"]))})


# -- reading the statements -------------------------------------------------------------------------------------------


def _read(module: Any, file: Path) -> Iterator[Entry]:
    """The statements that a module declares, not those it imports."""
    from theory.claim import Claim
    from theory.lemma import Lemma
    from theory.registry import RegistryError, check_id

    imported = {
        alias.asname or alias.name
        for node in ast.parse(file.read_bytes()).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    seen: set[str] = set()
    for variable, value in vars(module).items():
        if variable in imported or not isinstance(value, Claim | Lemma) or value.id in seen:
            continue
        try:
            check_id(value, variable, module.__name__)
        except RegistryError:
            continue  # a second name for something declared elsewhere; the registry tells it from a wrong id
        seen.add(value.id)
        yield _of_claim(value, module.__name__) if isinstance(value, Claim) else _of_lemma(value, module.__name__)


def _of_claim(claim: Claim, module: str) -> ClaimEntry:
    from theory.graph import uses

    return ClaimEntry(
        claim.id,
        module,
        claim.title,
        str(claim.kind),
        str(claim.status),
        str(claim.expected),
        str(claim.source),
        uses(claim),
        claim.sharpens,
        claim.corrects,
        tuple(a.name for a in claim.assumptions),
        tuple((p.name, _declaration(p)) for p in claim.parameters),
    )


def _declaration(parameter: Parameter) -> str:
    """A hash that tells declarations of one name apart."""
    from sympy import srepr

    domain = parameter.domain
    ends = (srepr(domain.lower), domain.lower_open, srepr(domain.upper), domain.upper_open, domain.integer)
    words = (parameter.name, parameter.latex, parameter.meaning, parameter.unit)
    return hashlib.sha256(repr((words, ends, tuple(map(float, parameter.typical)))).encode()).hexdigest()[:16]


def _of_lemma(lemma: Lemma, module: str) -> LemmaEntry:
    from theory.graph import uses
    from theory.lemma import Citation

    cited, remark = ("", "")
    if isinstance(lemma.backing, Citation):
        cited, remark = str(lemma.backing.source), lemma.backing.remark
    return LemmaEntry(lemma.id, module, lemma.title, uses(lemma), cited, remark)


def _check(entries: Sequence[Entry]) -> None:
    """No id twice, no link to nothing: what the entries of single modules cannot tell."""
    claims = {e.id for e in entries if isinstance(e, ClaimEntry)}
    home: dict[str, str] = {}
    for entry in entries:
        if home.setdefault(entry.id, entry.module) != entry.module:
            _contradiction(f"{entry.id} is declared twice: in {home[entry.id]} and {entry.module}")
        for link in (*entry.sharpens, *entry.corrects) if isinstance(entry, ClaimEntry) else ():
            if link not in claims:
                _contradiction(f"{entry.id} links to {link}, which does not exist")


def _contradiction(message: str) -> None:
    from theory.registry import RegistryError

    raise RegistryError(message)
