"""Stationary laws of window chains: boundlab against SciPy, QuantEcon, PyDTMC and deeptime, side by side in one run.

    python benchmarks/chains.py [--peers-python PATH] [--quick] [--largest] [--timeout 60]

Every method runs in a process of its own, with one thread, on the same chain, to the same l1 residual 1e-12, which is
recomputed here for every answer, by one function.  The chain is a file of rows, one next-token law after the other,
which every method reads in pieces of the same size.  Reported are CPU seconds, since the machine may be busy, to build
a method's object from the file and to solve, and the peak resident memory of the whole process, with and without what
it held after its imports.  Imports are outside the clock.  Peers are optional: one that is not installed for the peers'
interpreter is named and left out.  A second part shows what PyDTMC's `mixing_time` measures.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RESIDUAL = 1e-12
OURS = "boundlab"  # rows held in single precision, residuals from the file
IN_MEMORY = "boundlab f64"  # a WindowChain: the table in memory in double precision
SCIPY = ("scipy CSR", "scipy CSC")
PEERS = {"QuantEcon": "quantecon", "PyDTMC": "pydtmc", "deeptime": "deeptime"}
MODULES = {**PEERS, "deeptime": "deeptime.markov.tools.analysis"}
# (T, K): T^K from 10^3 to 10^6
SIZES = ((2, 10), (10, 3), (2, 14), (10, 4), (2, 17), (10, 5), (2, 20), (10, 6))
FAMILIES = ("unstructured", "decaying")
# Sizes at which rows in single precision are measured too.
SINGLE_SIZES = ((2, 20), (10, 6))
# Rows read at a time, by every method.
PIECE = 1 << 14


def write_rows(path: Path, family: str, T: int, K: int, dtype: type) -> None:
    """File of rows (T^K, T): independent random ones, or logits whose dependence on a token halves with its age."""
    from numerics.chains.generators import decaying_chain, unstructured_chain

    chain = unstructured_chain(T, K, 0) if family == "unstructured" else decaying_chain(T, K, 0)
    np.save(path, np.ascontiguousarray(chain.table, dtype=dtype))


def pieces(path: str, n: int, T: int, first: int, last: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Rows first..last-1 of the file in pieces, in double precision, divided by their sums if the file is in single."""
    with open(path, "rb") as file:
        np.lib.format.read_magic(file)
        dtype = np.lib.format.read_array_header_1_0(file)[2]
        start = file.tell()
    for here in range(first, last, PIECE):
        stop = min(here + PIECE, last)
        rows = np.fromfile(path, dtype, (stop - here) * T, offset=start + here * T * dtype.itemsize).reshape(-1, T)
        if dtype == np.float32:
            rows = rows.astype(np.float64)
            rows /= (rows @ np.ones(T))[:, None]
        yield here, stop, rows


