"""Learners of linear decoders: perceptrons against a plain loop, linear programs against enumeration, votes, curves."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.learning.ar_perceptron import learn, vote
from numerics.learning.curves import Errors, chain_errors, curve, interval, teacher
from numerics.learning.erm import consistent, constraints, least_gap
from numerics.learning.features import (
    Chain,
    FeatureError,
    OneHot,
    Signs,
    contexts_of,
    decoders,
    labels,
    predictions,
    varying,
)
from numerics.learning.hinge_sgd import descend, hinge
from numerics.learning.minimum_norm import minimum_norm
from numerics.learning.perceptron import learn_chain, learn_position
from numerics.learning.sizes import m_voted
from numerics.machines.parity import kautz, scan, sign_mistake_bound

BITS3 = np.array(list(itertools.product((0, 1), repeat=3)))


def plain_perceptron(features, true, count, orders):
    """The definition, one example at a time: add the features to the true row, subtract from the best other one."""
    weights = np.zeros((features.shape[1], count))
    mistakes = 0
    for order in orders:
        for i in order:
            scores = features[i] @ weights
            others = [a for a in range(count) if a != true[i]]
            best = max(others, key=lambda a: scores[a])
            if scores[best] >= scores[true[i]]:
                weights[:, true[i]] += features[i]
                weights[:, best] -= features[i]
                mistakes += 1
    return weights, mistakes


@given(st.integers(0, 10**6))
@example(11339)  # the last update of the last pass settles all examples
@settings(max_examples=25, deadline=None)
def test_batches_find_the_same_mistakes_as_a_loop_over_examples(seed):
    rng = np.random.default_rng(seed)
    K, length, m, A = (
        int(rng.integers(2, 4)),
        int(rng.integers(1, 5)),
        int(rng.integers(1, 40)),
        int(rng.integers(2, 4)),
    )
    contexts, tokens = rng.integers(0, K, (m, length)), rng.integers(0, A, m)
    decoder = OneHot(K, np.arange(A), np.arange(length))
    orders = [rng.permutation(m) for _ in range(3)]
    found = learn_position(decoder, contexts, tokens, rng, passes=3, orders=orders)
    weights, mistakes = plain_perceptron(decoder.dense(contexts), tokens, A, orders[: found.passes])
    np.testing.assert_array_equal(found.weights, weights)
    assert found.mistakes == mistakes
    assert found.converged == bool(least_gap(decoder, found.weights, contexts, tokens) > 0)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_signs_are_the_plain_perceptron(seed):
    rng = np.random.default_rng(seed)
    m, length = int(rng.integers(1, 30)), int(rng.integers(1, 6))
    contexts, tokens = rng.integers(0, 2, (m, length)), rng.integers(0, 2, m)
    orders = [rng.permutation(m) for _ in range(2)]
    found = learn_position(Signs(np.arange(length)), contexts, tokens, rng, passes=2, orders=orders)
    u, mistakes = np.zeros(length + 1), 0
    for order in orders[: found.passes]:
        for i in order:
            x, y = np.append(2 * contexts[i] - 1, 1), 2 * tokens[i] - 1
            if y * (u @ x) <= 0:
                u += y * x
                mistakes += 1
    np.testing.assert_array_equal(found.weights[:, 0], u)
    assert found.mistakes == mistakes


def test_linear_programs_find_exactly_the_threshold_functions():
    """4, 14 and 104 functions of 1, 2 and 3 bits are linear threshold functions (OEIS A000609)."""
    for n, known in ((1, 4), (2, 14), (3, 104)):
        inputs = np.array(list(itertools.product((0, 1), repeat=n)))
        decoder = Signs(np.arange(n))
        tables = itertools.product((0, 1), repeat=2**n)
        assert sum(consistent(decoder, inputs, np.array(t)) is not None for t in tables) == known


def test_one_hot_programs_accept_what_signs_accept_and_have_gap_one():
    decoder = OneHot(2, np.arange(2), np.arange(2))
    inputs = np.array(list(itertools.product((0, 1), repeat=2)))
    for table in itertools.product((0, 1), repeat=4):
        weights = consistent(decoder, inputs, np.array(table))
        assert (weights is None) == (table in ((0, 1, 1, 0), (1, 0, 0, 1)))  # exclusive or and its complement
        if weights is not None:
            assert least_gap(decoder, weights, inputs, np.array(table)) >= 1 - 1e-7
            np.testing.assert_array_equal(predictions(decoder, weights, inputs), table)


def test_a_flipped_label_of_an_equal_context_is_infeasible():
    decoder = OneHot(3, np.arange(3), np.arange(2))
    contexts = np.array([[0, 2], [1, 1], [0, 2]])
    assert consistent(decoder, contexts, np.array([0, 1, 2])) is None
    assert minimum_norm(decoder, contexts, np.array([0, 1, 2])) is None
    assert consistent(decoder, contexts, np.array([0, 1, 0])) is not None


def test_the_program_has_the_size_the_claim_says():
    decoder = OneHot(2, np.arange(2), np.arange(3))
    program = constraints(decoder, BITS3, np.zeros(8, dtype=np.int64))
    assert program.shape == (8 * 1, 2 * (2 * 3 + 1))


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_least_norm_satisfies_its_constraints_and_beats_other_solutions(seed):
    rng = np.random.default_rng(seed)
    decoder = OneHot(2, np.arange(2), np.arange(3)) if rng.integers(2) else Signs(np.arange(3))
    teaching = rng.integers(-3, 4, decoder.shape)
    tokens = predictions(decoder, teaching, BITS3)
    weights, other = minimum_norm(decoder, BITS3, tokens), consistent(decoder, BITS3, tokens)
    assert weights is not None
    assert other is not None
    assert least_gap(decoder, weights, BITS3, tokens) >= 1 - 1e-6
    assert (weights**2).sum() <= (other**2).sum() * (1 + 1e-6)


def test_least_norm_of_and_is_known():
    """And of two bits in signs: u = (1, 1, -1)/1, margin 1 on all four inputs."""
    inputs = np.array(list(itertools.product((0, 1), repeat=2)))
    weights = minimum_norm(Signs(np.arange(2)), inputs, np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(weights[:, 0], [1, 1, -1], atol=1e-8)


def test_descent_averages_its_iterates_and_takes_the_step_of_the_bound():
    decoder = OneHot(2, np.arange(2), np.arange(3))
    rng = np.random.default_rng(0)
    contexts = rng.integers(0, 2, (50, 3))
    tokens = contexts[:, 0] & contexts[:, 1]
    found = descend(decoder, contexts, tokens, 5.0)
    assert found.step == pytest.approx(5 / (math.sqrt(2) * 2 * math.sqrt(50)))
    weights, total = np.zeros(decoder.shape), np.zeros(decoder.shape)
    for i in range(50):
        total += weights
        one, true = contexts[i : i + 1], int(tokens[i])
        assert found.losses[i] == pytest.approx(hinge(decoder, weights, one, tokens[i : i + 1])[0])
        if found.losses[i] > 0:
            row = decoder.dense(one)[0]
            weights[:, true] += found.step * row
            weights[:, 1 - true] -= found.step * row
    np.testing.assert_allclose(found.average, total / 50, atol=1e-12)
    np.testing.assert_allclose(found.last, weights, atol=1e-12)


@pytest.mark.parametrize("update", ["first", "all"])
@pytest.mark.parametrize("signs", [True, False])
def test_whole_chains_make_no_more_mistakes_than_the_bound(update, signs):
    compiled = kautz(5)
    source = teacher(compiled.model, compiled.inputs)
    prompts = source.every_prompt()
    true = source.chains(prompts)
    learner = decoders(prompts, true, source.K, signs=signs, live=source.live, drop_constant=False)
    rng = np.random.default_rng(0)
    run = learn(learner, prompts, true, update=update, order=np.concatenate([rng.permutation(32) for _ in range(60)]))
    bound = sign_mistake_bound(compiled.model) if signs else compiled.mistake_bound
    assert 0 < run.mistakes <= bound
    assert len(run.steps) >= run.mistakes
    assert (update == "first") <= (len(run.steps) == run.mistakes)
    np.testing.assert_array_equal(run.last().rollout(prompts), true)  # converged within these passes


def test_all_updates_are_separate_perceptrons():
    compiled = kautz(4)
    source = teacher(compiled.model, compiled.inputs)
    prompts, true = source.sample(200, np.random.default_rng(1))
    learner = decoders(prompts, true, 2, live=source.live, drop_constant=False)
    run = learn(learner, prompts, true, update="all")
    for t, decoder in enumerate(learner, start=1):
        alone = learn_position(
            decoder,
            contexts_of(prompts, true, t),
            true[:, t - 1],
            np.random.default_rng(0),
            passes=1,
            orders=[np.arange(200)],
        )
        np.testing.assert_array_equal(run.last().weights[t - 1], alone.weights)
        assert alone.mistakes == sum(step.t == t for step in run.steps)


def test_the_vote_counts_survival_and_whole_rollouts():
    compiled = kautz(3)
    source = teacher(compiled.model, compiled.inputs)
    prompts, true = source.sample(150, np.random.default_rng(2))
    learner = decoders(prompts, true, 2, live=source.live)
    run = learn(learner, prompts, true, update="first")
    asked = source.every_prompt()
    survived = [count for _, count in run.iterates()]
    assert sum(survived) == 150
    assert len(survived) in (run.mistakes, run.mistakes + 1)
    ballots = [{} for _ in asked]
    for chain, count in run.iterates():
        for ballot, rolled in zip(ballots, chain.rollout(asked).tolist(), strict=True):
            ballot[tuple(rolled)] = ballot.get(tuple(rolled), 0) + count
    for found, ballot in zip(vote(run, asked).tolist(), ballots, strict=True):
        assert ballot[tuple(found)] == max(ballot.values())


def test_rollout_and_teacher_forcing_fail_together():
    compiled = kautz(6)
    source = teacher(compiled.model, compiled.inputs)
    prompts, true = source.sample(40, np.random.default_rng(3))
    learned = learn_chain(decoders(prompts, true, 2, live=source.live), prompts, true, np.random.default_rng(0)).chain
    asked = source.every_prompt()
    answers = source.chains(asked)
    forced, rolled = learned.teacher_force(asked, answers) != answers, learned.rollout(asked) != answers
    assert 0 < rolled.any(axis=1).sum() < 64
    np.testing.assert_array_equal(forced.any(axis=1), rolled.any(axis=1))
    first = forced.any(axis=1)
    np.testing.assert_array_equal(forced[first].argmax(axis=1), rolled[first].argmax(axis=1))


def test_positions_that_never_vary_are_left_out():
    contexts = np.array([[0, 1, 2], [0, 2, 2], [0, 1, 2]])
    np.testing.assert_array_equal(varying(contexts), [1])
    assert decoders(contexts, np.array([[0], [1], [0]]), 3)[0].shape == (4, 2)


def test_a_teacher_learnt_from_all_prompts_is_right_everywhere():
    compiled = scan(4)
    source = teacher(compiled.model, compiled.inputs)
    points = curve(
        lambda p, c, rng: learn_chain(decoders(p, c, source.K, live=source.live), p, c, rng).chain,
        source,
        (4, 200),
        None,
        np.random.SeedSequence(0).spawn(3),
    )
    assert [p.m for p in points] == [4, 200]
    assert points[1].median == 0
    assert points[0].median > 0
    low, high = points[0].pooled
    assert low < np.mean(points[0].rates) < high


def test_intervals_are_those_of_clopper_and_pearson():
    assert interval(0, 100)[1] == pytest.approx(1 - 0.005 ** (1 / 100))
    assert interval(100, 100)[0] == pytest.approx(0.005 ** (1 / 100))
    assert Errors(3, 1, 10).interval == interval(3, 10)


def test_the_voted_size_of_the_specification():
    assert m_voted(0, 0.5, 0.5) == math.ceil(2 * math.e / (math.e - 1) * math.log(2) / 0.5)


def test_foreign_tokens_are_named():
    decoder = OneHot(2, np.arange(2), np.arange(2))
    with pytest.raises(FeatureError, match="context 1 has 5 at position 0"):
        decoder.encode(np.array([[0, 1], [5, 0]]))
    with pytest.raises(FeatureError, match="token 2 of example 1"):
        labels(decoder, np.array([0, 2]))
    with pytest.raises(FeatureError, match="expected a bit"):
        Signs(np.arange(1)).encode(np.array([[2]]))
    with pytest.raises(ValueError, match="'first' or 'all'"):
        learn([decoder], np.zeros((1, 2), dtype=np.int64), np.zeros((1, 1), dtype=np.int64), update="last")


def test_errors_count_chains_and_answers():
    decoder = OneHot(2, np.arange(2), np.arange(1))
    constant = Chain((decoder, decoder), (np.zeros((3, 2)), np.zeros((3, 2))))
    found = chain_errors(constant, np.zeros((3, 1), dtype=np.int64), np.array([[0, 0], [0, 1], [1, 0]]))
    assert found == Errors(2, 1, 3)
