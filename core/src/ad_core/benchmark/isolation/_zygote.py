"""The program that forks the processes of runs; itself a fork, see `_stem`.

It imports what runs need and runs nothing of it: no thread is started, no GPU is
touched, so that a fork of it is as good as a fresh interpreter. That holds for
detectors on a GPU too: importing torch does not initialise CUDA, so each child
initialises its own.

Messages come and go over a socket, one a packet. From the supervisor: three
descriptors for a new fork (its end of a socket, a desk, where to print; see
`_forked`), and the size of what lies on the desk, a pickled list of `Preparation`.
To it, as JSON: ``{"pid": …}`` of the zygote when it begins, and of each fork;
``{"code": …, "rss": …}`` when a fork and all that it left behind are gone. When the
supervisor's end closes, the fork is killed with all its descendants.
"""

import gc
import importlib
import json
import os
import pickle
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any, Never

from ad_core.benchmark import _measure
from ad_core.benchmark._execute import share_loaded_data
from ad_core.benchmark.isolation import _desk, _tree
from ad_core.benchmark.isolation._child import Preparation
from ad_core.benchmark.isolation._forked import serve_in_turn
from ad_core.benchmark.isolation._linux import adopt_orphans, die_with_parent
from ad_core.load import importing_much, parameters

__all__ = ["main", "prepare"]

GRACE = 0.5
"""Seconds that what a run left behind gets to end by itself, for example to remove its files."""

PACKET = 64
"""The most bytes of a message."""


def main(supervisor: socket.socket) -> Never:
    """Serve until the supervisor goes."""
    adopt_orphans()
    share_loaded_data()
    _Zygote(supervisor).serve()


def prepare(wanted: Preparation) -> None:
    """Do what the runs of a detector have in common; what fails will fail in the run too."""
    with importing_much():
        for module in wanted.modules:
            with suppress(Exception):
                importlib.import_module(module)
    if wanted.spec is not None:
        with suppress(Exception):
            parameters(wanted.spec)
            _measure.versions(wanted.spec, wanted.distribution)
    # What every record says and no run changes: found once, and known to each fork.
    _measure.hardware()
    _measure.environment()
    _measure.pools()
    _measure.thread_libraries()
    # So does numba set up its compiler, even for what it has compiled before.
    if "numba" in sys.modules:
        with suppress(ImportError, AttributeError):
            from numba.core.registry import cpu_target

            cpu_target.target_context.refresh()
    gc.collect()
    gc.freeze()  # the collector of a child then leaves shared pages alone


class _Zygote:
    def __init__(self, supervisor: socket.socket) -> None:
        self.supervisor = supervisor
        self.child: int | None = None
        self.ending: dict[str, int] = {}
        self.wake, self.woken = os.pipe()
        os.set_blocking(self.woken, False)

    def serve(self) -> Never:
        self._tell(pid=os.getpid())
        while True:
            wanted, descriptors = self._next()
            for one in wanted:
                prepare(one)
            self._fork(descriptors)
            self._tell(pid=self.child)
            self._see_it_end()

    def _next(self) -> tuple[list[Preparation], list[int]]:
        packet, descriptors, _, _ = socket.recv_fds(
            self.supervisor, PACKET, 3, socket.MSG_CMSG_CLOEXEC
        )
        if not packet:
            os._exit(0)
        _, desk, _ = descriptors
        return pickle.loads(_desk.get(desk, int(packet))), descriptors  # noqa: S301 - from the supervisor

    def _fork(self, descriptors: list[int]) -> None:
        signal.signal(signal.SIGCHLD, _ignore)
        signal.signal(signal.SIGTERM, _ignore)
        signal.set_wakeup_fd(self.woken)
        zygote = os.getpid()
        self.ending = {}
        self.child = os.fork()
        if self.child == 0:
            try:
                self._become_a_run(zygote)
                speaks, desk, output = descriptors
                serve_in_turn(socket.socket(fileno=speaks), desk, output)
            except BaseException:  # noqa: BLE001 - it goes to the output, and that to the record
                traceback.print_exc()
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_a_run(self, zygote: int) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()  # Ctrl-C on the terminal is for the driver
        die_with_parent(zygote, signal.SIGKILL)
        self.supervisor.close()
        os.close(self.wake)
        os.close(self.woken)

    def _see_it_end(self) -> None:
        while not self.ending:
            word, wake = self.supervisor.fileno(), self.wake
            ready, _, _ = select.select([word, wake], [], [])
            woken_by = os.read(wake, 4096) if wake in ready else b""
            if word in ready or signal.SIGTERM in woken_by:
                # It says nothing during a run: it is gone.
                self._end(grace=0)
                os._exit(0)
            self._reap()
        if self._reap():
            self._end(grace=GRACE)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self.child = None
        self._tell(**self.ending)

    def _reap(self) -> bool:
        """Collect who has ended; return whether anybody is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.child:
                code = os.waitstatus_to_exitcode(status)
                self.ending = {"code": code, "rss": 1024 * usage.ru_maxrss}

    def _end(self, grace: float) -> None:
        me = os.getpid()
        _tree.end(lambda: _tree.descendants(me), grace)
        self._reap()

    def _tell(self, **message: Any) -> None:
        try:
            self.supervisor.send(json.dumps(message).encode())
        except OSError:  # it is gone
            self._end(grace=0)
            os._exit(0)


def _ignore(number: int, frame: object) -> None:
    """Let a signal do nothing but wake the loop."""
