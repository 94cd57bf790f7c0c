"""The spaces that claims of the body `categorical` are measured on; their extremal objects are the fixtures.

Main definitions
    kernels          a kernel at a law of its inputs (K1, identity, coin, a point mass beside a coin)
    states           two states and a kernel behind them
    hom_pairs        two pairs of parallel kernels
    composables      a kernel, then any kernel
    coarse_grainings a kernel, then a function
    sources          finite sources of three tokens with an encoder and a head (T1, exclusive or, repetition)
    injective_sources  the same with every context its own state
    drafting         verifier rows in cells (T1, and rows whose best drafter is not their mean)
    models           window chains that a run names, for sources cut from models (`source_of_subject`)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.sources.finite import FiniteSource, TooManyCellsError, drafting_rows, source_of
from numerics.sources.fixtures import K1_MU, K1_ROWS, t1
from numerics.sources.windows import kmeans_states, window_source
from theory.claim import Claim
from verify.instance import NotApplicable
from verify.space import Space
from verify.strategies import chains as _chains
from verify.strategies import kernels as _kernels
from verify.strategies.kernels import Composable, DraftingRows, HomPairs, KernelAtLaw, StatePair
from verify.subject import ChainSubject

COIN = np.array([[0.5, 0.5]])
POINT = np.array([[1.0, 0.0]])


def _kernels_extremal(claim: Claim) -> Iterator[KernelAtLaw]:
    yield KernelAtLaw(K1_ROWS, K1_MU)
    yield KernelAtLaw(np.eye(3), np.full(3, 1 / 3))
    yield KernelAtLaw(COIN, np.ones(1))
    yield KernelAtLaw(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0.0, 1.0]))  # the coin has mass 0


def _states_extremal(claim: Claim) -> Iterator[StatePair]:
    yield StatePair(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.eye(2))
    yield StatePair(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.eye(2)[::-1])
    yield StatePair(K1_ROWS[0], K1_ROWS[2], np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]]))
    yield StatePair(K1_MU, np.full(3, 1 / 3), K1_ROWS)


def _hom_pairs_extremal(claim: Claim) -> Iterator[HomPairs]:
    yield HomPairs(COIN, COIN, np.eye(2), np.eye(2))


def _composables_extremal(claim: Claim) -> Iterator[Composable]:
    yield Composable(K1_ROWS, np.eye(4))
    yield Composable(COIN, np.eye(2))


def _coarse_extremal(claim: Claim) -> Iterator[Composable]:
    yield from _composables_extremal(claim)
    yield Composable(K1_ROWS, np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]]))
    yield Composable(K1_ROWS, np.ones((4, 1)))


def exclusive_or(injective: bool = False) -> FiniteSource:
    """H and A fair bits, W = H xor A: the surplus exceeds I(H; A) = 0. B is constant. The context is (H, noise)."""
    first = np.full((4, 2), 0.5)
    second = np.zeros((4, 2, 2))
    third = np.zeros((4, 2, 2, 2))
    third[..., 0] = 1
    for x in range(4):
        for w in range(2):
            second[x, w, w ^ (x // 2)] = 1
    return source_of("exclusive or", np.full(4, 0.25), [first, second, third], range(4) if injective else (0, 0, 1, 1))


def repetition(injective: bool = False) -> FiniteSource:
    """Every token repeats the first one, which the context does not tell: surplus 0, acceptance 1."""
    first = np.full((2, 2), 0.5)
    second = np.broadcast_to(np.eye(2), (2, 2, 2)).copy()
    third = np.broadcast_to(np.eye(2)[None, :, None, :], (2, 2, 2, 2)).copy()
    return source_of("repetition", [0.5, 0.5], [first, second, third], range(2) if injective else (0, 0))


def _sources_extremal(claim: Claim) -> Iterator[FiniteSource]:
    yield t1()
    yield exclusive_or()
    yield repetition()


def _injective_extremal(claim: Claim) -> Iterator[FiniteSource]:
    yield t1().with_encoder(range(4), "T1, injective")
    yield exclusive_or(injective=True)
    yield repetition(injective=True)


def _drafting_extremal(claim: Claim) -> Iterator[DraftingRows]:
    yield DraftingRows(*drafting_rows(t1()))
    yield DraftingRows(np.array([0.5, 0.5]), np.full((2, 2), 0.5), np.zeros(2, dtype=np.int64))


kernels = Space("random kernels at laws", lambda claim: _kernels.kernels_at_laws(), _kernels_extremal)
states = Space("random pairs of states", lambda claim: _kernels.state_pairs(), _states_extremal)
hom_pairs = Space("random pairs of kernels", lambda claim: _kernels.hom_pairs(), _hom_pairs_extremal)
composables = Space("random composable kernels", lambda claim: _kernels.composables(), _composables_extremal)
coarse_grainings = Space(
    "random kernels before functions", lambda claim: _kernels.composables(second_deterministic=True), _coarse_extremal
)
sources = Space("random finite sources", lambda claim: _kernels.finite_sources(), _sources_extremal)
injective_sources = Space(
    "random finite sources with injective encoders",
    lambda claim: _kernels.finite_sources(injective=True),
    _injective_extremal,
)
drafting = Space("random rows to draft", lambda claim: _kernels.drafting_rows(), _drafting_extremal)
models = Space("random chains", lambda claim: _chains.chain_subjects(), over_models=True)


def source_of_subject(subject: ChainSubject, tokens: int = 2, cells: int = 8) -> FiniteSource:
    """The chain's contexts at its stationary law; H = the cell of its next-token row, at most `cells` of them.

    Cells are those of k-means on the square roots of the rows (Hellinger distance), the same at every call. An encoder
    that keeps the last K - 1 tokens would have no deficit: given W_t a window chain needs no more.

    Raises NotApplicable where the laws of that many tokens have more than 2·10^7 cells.
    """
    count = min(cells, subject.n)
    encoder = kmeans_states(np.sqrt(subject.chain.table), count, np.random.default_rng(0))
    try:
        return window_source(subject.name, subject.chain, subject.pi, tokens, encoder)
    except TooManyCellsError as reason:
        raise NotApplicable(str(reason)) from None


def labelled(source: FiniteSource) -> st.SearchStrategy[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Labels S of a source's contexts (N,), each value used."""
    return _kernels.encoders(source.contexts)
