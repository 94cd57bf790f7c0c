"""Compiled predictors as JSON files.

Main definitions
    save, load   a `Compiled` with everything it records; equal when read back

Weights are written as decimal integers of any size. What a file says of its verification is what its compiler found;
`load` checks the form of the file, not the chains. Source: specification `autoregressive`, section 4.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from numerics.archive import write_text
from numerics.machines.compiled import Compiled, Verification, Word
from numerics.machines.linear_ar import LinearAR, LinearStep

FORMAT = "boundlab compiled predictor, version 1"


class SavedModelError(ValueError):
    """A file is not a saved predictor; the message names the file, the entry and what was expected."""


def save(compiled: Compiled, path: Path) -> None:
    """Write the predictor to a .json file; a reader sees the old file or the whole new one."""
    write_text(path, json.dumps(_record(compiled), ensure_ascii=False))


def load(path: Path) -> Compiled:
    """The predictor of a file that `save` wrote. Raises SavedModelError."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SavedModelError(f"cannot read {path.name} as JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise SavedModelError(f"{path.name} is no saved predictor, expected a JSON object with format {FORMAT!r}")
    return _Reader(path.name).compiled(record)


def _record(compiled: Compiled) -> dict[str, Any]:
    steps = [
        {
            "live": list(step.live),
            "bias": dict(step.bias),
            "weights": [[position, token, dict(row)] for (position, token), row in step.weights.items()],
        }
        for step in compiled.model.steps
    ]
    check = compiled.verification
    return {
        "format": FORMAT,
        "route": compiled.route,
        "n": compiled.model.n,
        "inputs": [list(alphabet) for alphabet in compiled.inputs],
        "formula": compiled.formula,
        "least_gaps": list(compiled.least_gaps),
        "verification": {"prompts": check.prompts, "of": check.of, "seed": check.seed},
        "notes": list(compiled.notes),
        "meanings": list(compiled.meanings),
        "steps": steps,
    }


class _Reader:
    """Takes a record apart; every fault is reported with the path of the entry."""

    def __init__(self, name: str) -> None:
        self.name = name

    def compiled(self, record: dict[str, Any]) -> Compiled:
        n = self.integer(record, "n", "n")
        listed = self.get(record, "inputs", list, "inputs")
        inputs = tuple(self.words(entry, f"inputs[{i}]") for i, entry in enumerate(listed))
        if n < 1 or len(inputs) != n:
            raise self.fault("inputs", f"{len(inputs)} alphabets for n = {n}, expected n >= 1 of them")
        entries = self.get(record, "steps", list, "steps")
        steps = tuple(self.step(entry, n + t, f"steps[{t}]") for t, entry in enumerate(entries))
        if not steps:
            raise self.fault("steps", "no steps, expected at least one")
        check = self.get(record, "verification", dict, "verification")
        seed = None if check.get("seed") is None else self.integer(check, "seed", "verification.seed")
        gaps = self.get(record, "least_gaps", list, "least_gaps")
        if not all(gap is None or _is_int(gap) for gap in gaps):
            raise self.fault("least_gaps", "expected integers or null")
        meanings = self.words(record.get("meanings"), "meanings", distinct=False)
        for key, found in (("least_gaps", gaps), ("meanings", meanings)):
            if len(found) != len(steps):
                raise self.fault(key, f"{len(found)} entries, expected one for each of the {len(steps)} steps")
        return Compiled(
            LinearAR(n, steps),
            self.get(record, "route", str, "route"),
            inputs,
            meanings,
            self.get(record, "formula", str, "formula"),
            tuple(gaps),
            Verification(
                self.integer(check, "prompts", "verification.prompts"),
                self.integer(check, "of", "verification.of"),
                seed,
            ),
            self.words(record.get("notes"), "notes", distinct=False, empty=True),
        )

    def step(self, entry: Any, length: int, at: str) -> LinearStep:
        """A step whose context has `length` tokens."""
        if not isinstance(entry, dict):
            raise self.fault(at, f"{entry!r}, expected an object")
        live = self.words(entry.get("live"), f"{at}.live")
        weights: dict[tuple[int, str], dict[str, int]] = {}
        for i, item in enumerate(self.get(entry, "weights", list, f"{at}.weights")):
            place = f"{at}.weights[{i}]"
            if not (isinstance(item, list) and len(item) == 3 and _is_int(item[0]) and isinstance(item[1], str)):
                raise self.fault(place, "expected [position, token, {output: weight}]")
            position, token, row = item
            if not 0 <= position < length:
                raise self.fault(place, f"position {position}, expected 0..{length - 1}")
            if (position, token) in weights:
                raise self.fault(place, f"position {position} and token {token!r} stand there twice")
            weights[position, token] = self.row(row, live, place)
        return LinearStep(live, weights, self.row(entry.get("bias"), live, f"{at}.bias"))

    def row(self, entry: Any, live: Word, at: str) -> dict[str, int]:
        if not isinstance(entry, dict) or not all(_is_int(weight) for weight in entry.values()):
            raise self.fault(at, "expected an object of integer weights")
        dead = [token for token in entry if token not in live]
        if dead:
            raise self.fault(at, f"a weight towards {dead[0]!r}, which is not live")
        return entry

    def words(self, entry: Any, at: str, distinct: bool = True, empty: bool = False) -> Word:
        if not isinstance(entry, list) or not all(isinstance(token, str) for token in entry):
            raise self.fault(at, "expected a list of text")
        if not (entry or empty) or (distinct and len(set(entry)) != len(entry)):
            raise self.fault(at, f"{len(entry)} entries, expected different ones and at least one")
        return tuple(entry)

    def get(self, record: dict[str, Any], key: str, kind: type[Any], at: str) -> Any:
        if not isinstance(record.get(key), kind):
            raise self.fault(at, f"{record.get(key)!r:.40}, expected {kind.__name__}")
        return record[key]

    def integer(self, record: dict[str, Any], key: str, at: str) -> int:
        if not _is_int(record.get(key)):
            raise self.fault(at, f"{record.get(key)!r:.40}, expected an integer")
        return int(record[key])

    def fault(self, at: str, what: str) -> SavedModelError:
        return SavedModelError(f"{self.name}, {at}: {what}")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
