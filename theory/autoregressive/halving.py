"""Tokens that are constant on a subcube: a lower bound on length (specification `autoregressive` 2D).

Main statements
    fixed_for_one, fixed_for_zero   half of the free bits of a threshold gate decide it, whatever the other half is
    free_bits_left                  t halvings of n bits leave more than (n + 1)/2^t - 1
    halving_lower_bound             least length of a function that is constant on no large subcube
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, Proposition, eq, ge, gt, le
from theory.source import OWN

n = Parameter("n", "n", "number of input bits", integers(1), (1, 32), "bits")
T = Parameter("T", "T", "tokens of a predictor that computes the function", integers(1), (1, 8), "tokens")
D = Parameter("D", "D", "the function is constant on no subcube of D + 1 bits", integers(0), (0, 8), "bits")
L = Parameter("L", "L", "floor(log2(n/(D + 1))), the largest L with 2^L (D + 1) <= n", integers(0), (0, 5))
half = Parameter("half", "r", "bits that stay free, floor(m/2) of m free bits", integers(0), (0, 4), "bits")
large = Parameter("large", "k", "bits that are fixed, ceil(m/2)", integers(half.symbol), (0, 4), "bits")
theta = Parameter("theta", r"\theta", "threshold of the gate", reals(), (-3, 3))
_n, _T, _D, _L, _r, _k, _theta = (p.symbol for p in (n, T, D, L, half, large, theta))

_t = sp.Symbol("t", integer=True, nonnegative=True)
_m = sp.Symbol("m", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, positive=True)

fixed_weight = sp.Function("fixed_weight", real=True)
free_weight = sp.Function("free_weight", real=True)
free_bit = sp.Function("free_bit", real=True)


def _fixed(term: sp.Expr) -> sp.Sum:
    return sp.Sum(term, (_j, 1, _k))


def _free(term: sp.Expr) -> sp.Sum:
    return sp.Sum(term, (_j, 1, _r))


up, down = _fixed(sp.Max(fixed_weight(_j), 0)), _fixed(sp.Min(fixed_weight(_j), 0))
most, least = _free(sp.Max(free_weight(_j), 0)), _free(sp.Min(free_weight(_j), 0))
rest = _free(free_weight(_j) * free_bit(_j))
_setting: tuple[Proposition, ...] = (
    Forall((_j,), le(sp.Abs(free_weight(_j)), sp.Abs(fixed_weight(_j))), (le(_j, _r),)),
    Forall((_j,), ge(free_bit(_j), 0)),
    Forall((_j,), le(free_bit(_j), 1)),
)
_functions = (fixed_weight, free_weight, free_bit)

sums_of_signs = Lemma(
    "autoregressive/sums_of_signs",
    "The free bits add at least the sum of their negative weights and at most that of the positive ones",
    (half,),
    ge(rest, least),
    hypotheses=_setting[1:],
    functions=(free_weight, free_bit),
    backing=derive()
    .have(
        "each",
        Forall((_j,), ge(free_weight(_j) * free_bit(_j), sp.Min(free_weight(_j), 0))),
        by=[fact("hypothesis 1", j=_j), fact("hypothesis 2", j=_j), decide],
    )
    .have("sum", ge(rest, least), by=[Termwise(), fact("each", j=_j)]),
)
sums_of_signs_above = Lemma(
    "autoregressive/sums_of_signs_above",
    "The free bits add at most the sum of their positive weights",
    (half,),
    le(rest, most),
    hypotheses=_setting[1:],
    functions=(free_weight, free_bit),
    backing=derive()
    .have(
        "each",
        Forall((_j,), le(free_weight(_j) * free_bit(_j), sp.Max(free_weight(_j), 0))),
        by=[fact("hypothesis 1", j=_j), fact("hypothesis 2", j=_j), decide],
    )
    .have("sum", le(rest, most), by=[Termwise(), fact("each", j=_j)]),
)
_sizes = sp.Abs(fixed_weight(_j))
_differences = sp.Max(fixed_weight(_j), 0) - sp.Min(fixed_weight(_j), 0)
_free_differences = sp.Max(free_weight(_j), 0) - sp.Min(free_weight(_j), 0)
swing = Lemma(
    "autoregressive/swing",
    "The fixed bits swing the sum at least as far as the free ones",
    (half, large),
    ge(up - down, most - least),
    hypotheses=(_setting[0],),
    functions=(fixed_weight, free_weight),
    backing=derive()
    .have("parts of a fixed one", Forall((_j,), eq(_differences, _sizes)), by=quick)
    .have("fixed sizes", eq(_fixed(_differences), _fixed(_sizes)), by=[Termwise(), fact("parts of a fixed one", j=_j)])
    .have("fixed parts", eq(up - down, _fixed(_differences)), by=algebra)
    .have("parts of a free one", Forall((_j,), eq(_free_differences, sp.Abs(free_weight(_j)))), by=quick)
    .have(
        "free sizes",
        eq(_free(_free_differences), _free(sp.Abs(free_weight(_j)))),
        by=[Termwise(), fact("parts of a free one", j=_j)],
    )
    .have("free parts", eq(most - least, _free(_free_differences)), by=algebra)
    .have(
        "more bits, more swing",
        Forall((_m,), ge(sp.Sum(_sizes, (_j, 1, _m)), _free(_sizes)), (ge(_m, _r),)),
        by=[Induction(_m, _r), quick],
    )
    .have("as many bits", ge(_fixed(_sizes), _free(_sizes)), by=fact("more bits, more swing", m=_k))
    .have(
        "one by one",
        le(_free(sp.Abs(free_weight(_j))), _free(_sizes)),
        by=[Termwise(), fact("hypothesis 1", j=_j)],
    )
    .have("fixed swing", ge(up - down, _free(_sizes)), by=["fixed parts", "fixed sizes", "as many bits"])
    .have("free swing", le(most - least, _free(_sizes)), by=["free parts", "free sizes", "one by one"])
    .have("swing", ge(up - down, most - least), by=["fixed swing", "free swing", quick]),
)

choice = Parameter(
    "c", "c", "1 where theta <= up + least: the bits are then fixed for the value 1", integers(0, 1), (0, 1)
)
output = Parameter("v", "v", "value of the gate", integers(0, 1), (0, 1))
_c, _v = choice.symbol, output.symbol
_scores = tuple(
    Parameter(name, name, meaning, reals(), (-3, 3))
    for name, meaning in (
        ("up", "largest sum of the fixed bits"),
        ("down", "smallest sum of the fixed bits"),
        ("most", "largest sum of the free bits"),
        ("least", "smallest sum of the free bits"),
        ("rest", "sum of the free bits"),
    )
)
_U, _W, _M, _N, _R = (p.symbol for p in _scores)


def chosen(high: sp.Expr, smallest: sp.Expr) -> tuple[Proposition, ...]:
    """c = 1 where theta <= high + smallest, and c = 0 elsewhere."""
    room = high + smallest - _theta
    return ge(_c * room, 0), gt(_c - (1 - _c) * room, 0)


def decided(score: sp.Expr) -> tuple[Proposition, ...]:
    """v = 1 where theta <= score, and v = 0 elsewhere."""
    return ge(_v * (score - _theta), 0), gt(_v - (1 - _v) * (score - _theta), 0)


constant_gate = Lemma(
    "autoregressive/constant_gate",
    "With the fixed bits set by the choice, the gate has the chosen value for all settings of the free bits",
    (theta, choice, output, *_scores),
    eq(_v, _c),
    hypotheses=(
        ge(_U - _W, _M - _N),
        ge(_R, _N),
        le(_R, _M),
        *chosen(_U, _N),
        *decided(_c * _U + (1 - _c) * _W + _R),
    ),
    backing=derive().have("one value", eq(_v, _c), by=[*(f"hypothesis {i}" for i in range(1, 8)), decide]),
)

_free_bits = sp.Function("free_bits", integer=True, nonnegative=True)
free_bits = Definition(
    "autoregressive/free_bits",
    _free_bits,
    "free_bits(n, t) = bits that are still free after t tokens were made constant, one after the other: a token on m "
    "free bits becomes constant when the ceil(m/2) bits of largest weight are fixed, and floor(m/2) stay free",
    equations=(
        Forall((_m,), eq(_free_bits(_m, 0), _m)),
        Forall((_m, _t), eq(_free_bits(_m, _t + 1), sp.floor(_free_bits(_m, _t) / 2))),
    ),
)
free_bits_left = Lemma(
    "autoregressive/free_bits_left",
    "t halvings of n bits leave at least (n + 1)/2^t - 1",
    (n,),
    Forall((_t,), ge((free_bits(_n, _t) + 1) * 2**_t, _n + 1)),
    backing=derive()
    .have("floor", Forall((_m,), ge(2 * sp.floor(_m / 2) + 1, _m)), by=decide)
    .have("start", eq(free_bits(_n, 0), _n), by=unfold(free_bits, m=_n))
    .have(
        "halved",
        Forall((_t,), ge(2 * free_bits(_n, _t + 1) + 1, free_bits(_n, _t))),
        by=[unfold(free_bits, m=_n, t=_t), fact("floor", m=free_bits(_n, _t)), quick],
    )
    .have(
        "left",
        Forall((_t,), ge((free_bits(_n, _t) + 1) * 2**_t, _n + 1)),
        by=[Induction(_t), "start", fact("halved", t=_t), decide],
    ),
)

tokens_from_halvings = Lemma(
    "autoregressive/tokens_from_halvings",
    "T halvings that leave at most D of n >= 2^L (D + 1) bits are more than L",
    (n, T, D, L),
    ge(_T, _L + 1),
    hypotheses=(le(2**_L * (_D + 1), _n), le(free_bits(_n, _T), _D)),
    backing=derive()
    .have("left", free_bits_left.conclusion, by=free_bits_left.at())
    .have("free bits", ge((free_bits(_n, _T) + 1) * 2**_T, _n + 1), by=fact("left", t=_T))
    .have("no more than D", gt((_D + 1) * 2**_T, _n), by=["free bits", "hypothesis 2", decide])
    .have("powers", gt(2**_T, 2**_L), by=["no more than D", "hypothesis 1", decide])
    .have("length", ge(_T, _L + 1), by=["powers", decide]),
)

halving_lower_bound = Claim(
    id="autoregressive/halving_lower_bound",
    title="T tokens are constant on a subcube of dimension floor(n/2^T)",
    kind=Kind.LOWER,
    text=(
        "A threshold gate on m free bits becomes constant when the ceil(m/2) bits of largest |weight| are set "
        "suitably. Over bits, a function that is constant on no subcube of D + 1 bits therefore needs at least "
        "floor(log2(n/(D + 1))) + 1 tokens of a linear autoregressive predictor"
    ),
    parameters=(n, T, D, L, half, large, theta, choice, output),
    hypotheses=(
        *_setting,
        *chosen(up, least),
        *decided(_c * up + (1 - _c) * down + rest),
        le(2**_L * (_D + 1), _n),
        le(free_bits(_n, _T), _D),
    ),
    statements=(
        lower(_T, _L + 1, trivial=1, label="length"),
        equal(_v, _c, label="one value"),
        lower((free_bits(_n, _T) + 1) * 2**_T, _n + 1, label="free bits"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "last hypothesis: all T tokens are constant on a subcube of free_bits(n, T) bits, the tokens before a token "
        "being constants there, and the function is constant on none of D + 1 bits",
    ),
    derivation=derive()
    .have("swing", swing.conclusion, by=["hypothesis 1", swing.at()])
    .have("free bits above", le(rest, most), by=["hypothesis 2", "hypothesis 3", sums_of_signs_above.at()])
    .have("free bits below", ge(rest, least), by=["hypothesis 2", "hypothesis 3", sums_of_signs.at()])
    .have(
        "one value",
        eq(_v, _c),
        by=[
            "swing",
            "free bits above",
            "free bits below",
            *(f"hypothesis {i}" for i in range(4, 8)),
            constant_gate.at(up=up, down=down, most=most, least=least, rest=rest),
        ],
    )
    .have("left", free_bits_left.conclusion, by=free_bits_left.at())
    .have("free bits", ge((free_bits(_n, _T) + 1) * 2**_T, _n + 1), by=fact("left", t=_T))
    .have("length", ge(_T, _L + 1), by=["hypothesis 8", "hypothesis 9", tokens_from_halvings.at()]),
)
