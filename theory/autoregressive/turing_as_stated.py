"""Machines have chains of polynomial length (specification `autoregressive` 2E), with the exponent made explicit."""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import cells_two_sided, n, states, symbols, tau
from theory.autoregressive.turing_binary import binary_tokens, tableau_tokens
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import algebra, decide, unfold
from theory.proposition import eq, ge, le
from theory.source import Source

_tau, _n, _Q, _A = (p.symbol for p in (tau, n, states, symbols))
_KAPPA = _Q * _A + _Q + _A
_POLYNOMIAL = 4 * _KAPPA * _tau**2
turing_as_stated = Claim(
    id="autoregressive/turing_as_stated",
    title="Every efficiently computable function has polynomial chains",
    kind=Kind.UPPER,
    text=(
        "A function computed in time T(n) has threshold circuits of size polynomial in T(n); so for every law of the "
        "prompts there are chains of length polynomial in T(n) on which training linear decoders efficiently "
        "approximates it. The exponent: for inputs no longer than tau + 1 the tableau has at most 4 (|Q||A| + |Q| + "
        "|A|) tau^2 tokens, a threshold gate each"
    ),
    parameters=(tau, n, states, symbols),
    hypotheses=(le(_n, _tau + 1),),
    statements=(upper(binary_tokens(_tau, cells_two_sided(_tau, _n), _Q, _A), _POLYNOMIAL),),
    source=Source(
        "malach2023", "Turing machine statement and its corollary, between Thm 3.6 and Thm 3.9", "v3", recheck=True
    ),
    status=Status.AS_STATED,
    remarks=(
        "the chains contain the machine's own trace: the learner is shown every step, nothing is discovered",
        "that linear decoders are learned efficiently from such chains is linear_decoder_as_stated and its refinements",
    ),
    derivation=derive(binary_tokens(_tau, cells_two_sided(_tau, _n), _Q, _A))
    .have(
        "window",
        eq(cells_two_sided(_tau, _n), _tau + sp.Max(_tau, _n - 1) + 1),
        by=[unfold(cells_two_sided, x=_tau, y=_n), algebra],
    )
    .have("at least one cell", ge(cells_two_sided(_tau, _n), 1), by=["window", decide])
    .have("not many cells", le(cells_two_sided(_tau, _n), 2 * _tau + 1), by=["window", "hypothesis 1", decide])
    .eq(
        _tau * cells_two_sided(_tau, _n) * _KAPPA + 1,
        by=["at least one cell", tableau_tokens.at(C=cells_two_sided(_tau, _n))],
        name="tableau",
    )
    .le(_tau * (2 * _tau + 1) * _KAPPA + 1, by=["not many cells", decide], name="cells")
    .le(_POLYNOMIAL, by=decide, name="square"),
)
