"""What a verb prints: one JSON document or tables on stdout, progress on stderr.

Numbers in JSON are finite: what is not becomes null. Exact numbers and expressions are written as text.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 150  # columns of a table that goes to a file or a pipe


def plain(value: Any) -> Any:
    """`value` in JSON's own types: floats finite or null, enums and exact numbers as text, arrays as lists."""
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    converted = getattr(value, "tolist", None)  # NumPy scalars and arrays, without importing NumPy here
    if callable(converted):
        return plain(converted())
    if isinstance(value, Sequence | set | frozenset) or (isinstance(value, Iterable) and not _symbolic(value)):
        return [plain(v) for v in value]
    return str(value)


def _symbolic(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "sympy"


def emit_json(document: Any) -> None:
    """Print exactly one JSON document."""
    sys.stdout.write(json.dumps(plain(document), allow_nan=False, ensure_ascii=False, indent=2) + "\n")


def console() -> Console:
    """Where tables go: stdout, at full width when it is not a terminal."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else WIDTH
    return Console(file=sys.stdout, width=wide, highlight=False, markup=False, emoji=False, soft_wrap=False)


def progress_console() -> Console:
    """Where progress goes: stderr."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False, markup=False)


def table(*columns: str, title: str = "", right: Sequence[str] = ()) -> Table:
    """An empty table in the one style of this command line; columns named in `right` are right-aligned."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def number(value: Any, digits: int = 6) -> str:
    """A number for a table: `-` where there is none, powers of ten where a float is too long."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else f"{value:.{digits}g}" if abs(value) < 10**300 else "> 1e300"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    return str(value)


def power_of_ten(log10: float, digits: int = 6) -> str:
    """10**log10 as a decimal number, times a power of ten where it is small or large, also where no float reaches."""
    if not math.isfinite(log10):
        return "0" if log10 < 0 else "infinity"
    if -4 <= log10 < 6:
        return f"{10**log10:.{digits}g}"
    exponent = math.floor(log10)
    mantissa = 10 ** (log10 - exponent)
    text = f"{mantissa:.{digits - 1}f}".rstrip("0").rstrip(".")
    if text == "10":  # rounding carried over
        text, exponent = "1", exponent + 1
    return f"{text}e{exponent:+d}"


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(text.rstrip("\n") + "\n")
