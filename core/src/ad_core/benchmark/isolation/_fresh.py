"""The program of one run, where nothing can be forked: on Windows and macOS."""

import os
import signal
import sys
import threading

import psutil

from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import serve

__all__ = ["main"]


def main(supervisor: int) -> None:
    """Do the one run that comes in over standard input; its result goes to standard output."""
    if sys.platform == "linux":
        from ad_core.benchmark.isolation._linux import die_with_parent

        die_with_parent(supervisor, signal.SIGKILL)
    incoming, result, output = os.dup(0), os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    with os.fdopen(incoming, "rb", closefd=False) as stream:
        packed = stream.read(int.from_bytes(stream.read(8), "big"))
    threading.Thread(target=_end_with_supervisor, args=(incoming,), daemon=True).start()
    serve(packed, output, result)


def _end_with_supervisor(incoming: int) -> None:
    os.read(incoming, 1)  # nothing ever comes: it returns when the other end closes
    me = os.getpid()
    _tree.end(lambda: _tree.descendants(me), grace=0)
    psutil.Process().kill()
