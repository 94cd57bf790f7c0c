"""Training of the concept network: many seeds in closed form against a plain PyTorch autograd loop over the same seeds.

    python benchmarks/concepts.py [--quick]

Both sides start from the same weights and see the same prompts, and end with the same weights to 1e-9 before anything
is timed. The loop trains one seed after another as one would first write it: three parameters, the forward pass of
the definition, `loss.backward()`, `torch.optim.SGD`. Ours is `numerics.concepts.network.descend`, all seeds in one
tensor program. Seed-steps a second: processor time, the best of three, one thread, float64. "step" is the training
step on prompts that are there, "with prompts" draws them too: each side as it would, the loop for its seed, ours for
all of them. Memory: how far the peak of a process of its own grows while it trains. With CUDA a last row compares our
step on the GPU with our step on one thread, wall-clock time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.network import Batch, Parameters, batch_of, descend, random_start
from numerics.concepts.prompts import Sampler

LAM, GAMMA, SIGMA_0, SIGMA_1 = 0.002, 2000.0, 0.3, 0.05
AGREE = 1e-9  # largest difference of a weight after all steps
TARGET = 10.0


@dataclass(frozen=True)
class Size:
    """A run: S seeds of a network of width d and m neurons on B prompts a step; `looped` seeds are timed in the loop,
    which takes the same time for each."""

    name: str
    seeds: int
    looped: int
    dimension: int
    irrelevant: int
    neurons: int
    batch: int
    steps: int


SIZES = (
    Size("24 seeds, d = 32, B = 2", 24, 24, 32, 8, 20, 2, 60),
    Size("256 seeds, d = 32, B = 2", 256, 32, 32, 8, 20, 2, 60),
    Size("256 seeds, d = 8, B = 8", 256, 32, 8, 4, 20, 8, 60),
    Size("256 seeds, d = 32, B = 32", 256, 16, 32, 8, 20, 32, 40),
    Size("12 seeds, d = 64, B = 32", 12, 12, 64, 20, 20, 32, 40),
    Size("4 seeds, d = 200, B = 64", 4, 4, 200, 50, 20, 64, 20),
)
QUICK = Size("6 seeds, d = 8, B = 2", 6, 6, 8, 4, 4, 2, 5)


def sampler_of(size: Size) -> Sampler:
    return Sampler(4, irrelevant=1 / (4 + size.irrelevant), word_noise=0.1, label_noise=0.1)


def dictionary_of(size: Size) -> Dictionary:
    return draw_dictionary(np.random.default_rng(0), 2, size.irrelevant, size.dimension)


def start_of(size: Size, seeds: int, device: str = "cpu") -> Parameters:
    return random_start(
        np.random.default_rng(1), dictionary_of(size), size.neurons, [SIGMA_0] * seeds, SIGMA_1, device=device
    )


def drawn(size: Size, seeds: int, rng: np.random.Generator, device: str = "cpu") -> Batch:
    """Fresh prompts for `seeds` seeds."""
    return batch_of(sampler_of(size).sample(rng, dictionary_of(size), (seeds, size.batch)), seeds, device=device)


def rate_at(t: int) -> float:
    return 2 / (LAM * (GAMMA + t))


def ours(parameters: Parameters, batch: Callable[[int], Batch], steps: int) -> None:
    """All seeds at once, in place."""
    ones = torch.ones(parameters.seeds, dtype=parameters.W_Q.dtype, device=parameters.W_Q.device)
    for t in range(steps):
        descend(parameters, batch(t), rate_at(t) * ones, 1 - LAM * rate_at(t))


class PlainNetwork(torch.nn.Module):
    """The network of one seed, by its definition."""

    def __init__(self, W_Q: Tensor, W_K: Tensor, W_O: Tensor) -> None:
        super().__init__()
        self.W_Q, self.W_K, self.W_O = (torch.nn.Parameter(weight.clone()) for weight in (W_Q, W_K, W_O))
        half = torch.full((len(W_O) // 2,), 1 / len(W_O), dtype=W_O.dtype)
        self.readout = torch.cat([half, -half])

    def forward(self, words: Tensor, labels: Tensor) -> Tensor:
        """Outputs (B) of words (B, L+1, d) and labels (B, L, d)."""
        keys = words[:, :-1] @ self.W_K.T
        query = words[:, -1] @ self.W_Q.T
        attention = torch.softmax(torch.einsum("bld,bd->bl", keys, query), dim=1)
        value = torch.einsum("bl,bld->bd", attention, labels)
        return torch.relu(value @ self.W_O.T) @ self.readout


def plain(network: PlainNetwork, batch: Callable[[int], tuple[Tensor, Tensor, Tensor]], steps: int) -> None:
    """One seed by autograd; weight decay is the regulariser."""
    optimiser = torch.optim.SGD(network.parameters(), lr=rate_at(0), weight_decay=LAM)
    for t in range(steps):
        words, labels, target = batch(t)
        optimiser.param_groups[0]["lr"] = rate_at(t)
        optimiser.zero_grad()
        torch.nn.functional.softplus(-target * network(words, labels)).mean().backward()
        optimiser.step()


def network_of(parameters: Parameters, s: int) -> PlainNetwork:
    return PlainNetwork(parameters.W_Q[s], parameters.W_K[s], parameters.W_O[s])


def of_seed(batch: Batch, s: int) -> tuple[Tensor, Tensor, Tensor]:
    return batch.words[s], batch.labels[s], batch.target[s]


def difference(size: Size) -> float:
    """Largest difference of a weight after training the looped seeds both ways on the same prompts."""
    seeds = size.looped
    start = start_of(size, seeds)
    batches = [drawn(size, seeds, np.random.default_rng([2, t])) for t in range(size.steps)]
    trained = start.clone()
    ours(trained, batches.__getitem__, size.steps)
    worst = 0.0
    for s in range(seeds):
        network = network_of(start, s)
        plain(network, lambda t, s=s: of_seed(batches[t], s), size.steps)
        for name in ("W_Q", "W_K", "W_O"):
            worst = max(worst, float((getattr(trained, name)[s] - getattr(network, name).detach()).abs().max()))
    return worst


def seconds(function: Callable[[], object], repeats: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Least time of one call."""
    best = float("inf")
    for _ in range(repeats):
        begun = clock()
        function()
        best = min(best, clock() - begun)
    return best


