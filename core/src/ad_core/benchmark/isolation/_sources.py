"""Whether what a process has imported is still what lies on disk."""

import os
import sys

__all__ = ["Sources"]

GRAIN = 20_000_000
"""Nanoseconds by which the time of a change on disk may lag behind the clock."""

Stamp = tuple[int, int]


class Sources:
    """The files of modules, and how they were when they were first looked at."""

    def __init__(self) -> None:
        self._modules: set[str] = set()
        self._stamps: dict[str, Stamp | None] = {}
        self._unsure = False

    def note(self, since: int | None = None) -> None:
        """Look at the files of what was imported since the last time.

        Parameters
        ----------
        since
            When the first of them was imported, in nanoseconds since the epoch. A file that
            changed later may be another than the one imported. None not to ask.
        """
        for name in sys.modules.keys() - self._modules:
            self._modules.add(name)
            # Not by getattr: who answers that with code of its own may raise anything.
            file = getattr(sys.modules[name], "__dict__", {}).get("__file__")
            if isinstance(file, str):
                stamp = self._stamps[file] = _stamp(file)
                if since is not None and stamp is not None:
                    self._unsure |= stamp[0] > since - GRAIN

    def changed(self) -> bool:
        """Return whether one of them is, or may be, another by now, or gone."""
        return self._unsure or any(_stamp(file) != stamp for file, stamp in self._stamps.items())


def _stamp(file: str) -> Stamp | None:
    try:
        status = os.stat(file)  # noqa: PTH116 - some thousand of them
    except OSError:
        return None
    # Not the time that a copy may take over from its original.
    return status.st_ctime_ns, status.st_size
