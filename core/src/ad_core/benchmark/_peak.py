"""The system's mark of the highest resident memory of this process. Linux only."""

from pathlib import Path

__all__ = ["Mark"]

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Mark:
    """Reads the mark, and lets it begin anew without forgetting how high it was."""

    def __init__(self) -> None:
        self._before = 0

    @property
    def now(self) -> int:
        """Bytes of resident memory at their highest since `restart`."""
        return _field(_STATUS.read_bytes(), b"VmHWM:")

    @property
    def highest(self) -> int:
        """Bytes of resident memory at their highest since `forget`."""
        return max(self._before, self.now)

    def restart(self) -> int:
        """Begin anew, from what is resident now; return it, in bytes.

        Raises
        ------
        OSError
            The system does not let a process do so.
        """
        status = _STATUS.read_bytes()
        self._before = max(self._before, _field(status, b"VmHWM:"))
        _CLEAR.write_bytes(b"5")
        return _field(status, b"VmRSS:")

    def forget(self) -> None:
        """Begin anew and forget what was before.

        Raises
        ------
        OSError
            The system does not let a process do so.
        """
        _CLEAR.write_bytes(b"5")
        self._before = 0


def _field(status: bytes, name: bytes) -> int:
    """Return a size of ``/proc/self/status`` in bytes."""
    return 1024 * int(status.partition(name)[2].split(maxsplit=1)[0])
