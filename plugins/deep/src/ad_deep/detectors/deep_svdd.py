"""Deep support vector data description."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Lt, MinLen

from ad_deep._scaling import Scale
from ad_deep.base import DeepDetector
from ad_deep.networks import Activation, Network, Stack, ToTarget, batches

__all__ = ["DeepSVDD"]

_AWAY = 0.1
"""Least distance of each coordinate of the centre from zero (the authors' value)."""


class _Network(ToTarget):
    center: torch.Tensor

    def __init__(self, n_features: int, hidden: Sequence[int], activation: Activation) -> None:
        super().__init__(Stack([n_features, *hidden], activation, bias=False), factor=1.0)
        self.register_buffer("center", torch.zeros(hidden[-1]))

    def start(self, X: torch.Tensor) -> None:
        center = torch.zeros_like(self.center)
        for part in batches(X, 4096):
            center += self.stack(part).sum(dim=0) / len(X)
        away = torch.where(center < 0, -_AWAY, _AWAY)
        self.center.copy_(torch.where(center.abs() < _AWAY, away, center))

    def target(self, x: torch.Tensor) -> torch.Tensor:
        return self.center


class DeepSVDD(DeepDetector):
    """Squared distance of a row's image from the centre of the training rows' images.

    The network has no bias terms and its centre is kept away from zero:
    otherwise it could map every row to the centre (section 3.3 of the paper).

    Parameters
    ----------
    hidden_units
        Widths of the layers; the last one is the space with the centre.
    activation
        Activation function between layers.

    References
    ----------
    L. Ruff and others. Deep one-class classification. ICML, 2018.
    """

    def __init__(
        self,
        hidden_units: Annotated[Sequence[Annotated[int, Ge(1)]], MinLen(1)] = (64, 32),
        activation: Activation = "leaky_relu",
        *,
        n_epochs: Annotated[int, Ge(1)] = 30,
        batch_size: Annotated[int, Ge(1)] = 32,
        learning_rate: Annotated[float, Gt(0)] = 1e-4,
        weight_decay: Annotated[float, Ge(0)] = 1e-6,
        trim: Annotated[float, Ge(0), Lt(1)] = 0.2,
        patience: Annotated[int, Ge(1)] | None = None,
        validation_fraction: Annotated[float, Gt(0), Lt(1)] = 0.1,
        scale: Scale = "standard",
        device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
        random_state: int | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            n_epochs=n_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            trim=trim,
            patience=patience,
            validation_fraction=validation_fraction,
            scale=scale,
            device=device,
            random_state=random_state,
            verbose=verbose,
        )
        self.hidden_units = hidden_units
        self.activation = activation

    def _design(self, n_features: int) -> dict[str, Any]:
        return {
            "n_features": n_features,
            "hidden": list(self.hidden_units),
            "activation": self.activation,
        }

    @staticmethod
    def _network(**design: Any) -> Network:
        return _Network(**design)
