"""``ad list-detectors``: every registered detector, filtered by what it is and can do."""

from collections.abc import Iterable
from typing import Any

import click

from ad_core.cli._listing import identity, shown_names, summary_of, warn_of_broken
from ad_core.cli._options import filter_option, json_option, patterns_argument
from ad_core.cli._output import print_json, print_table
from ad_core.load import availability
from ad_core.registry import Entry, get_registry
from ad_core.spec import Capability, DataKind, DetectorSpec, Family, Hardware

__all__ = ["command"]


@click.command(name="list-detectors")
@patterns_argument
@filter_option("--data", DataKind, "kind of data", "For this kind of data.")
@filter_option("--capability", Capability, "capability", "Able to do this; if repeated, to do all.")
@filter_option("--hardware", Hardware, "hardware", "Runs on this.")
@filter_option("--family", Family, "family", "Rests on this idea.")
@click.option("--available", is_flag=True, help="Only those whose libraries are installed.")
@json_option
def command(
    *,
    patterns: tuple[str, ...],
    data: tuple[str, ...],
    capability: tuple[str, ...],
    hardware: tuple[str, ...],
    family: tuple[str, ...],
    available: bool,
    as_json: bool,
) -> None:
    """List the detectors.

    All of them, or those that match a NAME or GLOB such as '*forest' and every
    filter. One whose library is not installed is listed with the command that brings it.
    """
    registry = get_registry()
    entries: Iterable[Entry[DetectorSpec]] = registry.detectors
    if patterns:
        entries = registry.detectors.select(patterns)
    kept = [
        entry
        for entry in entries
        if (not data or entry.spec.data & {*data})
        and entry.spec.capabilities >= {*capability}
        and (not hardware or entry.spec.hardware & {*hardware})
        and (not family or entry.spec.family in family)
        and (not available or availability(entry.spec))
    ]
    warn_of_broken(registry)
    if as_json:
        print_json([_as_json(entry) for entry in kept])
        return
    shown = shown_names(registry.detectors)
    rows = [
        (
            shown[entry.full_name],
            entry.spec.family,
            ", ".join(sorted(entry.spec.data)),
            summary_of(entry, _needs(entry)),
        )
        for entry in kept
    ]
    print_table(("name", "family", "data", "summary"), rows)


def _needs(entry: Entry[DetectorSpec]) -> str:
    found = availability(entry.spec)
    return "" if found else found.message


def _as_json(entry: Entry[DetectorSpec]) -> dict[str, Any]:
    found = availability(entry.spec)
    return {
        **identity(entry),
        "family": entry.spec.family,
        "data": sorted(entry.spec.data),
        "learning": entry.spec.learning,
        "capabilities": sorted(entry.spec.capabilities),
        "hardware": sorted(entry.spec.hardware),
        "available": bool(found),
        "missing": list(found.missing),
        "remedy": found.remedy,
    }
