"""The engine ray: real actors, killed and called off; a cluster that runs already."""

import sys

import pytest
from clusters import EngineTests, free_port

pytest.importorskip("ray", reason="needs the extra ad-core[ray]")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


class TestRay(EngineTests):
    engine = "ray"

    def running(self, cluster):
        port = free_port()
        node = ["start", "--block", "--num-cpus", "1", "--object-store-memory", str(100 * 2**20)]
        cluster.environment["RAY_USAGE_STATS_ENABLED"] = "0"
        ray = Path(sys.executable).with_name("ray")
        folder = cluster.short_folder()
        cluster.start(
            ray, *node, "--head", "--node-ip-address", "127.0.0.1", "--port", port,
            "--include-dashboard", "false", "--temp-dir", folder,
            "--dashboard-agent-listen-port", free_port(), "--metrics-export-port", free_port(),
        )  # fmt: skip
        return f"127.0.0.1:{port}"
