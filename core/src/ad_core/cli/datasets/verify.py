"""``ad datasets verify``: whether the files at hand are the stated ones."""

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import json_option, patterns_argument
from ad_core.cli.datasets._files import as_rows, counted, files_of, remedy_for, status_of

if TYPE_CHECKING:
    from ad_core.data import Copy
    from ad_core.spec import PinnedFile

__all__ = ["command"]

Found = Mapping["PinnedFile", "list[Copy]"]


@click.command(
    name="verify",
    epilog="Exit status: 0 when no file is damaged, though some may be missing; 1 otherwise.",
)
@patterns_argument
@json_option
def command(*, patterns: tuple[str, ...], as_json: bool) -> int:
    """Check the files that are at hand: size and hash.

    In the mirror folder and in the cache; of all sets, or of those that match a
    NAME or GLOB such as 'adbench/*'. A damaged file is reported with what mends
    it, and so is a missing one of a set that was named; without names, missing
    files are only counted.
    """
    from ad_core.cli._output import print_json
    from ad_core.data import copies
    from ad_core.registry import get_registry

    datasets = get_registry().datasets
    needed = files_of(datasets.select(patterns) if patterns else datasets)
    found = {file: copies(file) for file in _watched(needed)}
    if as_json:
        print_json([_as_json(file, found[file], names) for file, names in needed.items()])
    else:
        _print(needed, found, name_missing=bool(patterns))
    return 1 if any(copy.fault for every in found.values() for copy in every) else 0


def _watched(needed: Collection["PinnedFile"]) -> Iterator["PinnedFile"]:
    """Yield the files, with a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from needed
        return
    from ad_core.cli._bar import live_bar

    with live_bar(transient=True) as bar:
        task = bar.add_task("", total=len(needed), failed="")
        for file in needed:
            bar.update(task, description=file.path)
            yield file
            bar.advance(task)


def _as_json(file: "PinnedFile", found: "list[Copy]", names: list[str]) -> dict[str, Any]:
    return {
        "path": file.path,
        "status": status_of(found),
        "copies": as_rows(found),
        "remedy": remedy_for(found, names[0]),
        "datasets": names,
    }


def _print(needed: Mapping["PinnedFile", list[str]], found: Found, *, name_missing: bool) -> None:
    from ad_core.cli._output import print_table, printable

    groups: dict[str, Counter[str]] = {}
    for file, names in needed.items():
        group = names[0].rpartition("/")[0] or names[0]
        groups.setdefault(group, Counter())[status_of(found[file])] += 1
    words = ("ok", "missing", "damaged")
    totals = sum(groups.values(), Counter())
    if groups:
        rows = [(group, *(counts[word] for word in words)) for group, counts in groups.items()]
        print_table(("data sets", *words), rows, right=words)
    click.echo(
        f"{counted(len(needed), 'file')}: {', '.join(f'{totals[word]} {word}' for word in words)}"
    )
    for file, names in needed.items():
        for line in _complaints(file, found[file], names, name_missing=name_missing):
            click.echo(printable(line), err=True)


def _complaints(
    file: "PinnedFile", found: "list[Copy]", names: list[str], *, name_missing: bool
) -> list[str]:
    if not found:
        return [f"missing: {file.path}; {remedy_for(found, names[0])}"] if name_missing else []
    return [
        f"damaged: {copy.path}: {copy.fault}; {remedy_for([copy], names[0])}"
        for copy in found
        if copy.fault
    ]
