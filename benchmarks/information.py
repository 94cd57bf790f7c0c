"""Information measures: boundlab against dit and markov-entropy; the same numbers, and CPU seconds as ratios.

    python benchmarks/information.py [--peers-python PATH] [--timeout 300] [--part NAME ...]

Parts: agreement on random tables and kernels (a hundred of each, zeros included), against both peers; Shannon measures
of joints with 2^16 cells in three shapes, one by one, four of one joint together, and the entropies of all sets of its
variables; divergences of two laws on 2^16 points; categorical entropies of a kernel.
Every tool runs in a process of its own on the same NumPy arrays, with one thread; imports are outside the clock.
Seconds are CPU time, best of three: building the tool's object from the array, the measure on an object that is there,
and both. Nothing is kept from one call to the next. dit appears twice: `from_ndarray` takes the array and lists its
outcomes, `from_array` takes it with names and alphabets and wraps it. Peers are optional (requirements/bench.txt).
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

OURS = "boundlab"
PEERS = {"dit": "dit", "markov-entropy": "markov_entropy"}
CELLS = 2**16
SHAPES = ((64, 32, 32), (4,) * 8, (2,) * 16)
TABLES, KERNELS = 100, 100
ORDERS = (0.0, 0.5, 1.0, 1.5, 2.0, math.inf)
REPEATS = 3
TARGET = 100  # times faster than dit
FOUR = "all four"
SUBSETS = "all subsets"
MOST_SUBSETS = 2**10


def subsets(axes: int) -> list[list[int]]:
    """All non-empty sets of variables, where there are not too many."""
    if 2**axes > MOST_SUBSETS:
        return []
    return [list(chosen) for size in range(1, axes + 1) for chosen in itertools.combinations(range(axes), size)]


def groups(axes: int) -> tuple[list[int], list[int], list[int]]:
    """The axes of a table in three neighbouring groups A, B, C."""
    third = axes // 3
    return list(range(third)), list(range(third, 2 * third)), list(range(2 * third, axes))


def arrays(folder: Path) -> None:
    """The random tables and kernels that every tool reads."""
    rng = np.random.default_rng(0)
    found: dict[str, np.ndarray] = {}
    for number in range(TABLES):
        table = rng.gamma(0.5, size=(3, 2, 4)) * (rng.random((3, 2, 4)) < 0.8)
        table[0, 0, 0] += 1e-3
        found[f"table{number}"] = table / table.sum()
        pair = rng.dirichlet(np.ones(6), 2)
        found[f"pair{number}"] = pair
    for number in range(KERNELS):
        rows = rng.gamma(0.5, size=(3, 4)) * (rng.random((3, 4)) < 0.8)
        rows[:, 0] += 1e-3
        found[f"kernel{number}"] = rows / rows.sum(axis=1, keepdims=True)
        found[f"mu{number}"] = rng.dirichlet(np.ones(3))
    for number, shape in enumerate(SHAPES):
        weights = rng.random(shape)
        found[f"joint{number}"] = weights / weights.sum()
    found["laws"] = rng.dirichlet(np.ones(CELLS), 2)
    found["rows"] = rng.dirichlet(np.ones(64), 32)
    found["law of inputs"] = rng.dirichlet(np.ones(32))
    np.savez(folder / "arrays.npz", **found)


# --- values to be compared: one list of numbers a topic, in nats ---


def values_ours(data: Any) -> dict[str, list[float]]:
    from numerics.information import divergences
    from numerics.information.categorical_entropy import joint, renyi_entropy, supremum
    from numerics.information.entropy import Joint, mutual_information
    from numerics.information.tables import measures

    shannon, log_ratios, laws, entropies = [], [], [], []
    for number in range(TABLES):
        law = Joint(("X", "Y", "Z"), data[f"table{number}"])
        of = measures(law)
        shannon += [of.H("XYZ"), of.H("X", "Y"), of.I("X", "Y"), of.I("X", "Y", "Z"), of.TC("X", "Y", "Z")]
        log_ratios += [mutual_information(law, "X", "Y"), mutual_information(law, "X", "Y", "Z")]
        p, q = data[f"pair{number}"]
        laws += [float(d(p, q)) for d in (divergences.KL, divergences.TV, divergences.JENSEN_SHANNON)]
        laws += [float(divergences.renyi(p, q, order)) for order in ORDERS]
        laws += [float(renyi_entropy(p, order)) for order in ORDERS]
    for number in range(KERNELS):
        rows, mu = data[f"kernel{number}"], data[f"mu{number}"]
        for divergence in (divergences.KL, divergences.TV, *map(divergences.renyi_divergence, (0.0, 0.5, 1.5, 2.0))):
            entropies += [supremum(divergence, rows), joint(divergence, rows, mu)]
    return {"shannon": shannon, "log-ratios": log_ratios, "laws": laws, "categorical": entropies}


def values_dit(data: Any) -> dict[str, list[float]]:
    import dit

    shannon, log_ratios, laws = [], [], []
    nat = math.log(2)
    for number in range(TABLES):
        d = dit.Distribution.from_ndarray(data[f"table{number}"])
        both = [dit.shannon.mutual_information(d, [0], [1]), dit.multivariate.coinformation(d, [[0], [1]], [2])]
        total = dit.multivariate.total_correlation(d)
        found = [dit.shannon.entropy(d), dit.shannon.conditional_entropy(d, [0], [1]), *both, total]
        shannon += [nat * float(v) for v in found]
        log_ratios += [nat * float(v) for v in both]
        p, q = (dit.Distribution.from_ndarray(law) for law in data[f"pair{number}"])
        laws += [
            nat * float(dit.divergences.kullback_leibler_divergence(p, q)),
            float(dit.divergences.variational_distance(p, q)),
            nat * float(dit.divergences.jensen_shannon_divergence([p, q])),
            *[math.nan] * len(ORDERS),  # its Rényi divergence is another functional
            *(nat * float(dit.other.renyi_entropy(p, order=order)) for order in ORDERS),
        ]
    return {"shannon": shannon, "log-ratios": log_ratios, "laws": laws}


def values_markov_entropy(data: Any) -> dict[str, list[float]]:
    from markov_entropy import Channel, Distribution, FiniteSpace
    from markov_entropy import information as info
    from markov_entropy.divergences import KL, Renyi, TotalVariation

    def space(size: int) -> Any:
        return FiniteSpace(list(range(size)))

    log_ratios, laws, entropies = [], [], []
    for number in range(TABLES):
        table = data[f"table{number}"]
        x, y, z = map(space, table.shape)
        pair = Distribution(x.tensor(y), table.sum(axis=2).ravel())
        mass = table.sum(axis=(0, 1))
        rows = table.reshape(-1, len(mass)) / np.where(mass > 0, mass, 1)
        rows[:, mass == 0] = 1 / len(rows)
        channel = Channel(z, x.tensor(y), rows)
        log_ratios += [
            info.mutual_information(pair, KL()),
            info.conditional_mutual_information(channel, Distribution(z, mass), KL()),
        ]
        p, q = data[f"pair{number}"]
        laws += [KL()(p, q), TotalVariation()(p, q), math.nan, *(Renyi(order)(p, q) for order in ORDERS)]
        laws += [info.renyi_entropy(Distribution(space(len(p)), p), order) for order in ORDERS]
    for number in range(KERNELS):
        rows, mu = data[f"kernel{number}"], data[f"mu{number}"]
        channel = Channel(space(rows.shape[0]), space(rows.shape[1]), rows.T)
        source = Distribution(space(len(mu)), mu)
        for divergence in (KL(), TotalVariation(), *map(Renyi, (0.0, 0.5, 1.5, 2.0))):
            entropies += [info.entropy(channel, divergence), info.conditional_entropy(channel, source, divergence)]
    return {"log-ratios": log_ratios, "laws": laws, "categorical": entropies}


# --- speed: the construction of the tool's object, and the measures on it ---


Timed = tuple[Callable[[], Any], dict[str, Callable[[Any], float]]]


def timed_ours(data: Any) -> dict[str, Timed]:
    from numerics.information import divergences
    from numerics.information.categorical_entropy import joint, supremum
    from numerics.information.entropy import Joint
    from numerics.information.tables import measures

    def shannon(table: np.ndarray) -> Timed:
        axes = tuple(f"X{k}" for k in range(table.ndim))
        a, b, c = ([axes[k] for k in group] for group in groups(table.ndim))
        sets = [[axes[k] for k in chosen] for chosen in subsets(table.ndim)]

        def four(law: Joint) -> float:
            of = measures(law)
            return of.H(axes) + of.I(a, b) + of.I(a, b, c) + of.TC(a, b, c)

        def all_sets(law: Joint) -> float:
            return sum(measures(law).entropies().values()) / len(sets)

        together = {FOUR: four, **({SUBSETS: all_sets} if sets else {})}
        return lambda: Joint(axes, table), {
            "H": lambda law: measures(law).H(axes),
            "I(A;B)": lambda law: measures(law).I(a, b),
            "I(A;B|C)": lambda law: measures(law).I(a, b, c),
            "TC(A;B;C)": lambda law: measures(law).TC(a, b, c),
            **together,
        }

    found = {f"joint {shape_text(shape)}": shannon(data[f"joint{k}"]) for k, shape in enumerate(SHAPES)}
    p, q = data["laws"]
    found["two laws"] = (
        lambda: (p, q),
        {
            "KL": lambda pair: float(divergences.KL(*pair)),
            "TV": lambda pair: float(divergences.TV(*pair)),
            "renyi 2": lambda pair: float(divergences.renyi(*pair, 2.0)),
        },
    )
    rows, mu = data["rows"], data["law of inputs"]
    found["kernel 32 x 64"] = (
        lambda: rows,
        {
            "sup, KL": lambda k: supremum(divergences.KL, k),
            "joint, KL": lambda k: joint(divergences.KL, k, mu),
        },
    )
    return found


def timed_dit(data: Any, listed: bool = True) -> dict[str, Timed]:
    import dit

    nat = math.log(2)

    def build(table: np.ndarray) -> Any:
        if listed:
            return dit.Distribution.from_ndarray(table)
        names = [str(k) for k in range(table.ndim)]
        return dit.Distribution.from_array(table, names, [list(range(size)) for size in table.shape])

    def shannon(table: np.ndarray) -> Timed:
        a, b, c = groups(table.ndim)
        sets = subsets(table.ndim)
        if not listed:
            a, b, c = ([str(k) for k in group] for group in (a, b, c))  # type: ignore[misc]
            sets = [[str(k) for k in chosen] for chosen in sets]  # type: ignore[misc]
        one_by_one: dict[str, Callable[[Any], float]] = {
            "H": lambda d: nat * float(dit.shannon.entropy(d)),
            "I(A;B)": lambda d: nat * float(dit.shannon.mutual_information(d, a, b)),
            "I(A;B|C)": lambda d: nat * float(dit.multivariate.coinformation(d, [a, b], c)),
            "TC(A;B;C)": lambda d: nat * float(dit.multivariate.total_correlation(d, [a, b, c])),
        }
        together: dict[str, Callable[[Any], float]] = {FOUR: lambda d: sum(m(d) for m in one_by_one.values())}
        if sets:
            together[SUBSETS] = lambda d: nat * float(sum(dit.shannon.entropy(d, s) for s in sets)) / len(sets)
        return lambda: build(table), {**one_by_one, **together}

    found = {f"joint {shape_text(shape)}": shannon(data[f"joint{k}"]) for k, shape in enumerate(SHAPES)}
    if listed:  # the divergence is the slow part: once is enough
        p, q = data["laws"]
        kl: dict[str, Callable[[Any], float]] = {
            "KL": lambda pair: nat * float(dit.divergences.kullback_leibler_divergence(*pair))
        }
        found["two laws"] = (lambda: (build(p), build(q)), kl)
    return found


def timed_markov_entropy(data: Any) -> dict[str, Timed]:
    from markov_entropy import Channel, Distribution, FiniteSpace
    from markov_entropy import information as info
    from markov_entropy.divergences import KL, Renyi, TotalVariation

    def space(size: int) -> Any:
        return FiniteSpace(list(range(size)))

    table = data["joint0"]
    x, y, z = table.shape

    def channel() -> Any:
        mass = table.sum(axis=(0, 1))
        rows = table.reshape(x * y, z) / mass
        return Channel(space(z), space(x).tensor(space(y)), rows), Distribution(space(z), mass)

    p, q = data["laws"]
    rows, mu = data["rows"], data["law of inputs"]
    return {
        f"joint {shape_text(SHAPES[0])}": (
            channel,
            {"I(A;B|C)": lambda both: info.conditional_mutual_information(*both, KL())},
        ),
        "two laws": (
            lambda: (p, q),
            {
                "KL": lambda pair: KL()(*pair),
                "TV": lambda pair: TotalVariation()(*pair),
                "renyi 2": lambda pair: Renyi(2.0)(*pair),
            },
        ),
        "kernel 32 x 64": (
            lambda: (Channel(space(32), space(64), rows.T), Distribution(space(32), mu)),
            {
                "sup, KL": lambda both: info.entropy(both[0], KL()),
                "joint, KL": lambda both: info.conditional_entropy(*both, KL()),
            },
        ),
    }


def shape_text(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}^{len(shape)}" if len(set(shape)) == 1 else "x".join(map(str, shape))


PARTS = (*(f"joint {shape_text(shape)}" for shape in SHAPES), "two laws", "kernel 32 x 64")
VALUES: dict[str, Callable[[Any], dict[str, list[float]]]] = {
    OURS: values_ours,
    "dit": values_dit,
    "markov-entropy": values_markov_entropy,
}
TIMED: dict[str, Callable[[Any], dict[str, Timed]]] = {
    OURS: timed_ours,
    "dit from_ndarray": timed_dit,
    "dit from_array": lambda data: timed_dit(data, listed=False),
    "markov-entropy": timed_markov_entropy,
}

JOINTS = PARTS[: len(SHAPES)]
HAS = {
    "dit from_ndarray": (*JOINTS, "two laws"),
    "dit from_array": JOINTS,
    "markov-entropy": (JOINTS[0], "two laws", "kernel 32 x 64"),
}


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one call, best of three (each the mean of as many calls as take 20 ms), and the result."""
    start = time.process_time()
    result = work()
    best = time.process_time() - start
    if best > 1:
        return best, result  # once is precise enough
    inner = min(200, 1 + int(0.02 / max(best, 1e-6)))
    for _ in range(REPEATS):
        start = time.process_time()
        for _ in range(inner):
            result = work()
        best = min(best, (time.process_time() - start) / inner)
    return best, result


