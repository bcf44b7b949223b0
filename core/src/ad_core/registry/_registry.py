"""The registry: every installed plugin and all that works of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pluggy
from attrs import evolve

from ad_core import hookspecs
from ad_core.errors import PluginError
from ad_core.registry._catalog import Catalog, Clash, Entry
from ad_core.registry._discovery import (
    HOOKS,
    PluginEntry,
    describe,
    find_entry_points,
    import_plugin,
    read_specs,
)
from ad_core.spec import CheckSpec, CommandSpec, DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["Registry", "get_registry"]


class Registry:
    """All plugins, and catalogues of what they registered.

    Parameters
    ----------
    points
        Entry points to read; by default those of every installed distribution.

    Attributes
    ----------
    plugins : tuple of PluginEntry
        One row an entry point, the broken ones with their error.
    detectors, datasets, metrics, commands, checks : Catalog
        What the working plugins registered.
    """

    def __init__(self, points: Iterable[EntryPoint] | None = None) -> None:
        self.detectors: Catalog[DetectorSpec] = Catalog("detector", "ad list-detectors")
        self.datasets: Catalog[DatasetSpec] = Catalog("data set", "ad list-datasets")
        self.metrics: Catalog[MetricSpec] = Catalog("metric", "ad list-metrics")
        self.commands: Catalog[CommandSpec] = Catalog("command", "ad --help")
        self.checks: Catalog[CheckSpec] = Catalog("group of checks", "ad check --list")
        self._catalogs: dict[str, Catalog[Any]] = {
            "ad_detectors": self.detectors,
            "ad_datasets": self.datasets,
            "ad_metrics": self.metrics,
            "ad_commands": self.commands,
            "ad_checks": self.checks,
        }
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self._owners: dict[str, str] = {}
        self.plugins = tuple(
            self._read(point) for point in (find_entry_points() if points is None else points)
        )

    def _read(self, point: EntryPoint) -> PluginEntry:
        row = describe(point)
        try:
            self._check_unique(row)
            module = import_plugin(point)
            specs = self._register(module)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code; the row says it
            return row.broken(error)
        for hook, found in specs.items():
            self._add(self._catalogs[hook], row, found)
        self._owners[row.name] = row.distribution
        names: dict[str, Any] = {
            hook.removeprefix("ad_"): tuple(spec.name for spec in found)
            for hook, found in specs.items()
        }
        return evolve(row, **names)

    def _check_unique(self, row: PluginEntry) -> None:
        if row.name in self._owners:
            raise PluginError(
                f"the plugin name {row.name!r} is taken by {self._owners[row.name]}; "
                f"rename the entry point of {row.distribution}"
            )

    def _register(self, module: ModuleType) -> dict[str, tuple[Any, ...]]:
        """Register a module's hooks and call those that return specs."""
        unmarked = [
            hook
            for hook in HOOKS
            if callable(getattr(module, hook, None))
            and self._hooks.parse_hookimpl_opts(module, hook) is None
        ]
        if unmarked:
            raise PluginError(f"{module.__name__}.{unmarked[0]} lacks the decorator @hookimpl")
        self._hooks.register(module)
        try:
            self._hooks.check_pending()
            return {hook: self._call(module, hook) for hook in HOOKS}
        except BaseException:
            self._hooks.unregister(module)
            raise

    def _call(self, module: ModuleType, hook: str) -> tuple[Any, ...]:
        for implementation in getattr(self._hooks.hook, hook).get_hookimpls():
            if implementation.plugin is module:
                return read_specs(module, hook, implementation.function())
        return ()

    @staticmethod
    def _add(catalog: Catalog[Any], row: PluginEntry, specs: Iterable[Any]) -> None:
        for spec in specs:
            catalog.add(
                Entry(
                    spec=spec,
                    plugin=row.name,
                    distribution=row.distribution,
                    version=row.version,
                )
            )

    def clashes(self) -> list[Clash]:
        """Return a row for each name that more than one plugin registered."""
        return [clash for catalog in self._catalogs.values() for clash in catalog.clashes()]

    def emit(self, event: object) -> None:
        """Tell every observer (hook ``ad_event``) of a run's event."""
        self._hooks.hook.ad_event(event=event)

    @contextmanager
    def observe(self, observer: object) -> Iterator[None]:
        """Let `observer`, an object with an ``ad_event`` hook, hear of events for a while."""
        self._hooks.register(observer)
        try:
            yield
        finally:
            self._hooks.unregister(observer)


@cache
def get_registry() -> Registry:
    """Return the registry of the installed plugins, read once a process."""
    return Registry()
