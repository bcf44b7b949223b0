"""The pytest face: two lines make a test of every case of a distribution.

::

    from ad_contracts.testing import contract_tests

    test_contract = contract_tests("my-detectors")
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from ad_contracts._cases import Case, cases
from ad_contracts._check import AnySpec
from ad_contracts._run import Outcome, Status, run
from ad_contracts._scenario import Scenario
from ad_contracts.pytest_plugin import REQUIRE_BACKENDS

__all__ = ["contract_tests"]


def contract_tests(
    subjects: str | Iterable[str | AnySpec],
    *,
    scenarios: Sequence[Scenario] | None = None,
    only: Iterable[str] = (),
) -> Callable[..., None]:
    """Return a parametrised test, one case each, with ids such as ``knn-refit_forgets``.

    Deviations are strict expected failures; a case whose backend is missing is
    skipped, or fails under ``--require-backends``.

    Parameters
    ----------
    subjects, scenarios, only
        As in `ad_contracts.cases`; most often the name of a distribution.
    """

    @pytest.mark.parametrize(
        "case", [_parameter(one) for one in cases(subjects, scenarios=scenarios, only=only)]
    )
    def test_contract(case: Case, request: pytest.FixtureRequest) -> None:
        _report(run(case), strict_skips=request.config.getoption(REQUIRE_BACKENDS))

    return test_contract


def _parameter(case: Case) -> Any:
    deviation = case.deviation
    marks = [] if deviation is None else [pytest.mark.xfail(reason=deviation.reason, strict=True)]
    return pytest.param(case, id=case.id, marks=marks)


def _report(outcome: Outcome, *, strict_skips: bool) -> None:
    """Turn an outcome into pytest's; a deviation's mark does the rest."""
    if outcome.status is Status.SKIPPED and not strict_skips:
        pytest.skip(outcome.message)
    if outcome.status in (Status.PASSED, Status.XPASSED):
        return
    shown = f"{outcome.subject}: {outcome.check}: {outcome.message}"
    if outcome.reproduction:
        shown += f"\n\nTo see it again:\n\n{outcome.reproduction}"
    pytest.fail(shown, pytrace=False)
