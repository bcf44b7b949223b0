"""Which checks apply to which subjects, in which scenarios."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from attrs import frozen

from ad_contracts._check import AnySpec, Check
from ad_contracts._scenario import Scenario
from ad_contracts._table import find_specs, load_table
from ad_core.registry import unknown_name
from ad_core.spec import DataKind, DetectorSpec, Deviation

__all__ = ["Case", "cases"]


@frozen(kw_only=True)
class Case:
    """One check of one subject, in one scenario where the check needs data."""

    spec: AnySpec
    check: Check
    scenario: Scenario | None = None

    @property
    def id(self) -> str:
        """For example ``knn-refit_forgets`` or ``knn-orientation-blobs``."""
        parts = [self.spec.name, self.check.name]
        if self.check.each and self.scenario is not None:
            parts.append(self.scenario.name)
        return "-".join(parts)

    @property
    def deviation(self) -> Deviation | None:
        """The spec's declaration that this case fails, or None."""
        declared = self.spec.deviations if isinstance(self.spec, DetectorSpec) else ()
        name = self.scenario.name if self.scenario is not None else ""
        for one in declared:
            if one.check == self.check.name and one.scenario in ("", name):
                return one
        return None


def cases(
    subjects: str | Iterable[str | AnySpec],
    *,
    scenarios: Sequence[Scenario] | None = None,
    only: Iterable[str] = (),
) -> list[Case]:
    """Return every case that applies, subject by subject.

    Parameters
    ----------
    subjects
        Specs or names: of detectors, data sets, metrics, distributions, or
        ``module:Class``.
    scenarios
        Scenarios to use instead of the registered ones.
    only
        Names or globs of checks or of groups of checks; empty for all.

    Raises
    ------
    UnknownNameError
        A name stands for nothing.
    """
    table = load_table()
    named = [subjects] if isinstance(subjects, str) else list(subjects)
    specs = [spec for one in named for spec in (find_specs(one) if isinstance(one, str) else [one])]
    chosen = _chosen(list(table.checks.values()), list(only))
    makers = list(table.scenarios.values()) if scenarios is None else list(scenarios)
    return [case for spec in specs for one in chosen for case in _cases_of(spec, one, makers)]


def _chosen(checks: list[Check], only: list[str]) -> list[Check]:
    for pattern in only:
        if not any(_matches(one, pattern) for one in checks):
            known = [name for one in checks for name in (one.name, one.group)]
            raise unknown_name("check", pattern, known, "see: ad check --list")
    return [one for one in checks if not only or any(_matches(one, name) for name in only)]


def _matches(one: Check, pattern: str) -> bool:
    return fnmatchcase(one.name, pattern) or fnmatchcase(one.group, pattern)


def _cases_of(spec: AnySpec, one: Check, scenarios: list[Scenario]) -> list[Case]:
    if not one.applies_to(spec):
        return []
    if not one.takes_sample:
        return [Case(spec=spec, check=one)]
    fitting = [made for made in scenarios if _takes(spec, made) and _suits(one, made)]
    return [
        Case(spec=spec, check=one, scenario=made) for made in (fitting if one.each else fitting[:1])
    ]


def _takes(spec: AnySpec, made: Scenario) -> bool:
    kinds = {spec.data} if isinstance(spec.data, DataKind) else spec.data
    declared = spec.capabilities if isinstance(spec, DetectorSpec) else frozenset()
    return made.data in kinds and made.needs <= declared


def _suits(one: Check, made: Scenario) -> bool:
    return not one.data or made.data in one.data
