"""The softmax bottleneck (specification `categorical` 2.3).

Contexts c and tokens t = 0..V-1; h(c, i) is the state and g(t, i) the unembedding, i = 0..d-1, bias(t) a bias of the
logits, log_z(c) and log_z_bias(c) the logarithms of the normalisers. log_rows(j, c, t) are four matrices of
log-probabilities: j = 0 without bias, 1 with bias, 2 and 3 the same with the mean of every row taken out.

Main statements
    rank_of_factors      a sum of r products, and up to two more, has at most that rank (cited)
    softmax_bottleneck   rank [log q_x(w)] <= d + 1, and the like with bias and centred
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V, d
from theory.claim import Claim, Kind, Status, upper
from theory.define import opaque
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.softmax import normaliser_positive
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import Source

c, t, x, y, k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ctxyk")  # x sums over i, y over tokens
u, v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "uv")
_names = ("left", "right", "first", "first_row", "second", "second_row")
left, right, first, first_row, second, second_row = (sp.Function(name, real=True) for name in _names)
h, g, bias, log_z, log_z_bias = (sp.Function(name, real=True) for name in ("h", "g", "bias", "log_z", "log_z_bias"))
log_rows = opaque(
    "categorical/log_rows",
    "log_rows(j, c, t) = entry (c, t) of the matrix number j of log-probabilities: 0 without bias, 1 with bias, "
    "2 and 3 the same, centred in every row",
)
log_rows_rank = opaque(
    "categorical/log_rows_rank",
    "log_rows_rank(j) = rank of the matrix with entries log_rows(j, c, t)",
    integer=True,
)
factors = Parameter("r", "r", "number of products", integers(0), (1, 10))
number = Parameter("j", "j", "number of the matrix", integers(0, 3), (0, 3))
one_more, two_more = (
    Parameter(name, name, "whether there is one more product", integers(0, 1), (0, 1)) for name in ("e_1", "e_2")
)
_d, _V = d.symbol, V.symbol


def products(length: Any, of_context: Any, of_token: Any) -> sp.Sum:
    """The sum of of_context(i) of_token(i) over i = 0..length-1."""
    return sp.Sum(of_context(x) * of_token(x), (x, 0, length - 1))


_factored = (
    products(factors.symbol, lambda n: left(c, n), lambda n: right(t, n))
    + one_more.symbol * first(c) * first_row(t)
    + two_more.symbol * second(c) * second_row(t)
)
rank_of_factors = Lemma(
    "categorical/rank_of_factors",
    "Rank of a sum of products",
    (number, factors, one_more, two_more),
    le(log_rows_rank(number.symbol), factors.symbol + one_more.symbol + two_more.symbol),
    hypotheses=(Forall((c, t), eq(log_rows(number.symbol, c, t), _factored)),),
    functions=(left, right, first, first_row, second, second_row),
    statement="the rank of a product is at most its inner dimension, and rank(A + B) <= rank A + rank B",
    backing=Citation(Source("hornjohnson2012", "section 0.4.5", recheck=True)),
)
_logit = Parameter("s", "s", "a logit", reals(), (-1, 1))
_partition = Parameter("Z", "Z", "the normaliser", reals(0, open="lower"), (0.1, 10))
log_softmax = Lemma(
    "categorical/log_softmax",
    "log(e^s/Z) = s - log Z",
    (_logit, _partition),
    eq(sp.log(sp.exp(_logit.symbol) / _partition.symbol), _logit.symbol - sp.log(_partition.symbol)),
    backing=derive().have(
        "logarithm",
        eq(sp.log(sp.exp(_logit.symbol) / _partition.symbol), _logit.symbol - sp.log(_partition.symbol)),
        by=algebra,
    ),
)


def logit(context: Any, token: Any, with_bias: bool = False) -> sp.Expr:
    """<g(token), h(context)>, plus the bias if so asked."""
    inner = products(_d, lambda n: h(context, n), lambda n: g(token, n))
    return inner + bias(token) if with_bias else inner


def _normaliser(context: Any, with_bias: bool) -> sp.Sum:
    return sp.Sum(sp.exp(logit(context, k, with_bias)), (k, 0, _V - 1))


def _softmax(context: Any, token: Any, with_bias: bool) -> sp.Expr:
    return sp.log(sp.exp(logit(context, token, with_bias)) / _normaliser(context, with_bias))


def _mean(term: Any) -> sp.Sum:
    """Mean of `term` over the tokens y."""
    return sp.Sum(term / _V, (y, 0, _V - 1))


_log_z = {False: log_z, True: log_z_bias}
_hypotheses = (
    *(Forall((c, t), eq(log_rows(j, c, t), _softmax(c, t, bool(j)))) for j in (0, 1)),
    *(Forall((c, t), eq(log_rows(j + 2, c, t), log_rows(j, c, t) - _mean(log_rows(j, c, y)))) for j in (0, 1)),
    *(Forall((c,), eq(_log_z[with_bias](c), sp.log(_normaliser(c, with_bias)))) for with_bias in (False, True)),
)
_deviation = logit(u, v) - _mean(logit(u, y))
_centred_row = products(_d, lambda n: h(u, n), lambda n: g(v, n) - _mean(g(y, n)))
_mean_bias = _mean(bias(y))


def _log_probability(with_bias: bool) -> tuple[tuple[str, Any, list[Any], str], ...]:
    """Log-probabilities are logits minus log Z; the mean of a row, and the row without it."""
    j, name = int(with_bias), " with bias" if with_bias else ""
    shift = bias(y) - log_z_bias(u) if with_bias else -log_z(u)
    constant = _mean_bias - log_z_bias(u) if with_bias else -log_z(u)
    rest = bias(v) - _mean_bias if with_bias else sp.S.Zero
    of_row = _mean(logit(u, y)) + constant
    return (
        (
            f"normaliser{name}",
            Forall((u,), gt(_normaliser(u, with_bias), 0)),
            [normaliser_positive.at(m=_V, x=sp.Lambda((k,), logit(u, k, with_bias)))],
            "",
        ),
        (
            f"log-probability{name}",
            Forall((u, v), eq(log_rows(j, u, v), logit(u, v, with_bias) - _log_z[with_bias](u))),
            [
                fact(f"normaliser{name}", u=u),
                fact(f"hypothesis {1 + j}", c=u, t=v),
                fact(f"hypothesis {5 + j}", c=u),
                log_softmax.at(s=logit(u, v, with_bias), Z=_normaliser(u, with_bias)),
                quick,
            ],
            "log softmax is the logit minus log Z",
        ),
        (
            f"token{name}",
            Forall((u, v), eq(log_rows(j, u, v) / _V, (logit(u, v) + shift.xreplace({y: v})) / _V)),
            [fact(f"log-probability{name}", u=u, v=v), quick],
            "",
        ),
        (
            f"row{name}",
            Forall((u,), eq(_mean(log_rows(j, u, y)), sp.Sum((logit(u, y) + shift) / _V, (y, 0, _V - 1)))),
            [Termwise(), f"token{name}"],
            "",
        ),
        (
            f"mean of a row{name}",
            Forall((u,), eq(sp.Sum((logit(u, y) + shift) / _V, (y, 0, _V - 1)), of_row)),
            [algebra],
            "",
        ),
        (
            f"centred row{name}",
            Forall((u, v), eq(log_rows(j + 2, u, v), _deviation + rest)),
            [
                fact(f"hypothesis {3 + j}", c=u, t=v),
                fact(f"log-probability{name}", u=u, v=v),
                fact(f"row{name}", u=u),
                fact(f"mean of a row{name}", u=u),
                quick,
            ],
            "",
        ),
    )


def _factors(matrix: int) -> tuple[dict[str, Any], sp.Expr]:
    """The pieces of the matrix for rank_of_factors, and their sum at context u and token v."""
    with_bias, centred = matrix in (1, 3), matrix >= 2
    row = sp.Lambda((t, x), g(t, x) - _mean(g(y, x))) if centred else sp.Lambda((t, x), g(t, x))
    of_bias = bias(t) - _mean_bias if centred else bias(t)
    pieces = {
        "j": matrix,
        "r": _d,
        "e_1": int(not centred),
        "e_2": int(with_bias),
        "left": h,
        "right": row,
        "first": sp.Lambda((c,), -_log_z[with_bias](c)),
        "first_row": sp.Lambda((t,), sp.S.One),
        "second": sp.Lambda((c,), sp.S.One),
        "second_row": sp.Lambda((t,), of_bias),
    }
    total = products(_d, lambda n: h(u, n), lambda n: row(v, n))
    total += (0 if centred else -_log_z[with_bias](u)) + (of_bias.xreplace({t: v}) if with_bias else 0)
    return pieces, total


_ranks = ((0, _d + 1, "plain"), (1, _d + 2, "bias"), (2, _d, "centred"), (3, _d + 1, "centred, bias"))


def _derivation() -> Derivation:
    steps = derive()
    for with_bias in (False, True):
        for name, proposition, by, note in _log_probability(with_bias):
            steps = steps.have(name, proposition, by=by, note=note)
    steps = steps.have(
        "exchange",
        Forall((u,), eq(products(_d, lambda n: h(u, n), lambda n: _mean(g(y, n))), _mean(logit(u, y)))),
        by=exchange.at(
            top=_d - 1,
            last=_V - 1,
            u=sp.Lambda((x,), h(u, x)),
            w=sp.Lambda((y,), 1 / _V),
            g=sp.Lambda((x, y), g(y, x)),
        ),
    )
    steps = steps.have(
        "difference",
        Forall((u, v), eq(_centred_row, logit(u, v) - products(_d, lambda n: h(u, n), lambda n: _mean(g(y, n))))),
        by=algebra,
    )
    steps = steps.have(
        "deviation",
        Forall((u, v), eq(_deviation, _centred_row)),
        by=[fact("exchange", u=u), fact("difference", u=u, v=v), quick],
    )
    for j, bound, label in _ranks:
        pieces, total = _factors(j)
        name = ("log-probability" if j < 2 else "centred row") + (" with bias" if j in (1, 3) else "")
        by = [fact(name, u=u, v=v), quick] if j < 2 else [fact(name, u=u, v=v), fact("deviation", u=u, v=v), quick]
        steps = steps.have(f"factors {j}", Forall((u, v), eq(log_rows(j, u, v), total)), by=by)
        steps = steps.have(label, le(log_rows_rank(j), bound), by=[f"factors {j}", rank_of_factors.at(**pieces)])
    return steps


softmax_bottleneck = Claim(
    id="categorical/softmax_bottleneck",
    title="Rank of a head's log-probability matrix",
    kind=Kind.UPPER,
    text=(
        "The matrix of log-probabilities that a head of width d gives in any number of contexts has rank at most d + 1 "
        "(d + 2 with a bias of the logits), and at most d (d + 1) once the mean of every row is taken out. If the "
        "centred matrix of the data has a larger rank, the model cannot equal the data: L_KL > 0 for all parameters "
        "(cross_entropy_split), and what holds at L_KL = 0 says nothing"
    ),
    parameters=(d, V),
    functions=(h, g, bias, log_z, log_z_bias),
    hypotheses=_hypotheses,
    statements=tuple(upper(log_rows_rank(j), bound, label=label) for j, bound, label in _ranks),
    source=Source("yang2018", "section 2", recheck=True),
    status=Status.SHARPENED,
    derivation=_derivation(),
)
