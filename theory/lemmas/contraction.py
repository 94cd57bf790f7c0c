"""How fast powers of a stochastic matrix forget where they started.

M is a stochastic matrix with stationary law pi (`theory.lemmas.stochastic_matrix`); the body `markov` uses M = A, the
K-step matrix of full contexts. One application of M averages the rows of M^t, so it shrinks the spread of every
M^t(., b); total variation distance and entrywise deviation from pi are no larger than spreads, so they shrink with it.

Main statements
    minorant_step, doeblin_step, dobrushin_step   spread(b, t+1) <= c spread(b, t) with c = 1-size*m, 1-alpha, kappa
    iterate                         D(t+1) <= c D(t) and D(0) <= 1 give D(q) <= c^q
    dobrushin_power, doeblin_power, minorant_power               max_x d_TV(M^q(x,.), pi) <= c^q
    dobrushin_deviation, doeblin_deviation, minorant_deviation   max_{x,y} |M^q(x,y) - pi(y)| <= c^q
    gallager_deviation              the same with c = 1-2m
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import Derivation, derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.averages import average_above, average_below, common_part
from theory.lemmas.stochastic_matrix import (
    above_column_least,
    above_least,
    above_lowest,
    alpha,
    b,
    below_highest,
    c,
    column_least,
    doeblin_mass,
    drift,
    entry,
    far_start,
    highest,
    hit,
    k_,
    kappa,
    least,
    lowest,
    mean,
    over_states,
    overlap,
    power_deviation,
    power_distance,
    q,
    row_mass,
    size,
    spread,
    stationary,
    stationary_mass,
    t_,
    worst_set,
    worst_start,
    worst_target,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

smaller = Parameter("x", "x", "a number", reals(0), (0, 1))
larger = Parameter("y", "y", "a number that is not smaller", reals(0), (0, 1))
_D = sp.Function("D", real=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_B = b.symbol

iterate = Lemma(
    "contraction/iterate",
    "A contraction applied q times",
    (q, c),
    le(_D(q.symbol), c.symbol**q.symbol),
    hypotheses=(le(_D(0), 1), Forall((t_,), le(_D(t_ + 1), c.symbol * _D(t_)))),
    functions=(_D,),
    statement="D(0) <= 1 and D(t+1) <= c D(t) for all t give D(q) <= c^q",
    backing=derive()
    .have(
        "all",
        Forall((_n,), le(_D(_n), c.symbol**_n)),
        by=[Induction(_n), fact("hypothesis 2", t=_n), quick],
        note="c D(t) <= c c^t",
    )
    .have("at q", le(_D(q.symbol), c.symbol**q.symbol), by=fact("all", n_=q.symbol)),
)

power_monotone = Lemma(
    "contraction/power_monotone",
    "Powers of non-negative numbers keep their order",
    (q, smaller, larger),
    le(smaller.symbol**q.symbol, larger.symbol**q.symbol),
    hypotheses=(le(smaller.symbol, larger.symbol),),
    backing=derive()
    .have("sign", Forall((_n,), ge(smaller.symbol**_n, 0)), by=quick)
    .have("larger sign", Forall((_n,), ge(larger.symbol**_n, 0)), by=quick)
    .have(
        "all",
        Forall((_n,), le(smaller.symbol**_n, larger.symbol**_n)),
        by=[Induction(_n), fact("sign", n_=_n), fact("larger sign", n_=_n), quick],
    )
    .have("at q", le(smaller.symbol**q.symbol, larger.symbol**q.symbol), by=fact("all", n_=q.symbol)),
)


def _shrinks(factor: Any) -> Forall:
    return Forall((t_,), le(spread(_B, t_ + 1), factor * spread(_B, t_)))


def _extremes() -> Derivation:
    """The facts about one set b that every step shares."""
    return (
        derive()
        .have(
            "likeliest",
            Forall((t_, _x), ge(hit(_B, t_, highest(_B, t_)) - hit(_B, t_, _x), 0)),
            by=[unfold(below_highest, b_=_B, t=t_, x=_x), quick],
        )
        .have(
            "least likely",
            Forall((t_, _x), ge(hit(_B, t_, _x) - hit(_B, t_, lowest(_B, t_)), 0)),
            by=[unfold(above_lowest, b_=_B, t=t_, x=_x), quick],
        )
    )


def _step(name: str, title: str, coefficient: tuple[Parameter, ...], factor: Any, common: Any, shares: Any) -> Lemma:
    """spread(b, t+1) <= factor spread(b, t), from a common part of any two rows.

    `common(x, x')` is the part of rows x, x' as a function of the column; `shares(derivation, x, x')` adds the facts
    "first", "second" (the rows contain it) and "mass" (1 - its mass <= factor), each for all t.
    """
    up, down = highest(_B, t_ + 1), lowest(_B, t_ + 1)
    rows = [over_states(entry(x, k_) * hit(_B, t_, k_)) for x in (up, down)]
    part = common(up, down)
    best, worst = hit(_B, t_, highest(_B, t_)), hit(_B, t_, lowest(_B, t_))
    averaged = common_part.at(
        top=size.symbol - 1,
        high=best,
        low=worst,
        f=sp.Lambda(k_, hit(_B, t_, k_)),
        w=sp.Lambda(k_, entry(up, k_)),
        v=sp.Lambda(k_, entry(down, k_)),
        c=sp.Lambda(k_, part),
    )
    not_shared = 1 - over_states(part)
    low = lowest(_B, t_)
    shared = shares(_extremes(), up, down)
    mass = shared.step("mass").proposition
    backing = (
        shared.have(
            "average",
            Forall((t_,), averaged.conclusion),
            by=["likeliest", "least likely", "first", "second", averaged],
            note="both rows weigh the same values of M^t(., b)",
        )
        .have("now", Forall((t_,), eq(spread(_B, t_), best - worst)), by=unfold(spread, b_=_B, t=t_))
        .have(
            "spread",
            Forall((t_,), ge(spread(_B, t_), 0)),
            by=[fact("now", t=t_), fact("likeliest", t=t_, x=low), quick],
        )
        .have(
            "rows",
            Forall((t_,), le(rows[0] - rows[1], not_shared * spread(_B, t_))),
            by=[fact("average", t=t_), fact("now", t=t_), unfold(row_mass, x=up), unfold(row_mass, x=down), quick],
        )
        .have(
            "scaled",
            Forall((t_,), le(not_shared * spread(_B, t_), factor * spread(_B, t_))),
            by=["mass" if not isinstance(mass, Forall) else fact("mass", t=t_), fact("spread", t=t_), quick],
        )
        .have("from up", Forall((t_,), eq(hit(_B, t_ + 1, up), rows[0])), by=unfold(hit, b_=_B, t=t_, x=up))
        .have("from down", Forall((t_,), eq(hit(_B, t_ + 1, down), rows[1])), by=unfold(hit, b_=_B, t=t_, x=down))
        .have(
            "next",
            Forall((t_,), eq(spread(_B, t_ + 1), hit(_B, t_ + 1, up) - hit(_B, t_ + 1, down))),
            by=unfold(spread, b_=_B, t=t_ + 1),
        )
        .have(
            "step",
            _shrinks(factor),
            by=[*(fact(name, t=t_) for name in ("rows", "scaled", "from up", "from down", "next")), quick],
        )
    )
    return Lemma(f"contraction/{name}", title, (b, size, *coefficient), _shrinks(factor), backing=backing)


def _minorant_shares(start: Derivation, up: Any, down: Any) -> Derivation:
    return (
        start.have(
            "first",
            Forall((t_, k_), ge(entry(up, k_) - least.symbol, 0)),
            by=[unfold(above_least, x=up, y=k_), quick],
        )
        .have(
            "second",
            Forall((t_, k_), ge(entry(down, k_) - least.symbol, 0)),
            by=[unfold(above_least, x=down, y=k_), quick],
        )
        .have("mass", eq(1 - over_states(least.symbol), 1 - size.symbol * least.symbol), by=algebra)
    )


def _doeblin_shares(start: Derivation, up: Any, down: Any) -> Derivation:
    return (
        start.have(
            "first",
            Forall((t_, k_), ge(entry(up, k_) - column_least(k_), 0)),
            by=[unfold(above_column_least, x=up, y=k_), quick],
        )
        .have(
            "second",
            Forall((t_, k_), ge(entry(down, k_) - column_least(k_), 0)),
            by=[unfold(above_column_least, x=down, y=k_), quick],
        )
        .have(
            "mass",
            le(1 - over_states(column_least(k_)), 1 - alpha.symbol),
            by=[unfold(doeblin_mass), quick],
        )
    )


def _dobrushin_shares(start: Derivation, up: Any, down: Any) -> Derivation:
    shared = sp.Min(entry(up, k_), entry(down, k_))
    return (
        start.have("first", Forall((t_, k_), ge(entry(up, k_) - shared, 0)), by=quick)
        .have("second", Forall((t_, k_), ge(entry(down, k_) - shared, 0)), by=quick)
        .have(
            "mass",
            Forall((t_,), le(1 - over_states(shared), kappa.symbol)),
            by=[unfold(overlap, x=up, y=down), quick],
        )
    )


minorant_step = _step(
    "minorant_step",
    "One application of M under its smallest entry",
    (least,),
    1 - size.symbol * least.symbol,
    lambda up, down: least.symbol,
    _minorant_shares,
)
doeblin_step = _step(
    "doeblin_step",
    "One application of M merges two copies with probability alpha",
    (alpha,),
    1 - alpha.symbol,
    lambda up, down: column_least(k_),
    _doeblin_shares,
)
dobrushin_step = _step(
    "dobrushin_step",
    "One application of M contracts differences of laws by its Dobrushin coefficient",
    (kappa,),
    kappa.symbol,
    lambda up, down: sp.Min(entry(up, k_), entry(down, k_)),
    _dobrushin_shares,
)

stationary_mean = Lemma(
    "contraction/stationary_mean",
    "pi(M^t 1_b) is pi(b) at all times",
    (b, q),
    eq(mean(_B, q.symbol), mean(_B, 0)),
    backing=derive()
    .have(
        "all",
        Forall((_n,), eq(mean(_B, _n), mean(_B, 0))),
        by=[Induction(_n), unfold(drift, b_=_B, t=_n), quick],
    )
    .have("at q", eq(mean(_B, q.symbol), mean(_B, 0)), by=fact("all", n_=q.symbol)),
)
_Q = q.symbol
_values = over_states(stationary(k_) * hit(_B, _Q, k_))
_high, _low = hit(_B, _Q, highest(_B, _Q)), hit(_B, _Q, lowest(_B, _Q))
_weights = {"top": size.symbol - 1, "f": sp.Lambda(k_, hit(_B, _Q, k_)), "w": sp.Lambda(k_, stationary(k_))}
within_spread = Lemma(
    "contraction/within_spread",
    "pi(b) is an average of the values M^q(x, b), so none of them is further from it than the spread",
    (b, q, size),
    Forall((_x,), le(sp.Abs(hit(_B, _Q, _x) - mean(_B, 0)), spread(_B, _Q))),
    backing=derive()
    .have("below", Forall((_x,), ge(_high - hit(_B, _Q, _x), 0)), by=[unfold(below_highest, b_=_B, t=_Q, x=_x), quick])
    .have("above", Forall((_x,), ge(hit(_B, _Q, _x) - _low, 0)), by=[unfold(above_lowest, b_=_B, t=_Q, x=_x), quick])
    .have("weights", Forall((k_,), ge(stationary(k_), 0)), by=unfold(stationary))
    .have(
        "at most",
        le(_values, _high * over_states(stationary(k_))),
        by=["below", "weights", average_above.at(high=_high, **_weights)],
    )
    .have(
        "at least",
        ge(_values, _low * over_states(stationary(k_))),
        by=["above", "weights", average_below.at(low=_low, **_weights)],
    )
    .have("mass", eq(over_states(stationary(k_)), 1), by=[unfold(stationary_mass), quick])
    .have("average", eq(mean(_B, 0), _values), by=[stationary_mean.at(), unfold(mean, b_=_B, t=_Q), quick])
    .have("average at most", le(mean(_B, 0), _high), by=["average", "at most", "mass", quick])
    .have("average at least", ge(mean(_B, 0), _low), by=["average", "at least", "mass", quick])
    .have("now", eq(spread(_B, _Q), _high - _low), by=unfold(spread, b_=_B, t=_Q))
    .have(
        "within",
        Forall((_x,), le(sp.Abs(hit(_B, _Q, _x) - mean(_B, 0)), spread(_B, _Q))),
        by=[fact("below", x=_x), fact("above", x=_x), "average at most", "average at least", "now", quick],
    ),
)


def _mass_of_row() -> Derivation:
    """size m <= 1, from the row of the state 0."""
    return (
        derive()
        .have("entries", Forall((k_,), ge(entry(0, k_), least.symbol)), by=[unfold(above_least, x=0, y=k_), quick])
        .have("row", ge(over_states(entry(0, k_)), over_states(least.symbol)), by=[Termwise(), "entries", quick])
        .have("constant", eq(over_states(least.symbol), size.symbol * least.symbol), by=algebra)
        .have("range", le(size.symbol * least.symbol, 1), by=["row", "constant", unfold(row_mass, x=0), quick])
    )


def _spread_power(step: Lemma, factor: Any, coefficient: tuple[Parameter, ...], start: Derivation) -> Lemma:
    """spread(b, q) <= factor^q."""
    initial = hit(_B, 0, highest(_B, 0)) - hit(_B, 0, lowest(_B, 0))
    backing = (
        start.have("step", step.conclusion, by=step.at())
        .have("now", eq(spread(_B, 0), initial), by=unfold(spread, b_=_B, t=0))
        .have("first values", le(initial, 1), by=[unfold(hit, b_=_B, t=0, x=highest(_B, 0)), quick])
        .have("start", le(spread(_B, 0), 1), by=["now", "first values", quick])
        .have(
            "power",
            le(spread(_B, _Q), factor**_Q),
            by=[
                *(["range"] if start.steps else []),
                "start",
                "step",
                iterate.at(D=sp.Lambda(t_, spread(_B, t_)), c=factor),
            ],
        )
    )
    name = step.id.split("/")[1].replace("step", "spread")
    parameters = (b, q, size, *coefficient)
    return Lemma(
        f"contraction/{name}", "Every spread under powers", parameters, le(spread(_B, _Q), factor**_Q), backing=backing
    )


minorant_spread = _spread_power(minorant_step, 1 - size.symbol * least.symbol, (least,), _mass_of_row())
doeblin_spread = _spread_power(doeblin_step, 1 - alpha.symbol, (alpha,), derive())
dobrushin_spread = _spread_power(dobrushin_step, kappa.symbol, (kappa,), derive())
gallager_spread = Lemma(
    "contraction/gallager_spread",
    "Every spread under powers, with two states in place of all",
    (b, q, size, least),
    le(spread(_B, _Q), (1 - 2 * least.symbol) ** _Q),
    source=Source("gallager1996", "Lemmas 3.3.1, 3.3.2"),
    backing=_mass_of_row()
    .have("all states", le(spread(_B, _Q), (1 - size.symbol * least.symbol) ** _Q), by=minorant_spread.at())
    .have("fewer states", le(1 - size.symbol * least.symbol, 1 - 2 * least.symbol), by=quick, note="size >= 2")
    .have(
        "weaker",
        le((1 - size.symbol * least.symbol) ** _Q, (1 - 2 * least.symbol) ** _Q),
        by=["range", "fewer states", power_monotone.at(x=1 - size.symbol * least.symbol, y=1 - 2 * least.symbol)],
    )
    .have("power", le(spread(_B, _Q), (1 - 2 * least.symbol) ** _Q), by=["all states", "weaker", quick]),
)


def _from_spread(
    distance: Definition, name: str, title: str, source: Lemma, factor: Any, source_of: Source = OWN
) -> Lemma:
    """distance(q) <= factor^q for a distance that is |M^q(x, b) - pi(b)| for some x and b."""
    at_worst = {
        power_distance.name: (worst_set(_Q), worst_start(_Q)),
        power_deviation.name: (worst_target(_Q), far_start(_Q)),
    }
    target, start = at_worst[distance.name]
    apart = hit(target, _Q, start) - mean(target, 0)
    close = le(sp.Abs(apart), spread(target, _Q))
    backing = (
        derive(distance(_Q), parameters=(size,))
        .have("attained", le(distance(_Q), sp.Abs(apart)), by=[unfold(distance, t=_Q), quick])
        .have("all starts", within_spread.at(b=target).conclusion, by=within_spread.at(b=target))
        .have("close", close, by=fact("all starts", x=start))
        .le(spread(target, _Q), by=["attained", "close", quick], name="spread")
        .le(factor**_Q, by=source.at(b=target), name="power")
    )
    named = sp.S(factor).free_symbols
    parameters = (q, *(p for p in source.parameters if p not in (b, q) and (p is not size or size.symbol in named)))
    return Lemma(
        f"contraction/{name}", title, parameters, le(distance(_Q), factor**_Q), source=source_of, backing=backing
    )


_row = Parameter("x", "x", "a row of M", integers(0), (0, 10))
_column = Parameter("y", "y", "a column of M", integers(0, size.symbol - 1), (0, 10))
_here = entry(_row.symbol, _column.symbol)
_over_least = over_states(entry(_row.symbol, k_) - least.symbol)
entry_at_most = Lemma(
    "contraction/entry_at_most",
    "An entry leaves room for the others of its row",
    (size, least, _row, _column),
    le(_here, 1 - least.symbol),
    backing=derive()
    .have(
        "terms",
        Forall((k_,), ge(entry(_row.symbol, k_) - least.symbol, 0)),
        by=[unfold(above_least, x=_row.symbol, y=k_), quick],
    )
    .have("one of them", ge(_over_least, _here - least.symbol), by=[SingleTerm(_column.symbol), "terms", quick])
    .have("mass", eq(_over_least, 1 - size.symbol * least.symbol), by=[unfold(row_mass, x=_row.symbol), quick])
    .have("others", ge(size.symbol * least.symbol, 2 * least.symbol), by=quick)
    .have("room", le(_here, 1 - least.symbol), by=["one of them", "mass", "others", quick]),
)

_DOBRUSHIN = Source("dobrushin1956", "contraction coefficient", recheck=True)
_DOEBLIN = Source("doeblin1937", "minorisation", recheck=True)
_title = "Total variation to stationarity under the {}"
dobrushin_power = _from_spread(
    power_distance,
    "dobrushin_power",
    _title.format("Dobrushin coefficient"),
    dobrushin_spread,
    kappa.symbol,
    _DOBRUSHIN,
)
doeblin_power = _from_spread(
    power_distance, "doeblin_power", _title.format("Doeblin coefficient"), doeblin_spread, 1 - alpha.symbol, _DOEBLIN
)
minorant_power = _from_spread(
    power_distance, "minorant_power", _title.format("smallest entry"), minorant_spread, 1 - size.symbol * least.symbol
)
_title = "Entrywise deviation from stationarity under the {}"
dobrushin_deviation = _from_spread(
    power_deviation,
    "dobrushin_deviation",
    _title.format("Dobrushin coefficient"),
    dobrushin_spread,
    kappa.symbol,
    _DOBRUSHIN,
)
doeblin_deviation = _from_spread(
    power_deviation,
    "doeblin_deviation",
    _title.format("Doeblin coefficient"),
    doeblin_spread,
    1 - alpha.symbol,
    _DOEBLIN,
)
minorant_deviation = _from_spread(
    power_deviation,
    "minorant_deviation",
    _title.format("smallest entry"),
    minorant_spread,
    1 - size.symbol * least.symbol,
)
gallager_deviation = _from_spread(
    power_deviation,
    "gallager_deviation",
    _title.format("smallest entry, as printed"),
    gallager_spread,
    1 - 2 * least.symbol,
    Source("gallager1996", "Lemmas 3.3.1, 3.3.2"),
)
