"""Autograd twin of the network: loss and gradients written from D4 and D6 as they stand, for checks and as a baseline.

Main definitions
    outputs          f of every prompt, by the definition
    loss_gradients   gradients of the regularised loss by reverse-mode differentiation

Nothing is shared with the closed-form road but the records. This module imports torch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numerics.concepts.network import Batch, Parameters


def outputs(parameters: Parameters, batch: Batch) -> Tensor:
    """f of every prompt, (S, B)."""
    keys = torch.einsum("sij,sblj->sbli", parameters.W_K, batch.words[:, :, :-1])
    query = torch.einsum("sij,sbj->sbi", parameters.W_Q, batch.words[:, :, -1])
    attention = torch.softmax(torch.einsum("sbli,sbi->sbl", keys, query), dim=-1)
    value = torch.einsum("sbl,sbly->sby", attention, batch.labels)
    hidden = torch.relu(torch.einsum("smy,sby->sbm", parameters.W_O, value))
    half = parameters.neurons // 2
    return (hidden[..., :half].sum(-1) - hidden[..., half:].sum(-1)) / parameters.neurons


def loss_gradients(parameters: Parameters, batch: Batch, lam: float | Tensor) -> Parameters:
    """Gradients of E log(1 + exp(-e_q f)) + (lambda/2)(|W_Q|^2 + |W_K|^2 + |W_O|^2); lambda a number or (S)."""
    leaves = [weights.detach().clone().requires_grad_() for weights in (parameters.W_Q, parameters.W_K, parameters.W_O)]
    f = outputs(Parameters(*leaves), batch)
    loss = (batch.weights * torch.nn.functional.softplus(-batch.target * f)).sum()
    squares = torch.stack([(leaf**2).sum((1, 2)) for leaf in leaves]).sum(0)  # (S)
    # The seeds share no weights: the gradient of the sum holds the gradient of each.
    W_Q, W_K, W_O = torch.autograd.grad(loss + (lam * squares / 2).sum(), leaves)
    return Parameters(W_Q, W_K, W_O)
