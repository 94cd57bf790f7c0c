"""Which divergences enrich the category of kernels (specification `categorical` 2.1, D8).

Main statements
    enrichment_as_stated   the paper's Def. 2.5: every divergence with data processing does
    enrichment             KL, TV, Rényi and squared Hellinger do, Jensen-Shannon for kernels side by side

For one input x: p = f_x and q = f'_x are laws on 0..m, g and h (= g') kernels to 0..n whose rows are at most D apart,
r and s two laws on 0..n. A supremum over inputs follows from the bound at each of them. `J` with an index collects
what the pairs with one second letter contribute to the divergence of two laws on pairs. Masses may be zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.categorical.enrichment import above, below, convex, renyi
from theory.claim import Claim, Kind, Status, upper
from theory.define import opaque
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas import joint_divergence
from theory.lemmas.subadditive import is_kernel, last, masses, over, p, phi, pushed, q, top, x, y
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source
from theory.verdict import Verdict

_m, _n = top.symbol, last.symbol
g, h, r, s, rho, psi, bc = (sp.Function(name, real=True) for name in ("g", "h", "r", "s", "rho", "psi", "bc"))
_u, _v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "uv")
_a, _b, _c, _d, _first, _second = (sp.Symbol(name, real=True, nonnegative=True) for name in "abcdst")

_places = ("composed", "beside")
J_KL, J_TV, J_rho, J_psi, J_bc = (sp.Function(f"J_{name}", real=True) for name in ("KL", "TV", "rho", "psi", "bc"))


def _half_apart(a: Any, b: Any) -> sp.Expr:
    return sp.Abs(a - b) / 2


def _limit(name: str, meaning: str) -> Parameter:
    return Parameter(name, name, meaning, reals(0), (0, 1), "nats")


D_KL = _limit("D_KL", "largest KL of two rows of g and h")
D_TV = _limit("D_TV", "largest total variation of two rows of g and h")
D_H = _limit("D_H", "largest squared Hellinger distance of two rows of g and h")
D_above = _limit("D_above", "largest Rényi divergence of order a of two rows of g and h")
D_below = _limit("D_below", "largest Rényi divergence of order b of two rows of g and h")


LIMITS = (D_KL, D_TV, D_H, D_above, D_below)


@dataclass(frozen=True)
class Case:
    """A divergence by what pairs of letters contribute.

    Attributes
        term     what a letter of masses a, b contributes; `sign` times it is subadditive
        pairs    J(y), what the pairs with second letter y contribute to two laws on pairs
        A, C     sign * term(p g, q h) <= A g + C sign * term(g, h), each a function of the first letter
        limit    bound of the sums of sign * term(g, h) over a row
        product  the rule for products of masses, a hypothesis, or None where it is proved
    """

    name: str
    term: Any
    pairs: Any
    sign: int
    A: sp.Lambda
    C: sp.Lambda
    limit: sp.Expr
    product: Forall | None

    def value(self, masses_of: Any, others: Any, end: Any) -> sp.Sum:
        """The sum of the terms of two laws over x = 0..end."""
        return over(self.term(masses_of(x), others(x)), end)

    def row(self, first: Any, second: Any) -> sp.Sum:
        """sign times the sum over a row of two kernels, as a function of x."""
        return over(self.sign * self.term(first(x, y), second(x, y)), _n, y)

    def image(self) -> sp.Sum:
        """The sum of the terms of p ≫ g and q ≫ h."""
        return over(self.term(pushed(p, y, _m, g), pushed(q, y, _m, h)), _n, y)

    def total_of_pairs(self) -> sp.Sum:
        """The sum of the terms of two laws on pairs."""
        return over(self.pairs(y), _n, y)

    def known(self) -> tuple[Any, ...]:
        """Rows of g, h and the laws r, s within the limit; J; the product rule (four hypotheses, or three)."""
        side = over(self.sign * self.term(r(y), s(y)), _n, y)
        return (
            Forall((x,), le(self.row(g, h), self.limit)),
            le(side, self.limit),
            Forall((y,), eq(self.pairs(y), over(self.term(p(x) * r(y), q(x) * s(y)), _m))),
            *((self.product,) if self.product is not None else ()),
        )


def _zero(expression: Any) -> sp.Lambda:
    return sp.Lambda(x, sp.S(expression))


def _multiplicative(term: Any) -> Forall:
    return Forall((_a, _b, _c, _d), eq(term(_a * _c, _b * _d), term(_a, _b) * term(_c, _d)))


_additive = Forall((_a, _b, _c, _d), eq(phi(_a * _c, _b * _d), _c * phi(_a, _b) + _a * phi(_c, _d)))
_ratio = sp.exp((above.symbol - 1) * D_above.symbol)
_shrink = sp.exp(-(1 - below.symbol) * D_below.symbol)
KL = Case("KL", phi, J_KL, 1, _zero(phi(p(x), q(x))), _zero(p(x)), D_KL.symbol, _additive)
TV = Case("TV", _half_apart, J_TV, 1, _zero(_half_apart(p(x), q(x))), _zero(q(x)), D_TV.symbol, None)
ABOVE = Case("order above 1", rho, J_rho, 1, _zero(0), _zero(rho(p(x), q(x))), _ratio, _multiplicative(rho))
BELOW = Case("order below 1", psi, J_psi, -1, _zero(0), _zero(psi(p(x), q(x))), -_shrink, _multiplicative(psi))
HELLINGER = Case("Hel2", bc, J_bc, -1, _zero(0), _zero(bc(p(x), q(x))), D_H.symbol / 2 - 1, _multiplicative(bc))
CASES = (KL, TV, ABOVE, BELOW, HELLINGER)

_x, _y, _z, _w = (Parameter(name, name, "a mass", reals(0), (0, 1)) for name in ("a", "b", "c", "d"))
tv_of_products = Lemma(
    "categorical/tv_of_products",
    "|ac - bd| <= |a - b| c + b |c - d|",
    (_x, _y, _z, _w),
    le(
        _half_apart(_x.symbol * _z.symbol, _y.symbol * _w.symbol),
        _half_apart(_x.symbol, _y.symbol) * _z.symbol + _y.symbol * _half_apart(_z.symbol, _w.symbol),
    ),
    backing=derive().have(
        "triangle",
        le(
            _half_apart(_x.symbol * _z.symbol, _y.symbol * _w.symbol),
            _half_apart(_x.symbol, _y.symbol) * _z.symbol + _y.symbol * _half_apart(_z.symbol, _w.symbol),
        ),
        by=decide,
    ),
)


def _rows(term: Any) -> Forall:
    return Forall((_a, _b), ge(term(_a, _b), 0))


_named: dict[str, Any] = {
    "p": masses(p)[0],
    "q": masses(q)[0],
    "g": is_kernel(g)[0],
    "rows of g": is_kernel(g)[1],
    "h": is_kernel(h)[0],
    "r": Forall((x,), ge(r(x), 0)),
    "s": Forall((x,), ge(s(x), 0)),
    "law p": eq(over(p(x), _m), 1),
    "law q": eq(over(q(x), _m), 1),
    "law r": eq(over(r(y), _n, y), 1),
}
for _case, _sign in ((KL, 1), (ABOVE, 1), (BELOW, -1), (HELLINGER, -1)):
    _named[f"{_case.name} convex"], _named[f"{_case.name} homogeneous"] = convex(_case.term, _sign)
for _case in (ABOVE, BELOW, HELLINGER):
    _named[f"{_case.name} positive"] = Forall((_a, _b), ge(_case.term(_a, _b), 0))
_named["Hel2 mean"] = Forall((_a, _b), le(bc(_a, _b), (_a + _b) / 2))
for _case in CASES:
    for _name, _proposition in zip(("rows", "beside", "pairs", "product"), _case.known(), strict=False):
        _named[f"{_case.name} {_name}"] = _proposition
_named["power of images"] = gt(ABOVE.image(), 0)
_named["power of pairs"] = gt(ABOVE.total_of_pairs(), 0)
_named["power before"] = gt(BELOW.value(p, q, _m), 0)
_given = {name: f"hypothesis {i}" for i, name in enumerate(_named, start=1)}


def _needed(case: Case, place: str) -> list[str]:
    """The names of the hypotheses that a divergence needs in one place."""
    kernels = ["g", "rows of g", "h"] if place == "composed" else ["r", "s", "law r"]
    convexity = ["convex", "homogeneous"] if place == "composed" and case is not TV else []
    own = ["positive"] if case in (ABOVE, BELOW, HELLINGER) else []
    own += ["rows"] if place == "composed" else ["beside", "pairs"]
    own += ["product"] if case.product is not None else []
    return ["p", "q", *kernels, *(f"{case.name} {name}" for name in (*convexity, *own))]


def _total(case: Case, place: str) -> sp.Sum:
    return case.image() if place == "composed" else case.total_of_pairs()


def _ends(case: Case) -> sp.Expr:
    return over(case.A(x), _m) + case.limit * over(case.C(x), _m)


def _split(case: Case, place: str) -> Lemma:
    """sign * sum_z J(z) <= sum A + limit sum C, where J(z) is what the pairs with second letter z contribute."""
    composed = place == "composed"
    names = _needed(case, place)
    given = {name: f"hypothesis {i}" for i, name in enumerate(names, start=1)}
    one, other = (g(_u, _v), h(_u, _v)) if composed else (r(_v), s(_v))
    kernels = (g, h) if composed else (sp.Lambda((x, y), r(y)), sp.Lambda((x, y), s(y)))

    def at(name: str, **values: Any) -> Any:
        return fact(given[name], **values)

    second = (at("g", x=_u, y=_v), at("h", x=_u, y=_v)) if composed else (at("r", x=_v), at("s", x=_v))
    rule: tuple[Any, ...] = (tv_of_products.at(a=p(_u), b=q(_u), c=one, d=other),)
    if case is not TV:
        rule = (at(f"{case.name} product", a=p(_u), b=q(_u), c=one, d=other), quick)
    term = case.sign * case.term(p(_u) * one, q(_u) * other)
    split = case.A(_u) * one + case.C(_u) * case.sign * case.term(one, other)
    sums, parts = over(term.xreplace({_u: x}), _m), over(split.xreplace({_u: x}), _m)
    d = (
        derive()
        .have(
            "letter",
            Forall((_u, _v), le(term, split)),
            by=[at("p", x=_u), at("q", x=_u), *second, *rule],
        )
        .have("column", Forall((_v,), le(sums, parts)), by=[Termwise(), "letter"])
    )
    if composed:
        whole = case.sign * case.term(pushed(p, _v, _m, g), pushed(q, _v, _m, h))
        convexity = [given[f"{case.name} {name}"] for name in ("convex", "homogeneous")] if case is not TV else []
        lemma = joint_divergence.subadditive_sum.at(
            top=_m,
            p=sp.Lambda(x, p(x) * g(x, _v)),
            q=sp.Lambda(x, q(x) * h(x, _v)),
            phi=sp.Lambda((_first, _second), case.sign * case.term(_first, _second)),
        )
        d = d.have(
            "masses of p",
            Forall((_u, _v), ge(p(_u) * g(_u, _v), 0)),
            by=[at("p", x=_u), at("g", x=_u, y=_v), quick],
        ).have(
            "masses of q",
            Forall((_u, _v), ge(q(_u) * h(_u, _v), 0)),
            by=[at("q", x=_u), at("h", x=_u, y=_v), quick],
        )
        d = d.have("sum", Forall((_v,), le(whole, sums)), by=["masses of p", "masses of q", *convexity, lemma])
        d = d.have("part", Forall((_v,), le(whole, parts)), by=[fact("sum", v=_v), fact("column", v=_v)])
    else:
        whole = case.sign * case.pairs(_v)
        d = d.have(
            "part",
            Forall((_v,), le(whole, parts)),
            by=[at(f"{case.name} pairs", y=_v), fact("column", v=_v), quick],
        )
    if case in (KL, TV):
        weight = at("p" if case is KL else "q", x=_u)
        d = d.have("weight", Forall((_u,), ge(case.C(_u), 0)), by=weight)
    else:
        positive = at(f"{case.name} positive", a=p(_u), b=q(_u))
        d = d.have("weight", Forall((_u,), ge(case.C(_u), 0)), by=[at("p", x=_u), at("q", x=_u), positive])
    total = over(whole.xreplace({_v: y}), _n, y)
    rows = (
        [given["rows of g"], given[f"{case.name} rows"]] if composed else [given["law r"], given[f"{case.name} beside"]]
    )
    d = d.have(
        "total",
        le(total, _ends(case)),
        by=[
            "part",
            *rows,
            "weight",
            joint_divergence.chain.at(
                top=_m,
                last=_n,
                D=case.limit,
                J=sp.Lambda(y, whole.xreplace({_v: y})),
                A=case.A,
                A_other=_zero(0),
                C=case.C,
                g=kernels[0],
                h=kernels[0],
                K=sp.Lambda((x, y), case.sign * case.term(kernels[0](x, y), kernels[1](x, y))),
            ),
        ],
    )
    d = d.have("signed", le(case.sign * _total(case, place), _ends(case)), by=["total", quick])
    name = f"{case.name}_{place}".replace(" ", "_")
    used = {phi: (phi,), rho: (rho,), psi: (psi,), bc: (bc,)}.get(case.term, ())
    others = (g, h) if composed else (r, s, case.pairs)
    extra = tuple(q_ for q_ in (above, below, *LIMITS) if q_.symbol in sp.S(case.limit).free_symbols)
    return Lemma(
        f"categorical/{name}",
        f"{case.name} of kernels {'one behind the other' if composed else 'side by side'}",
        (top, last, *extra),
        le(case.sign * _total(case, place), _ends(case)),
        hypotheses=tuple(_named[n] for n in names),
        functions=(p, q, *others, *used),
        backing=d,
    )


KL_composed, KL_beside = _split(KL, "composed"), _split(KL, "beside")
TV_composed, TV_beside = _split(TV, "composed"), _split(TV, "beside")
order_above_1_composed, order_above_1_beside = _split(ABOVE, "composed"), _split(ABOVE, "beside")
order_below_1_composed, order_below_1_beside = _split(BELOW, "composed"), _split(BELOW, "beside")
Hel2_composed, Hel2_beside = _split(HELLINGER, "composed"), _split(HELLINGER, "beside")

_lemmas = {
    (KL, "composed"): KL_composed,
    (KL, "beside"): KL_beside,
    (TV, "composed"): TV_composed,
    (TV, "beside"): TV_beside,
    (ABOVE, "composed"): order_above_1_composed,
    (ABOVE, "beside"): order_above_1_beside,
    (BELOW, "composed"): order_below_1_composed,
    (BELOW, "beside"): order_below_1_beside,
    (HELLINGER, "composed"): Hel2_composed,
    (HELLINGER, "beside"): Hel2_beside,
}
_gap, _together, _alone = (
    Parameter(name, name, meaning, reals(0, sp.oo, open="lower"), (0.1, 2))
    for name, meaning in (("gap", "distance of an order from 1"), ("U", "a sum of powers"), ("W", "another one"))
)
_any = Parameter("W", "W", "a number", reals(), (0, 2))
_more = Parameter("more", "D", "a divergence", reals(), (0, 2))
_gs, _us, _vs, _ds = _gap.symbol, _together.symbol, _alone.symbol, _more.symbol
_exponent = Parameter("x", "x", "an exponent", reals(), (-1, 1))
positive_factor = Lemma(
    "categorical/positive_factor",
    "0 < U <= e^x W gives W > 0",
    (_together, _any, _exponent),
    gt(_any.symbol, 0),
    hypotheses=(le(_us, sp.exp(_exponent.symbol) * _any.symbol),),
    backing=derive()
    .have("exponential", gt(sp.exp(_exponent.symbol), 0), by=decide)
    .have("positive", gt(_any.symbol, 0), by=["hypothesis 1", "exponential", decide]),
)
power_above = Lemma(
    "categorical/power_above",
    "U <= e^(g D) W gives log U/g <= log W/g + D",
    (_gap, _together, _alone, _more),
    le(sp.log(_us) / _gs, sp.log(_vs) / _gs + _ds),
    hypotheses=(le(_us, sp.exp(_gs * _ds) * _vs),),
    backing=derive()
    .have("logarithm", le(sp.log(_us), _gs * _ds + sp.log(_vs)), by=["hypothesis 1", decide])
    .have("divided", le(sp.log(_us) / _gs, sp.log(_vs) / _gs + _ds), by=["logarithm", decide]),
)
_orders = {ABOVE: above.symbol, BELOW: below.symbol}


def _bound(case: Case) -> sp.Expr:
    """D(p‖q) + the largest distance of two rows, in the divergence's own units."""
    before = case.value(p, q, _m)
    if case is HELLINGER:
        return 2 * (1 - before) + D_H.symbol
    if case in _orders:
        return renyi(before, _orders[case]) + (D_above if case is ABOVE else D_below).symbol
    return before + case.limit


