"""Entropies and mutual informations as SymPy atoms, so that claims and derivations can speak of them."""

from __future__ import annotations

import sympy as sp

from theory.information.grammar import parse_expression


def information(text: str) -> sp.Expr:
    """The real number `text` stands for in the prover's grammar, e.g. "I(H;W,F)" or "H(F|W)", in nats.

    Raises GrammarError with a position where the text is malformed.
    """
    parse_expression(text)
    return sp.Function(text, real=True)()
