"""Write a file whole or not at all."""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_write"]

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def atomic_write(path: Path, *, lasting: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that replaces it when the block succeeds.

    The data are on disk before the name is: a crash, a full disk or an exception
    leaves the old file, or none, and no temporary one.

    Parameters
    ----------
    path
        The file.
    lasting
        Whether to wait until the name is on disk too. Else a power failure (no crash of a
        process) may take the last seconds' files back, each of them whole.

    Raises
    ------
    OSError
        The folder cannot be written to, or the disk is full.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if lasting:
        _sync_folder(path.parent)


def _umask() -> int:
    # It can only be read by changing it: of two threads at once, one would put back the other's 0.
    with _ONE_AT_A_TIME:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
