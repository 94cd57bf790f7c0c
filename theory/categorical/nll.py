"""The log-loss of a linear-softmax head (specification `categorical` 2.7).

Main statements
    nll_decomposition                  L_CE = -E <gbar_X, h_X> + E A(h_X)
    spectral_alignment_as_stated       that its minimisers maximise an alignment of kernels: refuted
    prototype_proportional_as_stated   that its optimal states are proportional to the prototypes: refuted
    moment_matching                    the loss is stationary in a state exactly where the moments match

x is a context 0..n_X of mass mu(x), k a token 0..V-1 and p(x, k) the row of the data, j a coordinate 0..d-1, g(k, j)
the unembedding, state(x, j) the state h_x and gbar(x, j) = sum_k p(x, k) g(k, j) its prototype (D12, D19).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V, d
from theory.categorical.state_laws import contexts, j, k, mean, mu, over_tokens, p, rows, u, v, x
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.calculus import end, s
from theory.lemmas.double_sums import exchange_kj
from theory.lemmas.softmax import m, normaliser_positive
from theory.lemmas.softmax import over_tokens as over_letters
from theory.lemmas.tilting import a, divergence, forward_kl, partition, positive, slope, y
from theory.lemmas.tilting import mean as tilted_mean
from theory.proposition import Forall, eq, gt
from theory.source import Source
from theory.verdict import Verdict

g, state, gbar = (sp.Function(name, real=True) for name in ("g", "state", "gbar"))
_V, _d = V.symbol, d.symbol


def over_width(term: Any, index: sp.Symbol = j) -> sp.Sum:
    """The sum of `term` over the coordinates of a state."""
    return sp.Sum(term, (index, 0, _d - 1))


def logit(context: Any, token: Any) -> sp.Sum:
    """<g(token), h_context>."""
    return over_width(state(context, j) * g(token, j))


def normaliser(context: Any) -> sp.Sum:
    """Z(h_context) = e^A."""
    return over_tokens(sp.exp(logit(context, k)))


def alignment(context: Any) -> sp.Sum:
    """<gbar_x, h_x>."""
    return over_width(state(context, j) * gbar(context, j))


def _loss(context: Any, token: Any) -> sp.Expr:
    return -p(context, token) * sp.log(sp.exp(logit(context, token)) / normaliser(context))


def _split(context: Any, token: Any) -> sp.Expr:
    return p(context, token) * (sp.log(normaliser(context)) - logit(context, token))


_decomposed = -mean(alignment(x)) + mean(sp.log(normaliser(x)))
nll_decomposition = Claim(
    id="categorical/nll_decomposition",
    title="Alignment plus log-partition",
    kind=Kind.EQUALITY,
    text="L_CE = -E <gbar_X, h_X> + E A(h_X) for a linear-softmax head without biases",
    parameters=(contexts, V, d),
    functions=(mu, p, g, state, gbar),
    hypotheses=(*rows, Forall((x, j), eq(gbar(x, j), over_tokens(p(x, k) * g(k, j))))),
    statements=(equal(mean(over_tokens(_loss(x, k))), _decomposed),),
    source=Source("zhang2025", "App. A.9, step 1"),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "normaliser",
        Forall((u,), gt(normaliser(u), 0)),
        by=normaliser_positive.at(m=_V, x=sp.Lambda((k,), logit(u, k))),
    )
    .have("log-softmax", Forall((u, v), eq(_loss(u, v), _split(u, v))), by=[fact("normaliser", u=u), algebra])
    .have(
        "row",
        Forall((u,), eq(over_tokens(_loss(u, k)), over_tokens(_split(u, k)))),
        by=[Termwise(), fact("log-softmax", u=u, v=k)],
    )
    .have(
        "linear",
        Forall(
            (u,),
            eq(
                over_tokens(_split(u, k)),
                sp.log(normaliser(u)) * over_tokens(p(u, k)) - over_tokens(p(u, k) * logit(u, k)),
            ),
        ),
        by=algebra,
    )
    .have(
        "order of summation",
        Forall(
            (u,),
            eq(
                over_tokens(p(u, k) * logit(u, k)),
                over_width(state(u, j) * over_tokens(p(u, k) * g(k, j))),
            ),
        ),
        by=exchange_kj.at(
            top=_V - 1,
            last=_d - 1,
            g=sp.Lambda((k, j), g(k, j)),
            u=sp.Lambda((k,), p(u, k)),
            w=sp.Lambda((j,), state(u, j)),
        ),
    )
    .have(
        "prototypes",
        Forall((u,), eq(alignment(u), over_width(state(u, j) * over_tokens(p(u, k) * g(k, j))))),
        by=[Termwise(), fact("hypothesis 3", x=u, j=j)],
    )
    .have(
        "context",
        Forall((u,), eq(over_tokens(_loss(u, k)), sp.log(normaliser(u)) - alignment(u))),
        by=[
            *(fact(n, u=u) for n in ("row", "linear", "order of summation", "prototypes")),
            fact("hypothesis 2", x=u),
            quick,
        ],
    )
    .have(
        "contexts",
        eq(mean(over_tokens(_loss(x, k))), mean(sp.log(normaliser(x)) - alignment(x))),
        by=[Termwise(), fact("context", u=x)],
    )
    .have("average", eq(mean(sp.log(normaliser(x)) - alignment(x)), _decomposed), by=algebra)
    .have("decomposition", eq(mean(over_tokens(_loss(x, k))), _decomposed), by=["contexts", "average"]),
)

white_loss = opaque(
    "categorical/white_loss",
    "white_loss(n) = log-loss of whitened states: those of largest alignment (n = 1), any others (n = 2)",
    bounds=(0, None),
    unit="nats",
)
spectral_alignment_as_stated = Claim(
    id="categorical/spectral_alignment_as_stated",
    title="NLL is spectral alignment",
    kind=Kind.EQUALITY,
    text=(
        "With ||g(w)|| = 1, whitened states (E h = 0, E h h^T = 1) and bounded Z, minimising the log-loss is "
        "maximising J(h) = E <h_X, h_X'> <gbar_X, gbar_X'> = ||E h gbar^T||_F^2: every whitened h of largest J has a "
        "log-loss at most that of any other whitened h"
    ),
    parameters=(),
    statements=(upper(white_loss(1), white_loss(2), label="argmax"),),
    source=Source("zhang2025", "Thm 7.6, App. A.9"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "J(U h) = J(h) for orthogonal U, the log-loss is not invariant: with d = 1, g = +-1, prototypes +-.6 the "
        "states (1, -1) and (-1, 1) both maximise, with losses .5269 and 1.7269; and the argmins differ even up to sign"
    ),
)

scaled_state = opaque(
    "categorical/scaled_state",
    "scaled_state(x, y) = h_x gbar_y for the states of least log-loss of a head of width 1",
)
prototype_proportional_as_stated = Claim(
    id="categorical/prototype_proportional_as_stated",
    title="States are proportional to prototypes",
    kind=Kind.EQUALITY,
    text="The states of least log-loss satisfy h_x = c gbar_x, so that h_x gbar_x' = h_x' gbar_x at width 1",
    parameters=(),
    statements=(equal(scaled_state(1, 2), scaled_state(2, 1)),),
    source=Source("zhang2025", "App. A.6, Prop. 7.6", "v1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="g = +-1, gbar = .5 and .9: h = artanh gbar = .5493 and 1.4722, of ratio 2.6801 against 1.8",
)

_m, _x = m.symbol, end.symbol
_p = sp.Function("p", real=True)
rate = sp.Function("rate", real=True)


def line_loss(time: Any) -> sp.Expr:
    """A(h + time v) - <gbar, h + time v>, a(k) = <g(k), h> and y(k) = <g(k), v>."""
    return sp.log(partition(time)) - over_letters(_p(k) * (a(k) + time * y(k)))


_data = over_letters(_p(k) * y(k))
_excess = tilted_mean(0) - _data
_start = over_letters(_p(k) * a(k))
moment_matching = Claim(
    id="categorical/moment_matching",
    title="Optimal states match moments",
    kind=Kind.EQUALITY,
    text=(
        "A free state h of one context, moved along v: d/ds L(h + s v) = <E_{p_h} g - gbar, v> at s = 0, so that the "
        "loss is stationary iff E_{p_h} g = gbar; and L(h + x v) - L(h) = x <E_{p_h} g - gbar, v> + KL(p_h || "
        "p_{h + x v}), so that a stationary point is a minimum, unique iff no v changes the law (rank W_c = d). It "
        "exists where p has full support. Notation: a(k) = <g(k), h>, y(k) = <g(k), v>, m tokens."
    ),
    parameters=(m, end),
    functions=(a, y, _p, rate),
    hypotheses=(
        eq(over_letters(_p(k)), 1),
        Forall((s,), eq(sp.Derivative(line_loss(s), s), rate(s))),
    ),
    statements=(
        equal(rate(0), _excess, label="gradient"),
        equal(line_loss(_x) - line_loss(0), _x * _excess + divergence(0, _x), label="increment"),
    ),
    source=Source("saunshi2021", "in spirit", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/prototype_proportional_as_stated",),
    derivation=derive()
    .have("partition", Forall((s,), gt(partition(s), 0)), by=positive(s))
    .have("slope", slope.conclusion, by=slope.at())
    .have(
        "derivative",
        Forall((s,), eq(sp.Derivative(line_loss(s), s), tilted_mean(s) - _data)),
        by=[fact("partition", s=s), algebra],
    )
    .have(
        "rate",
        Forall((s,), eq(rate(s), tilted_mean(s) - _data)),
        by=[fact("derivative", s=s), fact("hypothesis 2", s=s), quick],
    )
    .have("gradient", eq(rate(0), _excess), by=[fact("rate", s=0), quick])
    .have("divergence", forward_kl.conclusion, by=forward_kl.at())
    .have(
        "linear",
        eq(line_loss(_x) - line_loss(0), sp.log(partition(_x)) - sp.log(partition(0)) - _x * _data),
        by=algebra,
    )
    .have(
        "increment",
        eq(line_loss(_x) - line_loss(0), _x * _excess + divergence(0, _x)),
        by=["divergence", "linear", quick],
    ),
)
