"""One file from its URL into the cache: once, whole, verified."""

import errno
import logging
import threading
from pathlib import Path
from typing import Any

import pooch
from filelock import FileLock

from ad_core.data._cache import (
    CACHE_VARIABLE,
    MIRROR_VARIABLE,
    Copy,
    Place,
    cache_folder,
    cached_copy,
    fault_of,
    good_copy,
)
from ad_core.errors import DownloadError, IntegrityError
from ad_core.spec import PinnedFile, RemoteFile

__all__ = ["discard_partial_files", "fetch_file", "obtain"]

TIMEOUT = 30.0
"""Seconds without a byte before a download counts as failed."""
CHUNK = 1 << 15
"""Bytes between two reports of progress."""
PRIVATE = ".downloads"
"""Folder in the cache for locks and for files that are not complete yet."""

log = logging.getLogger(__name__)
_partial_files: set[Path] = set()
_guard = threading.Lock()


def fetch_file(remote: RemoteFile, *, progress: Any = False) -> Path:
    """Return a verified local copy of `remote`, downloaded if need be.

    Looked for in the mirror folder (when `AD_DATA_MIRROR` is set), in the
    cache, then at its URL. Size and hash are checked every time. A damaged
    file in the cache is replaced; one in the mirror is the user's, and an
    error. Several processes may ask for the same file at once: one downloads.

    Parameters
    ----------
    remote
        Path, URL, hash and size.
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
    return obtain(remote, progress)[0].path


def obtain(remote: PinnedFile, progress: Any = False) -> tuple[Copy, bool]:
    """Return what `fetch_file` does as a `Copy`, and whether this call downloaded it."""
    found = good_copy(remote)
    if found is not None:
        return found, False
    if not isinstance(remote, RemoteFile):
        raise DownloadError(
            f"{remote.path} is not in the mirror folder and cannot be downloaded; "
            f"set {MIRROR_VARIABLE} to a folder that holds it"
        )
    try:
        return _into_cache(remote, progress)
    except OSError as error:
        raise DownloadError(_disk_message(remote, error)) from error


def discard_partial_files() -> None:
    """Remove what this process has downloaded in part; for downloads that are given up."""
    with _guard:
        for path in _partial_files:
            path.unlink(missing_ok=True)


def _into_cache(remote: RemoteFile, progress: Any) -> tuple[Copy, bool]:
    path = cache_folder() / remote.path
    private = cache_folder() / PRIVATE
    private.mkdir(parents=True, exist_ok=True)
    name = remote.path.replace("/", "__")
    with FileLock(private / f"{name}.lock"):
        cached = cached_copy(remote)
        if cached is not None and not cached.fault:
            return cached, False  # another process downloaded it while this one waited
        if path.is_dir():
            raise DownloadError(f"{path} is a folder; remove it, and {remote.path} can be stored")
        if cached is not None:
            log.warning("%s: %s; fetching it again", path, cached.fault)
        _download(remote, private / f"{name}.part", path, progress)  # the lock makes it ours
    return Copy(Place.CACHE, path, ""), True


def _download(remote: RemoteFile, partial: Path, path: Path, progress: Any) -> None:
    with _guard:
        _partial_files.add(partial)
    try:
        _transfer(remote, partial, path, progress)
        fault = fault_of(partial, remote)
        if fault:
            raise IntegrityError(
                f"{remote.url}: {fault}; try again, or place the right file at {path}"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(path)
    finally:
        with _guard:
            partial.unlink(missing_ok=True)
            _partial_files.discard(partial)


def _transfer(remote: RemoteFile, partial: Path, path: Path, progress: Any) -> None:
    # requests' errors are OSErrors too, so they are told from the disk's here.
    from requests.exceptions import RequestException

    responses: list[Any] = []  # pooch leaves the connection of a failed download open
    fetch = pooch.HTTPDownloader(
        progressbar=progress,
        chunk_size=CHUNK,
        timeout=TIMEOUT,
        hooks={"response": lambda response, **_more: responses.append(response)},
    )
    try:
        fetch(remote.url, str(partial), None)
    except RequestException as error:
        what, remedy = _explained(error)
        damaged = " (the one there is damaged)" if path.is_symlink() or path.exists() else ""
        raise DownloadError(
            f"cannot download {remote.url} ({what}); {remedy}, place the file at {path}{damaged}, "
            f"or set {MIRROR_VARIABLE} to a folder that holds {remote.path}"
        ) from error
    finally:
        for response in responses:
            response.close()


def _explained(error: Exception) -> tuple[str, str]:
    """Say what went wrong on the way, and what may help."""
    from requests import exceptions
    from urllib3.exceptions import ReadTimeoutError

    response = getattr(error, "response", None)
    if response is not None:
        passing = response.status_code == 429 or response.status_code >= 500
        remedy = "try again later" if passing else "see whether its package has a newer release"
        return f"HTTP status {response.status_code}", remedy
    silent = isinstance(next(iter(error.args), None), ReadTimeoutError)  # in the middle of the body
    if silent or isinstance(error, exceptions.Timeout):
        return f"no answer for {TIMEOUT:g} s", "try again later"
    for kind, explained in (
        (exceptions.ChunkedEncodingError, ("the connection broke off", "try again")),
        (exceptions.ProxyError, ("no connection to the proxy", "correct its address")),
        (exceptions.SSLError, ("no trusted connection", "mend the certificates of this machine")),
        (exceptions.ConnectionError, ("no connection", "connect to the network")),
    ):
        if isinstance(error, kind):
            return explained
    return f"{type(error).__name__}: {' '.join(str(error).split())}", "correct that"


def _disk_message(remote: RemoteFile, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        needed = "space" if remote.size is None else f"{remote.size} bytes"
        return (
            f"the disk is full: {remote.path} needs {needed} below {cache_folder()}; "
            f"free space or set {CACHE_VARIABLE} to another folder"
        )
    return (
        f"cannot write {cache_folder() / remote.path} ({error.strerror or error}); "
        f"set {CACHE_VARIABLE} to a folder that can be written"
    )
