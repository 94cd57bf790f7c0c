"""The dictionary and its projections (specification `concepts` 2.A).

Main statements
    dictionary_geometry   words of one norm u and cosine kappa are a + b and a - b with a orthogonal to b
    scaled_idempotents    P_x = x x^T/|x|^2 over the dictionary: idempotents that annihilate each other; scalar blocks
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.parameters import kx, u
from theory.concepts.population_lemmas import applied
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.attention import i, j, over_words, words
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq
from theory.source import OWN, Source

_u, _kx, _dx = u.symbol, kx.symbol, words.symbol
plus, minus, a, b = (sp.Function(name, real=True) for name in ("plus", "minus", "a", "b"))
_a, _b = (plus(j) + minus(j)) / 2, (plus(j) - minus(j)) / 2
_plus, _minus, _product = over_words(plus(j) ** 2), over_words(minus(j) ** 2), over_words(plus(j) * minus(j))
_long, _short = _u**2 * (1 + _kx) / 2, _u**2 * (1 - _kx) / 2
_GEOMETRY = {
    "concept": (over_words(_a**2), _long),
    "difference": (over_words(_b**2), _short),
    "orthogonal": (over_words(_a * _b), sp.S.Zero),
    "norm of a + b": (over_words((a(j) + b(j)) ** 2), _u**2),
    "norm of a - b": (over_words((a(j) - b(j)) ** 2), _u**2),
    "product": (over_words((a(j) + b(j)) * (a(j) - b(j))), _kx * _u**2),
}
_HYPOTHESES = {
    "plus": eq(_plus, _u**2),
    "minus": eq(_minus, _u**2),
    "cosine": eq(_product, _kx * _u**2),
    "a": eq(over_words(a(j) ** 2), _long),
    "b": eq(over_words(b(j) ** 2), _short),
    "a and b": eq(over_words(a(j) * b(j)), 0),
}
_given = [f"hypothesis {number}" for number in range(1, len(_HYPOTHESES) + 1)]
_polarisation = (over_words(_a * _b), (_plus - _minus) / 4)
_geometry = derive().have("polarisation", eq(*_polarisation), by=algebra)
for _name, (_left, _right) in _GEOMETRY.items():
    _geometry = _geometry.have(_name, eq(_left, _right), by=[*_given, algebra])
dictionary_geometry = Claim(
    id="concepts/dictionary_geometry",
    title="Two words of one norm as concept and semantic difference",
    kind=Kind.EQUALITY,
    text=(
        "|mu^+| = |mu^-| = u and <mu^+, mu^-> = kappa u^2 iff mu^+ = a + b and mu^- = a - b with a orthogonal to b, "
        "|a|^2 = u^2 (1 + kappa)/2 and |b|^2 = u^2 (1 - kappa)/2; <a, b> = (|mu^+|^2 - |mu^-|^2)/4. The first three "
        "statements read a and b off the words plus and minus, the next three the words off a and b"
    ),
    parameters=(u, kx, words),
    functions=(plus, minus, a, b),
    hypotheses=tuple(_HYPOTHESES.values()),
    statements=(
        *(equal(left, right, label=name) for name, (left, right) in _GEOMETRY.items()),
        equal(*_polarisation, label="polarisation"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_geometry,
)

atoms = Parameter("N", "N", "vectors of the dictionary", integers(1), (1, 20))
first = Parameter("p0", "p", "a vector of the dictionary", integers(0, atoms.symbol - 1), (0, 3))
second = Parameter("q0", "q", "a vector of the dictionary", integers(0, atoms.symbol - 1), (0, 3))
row = Parameter("i0", "i", "a coordinate", integers(0, words.symbol - 1), (0, 3))
column = Parameter("j0", "j", "a coordinate", integers(0, words.symbol - 1), (0, 3))
_N, _p0, _q0, _i0, _j0 = (s.symbol for s in (atoms, first, second, row, column))
p, q = (sp.Symbol(name, integer=True, nonnegative=True) for name in "pq")
_s = sp.Symbol("s", integer=True, nonnegative=True)
x, size, inv, same, one, W = (sp.Function(name, real=True) for name in ("x", "size", "inv", "same", "one", "W"))


def over_atoms(term: Any) -> sp.Sum:
    """Sum over the vectors q of the dictionary."""
    return sp.Sum(term, (q, 0, _N - 1))


def projection(vector: Any, at: Any, to: Any) -> sp.Expr:
    """The entry of P_x = x x^T/|x|^2."""
    return x(vector, at) * x(vector, to) * inv(vector)


_composed = over_words(projection(_p0, _i0, j) * projection(_q0, j, _j0))
_idempotent = over_words(projection(_p0, _i0, j) * projection(_p0, j, _j0))
_inner = over_words(x(_p0, j) * x(_q0, j))
_onto = over_words(sp.Sum(x(q, _i0) * x(q, j), (q, 0, _N - 1)) * x(_p0, j))
_rest = over_words((one(_i0, j) - over_atoms(projection(q, _i0, j))) * x(_p0, j))
_image = over_words(W(i, j) * x(_q0, j))
_sandwich = over_words(projection(_p0, _i0, i) * over_words(W(i, j) * projection(_q0, j, _j0)), i)
_block = over_words(x(_p0, i) * _image, i)
_collected = over_atoms(x(q, _i0) * (same(q, _p0) * size(_p0)))
_kept = over_atoms(same(q, _p0) * size(_p0) * x(_p0, _i0))
_divided = over_atoms(-x(q, _i0) * inv(q) * (same(q, _p0) * size(_p0)))
_cancelled = over_atoms(-same(q, _p0) * x(_p0, _i0))
_BLOCKS = {
    "idempotent": (_idempotent, projection(_p0, _i0, _j0)),
    "annihilate": (_composed, same(_p0, _q0) * x(_p0, _i0) * x(_q0, _j0) * inv(_p0)),
    "unnormalised": (_onto, size(_p0) * x(_p0, _i0)),
    "rest": (_rest, sp.S.Zero),
    "block": (_sandwich, _block * inv(_p0) * inv(_q0) * x(_p0, _i0) * x(_q0, _j0)),
}
_relation = {name: eq(left, right) for name, (left, right) in _BLOCKS.items()}
scaled_idempotents = Claim(
    id="concepts/scaled_idempotents",
    title="The dictionary's projections split every matrix into scalar blocks",
    kind=Kind.EQUALITY,
    text=(
        "P_x = x x^T/|x|^2 for x in an orthogonal dictionary: P_x P_y = delta_xy P_x, and P_rest = I - sum_x P_x "
        "annihilates every x, so that I = sum_x P_x + P_rest is a resolution; unnormalised, sum_k b_k b_k^T acts on "
        "each b_k as the multiple |b_k|^2, so that its square is |b|^2 times itself for equal norms; and P_x W P_y = "
        "<x, W y>/(|x|^2 |y|^2) x y^T: every W splits into scalar blocks. same(q, p) is 1 for q = p and 0 elsewhere, "
        "size = |x|^2 and inv = 1/|x|^2"
    ),
    parameters=(words, atoms, first, second, row, column),
    functions=(x, size, inv, same, one, W),
    hypotheses=(
        Forall((q, p), eq(over_words(x(q, j) * x(p, j)), same(q, p) * size(p))),
        Forall((q, p, i), eq(same(q, p) * x(q, i), same(q, p) * x(p, i))),
        Forall((q, p), eq(same(q, p) * size(p) * inv(q), same(q, p))),
        Forall((p,), eq(over_atoms(same(q, p)), 1)),
        Forall((p,), eq(same(p, p), 1)),
        Forall((p, i), eq(over_words(one(i, j) * x(p, j)), x(p, i))),
        Forall((p,), eq(size(p) * inv(p), 1)),
    ),
    statements=tuple(equal(left, right, label=name) for name, (left, right) in _BLOCKS.items()),
    source=Source("bu2024", "the name, in later literature", recheck=True),
    status=Status.OWN,
    derivation=derive()
    .have(
        "own square",
        eq(over_words(x(_p0, j) ** 2), size(_p0)),
        by=[fact("hypothesis 1", q=_p0, p=_p0), fact("hypothesis 5", p=_p0), quick],
    )
    .have(
        "idempotent",
        _relation["idempotent"],
        by=["own square", fact("hypothesis 7", p=_p0), algebra],
    )
    .have(
        "annihilate",
        _relation["annihilate"],
        by=[
            fact("hypothesis 1", q=_p0, p=_q0),
            fact("hypothesis 7", p=_p0),
            fact("hypothesis 7", p=_q0),
            algebra,
        ],
    )
    .have(
        "summed",
        Forall(
            (i,),
            eq(over_words(over_atoms(x(q, i) * x(q, j)) * x(_p0, j)), over_atoms(x(q, i) * (same(q, _p0) * size(_p0)))),
            (sp.Le(i, _dx - 1, evaluate=False),),
        ),
        by=[
            "hypothesis 1",
            "hypothesis 6",
            applied.at(
                P=_N,
                rate=0,
                S=sp.Lambda((p, _s), over_atoms(x(q, p) * x(q, _s))),
                b=x,
                y=sp.Lambda((p,), x(_p0, p)),
                t=sp.Lambda((p,), sp.S.One),
                beta=sp.Lambda((p,), same(p, _p0) * size(_p0)),
            ),
        ],
    )
    .have("kept", eq(_collected, _kept), by=[Termwise(), fact("hypothesis 2", q=q, p=_p0, i=_i0), quick])
    .have("multiple", eq(_kept, size(_p0) * x(_p0, _i0)), by=[fact("hypothesis 4", p=_p0), algebra])
    .have(
        "unnormalised",
        _relation["unnormalised"],
        by=[fact("summed", i=_i0), "kept", "multiple", quick],
    )
    .have(
        "rest summed",
        Forall(
            (i,),
            eq(
                over_words((one(i, j) - over_atoms(projection(q, i, j))) * x(_p0, j)),
                x(_p0, i) + over_atoms(-x(q, i) * inv(q) * (same(q, _p0) * size(_p0))),
            ),
            (sp.Le(i, _dx - 1, evaluate=False),),
        ),
        by=[
            "hypothesis 1",
            "hypothesis 6",
            applied.at(
                P=_N,
                rate=1,
                S=sp.Lambda((p, _s), one(p, _s) - over_atoms(projection(q, p, _s))),
                b=x,
                y=sp.Lambda((p,), x(_p0, p)),
                t=sp.Lambda((p,), -inv(p)),
                beta=sp.Lambda((p,), same(p, _p0) * size(_p0)),
            ),
        ],
    )
    .have(
        "cancelled",
        eq(_divided, _cancelled),
        by=[
            Termwise(),
            fact("hypothesis 2", q=q, p=_p0, i=_i0),
            fact("hypothesis 3", q=q, p=_p0),
            fact("hypothesis 7", p=q),
            quick,
        ],
    )
    .have("all of it", eq(_cancelled, -x(_p0, _i0)), by=[fact("hypothesis 4", p=_p0), algebra])
    .have("rest", _relation["rest"], by=[fact("rest summed", i=_i0), "cancelled", "all of it", quick])
    .have(
        "right factor",
        Forall(
            (i,),
            eq(over_words(W(i, j) * projection(_q0, j, _j0)), _image * x(_q0, _j0) * inv(_q0)),
        ),
        by=[fact("hypothesis 7", p=_q0), algebra],
    )
    .have(
        "left factor",
        eq(_sandwich, over_words(projection(_p0, _i0, i) * (_image * x(_q0, _j0) * inv(_q0)), i)),
        by=[Termwise(), fact("right factor", i=i), quick],
    )
    .have("block", _relation["block"], by=["left factor", algebra], note="<x, W y>/(|x|^2 |y|^2) x y^T"),
)