def _quantity(case: Case, place: str) -> sp.Expr:
    total = _total(case, place)
    if case is HELLINGER:
        return 2 * (1 - total)
    return renyi(total, _orders[case]) if case in _orders else total


_EXTRA = {
    (KL, "composed"): ["law p"],
    (KL, "beside"): ["law p"],
    (TV, "composed"): ["law q"],
    (TV, "beside"): ["law q"],
    (ABOVE, "composed"): ["power of images"],
    (ABOVE, "beside"): ["power of pairs"],
    (BELOW, "composed"): ["power before"],
    (BELOW, "beside"): ["power before"],
    (HELLINGER, "composed"): ["law p", "law q", "Hel2 mean"],
    (HELLINGER, "beside"): ["law p", "law q", "Hel2 mean"],
}


def _enriched(case: Case, place: str) -> Lemma:
    """From the sums of pairs to the divergence."""
    names = [*_needed(case, place), *_EXTRA[case, place]]
    given = {name: f"hypothesis {i}" for i, name in enumerate(names, start=1)}
    split, total, before = _lemmas[case, place], _total(case, place), case.value(p, q, _m)
    goal = le(_quantity(case, place), _bound(case))
    d = derive().have(
        "sums", le(case.sign * total, _ends(case)), by=[*(given[n] for n in _needed(case, place)), split.at()]
    )
    if case in (KL, TV):
        law = "law p" if case is KL else "law q"
        mass = substitution_of_mass.at(s=over((p if case is KL else q)(x), _m), u=total, v=before, D=case.limit)
        d = d.have("bound", goal, by=["sums", given[law], mass])
    elif case is HELLINGER:
        laws = [given[n] for n in ("p", "q", "law p", "law q", "Hel2 mean")]
        d = d.have("mass of roots", le(before, 1), by=[*laws, mass_of_roots.at()])
        d = d.have("bound", goal, by=["sums", "mass of roots", hellinger_step.at(u=total, v=before, D=D_H.symbol)])
    elif case is ABOVE:
        gap, power = above.symbol - 1, given[_EXTRA[case, place][0]]
        exponent = gap * D_above.symbol
        d = d.have(
            "positive",
            gt(before, 0),
            by=["sums", power, positive_factor.at(U=total, W=before, x=exponent)],
        ).have(
            "bound",
            goal,
            by=["sums", power, "positive", power_above.at(gap=gap, U=total, W=before, more=D_above.symbol)],
        )
    else:
        gap = 1 - below.symbol
        lemma = power_below.at(gap=gap, U=total, W=before, more=D_below.symbol)
        d = d.have(
            "powers",
            le(sp.log(total) / (-gap), sp.log(before) / (-gap) + D_below.symbol),
            by=["sums", given["power before"], lemma],
        ).have("bound", goal, by=["powers", quick])
    return Lemma(
        f"{split.id}_enriches",
        f"{split.title}: the bound",
        split.parameters,
        goal,
        hypotheses=tuple(_named[n] for n in names),
        functions=split.functions,
        backing=d,
    )


