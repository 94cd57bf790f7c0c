"""Learning chains token by token: parity with and without a chain, length against margin, a hard gate, a machine.

Main definitions
    EXPERIMENT     four parts, each with the reference figures of the specification and the ranges around them
    parity_part    parity of 13 of 20 bits, chain of 4 tokens, against one token without a chain
    length_part    parity of 20 bits by a short chain of small margin and by a long one of large margin
    gate_part      updates of the perceptron on the top-bit parity, which has Fibonacci weights
    machine_part   a Turing machine from its traces

Test prompts are fresh, or all there are. Intervals of errors are exact (Clopper-Pearson, 99 %).
Source: specification `autoregressive`, experiments E1, E2, E6 and E7.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numerics.learning.curves import Errors, Point, Teacher, chain_errors, curve, teacher
from numerics.learning.erm import consistent
from numerics.learning.features import Chain, IntArray, Signs, decoders
from numerics.learning.perceptron import learn_chain, learn_position
from numerics.learning.sizes import m_expected, m_growth_joint, m_growth_union, m_lower
from numerics.machines.compiled import Compiled
from numerics.machines.library import machine
from numerics.machines.parity import kautz, scan, sign_mistake_bound
from numerics.machines.routes import compile_machine
from verify.experiments.experiment import Budget, Experiment, Progress, Record

PARITY_REFERENCE = {  # m: median of err_AR, and the range of the seeds
    100: (0.22, 0.16, 0.28),
    300: (0.05, 0.03, 0.08),
    1000: (0.004, 0.0008, 0.008),
    3000: (0.0001, 0.0, 0.002),
    10_000: (0.0, 0.0, 0.0003),
}
LENGTH_REFERENCE = {
    "short": {100: 0.29, 300: 0.047, 1000: 0.009, 3000: 0.003},
    "long": {100: 0.92, 300: 0.16, 1000: 0.018, 3000: 0.004},
}
GATE_REFERENCE = {2: 3, 3: 9, 4: 17, 5: 55, 6: 73, 7: 264, 8: 390, 9: 1550, 10: 2800, 11: 9400}
MACHINE_REFERENCE = {20: (0.91, 0.91), 40: (0.6, 0.8), 80: (0.37, 0.49), 160: (0.14, 0.21)}
FACTOR = 2.5  # a median agrees where it is within this factor of the reference, or both are below SMALL
SMALL = 0.004


@dataclass(frozen=True)
class Sizes:
    """How large each part is."""

    parity_seeds: int
    parity_sizes: tuple[int, ...]
    test: int
    length_seeds: int
    length_sizes: tuple[int, ...]
    gate: int
    machine_seeds: int


def sizes_of(budget: Budget) -> Sizes:
    """The full budget is the specification's: 10 seeds of parity, 5 of the two chains."""
    if budget == "quick":
        return Sizes(3, (100, 300, 1000, 3000), 20_000, 1, (100, 300, 1000), 9, 2)
    return Sizes(10, (100, 300, 1000, 3000, 10_000), 20_000, 5, (100, 300, 1000, 3000), 11, 5)


def run_learning_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all parts and their plot in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.autoregressive_learning_plots import draw_learning

    parts = (
        ("parity with and without a chain", parity_part),
        ("chain length against margin", length_part),
        ("a gate of exponential weights", gate_part),
        ("a Turing machine from its traces", machine_part),
    )
    records: list[Record] = []
    for at, (title, part) in enumerate(parts):
        if progress is not None:
            progress(title, at, len(parts))
        records += part(sizes, seed)
    plot = draw_learning(out / "learning.png", records)
    records.append({"name": "plots", "files": [plot.name], "as_expected": None})
    return [{"experiment": EXPERIMENT.name, "seed": seed} | record for record in records]


def _seeds(seed: int, part: int, count: int) -> list[np.random.SeedSequence]:
    return np.random.SeedSequence([seed, part]).spawn(count)


def _points(points: Sequence[Point]) -> list[Record]:
    return [
        {
            "m": p.m,
            "median": p.median,
            "errors": list(p.rates),
            "last": [e.last / e.trials for e in p.errors],
            "interval": list(p.pooled),
        }
        for p in points
    ]


def near(found: float, reference: float) -> bool:
    """Whether a median agrees with its reference, both errors in [0, 1]."""
    return max(found, reference) <= SMALL or reference / FACTOR <= found <= reference * FACTOR


