"""JSON lines: one object a line."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_core.data.readers._raw import Raw
from ad_core.errors import FileFormatError

__all__ = ["read_jsonl"]


def read_jsonl(path: Path, content: bytes) -> Raw:
    """Read JSON lines; blank lines are skipped, a key that a line lacks is missing there.

    polars reads what it can; what it refuses goes line by line through the
    standard library, which takes more (``NaN``, mixed types) and can name the
    line of what it does not take.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise FileFormatError(f"{path} is empty; give a file with one JSON object a line")
    lines = _filled_lines(content)
    try:
        frame = pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        frame = _read_slowly(path, content, lines)
    if frame.height != len(lines):
        frame = _read_slowly(path, content, lines)
    return Raw(path=path, frame=frame, lines=lines)


def _filled_lines(content: bytes) -> NDArray[np.integer]:
    """Return the numbers (1-based) of the lines that hold more than white space."""
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    lengths = np.append(ends, len(content)) - starts
    short = np.flatnonzero(lengths < 80)
    blank = [
        line
        for line in short.tolist()
        if not content[starts[line] : starts[line] + lengths[line]].strip()
    ]
    return np.delete(np.arange(1, len(starts) + 1), blank)


def _read_slowly(path: Path, content: bytes, lines: NDArray[np.integer]) -> pl.DataFrame:
    records: list[dict[str, Any]] = []
    split = content.split(b"\n")
    for line in lines.tolist():
        try:
            record = json.loads(split[line - 1])
        except UnicodeDecodeError as error:
            raise FileFormatError(
                f"{path}, line {line}: {error.reason}; save the file with the encoding UTF-8"
            ) from error
        except ValueError as error:
            raise FileFormatError(
                f"{path}, line {line} is not valid JSON ({error}); each line must be one object"
            ) from error
        if not isinstance(record, dict):
            raise FileFormatError(
                f"{path}, line {line} holds a JSON {_kind(record)}; each line must be one object, "
                'for example {"a": 1.5, "b": 2}'
            )
        records.append(record)
    keys = dict.fromkeys(key for record in records for key in record)
    return pl.DataFrame([_column(key, [record.get(key) for record in records]) for key in keys])


def _column(name: str, values: list[Any]) -> pl.Series:
    if all(value is None or isinstance(value, bool) for value in values):
        return pl.Series(name, values, dtype=pl.Boolean)
    if all(value is None or isinstance(value, (int, float)) for value in values):
        numbers = [None if value is None else float(value) for value in values]
        return pl.Series(name, numbers, dtype=pl.Float64)
    texts = [
        value if value is None or isinstance(value, str) else json.dumps(value) for value in values
    ]
    return pl.Series(name, texts, dtype=pl.String)


def _kind(value: object) -> str:
    kinds = {list: "array", str: "string", type(None): "null", bool: "boolean"}
    return kinds.get(type(value), "number")
