"""What a chain claim is measured on: a window chain with everything computed from it at most once a run.

Main definitions: `ChainSubject`.

Starts are the full contexts (`R` of the specification) unless a name says `all`. Probabilities have no unit; times are
in steps (tokens).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.coefficients import (
    LogEpsilon,
    beta,
    block_matrix,
    dobrushin,
    doeblin,
    gamma,
    log_epsilon,
    log_p_min,
    p_min,
)
from numerics.chains.entropy import entropy_rate
from numerics.chains.mixing import MixingTime, mixing_time, worst_distance, worst_pair_distance
from numerics.chains.operator import csr, csr_full, right_action_many
from numerics.chains.spectrum import Spectrum, spectrum
from numerics.chains.stationary import StationaryResult, stationary
from numerics.chains.structure import ChainStructure, chain_structure
from numerics.chains.window_chain import WindowChain
from verify.instance import NotApplicable

DENSE_LIMIT = 4096  # states up to which A = P^K and distances from every start are formed


@dataclass(frozen=True, eq=False)
class ChainSubject:
    """A named window chain, with its model where it came from one.

    Attributes
        name    how reports call it, e.g. "names@2"
        chain   the window chain
        model   the language model (numerics.models.protocol), or None for a chain that was given as such
    """

    name: str
    chain: WindowChain
    model: Any = None

    @property
    def T(self) -> int:
        """Vocabulary size."""
        return self.chain.T

    @property
    def K(self) -> int:
        """Window length in tokens."""
        return self.chain.K

    @property
    def n(self) -> int:
        """Number of full contexts T^K."""
        return self.chain.n

    @cached_property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Which named assumptions this chain breaks, and why: as the model declares, but positivity as it is seen."""
        broken = dict(self.model.broken_assumptions) if self.model is not None else {}
        if not self.chain.is_positive:
            context, token = self.chain.breaks[0]
            zeros = len(self.chain.breaks)
            broken.setdefault("positive", f"P({token} | context {context}) = 0 (one of {zeros} zero probabilities)")
        else:
            broken.pop("positive", None)  # the window may restore what a longer model breaks
        return broken

    @property
    def is_dense(self) -> bool:
        """Whether the chain is small enough for T^K x T^K matrices."""
        return self.n <= DENSE_LIMIT

    @cached_property
    def block(self) -> FloatArray:
        """A = P^K on the full contexts, (T^K, T^K), D6. NotApplicable beyond 4096 states."""
        self.require_dense("the block matrix A")
        return block_matrix(self.chain)

    @cached_property
    def transition(self) -> Any:
        """P on the full contexts, scipy CSR (T^K, T^K)."""
        return csr(self.chain)

    @cached_property
    def transition_all(self) -> Any:
        """Q on all states, scipy CSR (n_S, n_S); needs the shorter contexts."""
        if self.chain.short is None:
            raise NotApplicable(f"{self.name} holds no contexts shorter than K = {self.K}")
        return csr_full(self.chain)

    @cached_property
    def kappa(self) -> float:
        """Dobrushin coefficient of A, D9."""
        return dobrushin(self.block)

    @cached_property
    def alpha(self) -> float:
        """Doeblin coefficient of A, D9."""
        return doeblin(self.block)

    @cached_property
    def minimal_path(self) -> LogEpsilon:
        """log of the smallest entry of A, with a path that attains it."""
        return log_epsilon(self.chain)

    @property
    def log_epsilon(self) -> float:
        """log of the smallest entry of A in nats, D8; no T^K x T^K matrix is formed."""
        return self.minimal_path.value

    @property
    def epsilon(self) -> float:
        """The smallest entry of A, D8; 0 where it underflows."""
        return float(np.exp(self.log_epsilon))

    @cached_property
    def p_min(self) -> float:
        """Smallest next-token probability over full contexts, D8."""
        return p_min(self.chain)

    @cached_property
    def log_p_min(self) -> float:
        """Its logarithm in nats, finite also where p_min underflows."""
        return log_p_min(self.chain)

    @cached_property
    def beta(self) -> FloatArray:
        """Overlaps beta_k (K,), D10."""
        return beta(self.chain)

    @cached_property
    def beta_all(self) -> FloatArray:
        """Overlaps over pairs of contexts of every length (K,); needs the shorter contexts."""
        return beta(self.chain, short=True)

    @cached_property
    def gamma(self) -> FloatArray:
        """Overlaps gamma_k (K,), D10."""
        return gamma(self.chain)

    @cached_property
    def structure(self) -> ChainStructure:
        """Recurrent classes and periods, from the graph."""
        return chain_structure(self.chain)

    @cached_property
    def stationary(self) -> StationaryResult:
        """Stationary law on the full contexts (T^K,), with its residual."""
        return stationary(self.chain)

    @property
    def pi(self) -> FloatArray:
        """Stationary law on the full contexts (T^K,)."""
        return self.stationary.pi

    @cached_property
    def spectrum(self) -> Spectrum:
        """Eigenvalues or SLEM, by the method the size allows."""
        return spectrum(self.chain)

    @cached_property
    def entropy_rate(self) -> float:
        """Entropy rate in nats a token."""
        return entropy_rate(self.chain, self.pi)

    def mixing_time(self, eta: float) -> MixingTime:
        """Worst-start mixing time; cached by eta. NotApplicable beyond 4096 states."""
        cache = self._cache
        key = ("mixing_time", eta)
        if key not in cache:
            self.require_dense("the mixing time from the worst start")
            cache[key] = mixing_time(self.chain, eta)
        found: MixingTime = cache[key]
        return found

    def distance_curve(self, t_max: int) -> FloatArray:
        """d(0..t_max) over full starts. Extended, never recomputed. NotApplicable beyond 4096 states."""
        return self._distances(t_max)

    def pair_distance_curve(self, t_max: int) -> FloatArray:
        """dbar(0..t_max) over pairs of full starts; n^3/2 a step, so NotApplicable beyond 1024 states."""
        if self.n > 1024:
            raise NotApplicable(
                f"{self.name} has {self.n} states, expected at most 1024 for distances between all pairs"
            )
        laws = self._laws(t_max)
        curve: list[float] = self._cache.setdefault("pairs", [])
        for t in range(len(curve), t_max + 1):
            curve.append(worst_pair_distance(laws[t]))
        return np.array(curve[: t_max + 1])

    def law(self, t: int) -> FloatArray:
        """P^t on the full contexts, (T^K, T^K). NotApplicable beyond 1024 states (all powers are kept)."""
        return self._laws(t)[t]

    def _laws(self, t_max: int) -> list[FloatArray]:
        if self.n > 1024:
            raise NotApplicable(f"{self.name} has {self.n} states, expected at most 1024 to keep every power of P")
        laws: list[FloatArray] = self._cache.setdefault("laws", [np.eye(self.n)])
        while len(laws) <= t_max:
            laws.append(right_action_many(self.chain, laws[-1]))
        return laws

    def _distances(self, t_max: int) -> FloatArray:
        self.require_dense("distances from every start")
        curve: list[float] = self._cache.setdefault("distances", [])
        laws: FloatArray = self._cache.get("last law", np.eye(self.n))
        while len(curve) <= t_max:
            if curve:
                laws = right_action_many(self.chain, laws)
            curve.append(worst_distance(laws, self.pi))
        self._cache["last law"] = laws
        return np.array(curve[: t_max + 1])

    @cached_property
    def _cache(self) -> dict[Any, Any]:
        return {}

    def require_dense(self, what: str) -> None:
        """Raise NotApplicable where the chain is too large for T^K x T^K matrices."""
        if not self.is_dense:
            raise NotApplicable(f"{self.name} has {self.n} states, expected at most {DENSE_LIMIT} for {what}")

    def __repr__(self) -> str:
        return f"ChainSubject({self.name!r}, T={self.T}, K={self.K})"
