"""The best accuracy on a parity without a chain (specification `autoregressive` 2F).

Main statements
    parity_no_cot   one token is the parity of a bits on a share 1/2 + 2^-a C(a-1, floor((a-1)/2)) of the inputs at most
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, Proposition, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

a = Parameter("a", "a", "number of bits of the parity", integers(1), (1, 6), "bits")
w_i = Parameter("w_i", "w_i", "least weight, of the bit along which inputs are paired", reals(0), (0, 3))
theta = Parameter("theta", r"\theta", "threshold of the gate", reals(), (-3, 3))
_a, _w, _theta = a.symbol, w_i.symbol, theta.symbol
_points = 2 ** (_a - 1) - 1  # the settings of the other a - 1 bits are the integers 0.._points
_y, _z = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("y", "z"))
_j = sp.Symbol("j", integer=True, positive=True)

_m = sp.Symbol("m", integer=True, nonnegative=True)
_N = sp.Symbol("N", integer=True, nonnegative=True)

bit_weight = sp.Function("bit_weight", real=True)
bit_of = sp.Function("bit_of", integer=True)
below = sp.Function("below", integer=True)
differs = sp.Function("differs", integer=True, positive=True)
member = sp.Function("member", integer=True)
parity_sign = sp.Function("parity_sign", real=True)

weight_below = defined(
    "autoregressive/weight_below",
    "weight_below(y) = w . y over the bits of an input, bit i being 0 in every y",
    (_y,),
    sp.Sum(bit_weight(_j) * bit_of(_y, _j), (_j, 1, _a)),
)
gate_agreement = defined(
    "autoregressive/gate_agreement",
    "gate_agreement() = share of the 2^a inputs on which the gate is the parity: on the pair y without and with bit i, "
    "1 + (-1)^|y| member(y) inputs agree, member(y) = gate with bit i - gate without",
    (),
    (2 ** (_a - 1) + sp.Sum(parity_sign(_y) * member(_y), (_y, 0, _points))) / 2**_a,
)
_choose = sp.Function("choose", integer=True)
choose = Definition(
    "autoregressive/choose",
    _choose,
    "choose(N, i) = C(N, i) by Pascal's rule",
    equations=(
        Forall((_N,), eq(_choose(_N, 0), 1)),
        Forall((_m,), eq(_choose(0, _m + 1), 0)),
        Forall((_N, _m), eq(_choose(_N + 1, _m + 1), _choose(_N, _m) + _choose(_N, _m + 1))),
    ),
)
_i = sp.Symbol("i", integer=True, nonnegative=True)
symmetric_agreement = defined(
    "autoregressive/symmetric_agreement",
    "symmetric_agreement(N, m) = share of the inputs of N + 1 bits on which [|x| > m] is the parity: 1/2 plus 2^-(N+1) "
    "times the alternating sum of C(N + 1, i) up to m",
    (_N, _m),
    sp.Rational(1, 2) + sp.Sum((-1) ** _i * choose(_N + 1, _i), (_i, 0, _m)) / 2 ** (_N + 1),
)

_boundary = sp.Sum(member(_y), (_y, 0, _points))
_largest = sp.binomial(_a - 1, sp.floor((_a - 1) / 2))
_antichain = Forall((_y, _z), le(member(_y) + member(_z) + below(_y, _z), 2))
_indicator = (Forall((_y,), ge(member(_y), 0)), Forall((_y,), le(member(_y), 1)))
sperner = Lemma(
    "autoregressive/sperner",
    "Sperner's theorem: an antichain of subsets of a - 1 elements has at most C(a-1, floor((a-1)/2)) members",
    (a,),
    le(_boundary, _largest),
    hypotheses=(*_indicator, _antichain),
    backing=Citation(Source("sperner1928", "theorem")),
    statement="y = 0..2^(a-1) - 1 are the subsets; below(y, z) is 1 where y is a proper subset of z, else 0",
)
_order: tuple[Proposition, ...] = (
    Forall((_y, _z), ge(below(_y, _z), 0)),
    Forall((_y, _z), le(below(_y, _z), 1)),
    Forall((_y, _z, _j), ge(below(_y, _z) * (bit_of(_z, _j) - bit_of(_y, _j)), 0)),
    Forall((_y, _z), ge(below(_y, _z) * (bit_of(_z, differs(_y, _z)) - bit_of(_y, differs(_y, _z)) - 1), 0)),
    Forall((_y, _z), le(differs(_y, _z), _a)),
)
_weights = Forall((_j,), ge(bit_weight(_j), _w))
_gained = below(_y, _z) * bit_weight(_j) * (bit_of(_z, _j) - bit_of(_y, _j))
_gain = sp.Sum(_gained, (_j, 1, _a))
heavier_above = Lemma(
    "autoregressive/heavier_above",
    "A proper superset weighs at least w_i more",
    (a, w_i),
    Forall((_y, _z), ge(below(_y, _z) * (weight_below(_z) - weight_below(_y) - _w), 0)),
    hypotheses=(*_order, _weights),
    backing=derive()
    .have(
        "terms",
        Forall((_y, _z, _j), ge(_gained, 0)),
        by=[fact("hypothesis 3", y=_y, z=_z, j=_j), fact("hypothesis 6", j=_j), decide],
    )
    .have(
        "one term",
        Forall((_y, _z), ge(_gained.xreplace({_j: differs(_y, _z)}), below(_y, _z) * _w)),
        by=[
            fact("hypothesis 1", y=_y, z=_z),
            fact("hypothesis 4", y=_y, z=_z),
            fact("hypothesis 6", j=differs(_y, _z)),
            decide,
        ],
    )
    .have(
        "gain",
        Forall((_y, _z), ge(_gain, below(_y, _z) * _w)),
        by=[
            SingleTerm(differs(_y, _z)),
            fact("terms", y=_y, z=_z, j=_j),
            fact("one term", y=_y, z=_z),
            fact("hypothesis 5", y=_y, z=_z),
        ],
    )
    .have(
        "difference",
        Forall(
            (_y, _z),
            eq(
                _gain,
                below(_y, _z) * sp.Sum(bit_weight(_j) * bit_of(_z, _j), (_j, 1, _a))
                - below(_y, _z) * sp.Sum(bit_weight(_j) * bit_of(_y, _j), (_j, 1, _a)),
            ),
        ),
        by=algebra,
    )
    .have(
        "heavier",
        Forall((_y, _z), ge(below(_y, _z) * (weight_below(_z) - weight_below(_y) - _w), 0)),
        by=[
            fact("gain", y=_y, z=_z),
            fact("difference", y=_y, z=_z),
            unfold(weight_below, y=_y),
            unfold(weight_below, y=_z),
            quick,
        ],
    ),
)

antichain = Lemma(
    "autoregressive/antichain",
    "The settings at which bit i decides the gate are an antichain",
    (a, w_i, theta),
    _antichain,
    hypotheses=(
        *_order,
        _weights,
        *_indicator,
        Forall((_y,), ge(member(_y) * (weight_below(_y) - _theta + _w), 0)),
        Forall((_y,), gt(member(_y) * (_theta - weight_below(_y)) + 1 - member(_y), 0)),
    ),
    backing=derive()
    .have(
        "heavier",
        heavier_above.conclusion,
        by=[*(f"hypothesis {i}" for i in range(1, 7)), heavier_above.at()],
    )
    .have(
        "antichain",
        _antichain,
        by=[
            fact("heavier", y=_y, z=_z),
            *(fact(f"hypothesis {i}", y=_y, z=_z) for i in (1, 2)),
            *(fact(f"hypothesis {i}", y=_y) for i in (7, 8, 9, 10)),
            *(fact(f"hypothesis {i}", y=_z) for i in (7, 8, 9, 10)),
            decide,
        ],
    ),
)
alternating_sum = Lemma(
    "autoregressive/alternating_sum",
    "sum_{i<=m} (-1)^i C(N+1, i) = (-1)^m C(N, m)",
    (),
    Forall((_N, _m), eq(sp.Sum((-1) ** _i * choose(_N + 1, _i), (_i, 0, _m)), (-1) ** _m * choose(_N, _m))),
    backing=derive()
    .have("first", Forall((_N,), eq(choose(_N, 0), 1)), by=unfold(choose, N=_N))
    .have("first after", Forall((_N,), eq(choose(_N + 1, 0), 1)), by=fact("first", N=_N + 1))
    .have(
        "Pascal",
        Forall((_N, _m), eq(choose(_N + 1, _m + 1), choose(_N, _m) + choose(_N, _m + 1))),
        by=unfold(choose, N=_N, m=_m),
    )
    .have(
        "sum",
        Forall((_N, _m), eq(sp.Sum((-1) ** _i * choose(_N + 1, _i), (_i, 0, _m)), (-1) ** _m * choose(_N, _m))),
        by=[Induction(_m), fact("first", N=_N), fact("first after", N=_N), fact("Pascal", N=_N, m=_m), quick],
    ),
)

cut = Parameter("cut", "m", "the gate [|x| > m] of a = N + 1 bits", integers(0), (0, 3))
rest = Parameter("others", "N", "a - 1", integers(0), (0, 5))
_cut, _rest = cut.symbol, rest.symbol

parity_no_cot = Claim(
    id="autoregressive/parity_no_cot",
    title="The best accuracy on a parity without a chain",
    kind=Kind.UPPER,
    text=(
        "Over uniform bits one token of a linear predictor agrees with the parity of a bits with probability at most "
        "1/2 + 2^-a C(a-1, floor((a-1)/2)), and [|x| >= ceil(a/2)] or its complement attains it"
    ),
    parameters=(a, w_i, theta, rest, cut),
    hypotheses=(*antichain.hypotheses, Forall((_y,), le(parity_sign(_y), 1))),
    statements=(
        upper(gate_agreement(), sp.Rational(1, 2) + _largest / 2**_a, trivial=1, label="best"),
        equal(
            symmetric_agreement(_rest, _cut),
            sp.Rational(1, 2) + (-1) ** _cut * choose(_rest, _cut) / 2 ** (_rest + 1),
            label="symmetric gate",
        ),
    ),
    source=OWN,
    status=Status.OWN,
    expected=Verdict.TIGHT,
    remarks=(
        "flipping a variable only changes the sign of the sum over x of (-1)^|x| h(x), and complementing the gate "
        "too, so all weights are taken >= 0, w_i the least; bits outside the parity are conditioned on",
    ),
    derivation=derive()
    .have("antichain", _antichain, by=[*(f"hypothesis {i}" for i in range(1, 11)), antichain.at()])
    .have("Sperner", le(_boundary, _largest), by=["hypothesis 7", "hypothesis 8", "antichain", sperner.at()])
    .have(
        "each",
        Forall((_y,), le(parity_sign(_y) * member(_y), member(_y))),
        by=[fact("hypothesis 7", y=_y), fact("hypothesis 11", y=_y), decide],
    )
    .have(
        "boundary",
        le(sp.Sum(parity_sign(_y) * member(_y), (_y, 0, _points)), _boundary),
        by=[Termwise(), fact("each", y=_y)],
    )
    .have(
        "sum",
        le(sp.Sum(parity_sign(_y) * member(_y), (_y, 0, _points)), _largest),
        by=["boundary", "Sperner"],
    )
    .have("halves", eq(2 ** (_a - 1) / 2**_a, sp.Rational(1, 2)), by=quick)
    .have(
        "share",
        eq(gate_agreement(), sp.Rational(1, 2) + sp.Sum(parity_sign(_y) * member(_y), (_y, 0, _points)) / 2**_a),
        by=[unfold(gate_agreement), quick],
    )
    .have("best", le(gate_agreement(), sp.Rational(1, 2) + _largest / 2**_a), by=["share", "sum", quick])
    .have("alternating", alternating_sum.conclusion, by=alternating_sum.at())
    .have(
        "symmetric gate",
        eq(
            symmetric_agreement(_rest, _cut),
            sp.Rational(1, 2) + (-1) ** _cut * choose(_rest, _cut) / 2 ** (_rest + 1),
        ),
        by=[unfold(symmetric_agreement, N=_rest, m=_cut), fact("alternating", N=_rest, m=_cut), quick],
    ),
)
