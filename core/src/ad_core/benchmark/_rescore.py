"""Metrics from stored scores: nothing is fitted, nothing scored."""

from collections.abc import Collection, Iterable, Iterator

from attrs import evolve, frozen

from ad_core.benchmark._execute import score_metrics
from ad_core.errors import ResultsError
from ad_core.results import Record, RunStore, record_keys
from ad_core.spec import MetricSpec

__all__ = ["Rescored", "rescore", "rescore_run"]


@frozen(kw_only=True)
class Rescored:
    """What became of one run.

    Parameters
    ----------
    key
        Of its record.
    record
        As it stands on disk now; None when it cannot be read.
    metrics
        Those that were computed, by name; empty when there was nothing to do.
    problem
        Why they could not be; None when they could.
    """

    key: str
    record: Record | None = None
    metrics: tuple[str, ...] = ()
    problem: str | None = None


def rescore(
    store: RunStore, metrics: Collection[MetricSpec], *, again: Collection[str] = ()
) -> Iterator[Rescored]:
    """Compute metrics of every run of a folder from its stored scores.

    Several processes may do so at once, and while a benchmark runs. A run whose
    record or scores are damaged is reported; the others are done.

    Parameters
    ----------
    store
        The runs.
    metrics
        What to compute where it is missing.
    again
        Names of those of them to compute where they are not missing, too.

    Yields
    ------
    Rescored
        By key.

    Raises
    ------
    ResultsError
        The folder is missing or holds no record.
    """
    for key in record_keys(store.folder):
        record = None
        try:
            record = store.find(key)
            if record is None:
                continue  # deleted since
            wanted = _wanted(record, metrics, again)
            after = rescore_run(store, record, metrics, again=again)
        except ResultsError as error:
            yield Rescored(key=key, record=record, problem=str(error))
        else:
            yield Rescored(key=key, record=after, metrics=tuple(one.name for one in wanted))


def rescore_run(
    store: RunStore,
    record: Record,
    metrics: Iterable[MetricSpec],
    *,
    again: Collection[str] = (),
) -> Record:
    """Return the record with the metrics that it lacks, and those named in `again`.

    A run without scores is returned as it is.

    Raises
    ------
    ResultsError
        The scores are damaged or missing, or the record cannot be written.
    """
    metrics = tuple(metrics)
    if not _wanted(record, metrics, again):
        return record
    # Alone: another process may add metrics to the same record, or replace the run.
    with store.claim(record.key, wait=True):
        current = store.find(record.key) or record
        wanted = _wanted(current, metrics, again)
        if not wanted:
            return current
        found = score_metrics(wanted, store.scores(current))
        kept = {name: text for name, text in current.reasons.items() if name not in found.values}
        return store.write(
            evolve(
                current,
                metrics={**current.metrics, **found.values},
                reasons={**kept, **found.reasons},
            )
        )


def _wanted(
    record: Record, metrics: Iterable[MetricSpec], again: Collection[str]
) -> list[MetricSpec]:
    if not record.ok:
        return []
    return [spec for spec in metrics if spec.name not in record.metrics or spec.name in again]
