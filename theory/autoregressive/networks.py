"""The networks of the published experiments (specification `autoregressive` 2H, D15).

Main statements
    linear_net_collapse      the linear network is a linear decoder whose tables have rank at most d, and conversely

The position t is fixed in `linear_net_collapse`: block(j, k, l) is entry (k, l) of M_{t,j}, j = 0..t-1. Vectors,
positions and tokens count from 0; tokens of the context are context(j). In the converse all of them count from 1.
same(v, w) are the entries of the identity matrix, and text_token(1) is the token with which every text begins.
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.network_parameters import V, d
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.forms import c, coordinate, few_squares, rank_of
from theory.lemmas.row_sums import interchange
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

t = Parameter("t", "t", "number of tokens read", integers(1), (1, 512), "tokens")
token = Parameter("token", "a", "token whose logit is meant", integers(0, V.symbol - 1), (0, 1))
position = Parameter("position", "i", "a position read", integers(0, t.symbol - 1), (0, 0))
output = Parameter("output", "a", "token whose logit is meant, counted from 1", integers(1, V.symbol), (1, 2))
extra = Parameter("extra", "e", "dimensions beyond one for each token, d - V", integers(0), (0, 8))
_d, _V, _t, _a, _i, _b, _extra = (p.symbol for p in (d, V, t, token, position, output, extra))
_j, _k, _l, _r = (sp.Symbol(name, integer=True, nonnegative=True) for name in "jklr")
_n, _q, _s = (sp.Symbol(name, integer=True, positive=True) for name in "nqs")
_v, _w = (sp.Symbol(name, integer=True, nonnegative=True) for name in "vw")

# -- the network as a sum of tables --------------------------------------------------------------------------

embedding = opaque("autoregressive/embedding", "embedding(v, l) = coordinate l of E_v")
unembedding = opaque("autoregressive/unembedding", "unembedding(a, k) = coordinate k of U_a")
block = opaque("autoregressive/block", "block(j, k, l) = entry (k, l) of M_{t,j}")
output_bias = opaque("autoregressive/output_bias", "output_bias(a) = b_a")
context = opaque(
    "autoregressive/context", "context(j) = token at position j of the text", integer=True, nonnegative=True
)
reading = defined(
    "autoregressive/reading",
    "reading(j, k, v) = coordinate k of M_{t,j} E_v",
    (_j, _k, _v),
    sp.Sum(block(_j, _k, _l) * embedding(_v, _l), (_l, 0, _d - 1)),
)
network_logit = defined(
    "autoregressive/network_logit",
    "network_logit(a) = <U_a, y_t> + b_a, y_t the sum over j of M_{t,j} E_{x_j}",
    (_v,),
    output_bias(_v)
    + sp.Sum(
        unembedding(_v, _k) * sp.Sum(reading(_j, _k, context(_j)), (_j, 0, _t - 1)),
        (_k, 0, _d - 1),
    ),
)
table_entry = defined(
    "autoregressive/table_entry",
    "table_entry(j, a, v) = entry (a, v) of U M_{t,j} E^T",
    (_j, _w, _v),
    sp.Sum(unembedding(_w, _k) * reading(_j, _k, _v), (_k, 0, _d - 1)),
)
decoder_score = defined(
    "autoregressive/decoder_score",
    "decoder_score(a) = score of token a by the linear decoder with these tables on one-hot tokens, and with bias b",
    (_v,),
    output_bias(_v) + sp.Sum(table_entry(_j, _v, context(_j)), (_j, 0, _t - 1)),
)
collapse_mismatch = defined(
    "autoregressive/collapse_mismatch",
    "collapse_mismatch(a) = |logit of the network - score of the decoder|",
    (_v,),
    sp.Abs(network_logit(_v) - decoder_score(_v)),
)


def _column(end: sp.Expr) -> sp.Sum:
    """Coordinate k of what positions 0..end add up to."""
    return sp.Sum(reading(_j, _k, context(_j)), (_j, 0, end))


def _through_columns(end: sp.Expr) -> sp.Sum:
    return sp.Sum(unembedding(_a, _k) * _column(end), (_k, 0, _d - 1))


def _scores(end: sp.Expr) -> sp.Sum:
    return sp.Sum(table_entry(_j, _a, context(_j)), (_j, 0, end))


_row = sp.Sum(unembedding(_a, _k) * reading(_r + 1, _k, context(_r + 1)), (_k, 0, _d - 1))
_added = sp.Sum(unembedding(_a, _k) * (_column(_r) + reading(_r + 1, _k, context(_r + 1))), (_k, 0, _d - 1))

# -- rank ----------------------------------------------------------------------------------------------------

_entry = reading(_i, _k, _j) * coordinate(c, _j)
_coordinate_read = sp.Sum(_entry, (_j, 0, _V - 1))
_squares_read = sp.Sum(_coordinate_read**2, (_k, 0, _d - 1))
what_is_read = defined(
    "autoregressive/what_is_read",
    "what_is_read(c) = squared norm of the sum over v of (v_c)_v M_{t,i} E_v, v_c the vector numbered c",
    (c,),
    _squares_read,
)
_all_read = what_is_read(c)


def _image(output: sp.Expr) -> sp.Sum:
    """What the table of position i adds to that logit, for weights v_c of the tokens."""
    return sp.Sum(coordinate(c, _j) * table_entry(_i, output, _j), (_j, 0, _V - 1))


table_form = sp.Sum(_image(_l) ** 2, (_l, 0, _V - 1))
_spelled = sp.Sum(
    coordinate(c, _j) * sp.Sum(unembedding(_v, _k) * reading(_i, _k, _j), (_k, 0, _d - 1)), (_j, 0, _V - 1)
)
_through = sp.Sum(unembedding(_v, _k) * _coordinate_read, (_k, 0, _d - 1))

# -- the converse --------------------------------------------------------------------------------------------

_same = sp.Function("same", real=True)
_f = sp.Function("f", real=True)
_one = Forall((_v,), eq(_same(_v, _v), 1))
_above = Forall((_v, _w), eq(_same(_v, _w), 0), (ge(_w, _v + 1),))
_below = Forall((_v, _w), eq(_same(_v, _w), 0), (le(_w, _v - 1),))
index = Parameter("index", "v", "the index that is picked", integers(1), (1, 8))
beyond = Parameter("beyond", "r", "indices after it", integers(0), (0, 8))
_v0, _rest = index.symbol, beyond.symbol


def _picking(last: sp.Expr) -> sp.Sum:
    return sp.Sum(_same(_v0, _q) * _f(_q), (_q, 1, last))


row_of_the_identity = Lemma(
    "autoregressive/row_of_the_identity",
    "A row of the identity picks one entry of a vector",
    (index, beyond),
    eq(_picking(_v0 + _rest), _f(_v0)),
    hypotheses=(_one, _above, _below),
    functions=(_same, _f),
    backing=derive()
    .have(
        "last",
        Forall((_n,), eq(_picking(_n), _picking(_n - 1) + _same(_v0, _n) * _f(_n))),
        by=[Induction(_n, 1), quick],
    )
    .have(
        "zeros",
        Forall((_q,), eq(_same(_v0, _q) * _f(_q), 0), (le(_q, _v0 - 1),)),
        by=[fact("hypothesis 3", v=_v0, w=_q), quick],
    )
    .have("before", eq(_picking(_v0 - 1), sp.Sum(0, (_q, 1, _v0 - 1))), by=[Termwise(), "zeros"])
    .have("no terms", Forall((_r,), eq(sp.Sum(0, (_q, 1, _r)), 0)), by=[Induction(_r), quick])
    .have("nothing before it", eq(_picking(_v0 - 1), 0), by=["before", fact("no terms", r=_v0 - 1)])
    .have(
        "at the index",
        eq(_picking(_v0), _f(_v0)),
        by=[fact("last", n=_v0), "nothing before it", fact("hypothesis 1", v=_v0), quick],
    )
    .have(
        "nothing after it",
        Forall((_r,), eq(_picking(_v0 + _r + 1), _picking(_v0 + _r))),
        by=[fact("last", n=_v0 + _r + 1), fact("hypothesis 2", v=_v0, w=_v0 + _r + 1), quick],
    )
    .have(
        "all",
        Forall((_r,), eq(_picking(_v0 + _r), _f(_v0))),
        by=[Induction(_r), "at the index", fact("nothing after it", r=_r), quick],
    )
    .have("picked", eq(_picking(_v0 + _rest), _f(_v0)), by=fact("all", r=_rest)),
)

_text = sp.Function("text_token", integer=True, positive=True)
_begin = _text(1)  # the same in every text
_wanted = sp.Function("wanted_table", real=True)
_wanted_bias = sp.Function("wanted_bias", real=True)
_width = _V + _extra

built_entry = defined(
    "autoregressive/built_entry",
    "built_entry(j, k, l) = entry (k, l) of block j: the wanted table, and in block 1 the wanted biases besides, as "
    "the column of the first token, the same in every text",
    (_q, _n, _s),
    _wanted(_q, _n, _s) + _same(1, _q) * (_same(_begin, _s) * _wanted_bias(_n)),
)
built_reading = defined(
    "autoregressive/built_reading",
    "built_reading(j, k) = coordinate k of block j times the embedding of the token at position j",
    (_s, _n),
    sp.Sum(_same(_text(_s), _q) * built_entry(_s, _n, _q), (_q, 1, _width)),
)
built_sum = defined(
    "autoregressive/built_sum",
    "built_sum(k) = coordinate k of y_t of the built network",
    (_n,),
    sp.Sum(built_reading(_q, _n), (_q, 1, _t)),
)
built_logit = defined(
    "autoregressive/built_logit",
    "built_logit(a) = logit of the built network, whose bias is 0: U and E are [I 0]",
    (_n,),
    sp.Sum(_same(_n, _q) * built_sum(_q), (_q, 1, _width)),
)
wanted_score = defined(
    "autoregressive/wanted_score",
    "wanted_score(a) = score of token a by the linear decoder that is wanted, with its own bias at this position",
    (_n,),
    sp.Sum(_wanted(_q, _n, _text(_q)), (_q, 1, _t)) + _wanted_bias(_n),
)
converse_mismatch = defined(
    "autoregressive/converse_mismatch",
    "converse_mismatch(a) = |logit of the built network - wanted score|",
    (_n,),
    sp.Abs(built_logit(_n) - wanted_score(_n)),
)
_bias_read = _same(_begin, _text(_q)) * _wanted_bias(_b)
_identity = ("hypothesis 1", "hypothesis 2", "hypothesis 3")

linear_net_collapse = Claim(
    id="autoregressive/linear_net_collapse",
    title="The linear network is a factored linear decoder",
    kind=Kind.EQUALITY,
    text=(
        "The logits of the linear network at position t are b + sum over j of U M_{t,j} E^T one-hot(x_j): a linear "
        "decoder on one-hot tokens whose V x V tables have rank at most d. Conversely, if d >= V and the first token "
        "is constant, every linear decoder is such a network: E and U are [I 0], the blocks are the tables, and the "
        "bias of a position is read from the constant token"
    ),
    parameters=(d, V, t, token, position, output, extra),
    hypotheses=(
        _one,
        _above,
        _below,
        Forall((_q,), le(_text(_q), _V)),
    ),
    statements=(
        equal(collapse_mismatch(_a), 0, label="logits"),
        upper(rank_of(table_form, _V), _d, trivial=_V, label="rank"),
        equal(converse_mismatch(_b), 0, label="converse"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("cross-entropy is convex in the tables, not in the factors U, M and E",),
    derivation=derive()
    .have(
        "last position",
        Forall((_n, _k), eq(_column(_n), _column(_n - 1) + reading(_n, _k, context(_n)))),
        by=[Induction(_n), quick],
    )
    .have(
        "one position more",
        Forall((_r, _k), eq(_column(_r + 1), _column(_r) + reading(_r + 1, _k, context(_r + 1)))),
        by=[fact("last position", n=_r + 1, k=_k), quick],
    )
    .have(
        "in each coordinate",
        Forall((_r,), eq(_through_columns(_r + 1), _added)),
        by=[Termwise(), "one position more"],
    )
    .have("linear", Forall((_r,), eq(_added, _through_columns(_r) + _row)), by=algebra)
    .have(
        "a table",
        Forall((_r,), eq(_row, table_entry(_r + 1, _a, context(_r + 1)))),
        by=unfold(table_entry, j=_r + 1, w=_a, v=context(_r + 1)),
    )
    .have(
        "with a position more",
        Forall((_r,), eq(_through_columns(_r + 1), _through_columns(_r) + table_entry(_r + 1, _a, context(_r + 1)))),
        by=[fact("in each coordinate", r=_r), fact("linear", r=_r), fact("a table", r=_r), quick],
    )
    .have("first position", Forall((_k,), eq(_column(0), reading(0, _k, context(0)))), by=algebra)
    .have(
        "in each first",
        eq(_through_columns(0), sp.Sum(unembedding(_a, _k) * reading(0, _k, context(0)), (_k, 0, _d - 1))),
        by=[Termwise(), "first position"],
    )
    .have(
        "one position",
        eq(_through_columns(0), table_entry(0, _a, context(0))),
        by=["in each first", unfold(table_entry, j=0, w=_a, v=context(0)), quick],
    )
    .have(
        "all positions",
        Forall((_r,), eq(_through_columns(_r), _scores(_r))),
        by=[Induction(_r), "one position", fact("with a position more", r=_r), quick],
    )
    .have("tables", eq(_through_columns(_t - 1), _scores(_t - 1)), by=fact("all positions", r=_t - 1))
    .have(
        "logits",
        eq(collapse_mismatch(_a), 0),
        by=[
            unfold(collapse_mismatch, v=_a),
            unfold(network_logit, v=_a),
            unfold(decoder_score, v=_a),
            "tables",
            quick,
        ],
    )
    .have(
        "a square",
        Forall(
            (c, _r),
            ge(_squares_read, sp.Sum(reading(_i, _r, _j) * coordinate(c, _j), (_j, 0, _V - 1)) ** 2),
            (le(_r, _d - 1),),
        ),
        by=[SingleTerm(_r), quick],
    )
    .have(
        "one coordinate",
        Forall(
            (c, _r),
            ge(_all_read, sp.Sum(reading(_i, _r, _j) * coordinate(c, _j), (_j, 0, _V - 1)) ** 2),
            (le(_r, _d - 1),),
        ),
        by=[unfold(what_is_read, c=c), fact("a square", c=c, r=_r), quick],
    )
    .have(
        "nothing is read",
        Forall(
            (c, _r),
            eq(sp.Sum(reading(_i, _r, _j) * coordinate(c, _j), (_j, 0, _V - 1)), 0),
            (eq(_all_read, 0), le(_r, _d - 1)),
        ),
        by=[fact("one coordinate", c=c, r=_r), quick],
    )
    .have(
        "spelled",
        Forall((c, _v), eq(_image(_v), _spelled)),
        by=[Termwise(), unfold(table_entry, j=_i, w=_v, v=_j)],
    )
    .have(
        "through d coordinates",
        Forall((c, _v), eq(_through, _spelled)),
        by=[
            interchange.at(
                m=_d,
                d=_V,
                W=sp.Lambda((_k, _j), reading(_i, _k, _j)),
                u=sp.Lambda((_k,), unembedding(_v, _k)),
                v=sp.Lambda((_j,), coordinate(c, _j)),
            ),
        ],
    )
    .have(
        "no product",
        Forall(
            (c, _v, _r),
            eq(unembedding(_v, _r) * sp.Sum(reading(_i, _r, _j) * coordinate(c, _j), (_j, 0, _V - 1)), 0),
            (eq(_all_read, 0), le(_r, _d - 1)),
        ),
        by=[fact("nothing is read", c=c, r=_r), quick],
    )
    .have(
        "no term",
        Forall((c, _v), eq(_through, sp.Sum(0, (_k, 0, _d - 1))), (eq(_all_read, 0),)),
        by=[Termwise(), fact("no product", c=c, v=_v, r=_k)],
    )
    .have("no sum", eq(sp.Sum(0, (_k, 0, _d - 1)), 0), by=algebra)
    .have(
        "no image",
        Forall((c, _v), eq(_image(_v), 0), (eq(_all_read, 0),)),
        by=[
            fact("spelled", c=c, v=_v),
            fact("through d coordinates", c=c, v=_v),
            fact("no term", c=c, v=_v),
            "no sum",
            quick,
        ],
    )
    .have(
        "no squares",
        Forall((c,), eq(table_form, sp.Sum(0, (_l, 0, _V - 1))), (eq(_all_read, 0),)),
        by=[Termwise(), fact("no image", c=c, v=_l)],
    )
    .have("none", eq(sp.Sum(0, (_l, 0, _V - 1)), 0), by=algebra)
    .have("zeros", Forall((c,), eq(table_form, 0), (eq(_all_read, 0),)), by=[fact("no squares", c=c), "none", quick])
    .have(
        "folded",
        Forall((c,), eq(_all_read, 0), (eq(_squares_read, 0),)),
        by=[unfold(what_is_read, c=c), quick],
    )
    .have(
        "zeros of d forms",
        Forall((c,), eq(table_form, 0), (eq(_squares_read, 0),)),
        by=[fact("folded", c=c), fact("zeros", c=c), quick],
    )
    .have(
        "rank",
        le(rank_of(table_form, _V), _d),
        by=[
            "zeros of d forms",
            few_squares.at(d=_V, n=_d, Q=sp.Lambda((c,), table_form), W=sp.Lambda((_k, _j), reading(_i, _k, _j))),
        ],
    )
    .have(
        "embedding picks a column",
        Forall((_s, _n), eq(built_reading(_s, _n), built_entry(_s, _n, _text(_s)))),
        by=[
            unfold(built_reading, s=_s, n=_n),
            fact("hypothesis 4", q=_s),
            *_identity,
            row_of_the_identity.at(
                index=_text(_s), beyond=_width - _text(_s), f=sp.Lambda((_q,), built_entry(_s, _n, _q)), same=_same
            ),
        ],
    )
    .have(
        "unembedding picks a row",
        eq(built_logit(_b), built_sum(_b)),
        by=[
            unfold(built_logit, n=_b),
            *_identity,
            row_of_the_identity.at(index=_b, beyond=_width - _b, f=built_sum.head, same=_same),
        ],
    )
    .have(
        "a column",
        Forall((_q,), eq(built_reading(_q, _b), _wanted(_q, _b, _text(_q)) + _same(1, _q) * _bias_read)),
        by=[fact("embedding picks a column", s=_q, n=_b), unfold(built_entry, q=_q, n=_b, s=_text(_q)), quick],
    )
    .have(
        "columns",
        eq(
            sp.Sum(built_reading(_q, _b), (_q, 1, _t)),
            sp.Sum(_wanted(_q, _b, _text(_q)) + _same(1, _q) * _bias_read, (_q, 1, _t)),
        ),
        by=[Termwise(), "a column"],
    )
    .have(
        "parts",
        eq(
            sp.Sum(_wanted(_q, _b, _text(_q)) + _same(1, _q) * _bias_read, (_q, 1, _t)),
            sp.Sum(_wanted(_q, _b, _text(_q)), (_q, 1, _t)) + sp.Sum(_same(1, _q) * _bias_read, (_q, 1, _t)),
        ),
        by=algebra,
    )
    .have(
        "bias is read once",
        eq(sp.Sum(_same(1, _q) * _bias_read, (_q, 1, _t)), _same(_begin, _text(1)) * _wanted_bias(_b)),
        by=[*_identity, row_of_the_identity.at(index=1, beyond=_t - 1, f=sp.Lambda((_q,), _bias_read), same=_same)],
    )
    .have(
        "bias",
        eq(_same(_begin, _text(1)) * _wanted_bias(_b), _wanted_bias(_b)),
        by=[fact("hypothesis 1", v=_begin), quick],
    )
    .have("sum", eq(built_sum(_b), sp.Sum(built_reading(_q, _b), (_q, 1, _t))), by=unfold(built_sum, n=_b))
    .have(
        "converse",
        eq(converse_mismatch(_b), 0),
        by=[
            unfold(converse_mismatch, n=_b),
            unfold(wanted_score, n=_b),
            "unembedding picks a row",
            "sum",
            "columns",
            "parts",
            "bias is read once",
            "bias",
            quick,
        ],
    ),
)
