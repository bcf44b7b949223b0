"""Files that data sets download: mirror folder, cache, network, always verified."""

import errno
import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import pooch
from filelock import FileLock

from ad_core.errors import DownloadError, IntegrityError
from ad_core.spec import RemoteFile

__all__ = ["CACHE_VARIABLE", "MIRROR_VARIABLE", "cache_folder", "fetch_file", "find_file"]

CACHE_VARIABLE = "AD_CACHE"
"""Names the folder for downloaded files; the platform's cache folder without it."""
MIRROR_VARIABLE = "AD_DATA_MIRROR"
"""Names a folder of files at hand, laid out by `RemoteFile.path`."""
TIMEOUT = 30.0
"""Seconds without a byte before a download counts as failed."""

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return the folder that downloads go to; it need not exist yet."""
    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("ad-core")).expanduser()


def find_file(remote: RemoteFile) -> Path | None:
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
    mirrored = _in_mirror(remote)
    if mirrored is not None:
        return mirrored
    path = cache_folder() / remote.path
    return path if _fault(path, remote) is None else None


def fetch_file(remote: RemoteFile, *, progress: Any = False) -> Path:
    """Return a verified local copy of `remote`, downloaded if need be.

    Looked for in the mirror folder (when `AD_DATA_MIRROR` is set), in the
    cache, then at its URL. Size and sha256 are checked every time. A damaged
    file in the cache is replaced; one in the mirror is the user's, and an
    error. Several processes may ask for the same file at once: one downloads.

    Parameters
    ----------
    remote
        Path, URL, sha256 and size.
    progress
        What `pooch.HTTPDownloader` takes as `progressbar`: an object with
        `total`, `update`, `reset` and `close`, or False.

    Raises
    ------
    IntegrityError
        The mirror or the server holds other bytes than those stated.
    DownloadError
        No copy at hand and no network, or the cache cannot be written.
    """
    found = find_file(remote)
    if found is not None:
        return found
    path = cache_folder() / remote.path
    try:
        return _into_cache(remote, path, progress)
    except OSError as error:
        raise DownloadError(_disk_message(remote, path, error)) from error


def _in_mirror(remote: RemoteFile) -> Path | None:
    folder = os.environ.get(MIRROR_VARIABLE)
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise DownloadError(
            f"{MIRROR_VARIABLE} names {folder!r}, which is no folder; correct or unset it"
        )
    path = Path(folder) / remote.path
    if not path.is_file():
        return None
    fault = _fault(path, remote)
    if fault is not None:
        raise IntegrityError(
            f"{path}: {fault}; replace the file in the mirror or unset {MIRROR_VARIABLE}"
        )
    return path


def _into_cache(remote: RemoteFile, path: Path, progress: Any) -> Path:
    locks = cache_folder() / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{remote.path.replace('/', '__')}.lock"):
        fault = _fault(path, remote)
        if fault is None:  # another process downloaded it while this one waited
            return path
        if path.exists():
            log.warning("%s: %s; fetching it again", path, fault)
        partial = path.with_name(f".{path.name}.part")  # the lock makes this process its owner
        try:
            _download(remote, partial, progress)
            fault = _fault(partial, remote)
            if fault is not None:
                raise IntegrityError(
                    f"{remote.url}: {fault}; try again, or place the right file at {path}"
                )
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def _download(remote: RemoteFile, partial: Path, progress: Any) -> None:
    # requests' errors are OSErrors too, so they are told from the disk's here.
    from requests.exceptions import RequestException

    fetch = pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT)
    cached = cache_folder() / remote.path
    damaged = " (the one there is damaged)" if cached.exists() else ""
    try:
        fetch(remote.url, str(partial), None)
    except RequestException as error:
        raise DownloadError(
            f"cannot download {remote.url} ({_reason(error)}); connect to the network, place "
            f"the file at {cached}{damaged}, or set {MIRROR_VARIABLE} to a folder "
            f"that holds {remote.path}"
        ) from error


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    return type(error).__name__


def _fault(path: Path, remote: RemoteFile) -> str | None:
    """Say what is wrong with the file at `path`; None when it is the stated one."""
    if not path.is_file():
        return "no such file"
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        return f"expected {remote.size} bytes, got {size}"
    if remote.sha256 is None:
        found = _git_blob(path, size)
        return (
            None
            if found == remote.git_blob
            else f"expected git blob {remote.git_blob}, got {found}"
        )
    digest = pooch.file_hash(str(path), alg="sha256")
    if digest != remote.sha256:
        return f"expected sha256 {remote.sha256}, got {digest}"
    return None


def _git_blob(path: Path, size: int) -> str:
    """Return the object name that git gives to a file's content."""
    digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _disk_message(remote: RemoteFile, path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        needed = "space" if remote.size is None else f"{remote.size} bytes"
        return (
            f"the disk is full: {remote.path} needs {needed} below {cache_folder()}; "
            f"free space or set {CACHE_VARIABLE} to another folder"
        )
    return (
        f"cannot write {path} ({error.strerror or error}); "
        f"set {CACHE_VARIABLE} to a folder that can be written"
    )
