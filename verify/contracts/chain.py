"""Laws of window chains: representations agree, and every computed quantity obeys its definition and its inequalities.

Give a `WindowChain` or a `ChainSubject`. Laws that form T^K x T^K matrices say nothing of chains beyond 512 states.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from numerics.chains.entropy import row_entropies
from numerics.chains.exact import exact_of_chain, exact_stationary
from numerics.chains.house_of_cards import hoc_curve
from numerics.chains.operator import csr, csr_full, dense, left_action, left_action_full, right_action
from numerics.chains.reduction import padded
from numerics.chains.window_chain import WindowChain
from verify.contracts.law import LawResult, Suite, agree, check_laws, require
from verify.instance import NotApplicable
from verify.subject import ChainSubject

DENSE = 512  # states up to which laws form matrices
EXACT = 64  # states up to which rationals are used
ROUNDING = 1e-12
suite: Suite[ChainSubject] = Suite()


def check_chain(chain: WindowChain | ChainSubject) -> list[LawResult]:
    """Every law of CHAIN_LAWS on one chain."""
    return check_laws(CHAIN_LAWS, chain if isinstance(chain, ChainSubject) else ChainSubject("chain", chain))


def _small(subject: ChainSubject, limit: int = DENSE) -> None:
    if subject.n > limit:
        raise NotApplicable(f"{subject.n} states, expected at most {limit}")


def _positive(subject: ChainSubject, limit: int = DENSE) -> None:
    _small(subject, limit)
    if not subject.chain.is_positive:
        raise NotApplicable("some token is impossible somewhere")


def _vector(subject: ChainSubject) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(0).random(subject.n)


@suite.law
def rows_are_laws(subject: ChainSubject) -> None:
    """Every row of the table is a probability vector."""
    require(subject.chain.table.min() >= 0, f"smallest probability {subject.chain.table.min()}")
    agree(subject.chain.table.sum(axis=1), np.ones(subject.n), "row sums", absolute=ROUNDING)


@suite.law
def short_rows_are_laws(subject: ChainSubject) -> None:
    """Every row of the shorter contexts is a probability vector."""
    if subject.chain.short is None or len(subject.chain.short) == 0:
        raise NotApplicable("the chain holds no shorter contexts")
    require(subject.chain.short.min() >= 0, f"smallest probability {subject.chain.short.min()}")
    agree(subject.chain.short.sum(axis=1), np.ones(len(subject.chain.short)), "row sums", absolute=ROUNDING)


@suite.law
def sparse_equals_dense(subject: ChainSubject) -> None:
    """The CSR and the dense transition matrix are equal."""
    _small(subject)
    agree(csr(subject.chain).toarray(), dense(subject.chain), "transition matrix", absolute=0.0)


@suite.law
def transition_follows_the_window(subject: ChainSubject) -> None:
    """From u, token x leads to (u mod T^(K-1)) T + x with probability P(x|u), and nowhere else (D3, D5)."""
    _small(subject)
    T, n = subject.T, subject.n
    expected = np.zeros((n, n))
    for u in range(n):
        for x in range(T):
            expected[u, (u % (n // T)) * T + x] += subject.chain.table[u, x]
    agree(dense(subject.chain), expected, "transition matrix", absolute=0.0)


@suite.law
def left_action_is_the_product(subject: ChainSubject) -> None:
    """The matrix-free mu P equals the product with the matrix."""
    _small(subject)
    mu = _vector(subject)
    agree(left_action(subject.chain, mu), mu @ dense(subject.chain), "mu P", absolute=ROUNDING * subject.n)


@suite.law
def right_action_is_the_product(subject: ChainSubject) -> None:
    """The matrix-free P f equals the product with the matrix."""
    _small(subject)
    f = _vector(subject)
    agree(right_action(subject.chain, f), dense(subject.chain) @ f, "P f", absolute=ROUNDING)


@suite.law
def full_left_action_is_the_product(subject: ChainSubject) -> None:
    """The matrix-free mu Q on all states equals the product with the sparse matrix."""
    _small(subject)
    if subject.chain.short is None:
        raise NotApplicable("the chain holds no shorter contexts")
    mu = np.random.default_rng(1).random(subject.chain.n_all)
    agree(left_action_full(subject.chain, mu), mu @ csr_full(subject.chain), "mu Q", absolute=ROUNDING * subject.n)


@suite.law
def constants_are_kept(subject: ChainSubject) -> None:
    """P 1 = 1."""
    agree(right_action(subject.chain, np.ones(subject.n)), np.ones(subject.n), "P 1", absolute=ROUNDING)


@suite.law
def mass_is_kept(subject: ChainSubject) -> None:
    """The sum of mu P is the sum of mu."""
    mu = np.full(subject.n, 1 / subject.n)
    agree(left_action(subject.chain, mu).sum(), 1.0, "total mass", absolute=ROUNDING)


@suite.law
def non_zeros_count(subject: ChainSubject) -> None:
    """A positive chain has exactly T non-zeros a row."""
    _positive(subject)
    if subject.chain.underflows:
        raise NotApplicable("positive probabilities underflow to 0")
    counts = (dense(subject.chain) > 0).sum(axis=1)
    agree(counts, np.full(subject.n, subject.T), "non-zeros a row", absolute=0.0)


@suite.law
def block_is_the_power(subject: ChainSubject) -> None:
    """The block matrix A is P^K (D6)."""
    _small(subject)
    agree(subject.block, np.linalg.matrix_power(dense(subject.chain), subject.K), "A", absolute=ROUNDING)


@suite.law
def epsilon_is_the_smallest_entry(subject: ChainSubject) -> None:
    """The min-plus recursion gives the logarithm of the smallest entry of A (D8)."""
    _small(subject)
    smallest = float(subject.block.min())
    if smallest < 1e-280:
        raise NotApplicable("the smallest entry is 0 or near underflow")
    agree(subject.log_epsilon, np.log(smallest), "log epsilon", absolute=1e-9)


@suite.law
def epsilon_range(subject: ChainSubject) -> None:
    """p_min^K <= epsilon <= T^-K."""
    _small(subject)
    K = subject.K
    require(subject.log_epsilon <= -K * np.log(subject.T) + 1e-9, f"log epsilon {subject.log_epsilon} above -K log T")
    if subject.chain.is_positive:
        floor = K * subject.log_p_min
        require(subject.log_epsilon >= floor - 1e-9 * abs(floor), f"log epsilon {subject.log_epsilon} below {floor}")


@suite.law
def coefficients_are_ordered(subject: ChainSubject) -> None:
    """0 <= kappa(A) <= 1 - alpha(A) <= 1 - T^K epsilon <= 1 - 2 epsilon."""
    _small(subject)
    chain = [0.0, subject.kappa, 1 - subject.alpha, 1 - subject.n * subject.epsilon, 1 - 2 * subject.epsilon]
    require(all(a <= b + 1e-12 for a, b in pairwise(chain)), f"not ordered: {chain}")


@suite.law
def overlaps_are_ordered(subject: ChainSubject) -> None:
    """gamma_k <= beta_k, both non-decreasing in k, in [0, 1] (D10)."""
    _small(subject)
    beta, gamma = subject.beta, subject.gamma
    require((gamma <= beta + ROUNDING).all(), f"gamma {gamma} above beta {beta}")
    require((np.diff(beta) >= -ROUNDING).all(), f"beta {beta} decreases")
    require((np.diff(gamma) >= -ROUNDING).all(), f"gamma {gamma} decreases")
    require(beta.min() >= -ROUNDING and beta.max() <= 1 + ROUNDING, f"beta {beta} leaves [0, 1]")


@suite.law
def overlap_products(subject: ChainSubject) -> None:
    """alpha(A) >= prod gamma_k and 1 - kappa(A) >= prod beta_k."""
    _small(subject)
    require(subject.alpha >= np.prod(subject.gamma) - ROUNDING, f"alpha {subject.alpha} below {np.prod(subject.gamma)}")
    slack = 1 - subject.kappa - np.prod(subject.beta)
    require(slack >= -1e-11, f"1 - kappa = {1 - subject.kappa} below {np.prod(subject.beta)}")


@suite.law
def stationary_law_is_a_law(subject: ChainSubject) -> None:
    """pi is a probability vector, positive for a positive chain."""
    _unique(subject)
    agree(subject.pi.sum(), 1.0, "total mass", absolute=1e-12)
    require(subject.pi.min() >= 0, f"smallest probability {subject.pi.min()}")


@suite.law
def stationary_law_is_stationary(subject: ChainSubject) -> None:
    """pi P = pi within the residual that was reported, and that is small."""
    _unique(subject)
    residual = float(np.abs(left_action(subject.chain, subject.pi) - subject.pi).sum())
    require(residual <= subject.stationary.residual_l1 + 1e-13, f"residual {residual}, reported {subject.stationary}")
    require(residual <= 1e-10, f"residual {residual}")


@suite.law
def stationary_law_is_exact(subject: ChainSubject) -> None:
    """pi agrees with the rational solution entry by entry, relative 1e-9."""
    _small(subject, EXACT)
    _unique(subject)
    exact = np.array([float(p) for p in exact_stationary(exact_of_chain(subject.chain))])
    agree(subject.pi, exact, "pi", absolute=1e-15, relative=1e-9)


@suite.law
def positive_chains_are_ergodic(subject: ChainSubject) -> None:
    """A positive chain is one aperiodic recurrent class of all full contexts."""
    _positive(subject)
    structure = subject.structure
    require(structure.is_irreducible and structure.periods == (1,), f"{len(structure.recurrent)} classes")


@suite.law
def classes_partition_the_states(subject: ChainSubject) -> None:
    """Recurrent classes and transient states are disjoint and cover all states."""
    _small(subject)
    states = np.sort(np.concatenate([*subject.structure.recurrent, subject.structure.transient]))
    agree(states, np.arange(subject.n), "states", absolute=0.0)


@suite.law
def classes_are_closed(subject: ChainSubject) -> None:
    """No step leaves a recurrent class."""
    _small(subject)
    P = dense(subject.chain)
    for states in subject.structure.recurrent:
        agree(P[np.ix_(states, states)].sum(axis=1), np.ones(states.size), "mass that stays", absolute=ROUNDING)


@suite.law
def distances_decrease(subject: ChainSubject) -> None:
    """d(t) is non-increasing, and d(0) = 1 - min pi."""
    _ergodic(subject)
    curve = subject.distance_curve(4 * subject.K)
    agree(curve[0], 1 - subject.pi.min(), "d(0)", absolute=1e-12)
    require((np.diff(curve) <= 1e-12).all(), f"d increases: {curve}")


@suite.law
def distances_are_comparable(subject: ChainSubject) -> None:
    """d <= dbar <= 2 d (D7)."""
    _ergodic(subject)
    d, pairs = subject.distance_curve(4 * subject.K), subject.pair_distance_curve(4 * subject.K)
    require((d <= pairs + 1e-12).all() and (pairs <= 2 * d + 1e-12).all(), f"d {d}, dbar {pairs}")


@suite.law
def pair_distances_submultiply(subject: ChainSubject) -> None:
    """dbar(s + t) <= dbar(s) dbar(t) (D7)."""
    _small(subject)
    pairs = subject.pair_distance_curve(4 * subject.K)
    for s in range(len(pairs)):
        for t in range(len(pairs) - s):
            require(pairs[s + t] <= pairs[s] * pairs[t] + 1e-12, f"dbar({s}+{t}) = {pairs[s + t]}")


@suite.law
def kappa_is_the_block_distance(subject: ChainSubject) -> None:
    """dbar(K) = kappa(A)."""
    _small(subject)
    agree(subject.pair_distance_curve(subject.K)[subject.K], subject.kappa, "dbar(K)", absolute=1e-12)


@suite.law
def house_of_cards_dominates(subject: ChainSubject) -> None:
    """dbar(n) <= h(n) (D11)."""
    _small(subject)
    cards = hoc_curve(subject.beta, 4 * subject.K)
    pairs = subject.pair_distance_curve(4 * subject.K)
    require((pairs <= cards + 1e-12).all(), f"dbar {pairs} above h {cards}")


@suite.law
def mixing_time_is_the_first_time(subject: ChainSubject) -> None:
    """t_mix(1/4) is the first t with d(t) <= 1/4."""
    _ergodic(subject)
    found = subject.mixing_time(0.25)
    if found.capped or found.steps > 200:
        raise NotApplicable("mixes in more than 200 steps")
    steps = int(found.steps)
    curve = subject.distance_curve(max(steps, 1))
    require(curve[steps] <= 0.25 + 1e-12, f"d({steps}) = {curve[steps]}")
    require(steps == 0 or curve[steps - 1] > 0.25 - 1e-12, f"d({steps - 1}) = {curve[max(steps - 1, 0)]} already")


@suite.law
def spectrum_lies_in_the_disc(subject: ChainSubject) -> None:
    """SLEM <= 1, and SLEM <= kappa(A)^(1/K)."""
    _small(subject)
    found = subject.spectrum
    require(found.slem <= 1 + 1e-9, f"SLEM {found.slem}")
    if found.certified:
        bound = subject.kappa ** (1 / subject.K)
        # A defective eigenvalue near 0 is known to eps^(1/size of its block) only; the result states its own error.
        require(found.slem <= bound + max(found.error, 1e-9), f"SLEM {found.slem} above {bound}")


@suite.law
def entropy_rate_is_bounded(subject: ChainSubject) -> None:
    """0 <= entropy rate <= log T, and it is the pi-average of the entropies of the rows."""
    _unique(subject)
    rate = subject.entropy_rate
    require(-ROUNDING <= rate <= np.log(subject.T) + ROUNDING, f"entropy rate {rate} outside [0, log {subject.T}]")
    agree(rate, subject.pi @ row_entropies(np.asarray(subject.chain.table)), "entropy rate", absolute=1e-12)


@suite.law
def renaming_tokens_changes_nothing(subject: ChainSubject) -> None:
    """Renaming the tokens leaves epsilon, alpha, kappa and the entropy rate as they are."""
    _unique(subject)
    other = ChainSubject("renamed", subject.chain.permuted(np.roll(np.arange(subject.T), 1)))
    for name in ("epsilon", "alpha", "kappa", "entropy_rate"):
        agree(getattr(other, name), getattr(subject, name), name, absolute=1e-12)


@suite.law
def padding_the_window_changes_nothing(subject: ChainSubject) -> None:
    """A window one token longer, whose oldest token is ignored, has the same entropy rate and next-token laws."""
    _small(subject, DENSE // subject.T)
    _unique(subject)
    longer = ChainSubject("padded", padded(subject.chain, subject.K + 1))
    agree(longer.entropy_rate, subject.entropy_rate, "entropy rate", absolute=1e-10)
    agree(longer.pi.reshape(subject.T, -1).sum(axis=0), subject.pi, "marginal of pi", absolute=1e-10)


@suite.law
def logarithms_agree(subject: ChainSubject) -> None:
    """The log-probabilities are the logarithms of the probabilities."""
    agree(np.exp(subject.chain.log_probs), subject.chain.table, "probabilities", absolute=1e-12)


def _unique(subject: ChainSubject) -> None:
    _small(subject)
    if not subject.structure.has_unique_law:
        raise NotApplicable(f"{len(subject.structure.recurrent)} recurrent classes: no unique stationary law")


def _ergodic(subject: ChainSubject) -> None:
    _small(subject)
    if not subject.structure.is_ergodic:
        raise NotApplicable("the chain does not converge from every start")


CHAIN_LAWS = tuple(suite.laws)
