"""Joint, average and sup readings of a categorical entropy (specification `categorical` 2.1, D9).

At the inputs 0..top with law mu, Psi(x) is the entropy of the row k_x. a(x, w) and b(x, w) are the masses of the two
laws on pairs of tokens that Psi(x) compares, w = 0..last numbering the pairs. J(x) is what the input x contributes to
the divergence of the two joint laws, whose masses are mu(x) a(x, w) and mu(x) b(x, w).

Main statements
    log_mean_exp      log E e^u >= E u
    entropy_readings  joint = average <= sup for f-divergences; the joint reading of Rényi divergences, and its place
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.categorical.enrichment import above, below, convex, log_over_gap, renyi
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import last, over, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

x, w = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("x", "w"))
_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j"))
mu, u = (sp.Function(name, real=True) for name in ("mu", "u"))
_top, _last = top.symbol, last.symbol
_law = (Forall((x,), ge(mu(x), 0), (le(x, _top),)), eq(over(mu(x), x, _top), 1))

_number = Parameter("u", "u", "a number", reals(), (-1, 1))
_centre = Parameter("centre", "c", "another number", reals(), (-1, 1))
exp_at_zero = Lemma(
    "categorical/exp_at_zero",
    "The exponential lies above its tangent at 0",
    (_number,),
    ge(sp.exp(_number.symbol), 1 + _number.symbol),
    backing=derive().have("tangent", ge(sp.exp(_number.symbol), 1 + _number.symbol), by=decide),
)
exp_above = Lemma(
    "categorical/exp_above",
    "The exponential lies above its tangents",
    (_number, _centre),
    ge(sp.exp(_number.symbol), sp.exp(_centre.symbol) * (1 + _number.symbol - _centre.symbol)),
    backing=derive()
    .have(
        "at 0",
        ge(sp.exp(_number.symbol - _centre.symbol), 1 + _number.symbol - _centre.symbol),
        by=exp_at_zero.at(u=_number.symbol - _centre.symbol),
    )
    .have(
        "tangent",
        ge(sp.exp(_number.symbol), sp.exp(_centre.symbol) * (1 + _number.symbol - _centre.symbol)),
        by=["at 0", decide],
    ),
)
_mean = over(mu(x) * u(x), x, _top)
_exponential = over(mu(x) * sp.exp(u(x)), x, _top)
_middle = Parameter("mean", r"\bar u", "the mean of u", reals(), (-1, 1))
_tangent = over(mu(x) * sp.exp(_middle.symbol) * (1 + u(x) - _middle.symbol), x, _top)
mean_exp = Lemma(
    "categorical/mean_exp",
    "E e^u >= e^(E u)",
    (top, _middle),
    ge(_exponential, sp.exp(_middle.symbol)),
    hypotheses=(*_law, eq(_middle.symbol, _mean)),
    functions=(mu, u),
    backing=derive()
    .have(
        "each",
        Forall(
            (_i,),
            ge(mu(_i) * sp.exp(u(_i)), mu(_i) * sp.exp(_middle.symbol) * (1 + u(_i) - _middle.symbol)),
            (le(_i, _top),),
        ),
        by=[fact("hypothesis 1", x=_i), exp_above.at(u=u(_i), centre=_middle.symbol), decide],
    )
    .have("sum", ge(_exponential, _tangent), by=[Termwise(), "each"])
    .have(
        "tangents",
        eq(
            _tangent,
            sp.exp(_middle.symbol) * (over(mu(x), x, _top) * (1 - _middle.symbol) + _mean),
        ),
        by=algebra,
    )
    .have("value", eq(_tangent, sp.exp(_middle.symbol)), by=["tangents", "hypothesis 2", "hypothesis 3", algebra])
    .have("mean", ge(_exponential, sp.exp(_middle.symbol)), by=["sum", "value"]),
)
_log_bound = Parameter("E", "E", "a mean of exponentials", reals(0, sp.oo, open="lower"), (0.1, 3))
log_above = Lemma(
    "categorical/log_above",
    "E >= e^u gives log E >= u",
    (_log_bound, _number),
    ge(sp.log(_log_bound.symbol), _number.symbol),
    hypotheses=(ge(_log_bound.symbol, sp.exp(_number.symbol)),),
    backing=derive().have("logarithm", ge(sp.log(_log_bound.symbol), _number.symbol), by=["hypothesis 1", decide]),
)

a, b, phi, Psi, J = (sp.Function(name, real=True) for name in ("a", "b", "phi", "Psi", "J"))
sup = Parameter("S", "S", "largest entropy of a row, for an f-divergence", reals(), (0, 3), "nats")


def _sup(name: str, meaning: str) -> Parameter:
    return Parameter(name, name, meaning, reals(), (0, 3), "nats")


@dataclass(frozen=True)
class Powers:
    """A Rényi divergence: its term of powers, Psi and J for it, its order and the largest Psi."""

    name: str
    term: Any
    Psi: Any
    J: Any
    order: Parameter
    sup: Parameter

    @property
    def gap(self) -> sp.Expr:
        return self.order.symbol - 1

    @property
    def exponents(self) -> sp.Sum:
        """E e^((alpha - 1) Psi)."""
        return over(mu(x) * sp.exp(self.gap * self.Psi(x)), x, _top)

    @property
    def average(self) -> sp.Sum:
        return over(mu(x) * self.Psi(x), x, _top)

    @property
    def joint(self) -> sp.Expr:
        return renyi(over(self.J(x), x, _top), self.order.symbol)

    @property
    def mixed(self) -> sp.Expr:
        return renyi(self.exponents, self.order.symbol)

    def known(self) -> tuple[Any, ...]:
        """Homogeneity, Psi, J, the bound of Psi (four hypotheses)."""
        here = (le(x, _top),)
        return (
            convex(self.term)[1],
            Forall((x,), eq(over(self.term(a(x, w), b(x, w)), w, _last), sp.exp(self.gap * self.Psi(x))), here),
            Forall((x,), eq(self.J(x), over(self.term(mu(x) * a(x, w), mu(x) * b(x, w)), w, _last)), here),
            Forall((x,), le(self.Psi(x), self.sup.symbol), here),
        )


def _powers(name: str, term: str, order: Parameter, bound: str) -> Powers:
    rho, psi, joint = (sp.Function(n, real=True) for n in (term, f"Psi_{term}", f"J_{term}"))
    return Powers(name, rho, psi, joint, order, _sup(bound, f"largest Rényi entropy of a row, order {name}"))


ABOVE = _powers("above 1", "rho", above, "S_above")
BELOW = _powers("below 1", "psi", below, "S_below")
_average = over(mu(x) * Psi(x), x, _top)
_here = (le(x, _top),)
_masses = (
    Forall((x, w), ge(a(x, w), 0), (le(x, _top), le(w, _last))),
    Forall((x, w), ge(b(x, w), 0), (le(x, _top), le(w, _last))),
)
_readings = (
    convex(phi)[1],
    Forall((x,), eq(Psi(x), over(phi(a(x, w), b(x, w)), w, _last)), _here),
    Forall((x,), eq(J(x), over(phi(mu(x) * a(x, w), mu(x) * b(x, w)), w, _last)), _here),
    Forall((x,), le(Psi(x), sup.symbol), _here),
)
_hypotheses = (*_law, *_masses, *_readings, *ABOVE.known(), *BELOW.known())


def _factored(d: Derivation, name: str, term: Any, homogeneity: int) -> Derivation:
    """Masses mu a and mu b contribute mu times what a and b do: letter by letter, then over a row."""
    inside = (le(_i, _top), le(_j, _last))
    scaled = term(mu(_i) * a(_i, _j), mu(_i) * b(_i, _j))
    row = over(scaled.xreplace({_j: w}), w, _last)
    each = mu(_i) * term(a(_i, _j), b(_i, _j))
    return (
        d.have(
            f"{name}: letter",
            Forall((_i, _j), eq(scaled, each), inside),
            by=[
                fact("hypothesis 1", x=_i),
                fact("hypothesis 3", x=_i, w=_j),
                fact("hypothesis 4", x=_i, w=_j),
                fact(
                    f"hypothesis {homogeneity}",
                    a=a(_i, _j),
                    b=b(_i, _j),
                    c=mu(_i),
                    s=mu(_i) * a(_i, _j),
                    t=mu(_i) * b(_i, _j),
                ),
            ],
        )
        .have(
            f"{name}: pairs",
            Forall((_i,), eq(row, over(each.xreplace({_j: w}), w, _last)), (le(_i, _top),)),
            by=[Termwise(), f"{name}: letter"],
        )
        .have(
            f"{name}: row",
            Forall((_i,), eq(row, mu(_i) * over(term(a(_i, w), b(_i, w)), w, _last)), (le(_i, _top),)),
            by=[fact(f"{name}: pairs", i=_i), algebra],
        )
    )


_one, _two = (Parameter(name, name, "a positive number", reals(0, sp.oo, open="lower"), (0.1, 3)) for name in "vw")
log_equal = Lemma(
    "categorical/log_equal",
    "Equal numbers have equal logarithms",
    (_one, _two),
    eq(sp.log(_one.symbol), sp.log(_two.symbol)),
    hypotheses=(eq(_one.symbol, _two.symbol),),
    backing=derive()
    .have("below", le(_one.symbol, _two.symbol), by=["hypothesis 1", quick])
    .have("above", le(_two.symbol, _one.symbol), by=["hypothesis 1", quick])
    .have(
        "first",
        le(sp.log(_one.symbol), sp.log(_two.symbol)),
        by=["below", log_over_gap.at(gap=1, small=_one.symbol, large=_two.symbol), quick],
    )
    .have(
        "second",
        le(sp.log(_two.symbol), sp.log(_one.symbol)),
        by=["above", log_over_gap.at(gap=1, small=_two.symbol, large=_one.symbol), quick],
    )
    .have("equal", eq(sp.log(_one.symbol), sp.log(_two.symbol)), by=["first", "second", quick]),
)
_factor = Parameter("gap", "g", "order minus 1", reals(0, sp.oo, open="lower"), (0.1, 3))
_entropy = Parameter("entropy", r"\Psi", "an entropy", reals(), (0, 3))
_most = Parameter("most", "S", "a bound of it", reals(), (0, 3))
exp_of_bound = Lemma(
    "categorical/exp_of_bound",
    "Psi <= S gives e^(g Psi) <= e^(g S) for g > 0",
    (_factor, _entropy, _most),
    le(sp.exp(_factor.symbol * _entropy.symbol), sp.exp(_factor.symbol * _most.symbol)),
    hypotheses=(le(_entropy.symbol, _most.symbol),),
    backing=derive()
    .have(
        "exponents",
        le(_factor.symbol * _entropy.symbol, _factor.symbol * _most.symbol),
        by=["hypothesis 1", decide],
    )
    .have(
        "exponentials",
        le(sp.exp(_factor.symbol * _entropy.symbol), sp.exp(_factor.symbol * _most.symbol)),
        by=["exponents", decide],
    ),
)


_any = Parameter("E", "E", "a number", reals(), (0.1, 3))
_slope = Parameter("g", "g", "order minus 1", reals(0, sp.oo, open="lower"), (0.1, 1))
_negative = Parameter("g", "g", "order minus 1", reals(-sp.oo, 0, open="upper"), (-1, -0.1))
_log = sp.log(_log_bound.symbol)
divided_above = Lemma(
    "categorical/divided_above",
    "log E >= g u gives u <= log E/g for g > 0",
    (_slope, _log_bound, _number),
    le(_number.symbol, _log / _slope.symbol),
    hypotheses=(ge(_log, _slope.symbol * _number.symbol),),
    backing=derive().have("divided", le(_number.symbol, _log / _slope.symbol), by=["hypothesis 1", decide]),
)
divided_below = Lemma(
    "categorical/divided_below",
    "log E >= g u gives log E/g <= u for g < 0",
    (_negative, _log_bound, _number),
    le(_log / _negative.symbol, _number.symbol),
    hypotheses=(ge(_log, _negative.symbol * _number.symbol),),
    backing=derive().have("divided", le(_log / _negative.symbol, _number.symbol), by=["hypothesis 1", decide]),
)
above_exponential = Lemma(
    "categorical/above_exponential",
    "What is at least an exponential is positive",
    (_any, _number),
    gt(_any.symbol, 0),
    hypotheses=(ge(_any.symbol, sp.exp(_number.symbol)),),
    backing=derive()
    .have("exponential", gt(sp.exp(_number.symbol), 0), by=decide)
    .have("positive", gt(_any.symbol, 0), by=["hypothesis 1", "exponential", quick]),
)
log_of_bound = Lemma(
    "categorical/log_of_bound",
    "E <= e^(g S) gives log E/g <= S for g > 0",
    (_log_bound, _factor, _most),
    le(sp.log(_log_bound.symbol) / _factor.symbol, _most.symbol),
    hypotheses=(le(_log_bound.symbol, sp.exp(_factor.symbol * _most.symbol)),),
    backing=derive()
    .have("logarithm", le(sp.log(_log_bound.symbol), _factor.symbol * _most.symbol), by=["hypothesis 1", decide])
    .have("divided", le(sp.log(_log_bound.symbol) / _factor.symbol, _most.symbol), by=["logarithm", decide]),
)


_joint = over(J(x), x, _top)
joint_reading = Lemma(
    "categorical/joint_reading",
    "The joint reading of an f-divergence is the average",
    (top, last),
    eq(_joint, _average),
    hypotheses=(*_law, *_masses, *_readings[:3]),
    functions=(mu, a, b, phi, Psi, J),
    backing=_factored(derive(), "pairs", phi, 5)
    .have(
        "share",
        Forall((_i,), eq(J(_i), mu(_i) * Psi(_i)), (le(_i, _top),)),
        by=[fact("pairs: row", i=_i), fact("hypothesis 6", x=_i), fact("hypothesis 7", x=_i), algebra],
    )
    .have("joint", eq(_joint, _average), by=[Termwise(), "share"]),
)
_weighted = over(mu(x) * sup.symbol, x, _top)
average_below_sup = Lemma(
    "categorical/average_below_sup",
    "An average is at most a bound of what is averaged",
    (top, sup),
    le(_average, sup.symbol),
    hypotheses=(*_law, _readings[3]),
    functions=(mu, Psi),
    backing=derive()
    .have(
        "each",
        Forall((_i,), le(mu(_i) * Psi(_i), mu(_i) * sup.symbol), (le(_i, _top),)),
        by=[fact("hypothesis 1", x=_i), fact("hypothesis 3", x=_i), decide],
    )
    .have("weighted", le(_average, _weighted), by=[Termwise(), "each"])
    .have("linear", eq(_weighted, sup.symbol * over(mu(x), x, _top)), by=algebra)
    .have("sup", le(_average, sup.symbol), by=["weighted", "linear", "hypothesis 2", quick]),
)


def _joint_sum(c: Powers) -> Lemma:
    """sum J = E e^((alpha - 1) Psi)."""
    return Lemma(
        f"categorical/joint_sum_{c.term}",
        f"The sum of powers of two joint laws, order {c.name}",
        (top, last, c.order),
        eq(over(c.J(x), x, _top), c.exponents),
        hypotheses=(*_law, *_masses, *c.known()[:3]),
        functions=(mu, a, b, c.term, c.Psi, c.J),
        backing=_factored(derive(), "pairs", c.term, 5)
        .have(
            "share",
            Forall((_i,), eq(c.J(_i), mu(_i) * sp.exp(c.gap * c.Psi(_i))), (le(_i, _top),)),
            by=[fact("pairs: row", i=_i), fact("hypothesis 6", x=_i), fact("hypothesis 7", x=_i), algebra],
        )
        .have("shares", eq(over(c.J(x), x, _top), c.exponents), by=[Termwise(), "share"]),
    )


joint_sum_rho, joint_sum_psi = _joint_sum(ABOVE), _joint_sum(BELOW)


def _up_to_positive(c: Powers) -> Derivation:
    """E e^((alpha - 1) Psi) is at least e^((alpha - 1) E Psi), and so positive."""
    exponent = c.gap * c.average
    return (
        derive()
        .have("linear", eq(exponent, over(mu(x) * (c.gap * c.Psi(x)), x, _top)), by=algebra)
        .have(
            "Jensen",
            ge(c.exponents, sp.exp(exponent)),
            by=[
                "hypothesis 1",
                "hypothesis 2",
                "linear",
                mean_exp.at(mean=exponent, u=sp.Lambda(x, c.gap * c.Psi(x))),
            ],
        )
        .have("positive", gt(c.exponents, 0), by=["Jensen", above_exponential.at(E=c.exponents, u=exponent)])
    )


def _log_mean(c: Powers) -> Lemma:
    """log E e^((alpha - 1) Psi) >= (alpha - 1) E Psi, by Jensen's inequality."""
    exponent = c.gap * c.average
    return Lemma(
        f"categorical/log_mean_{c.term}",
        f"The logarithm of a mean of exponentials, order {c.name}",
        (top, c.order),
        ge(sp.log(c.exponents), exponent),
        hypotheses=_law,
        functions=(mu, c.Psi),
        backing=_up_to_positive(c).have(
            "logarithm",
            ge(sp.log(c.exponents), exponent),
            by=["Jensen", "positive", log_above.at(E=c.exponents, u=exponent)],
        ),
    )


