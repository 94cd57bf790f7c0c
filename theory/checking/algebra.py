"""Exact equality: the difference is translated to a rational function of atoms and reduced to zero."""

from __future__ import annotations

import sympy as sp

from theory.checking.translation import Translation, vanishes


def reduce_roots(image: sp.Expr, translation: Translation) -> sp.Expr:
    """Cancel a translated expression modulo the defining relations of its atoms.

    The relations are root**q = argument and sin² + cos² = 1. The result 0 proves that the expression vanishes wherever
    it is defined; another result proves nothing.
    """
    if vanishes(image):
        return sp.Integer(0)
    try:
        reduced = sp.cancel(sp.together(image))
    except sp.PolynomialError:
        return image
    for _ in range(8):
        changed = False
        numerator, denominator = sp.fraction(reduced)
        for s in sorted(numerator.free_symbols & set(translation.atoms), key=str):
            atom = translation.atoms[s]
            if atom.head == "root":
                argument, q = atom.arguments
                relation = s**q - argument
            elif atom.head == "sin":
                partner = translation._by_key.get(("cos", sp.cancel(atom.arguments[0])))
                if partner is None:
                    continue
                relation, q = s**2 + partner**2 - 1, 2
            else:
                continue
            if sp.degree(numerator, s) >= q:
                numerator = sp.rem(numerator, sp.fraction(sp.together(relation))[0], s)
                changed = True
        if not changed:
            return reduced
        reduced = sp.cancel(sp.together(numerator / denominator))
        if vanishes(reduced):
            return sp.Integer(0)
    return reduced