# ----- E1, with and without chain
def parity_part(sizes: Sizes, seed: int) -> list[Record]:
    """Parity of 13 random bits of 20 in signs, perceptrons to convergence; one token instead, at most 50 passes."""
    n, a = 20, 13
    chosen = sorted(np.random.default_rng([seed, 1]).choice(n, a, replace=False).tolist())
    compiled = kautz(n, chosen)
    source = teacher(compiled.model, compiled.inputs)
    seeds = _seeds(seed, 1, sizes.parity_seeds)
    mistakes: dict[int, list[int]] = {m: [] for m in sizes.parity_sizes}

    def train(prompts: IntArray, chains: IntArray, rng: np.random.Generator) -> Chain:
        learner = decoders(prompts, chains, 2, signs=True, live=source.live, drop_constant=False)
        learned = learn_chain(learner, prompts, chains, rng)
        mistakes[len(prompts)].append(learned.mistakes)
        return learned.chain

    with_chain = curve(train, source, sizes.parity_sizes, sizes.test, seeds)
    without = no_chain(source, sizes, seeds)
    T = compiled.token_count
    floor = 0.5 - 2.0**-a * math.comb(a - 1, (a - 1) // 2)
    bound = sign_mistake_bound(compiled.model)
    expected = {p.m: PARITY_REFERENCE[p.m] for p in with_chain if p.m in PARITY_REFERENCE}
    most = max(max(made) for made in mistakes.values())
    return [
        {
            "name": "parity with a chain",
            "n": n,
            "a": a,
            "tokens": T,
            "points": _points(with_chain),
            "dimensions": T * (2 * n + T + 1) // 2,  # expected error at most this over m + 1 (pac_to_ar_expected)
            "claim": "autoregressive/parity_linear_learnable",
            "expected": {str(m): list(row) for m, row in expected.items()},
            "as_expected": all(expected[p.m][1] <= p.median <= expected[p.m][2] for p in with_chain if p.m in expected),
        },
        sizes_record(n, T, with_chain),
        {
            "name": "parity without a chain",
            "points": _points(without),
            "floor": floor,
            "expected": "medians in [0.48, 0.52], never below the floor",
            "as_expected": all(0.48 <= p.median <= 0.52 and min(p.rates) >= floor - 0.02 for p in without),
        },
        {
            "name": "mistakes on parity",
            "mistakes": {str(m): made for m, made in mistakes.items()},
            "bound": int(bound),
            "claim": "autoregressive/ar_perceptron",
            "expected": "mistakes at most the bound",
            "as_expected": most <= bound,
        },
    ]


def sizes_record(n: int, T: int, points: Sequence[Point], eps: float = 0.05, delta: float = 0.05) -> Record:
    """Chains that the bounds ask for at eps, delta, beside those after which the measured error was surely below eps.

    `measured` is the least size of the curve whose exact interval, over all seeds, lies below eps; None if none does.
    """
    joint, union = m_growth_joint(n, T, 2, eps, delta), m_growth_union(n, T, 2, eps, delta)
    measured = next((p.m for p in points if p.pooled[1] < eps), None)
    return {
        "name": "chains for an error of a twentieth",
        "claim": "autoregressive/pac_to_ar_joint_growth",
        "eps": eps,
        "delta": delta,
        "values": {
            "necessary for some law": m_lower(n, T, eps),
            "measured": measured,
            "suffice in expectation": m_expected(n, T, 2, eps),
            "suffice, joint": joint,
            "suffice, union as stated": union,
        },
        "expected": "measured <= joint <= union",
        "as_expected": measured is None or measured <= joint <= union,
    }


def no_chain(source: Teacher, sizes: Sizes, seeds: Sequence[np.random.SeedSequence]) -> tuple[Point, ...]:
    """The same prompts and answers without the tokens between."""
    found: dict[int, list[Errors]] = {m: [] for m in sizes.parity_sizes}
    n = source.model.n
    decoder = Signs(np.arange(n, dtype=np.int64))
    for seed in seeds:
        sampling, testing, training = (np.random.default_rng(s) for s in seed.spawn(3))
        prompts, chains = source.sample(max(sizes.parity_sizes), sampling)
        asked = source.prompts(sizes.test, testing)
        answers = source.chains(asked)[:, -1:]
        for m in sizes.parity_sizes:
            learned = learn_position(decoder, prompts[:m], chains[:m, -1], training, passes=50 if m <= 1000 else 5)
            found[m].append(chain_errors(Chain((decoder,), (learned.weights,)), asked, answers))
    return tuple(Point(m, tuple(found[m])) for m in sizes.parity_sizes)


# ----- E2, length against margin
def length_part(sizes: Sizes, seed: int) -> list[Record]:
    """Parity of 20 bits, one-hot: the short chain of 5 tokens against the scan of 21."""
    records: list[Record] = []
    for name, compiled in (("short", kautz(20)), ("long", scan(20))):
        points, mistakes = _length_curve(compiled, sizes, seed)
        reference = LENGTH_REFERENCE[name]
        records.append(
            {
                "name": f"parity by the {name} chain",
                "tokens": compiled.token_count,
                "mistake_bound": compiled.mistake_bound,
                "points": _points(points),
                "mistakes": {str(m): made for m, made in mistakes.items()},
                "expected": {str(p.m): reference[p.m] for p in points},
                "as_expected": all(near(p.median, reference[p.m]) for p in points),
            }
        )
    last = str(max(sizes.length_sizes))
    short, long = (float(np.median(r["mistakes"][last])) for r in records)
    records.append(
        {
            "name": "length buys margin",
            "mistakes": {"short": short, "long": long},
            "claim": "autoregressive/parity_length_margin",
            "expected": "at least 3 times as many mistakes on the short chain, each below its bound",
            "as_expected": short >= 3 * long
            and all(max(max(made) for made in r["mistakes"].values()) <= r["mistake_bound"] for r in records),
        }
    )
    return records


def _length_curve(compiled: Compiled, sizes: Sizes, seed: int) -> tuple[tuple[Point, ...], dict[int, list[int]]]:
    source = teacher(compiled.model, compiled.inputs)
    mistakes: dict[int, list[int]] = {m: [] for m in sizes.length_sizes}

    def train(prompts: IntArray, chains: IntArray, rng: np.random.Generator) -> Chain:
        learner = decoders(prompts, chains, source.K, live=source.live, drop_constant=False)
        learned = learn_chain(learner, prompts, chains, rng)
        mistakes[len(prompts)].append(learned.mistakes)
        return learned.chain

    points = curve(train, source, sizes.length_sizes, sizes.test, _seeds(seed, 2, sizes.length_seeds))
    return points, mistakes


# ----- E6, exponential weights
def gate_part(sizes: Sizes, seed: int) -> list[Record]:
    """Updates on the top-bit parity until the whole cube is right, and the time of the linear program for contrast."""
    rows: list[Record] = []
    fibonacci = [1, 1]
    while len(fibonacci) <= sizes.gate:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    for n in range(2, sizes.gate + 1):
        inputs = np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.int64)
        values = top_bit_parity(inputs)
        weights = [(-1) ** i * fibonacci[i] for i in range(n)]
        squared = sum(w * w for w in weights) + (sum(weights) - 1) ** 2
        decoder = Signs(np.arange(n, dtype=np.int64))
        made = learn_position(decoder, inputs, values, np.random.default_rng([seed, 6, n]), passes=10**6)
        began = time.process_time()
        solved = consistent(decoder, inputs, values)
        rows.append(
            {
                "n": n,
                "mistakes": made.mistakes,
                "converged": made.converged,
                "fibonacci": fibonacci[n - 1],
                "bound": (n + 1) * squared,
                "reference": GATE_REFERENCE[n],
                "program_found": solved is not None,
                "program_seconds": time.process_time() - began,
            }
        )
    return [
        {
            "name": "updates on a gate of exponential weights",
            "rows": rows,
            "claim": "autoregressive/gate_margin_exponential",
            "expected": "F_n <= mistakes <= (n + 1) |u|^2, within a factor 4 of the reference, the program solved",
            "as_expected": all(
                r["converged"]
                and r["program_found"]
                and r["fibonacci"] <= r["mistakes"] <= r["bound"]
                and r["reference"] / 4 <= r["mistakes"] <= 4 * r["reference"]
                for r in rows
            ),
        }
    ]


