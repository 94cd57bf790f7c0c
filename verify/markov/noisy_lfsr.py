"""The noisy register: its chain, computed, against the closed forms."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from numerics.chains.coefficients import beta, block_matrix, dobrushin, doeblin, min_entry
from numerics.chains.generators import noisy_lfsr as register
from numerics.chains.mixing import distance_curve
from numerics.chains.spectrum import slem
from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space

Register = tuple[tuple[int, ...], Fraction]  # feedback (c_1 first), flip probability

registers = Space(
    "noisy registers",
    lambda claim: st.tuples(
        st.lists(st.integers(0, 1), max_size=3).map(lambda rest: (1, *rest)),
        st.fractions(Fraction(1, 50), Fraction(12, 25), max_denominator=50),
    ),
    lambda claim: (((1, 1, 1), Fraction(1, 10)), ((1, 1, 1), Fraction(1, 4))),
)


@measures("markov/noisy_lfsr", over=registers, examples=(15, 150))
def noisy_lfsr(machine: Register, context: Context) -> Iterator[Instance]:
    """Coefficients of every register; for the parity register also kappa(A), SLEM and distances."""
    feedback, flip = machine
    p, K = float(flip), len(feedback)
    chain = register(feedback, p)
    block = block_matrix(chain)
    values: dict[str, Number | Measured] = {"K": K, "p": flip, "k": 1}
    yield Instance(values, floating(min_entry(block), relative=1e-12), "epsilon")
    yield Instance(values, floating(doeblin(block), relative=1e-12), "alpha")
    for k, overlap in enumerate(beta(chain)):
        yield Instance(values, floating(float(overlap), absolute=1e-14), "beta", label=f"k = {k}")
    predicted = sum(feedback) % 2  # the character of the newest token at the context 1...1
    kept = float(chain.table[-1, predicted] - chain.table[-1, 1 - predicted])
    yield Instance(values, floating(kept, absolute=1e-14), "characters")
    if feedback == (1, 1, 1):
        from theory.markov.noisy_lfsr import parity_spectrum

        yield Instance(values, exact(parity_spectrum()), "spectrum")
        yield Instance(values, floating(slem(chain), absolute=1e-7), "slem")
        yield Instance(values, floating(1 - dobrushin(block), absolute=1e-13), "kappa")
        curve = distance_curve(chain, 24)
        for k in range(7):
            yield Instance({**values, "k": k}, floating(float(curve[4 * k]), absolute=1e-12), "distance")