_s, _u_any, _v_any, _d_any = (Parameter(name, name, "a number", reals(), (0, 1)) for name in ("s", "u", "v", "D"))
substitution_of_mass = Lemma(
    "categorical/substitution_of_mass",
    "u <= v + D s with s = 1",
    (_s, _u_any, _v_any, _d_any),
    le(_u_any.symbol, _v_any.symbol + _d_any.symbol),
    hypotheses=(le(_u_any.symbol, _v_any.symbol + _d_any.symbol * _s.symbol), eq(_s.symbol, 1)),
    backing=derive().have(
        "mass", le(_u_any.symbol, _v_any.symbol + _d_any.symbol), by=["hypothesis 1", "hypothesis 2", decide]
    ),
)
_distance = Parameter("D", "D", "a squared Hellinger distance", reals(0), (0, 1))
hellinger_step = Lemma(
    "categorical/hellinger_step",
    "BC(joint) >= BC(f) (1 - D/2) gives Hel^2(joint) <= Hel^2(f) + D",
    (_u_any, _v_any, _distance),
    le(2 * (1 - _u_any.symbol), 2 * (1 - _v_any.symbol) + _distance.symbol),
    hypotheses=(le(-_u_any.symbol, (_distance.symbol / 2 - 1) * _v_any.symbol), le(_v_any.symbol, 1)),
    backing=derive().have(
        "distance",
        le(2 * (1 - _u_any.symbol), 2 * (1 - _v_any.symbol) + _distance.symbol),
        by=["hypothesis 1", "hypothesis 2", decide],
    ),
)
_sum = Parameter("U", "U", "a sum of powers", reals(), (0.1, 2))
power_below = Lemma(
    "categorical/power_below",
    "-U <= -e^(-g D) W gives log U/(-g) <= log W/(-g) + D",
    (_gap, _sum, _alone, _more),
    le(sp.log(_sum.symbol) / (-_gs), sp.log(_vs) / (-_gs) + _ds),
    hypotheses=(le(-_sum.symbol, -sp.exp(-_gs * _ds) * _vs),),
    backing=derive()
    .have("factor", gt(sp.exp(-_gs * _ds) * _vs, 0), by=decide)
    .have("positive", gt(_sum.symbol, 0), by=["hypothesis 1", "factor", quick])
    .have("logarithm", ge(sp.log(_sum.symbol), -_gs * _ds + sp.log(_vs)), by=["hypothesis 1", "positive", decide])
    .have(
        "divided",
        le(sp.log(_sum.symbol) / (-_gs), sp.log(_vs) / (-_gs) + _ds),
        by=["logarithm", decide],
    ),
)
mass_of_roots = Lemma(
    "categorical/mass_of_roots",
    "sum sqrt(pq) <= 1",
    (top,),
    le(HELLINGER.value(p, q, _m), 1),
    hypotheses=tuple(_named[n] for n in ("p", "q", "law p", "law q", "Hel2 mean")),
    functions=(p, q, bc),
    backing=derive()
    .have(
        "each",
        Forall((_u,), le(bc(p(_u), q(_u)), (p(_u) + q(_u)) / 2)),
        by=[fact("hypothesis 1", x=_u), fact("hypothesis 2", x=_u), fact("hypothesis 5", a=p(_u), b=q(_u))],
    )
    .have("sum", le(HELLINGER.value(p, q, _m), over((p(x) + q(x)) / 2, _m)), by=[Termwise(), "each"])
    .have("linear", eq(over((p(x) + q(x)) / 2, _m), (over(p(x), _m) + over(q(x), _m)) / 2), by=algebra)
    .have("mass", le(HELLINGER.value(p, q, _m), 1), by=["sum", "linear", "hypothesis 3", "hypothesis 4", quick]),
)
_both, _one_bit, _other_bit = information("I(B;Y,Z)"), information("I(B;Y)"), information("I(B;Z)")
KL_composed_enriches, KL_beside_enriches = _enriched(KL, "composed"), _enriched(KL, "beside")
TV_composed_enriches, TV_beside_enriches = _enriched(TV, "composed"), _enriched(TV, "beside")
order_above_1_composed_enriches = _enriched(ABOVE, "composed")
order_above_1_beside_enriches = _enriched(ABOVE, "beside")
order_below_1_composed_enriches = _enriched(BELOW, "composed")
order_below_1_beside_enriches = _enriched(BELOW, "beside")
Hel2_composed_enriches, Hel2_beside_enriches = _enriched(HELLINGER, "composed"), _enriched(HELLINGER, "beside")
_final = {
    (KL, "composed"): KL_composed_enriches,
    (KL, "beside"): KL_beside_enriches,
    (TV, "composed"): TV_composed_enriches,
    (TV, "beside"): TV_beside_enriches,
    (ABOVE, "composed"): order_above_1_composed_enriches,
    (ABOVE, "beside"): order_above_1_beside_enriches,
    (BELOW, "composed"): order_below_1_composed_enriches,
    (BELOW, "beside"): order_below_1_beside_enriches,
    (HELLINGER, "composed"): Hel2_composed_enriches,
    (HELLINGER, "beside"): Hel2_beside_enriches,
}
_derivation = derive()
for (_case, _place), _lemma in _final.items():
    _derivation = _derivation.have(
        f"{_case.name}, {_place}",
        le(_quantity(_case, _place), _bound(_case)),
        by=[*(_given[n] for n in [*_needed(_case, _place), *_EXTRA[_case, _place]]), _lemma.at()],
    )
