"""The system's mark of the highest resident memory of this process. Linux only."""

from pathlib import Path

__all__ = ["Mark"]


class Mark:
    """Reads the mark, and lets it begin anew without forgetting how high it was."""

    def __init__(self) -> None:
        self._before = 0

    @property
    def now(self) -> int:
        """Bytes of resident memory at their highest since `restart`."""
        _, _, rest = Path("/proc/self/status").read_bytes().partition(b"VmHWM:")
        return 1024 * int(rest.split(maxsplit=1)[0])

    @property
    def highest(self) -> int:
        """Bytes of resident memory at their highest since `forget`."""
        return max(self._before, self.now)

    def restart(self) -> None:
        """Begin anew, from what is resident now.

        Raises
        ------
        OSError
            The system does not let a process do so.
        """
        self._before = self.highest
        Path("/proc/self/clear_refs").write_bytes(b"5")

    def forget(self) -> None:
        """Begin anew and forget what was before."""
        self.restart()
        self._before = 0
