"""Real processes: killed, stopped by hand, and several on one folder."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import drill
import pytest

from ad_core.results import Isolation, RunStore, Status, read_records

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
            log.write(f"{self.random_state}:{os.environ['DRIVER']}\\n")

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)
'''

DRIVER = """
import json
import os
import pathlib
import sys
import time

from ad_core.benchmark import BenchmarkStarted, Policy, plan, read_experiment, run
from ad_core.hookspecs import hookimpl
from ad_core.registry import get_registry
from ad_core.results import RunStore


class Gate:
    # Nobody computes anything before all have seen what is there.

    @hookimpl
    def ad_event(self, event):
        if isinstance(event, BenchmarkStarted):
            gate = pathlib.Path(sys.argv[1]).with_name("gate")
            gate.mkdir(exist_ok=True)
            (gate / os.environ["DRIVER"]).touch()
            while len(list(gate.iterdir())) < int(sys.argv[2]):
                time.sleep(0.01)


if __name__ == "__main__":
    experiment = read_experiment(sys.argv[1])
    policy = Policy(force=sys.argv[3] == "force")
    with get_registry().observe(Gate()):
        summary = run(plan(experiment), RunStore(experiment.output), policy=policy)
    print(json.dumps({
        "interrupted": summary.interrupted,
        "there": summary.n_reused - summary.n_elsewhere,
        "elsewhere": summary.n_elsewhere,
        "computed": summary.n_computed,
        "by_status": dict(summary.by_status),
    }))
