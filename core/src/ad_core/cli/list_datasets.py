"""``ad list-datasets``: every registered data set."""

from collections.abc import Iterable
from typing import Any

import click

from ad_core.cli._listing import identity, shown_names, summary_of, warn_of_broken
from ad_core.cli._options import filter_option, json_option, patterns_argument
from ad_core.cli._output import print_json, print_table
from ad_core.load import availability
from ad_core.registry import Entry, get_registry
from ad_core.spec import DataKind, DatasetSpec

__all__ = ["command"]


@click.command(name="list-datasets")
@patterns_argument
@filter_option("--data", DataKind, "kind of data", "Of this kind.")
@json_option
def command(patterns: tuple[str, ...], data: tuple[str, ...], as_json: bool) -> None:
    """List the data sets.

    All of them, or those that match a NAME or GLOB such as 'digits/*'.
    """
    registry = get_registry()
    entries: Iterable[Entry[DatasetSpec]] = registry.datasets
    if patterns:
        entries = registry.datasets.select(patterns)
    kept = [entry for entry in entries if not data or entry.spec.data in data]
    warn_of_broken(registry)
    if as_json:
        print_json([_as_json(entry) for entry in kept])
        return
    shown = shown_names(registry.datasets)
    rows = [
        (
            shown[entry.full_name],
            *(_size(size) for size in _sizes(entry.spec)),
            summary_of(entry, "" if availability(entry.spec) else availability(entry.spec).message),
        )
        for entry in kept
    ]
    sizes = ("rows", "columns", "anomalies")
    print_table(("name", *sizes, "summary"), rows, right=sizes)


def _sizes(spec: DatasetSpec) -> tuple[int | None, ...]:
    return (spec.n_samples, spec.n_features, spec.n_anomalies)


def _size(size: int | None) -> str:
    return "?" if size is None else str(size)


def _as_json(entry: Entry[DatasetSpec]) -> dict[str, Any]:
    spec = entry.spec
    found = availability(spec)
    return {
        **identity(entry),
        "data": spec.data,
        "n_samples": spec.n_samples,
        "n_features": spec.n_features,
        "n_anomalies": spec.n_anomalies,
        "synthetic": spec.synthetic,
        "licence": spec.licence,
        "available": bool(found),
        "missing": list(found.missing),
        "remedy": found.remedy,
    }
