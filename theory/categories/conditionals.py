"""Conditionals, Bayesian inverses and almost-sure equality of finite kernels, exact or symbolic.

Main definitions
    joint                  the table p(x)·k(y|x) as a state on X ⊗ Y
    conditional            f(y | x, a) = f(x, y | a) / f(x | a), disintegration of f: A -> X ⊗ Y
    bayesian_inverse       k†(x | y) with μ(x)·k(y|x) = (μ≫k)(y)·k†(x|y)
    almost_surely_equal    equality of the joints with a state

Conventions: off the support a conditional is arbitrary; the uniform law stands there. An entry that is absent is zero,
and an entry that is there is taken to be positive, as `generic` symbols are. Source: specification `categorical`, D5.
"""

from __future__ import annotations

from itertools import product
from math import prod

import sympy as sp

from theory.categories.kernel import Entries, Entry, Kernel, KernelError, Values


def joint(state: Kernel, kernel: Kernel) -> Kernel:
    """(1 ⊗ k) Δ μ: a state on X ⊗ Y, from a state on X and k: X -> Y."""
    _require_state(state, kernel)
    rows = kernel.rows()
    entries: Entries = {((), x + y): p * q for ((_, x), p) in state.entries.items() for y, q in rows[x].items()}
    return Kernel((), state.cod + kernel.cod, entries)


def marginal(kernel: Kernel, keep: tuple[int, ...]) -> Kernel:
    """The kernel with all outputs but those at the positions `keep` discarded."""
    entries: dict[tuple[Values, Values], Entry] = {}
    for (inputs, outputs), p in kernel.entries.items():
        key = inputs, tuple(outputs[k] for k in keep)
        entries[key] = entries[key] + p if key in entries else p
    return Kernel(kernel.dom, tuple(kernel.cod[k] for k in keep), entries)


def conditional(kernel: Kernel, first: int = 1) -> Kernel:
    """X ⊗ A -> Y for f: A -> X ⊗ Y, where X are the first `first` outputs. Raises KernelError if there are fewer."""
    if not 0 <= first <= len(kernel.cod):
        raise KernelError(f"conditioning on {first} outputs, expected 0 to {len(kernel.cod)}")
    head, tail = kernel.cod[:first], kernel.cod[first:]
    weight = marginal(kernel, tuple(range(first)))
    entries: dict[tuple[Values, Values], Entry] = {}
    for (inputs, outputs), p in kernel.entries.items():
        x, y = outputs[:first], outputs[first:]
        entries[x + inputs, y] = p / weight.entries[inputs, x]
    for x in product(*head):
        for inputs in product(*kernel.dom):
            if (inputs, x) not in weight.entries:
                entries.update({(x + inputs, y): _uniform(tail, kernel) for y in product(*tail)})
    return Kernel(head + kernel.dom, tail, entries)


def bayesian_inverse(state: Kernel, kernel: Kernel) -> Kernel:
    """k†: Y -> X, the conditional of the joint on Y; unique (μ≫k)-almost surely."""
    table = joint(state, kernel)
    split = len(state.cod)
    turned: Entries = {((), both[split:] + both[:split]): p for ((_, both), p) in table.entries.items()}
    return conditional(Kernel((), kernel.cod + state.cod, turned), len(kernel.cod))


def almost_surely_equal(state: Kernel, first: Kernel, second: Kernel) -> bool:
    """Whether two kernels agree wherever the state has mass (symbolic entries are simplified)."""
    left, right = joint(state, first), joint(state, second)
    if left.cod != right.cod:
        return False
    for key in {*left.entries, *right.entries}:
        difference = left.entries.get(key, 0) - right.entries.get(key, 0)
        if difference != 0 and (not isinstance(difference, sp.Expr) or sp.simplify(difference) != 0):
            return False
    return True


def _require_state(state: Kernel, kernel: Kernel) -> None:
    if state.dom:
        raise KernelError(f"a state has no inputs, got one with {len(state.dom)}")
    if state.cod != kernel.dom:
        raise KernelError(
            f"the state lives on {[list(s) for s in state.cod]}, the kernel starts at {[list(s) for s in kernel.dom]}"
        )


def _uniform(spaces: tuple[tuple[object, ...], ...], kernel: Kernel) -> Entry:
    """1/n in the kernel's own kind of number."""
    count = prod(len(space) for space in spaces)
    some = next(iter(kernel.entries.values()))
    return some / some / count
