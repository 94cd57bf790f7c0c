"""Counting the prompts that a learned concept gets wrong: signs of the output, sums cut off, powers of binomials.

Main statements
    attention_prefers, attention_misleads   the sign of theta is that of n_+ - n_- e^(-2 beta)
    margin_right, margin_wrong   e_q f has the sign of theta
    cut_off          a sum of terms that vanish above F ends at F
    chernoff_term    1 <= e^(2 beta (c L - j)) for j <= c L
    pinsker_half     KL((1 - t)/2 || 1/2) >= t^2/2
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import Source

plus = Parameter("np", "n_+", "demonstrations with the sign of the query", integers(0), (0, 16))
minus = Parameter("nm", "n_-", "demonstrations with the other sign", integers(), (0, 16))
score = Parameter("al", r"\alpha", "score that all demonstrations share", reals(), (-3, 3))
beta = Parameter("b", r"\beta", "score of a match", reals(0, open="lower"), (0.05, 4))
along = Parameter("p", "p", "read-out along the label difference", reals(0, open="lower"), (0.1, 3))
across = Parameter("q", "q", "read-out along the label concept", reals(0, open="lower"), (0.1, 3))
last = Parameter("F", "F", "last term that counts", integers(0), (0, 10))
end = Parameter("N", "N", "last term", integers(0), (0, 20))
tilt = Parameter("t", "t", "tanh beta", reals(0, 1, open="upper"), (0, 0.9))
split = Parameter("theta", r"\theta", "2 sigma_corr - 1", reals(), (-1, 1))
length = Parameter("L", "L", "number of demonstrations", integers(1), (1, 16), "demonstrations")

_a, _c, _al, _b, _p, _q = (s.symbol for s in (plus, minus, score, beta, along, across))
_F, _N, _t, _th, _L = (s.symbol for s in (last, end, tilt, split, length))
_j = sp.Symbol("j", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)


def correct(matches: Any, others: Any, b: Any, shift: Any = 0) -> sp.Expr:
    """sigma_corr: the softmax of scores alpha + beta (matches) and alpha - beta (others) on the matches (D4, D8)."""
    up, down = matches * sp.exp(shift + b), others * sp.exp(shift - b)
    return up / (up + down)


def output(theta: Any, p: Any, q: Any) -> sp.Expr:
    """e_q f of a sign-symmetric read-out: ([q + theta p]_+ - [q - theta p]_+)/2 (D4, D9)."""
    return (sp.Max(q + theta * p, 0) - sp.Max(q - theta * p, 0)) / 2


_b_ = sp.Symbol("b_", real=True)
_m_ = sp.Symbol("m_", integer=True, nonnegative=True)
_o_ = sp.Symbol("o_", integer=True)
label_attention = defined(
    "concepts/label_attention",
    "label_attention(m, o, beta) = theta = 2 sigma_corr - 1 on a clean prompt with m matches and o others (D8)",
    (_m_, _o_, _b_),
    2 * correct(_m_, _o_, _b_) - 1,
    conditions=(gt(_m_ + _o_, 0),),
    latex=r"\theta",
)


def margin(matches: Any, others: Any, b: Any, p: Any, q: Any) -> sp.Expr:
    """e_q f on a clean prompt with these counts; the score alpha that all demonstrations share cancels."""
    return output(label_attention(matches, others, b), p, q)


def surplus(matches: Any, others: Any, b: Any) -> sp.Expr:
    """n_+ - n_- e^(-2 beta)."""
    return matches - others * sp.exp(-2 * b)


_theta = label_attention(_a, _c, _b)
_written = unfold(label_attention, m_=_a, o_=_c, b_=_b)
_counted = gt(_a + _c, 0)
_total = _a * sp.exp(_b) + _c * sp.exp(-_b)
total_positive = Lemma(
    "concepts/total_positive",
    "The softmax's normaliser is positive, also for the formal n_- < 0 < n_+ + n_-",
    (plus, minus, beta),
    gt(_total, 0),
    hypotheses=(_counted,),
    backing=derive()
    .have("written", eq(_total, _a * (sp.exp(_b) - sp.exp(-_b)) + (_a + _c) * sp.exp(-_b)), by=algebra)
    .have("matches", ge(_a * (sp.exp(_b) - sp.exp(-_b)), 0), by=quick)
    .have("all", gt((_a + _c) * sp.exp(-_b), 0), by=["hypothesis 1", quick])
    .have("total", gt(_total, 0), by=["written", "matches", "all", quick]),
)
common_score = Lemma(
    "concepts/common_score",
    "A score that all demonstrations share changes no attention",
    (score, plus, minus, beta),
    eq(correct(_a, _c, _b, _al), correct(_a, _c, _b)),
    hypotheses=(_counted,),
    backing=derive()
    .have("total", gt(_total, 0), by=["hypothesis 1", total_positive.at()])
    .have("same", eq(correct(_a, _c, _b, _al), correct(_a, _c, _b)), by=["total", quick]),
)
attention_prefers = Lemma(
    "concepts/attention_prefers",
    "theta > 0 where n_+ > n_- e^(-2 beta)",
    (plus, minus, beta),
    gt(_theta, 0),
    hypotheses=(gt(surplus(_a, _c, _b), 0), _counted),
    backing=derive()
    .have("up", gt(_a * sp.exp(_b) - _c * sp.exp(-_b), 0), by=["hypothesis 1", quick])
    .have("total", gt(_total, 0), by=["hypothesis 2", total_positive.at()])
    .have("theta", gt(_theta, 0), by=["up", "total", "hypothesis 2", _written, quick]),
)
attention_misleads = Lemma(
    "concepts/attention_misleads",
    "theta <= 0 where n_+ <= n_- e^(-2 beta)",
    (plus, minus, beta),
    le(_theta, 0),
    hypotheses=(le(surplus(_a, _c, _b), 0), _counted),
    backing=derive()
    .have("up", le(_a * sp.exp(_b) - _c * sp.exp(-_b), 0), by=["hypothesis 1", quick])
    .have("total", gt(_total, 0), by=["hypothesis 2", total_positive.at()])
    .have("theta", le(_theta, 0), by=["up", "total", "hypothesis 2", _written, quick]),
)
output_positive = Lemma(
    "concepts/output_positive",
    "e_q f > 0 where theta > 0",
    (split, along, across),
    gt(output(_th, _p, _q), 0),
    hypotheses=(gt(_th, 0),),
    backing=derive()
    .have("half", ge(output(_th, _p, _q), _th * _p / 2), by=["hypothesis 1", quick])
    .have("positive", gt(output(_th, _p, _q), 0), by=["half", "hypothesis 1", quick]),
)
output_not_positive = Lemma(
    "concepts/output_not_positive",
    "e_q f <= 0 where theta <= 0",
    (split, along, across),
    le(output(_th, _p, _q), 0),
    hypotheses=(le(_th, 0),),
    backing=derive()
    .have("half", le(output(_th, _p, _q), _th * _p / 2), by=["hypothesis 1", quick])
    .have("sign", le(output(_th, _p, _q), 0), by=["half", "hypothesis 1", quick]),
)
margin_right = Lemma(
    "concepts/margin_right",
    "A prompt with n_+ > n_- e^(-2 beta) is right",
    (plus, minus, beta, along, across),
    gt(margin(_a, _c, _b, _p, _q), 0),
    hypotheses=(gt(surplus(_a, _c, _b), 0), _counted),
    backing=derive()
    .have("theta", gt(_theta, 0), by=["hypothesis 1", "hypothesis 2", attention_prefers.at()])
    .have("right", gt(margin(_a, _c, _b, _p, _q), 0), by=["theta", output_positive.at(theta=_theta)]),
)
margin_wrong = Lemma(
    "concepts/margin_wrong",
    "A prompt with n_+ <= n_- e^(-2 beta) is wrong",
    (plus, minus, beta, along, across),
    le(margin(_a, _c, _b, _p, _q), 0),
    hypotheses=(le(surplus(_a, _c, _b), 0), _counted),
    backing=derive()
    .have("theta", le(_theta, 0), by=["hypothesis 1", "hypothesis 2", attention_misleads.at()])
    .have(
        "wrong",
        le(margin(_a, _c, _b, _p, _q), 0),
        by=["theta", output_not_positive.at(theta=_theta)],
    ),
)

_u, _v = (sp.Function(name, real=True) for name in ("u", "v"))
_whole = sp.Sum(_v(_j) * _u(_j), (_j, 0, _n))
_kept = sp.Sum(_v(_j), (_j, 0, _F))
cut_off = Lemma(
    "concepts/cut_off",
    "A sum of terms that vanish above F ends at F",
    (last, end),
    eq(sp.Sum(_v(_j) * _u(_j), (_j, 0, _N)), _kept),
    hypotheses=(
        Forall((_j,), eq(_u(_j), 1), (le(_j, _F),)),
        Forall((_j,), eq(_u(_j), 0), (ge(_j, _F + 1),)),
        le(_F, _N),
    ),
    functions=(_u, _v),
    backing=derive()
    .have("term", Forall((_n,), eq(_v(_n) * _u(_n), _v(_n)), (le(_n, _F),)), by=[fact("hypothesis 1", j=_n), quick])
    .have("kept", eq(sp.Sum(_v(_j) * _u(_j), (_j, 0, _F)), _kept), by=[Termwise(), "term"])
    .have(
        "rest",
        Forall((_n,), eq(_whole, _kept), (ge(_n, _F),)),
        by=[Induction(_n, _F), "kept", fact("hypothesis 2", j=_n + 1), quick],
    )
    .have("whole", eq(sp.Sum(_v(_j) * _u(_j), (_j, 0, _N)), _kept), by=["hypothesis 3", fact("rest", n_=_N)]),
)

binomial_theorem = Lemma(
    "concepts/binomial_theorem",
    "The binomial theorem",
    (length, tilt),
    eq(sp.Sum(sp.binomial(_L, _j) * _t**_j, (_j, 0, _L)), (1 + _t) ** _L),
    backing=Citation(Source("graham1994", "(5.12)", recheck=True)),
)
_x = sp.exp(-2 * _b)
_rate = 1 / (1 + sp.exp(2 * _b))
relative_entropy = _rate * sp.log(2 * _rate) + (1 - _rate) * sp.log(2 * (1 - _rate))
entropy_of_rate = Lemma(
    "concepts/entropy_of_rate",
    "KL(c || 1/2) of c = 1/(1 + e^(2 beta))",
    (beta,),
    eq(relative_entropy, sp.log(2) - sp.log(1 + sp.exp(2 * _b)) + 2 * _b * (1 - _rate)),
    backing=derive()
    .have("other", eq(1 - _rate, sp.exp(2 * _b) / (1 + sp.exp(2 * _b))), by=algebra)
    .have("log c", eq(sp.log(2 * _rate), sp.log(2) - sp.log(1 + sp.exp(2 * _b))), by=algebra)
    .have(
        "log (1 - c)",
        eq(sp.log(2 * (1 - _rate)), sp.log(2) + 2 * _b - sp.log(1 + sp.exp(2 * _b))),
        by=["other", algebra],
    )
    .have(
        "KL",
        eq(relative_entropy, sp.log(2) - sp.log(1 + sp.exp(2 * _b)) + 2 * _b * (1 - _rate)),
        by=["log c", "log (1 - c)", quick],
    ),
)
coin_entropy = sp.log(2) - sp.log(1 + sp.exp(-2 * _b)) - 2 * _b * _rate
coin_entropy_of_rate = Lemma(
    "concepts/coin_entropy_of_rate",
    "KL(c || 1/2) = log 2 - log(1 + e^(-2 beta)) - 2 beta c",
    (beta,),
    eq(relative_entropy, coin_entropy),
    backing=derive()
    .have("KL", entropy_of_rate.conclusion, by=entropy_of_rate.at())
    .have("logarithm", eq(sp.log(1 + sp.exp(-2 * _b)), sp.log(1 + sp.exp(2 * _b)) - 2 * _b), by=quick)
    .have("both", eq(relative_entropy, coin_entropy), by=["KL", "logarithm", quick]),
)
pinsker_half = Lemma(
    "concepts/pinsker_half",
    "Pinsker's inequality against a fair coin",
    (beta,),
    ge(coin_entropy, sp.tanh(_b) ** 2 / 2),
    backing=derive().have("Pinsker", ge(coin_entropy, sp.tanh(_b) ** 2 / 2), by=decide),
)
too_few = Lemma(
    "concepts/too_few",
    "n_+ <= L/(1 + e^(2 beta)) is n_+ <= n_- e^(-2 beta)",
    (length, plus, beta),
    le(surplus(_a, _L - _a, _b), 0),
    hypotheses=(le(_a, _L * _rate),),
    backing=derive()
    .have("times", le(_a * (1 + sp.exp(2 * _b)), _L), by=["hypothesis 1", quick])
    .have("written", eq(surplus(_a, _L - _a, _b) * sp.exp(2 * _b), _a * (1 + sp.exp(2 * _b)) - _L), by=algebra)
    .have("few", le(surplus(_a, _L - _a, _b), 0), by=["times", "written", quick]),
)
enough_matches = Lemma(
    "concepts/enough_matches",
    "n_+ > L/(1 + e^(2 beta)) is n_+ > n_- e^(-2 beta)",
    (length, plus, beta),
    gt(surplus(_a, _L - _a, _b), 0),
    hypotheses=(gt(_a, _L * _rate),),
    backing=derive()
    .have("times", gt(_a * (1 + sp.exp(2 * _b)), _L), by=["hypothesis 1", quick])
    .have("written", eq(surplus(_a, _L - _a, _b) * sp.exp(2 * _b), _a * (1 + sp.exp(2 * _b)) - _L), by=algebra)
    .have("many", gt(surplus(_a, _L - _a, _b), 0), by=["times", "written", quick]),
)
chernoff_term = Lemma(
    "concepts/chernoff_term",
    "1 <= e^(2 beta (c L - j)) for j <= c L",
    (length, plus, beta),
    ge(sp.exp(2 * _b * _rate * _L) * sp.exp(-2 * _b) ** _a, 1),
    hypotheses=(le(_a, _L * _rate),),
    backing=derive()
    .have("exponent", ge(2 * _b * (_rate * _L - _a), 0), by=["hypothesis 1", quick])
    .have("exponential", ge(sp.exp(2 * _b * (_rate * _L - _a)), 1), by=["exponent", quick])
    .have(
        "written",
        eq(sp.exp(2 * _b * (_rate * _L - _a)), sp.exp(2 * _b * _rate * _L) * sp.exp(-2 * _b) ** _a),
        by=algebra,
    )
    .have("term", ge(sp.exp(2 * _b * _rate * _L) * sp.exp(-2 * _b) ** _a, 1), by=["exponential", "written", quick]),
)
_base = Parameter("u", "u", "a positive number", reals(0, open="lower"), (0.1, 2))
_exponent = Parameter("x", "x", "an exponent", reals(), (-1, 1))
_larger = Parameter("y", "y", "another exponent", reals(), (-1, 1))
power_of = Lemma(
    "concepts/power_of",
    "u^L = e^(L log u)",
    (length, _base),
    eq(_base.symbol**_L, sp.exp(_L * sp.log(_base.symbol))),
    backing=derive().have("power", eq(_base.symbol**_L, sp.exp(_L * sp.log(_base.symbol))), by=algebra),
)
exponentials_ordered = Lemma(
    "concepts/exponentials_ordered",
    "e^x increases",
    (_exponent, _larger),
    le(sp.exp(_exponent.symbol), sp.exp(_larger.symbol)),
    hypotheses=(le(_exponent.symbol, _larger.symbol),),
    backing=derive().have("ordered", le(sp.exp(_exponent.symbol), sp.exp(_larger.symbol)), by=["hypothesis 1", quick]),
)
_logarithm = sp.exp(_L * sp.log(1 + sp.exp(-2 * _b)))
chernoff_power = Lemma(
    "concepts/chernoff_power",
    "e^(2 beta c L) ((1 + e^(-2 beta))/2)^L = e^(-L KL(c || 1/2))",
    (length, beta),
    eq(sp.exp(2 * _b * _rate * _L) / 2**_L * (1 + sp.exp(-2 * _b)) ** _L, sp.exp(-_L * coin_entropy)),
    backing=derive()
    .have("power", eq((1 + sp.exp(-2 * _b)) ** _L, _logarithm), by=power_of.at(u=1 + sp.exp(-2 * _b)))
    .have("two", eq(2**_L, sp.exp(_L * sp.log(2))), by=algebra)
    .have(
        "exponents",
        eq(sp.exp(2 * _b * _rate * _L) / sp.exp(_L * sp.log(2)) * _logarithm, sp.exp(-_L * coin_entropy)),
        by=algebra,
    )
    .have(
        "both",
        eq(sp.exp(2 * _b * _rate * _L) / 2**_L * (1 + sp.exp(-2 * _b)) ** _L, sp.exp(-_L * coin_entropy)),
        by=["power", "two", "exponents", quick],
    ),
)
_most = sp.floor(_L * _rate)
few = Lemma(
    "concepts/few",
    "At most L/(1 + e^(2 beta)) matches are too few",
    (length, beta),
    Forall((_j,), le(surplus(_j, _L - _j, _b), 0), (le(_j, _most),)),
    backing=derive()
    .have("floor", le(_most, _L * _rate), by=quick)
    .have("count", Forall((_j,), le(_j, _L * _rate), (le(_j, _most),)), by=["floor", quick])
    .have("power", eq(sp.exp(-2 * _b) * (1 - _rate), _rate), by=algebra)
    .have(
        "few",
        Forall((_j,), le(surplus(_j, _L - _j, _b), 0), (le(_j, _most),)),
        by=[fact("count", j=_j), too_few.at(np=_j)],
    ),
)
many = Lemma(
    "concepts/many",
    "More matches are enough",
    (length, beta),
    Forall((_j,), gt(surplus(_j, _L - _j, _b), 0), (ge(_j, _most + 1),)),
    backing=derive()
    .have("floor", gt(_most + 1, _L * _rate), by=quick)
    .have("count", Forall((_j,), gt(_j, _L * _rate), (ge(_j, _most + 1),)), by=["floor", quick])
    .have(
        "many",
        Forall((_j,), gt(surplus(_j, _L - _j, _b), 0), (ge(_j, _most + 1),)),
        by=[fact("count", j=_j), enough_matches.at(np=_j)],
    ),
)
equal_numbers = Lemma(
    "concepts/equal_numbers",
    "n_+ = n_- >= 1 is right",
    (plus, beta),
    gt(surplus(_a, _a, _b), 0),
    hypotheses=(ge(_a, 1),),
    backing=derive()
    .have("power", lt(sp.exp(-2 * _b), 1), by=quick)
    .have("right", gt(surplus(_a, _a, _b), 0), by=["power", "hypothesis 1", quick]),
)
more_matches = Lemma(
    "concepts/more_matches",
    "Of all prompts with a match that with one is the hardest",
    (length, plus, beta),
    ge(surplus(_a, _L - _a, _b), surplus(1, _L - 1, _b)),
    hypotheses=(ge(_a, 1),),
    backing=derive()
    .have(
        "difference",
        eq(surplus(_a, _L - _a, _b) - surplus(1, _L - 1, _b), (_a - 1) * (1 + sp.exp(-2 * _b))),
        by=algebra,
    )
    .have("sign", ge((_a - 1) * (1 + sp.exp(-2 * _b)), 0), by=["hypothesis 1", quick])
    .have("hardest", ge(surplus(_a, _L - _a, _b), surplus(1, _L - 1, _b)), by=["difference", "sign", quick]),
)
_upto = sp.Sum(_v(_j), (_j, 0, _n))
longer = Lemma(
    "concepts/longer",
    "A sum of non-negative terms grows with its range",
    (last, end),
    le(_kept, sp.Sum(_v(_j), (_j, 0, _N))),
    hypotheses=(Forall((_n,), ge(_v(_n), 0)), le(_F, _N)),
    functions=(_v,),
    backing=derive()
    .have(
        "longer",
        Forall((_n,), ge(_upto, _kept), (ge(_n, _F),)),
        by=[Induction(_n, _F), fact("hypothesis 1", n_=_n + 1), quick],
    )
    .have("all", le(_kept, sp.Sum(_v(_j), (_j, 0, _N))), by=["hypothesis 2", fact("longer", n_=_N)]),
)
chernoff_pinsker = Lemma(
    "concepts/chernoff_pinsker",
    "e^(-L KL(c || 1/2)) <= e^(-(L/2) tanh^2 beta)",
    (length, beta),
    le(sp.exp(-_L * coin_entropy), sp.exp(-_L * sp.tanh(_b) ** 2 / 2)),
    backing=derive()
    .have("Pinsker", pinsker_half.conclusion, by=pinsker_half.at())
    .have("exponent", le(-_L * coin_entropy, -_L * sp.tanh(_b) ** 2 / 2), by=["Pinsker", quick])
    .have(
        "exponentials",
        le(sp.exp(-_L * coin_entropy), sp.exp(-_L * sp.tanh(_b) ** 2 / 2)),
        by=["exponent", exponentials_ordered.at(x=-_L * coin_entropy, y=-_L * sp.tanh(_b) ** 2 / 2)],
    ),
)
_factor = Parameter("x", "x", "a common factor", reals(), (0, 1))
_value = Parameter("W", "W", "value of a sum", reals(), (0, 1))
_bound = Parameter("C", "C", "a bound", reals(), (0, 1))
_weighted = sp.Sum(_v(_j) * _u(_j), (_j, 0, _N))
at_least_first = Lemma(
    "concepts/at_least_first",
    "A sum of non-negative terms, cut off above F, is at least its first term",
    (last, end),
    ge(_weighted, _v(0)),
    hypotheses=(eq(_weighted, _kept), Forall((_n,), ge(_v(_n), 0))),
    functions=(_u, _v),
    backing=derive()
    .have("first", Forall((_n,), ge(_upto, _v(0))), by=[Induction(_n), fact("hypothesis 2", n_=_n + 1), quick])
    .have("kept", ge(_weighted, _v(0)), by=["hypothesis 1", fact("first", n_=_F), quick]),
)
_above = sp.Function("w", real=True)
cut_below = Lemma(
    "concepts/cut_below",
    "A sum cut off above F is at most a sum with larger weights",
    (last, end, _factor),
    le(_weighted, sp.Sum(_factor.symbol * _above(_j), (_j, 0, _N))),
    hypotheses=(
        eq(_weighted, _kept),
        Forall((_n,), le(_v(_n), _factor.symbol * _above(_n)), (le(_n, _F),)),
        Forall((_n,), ge(_factor.symbol * _above(_n), 0)),
        le(_F, _N),
    ),
    functions=(_u, _v, _above),
    backing=derive()
    .have(
        "terms",
        le(_kept, sp.Sum(_factor.symbol * _above(_j), (_j, 0, _F))),
        by=[Termwise(), "hypothesis 2"],
    )
    .have(
        "longer",
        le(
            sp.Sum(_factor.symbol * _above(_j), (_j, 0, _F)),
            sp.Sum(_factor.symbol * _above(_j), (_j, 0, _N)),
        ),
        by=["hypothesis 3", "hypothesis 4", longer.at(v=sp.Lambda((_j,), _factor.symbol * _above(_j)))],
    )
    .have(
        "both",
        le(_weighted, sp.Sum(_factor.symbol * _above(_j), (_j, 0, _N))),
        by=["hypothesis 1", "terms", "longer", quick],
    ),
)
summed_up = Lemma(
    "concepts/summed_up",
    "A bound of a sum with a common factor",
    (end, _factor, _value, _bound),
    le(_weighted, _bound.symbol),
    hypotheses=(
        le(_weighted, sp.Sum(_factor.symbol * _above(_j), (_j, 0, _N))),
        eq(sp.Sum(_above(_j), (_j, 0, _N)), _value.symbol),
        eq(_factor.symbol * _value.symbol, _bound.symbol),
    ),
    functions=(_u, _v, _above),
    backing=derive()
    .have(
        "factor",
        eq(
            sp.Sum(_factor.symbol * _above(_j), (_j, 0, _N)),
            _factor.symbol * sp.Sum(_above(_j), (_j, 0, _N)),
        ),
        by=algebra,
    )
    .have(
        "bound",
        le(_weighted, _bound.symbol),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", "factor", quick],
    ),
)
at_most_that = Lemma(
    "concepts/at_most_that",
    "A sum below a bound is below every larger one",
    (end, _bound, _larger),
    le(_weighted, _larger.symbol),
    hypotheses=(le(_weighted, _bound.symbol), le(_bound.symbol, _larger.symbol)),
    functions=(_u, _v),
    backing=derive().have("both", le(_weighted, _larger.symbol), by=["hypothesis 1", "hypothesis 2", quick]),
)
