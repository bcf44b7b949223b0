"""Process trees: who is in one, what it holds, and its end."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

__all__ = ["descendants", "end", "resident"]

_ROUNDS = 50
_PAUSE = 0.005


def descendants(root: int | psutil.Process) -> list[psutil.Process]:
    """Return every process below one, given itself or by its number; none when it is gone."""
    try:
        process = psutil.Process(root) if isinstance(root, int) else root
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def resident(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of resident memory of processes together.

    Pages that several of them share count once where the system can tell (Linux).
    """
    found: dict[int, tuple[psutil.Process, int, tuple[int, int]]] = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            info = process.memory_info()
            found[process.pid] = (process, process.ppid(), (info.rss, info.vms))
    # A child in the moment between vfork and exec lives in its parent's memory.
    own = [
        (process, size[0])
        for process, parent, size in found.values()
        if parent not in found or found[parent][2] != size
    ]
    if len(own) < 2 or sys.platform != "linux":
        return sum(rss for _, rss in own)
    return sum(_proportional(process, rss) for process, rss in own)


def _proportional(process: psutil.Process, rss: int) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:  # of another user, by setuid
        return rss


def end(tree: Callable[[], list[psutil.Process]], grace: float) -> None:
    """End a process tree for good.

    Parameters
    ----------
    tree
        Returns who is in it now.
    grace
        Seconds between asking (SIGTERM) and killing; 0 for no asking.
    """
    if grace:
        asked = tree()
        for process in asked:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _wait(asked, grace)
    # Who is killed may have had a child a moment before: look again until nobody is there.
    for _ in range(_ROUNDS):
        alive = [process for process in tree() if _runs(process)]
        if not alive:
            return
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        _wait(alive, 0.1)


def _wait(processes: list[psutil.Process], seconds: float) -> None:
    """Wait for processes to end, and leave their exit codes to their parent."""
    deadline = time.monotonic() + seconds
    while any(map(_runs, processes)) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
