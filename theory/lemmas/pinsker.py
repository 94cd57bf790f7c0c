"""Pinsker's inequality, proved term by term.

Main statements
    excess_at_ratio   (r log r - r + 1)(2r + 4) >= 3 (r - 1)^2
    term              2 d |p-q| <= 2 d^2 (p + 2q)/3 + p log(p/q) - p + q, for every d
    pinsker           2 d_TV^2 <= d_KL(p||q), by summing with d = d_TV

References: Cover and Thomas (2006), lemma 11.6.1; Tsybakov (2008), lemma 2.5.
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.lemmas.divergence import kullback_leibler, laws, p, q, r, top, total, total_variation, within
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

x = Parameter("x", "x", "a probability", reals(0, sp.oo, open="lower"), (0.1, 1))
y = Parameter("y", "y", "another probability", reals(0, sp.oo, open="lower"), (0.1, 1))
d = Parameter("d", "d", "total variation of p and q", reals(), (0, 1))

_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_r, _x, _y, _d = r.symbol, x.symbol, y.symbol, d.symbol
_divergence = _x * sp.log(_x / _y) - _x + _y

excess_at_ratio = Lemma(
    "pinsker/excess_at_ratio",
    "r log r - r + 1 is at least a weighted square",
    (r,),
    ge((_r * sp.log(_r) - _r + 1) * (2 * _r + 4), 3 * (_r - 1) ** 2),
    backing=derive().have("signs", ge((_r * sp.log(_r) - _r + 1) * (2 * _r + 4), 3 * (_r - 1) ** 2), by=decide),
)
excess = Lemma(
    "pinsker/excess",
    "p log(p/q) - p + q is at least a weighted square",
    (x, y),
    ge(_divergence * (2 * _x + 4 * _y), 3 * (_x - _y) ** 2),
    backing=derive()
    .have(
        "ratio",
        ge((_x / _y * sp.log(_x / _y) - _x / _y + 1) * (2 * _x / _y + 4), 3 * (_x / _y - 1) ** 2),
        by=excess_at_ratio.at(r=_x / _y),
    )
    .have(
        "left",
        eq(_y**2 * (_x / _y * sp.log(_x / _y) - _x / _y + 1) * (2 * _x / _y + 4), _divergence * (2 * _x + 4 * _y)),
        by=algebra,
    )
    .have("right", eq(_y**2 * 3 * (_x / _y - 1) ** 2, 3 * (_x - _y) ** 2), by=algebra)
    .have(
        "times q^2",
        ge(_y**2 * (_x / _y * sp.log(_x / _y) - _x / _y + 1) * (2 * _x / _y + 4), _y**2 * 3 * (_x / _y - 1) ** 2),
        by=["ratio", decide],
    )
    .have("excess", ge(_divergence * (2 * _x + 4 * _y), 3 * (_x - _y) ** 2), by=["left", "right", "times q^2"]),
)
_deviation = Parameter("s", "s", "|p - q|", reals(0), (0, 1))
_phi = Parameter("phi", r"\phi", "p log(p/q) - p + q", reals(), (0, 1))
_weight = Parameter("w", "w", "2p + 4q", reals(0, sp.oo, open="lower"), (1, 10))
arithmetic_geometric = Lemma(
    "pinsker/arithmetic_geometric",
    "phi w >= 3 s^2 gives 2 d s <= d^2 w/3 + phi",
    (d, _deviation, _phi, _weight),
    le(2 * _d * _deviation.symbol, _d**2 * _weight.symbol / 3 + _phi.symbol),
    hypotheses=(ge(_phi.symbol * _weight.symbol, 3 * _deviation.symbol**2),),
    backing=derive()
    .have("phi", ge(_phi.symbol, 3 * _deviation.symbol**2 / _weight.symbol), by=["hypothesis 1", decide])
    .have(
        "square",
        eq(
            _d**2 * _weight.symbol / 3 + 3 * _deviation.symbol**2 / _weight.symbol - 2 * _d * _deviation.symbol,
            (_d * _weight.symbol - 3 * _deviation.symbol) ** 2 / (3 * _weight.symbol),
        ),
        by=algebra,
    )
    .have("positive", ge((_d * _weight.symbol - 3 * _deviation.symbol) ** 2 / (3 * _weight.symbol), 0), by=decide)
    .have(
        "sum",
        le(2 * _d * _deviation.symbol, _d**2 * _weight.symbol / 3 + _phi.symbol),
        by=["phi", "square", "positive"],
    ),
)
_right = 2 * _d**2 * (_x + 2 * _y) / 3 + _divergence
term = Lemma(
    "pinsker/term",
    "One term of Pinsker's inequality",
    (x, y, d),
    le(2 * _d * sp.Abs(_x - _y), _right),
    backing=derive()
    .have("excess", ge(_divergence * (2 * _x + 4 * _y), 3 * (_x - _y) ** 2), by=excess.at())
    .have("square", eq(sp.Abs(_x - _y) ** 2, (_x - _y) ** 2), by=decide)
    .have("same", ge(_divergence * (2 * _x + 4 * _y), 3 * sp.Abs(_x - _y) ** 2), by=["excess", "square"])
    .have(
        "term",
        le(2 * _d * sp.Abs(_x - _y), _d**2 * (2 * _x + 4 * _y) / 3 + _divergence),
        by=["same", arithmetic_geometric.at(s=sp.Abs(_x - _y), phi=_divergence, w=2 * _x + 4 * _y)],
    )
    .have("factor", le(2 * _d * sp.Abs(_x - _y), _right), by=["term", decide]),
)


def _term(index: sp.Symbol) -> sp.Expr:
    first, second = p(index), q(index)
    return 2 * _d**2 * (first + 2 * second) / 3 + first * sp.log(first / second) - first + second


summed = Lemma(
    "pinsker/summed",
    "2 d sum |p - q| <= 2 d^2 + d_KL for every d",
    (top, d),
    le(total(2 * _d * sp.Abs(p(_k) - q(_k))), 2 * _d**2 + kullback_leibler()),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(total(2 * _d * sp.Abs(p(_k) - q(_k))))
    .have(
        "each",
        Forall((_l,), le(2 * _d * sp.Abs(p(_l) - q(_l)), _term(_l)), within(_l)),
        by=[fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l), term.at(x=p(_l), y=q(_l))],
    )
    .le(total(_term(_k)), by=[Termwise(), "each"], name="termwise")
    .eq(
        2 * _d**2 * (total(p(_k)) + 2 * total(q(_k))) / 3 + kullback_leibler() - total(p(_k)) + total(q(_k)),
        by=algebra,
        name="linear",
    )
    .eq(2 * _d**2 + kullback_leibler(), by=["hypothesis 3", "hypothesis 4", algebra], name="laws"),
)
pinsker = Lemma(
    "pinsker/pinsker",
    "Pinsker's inequality",
    (top,),
    le(2 * total_variation() ** 2, kullback_leibler()),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive()
    .have(
        "at d = d_TV",
        le(total(2 * total_variation() * sp.Abs(p(_k) - q(_k))), 2 * total_variation() ** 2 + kullback_leibler()),
        by=summed.at(d=total_variation()),
    )
    .have(
        "factor",
        eq(total(2 * total_variation() * sp.Abs(p(_k) - q(_k))), 4 * total_variation() ** 2),
        by=algebra,
    )
    .have("pinsker", le(2 * total_variation() ** 2, kullback_leibler()), by=["at d = d_TV", "factor"]),
)
