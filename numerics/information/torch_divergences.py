"""The divergences of the body on torch tensors of log-probabilities, differentiable: for training and for devices.

Main definitions: `divergence(name, lp, lq)` for the names of `divergences.TEN`; `psi(name, lp)`.

Conventions: as in `numerics.information.log_divergences`; lp and lq are float tensors (..., V), -inf for probability 0,
results have shape (...). Gradients are meant for finite log-probabilities.

Source: specification `categorical`, 4.1 (the torch road).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numerics.information.divergences import named

if TYPE_CHECKING:
    from torch import Tensor


def divergence(name: str, lp: Tensor, lq: Tensor) -> Tensor:
    """D(p ‖ q) of rows. ValueError for an unknown name, or one that has no torch road (Jeffreys, reverse KL have)."""
    import torch

    found = named(name)
    shape = (lp[..., 0] + lq[..., 0]).shape  # of the rows, broadcast
    lp, lq = lp.expand(*shape, lp.shape[-1]), lq.expand(*shape, lq.shape[-1])
    p, q = lp.exp(), lq.exp()
    none_p, none_q = torch.isneginf(lp), torch.isneginf(lq)
    zero = torch.zeros_like(p)
    gap = torch.where(none_p & none_q, zero, lp - lq)
    if found.name == "KL":
        return torch.where(none_p, zero, p * gap).sum(-1)
    if found.name == "reverse KL":
        return divergence("KL", lq, lp)
    if found.name == "Jeffreys":
        return torch.where(none_p & none_q, zero, (p - q) * gap).sum(-1)
    if found.name == "TV":
        return 0.5 * (p - q).abs().sum(-1)
    if found.name == "Hel2":
        return ((lp / 2).exp() - (lq / 2).exp()).square().sum(-1)
    if found.name == "chi2":
        terms = torch.where(none_q, torch.where(none_p, zero, zero + math.inf), q * torch.expm1(gap).square())
        return terms.sum(-1)
    if found.name == "JS":
        lm = torch.logaddexp(lp, lq) - math.log(2)
        sides = [torch.where(torch.isneginf(side), zero, side.exp() * (side - lm)).sum(-1) for side in (lp, lq)]
        return 0.5 * (sides[0] + sides[1])
    assert found.order is not None  # what is left is Rényi
    return _renyi(found.order, lp, lq, gap)


def _renyi(order: float, lp: Tensor, lq: Tensor, gap: Tensor) -> Tensor:
    import torch

    none_p, none_q = torch.isneginf(lp), torch.isneginf(lq)
    low = torch.full_like(lp, -math.inf)
    both = ~none_p & ~none_q
    escapes = (~none_p & none_q).any(-1)
    infinite = torch.full_like(lp[..., 0], math.inf)
    if math.isinf(order):
        return torch.where(escapes, infinite, torch.where(both, gap, low).amax(-1))
    step = order - 1
    if order == 0:
        return -torch.logsumexp(torch.where(none_p, low, lq), -1)
    safe = torch.where(both, gap, torch.zeros_like(gap))
    value = torch.logsumexp(torch.where(both, lp + step * safe, low), -1) / step
    return torch.where(escapes, infinite, value) if order > 1 else value


def psi(name: str, lp: Tensor) -> Tensor:
    """Ψ_D of rows (..., V) of finite log-probabilities, from its definition on pairs of tokens: V² numbers a row."""
    import torch

    size = lp.shape[-1]
    twice = (lp[..., :, None] + lp[..., None, :]).flatten(-2)
    copied = torch.full_like(twice, -math.inf)
    copied[..., :: size + 1] = lp
    return divergence(name, copied, twice)