def _positive(c: Powers) -> Lemma:
    """E e^((alpha - 1) Psi) > 0."""
    return Lemma(
        f"categorical/positive_mean_{c.term}",
        f"A mean of exponentials is positive, order {c.name}",
        (top, c.order),
        gt(c.exponents, 0),
        hypotheses=_law,
        functions=(mu, c.Psi),
        backing=_up_to_positive(c),
    )


log_mean_rho, log_mean_psi = _log_mean(ABOVE), _log_mean(BELOW)
positive_mean_rho, positive_mean_psi = _positive(ABOVE), _positive(BELOW)
_most_weight = sp.exp(ABOVE.gap * ABOVE.sup.symbol)
_bounded = over(mu(x) * _most_weight, x, _top)
largest_mean = Lemma(
    "categorical/largest_mean",
    "E e^(g Psi) <= e^(g S) for g = alpha - 1 > 0",
    (top, above, ABOVE.sup),
    le(ABOVE.exponents, _most_weight),
    hypotheses=(*_law, ABOVE.known()[3]),
    functions=(mu, ABOVE.Psi),
    backing=derive()
    .have(
        "larger",
        Forall((_i,), le(sp.exp(ABOVE.gap * ABOVE.Psi(_i)), _most_weight), (le(_i, _top),)),
        by=[
            fact("hypothesis 3", x=_i),
            exp_of_bound.at(gap=ABOVE.gap, entropy=ABOVE.Psi(_i), most=ABOVE.sup.symbol),
        ],
    )
    .have(
        "each",
        Forall((_i,), le(mu(_i) * sp.exp(ABOVE.gap * ABOVE.Psi(_i)), mu(_i) * _most_weight), (le(_i, _top),)),
        by=[fact("hypothesis 1", x=_i), fact("larger", i=_i), decide],
    )
    .have("bounded", le(ABOVE.exponents, _bounded), by=[Termwise(), "each"])
    .have("linear", eq(_bounded, _most_weight * over(mu(x), x, _top)), by=algebra)
    .have("largest", le(ABOVE.exponents, _most_weight), by=["bounded", "linear", "hypothesis 2", quick]),
)


