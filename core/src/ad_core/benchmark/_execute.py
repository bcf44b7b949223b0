"""Do one run: pure, apart from reading the data set; writes nothing, prints nothing."""

import tempfile
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from ad_core.benchmark._last import LastResult
from ad_core.benchmark._measure import PeakMemory, environment, hardware, pools, versions
from ad_core.benchmark._task import Task
from ad_core.benchmark.protocols import get_protocol
from ad_core.data import Dataset
from ad_core.detector import BaseDetector
from ad_core.errors import InvalidScoresError
from ad_core.metrics import Evaluation, evaluate
from ad_core.results import UNKNOWN, ErrorInfo, Record, Scores, Status
from ad_core.spec import Capability, DatasetSpec, MetricSpec

__all__ = ["Result", "described", "execute", "failed", "now", "score_metrics", "share_loaded_data"]


@frozen(kw_only=True)
class Result:
    """A record and, unless the run failed, its scores."""

    record: Record
    scores: Scores | None = None


def execute(task: Task) -> Result:
    """Fit on the train part, score the test part, compute the metrics.

    Everything that goes wrong is a record with its status; only what stops the
    process (`KeyboardInterrupt`, `SystemExit` by a signal) is raised.
    """
    started = now()
    if task.problem is not None:
        return failed(task, task.problem.status, task.problem.error, started)
    try:
        with get_protocol(task.protocol).around():
            return _execute(task, started)
    except InvalidScoresError as error:
        return failed(task, Status.INVALID_SCORES, described(error), started)
    except MemoryError as error:
        return failed(task, Status.OOM, described(error), started)
    except Exception as error:  # noqa: BLE001 - a stranger's code; the record says it
        return failed(task, Status.ERROR, described(error), started)


def failed(
    task: Task, status: Status, error: ErrorInfo, started: str, *, here: bool = True
) -> Result:
    """Return the record of a run without scores; an executor whose worker died calls it too.

    Parameters
    ----------
    task, status, error, started
        What stands in the record.
    here
        Whether it was to happen on this machine. Of another one, which cannot be asked
        any more, hardware, environment and versions are not known.
    """
    record = evolve(_blank(task, started), status=status, error=error, finished_at=now())
    if not here:
        record = evolve(record, versions={}, environment={}, hardware=UNKNOWN)
    return Result(record=record)


def now() -> str:
    """Return the time as it stands in records."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _execute(task: Task, started: str) -> Result:
    protocol = get_protocol(task.protocol)
    train, test = _parts(task.protocol, task.dataset_spec, task.data_seed, task.dataset_sha256)
    # Building imports the detector's libraries: that is not its fit time.
    detector = protocol.build(task.spec, task.arguments)
    protocol.before_fit(task.seed)
    with PeakMemory() as memory:
        fit_time = _fit(detector, train, task)
        begin = perf_counter()
        scores = _checked(detector.score_samples(test.X), test.n_samples, task.model)
        score_time = perf_counter() - begin
    threshold, provenance = _threshold(detector)
    predictions = None if threshold is None else (scores >= threshold).astype(np.int8)
    labels = None if test.y is None else test.y.astype(np.int8)
    kept = Scores(scores=scores, y_true=labels, predictions=predictions)
    found = score_metrics(task.metrics, kept)
    blank = _blank(task, started)
    record = evolve(
        blank,
        **_sizes(train, test, scores),
        environment={**blank.environment, **pools()},
        metrics=found.values,
        reasons=found.reasons,
        threshold=threshold,
        threshold_provenance=provenance,
        fit_time=fit_time,
        score_time=score_time,
        time_per_1000=1000 * score_time / test.n_samples,
        peak_memory=memory.growth,
        finished_at=now(),
    )
    return Result(record=record, scores=kept)


@LastResult
def _parts(
    protocol: str,
    spec: DatasetSpec,
    seed: int,
    sha256: str | None,  # noqa: ARG001 - another content is another result
) -> tuple[Dataset, Dataset]:
    # A plan goes through the detectors of one data set in a row.
    return get_protocol(protocol).parts(spec, seed)


def share_loaded_data() -> None:
    """Let the forks of this process, and theirs, use the data that another has loaded.

    Those of a fork that shares, too, have a place of their own as well, which is looked at
    first: so what one has loaded is not lost when others come to another data set.
    """
    own = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this process
    _parts.files = (own, *_parts.files)


def _fit(detector: BaseDetector, train: Dataset, task: Task) -> float:
    supervised = Capability.SUPERVISED in task.spec.capabilities
    begin = perf_counter()
    if supervised:
        detector.fit(train.X, train.y)
    else:
        detector.fit(train.X)
    return perf_counter() - begin


def _checked(scores: Any, n_samples: int, whose: str) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (n_samples,) or not np.isfinite(values).all():
        raise InvalidScoresError(
            f"{whose} must return {n_samples} finite scores, got shape {values.shape} with "
            f"{int(np.sum(~np.isfinite(values)))} non-finite values"
        )
    return values


def _threshold(detector: BaseDetector) -> tuple[float | None, dict[str, Any]]:
    provenance = detector.threshold_provenance
    if provenance.get("strategy") is None:
        return None, provenance
    return detector.decision_threshold, provenance


def _sizes(train: Dataset, test: Dataset, scores: NDArray[np.float64]) -> dict[str, Any]:
    sizes: dict[str, Any] = {
        "n_samples": train.n_samples + test.n_samples,
        "n_train": train.n_samples,
        "n_test": test.n_samples,
        "n_features": train.n_features,
        "n_unique_scores": len(np.unique(scores)),
    }
    if test.n_anomalies is not None:
        sizes["n_pos"] = test.n_anomalies
        sizes["n_neg"] = test.n_samples - test.n_anomalies
        sizes["prevalence"] = test.anomaly_ratio
    return sizes


def score_metrics(specs: Iterable[MetricSpec], scores: Scores) -> Evaluation:
    """Compute metrics from what a run keeps."""
    if scores.y_true is None:
        names = [spec.name for spec in specs]
        return Evaluation(
            values=dict.fromkeys(names), reasons=dict.fromkeys(names, "the data set has no labels")
        )
    return evaluate(scores.y_true, scores.scores, scores.predictions, specs)


def described(error: BaseException) -> ErrorInfo:
    """Return an exception as it stands in records."""
    return ErrorInfo(
        type=type(error).__name__,
        message=" ".join(str(error).split()) or type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
    )


def _blank(task: Task, started: str) -> Record:
    return Record(
        key=task.key,
        status=Status.OK,
        protocol=task.protocol,
        dataset=task.dataset,
        dataset_sha256=task.dataset_sha256,
        model=task.model,
        detector=task.detector,
        family=task.spec.family,
        plugin=task.plugin,
        params=dict(task.params),
        seed=task.seed,
        data_seed=task.data_seed,
        repetition=task.repetition,
        started_at=started,
        finished_at=started,
        versions=versions(task.spec, task.plugin.distribution),
        environment=environment(),
        hardware=hardware(),
    )
