"""Which runs of earlier times stand, and which are computed again."""

from collections.abc import Collection

from attrs import frozen

from ad_core.benchmark._task import Task
from ad_core.results import Limits, Record, Status

__all__ = ["ALWAYS_RETRIED", "Policy"]

ALWAYS_RETRIED = frozenset({Status.CRASH, Status.INTERRUPTED, Status.SKIPPED})
"""What the circumstances did rather than the detector: the next time it may go well."""


@frozen(kw_only=True)
class Policy:
    """What becomes of a run that has a record when its experiment is run again.

    A run that gave scores stands. So does one that failed of itself (`error`,
    `timeout`, `oom`, `invalid_scores`): it would fail in the same way again, and
    a change of code, arguments or data gives it another key. One that ran into a
    limit is tried again when that limit is higher.

    Parameters
    ----------
    retry
        Statuses to try again beside those of `ALWAYS_RETRIED`.
    force
        Compute everything again.
    """

    retry: Collection[Status] = frozenset()
    force: bool = False

    def keeps(self, record: Record, task: Task, limits: Limits | None) -> bool:
        """Tell whether a record stands for its task.

        Parameters
        ----------
        record, task
            What is there, and what it would be kept for.
        limits
            What a run may use now; None for no limits.
        """
        if self.force:
            return False
        if record.ok:
            return True
        return not (
            task.problem is not None  # nothing to compute: say how it is now
            or record.status in {*ALWAYS_RETRIED, *self.retry}
            or _was_raised(record, limits or Limits())
        )


def _was_raised(record: Record, now: Limits) -> bool:
    """Tell whether the limit that a run ran into is higher now."""
    name = {Status.TIMEOUT: "timeout", Status.OOM: "memory"}.get(record.status)
    if name is None:
        return False
    before, after = getattr(record.limits, name), getattr(now, name)
    return before is not None and (after is None or after > before)
