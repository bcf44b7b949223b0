"""The supervisor's side of a fresh interpreter for each run."""

import os
import subprocess
import tempfile
from contextlib import suppress
from typing import Any

import psutil

from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import STARTED
from ad_core.benchmark.isolation._output import Tail
from ad_core.benchmark.isolation._worker import Exit, environment, program

__all__ = ["Fresh"]


class Fresh:
    """A fresh interpreter for each run: slower, and there is no system that it does not run on.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.
    """

    used = False

    def __init__(self, threads: int | None) -> None:
        self._environment = environment(threads)
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: dict[int, psutil.Process] = {}

    def launch(self, job: bytes, ahead: Task | None, *, fresh: bool) -> None:
        """Start an interpreter for the run."""
        self._seen, self._output = {}, Tail()
        self._result = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is read
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            program("fresh", os.getpid()),
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=self._result,
            stderr=self._output.descriptor,
            start_new_session=True,
        )
        self._output.close()
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

    def handed(self) -> bytes | None:
        """Return what went to standard output."""
        with self._result as stream:
            stream.seek(0)
            return stream.read().removeprefix(STARTED) or None

    def printed(self) -> str:
        """Return the end of what went to standard error."""
        return self._output.text()

    def close(self) -> None:
        """Kill the interpreter and its descendants."""
        if self._process is not None:
            self._result.close()
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
