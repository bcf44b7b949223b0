"""CSV and TSV: every cell as text, every row with its line."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from attrs import frozen

from ad_core.data.readers._raw import Lines, Raw
from ad_core.errors import FileFormatError

__all__ = ["read_delimited"]

CHUNK = 65_536
SEPARATORS = (",", ";", "\t", "|")


@frozen(kw_only=True)
class Body:
    """The fields of the first line, and the rows after it."""

    header: list[str]
    header_line: int
    frame: pl.DataFrame
    lines: Lines


def read_delimited(
    path: Path, content: bytes, *, separator: str | None, has_header: bool | None
) -> Raw:
    """Read delimited text.

    Parameters
    ----------
    path
        For messages.
    content
        The bytes of the file, UTF-8.
    separator
        None: the first of comma, semicolon, tab and bar in the first line.
    has_header
        None: the first line is the header, and an error if it holds only numbers.
    """
    text = _decoded(path, content)
    if not text.strip():
        raise FileFormatError(f"{path} is empty; give a file with a header line and rows")
    if separator is None:
        first = text.lstrip("\n").split("\n", 1)[0]
        separator = next((mark for mark in SEPARATORS if mark in first), ",")
    plain = '"' not in text
    body = _read_plain(path, text, separator) if plain else _read_quoted(path, text, separator)
    return _named(path, body, has_header)


def _decoded(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFormatError(
            f"{path}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8; "
            "save the file with the encoding UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _read_plain(path: Path, text: str, separator: str) -> Body:
    """Read text without quotes: each line is a row, so polars can split it."""
    data = text.encode() if text.endswith("\n") else f"{text}\n".encode()
    characters = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    marks = np.flatnonzero(characters == ord(separator))
    fields = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    filled = np.flatnonzero(lengths > 0)
    width, start = int(fields[filled[0]]), int(filled[0])
    if width == 1:  # an empty line is an empty cell, but for those at the end
        cells = data.decode().split("\n")[start : int(filled[-1]) + 1]
        frame = pl.DataFrame({"0": cells[1:]}, schema={"0": pl.String})
        lines = range(start + 2, start + 1 + len(cells))
        return Body(header=cells[:1], header_line=start + 1, frame=frame, lines=lines)
    odd = filled[fields[filled] != width]
    if odd.size:
        raise _ragged(path, int(odd[0]) + 1, int(fields[odd[0]]), width)
    if len(filled) != len(ends):
        data = b"\n".join(line for line in data.split(b"\n") if line) + b"\n"
    header, rest = data.split(b"\n", 1)
    schema = {str(column): pl.String for column in range(width)}
    if rest:
        frame = pl.read_csv(
            rest, has_header=False, separator=separator, quote_char=None, schema=schema
        )
    else:
        frame = pl.DataFrame(schema=schema)
    names = header.decode().split(separator)
    return Body(header=names, header_line=start + 1, frame=frame, lines=filled[1:] + 1)


def _read_quoted(path: Path, text: str, separator: str) -> Body:
    """Read text with quotes by the rules of RFC 4180, through the standard library."""
    records = _records(path, text, separator)
    header_line, header = next(records)
    schema = {str(column): pl.String for column in range(len(header))}
    frames, lines, chunk = [pl.DataFrame(schema=schema)], [], []
    for line, record in records:
        if len(record) != len(header):
            raise _ragged(path, line, len(record), len(header))
        chunk.append(record)
        lines.append(line)
        if len(chunk) == CHUNK:
            frames.append(pl.DataFrame(chunk, schema=schema, orient="row"))
            chunk = []
    frames.append(pl.DataFrame(chunk, schema=schema, orient="row"))
    return Body(header=header, header_line=header_line, frame=pl.concat(frames), lines=lines)


def _records(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileFormatError(
            f"{path}, line {line}: the quotes are not closed or not followed by "
            f"{separator!r} ({error}); double each quote inside a quoted cell"
        ) from error


def _ragged(path: Path, line: int, found: int, expected: int) -> FileFormatError:
    fields = "1 field" if found == 1 else f"{found} fields"
    return FileFormatError(
        f"{path}, line {line} has {fields}, expected {expected} as in the first line; "
        "correct the line, or quote a cell that holds the separator"
    )


def _named(path: Path, body: Body, has_header: bool | None) -> Raw:
    width = len(body.header)
    frame, lines, given = body.frame, body.lines, [name.strip() for name in body.header]
    if has_header is False:
        first = pl.DataFrame([body.header], schema=frame.schema, orient="row")
        frame, given = pl.concat([first, frame]), []
        lines = np.concatenate([[body.header_line], lines])
        names = [f"column_{number}" for number in range(1, width + 1)]
    else:
        if has_header is None and all(_is_number(name) for name in given):
            raise FileFormatError(
                f"{path}, line {body.header_line} should name the columns but holds only numbers; "
                "add a header line, or say whether it is one with has_header"
            )
        names = _unique_names(path, given)
    unnamed = frozenset(name for name, own in zip(names, given, strict=False) if not own)
    frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
    return Raw(path=path, frame=frame, lines=lines, unnamed=unnamed)


def _unique_names(path: Path, given: list[str]) -> list[str]:
    places: dict[str, list[int]] = {}
    for number, name in enumerate(given, start=1):
        if name:
            places.setdefault(name, []).append(number)
    for name, numbers in places.items():
        if len(numbers) > 1:
            listed = " and ".join(str(number) for number in numbers)
            raise FileFormatError(
                f"{path}: the column name {name!r} occurs {len(numbers)} times "
                f"(columns {listed}); rename all but one"
            )
    names = []
    for number, name in enumerate(given, start=1):
        own = name or f"column_{number}"
        while not name and own in places:
            own += "_"
        names.append(own)
    return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
