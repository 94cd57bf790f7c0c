"""What backs the statements of a body: every step of every derivation, counted by the method that confirmed it.

Main definitions
    GradedStep    one step of one derivation with the checker's word
    checked_in_parallel  checks several statements at a time
    graded_steps  the steps of the claims, and of the lemmas they rest on
    GradeCount    steps by grade and method
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from theory.claim import Claim
    from theory.lemma import Lemma

GAP_LIMIT = 0.1  # share of steps that may be a gap


@dataclass(frozen=True)
class GradedStep:
    """`statement` is the id of the claim or lemma; `grade` one of proved, cited, gap, refused."""

    statement: str
    step: str
    grade: str
    method: str
    message: str = ""


@dataclass(frozen=True)
class GradeCount:
    """Steps counted.

    Attributes
        proved   steps by method
        cited    number of steps that rest on a named theorem
        axioms   number of the proved ones that use a range which says what symbols without equations stand for
        ranges   number of the proved ones that use a range of a symbol with equations, itself proved
        gaps, refused   those steps themselves; a gap is a step that nothing backs
        resting  number of further steps that rest on a gap, their own or a lemma's
    """

    proved: dict[str, int]
    cited: int
    axioms: int = 0
    ranges: int = 0
    resting: int = 0
    gaps: tuple[GradedStep, ...] = field(default=())
    refused: tuple[GradedStep, ...] = field(default=())

    @property
    def total(self) -> int:
        """All steps."""
        return sum(self.proved.values()) + self.cited + self.resting + len(self.gaps) + len(self.refused)

    @property
    def gap_share(self) -> float:
        """Share of steps that are gaps."""
        return len(self.gaps) / self.total if self.total else 0.0

    def record(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "steps": self.total,
            "proved": self.proved,
            "cited": self.cited,
            "axioms": self.axioms,
            "ranges": self.ranges,
            "resting": self.resting,
            "gaps": [vars(s) for s in self.gaps],
            "gap_share": self.gap_share,
            "refused": [vars(s) for s in self.refused],
        }


def method_family(method: str) -> str:
    """The method without what it was applied to: 'algebra with step 2' is 'algebra', an instance is 'instance'."""
    if method.startswith("instance of"):
        return "instance of a lemma"
    return re.split(r" with | \(|[:,]", method)[0].strip() or "unnamed"


def statements_behind(claims: Iterable[Claim]) -> list[Claim | Lemma]:
    """The claims, and every lemma they rest on directly or through others, each once."""
    from theory.claim import Claim
    from theory.derivation import Derivation
    from theory.lemma import Lemma

    seen: dict[str, Claim | Lemma] = {}
    waiting: list[Claim | Lemma] = list(claims)
    while waiting:
        statement = waiting.pop(0)
        if statement.id in seen:
            continue
        seen[statement.id] = statement
        derivation = statement.derivation if isinstance(statement, Claim) else statement.backing
        used = derivation.instances() if isinstance(derivation, Derivation) else ()
        waiting.extend(i.lemma for i in used if isinstance(i.lemma, Lemma))
    return list(seen.values())


def _check(name: str) -> str:
    from theory.checking.kernel import check_lemma
    from theory.registry import applicable_alone

    check_lemma(applicable_alone(name))
    return name


def checked_in_parallel(names: Sequence[str], jobs: int) -> Iterator[str]:
    """Check statements by id, several at a time; reports go to the store, from where this process reads them.

    Without a store (BOUNDLAB_CACHE=off) there is nothing to share, and they are checked here, one after another.
    """
    from theory.checking.store import folder
    from theory.graph import checking_order
    from theory.index import index

    ordered = [n for n in checking_order() if n in set(names)]
    if jobs == 1 or folder() is None:
        yield from map(_check, ordered)
        return
    # a statement is checked when all it uses is in the store: else two processes would check the same lemma
    waiting = {n: set(index().applicable(n).uses) & set(ordered) for n in ordered}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        running: set[Future[str]] = set()
        while waiting or running:
            for name in [n for n, needed in waiting.items() if not needed]:
                del waiting[name]
                running.add(pool.submit(_check, name))
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
                for needed in waiting.values():
                    needed.discard(future.result())


def graded_steps(statement: Claim | Lemma) -> list[GradedStep]:
    """The checker's word on every step; empty for a statement without a derivation."""
    from theory.checking.kernel import check_lemma

    report = check_lemma(statement)
    steps = [GradedStep(statement.id, s.name, str(s.grade), s.method, s.message) for s in report.steps]
    if steps and not report.accepted and all(s.grade != "refused" for s in steps):
        steps.append(GradedStep(statement.id, "conclusion", "refused", "", report.message))
    return steps


def count(steps: Sequence[GradedStep]) -> GradeCount:
    """Steps by grade and method, the most frequent method first."""
    proved = Counter(method_family(s.method) for s in steps if s.grade == "proved")
    return GradeCount(
        dict(proved.most_common()),
        sum(s.grade == "cited" for s in steps),
        sum(s.grade == "proved" and ("axiom " in s.method or "its range (axiom)" in s.method) for s in steps),
        sum(s.grade == "proved" and "its range (proved)" in s.method for s in steps),
        sum(s.grade == "gap" and s.method != "gap" for s in steps),
        tuple(s for s in steps if s.grade == "gap" and s.method == "gap"),
        tuple(s for s in steps if s.grade == "refused"),
    )


def print_grades(found: GradeCount, out: Console) -> None:
    """The table of grades, and every gap with its reason."""
    from verify.cli.output import table

    rows = table("grade", "method", "steps", "share", title="what backs the steps", right=("steps", "share"))
    lines = [("proved", method, n) for method, n in found.proved.items()]
    lines += [("cited", "theorem of the literature", found.cited), ("gap", "nothing", len(found.gaps))]
    lines += [("rests on a gap", "a lemma or an earlier step that is one", found.resting)] if found.resting else []
    lines += [("refused", "the checker could not confirm it", len(found.refused))] if found.refused else []
    for grade, method, n in lines:
        rows.add_row(grade, method, str(n), f"{n / found.total:.1%}" if found.total else "-")
    out.print(rows)
    out.print(f"{found.axioms} of the proved steps use what a symbol without equations stands for (an axiom)")
    out.print(f"{found.ranges} of the proved steps use a range that is proved from a definition's equations")
    limit = "within" if found.gap_share <= GAP_LIMIT else "ABOVE"
    out.print(f"{found.total} steps; gaps: {found.gap_share:.1%}, {limit} the limit of one in ten")
    for step in found.gaps:
        out.print(f"gap: {step.statement}, step {step.step}: {step.message}")
    for step in found.refused:
        out.print(f"refused: {step.statement}, step {step.step}: {step.message}")
