"""Adam over packed parameters, where torch's own spends most of a small step on book-keeping."""

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["Adam"]

_DECAY_MEAN, _DECAY_SQUARE, _EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Adam with an L2 penalty, as `torch.optim.Adam` computes it.

    Parameters
    ----------
    blocks
        Tensors with gradients.
    learning_rate
        Step size.
    weight_decay
        Weight of the L2 penalty.

    References
    ----------
    D. Kingma, J. Ba. Adam: a method for stochastic optimization. ICLR, 2015.
    """

    def __init__(
        self, blocks: Sequence[nn.Parameter], *, learning_rate: float, weight_decay: float
    ) -> None:
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self._n_steps = 0
        self._state = [
            (block.data, torch.zeros_like(block), torch.zeros_like(block), torch.empty_like(block))
            for block in blocks
        ]
        self._blocks = tuple(blocks)

    def step(self) -> None:
        """Move the blocks against their gradients, which are changed on the way."""
        self._n_steps += 1
        step = self.learning_rate / (1 - _DECAY_MEAN**self._n_steps)
        correction = (1 - _DECAY_SQUARE**self._n_steps) ** 0.5
        for block, (values, mean, square, root) in zip(self._blocks, self._state, strict=True):
            grad = block.grad
            if grad is None:
                continue
            if self.weight_decay:
                grad.add_(values, alpha=self.weight_decay)
            mean.lerp_(grad, 1 - _DECAY_MEAN)
            square.mul_(_DECAY_SQUARE).addcmul_(grad, grad, value=1 - _DECAY_SQUARE)
            torch.sqrt(square, out=root).div_(correction).add_(_EPSILON)
            values.addcdiv_(mean, root, value=-step)