def _renyi_steps(
    d: Derivation, c: Powers, first: int, joint_sum: Lemma, log_mean: Lemma, positive: Lemma
) -> Derivation:
    """The joint reading of one order, and log E e^((alpha - 1) Psi) >= (alpha - 1) E Psi."""
    law = ("hypothesis 1", "hypothesis 2")
    known = tuple(f"hypothesis {h}" for h in (3, 4, first, first + 1, first + 2))
    total, name = over(c.J(x), x, _top), c.name
    return (
        d.have(f"{name}: sum", eq(total, c.exponents), by=[*law, *known, joint_sum.at()])
        .have(f"{name}: positive", gt(c.exponents, 0), by=[*law, positive.at()])
        .have(f"{name}: positive sum", gt(total, 0), by=[f"{name}: sum", f"{name}: positive", quick])
        .have(
            f"{name}: logarithms",
            eq(sp.log(total), sp.log(c.exponents)),
            by=[f"{name}: sum", f"{name}: positive", f"{name}: positive sum", log_equal.at(v=total, w=c.exponents)],
        )
        .have(
            f"order {name}, joint",
            eq(c.joint, c.mixed),
            by=[f"{name}: logarithms", algebra],
        )
        .have(f"{name}: log mean", ge(sp.log(c.exponents), c.gap * c.average), by=[*law, log_mean.at()])
    )


