"""Reconstruction error of an autoencoder."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Lt, MinLen

from ad_deep._scaling import Scale
from ad_deep.base import DeepDetector
from ad_deep.networks import Activation, Network, Stack, ToTarget

__all__ = ["Autoencoder"]


class _Network(ToTarget):
    def __init__(self, n_features: int, hidden: Sequence[int], activation: Activation) -> None:
        widths = [n_features, *hidden, *hidden[-2::-1], n_features]
        super().__init__(Stack(widths, activation), factor=1 / n_features)

    def target(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Autoencoder(DeepDetector):
    """Mean squared error with which a narrow network reproduces a (scaled) row.

    Parameters
    ----------
    hidden_units
        Widths of the encoder's layers, the last one the code; the decoder
        mirrors them. Few passes and `trim` keep a code wider than the data
        from learning the identity.
    activation
        Activation function between layers.

    References
    ----------
    S. Hawkins, H. He, G. Williams, R. Baxter. Outlier detection using replicator
    neural networks. DaWaK, 2002. doi:10.1007/3-540-46145-0_17
    """

    def __init__(
        self,
        hidden_units: Annotated[Sequence[Annotated[int, Ge(1)]], MinLen(1)] = (64, 32),
        activation: Activation = "relu",
        *,
        n_epochs: Annotated[int, Ge(1)] = 10,
        batch_size: Annotated[int, Ge(1)] = 32,
        learning_rate: Annotated[float, Gt(0)] = 1e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.0,
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
