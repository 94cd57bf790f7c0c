"""How often a prompt of the stated length leaves a larger error than promised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from numerics.chains.mixing import window_t_min, window_tau_min
from numerics.risk.gap import sample_gap, total_variation_loss
from numerics.risk.window_law import uniform_start
from verify.instance import Case, FailureProbability, Frequency, NotApplicable
from verify.markov.icl import REPEATS, ROUNDING, ChainAndModel, chains_and_models
from verify.markov.icl_predictors import PositionPredictor, position_predictors
from verify.markov.pretraining_sources import count
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating


@measures("markov/icl_sample_complexity_as_stated", over=position_predictors)
def icl_sample_complexity_as_stated(thing: PositionPredictor, context: Context) -> Iterator[Case]:
    B_squared = 4 * (math.log(2) + 2 * thing.logit_norm)
    enough = math.ceil(4 * B_squared * math.log(2 / thing.delta) / thing.eps**2)
    if thing.length < enough:
        raise NotApplicable(f"N = {thing.length} is below the printed N* = {enough}")
    error = 2 * thing.risk
    none = floating(thing.probability_no_loss(), relative=1e-12, absolute=1e-300)
    yield FailureProbability(
        {
            "f": 0, "d": 2, "N_icl": thing.length, "B_U": thing.logit_norm, "tau": 1, "p_min": 0.5,
            "eps": thing.eps, "delta": thing.delta,
        },
        lambda level: none if error > level else exact(0),
        quantity=floating(error, absolute=ROUNDING),
        witness={"K": thing.window, "q": thing.q, "N*": enough, "token": "oldest" if thing.oldest else "newest"},
    )  # fmt: skip


@measures("markov/icl_sample_complexity", over=chains_and_models, examples=(6, 40))
def icl_sample_complexity(thing: ChainAndModel, context: Context) -> Iterator[Case]:
    """Error less twice the risk on the prompt: where that is zero, the error itself."""
    tau = window_tau_min(thing.kernel, thing.window)
    if not tau < 2000:
        raise NotApplicable(f"tau_min of the windows is {tau:.4g}: prompts long enough are too long to draw")
    delta, d, rho = context.delta, thing.states, 0.5
    truth, start = thing.truth, uniform_start(d, thing.window)
    loss = total_variation_loss(truth, thing.model)
    t_min = window_t_min(thing.kernel, thing.window)
    p_min = min(0.5, float(thing.kernel.min()))
    for eps in (1.5, 0.75):
        N = math.ceil(2 * tau * math.log(1 / delta) / eps**2)
        gaps = sample_gap(truth, loss, start, N, REPEATS, context.rng).gaps
        values = {
            "f": 0, "N_icl": N, "loss_range": float(loss.max() - loss.min()), "shift": 0, "tau_min": tau,
            "delta": delta, "rho": rho, "d": d, "B_U": 0.0, "tau": 1, "p_min": p_min, "t_min": t_min, "T": d,
            "contexts": truth.shape[0], "eps": eps,
        }  # fmt: skip
        typical = floating(max(0.0, 2 * float(gaps.max())), absolute=ROUNDING)
        label = f"N = {N}, {thing.name}"
        yield Frequency(values, count(2 * gaps), REPEATS, "error", label, typical)
        yield Frequency(values, count(2 * gaps), REPEATS, "enough", label, typical)
        sharp = 2 * tau * math.log(1 / delta) / eps**2
        yield FailureProbability(values, partial(_exceeds, sharp), "repaired", label, floating(sharp, relative=1e-9))


def _exceeds(length: float, level: float) -> Measured:
    """The probability, 0 or 1, that a length that is no chance exceeds a level."""
    return exact(length * (1 - 1e-12) > level)
