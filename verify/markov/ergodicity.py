"""Recurrent classes and periods from graphs, stationary laws with their residuals, truncated models."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import scipy.sparse as sparse

from numerics.chains.generators import noisy_lfsr_rows, random_logits
from numerics.chains.index import n_states, state_successor_table
from numerics.chains.structure import ChainStructure, chain_structure
from numerics.chains.window_chain import WindowChain
from numerics.models.protocol import LanguageModel
from numerics.models.table import from_table
from numerics.models.wrappers.truncation import greedy, top_k, top_p
from theory.verdict import Verdict
from verify.instance import Instance, NotApplicable
from verify.markov.structure import GRAPH_LIMIT, lengths_after
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.spaces import chains, once
from verify.subject import ChainSubject


def structure_of_all_states(subject: ChainSubject) -> ChainStructure:
    """Classes of the chain on all states, from its graph.

    A chain that holds no laws after shorter contexts is taken to allow every token there.
    """
    chain = subject.chain
    T, K = chain.T, chain.K
    if n_states(T, K) * T > GRAPH_LIMIT:
        raise NotApplicable(
            f"{subject.name}: the graph of Q has {n_states(T, K) * T} edges, expected at most 5 000 000"
        )
    short = n_states(T, K) - chain.n
    shorter = np.ones((short, T), dtype=bool)
    if chain.log_short is not None:
        shorter = np.isfinite(chain.log_short)
    elif chain.short is not None:
        shorter = np.asarray(chain.short) > 0
    support = np.concatenate([shorter, chain.support()])
    following = state_successor_table(T, K)[support]
    starts = np.concatenate([[0], np.cumsum(support.sum(axis=1))])
    size = n_states(T, K)
    return chain_structure(
        sparse.csr_array((np.ones(following.size, dtype=np.int8), following, starts), shape=(size, size))
    )


@measures(
    "markov/ergodic_as_stated",
    over=chains,
    expected={"*@1": (Verdict.HOLDS, "for K = 1 every state is a full context, and the statement is true")},
)
def ergodic_as_stated(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Strongly connected components of the graph of Q."""
    found = structure_of_all_states(subject)
    values = {"T": subject.T, "K": subject.K}
    yield Instance(values, exact(sum(c.size for c in found.recurrent)), "all states recurrent")
    yield Instance(values, exact(len(found.recurrent)), "one class")
    yield Instance(values, exact(found.periods[0]), "aperiodic")


@measures("markov/ergodic_unichain", over=chains)
def ergodic_unichain(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """The same graph, lengths along it, and the smallest stationary probability."""
    T, K = subject.T, subject.K
    found = structure_of_all_states(subject)
    base = {"T": T, "K": K, "n_S": n_states(T, K)}
    values = {**base, "ell": 1, "k": K}
    yield Instance(values, exact(len(found.recurrent)), "one recurrent class")
    yield Instance(values, exact(found.periods[0]), "aperiodic")
    yield Instance(values, exact(int(found.transient.size)), "transient")
    for start in range(1, K + 1):
        for steps in (1, K):
            yield Instance(
                {**base, "ell": start, "k": steps}, exact(min(lengths_after(T, K, start, steps))), "never shorter"
            )
    law = subject.stationary
    least = float(law.pi.min())
    # Elimination is accurate in every entry; an iteration only up to its residual, which must not hide the sign.
    error = 1e-9 * least if law.method.startswith("gth") else 10 * law.residual_l1
    if error < least:
        yield Instance(values, floating(least, absolute=error), "positive law", label=f"{law.method}")


def parity_register() -> WindowChain:
    """The parity register without noise, as a window chain (T = 2, K = 3)."""
    return WindowChain.from_table(np.array(noisy_lfsr_rows((1, 1, 1), Fraction(0)), dtype=np.float64), 2, 3)


def truncations(model: LanguageModel) -> Iterator[LanguageModel]:
    """Decoders that set probabilities to zero."""
    yield greedy(model)
    yield top_k(model, 1)
    yield top_p(model, 0.5)


def with_end_token(model_logits: np.ndarray, T: int, K: int) -> WindowChain:
    """A model whose last token is an end token: after it, it repeats for ever."""
    weights = np.exp(model_logits)
    table = weights / weights.sum(axis=1, keepdims=True)
    ends = np.arange(table.shape[0]) % T == T - 1  # the state's last token, in the order of D3
    # Indices of D3 start at each length with a multiple of T, so the last token is the index modulo T.
    table[ends] = np.eye(T)[T - 1]
    short = n_states(T, K) - T**K
    return WindowChain.from_table(table[short:], T, K, table[:short])


@measures("markov/truncated_decoding", over=once, examples=(1, 1))
def truncated_decoding(thing: None, context: Context) -> Iterator[Instance]:
    """The register's classes from its chain, and truncated random models: the most classes, the longest period."""
    register = chain_structure(parity_register())
    order = sorted(range(len(register.recurrent)), key=lambda i: (register.recurrent[i].size, register.recurrent[i][0]))
    yield Instance({}, exact(len(order)), "classes of the register")
    for place, i in enumerate(order):
        yield Instance({}, exact(int(register.recurrent[i].size)), f"size of class {place}")
        yield Instance({}, exact(register.periods[i]), f"period of class {place}")
    yield Instance({}, exact(stationary_dimension()), "stationary laws")
    most, longest = 0, 0
    for seed in range(context.pick(20, 200)):
        T, K = ((2, 3), (2, 2), (3, 2), (3, 1))[seed % 4]
        logits = random_logits(T, K, int(context.rng.integers(2**31)))
        model = from_table(logits, "logits", name="random table")
        for truncated in truncations(model):
            found = chain_structure(WindowChain.from_model(truncated, K))
            most, longest = max(most, len(found.recurrent)), max(longest, *found.periods)
        most = max(most, len(chain_structure(with_end_token(logits, T, K)).absorbing))
    yield Instance({}, exact(most), "several classes")
    yield Instance({}, exact(longest), "periods")


def stationary_dimension() -> int:
    """Dimension of the simplex of the register's stationary laws: nullity of I - P over the rationals, less one."""
    from flint import fmpq_mat

    from numerics.chains.exact import exact_transition

    transition = exact_transition(noisy_lfsr_rows((1, 1, 1), Fraction(0)), 2, 3)
    identity = fmpq_mat(8, 8, [int(i == j) for i in range(8) for j in range(8)])
    return 8 - int((identity - transition).rank()) - 1
