"""Periods, spectra and distances of the constrained walk and of the polygon walk, from their matrices."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.chains.mixing import t_min
from numerics.chains.structure import chain_structure
from numerics.icl.families import Family, constrained_walk, polygon_walk
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.spaces import once

HORIZON = 12  # steps


def exact_distances(family: Family, steps: int) -> list[Fraction]:
    """max_x d_TV(P^t(x,.), pi) for t = 0..steps; the walks have dyadic probabilities, pi has denominator d - 1 or d."""
    d = family.states
    kernel = [[Fraction(float(p)) for p in row] for row in family.kernel]
    degrees = [2 if 0 < x < d - 1 else 1 for x in range(d)] if family.name == "constrained walk" else [1] * d
    pi = [Fraction(g, sum(degrees)) for g in degrees]
    laws = [[Fraction(int(x == y)) for y in range(d)] for x in range(d)]
    found: list[Fraction] = []
    for _ in range(steps + 1):
        found.append(max(sum((abs(p - q) for p, q in zip(law, pi, strict=True)), Fraction(0)) / 2 for law in laws))
        laws = [[sum((law[x] * kernel[x][y] for x in range(d)), Fraction(0)) for y in range(d)] for law in laws]
    return found


def second_modulus(kernel: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Largest modulus of an eigenvalue other than 1, from the symmetric matrix of a polygon walk."""
    values = np.sort(np.linalg.eigvalsh(kernel))[:-1]
    return float(np.abs(values).max())


@measures("markov/walk_period", over=once)
def walk_period(thing: None, context: Context) -> Iterator[Instance]:
    for d in range(3, context.pick(13, 41)):
        path, cycle = constrained_walk(d), polygon_walk(d)
        j = d // 2
        values = {"d": d, "j": max(j, 2), "t": 0}
        period = chain_structure(path.kernel).periods[0]
        yield Instance(values, exact(period), "constrained", label=f"d = {d}")
        if period == 2 and t_min(path.kernel) != float("inf"):
            raise AssertionError(f"t_min of the constrained walk on {d} states is finite, expected infinity")
        if d >= 4:
            label = "even polygon" if d % 2 == 0 else "odd polygon"
            yield Instance(values, exact(chain_structure(cycle.kernel).periods[0]), label, label=f"d = {d}")
        if d % 2 and d >= 5:
            yield Instance(values, floating(second_modulus(cycle.kernel), absolute=1e-13), "radius", label=f"d = {d}")
        if d <= 8:
            for t, distance in enumerate(exact_distances(path, HORIZON)):
                yield Instance(values | {"t": t}, exact(distance), "constrained distance", label=f"d = {d}, t = {t}")
            if d % 2 == 0:
                for t, distance in enumerate(exact_distances(cycle, HORIZON)):
                    yield Instance(values | {"t": t}, exact(distance), "polygon distance", label=f"d = {d}, t = {t}")
