"""The engine dask: real workers, killed and called off; a scheduler that runs already."""

import sys

import pytest
from clusters import EngineTests, free_port, listens, wait_until

pytest.importorskip("distributed", reason="needs the extra ad-core[dask]")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


class TestDask(EngineTests):
    engine = "dask"

    def running(self, cluster):
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
