"""The house of cards against distances of pairs and of starts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.house_of_cards import hoc_curve, hoc_matrix
from numerics.chains.house_of_cards import hoc_time as expected_time
from theory.verdict import Verdict
from verify.instance import Instance, NotApplicable
from verify.markov.convergence import APART, ROUNDING, lower_curves, times
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.spaces import chains
from verify.subject import ChainSubject

SMALL = "its overlaps are so small that h stays near 1 over the times measured"
MOST_PAIRS = 300  # full contexts up to which distances of all pairs are computed


@measures(
    "markov/convergence_house_of_cards",
    over=chains,
    expected={
        "phones*": (Verdict.VACUOUS, APART),
        "toy_gpt*": (Verdict.VACUOUS, SMALL),
        "names@3": (Verdict.VACUOUS, SMALL),
    },
)
def convergence_house_of_cards(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """h from beta_k against d, and against dbar for small chains; h(K) by iteration against the product."""
    beta = subject.beta
    if not (beta > 0).all():
        raise NotApplicable(f"{subject.name} has an overlap beta_k = 0: the house of cards never falls")
    distances, _ = lower_curves(subject)
    h = hoc_curve(beta, times(subject)[-1])
    K = subject.K
    pairs = subject.pair_distance_curve(h.size - 1) if subject.n <= MOST_PAIRS else None
    for n in times(subject):
        for length in range(1, K + 1):
            distance = float(distances[n, length - 1])
            if np.isnan(distance):
                continue
            bound = floating(float(h[n - K + length]), absolute=ROUNDING)
            yield Instance(
                {"K": K, "n": n, "ell": length}, floating(distance, absolute=ROUNDING), "starts of length ell", bound
            )
        if pairs is not None:
            yield Instance(
                {"K": K, "n": n, "ell": K},
                floating(float(pairs[n]), absolute=ROUNDING),
                "pairs",
                floating(float(h[n]), absolute=ROUNDING),
            )
    row = np.zeros(K)
    row[0] = 1.0
    mass = float((row @ np.linalg.matrix_power(hoc_matrix(beta), K)).sum())
    one = floating(1 - float(np.prod(beta)), absolute=1e-12)
    yield Instance({"K": K, "n": K, "ell": K}, floating(mass, absolute=1e-12), "one window", one)


overlaps = Space(
    "overlaps beta_k",
    lambda claim: st.lists(st.integers(20, 100), min_size=1, max_size=6).map(lambda ks: np.sort(np.array(ks) / 100)),
    lambda claim: (np.ones(4), np.array([0.3, 1.0, 1.0]), np.full(3, 0.2), np.full(3, 0.5)),
)


@measures("markov/hoc_time", over=overlaps, examples=(30, 300))
def hoc_time(beta: FloatArray, context: Context) -> Iterator[Instance]:
    """The linear system e_0^T (I-H)^-1 1 and the sum of h against the closed form."""
    K = beta.size
    H = hoc_matrix(beta)
    solved = float(np.linalg.solve(np.eye(K) - H, np.ones(K))[0])
    closed = floating(expected_time(beta), relative=1e-12)
    values = {"K": K, "p": 0.25}
    yield Instance(values, floating(solved, relative=1e-9), "time", closed)
    # After the horizon h decays at least geometrically, K steps by the factor h(K) = 1 - prod beta.
    left = 1 - float(np.prod(beta))
    horizon = K * (1 + int(np.ceil(np.log(1e-12) / np.log(left)))) if left > 0 else K
    curve = hoc_curve(beta, min(horizon, 200_000))
    rest = float(curve[-1]) * K / (1 - left)
    total = float(curve.sum())
    yield Instance(values, floating(total + rest / 2, relative=1e-9, absolute=rest / 2 + 1e-12), "sum of h", closed)
    if K == 3 and np.ptp(beta) == 0:
        p = float(beta[0]) / 2
        if p < 0.5:
            yield Instance({"K": 3, "p": p}, floating(solved, relative=1e-9), "parity")
