"""What a plugin may implement: hooks that take no arguments and return specs.

Every hook is optional. Implement it with `hookimpl` in the module that your
distribution names in its ``ad.plugins`` entry point::

    from ad_core.hookspecs import hookimpl
    from ad_core.spec import DetectorSpec

    @hookimpl
    def ad_detectors():
        return [DetectorSpec(name="mine", target="my_package.detectors.mine:Mine", ...)]
"""

from collections.abc import Iterable
from typing import Any

import pluggy

from ad_core.spec import CheckSpec, CommandSpec, DatasetSpec, DetectorSpec, MetricSpec

__all__ = [
    "PROJECT",
    "ad_checks",
    "ad_commands",
    "ad_datasets",
    "ad_detectors",
    "ad_event",
    "ad_metrics",
    "hookimpl",
]

PROJECT = "ad"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ad_detectors() -> Iterable[DetectorSpec]:  # type: ignore[empty-body]
    """Return the detectors that the plugin brings."""


@hookspec
def ad_datasets() -> Iterable[DatasetSpec]:  # type: ignore[empty-body]
    """Return the data sets that the plugin brings."""


@hookspec
def ad_metrics() -> Iterable[MetricSpec]:  # type: ignore[empty-body]
    """Return the metrics that the plugin brings."""


@hookspec
def ad_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
    """Return the subcommands of ``ad`` that the plugin brings."""


@hookspec
def ad_checks() -> Iterable[CheckSpec]:  # type: ignore[empty-body]
    """Return the modules of contract checks and scenarios that the plugin brings."""


@hookspec
def ad_event(event: Any) -> None:
    """Hear of a run: `event` is one of the classes in `ad_core.benchmark.events`."""
