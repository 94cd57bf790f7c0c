"""Decoding of compiled predictors, and the perceptron, side by side in one run.

    python benchmarks/autoregressive.py [--peers-python PATH]

Decoding: `numerics.machines.dense` on a batch of 4096 prompts against the loop of the definition in Python integers,
against a torch decoder that multiplies one-hot contexts with dense weights (128 prompts), against our own torch twin,
and, for machines, against the direct simulator in plain Python. Chains agree before anything is timed.
Perceptron: one position of a chain of thought for parity, the same examples and the same number of passes, against
scikit-learn's (Cython) in the peers' interpreter, where there is one.
Processor time, the best of three, one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from numerics.learning.features import Signs
from numerics.learning.perceptron import learn_position
from numerics.machines.compiled import Compiled
from numerics.machines.dense import DenseAR, decode, dense, encode, rollout, teacher_force
from numerics.machines.exported import export
from numerics.machines.library import machine
from numerics.machines.linear_ar import rollout as loop
from numerics.machines.multiplication import compile_ripple, compile_short
from numerics.machines.parity import kautz, qary, scan
from numerics.machines.routes import compile_machine
from numerics.machines.turing import TuringMachine, simulate

PROMPTS, LOOPED, MULTIPLIED = 4096, 64, 128
MOST_WEIGHTS = 5 * 10**7  # entries of the dense weights of all steps: 400 MB in float64

SCIKIT = """
import sys, time
import numpy as np
from sklearn.linear_model import Perceptron
data = np.load(sys.argv[1])
best = float("inf")
for _ in range(3):
    learner = Perceptron(max_iter=int(data["passes"]), tol=None, shuffle=True, random_state=0)
    start = time.process_time()
    learner.fit(data["features"], data["labels"])
    best = min(best, time.process_time() - start)
print(best, float(learner.score(data["features"], data["labels"])))
"""


def seconds(function: Callable[[], object], repeats: int = 3) -> float:
    """Least processor time of one call."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


class OneHotDecoder:
    """The decoder one would write first: weights (A, K (n + t - 1) + 1) of every step, times one-hot contexts."""

    def __init__(self, model: DenseAR) -> None:
        self.n, self.K = model.n, len(model.tokens)
        self.steps = []
        for t, step in enumerate(model.steps):
            weights = torch.zeros((len(step.live), self.K * (model.n + t) + 1), dtype=torch.float64)
            for place, position in enumerate(step.positions):
                block = slice(int(position) * self.K, (int(position) + 1) * self.K)
                weights[:, block] = torch.from_numpy(step.rows[step.table[place]].astype(np.float64).T)
            weights[:, -1] = torch.from_numpy(step.bias.astype(np.float64))
            self.steps.append((weights, torch.from_numpy(step.live)))

    def rollout(self, prompts: torch.Tensor) -> torch.Tensor:
        """Chains (B, T) of prompts (B, n)."""
        one = torch.ones((len(prompts), 1), dtype=torch.float64)
        hot = torch.nn.functional.one_hot(prompts, self.K).to(torch.float64).flatten(1)  # (B, n K)
        chain = []
        for weights, live in self.steps:
            token = live[(torch.cat([hot, one], dim=1) @ weights.T).argmax(dim=1)]  # (B,)
            chain.append(token)
            hot = torch.cat([hot, torch.nn.functional.one_hot(token, self.K).to(torch.float64)], dim=1)
        return torch.stack(chain, dim=1)


