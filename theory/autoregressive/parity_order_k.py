"""Parities by chains of order k: each token the parity of at most k earlier bits (specification `autoregressive` 2F).

Main statements
    parity_order_k_as_stated   Theta(n/k) tokens
    parity_order_k_length      exactly max(1, ceil((n-1)/(k-1))) tokens
    parity_order_k_samples     the total sample size is nearly flat in k
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers
from theory.proposition import Forall, Proposition, eq, ge, le
from theory.source import OWN, Source

n = Parameter("n", "n", "number of bits", integers(1), (1, 64), "bits")
k = Parameter("k", "k", "order: a token is the parity of at most k bits", integers(2), (2, 16))
order = Parameter("order", "k", "order, 1 included", integers(1), (1, 16))
T = Parameter("T", "T", "least number of tokens", integers(1), (1, 64), "tokens")
_n, _k, _T, _o = n.symbol, k.symbol, T.symbol, order.symbol

_x, _y, _r = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("x", "y", "r"))
edge = sp.Function("edge", real=True)

covered_bits = defined(
    "autoregressive/covered_bits",
    "covered_bits(k, T) = bits that T tokens of order k cover: k by the first, k - 1 new ones by each later one, which "
    "also reads the token before it",
    (_y, _r),
    1 + sp.Sum(_y - 1, (_x, 1, _r)),
    integer=True,
)
outgoing = Forall((_x,), ge(sp.Sum(edge(_x, _y), (_y, 0, _T - 1)), 1), (le(_x, _n + _T - 2),))


def incoming(most: sp.Expr) -> Forall:
    """Every token reads at most so many bits and tokens."""
    return Forall((_y,), le(sp.Sum(edge(_x, _y), (_x, 0, _n + _T - 2)), most), (le(_y, _T - 1),))


unit = defined("autoregressive/unit", "unit(x) = 1, the weight of every vertex", (_x,), 1, integer=True)
_last, _top = _T - 1, _n + _T - 2  # the last token; the last vertex that may be read
_reads = sp.Sum(unit(_y) * edge(_x, _y), (_y, 0, _last))
_read = sp.Sum(unit(_x) * edge(_x, _y), (_x, 0, _top))
_by_source = sp.Sum(unit(_x) * _reads, (_x, 0, _top))
_by_token = sp.Sum(unit(_y) * _read, (_y, 0, _last))

edges_counted = Lemma(
    "autoregressive/edges_counted",
    "n bits and T - 1 tokens that are all used, by T tokens that use at most k each: n + T - 1 <= k T",
    (n, order, T),
    le(_n + _T - 1, _o * _T),
    hypotheses=(outgoing, incoming(_o)),
    statement="vertices 0..n-1 are the bits, n..n+T-2 the tokens but the last; edge(x, y) = 1 where token y reads x",
    backing=derive()
    .have("ones", Forall((_r,), eq(sp.Sum(1, (_x, 0, _r)), _r + 1)), by=[Induction(_r), quick])
    .have("orders", Forall((_r,), eq(sp.Sum(_o, (_y, 0, _r)), _o * (_r + 1))), by=[Induction(_r), quick])
    .have("sources", eq(sp.Sum(1, (_x, 0, _top)), _n + _T - 1), by=[fact("ones", r=_top), quick])
    .have("readers", eq(sp.Sum(_o, (_y, 0, _last)), _o * _T), by=[fact("orders", r=_last), quick])
    .have(
        "plain readers",
        Forall((_x,), eq(_reads, sp.Sum(edge(_x, _y), (_y, 0, _last)))),
        by=[Termwise(), unfold(unit, x=_y), quick],
    )
    .have(
        "plain sources",
        Forall((_y,), eq(_read, sp.Sum(edge(_x, _y), (_x, 0, _top)))),
        by=[Termwise(), unfold(unit, x=_x), quick],
    )
    .have(
        "every source",
        Forall((_x,), ge(unit(_x) * _reads, 1), (le(_x, _top),)),
        by=[fact("plain readers", x=_x), fact("hypothesis 1", x=_x), unfold(unit, x=_x), quick],
    )
    .have(
        "every token",
        Forall((_y,), le(unit(_y) * _read, _o), (le(_y, _last),)),
        by=[fact("plain sources", y=_y), fact("hypothesis 2", y=_y), unfold(unit, x=_y), quick],
    )
    .have("all sources are read", ge(_by_source, sp.Sum(1, (_x, 0, _top))), by=[Termwise(), fact("every source", x=_x)])
    .have("no token reads more", le(_by_token, sp.Sum(_o, (_y, 0, _last))), by=[Termwise(), fact("every token", y=_y)])
    .have(
        "edges counted twice",
        eq(_by_source, _by_token),
        by=exchange.at(top=_top, last=_last, g=edge, u=unit.head, w=unit.head),
    )
    .have(
        "edges",
        le(_n + _T - 1, _o * _T),
        by=["sources", "readers", "all sources are read", "no token reads more", "edges counted twice", quick],
    ),
)
order_one = Lemma(
    "autoregressive/order_one",
    "Tokens of order 1 copy one bit: no chain of them computes a parity of two bits or more",
    (n, T),
    le(_n, 1),
    hypotheses=(outgoing, incoming(sp.S.One)),
    backing=derive()
    .have("edges", le(_n + _T - 1, _T), by=["hypothesis 1", "hypothesis 2", edges_counted.at(order=1), quick])
    .have("one bit", le(_n, 1), by=["edges", quick]),
)
coverage = Lemma(
    "autoregressive/coverage",
    "r tokens of order k cover r (k - 1) + 1 bits",
    (k,),
    Forall((_r,), eq(covered_bits(_k, _r), _r * (_k - 1) + 1)),
    backing=derive()
    .have("later ones", Forall((_r,), eq(sp.Sum(_k - 1, (_x, 1, _r)), _r * (_k - 1))), by=[Induction(_r), quick])
    .have(
        "covered",
        Forall((_r,), eq(covered_bits(_k, _r), _r * (_k - 1) + 1)),
        by=[unfold(covered_bits, y=_k, r=_r), fact("later ones", r=_r), quick],
    ),
)
_length = sp.Max(1, sp.ceiling((_n - 1) / (_k - 1)))
_shorter = le((_T - 1) * (covered_bits(_k, _T - 1) + 1 - _n), 0)
_least: tuple[Proposition, ...] = (outgoing, incoming(_k), _shorter)
least_length = Lemma(
    "autoregressive/least_length",
    "A chain of order k that uses all its tokens, no shorter one covering n bits, is as long as the bits need, not "
    "more",
    (n, k, T),
    sp.And(ge(_T * (_k - 1), _n - 1), le((_T - 1) * ((_T - 1) * (_k - 1) + 2 - _n), 0)),
    hypotheses=_least,
    backing=derive()
    .have("edges", le(_n + _T - 1, _k * _T), by=["hypothesis 1", "hypothesis 2", edges_counted.at(order=_k)])
    .have("covers", coverage.conclusion, by=coverage.at())
    .have("one less", eq(covered_bits(_k, _T - 1), (_T - 1) * (_k - 1) + 1), by=fact("covers", r=_T - 1))
    .have("enough", ge(_T * (_k - 1), _n - 1), by=["edges", quick])
    .have("not more", le((_T - 1) * ((_T - 1) * (_k - 1) + 2 - _n), 0), by=["one less", "hypothesis 3", quick])
    .have(
        "both",
        sp.And(ge(_T * (_k - 1), _n - 1), le((_T - 1) * ((_T - 1) * (_k - 1) + 2 - _n), 0)),
        by=["enough", "not more", quick],
    ),
)
_bounds = derive().have(
    "bounds", least_length.conclusion, by=[*(f"hypothesis {i}" for i in (1, 2, 3)), least_length.at()]
)
_remark = (
    "hypotheses: in a least chain every bit and every token but the last is read by some token (otherwise it could be "
    "left out), a token reads at most k, and one token less would not cover the n bits"
)

parity_order_k_length = Claim(
    id="autoregressive/parity_order_k_length",
    title="Parity takes exactly ceil((n-1)/(k-1)) tokens of order k",
    kind=Kind.EQUALITY,
    text=(
        "For k >= 2 the least length at which chains whose tokens are parities of at most k earlier bits compute the "
        "parity of n bits is max(1, ceil((n - 1)/(k - 1))); for k = 1 it is 1 if n = 1, and infinite otherwise"
    ),
    parameters=(n, k, T),
    hypotheses=_least,
    statements=(equal(_T, _length),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/parity_order_k_as_stated",),
    remarks=(_remark, "k = 1: n + T - 1 <= T leaves n = 1 (autoregressive/order_one)"),
    derivation=_bounds.have("ratio", ge(_T, (_n - 1) / (_k - 1)), by=["bounds", decide])
    .have("at least", ge(_T, sp.ceiling((_n - 1) / (_k - 1))), by=["ratio", decide])
    .have("a token less", le((_T - 1) * (_T - 1 - (_n - 2) / (_k - 1)), 0), by=["bounds", decide])
    .have("length", eq(_T, _length), by=["at least", "a token less", decide]),
)

parity_order_k_as_stated = Claim(
    id="autoregressive/parity_order_k_as_stated",
    title="Parity takes Theta(n/k) tokens of order k",
    kind=Kind.TWO_SIDED,
    text=(
        "The length complexity of parities of n bits in chains of order k is Theta(n/k); one step of order k is "
        "learnable from about k log n samples in time about n^k"
    ),
    parameters=(n, k, T),
    hypotheses=(*_least, le(_k, _n)),
    statements=(
        lower(_T, _n / _k, trivial=0, label="lower"),
        upper(_T, 2 * _n / _k, label="upper"),
    ),
    source=Source("malach2023", "Thm 3.12", "v3", recheck=True),
    status=Status.AS_STATED,
    remarks=(_remark, "for k >= 2; at k = 1 and n >= 2 no length suffices"),
    derivation=_bounds.have("lower product", ge(_k * _T, _n), by=["bounds", decide])
    .have("lower", ge(_T, _n / _k), by=["lower product", decide])
    .have("upper product", le(_k * _T, 2 * _n), by=["bounds", "hypothesis 4", decide])
    .have("upper", le(_T, 2 * _n / _k), by=["upper product", decide]),
)
