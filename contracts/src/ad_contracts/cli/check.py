"""``ad check``: the contract suite without pytest."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli.toolkit import json_option, note

if TYPE_CHECKING:
    from ad_contracts._cases import Case
    from ad_contracts._run import Outcome

__all__ = ["command"]

INTERRUPTED = 130


@click.command(
    name="check",
    epilog="Exit status: 0 when the contract holds as declared, 1 when a check failed, or passed "
    "although a deviation says that it fails; 2 wrong usage, 130 interrupted.",
)
@click.argument("subjects", nargs=-1, metavar="[NAME|DISTRIBUTION|MODULE:CLASS]...")
@click.option(
    "--only",
    multiple=True,
    metavar="CHECK",
    help="Only this check or group of checks, or a glob of them; may be repeated.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=-1),
    default=1,
    show_default=True,
    metavar="N",
    help="Number of processes; -1 for one a processor.",
)
@click.option("--require-backends", is_flag=True, help="Exit with 1 when a check was skipped.")
@click.option("--list", "as_list", is_flag=True, help="List the checks instead of running them.")
@json_option
def command(
    *,
    subjects: tuple[str, ...],
    only: tuple[str, ...],
    jobs: int,
    require_backends: bool,
    as_list: bool,
    as_json: bool,
) -> int:
    """Check that detectors, data sets and metrics keep the contract.

    Give names or globs such as 'knn*', a distribution for all that it
    registers, or MODULE:CLASS for a detector that no plugin registers yet; its
    module may be in the current folder. Each failure comes with the lines of
    Python that show it again. A check is skipped only when a library, device
    or file is missing here; one that does not apply is not run.
    """
    from ad_contracts._cases import cases
    from ad_contracts.cli._report import print_checks, print_json_report, print_report

    if jobs == 0:
        raise click.BadParameter("must be at least 1, or -1, got 0", param_hint="--jobs")
    if as_list:
        print_checks(subjects, only, as_json=as_json)
        return 0
    if not subjects:
        raise click.UsageError("name what to check: a detector, a distribution or MODULE:CLASS")
    if any(":" in subject for subject in subjects):
        sys.path.insert(0, str(Path.cwd()))
    planned = cases(subjects, only=only)
    if not planned:
        raise click.UsageError(f"{' '.join(only)} does not apply to {' '.join(subjects)}")
    outcomes, seconds = _run(planned, jobs)
    (print_json_report if as_json else print_report)(outcomes, seconds)
    if len(outcomes) < len(planned):
        note(f"interrupted after {len(outcomes)} of {len(planned)} checks")
        return INTERRUPTED
    skipped = require_backends and any(one.status == "skipped" for one in outcomes)
    return 1 if skipped or not all(one.ok for one in outcomes) else 0


def _run(planned: "list[Case]", jobs: int) -> "tuple[list[Outcome], float]":
    """Return the outcomes in the order of the plan, and the time that they took."""
    import os
    import time
    from contextlib import closing

    from ad_contracts._processes import Finished, run_in_processes
    from ad_contracts.cli._progress import Progress

    outcomes: dict[int, Outcome] = {}
    n_jobs = jobs if jobs > 0 else os.cpu_count() or 1
    started = time.perf_counter()
    try:
        with Progress(planned) as progress, closing(run_in_processes(planned, n_jobs)) as events:
            for event in events:
                progress.show(event)
                if isinstance(event, Finished):
                    outcomes[event.place] = event.outcome
    except KeyboardInterrupt:
        if not outcomes:
            raise
    return [outcomes[place] for place in sorted(outcomes)], time.perf_counter() - started
