"""How far the entropies of a model are from those of the data (specification `categorical` 2.3).

tau = E TV(p_X, q_X). The bounds of a row are linear in its total variation, tangents of Fano's bound among them, and
pass through the average over contexts: no concavity has to be shown.

Main statements
    mean_tangent      |mean entropy of the model - of the data| is at most every tangent of Fano's bound at tau
    mean_change_*     the same for the entropies of TV, Hel^2 and JS: 2 tau, 3 tau, (3/2) log 2 tau
    fano_below_tangent, tangent_below_value   Fano's bound is concave; its tangents do not fall before 1 - 1/V
    entropy_gap       |mean entropy of the model - of the data| <= phi_V(tau) <= phi_V(sqrt(L_KL/2))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.categorical.output_approximation import output_approximation
from theory.categorical.parameters import V
from theory.categorical.row_laws import (
    contexts,
    divergence,
    entropy,
    k,
    mean,
    mu,
    over_tokens,
    p,
    q,
    rows,
    total_variation,
    u,
    weights,
    x,
)
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import log_below
from theory.lemmas.entropy_continuity import entropy_tangent
from theory.lemmas.entropy_lipschitz import LENGTH, LETTER, change_Hel2, change_JS, change_TV
from theory.lemmas.norms import square_of_mean
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

tau = Parameter("tau", r"\tau", "E TV(p_X, q_X)", reals(0, 1, open="both"), (0.01, 0.9))
theta = Parameter("theta", r"\theta", "where a tangent of Fano's bound is taken", reals(0, 1, open="both"), (0.1, 0.9))
loss = Parameter("L_KL", r"L_{KL}", "E KL(p_X || q_X)", reals(0), (0, 2), "nats")
loss_root = Parameter("r", "r", "the smaller of sqrt(L_KL/2) and 1 - 1/V", reals(0, 1, open="both"), (0.01, 0.9))
_tau, _theta, _r, _V = tau.symbol, theta.symbol, loss_root.symbol, V.symbol
_laws = (*weights, *rows(p, q))
_given = tuple(f"hypothesis {i}" for i in range(1, 7))
_mass = sp.Sum(mu(x), (x, 0, contexts.symbol))
_distance = mean(total_variation(p, q))
Row = Callable[..., sp.Expr]


def fano(at: Any) -> sp.Expr:
    """at log(V-1) + h_b(at), which is phi_V(at) up to at = 1 - 1/V."""
    return at * sp.log(_V - 1) - at * sp.log(at) - (1 - at) * sp.log(1 - at)


def _slope(at: Any) -> sp.Expr:
    """Slope of Fano's bound."""
    return sp.log(1 - at) - sp.log(at) + sp.log(_V - 1)


def _line(distance: Any) -> sp.Expr:
    """The tangent of Fano's bound at theta."""
    return -(1 - distance) * sp.log(1 - _theta) - distance * sp.log(_theta) + distance * sp.log(_V - 1)


def row_entropy(name: str) -> Row:
    """Psi of a row, by the name of a divergence."""
    constant = {"TV": sp.S(1), "Hel2": sp.S(2), "JS": sp.log(2)}[name]
    return lambda table, at=x: constant - over_tokens(LETTER[name](table(at, k)))


def _row(table: Any) -> sp.Lambda:
    return sp.Lambda((k,), table(u, k))


def _difference(psi: Row) -> sp.Expr:
    return sp.Abs(mean(psi(q)) - mean(psi(p)))


