"""Diagrams of a Markov category: boundlab against DisCoPy, side by side in one run.

    python benchmarks/categories.py [--peers-python PATH] [--timeout 120] [--quick]

Parts: composing 1 000 boxes; equality of two writings of a circuit of many layers; the symbolic and the numeric kernel
of copy ≫ k⊗k with n points a space; and which equations each tool decides.  Every measurement runs in a process of its
own, with one thread; reported are CPU seconds of the work itself (imports are outside the clock), the best of three
processes that repeat short work three times, and the ratio.  Answers are compared where there is something to compare.
DisCoPy is optional: without it in the peers' interpreter, only boundlab is timed (requirements/bench.txt).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

OURS, PEER = "boundlab", "DisCoPy"
BOXES = 1000
WIDTH = 4  # wires of the circuits that are compared


def circuit(layers: int, box: Any, identity: Any, turned: bool) -> list[Any]:
    """A brick circuit; within a layer the two boxes are written in one order or the other."""
    found = []
    for layer in range(layers):
        if layer % 2:
            found.append(identity @ box @ identity)
        else:
            first, second = box @ identity @ identity, identity @ identity @ box
            found += [second, first] if turned else [first, second]
    return found


def compose_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from theory.categories import Box, Ob, compose

    steps = [Box(f"f{i}", Ob("X"), Ob("X")) for i in range(size)]
    return lambda: compose(*steps), lambda term: len(term.factors)


def one_by_one_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from theory.categories import Box, Ob

    steps = [Box(f"f{i}", Ob("X"), Ob("X")) for i in range(size)]

    def work() -> Any:
        term: Any = steps[0]
        for step in steps[1:]:
            term = term >> step
        return term

    return work, lambda term: len(term.factors)


def equality_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from theory.categories import Box, Id, Ob, compose, equal

    X = Ob("X")
    box = Box("f", (X, X), (X, X))
    one, other = (compose(*circuit(size, box, Id(X), turned)) for turned in (False, True))
    return lambda: equal(one, other), lambda answer: answer


def symbolic_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    import sympy as sp

    from theory.categories import Box, Copy, Ob
    from theory.categories.kernel import Kernel
    from theory.categories.symbolic import symbolic

    X, Y = Ob("X"), Ob("Y")
    k = Box("k", X, Y)
    points = tuple(range(size))
    rows = Kernel(
        (points,), (points,), {((i,), (j,)): sp.Symbol(f"k{i}_{j}", positive=True) for i in points for j in points}
    )
    term = Copy(X) >> k @ k
    return (
        lambda: symbolic(term, {X: size, Y: size}, {"k": rows}, limit=None),
        lambda table: str(table[1, (0, 2)]),
    )


def numeric_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from theory.categories import Box, Copy, Ob
    from verify.functor import numeric

    X, Y = Ob("X"), Ob("Y")
    k = Box("k", X, Y)
    term = Copy(X) >> k @ k
    rows = stochastic(size)
    return lambda: numeric(term, {X: size, Y: size}, {"k": rows}), lambda kernel: float(kernel.array[1, 0, 2])


def stochastic(size: int) -> Any:
    import numpy as np

    weights = np.random.default_rng(0).random((size, size))
    return weights / weights.sum(axis=1, keepdims=True)


def compose_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from discopy import markov

    x = markov.Ty("X")
    steps = [markov.Box(f"f{i}", x, x) for i in range(size)]
    return lambda: markov.Id(x).then(*steps), len


def one_by_one_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from discopy import markov

    x = markov.Ty("X")
    steps = [markov.Box(f"f{i}", x, x) for i in range(size)]

    def work() -> Any:
        term: Any = markov.Id(x)
        for step in steps:
            term = term >> step
        return term

    return work, len


def equality_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from discopy import markov

    x = markov.Ty("X")
    box = markov.Box("f", x @ x, x @ x)
    one, other = (markov.Id(x**WIDTH).then(*circuit(size, box, markov.Id(x), turned)) for turned in (False, True))
    markov.Diagram.use_hypergraph_equality = True
    return lambda: one == other, bool


def symbolic_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    import sympy as sp

    sp.Symbol("x") * sp.Symbol("x") + 1  # SymPy imports modules at the first such product: outside the clock
    rows = [[sp.Symbol(f"k{i}_{j}", positive=True) for j in range(size)] for i in range(size)]
    return _tensor(size, rows, sp.Expr), lambda tensor: str(tensor.array[1, 0, 2])


def numeric_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    return _tensor(size, stochastic(size), float), lambda tensor: float(tensor.array[1, 0, 2])


def _tensor(size: int, rows: Any, dtype: type) -> Callable[[], Any]:
    from discopy import markov
    from discopy.tensor import Dim, Functor

    x, y = markov.Ty("X"), markov.Ty("Y")
    k = markov.Box("k", x, y)
    functor = Functor(ob={x: Dim(size), y: Dim(size)}, ar={k: rows}, dom=markov.Category(), dtype=dtype)
    term = markov.Copy(x, 2) >> k @ k
    return lambda: functor(term)


def laws_ours(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from theory.categories import Box, Copy, Discard, Ob, equal

    X, Y = Ob("X"), Ob("Y")
    k, f = Box("k", X, Y), Box("f", X, Y, deterministic=True)

    def work() -> dict[str, bool]:
        return {
            "k ≫ !": equal(k >> Discard(Y), Discard(X)),
            "f ≫ Δ": equal(f >> Copy(Y), Copy(X) >> f @ f),
            "k ≫ Δ": equal(k >> Copy(Y), Copy(X) >> k @ k),
        }

    return work, lambda answers: answers


def laws_peer(size: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    from discopy import markov

    x, y = markov.Ty("X"), markov.Ty("Y")
    k = markov.Box("k", x, y)
    markov.Diagram.use_hypergraph_equality = True

    def work() -> dict[str, bool]:
        copied = bool((k >> markov.Copy(y, 2)) == (markov.Copy(x, 2) >> k @ k))
        # a box has no flag there: one answer stands for functions and for kernels
        return {
            "k ≫ !": bool((k >> markov.Discard(y)) == markov.Discard(x)),
            "f ≫ Δ": copied,
            "k ≫ Δ": copied,
        }

    return work, lambda answers: answers


Part = Callable[[int], tuple[Callable[[], Any], Callable[[Any], Any]]]
PARTS: dict[str, tuple[Part, Part]] = {
    "compose at once": (compose_ours, compose_peer),
    "compose one by one": (one_by_one_ours, one_by_one_peer),
    "equality, layers": (equality_ours, equality_peer),
    "symbolic copy ≫ k⊗k, n": (symbolic_ours, symbolic_peer),
    "numeric copy ≫ k⊗k, n": (numeric_ours, numeric_peer),
    "laws": (laws_ours, laws_peer),
}
RUNS = (
    ("compose at once", BOXES),
    ("compose one by one", BOXES),
    ("equality, layers", 10),
    ("equality, layers", 40),
    ("equality, layers", 80),
    ("symbolic copy ≫ k⊗k, n", 8),
    ("symbolic copy ≫ k⊗k, n", 16),
    ("numeric copy ≫ k⊗k, n", 64),
)
QUICK = (("compose at once", BOXES), ("equality, layers", 10), ("symbolic copy ≫ k⊗k, n", 8))


def child(part: str, tool: str, size: int) -> dict[str, Any]:
    """CPU seconds of one part with one tool, and its answer."""
    work, answer = PARTS[part][tool == PEER](size)
    seconds = []
    while len(seconds) < 3 and sum(seconds) < 5:  # short work is repeated: the first time, caches are cold
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return {"seconds": min(seconds), "answer": answer(result)}


def run(python: str, part: str, tool: str, size: int, timeout: float) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [python, str(Path(__file__).resolve()), "--child", part, tool, str(size)]
    best: dict[str, Any] = {}
    for _ in range(3):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=timeout, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            return best or {"failed": f"> {timeout:g} s"}
        if done.returncode:
            return {"failed": (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:70]}
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if not best or answer["seconds"] < best["seconds"]:
            best = answer
        if best["seconds"] > timeout / 10:
            break  # a long run is not disturbed much
    return best


def installed(python: str) -> str:
    code = "import importlib.metadata as m; print(m.version('discopy'))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float):
        return bool(abs(ours - theirs) <= 1e-12)
    return sorted(str(ours).split("*")) == sorted(str(theirs).split("*"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has DisCoPy installed")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds a run")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--child", nargs=3, metavar=("PART", "TOOL", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        part, tool, size = options.child
        print(json.dumps(child(part, tool, int(size))))
        return
    version = installed(options.peers_python)
    print(f"CPU seconds; {PEER} {version or 'is not installed for ' + options.peers_python}")
    print(f"{'part':<26}{'size':>6}{OURS:>12}{PEER:>12}{'ratio':>9}  answers")
    for part, size in QUICK if options.quick else RUNS:
        if part.startswith("numeric") and importlib.util.find_spec("verify.functor") is None:
            print(f"{part:<26}{size:>6}  left out: there is no numeric functor")
            continue
        ours = run(sys.executable, part, OURS, size, options.timeout)
        theirs = run(options.peers_python, part, PEER, size, options.timeout) if version else {"failed": "-"}
        left, right = (row.get("failed") or f"{row['seconds']:.5f}" for row in (ours, theirs))
        if "failed" in ours or "failed" in theirs:
            print(f"{part:<26}{size:>6}{left:>12}{right:>12}", flush=True)
            continue
        ratio = theirs["seconds"] / ours["seconds"]
        agree = "agree" if same(ours["answer"], theirs["answer"]) else f"{ours['answer']} and {theirs['answer']}"
        print(f"{part:<26}{size:>6}{left:>12}{right:>12}{ratio:>9.1f}  {agree}", flush=True)
    print("\nEquations that are decided (True, True, False are right)")
    for tool, python in ((OURS, sys.executable), (PEER, options.peers_python)):
        if tool == OURS or version:
            found = run(python, "laws", tool, 0, options.timeout)
            print(f"  {tool:<10}{found.get('answer', found.get('failed'))}")


if __name__ == "__main__":
    main()
