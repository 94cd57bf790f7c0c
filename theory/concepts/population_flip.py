"""While nothing has deviated: flipping all signs exchanges the neurons of each pair (steps of only_b_grows)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.clean_population import (
    act,
    c,
    d,
    e,
    f,
    mean_match,
    n,
    over_pairs,
    p,
    pairs,
    patterns,
    pull,
    r,
    share,
    sigma0,
    slope_d,
    v,
    wn,
    wp,
    zn,
    zp,
)
from theory.concepts.population_invariant import (
    exchanged,
    gap_c,
    gap_d,
    given,
    label_squares,
    paired,
    shown,
    signed,
    still,
)
from theory.concepts.population_lemmas import (
    exponentials_of_equals,
    read_by_pairs,
)
from theory.derivation import Derivation
from theory.justification import Termwise, algebra, decide, fact
from theory.lemmas.attention import (
    h,
    labels,
    over_labels,
    words,
)
from theory.lemmas.zeros import entries
from theory.proposition import Forall, eq

_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))


def on_c(weights: Any, time: Any, pair: Any, at: Any) -> sp.Sum:
    """<w, c>."""
    return over_labels(weights(time, pair, h) * c(at, h))


def on_d(weights: Any, time: Any, pair: Any, at: Any) -> sp.Sum:
    """<w, d>."""
    return over_labels(weights(time, pair, h) * d(at, h))


def flip(found: Derivation) -> Derivation:
    """Flipping all signs exchanges the neurons of each pair: f is odd and <d, g_v> even."""
    for name, gap, squares in (
        ("c", gap_c, label_squares(r)),
        ("d", gap_d, exchanged(label_squares(r))),
    ):
        found = found.have(
            f"off {name}",
            Forall((r, n, p), eq(gap(r, n, p), 0), (*still, *paired)),
            by=[fact("labels", r=r), entries.at(**squares)],
        )
    found = found.have(
        "wn c",
        Forall((r, n, p), eq(on_c(wn, r, n, p), on_c(wp, r, n, p)), (*still, *paired)),
        by=[fact("off c", r=r, n=n, p=p), given("gap c", r=r, n=n, p=p), algebra],
    ).have(
        "wn d",
        Forall((r, n, p), eq(on_d(wn, r, n, p), -on_d(wp, r, n, p)), (*still, *paired)),
        by=[fact("off d", r=r, n=n, p=p), given("gap d", r=r, n=n, p=p), algebra],
    )
    for name, long, z_, weights in (("zp", "positive", zp, wp), ("zn", "negative", zn, wn)):
        valued = over_labels(weights(r, n, h) * (c(p, h) + e * mean_match(r, p) * d(p, h)))
        found = found.have(
            f"{name} terms",
            Forall((r, p, e, n), eq(over_labels(weights(r, n, h) * v(r, p, e, h)), valued), (*still, *signed)),
            by=[Termwise(), fact("value", r=r, p=p, e=e, h=h), algebra],
        ).have(
            name,
            Forall(
                (r, p, e, n),
                eq(
                    z_(r, p, e, n),
                    on_c(weights, r, n, p) + e * mean_match(r, p) * on_d(weights, r, n, p),
                ),
                (*still, *signed),
            ),
            by=[given(f"{long} neuron", r=r, p=p, e=e, n=n), fact(f"{name} terms", r=r, p=p, e=e, n=n), algebra],
        )
    paired_terms = over_pairs(share * (sp.Max(zp(r, p, e, n), 0) - sp.Max(zp(r, p, -e, n), 0)))
    return (
        found.have(
            "swap",
            Forall((r, p, e, n), eq(zn(r, p, e, n), zp(r, p, -e, n)), (*still, *signed, *paired)),
            by=[
                fact("zn", r=r, p=p, e=e, n=n),
                fact("zp", r=r, p=p, e=-e, n=n),
                fact("wn c", r=r, n=n, p=p),
                fact("wn d", r=r, n=n, p=p),
                algebra,
            ],
        )
        .have(
            "act",
            Forall((r, p, e, n), eq(act(zn(r, p, e, n)), act(zp(r, p, -e, n))), (*still, *signed, *paired)),
            by=[
                fact("swap", r=r, p=p, e=e, n=n),
                given("activity", z=zn(r, p, e, n), y=zp(r, p, -e, n)),
            ],
        )
        .have(
            "f, paired",
            Forall(
                (r, p, e),
                eq(
                    over_pairs(share * (sp.Max(zp(r, p, e, n), 0) - sp.Max(zn(r, p, e, n), 0))),
                    paired_terms,
                ),
                (*still, *signed, *shown),
            ),
            by=[Termwise(), fact("swap", r=r, p=p, e=e, n=n), decide],
        )
        .have(
            "odd",
            Forall((r, p), eq(f(r, p, -1), -f(r, p, 1)), (*still, *shown)),
            by=[
                given("output", r=r, p=p, e=1),
                given("output", r=r, p=p, e=-1),
                fact("f, paired", r=r, p=p, e=1),
                fact("f, paired", r=r, p=p, e=-1),
                algebra,
            ],
        )
        .have(
            "exponentials",
            Forall((r, p), eq(sp.exp(-f(r, p, -1)), sp.exp(f(r, p, 1))), (*still, *shown)),
            by=[fact("odd", r=r, p=p), exponentials_of_equals.at(z1=-f(r, p, -1), z2=f(r, p, 1))],
        )
        .have(
            "pull odd",
            Forall((r, p), eq(pull(r, p, -1), -pull(r, p, 1)), (*still, *shown)),
            by=[
                given("pull", r=r, p=p, e=1),
                given("pull", r=r, p=p, e=-1),
                fact("exponentials", r=r, p=p),
                decide,
            ],
        )
    )


def slope(found: Derivation) -> Derivation:
    """<d, g_v> is the same for both signs of the query."""
    both = act(zp(r, p, e, n)) * wp(r, n, h) - act(zn(r, p, e, n)) * wn(r, n, h)
    per_pair = over_labels(d(p, h) * both)
    even = (act(zp(r, p, e, n)) + act(zp(r, p, -e, n))) * on_d(wp, r, n, p)
    by_pairs = over_pairs(share * per_pair)
    return (
        found.have(
            "read-out terms",
            Forall((r, p, e), eq(slope_d(r, p, e), over_labels(d(p, h) * over_pairs(share * both)))),
            by=[Termwise(), given("read-out", r=r, p=p, e=e, h=h), algebra],
        )
        .have(
            "by pairs",
            Forall((r, p, e), eq(over_labels(d(p, h) * over_pairs(share * both)), by_pairs)),
            by=read_by_pairs.at(
                rate=share,
                y=sp.Lambda((_u,), d(p, _u)),
                X=sp.Lambda((_u, _x), act(zp(r, p, e, _u)) * wp(r, _u, _x) - act(zn(r, p, e, _u)) * wn(r, _u, _x)),
            ),
        )
        .have(
            "one pair",
            Forall((r, p, e, n), eq(per_pair, even), (*still, *signed, *paired)),
            by=[fact("act", r=r, p=p, e=e, n=n), fact("wn d", r=r, n=n, p=p), algebra],
        )
        .have(
            "all pairs",
            Forall((r, p, e), eq(by_pairs, over_pairs(share * even)), (*still, *signed, *shown)),
            by=[Termwise(), fact("one pair", r=r, p=p, e=e, n=n), algebra],
        )
        .have(
            "slope",
            Forall((r, p, e), eq(slope_d(r, p, e), over_pairs(share * even)), (*still, *signed, *shown)),
            by=[*(fact(name, r=r, p=p, e=e) for name in ("read-out terms", "by pairs", "all pairs")), algebra],
        )
        .have(
            "even",
            Forall((r, p), eq(slope_d(r, p, -1), slope_d(r, p, 1)), (*still, *shown)),
            by=[fact("slope", r=r, p=p, e=1), fact("slope", r=r, p=p, e=-1), algebra],
        )
    )
