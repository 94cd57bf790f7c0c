"""Dependence of the next token on the context: chi-squared spectra (specification `categorical` 2.7, D23).

Main statements
    chi2_information_bound   I(X; W) <= log(1 + |B|_F^2) <= |B|_F^2
    weak_dependence_svd      at weak dependence the log-loss is a truncated singular value decomposition

x and y are contexts of masses mu(x) > 0, k a token 0..V-1, p(x, k) the row at x, pbar(k) = E p(X, k) > 0 the law of
one token; B(x, k) = sqrt(mu(x)) (p(x, k) - pbar(k))/sqrt(pbar(k)), |B|_F^2 = I_chi2(X; W).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.state_laws import contexts, k, mean, mu, over_contexts, over_tokens, p, u, v, x
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Gap, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import log_below
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN, Source

pbar = sp.Function("pbar", real=True)
_V, _nX = V.symbol, contexts.symbol
token_law = (
    Forall((x,), gt(mu(x), 0)),
    eq(over_contexts(mu(x)), 1),
    Forall((x, k), gt(p(x, k), 0)),
    Forall((x,), eq(over_tokens(p(x, k)), 1)),
    Forall((k,), gt(pbar(k), 0)),
    Forall((k,), eq(pbar(k), mean(p(x, k)))),
    eq(over_tokens(pbar(k)), 1),
)

information = mean(over_tokens(p(x, k) * sp.log(p(x, k) / pbar(k))))
squared_norm = mean(over_tokens((p(x, k) - pbar(k)) ** 2 / pbar(k)))
_moment = mean(over_tokens(p(x, k) ** 2 / pbar(k)))


def _tangent(context: Any, token: Any) -> sp.Expr:
    ratio = p(context, token) / pbar(token)
    return p(context, token) * (ratio / _size.symbol - 1 + sp.log(_size.symbol))


_size = Parameter("c", "c", "1 + |B|_F^2", reals(0, open="lower"), (1, 10))
_one = Parameter("a", "a", "a probability", reals(0, open="lower"), (0.1, 1))
_two = Parameter("b", "b", "another probability", reals(0, open="lower"), (0.1, 1))
_a, _b, _s = _one.symbol, _two.symbol, _size.symbol
log_below_tangent_at = Lemma(
    "categorical/log_below_tangent_at",
    "log(a/b) <= (a/b)/c - 1 + log c",
    (_one, _two, _size),
    le(sp.log(_a / _b), _a / _b / _s - 1 + sp.log(_s)),
    backing=derive()
    .have("tangent", le(sp.log(_a / _b / _s), _a / _b / _s - 1), by=log_below.at(t=_a / _b / _s))
    .have("quotient", eq(sp.log(_a / _b / _s), sp.log(_a / _b) - sp.log(_s)), by=algebra)
    .have("at c", le(sp.log(_a / _b), _a / _b / _s - 1 + sp.log(_s)), by=["tangent", "quotient", quick]),
)
_tangents = mean(over_tokens(_tangent(x, k)))
jensen_of_table = Lemma(
    "categorical/jensen_of_table",
    "KL <= log(1 + chi2), with the tangent of the logarithm at any c (L15)",
    (contexts, V, _size),
    le(information, _moment / _s - 1 + sp.log(_s)),
    hypotheses=token_law,
    functions=(mu, p, pbar),
    backing=derive()
    .have(
        "cell",
        Forall((u, v), le(sp.log(p(u, v) / pbar(v)), p(u, v) / pbar(v) / _s - 1 + sp.log(_s))),
        by=[fact("hypothesis 3", x=u, k=v), fact("hypothesis 5", k=v), log_below_tangent_at.at(a=p(u, v), b=pbar(v))],
    )
    .have(
        "token",
        Forall((u, v), le(p(u, v) * sp.log(p(u, v) / pbar(v)), _tangent(u, v))),
        by=[fact("cell", u=u, v=v), fact("hypothesis 3", x=u, k=v), quick],
    )
    .have(
        "row",
        Forall((u,), le(over_tokens(p(u, k) * sp.log(p(u, k) / pbar(k))), over_tokens(_tangent(u, k)))),
        by=[Termwise(), fact("token", u=u, v=k)],
    )
    .have("table", le(information, _tangents), by=[Termwise(), fact("row", u=x), "hypothesis 1"])
    .have(
        "linear row",
        Forall(
            (u,),
            eq(
                over_tokens(_tangent(u, k)),
                over_tokens(p(u, k) ** 2 / pbar(k)) / _s + over_tokens(p(u, k)) * (sp.log(_s) - 1),
            ),
        ),
        by=["hypothesis 5", algebra],
    )
    .have(
        "row value",
        Forall((u,), eq(over_tokens(_tangent(u, k)), over_tokens(p(u, k) ** 2 / pbar(k)) / _s - 1 + sp.log(_s))),
        by=[fact("linear row", u=u), fact("hypothesis 4", x=u), quick],
    )
    .have(
        "rows",
        eq(_tangents, mean(over_tokens(p(x, k) ** 2 / pbar(k)) / _s - 1 + sp.log(_s))),
        by=[Termwise(), fact("row value", u=x)],
    )
    .have(
        "linear",
        eq(
            mean(over_tokens(p(x, k) ** 2 / pbar(k)) / _s - 1 + sp.log(_s)),
            _moment / _s + (sp.log(_s) - 1) * over_contexts(mu(x)),
        ),
        by=algebra,
    )
    .have(
        "Jensen",
        le(information, _moment / _s - 1 + sp.log(_s)),
        by=["table", "rows", "linear", "hypothesis 2", quick],
    ),
)
second_moment = Lemma(
    "categorical/second_moment",
    "E p/pbar = 1 + |B|_F^2",
    (contexts, V),
    eq(_moment, 1 + squared_norm),
    hypotheses=token_law,
    functions=(mu, p, pbar),
    backing=derive()
    .have(
        "square",
        Forall((u, v), eq((p(u, v) - pbar(v)) ** 2 / pbar(v), p(u, v) ** 2 / pbar(v) - 2 * p(u, v) + pbar(v))),
        by=[fact("hypothesis 5", k=v), algebra],
    )
    .have(
        "row",
        Forall(
            (u,),
            eq(
                over_tokens((p(u, k) - pbar(k)) ** 2 / pbar(k)),
                over_tokens(p(u, k) ** 2 / pbar(k) - 2 * p(u, k) + pbar(k)),
            ),
        ),
        by=[Termwise(), fact("square", u=u, v=k)],
    )
    .have(
        "linear",
        Forall(
            (u,),
            eq(
                over_tokens(p(u, k) ** 2 / pbar(k) - 2 * p(u, k) + pbar(k)),
                over_tokens(p(u, k) ** 2 / pbar(k)) - 2 * over_tokens(p(u, k)) + over_tokens(pbar(k)),
            ),
        ),
        by=["hypothesis 5", algebra],
    )
    .have(
        "row value",
        Forall((u,), eq(over_tokens((p(u, k) - pbar(k)) ** 2 / pbar(k)), over_tokens(p(u, k) ** 2 / pbar(k)) - 1)),
        by=[fact("row", u=u), fact("linear", u=u), fact("hypothesis 4", x=u), "hypothesis 7", quick],
    )
    .have(
        "rows", eq(squared_norm, mean(over_tokens(p(x, k) ** 2 / pbar(k)) - 1)), by=[Termwise(), fact("row value", u=x)]
    )
    .have("average", eq(mean(over_tokens(p(x, k) ** 2 / pbar(k)) - 1), _moment - over_contexts(mu(x))), by=algebra)
    .have("moment", eq(_moment, 1 + squared_norm), by=["rows", "average", "hypothesis 2", quick]),
)
_laws = tuple(f"hypothesis {n}" for n in range(1, 8))
chi_squared = Parameter("chi2", r"\|B\|_F^2", "I_chi2(X; W), the squared norm of B", reals(0), (0, 10))
_D = chi_squared.symbol
chi2_information_bound = Claim(
    id="categorical/chi2_information_bound",
    title="Information below log(1+chi2)",
    kind=Kind.UPPER,
    text="I(X; W) <= log(1 + |B|_F^2) <= |B|_F^2, and not <= |B|_F^2/2 in general",
    parameters=(contexts, V, chi_squared),
    functions=(mu, p, pbar),
    hypotheses=(*token_law, eq(squared_norm, _D)),
    statements=(
        upper(information, sp.log(1 + _D), label="logarithm"),
        upper(sp.log(1 + _D), _D, label="chi-squared"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("moment", eq(_moment, 1 + squared_norm), by=[*_laws, second_moment.at()])
    .have("Jensen", le(information, _moment / (1 + _D) - 1 + sp.log(1 + _D)), by=[*_laws, jensen_of_table.at(c=1 + _D)])
    .have("value", eq(_moment, 1 + _D), by=["moment", "hypothesis 8", quick])
    .have("ratio", eq(_moment / (1 + _D) - 1, 0), by=["value", quick])
    .have("logarithm", le(information, sp.log(1 + _D)), by=["Jensen", "ratio", quick])
    .have("chi-squared", le(sp.log(1 + _D), _D), by=[log_below.at(t=1 + _D), quick]),
)

fit_ratio = opaque(
    "categorical/fit_ratio",
    "fit_ratio(e) = least KL loss of a log-bilinear head of width d over half the sum of sigma_i(B)^2, i > d, "
    "at p + e r",
    bounds=(0, None),
)
ratio_limit = opaque("categorical/ratio_limit", "ratio_limit() = the limit of fit_ratio(e) for e to 0")
_first_order = Gap(
    "not written out: the rows of a head whose loss is O(eps^2) are within O(eps) of the data (Pinsker), so that "
    "its loss is half the squared distance of B from a matrix of rank d after projection, up to O(eps^3); the least "
    "such distance is that of the truncated matrix (Eckart and Young)"
)
weak_dependence_svd = Claim(
    id="categorical/weak_dependence_svd",
    title="Weak dependence: NLL is a truncated SVD",
    kind=Kind.ASYMPTOTIC,
    text=(
        "p_x = p + eps r_x: the least E KL(p_X || q_X) over heads b(w) + <h_x, g_w> of width d is half the sum of "
        "sigma_i(B)^2 over i > d, up to O(eps^3): their ratio tends to 1, and span h to the top left singular functions"
    ),
    parameters=(),
    statements=(equal(ratio_limit(), 1, label="limit"),),
    source=Source("huang2019", "weak-dependence regime of the log-loss", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/spectral_alignment_as_stated",),
    derivation=derive().have("limit", eq(ratio_limit(), 1), by=_first_order),
)