_derivation = (
    derive()
    .have(
        "f-divergence, joint", eq(_joint, _average), by=[*(f"hypothesis {h}" for h in range(1, 8)), joint_reading.at()]
    )
    .have(
        "f-divergence, sup",
        le(_average, sup.symbol),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 8", average_below_sup.at()],
    )
)
_derivation = _renyi_steps(_derivation, ABOVE, 9, joint_sum_rho, log_mean_rho, positive_mean_rho)
_derivation = _renyi_steps(_derivation, BELOW, 13, joint_sum_psi, log_mean_psi, positive_mean_psi)
_derivation = (
    _derivation.have(
        "order above 1, average",
        le(ABOVE.average, ABOVE.mixed),
        by=[
            "above 1: log mean",
            "above 1: positive",
            divided_above.at(g=ABOVE.gap, E=ABOVE.exponents, u=ABOVE.average),
        ],
    )
    .have(
        "above 1: largest",
        le(ABOVE.exponents, _most_weight),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 12", largest_mean.at()],
    )
    .have(
        "order above 1, sup",
        le(ABOVE.mixed, ABOVE.sup.symbol),
        by=[
            "above 1: largest",
            "above 1: positive",
            log_of_bound.at(E=ABOVE.exponents, gap=ABOVE.gap, most=ABOVE.sup.symbol),
        ],
    )
    .have(
        "order below 1, average",
        le(BELOW.mixed, BELOW.average),
        by=[
            "below 1: log mean",
            "below 1: positive",
            divided_below.at(g=BELOW.gap, E=BELOW.exponents, u=BELOW.average),
        ],
    )
    .have(
        "order below 1, sup",
        le(BELOW.average, BELOW.sup.symbol),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 16", average_below_sup.at(S=BELOW.sup.symbol, Psi=BELOW.Psi)],
    )
)

