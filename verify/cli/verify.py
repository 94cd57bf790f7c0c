"""`boundlab verify`: measure claims on models, judge them, and write a run folder."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, at_least, refusing
from verify.cli.output import console, emit_json, plain, progress_console, warn
from verify.cli.progress import counting

if TYPE_CHECKING:
    from theory.claim import Claim
    from theory.lemma import Lemma
    from verify.campaign import Progress, Request, Task
    from verify.report.grades import GradeCount
    from verify.store import Record, RunFolder


def verify(
    target: Annotated[str, typer.Argument(metavar="[CLAIM|BODY|all]", help="What to verify.")] = "all",
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", metavar="M", help="MODEL or MODEL@K; repeatable.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Temperature of every model.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    engine: Annotated[str, typer.Option(metavar="local|dask", help="What runs the tasks.")] = "local",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Run folder (default: a new one in runs/).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --out, or start it.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = 0,
    budget: Annotated[str, typer.Option(metavar="quick|full", help="How many instances.")] = "quick",
    experiments: Annotated[
        bool, typer.Option("--experiments/--no-experiments", help="After the claims of a body, its experiments.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON list of verdict records on stdout.")] = False,
) -> int:
    """Measure both sides of claims on models and judge them; exit status 1 if a verdict is not the expected one."""
    from verify.campaign import CampaignError, Request, check_engine, measure_task, pending, plan, run, versions
    from verify.report.summary import print_summary, unexpected
    from verify.store import RunFolder, StoreError

    at_least(1, jobs=jobs)
    at_least(0, seed=seed)
    if budget not in ("quick", "full"):
        raise BadInput(f"--budget {budget!r}: expected quick or full")
    if resume and out is None:
        raise BadInput("--resume needs --out DIR, the folder of the run to continue")
    request = Request(target, specifications(model or [], temperature), seed, "quick" if budget == "quick" else "full")
    folder_path = out or Path("runs") / f"{target.replace('/', '-')}-{datetime.now():%Y%m%d-%H%M%S}"
    with refusing(CampaignError, StoreError):
        check_engine(engine, jobs)
        tasks = plan(request)
        named = request.models if model else ()  # what the user names is checked, whether a claim looks at it or not
        _check_models([*named, *(m for task in tasks for m in task.models)])
        with RunFolder.open(folder_path, request.settings, versions(), resume=resume) as folder:
            if folder.dropped:
                warn(f"{folder.dropped} line(s) of an interrupted write were dropped")
            left = len(pending(tasks, folder))
            if left < len(tasks):
                warn(f"{len(tasks) - left} of {len(tasks)} tasks are done already")
            with _progress(tasks, left) as tick, _resumable(folder_path):
                run(tasks, folder, measure_task, jobs=jobs, engine=engine, progress=tick)
            records = _records(tasks, folder)
            surprises = unexpected(records)
            with _checking(request, jobs), _resumable(folder_path):
                experimental = _experiments(request, folder_path) if experiments else []
            found = grades(request)
            _write_reports(folder, records, found)
    if json:
        emit_json(records)
    else:
        from verify.report.grades import print_grades

        screen = console()
        print_summary(records, screen)
        for record in experimental:
            if "text" in record:  # what a reader of the screen is to know of an experiment
                screen.print(f"{record['experiment']}: {record['text']}", soft_wrap=True)
        print_grades(found, screen)
        screen.print(f"run folder: {folder_path}")
    failed = any(record["as_expected"] is False for record in experimental)
    return 1 if surprises or found.refused or failed else 0


def _experiments(request: Request, folder: Path) -> list[Record]:
    """Run the experiments of the body asked for: their records; each that is not as expected is told on stderr."""
    from verify.experiments.experiment import experiments_of, run_experiments

    chosen = experiments_of(request.target)
    if not chosen:
        return []
    with counting("experiments", 1, lines=True) as bar:

        def tick(what: str, done: int, total: int) -> None:
            bar(done / total)

        records = run_experiments(chosen, folder, budget=request.budget, seed=request.seed, progress=tick)
    failed = [r for r in records if r["as_expected"] is False]
    for record in failed:
        value = record.get("value", "see records.json")
        warn(f"experiment {record['experiment']}: {record['name']}: {value}, expected {record['expected']}")
    if not failed:
        warn(f"experiments as expected: {', '.join(e.title for e in chosen)} ({folder / 'experiments'})")
    return records


def specifications(models: list[str], temperature: float | None) -> tuple[str, ...]:
    """The models as full specifications, in the order given, each once; the default ones if none is given."""
    from dataclasses import replace

    from numerics.models import ModelError
    from verify.subjects import DEFAULT_MODELS, parse_spec

    found: list[str] = []
    for text in models or DEFAULT_MODELS:
        with refusing(ModelError):
            spec = parse_spec(text)
        if temperature is not None and temperature != 1:
            if spec.temperature is not None:
                raise BadInput(f"--temperature {temperature:g} and model {text!r} give two temperatures")
            spec = replace(spec, temperature=temperature)
        found.append(str(spec))
    return tuple(dict.fromkeys(found))


def _check_models(models: Iterable[str]) -> None:
    """Load every model that is asked for before the run begins, so that a wrong name or broken weights end it at once;
    the loaded models are kept."""
    from numerics.models import ModelError
    from verify.subjects import model_named, order_of, parse_spec

    for text in dict.fromkeys(models):
        with refusing(ModelError):
            order_of(parse_spec(text), model_named(text))


@contextmanager
def _progress(tasks: list[Task], left: int) -> Iterator[Progress]:
    """A bar on a terminal; else one line on stderr for every task."""
    done = len(tasks) - left
    bar_shown = progress_console().is_terminal
    with counting("measuring", len(tasks)) as bar:
        bar(done)

        def tick(task: Task, records: list[Record]) -> None:
            nonlocal done
            done += 1
            bar(done)
            if not bar_shown:
                verdicts = ", ".join(dict.fromkeys(r["verdict"] for r in records))
                seconds = sum(r["seconds"] for r in records)
                warn(f"[{done}/{len(tasks)}] {task.id}: {verdicts} ({seconds:.1f} s)")

        yield tick


@contextmanager
def _resumable(folder: Path) -> Iterator[None]:
    """Say how to go on after Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        warn(f"what is finished is kept; repeat the command with --resume --out {folder} to go on")
        raise


