"""What the detectors of this package share: scaling, training, scoring, saving."""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import torch
from annotated_types import Ge, Gt, Lt
from attrs import asdict
from numpy.typing import NDArray

from ad_core.detector import BaseDetector
from ad_deep import _storage
from ad_deep._device import choose, choose_at_load
from ad_deep._progress import progress_bar
from ad_deep._scaling import Scale, Scaler
from ad_deep._threads import enough_threads
from ad_deep.networks import Network, initialise
from ad_deep.training import Plan, train

__all__ = ["DeepDetector"]

Array = NDArray[np.float64]

_WEIGHTS = "network.safetensors"


class DeepDetector(BaseDetector):
    """Base of detectors that train a network on the rows.

    A subclass writes `_design` and `_network`. Rows are scaled, a network is
    trained in float32 and scores in float64 (in float32 on MPS, which has no
    other), always in parts of the same number of rows: so a row's score does
    not depend on the rows beside it, and memory stays bounded.

    Ctrl-C during `fit` ends training: the best weights so far are kept, `fit`
    goes on to its end and ``history_["stopped"]`` says ``"interrupted"``. Before
    the first pass is over there is nothing to keep, and the interrupt is
    passed on.

    Parameters
    ----------
    n_epochs
        Most passes over the training rows.
    batch_size
        Rows a training step.
    learning_rate
        Step size of Adam.
    weight_decay
        L2 penalty on the weights.
    trim
        Share of each batch's rows, those with the greatest losses, that a step
        leaves out. It keeps anomalies among the training rows from being learned.
    patience
        Passes without progress on held-out rows before training stops; None to
        train for all epochs, on all rows.
    validation_fraction
        Share of the training rows to hold out for `patience`.
    scale
        Columns to mean 0 and deviation 1, to [0, 1], or as they are.
    device
        Where to run; 'auto' takes a GPU where there is one. A saved detector
        whose device is absent where it is loaded scores on the CPU.
    random_state
        Seed of the first weights, the held-out rows and the order of the rows.
    verbose
        Whether to draw a progress bar, on a terminal.

    Attributes
    ----------
    network_ : Network
        The trained network.
    history_ : dict
        ``train_loss`` and ``validation_loss``, one number a pass, ``best_epoch``
        and ``stopped`` ("epochs", "patience" or "interrupted").
    """

    _chunk: ClassVar[int] = 256
    """Rows that are scored at once; fewer are padded, so that sums never differ."""

    network_: Network
    history_: dict[str, Any]

    def __init__(
        self,
        *,
        n_epochs: Annotated[int, Ge(1)],
        batch_size: Annotated[int, Ge(1)],
        learning_rate: Annotated[float, Gt(0)],
        weight_decay: Annotated[float, Ge(0)],
        trim: Annotated[float, Ge(0), Lt(1)],
        patience: Annotated[int, Ge(1)] | None,
        validation_fraction: Annotated[float, Gt(0), Lt(1)],
        scale: Scale,
        device: Literal["auto", "cpu", "cuda", "mps"],
        random_state: int | None,
        verbose: bool,
    ) -> None:
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.trim = trim
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.scale = scale
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def _design(self, n_features: int) -> dict[str, Any]:
        """Return the arguments of `_network` for this many columns, as plain data."""

    @staticmethod
    @abstractmethod
    def _network(**design: Any) -> Network:
        """Build the network on the CPU; its weights are set later."""

    def _fit(self, X: Array, y: NDArray[np.int64] | None) -> None:
        device = choose(self.device, self.name)
        generator = torch.Generator().manual_seed(self._int_seed())
        self.scaler_ = Scaler.fit(X, self.scale)
        self.design_ = self._design(X.shape[1])
        network = self._network(**self.design_)
        initialise(network, generator)
        network.to(device)
        rows = self.scaler_.to_tensor(X, torch.float32, device)
        with (
            enough_threads(self.batch_size, network.n_weights),
            progress_bar(self.name, self.n_epochs, wanted=self.verbose) as progress,
        ):
            self.history_ = train(
                network, rows, self._plan(), generator=generator, whose=self.name, progress=progress
            )
        self.network_ = _for_scoring(network, device)

    def _plan(self) -> Plan:
        return Plan(
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            trim=self.trim,
            validation_fraction=self.validation_fraction,
            patience=self.patience,
        )

    def _score(self, X: Array) -> Array:
        like = next(self.network_.parameters())
        limit = torch.finfo(like.dtype).max ** 0.3  # squares and sums of it stay finite
        chunk = torch.zeros((self._chunk, X.shape[1]), dtype=like.dtype, device=like.device)
        scores = np.empty(len(X))
        with torch.inference_mode(), enough_threads(self._chunk, self.network_.n_weights):
            for start, part in self.scaler_.parts(X, self._chunk):
                chunk[: len(part)] = torch.from_numpy(part.clip(-limit, limit)).to(like.dtype)
                scored = self.network_.score(chunk)[: len(part)]
                scores[start : start + len(part)] = scored.cpu().numpy()
        return scores

    # -- saving -----------------------------------------------------------------------------

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        attributes, files = super()._write_state()
        if "network_" in attributes:
            attributes["scaler_"] = asdict(self.scaler_)
            files[_WEIGHTS] = _storage.to_bytes(attributes.pop("network_"))
        return attributes, files

    def _read_state(self, attributes: dict[str, Any], files: dict[str, bytes]) -> None:
        super()._read_state(attributes, files)
        if _WEIGHTS in files:
            self.scaler_ = Scaler(**attributes["scaler_"])
            network = self._network(**self.design_)
            _storage.from_bytes(network, files[_WEIGHTS])
            self.network_ = _for_scoring(network, choose_at_load(self.device, self.name))


def _for_scoring(network: Network, device: torch.device) -> Network:
    """Fix a network's weights and give it the precision that scores are computed in."""
    network.zero_grad(set_to_none=True)
    network.requires_grad_(requires_grad=False)
    return network.to(device=device, dtype=torch.float32 if device.type == "mps" else torch.float64)
