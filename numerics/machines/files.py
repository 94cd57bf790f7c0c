"""Machine tables in YAML and JSON files: every fault names its place in the file.

Main definitions
    read_table     a file as plain data with the place of every entry
    load_machine   a machine from a file
    Located        plain data, and the place of the entry at any path

A place is a line in a YAML file and an index path such as transitions[3][1] in a JSON file. Scalars of a YAML file are
taken as the text that stands there (0, no and on are symbols, not numbers or truth values). Aliases are refused, and
files of more than a megabyte. Source: specification `autoregressive`, 3.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, TuringMachine

LARGEST = 2**20  # characters
DEEPEST = 12  # lists in lists
Place = tuple[str | int, ...]


class FileError(ValueError):
    """A file that is no table, or a table with a fault: the message names the file, the place and the fault."""


@dataclass(frozen=True)
class Located:
    """A table and where its entries stand.

    Attributes
        name    of the file, for messages
        data    dictionaries, lists and text
        lines   line of the entry at a path, from 1; empty for JSON, where the path itself is the place
    """

    name: str
    data: dict[str, Any]
    lines: Mapping[Place, int]

    def place(self, at: Place) -> str:
        """Where the entry at a path stands: the file with a line, or with the path."""
        if not self.lines:
            return f"{self.name}, {path_text(at)}" if at else self.name
        while at not in self.lines:  # an entry that is missing: where it would belong
            at = at[:-1]
        return f"{self.name}, line {self.lines[at]}"


def load_machine(path: Path) -> TuringMachine:
    """The machine of a .yaml, .yml or .json file. Raises FileError."""
    return machine_of_file(read_table(path))


def machine_of_file(table: Located) -> TuringMachine:
    """The machine of a table that was read. Raises FileError with the place of the faulty entry."""
    try:
        return machine_of_table(table.data)
    except MachineError as error:
        raise FileError(f"{table.place(error.at)}: {error.message}") from error


def read_table(path: Path) -> Located:
    """A .json file as JSON, any other as YAML. Raises FileError for a file that cannot be read or is no table."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise FileError(f"{path}: cannot be read: {reason}") from error
    if len(text) > LARGEST:
        raise FileError(f"{path}: {len(text)} characters, expected at most {LARGEST}")
    return read_json(text, str(path)) if path.suffix.lower() == ".json" else read_yaml(text, str(path))


def read_json(text: str, name: str) -> Located:
    """A JSON document whose top level is an object; FileError names a line for faults of syntax, else a path."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
            raise FileError(f"{name}: the key {twice!r} stands twice in one object")
        return found

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise FileError(f"{name}, line {error.lineno}: no JSON: {error.msg}") from error
    except RecursionError as error:
        raise FileError(f"{name}: lists nested too deeply, expected at most {DEEPEST} levels") from error
    if not isinstance(data, dict):
        raise FileError(f"{name}: a {type(data).__name__} at the top, expected an object with keys")
    return Located(name, data, {})


def read_yaml(text: str, name: str) -> Located:
    """A YAML document whose top level is a mapping; FileError names the line."""
    import yaml

    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise FileError(f"{name}, line {event.start_mark.line + 1}: an alias (*{event.anchor}), expected none")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f", line {mark.line + 1}" if mark is not None else ""
        raise FileError(f"{name}{at}: no YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:  # a character that no YAML file may contain
        raise FileError(f"{name}: no YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise FileError(f"{name}: lists nested too deeply, expected at most {DEEPEST} levels") from error
    if not isinstance(node, yaml.MappingNode):
        raise FileError(f"{name}: no mapping at the top, expected keys such as states and transitions")
    lines: dict[Place, int] = {}
    return Located(name, _plain(node, (), name, lines), lines)


def _plain(node: Any, at: Place, name: str, lines: dict[Place, int]) -> Any:
    """A YAML node as dictionaries, lists and text; fills in the lines."""
    import yaml

    lines[at] = line = node.start_mark.line + 1
    if len(at) > DEEPEST:
        raise FileError(f"{name}, line {line}: lists nested too deeply, expected at most {DEEPEST} levels")
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(entry, (*at, i), name, lines) for i, entry in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, value in node.value:
        here = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise FileError(f"{name}, line {here}: a key that is a list or a mapping, expected a name")
        if key.value in found:
            raise FileError(f"{name}, line {here}: the key {key.value!r} stands twice")
        found[key.value] = _plain(value, (*at, key.value), name, lines)
        lines[(*at, key.value)] = here
    return found


def path_text(at: Place) -> str:
    """A path as in `transitions[3][1]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
