"""The one-layer network of the concept model, softmax attention and ReLU, for many seeds at once, in closed form.

Main definitions
    Parameters           W_Q, W_K, W_O of S seeds (D4)
    symmetric_start, random_start   the two starts (D5), aligned, mirrored or Gaussian in W_Q, W_K
    Batch, batch_of      prompts as tensors with the axis of the seeds
    forward              attention, value, preactivations, output
    losses, errors       logistic loss and 0-1 error of each seed
    weighted_gradients   gradients of sum_b coefficient_b f_b
    loss_gradients       gradients of the regularised loss (D6)
    descend              one step of gradient descent, in place

A = W_K^T W_Q is never formed: W_K^T (W_Q x_q) costs O(B d^2), and both updates have rank B. ReLU has
derivative 0 at 0. This module imports torch; import it only where a network is really run.
Source: specification `concepts`, D4-D6, gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from numerics.concepts.dictionary import Dictionary
from numerics.concepts.prompts import Prompts


@dataclass(frozen=True, eq=False)
class Parameters:
    """Trained matrices of S seeds: W_Q, W_K (S, d_x, d_x) and W_O (S, m, d_y), m even."""

    W_Q: Tensor
    W_K: Tensor
    W_O: Tensor

    @property
    def seeds(self) -> int:
        """S."""
        return int(self.W_Q.shape[0])

    @property
    def neurons(self) -> int:
        """m."""
        return int(self.W_O.shape[1])

    def readout(self) -> Tensor:
        """r, (m): 1/m for the first half of the neurons, -1/m for the second; fixed."""
        m = self.neurons
        half = torch.full((m // 2,), 1.0 / m, dtype=self.W_O.dtype, device=self.W_O.device)
        return torch.cat([half, -half])

    def clone(self) -> Parameters:
        """A copy that shares no memory."""
        return Parameters(self.W_Q.clone(), self.W_K.clone(), self.W_O.clone())


@dataclass(frozen=True, eq=False)
class Batch:
    """Prompts of S seeds: words (S, B, L+1, d_x), labels (S, B, L, d_y), target (S, B) +-1, weights (S, B)."""

    words: Tensor
    labels: Tensor
    target: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class Forward:
    """What the network computes: attention sigma (S, B, L), value v (S, B, d_y), preactivations <w_i, v> (S, B, m),
    output f (S, B), and W_Q x_q (S, B, d_x)."""

    attention: Tensor
    value: Tensor
    preactivations: Tensor
    output: Tensor
    query: Tensor


def symmetric_start(
    dictionary: Dictionary,
    neurons: int,
    sigma_0: ArrayLike,
    *,
    q_0: float = 1.5,
    p_0: float = 0.0,
    mirrored: bool = False,
    gaussian: np.random.Generator | None = None,
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> Parameters:
    """W_Q = W_K = sigma_0 I (mirrored: W_K = -sigma_0 I) and w_i = sum_k (q_0 c_k/|c_k|^2 + s_i' p_0 d_k/|d_k|^2).

    sigma_0: a number, or one for each seed (S). gaussian: draw the entries of W_Q and W_K, independent
    N(0, sigma_0^2/d_x), from that generator, so that the mean of |W_Q x|^2 is sigma_0^2 |x|^2 as in the aligned start.
    """
    _check_neurons(neurons)
    c = (dictionary.c / (dictionary.c**2).sum(1, keepdims=True)).sum(0)
    d = (dictionary.d / (dictionary.d**2).sum(1, keepdims=True)).sum(0)
    signs = np.repeat([1.0, -1.0], neurons // 2)
    scales = np.atleast_1d(np.asarray(sigma_0, dtype=np.float64))
    W_O = np.broadcast_to(q_0 * c + p_0 * signs[:, None] * d, (len(scales), neurons, dictionary.label_dimension))
    return _started(dictionary, scales, W_O, mirrored, gaussian, dtype, device)


def random_start(
    rng: np.random.Generator,
    dictionary: Dictionary,
    neurons: int,
    sigma_0: ArrayLike,
    sigma_1: float,
    *,
    mirrored: bool = False,
    gaussian: np.random.Generator | None = None,
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> Parameters:
    """The same W_Q, W_K and W_O with independent N(0, sigma_1^2) entries, fresh for each seed."""
    _check_neurons(neurons)
    scales = np.atleast_1d(np.asarray(sigma_0, dtype=np.float64))
    W_O = sigma_1 * rng.standard_normal((len(scales), neurons, dictionary.label_dimension))
    return _started(dictionary, scales, W_O, mirrored, gaussian, dtype, device)


def batch_of(
    prompts: Prompts, seeds: int, dtype: torch.dtype = torch.float64, device: str = "cpu", shared: bool = False
) -> Batch:
    """Prompts of shape (S, B) as tensors; `shared` ones of shape (B) are shown to every seed, without a copy.

    Raises ValueError for prompts of another shape.
    """
    expected = 1 if shared else 2
    if prompts.target.ndim != expected or (not shared and prompts.target.shape[0] != seeds):
        wanted = "(B,)" if shared else f"({seeds}, B)"
        raise ValueError(f"prompts of shape {prompts.target.shape}, expected {wanted} for {seeds} seeds")

    def tensor(array: ArrayLike) -> Tensor:
        value = torch.as_tensor(np.array(array)).to(device=device, dtype=dtype)
        return value.expand(seeds, *value.shape) if shared else value

    return Batch(tensor(prompts.words), tensor(prompts.labels), tensor(prompts.target), tensor(prompts.weights))


def forward(parameters: Parameters, batch: Batch) -> Forward:
    """Run the network on every prompt of every seed."""
    query = batch.words[:, :, -1] @ parameters.W_Q.mT  # (S, B, d_x)
    pulled = query @ parameters.W_K  # W_K^T W_Q x_q, (S, B, d_x)
    scores = (batch.words[:, :, :-1] @ pulled[..., None])[..., 0]  # (S, B, L)
    attention = torch.softmax(scores, dim=-1)  # subtracts the maximum first
    value = (attention[..., None, :] @ batch.labels)[..., 0, :]  # (S, B, d_y)
    preactivations = value @ parameters.W_O.mT  # (S, B, m)
    output = preactivations.clamp_min(0) @ parameters.readout()  # (S, B)
    return Forward(attention, value, preactivations, output, query)


def losses(state: Forward, batch: Batch) -> Tensor:
    """Weighted logistic loss of each seed in nats, (S), without the regulariser."""
    return (batch.weights * torch.nn.functional.softplus(-batch.target * state.output)).sum(-1)


def errors(state: Forward, batch: Batch) -> Tensor:
    """Weighted 0-1 error of each seed, (S); an output 0 counts as an error."""
    return (batch.weights * (batch.target * state.output <= 0)).sum(-1)


def weighted_gradients(parameters: Parameters, state: Forward, batch: Batch, coefficients: Tensor) -> Parameters:
    """Gradients of sum_b coefficient_b f_b in W_Q, W_K, W_O; coefficients (S, B)."""
    left, right, output_left = _factors(parameters, state, batch, coefficients)
    return Parameters(
        left.mT @ batch.words[:, :, -1],
        (coefficients[..., None] * state.query).mT @ right,
        output_left.mT @ state.value,
    )


def loss_gradients(parameters: Parameters, batch: Batch, lam: float | Tensor) -> Parameters:
    """Gradients of the loss plus (lambda/2)(|W_Q|^2 + |W_K|^2 + |W_O|^2); lambda a number or (S)."""
    state = forward(parameters, batch)
    gradients = weighted_gradients(parameters, state, batch, _pull(state, batch))
    decay = torch.as_tensor(lam, dtype=state.output.dtype, device=state.output.device).reshape(-1, 1, 1)
    return Parameters(
        gradients.W_Q + decay * parameters.W_Q,
        gradients.W_K + decay * parameters.W_K,
        gradients.W_O + decay * parameters.W_O,
    )


def descend(parameters: Parameters, batch: Batch, rate: Tensor, shrink: float) -> Forward:
    """One step W <- shrink W - rate dLoss, in place; rate eta_t (S), shrink 1 - lambda eta_t, the same for all seeds.

    Returns the state before the step.
    """
    state = forward(parameters, batch)
    coefficients = -rate[:, None] * _pull(state, batch)
    left, right, output_left = _factors(parameters, state, batch, coefficients)
    key_left = (coefficients[..., None] * state.query).mT
    parameters.W_Q.baddbmm_(left.mT, batch.words[:, :, -1], beta=shrink)
    parameters.W_K.baddbmm_(key_left, right, beta=shrink)
    parameters.W_O.baddbmm_(output_left.mT, state.value, beta=shrink)
    return state


def _pull(state: Forward, batch: Batch) -> Tensor:
    """Derivative of the weighted loss in f: -weight e_q g(e_q f), (S, B)."""
    return -batch.weights * batch.target * torch.sigmoid(-batch.target * state.output)


def _factors(
    parameters: Parameters, state: Forward, batch: Batch, coefficients: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """coefficient W_K Cov(x, y) g_v (S, B, d_x), Cov(x, y) g_v (S, B, d_x), coefficient r_i 1{active} (S, B, m)."""
    active = (state.preactivations > 0) * parameters.readout()  # (S, B, m)
    g_v = active @ parameters.W_O  # (S, B, d_y)
    centred = batch.labels - state.value[..., None, :]
    by_score = state.attention * (centred @ g_v[..., None])[..., 0]  # df/ds_l, (S, B, L); sums to 0 over l
    covariance = (by_score[..., None, :] @ batch.words[:, :, :-1])[..., 0, :]
    left = coefficients[..., None] * (covariance @ parameters.W_K.mT)
    return left, covariance, coefficients[..., None] * active


def _started(
    dictionary: Dictionary,
    scales: NDArray[np.float64],
    W_O: NDArray[np.float64],
    mirrored: bool,
    gaussian: np.random.Generator | None,
    dtype: torch.dtype,
    device: str,
) -> Parameters:
    if scales.ndim != 1 or not (np.isfinite(scales).all() and (scales >= 0).all()):
        raise ValueError(f"sigma_0 = {scales.tolist()}, expected a number at least 0, or one for each seed")
    d = dictionary.word_dimension
    units = np.stack([np.eye(d), -np.eye(d) if mirrored else np.eye(d)])[:, None]  # (2, 1, d, d)
    if gaussian is not None:
        units = gaussian.standard_normal((2, len(scales), d, d)) / np.sqrt(d)
    W_Q, W_K = (torch.as_tensor(scales[:, None, None] * unit).to(device=device, dtype=dtype) for unit in units)
    return Parameters(W_Q, W_K, torch.as_tensor(W_O.copy()).to(device=device, dtype=dtype))


def _check_neurons(neurons: int) -> None:
    if neurons < 2 or neurons % 2:
        raise ValueError(f"{neurons} neurons, expected an even number, at least 2")
