"""Is a results folder sound? Every file against what it should be."""

import re
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from attrs import frozen

from ad_core.errors import ResultsError
from ad_core.results._artefacts import ARTEFACTS, read_artefact
from ad_core.results._record import Record
from ad_core.results._store import RunStore, record_paths

__all__ = ["Fault", "verify"]

_SCORES = re.compile(r"[0-9a-f]{64}\.npz")
_TEMPORARY = re.compile(r"\..+\.part")
_AGAIN = "run the benchmark again"


@frozen(kw_only=True)
class Fault:
    """What is wrong with a file, and what mends it; `file` is relative to the folder."""

    file: str
    fault: str
    remedy: str


def verify(folder: str | PathLike[str]) -> list[Fault]:
    """Check a folder: records, scores, artefacts, and files that should not be there.

    Files of runs that a live process is computing are no fault. Nothing is changed.

    Returns
    -------
    list of Fault
        By file.

    Raises
    ------
    ResultsError
        The folder is missing.
    """
    store = RunStore(folder)
    faults = [*_runs(store), *_artefacts(store.folder), *_strays(store), *_locks(store)]
    return sorted(faults, key=lambda one: (one.file, one.fault))


def _runs(store: RunStore) -> Iterator[Fault]:
    for path in record_paths(store.folder):
        try:
            record = store.find(path.stem)
            found = None if record is None else _scores(store, record)
        except ResultsError as error:
            found = _fault(path.name, error)
        if found is not None:
            yield found


def _scores(store: RunStore, record: Record) -> Fault | None:
    if record.scores_sha256 is None:
        return None
    remedy = f"delete it and {record.key}.json, and {_AGAIN}"
    try:
        kept = store.scores(record)
    except ResultsError as error:
        return _fault(f"{record.key}.npz", error)
    if len(kept.scores) != record.n_test:
        fault = f"holds {len(kept.scores)} scores, the record says {record.n_test}"
        return Fault(file=f"{record.key}.npz", fault=fault, remedy=remedy)
    return None


def _fault(file: str, error: ResultsError) -> Fault:
    """Part a message from the remedy that it may end with."""
    fault, _, remedy = str(error).rpartition("; ")
    if remedy.startswith(("delete ", "restore ")):
        return Fault(file=file, fault=fault, remedy=remedy)
    return Fault(file=file, fault=str(error), remedy=f"delete it and {_AGAIN}")


def _artefacts(folder: Path) -> Iterator[Fault]:
    for kind in ARTEFACTS:
        try:
            read_artefact(folder, kind)
        except ResultsError as error:
            yield _fault(f"{kind}.json", error)


def _strays(store: RunStore) -> Iterator[Fault]:
    """Yield scores without a record and what a killed process left half-written."""
    for path in [*store.folder.iterdir(), *(store.folder / ".locks").glob("*")]:
        name = path.relative_to(store.folder).as_posix()
        key = path.name.lstrip(".")[:64]
        if _TEMPORARY.fullmatch(path.name) and not _claimed(store, key):
            yield Fault(file=name, fault="was left half-written", remedy="delete it")
        elif (
            _SCORES.fullmatch(path.name)
            and not path.with_suffix(".json").exists()
            and not _claimed(store, key)
        ):
            yield Fault(
                file=name, fault="scores without a record", remedy=f"delete it, or {_AGAIN}"
            )


def _locks(store: RunStore) -> Iterator[Fault]:
    """Yield claims of runs that no live process holds and that have no record."""
    for key in store.claimable():
        if not (store.folder / f"{key}.json").exists() and not _claimed(store, key):
            fault = "claimed by a process that is gone, and there is no record"
            yield Fault(file=f".locks/{key}.lock", fault=fault, remedy=f"delete it, or {_AGAIN}")


def _claimed(store: RunStore, key: str) -> bool:
    try:
        return store.is_claimed(key)
    except ResultsError:
        return False  # a read-only folder: nobody can be writing to it
