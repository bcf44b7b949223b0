"""A loaded data set, and what a loader returns."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import DatasetError
from ad_core.spec import DataKind, DatasetSpec

__all__ = ["Dataset", "Parts", "Rows"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Rows(NamedTuple):
    """What a loader returns; a plain ``(X, y)`` does as well.

    Parameters
    ----------
    X
        Samples, shape (n_samples, n_features) or (n_timesteps, n_channels).
    y
        Labels in {0, 1}, shape (n,), 1 for an anomaly; None where there are none.
    feature_names
        A name a column; None for ``x0, x1, …``.
    """

    X: ArrayLike
    y: ArrayLike | None = None
    feature_names: tuple[str, ...] | None = None


def _rows(value: Iterable[Any]) -> Rows:
    return Rows(*value)


@frozen(kw_only=True, eq=False)
class Parts:
    """What the loader of a data set with a split of its own returns."""

    train: Rows = field(converter=_rows)
    test: Rows = field(converter=_rows)


@frozen(kw_only=True, eq=False, slots=False)
class Dataset:
    """One part of a data set; unpacks as ``X, y``.

    Parameters
    ----------
    X
        Samples, read-only and C-contiguous: float64 of shape
        (n_samples, n_features) for a table, (n_timesteps, n_channels) for a
        series; other kinds keep their own dtype and shape.
    y
        Labels, read-only int64 of shape (n_samples,) in {0, 1}, 1 for an
        anomaly; None where there are none.
    spec
        What the set is and where it comes from.
    split
        ``train``, ``test`` or ``all``.
    seed
        The seed that chose the split (and drew the rows of a synthetic set).
    feature_names
        A name a column; empty for kinds that have no columns.

    Raises
    ------
    DatasetError
        The arrays do not fit one another or the kind of data.
    """

    X: NDArray[Any]
    y: IntArray | None
    spec: DatasetSpec
    split: str
    seed: int
    feature_names: tuple[str, ...]

    @classmethod
    def of(cls, rows: Rows, *, spec: DatasetSpec, split: str, seed: int) -> "Dataset":
        """Check what a loader returned and freeze it."""
        X = _samples(rows.X, spec)
        y = None if rows.y is None else _labels(rows.y, len(X), spec)
        names = _feature_names(rows.feature_names, X, spec)
        return cls(X=X, y=y, spec=spec, split=split, seed=seed, feature_names=names)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.X, self.y))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for array in (self.X, self.y):
            if array is not None:  # a pickle forgets it
                array.flags.writeable = False

    def __repr__(self) -> str:
        anomalies = "no labels" if self.n_anomalies is None else f"{self.n_anomalies} anomalies"
        return (
            f"<Dataset {self.spec.name} split={self.split} seed={self.seed}: "
            f"shape {self.X.shape}, {anomalies}>"
        )

    @property
    def name(self) -> str:
        """The name in the spec."""
        return self.spec.name

    @property
    def n_samples(self) -> int:
        """Number of rows, or of time steps."""
        return int(self.X.shape[0])

    @property
    def n_features(self) -> int:
        """Number of columns, or of channels."""
        return len(self.feature_names)

    @property
    def n_anomalies(self) -> int | None:
        """Number of labels 1; None without labels."""
        return None if self.y is None else int(self.y.sum())

    @property
    def anomaly_ratio(self) -> float | None:
        """Share of labels 1; None without labels."""
        return None if self.n_anomalies is None else self.n_anomalies / self.n_samples

    @cached_property
    def sha256(self) -> str:
        """Hash of the content: dtypes, shapes and values of `X` and `y`.

        The same in every process; names and the spec do not enter.
        """
        digest = hashlib.sha256()
        for array in (self.X, self.y):
            if array is None:
                digest.update(b"none")
                continue
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            digest.update(f"{little.dtype.str}{little.shape}".encode())
            digest.update(little.reshape(-1).view(np.uint8).data)
        return digest.hexdigest()


def _samples(value: ArrayLike, spec: DatasetSpec) -> NDArray[Any]:
    matrix = spec.data in (DataKind.TABULAR, DataKind.TIMESERIES)
    X = np.array(value, dtype=np.float64 if matrix else None, order="C")
    if matrix and X.ndim != 2:
        rule = (
            "(n_samples, n_features)"
            if spec.data is DataKind.TABULAR
            else "(n_timesteps, n_channels)"
        )
        raise DatasetError(f"{spec.name}: its loader returned X of shape {X.shape}, not {rule}")
    if X.ndim == 0 or X.shape[0] == 0:
        raise DatasetError(f"{spec.name}: its loader returned no samples")
    if X.dtype.hasobject:
        raise DatasetError(f"{spec.name}: its loader returned an array of Python objects")
    X.flags.writeable = False
    return X


def _labels(value: ArrayLike, n_samples: int, spec: DatasetSpec) -> IntArray:
    given = np.asarray(value)
    if given.shape != (n_samples,):
        raise DatasetError(
            f"{spec.name}: its loader returned y of shape {given.shape} for {n_samples} samples"
        )
    y = np.array(given, dtype=np.int64)
    if not (np.array_equal(y, given) and np.isin(y, (0, 1)).all()):
        raise DatasetError(f"{spec.name}: its loader returned labels other than 0 and 1")
    y.flags.writeable = False
    return y


def _feature_names(
    names: tuple[str, ...] | None, X: NDArray[Any], spec: DatasetSpec
) -> tuple[str, ...]:
    if X.ndim != 2:
        return ()
    if names is None:
        return tuple(f"x{column}" for column in range(X.shape[1]))
    if len(names) != X.shape[1] or len(set(names)) != len(names):
        raise DatasetError(
            f"{spec.name}: its loader named {len(names)} features "
            f"({len(set(names))} different ones) for {X.shape[1]} columns"
        )
    return tuple(str(name) for name in names)
