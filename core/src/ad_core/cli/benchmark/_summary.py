"""What a benchmark came to: for people, and as JSON."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ad_core.cli.benchmark._lines import reason

if TYPE_CHECKING:
    from ad_core.benchmark import Summary
    from ad_core.results import Record

__all__ = ["again", "print_summary", "summary_dict"]

REASONS = 3
"""How many of the reasons of one status the summary shows."""


def print_summary(summary: "Summary", records: Sequence["Record"], retry: str) -> None:
    """Print how many runs there are, where they came from, and why some failed.

    `retry` is the command that the statuses to try again are appended to.
    """
    there = summary.n_reused - summary.n_elsewhere
    counts = [
        _counted(summary.by_status) or "none",
        *([f"{there} of them there already"] if there else []),
        *([f"{summary.n_elsewhere} computed by another process"] if summary.n_elsewhere else []),
    ]
    click.echo(
        f"{summary.n_done} of {summary.n_planned} runs have a record ({', '.join(counts)}) "
        f"after {summary.elapsed:.1f} s; results folder: {summary.folder}"
    )
    for status, reasons in _failures(records).items():
        click.echo(f"  {status}:")
        for why, runs in list(reasons.items())[:REASONS]:
            click.echo(f"    {_whose(runs)}: {why}")
        if len(reasons) > REASONS:
            click.echo(f"    and {len(reasons) - REASONS} more reasons, each in its record")
    if summary.kept:
        click.echo(
            f"Not tried again: {_counted(summary.kept)}; "
            f"try with: {retry} --retry {','.join(summary.kept)}"
        )


def summary_dict(summary: "Summary", records: Sequence["Record"]) -> dict[str, Any]:
    """Return the summary as plain data."""
    return {
        "name": summary.name,
        "folder": summary.folder,
        "planned": summary.n_planned,
        "done": summary.n_done,
        "computed": summary.n_computed,
        "there_already": summary.n_reused - summary.n_elsewhere,
        "by_another_process": summary.n_elsewhere,
        "by_status": dict(summary.by_status),
        "not_tried_again": dict(summary.kept),
        "failures": [
            {
                "key": record.key,
                "status": str(record.status),
                "model": record.model,
                "dataset": record.dataset,
                "seed": record.seed,
                "message": record.error.message if record.error else "",
            }
            for record in records
            if not record.ok
        ],
        "elapsed": summary.elapsed,
        "interrupted": summary.interrupted,
    }


def again(ctx: click.Context, *, but: Iterable[str] = ()) -> str:
    """Return the command line that was given, without the options named in `but`."""
    words = ["ad", "benchmark"]
    for param in ctx.command.params:
        given = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if not given or param.name in but:
            continue
        value = ctx.params[param.name or ""]
        if isinstance(param, click.Argument):
            words.insert(2, str(value))
            continue
        option = max(param.opts, key=len)
        if isinstance(param, click.Option) and param.is_flag:
            words.append(option)
            continue
        for one in value if param.multiple else [value]:
            words += [option, str(one)]
    return shlex.join(words)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {status}" for status, count in counts.items())


def _failures(records: Iterable["Record"]) -> dict[str, dict[str, list[str]]]:
    """Return, by status and reason, which runs failed."""
    found: dict[str, dict[str, list[str]]] = {}
    for record in records:
        if record.ok:
            continue
        where = f"{record.model} on {record.dataset}, seed {record.seed}"
        found.setdefault(str(record.status), {}).setdefault(reason(record), []).append(where)
    return {status: found[status] for status in sorted(found)}


def _whose(runs: Sequence[str]) -> str:
    return runs[0] if len(runs) == 1 else f"{runs[0]} and {len(runs) - 1} more"
