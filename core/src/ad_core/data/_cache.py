"""Files that data sets download: where copies may lie, and whether they are the stated ones."""

import hashlib
import os
from enum import StrEnum
from pathlib import Path

import pooch
from attrs import frozen

from ad_core.errors import DownloadError, IntegrityError
from ad_core.spec import DatasetSpec, PinnedFile

__all__ = [
    "CACHE_VARIABLE",
    "MIRROR_VARIABLE",
    "Copy",
    "Place",
    "cache_folder",
    "cached_copy",
    "copies",
    "fault_of",
    "find_file",
    "good_copy",
    "mirror_folder",
    "needed_files",
]

CACHE_VARIABLE = "AD_CACHE"
"""Names the folder for downloaded files; the platform's cache folder without it."""
MIRROR_VARIABLE = "AD_DATA_MIRROR"
"""Names a folder of files at hand, laid out by `PinnedFile.path`."""


class Place(StrEnum):
    """Where a local copy lies."""

    MIRROR = "mirror"
    """In the folder that `AD_DATA_MIRROR` names; nothing is ever written there."""
    CACHE = "cache"
    """In the folder that downloads go to."""


@frozen
class Copy:
    """A local copy of a file, as it was found.

    Attributes
    ----------
    place, path
        Where it lies.
    fault
        What is wrong with it; empty when it is the stated file.
    """

    place: Place
    path: Path
    fault: str

    @property
    def remedy(self) -> str:
        """What the user can do about the fault; loading replaces a cached file, but no folder."""
        if self.place is Place.MIRROR:
            return f"replace the file in the mirror or unset {MIRROR_VARIABLE}"
        return "remove it"


def cache_folder() -> Path:
    """Return the folder that downloads go to; it need not exist yet."""
    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("ad-core")).expanduser()


def mirror_folder() -> Path | None:
    """Return the folder that `AD_DATA_MIRROR` names; None when it is not set.

    Raises
    ------
    DownloadError
        It names no folder.
    """
    name = os.environ.get(MIRROR_VARIABLE)
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise DownloadError(
            f"{MIRROR_VARIABLE} names {name!r}, which is no folder; correct or unset it"
        )
    return folder


def needed_files(spec: DatasetSpec) -> tuple[PinnedFile, ...]:
    """Return the files that the set is loaded from: the converted one where a mirror holds it.

    Raises
    ------
    DownloadError
        `AD_DATA_MIRROR` names no folder.
    """
    folder = mirror_folder()
    if (
        folder is not None
        and spec.converted is not None
        and (folder / spec.converted.path).exists()
    ):
        return (spec.converted,)
    return spec.files


def copies(remote: PinnedFile) -> list[Copy]:
    """Return every local copy of `remote`, good or not: in the mirror folder, in the cache.

    Raises
    ------
    DownloadError
        `AD_DATA_MIRROR` names no folder.
    """
    return [copy for copy in (_mirrored_copy(remote), cached_copy(remote)) if copy is not None]


def good_copy(remote: PinnedFile) -> Copy | None:
    """Return the copy that a loader reads; None where there is none. See `find_file`."""
    mirrored = _mirrored_copy(remote)
    if mirrored is not None:
        if mirrored.fault:
            raise IntegrityError(f"{mirrored.path}: {mirrored.fault}; {mirrored.remedy}")
        return mirrored
    cached = cached_copy(remote)
    return None if cached is None or cached.fault else cached


def find_file(remote: PinnedFile) -> Path | None:
    """Return a verified local copy of `remote`, without a download; None where there is none.

    Looked for in the mirror folder (when `AD_DATA_MIRROR` is set), then in the
    cache; a damaged file in the cache counts as none.

    Raises
    ------
    IntegrityError
        The mirror holds other bytes than those stated.
    DownloadError
        `AD_DATA_MIRROR` names no folder.
    """
    found = good_copy(remote)
    return None if found is None else found.path


def cached_copy(remote: PinnedFile) -> Copy | None:
    """Return the copy in the cache, good or not; None where there is none."""
    return _copy(Place.CACHE, cache_folder(), remote)


def _mirrored_copy(remote: PinnedFile) -> Copy | None:
    folder = mirror_folder()
    return None if folder is None else _copy(Place.MIRROR, folder, remote)


def _copy(place: Place, folder: Path, remote: PinnedFile) -> Copy | None:
    path = folder / remote.path
    try:
        path.lstat()  # a link that leads nowhere is there
        return Copy(place, path, fault_of(path, remote))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:  # a folder that may not be searched, say
        return Copy(place, path, _unreadable(error))


def fault_of(path: Path, remote: PinnedFile) -> str:
    """Say what is wrong with the file at `path`; empty when it is the stated one.

    It is read once at most: a file of another size is not read.
    """
    if path.is_dir():
        return "a folder, not a file"
    if not path.is_file():
        return "no ordinary file" if path.exists() else "a link that leads nowhere"
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        return f"expected {remote.size} bytes, got {size}"
    try:
        return _hash_fault(path, size, remote)
    except OSError as error:
        return _unreadable(error)


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror or error})"


def _hash_fault(path: Path, size: int, remote: PinnedFile) -> str:
    if remote.sha256 is None:
        what, stated = "git blob", remote.git_blob
        # The name that git gives to a file's content.
        digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    else:
        what, stated, digest = "sha256", remote.sha256, hashlib.sha256()
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: digest).hexdigest()
    return "" if found == stated else f"expected {what} {stated}, got {found}"
