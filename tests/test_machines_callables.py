"""Chains for functions of bits: every method on every small function, exact lengths, exponential weights."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from numerics.machines.callables import (
    METHODS,
    CallableError,
    compile_callable,
    compile_values,
    lengths,
    truth_table,
)
from numerics.machines.linear_ar import rollout
from numerics.machines.threshold_functions import cube, exact_length, first_gates, single_gate, threshold_functions

Bits = tuple[int, ...]


def parity(bits: Bits) -> int:
    return sum(bits) % 2


def majority(bits: Bits) -> int:
    return int(2 * sum(bits) > len(bits))


def top_bit_parity(bits: Bits) -> int:
    """1 iff the largest index 1..n with a one exists and is odd."""
    return max((i for i, bit in enumerate(bits, start=1) if bit), default=0) % 2


def answers(values: np.ndarray[Any, Any], method: str) -> list[int]:
    compiled = compile_values(values, method)
    n = int(values.size).bit_length() - 1
    return [int(rollout(compiled.model, word)[-1]) for word in itertools.product("01", repeat=n)]


# ------------------------------------------------------------------ threshold functions


def test_counts_of_threshold_functions() -> None:
    assert [len(threshold_functions(n)) for n in (1, 2, 3, 4)] == [4, 14, 104, 1882]  # OEIS A000609


def test_a_gate_is_found_exactly_for_the_threshold_functions() -> None:
    known = {tuple(row) for row in threshold_functions(3)}
    for values in itertools.product((0, 1), repeat=8):
        found = single_gate(np.array(values))
        assert (found is not None) == (values in known)
        if found is not None:
            weights, threshold = found
            assert tuple(int(x @ np.array(weights) >= threshold) for x in cube(3)) == values


@pytest.mark.parametrize("seed", range(8))
def test_gates_of_many_bits_are_found(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(4, 10))
    weights, threshold = generator.integers(-9, 10, n), int(generator.integers(-9, 10))
    values = (cube(n) @ weights >= threshold).astype(np.int64)
    found = single_gate(values)
    assert found is not None
    assert ((cube(n) @ np.array(found[0]) >= found[1]) == (values == 1)).all()


@pytest.mark.parametrize("n", range(1, 13))
def test_top_bit_parity_has_fibonacci_weights(n: int) -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < n:
        fibonacci.append(sum(fibonacci[-2:]))
    weights, threshold = tuple((-1) ** i * f for i, f in enumerate(fibonacci[:n])), 1
    assert single_gate(truth_table(top_bit_parity, n)) == (weights, threshold)


def test_exact_lengths_of_small_functions() -> None:
    assert exact_length(truth_table(parity, 4)) == ">2"
    assert [exact_length(truth_table(parity, n)) for n in (1, 2, 3)] == [1, 2, 2]
    assert exact_length(truth_table(majority, 4)) == exact_length(truth_table(lambda bits: 0, 4)) == 1
    assert Counter(exact_length(np.array(v)) for v in itertools.product((0, 1), repeat=4)) == {1: 14, 2: 2}
    assert Counter(exact_length(np.array(v)) for v in itertools.product((0, 1), repeat=8)) == {1: 104, 2: 152}


def two_gates_by_program(values: np.ndarray[Any, Any], gate: np.ndarray[Any, Any]) -> bool:
    """Whether a threshold gate of the input bits and one earlier gate gives the values, by a linear program."""
    n = int(values.size).bit_length() - 1
    rows = np.column_stack([cube(n), gate, -np.ones(len(values))])
    signs = np.where(values == 1, -1.0, 1.0)[:, None]
    return linprog(np.zeros(n + 2), signs * rows, -np.full(len(values), 0.5), bounds=(None, None)).status == 0


@pytest.mark.parametrize("seed", range(3))
def test_first_gates_agree_with_linear_programs(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 2, 16)
    good = {tuple(row) for row in first_gates(values)}
    gates = threshold_functions(4)
    gates = gates[gates[:, 0] == 0]
    for gate in gates[generator.choice(len(gates), 60, replace=False)]:
        assert two_gates_by_program(values, gate) == (tuple(gate) in good)


def test_parity_of_four_bits_has_the_witness_of_the_statement_at_every_first_gate() -> None:
    """Two odd and two even points with equal coordinate sums and equal gate sums: no second gate can exist."""
    points = cube(4)
    odd, even = ([i for i in range(16) if points[i].sum() % 2 == side] for side in (1, 0))
    pairs = [
        (a, b)
        for a in itertools.combinations_with_replacement(odd, 2)
        for b in itertools.combinations_with_replacement(even, 2)
        if (points[list(a)].sum(axis=0) == points[list(b)].sum(axis=0)).all()
    ]
    left, right = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])  # (pairs, 2)
    gates = threshold_functions(4)
    equal = gates[:, left].sum(axis=2) == gates[:, right].sum(axis=2)  # (gates, pairs)
    assert len(gates) == 1882 and equal.any(axis=1).all()


@pytest.mark.parametrize("a", [1, 2, 3, 4])
def test_best_agreement_of_one_token_with_parity(a: int) -> None:
    values = truth_table(parity, a)
    best = Fraction(int((threshold_functions(a) == values).sum(axis=1).max()), 2**a)
    assert best == Fraction(1, 2) + Fraction(comb(a - 1, (a - 1) // 2), 2**a)
    assert float(best) == [1, 0.75, 0.75, 0.6875][a - 1]


# ------------------------------------------------------------------ methods


@pytest.mark.parametrize("n", [1, 2])
def test_every_method_on_every_function_of_two_bits(n: int) -> None:
    for values in itertools.product((0, 1), repeat=2**n):
        table = np.array(values)
        for method, count in lengths(table).items():
            if count is None:
                with pytest.raises(CallableError):
                    compile_values(table, method)
            else:
                assert answers(table, method) == list(values)
                assert compile_values(table, method).token_count == count


@given(st.integers(0, 255))
@settings(max_examples=40, deadline=None)
def test_auto_takes_the_least_length(code: int) -> None:
    values = np.array([code >> row & 1 for row in range(8)])
    compiled = compile_values(values)
    found = {name: count for name, count in lengths(values).items() if count is not None and name != "dictionary"}
    assert compiled.token_count == min(found.values())
    assert compiled.route == "callable/" + next(name for name, count in found.items() if count == compiled.token_count)
    assert answers(values, "auto") == values.tolist()
    assert (compiled.least_gap or 0) >= 1


@pytest.mark.parametrize(
    ("f", "n", "route", "count"),
    [
        (lambda bits: 1, 5, "constant", 1),
        (majority, 7, "single gate", 1),
        (top_bit_parity, 8, "single gate", 1),
        (parity, 6, "symmetric", 7),
        (lambda bits: sum(bits) in (2, 3), 6, "symmetric", 3),
        (lambda bits: bits in ((0, 0, 1, 0, 1), (1, 1, 0, 0, 0)), 5, "dnf", 3),
        (lambda bits: bits not in ((0, 0, 1, 0, 1), (1, 1, 0, 0, 0)), 5, "cnf", 3),
        (lambda bits: bits[0] ^ bits[1], 3, "dnf", 5),
    ],
)
def test_routes_and_lengths(f: Callable[[Bits], int], n: int, route: str, count: int) -> None:
    compiled = compile_callable(f, n)
    assert (compiled.route, compiled.token_count) == (f"callable/{route}", count)
    assert compiled.notes[0].startswith("tokens by method: ") and str(compiled.verification) == "exhaustive"


def test_symmetric_tokens_are_the_thresholds_of_the_changes() -> None:
    compiled = compile_callable(parity, 3, "symmetric")
    assert compiled.meanings == ("|x| >= 1", "|x| >= 2", "|x| >= 3", "answer")
    assert [line.token for line in compiled.trace("101")] == ["1", "1", "0", "0"]
    falling = compile_callable(lambda bits: int(sum(bits) < 2), 4, "symmetric")
    assert (falling.token_count, falling.meanings) == (1, ("answer: |x| < 2",))


@pytest.mark.parametrize("n", [1, 3, 6, 12])
def test_two_tokens_of_a_large_dictionary_compute_anything(n: int) -> None:
    values = np.random.default_rng(n).integers(0, 2, 2**n)
    compiled = compile_values(values, "dictionary")
    assert (compiled.token_count, compiled.least_gaps) == (2, (1, 1))
    assert compiled.squared_norms == (n * 2**n, 2**n)
    assert len(compiled.model.steps[0].live) == 2**n
    assert str(compiled.verification) == "exhaustive"


def test_auto_never_takes_the_dictionary() -> None:
    values = np.random.default_rng(0).integers(0, 2, 32)
    assert METHODS[-1] == "dictionary" and lengths(values)["dictionary"] == 2
    assert compile_values(values).token_count > 2


def test_functions_of_sixteen_bits_are_sampled() -> None:
    compiled = compile_values((cube(16).sum(axis=1) % 5 == 0).astype(np.int64), "symmetric")
    assert (compiled.token_count, str(compiled.verification)) == (8, "1000 seeded prompts")


def failing(bits: Bits) -> int:
    if bits == (0, 1, 1):
        raise KeyError("no such thing")
    return 0


@pytest.mark.parametrize(
    ("f", "n", "method", "message"),
    [
        (parity, 0, "auto", "n is 0, expected 1 to 16 bits"),
        (parity, 17, "auto", "n is 17"),
        (sum, 2, "auto", r"the function gives 2 on row 3 \(11\), expected 0 or 1"),
        (lambda bits: 0.5, 2, "auto", r"gives 0.5 on row 0 \(00\)"),
        (lambda bits: "1", 2, "auto", r"gives '1' on row 0"),
        (lambda bits: None, 2, "auto", r"gives None on row 0"),
        (failing, 3, "auto", r"raised KeyError on row 3 \(011\)"),
        (parity, 3, "magic", "method 'magic', expected auto or one of constant"),
        (parity, 3, "single gate", "no single threshold gate"),
        (parity, 3, "constant", "not constant: row 0 gives 0, row 1 gives 1"),
        (top_bit_parity, 3, "symmetric", "rows 1 and 2 have as many ones"),
    ],
)
def test_faults_are_named(f: Any, n: int, method: str, message: str) -> None:
    with pytest.raises(CallableError, match=message):
        compile_callable(f, n, method)


def test_values_of_a_wrong_number_are_refused() -> None:
    with pytest.raises(CallableError, match=r"3 values, expected 2\^n"):
        compile_values(np.array([0, 1, 0]))
    with pytest.raises(ValueError, match="functions of 5 bits are decided exactly for 1 to 4"):
        exact_length(truth_table(parity, 5))
