"""The laws of a Markov category, and conditionals (specification `categorical` 2.1, D1, D2, D5).

Main statements
    copy_natural_as_stated   the paper's Def. 2.1: copying is natural for every morphism
    markov_axioms            copying is a commutative comonoid, discarding is natural, copying only along functions
    conditionals             a kernel into X ⊗ Y splits into its marginal and a conditional; Bayesian inverses

X, Y, Z are any objects; f, k are any boxes and g is a box that is flagged deterministic. Equalities of diagrams hold
for kernels between any finite spaces.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categories import Box, Copy, Discard, Id, Ob, Swap
from theory.categories.atoms import diagram, entry
from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.justification import SingleTerm, algebra, decide, fact, normal_form, quick
from theory.lemma import Lemma
from theory.lemmas.sums import last, over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source
from theory.verdict import Verdict

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
any_kernel, after, function = Box("f", X, Y), Box("k", Y, Z), Box("g", X, Y, deterministic=True)

copy_natural_as_stated = Claim(
    id="categorical/copy_natural_as_stated",
    title="Copy as a natural map, as printed",
    kind=Kind.EQUALITY,
    text=(
        "every object carries a commutative comonoid (copy, discard) that is natural in the object: f ≫ copy = "
        "copy ≫ (f ⊗ f) for every kernel f: X → Y"
    ),
    parameters=(),
    statements=(equal(diagram(any_kernel >> Copy(Y)), diagram(Copy(X) >> any_kernel @ any_kernel), label="copy"),),
    source=Source("zhang2025", "Def. 2.1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="copying a coin gives two equal coins, not two independent ones: only functions can be copied along",
    remarks=("with it every kernel would be deterministic, and every categorical entropy zero",),
)

_laws = {
    "counit left": (Copy(X) >> Discard(X) @ Id(X), Id(X)),
    "counit right": (Copy(X) >> Id(X) @ Discard(X), Id(X)),
    "coassociativity": (Copy(X) >> Copy(X) @ Id(X), Copy(X) >> Id(X) @ Copy(X)),
    "cocommutativity": (Copy(X) >> Swap(X, X), Copy(X)),
    "copy of a pair": (
        Copy((X, Y)),
        Copy(X) @ Copy(Y) >> Id(X) @ Swap(X, Y) @ Id(Y),
    ),
    "discard of a pair": (Discard((X, Y)), Discard(X) @ Discard(Y)),
    "discard natural": (any_kernel >> Discard(Y), Discard(X)),
    "copy along functions": (function >> Copy(Y), Copy(X) >> function @ function),
    "interchange": (any_kernel @ Id(Y) >> Id(Y) @ after, Id(X) @ after >> any_kernel @ Id(Z)),
}
y_ = sp.Symbol("y", integer=True, nonnegative=True)
points = Parameter("n", "n", "number of points of Y", integers(1), (1, 8))
x = Parameter("x", "x", "a point of X", integers(0), (0, 7))
_row = sp.Sum(entry(any_kernel, (x.symbol,), (y_,)), (y_, 0, points.symbol - 1))
_derivation = derive()
for _name, (_left, _right) in _laws.items():
    _derivation = _derivation.have(_name, eq(diagram(_left), diagram(_right)), by=normal_form())
_derivation = _derivation.have(
    "rows sum to one",
    eq(_row, entry(any_kernel >> Discard(Y), (x.symbol,))),
    by=normal_form({Y: points.symbol}),
    note="discarding is summing a row, and discarding is natural",
)

markov_axioms = Claim(
    id="categorical/markov_axioms",
    title="Laws of a Markov category",
    kind=Kind.EQUALITY,
    text=(
        "copying is coassociative and commutative with discarding as its unit, and is compatible with ⊗; "
        "discarding is natural for every kernel; copying is natural for deterministic kernels; parts of a diagram "
        "that do not touch may be done in either order; a row of a kernel sums to what discarding its outputs "
        "gives"
    ),
    parameters=(points, x),
    statements=(
        *(equal(diagram(left), diagram(right), label=name) for name, (left, right) in _laws.items()),
        equal(_row, entry(any_kernel >> Discard(Y), (x.symbol,)), label="rows sum to one"),
    ),
    source=Source("fritz2020", "Def. 2.1", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/copy_natural_as_stated",),
    derivation=_derivation,
)

_s = Parameter("s", "s", "mass of a condition", reals(0), (0, 1))
_j = Parameter("j", "j", "mass of a part of it", reals(0, _s.symbol), (0, 1))
_c = Parameter("c", "c", "conditional probability of the part", reals(), (0, 1))
_apart = _s.symbol * _c.symbol - _j.symbol
recomposed = Lemma(
    "categorical/recomposed",
    "A part of a condition is the condition's mass times the conditional probability, null conditions included",
    (_s, _j, _c),
    eq(_s.symbol * _c.symbol, _j.symbol),
    hypotheses=(eq(_s.symbol * _apart, 0),),
    statement="c = j/s where s > 0, any number where s = 0",
    backing=derive()
    .have("size", eq(_s.symbol * sp.Abs(_apart), 0), by=["hypothesis 1", decide])
    .have("smaller", le(_j.symbol * sp.Abs(_apart), 0), by=["size", decide])
    .have("square", eq(_apart**2, -_j.symbol * _apart), by=["hypothesis 1", algebra])
    .have("no square", le(_apart**2, 0), by=["square", "smaller", decide])
    .have("equal", eq(_s.symbol * _c.symbol, _j.symbol), by=["no square", decide]),
)

x_ = sp.Symbol("x", integer=True, nonnegative=True)
f, marginal, given, mu, k, nu, inverse, other = (
    sp.Function(name, real=True) for name in ("f", "marginal", "given", "mu", "k", "nu", "inverse", "other")
)
at_x = Parameter("i", "i", "a point of X", integers(0, top.symbol), (0, 7))
at_y = Parameter("l", "l", "a point of Y", integers(0, last.symbol), (0, 7))
_top, _last, _i, _l = top.symbol, last.symbol, at_x.symbol, at_y.symbol
_here = (le(x_, _top), le(y_, _last))


def _bayes(candidate: sp.FunctionClass) -> Forall:
    """candidate(y, x) is mu(x) k(x, y) / nu(y) where nu(y) > 0, and any number elsewhere."""
    return Forall((x_, y_), eq(nu(y_) * (nu(y_) * candidate(y_, x_) - mu(x_) * k(x_, y_)), 0), _here)


def _inverse_of(candidate: sp.FunctionClass, hypothesis: str) -> tuple[Any, ...]:
    instance = recomposed.at(s=nu(_l), j=mu(_i) * k(_i, _l), c=candidate(_l, _i))
    return (fact(hypothesis, x=_i, y=_l), "joint here", "part", "mass of y", instance)


conditionals = Claim(
    id="categorical/conditionals",
    title="Disintegration and Bayesian inverse",
    kind=Kind.EQUALITY,
    text=(
        "a finite kernel into X ⊗ Y has conditionals: f(x, y) = f_X(x) f_|X(y | x), whatever f_|X is where f_X(x) "
        "= 0; a law mu and a kernel k have a Bayesian inverse, mu(x) k(y | x) = (mu ≫ k)(y) k†(x | y), and two of "
        "them agree wherever mu ≫ k has mass (f is taken at one input a; marginal = f_X, given = f_|X, nu = mu ≫ "
        "k, inverse = k†)"
    ),
    parameters=(top, last, at_x, at_y),
    functions=(f, marginal, given, mu, k, nu, inverse, other),
    hypotheses=(
        Forall((x_, y_), ge(f(x_, y_), 0), _here),
        Forall((x_,), eq(marginal(x_), over(f(x_, y_), y_, _last)), (le(x_, _top),)),
        Forall((x_, y_), eq(marginal(x_) * (marginal(x_) * given(x_, y_) - f(x_, y_)), 0), _here),
        Forall((x_,), ge(mu(x_), 0), (le(x_, _top),)),
        Forall((x_, y_), ge(k(x_, y_), 0), _here),
        Forall((y_,), eq(nu(y_), over(mu(x_) * k(x_, y_), x_, _top)), (le(y_, _last),)),
        _bayes(inverse),
        _bayes(other),
    ),
    statements=(
        equal(f(_i, _l), marginal(_i) * given(_i, _l), label="conditional"),
        equal(mu(_i) * k(_i, _l), nu(_l) * inverse(_l, _i), label="Bayesian inverse"),
        equal(nu(_l) * inverse(_l, _i), nu(_l) * other(_l, _i), label="unique"),
    ),
    source=Source("fritz2020", "Defs. 11.1, 11.5", recheck=True),
    status=Status.CITED,
    remarks=("this is what makes copy variables of the prover and induced kernels legitimate",),
    derivation=derive()
    .have("positive", ge(f(_i, _l), 0), by=fact("hypothesis 1", x=_i, y=_l))
    .have("row", ge(over(f(_i, y_), y_, _last), f(_i, _l)), by=[SingleTerm(_l), "hypothesis 1"])
    .have("below its marginal", le(f(_i, _l), marginal(_i)), by=["row", fact("hypothesis 2", x=_i), quick])
    .have("mass", ge(marginal(_i), 0), by=["positive", "below its marginal", quick])
    .have(
        "conditional",
        eq(marginal(_i) * given(_i, _l), f(_i, _l)),
        by=[
            fact("hypothesis 3", x=_i, y=_l),
            "positive",
            "below its marginal",
            "mass",
            recomposed.at(s=marginal(_i), j=f(_i, _l), c=given(_i, _l)),
        ],
    )
    .have(
        "joint",
        Forall((x_, y_), ge(mu(x_) * k(x_, y_), 0), _here),
        by=[fact("hypothesis 4", x=x_), fact("hypothesis 5", x=x_, y=y_), quick],
    )
    .have("joint here", ge(mu(_i) * k(_i, _l), 0), by=fact("joint", x=_i, y=_l))
    .have("column", ge(over(mu(x_) * k(x_, _l), x_, _top), mu(_i) * k(_i, _l)), by=[SingleTerm(_i), "joint"])
    .have("part", le(mu(_i) * k(_i, _l), nu(_l)), by=["column", fact("hypothesis 6", y=_l), quick])
    .have("mass of y", ge(nu(_l), 0), by=["joint here", "part", quick])
    .have("Bayesian inverse", eq(nu(_l) * inverse(_l, _i), mu(_i) * k(_i, _l)), by=_inverse_of(inverse, "hypothesis 7"))
    .have("another", eq(nu(_l) * other(_l, _i), mu(_i) * k(_i, _l)), by=_inverse_of(other, "hypothesis 8"))
    .have("unique", eq(nu(_l) * inverse(_l, _i), nu(_l) * other(_l, _i)), by=["Bayesian inverse", "another"]),
)
