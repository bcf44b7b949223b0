"""``ad benchmark run``: run an experiment, show how it goes, and who won."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import FILE, json_option

if TYPE_CHECKING:
    from ad_core.benchmark import Experiment
    from ad_core.results import Status
    from ad_core.spec import MetricSpec

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


def _folder(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """Return a folder; an empty name, as an unset variable gives it, is not the current one."""
    if value == "":
        raise click.BadParameter("the name is empty; write . for this folder", ctx, param)
    return None if value is None else Path(value)


def _engine(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name of an engine; an unknown one is answered with the nearest."""
    from ad_core.benchmark import Engine
    from ad_core.cli._options import Member

    return None if value is None else Member(Engine, "engine").convert(value, param, ctx)


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return the bytes that ``--memory`` says."""
    from ad_core.benchmark.isolation import parse_memory

    if value is None:
        return None
    try:
        return parse_memory(int(value) if value.isdecimal() else value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


@click.command(
    name="run",
    epilog="Exit status: 0 when at least one run of a named detector gave scores (with "
    "--strict: when every one did), 1 otherwise, 130 after Ctrl-C or SIGTERM.",
)
@click.argument("experiment", type=FILE)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    callback=_folder,
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
    "--engine",
    callback=_engine,
    metavar="NAME",
    help="Who does the runs, instead of the experiment's choice: local, dask or ray.",
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="A Dask or Ray cluster that runs; without it, --n-jobs workers are started here.",
)
@click.option(
    "--isolation",
    type=click.Choice(["process", "fresh", "none"]),
    help="Where runs happen, instead of the experiment's choice: each in a process of its own, "
    "which does another while it is as good as new; each in one that does nothing else; or in "
    "those of the benchmark, where nothing is limited.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Wall time that a run may take.",
)
@click.option(
    "--memory",
    callback=_size,
    metavar="SIZE",
    help="Memory that a run's processes may use together, for example 2GB or 512MiB.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads of BLAS, OpenMP, numba and torch in a run; by default the processors, shared "
    "out among the processes.",
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
    engine: str | None,
    address: str | None,
    isolation: str | None,
    timeout: float | None,
    memory: int | None,
    threads: int | None,
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

    from ad_core.benchmark import Policy, get_ready, plan, read_experiment, run
    from ad_core.cli._board import print_board
    from ad_core.cli._output import note, print_json
    from ad_core.cli.benchmark._progress import Progress
    from ad_core.cli.benchmark._summary import again, print_summary, summary_dict
    from ad_core.registry import get_registry
    from ad_core.results import RunStore, leaderboard, write_leaderboards

    changes = {
        "output": output,
        "n_jobs": n_jobs,
        "engine": engine,
        "address": address,
        "isolation": isolation,
        "timeout": timeout,
        "memory": memory,
        "threads": threads,
    }
    wanted = _changed(read_experiment(experiment), changes)
    note(f"planning {wanted.name}: reading its data sets")
    with _stopped_cleanly(), Progress() as progress, get_registry().observe(progress):
        get_ready(wanted)
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
            wanted.output,
            ranked_by.name,
            higher_is_better=ranked_by.higher_is_better,
            oracle=ranked_by.oracle,
        )
    if summary.interrupted:
        # With --force it would start from the beginning.
        note(f"interrupted; go on with: {again(ctx, but=('force',))}")
        return INTERRUPTED
    if summary.n_done:
        _keep_page(wanted.output, ranked_by)
    n_ok = sum(one.ok and one.model not in planned.added for one in progress.records)
    status = 1 if not n_ok or (strict and summary.n_failed) else 0
    if as_json:
        return status
    click.echo()
    print_board(
        leaderboard(
            progress.records,
            ranked_by.name,
            higher_is_better=ranked_by.higher_is_better,
            oracle=ranked_by.oracle,
        ),
        [wanted.output],
    )
    return status


@contextmanager
def _stopped_cleanly() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C: what runs is ended, what is done is kept."""
    if threading.current_thread() is not threading.main_thread():  # only it may set handlers
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _keep_page(folder: Path, ranked_by: "MetricSpec") -> None:
    from ad_core.cli._output import note
    from ad_core.cli.leaderboard import page_of
    from ad_core.errors import BackendMissingError
    from ad_core.results import read_records, write_page

    try:
        write_page(folder, page_of(read_records(folder), ranked_by))
    except BackendMissingError as error:
        note(f"leaderboard.html is not written: {error}")


def _changed(experiment: "Experiment", changes: Mapping[str, Any]) -> "Experiment":
    """Return an experiment with what options say in its place."""
    from attrs import evolve

    from ad_core.benchmark import Engine
    from ad_core.results import Isolation

    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("n_jobs") == 0:
        raise click.BadParameter(
            "must be at least 1, or -1 for one a processor, got 0", param_hint="--n-jobs"
        )
    if "isolation" in given:
        given["isolation"] = Isolation(given["isolation"])
    if "engine" in given:
        given["engine"] = Engine(given["engine"])
    changed = evolve(experiment, **given)
    if changed.address is not None and changed.engine is Engine.LOCAL:
        raise click.UsageError("--address needs --engine dask or --engine ray")
    for name in changed.powerless:
        raise click.UsageError(
            f"a run without a process of its own has no limits: leave out --{name} or {name}:, "
            "or --isolation none"
        )
    return changed
