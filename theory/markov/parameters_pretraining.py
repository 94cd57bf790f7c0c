"""Parameters, losses and risks of the pre-training bounds (definitions D13-D18 of the specification, section 2.F).

Models are numbered j = 0, 1, ... before the data are drawn; model 0 is the one that a bound for a fixed model speaks
of. States are numbered by s, tokens by x = 0..T-1, windows S_1..S_N by n. Risks are means over the N windows: R is the
expected, R^ the realised one. Losses are total variation distances (in [0, 1]) or Kullback-Leibler divergences (nats).

Main definitions
    tv_loss, tv_risk_gap, l1_error     g(s) = d_TV(P*(.|s), P_j(.|s)), R - R^, and 2 R where R^ = 0
    kl_loss, kl_risk_gap               the same for d_KL
    tv_largest_change, kl_largest_change   the largest change of R^ when one window is exchanged
    ambiguity                          max{log T + 2 B_U / tau, log(1/c_0)}, D16
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.softmax import floor_range
from theory.markov.parameters import T, tau
from theory.markov.parameters_concentration import difference_norm
from theory.markov.softmax import B_U as B_U  # re-exported: every pre-training bound takes them from here
from theory.markov.softmax import c_0 as c_0
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

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


def defined(
    name: str, variables: tuple[sp.Symbol, ...], value: Any, meaning: str, bounds: Any = None, latex: str = ""
) -> Definition:
    """name(variables) = value."""
    head = _real(name)
    equation = eq(head(*variables), value)
    return Definition(f"markov/{name}", head, meaning, (Forall(variables, equation),), latex, bounds)


def opaque(name: str, meaning: str, bounds: Any = None, *, integer: bool = False, latex: str = "") -> Definition:
    """A quantity described in words, with the range that its meaning gives."""
    head = sp.Function(name, integer=True, nonnegative=True) if integer else _real(name)
    return Definition(f"markov/{name}", head, meaning, (), latex, bounds)


source_law = opaque("source_law", "source_law(s, x) = P*(x | s), the true next-token law (D15)", (0, 1))
model_law = opaque("model_law", "model_law(j, s, x) = P_j(x | s), the law of model j", (0, 1))
source_mass = defined(
    "source_mass", (s_,), over_tokens(source_law(s_, x_)), "source_mass(s) = sum_x P*(x|s) = 1", (1, 1)
)
model_mass = defined(
    "model_mass", (j_, s_), over_tokens(model_law(j_, s_, x_)), "model_mass(j, s) = sum_x P_j(x|s) = 1", (1, 1)
)
data_window = opaque("data_window", "data_window(n) = number of the state S_n of the data", integer=True, latex="S_n")

tv_loss = defined(
    "tv_loss",
    (j_, s_),
    over_tokens(sp.Abs(source_law(s_, x_) - model_law(j_, s_, x_))) / 2,
    "tv_loss(j, s) = g(s) = d_TV(P*(.|s), P_j(.|s)) (D7, D17)",
)
above_c0 = defined(
    "above_c0",
    (s_, x_),
    source_law(s_, x_) - c_0.symbol,
    "above_c0(s, x) = P*(x|s) - c_0, which is >= 0 by the definition of c_0 (D15)",
    (0, None),
)
state_logit = opaque("state_logit", "state_logit(s, x) = logit/tau of token x in state s of model 0")
softmax_law = defined(
    "softmax_law",
    (s_, x_),
    model_law(0, s_, x_) - sp.exp(state_logit(s_, x_)) / sp.Sum(sp.exp(state_logit(s_, y_)), (y_, 0, _T - 1)),
    "softmax_law(s, x) = P_0(x|s) - softmax of the logits, which is 0 (D4)",
    (0, 0),
)
logit_room = defined(
    "logit_room",
    (s_, x_, y_),
    D_U.symbol / tau.symbol - (state_logit(s_, x_) - state_logit(s_, y_)),
    "logit_room(s, x, y) = D_U/tau - (difference of two logits), which is >= 0: final hidden states lie in the "
    "unit ball "
    "(D13, claim markov/logit_norms)",
    (0, None),
)
kl_loss = defined(
    "kl_loss",
    (s_,),
    sp.Sum(source_law(s_, y_) * sp.log(source_law(s_, y_) / model_law(0, s_, y_)), (y_, 0, _T - 1)),
    "kl_loss(s) = d_KL(P*(.|s) || P_0(.|s)) in nats, for positive laws (D17)",
)
tv_risk = opaque(
    "tv_risk",
    "tv_risk(j, N) = number of R^ of model j as a function of the windows S_1..S_N: the mean of tv_loss (D17)",
    integer=True,
    latex=r"\hat R",
)
kl_risk = opaque(
    "kl_risk", "kl_risk(N) = number of R^ of model 0 in nats: the mean of kl_loss over S_1..S_N", integer=True
)


def mean_with(loss: Any, place: Any, state: Any) -> sp.Expr:
    """(1/N) (loss at all windows, but the one at `place` exchanged for `state`); `loss` maps a state to its loss."""
    before = sp.Sum(loss(data_window(i_)), (i_, 1, place - 1))
    after = sp.Sum(loss(data_window(i_)), (i_, place + 1, l_))
    return (before + loss(state) + after) / l_


tv_up = opaque("tv_up", "tv_up(j, n) = a state that makes R^ largest when S_n is exchanged for it", integer=True)
tv_down = opaque("tv_down", "tv_down(j, n) = a state that makes R^ smallest when S_n is exchanged for it", integer=True)
tv_change = defined(
    "tv_change",
    (j_, l_, n_),
    mean_with(lambda s: tv_loss(j_, s), n_, tv_up(j_, n_)) - mean_with(lambda s: tv_loss(j_, s), n_, tv_down(j_, n_)),
    "tv_change(j, N, n) = c_n, the largest change of R^ when only the window S_n is exchanged",
    (0, None),
)
tv_norm = defined(
    "tv_norm",
    (j_, l_),
    difference_norm(tv_risk(j_, l_)) ** 2 - sp.Sum(tv_change(j_, l_, n_) ** 2, (n_, 1, l_)),
    "tv_norm(j, N) = |c|^2 - sum_n c_n^2, which is 0",
    (0, 0),
)
kl_up = opaque("kl_up", "kl_up(n) = a state that makes R^ largest when S_n is exchanged for it", integer=True)
kl_down = opaque("kl_down", "kl_down(n) = a state that makes R^ smallest when S_n is exchanged for it", integer=True)
kl_change = defined(
    "kl_change",
    (l_, n_),
    mean_with(kl_loss, n_, kl_up(n_)) - mean_with(kl_loss, n_, kl_down(n_)),
    "kl_change(N, n) = c_n, the largest change of R^ (KL) when only the window S_n is exchanged",
    (0, None),
)
kl_norm = defined(
    "kl_norm",
    (l_,),
    difference_norm(kl_risk(l_)) ** 2 - sp.Sum(kl_change(l_, n_) ** 2, (n_, 1, l_)),
    "kl_norm(N) = |c|^2 - sum_n c_n^2, which is 0",
    (0, 0),
)

among = (le(x_, _T - 1),)
model_floor = 1 / (1 + (_T - 1) * sp.exp(D_U.symbol / tau.symbol))
_state = Parameter("state", "s", "a state", integers(0), (0, 10))
_token = Parameter("token", "x", "a token", integers(0, _T - 1), (0, 1))
_S, _X, _range = _state.symbol, _token.symbol, D_U.symbol / tau.symbol
law_floor = Lemma(
    "markov/law_floor",
    "Every next-token probability of model 0 is at least 1/(1 + (T-1) e^(D_U/tau))",
    (T, D_U, tau, _state, _token),
    ge(model_law(0, _S, _X), model_floor),
    backing=derive()
    .have(
        "range",
        Forall((y_,), le(state_logit(_S, y_) - state_logit(_S, _X), _range)),
        by=[unfold(logit_room, s=_S, x=y_, k=_X), decide],
    )
    .have(
        "softmax",
        ge(sp.exp(state_logit(_S, _X)) / sp.Sum(sp.exp(state_logit(_S, y_)), (y_, 0, _T - 1)), model_floor),
        by=["range", floor_range.at(m=_T, i=_X, rho=_range, x=sp.Lambda(y_, state_logit(_S, y_)))],
    )
    .have(
        "floor",
        ge(model_law(0, _S, _X), model_floor),
        by=["softmax", unfold(softmax_law, s=_S, x=_X), decide],
    ),
)
tv_loss_range = Lemma(
    "markov/tv_loss_range",
    "A total variation distance lies in [0, 1]",
    (T, model),
    Forall((s_,), le(tv_loss(model.symbol, s_), 1)),
    backing=derive()
    .have(
        "each token",
        Forall(
            (s_, x_),
            le(
                sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_)),
                source_law(s_, x_) + model_law(model.symbol, s_, x_),
            ),
        ),
        by=[unfold(source_law), unfold(model_law), decide],
    )
    .have(
        "all tokens",
        Forall(
            (s_,),
            le(
                over_tokens(sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_))),
                over_tokens(source_law(s_, x_) + model_law(model.symbol, s_, x_)),
            ),
        ),
        by=[Termwise(), "each token"],
    )
    .have(
        "mass",
        Forall(
            (s_,),
            eq(
                over_tokens(source_law(s_, x_) + model_law(model.symbol, s_, x_)),
                source_mass(s_) + model_mass(model.symbol, s_),
            ),
        ),
        by=[unfold(source_mass, s=s_), unfold(model_mass, j_=model.symbol, s=s_), algebra],
    )
    .have(
        "range",
        Forall((s_,), le(tv_loss(model.symbol, s_), 1)),
        by=[
            unfold(tv_loss, j_=model.symbol, s=s_),
            fact("all tokens", s=s_),
            fact("mass", s=s_),
            unfold(source_mass, s=s_),
            unfold(model_mass, j_=model.symbol, s=s_),
            decide,
        ],
    ),
)
tv_loss_floor = Lemma(
    "markov/tv_loss_floor",
    "A total variation distance is not negative",
    (T, model),
    Forall((s_,), ge(tv_loss(model.symbol, s_), 0)),
    backing=derive()
    .have(
        "all tokens",
        Forall(
            (s_,), ge(over_tokens(sp.Abs(source_law(s_, x_) - model_law(model.symbol, s_, x_))), over_tokens(0 * x_))
        ),
        by=[Termwise(), decide],
    )
    .have(
        "floor",
        Forall((s_,), ge(tv_loss(model.symbol, s_), 0)),
        by=[unfold(tv_loss, j_=model.symbol, s=s_), fact("all tokens", s=s_), decide],
    ),
)
