"""From a name to the specs that it stands for, and back."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from ad_contracts._check import AnySpec
from ad_contracts._subject import DatasetSubject, DetectorSubject, MetricSubject, Subject
from ad_core.detector import AdapterDetector, BaseDetector
from ad_core.errors import AdError, AmbiguousNameError, PluginError, SpecError
from ad_core.load import class_parameters, import_target
from ad_core.registry import Catalog, Entry, PluginEntry, get_registry, unknown_name
from ad_core.spec import Capability, DatasetSpec, DetectorSpec, Learning

__all__ = ["find_specs", "name_of", "reference_to", "subject_of"]

_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@lru_cache(maxsize=8)
def subject_of(spec: AnySpec) -> Subject:
    """Return the subject of a spec; the last few are kept, with what was fitted for them."""
    if isinstance(spec, DetectorSpec):
        return DetectorSubject(spec)
    return DatasetSubject(spec) if isinstance(spec, DatasetSpec) else MetricSubject(spec)


def find_specs(name: str) -> list[AnySpec]:
    """Return the specs that a name stands for.

    Parameters
    ----------
    name
        A distribution, for all that it registers; the name, alias or full form
        of detectors, data sets and metrics, or a glob of them; or
        ``module:Class``.

    Raises
    ------
    UnknownNameError
        Nothing is called so.
    AmbiguousNameError
        Several plugins registered the name.
    PluginError
        The distribution's plugin is broken, or registers nothing to check.
    """
    if _TARGET.fullmatch(name):
        return [_spec_of_class(name)]
    plugins = [one for one in get_registry().plugins if _names_distribution(name, one)]
    if plugins:
        return _specs_of(name, plugins)
    globbed = any(character in name for character in "*?[")
    found = (
        _globbed(name) if globbed else [one.get(name).spec for one in _catalogs() if name in one]
    )
    if not found:
        known = {entry.name for entry in _entries()}
        known |= {plugin.distribution for plugin in get_registry().plugins}
        remedy = "see: ad list-plugins, ad list-detectors"
        raise unknown_name("detector, data set, metric or distribution", name, known, remedy)
    return found


def name_of(spec: AnySpec) -> str:
    """Return the spec's short name, or the full one where several plugins use it."""
    for catalog in _catalogs():
        try:
            if spec.name in catalog:
                catalog.get(spec.name)
        except AmbiguousNameError:
            full_names = (entry.full_name for entry in catalog if entry.spec == spec)
            return next(full_names, spec.name)
    return spec.name


def reference_to(spec: AnySpec) -> str | None:
    """Return what `find_specs` takes for this spec alone; None where there is no such thing."""
    full_names = [entry.full_name for entry in _entries() if entry.spec == spec]
    for name in (spec.name, *full_names, spec.target):
        try:
            if find_specs(name) == [spec]:
                return name
        except AdError:  # the name of something else, or of nothing
            continue
    return None


def _catalogs() -> tuple[Catalog[Any], ...]:
    registry = get_registry()
    return registry.detectors, registry.datasets, registry.metrics


def _entries() -> Iterator[Entry[Any]]:
    for catalog in _catalogs():
        yield from catalog


def _names_distribution(name: str, plugin: PluginEntry) -> bool:
    """Tell whether a name or glob means the plugin's distribution, as pip spells names."""
    return fnmatchcase(_normal(plugin.distribution), _normal(name))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _specs_of(name: str, plugins: list[PluginEntry]) -> list[AnySpec]:
    for plugin in plugins:
        if plugin.error is not None:
            raise PluginError(
                f"the plugin {plugin.name!r} of {plugin.distribution} is broken: {plugin.error}"
            )
    owners = {plugin.distribution for plugin in plugins}
    found = [entry.spec for entry in _entries() if entry.distribution in owners]
    if not found:
        raise PluginError(f"{name} registers no detector, no data set and no metric to check")
    return found


def _globbed(pattern: str) -> list[AnySpec]:
    return [
        entry.spec
        for entry in _entries()
        if any(
            fnmatchcase(name, pattern)
            for name in (entry.name, entry.full_name, *entry.spec.aliases)
        )
    ]


def _spec_of_class(target: str) -> DetectorSpec:
    """Make a spec for a class that no plugin registers, by what the class says of itself."""
    kind = import_target(target)
    if not (isinstance(kind, type) and issubclass(kind, BaseDetector)):
        raise SpecError(f"{target} is not a subclass of ad_core.BaseDetector")
    if issubclass(kind, AdapterDetector):
        raise SpecError(f"{target} is an adapter; check the detectors whose specs name it")
    seeded = any(one.name == "random_state" for one in class_parameters(kind))
    supervised = kind._needs_labels is True
    capabilities = {
        Capability.NOVELTY: True,
        Capability.MULTIVARIATE: True,
        Capability.SERIALIZABLE: True,
        Capability.SEEDED: seeded,
        Capability.DETERMINISTIC: not seeded,
        Capability.SUPERVISED: supervised,
        Capability.MISSING_VALUES: kind._accepts_missing is True,
    }
    return DetectorSpec(
        name=_snake(kind.__name__),
        target=target,
        summary=((kind.__doc__ or "").strip() or kind.__name__).partition("\n")[0],
        family="rule",
        data=(kind.input.kind,),
        learning=Learning.SUPERVISED if supervised else Learning.UNSUPERVISED,
        capabilities=[name for name, has in capabilities.items() if has],
    )


def _snake(name: str) -> str:
    """Turn ``KNNDetector`` into ``knn_detector``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"_+", "_", words).strip("_").lower()
