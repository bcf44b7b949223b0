"""All records as one table: a row a run."""

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ad_core.results import HEADLINE, Record, read_records, to_dict

if TYPE_CHECKING:  # it starts threads when it is imported, and a zygote imports this room
    import polars as pl

__all__ = ["collect"]

_HIDDEN = ("$schema", "schema_version", *HEADLINE)
"""Keys of a record file that are no column: the headline metrics stand among the others."""


def collect(folders: Iterable[str | PathLike[str]]) -> "pl.DataFrame":
    """Read the records of folders into one table.

    What a record holds by name (metrics, params, versions, …) is a column each,
    ``metrics.roc_auc`` for one; a run that lacks it has a null. A column has the
    narrowest type that fits all its values: boolean, integer, float, text; where
    kinds are mixed, and for lists and mappings, the text is JSON.

    Parameters
    ----------
    folders
        Results folders.

    Returns
    -------
    polars.DataFrame
        The first column is the folder. Rows are ordered by folder as given, data
        set, model, seed and key; columns as in a record, those by name by name.

    Raises
    ------
    ResultsError
        A folder is missing or holds no record, or a record is damaged.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    for folder in dict.fromkeys(map(Path, folders)):
        rows += [{"folder": str(folder), **_row(one)} for one in _ordered(folder)]
    names = _columns(rows)
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names])


def _ordered(folder: str | PathLike[str]) -> list[Record]:
    return sorted(read_records(folder), key=lambda one: (one.dataset, one.model, one.seed, one.key))


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in {**to_dict(record), "metrics": record.metrics}.items():
        if name in _HIDDEN:
            continue
        if isinstance(value, Mapping):
            row |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            row[name] = value
    return row


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    groups: dict[str, set[str]] = {}
    for row in rows:
        for name in row:
            groups.setdefault(name.partition(".")[0], set()).add(name)
    for name, group in groups.items():
        if len(group) > 1:  # a mapping in some of the records, null in the others
            group.discard(name)
    return [name for group in groups.values() for name in sorted(group)]


def _column(name: str, values: list[Any]) -> "pl.Series":
    import polars as pl

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds == {int} and all(abs(value) < 2**63 for value in values if value is not None):
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds and kinds <= {int, float}:
        numbers = [None if value is None else float(value) for value in values]
        return pl.Series(name, numbers, dtype=pl.Float64)
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String)
    texts = [None if value is None else _text(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
