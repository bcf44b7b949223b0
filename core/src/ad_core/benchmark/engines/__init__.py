"""Ways of getting runs done, by name: on this machine, or on a cluster of Dask or Ray."""

from enum import StrEnum
from importlib.util import find_spec

from ad_core.benchmark._measure import n_workers
from ad_core.benchmark.engines._cluster import Cluster, ClusterExecutor
from ad_core.errors import BackendMissingError

__all__ = ["ClusterExecutor", "Engine", "make_cluster_executor"]


class Engine(StrEnum):
    """Who does the runs."""

    LOCAL = "local"
    """Processes of this machine."""
    DASK = "dask"
    """A cluster of dask.distributed."""
    RAY = "ray"
    """A cluster of Ray."""


_MODULES = {Engine.DASK: "distributed", Engine.RAY: "ray"}


def make_cluster_executor(engine: Engine, n_jobs: int, address: str | None) -> ClusterExecutor:
    """Return the executor of a cluster.

    Raises
    ------
    BackendMissingError
        The engine's library is not installed.
    """
    if find_spec(_MODULES[engine]) is None:
        raise BackendMissingError(
            f"the engine {engine} needs {_MODULES[engine]}, which is not installed; "
            f"install it with: pip install 'ad-core[{engine}]'"
        )
    return ClusterExecutor(_cluster(engine, n_workers(n_jobs), address))


def _cluster(engine: Engine, n_jobs: int, address: str | None) -> Cluster:
    if engine is Engine.DASK:
        from ad_core.benchmark.engines._dask import DaskCluster

        return DaskCluster(n_jobs, address)
    from ad_core.benchmark.engines._ray import RayCluster

    return RayCluster(n_jobs, address)
