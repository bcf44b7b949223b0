"""``ad list-metrics``: every registered metric."""

from collections.abc import Iterable
from typing import Any

import click

from ad_core.cli._listing import identity, shown_names, summary_of, warn_of_broken
from ad_core.cli._options import json_option, patterns_argument
from ad_core.cli._output import print_json, print_table
from ad_core.registry import Entry, get_registry
from ad_core.spec import MetricSpec

__all__ = ["command"]


@click.command(name="list-metrics")
@patterns_argument
@json_option
def command(patterns: tuple[str, ...], as_json: bool) -> None:
    """List the metrics.

    All of them, or those that match a NAME or GLOB such as 'f1*'. An oracle
    chooses its threshold by looking at the labels.
    """
    registry = get_registry()
    entries: Iterable[Entry[MetricSpec]] = registry.metrics
    if patterns:
        entries = registry.metrics.select(patterns)
    warn_of_broken(registry)
    if as_json:
        print_json([_as_json(entry) for entry in entries])
        return
    shown = shown_names(registry.metrics)
    rows = [
        (
            shown[entry.full_name],
            entry.spec.input,
            "higher" if entry.spec.higher_is_better else "lower",
            "yes" if entry.spec.oracle else "no",
            summary_of(entry),
        )
        for entry in entries
    ]
    print_table(("name", "compares", "better", "oracle", "summary"), rows)


def _as_json(entry: Entry[MetricSpec]) -> dict[str, Any]:
    spec = entry.spec
    return {
        **identity(entry),
        "input": spec.input,
        "higher_is_better": spec.higher_is_better,
        "oracle": spec.oracle,
        "data": sorted(spec.data),
        "params": dict(spec.params),
        "references": list(spec.references),
    }
