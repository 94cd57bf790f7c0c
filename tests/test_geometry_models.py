"""Heads and states of real models reproduce their laws, and the geometry holds on them."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.geometry.head import Head, centred_rank, log_rows
from numerics.geometry.matrix_free import quadratic_form, top_eigenvalues
from numerics.geometry.model_states import early_exit, final_norm, head_states, linear_head, states_before_norm
from numerics.geometry.norms import pulled_back_metric
from numerics.geometry.paths import jeffreys_by_means, segment, separation_chain
from numerics.geometry.pullback import metric, summarise
from numerics.geometry.self_concordance import forward_sandwich
from numerics.models import load
from numerics.models.networks.llama import LlamaModel
from numerics.models.protocol import ModelError

CONTEXTS = np.random.default_rng(0).integers(1, 1024, size=(4, 12))


@pytest.fixture(scope="module")
def carroll() -> LlamaModel:
    model = load("carroll", dtype="float64")
    assert isinstance(model, LlamaModel)
    return model


def test_head_of_a_model_with_a_bias() -> None:
    model = load("names")
    contexts = np.random.default_rng(1).integers(0, 27, size=(20, 5))
    head = linear_head(model)
    assert head.width == 32 and head.bias is not None and centred_rank(head) == 26
    assert log_rows(head, head_states(model, contexts)) == pytest.approx(
        model.next_token_log_probs(contexts), abs=1e-11
    )


def test_head_and_norm_of_carroll(carroll: LlamaModel) -> None:
    head, states = linear_head(carroll), head_states(carroll, CONTEXTS)
    assert head.bias is None and (head.tokens, head.width) == (1024, 128)
    assert log_rows(head, states) == pytest.approx(carroll.next_token_log_probs(CONTEXTS), abs=1e-10)
    before = states_before_norm(carroll, CONTEXTS)
    assert before.shape == (5, 4, 128)
    assert final_norm(carroll).apply(before[-1]) == pytest.approx(states, abs=1e-12)
    for layers in (1, 3, 4):
        exited = head_states(early_exit(carroll, layers), CONTEXTS)
        assert exited == pytest.approx(final_norm(carroll).apply(before[layers]), abs=1e-12)
    with pytest.raises(ModelError, match="has 4 layers, asked to stop after 5"):
        early_exit(carroll, 5)


def test_geometry_of_carroll(carroll: LlamaModel) -> None:
    head, states = linear_head(carroll), head_states(carroll, CONTEXTS)
    found = summarise(head, states[0])
    assert found.rank == 128  # V - 1 > d: the metric is not degenerate
    assert found.eigenvalues[-1] > 0 and found.eigenvalues[0] <= found.eigenvalue_bound
    assert 1 < found.effective_rank < 128
    assert top_eigenvalues(head, states[0], 3) == pytest.approx(found.eigenvalues[:3], rel=1e-9)
    path = segment(head, states[0], states[1])
    chain = separation_chain(path)
    assert all(a >= b - 1e-7 for a, b in zip(chain.members, chain.members[1:], strict=False))
    assert jeffreys_by_means(head, states[0], states[1]) == pytest.approx(chain.jeffreys, rel=1e-9)
    sandwich = forward_sandwich(path)
    assert sandwich.lower <= sandwich.value <= sandwich.upper


def test_the_radial_direction_is_nearly_null_before_the_norm(carroll: LlamaModel) -> None:
    head, norm = linear_head(carroll), final_norm(carroll)
    state = states_before_norm(carroll, CONTEXTS)[-1][0]
    pulled = pulled_back_metric(head, norm, state)
    unit = state / np.linalg.norm(state)
    mean_square = float((state**2).mean())
    # J h = gain o h eps / (m + eps)^{3/2}: the form along h is that of the norm's output, shrunk twice.
    shrink = carroll.norm_epsilon / (mean_square + carroll.norm_epsilon)
    after = norm.apply(state)
    radial = float(after @ metric(head, after) @ after) * shrink**2
    along = norm.push(state, state)
    assert quadratic_form(head, after, along) == pytest.approx(radial, rel=1e-9)
    assert unit @ pulled @ unit < 1e-4 * np.trace(pulled) / 128


def test_models_without_a_linear_output_are_refused() -> None:
    with pytest.raises(ModelError, match="no linear output layer"):
        linear_head(load("phones"))
    assert isinstance(Head(np.eye(2)), Head)