def top_bit_parity(inputs: IntArray) -> IntArray:
    """1 where the largest number i in 1..n of a bit that is 1 exists and is odd (B,)."""
    found = np.zeros(len(inputs), dtype=np.int64)
    for i in range(inputs.shape[1]):
        found[inputs[:, i] == 1] = (i + 1) % 2
    return found


# ----- E7, a machine from its traces
def machine_part(sizes: Sizes, seed: int) -> list[Record]:
    """The machine that looks for 11 on 8 bits, 9 steps, cells inside the light cone: 100 tokens; all 256 inputs."""
    compiled = compile_machine(machine("find_11"), 8, 9, "dictionary", cone=True)
    model = compiled.compiled.model
    source = teacher(model, [("0", "1")] * 8)

    def train(prompts: IntArray, chains: IntArray, rng: np.random.Generator) -> Chain:
        return learn_chain(decoders(prompts, chains, source.K, live=source.live), prompts, chains, rng).chain

    points = curve(train, source, tuple(MACHINE_REFERENCE), None, _seeds(seed, 7, sizes.machine_seeds))
    return [
        {
            "name": "a machine from its traces",
            "tokens": len(model.steps),
            "points": _points(points),
            "answers": {str(p.m): float(np.median([e.last / e.trials for e in p.errors])) for p in points},
            "claim": "autoregressive/turing_learnable",
            "expected": {str(m): list(row) for m, row in MACHINE_REFERENCE.items()},
            "as_expected": all(
                MACHINE_REFERENCE[p.m][0] / 1.25 <= p.median <= MACHINE_REFERENCE[p.m][1] * 1.25 for p in points
            ),
        }
    ]


EXPERIMENT = Experiment(
    "autoregressive_learning", "autoregressive", "chains learnt token by token", run_learning_experiment
)
