"""``ad describe``: everything that is known of one detector, data set or metric."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from ad_core.cli._options import json_option
from ad_core.errors import AmbiguousNameError
from ad_core.registry import Catalog, Entry, Registry, get_registry, unknown_name

__all__ = ["command"]

KINDS = ("detector", "dataset", "metric")


@click.command(name="describe")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), help="When several kinds of thing have the name.")
@json_option
def command(name: str, kind: str | None, as_json: bool) -> None:
    """Describe a detector, data set or metric by NAME.

    For a detector: what it can do, and its arguments with their types, ranges
    and defaults, read from the real class; --json has them as a JSON Schema.
    For a data set: its sizes, also among those of its group, whose it is, and
    where its files are.
    """
    from ad_core.cli._describe_dataset import dataset_as_json, print_dataset
    from ad_core.cli._describe_detector import detector_as_json, print_detector
    from ad_core.cli._describe_metric import metric_as_json, print_metric
    from ad_core.cli._output import print_json

    registry = get_registry()
    found, entry = find(registry, name, kind)
    datasets = registry.datasets
    kinds: dict[str, tuple[Callable[[Any], None], Callable[[Any], dict[str, Any]]]] = {
        "detector": (print_detector, detector_as_json),
        "dataset": (
            partial(print_dataset, catalog=datasets),
            partial(dataset_as_json, catalog=datasets),
        ),
        "metric": (print_metric, metric_as_json),
    }
    show, as_data = kinds[found]
    if as_json:
        print_json({"kind": found, **as_data(entry)})
    else:
        show(entry)


def find(registry: Registry, name: str, kind: str | None) -> tuple[str, Entry[Any]]:
    """Find what has the name, and of what kind it is.

    Raises
    ------
    UnknownNameError
        Nothing is called so; the message offers the nearest names of any kind.
    AmbiguousNameError
        Things of several kinds are, or several plugins use the name.
    """
    catalogs = _catalogs(registry)
    if kind is not None:
        return kind, catalogs[kind].get(name)
    kinds = [kind for kind, catalog in catalogs.items() if name in catalog]
    if not kinds:
        known = [
            other
            for catalog in catalogs.values()
            for entry in catalog
            for other in (entry.name, *entry.spec.aliases)
        ]
        remedy = "see: ad list-detectors, ad list-datasets, ad list-metrics"
        raise unknown_name("detector, data set or metric", name, known, remedy)
    if len(kinds) > 1:
        raise AmbiguousNameError(
            f"{name!r} is the name of a {' and of a '.join(kinds)}; say which: "
            + " or ".join(f"--kind {kind}" for kind in kinds)
        )
    return kinds[0], catalogs[kinds[0]].get(name)


def _catalogs(registry: Registry) -> dict[str, Catalog[Any]]:
    catalogs = (registry.detectors, registry.datasets, registry.metrics)
    return dict(zip(KINDS, catalogs, strict=True))
