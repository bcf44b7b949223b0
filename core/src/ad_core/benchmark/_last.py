"""The last result of a function, kept: for what is slow and asked for several times in a row."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Generic, ParamSpec, TypeVar

__all__ = ["LastResult"]

P = ParamSpec("P")
R = TypeVar("R")

_HEADER = 8


class LastResult(Generic[P, R]):
    """Calls a function, unless its arguments are those of the last call.

    Attributes
    ----------
    file
        Where to keep the result instead, for forks of this process: each sees the
        last one of all, and each call gets a copy of its own. They must not run at the
        same time. None for keeping it in this process.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = function
        self._last: tuple[object, R] | None = None
        self.file: IO[bytes] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, kwargs)
        last = self._last if self.file is None else self._read(self.file, key)
        if last is None or last[0] != key:
            last = (key, self._function(*args, **kwargs))
            if self.file is None:
                self._last = last
            else:
                self._write(self.file, last)
        return last[1]

    def _read(self, file: IO[bytes], key: object) -> tuple[object, R] | None:
        number = file.fileno()
        size = int.from_bytes(os.pread(number, _HEADER, 0), "big")
        if size == 0:
            return None
        last: tuple[object, R] = pickle.loads(os.pread(number, size, _HEADER))  # noqa: S301 - we wrote it
        return last if last[0] == key else None

    def _write(self, file: IO[bytes], last: tuple[object, R]) -> None:
        number = file.fileno()
        # On a full disk, or for what does not pickle, the next one computes it again.
        with suppress(OSError, pickle.PicklingError, TypeError, AttributeError):
            packed = pickle.dumps(last, protocol=5)
            os.ftruncate(number, 0)
            os.pwrite(number, packed, _HEADER)
            # The size last: a writer that was killed leaves 0.
            os.pwrite(number, len(packed).to_bytes(_HEADER, "big"), 0)
