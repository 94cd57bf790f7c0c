"""AdamW with decoupled weight decay and clipping of the gradient norm, on the parameters of one module.

torch.optim would do, but its first step imports the compiler of torch, several seconds for every process that trains;
and here the whole state is two arrays a parameter, so that a run can be written down and resumed bit for bit. Source:
Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn


class AdamW:
    """State of the optimiser: `steps` taken, and first and second moments by parameter name.

    Parameters named in `undecayed` are not decayed.
    """

    def __init__(
        self,
        module: nn.Module,
        weight_decay: float,
        clip: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        undecayed: Collection[str] = (),
    ) -> None:
        self.parameters = dict(module.named_parameters())
        self.weight_decay = weight_decay
        self.clip = clip
        self.betas = betas
        self.epsilon = epsilon
        self.undecayed = frozenset(undecayed)
        self.steps = 0
        self.first = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        self.second = {name: torch.zeros_like(value) for name, value in self.parameters.items()}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update with learning rate `rate` from the gradients of the parameters, which are cleared."""
        gradients = {name: self._gradient(name) for name in self.parameters}
        norm = float(torch.stack([gradient.norm() for gradient in gradients.values()]).norm())
        scale = min(1.0, self.clip / (norm + 1e-6))
        self.steps += 1
        one, two = self.betas
        # Both moments start at zero and are divided by the weight they have gathered.
        first_weight, second_weight = 1.0 - one**self.steps, 1.0 - two**self.steps
        for name, parameter in self.parameters.items():
            gradient = gradients[name] * scale
            self.first[name].lerp_(gradient, 1.0 - one)
            self.second[name].mul_(two).addcmul_(gradient, gradient, value=1.0 - two)
            deviation = (self.second[name] / second_weight).sqrt_().add_(self.epsilon)
            if name not in self.undecayed:
                parameter.mul_(1.0 - rate * self.weight_decay)
            parameter.addcdiv_(self.first[name], deviation, value=-rate / first_weight)
            parameter.grad = None

    def _gradient(self, name: str) -> Tensor:
        gradient = self.parameters[name].grad
        if gradient is None:
            raise RuntimeError(f"parameter {name} has no gradient; call backward() before step()")
        return gradient
