"""What a fork of a zygote does: runs, one after the other, as long as it is as good as new."""

import json
import os
import pickle
import resource
import socket
import time

from ad_core.benchmark._measure import PeakMemory, thread_libraries
from ad_core.benchmark._peak import Mark
from ad_core.benchmark.isolation import _desk
from ad_core.benchmark.isolation._child import Job, answer, settle
from ad_core.benchmark.isolation._condition import Condition
from ad_core.benchmark.isolation._linux import adopt_orphans

__all__ = ["PACKET", "serve_in_turn"]

MOST = 100
"""Runs of one process."""
AGE = 10.0
"""Seconds after which a process ends: what another takes to start is little beside them."""
PACKET = 256
"""The most bytes of a message."""


def serve_in_turn(supervisor: socket.socket, desk: int, output: int) -> None:
    """Do runs until the supervisor hangs up, or one leaves something behind.

    Parameters
    ----------
    supervisor
        Where the size of a pickled `Job` comes in, one a run. Back goes, as JSON, first
        the ``{"size": …}`` of the pickled `Handover` and the run's highest resident memory
        ``rss``; then, when the process is as good as new, ``{"again": true}``. Else it ends.
    desk
        Descriptor of the file that holds the job, then the handover.
    output
        Descriptor of what is printed.
    """
    settle(output)
    # Whatever a run starts, however detached, comes back to this process.
    adopt_orphans()
    me, last = os.getpid(), time.monotonic() + AGE
    _start_threads()
    condition, mark = Condition(), _mark()
    for n_runs in range(1, MOST + 1):
        packet = supervisor.recv(PACKET)
        if not packet:
            break
        job: Job = pickle.loads(_desk.get(desk, int(packet)))  # noqa: S301 - from the supervisor
        if mark is not None:
            mark.forget()
        handover = answer(job)
        packed = pickle.dumps(handover, protocol=5)
        if os.getpid() != me:  # a child of its own that the detector let run on
            break
        _desk.put(desk, packed)
        _tell(supervisor, size=len(packed), rss=_highest(mark))
        again = job.again and handover.result.record.ok and n_runs < MOST and mark is not None
        del job, handover, packed
        if not (again and time.monotonic() < last and _as_new(condition)):
            break
        _tell(supervisor, again=True)
    # Not sys.exit: threads that a detector left would be waited for.
    os._exit(0)


def _start_threads() -> None:
    """Start the threads of the linear algebra libraries: a run would, and leave them behind."""
    libraries = thread_libraries()
    if libraries is not None:
        for library in libraries.select(user_api="blas").lib_controllers:
            library.set_num_threads(library.num_threads)


def _mark() -> Mark | None:
    """Let memory be measured by the system's mark, where it lets a process set that back."""
    mark = Mark()
    try:
        mark.forget()
    except OSError:
        return None
    PeakMemory.mark = mark
    return mark


def _highest(mark: Mark | None) -> int:
    """Return the highest resident memory of this process, or of a child that ended."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    highest = 1024 * own.ru_maxrss if mark is None else mark.highest
    return max(highest, 1024 * children.ru_maxrss)


def _as_new(condition: Condition) -> bool:
    try:
        return not condition.changed()
    except Exception:  # noqa: BLE001 - who cannot even be looked at is not as new
        return False


def _tell(supervisor: socket.socket, **word: int) -> None:
    supervisor.send(json.dumps(word).encode())
