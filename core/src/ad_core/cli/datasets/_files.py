"""Which files the data sets need, each once however many sets share it, and which are here."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ad_core.registry import Entry
from ad_core.spec import DatasetSpec, PinnedFile

if TYPE_CHECKING:
    from ad_core.data import Copy

__all__ = ["as_rows", "counted", "files_of", "megabytes", "remedy_for", "status_of"]


def files_of(entries: Iterable[Entry[DatasetSpec]]) -> dict[PinnedFile, list[str]]:
    """Map each file to the names of the sets that need it.

    Raises
    ------
    DownloadError
        `AD_DATA_MIRROR` names no folder: one error, not one for each file.
    """
    from ad_core.data import needed_files

    needed: dict[PinnedFile, list[str]] = {}
    for entry in entries:
        for file in needed_files(entry.spec):
            needed.setdefault(file, []).append(entry.name)
    return needed


def status_of(found: Sequence["Copy"]) -> str:
    """Judge a file by its copies: ok, missing or damaged."""
    if any(copy.fault for copy in found):
        return "damaged"
    return "ok" if found else "missing"


def remedy_for(found: Sequence["Copy"], name: str) -> str:
    """Say what mends the first damaged copy, or the lack of one, of a file of the set `name`."""
    from ad_core.data import Place

    if not found:
        return f"fetch it with: ad datasets fetch {name}"
    for copy in found:
        if copy.fault and (copy.place is Place.MIRROR or copy.path.is_dir()):
            return copy.remedy
        if copy.fault:
            return f"replace it with: ad datasets fetch {name}"
    return ""


def as_rows(found: Sequence["Copy"]) -> list[dict[str, Any]]:
    """Return the copies of a file as data."""
    return [
        {"place": str(copy.place), "location": str(copy.path), "problem": copy.fault or None}
        for copy in found
    ]


def counted(count: int, what: str) -> str:
    """Return a number with its noun."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def megabytes(n_bytes: int) -> str:
    """Show a number of bytes."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 100_000 else f"{n_bytes / 1e3:.1f} kB"
