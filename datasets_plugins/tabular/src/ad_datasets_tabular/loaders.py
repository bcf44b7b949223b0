"""Readers of the files behind the data sets."""

import numpy as np
from numpy.typing import NDArray

from ad_core.data import fetch_file, read_arrays
from ad_core.spec import DatasetSpec

__all__ = ["load_adbench"]


def load_adbench(spec: DatasetSpec, _seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read one of ADBench's npz files.

    Parameters
    ----------
    spec
        A spec with one file, which holds ``X`` and ``y``.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        As published, not scaled.
    y : ndarray of shape (n_samples,)
        1 for an anomaly, else 0.

    Raises
    ------
    DatasetError
        The file cannot be had, or is not such an archive.
    """
    (remote,) = spec.files
    X, y = read_arrays(fetch_file(remote), "X", "y")
    return np.asarray(X, dtype=np.float64), y.ravel().astype(np.int64)
