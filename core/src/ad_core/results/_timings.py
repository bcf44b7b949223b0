"""How long earlier runs took: a hint for those to come, so that it is read leniently."""

import json
from collections.abc import Iterator
from datetime import datetime
from os import PathLike
from typing import Any

from attrs import asdict, frozen

from ad_core.results._record import Record, Status
from ad_core.results._store import record_paths

__all__ = ["Timing", "read_timings", "timing"]

_TELLING = (Status.OK, Status.TIMEOUT)
"""A run that failed otherwise may have done so in its first second."""


@frozen(kw_only=True)
class Timing:
    """What one run took.

    Parameters
    ----------
    model, detector, dataset
        As in its record.
    size
        Number of values in both parts of the data set; None when it is not known.
    seconds
        From its start to its end, reading the data included.
    """

    model: str
    detector: str
    dataset: str
    size: int | None
    seconds: float


def timing(record: Record) -> Timing | None:
    """Return what a run took; None when it says nothing of the next one."""
    return _timing(asdict(record, recurse=False))


def read_timings(folder: str | PathLike[str]) -> Iterator[Timing]:
    """Yield what the runs of a folder took.

    The records are not validated, for speed; a file that is no record has no say.
    """
    for path in record_paths(folder):
        try:
            found = _timing(json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # whoever needs this record is told that it is damaged
        if found is not None:
            yield found


def _timing(values: dict[str, Any]) -> Timing | None:
    begin, end = (datetime.fromisoformat(values[name]) for name in ("started_at", "finished_at"))
    seconds = (end - begin).total_seconds()
    if values["status"] not in _TELLING or seconds < 0:  # a clock that was set back
        return None
    sizes = values["n_samples"], values["n_features"]
    return Timing(
        model=values["model"],
        detector=values["detector"],
        dataset=values["dataset"],
        size=None if None in sizes else sizes[0] * sizes[1],
        seconds=seconds,
    )
