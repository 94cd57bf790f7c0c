"""The networks of the experiments: the linear one is a factored linear decoder; both counted (specification 2H, D15).

At position t, for one token v: head(k) = U_vk, part(k, i) = sum_l M_ti,kl E_{x_i, l} for positions i = 1..t, width d.

Main statements
    linear_net_collapse     logits are sums of V x V blocks of rank at most d; all blocks are reached when d >= V
    linear_net_parameters   trained numbers, and those that a dense masked implementation stores
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.lemmas import sums
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, le
from theory.source import OWN, Source

T = Parameter("T", "T", "positions", integers(1), (1, 512), "tokens")
d = Parameter("d", "d", "width", integers(1), (1, 512))
V = Parameter("V", "V", "tokens of the vocabulary", integers(2), (2, 60_000), "tokens")
t = Parameter("t", "t", "position", integers(1), (1, 512), "tokens")
bias = Parameter("bias", "b_v", "bias of the token's logit", reals(), (-1, 1))
logit = Parameter("logit", r"\mathrm{logit}_v", "the network's logit of the token", reals(), (-10, 10))
sum_of_blocks = Parameter(
    "sum_of_blocks", r"\textstyle\sum_iW_{t,i}", "bias plus one entry of each block", reals(), (-10, 10)
)
target = Parameter("target", "v", "a token", integers(0), (0, 100))
read = Parameter("read", "x", "a token", integers(0), (0, 100))

_T, _d, _V, _t = T.symbol, d.symbol, V.symbol, t.symbol
_k, _l, _i, _x, _y, _z = (sp.Symbol(name, integer=True, nonnegative=True) for name in "klixyz")
_p, _q, _r = (sp.Symbol(name, integer=True, positive=True) for name in "pqr")

_parameters = sp.Sum(_q * (_k * _q), (_k, 1, _p)) + _r * _q + (_q * _r + _r)
linear_parameters = defined(
    "autoregressive/linear_parameters",
    "trained numbers of the linear network with p positions, width q and r tokens: for every position k a row of k "
    "blocks, q x k q, then embedding and head with bias",
    (_p, _q, _r),
    _parameters,
    integer=True,
)
mlp_parameters = defined(
    "autoregressive/mlp_parameters",
    "the same with a hidden layer q x q and its bias",
    (_p, _q, _r),
    linear_parameters(_p, _q, _r) + (_q**2 + _q),
    integer=True,
)
dense_linear_parameters = defined(
    "autoregressive/dense_linear_parameters",
    "numbers stored by a dense masked implementation: rows of p blocks, their bias, the p x p mask, embedding, head",
    (_p, _q, _r),
    sp.Sum(_q * (_p * _q), (_k, 1, _p)) + _p * _q + _p**2 + _r * _q + (_q * _r + _r),
    integer=True,
)
dense_mlp_parameters = defined(
    "autoregressive/dense_mlp_parameters",
    "the same with the hidden layer",
    (_p, _q, _r),
    dense_linear_parameters(_p, _q, _r) + (_q**2 + _q),
    integer=True,
)
_count = _T * (_T + 1) / 2 * _d**2 + _V * _d + (_d * _V + _V)
_stored = _T**2 * _d**2 + _T * _d + _T**2 + _V * _d + (_d * _V + _V)
_hidden = _d**2 + _d
_blocks = sp.Sum(_d * (_k * _d), (_k, 1, _T)) + _V * _d + (_d * _V + _V)
_all_blocks = sp.Sum(_d * (_T * _d), (_k, 1, _T)) + _T * _d + _T**2 + _V * _d + (_d * _V + _V)


def _at(definition: Any) -> Any:
    return unfold(definition, p=_T, q=_d, r=_V)


linear_net_parameters = Claim(
    id="autoregressive/linear_net_parameters",
    title="Numbers of parameters of the masked networks",
    kind=Kind.STRUCTURAL,
    text=(
        "The masked linear network trains T (T + 1)/2 d^2 + V d + (d V + V) numbers, the MLP d^2 + d more; a dense "
        "masked implementation also stores the masked half of the blocks, an unused bias T d and the T x T mask"
    ),
    parameters=(T, d, V),
    statements=(
        equal(linear_parameters(_T, _d, _V), _count, label="linear"),
        equal(mlp_parameters(_T, _d, _V), _count + _hidden, label="mlp"),
        equal(dense_linear_parameters(_T, _d, _V), _stored, label="dense linear"),
        equal(dense_mlp_parameters(_T, _d, _V), _stored + _hidden, label="dense mlp"),
    ),
    source=Source("malach2023", "Section 4 (162M and 775M parameters); count own derivation", "v3", recheck=True),
    status=Status.OWN,
    derivation=derive()
    .have("blocks", eq(linear_parameters(_T, _d, _V), _blocks), by=_at(linear_parameters))
    .have("sum of blocks", eq(_blocks, _count), by=algebra)
    .have("linear", eq(linear_parameters(_T, _d, _V), _count), by=["blocks", "sum of blocks"])
    .have("mlp", eq(mlp_parameters(_T, _d, _V), _count + _hidden), by=["linear", _at(mlp_parameters), quick])
    .have("all blocks", eq(dense_linear_parameters(_T, _d, _V), _all_blocks), by=_at(dense_linear_parameters))
    .have("sum of all blocks", eq(_all_blocks, _stored), by=algebra)
    .have("dense linear", eq(dense_linear_parameters(_T, _d, _V), _stored), by=["all blocks", "sum of all blocks"])
    .have(
        "dense mlp",
        eq(dense_mlp_parameters(_T, _d, _V), _stored + _hidden),
        by=["dense linear", _at(dense_mlp_parameters), quick],
    ),
)

head, part, state, entry, one = (sp.Function(name, real=True) for name in ("head", "part", "state", "entry", "one"))


def _width(term: Any, index: sp.Symbol = _x) -> sp.Sum:
    return sp.Sum(term, (index, 0, _d - 1))


def _positions(term: Any) -> sp.Sum:
    return sp.Sum(term, (_y, 0, _t - 1))


NETWORK = (
    eq(logit.symbol, bias.symbol + _width(head(_x) * state(_x))),
    Forall((_x,), eq(state(_x), _positions(part(_x, _y)))),
    Forall((_y,), eq(entry(_y), _width(head(_x) * part(_x, _y)))),
    eq(sum_of_blocks.symbol, bias.symbol + _positions(entry(_y))),
    Forall((_y,), eq(one(_y), 1)),
)
collapse = Lemma(
    "autoregressive/collapse",
    "A sum over the width of sums over positions is a sum over positions of sums over the width",
    (d, t, bias, logit, sum_of_blocks),
    eq(logit.symbol, sum_of_blocks.symbol),
    hypotheses=NETWORK,
    functions=(head, part, state, entry, one),
    backing=derive()
    .have(
        "exchange",
        eq(
            _width(head(_x) * _positions(one(_y) * part(_x, _y))),
            _positions(one(_y) * _width(head(_x) * part(_x, _y))),
        ),
        by=sums.exchange.at(top=_d - 1, last=_t - 1, g=part, u=head, w=one),
    )
    .have(
        "drop",
        Forall((_k, _l), eq(part(_k, _l), one(_l) * part(_k, _l))),
        by=[fact("hypothesis 5", y=_l), quick],
    )
    .have(
        "each state",
        Forall((_k,), eq(_positions(part(_k, _y)), _positions(one(_y) * part(_k, _y)))),
        by=[Termwise(), "drop"],
    )
    .have(
        "state",
        Forall((_k,), eq(head(_k) * state(_k), head(_k) * _positions(one(_y) * part(_k, _y)))),
        by=[fact("each state", k=_k), fact("hypothesis 2", x=_k), quick],
    )
    .have(
        "states",
        eq(_width(head(_x) * state(_x)), _width(head(_x) * _positions(one(_y) * part(_x, _y)))),
        by=[Termwise(), "state"],
    )
    .have(
        "entry",
        Forall((_l,), eq(entry(_l), one(_l) * _width(head(_x) * part(_x, _l)))),
        by=[fact("hypothesis 5", y=_l), fact("hypothesis 3", y=_l), quick],
    )
    .have(
        "entries",
        eq(_positions(entry(_y)), _positions(one(_y) * _width(head(_x) * part(_x, _y)))),
        by=[Termwise(), "entry"],
    )
    .have(
        "collapse",
        eq(logit.symbol, sum_of_blocks.symbol),
        by=["hypothesis 1", "hypothesis 4", "states", "exchange", "entries", quick],
    ),
)
pick, value = (sp.Function(name, real=True) for name in ("pick", "value"))


def _selects(id: str, index: sp.Symbol) -> Lemma:
    """A sum over `index` in which one entry is selected."""
    chosen = value(read.symbol)
    return Lemma(
        id,
        "A row of the identity matrix selects one entry",
        (d, read),
        eq(_width(value(index) * pick(index), index), chosen),
        hypotheses=(
            Forall((index,), eq((value(index) - chosen) * pick(index), 0)),
            eq(_width(pick(index), index), 1),
        ),
        functions=(value, pick),
        backing=derive()
        .have(
            "term",
            Forall((_k,), eq(value(_k) * pick(_k), chosen * pick(_k))),
            by=[fact("hypothesis 1", **{index.name: _k}), quick],
        )
        .have(
            "sum",
            eq(_width(value(index) * pick(index), index), _width(chosen * pick(index), index)),
            by=[Termwise(), "term"],
        )
        .have("factor", eq(_width(chosen * pick(index), index), chosen * _width(pick(index), index)), by=algebra)
        .have(
            "selected",
            eq(_width(value(index) * pick(index), index), chosen),
            by=["sum", "factor", "hypothesis 2", quick],
        ),
    )


selected = _selects("autoregressive/selected", _x)
selected_row = _selects("autoregressive/selected_row", _y)

block_rank = opaque(
    "autoregressive/block_rank",
    "rank of the block U M_ti E^T that position t reads from position i, V x V",
    integer=True,
    nonnegative=True,
)
position = Parameter("position", "i", "a position that is read", integers(1), (1, 512), "tokens")
rank_of_product = Lemma(
    "autoregressive/rank_of_product",
    "A product through a space of dimension d has rank at most d",
    (d, t, position),
    le(block_rank(_t, position.symbol), _d),
    backing=Citation(Source("hornjohnson2012", "0.4.5(c)", recheck=True), "rank of a product"),
)
pick_row, pick_column, block = (sp.Function(name, real=True) for name in ("pick_row", "pick_column", "block"))
_v, _w = target.symbol, read.symbol
_written = _width(pick_row(_y) * _width(block(_y, _x) * pick_column(_x)), _y)
linear_net_collapse = Claim(
    id="autoregressive/linear_net_collapse",
    title="The linear network is a factored linear decoder",
    kind=Kind.STRUCTURAL,
    text=(
        "Its logits at position t are b + sum_{i <= t} U M_ti E_{x_i}: a linear decoder on one-hot features with V x V "
        "blocks of rank at most d; conversely, if d >= V and the first token is constant, E = [I 0], U = [I 0] and "
        "free blocks give every linear decoder, its biases through M_t1"
    ),
    parameters=(d, t, bias, logit, sum_of_blocks, position, target, read),
    hypotheses=(
        *NETWORK,
        Forall((_z, _x), eq((block(_z, _x) - block(_z, _w)) * pick_column(_x), 0)),
        eq(_width(pick_column(_x)), 1),
        Forall((_y,), eq((block(_y, _w) - block(_v, _w)) * pick_row(_y), 0)),
        eq(_width(pick_row(_y), _y), 1),
    ),
    statements=(
        equal(logit.symbol, sum_of_blocks.symbol, label="collapse"),
        upper(block_rank(_t, position.symbol), _d, label="rank"),
        equal(_written, block(_v, _w), label="converse"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("Cross-entropy is convex in the blocks U M E^T, not in their factors.",),
    derivation=derive()
    .have(
        "collapse",
        eq(logit.symbol, sum_of_blocks.symbol),
        by=[*(f"hypothesis {k}" for k in range(1, 6)), collapse.at()],
    )
    .have("rank", le(block_rank(_t, position.symbol), _d), by=rank_of_product.at())
    .have(
        "column",
        Forall((_k,), eq(_width(block(_k, _x) * pick_column(_x)), block(_k, _w))),
        by=[
            "hypothesis 6",
            "hypothesis 7",
            selected.at(value=sp.Lambda((_x,), block(_k, _x)), pick=pick_column),
        ],
    )
    .have(
        "each row",
        Forall(
            (_k,),
            eq(pick_row(_k) * _width(block(_k, _x) * pick_column(_x)), block(_k, _w) * pick_row(_k)),
        ),
        by=[fact("column", k=_k), quick],
    )
    .have("rows", eq(_written, _width(block(_y, _w) * pick_row(_y), _y)), by=[Termwise(), "each row"])
    .have(
        "row",
        eq(_width(block(_y, _w) * pick_row(_y), _y), block(_v, _w)),
        by=[
            "hypothesis 8",
            "hypothesis 9",
            selected_row.at(value=sp.Lambda((_y,), block(_y, _w)), pick=pick_row, read=_v),
        ],
    )
    .have("converse", eq(_written, block(_v, _w)), by=["rows", "row"]),
)
