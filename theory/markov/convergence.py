"""Convergence to the stationary law (specification 2.B): bounds from the block matrix A = P_R^K.

Main statements
    gallager_osc            the spread of a column of P^t shrinks by 1-2a a step
    convergence_as_stated   the printed rate (1-2 eps)^(floor(n/K)-1), entrywise
    convergence_minorant    (1-T^K eps)^q in total variation: the same data, never worse
    convergence_doeblin     (1-alpha(A))^q
    convergence_dobrushin   kappa(A)^q, the sharpest of the block bounds

q = floor((n-(K-ell))/K) is the number of whole blocks after the chain has reached full contexts.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import Derivation, derive
from theory.justification import fact, quick, unfold
from theory.lemma import Instance
from theory.lemmas.contraction import (
    dobrushin_power,
    doeblin_power,
    entry_at_most,
    gallager_deviation,
    gallager_spread,
    minorant_power,
    minorant_step,
)
from theory.lemmas.stochastic_matrix import (
    below_highest,
    entry,
    highest,
    hit,
    lowest,
    power_deviation,
    power_distance,
    size,
    spread,
)
from theory.markov.full_contexts import (
    at_least_one_block,
    blocks,
    entry_mixture,
    entry_whole_blocks,
    full_distance,
    mixture_of_full_contexts,
    reaches_full_contexts,
    whole_blocks,
)
from theory.markov.parameters import K, T, alpha, ell, entry_deviation, eps, kappa, n, start_distance
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_PAPER = "zekri2024"
_eps, _K, _n = eps.symbol, K.symbol, n.symbol

# -- the lemma behind the printed rate --------------------------------------------------------------------------------

a = Parameter("a", "a", "smallest entry of P", reals(0, sp.Rational(1, 2), open="lower"), (0.01, 0.5))
column = Parameter("j", "j", "a column of P", integers(0, size.symbol - 1), (0, 5))
row = Parameter("i", "i", "a row of P", integers(0), (0, 5))
steps = Parameter("time", "t", "number of steps", integers(0), (0, 50), "steps")
_a, _i, _j, _t = a.symbol, row.symbol, column.symbol, steps.symbol
_start, _end = highest(_j, _t), lowest(_j, _t)

gallager_osc = Claim(
    id="markov/gallager_osc",
    title="The spread of a column of P^t shrinks",
    kind=Kind.UPPER,
    text=(
        "P stochastic n x n, n >= 2, smallest entry a > 0; osc_j(t) = max_i P^t(i,j) - min_i P^t(i,j) is "
        "non-increasing, osc_j(t+1) <= (1-2a) osc_j(t) and osc_j(t) <= (1-2a)^t; the entries of P lie in [a, 1-a]"
    ),
    parameters=(size, a, column, row, steps),
    statements=(
        upper(spread(_j, _t), (1 - 2 * _a) ** _t, trivial=1, label="power"),
        upper(spread(_j, _t + 1), (1 - 2 * _a) * spread(_j, _t), trivial=1, label="step"),
        upper(spread(_j, _t + 1), spread(_j, _t), trivial=1, label="monotone"),
        upper(entry(_i, _j), 1 - _a, trivial=1, label="entries"),
    ),
    source=Source(_PAPER, "Lemmas F.3, F.4 (Gallager 1996, Lemmas 3.3.1, 3.3.2)", "v2"),
    status=Status.AS_STATED,
    remarks=("in the proof of Prop. 3.4 the maximum is called non-decreasing; it is non-increasing",),
    derivation=derive()
    .have("power", le(spread(_j, _t), (1 - 2 * _a) ** _t), by=gallager_spread.at(b=_j, q=_t, m=_a))
    .have("all rows", minorant_step.at(b=_j, m=_a).conclusion, by=minorant_step.at(b=_j, m=_a))
    .have("now", le(spread(_j, _t + 1), (1 - size.symbol * _a) * spread(_j, _t)), by=fact("all rows", t=_t))
    .have("spread", eq(spread(_j, _t), hit(_j, _t, _start) - hit(_j, _t, _end)), by=unfold(spread, b_=_j, t=_t))
    .have("sign", ge(spread(_j, _t), 0), by=["spread", unfold(below_highest, b_=_j, t=_t, x=_end), quick])
    .have("two rows", le((1 - size.symbol * _a) * spread(_j, _t), (1 - 2 * _a) * spread(_j, _t)), by=["sign", quick])
    .have("step", le(spread(_j, _t + 1), (1 - 2 * _a) * spread(_j, _t)), by=["now", "two rows", quick])
    .have("monotone", le(spread(_j, _t + 1), spread(_j, _t)), by=["step", "sign", quick])
    .have("entries", le(entry(_i, _j), 1 - _a), by=entry_at_most.at(m=_a, x=_i, y=_j)),
)

# -- whole blocks -----------------------------------------------------------------------------------------------------


convergence_as_stated = Claim(
    id="markov/convergence_as_stated",
    title="Convergence as printed",
    kind=Kind.UPPER,
    text=(
        "Q^n tends to the matrix with rows pi, and |Q^n(i,j) - pi(j)| <= (1-2 eps)^(floor(n/K)-1) for all states i, j "
        "and n >= K, eps the smallest entry of A (entrywise: in total variation a factor T^K/2 is lost)"
    ),
    parameters=(n, K, eps),
    assumptions=(POSITIVE,),
    hypotheses=(at_least_one_block,),
    statements=(upper(entry_deviation(_n), (1 - 2 * _eps) ** (sp.floor(_n / _K) - 1), trivial=1),),
    source=Source(_PAPER, "Prop. 3.4", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.VACUOUS,
    why="eps <= T^-K, so it stays near 1 for about K T^K/2 steps, even for a model that mixes exactly in K steps",
    derivation=derive(entry_deviation(_n))
    .le(by=entry_mixture.at(), name="full contexts")
    .le(power_deviation(sp.floor(_n / _K) - 1), by=entry_whole_blocks.at(), name="whole blocks")
    .le(by=gallager_deviation.at(q=sp.floor(_n / _K) - 1, m=_eps), name="contract"),
)

_probability = le(T.symbol**_K * _eps, 1)


def _block_bound(contract: Instance, note: str) -> Derivation:
    return (
        derive(start_distance(ell.symbol, _n))
        .le(by=mixture_of_full_contexts.at(), name="full contexts")
        .le(power_distance(blocks), by=whole_blocks.at(t=_n - _K + ell.symbol), name="whole blocks")
        .le(by=contract, name="contract", note=note)
    )


def _block_claim(
    name: str, title: str, rate: str, coefficient: tuple[Parameter, ...], bound: Any, **rest: Any
) -> Claim:
    """A bound on d_TV(Q^n(i,.), pi) from q applications of A."""
    extra = rest.pop("hypotheses", ())
    return Claim(
        id=f"markov/{name}",
        title=title,
        kind=Kind.UPPER,
        text=f"d_TV(Q^n(i,.), pi) <= {rate} with q = floor((n-(K-ell))/K), for a start i of length ell and n >= K-ell",
        parameters=(*coefficient, K, n, ell),
        assumptions=(POSITIVE,),
        hypotheses=(reaches_full_contexts, *extra),
        statements=(upper(start_distance(ell.symbol, _n), bound, trivial=1),),
        **rest,
    )


convergence_minorant = _block_claim(
    "convergence_minorant",
    "Convergence under the smallest entry of A, in total variation",
    "(1-T^K eps)^q",
    (T, eps),
    (1 - T.symbol**_K * _eps) ** blocks,
    hypotheses=(_probability,),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/convergence_as_stated",),
    derivation=_block_bound(minorant_power.at(q=blocks, m=_eps, size=T.symbol**_K), "every entry of A is at least eps"),
)
convergence_doeblin = _block_claim(
    "convergence_doeblin",
    "Convergence under the Doeblin coefficient of A",
    "(1-alpha(A))^q",
    (alpha,),
    (1 - alpha.symbol) ** blocks,
    source=Source("doeblin1937", "minorisation", recheck=True),
    status=Status.SHARPENED,
    sharpens=("markov/convergence_as_stated",),
    derivation=_block_bound(doeblin_power.at(q=blocks), "A = alpha 1 nu + (1-alpha) M'"),
)
convergence_dobrushin = _block_claim(
    "convergence_dobrushin",
    "Convergence under the Dobrushin coefficient of A",
    "kappa(A)^q",
    (kappa,),
    kappa.symbol**blocks,
    source=Source("dobrushin1956", "contraction coefficient", recheck=True),
    status=Status.SHARPENED,
    sharpens=("markov/convergence_as_stated", "markov/convergence_minorant", "markov/convergence_doeblin"),
    derivation=_block_bound(dobrushin_power.at(q=blocks), "Dobrushin's contraction, q times"),
)
__all__ = [
    "convergence_as_stated",
    "convergence_dobrushin",
    "convergence_doeblin",
    "convergence_minorant",
    "full_distance",
    "gallager_osc",
]
