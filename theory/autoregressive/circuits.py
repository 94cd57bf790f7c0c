"""Threshold circuits by chains of tokens, and back (specification `autoregressive` 2D).

Main statements
    threshold_circuit_as_stated   a circuit of s gates is a chain of s tokens, with every gap at least 1
    threshold_circuit_length      a step on bits is one gate: the least length is the least size of a circuit
    nonuniform_ppoly              families of linear chains of polynomial length decide exactly P/poly
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.threshold_functions import first_gates_without_certificate, threshold_function_count
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Computation, Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

n = Parameter("n", "n", "number of input bits", integers(1), (1, 8), "bits")
gates = Parameter("gates", "s", "gates of a threshold circuit", integers(1), (1, 8))
weighted = Parameter("a", "a", "weighted sum of a gate's inputs, an integer", integers(), (-6, 6))
theta = Parameter("theta", r"\theta", "threshold of the gate, an integer", integers(), (-3, 3))
output = Parameter("v", "v", "value of the gate: 1 where a >= theta, else 0", integers(0, 1), (0, 1))
tokens = Parameter("T", "T", "tokens of a predictor that computes the function", integers(1), (1, 8), "tokens")
_n, _gates, _a, _theta, _v, _T = (p.symbol for p in (n, gates, weighted, theta, output, tokens))

_i = sp.Symbol("i", integer=True, positive=True)
_k = sp.Symbol("k", integer=True, positive=True)
_t = sp.Symbol("t", integer=True, positive=True)
_s = sp.Symbol("s", integer=True, nonnegative=True)
_p, _q = (sp.Symbol(name, integer=True) for name in "pq")
_w = sp.Function("gate_weight", integer=True)

circuit_tokens = defined(
    "autoregressive/circuit_tokens",
    "circuit_tokens(s) = tokens of the chain of a circuit with s gates: one for each gate, in topological order",
    (_k,),
    sp.Sum(1, (_t, 1, _k)),
    integer=True,
    nonnegative=True,
)
gate_score = defined(
    "autoregressive/gate_score",
    "gate_score(a, theta) = score of token 1 minus score of token 0 for the gate [a >= theta]",
    (_p, _q),
    2 * _p + 1 - 2 * _q,
    integer=True,
)
gate_norm = defined(
    "autoregressive/gate_norm",
    "gate_norm(m) = B^2 of the step of a gate with m inputs: weights 2 w and bias 1 - 2 theta on token 1, none on "
    "token 0",
    (_k,),
    sp.Sum((2 * _w(_i)) ** 2, (_i, 1, _k)) + (1 - 2 * _theta) ** 2,
)
inputs = Parameter("m", "m", "inputs of a gate", integers(1), (1, 8))
_m = inputs.symbol
weight_norm = Parameter(
    "w2", r"\\|w\\|^2".replace("\\\\", "\\"), "sum of the squares of its weights", reals(0), (0, 100)
)

threshold_circuit_as_stated = Claim(
    id="autoregressive/threshold_circuit_as_stated",
    title="T gates, T tokens",
    kind=Kind.UPPER,
    text=(
        "A function computed by a threshold circuit with s gates is computed by a linear autoregressive predictor in s "
        "steps, the training chains being the values of the gates in topological order. With integer weights the "
        "scores 0 and 2 a + 1 - 2 theta decide the gate [a >= theta] with gap at least 1"
    ),
    parameters=(gates, weighted, theta, output, inputs, weight_norm),
    hypotheses=(
        ge(_v * (_a - _theta), 0),
        ge((1 - _v) * (_theta - 1 - _a), 0),
        eq(sp.Sum(_w(_i) ** 2, (_i, 1, _m)), weight_norm.symbol),
    ),
    statements=(
        upper(circuit_tokens(_gates), _gates, label="length"),
        lower((2 * _v - 1) * gate_score(_a, _theta), 1, label="gap"),
        equal(gate_norm(_m), 4 * weight_norm.symbol + (2 * _theta - 1) ** 2, label="norm"),
    ),
    source=Source("malach2023", "Thm 3.8", "v3", recheck=True),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "one token a gate", eq(circuit_tokens(_gates), sp.Sum(1, (_t, 1, _gates))), by=unfold(circuit_tokens, k=_gates)
    )
    .have("count", eq(sp.Sum(1, (_t, 1, _gates)), _gates), by=algebra)
    .have("length", le(circuit_tokens(_gates), _gates), by=["one token a gate", "count"])
    .have("score", eq(gate_score(_a, _theta), 2 * (_a - _theta) + 1), by=unfold(gate_score, p=_a, q=_theta))
    .have(
        "gap",
        ge((2 * _v - 1) * gate_score(_a, _theta), 1),
        by=["score", "hypothesis 1", "hypothesis 2", decide],
        note="an odd score is never 0: it is at least 1 where a >= theta and at most -1 where a <= theta - 1",
    )
    .have(
        "squares",
        eq(sp.Sum((2 * _w(_i)) ** 2, (_i, 1, _m)), 4 * sp.Sum(_w(_i) ** 2, (_i, 1, _m))),
        by=algebra,
    )
    .have(
        "norm",
        eq(gate_norm(_m), 4 * weight_norm.symbol + (2 * _theta - 1) ** 2),
        by=[unfold(gate_norm, k=_m), "squares", "hypothesis 3", decide],
    ),
)

first_score, second_score = (
    sp.Function(name, real=True) for name in ("score_difference_of_zero", "score_difference_of_one")
)
bit = sp.Function("context_bit", integer=True)
bias = Parameter("b", "b", "difference of the biases", reals(), (-3, 3))
least_gates = Parameter("G", "G", "least number of gates of a circuit for f, at least 1 (D11)", integers(1), (1, 8))
_b, _G = bias.symbol, least_gates.symbol

one_hot_difference = defined(
    "autoregressive/one_hot_difference",
    "one_hot_difference(m) = score of token 1 minus score of token 0 on m bits: position i adds the weight of its own "
    "bit, of which 1 - x_i and x_i are the indicators (D8)",
    (_k,),
    sp.Sum((1 - bit(_i)) * first_score(_i) + bit(_i) * second_score(_i), (_i, 1, _k)) + _b,
)
affine_form = defined(
    "autoregressive/affine_form",
    "affine_form(m) = weights second - first on the bits, and a constant",
    (_k,),
    sp.Sum((second_score(_i) - first_score(_i)) * bit(_i), (_i, 1, _k)) + sp.Sum(first_score(_i), (_i, 1, _k)) + _b,
)
chain_gates = defined(
    "autoregressive/chain_gates",
    "chain_gates(T) = gates of the circuit whose gates are the T tokens of a predictor on bits",
    (_k,),
    sp.Sum(1, (_t, 1, _k)),
    integer=True,
    nonnegative=True,
)
threshold_functions_of_4 = opaque(
    "autoregressive/threshold_functions_of_4",
    "threshold_functions_of_4() = threshold functions of 4 bits with integer weights in -3..3",
    integer=True,
    nonnegative=True,
)
unsettled_first_gates = opaque(
    "autoregressive/unsettled_first_gates",
    "unsettled_first_gates() = threshold functions g of 4 bits without two odd and two even points of equal coordinate "
    "sums and equal sums of g",
    integer=True,
    nonnegative=True,
)

_odd, _even = (sp.Function(name, real=True) for name in ("score_at_odd", "score_at_even"))

threshold_circuit_length = Claim(
    id="autoregressive/threshold_circuit_length",
    title="Length complexity is circuit size",
    kind=Kind.EQUALITY,
    text=(
        "Over bits, the least number of tokens of a linear autoregressive predictor that computes f is the larger of 1 "
        "and the least number of gates of a threshold circuit for f. Parity of 4 bits is not computed by 2 tokens: for "
        "each of the 1882 possible first gates two odd and two even points have equal coordinate sums and gate sums"
    ),
    parameters=(tokens, least_gates, inputs, bias),
    hypotheses=(le(_G, chain_gates(_T)), le(_T, circuit_tokens(_G))),
    statements=(
        equal(_T, sp.Max(1, _G), label="length"),
        equal(one_hot_difference(_m), affine_form(_m), label="a step is a gate"),
        equal(threshold_functions_of_4(), 1882, label="threshold functions of 4 bits"),
        equal(unsettled_first_gates(), 0, label="parity of 4 bits"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/threshold_circuit_as_stated",),
    remarks=(
        "hypotheses: the least circuit has no more gates than the one made of a shortest chain (its tokens are gates, "
        "the tie rule being >= or >), and the shortest chain no more tokens than the one made of a least circuit",
        "four points as in the last statement leave no second gate: w.x + c g(x) would sum to at least 2 theta over "
        "the odd points and to less than 2 theta over the even ones, though both sums are the same",
        "the numbers 4, 14, 104, 1882 of threshold functions of 1..4 bits are OEIS A000609",
    ),
    derivation=derive()
    .have(
        "linear",
        eq(
            sp.Sum((1 - bit(_i)) * first_score(_i) + bit(_i) * second_score(_i), (_i, 1, _m)),
            sp.Sum((second_score(_i) - first_score(_i)) * bit(_i), (_i, 1, _m)) + sp.Sum(first_score(_i), (_i, 1, _m)),
        ),
        by=algebra,
    )
    .have(
        "a step is a gate",
        eq(one_hot_difference(_m), affine_form(_m)),
        by=[unfold(one_hot_difference, k=_m), unfold(affine_form, k=_m), "linear", quick],
    )
    .have("ones", Forall((_k,), eq(sp.Sum(1, (_t, 1, _k)), _k)), by=[Induction(_k, 1), quick])
    .have("tokens to gates", eq(chain_gates(_T), _T), by=[unfold(chain_gates, k=_T), fact("ones", k=_T)])
    .have("gates to tokens", eq(circuit_tokens(_G), _G), by=[unfold(circuit_tokens, k=_G), fact("ones", k=_G)])
    .have(
        "length",
        eq(_T, sp.Max(1, _G)),
        by=["tokens to gates", "gates to tokens", "hypothesis 1", "hypothesis 2", decide],
    )
    .have(
        "functions of 4 bits",
        eq(threshold_functions_of_4(), 1882),
        by=Computation(threshold_function_count, "enumeration of integer weights in -3..3 and all thresholds"),
    )
    .have(
        "parity of 4 bits",
        eq(unsettled_first_gates(), 0),
        by=Computation(first_gates_without_certificate, "search of four points for each first gate"),
    ),
)

in_and, in_or = (Parameter(name, name, "a bit", integers(0, 1), (0, 1)) for name in ("x", "y"))
_x, _y = in_and.symbol, in_or.symbol
step_size = opaque(
    "autoregressive/step_size",
    "step_size(N) = gates of a Boolean circuit for one step of a linear predictor with N features, |D| being constant",
    nonnegative=True,
)
decider_size = defined(
    "autoregressive/decider_size",
    "decider_size(n, T) = gates of a Boolean circuit for T steps on prompts of n tokens",
    (_k, _t),
    sp.Sum(step_size(_k + _i), (_i, 1, _t)),
)
constant = Parameter("C", "C", "constant of the dictionary, see step_circuit", integers(1), (1, 8))
step_circuit = Lemma(
    "autoregressive/step_circuit",
    "One step on N features is a Boolean circuit of at most C N^3 gates",
    (constant,),
    Forall((_k,), le(step_size(_k), constant.symbol * _k**3)),
    backing=Citation(
        Source("muroga1971", "weights of threshold functions", recheck=True),
        "integer weights of O(N log N) bits suffice; sums of N such numbers and their comparison are Boolean "
        "circuits of polynomial size",
    ),
)
_C = constant.symbol
_cubes = sp.Sum(_C * (_n + _i) ** 3, (_i, 1, _T))
_most = sp.Sum(_C * (_n + _T) ** 3, (_i, 1, _T))

nonuniform_ppoly = Claim(
    id="autoregressive/nonuniform_ppoly",
    title="Families of linear chains of polynomial length decide exactly P/poly",
    kind=Kind.STRUCTURAL,
    text=(
        "Languages decided by families, one model for each n, of linear autoregressive predictors with a constant "
        "dictionary and T(n) polynomial in n are exactly P/poly: each step is a polynomial Boolean circuit, and AND, "
        "OR and NOT are threshold gates, one token each"
    ),
    parameters=(n, tokens, constant, in_and, in_or, gates),
    statements=(
        upper(decider_size(_n, _T), _C * _T * (_n + _T) ** 3, label="into circuits"),
        lower((2 * _x * _y - 1) * gate_score(_x + _y, 2), 1, label="and"),
        lower((2 * (_x + _y - _x * _y) - 1) * gate_score(_x + _y, 1), 1, label="or"),
        lower((1 - 2 * _x) * gate_score(-_x, 0), 1, label="not"),
        equal(circuit_tokens(_gates), _gates, label="length"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("so `universal` is non-uniform: a separate model for every n",),
    derivation=derive(decider_size(_n, _T))
    .have("one step", step_circuit.conclusion, by=step_circuit.at())
    .have("cubes grow", Forall((_k,), le((_n + _k) ** 3, (_n + _T) ** 3), (le(_k, _T),)), by=decide)
    .eq(sp.Sum(step_size(_n + _i), (_i, 1, _T)), by=unfold(decider_size, k=_n, t=_T), name="steps")
    .le(_cubes, by=[Termwise(), fact("one step", k=_n + _i)], name="step by step")
    .le(_most, by=[Termwise(), fact("cubes grow", k=_i), quick], name="growing")
    .eq(_C * _T * (_n + _T) ** 3, by=algebra, name="constants")
    .have(
        "and",
        ge((2 * _x * _y - 1) * gate_score(_x + _y, 2), 1),
        by=[unfold(gate_score, p=_x + _y, q=2), decide],
    )
    .have(
        "or",
        ge((2 * (_x + _y - _x * _y) - 1) * gate_score(_x + _y, 1), 1),
        by=[unfold(gate_score, p=_x + _y, q=1), decide],
    )
    .have("not", ge((1 - 2 * _x) * gate_score(-_x, 0), 1), by=[unfold(gate_score, p=-_x, q=0), decide])
    .have("ones", eq(sp.Sum(1, (_t, 1, _gates)), _gates), by=algebra)
    .have("length", eq(circuit_tokens(_gates), _gates), by=[unfold(circuit_tokens, k=_gates), "ones"]),
)
