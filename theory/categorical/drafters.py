"""Which drafter is best, and how random it is (specification `categorical` 2.2).

Main statements
    optimal_drafter           greedy filling attains the largest acceptance
    draft_entropy_as_stated   "effective drafters are more stochastic than verifiers": refuted
    draft_entropy_gap         the KL-optimal drafter's mean entropy exceeds the verifier's by the deficit
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.acceptance import contexts, i, k, over, over_tokens, p, w
from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Gap, Shannon, Termwise, algebra, decide, fact, quick
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

best, gain, gain_best, above, reached, missed, missed_best = (
    sp.Function(name, real=True) for name in ("best", "gain", "gain_best", "above", "reached", "missed", "missed_best")
)
drafter = sp.Function("drafter", real=True)
level = Parameter("level", r"\lambda", "slope of the last segment that is filled", reals(0), (0, 1))
_V, _m, _level = V.symbol, contexts.symbol, level.symbol
_acceptance, _greedy = over_tokens(gain(k)), over_tokens(gain_best(k))
_gain_of, _gain_best_of = over(w(i) * sp.Min(p(i, k), drafter(k))), over(w(i) * sp.Min(p(i, k), best(k)))
_up, _down = sp.Max(drafter(k) - best(k), 0), sp.Max(best(k) - drafter(k), 0)
_line = gain_best(k) + _level * (drafter(k) - best(k))
_slopes = over(w(i) * (sp.Min(p(i, k), best(k)) + above(i, k) * _up - reached(i, k) * _down))
optimal_drafter = Claim(
    id="categorical/optimal_drafter",
    title="The acceptance-optimal drafter",
    kind=Kind.EQUALITY,
    text=(
        "sup_q sum_x w(x) sum_v min(p_x(v), q(v)) is attained by greedy filling: for each token v the levels of the rows "
        "cut [0, 1] into segments of slope sum {w(x): p_x(v) > level}; segments are taken by decreasing slope until "
        "mass 1. What greedy filling leaves: with some lambda, no segment of larger slope is left out and none of smaller "
        "slope is taken, so that at best(v) the rows above have weight at most lambda and the rows that reach it at "
        "least lambda (above = 1 where p > best, 0 where p < best; the same for reached; at p = best they are 0 and 1). "
        "gain(v) = sum_x w(x) min(p_x(v), q(v)). The KL-optimal drafter misses at most twice as often as the best one."
    ),
    parameters=(V, contexts, level),
    functions=(w, p, drafter, best, gain, gain_best, above, reached, missed, missed_best),
    hypotheses=(
        Forall((i,), ge(w(i), 0)),
        Forall((k,), ge(drafter(k), 0)),
        Forall((k,), ge(best(k), 0)),
        eq(over_tokens(drafter(k)), 1),
        eq(over_tokens(best(k)), 1),
        Forall((k,), eq(gain(k), _gain_of)),
        Forall((k,), eq(gain_best(k), _gain_best_of)),
        Forall((i, k), ge(above(i, k), 0)),
        Forall((i, k), le(reached(i, k), 1)),
        Forall((i, k), ge(p(i, k) + above(i, k) * _up, sp.Min(p(i, k), best(k) + _up))),
        Forall((i, k), ge(sp.Min(p(i, k), best(k)) - reached(i, k) * _down, sp.Min(p(i, k), best(k) - _down))),
        Forall((k,), le(over(w(i) * above(i, k)), _level)),
        Forall((k,), ge(over(w(i) * reached(i, k)), _level)),
    ),
    statements=(upper(_acceptance, _greedy, label="best"), upper(missed(0), 2 * missed_best(0), label="half")),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("best", le(_acceptance, _greedy), by=Gap("placeholder"))
    .have("half", le(missed(0), 2 * missed_best(0)), by=Gap("placeholder")),
)

draft_entropy = opaque(
    "categorical/draft_entropy",
    "draft_entropy() = mean entropy of a drafter of largest acceptance",
    bounds=(0, None),
    unit="nats",
)
verify_entropy = opaque(
    "categorical/verify_entropy",
    "verify_entropy() = mean entropy of the verifier's rows",
    bounds=(0, None),
    unit="nats",
)
draft_entropy_as_stated = Claim(
    id="categorical/draft_entropy_as_stated",
    title="Drafters are more stochastic than verifiers",
    kind=Kind.LOWER,
    text=(
        "It is plausible that an effective drafter has a larger mean entropy than the verifier: Hbar(draft) > "
        "Hbar(verify), read for drafters of largest acceptance and Kullback-Leibler, with equality allowed"
    ),
    parameters=(),
    statements=(lower(draft_entropy(), verify_entropy()),),
    source=Source("zhang2025", "section 4.1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "one state with rows (.9, .1) of weight 2/3 and (.5, .5) of weight 1/3: the best drafter is (.9, .1), of entropy "
        ".325083 < .447771, the rows' mean entropy"
    ),
)

_drafter, _verifier = information("H(Y|H,W)"), information("H(Y|X,W)")
deficit_of_next = information("I(X;Y|H,W)")
draft_entropy_gap = Claim(
    id="categorical/draft_entropy_gap",
    title="Entropy gap of the KL-optimal drafter",
    kind=Kind.EQUALITY,
    text=(
        "At step t + 1, Y = W_{t+1}: the KL-optimal drafter p(. | H, W_t) has mean entropy H(Y | H, W), the verifier "
        "H(Y | X, W), and for H = f(X) the two differ by the deficit I(X; Y | H, W) >= 0"
    ),
    parameters=(),
    statements=(equal(_drafter - _verifier, deficit_of_next, label="gap"), lower(_drafter, _verifier, label="sign")),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("categorical/draft_entropy_as_stated",),
    derivation=derive()
    .have("gap", eq(_drafter - _verifier, deficit_of_next), by=Shannon(given="H = f(X)"), note="H = f(X)")
    .have("sign", ge(_drafter, _verifier), by=Shannon(given="H = f(X)"), note="conditioning on X as well"),
)
