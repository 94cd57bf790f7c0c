"""Mixing matrices and their norms (specification 2.E).

A mixing matrix is known by a number g: an N x N upper triangular matrix with curve(g, t) = max_i Gamma_{i,i+t}, D18.

Main statements
    mixing_matrix_norms     Schur's test, geometric curves, and the exact norm of the all-ones triangle
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.markov.parameters import K, N
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

g = Parameter("g", "g", "number of a mixing matrix", integers(0), (0, 10))
theta = Parameter(
    "theta", r"\theta", "Dobrushin coefficient of a first-order kernel", reals(0, 1, open="upper"), (0, 0.9)
)

_g, _t, _i, _j, _n = sp.symbols("g_ t i j n_", integer=True, nonnegative=True)
_G, _N, _K, _Th = g.symbol, N.symbol, K.symbol, theta.symbol

curve = opaque(
    "markov/curve",
    "curve(g, t) = largest entry Gamma_{i,i+t}; for the windows of a source, the pair curve dbar'(t) (D19)",
    bounds=(0, 1),
    nonnegative=True,
)
matrix_norm = opaque(
    "markov/matrix_norm",
    "matrix_norm(g, N) = spectral norm of the N x N mixing matrix",
    latex=r"\|\Gamma\|",
    nonnegative=True,
)


def curve_sum(matrix: Any, last: Any) -> sp.Sum:
    """Sum of the curve over t = 0..last."""
    return sp.Sum(curve(matrix, _t), (_t, 0, last))


triangle = opaque(
    "markov/triangle",
    "triangle() = number of the matrices with ones on and above the diagonal: every Marton coupling is below it",
    integer=True,
    nonnegative=True,
)
contracting = opaque(
    "markov/contracting",
    "contracting() = number of the mixing matrices of a first-order chain under the coupling that is maximal at every "
    "step",
    integer=True,
    nonnegative=True,
)
kernel_coefficient = opaque(
    "markov/kernel_coefficient",
    "kernel_coefficient(g) = Dobrushin coefficient of the kernel of the first-order tokens that mixing matrices g are "
    "about",
    latex=r"\theta",
    bounds=(0, 1),
    nonnegative=True,
)
coupling_step = Lemma(
    "markov/coupling_step",
    "A step of a maximal coupling keeps two copies apart with probability at most theta",
    (theta,),
    Forall((_t,), le(curve(contracting(), _t + 1), _Th * curve(contracting(), _t))),
    hypotheses=(le(kernel_coefficient(contracting()), _Th),),
    statement="copies that have met stay together; copies apart meet with probability at least 1 - theta",
    backing=Citation(
        Source("levin2017", "Proposition 4.7"), "a maximal coupling of the two next-token laws, at every time"
    ),
)
contracted = Lemma(
    "markov/contracted",
    "Gamma_{i,i+t} <= theta^t for a contracting first-order chain",
    (theta,),
    Forall((_t,), le(curve(contracting(), _t), _Th**_t)),
    hypotheses=(le(kernel_coefficient(contracting()), _Th),),
    backing=derive()
    .have("step", coupling_step.conclusion, by=["hypothesis 1", coupling_step.at()])
    .have(
        "powers",
        Forall((_n,), le(curve(contracting(), _n), _Th**_n)),
        by=[Induction(_n), fact("step", t=_n), unfold(curve), quick],
    ),
)

schur_test = Lemma(
    "markov/schur_test",
    "A non-negative matrix has norm at most the root of its largest row sum times its largest column sum",
    (g, N),
    le(matrix_norm(_G, _N), curve_sum(_G, _N - 1)),
    statement="rows and columns of Gamma sum to at most the sum of its curve over t < N",
    backing=Citation(Source("hornjohnson2012", "section 5.6, |A|_2^2 <= |A|_1 |A|_inf")),
)
_geometric = Forall((_n,), eq(sp.Sum(_Th**_t, (_t, 0, _n)), (1 - _Th ** (_n + 1)) / (1 - _Th)))
geometric_sum = Lemma(
    "markov/geometric_sum",
    "Partial sums of a geometric series",
    (theta, N),
    le(sp.Sum(_Th**_t, (_t, 0, _N - 1)), 1 / (1 - _Th)),
    backing=derive()
    .have("sum", _geometric, by=[Induction(_n), quick])
    .have("rest", ge(_Th**_N, 0), by=quick)
    .have(
        "at the last",
        eq(sp.Sum(_Th**_t, (_t, 0, _N - 1)), (1 - _Th**_N) / (1 - _Th)),
        by=[fact("sum", n_=_N - 1), quick],
    )
    .have("bound", le((1 - _Th**_N) / (1 - _Th), 1 / (1 - _Th)), by=["rest", quick])
    .have("conclusion", le(sp.Sum(_Th**_t, (_t, 0, _N - 1)), 1 / (1 - _Th)), by=["at the last", "bound", quick]),
)

triangle_norm = Lemma(
    "markov/triangle_norm",
    "Norm of the all-ones upper triangle",
    (N,),
    eq(matrix_norm(triangle(), _N), 1 / (2 * sp.sin(sp.pi / (4 * _N + 2)))),
    statement="u_i = cos((2i-1)pi/(4N+2)), v_j = sin(2j pi/(4N+2)) is a positive singular pair",
    backing=Citation(Source("hornjohnson2012", "Cor. 8.1.30 (a positive eigenvector belongs to the spectral radius)")),
)

_norm = matrix_norm(contracting(), _N)
_triangle = matrix_norm(triangle(), _N)
mixing_matrix_norms = Claim(
    id="markov/mixing_matrix_norms",
    title="Norms of mixing matrices",
    kind=Kind.UPPER,
    text=(
        "A first-order chain whose kernel has Dobrushin coefficient at most theta has |Gamma| <= 1/(1-theta); a "
        "non-negative Toeplitz matrix has norm at most the sum of its curve; the all-ones upper triangle has norm "
        "1/(2 sin(pi/(4N+2))), about 2N/pi, so that the mere existence of a Marton coupling says nothing"
    ),
    parameters=(theta, N, g),
    hypotheses=(le(kernel_coefficient(contracting()), _Th),),
    statements=(
        upper(_norm, 1 / (1 - _Th), trivial=_N, label="contracting chain"),
        upper(matrix_norm(_G, _N), curve_sum(_G, _N - 1), trivial=_N, label="Schur"),
        equal(_triangle, 1 / (2 * sp.sin(sp.pi / (4 * _N + 2))), label="triangle"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("Schur", schur_test.conclusion, by=schur_test.at())
    .have("powers", contracted.conclusion, by=["hypothesis 1", contracted.at()])
    .have(
        "curve",
        le(curve_sum(contracting(), _N - 1), sp.Sum(_Th**_t, (_t, 0, _N - 1))),
        by=[Termwise(), fact("powers", t=_t), quick],
        note="Gamma_{i,i+t} <= theta^t",
    )
    .have("series", geometric_sum.conclusion, by=geometric_sum.at())
    .have("contracting chain", le(_norm, 1 / (1 - _Th)), by=[schur_test.at(g=contracting()), "curve", "series", quick])
    .have("triangle", eq(_triangle, 1 / (2 * sp.sin(sp.pi / (4 * _N + 2)))), by=triangle_norm.at()),
)
