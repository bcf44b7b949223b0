"""The table of all checks and scenarios, and look-up of what is to be checked."""

import importlib
import re
from functools import cache, lru_cache
from typing import Any, TypeVar

from attrs import field, frozen

from ad_contracts._check import AnySpec, Check, checks_of
from ad_contracts._scenario import Sample, Scenario, scenarios_of
from ad_contracts._subject import DatasetSubject, DetectorSubject, MetricSubject, Subject
from ad_core.detector import BaseDetector
from ad_core.errors import PluginError, SpecError
from ad_core.load import class_parameters, import_target
from ad_core.registry import Catalog, get_registry, unknown_name
from ad_core.spec import Capability, CheckSpec, DataKind, DatasetSpec, DetectorSpec

__all__ = ["Table", "find_specs", "load_sample", "load_subject", "load_table", "subject_of"]


ValueT = TypeVar("ValueT", Check, Scenario)


@frozen(kw_only=True)
class Table:
    """Every check and scenario that the installed plugins bring.

    Parameters
    ----------
    groups
        The modules that were read.
    checks, scenarios
        By name, in the order of the modules.
    """

    groups: tuple[CheckSpec, ...] = ()
    checks: dict[str, Check] = field(factory=dict)
    scenarios: dict[str, Scenario] = field(factory=dict)


@cache
def load_table() -> Table:
    """Import every module that the hook ``ad_checks`` names.

    Raises
    ------
    PluginError
        A module cannot be imported, or a name is used twice.
    """
    entries = list(get_registry().checks)
    table = Table(groups=tuple(entry.spec for entry in entries))
    for entry in entries:
        try:
            module = importlib.import_module(entry.spec.module)
        except Exception as error:  # a stranger's module can raise anything
            raise PluginError(
                f"the checks {entry.name!r} of {entry.distribution} cannot be imported: "
                f"{type(error).__name__}: {error}"
            ) from error
        for found in checks_of(module):
            _add(table.checks, found.name, found, f"check of {entry.distribution}")
        for made in scenarios_of(module):
            _add(table.scenarios, made.name, made, f"scenario of {entry.distribution}")
    return table


def _add(known: dict[str, ValueT], name: str, value: ValueT, whose: str) -> None:
    if name in known:
        raise PluginError(f"the {whose} called {name!r} exists already; rename it")
    known[name] = value


def load_sample(name: str) -> Sample:
    """Return the data of a scenario."""
    scenarios = load_table().scenarios
    if name not in scenarios:
        raise unknown_name("scenario", name, scenarios, "see: ad check --list")
    return scenarios[name].sample


def load_subject(subject: str | AnySpec) -> Subject:
    """Return what is to be checked.

    Parameters
    ----------
    subject
        Name of a detector, data set or metric; ``module:Class`` of a detector
        that no plugin registers; or a spec.
    """
    if not isinstance(subject, str):
        return subject_of(subject)
    specs = find_specs(subject)
    if len(specs) != 1:
        names = ", ".join(spec.name for spec in specs)
        raise SpecError(f"{subject!r} names {len(specs)} things ({names}); name one of them")
    return subject_of(specs[0])


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
        A detector, data set or metric; a distribution, for all that it
        registers; or ``module:Class``.

    Raises
    ------
    UnknownNameError
        Nothing is called so.
    """
    registry = get_registry()
    if re.fullmatch(r"[\w.]+:[\w.]+", name):
        return [_spec_of_class(name)]
    catalogs: tuple[Catalog[Any], ...] = (
        registry.detectors,
        registry.datasets,
        registry.metrics,
    )
    distributions = {plugin.distribution for plugin in registry.plugins}
    if name in distributions:
        return [
            entry.spec for catalog in catalogs for entry in catalog if entry.distribution == name
        ]
    for catalog in catalogs:
        if name in catalog:
            return [catalog.get(name).spec]
    known = [entry.name for catalog in catalogs for entry in catalog]
    raise unknown_name(
        "detector, data set, metric or distribution",
        name,
        [*known, *distributions],
        "see: ad list-plugins, ad list-detectors",
    )


def _spec_of_class(target: str) -> DetectorSpec:
    """Make a spec for a class that no plugin registers."""
    kind = import_target(target)
    if not (isinstance(kind, type) and issubclass(kind, BaseDetector)):
        raise SpecError(f"{target} is not a subclass of ad_core.BaseDetector")
    seeded = any(one.name == "random_state" for one in class_parameters(kind))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.__name__)
    series = type(kind.input).__name__ == "Series"
    return DetectorSpec(
        name=re.sub(r"_+", "_", words).strip("_").lower(),
        target=target,
        summary=(kind.__doc__ or kind.__name__).strip().partition("\n")[0],
        family="rule",
        data=(DataKind.TIMESERIES if series else DataKind.TABULAR,),
        capabilities=(
            Capability.NOVELTY,
            Capability.MULTIVARIATE,
            Capability.SERIALIZABLE,
            Capability.SEEDED if seeded else Capability.DETERMINISTIC,
        ),
    )