def compare(name: str, compiled: Compiled, simulated: tuple[TuringMachine, int] | None = None) -> None:
    generator = np.random.default_rng(0)
    words = [tuple(str(generator.choice(alphabet)) for alphabet in compiled.inputs) for _ in range(PROMPTS)]
    model = dense(compiled.model, compiled.tokens, "int64")
    single = dense(compiled.model, compiled.tokens, "float32")
    module = export(compiled.model, compiled.tokens)
    prompts = encode(model, words)
    tensors = torch.from_numpy(prompts)
    chains = rollout(model, prompts)
    assert decode(model, chains[:LOOPED]) == [loop(compiled.model, word) for word in words[:LOOPED]]
    assert (module(tensors).numpy() == chains).all()

    T = compiled.token_count
    fast = seconds(lambda: rollout(model, prompts)) / PROMPTS
    times = {
        "loop": seconds(lambda: [loop(compiled.model, word) for word in words[:LOOPED]]) / LOOPED,
        "torch twin": seconds(lambda: module(tensors)) / PROMPTS,
        "float32": seconds(lambda: rollout(single, prompts)) / PROMPTS,
        "teacher forcing": seconds(lambda: teacher_force(model, prompts, chains)) / PROMPTS,
    }
    size = sum(len(step.live) * (len(model.tokens) * (model.n + t) + 1) for t, step in enumerate(model.steps))
    if size <= MOST_WEIGHTS:
        plain = OneHotDecoder(model)
        assert (plain.rollout(tensors[:MULTIPLIED]).numpy() == chains[:MULTIPLIED]).all()
        times["dense torch"] = seconds(lambda: plain.rollout(tensors[:MULTIPLIED])) / MULTIPLIED
    if simulated is not None:
        tm, tau = simulated
        times["simulator"] = seconds(lambda: [simulate(tm, word, tau) for word in words[:LOOPED]]) / LOOPED
    shown = ", ".join(f"{what} {took / fast:.3g}" for what, took in times.items())
    print(f"{name:<42} T = {T:<5} {T / fast:12,.0f} tokens a second; time of the others over it: {shown}", flush=True)


def perceptron(peers: str | None) -> None:
    """The first token of the binary chain for the parity of 13 of 20 bits, 3000 examples."""
    rng = np.random.default_rng(0)
    n, subset = 20, list(range(13))
    compiled = kautz(n, subset)
    model = dense(compiled.model, compiled.tokens, "int64")
    bits = rng.integers(0, 2, size=(3000, n))
    chains = rollout(model, encode(model, [tuple(map(str, row)) for row in bits.tolist()]))
    place = {token: i for i, token in enumerate(model.tokens)}
    values = np.array([0 if token == place["0"] else 1 for token in range(len(model.tokens))])
    labels = values[chains[:, 0]]
    decoder = Signs(np.arange(n, dtype=np.int64))
    learned = learn_position(decoder, bits, labels, np.random.default_rng(1))
    ours = seconds(lambda: learn_position(decoder, bits, labels, np.random.default_rng(1)))
    print(
        f"perceptron: {learned.mistakes} mistakes in {learned.passes} passes over {len(bits)} examples, "
        f"converged: {learned.converged}; {ours * 1e3:.1f} ms"
    )
    if peers is None:
        print("scikit-learn: no peers' interpreter was given")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, features=decoder.dense(bits), labels=labels, passes=learned.passes)
        answer = subprocess.run(
            [peers, "-c", SCIKIT, str(path)], capture_output=True, text=True, check=True, env={**os.environ}
        )
    took, score = map(float, answer.stdout.split())
    print(
        f"scikit-learn, as many passes: {took * 1e3:.1f} ms, right on {score:.4f} of the examples; "
        f"its time over ours: {took / ours:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers-python", help="interpreter with scikit-learn (requirements/bench.txt)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    compare("parity of 60 bits, binary digits", kautz(60))
    compare("parity of 60 bits, base 5", qary(60, None, 5))
    compare("parity of 40 bits, scan", scan(40))
    for name, n, tau, route in (
        ("ones_mod_2", 8, 9, "dictionary"),
        ("ones_mod_2", 8, 9, "oblivious"),
        ("palindrome", 4, 16, "dictionary"),
        ("binary_increment", 6, 14, "dictionary"),
    ):
        tm = machine(name)
        compare(f"{name}, n = {n}, {tau} steps, {route}", compile_machine(tm, n, tau, route).compiled, (tm, tau))
    compare("4-digit product, short", compile_short(4))
    compare("2-digit product, ripple", compile_ripple(2))
    perceptron(options.peers_python)


if __name__ == "__main__":
    sys.exit(main())
