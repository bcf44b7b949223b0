"""What a detector accepts: one object a kind of data, which does all the checking.

A detector of another kind of data (series, images, graphs) sets its class
attribute `input` to another object with the same members.
"""

import math
from typing import Any, ClassVar, Protocol

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import InputError
from ad_core.spec import DataKind

__all__ = ["InputKind", "Layout", "Series", "Tabular", "all_finite", "read_labels"]

FloatArray = NDArray[np.float64]

A_ROW = 24
"""Values that Python adds up before numpy has begun."""
FEW = 1000
"""Values that are added up by one thread of BLAS."""


@frozen
class Layout:
    """What a detector was fitted on.

    Parameters
    ----------
    n_features
        Number of columns.
    names
        Their names, when a frame was given; else None.
    """

    n_features: int
    names: tuple[str, ...] | None = None


class InputKind(Protocol):
    """How data of one kind are read, checked and split."""

    kind: ClassVar[DataKind]

    def read_training(
        self, X: Any, whose: str, *, missing: bool, private: bool
    ) -> tuple[Any, Layout]:
        """Return checked training data and their layout: a copy if private, else read-only."""

    def read(self, X: Any, layout: Layout, whose: str, *, missing: bool) -> Any:
        """Return checked data, read-only, in the layout that the detector was fitted on."""

    def n_scores(self, data: Any) -> int:
        """Return how many scores the data call for."""

    def split(self, data: Any, fraction: float, seed: int) -> tuple[Any, Any]:
        """Return index arrays of the part to fit on and the part to hold out."""


class Tabular:
    """Rows of numbers: arrays, lists, pandas and polars frames."""

    kind: ClassVar[DataKind] = DataKind.TABULAR

    def read_training(
        self, X: Any, whose: str, *, missing: bool = False, private: bool = True
    ) -> tuple[FloatArray, Layout]:
        """Return C-contiguous float64 rows, shape (n_samples, n_features).

        They are a copy if `private`, else read-only.
        """
        names = _column_names(X, whose)
        rows = _as_floats(X, names, whose, copy=True if private else None)
        if rows.shape[1] == 0:
            raise InputError(f"{whose}: X has no columns; at least 1 is needed")
        _check_finite(rows, names, whose, missing=missing)
        return rows if private else _read_only(rows), Layout(rows.shape[1], names)

    def read(self, X: Any, layout: Layout, whose: str, *, missing: bool = False) -> FloatArray:
        """Return a read-only C-contiguous float64 array with the columns of `layout`."""
        names = _column_names(X, whose)
        if layout.names is not None and names is not None and names != layout.names:
            X, names = _reorder(X, names, layout.names, whose), layout.names
        rows = _as_floats(X, names, whose, copy=None)
        if rows.shape[1] != layout.n_features:
            raise InputError(
                f"{whose}: X has {rows.shape[1]} columns, but it was fitted on {layout.n_features}"
            )
        _check_finite(rows, names, whose, missing=missing)
        return _read_only(rows)

    def n_scores(self, data: FloatArray) -> int:
        """Return the number of rows."""
        return len(data)

    def split(
        self, data: FloatArray, fraction: float, seed: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Hold out a random `fraction` of the rows."""
        order = np.random.default_rng(seed).permutation(len(data))
        held = max(1, round(fraction * len(data)))
        return np.sort(order[held:]), np.sort(order[:held])


class Series(Tabular):
    """Time steps, shape (n_timesteps, n_channels) or (n_timesteps,) for one channel.

    One score a time step. Channels are checked and named as columns are.
    """

    kind: ClassVar[DataKind] = DataKind.TIMESERIES

    def read_training(
        self, X: Any, whose: str, *, missing: bool = False, private: bool = True
    ) -> tuple[FloatArray, Layout]:
        """Return C-contiguous float64 steps, shape (n_timesteps, n_channels)."""
        return super().read_training(
            _one_channel(X, whose), whose, missing=missing, private=private
        )

    def read(self, X: Any, layout: Layout, whose: str, *, missing: bool = False) -> FloatArray:
        """Return a read-only C-contiguous float64 array with the channels of `layout`."""
        return super().read(_one_channel(X, whose), layout, whose, missing=missing)

    def split(
        self,
        data: FloatArray,
        fraction: float,
        seed: int,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Hold out the last `fraction` of the time steps."""
        cut = len(data) - max(1, round(fraction * len(data)))
        return np.arange(cut), np.arange(cut, len(data))


def _one_channel(X: Any, whose: str) -> Any:
    """Turn a one-dimensional series into one column; leave everything else alone."""
    if _is_frame(X) or X is None or np.ma.isMaskedArray(X):
        return X
    raw = _plain_values(X, whose)
    return raw[:, None] if raw.ndim == 1 else X


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") and hasattr(X, "to_numpy")


def _column_names(X: Any, whose: str) -> tuple[str, ...] | None:
    """Return the column names of a frame, None for anything else or for unnamed columns."""
    if not _is_frame(X):
        return None
    names = list(X.columns)
    if len(set(names)) != len(names):
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        raise InputError(f"{whose}: column {twice[0]!r} occurs more than once; rename the columns")
    if not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)


