"""Information surplus of a hidden state over the next token (specification `categorical` 2.2)."""

from __future__ import annotations

from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Shannon
from theory.proposition import eq
from theory.source import Source

_joint = information("I(H;W,F)")
_next = information("I(H;W)")
_surplus = information("I(H;F|W)")
_block = information("I(H;A,B,C|W)")
_first, _second, _third = information("I(H;A|W)"), information("I(H;B|W,A)"), information("I(H;C|W,A,B)")

surplus_identity = Claim(
    id="categorical/surplus_identity",
    title="Surplus is a conditional mutual information",
    kind=Kind.EQUALITY,
    text=(
        "I(H; W_t, F) = I(H; W_t) + Surplus, where Surplus = I(H; F | W_t), and the surplus of a block is the sum of "
        "the surpluses of its tokens (three further tokens are written out)"
    ),
    parameters=(),
    statements=(
        equal(_joint, _next + _surplus, label="surplus"),
        equal(_block, _first + _second + _third, label="block"),
    ),
    source=Source("zhang2025", "eqs. (4.1)-(4.2), App. A.3"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("chain rule", eq(_joint, _next + _surplus), by=Shannon(), note="both sides expand identically")
    .have("token by token", eq(_block, _first + _second + _third), by=Shannon()),
)
