"""Periodic walks of the in-context learning experiments (specification 2.G).

Main statements
    walk_period   constrained walk: period 2; polygon walk: period 2 iff d is even, spectral radius cos(pi/d) otherwise

Walks are known by a number: 0 is the constrained walk (0 -> 1, d-1 -> d-2, else 1/2 to each neighbour), 1 the polygon
walk (1/2 to i+1 and i-1 mod d). A closed path of u steps up and w steps down returns after u + w steps.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

corners = Parameter("d", "d", "number of states of the walk", integers(3), (3, 12), "states")
half_corners = Parameter("j", "j", "d = 2j or d = 2j + 1", integers(2), (2, 6))
walk = Parameter("walk", "w", "number of a walk", integers(0), (0, 1))
wrap = Parameter("wrap", "m", "half the length of a turn, 0 on a line", integers(0), (0, 6))
path = Parameter("path", "c", "number of a closed path", integers(0), (0, 6))
divisor = Parameter("divisor", "p", "a positive whole number", integers(1), (1, 3))
quotient = Parameter("quotient", "q", "a whole number", integers(), (1, 3))
value = Parameter("value", "x", "a number", reals(), (0, 1))
time = Parameter("t", "t", "number of steps", integers(0), (0, 20), "steps")
_d, _j, _w, _m, _p, _t = (q.symbol for q in (corners, half_corners, walk, wrap, path, time))
_c = sp.Symbol("c", integer=True, nonnegative=True)
_D = sp.Symbol("D", integer=True, positive=True)
_CONSTRAINED, _POLYGON = 0, 1

period = opaque(
    "markov/period",
    "period(walk, d) = greatest common divisor of the lengths of the closed paths of a walk on d states",
    bounds=(1, None),
    unit="steps",
    integer=True,
    positive=True,
)
up_steps = opaque(
    "markov/up_steps", "up_steps(walk, d, c) = steps i -> i+1 of closed path c", integer=True, nonnegative=True
)
down_steps = opaque(
    "markov/down_steps", "down_steps(walk, d, c) = steps i -> i-1 of closed path c", integer=True, nonnegative=True
)
turns = opaque(
    "markov/turns", "turns(walk, d, c) = how often closed path c goes round the polygon, upwards", integer=True
)
_walk = sp.Symbol("walk_", integer=True, nonnegative=True)
path_length = defined(
    "markov/path_length",
    "path_length(walk, d, c) = number of steps of closed path c; path 0 goes to a neighbour and back, path 1 of the "
    "polygon walk once round",
    (_walk, _D, _c),
    up_steps(_walk, _D, _c) + down_steps(_walk, _D, _c),
    unit="steps",
    integer=True,
    nonnegative=True,
)
cofactor = opaque(
    "markov/cofactor",
    "cofactor(walk, d, c) = path_length(walk, d, c)/period(walk, d), a whole number",
    integer=True,
    nonnegative=True,
)
half_period = opaque(
    "markov/half_period",
    "half_period(walk, d) = period(walk, d)/2 where that is a whole number",
    integer=True,
    nonnegative=True,
)
polygon_slem = opaque(
    "markov/polygon_slem",
    "polygon_slem(d) = largest modulus of an eigenvalue other than 1 of the polygon walk",
    bounds=(0, 1),
    nonnegative=True,
)
walk_distance = opaque(
    "markov/walk_distance",
    "walk_distance(walk, d, t) = max_x d_TV(P^t(x,.), pi) of a walk (D7)",
    bounds=(0, 1),
    nonnegative=True,
)
parity_mass = opaque(
    "markov/parity_mass",
    "parity_mass(walk, d) = stationary probability of the even states of a walk that changes parity at every step",
    bounds=(0, 1),
    nonnegative=True,
)

divides = Lemma(
    "markov/divides",
    "The period divides the length of every closed path",
    (walk, corners, path),
    eq(path_length(_w, _d, _p), period(_w, _d) * cofactor(_w, _d, _p)),
    backing=Citation(Source("levin2017", "section 1.3")),
)
even_period = Lemma(
    "markov/even_period",
    "If every closed path has even length, the period is even",
    (walk, corners, wrap),
    eq(period(_w, _d), 2 * half_period(_w, _d)),
    hypotheses=(Forall((_c,), eq(path_length(_w, _d, _c), 2 * (down_steps(_w, _d, _c) + _m * turns(_w, _d, _c)))),),
    backing=Citation(Source("levin2017", "section 1.3")),
)
absolute = Lemma(
    "markov/absolute",
    "|x| = x for x >= 0",
    (value,),
    eq(sp.Abs(value.symbol), value.symbol),
    hypotheses=(ge(value.symbol, 0),),
    backing=derive().have("sign", eq(sp.Abs(value.symbol), value.symbol), by=["hypothesis 1", quick]),
)
unit_product = Lemma(
    "markov/unit_product",
    "A positive whole number that divides 1 is 1",
    (divisor, quotient),
    eq(divisor.symbol, 1),
    hypotheses=(eq(divisor.symbol * quotient.symbol, 1),),
    backing=derive()
    .have("positive", ge(quotient.symbol, 1), by=["hypothesis 1", quick])
    .have("at most", le(divisor.symbol, 1), by=["hypothesis 1", "positive", quick])
    .have("one", eq(divisor.symbol, 1), by=["at most", quick]),
)
period_two = Lemma(
    "markov/period_two",
    "An even period with a closed path of length 2 is 2",
    (walk, corners),
    eq(period(_w, _d), 2),
    hypotheses=(eq(period(_w, _d), 2 * half_period(_w, _d)), eq(path_length(_w, _d, 0), 2)),
    backing=derive()
    .have(
        "product",
        eq(half_period(_w, _d) * cofactor(_w, _d, 0), 1),
        by=["hypothesis 1", "hypothesis 2", divides.at(path=0), decide],
    )
    .have("half", ge(half_period(_w, _d), 1), by=["product", quick])
    .have("cofactor", ge(cofactor(_w, _d, 0), 1), by=["product", quick])
    .have("one", le(half_period(_w, _d), 1), by=["product", "cofactor", "half", decide])
    .have("period", eq(period(_w, _d), 2), by=["hypothesis 1", "half", "one", decide]),
)
cycle_spectrum = Lemma(
    "markov/cycle_spectrum",
    "The eigenvalues of the walk on d corners are cos(2 pi k/d); for odd d, k = (d-1)/2 gives the largest modulus but "
    "1",
    (half_corners,),
    eq(polygon_slem(2 * _j + 1), sp.Abs(sp.cos(sp.pi / (2 * _j + 1)))),
    backing=Citation(Source("levin2017", "section 12.3.1")),
)
odd_even_distance = Lemma(
    "markov/odd_even_distance",
    "A walk whose closed paths all have even length is at distance at least the stationary mass of the parity it "
    "cannot have",
    (walk, corners, time, wrap),
    ge(walk_distance(_w, _d, _t), sp.Max(parity_mass(_w, _d), 1 - parity_mass(_w, _d))),
    hypotheses=(Forall((_c,), eq(path_length(_w, _d, _c), 2 * (down_steps(_w, _d, _c) + _m * turns(_w, _d, _c)))),),
    statement="closed paths of even length only: the states have two parities, and every step changes the parity",
    backing=Citation(Source("levin2017", "section 1.3 and Prop. 4.2")),
)

_odd = 2 * _j + 1
walk_period = Claim(
    id="markov/walk_period",
    title="The constrained walk is periodic, and so is the walk on an even polygon",
    kind=Kind.STRUCTURAL,
    text=(
        "The constrained walk has period 2 for every d >= 3; the polygon walk has period 2 iff d is even, and for odd "
        "d its second largest modulus of an eigenvalue is cos(pi/d). A walk of period 2 stays at distance at least "
        "1/2, so t_min is infinite (and p_min = 0): Thm 4.3 does not apply to it"
    ),
    parameters=(corners, half_corners, time),
    hypotheses=(
        Forall((_D, _c), eq(up_steps(_CONSTRAINED, _D, _c), down_steps(_CONSTRAINED, _D, _c))),
        Forall((_D, _c), eq(up_steps(_POLYGON, _D, _c), down_steps(_POLYGON, _D, _c) + _D * turns(_POLYGON, _D, _c))),
        Forall((_D,), eq(path_length(_CONSTRAINED, _D, 0), 2)),
        Forall((_D,), eq(path_length(_POLYGON, _D, 0), 2)),
        Forall((_D,), eq(path_length(_POLYGON, _D, 1), _D)),
    ),
    statements=(
        equal(period(_CONSTRAINED, _d), 2, label="constrained"),
        equal(period(_POLYGON, 2 * _j), 2, label="even polygon"),
        equal(period(_POLYGON, _odd), 1, label="odd polygon"),
        equal(polygon_slem(_odd), sp.cos(sp.pi / _odd), label="radius"),
        lower(walk_distance(_CONSTRAINED, _d, _t), sp.Rational(1, 2), trivial=0, label="constrained distance"),
        lower(walk_distance(_POLYGON, 2 * _j, _t), sp.Rational(1, 2), trivial=0, label="polygon distance"),
    ),
    source=Source("zekri2024", "App. D.3, Remark C.1", "v2"),
    status=Status.OWN,
    remarks=(
        "Remark C.1 (`never infinite t_min in our experiments`) is wrong; Fig. 11 says d = 3 but draws four states",
    ),
    derivation=derive(polygon_slem(_odd))
    .have(
        "even on a line",
        Forall(
            (_c,), eq(path_length(_CONSTRAINED, _d, _c), 2 * (down_steps(_CONSTRAINED, _d, _c) + 0 * turns(0, _d, _c)))
        ),
        by=[unfold(path_length, walk_=_CONSTRAINED, D=_d, c=_c), fact("hypothesis 1", D=_d, c=_c), quick],
        note="as many steps up as down",
    )
    .have(
        "half on a line",
        eq(period(_CONSTRAINED, _d), 2 * half_period(_CONSTRAINED, _d)),
        by=["even on a line", even_period.at(walk=_CONSTRAINED, wrap=0)],
    )
    .have("there and back", eq(path_length(_CONSTRAINED, _d, 0), 2), by=[fact("hypothesis 3", D=_d), quick])
    .have(
        "constrained",
        eq(period(_CONSTRAINED, _d), 2),
        by=["half on a line", "there and back", period_two.at(walk=_CONSTRAINED)],
    )
    .have(
        "even on a polygon",
        Forall(
            (_c,),
            eq(
                path_length(_POLYGON, 2 * _j, _c),
                2 * (down_steps(_POLYGON, 2 * _j, _c) + _j * turns(_POLYGON, 2 * _j, _c)),
            ),
        ),
        by=[unfold(path_length, walk_=_POLYGON, D=2 * _j, c=_c), fact("hypothesis 2", D=2 * _j, c=_c), quick],
        note="2j steps a turn",
    )
    .have(
        "half on a polygon",
        eq(period(_POLYGON, 2 * _j), 2 * half_period(_POLYGON, 2 * _j)),
        by=["even on a polygon", even_period.at(walk=_POLYGON, d=2 * _j, wrap=_j)],
    )
    .have(
        "to a neighbour and back", eq(path_length(_POLYGON, 2 * _j, 0), 2), by=[fact("hypothesis 4", D=2 * _j), quick]
    )
    .have(
        "even polygon",
        eq(period(_POLYGON, 2 * _j), 2),
        by=["half on a polygon", "to a neighbour and back", period_two.at(walk=_POLYGON, d=2 * _j)],
    )
    .have(
        "divides 2",
        eq(period(_POLYGON, _odd) * cofactor(_POLYGON, _odd, 0), 2),
        by=[fact("hypothesis 4", D=_odd), divides.at(walk=_POLYGON, d=_odd, path=0), quick],
    )
    .have(
        "divides d",
        eq(period(_POLYGON, _odd) * cofactor(_POLYGON, _odd, 1), _odd),
        by=[fact("hypothesis 5", D=_odd), divides.at(walk=_POLYGON, d=_odd, path=1), quick],
    )
    .have(
        "divides 1",
        eq(period(_POLYGON, _odd) * (cofactor(_POLYGON, _odd, 1) - _j * cofactor(_POLYGON, _odd, 0)), 1),
        by=["divides 2", "divides d", decide],
        note="2j + 1 - j 2 = 1",
    )
    .have(
        "odd polygon",
        eq(period(_POLYGON, _odd), 1),
        by=[
            "divides 1",
            unit_product.at(
                divisor=period(_POLYGON, _odd), quotient=cofactor(_POLYGON, _odd, 1) - _j * cofactor(_POLYGON, _odd, 0)
            ),
        ],
    )
    .have("acute", ge(sp.cos(sp.pi / _odd), 0), by=decide)
    .have(
        "no sign",
        eq(sp.Abs(sp.cos(sp.pi / _odd)), sp.cos(sp.pi / _odd)),
        by=["acute", absolute.at(value=sp.cos(sp.pi / _odd))],
    )
    .eq(sp.Abs(sp.cos(sp.pi / _odd)), by=cycle_spectrum.at(), name="spectrum")
    .eq(sp.cos(sp.pi / _odd), by="no sign", name="radius")
    .have(
        "constrained distance",
        ge(walk_distance(_CONSTRAINED, _d, _t), sp.Rational(1, 2)),
        by=["even on a line", odd_even_distance.at(walk=_CONSTRAINED, wrap=0), quick],
        note="one of the two parities has mass at least 1/2",
    )
    .have(
        "polygon distance",
        ge(walk_distance(_POLYGON, 2 * _j, _t), sp.Rational(1, 2)),
        by=["even on a polygon", odd_even_distance.at(walk=_POLYGON, d=2 * _j, wrap=_j), quick],
    ),
)
