"""How much faster a batch of prompts decodes than one token after the other; ratios within one run.

    python benchmarks/machines.py

Compares `numerics.machines.dense` with the loop of the definition in Python integers, on 4096 prompts (the loop on 64
of them); int64, float32 and torch in float64. Chains agree before anything is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from numerics.machines.compiled import Compiled
from numerics.machines.dense import decode, dense, encode, rollout, teacher_force
from numerics.machines.exported import export
from numerics.machines.library import machine
from numerics.machines.linear_ar import rollout as loop
from numerics.machines.multiplication import compile_ripple, compile_short
from numerics.machines.parity import kautz, qary, scan
from numerics.machines.routes import compile_machine

PROMPTS, LOOPED = 4096, 64


def seconds(function: Callable[[], object], repeats: int = 3) -> float:
    """Least processor time of one call."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def compare(name: str, compiled: Compiled) -> None:
    generator = np.random.default_rng(0)
    words = [tuple(str(generator.choice(alphabet)) for alphabet in compiled.inputs) for _ in range(PROMPTS)]
    model = dense(compiled.model, compiled.tokens, "int64")
    single = dense(compiled.model, compiled.tokens, "float32")
    module = export(compiled.model, compiled.tokens)
    prompts = encode(model, words)
    chains = rollout(model, prompts)
    assert decode(model, chains[:LOOPED]) == [loop(compiled.model, word) for word in words[:LOOPED]]
    assert (module(torch.from_numpy(prompts)).numpy() == chains).all()
    slow = seconds(lambda: [loop(compiled.model, word) for word in words[:LOOPED]]) / LOOPED
    fast = seconds(lambda: rollout(model, prompts)) / PROMPTS
    forced = seconds(lambda: teacher_force(model, prompts, chains)) / PROMPTS
    narrow = seconds(lambda: rollout(single, prompts)) / PROMPTS
    twin = seconds(lambda: module(torch.from_numpy(prompts))) / PROMPTS
    microseconds = 1e6 / compiled.token_count
    print(
        f"{name:<34} T = {compiled.token_count:<5} loop {slow * microseconds:8.2f} us a token, batch "
        f"{fast * microseconds:6.3f} us: ratio {slow / fast:5.0f}; teacher forcing {slow / forced:5.0f}, "
        f"float32 {slow / narrow:5.0f}, torch {slow / twin:5.0f}"
    )


def main() -> None:
    torch.set_num_threads(1)
    compare("parity of 60 bits, binary digits", kautz(60))
    compare("parity of 60 bits, base 5", qary(60, None, 5))
    compare("parity of 40 bits, scan", scan(40))
    compare(
        "ones_mod_2, n = 8, 9 steps, dictionary", compile_machine(machine("ones_mod_2"), 8, 9, "dictionary").compiled
    )
    compare("4-digit product, short", compile_short(4))
    compare("2-digit product, ripple", compile_ripple(2))


if __name__ == "__main__":
    main()
