"""The smallest entry of A: its range, its floor from the output layer, and the cost of the printed bound."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from numerics.models.geometry import output_norms
from numerics.models.protocol import ModelError
from theory.markov.epsilon import iteration_count as iteration_claim
from verify.bounds import enclosure
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.spaces import chains
from verify.subject import ChainSubject

LOG_ERROR = 1e-12  # of a sum of K logarithms of probabilities, in nats


def _power(logarithm: float) -> Measured:
    """exp of a logarithm known to rounding; a Fraction where it is far below float64."""
    error = LOG_ERROR * (1 + abs(logarithm))
    if logarithm > -600:
        return Measured(math.exp(logarithm - error), math.exp(logarithm + error), "float64")
    digits = logarithm / math.log(10)
    scale = Fraction(10) ** math.floor(digits)
    mantissa = 10 ** (digits - math.floor(digits))
    return Measured(
        Fraction(mantissa * (1 - 2 * error)) * scale, Fraction(mantissa * (1 + 2 * error)) * scale, "float64"
    )


@measures("markov/epsilon_range", over=chains)
def epsilon_range(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """eps by the min-plus recursion, against both ends."""
    if not subject.log_epsilon > -math.inf:
        raise NotApplicable(f"{subject.name} has impossible tokens: eps = 0")
    T, K = subject.T, subject.K
    entry = _power(subject.log_epsilon)
    values = {"T": T, "K": K, "p_min": math.exp(subject.log_p_min)}
    lowest = _power(K * subject.log_p_min)
    yield Instance(values, entry, "lower", lowest, label="eps against p_min^K")
    yield Instance(values, entry, "upper", label="eps against T^-K")
    if subject.is_dense:
        largest = floating(float(subject.block.max()), relative=1e-12)
        room = floating(1 - (subject.n - 1) * subject.epsilon, absolute=1e-12)
        yield Instance(values, largest, "uniform only", room, label="largest entry of A")


@measures("markov/epsilon_architecture", over=chains)
def epsilon_architecture(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """p_min and eps of a model with a linear output layer, against the floors from its rows."""
    if subject.model is None:
        raise NotApplicable(f"{subject.name} is a chain without a model: it has no output layer")
    try:
        norms = output_norms(subject.model)
    except ModelError as error:
        raise NotApplicable(str(error)) from error
    if norms.D_U <= 0:
        raise NotApplicable(f"{subject.name}: all rows of the output layer are equal")
    tau = float(subject.model.temperature)
    values = {
        "T": subject.T,
        "K": subject.K,
        "D_U": norms.D_U,
        "b_U": max(norms.b_U, norms.D_U / 2),
        "B_U": norms.B_U,
        "tau": tau,
    }
    entry, token = _power(subject.log_epsilon), _power(subject.log_p_min)
    claim = context_free(values)
    yield Instance(values, entry, "entry")
    yield Instance(values, token, "token")
    yield Instance(values, claim["token"], "row norms")
    yield Instance(values, claim["row norms"], "product form")
    yield Instance(values, entry, "as the paper's lemmas give")


def context_free(values: dict[str, float]) -> dict[str, Measured]:
    """The bounds of markov/epsilon_architecture by label, rigorously."""
    from theory.markov.epsilon import epsilon_architecture as claim

    return {s.label: enclosure(s.bound, values) for s in claim.statements}


@st.composite
def _asked(draw: st.DrawFn) -> tuple[int, int, Fraction, float]:
    """(T, K, T^K eps, eta)."""
    T, K = draw(st.sampled_from([(2, 1), (2, 2), (2, 3), (3, 2), (5, 3), (27, 2), (32, 5)]))
    return (
        T,
        K,
        draw(st.fractions(Fraction(1, 1000), Fraction(9, 10), max_denominator=1000)),
        draw(st.sampled_from((0.9, 0.5, 0.1, 0.01, 1e-6))),
    )


accuracies = Space(
    "accuracy asked of the printed bound",
    lambda claim: _asked(),
    lambda claim: ((2, 3, Fraction(8, 1000), 0.01), (2, 3, Fraction(1, 1), 0.01), (2, 2, Fraction(1, 1), 0.5)),
)


@measures("markov/iteration_count", over=accuracies, examples=(25, 250))
def iteration_count(asked: tuple[int, int, Fraction, float], context: Context) -> Iterator[Instance]:
    """Steps of the printed bound, and what they certify."""
    T, K, share, eta = asked
    epsilon = share / T**K
    # Rounded up a little: any count above the quotient is allowed.
    blocks = math.ceil(math.log(eta) / math.log1p(-2 * float(epsilon)) * (1 + 1e-12))
    values = {"T": T, "K": K, "epsilon": epsilon, "eta": eta, "m": blocks}
    cost, certified = iteration_claim.statements
    yield Instance(values, enclosure(cost.quantity, values), "cost")
    yield Instance(values, enclosure(certified.quantity, values), "certified")
