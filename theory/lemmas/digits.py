"""Numbers written with digits, and sums over all of them: independent trials one after the other.

v(i, h) depends on digit i = 1, 2, ... of h = 0, 1, 2, ... to the base M, the lowest first: v(1, M h + s) = u(s) and
v(i + 1, M h + s) = v(i, h) for s = 0..M-1. The numbers below M^n are the outcomes of n trials with M outcomes each.

Main statements
    blocks      a sum over h < M N is a sum over blocks of M terms
    apart       a double sum of products is a product of sums
    all_digits  sum_(h < M^n) prod_(i <= n) v(i, h) = (sum_(s < M) u(s))^n: independent trials
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.unions import one_event
from theory.parameter import Parameter, integers
from theory.proposition import Forall, Proposition, eq, ge, le

base = Parameter("M", "M", "the base: number of outcomes of a trial", integers(1), (2, 32))
first = Parameter("A", "A", "number of terms before", integers(1), (1, 100))
top = Parameter("N", "N", "last of the terms after", integers(0), (0, 100))
number = Parameter("B", "B", "number of blocks", integers(1), (1, 100))
trials = Parameter("n", "n", "number of trials", integers(0), (0, 10))

_M, _A, _N, _B, _T = (p.symbol for p in (base, first, top, number, trials))
_h, _s, _k, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("h", "s", "k", "n_"))
_i = sp.Symbol("i", integer=True, positive=True)
_t = sp.Symbol("t", integer=True, positive=True)
F, x, y, u, v = (sp.Function(name, real=True) for name in ("F", "x", "y", "u", "v"))


def of(term: Any, last: Any) -> sp.Product:
    """The product of a term over i = 1..last."""
    return sp.Product(term, (_i, 1, last))


def _sum(end: Any) -> sp.Sum:
    return sp.Sum(F(_h), (_h, 0, end))


_last_term = derive().have("split", Forall((_t,), eq(_sum(_t), _sum(_t - 1) + F(_t))), by=[Induction(_t), quick])
last_term = Lemma(
    "digits/last_term",
    "The last term of a sum splits off",
    (),
    Forall((_n,), eq(_sum(_n + 1), _sum(_n) + F(_n + 1))),
    functions=(F,),
    backing=_last_term.have("next", Forall((_n,), eq(_sum(_n + 1), _sum(_n) + F(_n + 1))), by=fact("split", t=_n + 1)),
)
only_term = Lemma(
    "digits/only_term",
    "A sum of one term",
    (),
    eq(_sum(0), F(0)),
    functions=(F,),
    backing=derive().have("term", eq(_sum(0), F(0)), by=algebra),
)
last_factor = Lemma(
    "digits/last_factor",
    "The last factor of a product splits off",
    (),
    Forall((_n,), eq(of(x(_i), _n + 1), of(x(_i), _n) * x(_n + 1))),
    functions=(x,),
    backing=derive()
    .have("split", Forall((_t,), eq(of(x(_i), _t), of(x(_i), _t - 1) * x(_t))), by=[Induction(_t), quick])
    .have("next", Forall((_n,), eq(of(x(_i), _n + 1), of(x(_i), _n) * x(_n + 1))), by=fact("split", t=_n + 1)),
)
append = Lemma(
    "digits/append",
    "A sum in two parts, the second counted from 0",
    (first, top),
    eq(_sum(_A + _N), _sum(_A - 1) + sp.Sum(F(_A + _s), (_s, 0, _N))),
    functions=(F,),
    backing=_last_term.have(
        "all",
        Forall((_k,), eq(_sum(_A + _k), _sum(_A - 1) + sp.Sum(F(_A + _s), (_s, 0, _k)))),
        by=[Induction(_k), fact("split", t=_A), fact("split", t=_A + _k + 1), quick],
    ).have("parts", eq(_sum(_A + _N), _sum(_A - 1) + sp.Sum(F(_A + _s), (_s, 0, _N))), by=fact("all", k=_N)),
)


_end = Parameter("E", "E", "an end of a sum", integers(0), (0, 100))
same_end = Lemma(
    "digits/same_end",
    "An end of a sum may be written in another way",
    (top, _end),
    eq(_sum(_N), _sum(_end.symbol)),
    hypotheses=(eq(_end.symbol, _N),),
    functions=(F,),
    backing=derive()
    .have("no more", Forall((_k,), eq(sp.Max(0, 1 - _k) * (_sum(_N + _k) - _sum(_N)), 0)), by=[Induction(_k), quick])
    .have("same", eq(_sum(_N), _sum(_end.symbol)), by=["hypothesis 1", fact("no more", k=_end.symbol - _N), quick]),
)


def _blocks(last: Any) -> sp.Sum:
    return sp.Sum(F(_M * _h + _s), (_s, 0, _M - 1), (_h, 0, last))


def _block(h: Any) -> sp.Sum:
    return sp.Sum(F(_M * h + _s), (_s, 0, _M - 1))


blocks = Lemma(
    "digits/blocks",
    "A sum over B blocks of M terms",
    (base, number),
    eq(_sum(_M * _B - 1), _blocks(_B - 1)),
    functions=(F,),
    backing=derive()
    .have("names", Forall((_k,), eq(_sum(_k), sp.Sum(F(_s), (_s, 0, _k)))), by=[Induction(_k), quick])
    .have(
        "last block",
        Forall((_n,), eq(_blocks(_n + 1), _blocks(_n) + _block(_n + 1))),
        by=last_term.at(F=sp.Lambda((_h,), _block(_h))),
    )
    .have("first block", eq(_blocks(0), _block(sp.S.Zero)), by=only_term.at(F=sp.Lambda((_h,), _block(_h))))
    .have(
        "append",
        Forall((_n,), eq(_sum(_M * (_n + 1) + (_M - 1)), _sum(_M * (_n + 1) - 1) + _block(_n + 1))),
        by=append.at(A=_M * (_n + 1), N=_M - 1),
    )
    .have(
        "ends",
        Forall((_n,), eq(_sum(_M * (_n + 2) - 1), _sum(_M * (_n + 1) + (_M - 1)))),
        by=same_end.at(N=_M * (_n + 2) - 1, E=_M * (_n + 1) + (_M - 1)),
    )
    .have("start", eq(_sum(_M - 1), _blocks(0)), by=["first block", fact("names", k=_M - 1), quick])
    .have(
        "all",
        Forall((_n,), eq(_sum(_M * (_n + 1) - 1), _blocks(_n))),
        by=[Induction(_n), "start", fact("ends", n_=_n), fact("append", n_=_n), fact("last block", n_=_n), quick],
    )
    .have("blocks", eq(_sum(_M * _B - 1), _blocks(_B - 1)), by=fact("all", n_=_B - 1)),
)
G = sp.Function("G", real=True)
_ones = sp.Sum(u(_s), (_s, 0, _M - 1))


def _pairs(last: Any) -> sp.Sum:
    return sp.Sum(u(_s) * G(_h), (_s, 0, _M - 1), (_h, 0, last))


apart = Lemma(
    "digits/apart",
    "A double sum of products is a product of sums",
    (base, top),
    eq(_pairs(_N), _ones * sp.Sum(G(_h), (_h, 0, _N))),
    functions=(u, G),
    backing=derive()
    .have(
        "one block",
        Forall((_h,), eq(sp.Sum(u(_s) * G(_h), (_s, 0, _M - 1)), _ones * G(_h))),
        by=algebra,
    )
    .have(
        "last block",
        Forall((_n,), eq(_pairs(_n + 1), _pairs(_n) + sp.Sum(u(_s) * G(_n + 1), (_s, 0, _M - 1)))),
        by=last_term.at(F=sp.Lambda((_h,), sp.Sum(u(_s) * G(_h), (_s, 0, _M - 1)))),
    )
    .have(
        "first block",
        eq(_pairs(0), sp.Sum(u(_s) * G(0), (_s, 0, _M - 1))),
        by=only_term.at(F=sp.Lambda((_h,), sp.Sum(u(_s) * G(_h), (_s, 0, _M - 1)))),
    )
    .have(
        "all",
        Forall((_n,), eq(_pairs(_n), _ones * sp.Sum(G(_h), (_h, 0, _n)))),
        by=[
            Induction(_n),
            "first block",
            fact("one block", h=0),
            fact("one block", h=_n + 1),
            fact("last block", n_=_n),
            quick,
        ],
    )
    .have("product", eq(_pairs(_N), _ones * sp.Sum(G(_h), (_h, 0, _N))), by=fact("all", n_=_N)),
)


def _product(last: Any, h: Any) -> sp.Product:
    return of(v(_i, h), last)


def _every(n: Any) -> sp.Sum:
    return sp.Sum(_product(n, _h), (_h, 0, _M**n - 1))


def digits_of(function: Any, lowest: Any, size: Any) -> tuple[Proposition, Proposition]:
    """What makes function(i, h) a function of the digits of h: that of the lowest one, and all others moved."""
    return (
        Forall((_h, _s), eq(function(1, size * _h + _s), lowest(_s)), (le(_s, size - 1),)),
        Forall((_h, _s, _i), eq(function(_i + 1, size * _h + _s), function(_i, _h)), (le(_s, size - 1),)),
    )


def _longer(end: Any) -> sp.Sum:
    return sp.Sum(_product(_n + 1, _h), (_h, 0, end))


_split_lowest = Forall((_n, _h, _s), eq(_product(_n + 1, _M * _h + _s), u(_s) * _product(_n, _h)), (le(_s, _M - 1),))
_lower = sp.Sum(_product(_n + 1, _M * _h + _s), (_s, 0, _M - 1), (_h, 0, _M**_n - 1))
_apart = sp.Sum(u(_s) * _product(_n, _h), (_s, 0, _M - 1), (_h, 0, _M**_n - 1))
lowest_digit = Lemma(
    "digits/lowest_digit",
    "The factor of the lowest digit splits off",
    (base,),
    _split_lowest,
    hypotheses=digits_of(v, u, _M),
    functions=(v, u),
    backing=derive()
    .have(
        "split",
        Forall((_h, _n), eq(_product(_n + 1, _h), _product(_n, _h) * v(_n + 1, _h))),
        by=last_factor.at(x=sp.Lambda((_i,), v(_i, _h))),
    )
    .have(
        "all",
        _split_lowest,
        by=[
            Induction(_n),
            fact("hypothesis 1", h=_h, s=_s),
            fact("hypothesis 2", h=_h, s=_s, i=_n + 1),
            fact("split", n_=_n + 1, h=_M * _h + _s),
            fact("split", n_=_n, h=_h),
            quick,
        ],
    ),
)
all_digits = Lemma(
    "digits/all_digits",
    "Independent trials multiply",
    (base, trials),
    eq(_every(_T), _ones**_T),
    hypotheses=digits_of(v, u, _M),
    functions=(v, u),
    backing=derive()
    .have("lowest", _split_lowest, by=["hypothesis 1", "hypothesis 2", lowest_digit.at()])
    .have("power", Forall((_n,), eq(_M ** (_n + 1) - 1, _M * _M**_n - 1)), by=algebra)
    .have(
        "ends",
        Forall((_n,), eq(_longer(_M * _M**_n - 1), _every(_n + 1))),
        by=[
            fact("power", n_=_n),
            same_end.at(N=_M * _M**_n - 1, E=_M ** (_n + 1) - 1, F=sp.Lambda((_h,), _product(_n + 1, _h))),
        ],
    )
    .have(
        "blocks",
        Forall((_n,), eq(_longer(_M * _M**_n - 1), _lower)),
        by=blocks.at(B=_M**_n, F=sp.Lambda((_h,), _product(_n + 1, _h))),
    )
    .have("each", Forall((_n,), eq(_lower, _apart)), by=[Termwise(), fact("lowest", n_=_n, h=_h, s=_s)])
    .have(
        "factor",
        Forall((_n,), eq(_apart, _ones * _every(_n))),
        by=apart.at(N=_M**_n - 1, G=sp.Lambda((_h,), _product(_n, _h))),
    )
    .have(
        "one more",
        Forall((_n,), eq(_every(_n + 1), _ones * _every(_n))),
        by=[fact(name, n_=_n) for name in ("ends", "blocks", "each", "factor")] + [quick],
    )
    .have("all", Forall((_n,), eq(_every(_n), _ones**_n)), by=[Induction(_n), fact("one more", n_=_n), quick])
    .have("at n", eq(_every(_T), _ones**_T), by=fact("all", n_=_T)),
)
_E = _end.symbol
_paired = sp.Sum(F(2 * _h) + F(2 * _h + 1), (_h, 0, _N))


def _until(end: Any) -> sp.Sum:
    return sp.Sum(F(_s), (_s, 0, end))


even_odd = Lemma(
    "digits/even_odd",
    "A sum over pairs of terms",
    (top, _end),
    eq(_until(_E), _paired),
    hypotheses=(eq(_E, 2 * _N + 1),),
    functions=(F,),
    backing=derive()
    .have("split", Forall((_t,), eq(_until(_t), _until(_t - 1) + F(_t))), by=[Induction(_t), quick])
    .have(
        "all",
        Forall((_n,), eq(_until(2 * _n + 1), sp.Sum(F(2 * _h) + F(2 * _h + 1), (_h, 0, _n)))),
        by=[Induction(_n), fact("split", t=2 * _n + 3), fact("split", t=2 * _n + 2), quick],
    )
    .have(
        "no more",
        Forall((_k,), eq(sp.Max(0, 1 - _k) * (_until(2 * _N + 1 + _k) - _until(2 * _N + 1)), 0)),
        by=[Induction(_k), quick],
    )
    .have(
        "end",
        eq(_until(_E), _until(2 * _N + 1)),
        by=["hypothesis 1", fact("no more", k=_E - 2 * _N - 1), quick],
    )
    .have("pairs", eq(_until(_E), _paired), by=["end", fact("all", n_=_N), quick]),
)
_r = sp.Symbol("r", integer=True, positive=True)  # the index of theory.lemmas.unions
same_factors = Lemma(
    "digits/same_factors",
    "Products of the same factors, whatever the name of the index",
    (trials,),
    eq(sp.Product(x(_r), (_r, 1, _T)), of(y(_i), _T)),
    hypotheses=(Forall((_i,), eq(x(_i), y(_i))),),
    functions=(x, y),
    backing=derive()
    .have(
        "all",
        Forall((_n,), eq(sp.Product(x(_r), (_r, 1, _n)), of(y(_i), _n))),
        by=[Induction(_n), fact("hypothesis 1", i=_n + 1), quick],
    )
    .have("at n", eq(sp.Product(x(_r), (_r, 1, _T)), of(y(_i), _T)), by=fact("all", n_=_T)),
)


_x_r, _y_r = (sp.Product(f(_r), (_r, 1, _T)) for f in (x, y))
same_factors_r = Lemma(
    "digits/same_factors_r",
    "Products of the same factors (index r)",
    (trials,),
    eq(_x_r, _y_r),
    hypotheses=(Forall((_r,), eq(x(_r), y(_r))),),
    functions=(x, y),
    backing=derive()
    .have(
        "all",
        Forall((_n,), eq(sp.Product(x(_r), (_r, 1, _n)), sp.Product(y(_r), (_r, 1, _n)))),
        by=[Induction(_n), fact("hypothesis 1", r=_n + 1), quick],
    )
    .have("at n", eq(_x_r, _y_r), by=fact("all", n_=_T)),
)


def _not_negative(index: sp.Symbol, id: str) -> Lemma:
    def factors(end: Any) -> sp.Product:
        return sp.Product(x(index), (index, 1, end))

    return Lemma(
        id,
        f"A product of numbers that are not negative (index {index})",
        (trials,),
        ge(factors(_T), 0),
        hypotheses=(Forall((index,), ge(x(index), 0)),),
        functions=(x,),
        backing=derive()
        .have(
            "all",
            Forall((_n,), ge(factors(_n), 0)),
            by=[Induction(_n), fact("hypothesis 1", **{str(index): _n + 1}), quick],
        )
        .have("at n", ge(factors(_T), 0), by=fact("all", n_=_T)),
    )


not_negative = _not_negative(_i, "digits/not_negative")
not_negative_r = _not_negative(_r, "digits/not_negative_r")
chosen = Parameter("c", "c", "one of the trials", integers(1, trials.symbol), (1, 10))
least_factor = Lemma(
    "digits/least_factor",
    "A product of numbers of [0, 1] is at most each of them",
    (trials, chosen),
    le(of(x(_i), _T), x(chosen.symbol)),
    hypotheses=(Forall((_i,), ge(x(_i), 0)), Forall((_i,), le(x(_i), 1))),
    functions=(x,),
    backing=derive()
    .have("complements", Forall((_r,), ge(1 - x(_r), 0)), by=[fact("hypothesis 2", i=_r), quick])
    .have("at most 1", Forall((_r,), le(1 - x(_r), 1)), by=[fact("hypothesis 1", i=_r), quick])
    .have(
        "one event",
        le(1 - x(chosen.symbol), 1 - sp.Product(x(_r), (_r, 1, _T))),
        by=["complements", "at most 1", one_event.at(n=_T, s=chosen.symbol, b=sp.Lambda((_r,), 1 - x(_r)))],
    )
    .have("named", eq(sp.Product(x(_r), (_r, 1, _T)), of(x(_i), _T)), by=same_factors.at(y=x))
    .have("least", le(of(x(_i), _T), x(chosen.symbol)), by=["one event", "named", quick]),
)
multiplied = Lemma(
    "digits/multiplied",
    "A product of products",
    (trials,),
    eq(of(x(_i) * y(_i), _T), of(x(_i), _T) * of(y(_i), _T)),
    functions=(x, y),
    backing=derive()
    .have("all", Forall((_n,), eq(of(x(_i) * y(_i), _n), of(x(_i), _n) * of(y(_i), _n))), by=[Induction(_n), quick])
    .have("at n", eq(of(x(_i) * y(_i), _T), of(x(_i), _T) * of(y(_i), _T)), by=fact("all", n_=_T)),
)
