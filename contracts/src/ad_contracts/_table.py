"""The table of all checks and scenarios, and look-up of what is to be checked."""

import importlib
from functools import cache
from types import ModuleType
from typing import TypeVar

from attrs import evolve, field, frozen

from ad_contracts._check import AnySpec, Check, checks_of, kind_of
from ad_contracts._find import find_specs, subject_of
from ad_contracts._scenario import Sample, Scenario, scenarios_of
from ad_contracts._subject import Subject
from ad_core.errors import PluginError, SpecError
from ad_core.registry import Entry, get_registry, unknown_name
from ad_core.spec import CheckSpec

__all__ = ["Table", "load_sample", "load_subject", "load_table"]

ValueT = TypeVar("ValueT", Check, Scenario)


@frozen(kw_only=True)
class Table:
    """Every check and scenario that the installed plugins bring.

    Parameters
    ----------
    groups
        The modules that were read, and whose they are.
    checks, scenarios
        By name, in the order of the modules.
    """

    groups: tuple[Entry[CheckSpec], ...] = ()
    checks: dict[str, Check] = field(factory=dict)
    scenarios: dict[str, Scenario] = field(factory=dict)


@cache
def load_table() -> Table:
    """Import every module that the hook ``ad_checks`` names.

    Raises
    ------
    PluginError
        A module cannot be imported or holds nothing, or a name is used twice.
    """
    table = Table(groups=tuple(get_registry().checks))
    owners: dict[tuple[type, str], str] = {}
    for entry in table.groups:
        module = _imported(entry)
        checks, scenarios = checks_of(module), scenarios_of(module)
        if not checks and not scenarios:
            raise PluginError(f"{_whose(entry)} has no check and no scenario")
        for found in checks:
            _add(table.checks, evolve(found, group=entry.name), entry, owners)
        for made in scenarios:
            _add(table.scenarios, made, entry, owners)
    return table


def _whose(entry: Entry[CheckSpec]) -> str:
    return f"{entry.spec.module}, the checks {entry.name!r} of {entry.distribution},"


def _imported(entry: Entry[CheckSpec]) -> ModuleType:
    try:
        return importlib.import_module(entry.spec.module)
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())
        raise PluginError(
            f"{_whose(entry)} cannot be imported: {type(error).__name__}: {text}"
        ) from error


def _add(
    known: dict[str, ValueT],
    value: ValueT,
    entry: Entry[CheckSpec],
    owners: dict[tuple[type, str], str],
) -> None:
    key = (type(value), value.name)
    if key in owners:
        both = " and ".join(sorted((owners[key], entry.distribution)))
        kind = type(value).__name__.lower()
        raise PluginError(f"{kind} {value.name!r} is registered by {both}; rename one of them")
    known[value.name], owners[key] = value, entry.distribution


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
        found = ", ".join(f"{kind_of(spec)} {spec.name!r}" for spec in specs[:3])
        more = f" and {len(specs) - 3} more" if len(specs) > 3 else ""
        raise SpecError(f"{subject!r} stands for {found}{more}; name one, or pass its spec")
    return subject_of(specs[0])
