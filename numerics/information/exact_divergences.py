"""Divergences of exact laws, as rigorous balls: the reference that float64 is held to.

Main definitions
    divergence_ball   D(p ‖ q) for a name of `divergences.TEN`, "reverse KL", "Jeffreys", or "renyi A" of any rational A
    psi_ball          Ψ_D(p), from its definition on pairs of tokens

Conventions: p and q are sequences of Fractions (ints, texts such as "1/3") that sum to exactly 1. An infinite value has
both ends ∞; every other is enclosed to about `digits` digits. Edge cases as in `divergences`.

Source: specification `categorical`, 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from numerics.information.divergences import named
from numerics.information.exact_tables import Ball, enclosure

Law: TypeAlias = Sequence[Fraction | int | str]
Pairs: TypeAlias = list[tuple[Fraction, Fraction]]
INFINITE = Ball(math.inf, math.inf)


def divergence_ball(name: str, p: Law, q: Law, digits: int = 30) -> Ball:
    """D(p ‖ q). ValueError for an unknown name, lengths that differ, or a law that does not sum to 1."""
    divergence = named(name)
    first, second = _law(p, "the first law"), _law(q, "the second law")
    if len(first) != len(second):
        raise ValueError(f"laws on {len(first)} and {len(second)} points do not live on one set")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a or b]
    if divergence.name == "reverse KL":
        return divergence_ball("KL", q, p, digits)
    if divergence.name.startswith("renyi"):
        return _renyi(pairs, divergence.name.split()[1], digits)
    escapes = any(a and not b for a, b in pairs)
    if divergence.name in ("KL", "chi2") and escapes:
        return INFINITE
    if divergence.name == "Jeffreys" and any(bool(a) != bool(b) for a, b in pairs):
        return INFINITE
    return enclosure(lambda arb, real: FORMULAS[divergence.name](pairs, arb, real), digits)


def psi_ball(name: str, p: Law, digits: int = 30) -> Ball:
    """Ψ_D(p) = D(Σ p_w δ_(w,w) ‖ p ⊗ p)."""
    law = _law(p, "the law")
    copied = [a if i == j else Fraction(0) for i, a in enumerate(law) for j in range(len(law))]
    return divergence_ball(name, copied, [a * b for a in law for b in law], digits)


def _law(values: Law, what: str) -> list[Fraction]:
    found = []
    for place, value in enumerate(values):
        if isinstance(value, float):
            raise TypeError(f"entry {place} of {what} is the float {value!r}, expected an exact rational")
        found.append(Fraction(value))
        if found[-1] < 0:
            raise ValueError(f"entry {place} of {what} is {value}, expected none below 0")
    if sum(found) != 1:
        raise ValueError(f"{what} sums to {sum(found)}, expected exactly 1")
    return found


Real = Callable[[Fraction], Any]  # a rational as a ball


def _kl(pairs: Pairs, arb: Any, real: Real) -> Any:
    return sum((real(a) * real(a / b).log() for a, b in pairs if a), arb(0))


def _tv(pairs: Pairs, arb: Any, real: Real) -> Any:
    return real(sum((abs(a - b) for a, b in pairs), Fraction(0)) / 2)


def _chi2(pairs: Pairs, arb: Any, real: Real) -> Any:
    return real(sum(((a - b) ** 2 / b for a, b in pairs), Fraction(0)))


def _hellinger(pairs: Pairs, arb: Any, real: Real) -> Any:
    return 2 - 2 * sum((real(a * b).sqrt() for a, b in pairs), arb(0))


def _js(pairs: Pairs, arb: Any, real: Real) -> Any:
    middle = [(a, (a + b) / 2) for a, b in pairs] + [(b, (a + b) / 2) for a, b in pairs]
    return _kl(middle, arb, real) / 2


def _jeffreys(pairs: Pairs, arb: Any, real: Real) -> Any:
    return sum((real(a - b) * real(a / b).log() for a, b in pairs), arb(0))


FORMULAS: dict[str, Callable[[Pairs, Any, Real], Any]] = {
    "KL": _kl,
    "TV": _tv,
    "chi2": _chi2,
    "Hel2": _hellinger,
    "JS": _js,
    "Jeffreys": _jeffreys,
}


def _renyi(pairs: Pairs, order: str, digits: int) -> Ball:
    shared = [(a, b) for a, b in pairs if a and b]
    escapes = any(a and not b for a, b in pairs)
    if not shared or (order == "inf" and escapes):
        return INFINITE
    if order == "inf":
        return enclosure(lambda arb, real: real(max(a / b for a, b in shared)).log(), digits)
    alpha = Fraction(order)
    if alpha > 1 and escapes:
        return INFINITE
    if alpha == 0:
        return enclosure(lambda arb, real: -real(sum((b for _, b in shared), Fraction(0))).log(), digits)

    def value(arb: Any, real: Real) -> Any:
        # (a/b)^α b, the power through exp and log of exact rationals
        terms = (real(b) * (real(alpha) * real(a / b).log()).exp() for a, b in shared)
        return sum(terms, arb(0)).log() / real(alpha - 1)

    return enclosure(value, digits)
