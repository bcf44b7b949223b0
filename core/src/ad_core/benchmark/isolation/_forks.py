"""The supervisor's side of a zygote and of the forks that do runs."""

import json
import pickle
import select
import socket
import tempfile
import weakref
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import IO, ClassVar

import psutil

from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import Preparation
from ad_core.benchmark.isolation._seat import Seat
from ad_core.benchmark.isolation._stems import stem, teach
from ad_core.benchmark.isolation._worker import BOOT, Exit, WorkerLostError

__all__ = ["Zygote"]

PACKET = 1 << 16
"""The most bytes of a message of the zygote."""
TIDYING = 5.0
"""Seconds that a process gets to be rid of a run, and to end."""


class Zygote:
    """A zygote and its fork that does runs; see `_zygote` and `_forked`. Linux only.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.

    Attributes
    ----------
    imported
        What runs of any zygote imported for themselves: later forks find it there.
    proven
        What runs of any zygote lived through, by detector: later zygotes have it from the stem.

    Raises
    ------
    WorkerLostError
        It cannot start.
    """

    imported: ClassVar[set[str]] = set()
    proven: ClassVar[dict[str, Preparation]] = {}

    def __init__(self, threads: int | None) -> None:
        self._threads = threads
        self.used = False
        self._ahead: dict[str, Task] = {}
        self._begin()

    def _begin(self) -> None:
        """Have the stem fork a zygote."""
        self._stem = stem(self._threads)
        self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        proven = list(self.proven.values())
        with there:
            self._stem.fork(proven, there.fileno(), self._errors.fileno())
        self._seat: Seat | None = None
        self._done: set[Preparation] = set()
        self._modules: set[str] = set()
        self._note(proven)
        self._processes: list[psutil.Process] = []
        self._close = weakref.finalize(
            self, _end_zygote, self._socket, self._processes, self._errors
        )
        pid = self._hear(BOOT)["pid"]
        try:
            self._processes.append(psutil.Process(pid))
        except psutil.NoSuchProcess as error:
            raise self._lost() from error

    @property
    def process(self) -> psutil.Process:
        """The zygote."""
        return self._processes[0]

    @classmethod
    def learn(cls, task: Task, imported: Iterable[str]) -> None:
        """Note that a run handed over what came of it, and what it had to import for itself."""
        n_known = len(cls.imported)
        cls.imported.update(imported)
        cls.proven[task.detector] = Preparation.of(task, frozenset(cls.imported))
        if len(cls.imported) > n_known:
            teach([cls.proven[task.detector]])

    @classmethod
    def doubt(cls) -> None:
        """Let the next zygote begin with nothing."""
        cls.imported.clear()
        cls.proven.clear()

    def launch(self, job: bytes, ahead: Task | None, *, fresh: bool) -> None:
        """Give the run to the process that did the last one if it waits, else to a new fork."""
        if ahead is not None:
            self._ahead[ahead.detector] = ahead
        seat = self._seat
        if seat is not None and not seat.left and (fresh or not seat.waits(TIDYING)):
            self._see_off(seat)
        self.used = seat is not None and not seat.left
        if seat is None or seat.left:
            if not self.imported <= self._modules:  # the stem has it by now
                self._close()
                self._begin()
            seat = self._seat = self._forked(() if ahead is None else self._wanted())
        seat.give(job)

    def wait(self, seconds: float) -> Exit | None:
        """Wait for the word of the run's process, or the zygote's that it ended."""
        seat = self._taken
        if not seat.hung_up:
            ready = select.select([self._socket, seat.here], [], [], seconds)[0]
            if seat.here in ready and seat.hear():
                return Exit(code=0, rss=seat.rss)
            if not ready:
                return None
        return self._ending(seat) if self._ready(seconds) else None

    def began(self) -> bool:
        """Return True: the process is a fork of a program that is there."""
        return True

    def tree(self) -> list[psutil.Process]:
        """Return the descendants of the zygote: it adopts those whose parent ended."""
        return _tree.descendants(self.process)

    def handed(self) -> bytes | None:
        """Return what the run left on the desk."""
        return self._taken.read()

    def printed(self) -> str:
        """Return the end of what the process printed."""
        return self._taken.output.text()

    def close(self) -> None:
        """Hang up: the zygote kills its descendants and ends."""
        if self._seat is not None:
            self._seat.close()
        self._close()

    @property
    def _taken(self) -> Seat:
        if self._seat is None:
            raise RuntimeError("nothing was launched")
        return self._seat

    def _wanted(self) -> list[Preparation]:
        """Return what is to be done for the detectors since the last fork."""
        asked = [Preparation.of(task) for task in self._ahead.values()]
        wanted = [one.less(self._modules) for one in asked]
        return [one for one in wanted if one not in self._done]

    def _forked(self, wanted: Collection[Preparation]) -> Seat:
        """Let the zygote prepare and fork."""
        seat = Seat()
        try:
            size = seat.lay(pickle.dumps(wanted, protocol=5))
            socket.send_fds(self._socket, [str(size).encode()], seat.descriptors)
        except OSError as error:
            seat.close()
            raise self._lost() from error
        self._hear(BOOT)
        seat.take()
        self._note(wanted)
        if wanted:
            self._ahead.clear()
        return seat

    def _note(self, prepared: Collection[Preparation]) -> None:
        self._modules.update(*(one.modules for one in prepared))
        self._done.update(one.less(self._modules) for one in prepared)

    def _see_off(self, seat: Seat) -> None:
        """Let a process end that does no further run."""
        seat.close()
        if not self._ready(TIDYING):
            _tree.end(self.tree, grace=0)
        if not self._ready(TIDYING) or self._ending(seat).code is None:
            raise self._lost()

    def _ending(self, seat: Seat) -> Exit:
        """Return what the zygote says of the end of a process."""
        packet = _received(self._socket)
        seat.leave()
        if not packet:
            return Exit(code=None)
        message = json.loads(packet)
        return Exit(code=message["code"], rss=message["rss"])

    def _hear(self, seconds: float) -> dict[str, int]:
        packet = _received(self._socket) if self._ready(seconds) else b""
        if not packet:
            raise self._lost()
        word: dict[str, int] = json.loads(packet)
        return word

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _lost(self) -> WorkerLostError:
        lines = _lines(self._errors) or _lines(self._stem.errors)
        self.close()
        last = f": {lines[-1]}" if lines else ""
        return WorkerLostError(f"the process that starts runs ended by itself{last}")


def _lines(errors: IO[bytes]) -> list[str]:
    if errors.closed:
        return []
    errors.seek(0)
    return errors.read().decode(errors="replace").strip().splitlines()


def _received(source: socket.socket) -> bytes:
    """Return the next packet; nothing when the other end is gone."""
    try:
        return source.recv(PACKET)
    except ConnectionResetError:  # with a message unread
        return b""


def _end_zygote(here: socket.socket, processes: list[psutil.Process], errors: IO[bytes]) -> None:
    with suppress(OSError):  # it is gone already
        here.shutdown(socket.SHUT_WR)
    # It closes its end when it ends; before, it may tell of the end of a fork.
    while processes and select.select([here], [], [], TIDYING)[0] and _received(here):
        pass
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()  # it hangs in an import
    here.close()
    errors.close()
