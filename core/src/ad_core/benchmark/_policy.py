"""Which runs of earlier times stand, and which are computed again."""

from collections.abc import Collection

from attrs import frozen

from ad_core.benchmark._task import Task
from ad_core.results import Record, Status

__all__ = ["ALWAYS_RETRIED", "Policy"]

ALWAYS_RETRIED = frozenset({Status.CRASH, Status.INTERRUPTED, Status.SKIPPED})
"""What the circumstances did rather than the detector: the next time it may go well."""


@frozen(kw_only=True)
class Policy:
    """What becomes of a run that has a record when its experiment is run again.

    A run that gave scores stands. So does one that failed of itself (`error`,
    `timeout`, `oom`, `invalid_scores`): it would fail in the same way again, and
    a change of code, arguments or data gives it another key.

    Parameters
    ----------
    retry
        Statuses to try again beside those of `ALWAYS_RETRIED`.
    force
        Compute everything again.
    """

    retry: Collection[Status] = frozenset()
    force: bool = False

    def keeps(self, record: Record, task: Task) -> bool:
        """Tell whether a record stands for its task."""
        if self.force:
            return False
        if record.ok:
            return True
        # With a problem known beforehand there is nothing to compute: say how it is now.
        return task.problem is None and record.status not in {*ALWAYS_RETRIED, *self.retry}