def _reorder(X: Any, names: tuple[str, ...], wanted: tuple[str, ...], whose: str) -> Any:
    missing = [name for name in wanted if name not in names]
    extra = [name for name in names if name not in wanted]
    if missing or extra:
        parts = [
            f"{label} {', '.join(map(repr, columns[:8]))}{', …' if len(columns) > 8 else ''}"
            for label, columns in (("missing", missing), ("unexpected", extra))
            if columns
        ]
        raise InputError(f"{whose}: the columns are not those it was fitted on: {'; '.join(parts)}")
    return X[list(wanted)]


def _as_floats(
    X: Any, names: tuple[str, ...] | None, whose: str, *, copy: bool | None
) -> FloatArray:
    """Convert to a C-contiguous float64 array of two dimensions, never in place.

    `copy` is numpy's: None for one only where it is needed.
    """
    if X is None:
        raise InputError(f"{whose}: X is None; give rows of numbers")
    if hasattr(X, "tocsr") or hasattr(X, "todense"):
        raise InputError(f"{whose}: sparse data are not supported; use X.toarray()")
    if np.ma.isMaskedArray(X):
        raise InputError(f"{whose}: masked arrays are not supported; use X.filled(value)")
    raw = _frame_values(X, whose) if _is_frame(X) else _plain_values(X, whose)
    if raw.ndim != 2:
        raise InputError(
            f"{whose}: expected a 2D array (rows, columns), got {raw.ndim}D of shape {raw.shape}; "
            "use X.reshape(-1, 1) for one column or X.reshape(1, -1) for one row"
        )
    if raw.shape[0] == 0:
        raise InputError(f"{whose}: X has no rows")
    return _to_float64(raw, names, whose, copy=copy)


def _read_only(rows: FloatArray) -> FloatArray:
    rows = rows.view()
    rows.setflags(write=False)
    return rows


def _plain_values(X: Any, whose: str) -> NDArray[Any]:
    try:
        raw = np.asarray(X)
        # A list of mixed types would become an array of strings and hide which one is at fault.
        return np.asarray(X, dtype=object) if raw.dtype.kind in "US" and raw is not X else raw
    except ValueError as error:
        raise InputError(f"{whose}: X is not a rectangular table of numbers: {error}") from error


def _frame_values(X: Any, whose: str) -> NDArray[Any]:
    dtypes = list(X.dtypes)
    texts = {dtype for dtype in set(dtypes) if str(dtype).lower().startswith(_TEXTS)}
    for name, dtype in zip(X.columns, dtypes, strict=True):
        if dtype in texts:
            raise InputError(
                f"{whose}: column {name!r} holds {dtype}, not numbers; drop or encode it"
            )
    # pandas: its own missing values become NaN
    if hasattr(X, "isna") and not all(isinstance(dtype, np.dtype) for dtype in dtypes):
        X = X.astype("float64")
    return np.asarray(X.to_numpy())


