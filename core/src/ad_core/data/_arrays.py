"""Arrays of npz files; nothing in them is unpickled."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_core.errors import DatasetError, FileFormatError

__all__ = ["npz_members", "read_arrays"]

NPZ_FAILURES = (
    ValueError,
    EOFError,
    OSError,
    KeyError,
    MemoryError,  # a damaged header can ask for any size
    RuntimeError,  # zipfile: encrypted, or packed in a way that it does not know
    zipfile.BadZipFile,
    zlib.error,
)
ZIP_START, NPY_START = b"PK", b"\x93N"


def read_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """Read arrays of a published npz file, by name.

    Raises
    ------
    DatasetError
        It is not such a file, or lacks one of them.
    """
    try:
        arrays, held = npz_members(path, {*names})
    except (FileFormatError, OSError) as error:
        raise DatasetError(str(error)) from error
    lacking = [name for name in names if name not in arrays]
    if lacking:
        raise DatasetError(
            f"{path} has no array {lacking[0]!r} (it holds {', '.join(held) or 'nothing'})"
        )
    return tuple(arrays[name] for name in names)


def npz_members(path: Path, wanted: set[str]) -> tuple[dict[str, NDArray[np.generic]], list[str]]:
    """Return the arrays that are wanted, and the names of all that the file holds.

    Raises
    ------
    FileFormatError
        It is no npz file, is damaged, or holds objects that would be unpickled.
    """
    with path.open("rb") as file:  # np.load leaves a damaged file open
        try:
            if file.peek(2)[:2] not in (ZIP_START, NPY_START):
                raise zipfile.BadZipFile("not a zip archive")
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.lib.npyio.NpzFile):
                # numpy gives the bare bytes of a member that is no array
                members: dict[str, Any] = {name: loaded[name] for name in wanted & {*loaded.files}}
                arrays = {name: array for name, array in members.items() if hasattr(array, "ndim")}
                return arrays, sorted(loaded.files)
        except NPZ_FAILURES as error:
            if "Object arrays" in str(error):
                raise FileFormatError(
                    f"{path} holds pickled Python objects, which can run code when they are read; "
                    "save it again with arrays of numbers"
                ) from error
            from ad_core.data.readers._raw import broken

            raise broken(path, error, "npz") from error
    raise FileFormatError(
        f"{path} is one array, not an npz archive; save it with numpy.savez(file, X=...)"
    )
