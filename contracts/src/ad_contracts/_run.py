"""Run a case: one outcome, never an exception."""

import time
import traceback
import warnings
from enum import StrEnum

from attrs import frozen

from ad_contracts._cases import Case
from ad_contracts._check import kind_of
from ad_contracts._find import subject_of
from ad_contracts._reproduction import reproduction
from ad_contracts.expect import ContractViolation, NotHere
from ad_core.load import availability
from ad_core.spec import MetricSpec

__all__ = ["Outcome", "Status", "judged", "run"]


class Status(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    XFAILED = "xfailed"
    """Failed, as the spec's deviation says."""
    XPASSED = "xpassed"
    """Passed although the spec's deviation says that it fails: drop the deviation."""
    SKIPPED = "skipped"
    """A backend is missing on this machine."""


@frozen(kw_only=True)
class Outcome:
    """How a case ended, and what is needed to see it again.

    Parameters
    ----------
    subject, kind
        The subject's name, and whether it is a detector, a data set or a metric.
    check, group, scenario
        Names; `scenario` is empty for a check without data.
    status
        How it ended.
    message
        What was expected and what came; why it was skipped; the deviation's reason.
    seconds
        Wall-clock time.
    reproduction
        Lines of Python that show the failure; empty for other outcomes.
    """

    subject: str
    kind: str
    check: str
    group: str
    scenario: str
    status: Status
    message: str
    seconds: float
    reproduction: str

    @property
    def ok(self) -> bool:
        """Whether the contract holds as declared."""
        return self.status not in (Status.FAILED, Status.XPASSED)


def run(case: Case) -> Outcome:
    """Run one case and return its outcome."""
    started = time.perf_counter()
    status, message = _ran(case)
    return judged(case, status, message, time.perf_counter() - started)


def judged(case: Case, status: Status, message: str, seconds: float) -> Outcome:
    """Return the outcome of a case that passed, failed or was skipped, in view of its deviation."""
    deviation = case.deviation
    if deviation is not None and status is Status.FAILED:
        status, message = Status.XFAILED, f"{deviation.reason} ({message})"
    elif deviation is not None and status is Status.PASSED:
        status = Status.XPASSED
        message = f"it passes; drop the deviation {deviation.check!r} from the spec"
    return Outcome(
        subject=case.subject,
        kind=kind_of(case.spec),
        check=case.check.name,
        group=case.check.group,
        scenario=case.scenario.name if case.scenario is not None else "",
        status=status,
        message=message,
        seconds=seconds,
        reproduction=reproduction(case) if status is Status.FAILED else "",
    )


def _ran(case: Case) -> tuple[Status, str]:
    try:
        if not isinstance(case.spec, MetricSpec):
            found = availability(case.spec)
            if not found:
                return Status.SKIPPED, found.message
        arguments = [case.scenario.sample] if case.scenario is not None else []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.check.function(subject_of(case.spec), *arguments)
    except NotHere as error:
        return Status.SKIPPED, str(error)
    except ContractViolation as error:
        return Status.FAILED, str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code; the outcome says it
        return Status.FAILED, _raised(error)
    return Status.PASSED, ""


def _raised(error: BaseException) -> str:
    """Say what was raised, and where: an error that was wrapped, at its cause."""
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    frames = traceback.extract_tb(root.__traceback__)
    where = f" (in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    text = " ".join(str(error).split())
    return f"expected no error, got {type(error).__name__}: {text}{where}"
