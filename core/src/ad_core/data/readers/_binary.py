"""Parquet, Arrow (Feather) and npz."""

from pathlib import Path

import polars as pl

from ad_core.data._arrays import npz_members
from ad_core.data.readers._raw import Raw, broken
from ad_core.errors import FileFormatError

__all__ = ["read_arrow", "read_npz", "read_parquet"]

POLARS_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def read_parquet(path: Path) -> Raw:
    """Read a Parquet file."""
    with path.open("rb") as file:
        try:
            frame = pl.read_parquet(file)
        except POLARS_FAILURES as error:
            raise broken(path, error, "Parquet") from error
    return Raw(path=path, frame=frame)


def read_arrow(path: Path) -> Raw:
    """Read an Arrow IPC file (Feather version 2) or stream."""
    with path.open("rb") as file:
        read = pl.read_ipc if file.read(6) == b"ARROW1" else pl.read_ipc_stream
    with path.open("rb") as file:  # anew: polars reads from where the descriptor stands
        try:
            frame = read(file)
        except POLARS_FAILURES as error:
            raise broken(path, error, "Arrow") from error
    return Raw(path=path, frame=frame)


def read_npz(path: Path, label: str) -> Raw:
    """Read the arrays ``X``, `label` (optional) and ``feature_names`` (optional).

    The frame holds the columns of X (``x0, x1, …`` unless named) and the label.
    """
    arrays, held = npz_members(path, {"X", label, "feature_names"})
    if "X" not in arrays:
        raise FileFormatError(
            f"{path} has no array 'X' (it holds {', '.join(held) or 'nothing'}); "
            "save it with numpy.savez(file, X=..., y=...)"
        )
    X = arrays["X"]
    X = X[:, None] if X.ndim == 1 else X
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise FileFormatError(
            f"{path}: the array 'X' has shape {X.shape} and type {X.dtype}; it must hold numbers, "
            "one row a sample"
        )
    names = [str(name) for name in arrays.get("feature_names", ())]
    names = names or [f"x{column}" for column in range(X.shape[1])]
    if len(set(names)) != X.shape[1] or len(names) != X.shape[1]:
        raise FileFormatError(
            f"{path}: 'feature_names' must hold {X.shape[1]} different names, one a column of 'X'"
        )
    frame = pl.DataFrame(dict(zip(names, X.T, strict=True)))
    if label in arrays and label not in names:
        y = arrays[label].ravel()
        if len(y) != len(X):
            raise FileFormatError(f"{path}: {label!r} has {len(y)} values for {len(X)} rows of 'X'")
        frame = frame.with_columns(pl.Series(label, y))
    return Raw(path=path, frame=frame)