entropy_readings = Claim(
    id="categorical/entropy_readings",
    title="Joint, average and sup readings",
    kind=Kind.ORDERING,
    text=(
        "the categorical entropy of a kernel at a law of its inputs: for f-divergences the joint reading is the "
        "average of Psi over the inputs, at most its supremum; for Rényi divergences of order alpha it is log E "
        "e^((alpha-1) Psi)/(alpha-1), between average and supremum for alpha > 1 and at most the average, hence "
        "the supremum, for alpha < 1"
    ),
    parameters=(top, last, sup, above, below, ABOVE.sup, BELOW.sup),
    functions=(mu, a, b, phi, Psi, J, *(head for c in (ABOVE, BELOW) for head in (c.term, c.Psi, c.J))),
    hypotheses=_hypotheses,
    statements=(
        equal(over(J(x), x, _top), _average, label="f-divergence, joint"),
        upper(_average, sup.symbol, label="f-divergence, sup"),
        equal(ABOVE.joint, ABOVE.mixed, label="order above 1, joint"),
        upper(ABOVE.average, ABOVE.mixed, label="order above 1, average"),
        upper(ABOVE.mixed, ABOVE.sup.symbol, label="order above 1, sup"),
        equal(BELOW.joint, BELOW.mixed, label="order below 1, joint"),
        upper(BELOW.mixed, BELOW.average, label="order below 1, average"),
        upper(BELOW.average, BELOW.sup.symbol, label="order below 1, sup"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_derivation,
)
