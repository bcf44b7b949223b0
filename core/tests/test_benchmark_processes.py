"""Real processes: killed, stopped by hand, and two on one folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from ad_core.results import RunStore, Status, read_records

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec


@hookimpl
def ad_detectors():
    return [
        DetectorSpec(name="slow", target="slow_detectors:Slow", summary="Slow", family="rule")
    ]
"""

# Each fit leaves a line, so that a run that is computed twice is seen.
DETECTORS = '''
import os
import time

import numpy as np

from ad_core.detector import BaseDetector


class Slow(BaseDetector):
    """Takes its time.

    Parameters
    ----------
    random_state
        Seed.
    """

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def _fit(self, X, y):
        time.sleep(0.15)
        self.center_ = X.mean(axis=0)
        with open(os.environ["FITS"], "a") as log:
            log.write(f"{self.random_state}\\n")

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)
'''

DRIVER = """
import json
import sys

from ad_core.benchmark import plan, read_experiment, run
from ad_core.results import RunStore

if __name__ == "__main__":
    experiment = read_experiment(sys.argv[1])
    summary = run(plan(experiment), RunStore(experiment.output))
    print(json.dumps([summary.interrupted, summary.n_reused, dict(summary.by_status)]))
"""

N = 16


class Bench:
    """A benchmark of N slow runs in processes of its own."""

    def __init__(self, folder, site):
        self.folder, self.runs, self.log = folder, folder / "runs", folder / "fits"
        self.log.write_text("")
        (folder / "driver.py").write_text(DRIVER)
        self.environment = {**os.environ, "PYTHONPATH": str(site.path), "FITS": str(self.log)}

    def start(self, n_jobs):
        experiment = {
            "datasets": ["wine"],
            "detectors": ["slow"],
            "seeds": list(range(N)),
            "n_jobs": n_jobs,
            "output": str(self.runs),
        }
        path = self.folder / f"trial{n_jobs}.yaml"
        path.write_text(json.dumps(experiment))
        return subprocess.Popen(
            [sys.executable, str(self.folder / "driver.py"), str(path)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, n_jobs):
        with self.start(n_jobs) as process:
            out, err = process.communicate(timeout=90)
        assert (process.returncode, err) == (0, "")
        return json.loads(out)

    def wait_for_records(self, n):
        deadline = time.monotonic() + 60
        while len(list(self.runs.glob("?" * 64 + ".json"))) < n:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ok(self):
        """Check every file and return how many runs are done."""
        records = [record for record in read_records(self.runs) if record.ok]
        for record in records:
            assert RunStore(self.runs).scores(record).scores.shape == (record.n_test,)
        return len(records)

    def fits(self):
        return Counter(self.log.read_text().split())


@pytest.fixture
def bench(tmp_path, site):
    site.add("slow", PLUGIN, slow_detectors=DETECTORS)
    return Bench(tmp_path, site)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_kill_9_loses_at_most_the_runs_in_flight(bench, n_jobs):
    with bench.start(n_jobs) as process:
        bench.wait_for_records(4)
        process.kill()
    done = bench.ok()
    assert 4 <= done < N
    interrupted, n_reused, by_status = bench.finish(n_jobs=1)
    assert (interrupted, by_status) == (False, {"ok": N})
    # A worker of the pool may outlive its driver and finish the runs that it was handed.
    assert n_reused == done if n_jobs == 1 else n_reused >= done
    assert bench.ok() == N
    assert sum(bench.fits().values()) <= N + n_jobs


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_two_benchmarks_on_one_folder_compute_nothing_twice(bench, n_jobs):
    with bench.start(n_jobs) as one, bench.start(n_jobs) as two:
        results = [process.communicate(timeout=90) for process in (one, two)]
    assert [err for _, err in results] == ["", ""]
    summaries = [json.loads(out) for out, _ in results]
    assert [by_status for _, _, by_status in summaries] == [{"ok": N}] * 2
    assert sum(n_reused for _, n_reused, _ in summaries) == N
    assert bench.ok() == N
    assert {*bench.fits().values()} == {1}
    assert len(bench.fits()) == N


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_ends_at_once_and_keeps_what_is_done(bench, n_jobs):
    with bench.start(n_jobs) as process:
        bench.wait_for_records(4)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the driver and its workers
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    interrupted, _, by_status = json.loads(out)
    assert interrupted
    assert 4 <= bench.ok() < N
    assert 1 <= by_status["ok"] <= bench.ok()  # a worker may finish one more
    others = {record.status for record in read_records(bench.runs) if not record.ok}
    assert others <= {Status.INTERRUPTED}
    assert not list(bench.runs.glob("**/*.part"))
    assert bench.finish(n_jobs=1)[2] == {"ok": N}
    assert sum(bench.fits().values()) <= N + n_jobs
