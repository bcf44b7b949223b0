"""What ``ad describe`` says of a metric."""

import math
from typing import Any

import click

from ad_core.cli._describe_detector import meaning
from ad_core.cli._listing import identity
from ad_core.cli._output import print_pairs
from ad_core.registry import Entry
from ad_core.spec import MetricSpec

__all__ = ["metric_as_json", "print_metric"]


def print_metric(entry: Entry[MetricSpec]) -> None:
    """Describe a metric for people."""
    spec = entry.spec
    click.echo(f"{entry.full_name}: {spec.summary}\n")
    print_pairs(
        {
            "aliases": ", ".join(spec.aliases),
            "from": f"{entry.distribution} {entry.version}",
            "function": spec.target,
            "compares": f"{spec.input}: {meaning(spec.input)}",
            "range": f"{spec.bounds[0]:g} to {spec.bounds[1]:g}",
            "better": "higher" if spec.higher_is_better else "lower",
            "oracle": "yes: it chooses a threshold by the labels" if spec.oracle else "no",
            "data": ", ".join(sorted(spec.data)) or "any",
            "parameters": ", ".join(f"{name}={value!r}" for name, value in spec.params.items()),
            "references": "; ".join(spec.references),
        }
    )


def metric_as_json(entry: Entry[MetricSpec]) -> dict[str, Any]:
    """Describe a metric as data."""
    spec = entry.spec
    return {
        **identity(entry),
        "target": spec.target,
        "input": spec.input,
        "bounds": [bound if math.isfinite(bound) else None for bound in spec.bounds],
        "higher_is_better": spec.higher_is_better,
        "oracle": spec.oracle,
        "data": sorted(spec.data),
        "params": dict(spec.params),
        "references": list(spec.references),
    }
