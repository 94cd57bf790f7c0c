"""Activities of other concepts, listed and averaged (specification `concepts` D3).

Beside the co-concept a prompt has K_1 - 1 other task concepts; each is active in each word with probability rho_1,
independently. The activities of one concept are numbered s = 0..2^(L+1) - 1: bit(1, s) is that of the query,
bit(r + 1, s) that of demonstration r = 1..L. Patterns of all other concepts are numbered h = 0..2^((L+1)(K_1-1)) - 1;
z(r, i, h) is 1 where concept i = 1..K_1-1 is active in word r, r = 1 being the query.

Main statements
    one_concept            the mean over the activities of one concept
    other_concepts         the mean over patterns of a product over concepts: a power
    all_patterns           the probabilities of all patterns sum to 1
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import L, rho1
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.digits import all_digits, even_odd, multiplied, same_factors, same_factors_r, trials
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

_L, _rho = L.symbol, rho1.symbol
_h, _s, _k, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("h", "s", "k", "n_"))
_i, _r = (sp.Symbol(name, integer=True, positive=True) for name in ("i", "r"))
bit, active = (sp.Function(name, real=True) for name in ("bit", "z"))
_A, _B, _C, _D = (Parameter(n, n, "a weight", reals(), (-1, 1)) for n in ("A", "B", "C", "D"))
_weights = tuple(p.symbol for p in (_A, _B, _C, _D))


def chance(z: Any) -> sp.Expr:
    """The probability of an activity z in {0, 1}."""
    return _rho * z + (1 - _rho) * (1 - z)


def words(term: Any, length: Any) -> sp.Product:
    """The product over the demonstrations r = 1..L."""
    return sp.Product(term, (_r, 1, length))


def mass(z: Any, length: Any) -> sp.Expr:
    """The probability of the activities z(1), z(2), ..., z(L + 1) of one concept."""
    return chance(z(sp.S.One)) * words(chance(z(_r + 1)), length)


def none(z: Any, length: Any) -> sp.Product:
    """1 where the concept is active in no demonstration, else 0."""
    return words(1 - z(_r + 1), length)


def graded(z: Any, length: Any, weights: tuple[Any, ...] = _weights) -> sp.Expr:
    """A + B z(1) + (C + D z(1)) none: a function of the query's activity and of whether a demonstration is active."""
    A, B, C, D = weights
    return A + B * z(sp.S.One) + (C + D * z(sp.S.One)) * none(z, length)


def expected(length: Any, weights: tuple[Any, ...] = _weights) -> sp.Expr:
    """The mean of `graded`."""
    A, B, C, D = weights
    return A + B * _rho + (C + D * _rho) * (1 - _rho) ** length


CLEAR = (1, -1, 0, 1)  # 1 - z(1) (1 - none): the query and the demonstrations do not share the concept
BARE = (0, 0, 1, 0)  # none
ANY = (1, 0, 0, 0)


def _of(s: Any) -> Any:
    return lambda r: bit(r, s)


BITS = (
    Forall((_h, _s), eq(bit(1, 2 * _h + _s), _s), (le(_s, 1),)),
    Forall((_h, _s, _i), eq(bit(_i + 1, 2 * _h + _s), bit(_i, _h)), (le(_s, 1),)),
)
_all, _empty = (
    sp.Product(term, (_i, 1, _L)) for term in (chance(bit(_i, _h)), chance(bit(_i, _h)) * (1 - bit(_i, _h)))
)
_no_bit = sp.Product(1 - bit(_i, _h), (_i, 1, _L))
_strings = 2**_L - 1


def _moved(y: int, term: Any, name: str, steps: Any) -> Any:
    """The demonstrations' bits of 2 h + y are the bits of h."""
    return steps.have(
        f"{name} {y}",
        Forall((_h,), eq(words(term(bit(_r + 1, 2 * _h + y)), _L), sp.Product(term(bit(_i, _h)), (_i, 1, _L)))),
        by=[
            f"moved {y}",
            same_factors.at(
                n=_L,
                x=sp.Lambda((_i,), term(bit(_i + 1, 2 * _h + y))),
                y=sp.Lambda((_i,), term(bit(_i, _h))),
            ),
        ],
    )


