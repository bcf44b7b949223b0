"""What ``ad check`` prints."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

import click
from attrs import asdict

from ad_contracts._cases import cases, choose_checks
from ad_contracts._run import Outcome, Status
from ad_contracts._table import load_table
from ad_core.cli.toolkit import on_terminal, print_json, print_table, printable, room

__all__ = ["counted", "print_checks", "print_json_report", "print_report"]


def counted(outcomes: Iterable[Outcome]) -> str:
    """Return how many checks ended in which way."""
    counts = Counter(one.status for one in outcomes)
    return ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])


def print_json_report(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print one JSON document."""
    counts = Counter(one.status for one in outcomes)
    print_json(
        {
            "ok": all(one.ok for one in outcomes),
            "counts": {str(status): counts[status] for status in Status},
            "seconds": round(seconds, 3),
            "outcomes": [{**asdict(one), "seconds": round(one.seconds, 3)} for one in outcomes],
        }
    )


def print_report(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print a row for each subject, what did not simply pass, and a summary."""
    _print_subjects(outcomes)
    _print_exceptions(outcomes)
    _print_failures(outcomes)
    ok = all(one.ok for one in outcomes)
    summary = f"{counted(outcomes)} in {seconds:.1f} s"
    click.echo()
    click.secho(summary, fg="green" if ok else "red", bold=True)


def _print_subjects(outcomes: Sequence[Outcome]) -> None:
    by_subject: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        by_subject.setdefault((one.subject, one.kind), []).append(one)
    statuses = [
        status
        for status in Status
        if status is Status.PASSED or any(one.status is status for one in outcomes)
    ]
    rows = []
    for names, found in by_subject.items():
        counts = Counter(one.status for one in found)
        seconds = sum(one.seconds for one in found)
        rows.append((*names, *(counts[status] for status in statuses), f"{seconds:.1f}"))
    numbers = [*statuses, "seconds"]
    print_table(("subject", "kind", *numbers), rows, right=numbers)


def _print_exceptions(outcomes: Sequence[Outcome]) -> None:
    """Print what was skipped or failed as declared; what has the same reason, once."""
    grouped: dict[tuple[Status, str, str], list[str]] = {}
    for one in outcomes:
        if one.status in (Status.SKIPPED, Status.XFAILED):
            grouped.setdefault((one.status, one.subject, one.message), []).append(_check(one))
    if grouped:
        click.echo()
        rows = [(*key[:2], _several(checks), key[2]) for key, checks in grouped.items()]
        print_table(("outcome", "subject", "check", "reason"), rows)


def _print_failures(outcomes: Sequence[Outcome]) -> None:
    """Print each failure with the lines that show it again; those with the same message once."""
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        if not one.ok:
            grouped.setdefault((one.subject, one.message), []).append(one)
    for (subject, message), found in grouped.items():
        checks = _several([_check(one) for one in found])
        click.echo()
        click.secho(_wrapped(f"{found[0].status.upper()} {subject}: {checks}"), fg="red", bold=True)
        click.echo(_wrapped(message))
        if found[0].reproduction:
            click.echo("\n" + found[0].reproduction.rstrip())


def _check(outcome: Outcome) -> str:
    return f"{outcome.check} ({outcome.scenario})" if outcome.scenario else outcome.check


def _several(checks: list[str]) -> str:
    return checks[0] if len(checks) == 1 else f"{checks[0]} and {len(checks) - 1} more"


def _wrapped(text: str) -> str:
    text = printable(text)
    return textwrap.fill(text, room(), break_on_hyphens=False) if on_terminal() else text


def print_checks(subjects: Sequence[str], only: Sequence[str], *, as_json: bool) -> None:
    """Print the checks, or those that apply to the subjects, and the scenarios."""
    checks = choose_checks(only)
    if subjects:
        applying = {case.check.name for case in cases(subjects, only=only)}
        checks = [one for one in checks if one.name in applying]
    scenarios = list(load_table().scenarios.values())
    if as_json:
        print_json(
            {
                "checks": [
                    {
                        "name": one.name,
                        "group": one.group,
                        "summary": one.summary,
                        "applies_to": one.scope,
                    }
                    for one in checks
                ],
                "scenarios": [
                    {"name": one.name, "data": one.data, "summary": one.summary}
                    for one in scenarios
                ],
            }
        )
        return
    print_table(
        ("check", "group", "what must hold"),
        [(one.name, one.group, f"{one.summary} (for {one.scope})") for one in checks],
    )
    click.echo()
    print_table(
        ("scenario", "data", "what it is"), [(one.name, one.data, one.summary) for one in scenarios]
    )
