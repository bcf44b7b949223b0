"""What every engine that has runs done elsewhere must hold to; its tests are a subclass."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.metadata import distributions, entry_points, version

import drill
import psutil
import pytest
from attrs import evolve

from ad_core.benchmark import DetectorEntry, Experiment, RunFinished, plan, run
from ad_core.benchmark._measure import hardware
from ad_core.hookspecs import hookimpl
from ad_core.registry import Registry
from ad_core.results import UNKNOWN, Isolation, RunStore, Status, read_records

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec


@hookimpl
def ad_detectors():
    return [
        DetectorSpec(name=name, target=f"fatal_detectors:{name.title()}", summary="F", family="rule")
        for name in ("waits", "kills")
    ]
"""

DETECTORS = '''
import os
import signal
import time
from pathlib import Path

import numpy as np

from ad_core.detector import BaseDetector


class Waits(BaseDetector):
    """Says that it is there, and waits for a file.

    Parameters
    ----------
    folder
        Where it says so, and where the file comes.
    random_state
        Seed.
    """

    def __init__(self, folder: str = "", random_state: int | None = None) -> None:
        self.folder = folder
        self.random_state = random_state

    def _fit(self, X, y):
        with (Path(self.folder) / "began").open("a") as stream:
            stream.write(f"{os.getpid()}\\n")
        while not (Path(self.folder) / "go").exists():
            time.sleep(0.02)

    def _score(self, X):
        return X[:, 0]


class Kills(BaseDetector):
    """Kills the process it is in."""

    def _fit(self, X, y):
        os.kill(os.getpid(), signal.SIGKILL)

    def _score(self, X):
        return X[:, 0]
'''


