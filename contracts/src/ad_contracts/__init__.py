"""The contract suite: one table of checks, run as a library, by pytest or by ``ad check``."""

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
