"""Ctrl-C between two steps of a long run, never inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Note Ctrl-C instead of raising it inside an optimiser step, where weights and moments would disagree.

    Signals reach the main thread only; elsewhere nothing has to be deferred.
    """
    seen = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: seen
    finally:
        signal.signal(signal.SIGINT, previous)
