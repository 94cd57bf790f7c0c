"""States are forced apart by the rows of the data (specification `categorical` 2.5).

The path integral of the pullback metric between the states of two contexts is the Jeffreys divergence J of the rows of
the model (jeffreys_path); length is the path's length, angle = arccos BC, in [0, pi/2].

What this forces in the mean over contexts stands in `separation_guarantee`.

Main statements
    arc_chord                        angle^2 >= 2 (1 - cos angle) >= sin^2 angle on [0, pi/2] (L10)
    separation_chain                 J >= length^2 >= 4 angle^2 >= 8 (1 - BC) >= 4 (1 - BC^2) >= 4 TV^2
    similarity_converse_as_stated    refuted: equal data rows do not keep states together
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.row_laws import divergence, jeffreys, over_tokens, p, q, rows
from theory.claim import Claim, Kind, Status, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import algebra, decide, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.bretagnolle_huber import tv_affinity
from theory.lemmas.hellinger import root
from theory.lemmas.jeffreys import artanh_bound
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source
from theory.verdict import Verdict

angle = Parameter("angle", r"\arccos BC", "arccos BC", reals(0, sp.pi / 2), (0, 1.5))
artanh = Parameter("T", r"\mathrm{artanh}\,\tau", "artanh of the TV of the two rows", reals(0), (0, 2))
_angle, _T = angle.symbol, artanh.symbol
_tau = sp.tanh(_T)


def artanh_bound_at(at: sp.Expr) -> sp.Expr:
    """4 tau artanh tau at tau = tanh(at)."""
    return 4 * at * sp.tanh(at)


arc_chord = Lemma(
    "categorical/arc_chord",
    "Squares of arc, chord and half chord",
    (angle,),
    ge(_angle**2, 2 * (1 - sp.cos(_angle))),
    backing=derive().have("chord", ge(_angle**2, 2 * (1 - sp.cos(_angle))), by=decide),
)
chord_sine = Lemma(
    "categorical/chord_sine",
    "2 (1 - c) >= 1 - c^2",
    (angle,),
    ge(8 * (1 - sp.cos(_angle)), 4 * (1 - sp.cos(_angle) ** 2)),
    backing=derive()
    .have(
        "square",
        eq(8 * (1 - sp.cos(_angle)) - 4 * (1 - sp.cos(_angle) ** 2), 4 * (1 - sp.cos(_angle)) ** 2),
        by=algebra,
    )
    .have("sign", ge(4 * (1 - sp.cos(_angle)) ** 2, 0), by=decide)
    .have("sine", ge(8 * (1 - sp.cos(_angle)), 4 * (1 - sp.cos(_angle) ** 2)), by=["square", "sign", quick]),
)
half_logarithm = Lemma(
    "categorical/half_logarithm",
    "artanh tau >= tau, tau = tanh T",
    (artanh,),
    ge(artanh_bound_at(_T), 4 * _tau**2),
    backing=derive().have("artanh", ge(artanh_bound_at(_T), 4 * _tau**2), by=decide),
)
segment_length = opaque(
    "categorical/segment_length", "segment_length() = int_0^1 sqrt(g*(h_t)(v, v)) dt", bounds=(0, None)
)
segment_integral = opaque(
    "categorical/segment_integral", "segment_integral() = int_0^1 g*(h_t)(v, v) dt", bounds=(0, None)
)
end_row = opaque(
    "categorical/end_row", "end_row(i, k) = probability of token k at the start (i = 0) or the end (i = 1)"
)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_affinity = over_tokens(root(end_row(0, _k)) * root(end_row(1, _k)), _k)
_variation = over_tokens(sp.Abs(end_row(0, _k) - end_row(1, _k)), _k) / 2
path_schwarz = Lemma(
    "categorical/path_schwarz",
    "Cauchy-Schwarz along the path",
    (),
    ge(segment_integral(), segment_length() ** 2),
    backing=Citation(Source("rudin1976", "Theorem 11.35", recheck=True), "with the constant function 1 on [0, 1]"),
)
fisher_rao = Lemma(
    "categorical/fisher_rao",
    "A path between two laws is at least as long as the arc between their roots (L11)",
    (V, angle),
    ge(segment_length(), 2 * _angle),
    hypotheses=(eq(sp.cos(_angle), _affinity),),
    statement="p -> 2 sqrt(p) is an isometry of the Fisher-Rao metric into the sphere of radius 2",
    backing=Citation(Source("rao1945", "section 7", recheck=True)),
)
_jeffreys = over_tokens((end_row(0, _k) - end_row(1, _k)) * sp.log(end_row(0, _k) / end_row(1, _k)), _k)
_ends = (
    Forall((_k,), gt(end_row(0, _k), 0)),
    Forall((_k,), gt(end_row(1, _k), 0)),
    eq(over_tokens(end_row(0, _k), _k), 1),
    eq(over_tokens(end_row(1, _k), _k), 1),
)
_of_ends = tuple(f"hypothesis {i}" for i in range(1, 5))
_rows_at_ends: dict[str, Any] = {
    "top": V.symbol - 1,
    "p": sp.Lambda((_k,), end_row(0, _k)),
    "q": sp.Lambda((_k,), end_row(1, _k)),
}
separation_chain = Claim(
    id="categorical/separation_chain",
    title="From path integral to total variation",
    kind=Kind.ORDERING,
    text=(
        "J = int g* >= (int sqrt g*)^2 >= 4 arccos^2 BC >= 8 (1 - BC) >= 4 (1 - BC^2) >= 4 TV^2, and "
        "J >= 4 TV artanh TV >= 4 TV^2, for the segment between two states; angle = arccos BC, T = artanh TV"
    ),
    parameters=(V, angle, artanh),
    hypotheses=(*_ends, eq(sp.cos(_angle), _affinity), eq(_variation, _tau)),
    statements=(
        lower(segment_integral(), segment_length() ** 2, label="schwarz"),
        lower(segment_length() ** 2, 4 * _angle**2, label="arc"),
        lower(4 * _angle**2, 8 * (1 - sp.cos(_angle)), label="chord"),
        lower(8 * (1 - sp.cos(_angle)), 4 * (1 - sp.cos(_angle) ** 2), label="sine"),
        lower(4 * (1 - sp.cos(_angle) ** 2), 4 * _tau**2, label="total variation"),
        lower(_jeffreys, artanh_bound_at(_T), label="artanh"),
        lower(artanh_bound_at(_T), 4 * _tau**2, label="artanh above the square"),
    ),
    source=Source("zhang2025", "Cor. 7.2, App. A.6"),
    status=Status.SHARPENED,
    derivation=derive()
    .have("schwarz", ge(segment_integral(), segment_length() ** 2), by=path_schwarz.at())
    .have("length", ge(segment_length(), 2 * _angle), by=["hypothesis 5", fisher_rao.at()])
    .have("arc", ge(segment_length() ** 2, 4 * _angle**2), by=["length", decide])
    .have("chord of the angle", ge(_angle**2, 2 * (1 - sp.cos(_angle))), by=arc_chord.at())
    .have("chord", ge(4 * _angle**2, 8 * (1 - sp.cos(_angle))), by=["chord of the angle", quick])
    .have("sine", ge(8 * (1 - sp.cos(_angle)), 4 * (1 - sp.cos(_angle) ** 2)), by=chord_sine.at())
    .have("distance", le(_variation**2, 1 - _affinity**2), by=[*_of_ends, tv_affinity.at(**_rows_at_ends)])
    .have(
        "total variation",
        ge(4 * (1 - sp.cos(_angle) ** 2), 4 * _tau**2),
        by=["distance", "hypothesis 5", "hypothesis 6", quick],
    )
    .have(
        "artanh",
        ge(_jeffreys, artanh_bound_at(_T)),
        by=[*_of_ends, "hypothesis 6", artanh_bound.at(T=_T, **_rows_at_ends)],
    )
    .have("artanh above the square", ge(artanh_bound_at(_T), 4 * _tau**2), by=half_logarithm.at()),
)

slope = Parameter("C", "C", "the claimed factor", reals(0), (1, 1000))
similarity_converse_as_stated = Claim(
    id="categorical/similarity_converse_as_stated",
    title="Similar contexts are pulled together",
    kind=Kind.UPPER,
    text=(
        "Conversely, a small loss and equal rows of the data force a small path integral between the states: formally, "
        "int g* <= C L_KL for two equally likely contexts with p_x = p_x'"
    ),
    parameters=(V, slope),
    functions=(p, q),
    hypotheses=(*rows(p, q), Forall((_k,), eq(p(0, _k), p(1, _k)))),
    statements=(
        upper(jeffreys(q, 0, 1), slope.symbol * (divergence(p, q, 0) + divergence(p, q, 1)) / 2, label="pulled"),
    ),
    source=Source("zhang2025", "Cor. 7.2, App. A.6"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "V = 2, p = (1, 0), q_x = (.99, .01), q_x' = (1 - e^-1000, e^-1000): L_KL = .005025 and the path integral is "
        "9.954049; a rare token may be as far as one likes"
    ),
)
