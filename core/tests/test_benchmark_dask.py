"""The engine dask: real workers, killed and called off; a scheduler that runs already."""

import os
import subprocess
import sys
from threading import enumerate as enumerate_threads

import pytest
from attrs import evolve
from clusters import Cluster, EngineTests, Thread, free_port, listens, wait_until

from ad_core.benchmark import DetectorEntry, plan, run
from ad_core.benchmark.engines import _dask
from ad_core.errors import EngineError
from ad_core.results import RunStore, read_records, record_keys

pytest.importorskip("distributed", reason="needs the extra ad-core[dask]")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


class TestDask(EngineTests):
    engine = "dask"

    @staticmethod
    def running(cluster):
        port = free_port()
        address = f"tcp://127.0.0.1:{port}"
        cluster.start(
            sys.executable, "-m", "dask", "scheduler", "--host", address, "--no-dashboard",
            "--dashboard-address", "127.0.0.1:0",
        )  # fmt: skip
        for _ in range(2):
            cluster.start(
                sys.executable, "-m", "dask", "worker", address, "--nthreads", "1",
                "--no-dashboard", "--local-directory", cluster.folder,
            )  # fmt: skip
        wait_until(lambda: listens(port))
        return address

    def test_a_scheduler_that_is_lost_ends_it_and_what_is_done_is_kept(
        self, registry, site, tmp_path
    ):
        cluster = Cluster(tmp_path / "cluster", site)
        try:
            self.lose_the_scheduler(cluster, registry, tmp_path)
        finally:
            cluster.stop()

    def lose_the_scheduler(self, cluster, registry, tmp_path):
        address = self.running(cluster)
        waits = DetectorEntry(name="waits", params={"folder": str(tmp_path)})
        wanted = self.experiment("good", "random", waits, address=address, baselines=False)
        store = RunStore(tmp_path / "runs")

        def lose():
            wait_until((tmp_path / "began").exists)
            wait_until(lambda: len(list(record_keys(store.folder))) == 2)
            cluster.programs[0].kill()

        with Thread(lose), pytest.raises(EngineError, match="lost the Dask scheduler at"):
            run(plan(wanted, registry), store, registry=registry)
        found = {record.model: str(record.status) for record in read_records(store.folder)}
        assert found.pop("waits", "interrupted") == "interrupted"
        assert found == {"good": "ok", "random": "ok"}
        (tmp_path / "go").touch()
        here = evolve(wanted, engine="local", address=None)
        assert run(plan(here, registry), store, registry=registry).by_status == {"ok": 3}

    def test_a_scheduler_that_is_lost_can_be_told_to_stop(self, site, tmp_path, monkeypatch):
        monkeypatch.setattr(_dask, "PATIENCE", 2.0)
        running = Cluster(tmp_path / "cluster", site)
        try:
            engine = _dask.DaskCluster(address=self.running(running))
            engine.open()
            for program in running.programs:
                program.kill()
                program.wait()
            engine.stop("driver")
            wait_until(lambda: not any("_call_off" in one.name for one in enumerate_threads()))
            engine.close()
        finally:
            running.stop()

    def test_two_drivers_share_a_cluster_and_a_folder(self, registry, cluster, site, tmp_path):
        experiment = tmp_path / "trial.yaml"
        experiment.write_text(
            f"datasets: [wine, breast_cancer]\nseeds: [0, 1]\nengine: dask\naddress: {cluster.address}\n"
            f"detectors: [good, random, {{name: waits, params: {{folder: '{tmp_path}'}}}}]\n"
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
        environment = {**os.environ, "PYTHONPATH": str(site.path)}
        drivers = [
            subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        try:
            wait_until((tmp_path / "began").exists)
            (tmp_path / "go").touch()
            printed = [driver.communicate(timeout=120)[0] for driver in drivers]
        finally:
            for driver in drivers:
                driver.kill()
        assert [driver.returncode for driver in drivers] == [0, 0], printed
        records = list(read_records(tmp_path / "runs"))
        assert len(records) == 2 * 2 * 3
        assert {str(record.status) for record in records} == {"ok"}
        assert len((tmp_path / "began").read_text().split()) == 4, "each run was done once"