def _term(s: Any) -> sp.Expr:
    return mass(_of(s), _L) * graded(_of(s), _L)


_a, _b, _c, _d = _weights
_pair = (_a + _b * _rho) * _all + (_c + _d * _rho) * _empty


_X, _Y, _P, _Q, _E, _V, _W, _M, _N = (Parameter(n, n, "a number", reals(), (0, 1)) for n in "XYPQEvyMN")
_x, _y, _p, _q, _e, _v, _w, _m, _o = (p.symbol for p in (_X, _Y, _P, _Q, _E, _V, _W, _M, _N))
graded_term = Lemma(
    "concepts/graded_term",
    "Equals put for equals in a term of the mean over activities",
    (rho1, _A, _B, _C, _D, _V, _W, _M, _P, _N, _Q),
    eq(chance(_v) * _m * (_a + _b * _v + (_c + _d * _v) * _o), chance(_w) * _p * (_a + _b * _w + (_c + _d * _w) * _q)),
    hypotheses=(eq(_v, _w), eq(_m, _p), eq(_o, _q)),
    backing=derive().have(
        "same",
        eq(
            chance(_v) * _m * (_a + _b * _v + (_c + _d * _v) * _o),
            chance(_w) * _p * (_a + _b * _w + (_c + _d * _w) * _q),
        ),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", quick],
    ),
)
two_terms_added = Lemma(
    "concepts/two_terms_added",
    "The query without and with the concept",
    (rho1, _A, _B, _C, _D, _X, _Y, _P, _Q, _E),
    eq(_x + _y, (_a + _b * _rho) * _p + (_c + _d * _rho) * _e),
    hypotheses=(
        eq(_x, (1 - _rho) * _p * (_a + _c * _q)),
        eq(_y, _rho * _p * (_a + _b + (_c + _d) * _q)),
        eq(_e, _p * _q),
    ),
    backing=derive().have(
        "sum",
        eq(_x + _y, (_a + _b * _rho) * _p + (_c + _d * _rho) * _e),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", quick],
    ),
)


