"""Any tabular detector over sliding windows of a series."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from ad_core.detector import BaseDetector, InputKind, Series
from ad_core.errors import FitError, InputError, InvalidScoresError, ParameterError
from ad_core.load import build_member
from ad_core.spec import Capability
from ad_timeseries._windows import (
    Array,
    Reduction,
    dominant_period,
    flat_windows,
    require_steps,
    to_steps,
)

__all__ = ["Windowed"]

BLOCK_VALUES = 2**22
"""Values in the windows that are scored at once (32 MB)."""


class Windowed(BaseDetector):
    """Fit a tabular detector on the windows of a series, one row a window.

    A row holds the steps of a window one after the other, each with all its
    channels. Windows are views of the series; the detector gets them in blocks
    when it scores, so memory stays bounded. Windows begin every `stride` steps;
    one more, which ends with the series, is scored where a remainder would be
    left, so every step is covered. A step's score is the mean or the maximum
    over the windows that cover it.

    Parameters
    ----------
    detector
        The tabular detector: a name, or a mapping with ``name`` and ``params``.
    detector_params
        Its arguments; they go before those in `detector`.
    window
        Number of steps in a window; None for the dominant period of the training
        series.
    stride
        Number of steps from one window to the next, at most `window`.
    normalize
        ``"channel"`` brings each channel to the mean 0 and deviation 1 that it has
        in training; ``"window"`` does so in every window, so that only its shape
        counts; ``"none"`` leaves values as they are.
    reduction
        How window scores become step scores: ``"mean"`` or ``"max"``.
    random_state
        Seed of the detector, where it has one.

    Attributes
    ----------
    detector_ : BaseDetector
        The fitted detector.
    window_ : int
        Number of steps in a window.
    center_, scale_ : ndarray of shape (n_channels,)
        Subtracted from, then divided into, each channel.
    """

    input: ClassVar[InputKind] = Series()
    detector_: BaseDetector
    window_: int
    center_: Array
    scale_: Array

    def __init__(
        self,
        detector: str | dict[str, object] = "isolation_forest",
        detector_params: dict[str, object] | None = None,
        window: Annotated[int, Ge(2)] | None = None,
        stride: Annotated[int, Ge(1)] = 1,
        normalize: Literal["none", "channel", "window"] = "channel",
        reduction: Reduction = "mean",
        random_state: int | None = None,
    ) -> None:
        self.detector = detector
        self.detector_params = detector_params
        self.window = window
        self.stride = stride
        self.normalize = normalize
        self.reduction = reduction
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        inner = build_member(
            self.detector, seed=self._int_seed(), whose=self.name, params=self.detector_params
        )
        window = dominant_period(X) if self.window is None else self.window
        if self.stride > window:
            raise ParameterError(
                f"{self.name}: stride={self.stride} is longer than the window of {window} steps, "
                f"so steps would be left out; give a stride of at most {window}"
            )
        # Two windows and the last one: what the least demanding detectors can learn from.
        require_steps(len(X), window + self.stride, window, self.name)
        self.window_ = window
        self.center_, self.scale_ = self._scaling(X)
        try:
            inner.fit(self._rows(self._scaled(X)))
        except (FitError, InputError, InvalidScoresError) as error:
            raise type(error)(f"{self.name}: {error}") from error
        self.detector_ = inner

    def _scaling(self, X: Array) -> tuple[Array, Array]:
        if self.normalize != "channel":
            return np.zeros(X.shape[1]), np.ones(X.shape[1])
        return X.mean(axis=0), _spread(X, axis=0)

    def _scaled(self, X: Array) -> Array:
        return X if self.normalize != "channel" else (X - self.center_) / self.scale_

    def _rows(self, X: Array) -> Array:
        """Windows as rows, shape (n_windows, window * n_channels)."""
        rows = flat_windows(X, self.window_, self.stride)
        return self._shaped(rows, X.shape[1])

    def _shaped(self, rows: Array, n_channels: int) -> Array:
        if self.normalize != "window":
            return rows
        cube = rows.reshape(len(rows), self.window_, n_channels)
        centred = cube - cube.mean(axis=1, keepdims=True)
        shapes = centred / _spread(cube, axis=1)[:, None, :]
        return np.asarray(shapes.reshape(len(rows), -1))

    def _training_scores(self, X: Array) -> Array:
        scores = self.detector_.training_scores_
        if scores is None:
            return self._score(X)
        if (len(X) - self.window_) % self.stride:
            rest = self._rest(self._scaled(X))
            scores = np.concatenate([scores, self.detector_.score_samples(rest)])
        return to_steps(scores, self.window_, self.stride, len(X), self.reduction)

    def _score(self, X: Array) -> Array:
        require_steps(len(X), self.window_, self.window_, self.name)
        series = self._scaled(X)
        scores = np.concatenate(
            [self.detector_.score_samples(rows) for rows in self._blocks(series)]
        )
        return to_steps(scores, self.window_, self.stride, len(X), self.reduction)

    def _blocks(self, X: Array) -> Iterator[Array]:
        rows = flat_windows(X, self.window_, self.stride)
        partial = bool((len(X) - self.window_) % self.stride)
        if self._transductive():
            together = self._shaped(rows, X.shape[1])
            yield np.vstack([together, self._rest(X)]) if partial else together
            return
        size = max(1, BLOCK_VALUES // rows.shape[1])
        for start in range(0, len(rows), size):
            yield self._shaped(rows[start : start + size], X.shape[1])
        if partial:
            yield self._rest(X)

    def _rest(self, X: Array) -> Array:
        """The window that ends with the series, shape (1, window * n_channels)."""
        return self._shaped(X[len(X) - self.window_ :].reshape(1, -1), X.shape[1])

    def _transductive(self) -> bool:
        spec = self.detector_._spec
        return spec is not None and Capability.TRANSDUCTIVE in spec.capabilities


def _spread(values: Array, axis: int) -> Array:
    """Standard deviation along an axis; 1 where values are constant up to rounding."""
    deviations = values.std(axis=axis)
    rounding = 10 * np.finfo(np.float64).eps * np.abs(values).max(axis=axis)
    return np.where(deviations > rounding, deviations, 1.0)
