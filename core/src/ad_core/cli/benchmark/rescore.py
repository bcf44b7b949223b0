"""``ad benchmark rescore``: further metrics from the stored scores."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import FILE, json_option
from ad_core.cli._output import note, print_json, printable

if TYPE_CHECKING:
    from ad_core.benchmark import Rescored
    from ad_core.spec import MetricSpec

__all__ = ["command"]


@click.command(
    name="rescore",
    epilog="Exit status: 0 when every run that has scores was done, 1 when the record or the "
    "scores of one are damaged or missing; the others are done all the same.",
)
@click.argument("results", type=FILE)
@click.option(
    "--metric",
    "patterns",
    multiple=True,
    metavar="NAME|GLOB",
    help="What to compute; see: ad list-metrics. A name is computed again where it is there "
    "already, a glob only where it is missing. Repeatable.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Compute again what is there already: the chosen metrics or, without --metric, "
    "every one that a record has.",
)
@json_option
def command(*, results: Path, patterns: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Compute metrics from the stored scores in RESULTS.

    Nothing is fitted. Several processes may do so at once, and while a benchmark
    runs.
    """
    from ad_core.benchmark import rescore
    from ad_core.results import RunStore

    if not patterns and not everything:
        raise click.UsageError("name a metric with --metric, or compute all again with --all")
    metrics, again = _chosen(results, patterns, everything)
    done = []
    for one in rescore(RunStore(results), metrics, again=again):
        if one.problem is not None:
            note(f"error: {printable(one.problem)}")
        done.append(one)
    if as_json:
        print_json([_as_json(one) for one in done])
    else:
        _print(done)
    return 1 if any(one.problem for one in done) else 0


def _chosen(
    results: Path, patterns: tuple[str, ...], everything: bool
) -> tuple[list["MetricSpec"], set[str]]:
    """Return the metrics, and the names of those to compute where they are there already."""
    from ad_core.registry import get_registry

    known = get_registry().metrics
    if not patterns:
        patterns = _present(results)
    specs = [entry.spec for entry in known.select(patterns)]
    named = {known.get(one).spec.name for one in patterns if one in known}
    return specs, {spec.name for spec in specs} if everything else named


def _present(results: Path) -> tuple[str, ...]:
    """Return the names of the metrics in the records that can be read."""
    from ad_core.errors import ResultsError
    from ad_core.registry import get_registry
    from ad_core.results import RunStore, record_keys

    store = RunStore(results)
    names: set[str] = set()
    for key in record_keys(results):
        try:
            record = store.find(key)
        except ResultsError:  # rescore says it
            continue
        names |= {*record.metrics} if record else set()
    unknown = {name for name in names if name not in get_registry().metrics}
    for name in sorted(unknown):
        note(f"warning: {name} is left as it is: no installed plugin has a metric of that name")
    return tuple(sorted(names - unknown))


def _print(done: list["Rescored"]) -> None:
    computed = Counter(name for one in done for name in one.metrics)
    for name, count in computed.items():
        click.echo(f"{name}: computed for {count} of {len(done)} runs")
    n_failed = sum(one.record is not None and not one.record.ok for one in done)
    n_problems = sum(one.problem is not None for one in done)
    n_idle = sum(not one.metrics and one.problem is None for one in done) - n_failed
    for count, text in (
        (n_idle, "had them already"),
        (n_failed, "failed and have no scores"),
        (n_problems, "could not be done, see above"),
    ):
        if count:
            click.echo(f"{count} of {len(done)} runs {text}")


def _as_json(one: "Rescored") -> dict[str, Any]:
    record = one.record
    return {
        "key": one.key,
        "status": None if record is None else str(record.status),
        "model": None if record is None else record.model,
        "dataset": None if record is None else record.dataset,
        "seed": None if record is None else record.seed,
        "computed": {name: record.metrics[name] for name in one.metrics} if record else {},
        "problem": one.problem,
    }