def _one_concept() -> Any:
    steps = derive()
    for y in (0, 1):
        steps = steps.have(
            f"query {y}", Forall((_h,), eq(bit(1, 2 * _h + y), y)), by=[fact("hypothesis 1", h=_h, s=y)]
        ).have(
            f"moved {y}",
            Forall((_h, _i), eq(bit(_i + 1, 2 * _h + y), bit(_i, _h))),
            by=[fact("hypothesis 2", h=_h, s=y, i=_i)],
        )
        steps = _moved(y, chance, "mass", steps)
        steps = _moved(y, lambda z: 1 - z, "none", steps)
    every = sp.Sum(_all, (_h, 0, _strings))
    empty = sp.Sum(_empty, (_h, 0, _strings))
    for name, y, term in (
        ("even", 0, (1 - _rho) * _all * (_a + _c * _no_bit)),
        ("odd", 1, _rho * _all * (_a + _b + (_c + _d) * _no_bit)),
    ):
        steps = steps.have(
            name,
            Forall((_h,), eq(_term(2 * _h + y), term)),
            by=[fact(f"{part} {y}", h=_h) for part in ("query", "mass", "none")]
            + [
                graded_term.at(
                    v=bit(1, 2 * _h + y),
                    y=y,
                    M=words(chance(bit(_r + 1, 2 * _h + y)), _L),
                    P=_all,
                    N=words(1 - bit(_r + 1, 2 * _h + y), _L),
                    Q=_no_bit,
                ),
            ],
        )
    return (
        steps.have(
            "both",
            Forall((_h,), eq(_empty, _all * _no_bit)),
            by=multiplied.at(n=_L, x=sp.Lambda((_i,), chance(bit(_i, _h))), y=sp.Lambda((_i,), 1 - bit(_i, _h))),
        )
        .have("strings", ge(_strings, 0), by=quick)
        .have("ends", eq(2 ** (_L + 1) - 1, 2 * _strings + 1), by=algebra)
        .have(
            "pairs",
            eq(_over_activities(_term(_s), _L), sp.Sum(_term(2 * _h) + _term(2 * _h + 1), (_h, 0, _strings))),
            by=["strings", "ends", even_odd.at(N=_strings, E=2 ** (_L + 1) - 1, F=sp.Lambda((_s,), _term(_s)))],
        )
        .have(
            "pair",
            Forall((_h,), eq(_term(2 * _h) + _term(2 * _h + 1), _pair)),
            by=[
                *(fact(name, h=_h) for name in ("even", "odd", "both")),
                two_terms_added.at(X=_term(2 * _h), Y=_term(2 * _h + 1), P=_all, Q=_no_bit, E=_empty),
            ],
        )
        .have(
            "each",
            eq(sp.Sum(_term(2 * _h) + _term(2 * _h + 1), (_h, 0, _strings)), sp.Sum(_pair, (_h, 0, _strings))),
            by=[Termwise(), "pair"],
        )
        .have(
            "linear",
            eq(sp.Sum(_pair, (_h, 0, _strings)), (_a + _b * _rho) * every + (_c + _d * _rho) * empty),
            by=algebra,
        )
        .have("a bit", eq(sp.Sum(chance(_s), (_s, 0, 1)), 1), by=algebra)
        .have("an empty bit", eq(sp.Sum(chance(_s) * (1 - _s), (_s, 0, 1)), 1 - _rho), by=algebra)
        .have(
            "all strings",
            eq(every, sp.Sum(chance(_s), (_s, 0, 1)) ** _L),
            by=[
                "hypothesis 1",
                "hypothesis 2",
                all_digits.at(M=2, n=_L, v=sp.Lambda((_i, _h), chance(bit(_i, _h))), u=sp.Lambda((_s,), chance(_s))),
            ],
        )
        .have(
            "empty strings",
            eq(empty, sp.Sum(chance(_s) * (1 - _s), (_s, 0, 1)) ** _L),
            by=[
                "hypothesis 1",
                "hypothesis 2",
                all_digits.at(
                    M=2,
                    n=_L,
                    v=sp.Lambda((_i, _h), chance(bit(_i, _h)) * (1 - bit(_i, _h))),
                    u=sp.Lambda((_s,), chance(_s) * (1 - _s)),
                ),
            ],
        )
        .have("all of them", eq(every, 1), by=["all strings", "a bit", quick])
        .have("without", eq(empty, (1 - _rho) ** _L), by=["empty strings", "an empty bit", quick])
        .have(
            "mean",
            eq(_over_activities(_term(_s), _L), expected(_L)),
            by=["pairs", "each", "linear", "all of them", "without", quick],
        )
    )


def _over_activities(term: Any, length: Any) -> sp.Sum:
    """The sum over the activities s = 0..2^(L+1) - 1 of one concept."""
    return sp.Sum(term, (_s, 0, 2 ** (length + 1) - 1))


one_concept = Lemma(
    "concepts/one_concept",
    "The mean over the activities of one concept",
    (L, rho1, _A, _B, _C, _D),
    eq(_over_activities(_term(_s), _L), expected(_L)),
    hypotheses=BITS,
    functions=(bit,),
    backing=_one_concept(),
)

_f, _g = (sp.Function(name, real=True) for name in ("f", "g"))


def _whole(z: Any) -> sp.Expr:
    return mass(z, _L) * graded(z, _L)


