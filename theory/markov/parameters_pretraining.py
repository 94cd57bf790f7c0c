"""Parameters, losses and risks of the pre-training bounds (definitions D13-D18 of the specification, section 2.F).

Models are numbered j = 0, 1, ... before the data are drawn; model 0 is the one that a bound for a fixed model speaks
of. States are numbered by s, tokens by x = 0..T-1, windows S_1..S_N by n. Risks are means over the N windows: R is the
expected, R^ the realised one. Losses are total variation distances (in [0, 1]) or Kullback-Leibler divergences (nats).

Main definitions
    tv_loss, kl_loss       g(s) = d_TV(P*(.|s), P_j(.|s)), and the same for d_KL
    tv_risk, kl_risk       R^, the mean of the losses over the windows
    tv_change, kl_change   the largest change of R^ when one window is exchanged
    ambiguity              max{log T + 2 B_U / tau, log(1/c_0)}, D16

What is proved of them stands in `pretraining_ranges`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined, opaque
from theory.lemma import meaning
from theory.lemmas.euclidean import over_width
from theory.markov.parameters import T, tau
from theory.markov.parameters_concentration import difference_norm
from theory.markov.softmax import B_U as B_U  # re-exported: every pre-training bound takes them from here
from theory.markov.softmax import c_0 as c_0
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, le

D_U = Parameter(
    "D_U", "D_U", "largest distance of two rows of the unembedding (D13)", reals(0, sp.oo, open="lower"), (0.1, 100)
)
rho = Parameter("rho", r"\rho", "weight of the model, fixed before the data", reals(0, 1, open="lower"), (1e-9, 1))
epsilon_l1 = Parameter("error", r"\epsilon", "l1 error that is asked for", reals(0, 2, open="lower"), (0.001, 2))
model = Parameter("model", "j", "number of a model", integers(0), (0, 10))
last_model = Parameter("M", "M", "number of the last model of the class", integers(0), (0, 100))

s_ = sp.Symbol("s", integer=True, nonnegative=True)
x_ = sp.Symbol("x", integer=True, nonnegative=True)
y_ = sp.Symbol("k", integer=True, nonnegative=True)
n_ = sp.Symbol("n_", integer=True, positive=True)
i_ = sp.Symbol("i_", integer=True, positive=True)
j_ = sp.Symbol("j_", integer=True, nonnegative=True)
l_ = sp.Symbol("l_", integer=True, positive=True)
d_ = sp.Symbol("d_", positive=True)

_T = T.symbol


def ambiguity(logits: Any = B_U.symbol) -> sp.Expr:
    """max{log T + 2 B_U / tau, log(1/c_0)} in nats (D16), for logits of l1 norm at most `logits` / tau."""
    return sp.Max(sp.log(_T) + 2 * logits / tau.symbol, sp.log(1 / c_0.symbol))


def _real(name: str, **assumptions: bool) -> Any:
    return sp.Function(name, real=True, **assumptions)


def over_tokens(term: Any) -> sp.Sum:
    """Sum of `term`, an expression in x, over the tokens x = 0..T-1 (the index is called k)."""
    return sp.Sum(sp.S(term).xreplace({x_: y_}), (y_, 0, _T - 1))


source_law = opaque("markov/source_law", "source_law(s, x) = P*(x | s), the true next-token law (D15)", bounds=(0, 1))
model_law = opaque("markov/model_law", "model_law(j, s, x) = P_j(x | s), the law of model j", bounds=(0, 1))
source_mass = defined(
    "markov/source_mass",
    "source_mass(s) = sum_x P*(x|s) = 1",
    (s_,),
    over_tokens(source_law(s_, x_)),
    bounds=(1, 1),
    range_by=meaning(source_law),
)
model_mass = defined(
    "markov/model_mass",
    "model_mass(j, s) = sum_x P_j(x|s) = 1",
    (j_, s_),
    over_tokens(model_law(j_, s_, x_)),
    bounds=(1, 1),
    range_by=meaning(model_law),
)
data_window = opaque(
    "markov/data_window",
    "data_window(n) = number of the state S_n of the data",
    latex="S_n",
    integer=True,
    nonnegative=True,
)

tv_loss = defined(
    "markov/tv_loss",
    "tv_loss(j, s) = g(s) = d_TV(P*(.|s), P_j(.|s)) (D7, D17)",
    (j_, s_),
    over_tokens(sp.Abs(source_law(s_, x_) - model_law(j_, s_, x_))) / 2,
)
above_c0 = defined(
    "markov/above_c0",
    "above_c0(s, x) = P*(x|s) - c_0, which is >= 0 by the definition of c_0 (D15)",
    (s_, x_),
    source_law(s_, x_) - c_0.symbol,
    bounds=(0, None),
    range_by=meaning(c_0.symbol),
)
model_width = opaque(
    "markov/model_width",
    "model_width() = width of model 0, the number of coordinates of a hidden state (D13)",
    bounds=(1, None),
    integer=True,
    positive=True,
)
state_length = opaque(
    "markov/state_length",
    "state_length(s) = number of tokens of state s",
    bounds=(1, None),
    integer=True,
    positive=True,
)
hidden = opaque(
    "markov/hidden", "hidden(s, k, p) = coordinate k of the final hidden state at position p of state s, model 0"
)
token_row = opaque(
    "markov/token_row",
    "token_row(x, k) = coordinate k of the row of token x in the unembedding of model 0; rows beyond the last token "
    "repeat the last one (D13)",
)
width_of_model = model_width()
_c = sp.Symbol("k", integer=True, nonnegative=True)
_p = sp.Symbol("p", integer=True, nonnegative=True)


def over_coordinates(term: Any) -> sp.Sum:
    """Sum of `term`, an expression in k, over the coordinates of model 0."""
    return over_width(term, _c, width_of_model)


def averaged(row: Any, state: Any) -> sp.Sum:
    """(row of the unembedding) S 1_n/(n tau), a logit/tau (D13)."""
    length = state_length(state)
    return sp.Sum(over_coordinates(row(_c) * hidden(state, _c, _p)) / (length * tau.symbol), (_p, 0, length - 1))


state_logit = defined(
    "markov/state_logit",
    "state_logit(s, x) = logit/tau of token x in state s of model 0 (D13)",
    (s_, x_),
    averaged(lambda k: token_row(x_, k), s_),
)
row_length = defined(
    "markov/row_length",
    "row_length(x) = Euclidean norm of row x of the unembedding of model 0",
    (x_,),
    sp.sqrt(over_coordinates(token_row(x_, _c) ** 2)),
    nonnegative=True,
)
z_ = sp.Symbol("z", integer=True, nonnegative=True)
row_distance = defined(
    "markov/row_distance",
    "row_distance(x, z) = distance of two rows of the unembedding of model 0; the largest is D_U (D13)",
    (x_, z_),
    sp.sqrt(over_coordinates((token_row(x_, _c) - token_row(z_, _c)) ** 2)),
    bounds=(0, D_U.symbol),
    nonnegative=True,
    range_by=meaning(token_row, D_U.symbol, side="high"),
)
row_total = defined(
    "markov/row_total",
    "row_total() = sum of the norms of the T rows of the unembedding of model 0, which is B_U (D13)",
    (),
    sp.Sum(row_length(y_), (y_, 0, _T - 1)),
    bounds=(B_U.symbol, B_U.symbol),
    range_by=meaning(token_row, B_U.symbol),
)
hidden_square = defined(
    "markov/hidden_square",
    "hidden_square(s, p) = squared Euclidean norm of the final hidden state at position p of state s, model 0",
    (s_, _p),
    over_coordinates(hidden(s_, _c, _p) ** 2),
)
in_ball = Forall((s_, _p), le(hidden_square(s_, _p), 1))  # an assumption on model 0: layer norm (D13)
softmax_law = defined(
    "markov/softmax_law",
    "softmax_law(s, x) = P_0(x|s) - softmax of the logits, which is 0 (D4)",
    (s_, x_),
    model_law(0, s_, x_) - sp.exp(state_logit(s_, x_)) / sp.Sum(sp.exp(state_logit(s_, y_)), (y_, 0, _T - 1)),
    bounds=(0, 0),
    range_by=meaning(model_law),
)
kl_loss = defined(
    "markov/kl_loss",
    "kl_loss(s) = d_KL(P*(.|s) || P_0(.|s)) in nats, for positive laws (D17)",
    (s_,),
    sp.Sum(source_law(s_, y_) * sp.log(source_law(s_, y_) / model_law(0, s_, y_)), (y_, 0, _T - 1)),
)
tv_risk = opaque(
    "markov/tv_risk",
    "tv_risk(j, N) = number of R^ of model j as a function of the windows S_1..S_N: the mean of tv_loss (D17)",
    latex=r"\hat R",
    integer=True,
    nonnegative=True,
)
kl_risk = opaque(
    "markov/kl_risk",
    "kl_risk(N) = number of R^ of model 0 in nats: the mean of kl_loss over S_1..S_N",
    integer=True,
    nonnegative=True,
)


def mean_with(loss: Any, place: Any, state: Any) -> sp.Expr:
    """(1/N) (loss at all windows, but the one at `place` exchanged for `state`); `loss` maps a state to its loss."""
    before = sp.Sum(loss(data_window(i_)), (i_, 1, place - 1))
    after = sp.Sum(loss(data_window(i_)), (i_, place + 1, l_))
    return (before + loss(state) + after) / l_


tv_up = opaque(
    "markov/tv_up",
    "tv_up(j, n) = a state that makes R^ largest when S_n is exchanged for it",
    integer=True,
    nonnegative=True,
)
tv_down = opaque(
    "markov/tv_down",
    "tv_down(j, n) = a state that makes R^ smallest when S_n is exchanged for it",
    integer=True,
    nonnegative=True,
)
tv_change = defined(
    "markov/tv_change",
    "tv_change(j, N, n) = c_n, the largest change of R^ when only the window S_n is exchanged",
    (j_, l_, n_),
    mean_with(lambda s: tv_loss(j_, s), n_, tv_up(j_, n_)) - mean_with(lambda s: tv_loss(j_, s), n_, tv_down(j_, n_)),
    bounds=(0, None),
    range_by=meaning(tv_up, tv_down),
)
tv_norm = defined(
    "markov/tv_norm",
    "tv_norm(j, N) = |c|^2 - sum_n c_n^2, which is 0",
    (j_, l_),
    difference_norm(tv_risk(j_, l_)) ** 2 - sp.Sum(tv_change(j_, l_, n_) ** 2, (n_, 1, l_)),
    bounds=(0, 0),
    range_by=meaning(difference_norm),
)
kl_up = opaque(
    "markov/kl_up",
    "kl_up(n) = a state that makes R^ largest when S_n is exchanged for it",
    integer=True,
    nonnegative=True,
)
kl_down = opaque(
    "markov/kl_down",
    "kl_down(n) = a state that makes R^ smallest when S_n is exchanged for it",
    integer=True,
    nonnegative=True,
)
kl_change = defined(
    "markov/kl_change",
    "kl_change(N, n) = c_n, the largest change of R^ (KL) when only the window S_n is exchanged",
    (l_, n_),
    mean_with(kl_loss, n_, kl_up(n_)) - mean_with(kl_loss, n_, kl_down(n_)),
    bounds=(0, None),
    range_by=meaning(kl_up, kl_down),
)
kl_norm = defined(
    "markov/kl_norm",
    "kl_norm(N) = |c|^2 - sum_n c_n^2, which is 0",
    (l_,),
    difference_norm(kl_risk(l_)) ** 2 - sp.Sum(kl_change(l_, n_) ** 2, (n_, 1, l_)),
    bounds=(0, 0),
    range_by=meaning(difference_norm),
)
