"""Records and the page made from them."""

import runpy
from pathlib import Path

import pytest

METRICS = {"roc_auc": True, "pr_auc": True, "f1": True}


@pytest.fixture(scope="session")
def made():
    """Return what `records.py` defines."""
    return runpy.run_path(str(Path(__file__).with_name("records.py")))


@pytest.fixture(scope="session")
def records(made):
    """Return a benchmark of 416 runs."""
    return made["records"]()


@pytest.fixture(scope="session")
def page(records):
    """Return its page."""
    pytest.importorskip("matplotlib", reason="needs the extra ad-core[report]")
    from ad_core.results import to_html

    return to_html(records, METRICS)
