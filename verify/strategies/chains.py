"""Window chains and the language models they come from. They shrink to T = 2, K = 1 and uniform laws."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics.chains.index import n_states
from numerics.chains.window_chain import WindowChain
from verify.strategies.laws import integer_weights, normalised
from verify.subject import ChainSubject

MAX_STATES = 64  # of the full contexts: an example must cost milliseconds


@st.composite
def sizes(draw: st.DrawFn, max_T: int = 4, max_K: int = 4, max_states: int = MAX_STATES) -> tuple[int, int]:
    """(T, K) with T^K <= max_states. Shrinks to (2, 1)."""
    # By K, then T: the first is the simplest.
    pairs = [(T, K) for K in range(1, max_K + 1) for T in range(2, max_T + 1) if max_states >= T**K]
    return draw(st.sampled_from(pairs))


@st.composite
def window_chains(
    draw: st.DrawFn,
    *,
    max_T: int = 4,
    max_K: int = 4,
    max_states: int = MAX_STATES,
    zeros: bool = False,
    T: int | None = None,
    K: int | None = None,
) -> WindowChain:
    """Window chains with the laws of all contexts, shorter ones included; with `zeros` not all tokens are possible."""
    drawn_T, drawn_K = draw(sizes(max_T, max_K, max_states)) if T is None or K is None else (T, K)
    T, K = (drawn_T if T is None else T), (drawn_K if K is None else K)
    rows = n_states(T, K)
    table = normalised(draw(integer_weights(rows, T, zeros=zeros)))
    short = rows - T**K
    return WindowChain(T, K, table[short:], table[:short])


def chain_subjects(**options: Any) -> st.SearchStrategy[ChainSubject]:
    """Subjects for chain claims; options as for `window_chains`."""
    return window_chains(**options).map(lambda chain: ChainSubject("random chain", chain))


@st.composite
def table_models(draw: st.DrawFn, *, max_T: int = 4, max_K: int = 3, max_states: int = MAX_STATES) -> Any:
    """Language models given by a table of positive laws of all contexts (numerics.models.table)."""
    from numerics.models.table import from_table

    T, K = draw(sizes(max_T, max_K, max_states))
    weights = draw(integer_weights(n_states(T, K), T))
    return from_table(np.asarray(normalised(weights)), "probabilities", name="random table")