def speeds(size: Size) -> dict[str, float]:
    """Seed-steps a second of both sides, on prompts that are there and on prompts that they draw."""
    S, few, steps = size.seeds, size.looped, size.steps
    batches = [drawn(size, S, np.random.default_rng([2, t])) for t in range(min(steps, 4))]
    start = start_of(size, S)
    sampler, atoms = sampler_of(size), dictionary_of(size)
    rng = np.random.default_rng(3)

    def own(t: int) -> tuple[Tensor, Tensor, Tensor]:
        prompts = sampler.sample(rng, atoms, (size.batch,))
        return torch.from_numpy(prompts.words), torch.from_numpy(prompts.labels), torch.from_numpy(prompts.target)

    def all_ours(t: int) -> Batch:
        return batch_of(sampler.sample(rng, atoms, (S, size.batch)), S)

    def loop(batch: Callable[[int, int], tuple[Tensor, Tensor, Tensor]]) -> None:
        for s in range(few):
            plain(network_of(start, s), partial(batch, s), steps)

    kept = len(batches)
    return {
        "ours": S * steps / seconds(lambda: ours(start.clone(), lambda t: batches[t % kept], steps)),
        "loop": few * steps / seconds(lambda: loop(lambda s, t: of_seed(batches[t % kept], s))),
        "ours with prompts": S * steps / seconds(lambda: ours(start.clone(), all_ours, steps)),
        "loop with prompts": few * steps / seconds(lambda: loop(lambda s, t: own(t))),
    }


def peak() -> float:
    """Peak memory of this process in MB; not `ru_maxrss`, which starts at the size of the process that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no peak memory: /proc/self/status has no line VmHWM")


def grown(size: Size, side: str) -> float:
    """MB by which the peak grows while one side trains all seeds, after a first small run of it."""
    warm = start_of(QUICK, 2)
    first = drawn(QUICK, 2, np.random.default_rng(0))
    ours(warm, lambda t: first, 1)
    plain(network_of(warm, 0), lambda t: of_seed(first, 0), 1)
    before = peak()
    start = start_of(size, size.seeds)
    if side == "ours":
        ours(start, lambda t: drawn(size, size.seeds, np.random.default_rng([2, t])), 3)
    else:
        for s in range(size.seeds):
            # Its weights stay where they are: all seeds are kept to the end on both sides.
            network = network_of(start, s)
            plain(network, lambda t: of_seed(drawn(size, 1, np.random.default_rng([2, t])), 0), 3)
            for name in ("W_Q", "W_K", "W_O"):
                getattr(start, name)[s] = getattr(network, name).detach()
    return peak() - before


def memory(place: int) -> dict[str, float]:
    """`grown` of both sides, each in a process of its own."""
    found = {}
    for side in ("ours", "loop"):
        command = [sys.executable, __file__, "--memory", str(place), side]
        found[side] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def cuda_ratio(size: Size) -> float:
    """Wall-clock time of our step on one thread of the processor over that on the GPU."""
    times = {}
    for device in ("cpu", "cuda"):
        start, batch = start_of(size, size.seeds, device), drawn(size, size.seeds, np.random.default_rng(2), device)

        def run(start: Parameters = start, batch: Batch = batch, device: str = device) -> None:
            ours(start, lambda t: batch, size.steps)
            if device == "cuda":
                torch.cuda.synchronize()

        run()
        times[device] = seconds(run, clock=time.perf_counter)
    return times["cpu"] / times["cuda"]


def show(size: Size, place: int | None) -> None:
    """One row: both speeds and their ratio, and the memory where the size has a place in SIZES."""
    worst = difference(size)
    if not worst <= AGREE:
        raise SystemExit(f"{size.name}: the weights differ by {worst:.3g}, expected at most {AGREE:g}")
    found = speeds(size)
    row = f"{size.name:<26} {worst:>8.1e}"
    for suffix in ("", " with prompts"):
        mine, theirs = found["ours" + suffix], found["loop" + suffix]
        row += f" {mine:>11,.0f} {theirs:>9,.0f} {mine / theirs:>7.1f}"
    if place is not None:
        used = memory(place)
        row += f" {used['ours']:>8.1f} {used['loop']:>8.1f}"
    print(row, flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one small size, no memory")
    parser.add_argument("--memory", nargs=2, metavar=("PLACE", "SIDE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if options.memory:
        print(grown(SIZES[int(options.memory[0])], options.memory[1]))
        return
    print(
        f"{'':<26} {'weights':>8} {'step: ours':>11} {'loop':>9} {'ratio':>7} {'with prompts':>12} {'loop':>8} "
        f"{'ratio':>7} {'MB ours':>8} {'loop':>8}"
    )
    for place, size in [(None, QUICK)] if options.quick else list(enumerate(SIZES)):
        show(size, place)
    print(f"seed-steps a second; target: a ratio of at least {TARGET:g}; MB: growth of the peak while training")
    if torch.cuda.is_available():
        for size in SIZES[1:4]:
            print(f"{size.name:<26} GPU against one thread: {cuda_ratio(size):.1f} times faster")
    else:
        print("no CUDA here: no GPU row")


if __name__ == "__main__":
    main()