def _records(tasks: list[Task], folder: RunFolder) -> list[Record]:
    """The records of the request's tasks, in the order of the plan."""
    return [r for t in tasks for r in folder.done[t.id][1]]


def _statements(request: Request) -> list[Claim | Lemma]:
    """The request's claims and every lemma behind them."""
    from theory.registry import claim_alone
    from verify.campaign import plan
    from verify.report.grades import statements_behind

    return statements_behind(map(claim_alone, dict.fromkeys(t.claim for t in plan(request))))


@contextmanager
def _checking(request: Request, jobs: int) -> Iterator[None]:
    """Check the derivations behind the request's claims: in other processes, while the caller does something else,
    or after it where there is only this process. What they find is kept, and `grades` reads it.
    """
    from theory.checking.store import folder
    from verify.report.grades import checked_in_parallel

    names = [s.id for s in _statements(request)]
    what = "checking derivations"
    if jobs == 1 or folder() is None:  # never in a thread of this process: SymPy's caches are not for two
        yield
        with counting(what, len(names), lines=True) as bar:
            for done, _ in enumerate(checked_in_parallel(names, 1), 1):
                bar(done)
        return
    done = 0

    def check() -> None:
        nonlocal done
        for _ in checked_in_parallel(names, jobs):
            done += 1

    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(check)
        yield
        with counting(what, len(names), lines=True) as bar:
            while wait([checked], timeout=0.5).not_done:
                bar(done)
        checked.result()


def grades(request: Request) -> GradeCount:
    """The checker's word on every step behind the request's claims."""
    from verify.report.grades import count, graded_steps

    return count([step for statement in _statements(request) for step in graded_steps(statement)])


def _write_reports(folder: RunFolder, records: list[Record], found: GradeCount) -> None:
    """The summary as text and as JSON beside the records."""
    import io

    from rich.console import Console

    from verify.cli.output import WIDTH
    from verify.report.grades import print_grades
    from verify.report.summary import print_summary

    text = io.StringIO()
    screen = Console(file=text, width=WIDTH, highlight=False, markup=False, emoji=False)
    print_summary(records, screen)
    print_grades(found, screen)
    folder.write("summary.txt", text.getvalue())
    document: dict[str, Any] = {"records": len(records), "grades": found.record()}
    folder.write("summary.json", json_text.dumps(plain(document), allow_nan=False, ensure_ascii=False, indent=2) + "\n")
