"""Windows over a loaded series, without a copy."""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ad_core.data import Dataset
from ad_core.errors import InputError, ParameterError
from ad_core.spec import DataKind

__all__ = ["Windows", "sliding_windows"]


class Windows(NamedTuple):
    """Windows over a series and their labels.

    Parameters
    ----------
    X
        Read-only view of the series, shape (n_windows, length, n_channels); it
        takes no memory of its own.
    y
        1 for a window that holds an anomalous step, shape (n_windows,); None
        where the series has no labels.
    starts
        First step of each window, shape (n_windows,).
    """

    X: NDArray[np.float64]
    y: NDArray[np.int64] | None
    starts: NDArray[np.int64]


def sliding_windows(dataset: Dataset, length: int, stride: int = 1) -> Windows:
    """Cut a series into windows of `length` steps, one every `stride` steps.

    Only whole windows are made: with a `stride` above 1, up to ``stride - 1``
    steps at the end may be in none.

    Parameters
    ----------
    dataset
        A loaded series.
    length, stride
        Numbers of steps, at least 1.

    Raises
    ------
    InputError
        The data set is no series, or is shorter than one window.
    ParameterError
        `length` or `stride` is below 1.

    Examples
    --------
    >>> from ad_core.data import load_dataset
    >>> windows = sliding_windows(load_dataset("toy-series-spikes", "test"), 50, stride=10)
    >>> windows.X.shape
    (196, 50, 1)
    """
    for name, value in (("length", length), ("stride", stride)):
        if value < 1:
            raise ParameterError(f"{name} must be an integer >= 1, got {value!r}")
    if dataset.spec.data is not DataKind.TIMESERIES:
        raise InputError(
            f"{dataset.name} is {dataset.spec.data.value} data; windows need a time series"
        )
    if dataset.n_samples < length:
        raise InputError(
            f"{dataset.name} ({dataset.split}) has {dataset.n_samples} time steps, fewer than one "
            f"window of {length}; choose a length of at most {dataset.n_samples}"
        )
    X: Any = sliding_window_view(dataset.X, length, axis=0)[::stride].transpose(0, 2, 1)
    y = dataset.y
    if y is not None:
        y = sliding_window_view(y, length)[::stride].max(axis=1)
    return Windows(X, y, np.arange(len(X)) * stride)
