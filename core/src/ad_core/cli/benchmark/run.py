"""``ad benchmark run``: run an experiment, show how it goes, and who won."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli._options import FILE, json_option

if TYPE_CHECKING:
    from ad_core.benchmark import Experiment
    from ad_core.results import Status

__all__ = ["command"]

INTERRUPTED = 130


def _statuses(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> tuple["Status", ...]:
    """Return the statuses that ``--retry`` names, each time one or several with commas."""
    from ad_core.cli._options import Member
    from ad_core.results import Status

    known = Member(Status, "status of a run")
    words = [word.strip() for value in values for word in value.split(",")]
    found = dict.fromkeys(Status(known.convert(word, param, ctx)) for word in words)
    if Status.OK in found:
        raise click.BadParameter("a run that is ok did not fail; see --force", ctx, param)
    return tuple(found)


@click.command(
    name="run",
    epilog="Exit status: 0 when at least one run of a named detector gave scores (with "
    "--strict: when every one did), 1 otherwise, 130 after Ctrl-C.",
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
@click.option(
    "--retry",
    multiple=True,
    callback=_statuses,
    metavar="STATUS",
    help="Try failed runs with this status again, for example timeout or error,oom.",
)
@click.option("--force", is_flag=True, help="Compute every run again and replace its record.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    experiment: Path,
    output: Path | None,
    n_jobs: int | None,
    limit: int | None,
    strict: bool,
    retry: tuple["Status", ...],
    force: bool,
    as_json: bool,
) -> int:
    """Run the EXPERIMENT that a YAML file describes.

    Every detector runs on every data set with every seed. Each run is a record
    in the results folder. What is there is not computed again: a benchmark that
    was stopped goes on where it was. A run that fails is a record too, with its
    reason. Runs that were skipped or interrupted or crashed are tried again the
    next time; those that failed otherwise when --retry names their status, or
    when their code, arguments or data have changed. Null baselines are added
    unless one is named, or the file says baselines: false.
    """
    from attrs import evolve

    from ad_core.benchmark import Policy, plan, read_experiment, run
    from ad_core.cli._board import print_board
    from ad_core.cli._output import note, print_json
    from ad_core.cli.benchmark._progress import Progress
    from ad_core.cli.benchmark._summary import again, print_summary, summary_dict
    from ad_core.registry import get_registry
    from ad_core.results import RunStore, leaderboard, write_leaderboards

    wanted = _changed(read_experiment(experiment), output, n_jobs)
    note(f"planning {wanted.name}: reading its data sets")
    with Progress() as progress, get_registry().observe(progress):
        planned = plan(wanted)
        if limit is not None:
            planned = evolve(planned, tasks=planned.tasks[:limit])
        policy = Policy(retry=retry, force=force)
        summary = run(planned, RunStore(wanted.output), policy=policy)
    if as_json:
        print_json(summary_dict(summary, progress.records))
    else:
        print_summary(
            summary, progress.records, again(ctx, but=("retry", "force", "strict", "as_json"))
        )
    ranked_by = planned.tasks[0].metrics[0]
    if summary.n_done:
        write_leaderboards(
            wanted.output, ranked_by.name, higher_is_better=ranked_by.higher_is_better
        )
    if summary.interrupted:
        # With --force it would start from the beginning.
        note(f"interrupted; go on with: {again(ctx, but=('force',))}")
        return INTERRUPTED
    n_ok = sum(one.ok and one.model not in planned.added for one in progress.records)
    status = 1 if not n_ok or (strict and summary.n_failed) else 0
    if as_json:
        return status
    click.echo()
    print_board(
        leaderboard(progress.records, ranked_by.name, higher_is_better=ranked_by.higher_is_better),
        wanted.output,
    )
    return status


def _changed(experiment: "Experiment", output: Path | None, n_jobs: int | None) -> "Experiment":
    from attrs import evolve

    if n_jobs == 0:
        raise click.BadParameter(
            "must be at least 1, or -1 for one a processor, got 0", param_hint="--n-jobs"
        )
    if output is not None:
        experiment = evolve(experiment, output=output)
    return experiment if n_jobs is None else evolve(experiment, n_jobs=n_jobs)
