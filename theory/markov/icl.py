"""In-context learning of a Markov chain: how far the risk exceeds what is seen on the prompt (specification 2.G).

Main statements
    icl_gap_as_stated            Thm 4.3 with the infimum over models that have seen the prompt
    icl_gap_token_tmin_as_stated Thm 4.3 with t_min of the tokens, as it is plotted
    icl_gap                      sqrt(tau_min log(1/delta)/(2N)) for a model fixed before the prompt

R_icl(Theta) is the mean of the total variation losses over the windows of the prompt, K(theta, Theta) the mean distance
of two models there (`theory.markov.risk`).
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FIRST_ORDER, FIXED_MODEL
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Gap, SingleTerm, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.markov.concentration import mcdiarmid_chain
from theory.markov.parameters import T, delta, tau
from theory.markov.parameters_concentration import (
    difference_norm,
    f,
    optimal_block,
    pair_distance,
    shortfall,
    tau_min,
)
from theory.markov.parameters_concentration import tau as tau_steps
from theory.markov.parameters_icl import (
    B_U,
    euclidean,
    infimum_shortfall,
    length,
    letter_change,
    loss_range,
    p_min,
    printed_deviation,
    printed_range,
    shift,
    shifted_shortfall,
    states,
    t_min_windows,
)
from theory.markov.risk import contexts, first, risk, risk_pseudometric, second, third, weight
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

_PAPER = "zekri2024"
_F, _D, _N, _S = f.symbol, delta.symbol, length.symbol, tau_steps.symbol
_d, _tM, _tau, _bu, _pm = states.symbol, t_min_windows.symbol, tau.symbol, B_U.symbol, p_min.symbol
_g, _shift = loss_range.symbol, shift.symbol
_n = sp.Symbol("n", integer=True, nonnegative=True)
_k = sp.Symbol("n_", integer=True, nonnegative=True)
_c = sp.Symbol("c", integer=True, nonnegative=True)

rho = Parameter(
    "rho", r"\rho", "weight of the model in a class fixed before the prompt", reals(0, 1, open="lower"), (1e-6, 1)
)
Theta = Parameter("Theta", r"\Theta", "number of the model under study", integers(0), (0, 10))
level = Parameter("level", "u", "level", reals(0), (0, 1))
square = Parameter("square", "x", "a number", reals(0), (0, 1))
_R, _U = rho.symbol, level.symbol

icl_gap_as_stated = Claim(
    id="markov/icl_gap_as_stated",
    title="In-context learning of Markov chains, as printed",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "R_icl(Theta) <= inf over theta of {R-hat_icl(theta) + K(theta, Theta)} + B sqrt(t_min/N) sqrt(log(2/delta)) "
        "with probability at least 1 - delta, B = 2 max{log d + 2 B_U/tau, log(1/p_min)}^(1/2), t_min of the chain of "
        "windows"
    ),
    parameters=(Theta, states, length, B_U, tau, p_min, t_min_windows, delta),
    statements=(upper(infimum_shortfall(Theta.symbol, _D), printed_deviation(_D), trivial=1, label="infimum"),),
    source=Source(_PAPER, "Thm 4.3 = Thm F.23", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "the infimum of an empirical risk is moved inside the probability without a union bound: a model that "
        "memorises the windows seen has no empirical risk and is close to Theta (a single fixed theta is fine: "
        "markov/icl_gap, statement `printed`); even so the bound says nothing for N <= 16 log 2 K log(2/delta)"
    ),
    confidence=delta,
)

icl_gap_token_tmin_as_stated = Claim(
    id="markov/icl_gap_token_tmin_as_stated",
    title="The printed bound with t_min of the tokens, as it is evaluated in the figures",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "R_icl <= R-hat_icl + B sqrt(t_min/N) sqrt(log(2/delta)) with t_min of the chain X of tokens (the values 4.6 "
        "to 43.7 of Fig. 6 cannot be those of the windows, which are >= 4K)"
    ),
    parameters=(f, states, length, B_U, tau, p_min, t_min_windows, delta),
    assumptions=(FIXED_MODEL, FIRST_ORDER),
    statements=(upper(shortfall(_F, _D), printed_deviation(_D), trivial=1, label="tokens"),),
    source=Source(_PAPER, "Fig. 6(b,c)", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="a model that never forgets the first token of its window: with N <= K, R-hat does not concentrate at all",
    confidence=delta,
)

root_below = Lemma(
    "markov/root_below",
    "The root of a number is at most u where the number is at most u^2",
    (square, level),
    le(sp.sqrt(square.symbol), _U),
    hypotheses=(le(square.symbol, _U**2),),
    backing=derive().have("root", le(sp.sqrt(square.symbol), _U), by=["hypothesis 1", quick]),
)
mean_of_losses = Lemma(
    "markov/mean_of_losses",
    "The mean of N losses in an interval of length g <= 1 has |c| <= 1/sqrt(N)",
    (f, length, loss_range),
    le(difference_norm(_F), 1 / sp.sqrt(_N)),
    hypotheses=(
        euclidean(_F, _N),
        Forall((_n,), le(letter_change(_F, _n), _g / _N), (le(_n, _N - 1),)),
    ),
    backing=derive()
    .have(
        "square",
        Forall((_k,), le(letter_change(_F, _k) ** 2, 1 / _N**2), (le(_k, _N - 1),)),
        by=[fact("hypothesis 2", n=_k), unfold(letter_change), quick],
        note="c_n <= g/N <= 1/N",
    )
    .have(
        "squares",
        le(
            sp.Sum(letter_change(_F, _k) ** 2, (_k, 0, _N - 1)),
            sp.Sum(1 / _N**2, (_k, 0, _N - 1)),
        ),
        by=[Termwise(), "square"],
    )
    .have("count", eq(sp.Sum(1 / _N**2, (_k, 0, _N - 1)), 1 / _N), by=algebra)
    .have(
        "total",
        le(sp.Sum(letter_change(_F, _k) ** 2, (_k, 0, _N - 1)), (1 / sp.sqrt(_N)) ** 2),
        by=["squares", "count", quick],
    )
    .have("non-negative", ge(sp.Sum(letter_change(_F, _k) ** 2, (_k, 0, _N - 1)), 0), by=SingleTerm(0))
    .have(
        "root",
        le(sp.sqrt(sp.Sum(letter_change(_F, _k) ** 2, (_k, 0, _N - 1))), 1 / sp.sqrt(_N)),
        by=[
            "total",
            "non-negative",
            root_below.at(square=sp.Sum(letter_change(_F, _k) ** 2, (_k, 0, _N - 1)), level=1 / sp.sqrt(_N)),
        ],
    )
    .have("norm", le(difference_norm(_F), 1 / sp.sqrt(_N)), by=["hypothesis 1", "root", quick]),
)

_level = _S * sp.log(1 / _D) / (2 * _N)
_class_level = _S * (sp.log(1 / _D) + sp.log(1 / _R)) / (2 * _N)
within_shift = Lemma(
    "markov/within_shift",
    "A level for R - R-hat of a fixed theta serves R(Theta) - K - R-hat as well",
    (f, shift, delta),
    le(shifted_shortfall(_F, _shift, _D), shortfall(_F, _D)),
    hypotheses=(le(_shift, 0),),
    backing=derive().have(
        "smallest level",
        le(shifted_shortfall(_F, _shift, _D), shortfall(_F, _D)),
        by=Gap("P(E f - f + s > u) <= P(E f - f > u) for s <= 0; that the smallest level falls too is not derived"),
    ),
)
printed_exceeds = Lemma(
    "markov/printed_exceeds",
    "The printed deviation is at least sqrt(tau_min log(1/delta)/(2N))",
    (states, length, B_U, tau, p_min, tau_steps, t_min_windows, delta),
    le(sp.sqrt(_level), printed_deviation(_D)),
    hypotheses=(le(_S, _tM),),
    backing=derive()
    .have("range", ge(printed_range(), sp.log(2)), by=quick, note="log d >= log 2, B_U >= 0")
    .have("an eighth", ge(printed_range(), sp.Rational(1, 8)), by=["range", quick])
    .have("logarithms", le(sp.log(1 / _D), sp.log(2 / _D)), by=quick)
    .have("positive", ge(sp.log(1 / _D), 0), by=quick)
    .have(
        "times",
        le(_S * sp.log(1 / _D), _tM * sp.log(2 / _D)),
        by=["hypothesis 1", "logarithms", "positive", quick],
    )
    .have("squares", le(_level, 4 * sp.Rational(1, 8) * (_tM / _N) * sp.log(2 / _D)), by=["times", quick])
    .have(
        "constant",
        le(
            4 * sp.Rational(1, 8) * (_tM / _N) * sp.log(2 / _D),
            4 * printed_range() * (_tM / _N) * sp.log(2 / _D),
        ),
        by=["an eighth", "logarithms", "positive", quick],
    )
    .have(
        "root",
        eq(sp.sqrt(4 * printed_range() * (_tM / _N) * sp.log(2 / _D)), printed_deviation(_D)),
        by=["an eighth", "logarithms", "positive", quick],
    )
    .have(
        "roots",
        le(sp.sqrt(_level), sp.sqrt(4 * printed_range() * (_tM / _N) * sp.log(2 / _D))),
        by=["squares", "constant", quick],
    )
    .have("printed", le(sp.sqrt(_level), printed_deviation(_D)), by=["roots", "root", quick]),
)

_u = sp.Symbol("u", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_apart = sp.Abs(first(_u, _y) - second(_u, _y))

icl_gap = Claim(
    id="markov/icl_gap",
    title="In-context learning of Markov chains",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "For every theta fixed before the prompt, with probability at least 1 - delta, R_icl(Theta) <= "
        "R-hat_icl(theta) + K(theta, Theta) + sqrt(tau_min log(1/delta)/(2N)), tau_min of the chain of windows; d, "
        "p_min, B_U and the temperature drop out. In a weighted class delta becomes delta rho(theta), which adds "
        "log(1/rho(theta)). The printed deviation is never smaller. Valid for any source whose order is at most K"
    ),
    parameters=(
        f,
        length,
        loss_range,
        shift,
        tau_steps,
        delta,
        rho,
        states,
        B_U,
        tau,
        p_min,
        t_min_windows,
        T,
        contexts,
    ),
    functions=(first, second, third, weight),
    assumptions=(FIXED_MODEL,),
    hypotheses=(
        lt(pair_distance(_F, optimal_block(_F)), 1),
        le(tau_min(_F), _S),
        euclidean(_F, _N),
        Forall((_n,), le(letter_change(_F, _n), _g / _N), (le(_n, _N - 1),)),
        le(_S, _tM),
        eq(_shift, risk(first, third) - risk(second, third) - risk(first, second)),
        Forall((_u,), ge(weight(_u), 0)),
        eq(sp.Sum(weight(_c), (_c, 0, contexts.symbol - 1)), 1),
        Forall((_u, _y), le(_apart, 1)),
    ),
    statements=(
        upper(shifted_shortfall(_F, _shift, _D), sp.sqrt(_level), trivial=1, label="gap"),
        upper(shifted_shortfall(_F, _shift, _D * _R), sp.sqrt(_class_level), trivial=1, label="class"),
        upper(shifted_shortfall(_F, _shift, _D), printed_deviation(_D), trivial=1, label="printed"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    sharpens=("markov/icl_gap_as_stated",),
    corrects=("markov/icl_gap_as_stated",),
    confidence=delta,
    remarks=("R_icl(Theta) <= R_icl(theta) + K(theta, Theta) for every theta, with equality at theta = Theta",),
    derivation=derive()
    .have(
        "weighted",
        Forall((_u, _y), le(weight(_u) * _apart, weight(_u))),
        by=[fact("hypothesis 7", u=_u), fact("hypothesis 9", u=_u, y=_y), quick],
    )
    .have(
        "triangle",
        le(risk(first, third), risk(first, second) + risk(second, third)),
        by=["weighted", "hypothesis 7", "hypothesis 8", risk_pseudometric.at("triangle", h=1, s=0, a=0)],
    )
    .have("no gain", le(_shift, 0), by=["triangle", "hypothesis 6", quick])
    .have(
        "differences",
        le(difference_norm(_F), 1 / sp.sqrt(_N)),
        by=["hypothesis 3", "hypothesis 4", mean_of_losses.at()],
    )
    .have(
        "concentration",
        le(shortfall(_F, _D), 1 / sp.sqrt(_N) * sp.sqrt(_S * sp.log(1 / _D) / 2)),
        by=["hypothesis 1", "hypothesis 2", "differences", mcdiarmid_chain.at(c_norm=1 / sp.sqrt(_N))],
    )
    .have("one root", eq(1 / sp.sqrt(_N) * sp.sqrt(_S * sp.log(1 / _D) / 2), sp.sqrt(_level)), by=algebra)
    .have("level", le(shortfall(_F, _D), sp.sqrt(_level)), by=["concentration", "one root", quick])
    .have(
        "gap", le(shifted_shortfall(_F, _shift, _D), sp.sqrt(_level)), by=["no gain", "level", within_shift.at(), quick]
    )
    .have("share", lt(_D * _R, 1), by=quick)
    .have(
        "concentration in the class",
        le(shortfall(_F, _D * _R), 1 / sp.sqrt(_N) * sp.sqrt(_S * sp.log(1 / (_D * _R)) / 2)),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            "differences",
            "share",
            mcdiarmid_chain.at(c_norm=1 / sp.sqrt(_N), delta=_D * _R),
        ],
    )
    .have("logarithm", eq(sp.log(1 / (_D * _R)), sp.log(1 / _D) + sp.log(1 / _R)), by=algebra)
    .have(
        "one root in the class",
        eq(1 / sp.sqrt(_N) * sp.sqrt(_S * sp.log(1 / (_D * _R)) / 2), sp.sqrt(_class_level)),
        by=["logarithm", algebra],
    )
    .have(
        "class level",
        le(shortfall(_F, _D * _R), sp.sqrt(_class_level)),
        by=["concentration in the class", "one root in the class", quick],
    )
    .have(
        "shifted in the class",
        le(shifted_shortfall(_F, _shift, _D * _R), shortfall(_F, _D * _R)),
        by=["no gain", "share", within_shift.at(delta=_D * _R)],
    )
    .have(
        "class",
        le(shifted_shortfall(_F, _shift, _D * _R), sp.sqrt(_class_level)),
        by=["shifted in the class", "class level", quick],
        note="union bound: the weights sum to at most 1",
    )
    .have("printed is more", le(sp.sqrt(_level), printed_deviation(_D)), by=["hypothesis 5", printed_exceeds.at()])
    .have(
        "printed",
        le(shifted_shortfall(_F, _shift, _D), printed_deviation(_D)),
        by=["gap", "printed is more", quick],
    ),
)
