"""Pre-training bounds that follow the layers of a transformer without layer norm (class D14, specification 2.F).

All matrices have entries of absolute value at most B_V, B_O (attention) and B_1, B_2 (MLP); the input columns have l1
norm at most B_tok. Norms of columns are l1 norms, the largest over positions.

Main statements
    pretraining_gap_depth_as_stated   the printed Lambda, with r^3/H from a softmax over an r x r matrix
    pretraining_gap_depth             Lambda' with r^2 and no H, for attention over tokens
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FINITE_WINDOW, FIXED_MODEL
from theory.claim import Claim, Kind, Status, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.markov.parameters import Gamma, N, T, delta, tau
from theory.markov.parameters_concentration import mixing_norm, shortfall
from theory.markov.parameters_pretraining import B_U, ambiguity, c_0, tv_risk
from theory.markov.pretraining import pretraining_gap_as_stated
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

r = Parameter("r", "r", "width", integers(1), (4, 64))
m = Parameter("m", "m", "width of the MLP", integers(1), (4, 256))
H = Parameter("H", "H", "number of heads, which divides r", integers(1, r.symbol), (1, 8))
layers = Parameter("L", "L", "number of layers", integers(0), (1, 8))


def _bound(name: str, latex: str, what: str) -> Parameter:
    return Parameter(name, latex, f"largest absolute entry of {what}", reals(0), (0.001, 1))


B_V = _bound("B_V", "B_V", "the value matrices")
B_O = _bound("B_O", "B_O", "the output matrices of the attention")
B_1 = _bound("B_1", "B_1", "the first matrices of the MLPs")
B_2 = _bound("B_2", "B_2", "the second matrices of the MLPs")
B_tok = Parameter(
    "B_tok", r"B_{\mathrm{tok}}", "largest l1 norm of an input column", reals(0, sp.oo, open="lower"), (0.1, 10)
)
_r, _m, _H, _L = r.symbol, m.symbol, H.symbol, layers.symbol
_V, _O, _1, _2, _tok, _U = (p.symbol for p in (B_V, B_O, B_1, B_2, B_tok, B_U))
_N, _G, _D, _T, _tau = N.symbol, Gamma.symbol, delta.symbol, T.symbol, tau.symbol
_l = sp.Symbol("l_", integer=True, nonnegative=True)

_mlp_factor = 1 + _r * _m * _1 * _2
layer_factor = _mlp_factor * (1 + _r**2 * _O * _V)
printed_factor = _mlp_factor * (1 + _r**3 / _H * _O * _V)
Lambda = printed_factor**_L * _tok * _U
Lambda_tokens = layer_factor**_L * _tok * _U

# -- norms of products, proved for finite sums --------------------------------------------------------------------
last = Parameter("last", "q", "last index of a sum", integers(0), (0, 100))
rows = Parameter("rows", "p", "last row", integers(0), (0, 100))
entry_bound = Parameter("entry", "B", "largest absolute entry", reals(0), (0, 1))
_f = sp.Function("f", real=True)
_A = sp.Function("A", real=True)
_v = sp.Function("v", real=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_q, _p, _B = last.symbol, rows.symbol, entry_bound.symbol


def _sum(term: Any, end: Any = _q, index: sp.Symbol = _k) -> sp.Sum:
    return sp.Sum(term, (index, 0, end))


sum_triangle = Lemma(
    "markov/sum_triangle",
    "Triangle inequality for a finite sum",
    (last,),
    le(sp.Abs(_sum(_f(_k))), _sum(sp.Abs(_f(_k)))),
    functions=(_f,),
    backing=derive()
    .have("all", Forall((_n,), le(sp.Abs(_sum(_f(_k), _n)), _sum(sp.Abs(_f(_k)), _n))), by=[Induction(_n), quick])
    .have("at the last", le(sp.Abs(_sum(_f(_k))), _sum(sp.Abs(_f(_k)))), by=fact("all", n_=_q)),
)
_each = Parameter("each", "x", "a number", reals(), (-1, 1))
equal_rows = Lemma(
    "markov/equal_rows",
    "A sum of p + 1 equal terms",
    (rows, _each),
    eq(_sum(_each.symbol, _p, _i), (_p + 1) * _each.symbol),
    backing=derive().have("sum", eq(_sum(_each.symbol, _p, _i), (_p + 1) * _each.symbol), by=algebra),
)
product_norm = Lemma(
    "markov/product_norm",
    "||A v||_1 <= (rows) max|A| ||v||_1",
    (last, rows, entry_bound),
    le(_sum(sp.Abs(_sum(_A(_i, _k) * _v(_k))), _p, _i), (_p + 1) * _B * _sum(sp.Abs(_v(_k)))),
    hypotheses=(Forall((_i, _k), le(sp.Abs(_A(_i, _k)), _B)),),
    functions=(_A, _v),
    backing=derive()
    .have(
        "term",
        Forall((_i, _k), le(sp.Abs(_A(_i, _k) * _v(_k)), _B * sp.Abs(_v(_k)))),
        by=[fact("hypothesis 1", i=_i, k=_k), quick],
    )
    .have(
        "row",
        Forall((_i,), le(_sum(sp.Abs(_A(_i, _k) * _v(_k))), _sum(_B * sp.Abs(_v(_k))))),
        by=[Termwise(), "term"],
    )
    .have("constant", eq(_sum(_B * sp.Abs(_v(_k))), _B * _sum(sp.Abs(_v(_k)))), by=algebra)
    .have(
        "one row",
        Forall((_i,), le(sp.Abs(_sum(_A(_i, _k) * _v(_k))), _B * _sum(sp.Abs(_v(_k))))),
        by=[
            sum_triangle.at(f=sp.Lambda(_k, _A(_i, _k) * _v(_k))),
            fact("row", i=_i),
            "constant",
            quick,
        ],
    )
    .have(
        "all rows",
        le(_sum(sp.Abs(_sum(_A(_i, _k) * _v(_k))), _p, _i), _sum(_B * _sum(sp.Abs(_v(_k))), _p, _i)),
        by=[Termwise(), "one row"],
    )
    .have(
        "equal rows",
        eq(_sum(_B * _sum(sp.Abs(_v(_k))), _p, _i), (_p + 1) * (_B * _sum(sp.Abs(_v(_k))))),
        by=equal_rows.at(each=_B * _sum(sp.Abs(_v(_k)))),
    )
    .have(
        "norm",
        le(_sum(sp.Abs(_sum(_A(_i, _k) * _v(_k))), _p, _i), (_p + 1) * _B * _sum(sp.Abs(_v(_k)))),
        by=["all rows", "equal rows", quick],
    ),
)

# -- one layer ----------------------------------------------------------------------------------------------------
_stages = {
    "column_norm": "columns of S^(l), the input of layer l+1",
    "value_norm": "products of one head's value matrix (r/H rows) with a column of S^(l)",
    "head_norm": "outputs of one head: convex combinations of such products, with the attention's weights",
    "stack_norm": "outputs of the H heads, stacked",
    "attention_norm": "outputs of the attention, after its output matrix (r rows)",
    "middle_norm": "columns after the attention's residual connection",
    "inner_norm": "ReLU of the first matrix of the MLP (m rows) applied to such a column",
    "mlp_norm": "outputs of the MLP, after its second matrix (r rows)",
}
column_norm, value_norm, head_norm, stack_norm, attention_norm, middle_norm, inner_norm, mlp_norm = (
    opaque(f"markov/{name}", f"{name}(l) = largest l1 norm among the {meaning} (D14)", bounds=(0, None))
    for name, meaning in _stages.items()
)
logit_l1_norm = opaque(
    "markov/logit_l1_norm",
    "logit_l1_norm(L) = largest l1 norm of the logits/tau of a transformer of L layers (D13, D14)",
    bounds=(0, None),
)

_layer = (r, m, H, B_V, B_O, B_1, B_2)
layers_within = opaque(
    "markov/layers_within",
    "layers_within(r, m, H, B_V, B_O, B_1, B_2) = 1 if all layers have width r, m rows in the MLP and H heads, and no "
    "entry of their matrices exceeds B_V, B_O, B_1, B_2 in absolute value; else 0 (D14)",
    integer=True,
    nonnegative=True,
)
unembedding_within = opaque(
    "markov/unembedding_within",
    "unembedding_within(B_U, tau) = 1 if the Euclidean norms of the rows of the unembedding sum to at most B_U and the "
    "temperature is tau; else 0 (D13)",
    integer=True,
    nonnegative=True,
)
_layers_given = eq(layers_within(_r, _m, _H, _V, _O, _1, _2), 1)
_unembedding_given = eq(unembedding_within(_U, _tau), 1)
_input_given = le(column_norm(0), _tok)


def _part(name: str, title: str, left: Any, right: Any, reason: str) -> Lemma:
    """One part of a layer: the inequality is elementary, its reading for the layer's own norms is not derived."""
    return Lemma(
        f"markov/{name}",
        title,
        _layer,
        Forall((_l,), le(left, right)),
        hypotheses=(_layers_given,),
        backing=derive().have("part", Forall((_l,), le(left, right)), by=Gap(reason)),
    )


