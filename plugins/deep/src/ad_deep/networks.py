"""Building blocks: the contract between a network and the training loop, and layers."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import nn

__all__ = [
    "Activation",
    "Network",
    "Stack",
    "ToTarget",
    "batches",
    "initialise",
    "pack",
]

Activation = Literal["relu", "leaky_relu", "elu", "tanh"]
Weigh = Callable[[torch.Tensor], torch.Tensor]

_aten: Any = torch.ops.aten

# Function in place, and its gradient from the gradient after it and the value after it.
_ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "relu": (torch.relu_, lambda grad, after: _aten.threshold_backward(grad, after, 0)),
    "leaky_relu": (
        nn.functional.leaky_relu_,
        lambda grad, after: _aten.leaky_relu_backward(grad, after, 0.01, True),
    ),
    "elu": (
        nn.functional.elu_,
        lambda grad, after: _aten.elu_backward(grad, 1.0, 1, 1, True, after),
    ),
    "tanh": (torch.tanh_, _aten.tanh_backward),
    "sigmoid": (torch.sigmoid_, _aten.sigmoid_backward),
    "none": (lambda values: values, lambda grad, _: grad),
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
        """Look at all training rows once, before the first step; gradients are off."""

    def players(self) -> Sequence[Sequence[nn.Module]]:
        """Return, for each loss, the modules that it trains; one loss for the whole by default."""
        return ((self,),)

    @abstractmethod
    def score(self, x: torch.Tensor) -> torch.Tensor:
        """Return one score a row, shape (n_rows,), higher for more anomalous."""

    def loss(self, x: torch.Tensor, player: int, epoch: int) -> torch.Tensor:
        """Return one loss a row, shape (n_rows,), by default the score; `epoch` is from 1."""
        return self.score(x)

    def learn(self, x: torch.Tensor, player: int, epoch: int, weigh: Weigh) -> torch.Tensor:
        """Add the gradients of the rows' weighted loss to those of the parameters.

        It is called with torch's gradients switched off.

        Parameters
        ----------
        x, player, epoch
            As in `loss`.
        weigh
            Turns the losses into the weight of each row.

        Returns
        -------
        Tensor of shape (n_rows,)
            The losses.
        """
        with torch.enable_grad():
            losses = self.loss(x, player, epoch)
        values = losses.detach()
        losses.backward(weigh(values))  # type: ignore[no-untyped-call]
        return values

    def monitor(self, x: torch.Tensor) -> torch.Tensor:
        """Return what early stopping watches, one number a row, lower for a better fit."""
        return self.score(x)


class Stack(nn.Module):
    """Linear layers with an activation between them.

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

    def __init__(
        self,
        widths: Sequence[int],
        activation: Activation,
        *,
        bias: bool = True,
        last: Literal["none", "relu", "sigmoid"] = "none",
    ) -> None:
        super().__init__()
        # On "meta" nothing is drawn: torch's initialisation would advance its global generator.
        self.layers = nn.ModuleList(
            nn.Linear(before, after, bias=bias, device="meta").to_empty(device="cpu")
            for before, after in pairwise(widths)
        )
        self.activations = (*[activation] * (len(widths) - 2), last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the values after the last layer."""
        return self.values(x)[-1]

    def values(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return x and the values after each layer."""
        found = [x]
        for layer, name in zip(self.layers, self.activations, strict=True):
            function, _ = _ACTIVATIONS[name]
            found.append(function(layer(found[-1])))
        return found

    def add_gradients(self, values: list[torch.Tensor], grad: torch.Tensor) -> None:
        """Add to the parameters' gradients, given what `values` returned and the last's gradient.

        torch's own backward pass gives the same and takes three times as long over
        small batches, nearly all of it book-keeping.
        """
        for i in reversed(range(len(self.layers))):
            layer: Any = self.layers[i]
            _, gradient = _ACTIVATIONS[self.activations[i]]
            grad = gradient(grad, values[i + 1])
            layer.weight.grad.addmm_(grad.t(), values[i])
            if layer.bias is not None:
                layer.bias.grad.add_(grad.sum(dim=0))
            if i > 0:
                grad = grad.mm(layer.weight)


class ToTarget(Network):
    """A stack whose output is to come near a target; the squared distance is the score.

    Parameters
    ----------
    stack
        The layers.
    factor
        Of the squared distance: one over the width for the mean of squares.
    """

    def __init__(self, stack: Stack, factor: float) -> None:
        super().__init__()
        self.stack = stack
        self.factor = factor

    @abstractmethod
    def target(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the stack should map each row to."""

    def score(self, x: torch.Tensor) -> torch.Tensor:
        """Return the squared distances from the targets, times the factor."""
        output: torch.Tensor = self.stack(x)
        return (output - self.target(x)).square().sum(dim=1) * self.factor

    def learn(self, x: torch.Tensor, player: int, epoch: int, weigh: Weigh) -> torch.Tensor:
        """Do what `Network.learn` does, by hand."""
        values = self.stack.values(x)
        error = values[-1] - self.target(x)
        losses = error.square().sum(dim=1) * self.factor
        weights = weigh(losses) * (2 * self.factor)
        self.stack.add_gradients(values, error * weights[:, None])
        return losses


def batches(X: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
    """Return slices of at most `size` rows, in order."""
    return (X[start : start + size] for start in range(0, len(X), size))


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
