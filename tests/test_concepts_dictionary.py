"""The dictionary of the concept model: geometry from its definition, shifts, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.dictionary import Dictionary, draw_dictionary

cosines = st.floats(0.02, 0.98)
squares = st.floats(0.1, 50.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(0, 4), st.integers(0, 6), cosines, cosines, squares)
def test_words_have_the_norm_and_the_inner_product_of_the_definition(seed, concepts, irrelevant, extra, kx, ky, square):
    dimension = 2 * concepts + irrelevant + extra
    atoms = draw_dictionary(
        np.random.default_rng(seed),
        concepts,
        irrelevant,
        dimension,
        dimension + 3,
        word_norm_squared=square,
        label_norm_squared=2 * square,
        word_cosine=kx,
        label_cosine=ky,
    )
    for plus, minus, norm, cosine in (
        (atoms.words(1), atoms.words(-1), square, kx),
        (atoms.labels(1), atoms.labels(-1), 2 * square, ky),
    ):
        # Distinct concepts are orthogonal, both words of one have inner product kappa u^2.
        np.testing.assert_allclose(plus @ plus.T, norm * np.eye(concepts), atol=1e-12 * norm)
        np.testing.assert_allclose(minus @ minus.T, norm * np.eye(concepts), atol=1e-12 * norm)
        np.testing.assert_allclose(plus @ minus.T, cosine * norm * np.eye(concepts), atol=1e-12 * norm)
    assert atoms.nu.shape == (irrelevant, dimension) and atoms.omega.shape == (irrelevant, dimension + 3)
    np.testing.assert_allclose(atoms.nu @ atoms.nu.T, square * np.eye(irrelevant), atol=1e-12 * square)
    assert atoms.cross_product() <= 1e-12 * square


def test_norms_of_the_standard_set():
    atoms = draw_dictionary(np.random.default_rng(0), 2, 3, 9)
    for vectors, square in ((atoms.a, 6), (atoms.b, 2), (atoms.c, 6), (atoms.d, 2), (atoms.nu, 8), (atoms.omega, 8)):
        np.testing.assert_allclose((vectors**2).sum(1), square, rtol=1e-13)


def test_normalised_atoms_are_orthogonal_idempotents():
    atoms = draw_dictionary(np.random.default_rng(1), 3, 2, 10)
    vectors = atoms.word_atoms()
    projections = [np.outer(x, x) / (x @ x) for x in vectors]
    for i, first in enumerate(projections):
        for j, second in enumerate(projections):
            np.testing.assert_allclose(first @ second, first if i == j else 0 * first, atol=1e-12)
    total = atoms.b.T @ atoms.b
    np.testing.assert_allclose(total @ total, 2.0 * total, atol=1e-12)
    # The remainder is the projection on the complement of the span.
    rest = np.eye(10) - sum(projections)
    np.testing.assert_allclose(rest @ vectors.T, 0, atol=1e-12)
    assert np.trace(rest) == pytest.approx(10 - 8, abs=1e-12)


def test_same_generator_state_same_dictionary_and_others_differ():
    first, second, third = (draw_dictionary(np.random.default_rng(s), 2, 1, 6) for s in (5, 5, 6))
    assert np.array_equal(first.a, second.a) and not np.allclose(first.a, third.a)


def test_shifted_replaces_only_what_is_given():
    atoms = draw_dictionary(np.random.default_rng(2), 3, 1, 8)
    turned = atoms.shifted(b=np.roll(atoms.b, 1, axis=0), d=-atoms.d)
    assert np.array_equal(turned.b[1], atoms.b[0]) and np.array_equal(turned.d, -atoms.d)
    assert np.array_equal(turned.a, atoms.a) and np.array_equal(turned.omega, atoms.omega)
    assert turned.cross_product() <= 1e-12
    near = atoms.shifted(a=atoms.a + 0.1 * atoms.b)
    assert near.cross_product() == pytest.approx(0.2, abs=1e-12)


def test_a_dictionary_cannot_be_written_to():
    atoms = draw_dictionary(np.random.default_rng(2), 1, 0, 2)
    with pytest.raises(ValueError, match="read-only"):
        atoms.a[0, 0] = 1.0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((3, 2, 7), {}, r"7 word dimensions for 3 concepts and 2 irrelevant atoms, expected at least 2\*3 \+ 2 = 8"),
        ((3, 0, 6, 5), {}, "5 label dimensions for 3 concepts"),
        ((1, 0, 4), {"word_cosine": 1.0}, "word_cosine = 1.0, expected an inner product"),
        ((1, 0, 4), {"word_cosine": float("nan")}, "word_cosine = nan"),
        ((1, 0, 4), {"label_cosine": 0.0}, "label_cosine = 0.0"),
        ((1, 0, 4), {"label_cosine": -0.3}, "label_cosine = -0.3"),
        ((1, 0, 4), {"word_norm_squared": 0.0}, "word_norm_squared = 0.0, expected a positive number"),
        ((1, 0, 4), {"label_norm_squared": float("inf")}, "label_norm_squared = inf"),
        ((0, 2, 4), {}, "0 concepts and 2 irrelevant atoms"),
        ((1, -1, 4), {}, "1 concepts and -1 irrelevant atoms"),
    ],
)
def test_bad_sizes_are_refused_in_one_line(arguments, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        draw_dictionary(np.random.default_rng(0), *arguments, **options)
    assert "\n" not in str(caught.value)


def test_bad_arrays_are_refused():
    atoms = draw_dictionary(np.random.default_rng(2), 2, 1, 6)
    with pytest.raises(ValueError, match=r"d has shape \(1, 6\), expected \(2, 6\)"):
        atoms.shifted(d=atoms.d[:1])
    with pytest.raises(ValueError, match=r"b of a dictionary has shape \(2, 5\), expected \(2, 6\)"):
        Dictionary(atoms.a, atoms.b[:, :5], atoms.c, atoms.d, atoms.nu, atoms.omega)
    with pytest.raises(ValueError, match="omega of a dictionary has shape"):
        Dictionary(atoms.a, atoms.b, atoms.c, atoms.d, atoms.nu, atoms.omega[:0])
    with pytest.raises(ValueError, match="not finite"):
        atoms.shifted(a=atoms.a * np.nan)
