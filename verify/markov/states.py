"""Counting states and transitions: by enumeration, over sizes (T, K) small enough for it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from numerics.chains.index import enumerate_states, n_states, state_index, state_successor_table
from numerics.chains.operator import csr_full
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.space import Space
from verify.spaces import chains
from verify.subject import ChainSubject

Size = tuple[int, int]  # (T, K)
State = tuple[int, ...]

MOST_STATES = 130  # a double loop over pairs of states takes some 10 ms
MOST_TRANSITIONS = 5e6  # entries of Q that are looked at


def sizes_up_to(states: int) -> list[Size]:
    """All (T, K) with at most that many states, by K and then T: searches shrink to the smallest window."""
    found = [(T, K) for K in range(1, states) for T in range(2, states + 1) if states >= T**K]
    return [size for size in found if n_states(*size) <= states]


sizes = Space(
    "sizes (T, K)",
    lambda claim: st.sampled_from(sizes_up_to(MOST_STATES)),
    lambda claim: ((2, 3), (2, 1), (3, 2), (4, 3)),
)


def incompatible(v: State, u: State) -> bool:
    """D25, the printed rule: some l in 1..|u|-1 has u_{l+1} different from v_l, where a missing v_l differs."""
    return any(at >= len(v) or u[at + 1] != v[at] for at in range(len(u) - 1))


def printed_counts(T: int, K: int) -> tuple[int, int]:
    """(pairs of states that D25 calls compatible, true transitions that it calls incompatible), by a double loop."""
    states = list(enumerate_states(T, K))
    transitions = {(u, (*u, x)[-K:]) for u in states for x in range(T)}
    compatible = sum(not incompatible(v, u) for u, v in product(states, states))
    return compatible, sum(incompatible(v, u) for u, v in transitions)


@measures("markov/state_count", over=sizes, examples=(30, 60))
def state_count(size: Size, context: Context) -> Iterator[Instance]:
    """The strings of length 1..K, listed."""
    T, K = size
    yield Instance({"T": T, "K": K}, exact(sum(1 for _ in enumerate_states(T, K))))


@measures("markov/printed_incompatibility", over=sizes)
def printed_incompatibility(size: Size, context: Context) -> Iterator[Instance]:
    """The printed rule against the transitions there are: T from each state."""
    T, K = size
    compatible, rejected = printed_counts(T, K)
    values = {"T": T, "K": K}
    transitions = exact(T * n_states(T, K))
    yield Instance(values, exact(compatible), "pairs called compatible", bound=transitions)
    yield Instance(values, exact(rejected), "true transitions rejected")


@measures("markov/transition_rule", over=chains)
def transition_rule(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Row sums, and the number of successors, of full contexts and (where the chain holds them) of shorter ones."""
    T, K = subject.T, subject.K
    rows = np.asarray(subject.chain.table)
    if rows.size > MOST_TRANSITIONS:
        rows = rows[context.rng.choice(rows.shape[0], int(MOST_TRANSITIONS) // T, replace=False)]
    sums = rows.sum(axis=1)
    for u in (int(sums.argmin()), int(sums.argmax())):
        yield Instance({"T": T, "K": K, "u": u}, floating(sums[u], absolute=4 * T * 2.0**-53), "row sum")
    # Successors that differ and have positive probability, from the numbering and the logarithms alone.
    if subject.chain.n * T > MOST_TRANSITIONS:
        return
    following = np.sort(np.where(subject.chain.support(), _full_successors(T, K), -1), axis=1)
    distinct = (np.diff(following, axis=1, prepend=-1) > 0).sum(axis=1)
    for u in sorted({int(distinct.argmin()), int(distinct.argmax())}):
        yield Instance({"T": T, "K": K, "u": u}, exact(int(distinct[u])), "non-zeros")


def _full_successors(T: int, K: int) -> np.ndarray:
    short = n_states(T, K) - T**K
    found: np.ndarray = state_successor_table(T, K)[short:]
    return found


@measures("markov/sparsity", over=chains)
def sparsity(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Non-zero entries of Q on all states, counted; probabilities that underflow are counted by their logarithms."""
    T, K = subject.T, subject.K
    if n_states(T, K) * T > MOST_TRANSITIONS:
        raise NotApplicable(f"{subject.name}: Q has {n_states(T, K) * T} entries to count, expected at most 5 000 000")
    if subject.chain.underflows or subject.chain.short is None:
        raise NotApplicable(f"{subject.name} does not hold all of Q as float64")
    nonzeros = int(csr_full(subject.chain).nnz)
    values = {"T": T, "K": K}
    yield Instance(values, exact(nonzeros), "non-zeros")
    yield Instance(values, exact(Fraction(nonzeros, n_states(T, K) ** 2)), "proportion")


def index_by_tokens(T: int, K: int) -> np.ndarray:
    """The successor table (n_S, T) from token strings alone: what the index arithmetic must agree with."""
    states = list(enumerate_states(T, K))
    return np.array([[state_index((*u, x)[-K:], T) for x in range(T)] for u in states])
