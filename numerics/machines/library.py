"""The machines that ship with the package, as YAML tables in `numerics/machines/tables`.

Main definitions
    NAMES     ones_mod_2 and find_11 (the specification's examples), binary_increment, palindrome, copy,
              unary_multiplication, busy_beaver_3, busy_beaver_4, cyclic_tag (an interpreter)
    table     a machine's table as plain data
    machine   the machine
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from numerics.machines.files import Located, read_yaml
from numerics.machines.table import machine_of_table
from numerics.machines.turing import TuringMachine

NAMES = (
    "ones_mod_2",
    "find_11",
    "binary_increment",
    "palindrome",
    "copy",
    "unary_multiplication",
    "busy_beaver_3",
    "busy_beaver_4",
    "cyclic_tag",
)


class UnknownMachine(KeyError):
    """No machine of that name ships with the package; the message names those that do."""


@cache
def _located(name: str) -> Located:
    if name not in NAMES:
        raise UnknownMachine(f"no machine {name!r} ships with the package, expected one of {', '.join(NAMES)}")
    return read_yaml(files("numerics.machines").joinpath("tables", f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


def table(name: str) -> dict[str, Any]:
    """The table of a shipped machine, to be changed and given to `machine_of_table`. Raises UnknownMachine."""
    return dict(_located(name).data)


@cache
def machine(name: str) -> TuringMachine:
    """A shipped machine by name. Raises UnknownMachine."""
    return machine_of_table(_located(name).data)
