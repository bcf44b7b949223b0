"""Read the entry points; a plugin that cannot be read becomes a row with its error."""

import importlib
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from attrs import evolve, frozen

from ad_core.errors import SpecError
from ad_core.spec import CheckSpec, CommandSpec, DatasetSpec, DetectorSpec, MetricSpec

__all__ = [
    "GROUP",
    "HOOKS",
    "PluginEntry",
    "find_entry_points",
    "import_plugin",
    "installed",
    "read_specs",
]

GROUP = "ad.plugins"

HOOKS: dict[str, type[Any]] = {
    "ad_detectors": DetectorSpec,
    "ad_datasets": DatasetSpec,
    "ad_metrics": MetricSpec,
    "ad_commands": CommandSpec,
    "ad_checks": CheckSpec,
}
"""Hooks that return specs, and the spec that each one returns."""


@frozen(kw_only=True)
class PluginEntry:
    """One entry point of the group ``ad.plugins``.

    `error` is None for a plugin that works; otherwise the plugin registered
    nothing, and `error` says why.
    """

    name: str
    distribution: str
    version: str
    module: str
    detectors: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    error: str | None = None

    @property
    def state(self) -> str:
        """Either ``ok`` or ``broken``."""
        return "ok" if self.error is None else "broken"

    def broken(self, error: BaseException) -> "PluginEntry":
        """Return the row for a plugin that failed with `error`."""
        cause = error.__cause__
        text = f"{type(error).__name__}: {error}" + (f" ({cause})" if cause else "")
        return evolve(self, error=" ".join(text.split()))


def find_entry_points() -> list[EntryPoint]:
    """Return the entry points of the group, by name, each distribution's once."""
    found = {
        (point.name, point.value, _distribution(point)): point
        for point in entry_points(group=GROUP)
    }
    return [found[key] for key in sorted(found)]


def installed() -> dict[str, str]:
    """Return the version of each distribution that brings plugins, by name; imports none."""
    return dict(_distribution(point) for point in find_entry_points())


def _distribution(point: EntryPoint) -> tuple[str, str]:
    if point.dist is None:
        return ("unknown", "unknown")
    return (point.dist.name, point.dist.version)


def describe(point: EntryPoint) -> PluginEntry:
    """Return the row of an entry point that has not been imported yet."""
    distribution, version = _distribution(point)
    return PluginEntry(
        name=point.name, distribution=distribution, version=version, module=point.value
    )


def import_plugin(point: EntryPoint) -> ModuleType:
    """Import the module that an entry point names.

    Raises
    ------
    SpecError
        The entry point names something other than a module.
    """
    if point.attr:
        raise SpecError(
            f"entry point {point.name!r} must name a module, got {point.value!r}; "
            f"write {point.name} = {point.module!r}"
        )
    return importlib.import_module(point.module)


def read_specs(module: ModuleType, hook: str, specs: Any) -> tuple[Any, ...]:
    """Check what one hook of a plugin module returned.

    Raises
    ------
    SpecError
        The hook returned something other than specs of its kind, or one name twice.
    """
    kind = HOOKS[hook]
    if isinstance(specs, kind) or not isinstance(specs, Iterable):
        raise SpecError(
            f"{module.__name__}.{hook} must return a list of {kind.__name__}, got {specs!r}"
        )
    found: tuple[Any, ...] = tuple(specs)
    names: set[str] = set()
    for spec in found:
        if not isinstance(spec, kind):
            raise SpecError(
                f"{module.__name__}.{hook} must return a list of {kind.__name__}, found {spec!r}"
            )
        for name in (spec.name, *spec.aliases):
            if name in names:
                raise SpecError(f"{module.__name__}.{hook} registers {name!r} twice")
            names.add(name)
    return found