def wait_until(condition, seconds=90):
    """Return what `condition` returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def free_port():
    """Return a port of the loopback that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port):
    """Tell whether somebody listens at a port of the loopback."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def is_tracker(process):
    """Tell whether a process is the one in which multiprocessing keeps its books, to the end."""
    return any("resource_tracker" in word for word in process.cmdline())


def workers(mark):
    """Return the processes that supervise runs: those in which a stem of zygotes began."""
    found, zygotes_too = set(), set()
    for process in psutil.process_iter():
        try:
            if "stem" in process.cmdline() and process.environ().get(drill.MARK) == mark:
                found.add(process.ppid())
                zygotes_too.add(process.pid)
        except psutil.Error:
            continue
    return sorted(found - zygotes_too)


def end_survivors(mark):
    """Kill the processes that are left with a mark; there should be none."""
    left = drill.survivors(mark, allowed=is_tracker)
    described = [one.cmdline() for one in left]
    for process in left:
        process.kill()
    assert described == []


class KillsOnce:
    """Kills a worker when the third run has finished."""

    def __init__(self, mark):
        self.mark, self.n_finished, self.killed = mark, 0, None

    @hookimpl
    def ad_event(self, event):
        if isinstance(event, RunFinished):
            self.n_finished += 1
            if self.n_finished == 3:
                self.killed = wait_until(lambda: workers(self.mark))[0]
                os.kill(self.killed, signal.SIGKILL)


class Cluster:
    """Programs that make up a running cluster, which `address` stands for."""

    address = None

    def __init__(self, folder, site):
        folder.mkdir()
        self.folder, self.mark = folder, str(folder)
        self.environment = {**os.environ, "PYTHONPATH": str(site.path), drill.MARK: self.mark}
        self.programs, self.folders = [], []

    def short_folder(self):
        """Return a new folder for sockets, whose paths must be short."""
        folder = tempfile.mkdtemp(prefix="ad-", dir="/tmp")
        self.folders.append(folder)
        return folder

    def start(self, *command):
        with (self.folder / f"program{len(self.programs)}").open("w") as log:
            program = subprocess.Popen(
                [*map(str, command)],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.programs.append(program)
        return program

    def stop(self):
        for program in self.programs:
            family = [program.pid]
            if psutil.pid_exists(program.pid):
                children = psutil.Process(program.pid).children(recursive=True)
                family += [child.pid for child in children]
            program.terminate()
            try:
                program.wait(timeout=10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
            for pid in family[1:]:
                if psutil.pid_exists(pid):
                    os.kill(pid, signal.SIGKILL)
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        end_survivors(self.mark)


class EngineTests:
    """The tests; a subclass names the `engine` and starts a running cluster of it."""

    engine: str

    @staticmethod
    def running(cluster):
        """Start a cluster with two workers and return its address."""
        raise NotImplementedError

    @pytest.fixture
    def mark(self, tmp_path, monkeypatch):
        monkeypatch.setenv(drill.MARK, str(tmp_path))
        yield str(tmp_path)
        end_survivors(str(tmp_path))

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, new_site, tmp_path_factory):
        site = new_site(tmp_path_factory.mktemp("engine") / "site")
        drill.lay_out(site)
        site.add("fatal", PLUGIN, fatal_detectors=DETECTORS)
        return site

    @pytest.fixture
    def registry(self, site, monkeypatch):
        monkeypatch.syspath_prepend(site.path)
        monkeypatch.setenv("PYTHONPATH", str(site.path))  # for workers that are started here
        points = [
            point for found in distributions(path=[str(site.path)]) for point in found.entry_points
        ]
        yield Registry([*entry_points(group="ad.plugins", name="core"), *points])
        for module in site.modules:
            sys.modules.pop(module, None)

    @pytest.fixture(scope="class")
    @classmethod
    def cluster(cls, site):
        """Return a cluster that tests share: it has to stay whole."""
        found = Cluster(site.path.parent / "cluster", site)
        try:
            found.address = cls.running(found)
            yield found
        finally:
            found.stop()

    def experiment(self, *detectors, **more):
        entries = tuple(
            DetectorEntry(name=one) if isinstance(one, str) else one for one in detectors
        )
        return Experiment(datasets=("wine",), detectors=entries, engine=self.engine, **more)

    def test_the_drill_with_a_worker_killed_in_between(self, registry, mark, tmp_path):
        alone, store = RunStore(tmp_path / "alone"), RunStore(tmp_path / "runs")
        good = plan(drill.experiment(("Good", "random"), isolation=Isolation.NONE), registry)
        run(good, alone, registry=registry)
        planned = plan(drill.experiment(drill.SOME, n_jobs=2, engine=self.engine), registry)
        killer = KillsOnce(mark)
        with registry.observe(killer):
            summary = run(planned, store, registry=registry)
        assert killer.killed is not None
        assert (summary.n_done, summary.interrupted) == (len(drill.SOME), False)
        drill.check(store, alone, drill.SOME)
        assert {record.environment["engine"] for record in store.records()} == {self.engine}

    def test_a_run_whose_worker_dies_is_done_again_elsewhere(self, registry, mark, tmp_path):
        waits = DetectorEntry(name="waits", params={"folder": str(tmp_path)})
        planned = plan(self.experiment(waits, "random", n_jobs=2), registry)
        began = tmp_path / "began"

        def kill():
            pid = int(wait_until(lambda: began.exists() and began.read_text()))
            zygote = psutil.Process(pid).parent()
            zygote.parent().parent().kill()  # the stem, and then the worker
            (tmp_path / "go").touch()

        with Thread(kill):
            summary = run(planned, RunStore(tmp_path / "runs"), registry=registry)
        assert summary.by_status == {"ok": 2}
        assert len(began.read_text().split()) == 2

    def test_a_run_that_kills_its_workers_is_a_crash_that_names_the_last(
        self, registry, mark, tmp_path, ad_process
    ):
        experiment = tmp_path / "trial.yaml"
        experiment.write_text(
            f"datasets: [wine]\ndetectors: [kills, random]\nn_jobs: 2\nisolation: none\n"
            f"engine: {self.engine}\n"
        )
        done = ad_process("benchmark", experiment, "-o", tmp_path / "runs", "--json")
        assert json.loads(done.out)["by_status"] == {"crash": 1, "ok": 1}, "and nothing else there"
        records = {record.model: record for record in read_records(tmp_path / "runs")}
        assert records["random"].ok
        assert records["random"].hardware == hardware()
        lost = records["kills"]
        assert lost.status is Status.CRASH
        assert f"the {self.engine.title()} worker " in lost.error.message
        assert "died during the run, as did 2 before it" in lost.error.message
        # Of a machine that cannot be asked any more the record claims nothing.
        assert (lost.hardware, lost.versions) == (UNKNOWN, {})
        assert lost.environment == {"engine": self.engine}

    def test_a_running_cluster_is_used_and_left_alone(self, registry, cluster, tmp_path):
        for seed in (0, 1):
            wanted = self.experiment("good", "random", seeds=(seed,), address=cluster.address)
            summary = run(plan(wanted, registry), RunStore(tmp_path / "runs"), registry=registry)
            assert summary.by_status == {"ok": 2}
        local = evolve(wanted, engine="local", address=None, seeds=(0, 1), baselines=False)
        run(plan(local, registry), RunStore(tmp_path / "alone"), registry=registry)
        here, there = read_records(tmp_path / "alone"), read_records(tmp_path / "runs")
        assert [one.scores_sha256 for one in here] == [one.scores_sha256 for one in there]
        assert [one.metrics for one in here] == [one.metrics for one in there]
        assert all(program.poll() is None for program in cluster.programs)

    def test_other_versions_on_a_worker_are_said(
        self, registry, cluster, tmp_path, ad_process, new_site
    ):
        here = new_site(tmp_path / "here")
        here.add("fatal", PLUGIN, version="2.0")
        here.add("more", "")
        library = here.path / "scipy-0.9.dist-info"
        library.mkdir()
        (library / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 0.9\n")
        experiment = tmp_path / "trial.yaml"
        experiment.write_text("datasets: [wine]\ndetectors: [good]\n")
        arguments = ["--engine", self.engine, "--address", cluster.address, "-o", tmp_path / "runs"]
        path = os.pathsep.join([str(here.path), os.environ["PYTHONPATH"]])
        done = ad_process("benchmark", experiment, *arguments, PYTHONPATH=path)
        assert done.status == 1
        assert "Traceback" not in done.err
        assert "fatal 1.0 there, 2.0 here; more is missing there, 1.0 here; " in done.err
        assert f"scipy {version('scipy')} there, 0.9 here; install" in done.err
        store = RunStore(tmp_path / "runs")
        # Maybe none: a run that has not begun when the first one fails leaves no record.
        found = [store.find(path.stem) for path in store.folder.glob(f"{'?' * 64}.json")]
        assert {record.status for record in found} <= {Status.INTERRUPTED}

    def test_ctrl_c_ends_the_runs_in_flight_and_what_was_started(
        self, registry, mark, site, tmp_path
    ):
        experiment = tmp_path / "trial.yaml"
        experiment.write_text(
            f"datasets: [wine]\nn_jobs: 2\nengine: {self.engine}\n"
            f"detectors: [good, {{name: waits, params: {{folder: '{tmp_path}'}}}}]\n"
        )
        command = [
            sys.executable,
            "-m",
            "ad_core",
            "benchmark",
            experiment,
            "-o",
            tmp_path / "runs",
        ]

        def statuses():
            return {record.model: record.status for record in read_records(tmp_path / "runs")}

        home = tmp_path / "home"
        home.mkdir()
        environment = {**os.environ, "PYTHONPATH": str(site.path), "HOME": str(home)}
        environment.pop("RAY_AUTH_MODE", None)  # as users have it
        with subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as driver:
            try:
                wait_until((tmp_path / "began").exists)
                wait_until(lambda: len(list((tmp_path / "runs").glob(f"{'?' * 64}.json"))) == 3)
                os.killpg(driver.pid, signal.SIGINT)  # as a terminal does
                wait_until(lambda: statuses().get("waits") == "interrupted")
                os.killpg(driver.pid, signal.SIGINT)  # while it ends what it has started
                _, err = driver.communicate(timeout=60)
            except BaseException:
                os.killpg(driver.pid, signal.SIGKILL)
                raise
        assert driver.returncode == 130
        assert "Traceback" not in err, err
        assert "interrupted; go on with: ad benchmark" in err
        own = ("planning ", "trial: ", "[", "interrupted; ")
        assert [line for line in err.splitlines() if not line.startswith(own)] == []
        found = statuses()
        assert found.pop("waits") == "interrupted"
        assert found == dict.fromkeys(("good", "random", "constant"), "ok")
        assert list(home.iterdir()) == []


class Thread:
    """A thread whose failure is one of the test."""

    def __init__(self, function):
        from concurrent.futures import ThreadPoolExecutor

        self.pool, self.function = ThreadPoolExecutor(1), function

    def __enter__(self):
        self.future = self.pool.submit(self.function)

    def __exit__(self, *_):
        self.pool.shutdown()
        self.future.result()
