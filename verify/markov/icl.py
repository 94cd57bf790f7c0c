"""How often the bounds on in-context risk fail: exact probabilities for the refuted ones, coverage for the others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.mixing import pair_distance_curve, window_t_min, window_tau_min
from numerics.icl.simulate import random_dirichlet_kernels
from numerics.risk.gap import sample_gap, total_variation_loss
from numerics.risk.memory_profile import memory_profile
from numerics.risk.window_law import uniform_start
from verify.instance import Case, FailureProbability, Frequency, NotApplicable
from verify.markov.icl_predictors import Memoriser, PositionPredictor, memorisers, position_predictors
from verify.markov.pretraining_sources import count
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space

REPEATS = 1000
ROUNDING = 1e-12  # of a mean of probabilities


@measures("markov/icl_gap_as_stated", over=memorisers)
def icl_gap_as_stated(thing: Memoriser, context: Context) -> Iterator[Case]:
    K, N, delta = thing.window, thing.length, thing.delta

    def fails(deviation: float) -> Measured:
        if thing.infimum_upper + deviation < thing.loss - ROUNDING:
            return exact(1)  # whatever the prompt
        if deviation >= thing.loss + ROUNDING:
            return exact(0)  # the infimum is not negative
        return Measured(0.0, 1.0, "float64")  # it depends on how many windows the prompt repeats

    yield FailureProbability(
        {
            "Theta": 0,
            "d": 2,
            "N_icl": N,
            "B_U": thing.logit_norm,
            "tau": 1,
            "p_min": 0.5,
            "t_min": 4 * K,
            "delta": delta,
        },
        fails,
        quantity=floating(thing.loss - thing.infimum_upper, absolute=ROUNDING),
        witness={"K": K, "q": thing.q, "R_icl": thing.loss, "infimum at most": thing.infimum_upper},
    )


@measures("markov/icl_gap_token_tmin_as_stated", over=position_predictors)
def icl_gap_token_tmin_as_stated(thing: PositionPredictor, context: Context) -> Iterator[Case]:
    N, delta = thing.length, thing.delta
    yield FailureProbability(
        {"f": 0, "d": 2, "N_icl": N, "B_U": thing.logit_norm, "tau": 1, "p_min": 0.5, "t_min": 4, "delta": delta},
        thing.probability_gap_exceeds,
        quantity=floating(thing.risk, absolute=ROUNDING),
        witness={"K": thing.window, "q": thing.q, "token": "oldest" if thing.oldest else "newest"},
    )


# -- the bounds that hold ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChainAndModel:
    """A first-order chain with kernel (d, d), a fixed model given by a table (n_S, d) over windows of `window` tokens,
    and a second model of the same shape."""

    kernel: FloatArray
    model: FloatArray
    other: FloatArray
    window: int
    name: str

    @property
    def states(self) -> int:
        """d."""
        return int(self.kernel.shape[0])

    @property
    def truth(self) -> FloatArray:
        """The kernel as a table over windows (n_S, d)."""
        d = self.states
        return np.concatenate([np.tile(self.kernel, (d ** (k - 1), 1)) for k in range(1, self.window + 1)])


def _table(rng: np.random.Generator, d: int, window: int, memory: int) -> FloatArray:
    """A random model (n_S, d) that looks at its last `memory` tokens only."""
    rows: list[FloatArray] = []
    longest = rng.dirichlet(np.ones(d), size=d ** min(memory, window))
    for k in range(1, window + 1):
        if k < memory:
            rows.append(rng.dirichlet(np.ones(d), size=d**k))
        else:
            rows.append(np.tile(longest, (d ** (k - memory), 1)))
    return np.concatenate(rows)


def chain_and_model(seed: int, d: int, window: int, memory: int) -> ChainAndModel:
    """A Dirichlet(1) kernel and two random models, seeded."""
    rng = np.random.default_rng(seed)
    kernel = random_dirichlet_kernels(1, d, rng)[0]
    memory = min(memory, window)
    model, other = _table(rng, d, window, memory), _table(rng, d, window, window)
    return ChainAndModel(kernel, model, other, window, f"seed {seed}, d = {d}, K = {window}, memory {memory}")


def _fair_bits(window: int) -> ChainAndModel:
    """Independent fair bits and the model that is wrong where the oldest token is 1: the least concentrated case."""
    from numerics.risk.memoriser import first_token_model

    model = first_token_model(window)
    return ChainAndModel(np.full((2, 2), 0.5), model, model, window, f"first token, K = {window}")


chains_and_models = Space(
    "random chains with fixed models",
    lambda claim: st.builds(
        chain_and_model, st.integers(0, 10**6), st.integers(2, 3), st.integers(1, 3), st.integers(1, 3)
    ),
    lambda claim: (_fair_bits(1), _fair_bits(3)),
)


def _logit_norm(model: FloatArray) -> float:
    """Largest l1 norm of centred logits, nats."""
    logs = np.log(model)
    return float(np.abs(logs - logs.mean(axis=1, keepdims=True)).sum(axis=1).max())


def _lengths(tau: float, delta: float) -> tuple[int, ...]:
    """Prompts at which the bound is about 0.7 and 0.35."""
    return tuple(math.ceil(tau * math.log(1 / delta) / (2 * level**2)) for level in (0.7, 0.35))


def _window_tau(thing: ChainAndModel) -> float:
    tau = window_tau_min(thing.kernel, thing.window)
    if not tau < 2000:
        raise NotApplicable(
            f"tau_min of the windows is {tau:.4g}: prompts long enough for a bound are too long to draw"
        )
    return tau


@measures("markov/icl_gap", over=chains_and_models, examples=(6, 40))
def icl_gap(thing: ChainAndModel, context: Context) -> Iterator[Case]:
    tau, delta, d = _window_tau(thing), context.delta, thing.states
    truth, start = thing.truth, uniform_start(d, thing.window)
    loss = total_variation_loss(truth, thing.model)
    between = total_variation_loss(thing.model, thing.other)  # K(theta, Theta)
    other = total_variation_loss(truth, thing.other)
    B_U, p_min, t_min = _logit_norm(thing.model), float(thing.kernel.min()), window_t_min(thing.kernel, thing.window)
    for N in _lengths(tau, delta):
        sample = sample_gap(truth, loss, start, N, REPEATS, context.rng)
        shift = _exact_mean(truth, other - between - loss, start, N)
        values = {
            "f": 0, "N_icl": N, "loss_range": float(loss.max() - loss.min()), "shift": min(0.0, shift), "tau_min": tau,
            "delta": delta, "rho": 0.5, "d": d, "B_U": B_U, "tau": 1, "p_min": min(p_min, 0.5), "t_min": t_min, "T": d,
            "contexts": truth.shape[0],
        }  # fmt: skip
        gaps = sample.gaps + shift
        for label in ("gap", "class", "printed"):
            yield Frequency(
                values, count(gaps), REPEATS, label, f"N = {N}, {thing.name}",
                quantity=floating(max(0.0, float(np.quantile(gaps, 1 - delta))), absolute=ROUNDING),
                allowed=delta * values["rho"] if label == "class" else None,
            )  # fmt: skip


def _exact_mean(source: FloatArray, values: FloatArray, start: FloatArray, N: int) -> float:
    from numerics.risk.gap import exact_risk

    return exact_risk(source, values, start, N)


@measures("markov/icl_gap_forgetting", over=chains_and_models, examples=(6, 40))
def icl_gap_forgetting(thing: ChainAndModel, context: Context) -> Iterator[Case]:
    delta, d, K = context.delta, thing.states, thing.window
    truth, start = thing.truth, uniform_start(d, K)
    loss = total_variation_loss(truth, thing.model)
    profile = memory_profile(loss, d, K)
    distances = pair_distance_curve(thing.kernel, 12)
    if distances[-1] > 0.9:
        raise NotApplicable(f"dbar(12) = {distances[-1]:.3g}: blocks long enough to mix are too long to draw")
    w_0, memory = float(profile.w[0]), profile.effective_memory
    if w_0 == 0:
        raise NotApplicable("the loss is constant: nothing to concentrate")
    found: dict[int, tuple[float, int]] = {}
    for N in (100, 1000):
        options = ((_forgetting(distances, B, w_0, memory, N, delta), B) for B in range(1, 13) if distances[B] < 1)
        found[N] = min(options)
    for N, (_, B) in found.items():
        gaps = sample_gap(truth, loss, start, N, REPEATS, context.rng).gaps
        yield Frequency(
            {
                "f": 0, "N_icl": N, "block": B, "d_1": float(distances[1]), "spare": 1 - float(distances[B]),
                "w_0": min(w_0, 1.0), "W": memory, "delta": delta,
            },
            count(gaps), REPEATS, 0, f"N = {N}, B = {B}, {thing.name}",
            quantity=floating(max(0.0, float(np.quantile(gaps, 1 - delta))), absolute=ROUNDING),
        )  # fmt: skip


def _forgetting(distances: FloatArray, B: int, w_0: float, memory: float, N: int, delta: float) -> float:
    mixing = 1 + float(distances[1]) / (1 - float(distances[B]))
    return mixing * (B * w_0 + memory) / N * math.sqrt(math.ceil(N / B) * math.log(1 / delta) / 2)
