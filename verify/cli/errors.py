"""Bad input: one clear line on stderr and exit status 2, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 200  # characters of a word in a message


class BadInput(Exception):
    """What the user gave cannot be used; the message names the value and what was expected."""


def at_least(minimum: int, **options: int | None) -> None:
    """BadInput naming the first option whose value lies below the minimum (None: the option is not given)."""
    for name, value in options.items():
        if value is not None and value < minimum:
            raise BadInput(f"--{name.replace('_', '-')} {value}: expected a whole number >= {minimum}")


def one_line(text: str) -> str:
    """The message without line breaks and runs of blanks; words too long to read lose their middle."""
    return " ".join(word if len(word) <= LONGEST else f"{word[:40]}...{word[-20:]}" for word in text.split())


@contextmanager
def refusing(*errors: type[Exception], prefix: str = "") -> Iterator[None]:
    """Turn the given errors, raised on the user's own values, into BadInput with the same message."""
    try:
        yield
    except errors as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise BadInput(prefix + one_line(str(message))) from error
