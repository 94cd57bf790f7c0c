"""The error of ReLU networks under label noise: one prompt, many draws of the noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.prompts import Prompts, Sampler
from verify.concepts.noise import LEVEL, ROUNDING, Noisy, dictionary_of, network_of, noises, read_out, run
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating, sample_mean
from verify.statistics import binomial_interval

if TYPE_CHECKING:
    from numerics.concepts.network import Parameters

DRAWS = 20_000  # of the noise of one prompt
PAIRS = 200  # of draws that are compared

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OnePrompt:
    """A network at one clean prompt: its words and labels, the attention, and what the claim's bounds need."""

    parameters: Parameters
    prompt: Prompts
    attention: Floats
    sizes: dict[str, Any]

    @property
    def lipschitz(self) -> float:
        """min{(1/m) sum |w_i|, |W_O|_op/sqrt m}."""
        return float(min(self.sizes["A"], self.sizes["op"] / math.sqrt(self.sizes["m"])))

    def margins(self, noise: Floats) -> Floats:
        """e_q f of the prompt with that noise on its labels, (B, L, d_y) to (B)."""
        clean, many = self.prompt, len(noise)
        repeated = Prompts(
            words=np.repeat(clean.words, many, axis=0),
            labels=np.repeat(clean.labels, many, axis=0) + noise,
            target=np.repeat(clean.target, many),
            signs=np.repeat(clean.signs, many, axis=0),
            concepts=np.repeat(clean.concepts, many, axis=0),
            weights=np.full(many, 1 / many),
        )
        state = run(self.parameters, repeated)
        return np.asarray(repeated.target * state.output[0].numpy())


def one_prompt(case: Noisy, context: Context) -> OnePrompt:
    """The learned network of a case at a clean balanced prompt of its first concept."""
    dictionary = dictionary_of(case, context.rng)
    parameters = network_of(case, dictionary)
    prompt = Sampler(case.length, "balanced").sample(context.rng, dictionary, (1,), np.eye(len(case.p))[0])
    attention = run(parameters, prompt).attention[0, 0].numpy()
    neurons = parameters.W_O[0].numpy()
    sizes = {
        "A": float(np.linalg.norm(neurons, axis=1).mean()),
        "op": float(np.linalg.norm(neurons, 2)),
        "m": len(neurons),
        "S": float((attention**2).sum()),
        "L": case.length,
        "sigma": case.noise,
    }
    return OnePrompt(parameters, prompt, attention, sizes)


@measures("concepts/noise_floor", over=noises, examples=(4, 40))
def noise_floor(case: Noisy, context: Context) -> Iterator[Instance]:
    subject = one_prompt(case, context)
    label = f"L = {case.length}, beta = {case.beta:.4g}, sigma_xi = {case.noise:.4g}"
    shape = (DRAWS, *subject.prompt.labels.shape[1:])
    standard = context.rng.standard_normal(shape)
    margins = subject.margins(case.noise * standard)
    found = Measured(*binomial_interval(int((margins <= 0).sum()), DRAWS, LEVEL), "monte carlo")
    values = {**subject.sizes, "mean": sample_mean(margins, level=LEVEL), "both": int((margins < 0).any())}
    yield Instance(values, found, "concentration", label=label)
    yield Instance(values, found, "positive", label=label)
    shares = floating(subject.sizes["S"], relative=ROUNDING)
    yield Instance(values, shares, "one demonstration", label=label)
    yield Instance(values, shares, "all demonstrations", label=label)

    scale = case.noise**2 * subject.sizes["S"] * subject.lipschitz**2
    first, second = standard[:PAIRS], standard[PAIRS : 2 * PAIRS]
    moved = (margins[:PAIRS] - margins[PAIRS : 2 * PAIRS]) ** 2
    reach = scale * ((first - second) ** 2).sum((1, 2))
    worst = int((moved / reach).argmax())
    # the read-out's own direction, shared out as the attention is, small enough to leave every neuron on
    along = 1e-3 * subject.attention[:, None] * read_out(subject.parameters)
    ahead, behind = subject.margins(case.noise * np.stack([along, -along]))
    pairs = (
        ("random draws", float(moved[worst]), float(reach[worst])),
        ("along the read-out", float((ahead - behind) ** 2), float(scale * ((2 * along) ** 2).sum())),
    )
    for name, change, most in pairs:
        sides = floating(change, relative=1e-9), floating(most, relative=1e-9)
        yield Instance(values, sides[0], "Lipschitz", sides[1], label=f"{label}, {name}")
