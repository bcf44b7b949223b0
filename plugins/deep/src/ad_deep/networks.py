"""Building blocks: the contract between a network and the training loop, and layers."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import nn

__all__ = ["Activation", "Network", "batches", "initialise", "layers", "pack"]

Activation = Literal["relu", "leaky_relu", "elu", "tanh"]

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
}


class Network(nn.Module):
    """A network with the losses that train it and the score that it gives.

    All tensors of rows have the shape (n_rows, n_features) and are scaled already.
    """

    @property
    def n_weights(self) -> int:
        """Number of parameters."""
        return sum(one.numel() for one in self.parameters())

    def start(self, X: torch.Tensor) -> None:
        """Look at all training rows once, before the first step."""

    def players(self) -> Sequence[Sequence[nn.Module]]:
        """Return, for each loss, the modules that it trains; one loss for the whole by default."""
        return ((self,),)

    @abstractmethod
    def loss(self, x: torch.Tensor, player: int, epoch: int) -> torch.Tensor:
        """Return one loss a row, shape (n_rows,); `epoch` counts from 1."""

    @abstractmethod
    def score(self, x: torch.Tensor) -> torch.Tensor:
        """Return one score a row, shape (n_rows,), higher for more anomalous."""

    def monitor(self, x: torch.Tensor) -> torch.Tensor:
        """Return what early stopping watches, one number a row, lower for a better fit."""
        return self.score(x)


def batches(X: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
    """Return slices of at most `size` rows, in order."""
    return (X[start : start + size] for start in range(0, len(X), size))


def layers(
    widths: Sequence[int],
    activation: Activation,
    *,
    bias: bool = True,
    last: nn.Module | None = None,
) -> nn.Sequential:
    """Stack linear layers with an activation between them.

    Parameters
    ----------
    widths
        Number of values before the first and after each layer.
    activation
        Applied after each layer but the last.
    bias
        Whether the layers have bias terms.
    last
        Applied after the last layer.
    """
    stack: list[nn.Module] = []
    for before, after in pairwise(widths):
        # On "meta" nothing is drawn: torch's initialisation would advance its global generator.
        linear = nn.Linear(before, after, bias=bias, device="meta").to_empty(device="cpu")
        stack += [linear, _ACTIVATIONS[activation]()]
    return nn.Sequential(*stack[:-1], *([] if last is None else [last]))


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Draw weights as torch does (uniform, by fan-in), from a generator of our own."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Linear):
                bound = module.in_features**-0.5
                for values in (module.weight, module.bias):
                    if values is not None:
                        values.uniform_(-bound, bound, generator=generator)


def pack(module: nn.Module) -> nn.Parameter:
    """Move a module's parameters, and their gradients, into one tensor each.

    The parameters become views, so one optimiser step on the result moves them
    all, at a third of the cost that many small tensors have.
    """
    parameters: list[Any] = list(module.parameters())
    whole = nn.Parameter(torch.cat([one.detach().flatten() for one in parameters]))
    whole.grad = torch.zeros_like(whole)
    start = 0
    for one in parameters:
        stop = start + one.numel()
        one.data = whole.data[start:stop].view_as(one)
        one.grad = whole.grad[start:stop].view_as(one)
        start = stop
    return whole
