"""The Bayes predictor of random Markov chains (specification 2.G, D24).

Main statements
    icl_bayes_optimal   add-a is the posterior predictive for Dirichlet(a) rows; no predictor has a smaller log-loss

Losses are in nats. s numbers the prompts x_1..x_n, w(s) is the probability of a prompt.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FIRST_ORDER
from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, SingleTerm, Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters_icl import states
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source

pseudocount = Parameter("a", "a", "parameter of the Dirichlet law of the rows", reals(0, sp.oo, open="lower"), (0.1, 4))
visits = Parameter("n_x", "n_x", "transitions out of x seen so far", integers(0), (0, 100))
seen = Parameter("n_xy", "n_{xy}", "transitions from x to y seen so far", integers(0), (0, 50))
others = Parameter(
    "others", "r", "product of the rising factorials of the other counts", reals(0, sp.oo, open="lower"), (0.1, 10)
)
ratio = Parameter("z", "z", "a ratio of probabilities", reals(0, sp.oo, open="lower"), (0.1, 4))
first_factor = Parameter("factor_xy", "R", "rising factorial of a", reals(0, sp.oo, open="lower"), (0.1, 4))
second_factor = Parameter("factor_x", "S", "rising factorial of d a", reals(0, sp.oo, open="lower"), (0.1, 4))
_f1, _f2 = first_factor.symbol, second_factor.symbol
prompts = Parameter("prompts", r"|\mathcal S|", "number of prompts", integers(1), (1, 100))
truth = Parameter("truth", "p", "probability of a state given the prompt", reals(0, sp.oo, open="lower"), (0.01, 1))
answer = Parameter("answer", "q", "probability that a predictor gives it", reals(0, sp.oo, open="lower"), (0.01, 1))
_d, _a, _nx, _nxy, _r = states.symbol, pseudocount.symbol, visits.symbol, seen.symbol, others.symbol
_p, _q = truth.symbol, answer.symbol
_s = sp.Symbol("s", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_t = sp.Symbol("t", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_b = sp.Symbol("b_", positive=True)
posterior, predictor, weight, stationary_law = (sp.Function(n, real=True) for n in ("p_s", "q_s", "w_s", "pi_x"))
_rising = sp.Function("rising", real=True)
rising = Definition(
    "markov/rising",
    _rising,
    "rising(b, k) = b (b+1) ... (b+k-1)",
    (
        Forall((_b,), eq(_rising(_b, 0), 1)),
        Forall((_b, _k), eq(_rising(_b, _k + 1), _rising(_b, _k) * (_b + _k))),
    ),
)
row_marginal = opaque(
    "markov/row_marginal",
    "row_marginal(k, r, n) = probability of n successors of a state, in their order, k of which are y, when the row is "
    "Dirichlet(a) on d states; r = product of rising(a, k') over the counts k' of the other states",
    bounds=(0, 1),
    nonnegative=True,
)
_k1, _n1 = (sp.Symbol(n, integer=True, nonnegative=True) for n in ("k_", "n_"))
_r1 = sp.Symbol("r_", positive=True)
predictive = defined(
    "markov/predictive",
    "predictive(k, r, n) = posterior probability that the next successor is y",
    (_k1, _r1, _n1),
    row_marginal(_k1 + 1, _r1, _n1 + 1) / row_marginal(_k1, _r1, _n1),
)
row_divergence = opaque(
    "markov/row_divergence",
    "row_divergence(x) = limit of n_x E d_KL(P(.|x) || add-1) as n_x grows, nats",
    bounds=(0, None),
    nonnegative=True,
)
dirichlet_rows = opaque(
    "markov/dirichlet_rows",
    "dirichlet_rows(d, a) = 1 where row_marginal speaks of Dirichlet(a) rows on d states, else 0",
    integer=True,
    nonnegative=True,
)
bayes_limit = opaque(
    "markov/bayes_limit",
    "bayes_limit(d) = limit of N times the mean KL risk of add-1 after N transitions of a stationary chain, nats",
)
dirichlet_multinomial = Lemma(
    "markov/dirichlet_multinomial",
    "Probability of a sequence of draws under a Dirichlet prior",
    (states, pseudocount, seen, others, visits),
    eq(row_marginal(_nxy, _r, _nx), rising(_a, _nxy) * _r / rising(_d * _a, _nx)),
    hypotheses=(eq(dirichlet_rows(_d, _a), 1),),
    backing=Citation(Source("johnson1997", "ch. 35, Dirichlet-compound multinomial", recheck=True)),
)
add_one_divergence = Lemma(
    "markov/add_one_divergence",
    "n E d_KL(p || add-1) tends to (d-1)/2 for a law p on d states without zeros",
    (states, pseudocount),
    Forall((_x,), eq(row_divergence(_x), (_d - 1) / 2)),
    hypotheses=(eq(dirichlet_rows(_d, _a), 1),),
    backing=derive().have(
        "expansion",
        Forall((_x,), eq(row_divergence(_x), (_d - 1) / 2)),
        by=Gap(
            "second-order expansion of the logarithm at a law without zeros, not formalised; Braess and Sauer (2004), "
            "(1.2), state the limit of the empirical entropy for two letters, and their theorem is about another rule"
        ),
    ),
)
_growing = sp.Symbol("g", positive=True)
rising_positive = Lemma(
    "markov/rising_positive",
    "Rising factorials of a positive number are positive",
    (pseudocount, seen),
    gt(rising(_a, _nxy), 0),
    backing=derive()
    .have("start", eq(rising(_a, 0), 1), by=[unfold(rising, b_=_a), quick])
    .have("next", Forall((_k,), eq(rising(_a, _k + 1), rising(_a, _k) * (_a + _k))), by=[unfold(rising, b_=_a, k=_k)])
    .have("all", Forall((_k,), gt(rising(_a, _k), 0)), by=[Induction(_k), "start", fact("next", k=_k), quick])
    .have("at the count", gt(rising(_a, _nxy), 0), by=fact("all", k=_nxy)),
)
log_tangent = Lemma(
    "markov/log_tangent",
    "log z <= z - 1",
    (ratio,),
    le(sp.log(ratio.symbol), ratio.symbol - 1),
    backing=derive().have("tangent", le(sp.log(ratio.symbol), ratio.symbol - 1), by=quick),
)
gibbs_term = Lemma(
    "markov/gibbs_term",
    "p log(p/q) >= p - q",
    (truth, answer),
    ge(_p * (sp.log(_p) - sp.log(_q)), _p - _q),
    backing=derive()
    .have("tangent", le(sp.log(_q / _p), _q / _p - 1), by=log_tangent.at(z=_q / _p))
    .have("times p", le(_p * sp.log(_q / _p), _q - _p), by=["tangent", quick])
    .have("logarithm", eq(_p * sp.log(_q / _p), _p * sp.log(_q) - _p * sp.log(_p)), by=algebra)
    .have("term", ge(_p * (sp.log(_p) - sp.log(_q)), _p - _q), by=["times p", "logarithm", quick]),
)
ratio_of_marginals = Lemma(
    "markov/ratio_of_marginals",
    "The ratio of two marginals whose counts differ by one",
    (states, pseudocount, seen, others, visits, first_factor, second_factor),
    eq(
        (_f1 * (_a + _nxy) * _r / (_f2 * (_d * _a + _nx))) / (_f1 * _r / _f2),
        (_nxy + _a) / (_nx + _d * _a),
    ),
    backing=derive().have(
        "cancel",
        eq((_f1 * (_a + _nxy) * _r / (_f2 * (_d * _a + _nx))) / (_f1 * _r / _f2), (_nxy + _a) / (_nx + _d * _a)),
        by=algebra,
    ),
)


def _over(term: Any) -> sp.Sum:
    return sp.Sum(term, (_y, 0, _d - 1))


def _mean(term: Any) -> sp.Sum:
    return sp.Sum(weight(_s) * term, (_s, 0, prompts.symbol - 1))


def _loss(law: Any, at: Any) -> sp.Sum:
    return _over(-posterior(at, _y) * sp.log(law(at, _y)))


def _divergence(at: Any) -> sp.Sum:
    return _over(posterior(at, _y) * (sp.log(posterior(at, _y)) - sp.log(predictor(at, _y))))


_any, _bayes, _excess = _mean(_loss(predictor, _s)), _mean(_loss(posterior, _s)), _mean(_divergence(_s))
_at = (fact("hypothesis 2", s=_t, y=_k), fact("hypothesis 3", s=_t, y=_k))
_laws = (fact("hypothesis 4", s=_t), fact("hypothesis 5", s=_t))

icl_bayes_optimal = Claim(
    id="markov/icl_bayes_optimal",
    title="Add-a is the Bayes predictor of chains with Dirichlet(a) rows",
    kind=Kind.EQUALITY,
    text=(
        "Rows of P independent Dirichlet(a), X_1 uniform and independent of P: the posterior predictive is add-a; "
        "every predictor q has E[-log q(X_(n+1)|X_1..X_n)] = Bayes loss + E d_KL(add-a || q) >= Bayes loss; the mean "
        "KL risk of add-1 is asymptotically d(d-1)/(2N). Optimal for log-loss, not for total variation"
    ),
    parameters=(states, pseudocount, seen, others, visits, prompts),
    functions=(posterior, predictor, weight),
    assumptions=(FIRST_ORDER,),
    hypotheses=(
        Forall((_s,), ge(weight(_s), 0)),
        Forall((_s, _y), gt(posterior(_s, _y), 0)),
        Forall((_s, _y), gt(predictor(_s, _y), 0)),
        Forall((_s,), eq(_over(posterior(_s, _y)), 1)),
        Forall((_s,), eq(_over(predictor(_s, _y)), 1)),
        Forall((_x,), gt(stationary_law(_x), 0)),
        eq(dirichlet_rows(_d, _a), 1),
    ),
    statements=(
        equal(predictive(_nxy, _r, _nx), (_nxy + _a) / (_nx + _d * _a), label="posterior"),
        equal(_any, _bayes + _excess, label="excess"),
        lower(_any, _bayes, label="loss"),
        equal(bayes_limit(_d), _d * (_d - 1) / 2, label="asymptote"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(predictive(_nxy, _r, _nx))
    .have("positive count", gt(rising(_a, _nxy), 0), by=rising_positive.at())
    .have("positive visits", gt(rising(_d * _a, _nx), 0), by=rising_positive.at(a=_d * _a, n_xy=_nx))
    .have("one more y", eq(rising(_a, _nxy + 1), rising(_a, _nxy) * (_a + _nxy)), by=unfold(rising, b_=_a, k=_nxy))
    .have(
        "one more visit",
        eq(rising(_d * _a, _nx + 1), rising(_d * _a, _nx) * (_d * _a + _nx)),
        by=unfold(rising, b_=_d * _a, k=_nx),
    )
    .eq(
        row_marginal(_nxy + 1, _r, _nx + 1) / row_marginal(_nxy, _r, _nx),
        by=unfold(predictive, k_=_nxy, r_=_r, n_=_nx),
        name="Bayes' rule",
    )
    .eq(
        (rising(_a, _nxy) * (_a + _nxy) * _r / (rising(_d * _a, _nx) * (_d * _a + _nx)))
        / (rising(_a, _nxy) * _r / rising(_d * _a, _nx)),
        by=[
            "positive count",
            "positive visits",
            "one more y",
            "one more visit",
            "hypothesis 7",
            dirichlet_multinomial.at(),
            dirichlet_multinomial.at(n_xy=_nxy + 1, n_x=_nx + 1),
            algebra,
        ],
        name="marginals",
    )
    .eq(
        (_nxy + _a) / (_nx + _d * _a),
        by=[
            "positive count",
            "positive visits",
            ratio_of_marginals.at(factor_xy=rising(_a, _nxy), factor_x=rising(_d * _a, _nx)),
        ],
        name="cancel",
    )
    .have(
        "loss at a prompt",
        Forall((_t,), eq(_loss(predictor, _t), _loss(posterior, _t) + _divergence(_t))),
        by=algebra,
    )
    .have(
        "weighted",
        Forall(
            (_t,),
            eq(weight(_t) * _loss(predictor, _t), weight(_t) * _loss(posterior, _t) + weight(_t) * _divergence(_t)),
        ),
        by=[fact("loss at a prompt", t=_t), algebra],
    )
    .have(
        "mean",
        eq(
            _any,
            sp.Sum(weight(_s) * _loss(posterior, _s) + weight(_s) * _divergence(_s), (_s, 0, prompts.symbol - 1)),
        ),
        by=[Termwise(), "weighted"],
    )
    .have(
        "apart",
        eq(
            sp.Sum(weight(_s) * _loss(posterior, _s) + weight(_s) * _divergence(_s), (_s, 0, prompts.symbol - 1)),
            _bayes + _excess,
        ),
        by=algebra,
    )
    .have("excess", eq(_any, _bayes + _excess), by=["mean", "apart", algebra])
    .have(
        "Gibbs",
        Forall(
            (_t, _k),
            ge(
                posterior(_t, _k) * (sp.log(posterior(_t, _k)) - sp.log(predictor(_t, _k))),
                posterior(_t, _k) - predictor(_t, _k),
            ),
        ),
        by=[*_at, gibbs_term.at(truth=posterior(_t, _k), answer=predictor(_t, _k))],
    )
    .have(
        "Gibbs at a prompt",
        Forall((_t,), ge(_divergence(_t), _over(posterior(_t, _y) - predictor(_t, _y)))),
        by=[Termwise(), "Gibbs"],
    )
    .have(
        "equal mass",
        Forall((_t,), eq(_over(posterior(_t, _y) - predictor(_t, _y)), 0)),
        by=[*_laws, algebra],
    )
    .have(
        "weighted Gibbs",
        Forall((_t,), ge(weight(_t) * _divergence(_t), 0)),
        by=[fact("Gibbs at a prompt", t=_t), fact("equal mass", t=_t), fact("hypothesis 1", s=_t), quick],
    )
    .have("Gibbs inequality", ge(_excess, 0), by=[SingleTerm(0), "weighted Gibbs"])
    .have("loss", ge(_any, _bayes), by=["excess", "Gibbs inequality", quick])
    .have(
        "divergence of a row",
        Forall((_k,), eq(stationary_law(_k) * (row_divergence(_k) / stationary_law(_k)), (_d - 1) / 2)),
        by=[fact("hypothesis 6", x=_k), "hypothesis 7", add_one_divergence.at(), quick],
    )
    .have(
        "rows",
        eq(
            sp.Sum(stationary_law(_x) * (row_divergence(_x) / stationary_law(_x)), (_x, 0, _d - 1)),
            sp.Sum((_d - 1) / 2, (_x, 0, _d - 1)),
        ),
        by=[Termwise(), "divergence of a row"],
    )
    .have("number of rows", eq(sp.Sum((_d - 1) / 2, (_x, 0, _d - 1)), _d * (_d - 1) / 2), by=algebra)
    .have(
        "limit inside",
        eq(
            bayes_limit(_d),
            sp.Sum(stationary_law(_x) * (row_divergence(_x) / stationary_law(_x)), (_x, 0, _d - 1)),
        ),
        by=Gap("exchanges the limit and the mean over the random numbers of visits n_x, of which n_x/N tends to pi(x)"),
    )
    .have(
        "asymptote",
        eq(bayes_limit(_d), _d * (_d - 1) / 2),
        by=["rows", "number of rows", "limit inside", quick],
    ),
)
