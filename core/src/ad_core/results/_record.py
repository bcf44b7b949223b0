"""What is known of one run: an attrs class, and plain data from it and back."""

from enum import StrEnum
from typing import Any

import cattrs
from attrs import field, frozen
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from ad_core.spec import Family

__all__ = [
    "HEADLINE",
    "SCHEMA_ID",
    "SCHEMA_VERSION",
    "UNKNOWN",
    "ErrorInfo",
    "Isolation",
    "Limits",
    "Plugin",
    "Record",
    "Status",
    "from_dict",
    "to_dict",
]

SCHEMA_VERSION = 2
SCHEMA_ID = f"urn:ad-core:run-record:{SCHEMA_VERSION}"
UNKNOWN = "unknown"
"""The `hardware` of a run whose machine was lost with it."""
HEADLINE = ("roc_auc", "pr_auc", "f1")
"""Metrics that stand at the top level of a record file; the others are below ``metrics``."""


class Status(StrEnum):
    """How a run ended."""

    OK = "ok"
    ERROR = "error"
    """The detector or the data set raised."""
    TIMEOUT = "timeout"
    """Over its limit of wall time."""
    OOM = "oom"
    """Out of memory, or over its limit."""
    CRASH = "crash"
    """The process died."""
    INVALID_SCORES = "invalid_scores"
    """Scores that are not finite or not one a sample; never clipped."""
    SKIPPED = "skipped"
    """It cannot run here: a library is missing."""
    INTERRUPTED = "interrupted"
    """Stopped by hand."""


class Isolation(StrEnum):
    """Where a run happens."""

    NONE = "none"
    """In the process that keeps the record: nothing can be limited."""
    PROCESS = "process"
    """In a process of its own, which may do another run when this one left it as good as new."""
    FRESH = "fresh"
    """In a process that does nothing else."""


@frozen(kw_only=True)
class Limits:
    """What a run may use.

    Parameters
    ----------
    timeout
        Seconds of wall time, loading the data included; None for no limit.
    memory
        Bytes of resident memory of the run's processes together; None for no limit.
    threads
        Threads of BLAS, OpenMP, numba and torch each; None for what the libraries choose.
    """

    timeout: float | None = None
    memory: int | None = None
    threads: int | None = None


@frozen(kw_only=True)
class ErrorInfo:
    """Why a run gave no scores; `traceback` is empty where none would help."""

    type: str
    message: str
    traceback: str = ""


@frozen(kw_only=True)
class Plugin:
    """The plugin that brought the detector."""

    name: str
    distribution: str
    version: str


@frozen(kw_only=True)
class Record:
    """One run: one detector, fitted and scored once on one data set.

    Parameters
    ----------
    key
        Hash of everything that decides the result; the name of the file.
    status, error
        How the run ended and, unless `ok`, why.
    protocol
        Name and version of the way of running, for example ``holdout/2``.
    dataset, dataset_sha256
        Name, and hash of the content of both parts; None when the set could not be had.
    model, detector, family, plugin
        Label in tables, full name, the idea it rests on (``baseline`` for a null
        baseline; None in records made before it was kept), and where it came from.
    params
        Every argument of the detector but `random_state`, which is `seed`.
    seed, data_seed, repetition
        Seed of the detector, seed of the split, place in the experiment's list of seeds.
    n_samples, n_train, n_test, n_features
        Sizes; `n_samples` is their sum over both parts.
    n_pos, n_neg, prevalence, n_unique_scores
        Anomalies, normal samples, the share of anomalies, and distinct scores in the test part.
    metrics, reasons
        Value by metric, None where there is none; then `reasons` says why.
    threshold, threshold_provenance
        The detector's decision threshold and how it was found.
    fit_time, score_time, time_per_1000
        Seconds of wall time; the last is scoring time per 1,000 test samples.
    peak_memory
        Bytes by which the resident memory of the process grew at its peak during
        fit and score, as the system counts it or sampled every few milliseconds;
        memory that an earlier run in the same process left to be used again (4 MB at
        most in a process of its own) does not count.
    isolation, limits
        Where the run happened and what it was allowed.
    signal, exit_code
        How its process ended: the name of the signal that killed it, or its exit
        code; None where there was none, or the run had no process of its own.
    peak_rss
        Bytes of resident memory of the run's processes together at their highest,
        as seen from outside; None without a process of its own, or one gone unseen.
    started_at, finished_at
        UTC, ISO 8601.
    versions, environment, hardware
        Of libraries; thread limits and processors; the machine in one line, `UNKNOWN` when
        it was lost with the run.
    scores_sha256
        Hash of the file with the scores; None when there are none.
    """

    key: str
    status: Status
    error: ErrorInfo | None = None
    protocol: str
    dataset: str
    dataset_sha256: str | None = None
    model: str
    detector: str
    family: Family | None = None
    plugin: Plugin
    params: dict[str, Any]
    seed: int
    data_seed: int
    repetition: int
    n_samples: int | None = None
    n_train: int | None = None
    n_test: int | None = None
    n_features: int | None = None
    n_pos: int | None = None
    n_neg: int | None = None
    prevalence: float | None = None
    n_unique_scores: int | None = None
    metrics: dict[str, float | None] = field(factory=dict)
    reasons: dict[str, str] = field(factory=dict)
    threshold: float | None = None
    threshold_provenance: dict[str, Any] | None = None
    fit_time: float | None = None
    score_time: float | None = None
    time_per_1000: float | None = None
    peak_memory: int | None = None
    isolation: Isolation = Isolation.NONE
    limits: Limits = Limits()
    signal: str | None = None
    exit_code: int | None = None
    peak_rss: int | None = None
    started_at: str
    finished_at: str
    versions: dict[str, str] = field(factory=dict)
    environment: dict[str, str] = field(factory=dict)
    hardware: str
    scores_sha256: str | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def ok(self) -> bool:
        """Whether the run gave scores."""
        return self.status is Status.OK


_converter = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=True)
_structure = make_dict_structure_fn(Record, _converter, _cattrs_forbid_extra_keys=True)
_unstructure = make_dict_unstructure_fn(Record, _converter, metrics=override(omit=True))


def to_dict(record: Record) -> dict[str, Any]:
    """Return a record as plain data, as it stands in a file."""
    values = _unstructure(record)
    others = {name: value for name, value in record.metrics.items() if name not in HEADLINE}
    return {
        "$schema": SCHEMA_ID,
        **values,
        **{name: record.metrics.get(name) for name in HEADLINE},
        "metrics": others,
    }


def from_dict(values: dict[str, Any]) -> Record:
    """Build a record from plain data that the schema accepts."""
    given = {name: value for name, value in values.items() if name not in ("$schema", *HEADLINE)}
    # A null without a reason was never asked for.
    headline = {
        name: values[name]
        for name in HEADLINE
        if values[name] is not None or name in values["reasons"]
    }
    return _structure({**given, "metrics": {**headline, **given["metrics"]}}, Record)
