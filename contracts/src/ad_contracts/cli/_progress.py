"""How a run of checks goes: a live line on a terminal, a line a subject elsewhere."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Self

from ad_contracts._cases import Case
from ad_contracts._processes import Finished, Started
from ad_contracts._run import Outcome
from ad_contracts.cli._report import counted
from ad_core.cli.toolkit import live_bar, note

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

__all__ = ["Progress"]


class Progress:
    """Reports on standard error.

    Parameters
    ----------
    planned
        The cases that will be run.
    """

    def __init__(self, planned: list[Case]) -> None:
        self._planned = planned
        self._left = Counter(case.spec for case in planned)
        self._outcomes: dict[str, list[Outcome]] = {}
        self._n_subjects = len(self._left)
        self._n_failed = 0
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = live_bar()
            self._task = self._bar.add_task("", total=len(self._planned), failed="")
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, event: Started | Finished) -> None:
        """Show an event."""
        case = self._planned[event.place]
        if isinstance(event, Finished):
            self._finished(case, event.outcome)
        elif self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{case.subject}: {case.check.name}")

    def _finished(self, case: Case, outcome: Outcome) -> None:
        self._n_failed += not outcome.ok
        self._left[case.spec] -= 1
        of_subject = self._outcomes.setdefault(outcome.subject, [])
        of_subject.append(outcome)
        if self._bar is not None and self._task is not None:
            failed = f"{self._n_failed} failed" if self._n_failed else ""
            self._bar.update(self._task, advance=1, failed=failed)
        elif not self._left[case.spec]:
            n_done = sum(not left for left in self._left.values())
            note(f"[{n_done}/{self._n_subjects}] {outcome.subject}: {counted(of_subject)}")
