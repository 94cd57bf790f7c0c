"""Stationary laws of window chains: boundlab against SciPy, QuantEcon, PyDTMC and deeptime, side by side in one run.

    python benchmarks/chains.py [--peers-python PATH] [--quick] [--largest] [--timeout 60]

Every method runs in a process of its own, with one thread, on the same chain, to the same l1 residual 1e-12, which is
recomputed here for every answer.  Reported are CPU seconds, since the machine may be busy, to build a method's object
from the table and to solve, and the peak resident memory of the whole process.  The table is read from a file in the
layout each method wants, and libraries are imported, outside the clock.  Peers are optional: one that is not installed
for the peers' interpreter is named and left out.  A second part shows what PyDTMC's `mixing_time` measures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RESIDUAL = 1e-12
OURS = "boundlab"
SCIPY = ("scipy CSR", "scipy CSC")
PEERS = {"QuantEcon": "quantecon", "PyDTMC": "pydtmc", "deeptime": "deeptime"}
# (T, K): T^K from 10^3 to 10^6
SIZES = ((2, 10), (10, 3), (2, 14), (10, 4), (2, 17), (10, 5), (2, 20), (10, 6))
FAMILIES = ("unstructured", "decaying")


def make_table(family: str, T: int, K: int) -> np.ndarray:
    """Token-major table (T, T^K): independent random rows, or logits whose dependence on a token halves with its
    age."""
    from numerics.chains.generators import decaying_chain, unstructured_chain

    chain = unstructured_chain(T, K, 0) if family == "unstructured" else decaying_chain(T, K, 0)
    return chain.table.T


def sparse_matrix(rows: np.ndarray, T: int, K: int) -> Any:
    """CSR matrix of state-major rows (n, T), sharing their memory."""
    import scipy.sparse as sparse

    n = T**K
    indices = np.empty((n, T), dtype=np.int32)
    suffix = np.arange(n, dtype=np.int32) % (n // T) * T
    for x in range(T):
        indices[:, x] = suffix + x
    starts = np.arange(0, n * T + 1, T, dtype=np.int32)
    return sparse.csr_matrix((rows.ravel(), indices.ravel(), starts), shape=(n, n))


def power_iteration(step: Any, n: int) -> tuple[np.ndarray, int]:
    mu = np.full(n, 1.0 / n)
    for iteration in range(1, 100_000):
        after = step(mu)
        if np.abs(after - mu).sum() <= RESIDUAL:
            return mu, iteration
        mu = after
    raise RuntimeError("no convergence in 100000 steps")


def child(method: str, path: str, T: int, K: int) -> dict[str, Any]:
    """One method on one chain: build and solve seconds, iterations, residual, peak memory in MB."""
    iterations = 0
    if method in PEERS or method in SCIPY:
        import scipy.sparse  # noqa: F401  importing is outside the clock, and inside the peak memory
    if method == OURS:
        from numerics.chains.stationary import stationary
        from numerics.chains.window_chain import WindowChain

        table = np.load(path + "-token.npy").T if path else make_table("unstructured", T, K).T
        t0 = time.process_time()
        chain = WindowChain(T, K, table)
        t1 = time.process_time()
        result = stationary(chain, tolerance=RESIDUAL)
        t2 = time.process_time()
        pi, iterations = result.pi, result.iterations
        peak = peak_mb()
        from numerics.chains.stationary import residual as measure

        error = measure(chain, pi)
        note = result.method
    else:
        rows = np.load(path + "-state.npy")
        if method == "scipy CSR":
            t0 = time.process_time()
            P = sparse_matrix(rows, T, K)
            transposed = P.T.tocsr()
            t1 = time.process_time()
            pi, iterations = power_iteration(lambda mu: transposed @ mu, T**K)
        elif method == "scipy CSC":
            t0 = time.process_time()
            P = sparse_matrix(rows, T, K)
            transposed = P.T  # a view: less memory, slower products
            t1 = time.process_time()
            pi, iterations = power_iteration(lambda mu: transposed @ mu, T**K)
        elif method == "deeptime":
            import deeptime.markov.tools.analysis as analysis

            t0 = time.process_time()
            P = sparse_matrix(rows, T, K)
            t1 = time.process_time()
            pi = analysis.stationary_distribution(P)
        elif method == "QuantEcon":
            import quantecon

            t0 = time.process_time()
            P = sparse_matrix(rows, T, K)
            markov = quantecon.MarkovChain(P)
            t1 = time.process_time()
            pi = markov.stationary_distributions[0]
        elif method == "PyDTMC":
            import pydtmc

            t0 = time.process_time()
            P = sparse_matrix(rows, T, K)
            markov = pydtmc.MarkovChain(P.toarray())
            t1 = time.process_time()
            pi = np.asarray(markov.pi[0])
        else:
            raise ValueError(f"unknown method {method!r}")
        t2 = time.process_time()
        peak = peak_mb()
        error = float(np.abs(P.T @ pi - pi).sum())
        note = ""
    return {
        "build": t1 - t0,
        "solve": t2 - t1,
        "iterations": iterations,
        "residual": error,
        "peak": peak,
        "note": note,
    }


def peak_mb() -> float:
    """Peak resident memory of this process in MB.

    The kernel's high-water mark of this address space where there is one: `getrusage` also counts the parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
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
    print(f"\nStationary law to l1 residual {RESIDUAL:g}; seconds build + solve, peak MB of the process")
    dead: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for family in FAMILIES:
            columns = f"{'T^K':>8} {'method':<12}{'build':>9}{'solve':>9}{'steps':>7}{'residual':>10}{'MB':>7}"
            print(f"\n{family} chains\n{columns}  ratio to boundlab")
            for T, K in sizes:
                path = str(Path(folder) / "table")
                table = make_table(family, T, K)
                np.save(path + "-token.npy", table)
                np.save(path + "-state.npy", np.ascontiguousarray(table.T))
                del table
                rows: dict[str, dict[str, Any]] = {}
                for method in (OURS, *SCIPY, *(n for n, there in present.items() if there and n not in dead)):
                    python = options.peers_python if method in PEERS else sys.executable
                    repeats = 1 if method in PEERS else 3
                    rows[method] = best_of(python, ["--child", method, path, str(T), str(K)], options.timeout, repeats)
                    if "failed" in rows[method]:
                        dead.add(method)  # larger chains would fail the same way
                print_rows(f"{T}^{K}", rows)
            dead -= set(PEERS) if options.retry else set()
    if options.largest:
        answer = run(sys.executable, ["--child", OURS, "", "10", "7"], 600)
        print("\n10^7 states (unstructured, made inside the process), boundlab alone")
        print_rows("10^7", {OURS: answer})


def print_rows(size: str, rows: dict[str, dict[str, Any]]) -> None:
    ours = rows[OURS]
    for method, row in rows.items():
        if "failed" in row:
            print(f"{size:>8} {method:<12}{row['failed']}")
            continue
        line = f"{size:>8} {method:<12}{row['build']:9.4f}{row['solve']:9.4f}{row['iterations']:7d}"
        line += f"{row['residual']:10.1e}{row['peak']:7.0f}"
        if method != OURS and "failed" not in ours:
            solve, memory = row["solve"] / ours["solve"], row["peak"] / ours["peak"]
            total = (row["build"] + row["solve"]) / (ours["build"] + ours["solve"])
            line += f"  solve x{solve:.1f}, total x{total:.1f}, memory x{memory:.2f}"
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
