"""What the lists of detectors, data sets and metrics have in common."""

from typing import Any

from ad_core.cli._output import warn
from ad_core.registry import Catalog, Entry, Registry

__all__ = ["identity", "shown_names", "summary_of", "warn_of_broken"]


def shown_names(catalog: Catalog[Any]) -> dict[str, str]:
    """Map full names to what a list shows: the short name, unless several plugins use it."""
    clashing = {clash.name for clash in catalog.clashes()}
    return {
        entry.full_name: entry.full_name if entry.name in clashing else entry.name
        for entry in catalog
    }


def summary_of(entry: Entry[Any], *before: str) -> str:
    """Return the summary, after what matters more, and before the aliases."""
    also = f" (also: {', '.join(entry.spec.aliases)})" if entry.spec.aliases else ""
    return "; ".join([*filter(None, before), entry.spec.summary]) + also


def identity(entry: Entry[Any]) -> dict[str, Any]:
    """Return the keys that every entry of a ``--json`` list has."""
    return {
        "name": entry.name,
        "full_name": entry.full_name,
        "plugin": entry.plugin,
        "distribution": entry.distribution,
        "version": entry.version,
        "aliases": list(entry.spec.aliases),
        "summary": entry.spec.summary,
    }


def warn_of_broken(registry: Registry) -> None:
    """Say on standard error that a plugin is missing from the list, and where to look."""
    broken = [plugin.name for plugin in registry.plugins if plugin.error is not None]
    if broken:
        warn(f"broken plugins are left out: {', '.join(broken)}; see: ad list-plugins")
