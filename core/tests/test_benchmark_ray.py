"""The engine ray: real actors, killed and called off; a cluster that runs already."""

import sys

import pytest
from clusters import EngineTests, free_port, listens, wait_until

pytest.importorskip("ray", reason="needs the extra ad-core[ray]")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


class TestRay(EngineTests):
    engine = "ray"

    @pytest.fixture(autouse=True)
    def _no_token(self, monkeypatch):
        """A token that this user may have is no business of a cluster for a test."""
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")

    @staticmethod
    def running(cluster):
        cluster.environment["RAY_AUTH_MODE"] = "disabled"
        port = free_port()
        node = ["start", "--block", "--num-cpus", "2", "--object-store-memory", str(100 * 2**20)]
        cluster.environment["RAY_USAGE_STATS_ENABLED"] = "0"
        folder = cluster.short_folder()
        cluster.start(
            sys.executable, "-m", "ray.scripts.scripts", *node,
            "--head", "--node-ip-address", "127.0.0.1", "--port", port,
            "--include-dashboard", "false", "--temp-dir", folder,
            "--dashboard-agent-listen-port", free_port(), "--metrics-export-port", free_port(),
        )  # fmt: skip
        wait_until(lambda: listens(port))
        return f"127.0.0.1:{port}"
