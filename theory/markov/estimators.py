"""What can be learnt from a prompt, and how fast: rates of counting and of any predictor (specification 2.G, D24).

Main statements
    icl_scaling_as_stated   R_icl = O(sqrt(log d/N)), as if the deviation bound bounded the risk
    frequentist_rate        sqrt(N) E d_TV(P, counting) tends to C(P); (1/2) sqrt((d-1)/m) from m draws of a row

P(y|x) is the probability of going from x to y, states are 0..d-1; pi_x is the stationary law.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FIRST_ORDER, STATIONARY_SOURCE
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Gap, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.markov.parameters_icl import length, states
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

draws = Parameter("m", "m", "number of independent draws of a row", integers(1), (1, 1000))
probability = Parameter("p", "p", "a probability", reals(0, 1), (0, 1))
mass = Parameter("mass", "v", "stationary probability of a state", reals(0, sp.oo, open="lower"), (0.1, 1))
total = Parameter("total", "S", "sum of the spreads of a row", reals(), (0, 3))
limit = Parameter("limit", "E", "sum of the limits of a row", reals(), (0, 3))
constant = Parameter("c", "c", "the constant that O(...) stands for", reals(1, 100), (1, 3))
_d, _m, _N, _p, _C = states.symbol, draws.symbol, length.symbol, probability.symbol, constant.symbol
_x = sp.Symbol("x", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_last = _d - 1


def _over(term: Any, index: sp.Symbol = _y) -> sp.Sum:
    return sp.Sum(term, (index, 0, _last))


least_risk = opaque(
    "markov/least_risk",
    "least_risk(d, N) = smallest mean total variation risk after N transitions that a predictor can have, averaged "
    "over kernels with independent Dirichlet(1) rows on d states and X_1 uniform",
    bounds=(0, 1),
    nonnegative=True,
)
icl_scaling_as_stated = Claim(
    id="markov/icl_scaling_as_stated",
    title="Scaling of in-context learning, as stated",
    kind=Kind.ASYMPTOTIC,
    text=(
        "R_icl = O(sqrt(log d/N)) for language models, against O(sqrt(d/N)) for counting: for some constant c, the "
        "same for all d and N, R_icl <= c sqrt(log(d)/N). O(.) names no c: each c in [1, 100] is put to the test, and "
        "a violation at one c refutes that c and the smaller ones only"
    ),
    parameters=(states, length, constant),
    statements=(upper(least_risk(_d, _N), _C * sp.sqrt(sp.log(_d) / _N), trivial=1, label="scaling"),),
    source=Source("zekri2024", "Sec. 5, App. E.1.2", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "Thm 4.3 bounds a deviation, not the risk; on random kernels even the best predictor has risk about 0.35 "
        "d/sqrt(N), and 0.35 d/sqrt(log d) exceeds every constant; the two-stage regime of Fig. 6 is no prediction "
        "either"
    ),
)

# -- counting ---------------------------------------------------------------------------------------------------------

frequency, stationary_law = (sp.Function(n, real=True) for n in ("p_row", "pi_x"))
entry_spread = opaque(
    "markov/entry_spread",
    "entry_spread(x, y) = sqrt(P(y|x) (1 - P(y|x))), the standard deviation of the indicator of a step from x to y",
    bounds=(0, sp.Rational(1, 2)),
    nonnegative=True,
)
frequency_error = opaque(
    "markov/frequency_error",
    "frequency_error(y, m) = E |n_y/m - p_y|, n_y the number of draws that give y among m independent draws of the "
    "row p",
    bounds=(0, 1),
    nonnegative=True,
)
entry_limit = opaque(
    "markov/entry_limit",
    "entry_limit(x, y) = limit of sqrt(N) E |n_xy/n_x - P(y|x)| as N grows",
    bounds=(0, None),
    nonnegative=True,
)
counting_limit = defined(
    "markov/counting_limit",
    "counting_limit(d) = limit of sqrt(N) E d_TV(P(.|X_N), counting) for X_N stationary: the mean over x of half the "
    "sum of the limits of the entries",
    (sp.Symbol("d_", integer=True, positive=True),),
    sp.Sum(
        stationary_law(_x) * sp.Sum(entry_limit(_x, _y), (_y, 0, sp.Symbol("d_", integer=True, positive=True) - 1)) / 2,
        (_x, 0, sp.Symbol("d_", integer=True, positive=True) - 1),
    ),
)
running_limit = opaque(
    "markov/running_limit",
    "running_limit(d) = limit of sqrt(N) times the mean over n <= N of E d_TV(P(.|X_n), counting)",
    nonnegative=True,
)
binomial_error = Lemma(
    "markov/binomial_error",
    "E |Z| <= sqrt(E Z^2), and a frequency of m draws has variance p (1-p)/m",
    (draws,),
    Forall((_y,), le(frequency_error(_y, _m), sp.sqrt(frequency(_y) * (1 - frequency(_y)) / _m))),
    backing=Citation(Source("cover2006", "Thm 2.6.2")),
)
spread_of_row = Lemma(
    "markov/spread_of_row",
    "sqrt(p (1-p)) lies below its tangent at 1/d, made linear in p",
    (states, probability),
    le(sp.sqrt(_p * (1 - _p)), _d / (2 * sp.sqrt(_d - 1)) * (_p * (1 - 2 / _d) + 1 / _d)),
    backing=derive()
    .have("square", le(_p * (1 - 2 / _d) + 1 / _d - (_p * (1 - _p) + (_d - 1) / _d**2), (_p - 1 / _d) ** 2), by=quick)
    .have(
        "tangent",
        le(2 * sp.sqrt(_d - 1) / _d * sp.sqrt(_p * (1 - _p)), _p * (1 - _p) + (_d - 1) / _d**2),
        by=decide,
        note="2 sqrt(s x) <= x + s",
    )
    .have(
        "linear", le(_p * (1 - _p) + (_d - 1) / _d**2, _p * (1 - 2 / _d) + 1 / _d), by=quick, note="p^2 >= 2p/d - 1/d^2"
    )
    .have(
        "bound",
        le(sp.sqrt(_p * (1 - _p)), _d / (2 * sp.sqrt(_d - 1)) * (_p * (1 - 2 / _d) + 1 / _d)),
        by=["tangent", "linear", quick],
    ),
)

limit_variance = opaque(
    "markov/limit_variance",
    "limit_variance(x, y) = variance of the normal law to which sqrt(N) (n_xy/n_x - P(y|x)) converges in law",
    bounds=(0, None),
    nonnegative=True,
)
central_limit = Lemma(
    "markov/central_limit",
    "sqrt(n_x) (n_xy/n_x - P(y|x)) converges in law to a normal variable of variance P (1-P), and n_x/N to pi(x)",
    (states,),
    Forall((_x, _y), eq(limit_variance(_x, _y), entry_spread(_x, _y) ** 2 / stationary_law(_x))),
    hypotheses=(Forall((_x,), gt(stationary_law(_x), 0)),),
    backing=Citation(Source("billingsley1961", "asymptotic normality of transition counts", recheck=True)),
)
limit_of_means = Lemma(
    "markov/limit_of_means",
    "The means E|.| converge to that of the normal limit, E|Z| = sigma sqrt(2/pi)",
    (states,),
    Forall(
        (_x, _y),
        eq(
            entry_limit(_x, _y),
            sp.sqrt(2 / sp.pi) * entry_spread(_x, _y) / sp.sqrt(stationary_law(_x)),
        ),
    ),
    hypotheses=(Forall((_x,), gt(stationary_law(_x), 0)),),
    backing=derive()
    .have("in law", central_limit.conclusion, by=["hypothesis 1", central_limit.at()])
    .have(
        "means",
        Forall((_x, _y), eq(entry_limit(_x, _y), sp.sqrt(2 / sp.pi) * sp.sqrt(limit_variance(_x, _y)))),
        by=Gap("convergence in law carries means only with uniform integrability of sqrt(N) |n_xy/n_x - P(y|x)|"),
    )
    .have(
        "limit",
        Forall(
            (_x, _y),
            eq(
                entry_limit(_x, _y),
                sp.sqrt(2 / sp.pi) * entry_spread(_x, _y) / sp.sqrt(stationary_law(_x)),
            ),
        ),
        by=[
            fact("hypothesis 1", x=_x),
            fact("in law", x=_x, y=_y),
            fact("means", x=_x, y=_y),
            unfold(entry_spread),
            algebra,
        ],
    ),
)
weighted_limit = Lemma(
    "markov/weighted_limit",
    "Half the limit of a row, weighted with the stationary law",
    (mass, total, limit),
    eq(
        mass.symbol * limit.symbol / 2,
        sp.sqrt(mass.symbol) * total.symbol / sp.sqrt(2 * sp.pi),
    ),
    hypotheses=(eq(limit.symbol, sp.sqrt(2 / sp.pi) * total.symbol / sp.sqrt(mass.symbol)),),
    backing=derive(mass.symbol * limit.symbol / 2)
    .eq(mass.symbol * (sp.sqrt(2 / sp.pi) * total.symbol / sp.sqrt(mass.symbol)) / 2, by=["hypothesis 1", algebra])
    .eq(sp.sqrt(mass.symbol) * total.symbol / sp.sqrt(2 * sp.pi), by=algebra),
)
averages_of_roots = Lemma(
    "markov/averages_of_roots",
    "If sqrt(n) a_n tends to C, sqrt(N) times the mean of a_1..a_N tends to 2C (theorem of Cesaro and Stolz)",
    (states,),
    eq(running_limit(_d), 2 * counting_limit(_d)),
    backing=Citation(Source("knopp1951", "theorem of Cesaro and Stolz", recheck=True)),
)
_spread = sp.sqrt(frequency(_y) * (1 - frequency(_y)))
_row_spread = _over(entry_spread(_x, _y))
_rate = sp.Sum(sp.sqrt(stationary_law(_x)) * _row_spread / sp.sqrt(2 * sp.pi), (_x, 0, _last))
_tangent = _d / (2 * sp.sqrt(_d - 1)) * (frequency(_y) * (1 - 2 / _d) + 1 / _d)
_row_error = _over(frequency_error(_y, _m)) / 2

frequentist_rate = Claim(
    id="markov/frequentist_rate",
    title="The rate of counting",
    kind=Kind.ASYMPTOTIC,
    text=(
        "m independent draws of one row: E d_TV <= (1/2) sum_y sqrt(p_y (1-p_y)/m) <= (1/2) sqrt((d-1)/m). For a "
        "stationary chain, sqrt(N) E d_TV(P(.|X_N), counting) tends to C(P) = (2 pi)^(-1/2) sum_x sqrt(pi(x)) sum_y "
        "sqrt(P(y|x) (1 - P(y|x))), and the mean over n <= N has the constant 2 C(P)"
    ),
    parameters=(states, draws),
    assumptions=(FIRST_ORDER, STATIONARY_SOURCE),
    hypotheses=(
        Forall((_y,), ge(frequency(_y), 0)),
        Forall((_y,), le(frequency(_y), 1)),
        eq(_over(frequency(_y)), 1),
        Forall((_x,), gt(stationary_law(_x), 0)),
    ),
    statements=(
        upper(_row_error, sp.sqrt((_d - 1) / _m) / 2, trivial=1, label="row"),
        upper(_row_error, _over(_spread / sp.sqrt(_m)) / 2, trivial=1, label="row of known law"),
        equal(counting_limit(_d), _rate, label="limit"),
        equal(running_limit(_d), 2 * _rate, label="running mean"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("kernels with Dirichlet(1) rows: C(P) is about 0.354 d for large d, not of order sqrt(d)",),
    derivation=derive()
    .have(
        "entry",
        Forall((_k,), le(frequency_error(_k, _m), sp.sqrt(frequency(_k) * (1 - frequency(_k))) / sp.sqrt(_m))),
        by=[binomial_error.at(), fact("hypothesis 1", y=_k), fact("hypothesis 2", y=_k), quick],
    )
    .have("entries", le(_over(frequency_error(_y, _m)), _over(_spread / sp.sqrt(_m))), by=[Termwise(), "entry"])
    .have("row of known law", le(_row_error, _over(_spread / sp.sqrt(_m)) / 2), by=["entries", quick])
    .have(
        "tangent",
        Forall(
            (_k,),
            le(
                sp.sqrt(frequency(_k) * (1 - frequency(_k))),
                _d / (2 * sp.sqrt(_d - 1)) * (frequency(_k) * (1 - 2 / _d) + 1 / _d),
            ),
        ),
        by=[
            fact("hypothesis 1", y=_k),
            fact("hypothesis 2", y=_k),
            spread_of_row.at(p=frequency(_k)),
        ],
    )
    .have("Cauchy-Schwarz", le(_over(_spread), _over(_tangent)), by=[Termwise(), "tangent"])
    .have(
        "sum of the tangents",
        eq(_over(_tangent), _d / (2 * sp.sqrt(_d - 1)) * ((1 - 2 / _d) * _over(frequency(_y)) + 1)),
        by=algebra,
    )
    .have(
        "at mass 1",
        eq(_d / (2 * sp.sqrt(_d - 1)) * ((1 - 2 / _d) * _over(frequency(_y)) + 1), sp.sqrt(_d - 1)),
        by=["hypothesis 3", quick],
    )
    .have(
        "spread", le(_over(_spread), sp.sqrt(_d - 1)), by=["Cauchy-Schwarz", "sum of the tangents", "at mass 1", quick]
    )
    .have("per draw", eq(_over(_spread / sp.sqrt(_m)), _over(_spread) / sp.sqrt(_m)), by=algebra)
    .have("scaled", le(_over(_spread) / sp.sqrt(_m), sp.sqrt(_d - 1) / sp.sqrt(_m)), by=["spread", quick])
    .have("split", eq(sp.sqrt(_d - 1) / sp.sqrt(_m), sp.sqrt((_d - 1) / _m)), by=quick)
    .have(
        "row",
        le(_row_error, sp.sqrt((_d - 1) / _m) / 2),
        by=["row of known law", "per draw", "scaled", "split", quick],
    )
    .have(
        "limits of a row",
        Forall(
            (_k,),
            eq(
                _over(entry_limit(_k, _y)),
                _over(sp.sqrt(2 / sp.pi) * entry_spread(_k, _y) / sp.sqrt(stationary_law(_k))),
            ),
        ),
        by=[Termwise(), "hypothesis 4", limit_of_means.at()],
    )
    .have(
        "factor",
        Forall(
            (_k,),
            eq(
                _over(sp.sqrt(2 / sp.pi) * entry_spread(_k, _y) / sp.sqrt(stationary_law(_k))),
                sp.sqrt(2 / sp.pi) * _over(entry_spread(_k, _y)) / sp.sqrt(stationary_law(_k)),
            ),
        ),
        by=[fact("hypothesis 4", x=_k), algebra],
    )
    .have(
        "row limit",
        Forall(
            (_k,),
            eq(
                _over(entry_limit(_k, _y)),
                sp.sqrt(2 / sp.pi) * _over(entry_spread(_k, _y)) / sp.sqrt(stationary_law(_k)),
            ),
        ),
        by=[fact("hypothesis 4", x=_k), fact("limits of a row", k=_k), fact("factor", k=_k), algebra],
    )
    .have(
        "weighted row",
        Forall(
            (_k,),
            eq(
                stationary_law(_k) * _over(entry_limit(_k, _y)) / 2,
                sp.sqrt(stationary_law(_k)) * _over(entry_spread(_k, _y)) / sp.sqrt(2 * sp.pi),
            ),
        ),
        by=[
            fact("row limit", k=_k),
            fact("hypothesis 4", x=_k),
            weighted_limit.at(
                mass=stationary_law(_k),
                total=_over(entry_spread(_k, _y)),
                limit=_over(entry_limit(_k, _y)),
            ),
        ],
    )
    .have(
        "sum of the rows",
        eq(sp.Sum(stationary_law(_x) * _over(entry_limit(_x, _y)) / 2, (_x, 0, _last)), _rate),
        by=[Termwise(), "weighted row"],
    )
    .have("limit", eq(counting_limit(_d), _rate), by=["sum of the rows", unfold(counting_limit, d_=_d), quick])
    .have("running mean", eq(running_limit(_d), 2 * _rate), by=["limit", averages_of_roots.at(), quick]),
)
