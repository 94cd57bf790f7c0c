"""A campaign: claims times models, measured and judged in dependency order, written down as they finish.

Main definitions
    Request      what is asked for
    Task         one claim on one model
    plan         a request to its tasks, in an order in which everything comes after what it uses
    measure_task a task to its verdict records
    run          the tasks through an engine into a run folder
    fingerprint  a hash of the code: records of other code are measured again on resuming

Engines: `local` runs in this process (one job) or in spawned processes (several); `dask` on a local cluster of
`distributed`, where that package is installed.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from verify.store import Record, RunFolder, digest

if TYPE_CHECKING:
    from theory.claim import Claim

Budget = Literal["quick", "full"]

PACKAGES = ("theory", "numerics", "verify")
ENGINES = ("local", "dask")
BUDGETS: tuple[Budget, ...] = ("quick", "full")


class CampaignError(ValueError):
    """The request cannot be run; the message names the value and what was expected."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
        target  a claim, a body, or "all"
        models  model specifications ("names@2", see verify.subjects)
        seed    of the whole campaign; every claim on every model derives its own generator from it
        budget  "quick" or "full": how many instances are measured
    """

    target: str
    models: tuple[str, ...] = ()
    seed: int = 0
    budget: Budget = "quick"

    @property
    def settings(self) -> dict[str, Any]:
        """Plain data, for run.json."""
        return {**asdict(self), "models": list(self.models)}


@dataclass(frozen=True)
class Task:
    """One claim on one model; on none where it is measured on drawn objects; on all of them where it is a universal
    statement expected to be refuted, which one counterexample settles."""

    claim: str
    models: tuple[str, ...]
    seed: int
    budget: Budget

    @property
    def id(self) -> str:
        """Unique in a campaign."""
        return self.claim + (f" on {' '.join(self.models)}" if self.models else "")

    def settings(self) -> str:
        """Hash of everything the outcome depends on, the code included."""
        return digest({**asdict(self), "code": fingerprint()})


Work = Callable[[Task], list[Record]]
Progress = Callable[[Task, list[Record]], None]


def plan(request: Request) -> list[Task]:
    """The tasks of a request, every claim after those it uses. Raises CampaignError for an unknown target."""
    from theory.graph import checking_order
    from theory.index import UnknownClaim, index
    from theory.registry import claim_alone
    from theory.verdict import Verdict

    found = index()
    if request.target in (*found.bodies, "all"):
        names = [i for i in checking_order() if i in found.claims and request.target in ("all", i.split("/")[0])]
        claims = [claim_alone(i) for i in names]
    else:
        try:
            claims = [claim_alone(request.target)]
        except UnknownClaim as error:
            bodies = ", ".join(found.bodies)
            raise CampaignError(f"{error}; expected a claim, a body ({bodies}) or 'all'") from None
    tasks: list[Task] = []
    for claim in claims:
        groups: list[tuple[str, ...]] = [()]
        if _over_models(claim):
            groups = [request.models] if claim.expected is Verdict.REFUTED else [(m,) for m in request.models]
        tasks += [Task(claim.id, models, request.seed, request.budget) for models in groups]
    return tasks


def _over_models(claim: Claim) -> bool:
    from verify.measure import Unmeasured, measurement_of

    try:
        return measurement_of(claim).over.over_models
    except Unmeasured:  # measured by nothing: one task, whose record says so
        return False


def measure_task(task: Task) -> list[Record]:
    """Measure and judge a task: its verdict records as plain data.

    Raises CampaignError where a model cannot be used. A claim without measurement, and a measurement that breaks down,
    give a record that says so, whose verdict is `inconclusive`: one bad measurement does not end a campaign.
    """
    from theory.registry import claim_alone
    from verify.measure import Unmeasured, measure_claim
    from verify.subjects import subject_named

    claim = claim_alone(task.claim)
    subjects = []
    for model in task.models:
        try:
            subjects.append(subject_named(model))
        except ValueError as error:  # ModelError, and rows that are no laws
            raise CampaignError(f"model {model}: {error}") from None
    started = time.perf_counter()
    try:
        found = measure_claim(claim, subjects, task.seed, budget=task.budget)
    except Unmeasured as error:
        return [_failed(claim, task, str(error), started)]
    except Exception as error:
        return [_failed(claim, task, f"the measurement failed: {type(error).__name__}: {error}", started)]
    return [record.as_json() for record in found]


def _failed(claim: Claim, task: Task, message: str, started: float) -> Record:
    from theory.verdict import Verdict
    from verify.record import VerdictRecord

    return VerdictRecord(
        claim.id, " ".join(task.models), Verdict.INCONCLUSIVE, claim.expected, str(claim.statement.quantity),
        str(claim.statement.bound), None, "none", 0, 0.0, None, time.perf_counter() - started, task.seed, message,
    ).as_json()  # fmt: skip


@cache
def fingerprint(packages: tuple[str, ...] = PACKAGES) -> str:
    """16 hexadecimal digits over the source of the packages."""
    root = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for package in packages:
        for file in sorted((root / package).rglob("*.py")):
            found.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


@cache
def versions() -> Mapping[str, str]:
    """What ran: Python, this code, and the libraries that compute."""
    found = {"python": platform.python_version(), "code": fingerprint()}
    for name in ("boundlab", "sympy", "numpy", "scipy", "networkx", "torch", "hypothesis", "python-flint", "z3-solver"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def pending(tasks: Sequence[Task], folder: RunFolder) -> list[Task]:
    """The tasks that the folder does not hold with these settings yet."""
    return [t for t in tasks if not folder.finished(t.id, t.settings())]


def check_engine(engine: str, jobs: int) -> None:
    """Raise CampaignError for an unknown engine, one whose package is missing, or a wrong number of jobs."""
    if engine not in ENGINES:
        raise CampaignError(f"engine {engine!r}: expected one of {', '.join(ENGINES)}")
    if jobs < 1:
        raise CampaignError(f"--jobs {jobs}: expected at least 1")
    if engine == "dask" and importlib.util.find_spec("distributed") is None:
        raise CampaignError("engine 'dask' needs the package distributed, which is not installed; expected 'local'")


def run(
    tasks: Sequence[Task],
    folder: RunFolder,
    work: Work,
    *,
    jobs: int = 1,
    engine: str = "local",
    progress: Progress | None = None,
) -> None:
    """Run the tasks that are not finished and write each one's records when it ends.

    `work` must be importable by name where several processes run it. An interrupt ends the campaign after the record
    being written; the folder can then be resumed. Raises CampaignError for an unknown engine or a wrong number of jobs.
    """
    check_engine(engine, jobs)
    todo = pending(tasks, folder)
    outcomes = _dask(todo, work, jobs) if engine == "dask" else _local(todo, work, jobs)
    for task, records in outcomes:
        folder.append(task.id, task.settings(), records)
        if progress is not None:
            progress(task, records)


def _local(tasks: Sequence[Task], work: Work, jobs: int) -> Iterator[tuple[Task, list[Record]]]:
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield task, work(task)
        return
    before = set(active_children())
    with one_thread_each():
        # Fork would copy the locks of running BLAS and torch threads; spawned processes start clean.
        pool = ProcessPoolExecutor(
            min(jobs, len(tasks)), mp_context=get_context("spawn"), initializer=_ignore_interrupt
        )
        done = False
        try:
            futures = {pool.submit(work, task): task for task in tasks}
            for future in as_completed(futures):
                yield futures[future], future.result()
            done = True
        except BrokenProcessPool:
            raise CampaignError("a worker process was killed (out of memory?); resume with fewer --jobs") from None
        finally:
            pool.shutdown(wait=done, cancel_futures=True)
            if not done:  # a task in flight is not worth waiting for: it is measured again on resuming
                for child in set(active_children()) - before:
                    child.terminate()


def _ignore_interrupt() -> None:
    """In a worker: Ctrl-C reaches the whole process group, and the parent decides."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let each worker process compute on one thread, unless the user's environment says otherwise."""
    names = [n for n in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS") if n not in os.environ]
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)


def _dask(tasks: Sequence[Task], work: Work, jobs: int) -> Iterator[tuple[Task, list[Record]]]:
    distributed = importlib.import_module("distributed")
    with (
        one_thread_each(),
        distributed.Client(n_workers=jobs, threads_per_worker=1, dashboard_address=None) as client,
    ):
        futures = {client.submit(work, task, key=task.id, pure=False): task for task in tasks}
        for future in distributed.as_completed(futures):
            yield futures[future], future.result()
