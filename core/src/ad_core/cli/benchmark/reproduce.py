"""``ad benchmark reproduce``: one run again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ad_core.cli._options import FILE, json_option
from ad_core.cli._output import number, print_json, print_pairs, print_table

if TYPE_CHECKING:
    from ad_core.benchmark import Reproduction

__all__ = ["command"]


@click.command(
    name="reproduce",
    epilog="Exit status: 0 when the scores are equal bit for bit (of a run that failed: when it "
    "ended in the same way), 1 when they differ or the run cannot be done again.",
)
@click.argument("results", type=FILE)
@click.argument("key")
@json_option
def command(*, results: Path, key: str, as_json: bool) -> int:
    """Do one run in RESULTS again, and show what differs.

    KEY is the beginning of the run's key, enough to tell it from the others.
    The run has the limits that it had. Nothing in the folder is changed.
    """
    from ad_core.benchmark import find_run, reproduce
    from ad_core.results import RunStore

    store = RunStore(results)
    found = reproduce(store, find_run(store, key))
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    return 0 if found.same else 1


def _print(found: "Reproduction") -> None:
    before, after = found.before, found.after
    print_pairs(
        {
            "run": f"{before.model} on {before.dataset}, seed {before.seed}",
            "key": before.key,
            "status": f"{before.status}, again {after.status}",
            "scores": _scores(found),
            "fit time": f"{number(before.fit_time)} s, again {number(after.fit_time)} s",
            "score time": f"{number(before.score_time)} s, again {number(after.score_time)} s",
        }
    )
    if found.differences:
        click.echo("\nWhat differs:")
        rows = [(name, _text(a), _text(b)) for name, (a, b) in found.differences.items()]
        print_table(("what", "record", "again"), rows)


def _scores(found: "Reproduction") -> str:
    if not found.before.ok or not found.after.ok:
        return "none to compare"
    if found.same:
        return "equal bit for bit"
    if found.largest_difference is None:
        return "not as many"
    return f"different, at most by {number(found.largest_difference)}"


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _as_json(found: "Reproduction") -> dict[str, Any]:
    times = ("fit_time", "score_time")
    return {
        "key": found.before.key,
        "same": found.same,
        "scores": _scores(found),
        "largest_difference": found.largest_difference,
        "times": {
            name: [getattr(found.before, name), getattr(found.after, name)] for name in times
        },
        "differences": {name: list(pair) for name, pair in found.differences.items()},
    }
