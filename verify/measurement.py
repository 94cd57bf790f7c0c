"""Measurements: how both sides of a claim are obtained, declared where the claim is mirrored.

Main definitions
    measures       the decorator: `@measures("markov/state_count", over=points)`
    Measurement    what it makes: a claim's id, a space, and a function (thing, context) to instances
    Context        what a measurement is given: a seeded generator and a budget
    measurements   all of them by claim, found by walking `verify`'s packages; an orphan raises
    measurement_alone  that of one claim, without loading the others
    unmeasured     the claims that have none

A measurement says how one thing (a chain, a pair of laws, a point in parameter space) is measured:

    @measures("markov/convergence_dobrushin", over=chains)
    def convergence_dobrushin(subject: ChainSubject, context: Context) -> Iterator[Instance]:
        for n in range(subject.K, 12 * subject.K):
            yield Instance({"kappa": subject.kappa, "n": n, "K": subject.K}, floating(..., absolute=1e-12))

It raises NotApplicable for a thing that the claim does not speak about.
"""

from __future__ import annotations

import fnmatch
import importlib
import importlib.util
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Literal

import numpy as np

from theory.registry import Registry, registry
from theory.verdict import Verdict
from verify.instance import Case
from verify.space import Space

Budget = Literal["quick", "full"]
Measure = Callable[[Any, "Context"], Iterator[Case]]


class MeasurementError(ValueError):
    """A measurement is declared wrongly: no such claim, two for one claim, or in the wrong package."""


@dataclass(frozen=True)
class Context:
    """What a measurement may use beside the thing it measures.

    Attributes
        rng     seeded by run, claim and thing; the only source of chance
        budget  "quick" for the default run, "full" for a thorough one
        delta   allowed probability of failure at which high-probability claims are tried
    """

    rng: np.random.Generator
    budget: Budget = "quick"
    delta: float = 0.05

    def pick(self, quick: int, full: int) -> int:
        """A size by budget."""
        return quick if self.budget == "quick" else full


def context(seed: int, *names: str, budget: Budget = "quick", delta: float = 0.05) -> Context:
    """A context whose generator depends on the seed and the names (claim, thing) only, not on the order of a run."""
    entropy = [seed, *(zlib.crc32(name.encode()) for name in names)]
    return Context(np.random.default_rng(np.random.SeedSequence(entropy)), budget, delta)


@dataclass(frozen=True)
class Expectation:
    """A verdict expected on the subjects whose name matches `pattern`, and why it differs from the claim's."""

    pattern: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Measurement:
    """How one claim is measured.

    Attributes
        claim      its id
        over       the space of things
        measure    (thing, context) to instances
        expected   per-subject expectations, first match wins
        examples   how many things are drawn from a space that is not over models: (quick, full)
        module     where it was declared
    """

    claim: str
    over: Space
    measure: Measure
    expected: tuple[Expectation, ...] = ()
    examples: tuple[int, int] = (60, 600)
    module: str = field(default="", compare=False)

    def __call__(self, thing: Any, context: Context) -> Iterator[Case]:
        return self.measure(thing, context)

    def expectation(self, subject: str, default: Verdict) -> tuple[Verdict, str]:
        """The verdict expected on a subject, and the reason where it is not the claim's own."""
        for entry in self.expected:
            if fnmatch.fnmatchcase(subject, entry.pattern):
                return entry.verdict, entry.reason
        return default, ""


def measures(
    claim: str,
    *,
    over: Space,
    expected: Mapping[str, tuple[Verdict, str]] | None = None,
    examples: tuple[int, int] = (60, 600),
) -> Callable[[Measure], Measurement]:
    """Declare a function as the measurement of a claim.

    `expected` overrides the claim's verdict on subjects by name pattern, with a reason:
    `{"lfsr*": (Verdict.HOLDS, "its epsilon is large enough for the printed bound to bite")}`.
    """
    entries = tuple(Expectation(pattern, *pair) for pattern, pair in (expected or {}).items())
    for entry in entries:
        if not entry.reason:
            raise MeasurementError(f"{claim}: the verdict expected on {entry.pattern!r} has no reason")

    def declare(function: Measure) -> Measurement:
        return Measurement(claim, over, function, entries, examples, function.__module__)

    return declare


@cache
def measurements() -> Mapping[str, Measurement]:
    """Every measurement by claim id, found by walking `verify.<body>` for each body of the registry."""
    return collect(registry())


def measurement_alone(claim: str) -> Measurement | None:
    """The measurement of a claim from the modules of its body whose text names it; None where none does.

    What `measurements` checks across declarations is not checked here.
    """
    body, _, name = claim.partition("/")
    if importlib.util.find_spec(f"verify.{body}") is None:
        return None
    texts = {module: text for module, text in _texts(f"verify.{body}") if re.search(rf"\b{re.escape(name)}\b", text)}
    for module in sorted(texts, key=lambda m: f'"{claim}"' not in texts[m]):  # where it is written out, nearly always
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, Measurement) and value.claim == claim and value.module == module:
                return value
    return measurements().get(claim) if texts else None


def _texts(package: str) -> Iterator[tuple[str, str]]:
    """The modules of a body's package and their sources, without importing them."""
    root = importlib.import_module(package)
    for info in walk_packages(root.__path__, f"{package}."):
        found = importlib.util.find_spec(info.name)
        if found is not None and found.origin is not None:
            yield info.name, Path(found.origin).read_text("utf-8")


def collect(claims: Registry) -> dict[str, Measurement]:
    """The measurements of a registry's bodies. MeasurementError names an orphan or a duplicate."""
    found: dict[str, Measurement] = {}
    for body in claims.bodies:
        for module in _modules(f"verify.{body}"):
            for value in vars(module).values():
                if isinstance(value, Measurement) and value.module == module.__name__:
                    if found.get(value.claim) is value:
                        continue  # a second name for the same measurement
                    if value.claim not in claims.claims:
                        raise MeasurementError(f"{value.module} measures {value.claim}, which is no claim")
                    if value.claim.split("/")[0] != body:
                        raise MeasurementError(f"{value.module} measures {value.claim}, which belongs to another body")
                    if value.claim in found:
                        raise MeasurementError(
                            f"{value.claim} is measured twice: in {found[value.claim].module} and {value.module}"
                        )
                    found[value.claim] = value
    return found


def _modules(package: str) -> Iterator[Any]:
    if importlib.util.find_spec(package) is None:
        return
    root = importlib.import_module(package)
    yield root
    for info in sorted(walk_packages(root.__path__, f"{package}."), key=lambda i: i.name):
        yield importlib.import_module(info.name)


def unmeasured() -> tuple[str, ...]:
    """Ids of the claims without a measurement, sorted."""
    return tuple(sorted(set(registry().claims) - set(measurements())))
