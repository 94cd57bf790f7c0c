"""Progress on stderr: a bar on a terminal, nothing where stderr is a file or a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from verify.cli.output import progress_console


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[float], None]]:
    """A bar over `total` units; yields a function that takes how many are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = progress_console()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        line = bar.add_task(what, total=total)
        yield lambda done: bar.update(line, completed=done)
