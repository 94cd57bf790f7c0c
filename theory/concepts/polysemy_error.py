"""The error when words carry other concepts beside the task's (specification `concepts` 2.C).

Main statements
    clean_attention   other concepts of the query alone leave the attention of a balanced prompt as it was
    polysemy_error    the error is at most the probability that a demonstration carries another concept
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.concepts.attention import COUNTED, SIGNS, agree, al, balanced_attention, eq_, score, sign, theta
from theory.concepts.parameters import K1, L, b, nm, np, rho1
from theory.concepts.polysemy_counts import (
    BARE,
    BITS,
    active,
    all_patterns,
    bit,
    grade,
    likelihood,
    other_concepts,
    over_patterns,
    pattern_digits,
    weighted,
)
from theory.derivation import derive
from theory.justification import Gap, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

_l, _h, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("l", "h", "k"))
_j = sp.Symbol("j", integer=True, nonnegative=True)  # a concept; the part of the task's own is stated apart
_L, _K, _rho, _b, _al, _np, _nm = (p.symbol for p in (L, K1, rho1, b, al, np, nm))
carried, added, errs = (sp.Function(name, real=True) for name in ("carried", "added", "errs"))

_extra = sp.Sum(carried(_l, _j) * added(_l, _j), (_j, 0, _K - 1))
clean_attention = Lemma(
    "concepts/clean_attention",
    "Concepts that no demonstration carries add nothing to a score",
    (np, nm, K1, b, al, eq_),
    gt(theta, 0),
    hypotheses=(
        *SIGNS,
        COUNTED,
        Forall((_l,), eq(score(_l), _al + agree * _b + _extra)),
        Forall((_l, _j), eq(carried(_l, _j), 0)),
        eq(_nm, _np),
        gt(_b, 0),
    ),
    functions=(sign, score, carried, added),
    backing=derive()
    .have(
        "each",
        Forall((_l, _j), eq(carried(_l, _j) * added(_l, _j), 0)),
        by=[fact("hypothesis 5", l=_l, j=_j), quick],
    )
    .have("nothing", Forall((_l,), eq(_extra, sp.Sum(sp.S.Zero, (_j, 0, _K - 1)))), by=[Termwise(), "each"])
    .have("zeros", eq(sp.Sum(sp.S.Zero, (_j, 0, _K - 1)), 0), by=algebra)
    .have("no more", Forall((_l,), eq(_extra, 0)), by=["nothing", "zeros", quick])
    .have(
        "clean",
        Forall((_l,), eq(score(_l), _al + agree * _b)),
        by=[fact("no more", l=_l), fact("hypothesis 4", l=_l), quick],
    )
    .have(
        "theta",
        eq(theta, sp.tanh(_b)),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", "clean", "hypothesis 6", balanced_attention.at()],
    )
    .have("tanh", gt(sp.tanh(_b), 0), by=["hypothesis 7", decide])
    .have("positive", gt(theta, 0), by=["theta", "tanh", quick]),
)

_size = 2 ** (_L + 1)
_others = _K - 1
_likely, _bare = likelihood(_L, _others), grade(BARE, _L, _others)
_error, _mass, _kept, _left = (
    over_patterns(term, _L, _others) for term in (_likely * errs(_h), _likely, _likely * _bare, _likely * (1 - _bare))
)
_four = tuple(f"hypothesis {k}" for k in (1, 2, 3, 4))

polysemy_error = Claim(
    id="concepts/polysemy_error",
    title="Other concepts in the demonstrations bound the error",
    kind=Kind.UPPER,
    text=(
        "balanced prompts of a learned concept, no noise and no irrelevant atoms; every other concept is active in "
        "each word with probability rho_1, independently. The error is at most 1 - (1 - rho_1)^(L (K_1 - 1)), the "
        "probability that some demonstration carries another concept: else scores and value are those of a clean "
        "prompt, whatever the query carries, and the prompt is read right"
    ),
    parameters=(K1, L, rho1),
    functions=(bit, active, errs),
    hypotheses=(
        *BITS,
        *pattern_digits(_size),
        Forall((_h,), ge(_likely, 0)),
        Forall((_h,), le(errs(_h), 1)),
    ),
    statements=(upper(_error, 1 - (1 - _rho) ** (_L * _others), trivial=1, label="error"),),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "loose: the measured error grows like rho_1^2, for a concept of one demonstration alone changes no score that "
        "the query does not share (concepts/polysemy_interference)",
    ),
    derivation=derive()
    .have(
        "clean prompts are right",
        Forall((_h,), le(errs(_h), 1 - _bare)),
        by=Gap(
            "where no demonstration carries another concept the attention is clean (concepts/clean_attention, proved) "
            "and the prompt is read right (concepts/readout_error); not stated over the patterns"
        ),
        note="the right side is 0 where no demonstration carries another concept, else 1",
    )
    .have("others", ge(_others, 0), by=quick)
    .have("range", ge(_size**_others - 1, 0), by=["others", quick])
    .have(
        "term",
        Forall((_h,), le(_likely * errs(_h), _likely * (1 - _bare))),
        by=[fact("clean prompts are right", h=_h), fact("hypothesis 5", h=_h), quick],
    )
    .have("terms", le(_error, _left), by=[Termwise(), "range", fact("term", h=_h)])
    .have("apart", eq(_left, _mass - _kept), by=algebra)
    .have("all", eq(_mass, 1), by=["others", *_four, all_patterns.at(n=_others)])
    .have(
        "clean patterns",
        eq(_kept, ((1 - _rho) ** _L) ** _others),
        by=["others", *_four, other_concepts.at(n=_others, **weighted(BARE))],
    )
    .have("power", eq(((1 - _rho) ** _L) ** _others, (1 - _rho) ** (_L * _others)), by=algebra)
    .have(
        "error",
        le(_error, 1 - (1 - _rho) ** (_L * _others)),
        by=["terms", "apart", "all", "clean patterns", "power", quick],
    ),
)