"""

N, KILLS = 16, 15


class Bench:
    """A benchmark of N slow runs in processes of its own."""

    def __init__(self, folder, site):
        self.folder, self.runs, self.log = folder, folder / "runs", folder / "fits"
        self.log.write_text("")
        (folder / "driver.py").write_text(DRIVER)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(site.path),
            "FITS": str(self.log),
            drill.MARK: str(folder),
        }

    def start(self, n_jobs, *, name="a", n_drivers=1, policy="resume"):
        """Start the driver `name`, which waits until `n_drivers` have begun."""
        experiment = {
            "datasets": ["wine"],
            "detectors": ["slow"],
            "seeds": list(range(N)),
            "baselines": False,
            "n_jobs": n_jobs,
            "output": str(self.runs),
        }
        path = self.folder / f"trial{n_jobs}.yaml"
        path.write_text(json.dumps(experiment))
        return subprocess.Popen(
            [sys.executable, str(self.folder / "driver.py"), str(path), str(n_drivers), policy],
            env={**self.environment, "DRIVER": name},
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

    def survivors(self):
        """Return the processes that are left, once some time was given them to end."""
        return drill.survivors(str(self.folder))

    def n_records(self):
        return len(list(self.runs.glob("?" * 64 + ".json")))

    def wait_for_records(self, n):
        deadline = time.monotonic() + 60
        while self.n_records() < n:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def done(self):
        """Check every file and return the seeds of the runs that are done."""
        records = read_records(self.runs) if self.n_records() else []
        records = [record for record in records if record.ok]
        for record in records:
            assert RunStore(self.runs).scores(record).scores.shape == (record.n_test,)
        return {str(record.seed) for record in records}

    def ok(self):
        return len(self.done())

    def fits(self):
        """Return how often each run was fitted."""
        return Counter(line.split(":")[0] for line in self.log.read_text().split())

    def fits_by_driver(self):
        return Counter(line.split(":")[1] for line in self.log.read_text().split())

    def n_claimed(self):
        """Return how many runs somebody holds."""
        store, n_claimed = RunStore(self.runs), 0
        for lock in (self.runs / ".locks").glob("*.lock"):
            with store.claim(lock.stem, wait=False) as got:
                n_claimed += not got
        return n_claimed

    def together(self, n_jobs, names, policy="resume"):
        """Let several drivers work at once and return their summaries by name."""
        more = {"n_drivers": len(names), "policy": policy}
        drivers = {name: self.start(n_jobs, name=name, **more) for name in names}
        results = {}
        for name, process in drivers.items():
            with process:
                out, err = process.communicate(timeout=120)
            assert (process.returncode, err) == (0, "")
            results[name] = json.loads(out)
        shutil.rmtree(self.folder / "gate")
        return results


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
    assert bench.survivors() == []
    assert bench.n_claimed() == 0
    summary = bench.finish(n_jobs=1)
    assert (summary["interrupted"], summary["by_status"]) == (False, {"ok": N})
    assert (summary["there"], summary["elsewhere"]) == (done, 0)
    assert bench.ok() == N
    assert sum(bench.fits().values()) <= N + n_jobs


def test_fifteen_kills_lose_what_was_in_flight_and_nothing_else(bench):
    rng, done, fits = random.Random(5), set(), Counter()
    for _ in range(KILLS):
        with bench.start(n_jobs=2) as process:
            bench.wait_for_records(min(len(done) + rng.randint(0, 1), N - 1))
            time.sleep(rng.uniform(0, 0.3))
            process.kill()
        assert bench.survivors() == []
        # What was done is still there, and was not done again.
        before, done = done, bench.done()
        assert before <= done
        assert all(bench.fits()[seed] == fits[seed] for seed in before)
        fits = bench.fits()
    summary = bench.finish(n_jobs=2)
    assert (summary["by_status"], summary["there"]) == ({"ok": N}, len(done))
    assert len(bench.done()) == N
    # Each kill lost at most the run of each worker.
    assert sum(bench.fits().values()) <= N + 2 * KILLS


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_three_benchmarks_on_one_folder_compute_nothing_twice(bench, n_jobs):
    summaries = bench.together(n_jobs, "abc")
    assert bench.ok() == N
    assert bench.fits() == Counter({str(seed): 1 for seed in range(N)})
    for name, summary in summaries.items():
        assert summary["by_status"] == {"ok": N}
        assert summary["there"] == 0
        assert summary["computed"] == bench.fits_by_driver()[name]
        assert summary["elsewhere"] == N - summary["computed"]
    assert bench.n_claimed() == 0


def test_three_benchmarks_that_are_forced_compute_everything_once_more(bench):
    bench.finish(n_jobs=1)
    shutil.rmtree(bench.folder / "gate")
    before = {record.key: record.finished_at for record in read_records(bench.runs)}
    summaries = bench.together(1, "bcd", "force")
    assert bench.fits() == Counter({str(seed): 2 for seed in range(N)})
    assert sum(summary["computed"] for summary in summaries.values()) == N
    assert all(summary["there"] == 0 for summary in summaries.values())
    after = {record.key: record.finished_at for record in read_records(bench.runs)}
    assert all(after[key] != before[key] for key in before)
    assert bench.ok() == N


def test_what_a_killed_benchmark_was_at_is_done_by_the_others(bench):
    drivers = [bench.start(1, name=name, n_drivers=3) for name in "abc"]
    bench.wait_for_records(4)
    with drivers[0] as process:
        process.kill()
    for process in drivers[1:]:
        with process:
            out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        assert json.loads(out)["by_status"] == {"ok": N}
    assert bench.ok() == N
    assert sum(bench.fits().values()) <= N + 1
    assert bench.n_claimed() == 0


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_ends_at_once_and_keeps_what_is_done(bench, n_jobs):
    with bench.start(n_jobs) as process:
        bench.wait_for_records(4)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    summary = json.loads(out)
    assert summary["interrupted"]
    assert bench.survivors() == []
    assert 4 <= bench.ok() < N
    assert 1 <= summary["by_status"]["ok"] <= bench.ok()  # a worker may finish one more
    stopped = [record for record in read_records(bench.runs) if not record.ok]
    assert len(stopped) <= n_jobs
    assert {(record.status, record.isolation) for record in stopped} <= {
        (Status.INTERRUPTED, Isolation.PROCESS)
    }
    assert not list(bench.runs.glob("**/*.part"))
    assert bench.finish(n_jobs=1)["by_status"] == {"ok": N}
    assert sum(bench.fits().values()) <= N + n_jobs


def test_impatience_leaves_nothing_either(bench):
    with bench.start(n_jobs=2) as process:
        bench.wait_for_records(2)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        process.communicate()
    assert bench.survivors() == []
    assert 2 <= bench.ok() < N
    assert bench.finish(n_jobs=2)["by_status"] == {"ok": N}