same_concept = Lemma(
    "concepts/same_concept",
    "Equal activities have equal terms",
    (L, rho1, _A, _B, _C, _D),
    eq(_whole(_f), _whole(_g)),
    hypotheses=(Forall((_r,), eq(_f(_r), _g(_r))),),
    functions=(_f, _g),
    backing=derive()
    .have("query", eq(_f(1), _g(1)), by=fact("hypothesis 1", r=1))
    .have("demonstration", Forall((_r,), eq(_f(_r + 1), _g(_r + 1))), by=fact("hypothesis 1", r=_r + 1))
    .have(
        "equal chance",
        Forall((_r,), eq(chance(_f(_r + 1)), chance(_g(_r + 1)))),
        by=[fact("demonstration", r=_r), quick],
    )
    .have("equal none", Forall((_r,), eq(1 - _f(_r + 1), 1 - _g(_r + 1))), by=[fact("demonstration", r=_r), quick])
    .have(
        "masses",
        eq(words(chance(_f(_r + 1)), _L), words(chance(_g(_r + 1)), _L)),
        by=[
            "equal chance",
            same_factors_r.at(n=_L, x=sp.Lambda((_r,), chance(_f(_r + 1))), y=sp.Lambda((_r,), chance(_g(_r + 1)))),
        ],
    )
    .have(
        "nones",
        eq(none(_f, _L), none(_g, _L)),
        by=[
            "equal none",
            same_factors_r.at(n=_L, x=sp.Lambda((_r,), 1 - _f(_r + 1)), y=sp.Lambda((_r,), 1 - _g(_r + 1))),
        ],
    )
    .have(
        "terms",
        eq(_whole(_f), _whole(_g)),
        by=[
            "query",
            "masses",
            "nones",
            graded_term.at(
                v=_f(1),
                y=_g(1),
                M=words(chance(_f(_r + 1)), _L),
                P=words(chance(_g(_r + 1)), _L),
                N=none(_f, _L),
                Q=none(_g, _L),
            ),
        ],
    ),
)
_size = 2 ** (_L + 1)


def other(i: Any, h: Any) -> Any:
    """The activities of concept i in pattern h, as a function of the word."""
    return lambda r: active(r, i, h)


def pattern_digits(size: Any) -> tuple[Forall, Forall]:
    """Pattern size h + s has the activities s of the first other concept, and pattern h for the rest."""
    return (
        Forall((_h, _s, _r), eq(active(_r, 1, size * _h + _s), bit(_r, _s)), (le(_s, size - 1),)),
        Forall((_h, _s, _i, _r), eq(active(_r, _i + 1, size * _h + _s), active(_r, _i, _h)), (le(_s, size - 1),)),
    )


def over_concepts(term: Any, count: Any) -> sp.Product:
    """The product over the other concepts i = 1..K_1 - 1."""
    return sp.Product(term, (_i, 1, count))


def over_patterns(term: Any, length: Any, count: Any) -> sp.Sum:
    """The sum over all patterns h."""
    return sp.Sum(term, (_h, 0, (2 ** (length + 1)) ** count - 1))


def likelihood(length: Any, count: Any) -> sp.Product:
    """The probability of pattern h."""
    return over_concepts(mass(other(_i, _h), length), count)


def grade(weights: tuple[Any, ...], length: Any, count: Any) -> sp.Product:
    """The product of `graded` over the other concepts of pattern h."""
    return over_concepts(graded(other(_i, _h), length, weights), count)


