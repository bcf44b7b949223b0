"""What a run prints: read as it comes, so that it never blocks; only the end is kept."""

import os
import threading

__all__ = ["Tail"]


class Tail:
    """A pipe that is always emptied.

    Attributes
    ----------
    descriptor
        Where to write; `close` it here once another process has it.
    """

    LIMIT = 32 * 1024

    def __init__(self) -> None:
        self._read, self.descriptor = os.pipe()
        self._kept = b""
        # A daemon: a process that escaped on a system that cannot find it keeps the pipe open.
        self._thread = threading.Thread(target=self._empty, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the writing end that this process holds."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def text(self) -> str:
        """Return the end of what was written, once every writer is gone."""
        self.close()
        self._thread.join(timeout=1)
        return self._kept.decode(errors="replace")

    def _empty(self) -> None:
        with os.fdopen(self._read, "rb", buffering=0) as stream:
            while block := stream.read(65536):
                self._kept = (self._kept + block)[-self.LIMIT :]
