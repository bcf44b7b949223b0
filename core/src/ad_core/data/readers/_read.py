"""`read_table`: one way in for every format."""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from attrs import evolve, frozen

from ad_core.data.readers._binary import read_arrow, read_npz, read_parquet
from ad_core.data.readers._columns import MISSING, numbers_or_reason
from ad_core.data.readers._delimited import read_delimited
from ad_core.data.readers._jsonl import read_jsonl
from ad_core.data.readers._labels import labels
from ad_core.data.readers._raw import Raw, broken
from ad_core.data.readers._table import IgnoredColumn, Table
from ad_core.errors import FileFormatError, ParameterError
from ad_core.registry import nearest

__all__ = ["FORMATS", "read_table"]

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".npz": "npz",
}
"""File name ending to format; text formats may end in ``.gz`` besides."""


def read_table(
    path: str | Path,
    *,
    label_column: str | None = None,
    anomaly_label: str | None = None,
    drop: Iterable[str] = (),
    missing: Iterable[str] = (),
    separator: str | None = None,
    has_header: bool | None = None,
) -> Table:
    """Read a file of rows.

    The ending of the name decides the format: CSV, TSV and JSON lines (also
    gzipped), Parquet, Arrow (Feather), npz (arrays ``X`` and optionally ``y``
    and ``feature_names``). Numbers and booleans become features; columns of
    text, dates or nested values are left out and listed in `Table.ignored`.
    Missing cells (empty, ``NA``, ``N/A``, ``NaN``, ``null``, ``none`` in any
    case) and infinities are kept, as NaN and inf.

    Parameters
    ----------
    path
        The file.
    label_column
        Column with the labels (for npz: array, ``y`` by default); not a feature.
    anomaly_label
        The label that marks an anomaly, when labels are not 0 and 1.
    drop
        Columns that are not features, for example identifiers.
    missing
        Further texts that stand for a missing value, for example ``?``.
    separator
        Of CSV; None for the first of comma, semicolon, tab and bar that the
        first line holds. A ``.tsv`` file is split at tabs.
    has_header
        Of CSV: whether the first line names the columns. None for yes, with an
        error when it holds only numbers. Without one the columns are
        ``column_1, column_2, …``.

    Returns
    -------
    Table

    Raises
    ------
    FileFormatError
        The file cannot be read or holds no rows or no numbers; names the file
        and, where there is one, the line and the column.
    ParameterError
        `separator` is not one character, or an option does not fit the format.
    """
    path = Path(path)
    options = _Options(
        label_column=label_column,
        anomaly_label=anomaly_label,
        drop=(drop,) if isinstance(drop, str) else tuple(drop),
        missing=MISSING | _lowered(missing),
        separator=separator,
        has_header=has_header,
    )
    kind, packed = _format(path)
    _check_options(path, kind, options)
    _check_there(path)
    try:
        raw = _read(path, kind, packed=packed, options=options)
    except OSError as error:
        raise FileFormatError(
            f"cannot read {path}: {error.strerror or error}; check the file and its permissions"
        ) from error
    if raw.frame.height == 0:
        raise FileFormatError(f"{path} names columns but has no rows; give at least one row")
    if kind == "npz" and label_column is None and "y" in raw.frame.columns:
        options = evolve(options, label_column="y")
    return _table(raw, options)


@frozen(kw_only=True)
class _Options:
    """The keyword arguments of `read_table`."""

    label_column: str | None
    anomaly_label: str | None
    drop: tuple[str, ...]
    missing: frozenset[str]
    separator: str | None
    has_header: bool | None


def _read(path: Path, kind: str, *, packed: bool, options: _Options) -> Raw:
    if kind == "parquet":
        return read_parquet(path)
    if kind == "arrow":
        return read_arrow(path)
    if kind == "npz":
        return read_npz(path, options.label_column or "y")
    content = path.read_bytes()
    if packed:
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise broken(path, error, "gzip") from error
    if kind == "jsonl":
        return read_jsonl(path, content)
    separator = options.separator or ("\t" if kind == "tsv" else None)
    return read_delimited(path, content, separator=separator, has_header=options.has_header)


def _table(raw: Raw, options: _Options) -> Table:
    label = options.label_column
    for name in (*options.drop, *(() if label is None else (label,))):
        _check_column(raw, name)
    y = None if label is None else labels(raw, label, options.anomaly_label)
    columns = {
        name: numbers_or_reason(raw, name, options.missing)
        for name in raw.frame.columns
        if name != label and name not in options.drop
    }
    ignored = tuple(found for found in columns.values() if isinstance(found, IgnoredColumn))
    kept = {name: found for name, found in columns.items() if isinstance(found, np.ndarray)}
    if not kept:
        why = "; ".join(f"{column.name!r} {column.reason}" for column in ignored)
        raise FileFormatError(
            f"{raw.path} has no column of numbers ({why or 'every column is dropped'}); "
            "at least one is needed"
        )
    X = np.empty((raw.frame.height, len(kept)))
    for index, column in enumerate(kept.values()):
        X[:, index] = column
    for array in (X, y):
        if array is not None:
            array.flags.writeable = False
    return Table(
        path=raw.path,
        X=X,
        y=y,
        feature_names=tuple(kept),
        ignored=ignored,
        frame=raw.frame,
        lines=raw.lines,
    )


def _format(path: Path) -> tuple[str, bool]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    ending = (suffixes[:-1] if packed else suffixes)[-1:]
    kind = FORMATS.get(ending[0]) if ending else None
    if kind is None or (packed and kind not in ("csv", "tsv", "jsonl")):
        known = ", ".join(FORMATS)
        raise FileFormatError(
            f"{path} has no known file name ending; known are {known}, and .gz after a text format"
        )
    return kind, packed


def _check_options(path: Path, kind: str, options: _Options) -> None:
    separator = options.separator
    text = kind in ("csv", "tsv")
    if not text and not (separator is None and options.has_header is None):
        raise ParameterError(f"separator and has_header are for CSV and TSV files, not for {path}")
    if separator is not None and (
        len(separator) != 1 or ord(separator) > 127 or separator in '"\n'
    ):
        raise ParameterError(f"separator must be one ASCII character, got {separator!r}")
    if options.anomaly_label is not None and options.label_column is None and kind != "npz":
        raise ParameterError("anomaly_label needs label_column: name the column with the labels")


def _check_there(path: Path) -> None:
    if path.is_dir():
        raise FileFormatError(f"{path} is a folder; name a file in it")
    if not path.exists():
        siblings = (file.name for file in path.parent.iterdir()) if path.parent.is_dir() else ()
        close = nearest(path.name, siblings)
        hint = f"did you mean {' or '.join(close)}?" if close else "check the path"
        raise FileFormatError(f"there is no file {path}; {hint}")


def _check_column(raw: Raw, name: str) -> None:
    if name in raw.frame.columns:
        return
    close = nearest(name, raw.frame.columns)
    shown = ", ".join(raw.frame.columns[:10]) + (", …" if raw.frame.width > 10 else "")
    hint = f"did you mean {' or '.join(close)}?" if close else f"its columns are {shown}"
    raise FileFormatError(f"{raw.path} has no column {name!r}; {hint}")


def _lowered(texts: Iterable[str]) -> frozenset[str]:
    given = (texts,) if isinstance(texts, str) else texts
    return frozenset(text.strip().lower() for text in given)
