"""The pullback metric by automatic differentiation: roads that know the head only as a function.

    metric_by_hessian   Hess A(h) by torch.func.hessian of logsumexp
    metric_by_jvp       columns d/dt grad A(h + t e_i), by forward mode over reverse mode
    metric_by_scores    E_p[s s^T] with the scores s = grad_h log p_h(w), by reverse mode
    pulled_back_metric_by_scores   the same for the state before torch's own RMSNorm or LayerNorm

For heads of small vocabulary: the scores hold V d numbers, the Hessian d^2. torch is imported inside and runs on one
thread; the caller's number of threads is restored. The first transform of a process imports torch's compiler, seconds.
Source: specification `categorical`, claim pullback_metric; 4.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.geometry.head import FloatArray, Head
from numerics.geometry.norms import LayerNorm, RootMeanSquareNorm

if TYPE_CHECKING:
    from torch import Tensor


def metric_by_hessian(head: Head, state: FloatArray) -> FloatArray:
    """Hess A at a state (d,): (d, d)."""
    import torch

    matrix, bias, point = _tensors(head, state)

    def partition(h: Tensor) -> Tensor:
        return torch.logsumexp(matrix @ h + bias, dim=0)

    with single_thread():
        return _array(torch.func.hessian(partition)(point))


def metric_by_jvp(head: Head, state: FloatArray) -> FloatArray:
    """Derivative of grad A along every coordinate, at a state (d,): (d, d)."""
    import torch

    matrix, bias, point = _tensors(head, state)

    def partition(h: Tensor) -> Tensor:
        return torch.logsumexp(matrix @ h + bias, dim=0)

    def column(direction: Tensor) -> Tensor:
        outcome = torch.func.jvp(torch.func.grad(partition), (point,), (direction,))
        return torch.as_tensor(outcome[1])

    with single_thread():
        return _array(torch.stack([column(direction) for direction in torch.eye(head.width, dtype=torch.float64)]).T)


def metric_by_scores(head: Head, state: FloatArray) -> FloatArray:
    """E_{p_h}[grad log p_h (grad log p_h)^T] at a state (d,): (d, d)."""
    import torch

    matrix, bias, point = _tensors(head, state)

    def log_row(h: Tensor) -> Tensor:
        return torch.log_softmax(matrix @ h + bias, dim=0)

    with single_thread():
        scores = torch.func.jacrev(log_row)(point)  # (V, d)
        probabilities = torch.exp(log_row(point))
        return _array(scores.T @ (probabilities[:, None] * scores))


def pulled_back_metric_by_scores(head: Head, norm: RootMeanSquareNorm | LayerNorm, state: FloatArray) -> FloatArray:
    """E[s s^T] with s the derivative of log p_{norm(h)}(w) in h, at a state (d,) before the norm: (d, d).

    The norm is torch's, whose derivative is torch's too.
    """
    import torch

    matrix, bias, point = _tensors(head, state)
    gain = torch.tensor(norm.gain, dtype=torch.float64)

    def log_row(h: Tensor) -> Tensor:
        if isinstance(norm, LayerNorm):
            shift = torch.tensor(norm.shift, dtype=torch.float64)
            normed = torch.nn.functional.layer_norm(h, h.shape, gain, shift, norm.epsilon)
        else:
            normed = torch.nn.functional.rms_norm(h, list(h.shape), gain, norm.epsilon)
        return torch.log_softmax(matrix @ normed + bias, dim=0)

    with single_thread():
        scores = torch.func.jacrev(log_row)(point)  # (V, d)
        return _array(scores.T @ (torch.exp(log_row(point))[:, None] * scores))


@contextmanager
def single_thread() -> Iterator[None]:
    """Run torch on one thread, then give the caller its number of threads back."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _tensors(head: Head, state: FloatArray) -> tuple[Tensor, Tensor, Tensor]:
    import torch

    if state.shape != (head.width,):
        raise ValueError(f"the state has shape {state.shape}, expected ({head.width},)")
    bias = np.zeros(head.tokens) if head.bias is None else head.bias
    return (
        torch.tensor(head.unembedding, dtype=torch.float64),
        torch.tensor(bias, dtype=torch.float64),
        torch.tensor(state, dtype=torch.float64),
    )


def _array(tensor: Any) -> FloatArray:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64)
