"""A file that two processes write to in turn: a job, then what came of it."""

import os

__all__ = ["get", "put"]

_BLOCK = 1 << 30  # the system reads and writes no more than 2 GiB at once


def put(descriptor: int, content: bytes) -> None:
    """Write `content` to the beginning of a file."""
    view, done = memoryview(content), 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done : done + _BLOCK], done)


def get(descriptor: int, size: int) -> bytes:
    """Read `size` bytes from the beginning of a file.

    Raises
    ------
    EOFError
        It is shorter.
    """
    blocks, done = [], 0
    while done < size:
        blocks.append(os.pread(descriptor, min(_BLOCK, size - done), done))
        if not blocks[-1]:
            raise EOFError(f"the file ends after {done} of {size} bytes")
        done += len(blocks[-1])
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)
