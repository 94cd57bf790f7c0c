"""Blocks and paths: graphs of the numbering, exact characteristic polynomials, matrix powers against products."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.exact import exact_of_chain, to_fraction
from numerics.chains.index import context_tokens, n_states, state_successor_table, successor
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.spaces import chains
from verify.subject import ChainSubject

Values = dict[str, int | float]

POWER_LIMIT = 1200  # states of Q up to which its powers are formed
EXACT_LIMIT = 40  # states of Q up to which its characteristic polynomial is computed over the rationals
GRAPH_LIMIT = 5e6  # transitions of Q up to which its graph is followed
STARTS, TARGETS = 4, 12  # pairs (u, v) whose entry of A is compared with the product


def state_lengths(T: int, K: int) -> IntArray:
    """Length of every state, (n_S,), order D3."""
    return np.repeat(np.arange(1, K + 1), [T**length for length in range(1, K + 1)])


def lengths_after(T: int, K: int, start: int, steps: int) -> set[int]:
    """Lengths of the states that lie `steps` steps after the states of length `start`, from the successor table."""
    table, size = state_successor_table(T, K), state_lengths(T, K)
    reached = np.flatnonzero(size == start)
    for _ in range(steps):
        reached = np.unique(table[reached])
    return {int(length) for length in size[reached]}


def characteristic_mismatch(subject: ChainSubject) -> Fraction:
    """Largest |coefficient| of chi_Q(x) - x^(n_S - T^K) chi_{P_R}(x), over the rationals."""
    whole = exact_of_chain(subject.chain, full=True).charpoly()
    block = exact_of_chain(subject.chain).charpoly()
    shift = n_states(subject.T, subject.K) - subject.n
    # Coefficients from the constant one upwards.
    expected = [Fraction(0)] * shift + [to_fraction(block[i]) for i in range(subject.n + 1)]
    return max(abs(to_fraction(whole[i]) - value) for i, value in enumerate(expected))


@measures("markov/block_structure", over=chains)
def block_structure(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Lengths from the graph, entries of powers of Q, and both characteristic polynomials."""
    T, K = subject.T, subject.K
    base: Values = {"K": K, "n_S": n_states(T, K)}
    if n_states(T, K) * T <= GRAPH_LIMIT:
        one: Values = {**base, "ell": 1, "k": K}
        for length in lengths_after(T, K, 1, K - 1):
            yield Instance(one, exact(length), "short contexts die out")
        for length in lengths_after(T, K, 1, max(K - 2, 0)):
            yield Instance(one, exact(length), "not before")
        for start in range(1, K + 1):
            for length in lengths_after(T, K, start, K):
                yield Instance({**base, "ell": start, "k": K}, exact(length), "short contexts vanish")
    if subject.chain.short is not None and not subject.chain.underflows and n_states(T, K) <= POWER_LIMIT:
        yield from _entries(subject, base)
    if subject.chain.short is not None and n_states(T, K) <= EXACT_LIMIT:
        yield Instance({**base, "ell": 1, "k": K}, exact(characteristic_mismatch(subject)), "characteristic polynomial")


def _entries(subject: ChainSubject, base: Values) -> Iterator[Instance]:
    """Smallest entry of Q^k in the columns of full contexts, for k = K..2K; p_min over contexts of every length."""
    K, short = subject.K, n_states(subject.T, subject.K) - subject.n
    rows = [np.asarray(subject.chain.table)] + ([np.asarray(subject.chain.short)] if short else [])
    least = min(float(table.min()) for table in rows)
    power: FloatArray = subject.transition_all.toarray()
    for k in range(1, 2 * K + 1):
        if k >= K:
            entry = float(power[:, short:].min())
            # Sums of products of at most k factors, all non-negative: a relative error of k n_S roundings.
            error = 4 * k * (power.shape[0] + 1) * 2.0**-53
            yield Instance({**base, "ell": 1, "k": k, "p_min": least}, floating(entry, relative=error), "full contexts")
        power = np.asarray(subject.transition_all @ power)


@measures("markov/path_product", over=chains)
def path_product(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Entries of P^K by sparse products against products along the path, and log eps against the recursion."""
    T, K, n = subject.T, subject.K, subject.n
    starts = sorted({int(u) for u in context.rng.integers(0, n, STARTS)} | {subject.minimal_path.start})
    values = {"T": T, "K": K}
    error = 8 * K * T * 2.0**-53  # K steps, each a sum of at most T products
    logs = subject.chain.log_probs
    for number, u in enumerate(starts, start=1):
        law = np.zeros(n)
        law[u] = 1.0
        for _ in range(K):
            law = np.asarray(law @ subject.transition)
        for v in {int(v) for v in context.rng.integers(0, n, TARGETS)}:
            end, total = follow(u, v, T, K, logs)
            at = {**values, "w": number}
            yield Instance(at, exact(end), "one path", bound=exact(v), label=f"{u} to {v}")
            yield Instance(
                at,
                floating(float(law[v]), relative=error, absolute=1e-300),
                "product",
                bound=floating(float(np.exp(total)), relative=error + 1e-13, absolute=1e-300),
                label=f"{u} to {v}",
            )
            if law[v] > 1e-290:
                yield Instance(
                    at,
                    floating(float(np.log(law[v])), absolute=error + 1e-13),
                    "logarithm",
                    bound=floating(total, relative=1e-13 * K, absolute=1e-13),
                    label=f"{u} to {v}",
                )
    if subject.is_dense and n <= POWER_LIMIT and not subject.chain.underflows:
        least = float(matrix_power(subject).min())
        if least > 1e-290:
            yield Instance(
                {**values, "w": 1},
                floating(float(np.log(least)), absolute=error + 1e-13),
                "recursion",
                bound=floating(subject.minimal_path.value, relative=1e-13 * K, absolute=1e-13),
            )


def matrix_power(subject: ChainSubject) -> FloatArray:
    """A = P_R^K by K sparse products, (T^K, T^K): the definition, independent of paths."""
    power: FloatArray = np.eye(subject.n)
    for _ in range(subject.K):
        power = np.asarray(subject.transition @ power)
    return power


def follow(u: int, v: int, T: int, K: int, log_probs: FloatArray) -> tuple[int, float]:
    """(context after drawing the tokens of v from u, logarithm of the probability of drawing them)."""
    total = 0.0
    for token in context_tokens(v, T, K):
        total += float(log_probs[u, token])
        u = successor(u, token, T, K)
    return u, total
