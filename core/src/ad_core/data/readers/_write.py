"""Output files that are whole or not there."""

from pathlib import Path

import polars as pl

from ad_core.errors import ResultsError
from ad_core.files import atomic_write

__all__ = ["OUTPUT_FORMATS", "write_table"]

OUTPUT_FORMATS = (".csv", ".parquet", ".jsonl")


def write_table(path: str | Path, frame: pl.DataFrame) -> Path:
    """Write `frame` as CSV, Parquet or JSON lines, by the ending of `path`.

    Written beside the target under another name and then renamed, so that a
    full disk or a killed process leaves the target as it was.

    Parameters
    ----------
    path
        Where to; an existing file is replaced.
    frame
        The rows. A missing value is an empty cell in CSV, null elsewhere.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ResultsError
        The ending is unknown or the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in OUTPUT_FORMATS:
        raise ResultsError(f"cannot write {path}: the name must end in {', '.join(OUTPUT_FORMATS)}")
    target = path.resolve()  # through a symbolic link, which renaming would replace
    try:
        with atomic_write(target) as file:
            if ending == ".csv":
                frame.write_csv(file)
            elif ending == ".parquet":
                frame.write_parquet(file)
            else:
                frame.write_ndjson(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ResultsError(
            f"cannot write {path}: {reason}; free space or choose another place"
        ) from error
    return path