def _both_ways(psi: Row, change: Any, instance: Any, line: Row, value: Any) -> Derivation:
    """|mean psi(q) - mean psi(p)| <= value = line(mean TV), from a bound of `change` in each row, both ways.

    change(first, second) is what `instance(first, second)` bounds by line(TV of the row): psi(first) - psi(second).
    """
    steps = derive()
    for side, first, second, of_first, of_second in (("up", q, p, 5, 3), ("down", p, q, 3, 5)):
        moved, bound = change(first, second), line(total_variation(p, q, u))
        signed = psi(first, u) - psi(second, u)
        steps = (
            steps.have(
                f"row {side}",
                Forall((u,), le(moved, bound)),
                by=[
                    f"hypothesis {of_first}",
                    f"hypothesis {of_second}",
                    fact(f"hypothesis {of_first + 1}", x=u),
                    fact(f"hypothesis {of_second + 1}", x=u),
                    instance(first, second),
                ],
            )
            .have(f"signs {side}", Forall((u,), eq(signed, moved)), by=algebra)
            .have(
                f"weighted {side}",
                Forall((u,), le(mu(u) * signed, mu(u) * bound)),
                by=[fact(f"row {side}", u=u), fact(f"signs {side}", u=u), fact("hypothesis 1", x=u), quick],
            )
            .have(
                f"mean {side}",
                le(mean(psi(first) - psi(second)), mean(line(total_variation(p, q)))),
                by=[Termwise(), f"weighted {side}"],
            )
            .have(
                f"apart {side}",
                eq(mean(psi(first) - psi(second)), mean(psi(first)) - mean(psi(second))),
                by=algebra,
            )
        )
    level = line(sp.S.Zero)
    steps = steps.have(
        "line",
        eq(mean(line(total_variation(p, q))), level * _mass + sp.expand(line(sp.S.One) - level) * _distance),
        by=algebra,
    )
    for side, first, second in (("up", q, p), ("down", p, q)):
        steps = steps.have(
            side,
            le(mean(psi(first)) - mean(psi(second)), value),
            by=[f"mean {side}", f"apart {side}", "line", "hypothesis 2", quick],
        )
    return steps.have("gap", le(_difference(psi), value), by=["up", "down", quick])


def _shannon_change(first: Any, second: Any) -> sp.Expr:
    return over_tokens(second(u, k) * sp.log(second(u, k))) - over_tokens(first(u, k) * sp.log(first(u, k)))


mean_tangent = Lemma(
    "categorical/mean_tangent",
    "Mean Shannon entropies of close rows, by a tangent of Fano's bound",
    (V, contexts, theta),
    le(_difference(entropy), _line(_distance)),
    hypotheses=_laws,
    functions=(mu, p, q),
    backing=_both_ways(
        entropy,
        _shannon_change,
        lambda first, second: entropy_tangent.at(top=_V - 1, theta=_theta, p=_row(first), q=_row(second)),
        _line,
        _line(_distance),
    ),
)
_CHANGES = {"TV": change_TV, "Hel2": change_Hel2, "JS": change_JS}


def _mean_change(name: str) -> Lemma:
    psi, term, length = row_entropy(name), LETTER[name], LENGTH[name]
    return Lemma(
        f"categorical/mean_change_{name}",
        f"Mean entropies of {name} of close rows",
        (V, contexts),
        le(_difference(psi), length * _distance),
        hypotheses=_laws,
        functions=(mu, p, q),
        backing=_both_ways(
            psi,
            lambda first, second: over_tokens(term(second(u, k))) - over_tokens(term(first(u, k))),
            lambda first, second: _CHANGES[name].at(top=_V - 1, p=_row(second), q=_row(first)),
            lambda distance: length * distance,
            length * _distance,
        ),
    )


