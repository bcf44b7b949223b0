"""UnSupervised Anomaly Detection: two autoencoders trained against each other."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import nn

from ad_deep._scaling import Scale
from ad_deep.base import DeepDetector
from ad_deep.networks import Network, Stack

__all__ = ["USAD"]


class _Network(Network):
    """One encoder and two decoders: AE1 = D1(E(x)), AE2 = D2(E(x))."""

    def __init__(self, widths: Sequence[int], alpha: float, *, bounded: bool) -> None:
        super().__init__()
        back = list(reversed(widths))
        last: Literal["sigmoid", "none"] = "sigmoid" if bounded else "none"
        self.alpha = alpha
        self.encoder = Stack(widths, "relu", last="relu")
        self.decoder1 = Stack(back, "relu", last=last)
        self.decoder2 = Stack(back, "relu", last=last)

    def players(self) -> Sequence[Sequence[nn.Module]]:
        return ((self.encoder, self.decoder1), (self.encoder, self.decoder2))

    def loss(self, x: torch.Tensor, player: int, epoch: int) -> torch.Tensor:
        """Return equation 7 (player 0) or 8 (player 1) of the paper."""
        code = self.encoder(x)
        first = self.decoder1(code)
        twice = _error(self.decoder2(self.encoder(first)), x)
        if player == 0:
            return _error(first, x) / epoch + (1 - 1 / epoch) * twice
        return _error(self.decoder2(code), x) / epoch - (1 - 1 / epoch) * twice

    def score(self, x: torch.Tensor) -> torch.Tensor:
        first = self.decoder1(self.encoder(x))
        twice = self.decoder2(self.encoder(first))
        return self.alpha * _error(first, x) + (1 - self.alpha) * _error(twice, x)

    def monitor(self, x: torch.Tensor) -> torch.Tensor:
        return _error(self.decoder1(self.encoder(x)), x)


def _error(output: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return (output - x).square().mean(dim=1)


class USAD(DeepDetector):
    """Reconstruction error of two autoencoders of which one learns to fool the other.

    Both share an encoder. The second is trained to tell a row from what the
    first made of it, the first to make what it cannot tell. Made for windows of
    time series, flattened to rows; it takes any rows. The second's loss has no
    lower bound, so `patience` watches the first's error on held-out rows.

    The paper scales columns to [0, 1], ends the decoders in a sigmoid and learns
    from every row: ``scale="minmax", trim=0``. The defaults here rank anomalies
    better where the training rows are not clean.

    Parameters
    ----------
    latent_size
        Width of the code; None for a quarter of the columns, at least 8.
    alpha
        Weight of the first autoencoder's error; the rest, beta in the paper, is
        that of the second's error on the first's output.

    References
    ----------
    J. Audibert, P. Michiardi, F. Guyard, S. Marti, M. Zuluaga. USAD: unsupervised
    anomaly detection on multivariate time series. KDD, 2020.
    doi:10.1145/3394486.3403392
    """

    def __init__(
        self,
        latent_size: Annotated[int, Ge(1)] | None = None,
        alpha: Annotated[float, Ge(0), Le(1)] = 0.5,
        *,
        n_epochs: Annotated[int, Ge(1)] = 30,
        batch_size: Annotated[int, Ge(1)] = 32,
        learning_rate: Annotated[float, Gt(0)] = 1e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.0,
        trim: Annotated[float, Ge(0), Lt(1)] = 0.2,
        patience: Annotated[int, Ge(1)] | None = 5,
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
        self.latent_size = latent_size
        self.alpha = alpha

    def _design(self, n_features: int) -> dict[str, Any]:
        latent = self.latent_size or max(8, n_features // 4)
        inner = [max(n_features // 2, latent, 32), max(n_features // 4, latent, 32)]
        return {
            "widths": [n_features, *inner, latent],
            "alpha": self.alpha,
            "bounded": self.scale == "minmax",
        }

    @staticmethod
    def _network(**design: Any) -> Network:
        return _Network(**design)
