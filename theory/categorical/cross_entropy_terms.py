"""The three terms of the cross-entropy of a model that reads the context through a state.

Contexts are pairs (z, x): x = 0..n_X is a member of the cell of the state z = 0..n_H, so that the encoder forgets x;
cells of different sizes have members of mass 0. y = 0..V-1 is a token, nu(z) the mass of a state, m(z, x) that of a
context given its state, p(z, x, y) the row of the data, r(z, y) = p_data(y | z) the mean row of the cell, and q(z, y)
the row of the head.

Main statements
    cell_split                one cell: log-loss = noise + E KL(p || r) + KL(r || q)
    cross_entropy_three_way   L_CE = H(W | X) + I(X; W | H) + E KL(p_data(. | H) || p_H)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt
from theory.source import OWN

members = Parameter("n_X", "n_X", "last context of a cell", integers(0), (0, 100))
states = Parameter("n_H", "n_H", "last state", integers(0), (0, 100))
x, y, z, s, t, v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyzstv")
m, nu, p, r, q = (sp.Function(name, real=True) for name in ("m", "nu", "p", "r", "q"))


def over_tokens(term: Any) -> sp.Sum:
    """The sum over the tokens y."""
    return sp.Sum(term, (y, 0, V.symbol - 1))


def over_members(term: Any) -> sp.Sum:
    """The sum over the contexts x of a cell."""
    return sp.Sum(term, (x, 0, members.symbol))


def over_states(term: Any) -> sp.Sum:
    """The sum over the states z."""
    return sp.Sum(term, (z, 0, states.symbol))


_a, _b, _c = (
    Parameter(name, name, meaning, reals(0, open="lower"), (0.1, 1))
    for name, meaning in (
        ("a", "a probability of the data"),
        ("b", "the mean of the cell"),
        ("c", "a probability of the head"),
    )
)
_first = -_a.symbol * sp.log(_c.symbol)
_parts = (
    -_a.symbol * sp.log(_a.symbol)
    + _a.symbol * sp.log(_a.symbol / _b.symbol)
    + _a.symbol * sp.log(_b.symbol / _c.symbol)
)
three_logarithms = Lemma(
    "categorical/three_logarithms",
    "log(1/q) = log(1/p) + log(p/r) + log(r/q)",
    (_a, _b, _c),
    eq(_first, _parts),
    backing=derive().have("logarithm", eq(_first, _parts), by=algebra),
)


_u, _w = (sp.Symbol(name, real=True) for name in "uw")
log_ratio = defined(
    "categorical/log_ratio",
    "log_ratio(u, w) = log(u/w) of positive numbers",
    (_u, _w),
    sp.log(_u / _w),
    conditions=(gt(_u, 0), gt(_w, 0)),
)


def _log_loss(state: Any, member: Any) -> sp.Sum:
    return over_tokens(-p(state, member, y) * sp.log(q(state, y)))


def _noise(state: Any, member: Any) -> sp.Sum:
    return over_tokens(-p(state, member, y) * sp.log(p(state, member, y)))


def _apart(state: Any, member: Any) -> sp.Sum:
    return over_tokens(p(state, member, y) * sp.log(p(state, member, y) / r(state, y)))


def _against_head(state: Any, member: Any) -> sp.Sum:
    return over_tokens(log_ratio(r(state, y), q(state, y)) * p(state, member, y))


def _misfit(state: Any) -> sp.Sum:
    return over_tokens(r(state, y) * sp.log(r(state, y) / q(state, y)))


def _of_cell(part: Any, state: Any) -> sp.Sum:
    return over_members(m(state, x) * part(state, x))


def _gathered(state: Any, token: Any) -> sp.Expr:
    return log_ratio(r(state, token), q(state, token)) * over_members(m(state, x) * p(state, x, token))


_hypotheses = (
    Forall((z, x, y), gt(p(z, x, y), 0)),
    Forall((z, y), gt(r(z, y), 0)),
    Forall((z, y), gt(q(z, y), 0)),
    Forall((z, y), eq(over_members(m(z, x) * p(z, x, y)), r(z, y))),
)
_row_parts = over_tokens(
    -p(s, t, y) * sp.log(p(s, t, y))
    + p(s, t, y) * sp.log(p(s, t, y) / r(s, y))
    + p(s, t, y) * log_ratio(r(s, y), q(s, y))
)
_cell = _of_cell(_noise, s) + _of_cell(_apart, s) + _misfit(s)
cell_split = Lemma(
    "categorical/cell_split",
    "Log-loss of the contexts of one state",
    (members, V),
    Forall((s,), eq(_of_cell(_log_loss, s), _cell)),
    hypotheses=_hypotheses,
    functions=(m, p, r, q),
    statement="three logarithms; log(r/q) depends on the state only, and the rows of a cell have the mean r",
    backing=derive()
    .have(
        "one token",
        Forall(
            (s, t, v),
            eq(
                -p(s, t, v) * sp.log(q(s, v)),
                -p(s, t, v) * sp.log(p(s, t, v))
                + p(s, t, v) * sp.log(p(s, t, v) / r(s, v))
                + p(s, t, v) * sp.log(r(s, v) / q(s, v)),
            ),
        ),
        by=[
            fact("hypothesis 1", z=s, x=t, y=v),
            fact("hypothesis 2", z=s, y=v),
            fact("hypothesis 3", z=s, y=v),
            three_logarithms.at(a=p(s, t, v), b=r(s, v), c=q(s, v)),
        ],
        note="log(1/q) = log(1/p) + log(p/r) + log(r/q)",
    )
    .have(
        "named",
        Forall((s, v), eq(log_ratio(r(s, v), q(s, v)), sp.log(r(s, v) / q(s, v)))),
        by=[fact("hypothesis 2", z=s, y=v), fact("hypothesis 3", z=s, y=v), unfold(log_ratio, u=r(s, v), w=q(s, v))],
    )
    .have(
        "token",
        Forall(
            (s, t, v),
            eq(
                -p(s, t, v) * sp.log(q(s, v)),
                -p(s, t, v) * sp.log(p(s, t, v))
                + p(s, t, v) * sp.log(p(s, t, v) / r(s, v))
                + p(s, t, v) * log_ratio(r(s, v), q(s, v)),
            ),
        ),
        by=[fact("one token", s=s, t=t, v=v), fact("named", s=s, v=v), quick],
    )
    .have("row", Forall((s, t), eq(_log_loss(s, t), _row_parts)), by=[Termwise(), "token"])
    .have(
        "linear",
        Forall((s, t), eq(_row_parts, _noise(s, t) + _apart(s, t) + _against_head(s, t))),
        by=algebra,
    )
    .have(
        "weighted",
        Forall(
            (s, t),
            eq(m(s, t) * _log_loss(s, t), m(s, t) * (_noise(s, t) + _apart(s, t) + _against_head(s, t))),
        ),
        by=[fact("row", s=s, t=t), fact("linear", s=s, t=t), quick],
    )
    .have(
        "cell",
        Forall(
            (s,),
            eq(
                _of_cell(_log_loss, s),
                over_members(m(s, x) * (_noise(s, x) + _apart(s, x) + _against_head(s, x))),
            ),
        ),
        by=[Termwise(), "weighted"],
    )
    .have(
        "apart",
        Forall(
            (s,),
            eq(
                over_members(m(s, x) * (_noise(s, x) + _apart(s, x) + _against_head(s, x))),
                _of_cell(_noise, s) + _of_cell(_apart, s) + _of_cell(_against_head, s),
            ),
        ),
        by=algebra,
    )
    .have(
        "exchange",
        Forall((s,), eq(_of_cell(_against_head, s), over_tokens(_gathered(s, y)))),
        by=exchange.at(
            top=members.symbol,
            last=V.symbol - 1,
            u=sp.Lambda((x,), m(s, x)),
            w=sp.Lambda((y,), log_ratio(r(s, y), q(s, y))),
            g=sp.Lambda((x, y), p(s, x, y)),
        ),
    )
    .have(
        "mean",
        Forall((s, v), eq(_gathered(s, v), r(s, v) * sp.log(r(s, v) / q(s, v)))),
        by=[fact("hypothesis 4", z=s, y=v), fact("named", s=s, v=v), quick],
    )
    .have(
        "means",
        Forall((s,), eq(over_tokens(_gathered(s, y)), _misfit(s))),
        by=[Termwise(), "mean"],
        note="the rows of a cell have the mean r",
    )
    .have(
        "split",
        Forall((s,), eq(_of_cell(_log_loss, s), _cell)),
        by=[*(fact(name, s=s) for name in ("cell", "apart", "exchange", "means")), quick],
    ),
)
_loss = over_states(nu(z) * _of_cell(_log_loss, z))
_noise_term = over_states(nu(z) * _of_cell(_noise, z))
_representation = over_states(nu(z) * _of_cell(_apart, z))
_head_misfit = over_states(nu(z) * _misfit(z))
_of_state, _of_context = information("H(W|H)"), information("H(W|X)")
_lost = information("I(X;W|H)")
_together = over_states(nu(z) * (_of_cell(_noise, z) + _of_cell(_apart, z) + _misfit(z)))
cross_entropy_three_way = Claim(
    id="categorical/cross_entropy_three_way",
    title="Noise, representation, head",
    kind=Kind.EQUALITY,
    text=(
        "L_CE = H(W | X) + I(X; W | H) + E_H KL(p_data(. | H) || p_H) for a model that reads the context through a "
        "state H = f(X): noise of the data, what the state lost, and what the head misses. No term is negative, and "
        "the first two add up to H(W | H)."
    ),
    parameters=(states, members, V),
    functions=(m, nu, p, r, q),
    hypotheses=_hypotheses,
    statements=(
        equal(_loss, _noise_term + _representation + _head_misfit, label="split"),
        equal(_of_state, _of_context + _lost, label="state"),
        lower(_lost, 0, label="sign of the representation"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("categorical/cross_entropy_split",),
    derivation=derive()
    .have(
        "cell",
        Forall((s,), eq(_of_cell(_log_loss, s), _cell)),
        by=[*(f"hypothesis {i}" for i in range(1, 5)), cell_split.at()],
    )
    .have("weighted", Forall((s,), eq(nu(s) * _of_cell(_log_loss, s), nu(s) * _cell)), by=[fact("cell", s=s), quick])
    .have("cells", eq(_loss, _together), by=[Termwise(), "weighted"])
    .have("linear", eq(_together, _noise_term + _representation + _head_misfit), by=algebra)
    .have("split", eq(_loss, _noise_term + _representation + _head_misfit), by=["cells", "linear", quick])
    .have("state", eq(_of_state, _of_context + _lost), by=Shannon(given="H = f(X)"), note="H = f(X)")
    .have("sign of the representation", ge(_lost, 0), by=Shannon()),
)
