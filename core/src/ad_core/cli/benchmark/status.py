"""``ad benchmark status``: how far a benchmark is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli._options import FILE, json_option
from ad_core.cli._output import note, print_json, print_pairs, printable, room

if TYPE_CHECKING:
    from ad_core.benchmark import PlannedRun, Progress
    from ad_core.results import RunStore

__all__ = ["command"]

REASONS = 3
"""How many reasons of one status are shown."""


@click.command(
    name="status",
    epilog="Exit status: 0 when every planned run has scores, 1 otherwise, or when the folder "
    "cannot be read.",
)
@click.argument("benchmark", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="DIR",
    help="Results folder, instead of the experiment's.",
)
@json_option
def command(*, benchmark: Path, output: Path | None, as_json: bool) -> int:
    """Say how far a BENCHMARK, a file or a folder, is.

    A file is planned anew, which reads its data sets. A folder says what its
    config.json and its records say.
    """
    from attrs import asdict

    from ad_core.benchmark import planned_runs, progress
    from ad_core.results import RunStore

    if benchmark.is_dir():
        if output is not None:
            raise click.UsageError(f"-o goes with an experiment file; {benchmark} is a folder")
        store = RunStore(benchmark)
        planned = planned_runs(store)
    else:
        store, planned = _of_file(benchmark, output)
    found = progress(store, planned)
    if as_json:
        print_json({"folder": str(store.folder), **asdict(found)})
    else:
        _print(found, store.folder)
    done = found.by_status.get("ok", 0)
    return 0 if done and done == (found.n_planned or sum(found.by_status.values())) else 1


def _of_file(file: Path, output: Path | None) -> tuple["RunStore", tuple["PlannedRun", ...]]:
    from ad_core.benchmark import plan, read_experiment, runs_of
    from ad_core.results import RunStore

    experiment = read_experiment(file)
    note(f"planning {experiment.name}: reading its data sets")
    return RunStore(output or experiment.output), runs_of(plan(experiment))


def _print(found: "Progress", folder: Path) -> None:
    n_failed = sum(found.by_status.values()) - found.by_status.get("ok", 0)
    print_pairs(
        {
            "folder": folder,
            "planned": "unknown, there is no config.json"
            if found.n_planned is None
            else found.n_planned,
            "done": found.by_status.get("ok", 0),
            "failed": n_failed,
            "missing": "unknown" if found.n_planned is None else len(found.missing),
            "running": "unknown, the folder is read-only"
            if found.running is None
            else len(found.running),
            "not planned": f"{found.n_unplanned} older records" if found.n_unplanned else "",
            "time spent": f"{_duration(found.spent)}, all runs one after the other",
            "time left": _left(found),
        }
    )
    for status, reasons in found.reasons.items():
        click.echo(f"{status}: {sum(reasons.values())}")
        for reason, count in list(reasons.items())[:REASONS]:
            text = printable(reason)
            width = room() - 12
            click.echo(f"  {count:>4} × {text if len(text) <= width else text[: width - 1] + '…'}")
        if len(reasons) > REASONS:
            click.echo(f"  and {len(reasons) - REASONS} more reasons; see --json")


def _left(found: "Progress") -> str:
    if found.n_planned is None or (not found.missing and not found.running):
        return ""
    if found.left is None:
        return "unknown, some of the detectors have never run"
    n_workers = len(found.running or ())
    how = "one after the other" if n_workers < 2 else f"{n_workers} at a time, as now"
    return f"{_duration(found.left)}, {how}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