_PRODUCT = "markov/product_norm proves it for finite sums; the layer's columns are not written as such sums here"
_CONVEX = "convexity of the l1 norm; the layer's columns are not written as sums here"
values_grow = _part("values_grow", "Value matrix of a head", value_norm(_l), _r / _H * _V * column_norm(_l), _PRODUCT)
output_grows = _part("output_grows", "Output matrix", attention_norm(_l), _r * _O * stack_norm(_l), _PRODUCT)
inner_grows = _part("inner_grows", "First matrix, ReLU", inner_norm(_l), _m * _1 * middle_norm(_l), _PRODUCT)
mlp_grows = _part("mlp_grows", "Second matrix of the MLP", mlp_norm(_l), _r * _2 * inner_norm(_l), _PRODUCT)
mixing_contracts = _part(
    "mixing_contracts", "A convex combination is no longer than the longest", head_norm(_l), value_norm(_l), _CONVEX
)
heads_stack = _part("heads_stack", "H stacked heads", stack_norm(_l), _H * head_norm(_l), _CONVEX)
attention_residual = _part(
    "attention_residual", "Residual of the attention", middle_norm(_l), column_norm(_l) + attention_norm(_l), _CONVEX
)
mlp_residual = _part(
    "mlp_residual", "Residual of the MLP", column_norm(_l + 1), middle_norm(_l) + mlp_norm(_l), _CONVEX
)
unembedding = Lemma(
    "markov/unembedding",
    "Logits of a column: row by row Cauchy-Schwarz, and the l2 norm is at most the l1 norm",
    (layers, B_U, tau),
    le(logit_l1_norm(_L), _U / _tau * column_norm(_L)),
    hypotheses=(_unembedding_given,),
    backing=derive().have(
        "rows",
        le(logit_l1_norm(_L), _U / _tau * column_norm(_L)),
        by=Gap("markov/logit_norms proves it for columns in the unit ball; scaling it to longer ones is not written"),
    ),
)
layer_growth = Lemma(
    "markov/layer_growth",
    "One layer multiplies the largest column by at most (1 + r m B_1 B_2)(1 + r^2 B_O B_V)",
    _layer,
    Forall((_l,), le(column_norm(_l + 1), layer_factor * column_norm(_l))),
    hypotheses=(_layers_given,),
    backing=derive()
    .have("length", Forall((_l,), ge(column_norm(_l), 0)), by=unfold(column_norm))
    .have("values", values_grow.conclusion, by=["hypothesis 1", values_grow.at()])
    .have("stack", heads_stack.conclusion, by=["hypothesis 1", heads_stack.at()])
    .have("mixing", mixing_contracts.conclusion, by=["hypothesis 1", mixing_contracts.at()])
    .have("inner", inner_grows.conclusion, by=["hypothesis 1", inner_grows.at()])
    .have(
        "heads",
        Forall((_l,), le(stack_norm(_l), _r * _V * column_norm(_l))),
        by=[fact("values", l_=_l), fact("stack", l_=_l), fact("mixing", l_=_l), quick],
        note="H heads of r/H rows",
    )
    .have(
        "attention",
        Forall((_l,), le(attention_norm(_l), _r**2 * _O * _V * column_norm(_l))),
        by=[fact("heads", l_=_l), "hypothesis 1", output_grows.at(), quick],
    )
    .have(
        "middle",
        Forall((_l,), le(middle_norm(_l), (1 + _r**2 * _O * _V) * column_norm(_l))),
        by=[fact("attention", l_=_l), "hypothesis 1", attention_residual.at(), quick],
    )
    .have(
        "mlp",
        Forall((_l,), le(mlp_norm(_l), _r * _m * _1 * _2 * middle_norm(_l))),
        by=[fact("inner", l_=_l), "hypothesis 1", mlp_grows.at(), quick],
    )
    .have(
        "output",
        Forall((_l,), le(column_norm(_l + 1), _mlp_factor * middle_norm(_l))),
        by=[fact("mlp", l_=_l), "hypothesis 1", mlp_residual.at(), quick],
    )
    .have(
        "layer",
        Forall((_l,), le(column_norm(_l + 1), layer_factor * column_norm(_l))),
        by=[fact("output", l_=_l), fact("middle", l_=_l), quick],
    ),
)
_growth = Parameter("growth", "a", "factor of a layer", reals(1), (1, 10))
_a = _growth.symbol
layers_grow = Lemma(
    "markov/layers_grow",
    "L layers that each multiply by at most a",
    (layers, B_tok, _growth),
    le(column_norm(_L), _a**_L * _tok),
    hypotheses=(Forall((_l,), le(column_norm(_l + 1), _a * column_norm(_l))), _input_given),
    backing=derive()
    .have(
        "all",
        Forall((_n,), le(column_norm(_n), _a**_n * _tok)),
        by=[Induction(_n), "hypothesis 2", fact("hypothesis 1", l_=_n), quick],
    )
    .have("at L", le(column_norm(_L), _a**_L * _tok), by=fact("all", n_=_L)),
)
pretraining_gap_depth = Claim(
    id="markov/pretraining_gap_depth",
    title="Logits of a deep transformer with attention over tokens",
    kind=Kind.UPPER,
    text=(
        "Column-mixing attention, causal or not: max_k ||S^(L)_k||_1 <= [(1 + r m B_1 B_2)(1 + r^2 B_O B_V)]^L "
        "B_tok, "
        "where no entry of a matrix exceeds its B and no input column has l1 norm above B_tok (assumed), so "
        "||logits||_1 <= Lambda'/tau with r^2 in place of r^3/H, no H. It matters for KL and log-loss only"
    ),
    parameters=(*_layer, layers, B_tok, B_U, tau),
    hypotheses=(_layers_given, _input_given, _unembedding_given),
    statements=(
        upper(logit_l1_norm(_L), Lambda_tokens / _tau, label="logits"),
        upper(column_norm(_L), layer_factor**_L * _tok, label="columns"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/pretraining_gap_depth_as_stated",),
    derivation=derive()
    .have("layer", layer_growth.conclusion, by=["hypothesis 1", layer_growth.at()])
    .have("factor", ge(layer_factor, 1), by=quick)
    .have(
        "columns",
        le(column_norm(_L), layer_factor**_L * _tok),
        by=["layer", "factor", "hypothesis 2", layers_grow.at(growth=layer_factor)],
    )
    .have(
        "logits",
        le(logit_l1_norm(_L), Lambda_tokens / _tau),
        by=["columns", "hypothesis 3", unembedding.at(), quick],
    ),
)
_printed = ambiguity(Lambda)
_GAP = shortfall(tv_risk(0, _N), _D)
pretraining_gap_depth_as_stated = Claim(
    id="markov/pretraining_gap_depth_as_stated",
    title="Pre-training gap with the depth in the constant",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "Theorem 4.2 with Bbar = 2 |Gamma| max{log T + 2 Lambda/tau, log(1/c_0)}^(1/2), "
        "Lambda = [(1 + r m B_1 B_2)(1 + (r^3/H) B_O B_V)]^L B_tok B_U; r^3/H comes from a softmax over an r x r matrix"
    ),
    parameters=(T, N, Gamma, delta, tau, c_0, *_layer, layers, B_tok, B_U),
    assumptions=(FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(le(mixing_norm(tv_risk(0, _N)), _G),),
    statements=(upper(_GAP, 2 * _G * sp.sqrt(_printed) * sp.sqrt(sp.log(2 / _D) / _N), trivial=1),),
    source=Source("zekri2024", "Cor. E.3 = F.16, Lemmas F.12-F.15", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.VACUOUS,
    why="larger than markov/pretraining_gap_as_stated, which already exceeds 1; Lambda is as removable as B_U",
    confidence=delta,
    derivation=derive(_GAP)
    .have("heads", ge(_r**3 / _H, _r**2), by=quick, note="so Lambda also covers attention over tokens")
    .le(
        2 * _G * sp.sqrt(_printed) * sp.sqrt(sp.log(2 / _D) / _N),
        by=["hypothesis 1", pretraining_gap_as_stated.at(B_U=Lambda)],
        name="Theorem 4.2 with Lambda",
    ),
)
