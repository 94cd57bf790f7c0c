"""Heads that draft several tokens at once from the state alone (specification `categorical` 2.2).

Main statements
    parallel_heads   their least KL from the verifier is deficit + total correlation + information of the next token
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon
from theory.proposition import eq
from theory.source import OWN

_deficit = information("I(X;F|H,W)")
_blind = information("I(F;W|H)")
_own = sp.Function("own", real=True)()
parallel_heads = Claim(
    id="categorical/parallel_heads",
    title="Cost of parallel (blind) heads",
    kind=Kind.EQUALITY,
    text="placeholder",
    parameters=(),
    statements=(
        equal(
            information("H(A|H)") + information("H(B|H)") - information("H(A,B|X,W)"),
            information("I(X;A,B|H,W)") + information("TC(A;B|H)") + information("I(A,B;W|H)"),
            label="split",
        ),
    ),
    source=OWN,
    status=Status.CORRECTED,
    derivation=derive().have(
        "split",
        eq(
            information("H(A|H)") + information("H(B|H)") - information("H(A,B|X,W)"),
            information("I(X;A,B|H,W)") + information("TC(A;B|H)") + information("I(A,B;W|H)"),
        ),
        by=Shannon(given="H = f(X)"),
    ),
)
