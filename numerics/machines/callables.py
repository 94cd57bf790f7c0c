"""Linear chains for a Python function of bits.

Main definitions
    truth_table       values of the function on all 2^n rows, first bit most significant
    lengths           tokens that each method needs
    compile_callable  the predictor; method "auto" takes the least number of tokens

Methods, in the order that breaks ties: `constant` and `single gate` (1 token), `symmetric` (changes of value along
|x| = 0..n, plus 1), `dnf` (ones + 1), `cnf` (zeros + 1); `dictionary` (2 tokens of a dictionary of 2^n + 2) is only
taken when it is asked for. Source: specification `autoregressive`, 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.machines.compiled import Compiled, Reference, Word, verified
from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.threshold_functions import IntArray, cube, single_gate
from numerics.machines.tokens import BITS, conjunction, gate, lookup, whole

MOST_BITS = 16
METHODS = ("constant", "single gate", "symmetric", "dnf", "cnf", "dictionary")


class CallableError(ValueError):
    """A function of bits cannot be compiled; the message names the row, the value, or the method."""


@dataclass(frozen=True)
class _Plan:
    """What a method makes of a function: steps, the closed form of their number, their meanings, the true chain."""

    steps: Sequence[LinearStep]
    formula: str
    meanings: Sequence[str]
    reference: Reference


def truth_table(f: Callable[[tuple[int, ...]], Any], n: int) -> IntArray:
    """Values of f on all 2^n rows: (2^n,). Raises CallableError for n outside 1..16, a value that is not 0 or 1, and
    when f raises."""
    if not 1 <= n <= MOST_BITS:
        raise CallableError(f"n is {n}, expected 1 to {MOST_BITS} bits")
    values = np.empty(2**n, dtype=np.int64)
    for row, x in enumerate(cube(n)):
        bits = tuple(int(bit) for bit in x)
        shown = "".join(map(str, bits))
        try:
            value = f(bits)
        except Exception as error:  # whatever a caller's function raises is reported with its row
            raise CallableError(
                f"the function raised {type(error).__name__} on row {row} ({shown}): {error}"
            ) from error
        if not isinstance(value, int | np.integer | np.bool_) or value not in (0, 1):
            raise CallableError(f"the function gives {value!r} on row {row} ({shown}), expected 0 or 1")
        values[row] = int(value)
    return values


def lengths(values: IntArray) -> dict[str, int | None]:
    """Tokens that each method needs for the function (2^n,), in the order of preference; None where it fails."""
    profile = _profile(values)
    constant = values.min() == values.max()
    return {
        "constant": 1 if constant else None,
        "single gate": 1 if single_gate(values) is not None else None,
        "symmetric": None if profile is None else _symmetric_count(profile),
        "dnf": int(values.sum()) + 1,
        "cnf": int((1 - values).sum()) + 1,
        "dictionary": 2,
    }


def compile_callable(f: Callable[[tuple[int, ...]], Any], n: int, method: str = "auto") -> Compiled:
    """The predictor that computes f on n bits. Raises CallableError, also for a method that does not fit."""
    return compile_values(truth_table(f, n), method)


def compile_values(values: IntArray, method: str = "auto") -> Compiled:
    """The same from the values (2^n,) on all rows."""
    n = int(values.size).bit_length() - 1
    if values.size != 2**n or not 1 <= n <= MOST_BITS or not np.isin(values, (0, 1)).all():
        raise CallableError(f"{values.size} values, expected 2^n values 0 or 1 for n in 1..{MOST_BITS}")
    if method not in (*METHODS, "auto"):
        raise CallableError(f"method {method!r}, expected auto or one of {', '.join(METHODS)}")
    notes: tuple[str, ...] = ()
    if method == "auto":
        found = {name: count for name, count in lengths(values).items() if count is not None and name != "dictionary"}
        method = min(found, key=lambda name: found[name])  # the first of equals
        notes = ("tokens by method: " + ", ".join(f"{name} {count}" for name, count in found.items()),)
    plan = _PLANS[method](values, n)
    return verified(
        LinearAR(n, tuple(plan.steps)),
        plan.reference,
        [BITS] * n,
        route=f"callable/{method}",
        formula=plan.formula,
        count=_promised(method, values),
        meanings=plan.meanings,
        notes=notes,
    )


def _promised(method: str, values: IntArray) -> int:
    if method == "dictionary":
        return 2
    if method == "symmetric":
        profile = _profile(values)
        return 1 if profile is None else _symmetric_count(profile)
    return {"dnf": int(values.sum()) + 1, "cnf": int((1 - values).sum()) + 1}.get(method, 1)


def _row(prompt: Word) -> int:
    return int("".join(prompt), 2)


def _constant(values: IntArray, n: int) -> _Plan:
    if values.min() != values.max():
        row = int(np.flatnonzero(values != values[0])[0])
        raise CallableError(f"the function is not constant: row 0 gives {values[0]}, row {row} gives {values[row]}")
    value = int(values[0])
    return _Plan([gate({}, 1 - value)], "1", [f"constant {value}"], lambda prompt: [str(value)])


def _single(values: IntArray, n: int) -> _Plan:
    found = single_gate(values)
    if found is None:
        raise CallableError("no single threshold gate computes the function")
    weights, threshold = found
    terms = " + ".join(f"{w}*x{i}" for i, w in enumerate(weights) if w) or "0"
    return _Plan(
        [gate(dict(enumerate(weights)), threshold)],
        "1",
        [f"answer: {terms} >= {threshold}"],
        lambda prompt: [str(values[_row(prompt)])],
    )


def _profile(values: IntArray) -> IntArray | None:
    """Value at |x| = 0..n of a symmetric function (n + 1,), None for others."""
    ones = cube(int(values.size).bit_length() - 1).sum(axis=1)
    found: IntArray = np.array([values[ones == k][0] for k in range(ones.max() + 1)], dtype=np.int64)
    return found if (found[ones] == values).all() else None


def _symmetric_count(profile: IntArray) -> int:
    changes = int((np.diff(profile) != 0).sum())
    return changes + 1 if changes >= 2 else 1


def _symmetric(values: IntArray, n: int) -> _Plan:
    profile = _profile(values)
    if profile is None:
        ones = cube(n).sum(axis=1)
        row, other = next((r, s) for k in range(n + 1) for r, s in [_differing(values, ones == k)] if r != s)
        raise CallableError(f"the function is not symmetric: rows {row} and {other} have as many ones, not one value")
    changes = [k for k in range(1, n + 1) if profile[k] != profile[k - 1]]
    if len(changes) < 2:
        if not changes:
            return _constant(values, n)
        k, rising = changes[0], bool(profile[n])
        step = gate(dict.fromkeys(range(n), 1), k) if rising else gate(dict.fromkeys(range(n), -1), 1 - k)
        meaning = f"answer: |x| >= {k}" if rising else f"answer: |x| < {k}"
        return _Plan([step], "1", [meaning], lambda prompt: [str(values[_row(prompt)])])
    steps = [gate(dict.fromkeys(range(n), 1), k) for k in changes]
    signs = {n + i: int(profile[k] - profile[k - 1]) for i, k in enumerate(changes)}
    steps.append(gate(signs, 1 - int(profile[0])))

    def reference(prompt: Word) -> list[str]:
        ones = prompt.count("1")
        return [*(str(int(ones >= k)) for k in changes), str(values[_row(prompt)])]

    return _Plan(steps, "changes of value along |x| + 1", [*(f"|x| >= {k}" for k in changes), "answer"], reference)


def _differing(values: IntArray, inside: Any) -> tuple[int, int]:
    """Two rows among `inside` with different values; twice the same row if there are none."""
    rows = np.flatnonzero(inside)
    other = rows[values[rows] != values[rows[0]]]
    return int(rows[0]), int(other[0]) if len(other) else int(rows[0])


def _dnf(values: IntArray, n: int) -> _Plan:
    return _normal_form(values, n, 1)


def _cnf(values: IntArray, n: int) -> _Plan:
    return _normal_form(values, n, 0)


def _normal_form(values: IntArray, n: int, of: int) -> _Plan:
    """A token for every row of value `of`: the input is that row (of = 1), or is not (of = 0); then OR or AND."""
    rows = [int(row) for row in np.flatnonzero(values == of)]
    words = [format(row, f"0{n}b") for row in rows]
    sign = 1 if of else -1
    steps = []
    for word in words:
        weights = {i: sign if bit == "1" else -sign for i, bit in enumerate(word)}
        steps.append(gate(weights, word.count("1") if of else 1 - word.count("1")))
    steps.append(gate(dict.fromkeys(range(n, n + len(rows)), 1), 1 if of else len(rows)))

    def reference(prompt: Word) -> list[str]:
        here = _row(prompt)
        return [*(str(int((row == here) == bool(of))) for row in rows), str(values[here])]

    relation = "is" if of else "is not"
    return _Plan(
        steps,
        "ones + 1" if of else "zeros + 1",
        [*(f"the input {relation} {word}" for word in words), "answer"],
        reference,
    )


def _dictionary(values: IntArray, n: int) -> _Plan:
    whole_input = conjunction([whole(i, BITS) for i in range(n)], "".join)
    g = {token: str(values[row]) for row, token in enumerate(whole_input.entries)}

    def reference(prompt: Word) -> list[str]:
        return ["".join(prompt), str(values[_row(prompt)])]

    return _Plan([whole_input.step, lookup(n, g, BITS)], "2", ["the input as one token", "answer"], reference)


_PLANS: dict[str, Callable[[IntArray, int], _Plan]] = {
    "constant": _constant,
    "single gate": _single,
    "symmetric": _symmetric,
    "dnf": _dnf,
    "cnf": _cnf,
    "dictionary": _dictionary,
}
