"""What the supervisor holds of the programs that do runs."""

import json
import os
import pickle
import select
import socket
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from typing import IO, Any, Protocol

import psutil
from attrs import frozen

from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import STARTED, Preparation
from ad_core.benchmark.isolation._limits import thread_variables
from ad_core.errors import AdError

__all__ = ["Exit", "Fresh", "Worker", "WorkerLostError", "Zygote"]

BOOT = 120.0
"""Seconds that a worker gets to start and to import what it needs."""


class WorkerLostError(AdError):
    """A worker process died and took the runs in flight with it, or could not start."""


@frozen
class Exit:
    """How a run's process ended.

    Parameters
    ----------
    code
        Its exit code, negative for a signal; None when that cannot be known.
    rss
        The highest resident memory of a single process of the run, as the system counted it.
    """

    code: int | None
    rss: int = 0


class Worker(Protocol):
    """Does one run at a time in a process of its own."""

    def launch(self, job: bytes, ahead: Preparation | None, output: int, result: IO[bytes]) -> None:
        """Start a run; see `_child.serve`. `ahead` may be done before."""

    def wait(self, seconds: float) -> Exit | None:
        """Wait for the run and all its processes to end; None when they have not."""

    def began(self) -> bool:
        """Whether the run itself has begun, and its clock runs."""

    def tree(self) -> list[psutil.Process]:
        """Return the processes of the run."""

    def close(self) -> None:
        """Kill what runs; the worker cannot be used again."""


class Zygote:
    """A zygote; see `_zygote`. Linux only.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.

    Raises
    ------
    WorkerLostError
        It cannot start.
    """

    def __init__(self, threads: int | None) -> None:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        with there:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                _program("zygote", there.fileno(), os.getpid()),
                env=_environment(threads),
                pass_fds=(there.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                start_new_session=True,
            )
        self._socket = here
        self._done: set[Preparation] = set()
        self._modules: set[str] = set()
        self._close = weakref.finalize(self, _end_zygote, here, self._process, self._errors)
        self._hear(BOOT)

    def launch(self, job: bytes, ahead: Preparation | None, output: int, result: IO[bytes]) -> None:
        """Fork a child for the run."""
        wanted = None if ahead is None else ahead.less(self._modules)
        message = pickle.dumps(None if wanted in self._done else wanted, protocol=5)
        with tempfile.TemporaryFile() as file:
            file.write(job)
            file.flush()
            try:
                socket.send_fds(self._socket, [message], [file.fileno(), output, result.fileno()])
            except OSError as error:
                raise self._lost() from error
            self._hear(BOOT)
        if wanted is not None:
            self._modules.update(wanted.modules)
            self._done.add(wanted.less(self._modules))

    def wait(self, seconds: float) -> Exit | None:
        """Wait for the zygote's word."""
        if not self._ready(seconds):
            return None
        packet = self._socket.recv(1 << 16)
        if not packet:
            return Exit(code=None)
        message = json.loads(packet)
        return Exit(code=message["code"], rss=message["rss"])

    def began(self) -> bool:
        """Return True: the child is a fork of a program that is there."""
        return True

    def tree(self) -> list[psutil.Process]:
        """Return the descendants of the zygote: it adopts those whose parent ended."""
        return _tree.descendants(self._process.pid)

    def close(self) -> None:
        """Hang up: the zygote kills its descendants and ends."""
        self._close()

    def _hear(self, seconds: float) -> None:
        if not (self._ready(seconds) and self._socket.recv(1 << 16)):
            raise self._lost()

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _lost(self) -> WorkerLostError:
        lines = ""
        if not self._errors.closed:
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip()
        self.close()
        last = f": {lines.splitlines()[-1]}" if lines else ""
        return WorkerLostError(f"the process that starts runs ended by itself{last}")


class Fresh:
    """A fresh interpreter for each run: slower, and there is no system that it does not run on.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.
    """

    def __init__(self, threads: int | None) -> None:
        self._environment = _environment(threads)
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: dict[int, psutil.Process] = {}

    def launch(self, job: bytes, ahead: Preparation | None, output: int, result: IO[bytes]) -> None:
        """Start an interpreter for the run."""
        self._seen, self._result = {}, result
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            _program("fresh", os.getpid()),
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=result,
            stderr=output,
            start_new_session=True,
        )
        stream: Any = self._process.stdin
        with suppress(BrokenPipeError):  # it is dead already, which `wait` will tell
            stream.write(len(job).to_bytes(8, "big") + job)
            stream.flush()

    def wait(self, seconds: float) -> Exit | None:
        """Wait for the interpreter, then end what it left behind."""
        process = self._running
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        _tree.end(self.tree, grace=0)
        self._hang_up()
        return Exit(code=code)

    def began(self) -> bool:
        """Return whether the interpreter has loaded its libraries."""
        return os.fstat(self._result.fileno()).st_size >= len(STARTED)

    def tree(self) -> list[psutil.Process]:
        """Return the interpreter, its descendants, and those that once were."""
        pid = self._running.pid
        found = _tree.descendants(pid)
        if self._running.returncode is None:
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
        self._seen.update((process.pid, process) for process in found)
        self._seen = {pid: one for pid, one in self._seen.items() if one.is_running()}
        return list(self._seen.values())

    def close(self) -> None:
        """Kill the interpreter and its descendants."""
        if self._process is not None:
            _tree.end(self.tree, grace=0)
            self._process.wait()
            self._hang_up()

    def _hang_up(self) -> None:
        stream: Any = self._running.stdin
        with suppress(BrokenPipeError):  # what was not flushed goes nowhere
            stream.close()

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("nothing was launched")
        return self._process


def _program(name: str, *arguments: int) -> list[str]:
    module = "ad_core.benchmark.isolation"
    return [sys.executable, "-P", "-m", module, name, *map(str, arguments)]


def _environment(threads: int | None) -> dict[str, str]:
    # What can be imported here can be imported there.
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    return {**os.environ, "PYTHONPATH": paths, **thread_variables(threads)}


def _end_zygote(here: socket.socket, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
    here.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:  # it hangs in an import
        process.kill()
        process.wait()
    errors.close()
