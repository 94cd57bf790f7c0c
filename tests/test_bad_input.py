"""What cannot be used is refused in one line that names the value, its place and what was expected."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics.drafting.acceptance import lower_bounds, phi, upper_bound_any, upper_bound_kl
from numerics.information import divergences
from numerics.information.categorical_entropy import joint, renyi_entropy, supremum
from numerics.kernels.kernel import copy, kernel, state
from theory.categories import Box, Copy, Equation, Ob, Swap
from theory.categories.exact import exact
from theory.categories.symbolic import divergence, symbolic
from verify.cli.main import main

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
f, g, certain = Box("f", X, Y), Box("g", Z, (X, Y)), Box("d", X, Y, deterministic=True)
HALVES = [[0.5, 0.5], [0.5, 0.5]]
SPACES = {X: 2, Y: 2}
half, third = Fraction(1, 2), Fraction(1, 3)

TYPES = [
    (lambda: f >> g, "cannot compose f : X → Y with g : Z → X ⊗ Y: the first ends in Y, the second starts at Z"),
    (lambda: g >> f, "the first ends in X ⊗ Y, the second starts at X"),
    (lambda: Equation(f, g), "an equation needs two terms of one type, got f : X → Y and g : Z → X ⊗ Y"),
    (lambda: f >> 3, "unsupported operand type(s) for >>: 'Box' and 'int'"),
    (lambda: Swap(X, "Y"), "'Y' is no type, expected an object such as Ob('X') or a tuple of objects"),
    (lambda: Copy(f), "is no type, expected an object"),
    (lambda: state([0.2, 0.3, 0.5]) >> kernel(HALVES), "the first ends in {0, 1, 2}, the second starts at {0, 1}"),
    (lambda: state([0.2, 0.3, 0.5]) >> copy(2), "the first ends in {0, 1, 2}, the second starts at {0, 1}"),
    (lambda: kernel(HALVES) >> 3, "unsupported operand type(s) for >>: 'Kernel' and 'int'"),
    (lambda: kernel(HALVES) @ 3, "unsupported operand type(s) for @: 'Kernel' and 'int'"),
]
ROWS = [
    (lambda: kernel([[0.5, 0.5], [0.5, 0.48]]), "row 1 (at 1) of kernel sums to 0.98, expected 1 within 1e-09"),
    (lambda: kernel([[0.5, 0.5], [1.5, -0.5]]), "row 1 (at 1) of kernel has the entry -0.5, expected a probability"),
    (lambda: kernel([[0.5, 0.5], [math.nan, 0.5]]), "row 1 (at 1) of kernel has the entry nan"),
    (lambda: kernel(HALVES, [2], [3]), "rows of shape (2, 2), expected 6 entries for (2, 3)"),
    (lambda: exact(f, SPACES, {"f": [[half, half], [third, third]]}), "row 1 of the kernel f sums to 2/3, expected 1"),
    (lambda: exact(f, SPACES, {"f": [[half, half], [4 * third, -third]]}), "entry -1/3, expected none below 0"),
    (lambda: exact(f, SPACES, {"f": HALVES}), "row 0 of the kernel f has the entry 0.5, expected an exact rational"),
    (lambda: symbolic(f, SPACES, {"f": HALVES}), "the entry 0.5, a floating-point number, expected an exact one"),
    (lambda: exact(f, SPACES, {"f": [[1, 0]]}), "the kernel f has 1 rows, expected 2 of them"),
    (lambda: exact(f, SPACES, {}), "the box f has no kernel; there are kernels for none"),
    (lambda: exact(f, {X: 2}, {"f": [[1, 0], [0, 1]]}), "the object Y has no space; there are spaces for X"),
    (lambda: exact(certain, SPACES, {"d": [[half, half], [0, 1]]}), "flagged deterministic, but p((0,) | (0,)) = 1/2"),
    (lambda: divergences.KL([0.5, 0.4], [0.5, 0.5]), "the first law sums to 0.9, expected 1 within 1e-09"),
    (lambda: divergences.TV([0.5, 0.5], [0.5, 0.4]), "the second law sums to 0.9, expected 1 within 1e-09"),
    (lambda: divergences.KL([0.5, 0.5], [0.2, 0.3, 0.5]), "laws of shapes (2,) and (3,) do not live on one set"),
    (lambda: supremum(divergences.KL, np.array([[0.5, 0.4]])), "row 0 of the law sums to 0.9, expected 1"),
    (lambda: joint(divergences.KL, np.array(HALVES), [0.5, 0.4]), "the law of the inputs sums to 0.9, expected 1"),
    (lambda: joint(divergences.KL, np.array(HALVES), [1.0]), "the law of the inputs has 1 entries, expected 2"),
]
RANGES = [
    (lambda: divergences.renyi([0.5, 0.5], [0.5, 0.5], -1), "the Rényi order is -1, expected a number in [0, ∞]"),
    (lambda: divergences.named("renyi -1"), "'renyi -1': the Rényi order is -1, expected a number in [0, ∞]"),
    (lambda: divergences.named("foo"), "no divergence is called 'foo'; there are KL, TV, renyi 0"),
    (lambda: divergence(("Renyi", -1)), "the order of a Rényi divergence is -1, expected one in [0, oo]"),
    (lambda: divergence("foo"), "there is no divergence 'foo', expected one of KL, reverse KL, TV"),
    (lambda: renyi_entropy([0.5, 0.5], math.nan), "the Rényi order is nan, expected a number in [-∞, ∞]"),
    (lambda: lower_bounds(-1.0), "the divergence κ is -1.0, expected a number in [0, ∞]"),
    (lambda: lower_bounds(math.nan), "the divergence κ is nan, expected a number in [0, ∞]"),
    (lambda: upper_bound_kl(5.0, 4), "the value is 5.0, expected a number in [0, log 4] = [0, 1.38629]"),
    (lambda: upper_bound_any(-0.1, 4), "the value is -0.1, expected a number in [0, log 4]"),
    (lambda: upper_bound_any(0.1, 0), "the vocabulary has 0 tokens, expected at least 2"),
    (lambda: phi(1.5, 4), "the total variation is 1.5, expected a number in [0, 1]"),
]


@pytest.mark.parametrize(
    ("call", "said", "error"),
    [(*case, TypeError | ValueError) for case in TYPES] + [(*case, ValueError) for case in ROWS + RANGES],
)
def test_the_library_names_the_value_and_what_was_expected(call, said, error):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert isinstance(caught.value, error)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["J(X;Y) <= H(X)"], "position 0 of 'J(X;Y) <= H(X)': unknown function 'J', expected H, I, TC or log|...|"),
        (["H() <= H(Y)"], "position 2 of 'H() <= H(Y)': empty group, expected the name of a variable in H(...)"),
        (["H(X;Y) >= 0"], "H has 2 groups, expected one (join names with ',', or use I or TC)"),
        (["I(X) >= 0"], "I has one group, expected two separated by ';'"),
        (["I(X;Y;Z) >= 0"], "I has 3 groups, expected two (use TC)"),
        (["H(X) H(Y) >= 0"], "position 5 of 'H(X) H(Y) >= 0': two terms without a sign between them"),
        (["H(X) >= 0 $"], "position 10 of 'H(X) >= 0 $': unknown character '$'"),
        (["H(X) <= H(Y)", "--given", "Y = H(X)"], "--given: position 4 of 'Y = H(X)': function named H"),
        (["H(X) <= H(Y)", "--given", "H(X) >= 2"], "inhomogeneous: the constant 2 is not a statement about entropies"),
        (
            ["I(X;Y) <= H(Z)", "--given", "X _||_ Y, Y = f(X), X = g(Y)"],
            "the constraints 'X _||_ Y' and 'X = g(Y)' contradict each other unless X is constant",
        ),
        (
            ["H(A,B,C,D,E,F,G,I,J,K,L) >= 0"],
            "11 variables (A, B, C, D, E, F, G, I, J, K, L) need 28171 elemental inequalities (55 pairs), "
            "expected at most 10 variables (--max-variables allows more)",
        ),
        (["--check", "no such file.json"], "--check no such file.json: "),
    ],
)
def test_the_prover_says_where_in_one_line_and_ends_with_status_2(arguments, said, capsys):
    assert main(["prove", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith("boundlab: ") and err.count("\n") == 1
    assert said in err


def test_a_divergence_outside_its_domain_is_refused_by_the_verb_bound(capsys):
    assert main(["bound", "categorical/acceptance_bounds", "--set", "kappa=-1"]) == 2
    err = capsys.readouterr().err
    assert err == "boundlab: kappa = -1 is outside its domain: expected [0, oo)\n"
