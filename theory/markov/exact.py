"""Exactly solved small chains (specification 2.A).

Main statements
    two_state_exact     stationary law, distances and mixing time of a chain on two states
    stationary_order2   stationary law of a binary model with a window of two tokens

Notation: lambda = 1 - p01 - p10 is the second eigenvalue of the chain on two states, max pi its heavier state.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, decide, fact, unfold
from theory.lemma import Definition, Lemma, meaning
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, gt, le, lt
from theory.source import OWN, Source

_s = sp.Symbol("s", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)

p01 = Parameter("p01", "p_{01}", "probability of token 1 after token 0", reals(0, 1, open="both"), (0.01, 0.99))
p10 = Parameter("p10", "p_{10}", "probability of token 0 after token 1", reals(0, 1, open="both"), (0.01, 0.99))
steps = Parameter("t", "t", "number of steps", integers(0), (0, 50), "steps")
p, q, t = p01.symbol, p10.symbol, steps.symbol

eigenvalue = 1 - p - q
heavier = sp.Max(p, q) / (p + q)
eta = Parameter("eta", r"\eta", "distance asked for, below max pi = d(0)", reals(0, heavier, open="both"), (0.001, 0.4))

_mass = sp.Function("mass_of_1", real=True)
mass_of_1 = Definition(
    "markov/mass_of_1",
    _mass,
    "mass_of_1(x, t) = P^t(x, 1) for P = [[1-p01, p01], [p10, 1-p10]]; P^t(x, 0) = 1 - mass_of_1(x, t)",
    equations=(
        eq(_mass(0, 0), 0),
        eq(_mass(1, 0), 1),
        Forall((_s, _k), eq(_mass(_s, _k + 1), (1 - _mass(_s, _k)) * p + _mass(_s, _k) * (1 - q))),
    ),
    latex="P^t(x,1)",
)
two_state_law = opaque(
    "markov/two_state_law", "two_state_law(y) = pi(y), the stationary law", bounds=(0, 1), latex=r"\pi"
)
two_state_total = defined(
    "markov/two_state_total",
    "two_state_total() = pi(0) + pi(1), which is 1: pi is a law",
    (),
    two_state_law(0) + two_state_law(1),
    bounds=(1, 1),
    range_by=meaning(two_state_law),
)
two_state_flow = defined(
    "markov/two_state_flow",
    "two_state_flow() = p01 pi(0) - p10 pi(1), which is 0: pi P = pi",
    (),
    p * two_state_law(0) - q * two_state_law(1),
    bounds=(0, 0),
    range_by=meaning(two_state_law),
)


def _spread(k: sp.Expr) -> sp.Expr:
    """Distances in total variation between laws on two states are differences of the mass of state 1."""
    return sp.Max(sp.Abs(_mass(0, k) - two_state_law(1)), sp.Abs(_mass(1, k) - two_state_law(1)))


two_state_distance = defined(
    "markov/two_state_distance",
    "two_state_distance(t) = d(t) = max_x d_TV(P^t(x,.), pi) (D7); on two states d_TV is the difference at state 1",
    (_k,),
    _spread(_k),
    latex="d",
)
two_state_pair_distance = defined(
    "markov/two_state_pair_distance",
    "two_state_pair_distance(t) = dbar(t) = d_TV(P^t(0,.), P^t(1,.)) (D7)",
    (_k,),
    sp.Abs(_mass(0, _k) - _mass(1, _k)),
    latex=r"\bar d",
)
two_state_mixing_time = opaque(
    "markov/two_state_mixing_time",
    "two_state_mixing_time(eta) = least t with d(t) <= eta; at least 1 for eta < max pi = d(0) (D7)",
    latex=r"t_{\mathrm{mix}}",
    bounds=(1, None),
    integer=True,
    positive=True,
)

base = Parameter("r", "r", "factor", reals(0, 1, open="upper"), (0, 0.9))
target = Parameter("y", "y", "value to be reached", reals(0, 1, open="both"), (0.01, 0.9))
first = Parameter("m", "m", "first step", integers(1), (1, 20))
_r, _y, _m = base.symbol, target.symbol, first.symbol
_larger = sp.Max(_r, _y)
first_power_below = Lemma(
    "markov/first_power_below",
    "The first power of r that is at most y, for 0 <= r < 1 and 0 < y < 1",
    (base, target, first),
    eq(_m, sp.ceiling(sp.log(_y) / sp.log(_larger))),
    hypotheses=(le(_r**_m, _y), gt(_r ** (_m - 1), _y)),
    statement="r^m <= y < r^(m-1) gives m = ceil(log y / log max(r, y)); max(r, y) covers r = 0, where m = 1",
    backing=derive()
    .have("base", lt(_larger, 1), by=decide)
    .have("reached", le(_larger**_m, _y), by=["hypothesis 1", "hypothesis 2"], note="if r <= y, then m = 1")
    .have("logs", le(_m * sp.log(_larger), sp.log(_y)), by=["base", "reached"])
    .have("late", le(sp.log(_y) / sp.log(_larger), _m), by=["base", "logs"])
    .have("powers grow", Forall((_k,), le(_r**_k, _larger**_k)), by=Induction(_k))
    .have("monotone", le(_r ** (_m - 1), _larger ** (_m - 1)), by=fact("powers grow", k=_m - 1))
    .have("not before", gt(_larger ** (_m - 1), _y), by=["monotone", "hypothesis 2"])
    .have("logs before", gt((_m - 1) * sp.log(_larger), sp.log(_y)), by=["base", "not before"])
    .have("early", gt(sp.log(_y) / sp.log(_larger), _m - 1), by=["base", "logs before"])
    .have("ceiling", eq(_m, sp.ceiling(sp.log(_y) / sp.log(_larger))), by=["base", "late", "early"]),
)


def _number(name: str, *, nonnegative: bool = False) -> Parameter:
    return Parameter(name, name, "a number", reals(0) if nonnegative else reals(), (0, 1))


_u, _v, _X, _Y, _A, _B = (_number(name) for name in ("u", "v", "X", "Y", "A", "B"))
_R = _number("R", nonnegative=True)
same_size = Lemma(
    "markov/same_size",
    "Equal numbers have equal absolute values",
    (_u, _v),
    eq(sp.Abs(_u.symbol), sp.Abs(_v.symbol)),
    hypotheses=(eq(_u.symbol, _v.symbol),),
    backing=derive().have("same", eq(sp.Abs(_u.symbol), sp.Abs(_v.symbol)), by="hypothesis 1"),
)
larger_multiple = Lemma(
    "markov/larger_multiple",
    "The larger of two multiples of R >= 0",
    (_X, _Y, _A, _B, _R),
    eq(sp.Max(_X.symbol, _Y.symbol), sp.Max(_A.symbol, _B.symbol) * _R.symbol),
    hypotheses=(eq(_X.symbol, _A.symbol * _R.symbol), eq(_Y.symbol, _B.symbol * _R.symbol)),
    backing=derive().have(
        "larger",
        eq(sp.Max(_X.symbol, _Y.symbol), sp.Max(_A.symbol, _B.symbol) * _R.symbol),
        by=["hypothesis 1", "hypothesis 2"],
    ),
)

_F = sp.Function("F", real=True)
ratio = Parameter("ratio", r"\lambda", "ratio of a geometric sequence", reals(), (-1, 1))
geometric = Lemma(
    "markov/geometric",
    "A sequence with F(k+1) = lambda F(k) is geometric",
    (ratio,),
    Forall((_k,), eq(_F(_k), ratio.symbol**_k * _F(0))),
    hypotheses=(Forall((_k,), eq(_F(_k + 1), ratio.symbol * _F(_k))),),
    functions=(_F,),
    backing=derive().have(
        "all",
        Forall((_k,), eq(_F(_k), ratio.symbol**_k * _F(0))),
        by=[Induction(_k), fact("hypothesis 1", k=_k)],
    ),
)


def _powers(x: int, name: str, value: sp.Expr) -> Lemma:
    """P^t(x, 1) = value: its distance from pi(1) is multiplied by lambda at every step."""
    conclusion = Forall((_k,), eq(_mass(x, _k), value))
    excess = sp.Lambda(_k, _mass(x, _k) - p / (p + q))
    return Lemma(
        f"markov/{name}",
        f"P^t({x}, 1) on two states",
        (p01, p10),
        conclusion,
        backing=derive()
        .have(
            "step",
            Forall((_k,), eq(excess(_k + 1), eigenvalue * excess(_k))),
            by=unfold(mass_of_1, s=x, k=_k),
        )
        .have("start", eq(_mass(x, 0), x), by=unfold(mass_of_1, s=x, k=0))
        .have(
            "geometric",
            Forall((_k,), eq(excess(_k), eigenvalue**_k * excess(0))),
            by=["step", geometric.at(ratio=eigenvalue, F=excess)],
        )
        .have(
            "all",
            conclusion,
            by=["start", fact("geometric", k=_k)],
            note=f"entry ({x}, 1) of P^t - 1 pi = lambda^t (I - 1 pi)",
        ),
    )


powers_from_0 = _powers(0, "powers_from_0", p / (p + q) - p / (p + q) * eigenvalue**_k)
powers_from_1 = _powers(1, "powers_from_1", p / (p + q) + q / (p + q) * eigenvalue**_k)
distances = Lemma(
    "markov/distances",
    "Distance from the stationary law on two states",
    (p01, p10),
    Forall((_k,), eq(two_state_distance(_k), heavier * sp.Abs(eigenvalue) ** _k)),
    backing=derive()
    .have("pi(1)", eq(two_state_law(1), p / (p + q)), by=[unfold(two_state_total), unfold(two_state_flow)])
    .have("powers from 0", powers_from_0.conclusion, by=powers_from_0.at())
    .have("powers from 1", powers_from_1.conclusion, by=powers_from_1.at())
    .have(
        "far from 0",
        Forall((_k,), eq(_mass(0, _k) - two_state_law(1), -p / (p + q) * eigenvalue**_k)),
        by=["pi(1)", fact("powers from 0", k=_k)],
    )
    .have(
        "far from 1",
        Forall((_k,), eq(_mass(1, _k) - two_state_law(1), q / (p + q) * eigenvalue**_k)),
        by=["pi(1)", fact("powers from 1", k=_k)],
    )
    .have(
        "absolute from 0",
        Forall((_k,), eq(sp.Abs(_mass(0, _k) - two_state_law(1)), p / (p + q) * sp.Abs(eigenvalue) ** _k)),
        by=[fact("far from 0", k=_k), same_size.at(u=_mass(0, _k) - two_state_law(1), v=-p / (p + q) * eigenvalue**_k)],
    )
    .have(
        "absolute from 1",
        Forall((_k,), eq(sp.Abs(_mass(1, _k) - two_state_law(1)), q / (p + q) * sp.Abs(eigenvalue) ** _k)),
        by=[fact("far from 1", k=_k), same_size.at(u=_mass(1, _k) - two_state_law(1), v=q / (p + q) * eigenvalue**_k)],
    )
    .have("larger start", eq(sp.Max(p / (p + q), q / (p + q)), heavier), by=decide)
    .have(
        "larger",
        Forall((_k,), eq(_spread(_k), sp.Max(p / (p + q), q / (p + q)) * sp.Abs(eigenvalue) ** _k)),
        by=[
            fact("absolute from 0", k=_k),
            fact("absolute from 1", k=_k),
            larger_multiple.at(
                X=sp.Abs(_mass(0, _k) - two_state_law(1)),
                Y=sp.Abs(_mass(1, _k) - two_state_law(1)),
                A=p / (p + q),
                B=q / (p + q),
                R=sp.Abs(eigenvalue) ** _k,
            ),
        ],
    )
    .have(
        "distances",
        Forall((_k,), eq(two_state_distance(_k), heavier * sp.Abs(eigenvalue) ** _k)),
        by=[unfold(two_state_distance, k=_k), fact("larger", k=_k), "larger start"],
    ),
)

_mix = two_state_mixing_time(eta.symbol)
_ratio = eta.symbol / heavier
two_state_exact = Claim(
    id="markov/two_state_exact",
    title="A chain on two states",
    kind=Kind.EQUALITY,
    text=(
        "For T = 2, K = 1: pi = (p10, p01)/(p01 + p10), P^t - 1 pi = lambda^t (I - 1 pi) with lambda = 1 - p01 - p10, "
        "d(t) = max(pi) |lambda|^t, dbar(t) = |lambda|^t, and t_mix(eta) = ceil(log(eta/max pi)/log|lambda|) for "
        "eta < max pi (1 if |lambda| <= eta/max pi; 0 for eta >= max pi, as d(0) = max pi)"
    ),
    parameters=(p01, p10, steps, eta),
    hypotheses=(le(two_state_distance(_mix), eta.symbol), gt(two_state_distance(_mix - 1), eta.symbol)),
    statements=(
        equal(two_state_law(0), q / (p + q), label="stationary law"),
        equal(_mass(0, t), p / (p + q) - p / (p + q) * eigenvalue**t, label="power"),
        equal(two_state_distance(t), heavier * sp.Abs(eigenvalue) ** t, label="distance"),
        equal(two_state_pair_distance(t), sp.Abs(eigenvalue) ** t, label="pair distance"),
        equal(_mix, sp.ceiling(sp.log(_ratio) / sp.log(sp.Max(sp.Abs(eigenvalue), _ratio))), label="mixing time"),
    ),
    source=Source("levin2017", "chapter 1"),
    status=Status.CITED,
    derivation=derive()
    .have("stationary law", eq(two_state_law(0), q / (p + q)), by=[unfold(two_state_total), unfold(two_state_flow)])
    .have("pi(1)", eq(two_state_law(1), p / (p + q)), by=[unfold(two_state_total), "stationary law"])
    .have("powers from 0", powers_from_0.conclusion, by=powers_from_0.at())
    .have("powers from 1", powers_from_1.conclusion, by=powers_from_1.at())
    .have("power", eq(_mass(0, t), p / (p + q) - p / (p + q) * eigenvalue**t), by=fact("powers from 0", k=t))
    .have("distances", distances.conclusion, by=distances.at())
    .have("distance", eq(two_state_distance(t), heavier * sp.Abs(eigenvalue) ** t), by=fact("distances", k=t))
    .have(
        "difference",
        eq(_mass(0, t) - _mass(1, t), -(eigenvalue**t)),
        by=["power", fact("powers from 1", k=t)],
    )
    .have(
        "size of the difference",
        eq(sp.Abs(_mass(0, t) - _mass(1, t)), sp.Abs(eigenvalue) ** t),
        by=["difference", same_size.at(u=_mass(0, t) - _mass(1, t), v=-(eigenvalue**t))],
    )
    .have(
        "pair distance",
        eq(two_state_pair_distance(t), sp.Abs(eigenvalue) ** t),
        by=[unfold(two_state_pair_distance, k=t), "size of the difference"],
    )
    .have(
        "mixed",
        le(sp.Abs(eigenvalue) ** _mix, _ratio),
        by=["hypothesis 1", fact("distances", k=_mix)],
    )
    .have(
        "not before",
        gt(sp.Abs(eigenvalue) ** (_mix - 1), _ratio),
        by=["hypothesis 2", fact("distances", k=_mix - 1)],
    )
    .have(
        "mixing time",
        eq(_mix, sp.ceiling(sp.log(_ratio) / sp.log(sp.Max(sp.Abs(eigenvalue), _ratio)))),
        by=["mixed", "not before", first_power_below.at(r=sp.Abs(eigenvalue), y=_ratio, m=_mix)],
    ),
)

a = Parameter("a", "a", "P(1|00)", reals(0, 1, open="both"), (0.01, 0.99))
b = Parameter("b", "b", "P(1|01)", reals(0, 1, open="both"), (0.01, 0.99))
c = Parameter("c", "c", "P(1|10)", reals(0, 1, open="both"), (0.01, 0.99))
e = Parameter("e", "e", "P(1|11)", reals(0, 1, open="both"), (0.01, 0.99))
_a, _b, _c, _e = a.symbol, b.symbol, c.symbol, e.symbol
order2_law = opaque(
    "markov/order2_law",
    "order2_law(u) = pi(u) for the context with base-2 value u, of the chain on 00, 01, 10, 11: balance and mass 1",
    latex=r"\pi",
)
_total = (1 - _c) / _a + 2 + _b / (1 - _e)
_00, _01, _10, _11 = (order2_law(u) for u in range(4))

stationary_order2 = Claim(
    id="markov/stationary_order2",
    title="Stationary law of a binary model with a window of two tokens",
    kind=Kind.EQUALITY,
    text=(
        "With a, b, c, e = P(1|00), P(1|01), P(1|10), P(1|11) in (0, 1) the stationary law on 00, 01, 10, 11 is "
        "proportional to ((1-c)/a, 1, 1, b/(1-e))"
    ),
    parameters=(a, b, c, e),
    hypotheses=(
        eq(_00, _00 * (1 - _a) + _10 * (1 - _c)),
        eq(_01, _00 * _a + _10 * _c),
        eq(_10, _01 * (1 - _b) + _11 * (1 - _e)),
        eq(_11, _01 * _b + _11 * _e),
        eq(_00 + _01 + _10 + _11, 1),
    ),
    statements=(
        equal(_00, (1 - _c) / _a / _total, label="00"),
        equal(_01, 1 / _total, label="01"),
        equal(_10, 1 / _total, label="10"),
        equal(_11, _b / (1 - _e) / _total, label="11"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("balance at 00", eq(_00, _10 * (1 - _c) / _a), by="hypothesis 1")
    .have("balance at 11", eq(_11, _01 * _b / (1 - _e)), by="hypothesis 4")
    .have("flow", eq(_01, _10), by=["hypothesis 1", "hypothesis 2"], note="into 01 as much as out of 10")
    .have("mass", eq(_10 * _total, 1), by=["balance at 00", "balance at 11", "flow", "hypothesis 5"])
    .have("total", gt(_total, 0), by=decide)
    .have("10", eq(_10, 1 / _total), by=["mass", "total"])
    .have("01", eq(_01, 1 / _total), by=["10", "flow"])
    .have("00", eq(_00, (1 - _c) / _a / _total), by=["balance at 00", "10", "total"])
    .have("11", eq(_11, _b / (1 - _e) / _total), by=["balance at 11", "01", "total"]),
)
