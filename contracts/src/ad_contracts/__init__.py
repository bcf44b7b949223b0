"""The contract suite: one table of checks, run as a library, by pytest or by ``ad check``.

The names below are imported on first use, so that listing plugins and commands
costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_contracts._cases import Case, cases
    from ad_contracts._check import Check, check
    from ad_contracts._run import Outcome, Status, run
    from ad_contracts._scenario import Sample, Scenario, scenario
    from ad_contracts._subject import DatasetSubject, DetectorSubject, MetricSubject, Subject
    from ad_contracts._table import Table, load_sample, load_subject, load_table

__all__ = [
    "Case",
    "Check",
    "DatasetSubject",
    "DetectorSubject",
    "MetricSubject",
    "Outcome",
    "Sample",
    "Scenario",
    "Status",
    "Subject",
    "Table",
    "cases",
    "check",
    "load_sample",
    "load_subject",
    "load_table",
    "run",
    "scenario",
]

_MODULES = {
    "_cases": ("Case", "cases"),
    "_check": ("Check", "check"),
    "_run": ("Outcome", "Status", "run"),
    "_scenario": ("Sample", "Scenario", "scenario"),
    "_subject": ("DatasetSubject", "DetectorSubject", "MetricSubject", "Subject"),
    "_table": ("Table", "load_sample", "load_subject", "load_table"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"ad_contracts.{module}"), name)
    raise AttributeError(f"module 'ad_contracts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
