"""Gates and perceptrons for the top-bit parity, by exact linear programs and on the whole cube."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hypothesis import strategies as st

from numerics.machines.top_bit import fibonacci_gate, least_top_weight, perceptron_mistakes
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space

MOST_BITS = 10  # of the linear program; its cube has 1024 points
MOST_PERCEPTRON_BITS = 7

bits = Space("numbers of bits", lambda claim: st.integers(1, MOST_BITS), lambda claim: range(1, MOST_BITS + 1))


@cache
def _least(n: int) -> int:
    return int(least_top_weight(n))


@measures("autoregressive/gate_margin_exponential", over=bits, examples=(5, 40))
def gate_margin_exponential(n: int, context: Context) -> Iterator[Instance]:
    weights, _ = fibonacci_gate(n + 1)
    sizes = [abs(w) for w in weights]
    parity, k = ("odd", (n - 1) // 2) if n % 2 else ("even", (n - 2) // 2)
    yield Instance({"k": k}, exact(_least(n)), f"{parity} weight", exact(sizes[n - 1]), f"n = {n}")
    norm = sum(w * w for w in sizes[:n])
    yield Instance({"k": n}, exact(norm), "norm", exact(sizes[n - 1] * sizes[n]), f"n = {n}")
    yield Instance({"k": n - 1}, exact(sizes[n]), "growth", label=f"F_{n + 1}")
    if n <= MOST_PERCEPTRON_BITS:
        found, learned = perceptron_mistakes(n, context.rng)
        yield Instance({"k": k}, exact(found), f"mistakes, {parity}", exact(sizes[n - 1]), f"n = {n}")
        yield Instance({"k": k}, exact(abs(int(learned[n - 1]))), f"{parity} weight", exact(sizes[n - 1]), "learned")
