"""The program that zygotes are forked from: what they all import is imported once.

It comes before any zygote of its supervisor, and runs nothing. From its supervisor come,
over a socket, the descriptor of a desk, and the size of what lies on it: a pickled list of
`Preparation` that earlier runs lived through; for a new zygote two descriptors more (its
end of a socket, where to print). When the supervisor's end closes, it ends, and its zygotes
with it. It ends by itself when it has had no zygote for a while, and begins anew when a
module that it has imported is another on disk.
"""

import gc
import os
import pickle
import select
import signal
import socket
import time
from typing import Never

import numpy as np

from ad_core.baselines import RandomScores
from ad_core.benchmark._execute import share_loaded_data
from ad_core.benchmark.isolation import _desk, _zygote
from ad_core.benchmark.isolation._child import Preparation
from ad_core.benchmark.isolation._linux import die_with_parent
from ad_core.benchmark.isolation._sources import Sources
from ad_core.benchmark.isolation._worker import program
from ad_core.metrics import evaluate
from ad_core.metrics.specs import METRICS

__all__ = ["IDLE", "PACKET", "main"]

IDLE = 60.0
"""Seconds that it stays without a zygote."""
PACKET = 64
"""The most bytes of a message."""

_REHEARSALS = 10

_ALWAYS = (
    *("numpy", "sklearn.model_selection", "sklearn.preprocessing", "threadpoolctl"),
    *("docstring_parser", "ad_core.metrics._ranking", "ad_core.metrics._thresholds"),
)


def main(descriptor: int) -> None:
    """Fork zygotes until the supervisor goes."""
    supervisor = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    _zygote.prepare(Preparation(modules=_ALWAYS))
    _rehearse()
    share_loaded_data()
    gc.freeze()
    done: set[Preparation] = set()
    sources = Sources()
    sources.note()
    while select.select([supervisor], [], [], IDLE)[0] or _reap():
        if sources.changed():
            _begin_anew(supervisor)
        packet, descriptors, _, _ = socket.recv_fds(supervisor, PACKET, 3, socket.MSG_CMSG_CLOEXEC)
        if not packet:
            break
        desk, *ends = descriptors
        wanted: list[Preparation] = pickle.loads(_desk.get(desk, int(packet)))  # noqa: S301 - from the supervisor
        os.close(desk)
        begin = time.time_ns()
        for one in wanted:
            if one not in done:
                _zygote.prepare(one)
                done.add(one)
        sources.note(since=begin)
        if ends:
            _fork(supervisor, *ends)


def _begin_anew(supervisor: socket.socket) -> Never:
    """Become a stem that has imported what lies on disk now; the message waits for it."""
    command = program("stem", supervisor.fileno())
    os.execv(command[0], command)  # noqa: S606 - our own program


def _fork(supervisor: socket.socket, speaks: int, prints: int) -> None:
    stem = os.getpid()
    if os.fork() == 0:
        try:
            supervisor.close()
            _become_a_zygote(stem, speaks, prints)
        finally:
            os._exit(1)
    os.close(speaks)
    os.close(prints)


def _become_a_zygote(stem: int, speaks: int, prints: int) -> Never:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    die_with_parent(stem, signal.SIGTERM)
    for stream in (1, 2):
        os.dup2(prints, stream)
    os.close(prints)
    _zygote.main(socket.socket(fileno=speaks))


def _reap() -> bool:
    """Collect the zygotes that ended; return whether there are others."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _rehearse() -> None:
    """Go through what each run goes through, with our own code alone.

    The interpreter adapts code that it runs, and numpy keeps what it has looked
    up: done here it is shared, done in a run it costs a copy of each page.
    """
    X = np.arange(60.0).reshape(30, 2)
    y = np.repeat([0, 1], 15).astype(np.int8)
    for _ in range(_REHEARSALS):
        detector = RandomScores(random_state=0).fit(X)
        scores = detector.score_samples(X)
        evaluate(y, scores, detector.predict(X).astype(np.int8), METRICS)
