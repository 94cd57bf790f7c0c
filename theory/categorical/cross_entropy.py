"""What the cross-entropy is made of (specification `categorical` 2.3).

Main statements
    cross_entropy_split       L_CE = L_KL + H(W | X): same minimisers, and L_KL = 0 only where the rows agree

That a model which reads the context through a state splits further is in `cross_entropy_terms`.
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.row_laws import (
    contexts,
    cross_entropy,
    divergence,
    entropy,
    k,
    mean,
    mu,
    over_tokens,
    p,
    q,
    rows,
    total_variation,
    u,
    v,
    weights,
    x,
)
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.pinsker import pinsker
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source

_other = sp.Function("other", real=True)
_log_loss = cross_entropy(p, q)
_a = Parameter("a", "a", "a probability of the data", reals(0, open="lower"), (0.1, 1))
_b = Parameter("b", "b", "a probability of the model", reals(0, open="lower"), (0.1, 1))
log_loss_of_token = Lemma(
    "categorical/log_loss_of_token",
    "log(1/q) = log(p/q) + log(1/p)",
    (_a, _b),
    eq(-_a.symbol * sp.log(_b.symbol), _a.symbol * sp.log(_a.symbol / _b.symbol) - _a.symbol * sp.log(_a.symbol)),
    backing=derive().have(
        "logarithm",
        eq(-_a.symbol * sp.log(_b.symbol), _a.symbol * sp.log(_a.symbol / _b.symbol) - _a.symbol * sp.log(_a.symbol)),
        by=algebra,
    ),
)
_split_row = over_tokens(p(x, k) * sp.log(p(x, k) / q(x, k)) - p(x, k) * sp.log(p(x, k)))
split_of_row = Lemma(
    "categorical/split_of_row",
    "Cross-entropy of one row",
    (V,),
    Forall((u,), eq(cross_entropy(p, q, u), divergence(p, q, u) + entropy(p, u))),
    hypotheses=(Forall((x, k), gt(p(x, k), 0)), Forall((x, k), gt(q(x, k), 0))),
    functions=(p, q),
    statement="log(1/q) = log(p/q) + log(1/p), averaged over the row of p",
    backing=derive()
    .have(
        "one token",
        Forall((u, v), eq(-p(u, v) * sp.log(q(u, v)), p(u, v) * sp.log(p(u, v) / q(u, v)) - p(u, v) * sp.log(p(u, v)))),
        by=[
            fact("hypothesis 1", x=u, k=v),
            fact("hypothesis 2", x=u, k=v),
            log_loss_of_token.at(a=p(u, v), b=q(u, v)),
        ],
    )
    .have("row", Forall((u,), eq(cross_entropy(p, q, u), _split_row.xreplace({x: u}))), by=[Termwise(), "one token"])
    .have("linear", Forall((u,), eq(_split_row.xreplace({x: u}), divergence(p, q, u) + entropy(p, u))), by=algebra)
    .have(
        "split",
        Forall((u,), eq(cross_entropy(p, q, u), divergence(p, q, u) + entropy(p, u))),
        by=[fact("row", u=u), fact("linear", u=u), quick],
    ),
)
mean_split = Lemma(
    "categorical/mean_split",
    "Cross-entropy of all rows",
    (contexts, V),
    eq(mean(cross_entropy(p, q)), mean(divergence(p, q)) + mean(entropy(p))),
    hypotheses=(Forall((x, k), gt(p(x, k), 0)), Forall((x, k), gt(q(x, k), 0))),
    functions=(mu, p, q),
    backing=derive()
    .have(
        "row",
        Forall((u,), eq(cross_entropy(p, q, u), divergence(p, q, u) + entropy(p, u))),
        by=["hypothesis 1", "hypothesis 2", split_of_row.at()],
    )
    .have(
        "weighted",
        Forall((u,), eq(mu(u) * cross_entropy(p, q, u), mu(u) * (divergence(p, q, u) + entropy(p, u)))),
        by=[fact("row", u=u), quick],
    )
    .have("rows", eq(mean(cross_entropy(p, q)), mean(divergence(p, q) + entropy(p))), by=[Termwise(), "weighted"])
    .have("linear", eq(mean(divergence(p, q) + entropy(p)), mean(divergence(p, q)) + mean(entropy(p))), by=algebra)
    .have(
        "split",
        eq(mean(cross_entropy(p, q)), mean(divergence(p, q)) + mean(entropy(p))),
        by=["rows", "linear", quick],
    ),
)
_loss, _of_other = mean(cross_entropy(p, q)), mean(cross_entropy(p, _other))
_excess, _excess_other = mean(divergence(p, q)), mean(divergence(p, _other))
_squared = mean(2 * total_variation(p, q) ** 2)
cross_entropy_split = Claim(
    id="categorical/cross_entropy_split",
    title="Cross-entropy = KL + entropy",
    kind=Kind.EQUALITY,
    text=(
        "L_CE = L_KL + H_data(W | X), where p(x, .) is the row of the data in context x and q(x, .) that of the model. "
        "Two models differ as much in L_CE as in L_KL, so both have the same minimisers; L_KL >= 2 E TV(p_X, q_X)^2: "
        "L_KL >= 0, and L_KL = 0 only if q_X = p_X almost surely. A token with q = 0 < p makes both sides infinite."
    ),
    parameters=(contexts, V),
    functions=(mu, p, q, _other),
    hypotheses=(*weights, *rows(p, q, _other)),
    statements=(
        equal(_loss, _excess + mean(entropy(p)), label="split"),
        equal(_loss - _of_other, _excess - _excess_other, label="minimisers"),
        lower(_excess, _squared, label="zero set"),
    ),
    source=Source("zhang2025", "Thm 5.1, App. A.1"),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "split",
        eq(_loss, _excess + mean(entropy(p))),
        by=["hypothesis 3", "hypothesis 5", mean_split.at()],
        note="log(1/q) = log(p/q) + log(1/p)",
    )
    .have(
        "other model",
        eq(_of_other, _excess_other + mean(entropy(p))),
        by=["hypothesis 3", "hypothesis 7", mean_split.at(q=_other)],
    )
    .have("minimisers", eq(_loss - _of_other, _excess - _excess_other), by=["split", "other model", quick])
    .have(
        "pinsker",
        Forall((u,), le(2 * total_variation(p, q, u) ** 2, divergence(p, q, u))),
        by=[
            "hypothesis 3",
            "hypothesis 5",
            fact("hypothesis 4", x=u),
            fact("hypothesis 6", x=u),
            pinsker.at(top=V.symbol - 1, p=sp.Lambda((k,), p(u, k)), q=sp.Lambda((k,), q(u, k))),
        ],
    )
    .have(
        "weighted",
        Forall((u,), le(mu(u) * (2 * total_variation(p, q, u) ** 2), mu(u) * divergence(p, q, u))),
        by=[fact("hypothesis 1", x=u), fact("pinsker", u=u), quick],
    )
    .have("averaged", le(_squared, _excess), by=[Termwise(), "weighted"])
    .have("zero set", ge(_excess, _squared), by="averaged"),
)
