"""What ``ad describe`` says of a data set or a metric."""

import math
from typing import Any

import click

from ad_core.cli._describe_detector import meaning
from ad_core.cli._listing import identity
from ad_core.cli._output import print_pairs
from ad_core.load import availability
from ad_core.registry import Entry
from ad_core.spec import DatasetSpec, MetricSpec

__all__ = ["dataset_as_json", "metric_as_json", "print_dataset", "print_metric"]


def print_dataset(entry: Entry[DatasetSpec]) -> None:
    """Describe a data set for people."""
    spec = entry.spec
    found = availability(spec)
    click.echo(f"{entry.full_name}: {spec.summary}\n")
    print_pairs(
        {
            "aliases": ", ".join(spec.aliases),
            "from": f"{entry.distribution} {entry.version}",
            "data": f"{spec.data}: {meaning(spec.data)}",
            "size": _size(spec),
            "origin": "generated" if spec.synthetic else "real",
            "construction": spec.construction,
            "citation": spec.citation,
            "licence": spec.licence,
            "homepage": spec.homepage,
            "download": _download(spec),
            "available": "yes" if found else f"no, {found.message}",
        }
    )


def _download(spec: DatasetSpec) -> str:
    if not spec.files:
        return "none"
    count = f"{len(spec.files)} files" if len(spec.files) > 1 else "1 file"
    sizes = [file.size for file in spec.files if file.size is not None]
    unknown = len(spec.files) - len(sizes)
    return f"{count}, {'of unknown size' if unknown else f'{sum(sizes) / 1e6:.1f} MB'}"


def dataset_as_json(entry: Entry[DatasetSpec]) -> dict[str, Any]:
    """Describe a data set as data."""
    spec = entry.spec
    found = availability(spec)
    return {
        **identity(entry),
        "target": spec.target,
        "data": spec.data,
        "n_samples": spec.n_samples,
        "n_features": spec.n_features,
        "n_anomalies": spec.n_anomalies,
        "synthetic": spec.synthetic,
        "construction": spec.construction,
        "citation": spec.citation,
        "licence": spec.licence,
        "homepage": spec.homepage,
        "files": [
            {
                "path": file.path,
                "url": file.url,
                "sha256": file.sha256,
                "git_blob": file.git_blob,
                "size": file.size,
            }
            for file in spec.files
        ],
        "available": bool(found),
        "missing": list(found.missing),
        "remedy": found.remedy,
    }


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


def _size(spec: DatasetSpec) -> str:
    counts = (
        (spec.n_samples, "rows"),
        (spec.n_features, "columns"),
        (spec.n_anomalies, "anomalies"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count is not None) or "unknown"
