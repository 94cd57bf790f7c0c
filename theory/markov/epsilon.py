"""The smallest entry eps of A = P_R^K and the cost of the printed bound (specification 2.B).

Main statements
    epsilon_range          p_min^K <= eps <= T^-K, with equality on the right for the uniform model only
    epsilon_architecture   p_min from the unembedding matrix and the temperature
    iteration_count        what the printed bound asks for: about K T^K/2 log(1/eta) steps
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FINITE_LOGITS, POSITIVE, TEMPERATURE_POSITIVE
from theory.claim import Claim, Kind, Status, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma, meaning
from theory.lemmas.contraction import power_monotone
from theory.lemmas.softmax import exp_increases, floor_range
from theory.markov.parameters import K, T, eps, tau
from theory.markov.path_product import least_path
from theory.markov.paths import draw, path_entry, path_floor, path_probability
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source

pmin = Parameter("p_min", r"p_{\min}", "smallest next-token probability (D8)", reals(0, 1, open="lower"), (1e-6, 0.5))
eta = Parameter("eta", r"\eta", "accuracy asked for", reals(0, 1, open="both"), (1e-6, 0.5))

_T, _K, _p, _eps, _eta = T.symbol, K.symbol, pmin.symbol, eps.symbol, eta.symbol
_r = sp.Symbol("r", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_i = sp.Symbol("i", integer=True, positive=True)
_v = sp.Symbol("v", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_w = sp.Symbol("w_", integer=True, positive=True)

# -- eps between powers of p_min and of 1/T ---------------------------------------------------------------------------

_eps_of = sp.Function("smallest_entry", real=True, nonnegative=True)
_block = sp.Function("block_entry", real=True, nonnegative=True)

block_entry = opaque(
    "markov/block_entry", "block_entry(u, v) = A(u, v) for full contexts u, v", bounds=(0, 1), nonnegative=True
)
not_drawn = defined(
    "markov/not_drawn",
    "not_drawn(w, i) = 1 - draw(w, i), the probability of another token, which is in [0, 1]",
    (_w, _i),
    1 - draw(_w, _i),
    bounds=(0, 1),
    range_by=meaning(draw),
)


def _probability(name: str, sign: Any, end: int) -> Lemma:
    """A product of probabilities is one."""
    path = Forall((_w, _k), sign(path_probability(_w, _k), end))
    by = (unfold(path_probability, w_=_w, k=_k), unfold(path_probability, w_=_w), unfold(not_drawn, w_=_w, i=_k + 1))
    earlier = () if end == 0 else ("not negative",)
    backing = derive()
    if earlier:
        positive = Forall((_w, _k), ge(path_probability(_w, _k), 0))
        backing = backing.have("not negative", positive, by=[Induction(_k), *by, quick])
    stated = Forall((_w,), sign(path_entry(_w), end))
    return Lemma(
        f"markov/{name}",
        "The probability of a path is in [0, 1]",
        (K,),
        stated,
        backing.have("path", path, by=[Induction(_k), *by, *earlier, quick]).have(
            "entry", stated, by=[unfold(path_entry, w_=_w), fact("path", w_=_w, k=_K)]
        ),
    )


path_is_nonnegative = _probability("path_is_nonnegative", ge, 0)
path_is_at_most_one = _probability("path_is_at_most_one", le, 1)
smallest_entry = Definition(
    "markov/smallest_entry",
    _eps_of,
    "smallest_entry(T, K) = eps = min A(u, v) (D8), the entry of the path of least probability; that an entry is a "
    "product of draws is markov/path_product",
    (eq(_eps_of(_T, _K), path_entry(least_path())),),
    latex=r"\varepsilon",
    bounds=(0, 1),
    range_by=(unfold(least_path), path_is_nonnegative.at(), path_is_at_most_one.at()),
)
above_smallest = defined(
    "markov/above_smallest",
    "above_smallest(u, v) = A(u, v) - eps, which is >= 0",
    (_u, _v),
    block_entry(_u, _v) - _eps_of(_T, _K),
    bounds=(0, None),
    range_by=meaning(least_path),
)
block_row = defined(
    "markov/block_row",
    "block_row(u) = sum_v A(u, v) over the T^K full contexts v, which is 1",
    (_u,),
    sp.Sum(block_entry(_u, _v), (_v, 0, _T**_K - 1)),
    bounds=(1, 1),
    range_by=meaning(block_entry),
)
smallest_token = opaque(
    "markov/smallest_token",
    "smallest_token(T) = p_min = min P(x | u) (D8)",
    latex=r"p_{\min}",
    bounds=(0, 1),
    nonnegative=True,
)
above_smallest_token = defined(
    "markov/above_smallest_token",
    "above_smallest_token(w, i) = probability of the i-th token of path w minus p_min, which is >= 0 (D8)",
    (_w, _i),
    draw(_w, _i) - smallest_token(_T),
    bounds=(0, None),
    range_by=meaning(smallest_token),
)
likeliest_start = opaque(
    "markov/likeliest_start",
    "likeliest_start() = a full context u with the largest entry A(u, v)",
    integer=True,
    nonnegative=True,
)
likeliest_end = opaque(
    "markov/likeliest_end",
    "likeliest_end() = a full context v with the largest entry A(u, v)",
    bounds=(0, _T**_K - 1),
    integer=True,
    nonnegative=True,
)

_entry, _row = _eps_of(_T, _K), (_v, 0, _T**_K - 1)
_largest = block_entry(likeliest_start(), likeliest_end())
_over_row = sp.Sum(block_entry(likeliest_start(), _v) - _entry, _row)
_draws_floor = Forall((_w, _i), ge(draw(_w, _i), _p))
epsilon_range = Claim(
    id="markov/epsilon_range",
    title="The smallest entry of A between powers of p_min and 1/T",
    kind=Kind.TWO_SIDED,
    text=(
        "p_min^K <= eps <= T^-K, and no entry of A exceeds 1 - (T^K - 1) eps, so eps = T^-K forces A to be constant "
        "and each of its factors to be 1/T: the model is uniform on full contexts. No draw is less likely than "
        "p_min (D8)"
    ),
    parameters=(T, K, pmin),
    assumptions=(POSITIVE,),
    hypotheses=(_draws_floor,),
    statements=(
        lower(_entry, _p**_K, trivial=0, label="lower"),
        upper(_entry, _T ** (-_K), trivial=1, label="upper"),
        upper(_largest, 1 - (_T**_K - 1) * _entry, trivial=1, label="uniform only"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "path floor", path_floor.conclusion, by=[path_floor.at(), "hypothesis 1"], note="each factor is at least p_min"
    )
    .have("path", eq(_entry, path_probability(least_path(), _K)), by=[unfold(smallest_entry), unfold(path_entry)])
    .have("lower", ge(_entry, _p**_K), by=[fact("path floor", w_=least_path(), k=_K), "path", quick])
    .have("entries", Forall((_u, _v), ge(block_entry(_u, _v), _entry)), by=[unfold(above_smallest, u=_u, v=_v), quick])
    .have(
        "row", ge(sp.Sum(block_entry(0, _v), _row), sp.Sum(_entry, _row)), by=[Termwise(), fact("entries", u=0, v=_v)]
    )
    .have("constant", eq(sp.Sum(_entry, _row), _T**_K * _entry), by=algebra)
    .have("mass", le(_T**_K * _entry, 1), by=["row", "constant", unfold(block_row, u=0), quick])
    .have("power", gt(_T**_K, 0), by=quick)
    .have("upper", le(_entry, _T ** (-_K)), by=["mass", "power", quick], note="a row of A sums to 1 over T^K entries")
    .have(
        "above",
        Forall((_v,), ge(block_entry(likeliest_start(), _v) - _entry, 0)),
        by=[fact("entries", u=likeliest_start(), v=_v), quick],
    )
    .have("place", le(likeliest_end(), _T**_K - 1), by=unfold(likeliest_end))
    .have("one entry", ge(_over_row, _largest - _entry), by=[SingleTerm(likeliest_end()), "above", "place", quick])
    .have("others", eq(_over_row, sp.Sum(block_entry(likeliest_start(), _v), _row) - sp.Sum(_entry, _row)), by=algebra)
    .have(
        "uniform only",
        le(_largest, 1 - (_T**_K - 1) * _entry),
        by=["one entry", "others", "constant", unfold(block_row, u=likeliest_start()), quick],
    ),
)

_POSITIVE = reals(0, sp.oo, open="lower")

# -- p_min from the unembedding matrix --------------------------------------------------------------------------------

diameter = Parameter("D_U", "D_U", "largest distance of two rows of W_U (D13)", _POSITIVE, (0.1, 20))
radius = Parameter("b_U", "b_U", "largest norm of a row of W_U (D13)", _POSITIVE, (0.1, 20))
total_norm = Parameter("B_U", "B_U", "sum of the row norms of W_U (D13)", _POSITIVE, (1, 100))
_width = Parameter("r", "r", "width of the model", integers(1), (1, 1000))
_D, _b, _B, _tau = diameter.symbol, radius.symbol, total_norm.symbol, tau.symbol
_h = sp.Symbol("h", integer=True, nonnegative=True)
_over_width = (_h, 0, _width.symbol - 1)
_unembedding = sp.Function("unembedding", real=True)
_hidden = sp.Function("hidden", real=True)
_f, _g = sp.Function("f", real=True), sp.Function("g", real=True)

unit_projection = Lemma(
    "markov/unit_projection",
    "Cauchy-Schwarz against a vector of the unit ball",
    (diameter, _width),
    le(sp.Sum(_f(_h) * _g(_h), _over_width), _D),
    hypotheses=(le(sp.Sum(_f(_h) ** 2, _over_width), _D**2), le(sp.Sum(_g(_h) ** 2, _over_width), 1)),
    functions=(_f, _g),
    statement="|f| <= D and |g| <= 1 give <f, g> <= D",
    backing=derive()
    .have(
        "terms",
        le(sp.Sum(_f(_h) * _g(_h), _over_width), sp.Sum(_f(_h) ** 2 / (2 * _D) + _D * _g(_h) ** 2 / 2, _over_width)),
        by=[Termwise(), decide],
        note="0 <= (f/sqrt(D) - sqrt(D) g)^2",
    )
    .have(
        "sum",
        eq(
            sp.Sum(_f(_h) ** 2 / (2 * _D) + _D * _g(_h) ** 2 / 2, _over_width),
            sp.Sum(_f(_h) ** 2, _over_width) / (2 * _D) + _D * sp.Sum(_g(_h) ** 2, _over_width) / 2,
        ),
        by=algebra,
    )
    .have("first", le(sp.Sum(_f(_h) ** 2, _over_width) / (2 * _D), _D / 2), by=["hypothesis 1", quick])
    .have("second", le(_D * sp.Sum(_g(_h) ** 2, _over_width) / 2, _D / 2), by=["hypothesis 2", quick])
    .have("together", le(sp.Sum(_f(_h) * _g(_h), _over_width), _D), by=["terms", "sum", "first", "second", quick]),
)
logit = defined(
    "markov/logit",
    "logit(k) = <row k of W_U, hidden state> / tau at the context of p_min",
    (_k,),
    sp.Sum(_unembedding(_k, _h) * _hidden(_h), _over_width) / _tau,
    bounds=None,
)
row_gap = defined(
    "markov/row_gap",
    "row_gap(k, i) = squared distance between rows k and i of W_U, at most D_U^2",
    (_k, _i),
    sp.Sum((_unembedding(_k, _h) - _unembedding(_i, _h)) ** 2, _over_width),
    bounds=(0, _D**2),
    range_by=meaning(_unembedding, _D, side="high"),
)
hidden_norm = defined(
    "markov/hidden_norm",
    "hidden_norm() = squared norm of the hidden state, at most 1 (D13)",
    (),
    sp.Sum(_hidden(_h) ** 2, _over_width),
    bounds=(0, 1),
    range_by=meaning(_hidden, side="high"),
)
rarest = opaque("markov/rarest", "rarest() = the token of p_min", bounds=(0, _T - 1), integer=True, positive=True)

_softmax = sp.exp(logit(rarest())) / sp.Sum(sp.exp(logit(_k)), (_k, 0, _T - 1))
rarest_law = defined(
    "markov/rarest_law",
    "rarest_law() = p_min minus the softmax of the logits there: 0",
    (),
    smallest_token(_T) - _softmax,
    bounds=(0, 0),
    range_by=meaning(smallest_token, rarest),
)
_floor = 1 / (1 + (_T - 1) * sp.exp(_D / _tau))
_floor_norm = 1 / (1 + (_T - 1) * sp.exp(2 * _b / _tau))
_floor_printed = sp.exp(-2 * _b / _tau) / _T

epsilon_architecture = Claim(
    id="markov/epsilon_architecture",
    title="The smallest entry of A from the unembedding matrix",
    kind=Kind.LOWER,
    text=(
        "p_min >= 1/(1+(T-1)e^(D_U/tau)) >= 1/(1+(T-1)e^(2 b_U/tau)) >= e^(-2 b_U/tau)/T, hence "
        "eps >= (1+(T-1)e^(D_U/tau))^-K; the paper's lemmas give only T^-K e^(-2 K B_U/tau)"
    ),
    parameters=(T, K, diameter, radius, total_norm, tau),
    assumptions=(FINITE_LOGITS, TEMPERATURE_POSITIVE),
    hypotheses=(le(_D, 2 * _b), le(_b, _B)),
    statements=(
        lower(_entry, _floor**_K, trivial=0, label="entry"),
        lower(smallest_token(_T), _floor, trivial=0, label="token"),
        lower(_floor, _floor_norm, trivial=0, label="row norms"),
        lower(_floor_norm, _floor_printed, trivial=0, label="product form"),
        lower(_entry, _T ** (-_K) * sp.exp(-2 * _K * _B / _tau), trivial=0, label="as the paper's lemmas give"),
    ),
    source=Source("zekri2024", "Lemmas F.7, F.8", "v2"),
    status=Status.SHARPENED,
    derivation=derive(parameters=(_width,))
    .have(
        "rows",
        Forall(
            (_k,),
            le(sp.Sum((_unembedding(_k, _h) - _unembedding(rarest(), _h)) ** 2, _over_width), _D**2),
        ),
        by=[unfold(row_gap, k=_k, i=rarest()), quick],
    )
    .have("ball", le(sp.Sum(_hidden(_h) ** 2, _over_width), 1), by=[unfold(hidden_norm), quick])
    .have(
        "projection",
        Forall(
            (_k,),
            le(sp.Sum((_unembedding(_k, _h) - _unembedding(rarest(), _h)) * _hidden(_h), _over_width), _D),
        ),
        by=[
            "rows",
            "ball",
            unit_projection.at(
                f=sp.Lambda(_h, _unembedding(_k, _h) - _unembedding(rarest(), _h)), g=sp.Lambda(_h, _hidden(_h))
            ),
        ],
        note="Cauchy-Schwarz",
    )
    .have(
        "range",
        Forall((_k,), le(logit(_k) - logit(rarest()), _D / _tau), (le(_k, _T - 1),)),
        by=[fact("projection", k=_k), unfold(logit, k=_k), unfold(logit, k=rarest()), quick],
    )
    .have("place", le(rarest(), _T - 1), by=unfold(rarest))
    .have(
        "softmax",
        ge(_softmax, _floor),
        by=["place", "range", floor_range.at(m=_T, i=rarest(), rho=_D / _tau, x=sp.Lambda(_k, logit(_k)))],
    )
    .have("token", ge(smallest_token(_T), _floor), by=["softmax", unfold(rarest_law), quick])
    .have("positive floor", gt(_floor, 0), by=quick)
    .have("positive", gt(smallest_token(_T), 0), by=["token", "positive floor", quick])
    .have("at most 1", le(smallest_token(_T), 1), by=unfold(smallest_token))
    .have(
        "draws",
        Forall((_w, _i), ge(draw(_w, _i), smallest_token(_T))),
        by=[unfold(above_smallest_token, w_=_w, i=_i), quick],
    )
    .have(
        "block",
        ge(_entry, smallest_token(_T) ** _K),
        by=["positive", "at most 1", "draws", epsilon_range.at("lower", p_min=smallest_token(_T))],
    )
    .have(
        "powers",
        ge(smallest_token(_T) ** _K, _floor**_K),
        by=["token", "positive floor", power_monotone.at(q=_K, x=_floor, y=smallest_token(_T))],
    )
    .have("entry", ge(_entry, _floor**_K), by=["block", "powers", quick])
    .have("row norms", ge(_floor, _floor_norm), by=decide, note="D_U <= 2 b_U")
    .have("product form", ge(_floor_norm, _floor_printed), by=decide, note="1 + (T-1) e^x <= T e^x for x >= 0")
    .have("sum of norms", ge(_floor, sp.exp(-2 * _B / _tau) / _T), by=decide, note="D_U <= 2 b_U <= 2 B_U")
    .have("positive printed", gt(sp.exp(-2 * _B / _tau) / _T, 0), by=quick)
    .have(
        "printed powers",
        ge(_floor**_K, (sp.exp(-2 * _B / _tau) / _T) ** _K),
        by=["sum of norms", "positive printed", power_monotone.at(q=_K, x=sp.exp(-2 * _B / _tau) / _T, y=_floor)],
    )
    .have(
        "printed form", eq((sp.exp(-2 * _B / _tau) / _T) ** _K, _T ** (-_K) * sp.exp(-2 * _K * _B / _tau)), by=algebra
    )
    .have(
        "as the paper's lemmas give",
        ge(_entry, _T ** (-_K) * sp.exp(-2 * _K * _B / _tau)),
        by=["entry", "printed powers", "printed form", quick],
    ),
)

# -- what the printed bound costs -------------------------------------------------------------------------------------

_x_ = Parameter("x", "x", "twice the smallest entry", reals(0, 1, open="both"), (0.01, 0.9))
log_below = Lemma(
    "markov/log_below",
    "-log(1-x) <= x/(1-x) on (0, 1)",
    (_x_,),
    le(-sp.log(1 - _x_.symbol), _x_.symbol / (1 - _x_.symbol)),
    backing=derive().have("logarithm", le(-sp.log(1 - _x_.symbol), _x_.symbol / (1 - _x_.symbol)), by=decide),
)
blocks_used = Parameter("m", "m", "whole blocks of K steps after the first", integers(0), (0, 1000))
power_below = Lemma(
    "markov/power_below",
    "m log x <= log eta gives x^m <= eta",
    (_x_, blocks_used, eta),
    le(_x_.symbol**blocks_used.symbol, _eta),
    hypotheses=(le(blocks_used.symbol * sp.log(_x_.symbol), sp.log(_eta)),),
    backing=derive()
    .have(
        "power",
        eq(_x_.symbol**blocks_used.symbol, sp.exp(blocks_used.symbol * sp.log(_x_.symbol))),
        by=algebra,
    )
    .have(
        "order",
        ge(sp.exp(sp.log(_eta)), sp.exp(blocks_used.symbol * sp.log(_x_.symbol))),
        by=["hypothesis 1", exp_increases.at(u=sp.log(_eta), v=blocks_used.symbol * sp.log(_x_.symbol))],
    )
    .have("below", le(_x_.symbol**blocks_used.symbol, _eta), by=["power", "order", quick]),
)
_L = sp.log(1 - 2 * _eps)
_blocks = sp.ceiling(sp.log(_eta) / _L)
_steps = _K * (1 + _blocks)
iteration_count = Claim(
    id="markov/iteration_count",
    title="What the printed bound asks for",
    kind=Kind.LOWER,
    text=(
        "the printed bound certifies accuracy eta for every start from n = K(1+ceil(log eta/log(1-2 eps))) on, and "
        "this is at least K + K(T^K/2 - 1) log(1/eta)"
    ),
    parameters=(T, K, eps, eta, blocks_used),
    hypotheses=(
        lt(_eps, sp.Rational(1, 2)),
        le(_T**_K * _eps, 1),
        ge(blocks_used.symbol, sp.log(_eta) / _L),
    ),
    statements=(
        lower(_steps, _K + _K * (_T**_K / 2 - 1) * sp.log(1 / _eta), trivial=_K, label="cost"),
        upper((1 - 2 * _eps) ** blocks_used.symbol, _eta, trivial=1, label="certified"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "eps = 10^-6 for a large model (Fig. 4c) is impossible: eps <= T^-K < 10^-9 already for K = 2, T = 32000",
    ),
    derivation=derive()
    .have("negative", lt(_L, 0), by=decide)
    .have("logarithm", le(-_L, 2 * _eps / (1 - 2 * _eps)), by=log_below.at(x=2 * _eps))
    .have("positive", gt(sp.log(1 / _eta), 0), by=decide)
    .have("sign", eq(sp.log(_eta), -sp.log(1 / _eta)), by=algebra)
    .have("inverse", ge(-1 / _L, 1 / (2 * _eps) - 1), by=["negative", "logarithm", decide])
    .have("size", ge(1 / (2 * _eps), _T**_K / 2), by=["hypothesis 2", decide])
    .have("rate", ge(-1 / _L, _T**_K / 2 - 1), by=["inverse", "size", quick])
    .have(
        "ratio",
        ge(sp.log(_eta) / _L, (_T**_K / 2 - 1) * sp.log(1 / _eta)),
        by=["rate", "positive", "sign", "negative", decide],
    )
    .have("rounded", ge(_blocks, sp.log(_eta) / _L), by=decide)
    .have("blocks", ge(_blocks, (_T**_K / 2 - 1) * sp.log(1 / _eta)), by=["rounded", "ratio", quick])
    .have("cost", ge(_steps, _K + _K * (_T**_K / 2 - 1) * sp.log(1 / _eta)), by=["blocks", quick])
    .have("exponent", le(blocks_used.symbol * _L, sp.log(_eta)), by=["hypothesis 3", "negative", decide])
    .have(
        "certified",
        le((1 - 2 * _eps) ** blocks_used.symbol, _eta),
        by=["exponent", power_below.at(x=1 - 2 * _eps)],
    ),
)
