"""One run to do: everything a worker needs, in one value that pickles."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from ad_core.load import import_target
from ad_core.results import SCHEMA_VERSION, ErrorInfo, Plugin, Status
from ad_core.spec import DatasetSpec, DetectorSpec, MetricSpec

__all__ = ["Problem", "Task", "run_key", "source_hash"]


@frozen(kw_only=True)
class Problem:
    """Why a run cannot be done, known before it starts."""

    status: Status
    error: ErrorInfo


@frozen(kw_only=True)
class Task:
    """One run.

    Parameters
    ----------
    key
        See `run_key`.
    protocol
        Full name of the protocol that is followed.
    model, detector, plugin, spec
        Label, full name, origin and spec of the detector.
    arguments
        What it is built with, `random_state` included where it takes one.
    params
        All its arguments but `random_state`, as plain data for the record.
    dataset, dataset_spec, dataset_sha256
        Name, spec and content of the data set.
    size
        Number of values in both parts of the data set; None when it could not be had.
    seed, data_seed, repetition
        Seed of the detector, seed of the parts, place in the list of seeds.
    metrics
        What to compute.
    problem
        Why it cannot be done; None when it can.
    superseded
        When the record ended that this run is to replace; None where there is none.
    """

    key: str
    protocol: str
    model: str
    detector: str
    plugin: Plugin
    spec: DetectorSpec
    arguments: Mapping[str, Any]
    params: Mapping[str, Any]
    dataset: str
    dataset_spec: DatasetSpec
    dataset_sha256: str | None
    seed: int
    data_seed: int
    repetition: int
    metrics: tuple[MetricSpec, ...]
    size: int | None = None
    problem: Problem | None = None
    superseded: str | None = None


def run_key(**parts: Any) -> str:
    """Return the hash of everything that decides a result.

    Hardware, the way of executing and the list of metrics are not among it: the
    scores do not depend on them.
    """
    whole = {"schema": SCHEMA_VERSION, **parts}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def source_hash(spec: DetectorSpec) -> str:
    """Return the hash of the modules that a detector's code is in, so that a change reruns it."""
    digest = hashlib.sha256()
    for target in filter(None, (spec.adapter, spec.target)):
        module = sys.modules[import_target(target).__module__]
        file = getattr(module, "__file__", None)
        digest.update(module.__name__.encode())
        digest.update(Path(file).read_bytes() if file else b"")
    return digest.hexdigest()
