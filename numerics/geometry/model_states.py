"""Heads and states of language models: what the geometry of a head is measured on.

Main definitions
    linear_head       the unembedding and the logit biases of a model with a linear output layer
    head_states       its states after the last norm, without the entry 1 that carries a bias
    states_before_norm, final_norm   states of every layer before the last norm, and that norm (Llama-style models)
    early_exit        the model that stops after some of its layers: last norm and unembedding as they are

The gain of the last norm belongs to the norm: states are those after it, and the head is the bare unembedding.
Source: specification `categorical`, 2.0 (MR), 4.4, experiments E3, E6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from numerics.geometry.head import FloatArray, Head
from numerics.geometry.norms import RootMeanSquareNorm
from numerics.models.geometry import LinearOutput
from numerics.models.protocol import IntArray, LanguageModel, ModelError

if TYPE_CHECKING:
    from numerics.models.networks.llama import LlamaModel


def linear_head(model: LanguageModel) -> Head:
    """The head of a model with a linear output layer; ModelError for any other."""
    output = _output(model)
    matrix = output.unembedding()
    if not _has_bias(output):
        return Head(matrix)
    return Head(np.ascontiguousarray(matrix[:, :-1]), np.array(matrix[:, -1], dtype=np.float64))


def head_states(model: LanguageModel, contexts: IntArray) -> FloatArray:
    """States h (B, d) after the last norm for contexts (B, k), so that logits are W h + b of `linear_head`."""
    output = _output(model)
    states = output.hidden_states(contexts)
    return states[:, :-1] if _has_bias(output) else states


def states_before_norm(model: LlamaModel, contexts: IntArray) -> FloatArray:
    """(L + 1, B, d): after the embedding and after every block, at the last position of contexts (B, k)."""
    return model.residual_states(contexts)


def final_norm(model: LlamaModel) -> RootMeanSquareNorm:
    """The last norm: it sends the last of `states_before_norm` to `head_states`."""
    return RootMeanSquareNorm(model.final_norm.double().numpy(), model.norm_epsilon)


def early_exit(model: LlamaModel, layers: int) -> LlamaModel:
    """The model cut after `layers` of its blocks, 1 to all. ModelError outside that range."""
    if not 1 <= layers <= len(model.blocks):
        raise ModelError(f"{model.name} has {len(model.blocks)} layers, asked to stop after {layers}")
    return replace(model, name=f"{model.name} after layer {layers}", blocks=model.blocks[:layers])


def _output(model: LanguageModel) -> LinearOutput:
    if not isinstance(model, LinearOutput):
        raise ModelError(f"{model.name} has no linear output layer: it has no head to speak of")
    return model


def _has_bias(output: LinearOutput) -> bool:
    """Whether the last entry of a state is the constant 1 that the protocol adds for a bias.

    A state after a norm has that very float64 in its last place for two contexts only by a coincidence that does not
    happen.
    """
    return bool((output.hidden_states(np.array([[0], [1]]))[:, -1] == 1.0).all())
