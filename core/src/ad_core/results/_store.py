"""A folder of runs: ``<key>.json`` holds the record, ``<key>.npz`` the scores."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ad_core.errors import ResultsError
from ad_core.files import atomic_write
from ad_core.results._record import Record, from_dict, to_dict
from ad_core.results._schema import validate

__all__ = ["RunStore", "Scores", "read_records", "record_keys", "record_paths"]

_RECORD = re.compile(r"[0-9a-f]{64}\.json")


@frozen(kw_only=True, eq=False)
class Scores:
    """What a new metric needs, so that it never needs a new fit.

    Parameters
    ----------
    scores
        Scores of the test part, shape (n_samples,).
    y_true, predictions
        Its labels and those at the detector's own threshold, shape (n_samples,), or None.
    """

    scores: NDArray[np.float64]
    y_true: NDArray[np.int8] | None = None
    predictions: NDArray[np.int8] | None = None


class RunStore:
    """Reads and writes runs; several processes may share one folder.

    A file is there whole or not at all. The scores are written before the
    record, so a record that is there has its scores. A power failure may undo
    the last seconds' runs, which are then computed again.

    Parameters
    ----------
    folder
        Where the runs are; made when something is first written.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"RunStore({str(self.folder)!r})"

    def prepare(self) -> None:
        """Make the folder and see that it can be written to, before anything is computed.

        Raises
        ------
        ResultsError
            It cannot.
        """
        probe = self._locks / f"probe-{id(self)}"
        with self._writing(self.folder):
            self._locks.mkdir(parents=True, exist_ok=True)
            with atomic_write(probe) as stream:
                stream.write(b"\n")
            probe.unlink()

    def find(self, key: str) -> Record | None:
        """Return the record with `key`, or None.

        Raises
        ------
        ResultsError
            The file is damaged or is not a record.
        """
        path = self.folder / f"{key}.json"
        return _read(path) if path.exists() else None

    def records(self) -> list[Record]:
        """Return every record, by key; see `read_records`."""
        return read_records(self.folder)

    def write(self, record: Record, scores: Scores | None = None) -> Record:
        """Write a run and return the record as it stands on disk.

        Raises
        ------
        ResultsError
            The folder is read-only, the disk is full, or the record breaks the schema;
            nothing half-written is left.
        """
        path = self.folder / f"{record.key}.json"
        if scores is not None:
            packed = _pack(scores)
            record = evolve(record, scores_sha256=hashlib.sha256(packed).hexdigest())
        values = to_dict(record)
        validate(values, f"the record for {path}")
        text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with self._writing(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            if scores is not None:
                with atomic_write(path.with_suffix(".npz"), lasting=False) as stream:
                    stream.write(packed)
                    stream.flush()
                    if not _holds(path.with_suffix(".npz"), packed):
                        path.unlink(missing_ok=True)  # it must not stand beside other scores
            with atomic_write(path, lasting=False) as stream:
                stream.write(text.encode())
            if record.scores_sha256 is None:
                path.with_suffix(".npz").unlink(missing_ok=True)
        return record

    def scores(self, record: Record) -> Scores:
        """Return the scores of a run.

        Raises
        ------
        ResultsError
            The run has none, or the file is missing or is not the one written with the record.
        """
        path = self.folder / f"{record.key}.npz"
        if record.scores_sha256 is None:
            raise ResultsError(f"run {record.key} has no scores: its status is {record.status}")
        try:
            packed = path.read_bytes()
        except OSError as error:
            raise ResultsError(
                f"cannot read the scores {path}: {error.strerror}; delete "
                f"{path.with_suffix('.json').name} and run the benchmark again"
            ) from error
        if hashlib.sha256(packed).hexdigest() != record.scores_sha256:
            raise ResultsError(
                f"the scores {path} are damaged; delete it and "
                f"{path.with_suffix('.json').name}, and run the benchmark again"
            )
        return _unpack(packed, path)

    @contextmanager
    def claim(self, key: str, *, wait: bool) -> Iterator[bool]:
        """Hold the right to compute `key`, across processes; it goes when the process dies.

        Parameters
        ----------
        key
            The run.
        wait
            Whether to wait for another process that holds it.

        Yields
        ------
        bool
            Whether it was got; always true with `wait`.
        """
        with self._writing(self._locks):
            self._locks.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._locks / f"{key}.lock", timeout=-1 if wait else 0)
            try:
                lock.acquire()
            except Timeout:
                got = False
            else:
                got = True
        try:
            yield got
        finally:
            if got:
                lock.release()

    def is_free(self, key: str) -> bool:
        """Tell whether no process holds the right to compute `key`."""
        with self.claim(key, wait=False) as got:
            return got

    def is_claimed(self, key: str) -> bool:
        """Tell whether a live process holds the right to compute `key` at this moment.

        Raises
        ------
        ResultsError
            The folder is read-only, so that its locks cannot be asked.
        """
        if not (self._locks / f"{key}.lock").exists():
            return False
        return not self.is_free(key)

    def claimable(self) -> list[str]:
        """Return the keys that were ever claimed, in order."""
        return sorted(path.stem for path in self._locks.glob("?" * 64 + ".lock"))

    @property
    def _locks(self) -> Path:
        return self.folder / ".locks"

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ResultsError(
                f"cannot write {path}: {error.strerror or error}; "
                "choose another output folder, or make this one writable with room on its disk"
            ) from error


def read_records(folder: str | PathLike[str]) -> list[Record]:
    """Read every record of a folder, by key.

    Raises
    ------
    ResultsError
        The folder is missing or holds no record, or a record is damaged.
    """
    path = Path(folder)
    return [_read(path / f"{key}.json") for key in record_keys(path)]


def record_keys(folder: str | PathLike[str]) -> list[str]:
    """Return the keys of the records of a folder, in order, without opening a file.

    Raises
    ------
    ResultsError
        The folder is missing or holds no record.
    """
    paths = record_paths(folder)
    if not paths:
        raise ResultsError(f"{folder} holds no run records; make some with: ad benchmark FILE")
    return [path.stem for path in paths]


def record_paths(folder: str | PathLike[str]) -> list[Path]:
    """Return the files of the records of a folder, in order; maybe none.

    Raises
    ------
    ResultsError
        The folder is missing.
    """
    try:
        return sorted(path for path in Path(folder).iterdir() if _RECORD.fullmatch(path.name))
    except OSError as error:
        raise ResultsError(f"cannot read the results folder {folder}: {error.strerror}") from error


def _read(path: Path) -> Record:
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise ResultsError(f"cannot read the record {path}: {error.strerror}") from error
    except ValueError as error:
        raise ResultsError(
            f"the record {path} is damaged ({error}); delete it and run the benchmark again"
        ) from error
    validate(values, str(path))
    record = from_dict(values)
    if record.key != path.stem:
        raise ResultsError(f"the record {path} has the key {record.key}; restore its file name")
    return record


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _pack(scores: Scores) -> bytes:
    arrays: dict[str, Any] = {"scores": scores.scores}
    for name in ("y_true", "predictions"):
        if getattr(scores, name) is not None:
            arrays[name] = getattr(scores, name).astype(np.int8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _unpack(packed: bytes, path: Path) -> Scores:
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return Scores(**{name: arrays[name] for name in arrays.files})
    except (ValueError, TypeError, zipfile.BadZipFile) as error:
        raise ResultsError(f"the scores {path} are not in this format: {error}") from error
