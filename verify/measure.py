"""Measure a claim on the subjects of a run and judge it: from a claim to verdict records.

Main definitions: `measure_claim`, `measurement_of`.

A claim over models gives one record a subject. A claim over other objects gives one record, measured on the extremal
objects of its space and on seeded examples. A claim that is expected to be refuted also gives a record of the search
that refutes it; such a universal statement is not contradicted by a subject that happens to satisfy it, so subjects
are reported only where they violate it, or where its measurement declares what to expect of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from theory.claim import Claim, Kind
from theory.verdict import Verdict
from verify.falsify import falsify
from verify.instance import Case, NotApplicable
from verify.measurement import Budget, Measurement, context, measurement_alone
from verify.parametric import points_of
from verify.record import VerdictRecord
from verify.space import draw
from verify.subject import ChainSubject
from verify.verdict import Judgement, conclude, judge, judge_instance


class Unmeasured(LookupError):
    """The claim has no measurement."""


def measurement_of(claim: Claim) -> Measurement:
    """The registered measurement; for a claim in parameters alone, the evaluation of its sides. Raises Unmeasured."""
    found = measurement_alone(claim.id) or points_of(claim)
    if found is None:
        raise Unmeasured(f"{claim.id} has no measurement")
    return found


def measure_claim(
    claim: Claim,
    subjects: Sequence[ChainSubject] = (),
    seed: int = 0,
    *,
    budget: Budget = "quick",
    delta: float = 0.05,
    measurement: Measurement | None = None,
    search: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[VerdictRecord]:
    """The verdict records of one claim.

    `search` is the number of objects the falsifier tries for a claim expected to be refuted (default 500, or 5000 on a
    full budget; 0: no search). `progress(name)` is called before each subject. Raises Unmeasured.
    """
    measurement = measurement or measurement_of(claim)
    records: list[VerdictRecord] = []
    notes: list[str] = []
    if measurement.over.over_models:
        for subject in subjects:
            if progress is not None:
                progress(subject.name)
            record = _on_subject(claim, measurement, subject, seed, budget, delta)
            declared = measurement.expectation(subject.name, claim.expected)[1]
            if claim.expected is Verdict.REFUTED and not declared and record.verdict is not Verdict.REFUTED:
                notes.append(f"{subject.name}: {record.verdict}")
            else:
                records.append(record)
    elif claim.expected is not Verdict.REFUTED:
        records.append(_on_space(claim, measurement, seed, budget, delta))
    if claim.expected is Verdict.REFUTED and search != 0:
        if progress is not None:
            progress("search")
        tried = search if search is not None else (500 if budget == "quick" else 5000)
        records.insert(0, _by_search(claim, measurement, seed, tried, notes))
    return records


def _on_subject(
    claim: Claim, measurement: Measurement, subject: ChainSubject, seed: int, budget: Budget, delta: float
) -> VerdictRecord:
    started = time.perf_counter()
    expected, reason = measurement.expectation(subject.name, claim.expected)
    broken = [a for a in claim.assumptions if a.name in subject.broken_assumptions]
    if broken:
        unmet = "; ".join(f"{a.name} ({a.meaning}): {subject.broken_assumptions[a.name]}" for a in broken)
        return _not_applicable(claim, subject.name, f"assumption unmet: {unmet}", seed, started)
    try:
        judgement = judge(
            claim, measurement(subject, context(seed, claim.id, subject.name, budget=budget, delta=delta))
        )
    except NotApplicable as inapplicable:
        return _not_applicable(claim, subject.name, str(inapplicable), seed, started)
    return _record(claim, subject.name, judgement, expected, reason, seed, started)


def _on_space(claim: Claim, measurement: Measurement, seed: int, budget: Budget, delta: float) -> VerdictRecord:
    started = time.perf_counter()
    name = measurement.over.name
    expected, reason = measurement.expectation(name, claim.expected)
    given = context(seed, claim.id, name, budget=budget, delta=delta)
    things = draw(measurement.over, claim, given.pick(*measurement.examples), seed)
    skipped: list[str] = []

    def instances(thing: Any) -> Iterator[Case]:
        try:
            yield from measurement(thing, given)
        except NotApplicable as inapplicable:
            skipped.append(str(inapplicable))

    judged = [judge_instance(claim, i) for i in chain.from_iterable(map(instances, things))]
    found = conclude(claim, judged)
    if not judged and skipped and claim.kind is Kind.DEFINITION:  # a definition has nothing to measure
        return _not_applicable(claim, name, skipped[0], seed, started)
    if not judged and skipped:  # the claim is about this space: nothing admissible in it is a fault of the measurement
        found = replace(found, message=f"none of {len(things)} objects is admissible: {skipped[0]}")
    return _record(claim, name, found, expected, reason, seed, started)


def _by_search(claim: Claim, measurement: Measurement, seed: int, examples: int, notes: Iterable[str]) -> VerdictRecord:
    report = falsify(claim, examples=examples, seed=seed, measurement=measurement)
    elsewhere = "; ".join(notes)
    found = f"violated on example {report.examples}" + (", shrunk" if report.shrunk else "")
    message = found if report.found else f"no violation in {report.examples} examples"
    judged = report.counterexample
    return VerdictRecord(
        claim.id,
        measurement.over.name,
        Verdict.REFUTED if report.found else Verdict.INCONCLUSIVE,
        claim.expected,
        str(claim.statement.quantity),
        str(claim.statement.bound),
        None,
        judged.method if judged is not None else "float64",
        report.instances,
        report.nonvacuous / report.instances if report.instances else 0.0,
        judged,
        report.seconds,
        seed,
        message + (f" (elsewhere: {elsewhere})" if elsewhere else ""),
        claim.why,
        report.snippet,
        report.undecided,
    )


def _record(
    claim: Claim, model: str, judgement: Judgement, expected: Verdict, reason: str, seed: int, started: float
) -> VerdictRecord:
    return VerdictRecord(
        claim.id,
        model,
        judgement.verdict,
        expected,
        str(claim.statement.quantity),
        str(claim.statement.bound),
        judgement.slack,
        judgement.method,
        judgement.instances,
        judgement.bites,
        judgement.worst,
        time.perf_counter() - started,
        seed,
        judgement.message,
        reason,
        "",
        judgement.undecided,
        judgement.noise,
    )


def _not_applicable(claim: Claim, model: str, reason: str, seed: int, started: float) -> VerdictRecord:
    verdict = Verdict.NOT_APPLICABLE
    quantity, bound = str(claim.statement.quantity), str(claim.statement.bound)
    seconds = time.perf_counter() - started
    return VerdictRecord(
        claim.id, model, verdict, verdict, quantity, bound, None, "exact", 0, 0.0, None, seconds, seed, reason, reason
    )
