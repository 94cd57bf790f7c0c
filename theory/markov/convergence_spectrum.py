"""Eigenvalues bound convergence from below (specification 2.B).

Main statements
    spectral_lower   |lambda|^n <= 2 d(n) for every eigenvalue lambda != 1 of P_R; SLEM^K <= kappa(A);
                     d(n)^(1/n) -> SLEM

A complex eigenfunction f is turned by a phase so that lambda^n f(x) is |lambda|^n |f(x)| at the point where |f| is
largest; then only the real part g of the turned f matters, and |g| <= max |f|.
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import derive
from theory.justification import Decide, Termwise, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.lemmas.stochastic_matrix import k_, over_states, size
from theory.markov.full_contexts import full_distance
from theory.markov.parameters import K, kappa, n
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_n, _K, _kappa = n.symbol, K.symbol, kappa.symbol
_quick = Decide(effort=0.3)
modulus = Parameter("modulus", r"|\lambda|", "modulus of an eigenvalue of P_R other than 1", reals(0, 1), (0, 1))
_modulus = modulus.symbol

start_deviation = Definition(
    "markov/start_deviation",
    sp.Function("start_deviation", real=True),
    "start_deviation(y) = P_R^n(x, y) - pi(y) where |f(x)| is largest",
)
turned = Definition(
    "markov/turned",
    sp.Function("turned", real=True),
    "turned(y) = real part of the eigenfunction f, divided by max |f| and turned so that lambda^n f(x) > 0: in [-1, 1]",
    bounds=(-1, 1),
)
total_deviation = Definition(
    "markov/total_deviation",
    sp.Function("total_deviation", real=True),
    "total_deviation() = sum_y |P_R^n(x, y) - pi(y)| <= 2 d(n)",
    (eq(sp.Function("total_deviation", real=True)(), over_states(sp.Abs(start_deviation(k_)))),),
    bounds=(0, 2 * full_distance(_n)),
)
eigen_equation = Definition(
    "markov/eigen_equation",
    sp.Function("eigen_equation", real=True),
    "eigen_equation() = |lambda|^n - sum_y (P_R^n(x, y) - pi(y)) turned(y): 0, since P^n f = lambda^n f and pi f = 0",
    (
        eq(
            sp.Function("eigen_equation", real=True)(),
            _modulus**_n - over_states(start_deviation(k_) * turned(k_)),
        ),
    ),
    bounds=(0, 0),
)
slem = Definition("markov/slem", sp.Function("slem", real=True), "slem() = SLEM of P_R (D12)", bounds=(0, 1))
decay_rate = Definition(
    "markov/decay_rate", sp.Function("decay_rate", real=True), "decay_rate() = limit of d(n)^(1/n)", bounds=(0, 1)
)
slem_of_block = Lemma(
    "markov/slem_of_block",
    "No eigenvalue of A = P_R^K other than 1 exceeds its Dobrushin coefficient",
    (K, kappa),
    le(slem() ** _K, _kappa),
    Citation(Source("dobrushin1956", "contraction coefficient", recheck=True)),
)
rate_is_slem = Lemma(
    "markov/rate_is_slem",
    "The distance decays at the rate of the second largest eigenvalue",
    (),
    eq(decay_rate(), slem()),
    Citation(Source("levin2017", "Corollary 12.7", recheck=True)),
)
_pairing = over_states(start_deviation(k_) * turned(k_))
_absolute = over_states(sp.Abs(start_deviation(k_)))

spectral_lower = Claim(
    id="markov/spectral_lower",
    title="Eigenvalues bound convergence from below",
    kind=Kind.LOWER,
    text=(
        "|lambda|^n <= 2 d(n) for every eigenvalue lambda != 1 of P_R, starts in R; SLEM <= kappa(A)^(1/K); "
        "d(n)^(1/n) tends to SLEM"
    ),
    parameters=(n, modulus, K, kappa),
    assumptions=(POSITIVE,),
    statements=(
        lower(full_distance(_n), _modulus**_n / 2, trivial=0, label="distance"),
        upper(slem() ** _K, _kappa, trivial=1, label="contraction"),
        equal(decay_rate(), slem(), label="rate"),
    ),
    source=Source("levin2017", "Theorem 12.5", recheck=True),
    status=Status.CITED,
    derivation=derive(parameters=(size,))
    .have(
        "terms",
        Forall((k_,), le(start_deviation(k_) * turned(k_), sp.Abs(start_deviation(k_)))),
        by=[unfold(turned), Decide()],
    )
    .have("sum", le(_pairing, _absolute), by=[Termwise(), "terms", _quick])
    .have("eigenvalue", eq(_modulus**_n, _pairing), by=[unfold(eigen_equation), _quick])
    .have("distance of the start", le(_absolute, 2 * full_distance(_n)), by=[unfold(total_deviation), _quick])
    .have(
        "distance", ge(full_distance(_n), _modulus**_n / 2), by=["sum", "eigenvalue", "distance of the start", _quick]
    )
    .have("contraction", le(slem() ** _K, _kappa), by=slem_of_block.at())
    .have("rate", eq(decay_rate(), slem()), by=rate_is_slem.at()),
)