def sparse_matrix(path: str, T: int, K: int) -> Any:
    """Transition matrix as CSR, filled piece by piece: no second table."""
    import scipy.sparse as sparse

    n = T**K
    data, indices = np.empty((n, T)), np.empty((n, T), dtype=np.int32)
    for first, last, rows in pieces(path, n, T, 0, n):
        data[first:last] = rows
    suffix = np.arange(n // T, dtype=np.int32) * T
    for x in range(T):
        indices.reshape(T, -1, T)[:, :, x] = suffix + x
    starts = np.arange(0, n * T + 1, T, dtype=np.int32)
    return sparse.csr_matrix((data.ravel(), indices.ravel(), starts), shape=(n, n))


def transposed_matrix(path: str, T: int, K: int) -> Any:
    """The transpose as CSR, filled piece by piece: `P.T.tocsr()` without its second table."""
    import scipy.sparse as sparse

    n, M = T**K, T ** (K - 1)
    data, indices = np.empty((M, T, T)), np.empty((M, T, T), dtype=np.int32)  # (w, x, a)
    for w in range(0, M, PIECE // T):
        stop = min(w + PIECE // T, M)
        for a in range(T):
            for _, _, rows in pieces(path, n, T, a * M + w, a * M + stop):
                data[w:stop, :, a] = rows
    suffix = np.arange(M, dtype=np.int32)[:, None]
    for a in range(T):
        indices[:, :, a] = suffix + a * M
    starts = np.arange(0, n * T + 1, T, dtype=np.int32)
    return sparse.csr_matrix((data.ravel(), indices.ravel(), starts), shape=(n, n))


def power_iteration(matrix: Any, n: int) -> tuple[np.ndarray, int]:
    """Law and steps; two vectors in memory."""
    mu = np.full(n, 1.0 / n)
    for iteration in range(1, 100_000):
        after = matrix @ mu
        np.subtract(after, mu, out=mu)
        if np.abs(mu, out=mu).sum() <= RESIDUAL:
            return after, iteration
        mu = after
    raise RuntimeError("no convergence in 100000 steps")


def child(method: str, path: str, T: int, K: int) -> dict[str, Any]:
    """One method on one chain: build and solve seconds, iterations, residual, peak memory in MB."""
    iterations, note = 0, ""
    if method in (OURS, IN_MEMORY):
        from numerics.chains.rows import FileRows, held_rows, stationary_of_rows, window_chain
        from numerics.chains.stationary import stationary

        before = memory_mb("VmRSS")
        t0 = time.process_time()
        source = FileRows(path, T, K)
        if method == OURS:
            held = held_rows(source)
            t1 = time.process_time()
            result = stationary_of_rows(held, tolerance=RESIDUAL)
        else:
            chain = window_chain(source)
            t1 = time.process_time()
            result = stationary(chain, tolerance=RESIDUAL)
        pi, iterations, note = result.pi, result.iterations, result.method
    else:
        import scipy.sparse  # noqa: F401  importing is outside the clock, and inside the peak memory

        module = importlib.import_module(MODULES.get(method, "scipy"))
        before = memory_mb("VmRSS")
        t0 = time.process_time()
        P = transposed_matrix(path, T, K) if method == "scipy CSR" else sparse_matrix(path, T, K)
        if method == "QuantEcon":
            P = module.MarkovChain(P)
        elif method == "PyDTMC":
            P = module.MarkovChain(P.toarray())
        elif method == "scipy CSC":
            P = P.T  # a view, in CSC form
        t1 = time.process_time()
        if method in SCIPY:
            pi, iterations = power_iteration(P, T**K)
        elif method == "deeptime":
            pi = module.stationary_distribution(P)
        elif method == "QuantEcon":
            pi = P.stationary_distributions[0]
        else:
            pi = np.asarray(P.pi[0])
    t2 = time.process_time()
    peak = memory_mb("VmHWM")
    from numerics.chains.rows import FileRows, window_chain
    from numerics.chains.stationary import residual

    error = residual(window_chain(FileRows(path, T, K)), np.ascontiguousarray(pi))
    return {
        "build": t1 - t0,
        "solve": t2 - t1,
        "iterations": iterations,
        "residual": error,
        "peak": peak,
        "own": peak - before,
        "note": note,
    }


def memory_mb(name: str) -> float:
    """Resident memory of this process in MB: now (VmRSS) or at its peak (VmHWM).

    The kernel's high-water mark of this address space where there is one: `getrusage` also counts the parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(python: str, arguments: list[str], timeout: float) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [python, str(Path(__file__).resolve()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"> {timeout:g} s"}
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return {"failed": lines[-1][:70]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def installed(python: str) -> dict[str, bool]:
    found = f"{{n: importlib.util.find_spec(m) is not None for n, m in {PEERS!r}.items()}}"
    code = f"import importlib.util, json; print(json.dumps({found}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    answer: dict[str, bool] = json.loads(done.stdout)
    return answer


def best_of(python: str, arguments: list[str], timeout: float, repeats: int) -> dict[str, Any]:
    """The fastest of a few runs: other processes share the machine."""
    answers = [run(python, arguments, timeout) for _ in range(repeats)]
    good = [a for a in answers if "failed" not in a]
    return min(good, key=lambda a: float(a["build"]) + float(a["solve"])) if good else answers[0]


def stationary_part(options: argparse.Namespace) -> None:
    present = installed(options.peers_python)
    for name, there in present.items():
        if not there:
            print(f"{name} is not installed for {options.peers_python}: left out (requirements/bench.txt)")
    sizes = SIZES[:4] if options.quick else SIZES
    print(
        f"\nStationary law to l1 residual {RESIDUAL:g}; seconds build + solve, peak MB of the process, and less imports"
    )
    dead: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        for family in FAMILIES:
            for dtype in (np.float64, np.float32):
                print(f"\n{family} chains, rows in {dtype.__name__}\n{COLUMNS}  ratio to boundlab")
                for T, K in sizes if dtype is np.float64 else SINGLE_SIZES[: 0 if options.quick else None]:
                    write_rows(path, family, T, K, dtype)
                    peers = [n for n, there in present.items() if there and n not in dead]
                    rows: dict[str, dict[str, Any]] = {}
                    for method in (OURS, IN_MEMORY, *SCIPY, *peers):
                        python = options.peers_python if method in PEERS else sys.executable
                        repeats = 1 if method in PEERS else 3
                        arguments = ["--child", method, str(path), str(T), str(K)]
                        rows[method] = best_of(python, arguments, options.timeout, repeats)
                        if "failed" in rows[method]:
                            dead.add(method)  # larger chains would fail the same way
                    print_rows(f"{T}^{K}", rows)
            dead -= set(PEERS) if options.retry else set()
        if options.largest:
            print(f"\n10^7 states, unstructured, rows in float64, boundlab alone\n{COLUMNS}")
            write_rows(path, "unstructured", 10, 7, np.float64)
            print_rows("10^7", {OURS: run(sys.executable, ["--child", OURS, str(path), "10", "7"], 600)})


COLUMNS = f"{'T^K':>8} {'method':<13}{'build':>9}{'solve':>9}{'steps':>7}{'residual':>10}{'MB':>7}{'less':>7}"


def print_rows(size: str, rows: dict[str, dict[str, Any]]) -> None:
    ours = rows[OURS]
    for method, row in rows.items():
        if "failed" in row:
            print(f"{size:>8} {method:<13}{row['failed']}")
            continue
        line = f"{size:>8} {method:<13}{row['build']:9.4f}{row['solve']:9.4f}{row['iterations']:7d}"
        line += f"{row['residual']:10.1e}{row['peak']:7.0f}{row['own']:7.0f}"
        if method not in (OURS, IN_MEMORY) and "failed" not in ours:
            solve, memory, own = (row[key] / ours[key] for key in ("solve", "peak", "own"))
            total = (row["build"] + row["solve"]) / (ours["build"] + ours["solve"])
            line += f"  solve x{solve:.1f}, total x{total:.1f}, memory x{memory:.2f}, less imports x{own:.2f}"
        else:
            line += f"  ({row['note']})"
        print(line, flush=True)


def mixing_child() -> dict[str, Any]:
    """PyDTMC's mixing times of two chains, next to the worst-case total variation ones."""
    import pydtmc

    answer: dict[str, Any] = {}
    for name, P in mixing_examples().items():
        markov = pydtmc.MarkovChain(P)
        answer[name] = [markov.mixing_time(cutoff_type="traditional"), markov.mixing_time(cutoff_type="natural")]
    return answer


def mixing_examples() -> dict[str, np.ndarray]:
    """The dense matrices of a random window chain and of the noisy parity register (uniform stationary law)."""
    from numerics.chains.generators import noisy_lfsr, random_chain
    from numerics.chains.operator import dense

    return {
        "random chain T=2 K=8": dense(random_chain(2, 8, 0)),
        "random chain T=2 K=5, temperature 0.5": dense(random_chain(2, 5, 0, temperature=0.5)),
        "noisy parity register, p=0.1": dense(noisy_lfsr((1, 1, 1), 0.1)),
    }


def mixing_part(options: argparse.Namespace) -> None:
    from numerics.chains.mixing import mixing_time

    print(
        "\nMixing times at 1/4 and 1/(2e): from the worst start in total variation (ours), "
        "and PyDTMC's mixing_time (from the uniform law, l1 distance)"
    )
    theirs = run(options.peers_python, ["--mixing-child"], options.timeout)
    for name, P in mixing_examples().items():
        ours = [int(mixing_time(P, eta).steps) for eta in (0.25, 1 / (2 * np.e))]
        print(f"  {name:<40} ours {ours}  PyDTMC {theirs.get(name, theirs.get('failed', 'not installed'))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has the peers installed")
    parser.add_argument("--quick", action="store_true", help="only up to 10^4 states")
    parser.add_argument("--largest", action="store_true", help="also 10^7 states, ours alone")
    parser.add_argument(
        "--retry", action="store_true", help="try a peer again on the second family after it failed on the first"
    )
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds per run")
    parser.add_argument("--child", nargs=4, metavar=("METHOD", "PATH", "T", "K"), help=argparse.SUPPRESS)
    parser.add_argument("--mixing-child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        method, path, T, K = options.child
        print(json.dumps(child(method, path, int(T), int(K))))
    elif options.mixing_child:
        print(json.dumps(mixing_child()))
    else:
        stationary_part(options)
        mixing_part(options)


if __name__ == "__main__":
    main()
