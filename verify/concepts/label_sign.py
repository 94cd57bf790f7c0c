"""Labels turned upside down, measured on arbitrary read-outs over all prompts of independent labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.concepts.composed import dictionary_of
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space

NOTHING = 1e-12  # outputs below are 0: sums of hinges that cancel or do not open


@dataclass(frozen=True)
class Readout:
    """A learned attention and a read-out: random, or that of a learned network (`seed` None).

    `closed` turns every neuron against the concepts, so that f = 0 on many prompts.
    """

    seed: int | None
    beta: tuple[float, ...]
    length: int
    closed: bool = False


@st.composite
def readouts(draw: st.DrawFn) -> Readout:
    beta = tuple(draw(st.integers(0, 20)) / 8 for _ in range(2))
    return Readout(draw(st.integers(0, 2**20)), beta, draw(st.integers(1, 4)), draw(st.booleans()))


def learned(claim: Claim) -> Iterator[Readout]:
    """Networks that have learned both concepts: error 2^-L becomes 1 - 2^-L."""
    for length in (1, 2, 4):
        yield Readout(None, (2.5, 1.5), length)


everything = Space("read-outs of any kind", lambda claim: readouts(), learned)


@measures("concepts/label_sign_memorised", over=everything, examples=(40, 400))
def label_sign_memorised(readout: Readout, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts.learned import learned_network, margin
    from numerics.concepts.network import Parameters

    atoms = dictionary_of(0)
    network = learned_network(atoms, readout.beta, (1.5, 1.0), (0.5, 1.0), neurons=4, decayed=0.1)
    if readout.seed is not None:
        W_O = np.random.default_rng(readout.seed).standard_normal((4, atoms.label_dimension))
        if readout.closed:
            W_O -= 4 * (atoms.c / (atoms.c**2).sum(1, keepdims=True)).sum(0)
        network = Parameters(network.W_Q, network.W_K, torch.as_tensor(W_O)[None])
    sampler = Sampler(readout.length, "iid")
    margins = margin(network, sampler.enumerate(atoms))
    turned = margin(network, sampler.enumerate(atoms.shifted(d=-atoms.d)))
    N = len(margins)  # all prompts of independent labels are equally likely
    missed, ties = (Fraction(int(x.sum()), N) for x in (margins <= NOTHING, np.abs(margins) <= NOTHING))
    found = exact(Fraction(int((turned <= NOTHING).sum()), N))
    shown = {"error": str(missed), "P(f = 0)": str(ties)}
    yield Instance({}, found, "turned labels", bound=exact(1 - missed + ties), witness=shown)
    yield Instance({}, found, "learned labels turned are errors", bound=exact(1 - missed), witness=shown)
