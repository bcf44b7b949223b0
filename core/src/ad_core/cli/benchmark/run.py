"""``ad benchmark run``: run an experiment, show how it goes, and who won."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli._options import FILE

if TYPE_CHECKING:
    from ad_core.benchmark import Experiment, Summary

__all__ = ["command"]

INTERRUPTED = 130


@click.command(
    name="run",
    epilog="Exit status: 0 when at least one run gave scores (with --strict: when every one "
    "did), 1 otherwise, 130 after Ctrl-C.",
)
@click.argument("experiment", type=FILE)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Results folder, instead of the experiment's.",
)
@click.option(
    "--n-jobs",
    type=click.IntRange(min=-1),
    metavar="N",
    help="Number of processes, instead of the experiment's; -1 for one a processor.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N runs, as a trial."
)
@click.option("--strict", is_flag=True, help="Exit with 1 when any run failed.")
def command(
    *, experiment: Path, output: Path | None, n_jobs: int | None, limit: int | None, strict: bool
) -> int:
    """Run the EXPERIMENT that a YAML file describes.

    Every detector runs on every data set with every seed. Each run is a record
    in the results folder. What is there is not computed again: a benchmark that
    was stopped goes on where it was. A run that fails is a record too, with its
    reason, and is tried again the next time.
    """
    from attrs import evolve

    from ad_core.benchmark import plan, read_experiment, run
    from ad_core.cli._board import print_board
    from ad_core.cli._output import note
    from ad_core.cli._progress import Progress
    from ad_core.registry import get_registry
    from ad_core.results import RunStore, leaderboard

    wanted = _changed(read_experiment(experiment), output, n_jobs)
    note(f"planning {wanted.name}: reading its data sets")
    planned = plan(wanted)
    if limit is not None:
        planned = evolve(planned, tasks=planned.tasks[:limit])
    with Progress() as progress, get_registry().observe(progress):
        summary = run(planned, RunStore(wanted.output))
    _print_summary(summary)
    if summary.interrupted:
        note(f"interrupted; go on with: {_again(experiment, output)}")
        return INTERRUPTED
    ranked_by = planned.tasks[0].metrics[0]
    click.echo()
    print_board(
        leaderboard(progress.records, ranked_by.name, higher_is_better=ranked_by.higher_is_better),
        wanted.output,
    )
    n_ok = summary.by_status.get("ok", 0)
    return 1 if not n_ok or (strict and summary.n_failed) else 0


def _changed(experiment: "Experiment", output: Path | None, n_jobs: int | None) -> "Experiment":
    from attrs import evolve

    if n_jobs == 0:
        raise click.BadParameter(
            "must be at least 1, or -1 for one a processor, got 0", param_hint="--n-jobs"
        )
    if output is not None:
        experiment = evolve(experiment, output=output)
    return experiment if n_jobs is None else evolve(experiment, n_jobs=n_jobs)


def _print_summary(summary: "Summary") -> None:
    counts = ", ".join(f"{count} {status}" for status, count in summary.by_status.items())
    reused = f", {summary.n_reused} of them there already" if summary.n_reused else ""
    click.echo(
        f"{summary.n_done} of {summary.n_planned} runs have a record ({counts or 'none'}{reused}) "
        f"after {summary.elapsed:.1f} s; results folder: {summary.folder}"
    )


def _again(experiment: Path, output: Path | None) -> str:
    more = [] if output is None else ["--output", str(output)]
    return shlex.join(["ad", "benchmark", str(experiment), *more])
