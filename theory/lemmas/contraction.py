"""How fast powers of a stochastic matrix forget where they started.

M is a stochastic matrix with stationary law pi; the body `markov` uses M = A, the K-step matrix of full contexts.

Main statements
    iterate            D(t+1) <= c D(t) and D(0) <= 1 give D(q) <= c^q
    dobrushin_power    D(q) <= kappa^q
    doeblin_power      D(q) <= (1-alpha)^q
    minorant_power     D(q) <= (1 - size*m)^q
    gallager_power     the same for the entrywise deviation, with 1-2m
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, ge, le
from theory.source import Source

q = Parameter("q", "q", "number of applications of M", integers(0), (0, 100), "steps")
c = Parameter("c", "c", "contraction factor", reals(0, 1), (0, 1))
kappa = Parameter("kappa", r"\kappa", "Dobrushin coefficient of M", reals(0, 1), (0, 1))
alpha = Parameter("alpha", r"\alpha", "Doeblin coefficient of M", reals(0, 1), (0, 1))
size = Parameter("size", "s", "number of states of M", integers(2), (2, 10_000))
least = Parameter("m", "m", "smallest entry of M", reals(0, 1), (0, 0.5))

_t = sp.Symbol("t", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_D = sp.Function("D", real=True)

power_distance = Definition(
    "contraction/power_distance",
    sp.Function("power_distance", real=True, nonnegative=True),
    "power_distance(t) = max_x d_TV(M^t(x,.), pi)",
    latex=r"\max_x d_{TV}(M^t(x,\cdot),\pi)",
    bounds=(0, 1),
)
power_deviation = Definition(
    "contraction/power_deviation",
    sp.Function("power_deviation", real=True, nonnegative=True),
    "power_deviation(t) = max_{x,y} |M^t(x,y) - pi(y)|",
    latex=r"\max_{x,y}|M^t(x,y)-\pi(y)|",
    bounds=(0, 1),
)

iterate = Lemma(
    "contraction/iterate",
    "A contraction applied q times",
    (q, c),
    le(_D(q.symbol), c.symbol**q.symbol),
    hypotheses=(le(_D(0), 1), Forall((_t,), le(_D(_t + 1), c.symbol * _D(_t)))),
    functions=(_D,),
    statement="D(0) <= 1 and D(t+1) <= c D(t) for all t give D(q) <= c^q",
    backing=derive()
    .have(
        "all",
        Forall((_k,), le(_D(_k), c.symbol**_k)),
        by=[Induction(_k), fact("hypothesis 2", t=_k)],
        note="c D(t) <= c c^t",
    )
    .have("at q", le(_D(q.symbol), c.symbol**q.symbol), by=fact("all", k=q.symbol)),
)

dobrushin_step = Lemma(
    "contraction/dobrushin_step",
    "One application of M contracts total variation by its Dobrushin coefficient",
    (kappa,),
    Forall((_t,), le(power_distance(_t + 1), kappa.symbol * power_distance(_t))),
    statement="||(mu - nu) M||_1 <= kappa(M) ||mu - nu||_1, at mu = M^t(x,.), nu = pi = pi M",
    backing=Citation(Source("dobrushin1956", "contraction coefficient")),
)
dobrushin_power = Lemma(
    "contraction/dobrushin_power",
    "Total variation to stationarity under the Dobrushin coefficient",
    (q, kappa),
    le(power_distance(q.symbol), kappa.symbol**q.symbol),
    backing=derive()
    .have("contraction", Forall((_t,), le(power_distance(_t + 1), kappa.symbol * power_distance(_t))), by=dobrushin_step.at())
    .have("start", le(power_distance(0), 1), by=unfold(power_distance))
    .have("power", le(power_distance(q.symbol), kappa.symbol**q.symbol), by=["contraction", "start", iterate.at(D=power_distance.head, c=kappa.symbol)]),
)
doeblin_step = Lemma(
    "contraction/doeblin_step",
    "One application of M merges two copies with probability alpha",
    (alpha,),
    Forall((_t,), le(power_distance(_t + 1), (1 - alpha.symbol) * power_distance(_t))),
    statement="M = alpha 1 nu + (1 - alpha) M' with M' stochastic, so differences of laws shrink by 1 - alpha",
    backing=Citation(Source("doeblin1937", "minorisation")),
)
doeblin_power = Lemma(
    "contraction/doeblin_power",
    "Total variation to stationarity under the Doeblin coefficient",
    (q, alpha),
    le(power_distance(q.symbol), (1 - alpha.symbol) ** q.symbol),
    backing=derive()
    .have("contraction", doeblin_step.conclusion, by=doeblin_step.at())
    .have("start", le(power_distance(0), 1), by=unfold(power_distance))
    .have(
        "power",
        le(power_distance(q.symbol), (1 - alpha.symbol) ** q.symbol),
        by=["contraction", "start", iterate.at(D=power_distance.head, c=1 - alpha.symbol)],
    ),
)
