"""Consistent linear decoders: a linear program finds one, a mistake-driven learner may not in time (specification 2C).

Tokens are numbered a = 0..|A|-1 in dictionary order, true_token(j) is the next token of context j. ahead(j, a) is the
score of the true token minus that of token a, lowered(j, a) the same after the bias of token a was lowered by eta a and
all weights were divided by eta.

Main statements
    linear_decoder_as_stated   efficiently learnable, also by SGD: the second half needs margins
    linear_decoder_lp          a decoder that is right with ties gives one with all gaps at least 1
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import REALIZABLE
from theory.autoregressive.parameters import K, m, n
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import algebra, decide, fact, unfold
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

updates_made = Parameter("M", "M", "updates until all examples are right", integers(0), (0, 10**6), "updates")
degree = Parameter("degree", "c", "degree of a polynomial", integers(1), (1, 6))
linear_decoder_as_stated = Claim(
    id="autoregressive/linear_decoder_as_stated",
    title="Linear decoders are efficiently learnable, also by SGD",
    kind=Kind.UPPER,
    text=(
        "Linear decoders are efficiently learnable; with a convex surrogate also by stochastic gradient descent, in a "
        "number of updates that is polynomial in n (measured: (n + 1)^c updates of the perceptron, c = 2, on all "
        "inputs of one gate on n bits)"
    ),
    parameters=(n, degree, updates_made),
    statements=(upper(updates_made.symbol, (n.symbol + 1) ** degree.symbol, label="updates"),),
    source=Source("malach2023", "Section 3, after Theorem 3.3", "v3", recheck=True),
    status=Status.AS_STATED,
    assumptions=(REALIZABLE,),
    expected=Verdict.REFUTED,
    why=(
        "true of the linear program; a gate whose weights must grow as Fibonacci numbers costs every perceptron as "
        "many updates, more than any polynomial: SGD needs an inverse polynomial margin"
    ),
)

A = Parameter("A", "|A_t|", "live tokens of the step", integers(2), (2, 200), "tokens")
t = Parameter("t", "t", "step of the chain", integers(1), (1, 1000), "tokens")
eta = Parameter("eta", r"\eta", "by how much each bias is lowered", reals(0, sp.oo, open="lower"), (0.01, 1))
least = Parameter("least", "g", "least positive difference of scores", reals(0, sp.oo, open="lower"), (0.01, 10))
context = Parameter("context", "j", "a context of the sample", integers(0), (0, 100))
later = Parameter("later", "a", "a live token after the true one", integers(0), (0, 100))
earlier = Parameter("earlier", "b", "a live token before the true one", integers(0), (0, 100))

_x, _y, _z, _v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyzv")
_j, _a = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ja")
ahead, lowered = (sp.Function(name, real=True) for name in ("ahead", "lowered"))
true_token = sp.Function("true_token", integer=True, nonnegative=True)
_eta, _g, _A = eta.symbol, least.symbol, A.symbol

lp_variables = defined(
    "autoregressive/lp_variables",
    "variables of the program at step y of z live tokens: one weight for every live token and every feature, that is "
    "every token at each of the x + y - 1 positions of the context, and the constant",
    (_x, _y, _z, _v),
    sp.Sum(sp.Sum(_v, (_j, 1, _x + _y - 1)) + 1, (_a, 1, _z)),
    integer=True,
)
lp_rows = defined(
    "autoregressive/lp_rows",
    "rows of the program: one for every context x and every live token other than the true one",
    (_x, _z),
    sp.Sum(sp.Sum(1, (_a, 1, _z)) - 1, (_j, 1, _x)),
    integer=True,
)
_variables = sp.Sum(sp.Sum(K.symbol, (_j, 1, n.symbol + t.symbol - 1)) + 1, (_a, 1, _A))
_rows = sp.Sum(sp.Sum(1, (_a, 1, _A)) - 1, (_j, 1, m.symbol))
_unfolded = unfold(lp_variables, x=n.symbol, y=t.symbol, z=_A, v=K.symbol)
linear_decoder_lp = Claim(
    id="autoregressive/linear_decoder_lp",
    title="Consistency of a linear decoder is a linear program",
    kind=Kind.STRUCTURAL,
    text=(
        "m chains are realizable at position t exactly if the linear program <W_true - W_a, Phi> >= 1 over all live "
        "tokens a other than the true one is feasible; it has |A_t| (K (n + t - 1) + 1) variables and m (|A_t| - 1) "
        "rows"
    ),
    parameters=(n, t, K, A, m, eta, least, context, later, earlier),
    hypotheses=(
        Forall((_j, _a), ge(ahead(_j, _a), 0), (lt(true_token(_j), _a),)),
        Forall((_j, _a), ge(ahead(_j, _a), _g), (lt(_a, true_token(_j)),)),
        Forall((_j,), le(true_token(_j), _A - 1)),
        eq(_eta, _g / _A),
        Forall((_j, _a), eq(lowered(_j, _a), (ahead(_j, _a) + _eta * (_a - true_token(_j))) / _eta)),
        lt(true_token(context.symbol), later.symbol),
        lt(earlier.symbol, true_token(context.symbol)),
    ),
    statements=(
        lower(lowered(context.symbol, later.symbol), 1, label="ties"),
        lower(lowered(context.symbol, earlier.symbol), 1, label="strict"),
        equal(
            lp_variables(n.symbol, t.symbol, _A, K.symbol),
            _A * (K.symbol * (n.symbol + t.symbol - 1) + 1),
            label="variables",
        ),
        equal(lp_rows(m.symbol, _A), m.symbol * (_A - 1), label="rows"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "later token",
        Forall((_j, _a), ge(lowered(_j, _a), 1), (lt(true_token(_j), _a),)),
        by=[fact("hypothesis 1", j=_j, a=_a), fact("hypothesis 5", j=_j, a=_a), decide],
        note="a tie is broken by lowering the biases",
    )
    .have(
        "earlier token",
        Forall((_j, _a), ge(lowered(_j, _a), 1), (lt(_a, true_token(_j)),)),
        by=[
            fact("hypothesis 2", j=_j, a=_a),
            fact("hypothesis 3", j=_j),
            "hypothesis 4",
            fact("hypothesis 5", j=_j, a=_a),
            decide,
        ],
        note="eta is too small to undo a strict preference",
    )
    .have(
        "ties",
        ge(lowered(context.symbol, later.symbol), 1),
        by=["hypothesis 6", fact("later token", j=context.symbol, a=later.symbol)],
    )
    .have(
        "strict",
        ge(lowered(context.symbol, earlier.symbol), 1),
        by=["hypothesis 7", fact("earlier token", j=context.symbol, a=earlier.symbol)],
    )
    .have("variables", eq(lp_variables(n.symbol, t.symbol, _A, K.symbol), _variables), by=_unfolded)
    .have(
        "count of variables",
        eq(_variables, _A * (K.symbol * (n.symbol + t.symbol - 1) + 1)),
        by=algebra,
    )
    .have(
        "all variables",
        eq(lp_variables(n.symbol, t.symbol, _A, K.symbol), _A * (K.symbol * (n.symbol + t.symbol - 1) + 1)),
        by=["variables", "count of variables"],
    )
    .have("rows", eq(lp_rows(m.symbol, _A), _rows), by=unfold(lp_rows, x=m.symbol, z=_A))
    .have("count of rows", eq(_rows, m.symbol * (_A - 1)), by=algebra)
    .have("all rows", eq(lp_rows(m.symbol, _A), m.symbol * (_A - 1)), by=["rows", "count of rows"]),
)
