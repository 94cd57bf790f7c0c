"""The laws of a Markov category and conditionals, measured in exact arithmetic on random kernels with zeros."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from theory.categorical.axioms import X, Y, Z, copy_natural_as_stated, markov_axioms
from theory.categories.atoms import term_of
from theory.categories.exact import exact as exact_kernel
from theory.categories.term import Term
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.laws import fractions_of, integer_weights

Rows = tuple[tuple[Fraction, ...], ...]
Kernels = dict[str, Rows]


@st.composite
def exact_kernels(draw: st.DrawFn) -> Kernels:
    """Kernels f: X -> Y and k: Y -> Z, a map g: X -> Y and a law mu on X. Shrinks to single points and uniform rows."""
    x, y, z = (draw(st.integers(1, 3)) for _ in range(3))
    values = draw(st.lists(st.integers(0, y - 1), min_size=x, max_size=x))
    return {
        "f": fractions_of(draw(integer_weights(x, y, zeros=draw(st.booleans())))),
        "k": fractions_of(draw(integer_weights(y, z, zeros=draw(st.booleans())))),
        "g": tuple(tuple(Fraction(int(v == w)) for w in range(y)) for v in values),
        "mu": fractions_of(draw(integer_weights(1, x, zeros=draw(st.booleans())))),
    }


kernels = Space("random exact kernels", lambda claim: exact_kernels())


def sides(claim: Claim) -> dict[str, tuple[Term, Term]]:
    """The two diagrams of every statement that is about diagrams, by label."""
    found = {}
    for statement in claim.statements:
        left, right = term_of(statement.quantity), term_of(statement.bound)
        if left is not None and right is not None:
            found[statement.label] = (left, right)
    return found


def worst_entry(left: Term, right: Term, given: Kernels) -> tuple[Fraction, Fraction]:
    """The entries of the two sides' kernels at the place where they differ most."""
    spaces = {X: len(given["f"]), Y: len(given["k"]), Z: len(given["k"][0])}
    tables = [exact_kernel(side, spaces, given).table() for side in (left, right)]
    pairs = [pair for rows in zip(*tables, strict=True) for pair in zip(*rows, strict=True)]
    return max(pairs, key=lambda pair: abs(pair[0] - pair[1]))


def plain(rows: Rows) -> list[list[str]]:
    """Rows as texts."""
    return [[str(entry) for entry in row] for row in rows]


@measures("categorical/copy_natural_as_stated", over=kernels)
def copy_natural(given: Kernels, context: Context) -> Iterator[Instance]:
    (left, right) = sides(copy_natural_as_stated)["copy"]
    copied, twice = worst_entry(left, right, given)
    yield Instance({}, exact(copied), "copy", exact(twice), "entry that differs most", {"f": plain(given["f"])})


@measures("categorical/markov_axioms", over=kernels, examples=(20, 200))
def laws_of_the_category(given: Kernels, context: Context) -> Iterator[Instance]:
    for label, (left, right) in sides(markov_axioms).items():
        one, other = worst_entry(left, right, given)
        yield Instance({}, exact(one), label, exact(other), "entry that differs most")
    for row in given["f"]:
        yield Instance({}, exact(sum(row, Fraction(0))), "rows sum to one", exact(1))


def conditional_of(masses: Rows) -> Rows:
    """Rows c(x, y) = j(x, y)/sum_y j(x, y); a null row is uniform. Masses (X, Y)."""
    totals = [sum(row, Fraction(0)) for row in masses]
    return tuple(
        tuple(mass / total if total else Fraction(1, len(row)) for mass in row)
        for row, total in zip(masses, totals, strict=True)
    )


@measures("categorical/conditionals", over=kernels)
def disintegration(given: Kernels, context: Context) -> Iterator[Instance]:
    mu, f = given["mu"][0], given["f"]
    joint = tuple(tuple(mass * entry for entry in row) for mass, row in zip(mu, f, strict=True))
    columns = tuple(zip(*joint, strict=True))
    forward, backward = conditional_of(joint), conditional_of(columns)
    marginal, nu = [sum(row, Fraction(0)) for row in joint], [sum(column, Fraction(0)) for column in columns]
    other = [  # another inverse: the last point wherever mu f has no mass
        row if mass else tuple(Fraction(int(x == len(row) - 1)) for x in range(len(row)))
        for row, mass in zip(backward, nu, strict=True)
    ]
    for x, row in enumerate(joint):
        for y, mass in enumerate(row):
            at = f"x = {x}, y = {y}"
            yield Instance({}, exact(mass), "conditional", exact(marginal[x] * forward[x][y]), at)
            yield Instance({}, exact(mass), "Bayesian inverse", exact(nu[y] * backward[y][x]), at)
            yield Instance({}, exact(nu[y] * backward[y][x]), "unique", exact(nu[y] * other[y][x]), at)