_TEXTS = ("str", "category", "date", "time", "duration", "categorical", "enum", "list")
"""What the names of column types begin with that hold no numbers."""


def _to_float64(
    raw: NDArray[Any], names: tuple[str, ...] | None, whose: str, *, copy: bool | None
) -> FloatArray:
    if raw.dtype.kind in "fiub":
        return np.array(raw, dtype=np.float64, order="C", copy=copy)
    if raw.dtype.kind == "c":
        raise InputError(f"{whose}: Complex data not supported; split real and imaginary parts")
    if raw.dtype.kind in "mM":
        raise InputError(f"{whose}: dates and durations are not numbers; convert or drop them")
    try:
        if any(isinstance(value, str | bytes) for value in raw.flat):
            raise ValueError("a string")
        return np.ascontiguousarray(raw, dtype=np.float64)
    except (ValueError, TypeError) as error:
        row, column, value = _first_non_number(raw)
        where = f"column {names[column]!r}" if names else f"column {column}"
        message = (
            f"{whose}: row {row}, {where} holds {value!r} ({type(value).__name__}), "
            "which is not a number; convert or drop it"
        )
        raise InputError(message) from error


def _first_non_number(raw: NDArray[Any]) -> tuple[int, int, Any]:
    for row, column in np.ndindex(raw.shape):
        value: Any = raw.item(row, column)
        if isinstance(value, str | bytes):
            return row, column, str(value)
        try:
            float(value)
        except (ValueError, TypeError):
            return row, column, value
    return 0, 0, raw.item(0, 0)


def all_finite(values: FloatArray) -> bool:
    """Return whether there is no NaN and no infinity in a contiguous array."""
    # A sum is finite only if every term is: one pass without a temporary array. Of few
    # values, that of the squares is there before `sum` would have begun.
    if values.size <= A_ROW:
        if math.isfinite(sum(values.ravel().tolist())):
            return True
    elif values.size <= FEW:
        flat = values.ravel()
        if math.isfinite(np.vdot(flat, flat)):
            return True
    else:
        with np.errstate(all="ignore"):
            if math.isfinite(values.sum()):
                return True
    return bool(np.isfinite(values).all())


def _check_finite(
    rows: FloatArray, names: tuple[str, ...] | None, whose: str, *, missing: bool
) -> None:
    if all_finite(rows):
        return
    bad = np.isinf(rows) if missing else ~np.isfinite(rows)
    if not bad.any():
        return
    row, column = (int(index) for index in np.argwhere(bad)[0])
    kind = "NaN" if np.isnan(rows[row, column]) else "infinity"
    where = f"column {names[column]!r}" if names else f"column {column}"
    affected = int(bad.any(axis=1).sum())
    remedy = "drop or impute such rows"
    if kind == "NaN":
        remedy += (
            ", or use a detector that accepts them: ad list-detectors --capability missing_values"
        )
    raise InputError(
        f"{whose}: X contains {kind}: row {row}, {where}; "
        f"{affected} of {len(rows)} rows are affected; {remedy}"
    )


def read_labels(y: ArrayLike | None, n: int, whose: str) -> NDArray[np.int64]:
    """Check the labels of a supervised detector: 0 or 1 a sample, both present."""
    if y is None:
        raise InputError(
            f"{whose} learns from labels; call fit(X, y) with 1 for anomalies and 0 for normal rows"
        )
    labels = np.asarray(y)
    if labels.shape != (n,):
        raise InputError(f"{whose}: y must have shape ({n},), got {labels.shape}")
    if not np.isin(labels, (0, 1)).all():
        raise InputError(f"{whose}: y must be 0 (normal) or 1 (anomaly), found other values")
    if len(np.unique(labels)) < 2:
        raise InputError(
            f"{whose}: y holds one class only; labelled anomalies and normal rows are needed"
        )
    return labels.astype(np.int64)
