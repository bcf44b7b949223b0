"""Whether what a process has imported is still what lies on disk."""

import os
import sys

__all__ = ["Sources"]

Stamp = tuple[int, int]


class Sources:
    """The files of modules, and how they were when they were first looked at."""

    def __init__(self) -> None:
        self._modules: set[str] = set()
        self._stamps: dict[str, Stamp | None] = {}

    def note(self) -> None:
        """Look at the files of what was imported since the last time."""
        for name in sys.modules.keys() - self._modules:
            self._modules.add(name)
            # Not by getattr: who answers that with code of its own may raise anything.
            file = getattr(sys.modules[name], "__dict__", {}).get("__file__")
            if isinstance(file, str):
                self._stamps[file] = _stamp(file)

    def changed(self) -> bool:
        """Return whether one of them is another by now, or gone."""
        return any(_stamp(file) != stamp for file, stamp in self._stamps.items())


def _stamp(file: str) -> Stamp | None:
    try:
        status = os.stat(file)  # noqa: PTH116 - some thousand of them
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
