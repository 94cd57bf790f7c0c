"""Independent demonstration labels: the early phase is slower and damped.

M = (n_+ - n_-)/L is the mean of L independent signs. With scores +-beta the attention difference is theta = (M + tanh
beta)/(1 + M tanh beta), and the mean pull on p is E g(theta p) theta.

Main statements
    mean_of_signs, square_of_signs   E S = 0 and E S^2 = L for the sum S of L independent signs
    early_phase_iid                  to first order in beta and p: beta (1 - 1/L)/2 - p/(4L)
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.concepts.parameters import L, Nb, kd, lam, pk
from theory.derivation import derive
from theory.justification import Gap, Induction, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge
from theory.source import OWN

_n = sp.Symbol("n", integer=True, nonnegative=True)
_L, _lam, _pk, _kd, _Nb = (p.symbol for p in (L, lam, pk, kd, Nb))
_first, _second = (sp.Function(f"{name}_of_signs", real=True) for name in ("mean", "square"))
_half = sp.Rational(1, 2)

mean_of_signs = Definition(
    "concepts/mean_of_signs",
    _first,
    "mean_of_signs(n) = E S_n, S_n the sum of n independent uniform signs: S_{n+1} = S_n + 1 or S_n - 1, each with "
    "probability 1/2",
    (
        eq(_first(0), 0),
        Forall((_n,), eq(_first(_n + 1), _half * (_first(_n) + 1) + _half * (_first(_n) - 1))),
    ),
)
square_of_signs = Definition(
    "concepts/square_of_signs",
    _second,
    "square_of_signs(n) = E S_n^2",
    (
        eq(_second(0), 0),
        Forall(
            (_n,),
            eq(
                _second(_n + 1),
                _half * (_second(_n) + 2 * _first(_n) + 1) + _half * (_second(_n) - 2 * _first(_n) + 1),
            ),
        ),
    ),
)
no_mean = Lemma(
    "concepts/no_mean",
    "The sum of independent signs has mean 0",
    (L,),
    eq(_first(_L), 0),
    backing=derive()
    .have("all", Forall((_n,), eq(_first(_n), 0)), by=[Induction(_n), unfold(mean_of_signs, n=_n), quick])
    .have("here", eq(_first(_L), 0), by=fact("all", n=_L)),
)
variance_of_signs = Lemma(
    "concepts/variance_of_signs",
    "The sum of L independent signs has mean square L",
    (L,),
    eq(_second(_L), _L),
    backing=derive()
    .have("all", Forall((_n,), eq(_second(_n), _n)), by=[Induction(_n), unfold(square_of_signs, n=_n), quick])
    .have("here", eq(_second(_L), _L), by=fact("all", n=_L)),
)

several = Parameter("L", "L", "number of demonstrations, at least two", integers(2), (2, 16), "demonstrations")
M = Parameter("M", "M", "(n_+ - n_-)/L of one prompt", reals(-1, 1), (-1, 1))
beta = Parameter("beta1", r"\beta_1", "slope of beta along a direction of training", reals(), (-2, 2))
dp = Parameter("p1", "p_1", "slope of p along it", reals(), (-2, 2))
_M, _b1, _p1 = (p.symbol for p in (M, beta, dp))
_x = sp.Symbol("x", real=True)
_P, _W = sp.Symbol("P", real=True), sp.Symbol("W", real=True)

# theta and g(theta p) theta of one prompt, at beta = b1 x and p = p1 x; e = e^(-2 beta), (1 + M)/2 the share of n_+
_e = sp.exp(-2 * _b1 * _x)
_theta = ((1 + _M) - (1 - _M) * _e) / ((1 + _M) + (1 - _M) * _e)
_pull = _theta / (1 + sp.exp(_theta * _p1 * _x))
_slope = _b1 * (1 - _M**2) / 2 - _p1 * _M**2 / 4
delta = _pk * _kd / (4 * _L * _lam)
damped_start = sp.Function("damped_start", real=True)

# the mean field to first order, in the units of the early phase with N_b (1 - 1/L) for N_b
_N = _Nb * (1 - 1 / _L)
_unit_p, _unit_w = 2 * _lam / (_pk * _N), 2 * _lam / (_pk * sp.sqrt(_kd) * _N)
_p, _beta = _P * _unit_p, (_W * _unit_w) ** 2 * _Nb
_field_p = _pk * _kd * (_beta * (1 - 1 / _L) / 2 - _p / (4 * _L)) - _lam * _p
_field_w = _pk * _half * _p * (1 - 1 / _L) * _Nb - _lam
_mean_slope = _b1 * (1 - _second(_L) / _L**2) / 2 - _p1 * (_second(_L) / _L**2) / 4

early_phase_iid = Claim(
    id="concepts/early_phase_iid",
    title="Early phase with independent labels",
    kind=Kind.ASYMPTOTIC,
    text=(
        "With iid labels on clean prompts the pull on p is, to first order in beta and p, beta (1 - 1/L)/2 - p/(4L) in "
        "the mean, since M = (n_+ - n_-)/L has mean 0 and mean square 1/L. With N_b (1 - 1/L) for N_b in the units "
        "this is P' = W^2 - (1 + delta) P, W' = W (P - 1), delta = pi_k kappa_d/(4 L lambda): the critical W_0 is at "
        "least pi/2, with equality at delta = 0. The factor 1 - 1/L alone is not enough"
    ),
    parameters=(several, lam, pk, kd, Nb, M, beta, dp),
    statements=(
        equal(_second(_L) / _L**2, 1 / _L, label="mean square"),
        equal(_first(_L) / _L, 0, label="mean"),
        equal(_mean_slope, _b1 * (1 - 1 / _L) / 2 - _p1 / (4 * _L), label="pull"),
        lower(damped_start(delta), sp.pi / 2, label="critical start"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("the critical start of the damped early phase has no closed form: it is found by integration",),
    derivation=derive()
    .have("no mean", eq(_first(_L), 0), by=no_mean.at())
    .have("variance", eq(_second(_L), _L), by=variance_of_signs.at())
    .have("mean", eq(_first(_L) / _L, 0), by=["no mean", quick])
    .have("mean square", eq(_second(_L) / _L**2, 1 / _L), by=["variance", quick])
    .have(
        "pull of one prompt at 0",
        eq(_pull.subs(_x, 0), _M / 2),
        by=algebra,
        note="its mean is E M/2 = 0",
    )
    .have(
        "slope of one prompt",
        eq(sp.diff(_pull, _x).subs(_x, 0), _slope),
        by=algebra,
        note="along beta = beta_1 x, p = p_1 x",
    )
    .have("pull", eq(_mean_slope, _b1 * (1 - 1 / _L) / 2 - _p1 / (4 * _L)), by=["mean square", decide])
    .have(
        "damped field of P",
        Forall((_P, _W), eq(_field_p / (_lam * _unit_p), _W**2 - (1 + delta) * _P)),
        by=algebra,
    )
    .have("field of W", Forall((_P, _W), eq(_field_w / _lam, _P - 1)), by=algebra)
    .have(
        "critical start",
        ge(damped_start(delta), sp.pi / 2),
        by=Gap("the damped field is below the undamped one: comparison of monotone systems not formalised"),
    ),
)
