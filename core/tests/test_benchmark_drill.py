"""The drill: whatever one run does, the others have their right records and nothing is left."""

import sys
import tempfile
from importlib.metadata import distributions, entry_points

import drill
import pytest
from drill import ENDS, GOOD, MARK, SOME

from ad_core.benchmark import make_executor, plan, run
from ad_core.registry import Registry
from ad_core.results import Isolation, RunStore

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what is left is looked up in /proc"
)


@pytest.fixture
def registry(site, monkeypatch):
    drill.lay_out(site)
    monkeypatch.syspath_prepend(site.path)
    points = [
        point for found in distributions(path=[str(site.path)]) for point in found.entry_points
    ]
    yield Registry([*entry_points(group="ad.plugins", name="core"), *points])
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.mark.parametrize(
    ("isolation", "names"), [(Isolation.PROCESS, tuple(ENDS)), (Isolation.FRESH, SOME)]
)
def test_no_run_hurts_another(registry, tmp_path, temporary, monkeypatch, isolation, names):
    monkeypatch.setenv(MARK, str(tmp_path))
    alone, store = RunStore(tmp_path / "alone"), RunStore(tmp_path / "runs")
    good = plan(drill.experiment(("Good", "random"), isolation=Isolation.NONE), registry)
    run(good, alone, registry=registry)
    planned = plan(drill.experiment(names, n_jobs=2, isolation=isolation), registry)
    summary = run(planned, store, make_executor(2, isolation), registry=registry)
    assert (summary.n_done, summary.interrupted) == (len(names), False)
    assert summary.by_status["ok"] == len({*names} & {*GOOD, "random"})
    drill.check(store, alone, names, isolation)
    assert drill.survivors(str(tmp_path), drill.is_stem) == []
    assert sum(path.stat().st_size for path in temporary.rglob("*")) < 1_000_000
    assert max(path.stat().st_size for path in store.folder.rglob("*")) < 1_000_000
