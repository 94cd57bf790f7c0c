"""Encoders that lose nothing (specification `categorical` 2.2).

Main statements
    injective_encoder   where f_enc is injective the deficit is 0 and every state metric is one of the contexts
"""

from __future__ import annotations

from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon
from theory.proposition import eq
from theory.source import OWN

_INJECTIVE = "H = f(X), X = g(H)"
_deficit, _surplus, _ceiling = information("I(X;F|H,W)"), information("I(H;F|W)"), information("I(X;F|W)")
injective_encoder = Claim(
    id="categorical/injective_encoder",
    title="Injective encoders make state metrics trivial",
    kind=Kind.EQUALITY,
    text="placeholder",
    parameters=(),
    statements=(
        equal(_deficit, 0, label="deficit"),
        equal(_surplus, _ceiling, label="surplus"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("deficit", eq(_deficit, 0), by=Shannon(given=_INJECTIVE))
    .have("surplus", eq(_surplus, _ceiling), by=Shannon(given=_INJECTIVE)),
)
