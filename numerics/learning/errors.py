"""Errors of predictors on a finite law of chains, exactly (D4, D5, D14 of the body `autoregressive`).

Main definitions
    misses, rollout, rollout_misses      teacher-forced and rolled-out decoding, prompt by prompt
    step_errors, ar_error, hazards       eps_t, err_AR, q_t
    rollout_error, final_error           Pr[rollout != z], Pr[last token of the rollout != z_T]
    likelihoods, losses                  prod p_t and -ln p_t of a soft model on the true chains
    sampled_error, sample_chain          sampling at temperature 1

Probabilities are `Fraction`s; losses are floats in nats.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from numerics.learning.tables import Chains, SoftTable, Table, Tokens


def misses(predictor: Table, chains: Chains) -> NDArray[np.bool_]:
    """b_t of every prompt, teacher forced, boolean (P, T)."""
    return np.array(
        [
            [predictor(t, x + z[:t]) != z[t] for t in range(chains.T)]
            for x, z in zip(chains.prompts, chains.chains, strict=True)
        ]
    )


def rollout(predictor: Table, prompt: Tokens, T: int) -> Tokens:
    """The T tokens that the predictor produces from its own tokens."""
    tokens: Tokens = ()
    for t in range(T):
        tokens = (*tokens, predictor(t, prompt + tokens))
    return tokens


def rollout_misses(predictor: Table, chains: Chains) -> NDArray[np.bool_]:
    """Where the rollout differs from the chain, boolean (P, T)."""
    rolled = [rollout(predictor, x, chains.T) for x in chains.prompts]
    return np.array([[a != b for a, b in zip(r, z, strict=True)] for r, z in zip(rolled, chains.chains, strict=True)])


def probability(chains: Chains, event: NDArray[np.bool_]) -> Fraction:
    """Mass of the prompts in a boolean mask (P,)."""
    return sum((m for m, inside in zip(chains.masses, event, strict=True) if inside), Fraction(0))


def step_errors(missed: NDArray[np.bool_], chains: Chains) -> tuple[Fraction, ...]:
    """eps_t for every step, from misses (P, T)."""
    return tuple(probability(chains, missed[:, t]) for t in range(missed.shape[1]))


def ar_error(missed: NDArray[np.bool_], chains: Chains) -> Fraction:
    """Pr[some miss], from misses (P, T): err_AR of teacher-forced misses, Pr[rollout != z] of those of a rollout."""
    return probability(chains, np.any(missed, axis=1))


def final_error(predictor: Table, chains: Chains) -> Fraction:
    """Pr[last token of the rollout != z_T]."""
    return probability(chains, rollout_misses(predictor, chains)[:, -1])


def hazards(missed: NDArray[np.bool_], chains: Chains) -> tuple[Fraction, ...]:
    """q_t = Pr[b_t = 1 | no miss before], 0 where the condition has probability 0."""
    found: list[Fraction] = []
    for t in range(missed.shape[1]):
        alive = ~np.any(missed[:, :t], axis=1)
        mass = probability(chains, alive)
        found.append(probability(chains, alive & missed[:, t]) / mass if mass else Fraction(0))
    return tuple(found)


def first_miss(missed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Index of the first miss of every prompt, T where there is none, (P,)."""
    T = missed.shape[1]
    first: NDArray[np.intp] = np.where(np.any(missed, axis=1), np.argmax(missed, axis=1), T)
    return first


def likelihoods(model: SoftTable, chains: Chains) -> tuple[tuple[Fraction, ...], ...]:
    """p_t of the true tokens, teacher forced, (P, T)."""
    return tuple(
        tuple(model.law(t, x + z[:t])[z[t]] for t in range(chains.T))
        for x, z in zip(chains.prompts, chains.chains, strict=True)
    )


def losses(model: SoftTable, chains: Chains) -> NDArray[np.float64]:
    """-ln p_t in nats, float64 (P, T); inf where p_t = 0."""
    return np.array([[-math.log(p) if p else math.inf for p in row] for row in likelihoods(model, chains)])


def sampled_error(model: SoftTable, chains: Chains) -> Fraction:
    """Pr[sampled rollout != z] = 1 - E prod p_t, exact."""
    return 1 - sum(
        (
            m * math.prod(row, start=Fraction(1))
            for m, row in zip(chains.masses, likelihoods(model, chains), strict=True)
        ),
        Fraction(0),
    )


def sample_chain(model: SoftTable, prompt: Tokens, T: int, rng: np.random.Generator) -> Tokens:
    """T tokens sampled at temperature 1."""
    tokens: Tokens = ()
    for t in range(T):
        law = np.array([float(p) for p in model.law(t, prompt + tokens)])
        tokens = (*tokens, int(rng.choice(len(law), p=law / law.sum())))
    return tokens
