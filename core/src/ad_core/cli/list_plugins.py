"""``ad list-plugins``: what is installed, what works of it, and what does not."""

from typing import Any

import click
from attrs import asdict

from ad_core.cli._options import json_option
from ad_core.cli._output import print_json, print_table
from ad_core.registry import PluginEntry, Registry, get_registry
from ad_core.spec import Family

__all__ = ["PACKAGES", "command", "suggestions"]

PACKAGES = {
    "ad-classical": "detectors for tables: scikit-learn's, PyOD's and native ones",
    "ad-timeseries": "detectors for time series",
    "ad-deep[torch]": "neural detectors",
}
"""Distributions that bring detectors, offered where none is installed."""


@click.command(name="list-plugins")
@click.option("--strict", is_flag=True, help="Exit with 1 when a plugin is broken or names clash.")
@json_option
def command(strict: bool, as_json: bool) -> int:
    """List the installed plugins.

    A broken one is a row with its error; the others work beside it. A name that
    two plugins registered is a row of its own; both stay within reach as
    PLUGIN/NAME.
    """
    registry = get_registry()
    clashes = registry.clashes()
    if as_json:
        print_json(_as_json(registry))
    else:
        rows = [_row(plugin) for plugin in registry.plugins]
        rows += [
            (clash.name, " and ".join(clash.distributions), "-", "clash", clash.message)
            for clash in clashes
        ]
        print_table(("plugin", "distribution", "version", "state", "registers"), rows)
        _print_suggestions(suggestions(registry))
    broken = any(plugin.error is not None for plugin in registry.plugins)
    return 1 if strict and (broken or clashes) else 0


def suggestions(registry: Registry) -> dict[str, str]:
    """Return the packages that would bring detectors, where only null baselines are registered."""
    if any(entry.spec.family is not Family.BASELINE for entry in registry.detectors):
        return {}
    installed = {plugin.distribution for plugin in registry.plugins}
    return {
        name: brings for name, brings in PACKAGES.items() if name.partition("[")[0] not in installed
    }


def _row(plugin: PluginEntry) -> tuple[str, ...]:
    counts = {
        "detectors": len(plugin.detectors),
        "data sets": len(plugin.datasets),
        "metrics": len(plugin.metrics),
        "commands": len(plugin.commands),
        "groups of checks": len(plugin.checks),
    }
    registers = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
    return (
        plugin.name,
        plugin.distribution,
        plugin.version,
        plugin.state,
        registers if plugin.error is None else plugin.error,
    )


def _print_suggestions(packages: dict[str, str]) -> None:
    if packages:
        click.echo("\nOnly null baselines are installed. Detectors come with:")
    for name, brings in packages.items():
        click.echo(f"  pip install '{name}'  ({brings})")


def _as_json(registry: Registry) -> dict[str, Any]:
    plugins = [{**asdict(plugin), "state": plugin.state} for plugin in registry.plugins]
    clashes = [{**asdict(clash), "message": clash.message} for clash in registry.clashes()]
    return {
        "plugins": plugins,
        "clashes": clashes,
        "suggestions": suggestions(registry),
    }
