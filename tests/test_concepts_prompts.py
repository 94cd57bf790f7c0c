"""Prompts: every label mode against its definition, sampled against enumerated, and bad input."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import LABEL_MODES, Sampler

ATOMS = draw_dictionary(np.random.default_rng(0), 3, 2, 8)


def sampler_of(mode, length, **options):
    return Sampler(length, mode, matches=length // 3 if mode == "counts" else None, **options)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LABEL_MODES), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**32))
def test_clean_words_are_the_signed_concepts(mode, half, co, seed):
    prompts = sampler_of(mode, 2 * half, co_concepts=co).sample(np.random.default_rng(seed), ATOMS, (2, 5))
    assert prompts.words.shape == (2, 5, 2 * half + 1, 8) and prompts.labels.shape == (2, 5, 2 * half, 8)
    assert prompts.concepts.shape == (2, 5, co) and prompts.length == 2 * half
    for s in range(2):
        for b in range(5):
            chosen = prompts.concepts[s, b]
            assert len(set(chosen)) == co
            for l, sign in enumerate(prompts.signs[s, b]):
                np.testing.assert_allclose(prompts.words[s, b, l], ATOMS.words(sign)[chosen].sum(0), atol=1e-12)
                if l < 2 * half:
                    np.testing.assert_allclose(prompts.labels[s, b, l], ATOMS.labels(sign)[chosen].sum(0), atol=1e-12)
    assert np.array_equal(prompts.signs[..., -1], prompts.target)
    np.testing.assert_allclose(prompts.weights.sum(-1), 1)
    matches = prompts.matches.sum(-1)
    if mode == "balanced":
        assert (matches == half).all()
    elif mode == "onematch":
        assert (matches == 1).all()
    elif mode == "counts":
        assert (matches == 2 * half // 3).all()
    elif mode == "atleast1":
        assert (matches >= 1).all()


@pytest.mark.parametrize("mode", LABEL_MODES)
def test_sampled_frequencies_are_those_enumerated(mode):
    sampler, pi = sampler_of(mode, 4, co_concepts=2), (0.5, 0.3, 0.2)
    listed = sampler.enumerate(ATOMS, pi)
    assert listed.weights.sum() == pytest.approx(1, abs=1e-12)
    drawn = sampler.sample(np.random.default_rng(3), ATOMS, (40_000,), pi)

    # A prompt up to the order of its demonstrations: co-concepts, target, number of matches.
    def law(prompts):
        table = {}
        for chosen, e_q, n, weight in zip(
            np.sort(prompts.concepts, -1), prompts.target, prompts.matches.sum(-1), prompts.weights, strict=True
        ):
            key = (*map(int, chosen), int(e_q), int(n))
            table[key] = table.get(key, 0.0) + weight
        return table

    exact, found = law(listed), law(drawn)
    assert found.keys() == exact.keys()
    for key, p in exact.items():
        assert abs(found[key] - p) <= 5 * np.sqrt(p * (1 - p) / 40_000)


def test_patterns_of_matches_are_exchangeable_and_sized_as_the_definition_says():
    drawn = Sampler(4, "atleast1").sample(np.random.default_rng(1), ATOMS, (32_000,))
    listed = Sampler(4, "atleast1").enumerate(ATOMS)
    assert len(listed.weights) == 3 * 2 * 15
    # All four matching: once the set place matches, the other three do with probability 1/8.
    assert listed.weights[listed.matches.all(-1)].sum() == pytest.approx(1 / 8, abs=1e-14)
    share = drawn.matches.mean(0)  # each position matches with probability 1/4 + 3/4 * 1/2
    np.testing.assert_allclose(share, 5 / 8, atol=5 * 0.5 / np.sqrt(32_000))
    assert len(Sampler(5, "iid").enumerate(ATOMS).weights) == 3 * 2**6
    assert len(Sampler(6).enumerate(ATOMS).weights) == 6
    balanced = Sampler(4).sample(np.random.default_rng(1), ATOMS, (32_000,))
    np.testing.assert_allclose(balanced.matches.mean(0), 0.5, atol=5 * 0.5 / np.sqrt(32_000))


def test_sets_of_co_concepts_follow_draws_without_replacement():
    pi = np.array([0.6, 0.3, 0.1])
    listed = Sampler(2, co_concepts=2).enumerate(ATOMS, pi)
    for chosen in ((0, 1), (0, 2), (1, 2)):
        expected = sum(pi[i] * pi[j] / (1 - pi[i]) for i, j in permutations(chosen))
        found = listed.weights[(np.sort(listed.concepts, -1) == chosen).all(-1)].sum()
        assert found == pytest.approx(expected, abs=1e-14)


def test_one_law_of_concepts_for_each_run():
    pi = np.array([[1.0, 0.0, 0.0], [0.0, 0.1, 0.9]])
    drawn = Sampler(2).sample(np.random.default_rng(1), ATOMS, (2, 4000), pi)
    assert (drawn.concepts[0] == 0).all() and set(np.unique(drawn.concepts[1])) == {1, 2}
    assert abs((drawn.concepts[1] == 2).mean() - 0.9) <= 5 * np.sqrt(0.09 / 4000)


def test_other_concepts_and_irrelevant_atoms_are_active_at_their_rates():
    sampler = Sampler(4, activity=0.2, irrelevant=0.3)
    drawn = sampler.sample(np.random.default_rng(7), ATOMS, (20_000,))
    normal = lambda vectors: drawn.words @ (vectors / (vectors**2).sum(1, keepdims=True)).T  # noqa: E731  # used thrice
    active, signed, atoms = normal(ATOMS.a), normal(ATOMS.b), normal(ATOMS.nu)
    task = np.take_along_axis(active, drawn.concepts[:, None, :], -1)[..., 0]
    np.testing.assert_allclose(task, 1, atol=1e-12)  # the co-concept once, not twice
    np.testing.assert_allclose(
        np.take_along_axis(signed, drawn.concepts[:, None, :], -1)[..., 0], drawn.signs, atol=1e-12
    )
    others = (active.sum(-1) - 1) / 2
    assert abs(others.mean() - 0.2) <= 5 * 0.4 / np.sqrt(others.size * 2)
    np.testing.assert_allclose(np.abs(signed), active, atol=1e-12)
    assert abs(atoms.mean() - 0.3) <= 5 * 0.46 / np.sqrt(atoms.size)
    # Words and labels share the code.
    code = drawn.labels @ (ATOMS.d / (ATOMS.d**2).sum(1, keepdims=True)).T
    np.testing.assert_allclose(code, signed[:, :-1], atol=1e-12)


def test_noise_has_its_standard_deviation_on_words_and_labels_apart():
    clean = Sampler(2).sample(np.random.default_rng(7), ATOMS, (2000,))
    noisy = Sampler(2, word_noise=0.5).sample(np.random.default_rng(7), ATOMS, (2000,))
    assert np.array_equal(noisy.labels, clean.labels)
    assert (noisy.words - clean.words).std() == pytest.approx(0.5, rel=0.02)
    noisy = Sampler(2, label_noise=0.25).sample(np.random.default_rng(7), ATOMS, (2000,))
    assert np.array_equal(noisy.words, clean.words)
    assert (noisy.labels - clean.labels).std() == pytest.approx(0.25, rel=0.02)
    single = Sampler(2, word_noise=0.5).sample(np.random.default_rng(7), ATOMS, (20,), dtype=np.float32)
    assert single.words.dtype == single.labels.dtype == np.float32


def test_permuted_label_concepts():
    listed = Sampler(2, label_permutation=(1, 2, 0)).enumerate(ATOMS)
    plain = Sampler(2).enumerate(ATOMS)
    assert np.array_equal(listed.words, plain.words)
    first = listed.concepts[:, 0] == 0
    np.testing.assert_allclose(listed.labels[first][0, 0], ATOMS.labels(1)[1], atol=1e-12)


def test_the_generator_decides_everything():
    sampler = Sampler(4, "iid", activity=0.1, irrelevant=0.2, word_noise=0.1, label_noise=0.1)
    first, second = (sampler.sample(np.random.default_rng(9), ATOMS, (3, 4)) for _ in range(2))
    assert np.array_equal(first.words, second.words) and np.array_equal(first.labels, second.labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "0 demonstrations in a prompt, expected at least 1"),
        ({"length": 3}, "balanced labels on 3 demonstrations, expected an even number"),
        ({"length": 4, "mode": "some"}, "label mode 'some', expected one of balanced"),
        ({"length": 4, "mode": "counts"}, "matches = None in label mode counts"),
        ({"length": 4, "matches": 2}, "matches = 2 in label mode balanced"),
        ({"length": 4, "mode": "counts", "matches": 5}, "5 matches of 4 demonstrations"),
        ({"length": 4, "co_concepts": 0}, "0 co-concepts"),
        ({"length": 4, "co_concepts": 2, "co_signs": (1, -1)}, r"signs \(1, -1\) contradict each other"),
        ({"length": 4, "co_concepts": 2, "co_signs": (1,)}, r"co-concept signs \(1,\), expected 2 of"),
        ({"length": 4, "activity": 1.2}, "activity = 1.2 of a prompt, expected a probability"),
        ({"length": 4, "irrelevant": float("nan")}, "irrelevant = nan"),
        ({"length": 4, "word_noise": -1.0}, "word_noise = -1.0"),
        ({"length": 4, "label_noise": float("inf")}, "label_noise = inf"),
        ({"length": 4, "label_permutation": (0, 0, 1)}, r"label_permutation = \(0, 0, 1\), expected a permutation"),
    ],
)
def test_bad_samplers_are_refused_in_one_line(options, message):
    with pytest.raises(ValueError, match=message) as caught:
        Sampler(**options)
    assert "\n" not in str(caught.value)


def test_laws_that_do_not_fit_the_dictionary_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="4 co-concepts of 3 concepts, expected at most 3"):
        Sampler(2, co_concepts=4).sample(rng, ATOMS, (1,))
    with pytest.raises(ValueError, match="label_permutation of 2 concepts, expected 3"):
        Sampler(2, label_permutation=(1, 0)).enumerate(ATOMS)
    with pytest.raises(ValueError, match=r"expected numbers at least 0 with sum 1"):
        Sampler(2).sample(rng, ATOMS, (1,), (0.5, 0.4, 0.2))
    with pytest.raises(ValueError, match=r"probabilities of shape \(2,\), expected"):
        Sampler(2).sample(rng, ATOMS, (1,), (0.5, 0.5))
    with pytest.raises(ValueError, match="fewer than 2 concepts have positive probability"):
        Sampler(2, co_concepts=2).sample(rng, ATOMS, (1,), (1.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="cannot be enumerated"):
        Sampler(2, word_noise=0.1).enumerate(ATOMS)
