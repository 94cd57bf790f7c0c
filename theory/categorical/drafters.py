"""Which drafter is best, and how random it is (specification `categorical` 2.2).

Main statements
    optimal_drafter           greedy filling attains the largest acceptance
    draft_entropy_as_stated   "effective drafters are more stochastic than verifiers": refuted
    draft_entropy_gap         the KL-optimal drafter's mean entropy exceeds the verifier's by the deficit
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.acceptance import k, over_tokens
from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Gap, Shannon
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source
from theory.verdict import Verdict

best = sp.Function("best", real=True)
gain, gain_best = (sp.Function(name, real=True) for name in ("gain", "gain_best"))
_V = V.symbol
_acceptance = over_tokens(gain(k))
_greedy = over_tokens(gain_best(k))
optimal_drafter = Claim(
    id="categorical/optimal_drafter",
    title="The acceptance-optimal drafter",
    kind=Kind.EQUALITY,
    text="placeholder",
    parameters=(V,),
    functions=(gain, gain_best),
    hypotheses=(Forall((k,), le(gain(k), gain_best(k))),),
    statements=(upper(_acceptance, _greedy, label="best"),),
    source=OWN,
    status=Status.OWN,
    derivation=derive().have("best", le(_acceptance, _greedy), by=Gap("placeholder")),
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