def child(what: str, tool: str, part: str, path: str) -> Any:
    with np.load(path) as data:
        if what == "values":
            return VALUES[tool](data)
        parts = TIMED[tool]({name: data[name] for name in data.files if not name[-1].isdigit() or "joint" in name})
    if part not in parts:
        return {}
    build, measures = parts[part]
    seconds, built = clock(build)
    found = {}
    for name, measure in measures.items():
        taken, value = clock(lambda measure=measure: measure(built))
        found[name] = [seconds, taken, value]
    return found


def run(python: str, arguments: list[str], timeout: float) -> Any:
    """The child's answer; a text that says why not."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [python, "-W", "ignore", str(Path(__file__).resolve()), "--child", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return f"> {timeout:g} s"
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:90]
    return json.loads(done.stdout.splitlines()[-1])


def agreement(options: argparse.Namespace, present: list[str], path: str) -> bool:
    ours = run(sys.executable, ["values", OURS, "-", path], options.timeout)
    if isinstance(ours, str):
        print(f"boundlab failed: {ours}")
        return False
    print(
        f"Agreement on {TABLES} random joints 3 x 2 x 4, {TABLES} pairs of laws, "
        f"{KERNELS} kernels 3 x 4 (zeros included)"
    )
    good = True
    for tool in present:
        theirs = run(options.peers_python, ["values", tool, "-", path], options.timeout)
        if isinstance(theirs, str):
            print(f"  {tool:<16}{theirs}")
            continue
        for topic, numbers in theirs.items():
            pairs = [(a, b) for a, b in zip(ours[topic], numbers, strict=True) if not math.isnan(b)]
            worst = max(0.0 if a == b else abs(a - b) for a, b in pairs)
            good &= worst <= 1e-12
            verdict = "agree within 1e-12" if worst <= 1e-12 else "DIFFER"
            print(f"  {tool:<16}{topic:<13}{len(pairs):6d} numbers, largest difference {worst:.1e}: {verdict}")
    return good


def speed(options: argparse.Namespace, present: list[str], path: str) -> bool:
    print(f"\nCPU seconds on {CELLS} cells: building the tool's object, the measure, both; ratios to boundlab")
    tools = [tool for tool in TIMED if tool.startswith(tuple(present))]
    good = True
    ratios: dict[str, list[float]] = {}
    for part in options.part:
        ours = run(sys.executable, ["speed", OURS, part, path], options.timeout)
        if isinstance(ours, str):
            print(f"{part}: boundlab failed: {ours}")
            return False
        print(f"\n{part}")
        for name, (build, taken, _) in ours.items():
            print(f"  {OURS:<17}{name:<12}{build:10.6f}{taken:10.6f}{build + taken:10.6f}")
        for tool in (t for t in tools if part in HAS[t]):
            theirs = run(options.peers_python, ["speed", tool, part, path], options.timeout)
            if isinstance(theirs, str):
                print(f"  {tool:<17}{theirs}")
                continue
            for name, (build, taken, value) in theirs.items():
                own = ours[name]
                good &= abs(value - own[2]) <= 1e-12
                same = "same" if abs(value - own[2]) <= 1e-12 else f"DIFFERS by {abs(value - own[2]):.1e}"
                both = (build + taken) / (own[0] + own[1])
                if part.startswith("joint"):
                    ratios.setdefault(tool, []).append(both)
                apart = f"build x{build / own[0]:.0f}, " if build > 1e-6 and own[0] > 1e-6 else ""
                words = f"{apart}measure x{taken / own[1]:.1f}, both x{both:.1f}, {same}"
                print(f"  {tool:<17}{name:<12}{build:10.6f}{taken:10.6f}{build + taken:10.6f}  {words}")
    if ratios:
        print("\nMeasures of joints, build and measure together")
    for tool, found in ratios.items():
        fast = sum(ratio >= TARGET for ratio in found)
        print(f"  {tool:<17}x{min(found):.1f} to x{max(found):.1f}; at least x{TARGET} in {fast} of {len(found)}")
    return good


def installed(python: str) -> list[str]:
    if python == sys.executable:
        return [name for name, module in PEERS.items() if importlib.util.find_spec(module)]
    found = f"[n for n, m in {PEERS!r}.items() if importlib.util.find_spec(m)]"
    code = f"import importlib.util, json; print(json.dumps({found}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    answer: list[str] = json.loads(done.stdout)
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has the peers installed")
    parser.add_argument("--part", nargs="*", choices=PARTS, default=PARTS, help="what is timed (default: all)")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds per process")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(*options.child)))
        return 0
    present = installed(options.peers_python)
    for name in PEERS:
        if name not in present:
            print(f"{name} is not installed for {options.peers_python}: left out (requirements/bench.txt)")
    with tempfile.TemporaryDirectory() as folder:
        arrays(Path(folder))
        path = str(Path(folder) / "arrays.npz")
        same = agreement(options, present, path)
        good = speed(options, present, path)
    return 0 if same and good else 1


if __name__ == "__main__":
    sys.exit(main())
