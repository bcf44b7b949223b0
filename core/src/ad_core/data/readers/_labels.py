"""The label column: 1 for an anomaly, 0 for a normal row."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_core.data.readers._columns import MISSING
from ad_core.data.readers._raw import Raw, located
from ad_core.errors import FileFormatError

__all__ = ["labels"]

_KNOWN = {"0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}


def labels(raw: Raw, column: str, anomaly_label: str | None) -> NDArray[np.int64]:
    """Read the labels of every row.

    Parameters
    ----------
    raw
        The file.
    column
        Name of the label column.
    anomaly_label
        The value that marks an anomaly, every other one being normal; None
        when the values are 0 and 1, or false and true.

    Raises
    ------
    FileFormatError
        A label is missing, or the values are others and `anomaly_label` does
        not say which of them is the anomaly.
    """
    texts = raw.frame[column].cast(pl.String, strict=False).str.strip_chars()
    absent = (texts.is_null() | texts.str.to_lowercase().is_in(list(MISSING))).arg_true()
    if len(absent):
        raise FileFormatError(
            f"{located(raw.path, raw.lines, absent[0], column)}: the label is missing; "
            "fill it in, or drop the row"
        )
    values = texts.unique().sort().to_list()
    if anomaly_label is None:
        known = {value: _KNOWN.get(value.lower()) for value in values}
        remedy = "say which value is the anomaly (anomaly_label)"
    else:
        known = {value: int(_same(value, anomaly_label)) for value in values}
        remedy = "give one of its values as anomaly_label"
    unclear = None in known.values()
    if unclear or (anomaly_label is not None and 1 not in known.values()):
        shown = ", ".join(repr(value) for value in values[:5]) + (", …" if values[5:] else "")
        wanted = "0 (normal) and 1 (anomaly)" if unclear else repr(anomaly_label)
        raise FileFormatError(
            f"{raw.path}: the label column {column!r} holds {shown}, not {wanted}; {remedy}"
        )
    return texts.replace_strict(known, return_dtype=pl.Int64).to_numpy(writable=True)


def _same(value: str, wanted: str) -> bool:
    try:
        return float(value) == float(wanted)
    except ValueError:
        return value == wanted.strip()
