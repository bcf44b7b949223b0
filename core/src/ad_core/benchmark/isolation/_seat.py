"""The supervisor's side of one process that does runs, one after the other."""

import json
import select
import socket
import tempfile
import weakref
from contextlib import suppress
from typing import IO

from ad_core.benchmark.isolation import _desk
from ad_core.benchmark.isolation._forked import PACKET
from ad_core.benchmark.isolation._output import Tail

__all__ = ["Seat"]


class Seat:
    """The socket of a process, its desk, and what it prints; see `_forked`.

    Attributes
    ----------
    here
        Where the process speaks.
    output
        What it prints.
    rss
        The highest resident memory of the run that it handed over last.
    hung_up
        Whether it will say no more.
    left
        Whether it is gone.
    """

    def __init__(self) -> None:
        self.here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._desk = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the seat
        self.output = Tail()
        self._close = weakref.finalize(self, _close, self.here, self._there, self._desk)
        self.rss = 0
        self._size: int | None = None
        self.hung_up = self.left = False

    @property
    def descriptors(self) -> list[int]:
        """What the process needs: its end of the socket, the desk, where to print."""
        return [self._there.fileno(), self._desk.fileno(), self.output.descriptor]

    def lay(self, content: bytes) -> int:
        """Lay something on the desk and return its size."""
        _desk.put(self._desk.fileno(), content)
        return len(content)

    def take(self) -> None:
        """Leave to the process what is its own."""
        self._there.close()
        self.output.close()

    def give(self, job: bytes) -> None:
        """Let the process do a run."""
        self._size = None
        size = self.lay(job)
        with suppress(BrokenPipeError, ConnectionResetError):  # it is gone, as will be heard
            self.here.send(str(size).encode())

    def hear(self) -> bool:
        """Return whether the process hands a run over, when it says something."""
        word = self._word()
        if word is not None:
            self._size, self.rss = word["size"], word["rss"]
        return word is not None

    def waits(self, seconds: float) -> bool:
        """Return whether the process, having handed over a run, says in time that it waits."""
        return bool(select.select([self.here], [], [], seconds)[0]) and self._word() is not None

    def read(self) -> bytes | None:
        """Return what was handed over; None when nothing was."""
        return None if self._size is None else _desk.get(self._desk.fileno(), self._size)

    def leave(self) -> None:
        """Note that the process is gone."""
        self.hung_up = self.left = True
        self.close()

    def close(self) -> None:
        """Hang up: a process that waits ends."""
        self.output.close()
        self._close()

    def _word(self) -> dict[str, int] | None:
        try:
            packet = self.here.recv(PACKET)
        except ConnectionResetError:  # it ended without reading its job
            packet = b""
        if not packet:
            self.hung_up = True
            return None
        word: dict[str, int] = json.loads(packet)
        return word


def _close(here: socket.socket, there: socket.socket, desk: IO[bytes]) -> None:
    here.close()
    there.close()
    desk.close()
