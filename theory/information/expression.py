"""Entropic expressions as one writes them: `H("X,Y|Z")`, `I("X;Y|Z")`, `TC("X;Y;Z")`, `parse("H(X) - 2*I(X;Y)")`.

>>> str(I("X;Y|Z") + 2 * H("X|Z"))
'I(X;Y|Z) + 2*H(X|Z)'
>>> I("X;Y") == H("X") + H("Y") - H("X,Y")
True
"""

from __future__ import annotations

from theory.information.grammar import parse_expression
from theory.information.linear_entropy import LinearEntropy

__all__ = ["TC", "H", "I", "LinearEntropy", "parse"]


def parse(text: str) -> LinearEntropy:
    """Read a linear combination of entropies. Raises `GrammarError` with the position."""
    return parse_expression(text)


def H(groups: str) -> LinearEntropy:
    """Entropy, in nats: `H("X,Y|Z")`."""
    return parse_expression(f"H({groups})")


def I(groups: str) -> LinearEntropy:  # noqa: E743  the standard name of mutual information
    """Mutual information, in nats: `I("X;Y|Z")`."""
    return parse_expression(f"I({groups})")


def TC(groups: str) -> LinearEntropy:
    """Total correlation, in nats: `TC("X;Y;Z|W")`."""
    return parse_expression(f"TC({groups})")
