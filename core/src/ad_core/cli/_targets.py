"""Can a file be written where the user wants it? Asked before any work is done."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ad_core.errors import ResultsError

__all__ = ["check_output", "check_target"]


def check_output(
    path: Path, sources: Iterable[Path], added: tuple[str, str], columns: Sequence[str]
) -> None:
    """Find out, before any work is done, that an output file can be written.

    Raises
    ------
    ResultsError
        It is one of the `sources`, its ending is unknown, its folder is missing or
        read-only, or a column to be added is there already.
    """
    from ad_core.data.readers import OUTPUT_FORMATS

    if path.suffix.lower() not in OUTPUT_FORMATS:
        raise ResultsError(f"cannot write {path}: the name must end in {', '.join(OUTPUT_FORMATS)}")
    check_target(path, sources)
    for column, option in zip(added, ("--score-column", "--anomaly-column"), strict=True):
        if column in columns:
            raise ResultsError(
                f"the file has a column {column!r} already; name the new one with {option}"
            )


def check_target(path: Path, sources: Iterable[Path]) -> None:
    """Find out that a file can be written and that none of the `sources` is lost by it."""
    if any(path.resolve() == source.resolve() for source in sources):
        raise ResultsError(f"{path} is needed as it is; write to another file")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ResultsError(f"cannot write {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise ResultsError(f"cannot write {path}: the folder {folder} is read-only for you")
