"""How fast bounds evaluate, and how fast the tool starts; ratios within one run.

    python benchmarks/bounds.py

Compares compiled evaluation with SymPy's `subs` on the same points, times one call on a million points, the certified
value at T = 128 256, K = 131 072, an inversion, and start-up in fresh processes (best of three, bytecode cached).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import sympy as sp

from theory.evaluation import compile_bound, evaluate, solve
from theory.parameter import Parameter, integers, reals

POINTS = 1_000_000
SUBS_POINTS = 50
START_UP_TARGET = 0.7  # seconds for `boundlab --help`
HALF = sp.Rational(1, 2)
PARAMETERS = (
    Parameter("T", "T", "vocabulary", integers(2), (2, 10)),
    Parameter("K", "K", "window", integers(1), (1, 10)),
    Parameter("n", "n", "steps", integers(1), (1, 100)),
    Parameter("epsilon", r"\varepsilon", "smallest entry", reals(0, HALF, open="both"), (0.1, 0.2)),
)
T, K, n, eps = (p.symbol for p in PARAMETERS)


def seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """Least wall time of one call."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


def row(name: str, value: str) -> None:
    print(f"{name:<66} {value}")


def compiled_against_subs() -> None:
    formula = (1 - 2 * eps) ** (sp.floor(n / K) - 1)
    rng = np.random.default_rng(0)
    columns = {
        "n": rng.integers(10, 10_000, POINTS).astype(float),
        "K": rng.integers(1, 9, POINTS).astype(float),
        "epsilon": rng.uniform(1e-4, 0.01, POINTS),
    }
    compiled = compile_bound(formula, PARAMETERS)

    def by_subs() -> list[float]:
        return [
            float(formula.subs({n: int(columns["n"][i]), K: int(columns["K"][i]), eps: columns["epsilon"][i]}).evalf())
            for i in range(SUBS_POINTS)
        ]

    expected = by_subs()
    few = {name: column[:SUBS_POINTS] for name, column in columns.items()}
    assert np.allclose(compiled(few), expected, rtol=1e-9)
    start = time.perf_counter()
    by_subs()
    slow = (time.perf_counter() - start) / SUBS_POINTS
    whole = seconds(lambda: compiled(columns))
    fast = whole / POINTS
    far = seconds(lambda: compiled.sign_and_log(columns), 2)
    row("SymPy subs, one point", f"{slow * 1e3:.3f} ms")
    row(f"compiled, {POINTS:,} points in one call", f"{whole:.3f} s, {fast * 1e9:.0f} ns a point")
    row("ratio subs / compiled, a point", f"{slow / fast:,.0f}")
    row(f"log domain, {POINTS:,} points in one call", f"{far:.3f} s")
    point = {"n": 1000.0, "K": 3.0, "epsilon": 0.001}
    single = seconds(lambda: compiled(point), 50)
    row("compiled, a call with one point", f"{single * 1e6:.1f} us (ratio subs / this {slow / single:,.0f})")


def real_model_sizes() -> None:
    sparsity = (T - 1) / (T**K - 1)
    values = {"T": 128256, "K": 131072}
    found = evaluate(sparsity, PARAMETERS, values)
    row(
        f"certified value at T=128256, K=131072: {found}",
        f"{seconds(lambda: evaluate(sparsity, PARAMETERS, values), 20) * 1e3:.2f} ms",
    )
    compiled = compile_bound(sparsity, PARAMETERS)
    row("the same in the float64 log domain", f"{seconds(lambda: compiled.log10(values), 20) * 1e3:.2f} ms")
    rate = (1 - 2 * eps) ** (sp.floor(n / K) - 1)
    given = {"K": 3, "epsilon": 0.00127700272736065}
    answer = solve(rate, 0.01, PARAMETERS[2], PARAMETERS, given)
    row(
        f"smallest n with rate <= 0.01: {answer.value} (bracketed, verified {answer.verified})",
        f"{seconds(lambda: solve(rate, 0.01, PARAMETERS[2], PARAMETERS, given), 3) * 1e3:.0f} ms",
    )


def start_up(label: str, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def launch() -> None:
        done = subprocess.run(
            [sys.executable, *arguments], check=False, env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message")

    try:
        launch()  # fills the bytecode cache
        before = os.times()
        wall = seconds(launch, 3)
        after = os.times()
        busy = (after.children_user + after.children_system - before.children_user - before.children_system) / 3
        row(label, f"{wall:.2f} s, {busy:.2f} CPU s (target {START_UP_TARGET} s)")
    except RuntimeError as error:
        row(label, f"not available: {error}")


def main() -> None:
    compiled_against_subs()
    real_model_sizes()
    start_up("start-up: python -c pass", "-c", "pass")
    start_up("start-up: import sympy", "-c", "import sympy")
    start_up("start-up: import theory", "-c", "import theory")
    start_up("start-up: import theory.evaluation", "-c", "import theory.evaluation")
    start_up("start-up: boundlab --help", "-m", "verify.cli.main", "--help")


if __name__ == "__main__":
    main()
