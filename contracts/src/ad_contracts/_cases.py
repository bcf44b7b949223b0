"""Which checks apply to which subjects, in which scenarios."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from attrs import frozen

from ad_contracts._check import AnySpec, Check, kinds_of_data
from ad_contracts._find import find_specs, name_of
from ad_contracts._scenario import Sample, Scenario, as_scenario
from ad_contracts._table import load_table
from ad_core.registry import unknown_name
from ad_core.spec import DetectorSpec, Deviation

__all__ = ["Case", "cases", "choose_checks"]


@frozen(kw_only=True)
class Case:
    """One check of one subject, in one scenario where the check needs data."""

    spec: AnySpec
    check: Check
    scenario: Scenario | None = None

    @property
    def subject(self) -> str:
        """The subject's name; the full one where several plugins use it."""
        return name_of(self.spec)

    @property
    def id(self) -> str:
        """For example ``knn-refit_forgets`` or ``knn-orientation-blobs``."""
        parts = [self.subject, self.check.name]
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
    scenarios: Iterable[Scenario | Callable[[], Sample]] | None = None,
    only: Iterable[str] = (),
) -> list[Case]:
    """Return every case that applies, subject by subject, each subject once.

    Parameters
    ----------
    subjects
        Specs or names: of detectors, data sets, metrics, distributions, globs
        of them, or ``module:Class``.
    scenarios
        Scenarios, or functions decorated with `scenario`, to use instead of the
        registered ones.
    only
        Names or globs of checks or of groups of checks; empty for all.

    Raises
    ------
    UnknownNameError
        A name stands for nothing.
    """
    named = [subjects] if isinstance(subjects, str) else list(subjects)
    found = [spec for one in named for spec in (find_specs(one) if isinstance(one, str) else [one])]
    specs = dict.fromkeys(found)
    checks = choose_checks(only)
    usable = load_table().scenarios.values() if scenarios is None else map(as_scenario, scenarios)
    makers = list(usable)
    return [case for spec in specs for one in checks for case in _cases_of(spec, one, makers)]


def choose_checks(only: Iterable[str] = ()) -> list[Check]:
    """Return the checks that names or globs of checks or groups mean; all when there are none.

    Raises
    ------
    UnknownNameError
        A pattern matches nothing.
    """
    checks, patterns = list(load_table().checks.values()), list(only)
    for pattern in patterns:
        if not any(_matches(one, pattern) for one in checks):
            known = {name for one in checks for name in (one.name, one.group)}
            raise unknown_name("check", pattern, known, "see: ad check --list")
    if not patterns:
        return checks
    return [one for one in checks if any(_matches(one, pattern) for pattern in patterns)]


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
    kinds = kinds_of_data(spec)
    declared = spec.capabilities if isinstance(spec, DetectorSpec) else frozenset()
    return (not kinds or made.data in kinds) and made.needs <= declared


def _suits(one: Check, made: Scenario) -> bool:
    return not one.data or made.data in one.data