_derivation = _derivation.have(
    "JS, beside",
    le(_both, _one_bit + _other_bit),
    by=Shannon(given="Y _||_ Z | B"),
    note="JS is I(B; .) of a uniform bit B that chooses the law; given it the two parts are independent",
)

divergence_composed = opaque("categorical/divergence_composed", "D(f ≫ g‖f' ≫ g')")
divergence_beside = opaque("categorical/divergence_beside", "D(f ⊗ g‖f' ⊗ g')")
divergence_first = opaque("categorical/divergence_first", "D(f‖f')")
divergence_second = opaque("categorical/divergence_second", "D(g‖g')")
_parts_sum = divergence_first() + divergence_second()

enrichment_as_stated = Claim(
    id="categorical/enrichment_as_stated",
    title="Every divergence with data processing enriches, as printed",
    kind=Kind.UPPER,
    text=(
        "a divergence with data processing makes the category enriched: D(f ≫ g‖f' ≫ g') <= D(f‖f') + D(g‖g') and "
        "D(f ⊗ h‖f' ⊗ h') <= D(f‖f') + D(h‖h'), where D(f‖f') is the largest over the inputs; D = chi^2 and JS "
        "here"
    ),
    parameters=(),
    statements=(
        upper(divergence_composed(), _parts_sum, label="chi2, composed"),
        upper(divergence_beside(), _parts_sum, label="chi2, beside"),
        upper(divergence_composed(), _parts_sum, label="JS, composed"),
    ),
    source=Source("zhang2025", "section 2.2, Def. 2.5"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="1 + chi^2 multiplies over independent parts, and JS grows more than additively behind kernels",
)
enrichment = Claim(
    id="categorical/enrichment",
    title="Which divergences enrich",
    kind=Kind.UPPER,
    text=(
        "D(f ≫ g‖f' ≫ g') <= D(f‖f') + D(g‖g') and D(f ⊗ h‖f' ⊗ h') <= D(f‖f') + D(h‖h') for KL (phi: a letter of "
        "masses a, b adds a log(a/b)), TV, Rényi divergences of every order (rho, psi: a^α b^(1-α)) and Hel^2 = 2 "
        "(1 - BC) (bc: sqrt(ab)); for JS the second one. At one input: p = f_x, q = f'_x, D_... bounds the "
        "distances of the rows of g and h = g', and of r and s"
    ),
    parameters=(top, last, above, below, *LIMITS),
    functions=(p, q, g, h, r, s, phi, rho, psi, bc, J_KL, J_TV, J_rho, J_psi, J_bc),
    hypotheses=tuple(_named.values()),
    statements=(
        *(
            upper(_quantity(case, place), _bound(case), label=f"{case.name}, {place}")
            for case in CASES
            for place in _places
        ),
        upper(_both, _one_bit + _other_bit, label="JS, beside"),
    ),
    source=Source("perrone2023", "Def. 2.5 (KL, Rényi, TV); Hel^2 and JS own", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/enrichment_as_stated",),
    remarks=("order infinity is the limit of the orders above 1: ratios multiply",),
    derivation=_derivation,
)
