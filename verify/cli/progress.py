"""Progress on stderr: a bar on a terminal; where stderr is a file or a pipe, a line at every tenth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from verify.cli.output import progress_console, warn


@contextmanager
def counting(what: str, total: int, *, lines: bool = False) -> Iterator[Callable[[float], None]]:
    """A bar over `total` units; yields a function that takes how many are done.

    `lines`: off a terminal, say so at every tenth (else nothing: the caller prints what it finishes).
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = progress_console()
    told = 0

    def step(done: float) -> None:
        nonlocal told
        bar.update(line, completed=done)
        tenths = int(10 * done / total) if total else 10
        if lines and not out.is_terminal and tenths > told:
            told = tenths
            warn(f"{what}: {10 * tenths} %")

    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        line = bar.add_task(what, total=total)
        yield step
