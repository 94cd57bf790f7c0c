"""How long a prompt must be for a given error (specification 2.G).

Main statements
    icl_sample_complexity_as_stated   Prop. E.2: the factor t_min is lost
    icl_sample_complexity             2 tau_min log(1/delta)/eps^2 tokens suffice

Errors are mean l1 distances of next-state laws, twice the total variation risk.
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FIXED_MODEL, REALIZABLE
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import algebra, quick
from theory.lemma import Lemma
from theory.markov.icl import icl_gap
from theory.markov.parameters import delta, tau
from theory.markov.parameters_concentration import f
from theory.markov.parameters_concentration import tau as tau_steps
from theory.markov.parameters_icl import (
    B_U,
    length,
    p_min,
    printed_range,
    realised_error,
    shift,
    shifted_shortfall,
    states,
    t_min_windows,
)
from theory.parameter import Parameter, reals
from theory.proposition import ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

error = Parameter("eps", r"\epsilon", "l1 error allowed", reals(0, 2, open="lower"), (0.01, 1))
_F, _D, _N, _S, _E = f.symbol, delta.symbol, length.symbol, tau_steps.symbol, error.symbol
_tM = t_min_windows.symbol
_lost = 16 * printed_range() * sp.log(2 / _D) / _E**2  # 4 B^2 log(2/delta)/eps^2, B^2 = 4 printed_range
_level = _S * sp.log(1 / _D) / (2 * _N)

icl_sample_complexity_as_stated = Claim(
    id="markov/icl_sample_complexity_as_stated",
    title="Length of the prompt, as printed",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "If there is no distribution shift and the risk on the prompt is zero, N >= ceil(4 B^2 log(2/delta)/eps^2) "
        "implies E |Q* - Q_f|_1 <= eps with probability at least 1 - delta, B of Thm 4.3"
    ),
    parameters=(f, states, length, B_U, tau, p_min, error, delta),
    assumptions=(FIXED_MODEL, REALIZABLE),
    hypotheses=(ge(_N, _lost),),
    statements=(upper(realised_error(_F, _D), _E, trivial=2, label="error"),),
    source=Source("zekri2024", "Prop. E.2", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="the factor t_min >= 4K of Thm 4.3 is lost: a model that depends on the first token of its window",
    confidence=delta,
)

error_within = Lemma(
    "markov/error_within",
    "Twice the deviation is at most eps for N >= 2 tau_min log(1/delta)/eps^2",
    (length, tau_steps, error, delta),
    le(2 * sp.sqrt(_level), _E),
    hypotheses=(ge(_N, 2 * _S * sp.log(1 / _D) / _E**2),),
    backing=derive()
    .have("positive", ge(sp.log(1 / _D), 0), by=quick)
    .have("solved", le(2 * _S * sp.log(1 / _D), _N * _E**2), by=["hypothesis 1", quick])
    .have("square", le(_level, (_E / 2) ** 2), by=["solved", quick])
    .have("root", le(sp.sqrt(_level), _E / 2), by=["square", "positive", quick])
    .have("twice", le(2 * sp.sqrt(_level), _E), by=["root", quick]),
)
_sharp = 2 * _S * sp.log(1 / _D) / _E**2

icl_sample_complexity = Claim(
    id="markov/icl_sample_complexity",
    title="Length of the prompt for a given error",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "theta fixed before the prompt, with R-hat_icl(theta) + K(theta, Theta) = 0: the l1 error is at most sqrt(2 "
        "tau_min log(1/delta)/N) with probability at least 1 - delta, so that ceil(2 tau_min log(1/delta)/eps^2) "
        "tokens suffice for eps; fewer than the printed number repaired, ceil(4 B^2 t_min log(2/delta)/eps^2)"
    ),
    parameters=(*icl_gap.parameters, error),
    functions=icl_gap.functions,
    assumptions=(FIXED_MODEL,),
    hypotheses=(*icl_gap.hypotheses, ge(_N, _sharp)),
    statements=(
        upper(
            2 * shifted_shortfall(_F, shift.symbol, _D),
            sp.sqrt(2 * _S * sp.log(1 / _D) / _N),
            trivial=2,
            label="error",
        ),
        upper(2 * shifted_shortfall(_F, shift.symbol, _D), _E, trivial=2, label="enough"),
        upper(_sharp, _lost * _tM, label="repaired"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    sharpens=("markov/icl_sample_complexity_as_stated",),
    corrects=("markov/icl_sample_complexity_as_stated",),
    confidence=delta,
    derivation=derive(2 * shifted_shortfall(_F, shift.symbol, _D))
    .have(
        "gap",
        le(shifted_shortfall(_F, shift.symbol, _D), sp.sqrt(_level)),
        by=[*(f"hypothesis {i}" for i in range(1, len(icl_gap.hypotheses) + 1)), icl_gap.at("gap")],
    )
    .le(2 * sp.sqrt(_level), by=["gap", quick], name="l1 is twice total variation")
    .eq(sp.sqrt(2 * _S * sp.log(1 / _D) / _N), by=algebra, name="one root")
    .have("solved", le(2 * sp.sqrt(_level), _E), by=[f"hypothesis {len(icl_gap.hypotheses) + 1}", error_within.at()])
    .have("enough", le(2 * shifted_shortfall(_F, shift.symbol, _D), _E), by=["gap", "solved", quick])
    .have("range", ge(printed_range(), sp.log(2)), by=quick)
    .have("an eighth", ge(printed_range(), sp.Rational(1, 8)), by=["range", quick])
    .have("logarithms", le(sp.log(1 / _D), sp.log(2 / _D)), by=quick)
    .have("sign", ge(sp.log(1 / _D), 0), by=quick)
    .have(
        "times",
        le(_S * sp.log(1 / _D), _tM * sp.log(2 / _D)),
        by=["hypothesis 5", "logarithms", "sign", quick],
    )
    .have(
        "constant",
        le(2 * _tM * sp.log(2 / _D), 16 * printed_range() * _tM * sp.log(2 / _D)),
        by=["an eighth", "logarithms", "sign", quick],
    )
    .have(
        "numerators",
        le(2 * _S * sp.log(1 / _D), 16 * printed_range() * _tM * sp.log(2 / _D)),
        by=["times", "constant", quick],
    )
    .have("repaired", le(_sharp, _lost * _tM), by=["numerators", quick]),
)
