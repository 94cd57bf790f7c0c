"""Entry point of `boundlab`: registers the verbs and turns every outcome into an exit status.

0 all as expected, 1 an unexpected verdict, 2 bad input (one clear line on stderr), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import typer

from verify.cli.bound import bound
from verify.cli.chain import chain
from verify.cli.claims import claims
from verify.cli.compile import app as compile_app
from verify.cli.derive import derive
from verify.cli.errors import BadInput, one_line
from verify.cli.falsify import falsify
from verify.cli.models import models
from verify.cli.prove import prove
from verify.cli.show import show
from verify.cli.verify import verify

app = typer.Typer(
    name="boundlab",
    help="Theory about autoregressive language models: read it, evaluate it, measure it, try to break it.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# The common base of every usage error; Typer has moved it between packages, its place in the order of classes is fixed.
USAGE_ERROR: type[Any] = typer.BadParameter.__mro__[2]

for verb in (claims, show, bound, derive, prove, verify, falsify, models, chain):
    app.command(verb.__name__)(verb)
app.add_typer(compile_app, name="compile")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    try:
        status = app(args=None if arguments is None else list(arguments), prog_name="boundlab", standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:
        return _complain("interrupted", 130)
    except USAGE_ERROR as error:
        return _complain(_given(error, sys.argv[1:] if arguments is None else arguments) + error.format_message(), 2)
    except BadInput as error:
        return _complain(str(error), 2)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:  # the reader of our output went away, e.g. `boundlab claims | head -3`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status if isinstance(status, int) else 0


def _given(error: Any, arguments: Sequence[str]) -> str:
    """The option and its value as typed, where a value was of the wrong type: Typer's message names the option only."""
    options = getattr(getattr(error, "param", None), "opts", ())
    for before, after in pairwise((*arguments, "")):
        if before in options:
            return f"{before} {after!r}: "
        if before.partition("=")[0] in options and "=" in before:
            return f"{before!r}: "
    return ""


def _complain(message: str, status: int) -> int:
    sys.stderr.write(f"boundlab: {one_line(message)}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
