"""Process trees: who is in one, what it holds, and its end."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

__all__ = ["descendants", "end", "resident"]

_ROUNDS = 50


def descendants(pid: int) -> list[psutil.Process]:
    """Return every process below `pid`; none when it is gone."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def resident(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of resident memory of processes together.

    Pages that several of them share count once where the system can tell (Linux).
    """
    found: dict[tuple[int, int], psutil.Process] = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            info = process.memory_info()
            # A child in the moment between vfork and exec lives in its parent's memory.
            found.setdefault((info.rss, info.vms), process)
    if len(found) < 2 or sys.platform != "linux":
        return sum(rss for rss, _ in found)
    return sum(_proportional(process, rss) for (rss, _), process in found.items())


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
        psutil.wait_procs(asked, timeout=grace)
    # Who is killed may have had a child a moment before: look again until nobody is there.
    for _ in range(_ROUNDS):
        alive = [process for process in tree() if _runs(process)]
        if not alive:
            return
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=0.1)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
