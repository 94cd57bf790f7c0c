"""Categorical entropy for KL is Shannon entropy, and which entropies vanish (specification `categorical` 2.1).

Main statements
    entropy_is_shannon               H_KL(head)(h) = H(p_h), and its average is H(W|H), under the model law
    entropy_data_law_as_stated       the same under the law of the corpus
    entropy_zero_iff_deterministic   Psi_D(p) vanishes for point masses only, for the ten divergences of 4.1

The states of the model are 0..states with law nu, the tokens 0..top; p(h, w) is the head's row at h, positive on the
tokens that are summed over.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.entropy_closed_forms import entropies, letters, p, support, w
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import log_below
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_top = top.symbol
_i, _j, v, h = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j", "v", "h"))
states = Parameter("states", r"\hat h", "last state", integers(0), (0, 100))
_states = states.symbol
nu, head = (sp.Function(name, real=True) for name in ("nu", "head"))
_t = Parameter("t", "t", "a probability", reals(0, sp.oo, open="lower"), (0.1, 1))
_n = Parameter("n", "n", "number of tokens", integers(1), (2, 100))


def _surprise(weight: Any, ratio: Any) -> Any:
    return weight * sp.log(ratio)


_pointwise = over(_surprise(p(w), p(w) / p(w) ** 2), w, _top)
_entropy_of_row = over(_surprise(head(h, w), head(h, w) / head(h, w) ** 2), w, _top)
_average = over(nu(h) * _entropy_of_row, h, _states)


def _surprises(state: Any) -> sp.Sum:
    """sum_w p_h(w) log p(h, w)/nu(h), the latter being p_h(w) again."""
    return over(_surprise(head(state, w), nu(state) * head(state, w) / nu(state)), w, _top)


_conditional = -over(nu(h) * over(_surprise(head(h, w), nu(h) * head(h, w) / nu(h)), w, _top), h, _states)
surprise = Lemma(
    "categorical/surprise",
    "log(p/p^2) = -log p",
    (_t,),
    eq(sp.log(_t.symbol / _t.symbol**2), -sp.log(_t.symbol)),
    backing=derive().have("logarithms", eq(sp.log(_t.symbol / _t.symbol**2), -sp.log(_t.symbol)), by=algebra),
)
surprise_below = Lemma(
    "categorical/surprise_below",
    "-t log t <= t log n + 1/n - t",
    (_t, _n),
    le(-_t.symbol * sp.log(_t.symbol), _t.symbol * sp.log(_n.symbol) + 1 / _n.symbol - _t.symbol),
    backing=derive()
    .have(
        "tangent",
        le(sp.log(1 / (_n.symbol * _t.symbol)), 1 / (_n.symbol * _t.symbol) - 1),
        by=log_below.at(t=1 / (_n.symbol * _t.symbol)),
    )
    .have("logarithms", eq(sp.log(1 / (_n.symbol * _t.symbol)), -sp.log(_n.symbol) - sp.log(_t.symbol)), by=algebra)
    .have(
        "times t",
        le(-_t.symbol * sp.log(_t.symbol), _t.symbol * sp.log(_n.symbol) + 1 / _n.symbol - _t.symbol),
        by=["tangent", "logarithms", decide],
    ),
)
_entropy = -over(p(w) * sp.log(p(w)), w, _top)
_upper = over(p(w) * sp.log(_top + 1) + 1 / (_top + 1) - p(w), w, _top)
entropy_at_most = Lemma(
    "categorical/entropy_at_most",
    "H(p) <= log of the number of letters",
    (top,),
    le(_entropy, sp.log(_top + 1)),
    hypotheses=support[:2],
    functions=(p,),
    backing=derive()
    .have(
        "each",
        Forall(
            (_i,),
            le(-p(_i) * sp.log(p(_i)), p(_i) * sp.log(_top + 1) + 1 / (_top + 1) - p(_i)),
            (le(_i, _top),),
        ),
        by=[fact("hypothesis 1", w=_i), surprise_below.at(t=p(_i), n=_top + 1)],
    )
    .have("sum", le(over(-p(w) * sp.log(p(w)), w, _top), _upper), by=[Termwise(), "each"])
    .have(
        "linear",
        eq(_upper, (sp.log(_top + 1) - 1) * over(p(w), w, _top) + (_top + 1) / (_top + 1)),
        by=algebra,
    )
    .have("at most", le(_entropy, sp.log(_top + 1)), by=["sum", "linear", "hypothesis 2", quick]),
)
_mutual, _marginal, _given = information("I(H;W)"), information("H(W)"), information("H(W|H)")
_row_positive = Forall((h, w), gt(head(h, w), 0), (le(h, _states), le(w, _top)))
_state_positive = Forall((h,), gt(nu(h), 0), (le(h, _states),))

entropy_is_shannon = Claim(
    id="categorical/entropy_is_shannon",
    title="KL: categorical entropy is Shannon entropy",
    kind=Kind.EQUALITY,
    text=(
        "under the model law W ~ p_H: H_KL(head)(h) = H(p_h), the average of H_KL(head) at p_H is H(W|H), and "
        "I(H;W) = H(W) - H(W|H); always equal, between 0 and log V"
    ),
    parameters=(top, states),
    functions=(p, nu, head),
    hypotheses=(*support[:2], _state_positive, _row_positive),
    statements=(
        equal(_pointwise, _entropy, label="pointwise"),
        equal(_average, _conditional, label="average"),
        equal(_mutual, _marginal - _given, label="information"),
        upper(_entropy, sp.log(_top + 1), label="range"),
    ),
    source=Source("zhang2025", "Prop. 4.2"),
    status=Status.CORRECTED,
    corrects=("categorical/entropy_data_law_as_stated",),
    derivation=derive()
    .have(
        "token",
        Forall((_i,), eq(p(_i) * sp.log(p(_i) / p(_i) ** 2), -p(_i) * sp.log(p(_i))), (le(_i, _top),)),
        by=[fact("hypothesis 1", w=_i), surprise.at(t=p(_i)), algebra],
    )
    .have("tokens", eq(_pointwise, over(-p(w) * sp.log(p(w)), w, _top)), by=[Termwise(), "token"])
    .have("pointwise", eq(_pointwise, _entropy), by=["tokens", algebra])
    .have(
        "token of a row",
        Forall(
            (_i, _j),
            eq(
                head(_i, _j) * sp.log(head(_i, _j) / head(_i, _j) ** 2),
                -head(_i, _j) * sp.log(nu(_i) * head(_i, _j) / nu(_i)),
            ),
            (le(_i, _states), le(_j, _top)),
        ),
        by=[
            fact("hypothesis 4", h=_i, w=_j),
            fact("hypothesis 3", h=_i),
            surprise.at(t=head(_i, _j)),
            algebra,
        ],
    )
    .have(
        "row",
        Forall(
            (_i,),
            eq(
                _entropy_of_row.xreplace({h: _i}), over(-_surprise(head(_i, w), nu(_i) * head(_i, w) / nu(_i)), w, _top)
            ),
            (le(_i, _states),),
        ),
        by=[Termwise(), "token of a row"],
    )
    .have(
        "entropy of a row",
        Forall((_i,), eq(nu(_i) * _entropy_of_row.xreplace({h: _i}), -nu(_i) * _surprises(_i)), (le(_i, _states),)),
        by=[fact("row", i=_i), algebra],
    )
    .have("rows", eq(_average, over(-nu(h) * _surprises(h), h, _states)), by=[Termwise(), "entropy of a row"])
    .have("average", eq(_average, _conditional), by=["rows", algebra])
    .have("information", eq(_mutual, _marginal - _given), by=Shannon())
    .have("range", le(_entropy, sp.log(_top + 1)), by=["hypothesis 1", "hypothesis 2", entropy_at_most.at()]),
)

categorical_entropy_of_head = opaque("categorical/categorical_entropy_of_head", "the average of H_KL(head) at p_H")
entropy_data_law_as_stated = Claim(
    id="categorical/entropy_data_law_as_stated",
    title="KL: categorical entropy is Shannon entropy, under the corpus law",
    kind=Kind.EQUALITY,
    text="the average of H_KL(head) at p_H equals H(W_t|H_t), with W_t drawn from the corpus",
    parameters=(),
    statements=(equal(categorical_entropy_of_head(), _given, label="average"),),
    source=Source("zhang2025", "Prop. 4.2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="the head's rows are the model's law; the corpus gives H(W|H) of its own unless the model fits it exactly",
)

_above = Parameter("a", "a", "order of a Rényi divergence, above 1", reals(1, sp.oo, open="lower"), (1.1, 5))
_below = Parameter("b", "b", "order of a Rényi divergence, below 1", reals(0, 1, open="upper"), (0, 0.9))
largest = Parameter("p_max", r"p_{\max}", "largest probability", reals(0, 1), (0.1, 1))
likeliest = Parameter("l", "l", "a letter of that probability", integers(0, _top), (0, 7))
_a, _b, _most = _above.symbol, _below.symbol, largest.symbol
_spread = 1 - letters(lambda i: p(i) ** 2)
_unit = Parameter("t", "t", "a probability", reals(0, 1, open="lower"), (0.1, 1))
_u = _unit.symbol
_per_letter = {  # what one letter adds to Psi, and by which factor it exceeds t - t^2
    "KL": (-_u * sp.log(_u), sp.S.One),
    "chi2": (1 - _u, sp.S.One),
    "Hel2": (2 * (_u - _u ** sp.Rational(3, 2)), sp.S.One),
    "JS": ((2 * _u * sp.log(2) - _u * (1 + _u) * sp.log(1 + _u) + _u**2 * sp.log(_u)) / 2, sp.log(2) / 2),
    "order above 1": (_u ** (2 - _a) - _u, _a - 1),
    "order below 1": (_u - _u ** (2 - _b), 1 - _b),
}


def _sum_of(name: str) -> sp.Sum:
    return over(_per_letter[name][0].xreplace({_u: p(w)}), w, _top)


vanishing = {
    "KL": entropies["KL"],
    "chi2": entropies["chi2"],
    "Hel2": entropies["Hel2"],
    "JS": entropies["JS"],
    "order above 1": letters(lambda i: p(i) ** (2 - _a)) - 1,
    "order below 1": 1 - letters(lambda i: p(i) ** (2 - _b)),
}


def _letter_steps(name: str) -> Any:
    term, factor = _per_letter[name]
    goal = ge(term, factor * (_u - _u**2))
    d = derive()
    if name == "KL":
        return d.have("tangent", le(sp.log(_u), _u - 1), by=log_below.at(t=_u)).have(
            "letter", goal, by=["tangent", decide]
        )
    if name == "JS":
        inner = 2 * sp.log(2) - (1 + _u) * sp.log(1 + _u) + _u * sp.log(_u)
        return d.have("convex", ge(inner, sp.log(2) * (1 - _u)), by=decide).have("letter", goal, by=["convex", decide])
    if name == "Hel2":
        root = sp.sqrt(_u)
        return (
            d.have("root", le(root, 1), by=decide)
            .have("factors", eq(term - (_u - _u**2), _u * (1 - root) ** 2), by=algebra)
            .have("letter", goal, by=["factors", decide])
        )
    if name == "order above 1":
        return (
            d.have("tangent", ge(_u ** (1 - _a), 1 + (_a - 1) * (1 - _u)), by=decide)
            .have("power", eq(_u ** (2 - _a), _u * _u ** (1 - _a)), by=algebra)
            .have("letter", goal, by=["tangent", "power", decide])
        )
    if name == "order below 1":
        return (
            d.have("tangent", le(_u ** (1 - _b), 1 - (1 - _b) * (1 - _u)), by=decide)
            .have("power", eq(_u ** (2 - _b), _u * _u ** (1 - _b)), by=algebra)
            .have("letter", goal, by=["tangent", "power", decide])
        )
    return d.have("letter", goal, by=decide)


def _letter_lemma(name: str) -> Lemma:
    term, factor = _per_letter[name]
    extra = tuple(q for q in (_above, _below) if q.symbol in (term.free_symbols | factor.free_symbols))
    return Lemma(
        f"categorical/letter_{name.replace(' ', '_')}",
        f"What one letter adds to the entropy of {name}",
        (_unit, *extra),
        ge(term, factor * (_u - _u**2)),
        backing=_letter_steps(name),
    )


letter_KL, letter_chi2, letter_Hel2 = _letter_lemma("KL"), _letter_lemma("chi2"), _letter_lemma("Hel2")
letter_JS = _letter_lemma("JS")
letter_order_above_1, letter_order_below_1 = _letter_lemma("order above 1"), _letter_lemma("order below 1")
_letters = {
    "KL": letter_KL,
    "chi2": letter_chi2,
    "Hel2": letter_Hel2,
    "JS": letter_JS,
    "order above 1": letter_order_above_1,
    "order below 1": letter_order_below_1,
}


def _entropy_lemma(name: str) -> Lemma:
    factor = _per_letter[name][1]
    term = _per_letter[name][0].xreplace({_u: p(w)})
    extra = tuple(q for q in (_above, _below) if q.symbol in factor.free_symbols | term.free_symbols)
    spread = over(factor * (p(w) - p(w) ** 2), w, _top)
    return Lemma(
        f"categorical/entropy_{name.replace(' ', '_')}",
        f"The entropy of {name} is at least a multiple of 1 - sum p^2",
        (top, *extra),
        ge(vanishing[name], factor * _spread),
        hypotheses=support[:2],
        functions=(p,),
        backing=derive()
        .have(
            "others",
            Forall((_j,), ge(over(p(w), w, _top), p(_j)), (le(_j, _top),)),
            by=[SingleTerm(_j), "hypothesis 1"],
        )
        .have(
            "probability",
            Forall((_j,), le(p(_j), 1), (le(_j, _top),)),
            by=[fact("others", j=_j), "hypothesis 2", quick],
        )
        .have(
            "letter",
            Forall((_j,), ge(term.xreplace({w: _j}), factor * (p(_j) - p(_j) ** 2)), (le(_j, _top),)),
            by=[fact("hypothesis 1", w=_j), fact("probability", j=_j), _letters[name].at(t=p(_j))],
        )
        .have("letters", ge(_sum_of(name), spread), by=[Termwise(), "letter"])
        .have("spread", eq(spread, factor * _spread), by=["hypothesis 2", algebra])
        .have("entropy", eq(_sum_of(name), vanishing[name]), by=["hypothesis 2", algebra])
        .have("at least", ge(vanishing[name], factor * _spread), by=["letters", "spread", "entropy", quick]),
    )


entropy_KL, entropy_chi2, entropy_Hel2 = _entropy_lemma("KL"), _entropy_lemma("chi2"), _entropy_lemma("Hel2")
entropy_JS = _entropy_lemma("JS")
entropy_order_above_1, entropy_order_below_1 = _entropy_lemma("order above 1"), _entropy_lemma("order below 1")
_entropies = {
    "KL": entropy_KL,
    "chi2": entropy_chi2,
    "Hel2": entropy_Hel2,
    "JS": entropy_JS,
    "order above 1": entropy_order_above_1,
    "order below 1": entropy_order_below_1,
}
_zero = derive()
for _name, _lemma in _entropies.items():
    _zero = _zero.have(
        _name,
        ge(vanishing[_name], _per_letter[_name][1] * _spread),
        by=["hypothesis 1", "hypothesis 2", _lemma.at()],
    )
_zero = (
    _zero.have(
        "each square",
        Forall((_i,), le(p(_i) ** 2, _most * p(_i)), (le(_i, _top),)),
        by=[fact("hypothesis 1", w=_i), fact("hypothesis 3", w=_i), decide],
    )
    .have("squares", le(letters(lambda i: p(i) ** 2), over(_most * p(w), w, _top)), by=[Termwise(), "each square"])
    .have("TV", ge(_spread, 1 - _most), by=["squares", "hypothesis 2", quick])
    .have(
        "one square",
        ge(letters(lambda i: p(i) ** 2), p(likeliest.symbol) ** 2),
        by=[SingleTerm(likeliest.symbol), "hypothesis 1"],
    )
    .have("TV of a point mass", le(_spread, 2 * (1 - _most)), by=["one square", "hypothesis 4", decide])
)
entropy_zero_iff_deterministic = Claim(
    id="categorical/entropy_zero_iff_deterministic",
    title="Zero entropy is determinism",
    kind=Kind.LOWER,
    text=(
        "for the ten divergences of 4.1, Psi_D(p) = 0 iff p is a point mass: each Psi_D is at least a positive "
        "multiple of 1 - sum p^2 (for Rényi divergences: the sum of powers differs from 1 by at least |alpha - 1| "
        "times it), and 1 - sum p^2 lies between 1 - max p and 2 (1 - max p). Hence the average of Psi_D(k_x) "
        "vanishes iff k is almost surely deterministic"
    ),
    parameters=(top, _above, _below, largest, likeliest),
    functions=(p,),
    hypotheses=(
        *support[:2],
        Forall((w,), le(p(w), _most), (le(w, _top),)),
        eq(p(likeliest.symbol), _most),
    ),
    statements=(
        lower(_spread, 1 - _most, label="TV"),
        upper(_spread, 2 * (1 - _most), label="TV of a point mass"),
        *(lower(vanishing[name], _per_letter[name][1] * _spread, label=name) for name in vanishing),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "order infinity: -log p_min = 0 iff the only letter has probability 1",
        "at a point mass one letter is left, and every closed form is 0",
    ),
    derivation=_zero,
)