_T = trials.symbol
times_one = Lemma(
    "concepts/times_one",
    "A factor one",
    (_X, _Y),
    eq(_x * _y, _x),
    hypotheses=(eq(_y, 1),),
    backing=derive().have("factor", eq(_x * _y, _x), by=["hypothesis 1", quick]),
)
powers = Lemma(
    "concepts/powers",
    "Powers of equals",
    (trials, _X, _Y, _P, _Q),
    eq(_y, _q**_T),
    hypotheses=(eq(_x, _p**_T), eq(_x, _y), eq(_p, _q)),
    backing=derive()
    .have("next", Forall((_k,), eq(_p ** (_k + 1), _p * _p**_k)), by=algebra)
    .have("all", Forall((_k,), eq(_p**_k, _q**_k)), by=[Induction(_k), "hypothesis 3", fact("next", k=_k), quick])
    .have("power", eq(_y, _q**_T), by=["hypothesis 1", "hypothesis 2", fact("all", k=_T), quick]),
)
_in_range = (le(_s, _size - 1),)
other_concepts = Lemma(
    "concepts/other_concepts",
    "The concepts are independent: the mean of a product over them is a power",
    (L, trials, rho1, _A, _B, _C, _D),
    eq(over_patterns(likelihood(_L, _T) * grade(_weights, _L, _T), _L, _T), expected(_L) ** _T),
    hypotheses=(*BITS, *pattern_digits(_size)),
    functions=(bit, active),
    backing=derive()
    .have(
        "first",
        Forall((_h, _s), eq(_whole(other(1, _size * _h + _s)), _term(_s)), _in_range),
        by=[
            "hypothesis 3",
            same_concept.at(f=sp.Lambda((_r,), active(_r, 1, _size * _h + _s)), g=sp.Lambda((_r,), bit(_r, _s))),
        ],
    )
    .have(
        "rest",
        Forall((_h, _s, _i), eq(_whole(other(_i + 1, _size * _h + _s)), _whole(other(_i, _h))), _in_range),
        by=[
            "hypothesis 4",
            same_concept.at(
                f=sp.Lambda((_r,), active(_r, _i + 1, _size * _h + _s)), g=sp.Lambda((_r,), active(_r, _i, _h))
            ),
        ],
    )
    .have(
        "power",
        eq(
            over_patterns(over_concepts(_whole(other(_i, _h)), _T), _L, _T),
            _over_activities(_term(_s), _L) ** _T,
        ),
        by=[
            "first",
            "rest",
            all_digits.at(M=_size, n=_T, v=sp.Lambda((_i, _h), _whole(other(_i, _h))), u=sp.Lambda((_s,), _term(_s))),
        ],
    )
    .have(
        "one", eq(_over_activities(_term(_s), _L), expected(_L)), by=["hypothesis 1", "hypothesis 2", one_concept.at()]
    )
    .have(
        "parts",
        Forall((_h,), eq(over_concepts(_whole(other(_i, _h)), _T), likelihood(_L, _T) * grade(_weights, _L, _T))),
        by=multiplied.at(
            n=_T, x=sp.Lambda((_i,), mass(other(_i, _h), _L)), y=sp.Lambda((_i,), graded(other(_i, _h), _L))
        ),
    )
    .have("range", ge(_size**_T - 1, 0), by=quick)
    .have(
        "apart",
        eq(
            over_patterns(over_concepts(_whole(other(_i, _h)), _T), _L, _T),
            over_patterns(likelihood(_L, _T) * grade(_weights, _L, _T), _L, _T),
        ),
        by=[Termwise(), "range", fact("parts", h=_h)],
    )
    .have(
        "mean",
        eq(over_patterns(likelihood(_L, _T) * grade(_weights, _L, _T), _L, _T), expected(_L) ** _T),
        by=[
            "power",
            "one",
            "apart",
            powers.at(
                n=_T,
                X=over_patterns(over_concepts(_whole(other(_i, _h)), _T), _L, _T),
                Y=over_patterns(likelihood(_L, _T) * grade(_weights, _L, _T), _L, _T),
                P=_over_activities(_term(_s), _L),
                Q=expected(_L),
            ),
        ],
    ),
)


def weighted(weights: tuple[int, ...]) -> dict[str, int]:
    """The weights by name."""
    return dict(zip("ABCD", weights, strict=True))


_any = grade(ANY, _L, _T)
all_patterns = Lemma(
    "concepts/all_patterns",
    "The probabilities of all patterns sum to 1",
    (L, trials, rho1),
    eq(over_patterns(likelihood(_L, _T), _L, _T), 1),
    hypotheses=(*BITS, *pattern_digits(_size)),
    functions=(bit, active),
    backing=derive()
    .have(
        "graded",
        eq(over_patterns(likelihood(_L, _T) * _any, _L, _T), 1),
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4)), other_concepts.at(**weighted(ANY))],
    )
    .have("units", Forall((_k,), eq(grade(ANY, _L, _k), 1)), by=[Induction(_k), quick])
    .have("ones", eq(_any, 1), by=fact("units", k=_T))
    .have("range", ge(_size**_T - 1, 0), by=quick)
    .have(
        "times one",
        Forall((_h,), eq(likelihood(_L, _T) * _any, likelihood(_L, _T))),
        by=["ones", times_one.at(X=likelihood(_L, _T), Y=_any)],
    )
    .have(
        "same patterns",
        eq(over_patterns(likelihood(_L, _T) * _any, _L, _T), over_patterns(likelihood(_L, _T), _L, _T)),
        by=[Termwise(), "range", fact("times one", h=_h)],
    )
    .have("all", eq(over_patterns(likelihood(_L, _T), _L, _T), 1), by=["graded", "same patterns", quick]),
)
