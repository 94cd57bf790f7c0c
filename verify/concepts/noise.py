"""Label noise measured by networks on sampled prompts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.formulas import noise_linear as linear_error
from numerics.concepts.prompts import Prompts, Sampler
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.statistics import binomial_interval

if TYPE_CHECKING:
    from numerics.concepts.network import Forward, Parameters

ROUNDING = 1e-11  # relative error of a few hundred float64 products of numbers of size 1
LEVEL = 1 - 1e-5  # of each interval: a run of some ten of them is wrong once in 10^4 runs
BATCH = 40_000  # prompts at a time
NEURONS = 4
ACROSS = 1.5  # q_0 of D11


@dataclass(frozen=True)
class Noisy:
    """Learned concepts with label noise; `difference` is |d|^2, p the read-outs, that of the tested concept first."""

    length: int
    beta: float
    noise: float
    difference: float
    p: tuple[float, ...]
    across: float = ACROSS  # q_0, along every c_j

    @property
    def error(self) -> float:
        """The closed form, to choose how many prompts are needed."""
        return linear_error(self.beta, self.noise, self.length, self.difference, self.p, 0)


@st.composite
def noisy(draw: st.DrawFn) -> Noisy:
    """Up to 3 concepts and 8 demonstrations; the error is kept between 10 % and 45 %."""
    length = 2 * draw(st.integers(1, 4))
    beta, difference = draw(st.floats(0.2, 2)), draw(st.floats(0.5, 3))
    p = tuple(draw(st.lists(st.floats(0.3, 2), min_size=1, max_size=3)))
    quantile = draw(st.floats(0.13, 1.28))  # Phi(-1.28) = 0.1, Phi(-0.13) = 0.45
    unit = math.tanh(beta) * p[0] * math.sqrt(difference * length / (1 + math.tanh(beta) ** 2))
    return Noisy(length, beta, unit / (quantile * math.sqrt(math.fsum(value**2 for value in p))), difference, p)


def published(claim: Claim) -> Iterator[Noisy]:
    """The specification's case, and one concept with two demonstrations."""
    yield Noisy(4, 0.8, 0.9, 2.0, (1.0, 0.7))
    yield Noisy(2, 0.4, 0.5, 2.0, (1.0,))


noises = Space("learned concepts with label noise", lambda claim: noisy(), published)


def dictionary_of(case: Noisy, rng: np.random.Generator) -> Dictionary:
    """Atoms with that |d|^2 and kappa_y = 1/2."""
    size = 2 * len(case.p)
    return draw_dictionary(rng, len(case.p), 0, size, label_norm_squared=4 * case.difference)


def network_of(case: Noisy, dictionary: Dictionary) -> Parameters:
    """W_Q = W_K = sigma_0 I, and neurons with the read-outs q_0 along every c_j and s_i' p_j along d_j."""
    import torch

    from numerics.concepts.network import Parameters, symmetric_start

    sigma_0 = math.sqrt(case.beta / float((dictionary.b[0] ** 2).sum()))
    start = symmetric_start(dictionary, NEURONS, sigma_0, q_0=case.across, p_0=0.0)
    signs = np.sign(start.readout().numpy())
    along = (np.asarray(case.p)[:, None] * dictionary.d / (dictionary.d**2).sum(1, keepdims=True)).sum(0)
    return Parameters(start.W_Q, start.W_K, start.W_O + torch.as_tensor(signs[:, None] * along)[None])


def run(parameters: Parameters, prompts: Prompts) -> Forward:
    """The network on prompts of shape (B)."""
    from numerics.concepts.network import batch_of, forward

    return forward(parameters, batch_of(prompts, 1, shared=True))


def read_out(parameters: Parameters) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """u = sum_i r_i w_i, (d_y)."""
    return np.asarray((parameters.readout() @ parameters.W_O[0]).numpy())


def count_errors(case: Noisy, dictionary: Dictionary, rng: np.random.Generator, trials: int) -> tuple[int, int, int]:
    """Of so many sampled prompts: errors of <u, v>, errors of the ReLU network, and prompts with a neuron off."""
    parameters = network_of(case, dictionary)
    u = read_out(parameters)
    law = Sampler(case.length, "balanced", label_noise=case.noise)
    tested = np.eye(len(case.p))[0]  # prompts of the first concept
    linear = network = off = 0
    for begin in range(0, trials, BATCH):
        prompts = law.sample(rng, dictionary, (min(BATCH, trials - begin),), tested)
        state = run(parameters, prompts)
        linear += int((prompts.target * (state.value[0].numpy() @ u) <= 0).sum())
        network += int((prompts.target * state.output[0].numpy() <= 0).sum())
        off += int((state.preactivations[0] <= 0).any(-1).sum())
    return linear, network, off


@measures("concepts/noise_linear", over=noises, examples=(4, 40))
def noise_linear(case: Noisy, context: Context) -> Iterator[Instance]:
    dictionary = dictionary_of(case, context.rng)
    total = math.fsum(value**2 for value in case.p)
    values = {
        "L": case.length,
        "b": case.beta,
        "sigma": case.noise,
        "nd": math.sqrt(case.difference),
        "p": case.p[0],
        "P2": total,
    }
    label = f"L = {case.length}, beta = {case.beta:.4g}, K_1 = {len(case.p)}"
    # the interval's width, 2*4.42/sqrt(trials*error) of the error, is to be below a tenth
    trials = math.ceil(9_000 * (1 - case.error) / case.error)
    wrong, network, off = count_errors(case, dictionary, context.rng, trials)
    found = Measured(*binomial_interval(wrong, trials, LEVEL), "monte carlo")
    witness = {"prompts": trials, "errors of the ReLU network": network, "prompts with a neuron off": off}
    yield Instance(values, found, "error", label=label, witness=witness)

    parameters = network_of(case, dictionary)
    u = read_out(parameters)
    clean = Sampler(case.length, "balanced").enumerate(dictionary, np.eye(len(case.p))[0])
    state = run(parameters, clean)
    margins = clean.target * (state.value[0].numpy() @ u)
    for margin in margins:
        yield Instance(values, floating(float(margin), relative=ROUNDING), "mean", label=label)
    # one unit of noise on one coordinate of one label at a time
    units = np.eye(u.size)[None, :, :] * state.attention[0, 0].numpy()[:, None, None]
    variance = case.noise**2 * float(((units @ u) ** 2).sum())
    yield Instance(values, floating(variance, relative=ROUNDING), "variance", label=label)
    yield Instance(values, floating(float(u @ u), relative=ROUNDING), "read-out", label=label)
