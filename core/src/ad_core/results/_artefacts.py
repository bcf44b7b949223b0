"""What stands beside the records: ``config.json``, ``environment.json``, leaderboards."""

import json
from os import PathLike
from pathlib import Path
from typing import Any

from ad_core.errors import ResultsError
from ad_core.files import atomic_write
from ad_core.results._leaderboard import leaderboard
from ad_core.results._render import to_json, to_markdown
from ad_core.results._schema import Kind, load_schema, validate
from ad_core.results._store import read_records

__all__ = ["ARTEFACTS", "read_artefact", "write_artefact", "write_leaderboards", "write_page"]

ARTEFACTS = (Kind.CONFIG, Kind.ENVIRONMENT, Kind.LEADERBOARD)
"""The kinds of which a folder holds one file, ``<kind>.json``."""


def read_artefact(folder: str | PathLike[str], kind: Kind) -> dict[str, Any] | None:
    """Read an artefact; None when the folder has none.

    Raises
    ------
    ResultsError
        The file cannot be read, or is not what its schema says.
    """
    path = Path(folder) / f"{kind}.json"
    remedy = "delete it and run the benchmark again: it is written anew"
    try:
        values: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ResultsError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ResultsError(f"{path} is damaged ({error}); {remedy}") from error
    try:
        validate(values, str(path), kind)
    except ResultsError as error:
        raise ResultsError(f"{error}; {remedy}") from error
    return values


def write_artefact(folder: str | PathLike[str], kind: Kind, values: dict[str, Any]) -> Path:
    """Write an artefact whole or not at all, with the identifier of its schema.

    Raises
    ------
    ResultsError
        The values break the schema, or the folder cannot be written.
    """
    path = Path(folder) / f"{kind}.json"
    schema = load_schema(kind)["properties"]
    whole = {
        "$schema": schema["$schema"]["const"],
        "schema_version": schema["schema_version"]["const"],
        **values,
    }
    validate(whole, str(path), kind)
    _write(path, json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def write_leaderboards(
    folder: str | PathLike[str],
    metric: str = "roc_auc",
    *,
    higher_is_better: bool = True,
    oracle: bool = False,
) -> tuple[Path, ...]:
    """Write the leaderboard of all records in a folder as JSON and Markdown, beside them.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    ResultsError
        A record is damaged, or the folder cannot be written.
    """
    path = Path(folder)
    board = leaderboard(
        read_records(path), metric, higher_is_better=higher_is_better, oracle=oracle
    )
    text = to_json(board)
    validate(json.loads(text), f"the leaderboard of {path}", Kind.LEADERBOARD)
    texts = {path / "leaderboard.json": text, path / "leaderboard.md": to_markdown(board)}
    for target, content in texts.items():
        _write(target, content)
    return tuple(texts)


def write_page(folder: str | PathLike[str], text: str) -> Path:
    """Write ``leaderboard.html``; see `to_html` for its text.

    Raises
    ------
    ResultsError
        The folder cannot be written.
    """
    path = Path(folder) / "leaderboard.html"
    _write(path, text)
    return path


def _write(path: Path, text: str) -> None:
    try:
        if path.exists() and path.read_bytes() == text.encode():
            return
        with atomic_write(path) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise ResultsError(
            f"cannot write {path}: {error.strerror or error}; make the folder writable, "
            "with room on its disk"
        ) from error
