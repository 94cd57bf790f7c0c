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
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.lemmas.stochastic_matrix import k_, over_states, size
from theory.markov.full_contexts import full_distance
from theory.markov.parameters import K, kappa, n
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_n, _K, _kappa = n.symbol, K.symbol, kappa.symbol
modulus = Parameter("modulus", r"|\lambda|", "modulus of an eigenvalue of P_R other than 1", reals(0, 1), (0, 1))
_modulus = modulus.symbol

_m = sp.Symbol("n_", integer=True, nonnegative=True)

start_deviation = opaque(
    "markov/start_deviation", "start_deviation(n, y) = P_R^n(x, y) - pi(y) where |f(x)| is largest"
)
turned = opaque(
    "markov/turned",
    "turned(n, y) = real part of the eigenfunction f, divided by max |f| and turned so that lambda^n f(x) > 0",
)
total_deviation = defined(
    "markov/total_deviation",
    "total_deviation(n) = sum_y |P_R^n(x, y) - pi(y)|",
    (_m,),
    over_states(sp.Abs(start_deviation(_m, k_))),
)
eigen_pairing = defined(
    "markov/eigen_pairing",
    "eigen_pairing(n) = sum_y (P_R^n(x, y) - pi(y)) turned(n, y)",
    (_m,),
    over_states(start_deviation(_m, k_) * turned(_m, k_)),
)
slem = opaque("markov/slem", "slem() = SLEM of P_R (D12)", bounds=(0, 1))
decay_rate = opaque("markov/decay_rate", "decay_rate() = limit of d(n)^(1/n)", bounds=(0, 1))
block_coefficient = opaque(
    "markov/block_coefficient",
    "block_coefficient(K) = kappa(A), the Dobrushin coefficient of A = P_R^K (D9)",
    latex=r"\kappa(A)",
    bounds=(0, 1),
    nonnegative=True,
)
slem_of_block = Lemma(
    "markov/slem_of_block",
    "No eigenvalue of A = P_R^K other than 1 exceeds its Dobrushin coefficient",
    (K, kappa),
    le(slem() ** _K, _kappa),
    Citation(Source("dobrushin1956", "contraction coefficient", recheck=True)),
    hypotheses=(le(block_coefficient(_K), _kappa),),
)
rate_is_slem = Lemma(
    "markov/rate_is_slem",
    "The distance decays at the rate of the second largest eigenvalue",
    (),
    eq(decay_rate(), slem()),
    Citation(
        Source("hornjohnson2012", "Corollary 5.6.14"),
        "Gelfand's formula for P_R - 1 pi, whose powers P_R^n - 1 pi have largest absolute row sum 2 d(n)",
    ),
)
deviation_of_start = Lemma(
    "markov/deviation_of_start",
    "A total variation distance is half the sum of the absolute differences; d(n) is the largest over the starts",
    (n,),
    le(total_deviation(_n), 2 * full_distance(_n)),
    Citation(Source("levin2017", "Proposition 4.2")),
)
_pairing = over_states(start_deviation(_n, k_) * turned(_n, k_))
_absolute = over_states(sp.Abs(start_deviation(_n, k_)))

spectral_lower = Claim(
    id="markov/spectral_lower",
    title="Eigenvalues bound convergence from below",
    kind=Kind.LOWER,
    text=(
        "|lambda|^n <= 2 d(n) for every eigenvalue lambda != 1 of P_R, starts in R; SLEM <= kappa(A)^(1/K); "
        "d(n)^(1/n) tends to SLEM. An eigenvalue enters through its eigenfunction f with pi f = 0, of which only the "
        "real part turned(n, y) of f is used, scaled to |f| <= 1 and turned so that lambda^n f(x) > 0: it lies in "
        "[-1, 1], and |lambda|^n = sum_y (P_R^n(x, y) - pi(y)) turned(n, y); kappa is kappa(A) or a bound on it"
    ),
    parameters=(n, modulus, K, kappa),
    assumptions=(POSITIVE,),
    hypotheses=(
        Forall((k_,), le(turned(_n, k_), 1)),
        Forall((k_,), ge(turned(_n, k_), -1)),
        eq(_modulus**_n, eigen_pairing(_n)),
        le(block_coefficient(_K), _kappa),
    ),
    statements=(
        lower(full_distance(_n), _modulus**_n / 2, trivial=0, label="distance"),
        upper(slem() ** _K, _kappa, trivial=1, label="contraction"),
        equal(decay_rate(), slem(), label="rate"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(parameters=(size,))
    .have(
        "terms",
        Forall((k_,), le(start_deviation(_n, k_) * turned(_n, k_), sp.Abs(start_deviation(_n, k_)))),
        by=[fact("hypothesis 1", k=k_), fact("hypothesis 2", k=k_), decide],
    )
    .have("sum", le(_pairing, _absolute), by=[Termwise(), fact("terms", k=k_), quick])
    .have("eigenvalue", eq(_modulus**_n, _pairing), by=["hypothesis 3", unfold(eigen_pairing, n_=_n), quick])
    .have(
        "distance of the start",
        le(_absolute, 2 * full_distance(_n)),
        by=[unfold(total_deviation, n_=_n), deviation_of_start.at(), quick],
    )
    .have("distance", ge(full_distance(_n), _modulus**_n / 2), by=["sum", "eigenvalue", "distance of the start", quick])
    .have("contraction", le(slem() ** _K, _kappa), by=["hypothesis 4", slem_of_block.at()])
    .have("rate", eq(decay_rate(), slem()), by=rate_is_slem.at()),
)