mean_change_TV, mean_change_Hel2, mean_change_JS = _mean_change("TV"), _mean_change("Hel2"), _mean_change("JS")
_old, _new = (Parameter(n, n, m, reals(0, open="lower"), (0.1, 1)) for n, m in (("a", "a mass"), ("b", "another")))
gibbs_pair = Lemma(
    "categorical/gibbs_pair",
    "a log(b/a) <= b - a",
    (_old, _new),
    le(_old.symbol * sp.log(_new.symbol / _old.symbol), _new.symbol - _old.symbol),
    backing=derive()
    .have(
        "tangent",
        le(sp.log(_new.symbol / _old.symbol), _new.symbol / _old.symbol - 1),
        by=log_below.at(t=_new.symbol / _old.symbol),
    )
    .have(
        "letter", le(_old.symbol * sp.log(_new.symbol / _old.symbol), _new.symbol - _old.symbol), by=["tangent", decide]
    ),
)
fano_below_tangent = Lemma(
    "categorical/fano_below_tangent",
    "Fano's bound lies below its tangents",
    (V, tau, theta),
    le(fano(_tau), _line(_tau)),
    backing=derive()
    .have(
        "kept",
        le((1 - _tau) * sp.log((1 - _theta) / (1 - _tau)), _tau - _theta),
        by=[gibbs_pair.at(a=1 - _tau, b=1 - _theta), quick],
    )
    .have("moved", le(_tau * sp.log(_theta / _tau), _theta - _tau), by=gibbs_pair.at(a=_tau, b=_theta))
    .have(
        "logarithms",
        eq(
            fano(_tau) - _line(_tau),
            (1 - _tau) * sp.log((1 - _theta) / (1 - _tau)) + _tau * sp.log(_theta / _tau),
        ),
        by=algebra,
    )
    .have("below", le(fano(_tau), _line(_tau)), by=["kept", "moved", "logarithms", quick]),
)
_odds = Parameter("odds", "o", "(1 - r)(V - 1)/r", reals(0, open="lower"), (1, 10))
_o = _odds.symbol
_root = Parameter("root", r"\sqrt{L_{KL}/2}", "sqrt(L_KL/2)", reals(0), (0, 1))
_rise = Parameter("rise", "a", "the slope of a line", reals(), (0, 1))
_l, _a = _root.symbol, _rise.symbol
no_rise = Lemma(
    "categorical/no_rise",
    "A slope that vanishes where r = 1 - 1/V does not rise from r to tau",
    (V, tau, loss_root, _root, _rise),
    le(_a * (_tau - _r), 0),
    hypotheses=(
        eq(_r, sp.Min(_l, 1 - 1 / _V)),
        le(_tau, _l),
        ge(_a, 0),
        le(_a * _r, _V * (1 - 1 / _V - _r)),
    ),
    statement="tau > r only where r = 1 - 1/V, and there the slope is 0",
    backing=derive()
    .have("overlap", le(sp.Max(_tau - _r, 0) * (1 - 1 / _V - _r), 0), by=["hypothesis 1", "hypothesis 2", decide])
    .have(
        "scaled",
        le(sp.Max(_tau - _r, 0) * (_a * _r), sp.Max(_tau - _r, 0) * (_V * (1 - 1 / _V - _r))),
        by=["hypothesis 4", decide],
    )
    .have("no excess", le(sp.Max(_tau - _r, 0) * _a * _r, 0), by=["scaled", "overlap", decide])
    .have("excess", le(_a * sp.Max(_tau - _r, 0), 0), by=["no excess", decide])
    .have("part", le(_tau - _r, sp.Max(_tau - _r, 0)), by=decide)
    .have("rise", le(_a * (_tau - _r), 0), by=["excess", "part", "hypothesis 3", decide]),
)
tangent_below_value = Lemma(
    "categorical/tangent_below_value",
    "The tangent at r = min(sqrt(L_KL/2), 1 - 1/V), taken at tau, is at most Fano's bound at r",
    (V, tau, loss_root, _root, _odds),
    le(_line(_tau).xreplace({_theta: _r}), fano(_r)),
    hypotheses=(
        eq(_r, sp.Min(_l, 1 - 1 / _V)),
        le(_tau, _l),
        eq(_o * _r, (1 - _r) * (_V - 1)),
        eq(sp.log(_o), _slope(_r)),
    ),
    backing=derive()
    .have("before", le(_r, 1 - 1 / _V), by=["hypothesis 1", decide])
    .have("odds", ge(_o, 1), by=["before", "hypothesis 3", decide])
    .have("slope", ge(sp.log(_o), 0), by=["odds", decide])
    .have("logarithm", le(sp.log(_o), _o - 1), by=log_below.at(t=_o))
    .have("least slope", le(sp.log(_o) * _r, _V * (1 - 1 / _V - _r)), by=["logarithm", "hypothesis 3", decide])
    .have(
        "rise",
        le(sp.log(_o) * (_tau - _r), 0),
        by=["hypothesis 1", "hypothesis 2", "slope", "least slope", no_rise.at(rise=sp.log(_o))],
    )
    .have("line", eq(_line(_tau).xreplace({_theta: _r}), fano(_r) + _slope(_r) * (_tau - _r)), by=algebra)
    .have("value", le(_line(_tau).xreplace({_theta: _r}), fano(_r)), by=["rise", "line", "hypothesis 4", quick]),
)

