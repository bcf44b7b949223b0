"""The supervisor's side of the stem: zygotes at the price of a fork."""

import os
import pickle
import select
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from ad_core.benchmark.isolation import _desk
from ad_core.benchmark.isolation._child import Preparation
from ad_core.benchmark.isolation._worker import environment, program

__all__ = ["Stem", "stem", "teach"]


class Stem:
    """A stem; see `_stem`. It ends when nobody holds it any more.

    Parameters
    ----------
    variables
        Its environment.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        with there:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                program("stem", there.fileno()),
                env=variables,
                pass_fds=(there.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                start_new_session=True,
            )
        weakref.finalize(self, _end, self._here, self._process, self.errors)

    @property
    def lives(self) -> bool:
        """Whether it can still fork."""
        # It says nothing: what can be read is the end, which comes before its exit code.
        return self._process.poll() is None and not select.select([self._here], [], [], 0)[0]

    def fork(self, prepared: Iterable[Preparation], speaks: int, prints: int) -> None:
        """Start a zygote for which some things are done.

        Parameters
        ----------
        prepared
            Which; what the stem did once, it does not do again.
        speaks, prints
            Descriptors: the zygote's end of a socket, and where it prints.
        """
        self._send(prepared, speaks, prints)

    def prepare(self, prepared: Iterable[Preparation]) -> None:
        """Let it do what later zygotes will need, as soon as it can."""
        self._send(prepared)

    def _send(self, prepared: Iterable[Preparation], *descriptors: int) -> None:
        packed = pickle.dumps(list(prepared), protocol=5)
        with tempfile.TemporaryFile(buffering=0) as desk:
            _desk.put(desk.fileno(), packed)
            with suppress(BrokenPipeError, ConnectionResetError):  # it is gone, as will be heard
                message = str(len(packed)).encode()
                socket.send_fds(self._here, [message], [desk.fileno(), *descriptors])


_lock = threading.Lock()
_last: tuple[object, Stem] | None = None


def stem(threads: int | None) -> Stem:
    """Return a stem with the environment that this process has now.

    It is the last one as long as that one fits, over any number of benchmarks.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.
    """
    global _last  # noqa: PLW0603 - the process has one
    variables = environment(threads)
    key = (variables, os.getcwd(), os.getpid())  # noqa: PTH109 - compared as text
    with _lock:
        if _last is None or _last[0] != key or not _last[1].lives:
            _last = (key, Stem(variables))
        return _last[1]


def teach(prepared: Iterable[Preparation]) -> None:
    """Let the last stem, if it lives, prepare what zygotes of its will need."""
    with _lock:
        known = _last
    if known is not None and known[1].lives:
        known[1].prepare(prepared)


def _end(here: socket.socket, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
    here.close()
    process.terminate()  # it may be importing still
    process.wait()
    errors.close()
