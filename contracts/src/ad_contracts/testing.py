"""The pytest face: two lines make a test of every case of a distribution.

::

    from ad_contracts.testing import contract_tests

    test_contract = contract_tests("my-detectors")
"""

from collections.abc import Callable, Iterable

import pytest

from ad_contracts._cases import Case, cases
from ad_contracts._check import AnySpec
from ad_contracts._run import Outcome, Status, run
from ad_contracts._scenario import Sample, Scenario
from ad_contracts.pytest_plugin import REQUIRE_BACKENDS
from ad_core.errors import AdError

__all__ = ["contract_tests"]


def contract_tests(
    subjects: str | Iterable[str | AnySpec],
    *,
    scenarios: Iterable[Scenario | Callable[[], Sample]] | None = None,
    only: Iterable[str] = (),
) -> Callable[..., None]:
    """Return a parametrised test, one case each, with ids such as ``knn-refit_forgets``.

    Deviations are strict expected failures; a case whose backend is missing is
    skipped, or fails under ``--require-backends``.

    Parameters
    ----------
    subjects, scenarios, only
        As in `ad_contracts.cases`; most often the name of a distribution.

    Raises
    ------
    pytest.Collector.CollectError
        A name is unknown, a plugin is broken, or no check applies.
    """
    try:
        found = cases(subjects, scenarios=scenarios, only=only)
    except AdError as error:
        raise pytest.Collector.CollectError(str(error)) from error
    if not found:
        raise pytest.Collector.CollectError(f"no check applies to {subjects!r}")

    @pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in found])
    def test_contract(case: Case, request: pytest.FixtureRequest) -> None:
        _report(run(case), require_backends=request.config.getoption(REQUIRE_BACKENDS))

    return test_contract


def _report(outcome: Outcome, *, require_backends: bool) -> None:
    """Turn an outcome into pytest's."""
    if outcome.status is Status.SKIPPED and not require_backends:
        pytest.skip(outcome.message)
    if outcome.status is Status.XFAILED:
        pytest.xfail(outcome.message)  # comes back under --runxfail
    if outcome.status is Status.PASSED:
        return
    shown = f"{outcome.subject}: {outcome.check}: {outcome.message}"
    if outcome.reproduction:
        shown += f"\n\nTo see it again:\n\n{outcome.reproduction}"
    pytest.fail(shown, pytrace=False)
