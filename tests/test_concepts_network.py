"""The concept network: closed-form gradients against autograd and differences, attention, and what stays invariant."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts import autograd
from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.network import (
    Batch,
    Parameters,
    batch_of,
    descend,
    errors,
    forward,
    loss_gradients,
    losses,
    random_start,
    symmetric_start,
    weighted_gradients,
)
from numerics.concepts.prompts import LABEL_MODES, Sampler

torch.set_num_threads(1)
ATOMS = draw_dictionary(np.random.default_rng(0), 2, 2, 8, 9)
NOISY = Sampler(4, "iid", activity=0.3, irrelevant=0.2, word_noise=0.3, label_noise=0.3)


def random_parameters(rng, seeds, neurons, scale=0.5, atoms=ATOMS):
    shapes = ((atoms.word_dimension,) * 2, (atoms.word_dimension,) * 2, (neurons, atoms.label_dimension))
    return Parameters(*(torch.as_tensor(scale * rng.standard_normal((seeds, *shape))) for shape in shapes))


def difference(first, second):
    pairs = ((first.W_Q, second.W_Q), (first.W_K, second.W_K), (first.W_O, second.W_O))
    return max(float((x - y).abs().max() / (1 + y.abs().max())) for x, y in pairs)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(LABEL_MODES), st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_closed_form_gradients_are_those_of_autograd(seed, mode, half, size, seeds):
    rng = np.random.default_rng(seed)
    sampler = Sampler(
        2 * half, mode, 1 if mode == "counts" else None, activity=0.3, irrelevant=0.2, word_noise=0.3, label_noise=0.3
    )
    batch = batch_of(sampler.sample(rng, ATOMS, (seeds, size)), seeds)
    parameters = random_parameters(rng, seeds, 6)
    lam = torch.as_tensor(rng.uniform(0.01, 1, (seeds,)))
    expected = autograd.loss_gradients(parameters, batch, lam)
    assert difference(loss_gradients(parameters, batch, lam), expected) <= 1e-12
    # A step in place subtracts rate times that gradient.
    eta, lam = 0.1, 0.3
    moved = parameters.clone()
    state = descend(moved, batch, torch.full((seeds,), eta, dtype=torch.float64), 1 - lam * eta)
    gradients = autograd.loss_gradients(parameters, batch, lam)
    stepped = Parameters(
        parameters.W_Q - eta * gradients.W_Q,
        parameters.W_K - eta * gradients.W_K,
        parameters.W_O - eta * gradients.W_O,
    )
    assert difference(moved, stepped) <= 1e-12
    torch.testing.assert_close(state.output, autograd.outputs(parameters, batch), rtol=1e-12, atol=1e-12)


def test_gradients_are_central_differences():
    rng = np.random.default_rng(4)
    batch = batch_of(NOISY.sample(rng, ATOMS, (1, 3)), 1)
    parameters = random_parameters(rng, 1, 4)
    gradients = weighted_gradients(parameters, forward(parameters, batch), batch, torch.ones((1, 3)).double())
    h = 1e-5
    for name in ("W_Q", "W_K", "W_O"):
        weights = getattr(parameters, name)
        for place in ((0, 0, 1), (0, 3, 2), (0, 1, 6)):
            found = []
            for sign in (1, -1):
                weights[place] += sign * h
                found.append(float(forward(parameters, batch).output.sum()))
                weights[place] -= sign * h
            assert (found[0] - found[1]) / (2 * h) == pytest.approx(float(getattr(gradients, name)[place]), abs=1e-8)


def test_seeds_do_not_see_each_other():
    rng = np.random.default_rng(5)
    prompts = NOISY.sample(rng, ATOMS, (3, 4))
    parameters = random_parameters(rng, 3, 6)
    together = loss_gradients(parameters, batch_of(prompts, 3), 0.1)
    batch = batch_of(prompts, 3)
    for s in range(3):
        one = Batch(batch.words[s : s + 1], batch.labels[s : s + 1], batch.target[s : s + 1], batch.weights[s : s + 1])
        alone = loss_gradients(
            Parameters(parameters.W_Q[s : s + 1], parameters.W_K[s : s + 1], parameters.W_O[s : s + 1]), one, 0.1
        )
        torch.testing.assert_close(alone.W_Q[0], together.W_Q[s], rtol=1e-12, atol=1e-13)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_attention_covariance_has_no_part_along_the_concept(seed):
    # Clean prompts: Cov(x, y) g_v = (1 - ebar^2) <d_k, g_v> b_k.
    rng = np.random.default_rng(seed)
    prompts = Sampler(4, "iid").enumerate(ATOMS)
    batch = batch_of(prompts, 1, shared=True)
    parameters = random_parameters(rng, 1, 6)
    state = forward(parameters, batch)
    active = (state.preactivations > 0) * parameters.readout()
    g_v = (active @ parameters.W_O)[0].numpy()
    mean = (batch.words[:, :, :-1] * state.attention[..., None]).sum(2, keepdim=True)
    covariance = torch.einsum(
        "sbl,sblx,sbly->sbxy",
        state.attention,
        batch.words[:, :, :-1] - mean,
        batch.labels - state.value[:, :, None],
    )[0].numpy()
    ebar = (state.attention[0].numpy() * prompts.signs[:, :-1]).sum(-1)
    chosen = prompts.concepts[:, 0]
    expected = ((1 - ebar**2) * (ATOMS.d[chosen] * g_v).sum(-1))[:, None] * ATOMS.b[chosen]
    np.testing.assert_allclose(np.einsum("bxy,by->bx", covariance, g_v), expected, atol=1e-12)


@pytest.mark.parametrize(("matches", "others"), [(2, 2), (1, 3), (3, 1), (1, 5), (4, 0)])
def test_attention_weight_formula(matches, others):
    length = matches + others
    parameters = symmetric_start(ATOMS, 4, [0.3, 0.7])
    prompts = Sampler(length, "counts", matches).enumerate(ATOMS)
    state = forward(parameters, batch_of(prompts, 2, shared=True))
    for s, sigma_0 in enumerate((0.3, 0.7)):
        beta = 2 * sigma_0**2
        correct = matches / (matches + others * math.exp(-2 * beta))
        found = state.attention[s].numpy()
        np.testing.assert_allclose((found * prompts.matches).sum(-1), correct, rtol=1e-13)
        squares = correct**2 / matches + ((1 - correct) ** 2 / others if others else 0)
        np.testing.assert_allclose((found**2).sum(-1), squares, rtol=1e-13)
        if matches == others:
            np.testing.assert_allclose(squares, (1 + math.tanh(beta) ** 2) / length, rtol=1e-13)
        theta = 2 * correct - 1
        k, e_q = prompts.concepts[:, 0], prompts.target[:, None]
        np.testing.assert_allclose(state.value[s].numpy(), ATOMS.c[k] + e_q * theta * ATOMS.d[k], atol=1e-12)


def test_attention_weight_at_the_standard_start():
    parameters = symmetric_start(ATOMS, 20, 0.3)
    prompts = Sampler(4).enumerate(ATOMS)
    found = forward(parameters, batch_of(prompts, 1, shared=True)).attention[0].numpy()
    np.testing.assert_allclose((found * prompts.matches).sum(-1), 1 / (1 + math.exp(-0.36)), rtol=1e-13)
    assert round(float((found * prompts.matches).sum(-1)[0]), 4) == 0.5890


def test_co_concepts_add_their_betas():
    # beta = (1.3, .9), one of four matching: 1/(1 + 3 e^{-4.4}).
    bb = sum(math.sqrt(beta / 2) * np.outer(b, b) / (b @ b) for beta, b in zip((1.3, 0.9), ATOMS.b, strict=True))
    start = symmetric_start(ATOMS, 4, 0.0)
    parameters = Parameters(torch.as_tensor(bb)[None], torch.as_tensor(bb)[None], start.W_O)
    prompts = Sampler(4, "counts", 1, co_concepts=2).enumerate(ATOMS)
    found = forward(parameters, batch_of(prompts, 1, shared=True)).attention[0].numpy()
    np.testing.assert_allclose((found * prompts.matches).sum(-1), 1 / (1 + 3 * math.exp(-4.4)), rtol=1e-12)


def test_zero_weights_get_no_gradient_whatever_the_data():
    rng = np.random.default_rng(6)
    random = random_parameters(rng, 2, 6)
    zero = torch.zeros_like(random.W_Q)
    gradients = loss_gradients(Parameters(zero, zero, random.W_O), batch_of(NOISY.sample(rng, ATOMS, (2, 5)), 2), 0.1)
    assert not gradients.W_Q.any() and not gradients.W_K.any() and gradients.W_O.any()
    # Balanced clean prompts: the rows of W_O move along c_k only.
    batch = batch_of(Sampler(4).enumerate(ATOMS), 2, shared=True)
    gradients = loss_gradients(Parameters(zero, zero, random.W_O), batch, 0.0)
    assert float((gradients.W_O @ torch.tensor(ATOMS.d).T).abs().max()) <= 1e-14
    assert float((gradients.W_O @ torch.tensor(ATOMS.c).T).abs().max()) > 1e-3


def test_a_single_demonstration_teaches_attention_nothing():
    rng = np.random.default_rng(7)
    parameters = random_parameters(rng, 2, 6)
    sampler = Sampler(1, "iid", activity=0.3, irrelevant=0.2, word_noise=0.3, label_noise=0.3)
    gradients = loss_gradients(parameters, batch_of(sampler.sample(rng, ATOMS, (2, 6)), 2), 0.0)
    assert float(gradients.W_Q.abs().max()) <= 1e-15 and float(gradients.W_K.abs().max()) <= 1e-15


def test_errors_count_an_output_of_zero_and_no_network_beats_the_floor():
    prompts = Sampler(3, "iid").enumerate(ATOMS)
    parameters = symmetric_start(ATOMS, 4, np.full(3, 0.5), p_0=0.0)
    batch = batch_of(prompts, 3, shared=True)
    state = forward(parameters, batch)
    assert errors(state, batch).tolist() == [1.0] * 3  # p = 0: f = 0 on every prompt
    assert losses(state, batch).tolist() == pytest.approx([math.log(2)] * 3, abs=1e-14)
    rng = np.random.default_rng(8)
    many = random_parameters(rng, 300, 6, scale=1.0)
    batch = batch_of(prompts, 300, shared=True)
    found = errors(forward(many, batch), batch)
    assert float(found.min()) >= 1 / 8 - 1e-12
    learned = symmetric_start(ATOMS, 4, np.full(1, 2.0), p_0=1.0)
    batch = batch_of(prompts, 1, shared=True)
    assert float(errors(forward(learned, batch), batch)[0]) == pytest.approx(1 / 8, abs=1e-12)


def test_large_scores_do_not_overflow():
    parameters = symmetric_start(ATOMS, 4, 60.0, p_0=1.0)
    state = forward(parameters, batch_of(Sampler(4).enumerate(ATOMS), 1, shared=True))
    assert torch.isfinite(state.output).all() and torch.isfinite(state.attention).all()


def test_random_start_has_its_scale_and_its_own_draws():
    start = random_start(np.random.default_rng(3), ATOMS, 400, [0.1, 0.2], 0.05)
    assert float(start.W_O.std()) == pytest.approx(0.05, rel=0.05) and not torch.equal(start.W_O[0], start.W_O[1])
    assert float(start.W_Q[1, 0, 0]) == 0.2 and float(start.W_Q[0, 0, 1]) == 0
    mirrored = random_start(np.random.default_rng(3), ATOMS, 400, [0.1, 0.2], 0.05, mirrored=True)
    assert torch.equal(mirrored.W_K, -start.W_K) and torch.equal(mirrored.W_O, start.W_O)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="5 neurons, expected an even number"):
        symmetric_start(ATOMS, 5, 0.3)
    with pytest.raises(ValueError, match="sigma_0 ="):
        symmetric_start(ATOMS, 4, -0.3)
    prompts = Sampler(2).sample(np.random.default_rng(0), ATOMS, (3, 2))
    with pytest.raises(ValueError, match=r"prompts of shape \(3, 2\), expected \(2, B\) for 2 seeds"):
        batch_of(prompts, 2)
    with pytest.raises(ValueError, match=r"expected \(B,\) for 2 seeds"):
        batch_of(prompts, 2, shared=True)
