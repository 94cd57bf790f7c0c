"""Convergence to the stationary law (specification 2.B).

Main statements
    convergence_as_stated   the printed rate (1-2 eps)^(floor(n/K)-1), entrywise
    convergence_dobrushin   kappa(A)^q in total variation, the sharpest of the block bounds

Notation: A = P_R^K is the K-step matrix of full contexts; q = floor((n-(K-ell))/K).
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import fact
from theory.lemma import Citation, Definition, Lemma
from theory.lemmas.contraction import dobrushin_power, power_distance
from theory.markov.parameters import K, ell, kappa, n, start_distance
from theory.proposition import Forall, ge, le
from theory.source import OWN, Source

_t = sp.Symbol("t", integer=True, nonnegative=True)

blocks = sp.floor((n.symbol - K.symbol + ell.symbol) / K.symbol)
reaches_full_contexts = ge(n.symbol, K.symbol - ell.symbol)

full_distance = Definition(
    "markov/full_distance",
    sp.Function("full_distance", real=True, nonnegative=True),
    "full_distance(t) = max over full contexts x of d_TV(P_R^t(x,.), pi) (D7, starts R)",
    latex=r"d_{\mathcal R}(t)",
    bounds=(0, 1),
)
mixture_of_full_contexts = Lemma(
    "markov/mixture_of_full_contexts",
    "After K - ell steps the law lives on full contexts, and a mixture is no further from pi than its worst part",
    (K, ell, n),
    le(start_distance(ell.symbol, n.symbol), full_distance(n.symbol - K.symbol + ell.symbol)),
    hypotheses=(reaches_full_contexts,),
    backing=Citation(Source("levin2017", "section 4.4, eq. (4.22)", recheck=True)),
)
whole_blocks = Lemma(
    "markov/whole_blocks",
    "d is non-increasing, and K t steps of P_R are t steps of A",
    (K,),
    Forall((_t,), le(full_distance(_t), power_distance(sp.floor(_t / K.symbol)))),
    backing=Citation(Source("levin2017", "exercise 4.2", recheck=True)),
)

convergence_dobrushin = Claim(
    id="markov/convergence_dobrushin",
    title="Convergence under the Dobrushin coefficient of A",
    kind=Kind.UPPER,
    text="d_TV(Q^n(i,.), pi) <= kappa(A)^q with q = floor((n-(K-ell))/K), for a start i of length ell and n >= K-ell",
    parameters=(K, n, ell, kappa),
    assumptions=(POSITIVE,),
    hypotheses=(reaches_full_contexts,),
    statements=(upper(start_distance(ell.symbol, n.symbol), kappa.symbol**blocks, trivial=1),),
    source=Source("dobrushin1956"),
    status=Status.SHARPENED,
    derivation=derive(start_distance(ell.symbol, n.symbol))
    .le(by=mixture_of_full_contexts.at(), name="full contexts")
    .le(power_distance(blocks), by=whole_blocks.at(), name="whole blocks")
    .le(by=dobrushin_power.at(q=blocks), name="contract", note="Dobrushin's contraction, q times"),
)
