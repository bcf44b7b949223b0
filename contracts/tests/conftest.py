"""The stubs are importable modules, in new processes too; the table follows the registry."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

STRANGER_PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import CheckSpec, DetectorSpec, Deviation


def spec(name, **fields):
    given = {"capabilities": ("novelty", "deterministic"), **fields}
    return DetectorSpec(
        name=name, target="stranger_code:Center", summary="A stub", family="rule", **given
    )


@hookimpl
def ad_detectors():
    even = Deviation(check="name_is_odd", reason="four letters are enough")
    rows = Deviation(check="rows_are_few", reason="sees too many", scenario="crowd")
    return [
        spec("center", aliases=("middle",), deviations=(rows,)),
        spec("even", deviations=(even, rows)),
        spec("needy", modules=("nowhere_at_all",), extra="nowhere-at-all"),
        spec("seven", deviations=(even, rows)),
        spec("of_nodes", data=("graph",)),
    ]


@hookimpl
def ad_checks():
    return [CheckSpec(name="strange", module="stranger_checks", summary="A stranger asks")]
"""

STRANGER_CHECKS = """
import numpy as np

from ad_contracts import Sample, check, scenario
from ad_contracts.expect import NotHere, expect
from ad_core.spec import DataKind

FEW = 10


def _sample(n):
    X = np.arange(2.0 * n).reshape(n, 2)
    y = (np.arange(n) == 0).astype(int)
    return Sample(X_train=X, y_train=y, X_test=X, y_test=y)


@scenario(data=DataKind.TABULAR)
def crowd():
    \"\"\"Many rows.\"\"\"
    return _sample(20)


@scenario(data=DataKind.TABULAR)
def pair():
    \"\"\"Two rows.\"\"\"
    return _sample(2)


@check()
def name_is_odd(subject):
    \"\"\"Its name has an odd number of letters.\"\"\"
    # Even numbers are for others.
    n = len(subject.name)
    expect(n % 2, "an odd number of letters", n)


@check(data={DataKind.TABULAR}, each=True)
def rows_are_few(subject, sample):
    \"\"\"The scenario has few rows.\"\"\"
    n = len(np.asarray(sample.X_train))
    expect(n < FEW, f"fewer than {FEW} rows", n)


@check()
def device_is_here(subject):
    \"\"\"A device is there.\"\"\"
    raise NotHere("no such device")
"""

STRANGER_CODE = """
import numpy as np

from ad_core import BaseDetector


class Center(BaseDetector):
    \"\"\"Distance from the center.\"\"\"

    def _fit(self, X, y):
        self.center_ = X.mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)
"""


@pytest.fixture
def beside() -> frozenset[str]:
    """Return the names of the installed distributions that tests see."""
    return frozenset({"ad-core", "ad-contracts"})


@pytest.fixture
def installed(installed: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """See the distributions of `site`, checks and subjects too; call it to look again."""
    from ad_contracts._find import subject_of
    from ad_contracts._table import load_table

    def look_again() -> None:
        installed()
        load_table.cache_clear()
        subject_of.cache_clear()

    yield look_again
    load_table.cache_clear()
    subject_of.cache_clear()


@pytest.fixture
def stranger(site, installed):
    """Install a distribution with detectors, checks and scenarios of its own."""
    site.add(
        "stranger",
        STRANGER_PLUGIN,
        stranger_checks=STRANGER_CHECKS,
        stranger_code=STRANGER_CODE,
    )
    installed()
    return site
