"""Words that carry other concepts beside the task's (specification `concepts` 2.C).

The activities of the K_1 - 1 other concepts are those of theory.concepts.polysemy_counts.

Main statements
    polysemy_interference  how often the query and a demonstration share another concept
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.concepts.parameters import K1, L, rho1
from theory.concepts.polysemy_counts import (
    BITS,
    CLEAR,
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
from theory.justification import algebra, quick
from theory.lemmas.unions import bernoulli
from theory.proposition import eq, ge, le
from theory.source import OWN

_L, _K, _rho = L.symbol, K1.symbol, rho1.symbol
_h, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("h", "k"))
_size = 2 ** (_L + 1)
_clear = 1 - _rho + _rho * (1 - _rho) ** _L
_others = _K - 1
_mass = over_patterns(likelihood(_L, _others), _L, _others)
_interference = over_patterns(likelihood(_L, _others) * (1 - grade(CLEAR, _L, _others)), _L, _others)
_kept = over_patterns(likelihood(_L, _others) * grade(CLEAR, _L, _others), _L, _others)


_four = tuple(f"hypothesis {k}" for k in (1, 2, 3, 4))
_share = _rho * (1 - (1 - _rho) ** _L)
polysemy_interference = Claim(
    id="concepts/polysemy_interference",
    title="How often the query and a demonstration share another concept",
    kind=Kind.UPPER,
    text=(
        "every other concept is active in each word with probability rho_1, independently: the query and some "
        "demonstration share one of the K_1 - 1 other concepts with probability 1 - (1 - rho_1 + rho_1 (1 - rho_1)^L)"
        "^(K_1 - 1) <= L (K_1 - 1) rho_1^2. A shared concept j adds alpha_j +- beta_j to the score of that "
        "demonstration, as much as the task's own concept"
    ),
    parameters=(K1, L, rho1),
    functions=(bit, active),
    hypotheses=(*BITS, *pattern_digits(_size)),
    statements=(
        upper(_interference, _L * _others * _rho**2, trivial=1, label="union"),
        equal(_interference, 1 - _clear**_others, label="exact"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("others", ge(_others, 0), by=quick)
    .have("all", eq(_mass, 1), by=["others", *_four, all_patterns.at(n=_others)])
    .have("clear", eq(_kept, _clear**_others), by=["others", *_four, other_concepts.at(n=_others, **weighted(CLEAR))])
    .have("complement", eq(_interference, _mass - _kept), by=algebra)
    .have("exact", eq(_interference, 1 - _clear**_others), by=["complement", "all", "clear", quick])
    .have("long", ge((1 - _rho) ** _L, 1 - _L * _rho), by=bernoulli.at(m=_L, q=_rho))
    .have("power", ge((1 - _rho) ** _L, 0), by=quick)
    .have("at most 1", le((1 - _rho) ** _L, 1), by=quick)
    .have("not negative", ge(_share, 0), by=["at most 1", quick])
    .have("at most one", le(_share, 1), by=["power", quick])
    .have("pairs", le(_share, _L * _rho**2), by=["long", quick])
    .have(
        "concepts",
        ge((1 - _share) ** _others, 1 - _others * _share),
        by=["others", "not negative", "at most one", bernoulli.at(m=_others, q=_share)],
    )
    .have("same", eq((1 - _share) ** _others, _clear**_others), by=algebra)
    .have("product", le(_others * _share, _others * (_L * _rho**2)), by=["others", "pairs", quick])
    .have(
        "union",
        le(_interference, _L * _others * _rho**2),
        by=["exact", "concepts", "same", "product", quick],
    ),
)
