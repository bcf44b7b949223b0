"""``ad datasets fetch``: download what data sets need, before it is needed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import json_option
from ad_core.cli.datasets._files import counted, files_of, megabytes

if TYPE_CHECKING:
    from ad_core.data import Fetched
    from ad_core.registry import Entry
    from ad_core.spec import DatasetSpec, PinnedFile

__all__ = ["command"]


@click.command(
    name="fetch",
    epilog="Exit status: 0 when every file is at hand, 1 when one could not be had, "
    "130 after Ctrl-C.",
)
@click.argument("patterns", nargs=-1, required=True, metavar="NAME|GLOB...")
@click.option(
    "--n-jobs",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    metavar="N",
    help="How many files at once.",
)
@json_option
def command(*, patterns: tuple[str, ...], n_jobs: int, as_json: bool) -> int:
    """Download the files of data sets to the cache.

    Those that a NAME or GLOB such as 'adbench/*' selects. What the mirror folder
    or the cache holds is verified and not downloaded again; a damaged file in
    the cache is replaced. A file that cannot be had is reported, and the others
    are fetched all the same.
    """
    from ad_core.cli._output import print_json
    from ad_core.cli.datasets._progress import Progress
    from ad_core.data import fetch_files
    from ad_core.registry import get_registry

    entries = get_registry().datasets.select(patterns)
    needed = files_of(entries)
    ended: list[Fetched] = []
    with (
        Progress(needed) as progress,
        closing(fetch_files(needed, progress, n_jobs=n_jobs)) as all_,
    ):
        for one in all_:
            ended.append(one)
            progress.ended(one)
    if as_json:
        print_json([_as_json(one, needed[one.remote]) for one in _in_order(ended, needed)])
    else:
        click.echo(_summary(entries, ended))
    return 1 if any(one.error for one in ended) else 0


def _in_order(ended: Iterable["Fetched"], needed: Mapping["PinnedFile", object]) -> list["Fetched"]:
    places = {file: place for place, file in enumerate(needed)}
    return sorted(ended, key=lambda one: places[one.remote])


def _status(one: "Fetched") -> str:
    if one.error is not None:
        return "failed"
    return "downloaded" if one.downloaded else str(one.place)


def _as_json(one: "Fetched", names: list[str]) -> dict[str, Any]:
    return {
        "path": one.remote.path,
        "url": getattr(one.remote, "url", None),
        "status": _status(one),
        "location": None if one.path is None else str(one.path),
        "error": None if one.error is None else str(one.error),
        "datasets": names,
    }


def _summary(entries: list["Entry[DatasetSpec]"], ended: list["Fetched"]) -> str:
    sets = counted(len(entries), "data set")
    if not ended:
        return f"{sets}: no file is needed"
    counts = Counter(map(_status, ended))
    came = sum(one.path.stat().st_size for one in ended if one.downloaded and one.path is not None)
    parts = {
        "mirror": "in the mirror",
        "cache": "in the cache",
        "downloaded": f"downloaded ({megabytes(came)})",
        "failed": "failed",
    }
    said = ", ".join(f"{counts[one]} {words}" for one, words in parts.items() if counts[one])
    return f"{sets}, {counted(len(ended), 'file')}: {said}"
