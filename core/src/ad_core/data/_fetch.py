"""Many files at once, a few at a time; one that fails stops none of the others."""

import threading
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from attrs import frozen

from ad_core.data._cache import Place
from ad_core.data._download import discard_partial_files, obtain
from ad_core.errors import DatasetError
from ad_core.spec import PinnedFile

__all__ = ["Fetched", "Watcher", "fetch_files"]

PATIENCE = 1.0
"""Seconds that downloads are given to end by themselves when all of them are given up."""


@frozen
class Fetched:
    """How it ended with one file.

    Attributes
    ----------
    remote
        The file.
    place, path
        Where the copy lies; None where the file could not be had.
    downloaded
        Whether it was downloaded now.
    error
        Why it could not be had; None when it is there.
    """

    remote: PinnedFile
    place: Place | None = None
    path: Path | None = None
    downloaded: bool = False
    error: DatasetError | None = None


class Watcher(Protocol):
    """Hears of the bytes that come; it is called from several threads."""

    def expect(self, remote: PinnedFile, n_bytes: int) -> None:
        """A download begins; `n_bytes` is 0 where the length is not known."""

    def advance(self, remote: PinnedFile, n_bytes: int) -> None:
        """So many more bytes are there."""


class _GivenUp(Exception):  # noqa: N818 - no error: it ends a download whose result nobody wants
    """Ends a download that the user interrupted."""


class _Bar:
    """What pooch takes for a progress bar; hands on what it hears, and ends a given-up download."""

    def __init__(self, remote: PinnedFile, watcher: Watcher, stop: threading.Event) -> None:
        self._remote, self._watcher, self._stop = remote, watcher, stop
        self._left = 0

    @property
    def total(self) -> int:
        return self._left

    @total.setter
    def total(self, stated: int) -> None:
        # A text may be compressed on the way; then only the spec knows its length.
        self._left = stated if self._remote.size is None else self._remote.size
        self._watcher.expect(self._remote, self._left)

    def update(self, n_bytes: int) -> None:
        if self._stop.is_set():
            raise _GivenUp
        step = min(n_bytes, self._left)
        self._left -= step
        self._watcher.advance(self._remote, step)

    def reset(self) -> None:
        """Pooch fills its bar at the end; ours is full by then, or its total was not known."""
        self._left = 0

    def close(self) -> None:
        """Nothing is left to do."""


def fetch_files(
    files: Iterable[PinnedFile], watcher: Watcher, *, n_jobs: int = 4
) -> Generator[Fetched, None, None]:
    """Fetch every file, `n_jobs` at a time, and yield how it ended, in the order of the ends.

    Close the generator to give up: downloads end, and their partial files are gone.
    """
    waiting = deque(files)
    results: SimpleQueue[Fetched | BaseException] = SimpleQueue()
    stop = threading.Event()
    wanted = len(waiting)
    # Threads that wait for a silent server must not keep an interrupted process alive: daemons.
    workers = [
        threading.Thread(target=_work, args=(waiting, results, watcher, stop), daemon=True)
        for _ in range(min(n_jobs, wanted))
    ]
    try:
        for worker in workers:
            worker.start()
        for _ in range(wanted):
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()
        waiting.clear()
        _wait_a_moment(workers)
        discard_partial_files()


def _work(
    waiting: deque[PinnedFile],
    results: "SimpleQueue[Fetched | BaseException]",
    watcher: Watcher,
    stop: threading.Event,
) -> None:
    with suppress(IndexError, _GivenUp):  # nothing is left to fetch, or nobody waits for it
        while not stop.is_set():
            remote = waiting.popleft()
            results.put(_fetched(remote, _Bar(remote, watcher, stop)))


def _fetched(remote: PinnedFile, bar: Any) -> Fetched | BaseException:
    try:
        copy, downloaded = obtain(remote, bar)
    except DatasetError as error:
        return Fetched(remote, error=error)
    except _GivenUp:
        raise
    except BaseException as error:  # noqa: BLE001 - raised again where it is read
        return error
    return Fetched(remote, copy.place, copy.path, downloaded)


def _wait_a_moment(workers: list[threading.Thread]) -> None:
    from time import monotonic

    end = monotonic() + PATIENCE
    for worker in workers:
        if worker.is_alive():
            worker.join(max(0.0, end - monotonic()))