_L = loss.symbol
_odds_at_r = (1 - _r) * (_V - 1) / _r
_least = eq(_r, sp.Min(sp.sqrt(_L / 2), 1 - 1 / _V))
fano_of_loss = Lemma(
    "categorical/fano_of_loss",
    "phi_V(tau) <= phi_V(sqrt(L_KL/2)) for tau at most sqrt(L_KL/2)",
    (V, tau, loss, loss_root),
    le(fano(_tau), fano(_r)),
    hypotheses=(_least, le(_tau, sp.sqrt(_L / 2))),
    backing=derive()
    .have("concave", le(fano(_tau), _line(_tau).xreplace({_theta: _r})), by=fano_below_tangent.at(theta=_r))
    .have("odds", eq(sp.log(_odds_at_r), _slope(_r)), by=algebra)
    .have(
        "at the loss",
        le(_line(_tau).xreplace({_theta: _r}), fano(_r)),
        by=["hypothesis 1", "hypothesis 2", "odds", tangent_below_value.at(root=sp.sqrt(_L / 2), odds=_odds_at_r)],
    )
    .have("value", le(fano(_tau), fano(_r)), by=["concave", "at the loss"]),
)
_loss = mean(divergence(p, q))
distance_below_loss = Lemma(
    "categorical/distance_below_loss",
    "E TV <= sqrt(L_KL/2)",
    (V, contexts),
    le(_distance, sp.sqrt(_loss / 2)),
    hypotheses=_laws,
    functions=(mu, p, q),
    backing=derive()
    .have(
        "pinsker",
        le(mean(total_variation(p, q) ** 2), _loss / 2),
        by=[*_given, output_approximation.at("total variation")],
    )
    .have(
        "jensen",
        le(_distance**2, mean(total_variation(p, q) ** 2)),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            square_of_mean.at(top=contexts.symbol, w=mu, e=sp.Lambda((x,), total_variation(p, q))),
        ],
    )
    .have("root", le(_distance, sp.sqrt(_loss / 2)), by=["pinsker", "jensen", decide]),
)
_kl = _difference(entropy)
entropy_gap = Claim(
    id="categorical/entropy_gap",
    title="How far model entropy is from data entropy",
    kind=Kind.UPPER,
    text=(
        "|E H(q_X) - H(W|X)| <= phi_V(tau) <= phi_V(sqrt(L_KL/2)), tau = E TV(p_X, q_X), phi_V(t) = t log(V-1) + "
        "h_b(t) up to t = 1 - 1/V and log V beyond, so that phi_V(sqrt(L_KL/2)) is its value at r = min(sqrt(L_KL/2), "
        "1 - 1/V), vacuous from L_KL = 2(1 - 1/V)^2 on. No convergence is assumed. The mean entropies of TV, Hel^2 and "
        "JS move by at most 2 tau, 3 tau and (3/2) log 2 tau"
    ),
    parameters=(V, contexts, tau, loss, loss_root),
    functions=(mu, p, q),
    hypotheses=(*_laws, eq(_distance, _tau), eq(_loss, _L), _least),
    statements=(
        upper(_kl, fano(_tau), trivial=sp.log(_V), label="kl"),
        upper(fano(_tau), fano(_r), trivial=sp.log(_V), label="distance"),
        upper(_kl, fano(_r), trivial=sp.log(_V), label="loss"),
        *(upper(_difference(row_entropy(name)), LENGTH[name] * _tau, label=name) for name in LENGTH),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("categorical/entropy_limit_as_stated",),
    derivation=derive()
    .have(
        "tangent at tau", le(_kl, _line(_distance).xreplace({_theta: _tau})), by=[*_given, mean_tangent.at(theta=_tau)]
    )
    .have("kl", le(_kl, fano(_tau)), by=["tangent at tau", "hypothesis 7", quick])
    .have("tau and the loss", le(_distance, sp.sqrt(_loss / 2)), by=[*_given, distance_below_loss.at()])
    .have("named", le(_tau, sp.sqrt(_L / 2)), by=["tau and the loss", "hypothesis 7", "hypothesis 8", quick])
    .have("distance", le(fano(_tau), fano(_r)), by=["hypothesis 9", "named", fano_of_loss.at()])
    .have("loss", le(_kl, fano(_r)), by=["kl", "distance", quick])
    .have("TV moves", le(_difference(row_entropy("TV")), 2 * _distance), by=[*_given, mean_change_TV.at()])
    .have("Hel2 moves", le(_difference(row_entropy("Hel2")), 3 * _distance), by=[*_given, mean_change_Hel2.at()])
    .have("JS moves", le(_difference(row_entropy("JS")), LENGTH["JS"] * _distance), by=[*_given, mean_change_JS.at()])
    .have("TV", le(_difference(row_entropy("TV")), 2 * _tau), by=["TV moves", "hypothesis 7", quick])
    .have("Hel2", le(_difference(row_entropy("Hel2")), 3 * _tau), by=["Hel2 moves", "hypothesis 7", quick])
    .have("JS", le(_difference(row_entropy("JS")), LENGTH["JS"] * _tau), by=["JS moves", "hypothesis 7", quick]),
)
