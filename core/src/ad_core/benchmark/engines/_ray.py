"""The engine ``ray``: actors of a Ray cluster."""

import os
import secrets
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

from attrs import frozen

from ad_core.benchmark._execute import Result
from ad_core.benchmark.engines._address import check_ray
from ad_core.benchmark.engines._cluster import TRIES, LostRunError
from ad_core.benchmark.engines._order import Order, StoppedError, whereabouts, work
from ad_core.benchmark.engines._quiet import environment_set, quiet
from ad_core.errors import EngineError
from ad_core.results import Status

__all__ = ["RayCluster"]

_OBJECT_STORE = 100 * 2**20
_LONGEST = 40
"""Characters of a folder below which Ray's sockets get a path that the system takes."""
_SWITCHES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_TQDM_PATCH_PRINT": "0",  # the print of this process is its own
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray says will be its default
    # Read when Ray is imported. What it prints of a worker's death is in the record.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "A worker died or was killed|killed due to memory pressure",
}


_TOKENS = {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"}


class _Worker:
    """One process of the cluster; does one run at a time."""

    def whereabouts(self) -> str:
        return whereabouts()

    def work(self, order: Order) -> Result:
        return work(order)


@frozen(kw_only=True, eq=False)
class _Actor:
    handle: Any
    whereabouts: str


class RayCluster:
    """Ray actors, one a processor: on a cluster that runs, or one started here.

    Parameters
    ----------
    n_jobs
        Number of worker processes when there is no `address`.
    address
        Address of a running cluster, ``host:port`` from a machine that belongs
        to it, or ``ray://host:port`` from another. All its processors are used.
    """

    name = "ray"

    def __init__(self, n_jobs: int = 1, address: str | None = None) -> None:
        self.n_jobs, self.address = n_jobs, address
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._idle: LifoQueue[_Actor] = LifoQueue()
        self._handles: set[Any] = set()
        self._stopped = False

    def open(self) -> None:
        """Start a cluster, or connect to one."""
        with ExitStack() as stack:
            stack.enter_context(environment_set(**_SWITCHES))
            import ray

            stack.enter_context(quiet("ray"))  # not before: the import makes it loud
            if ray.is_initialized():
                raise EngineError(
                    "this process is connected to a Ray cluster already; call ray.shutdown() "
                    "first, and name the cluster by its address"
                )
            if self.address is None:
                _keep_token_to_this_process()
                options = self._local(stack)
            else:
                check_ray(self.address)
                options = {"address": self.address}
            try:
                ray.init(**options, log_to_driver=False, configure_logging=False)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise EngineError(
                    f"cannot connect to a Ray cluster at {self.address or 'this machine'}: "
                    f"{' '.join(str(error).split())}"
                ) from error
            stack.callback(ray.shutdown)
            self._stack = stack.pop_all()

    def _local(self, stack: ExitStack) -> dict[str, Any]:
        usual = tempfile.gettempdir()
        folder = tempfile.TemporaryDirectory(
            prefix="ad-ray-",
            dir=usual if len(usual) < _LONGEST else "/tmp",  # noqa: S108 - made by mkdtemp
            ignore_cleanup_errors=True,  # its processes still log while they end
        )
        return {
            "address": "local",
            "num_cpus": self.n_jobs,
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE,
            "_temp_dir": stack.enter_context(folder),
        }

    def n_slots(self) -> int:
        """Return the number of processors of the cluster."""
        import ray

        if self.address is None:
            return self.n_jobs
        return int(ray.cluster_resources().get("CPU", 0))

    def call(self, order: Order) -> Result:
        """Have one run done by an actor that is free, or by a new one."""
        import ray
        from ray.exceptions import OutOfMemoryError, RayActorError, RayTaskError

        died = []
        for _ in range(TRIES):
            actor = self._take()
            try:
                result: Result = ray.get(actor.handle.work.remote(order))
            except (RayActorError, OutOfMemoryError) as error:
                self._bury(actor)
                status = Status.OOM if isinstance(error, OutOfMemoryError) else Status.CRASH
                died.append(actor.whereabouts)
            except RayTaskError as error:
                self._idle.put(actor)
                raise _engine_error(error.cause) from error
            else:
                self._idle.put(actor)
                return result
        raise LostRunError(
            f"the Ray worker {died[-1]} died during the run, as did {len(died) - 1} before it "
            "that had tried",
            status,
        )

    def _take(self) -> _Actor:
        """Return an actor; a new one waits until the cluster has room for it."""
        import ray
        from ray.exceptions import RayActorError

        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        with self._lock:
            self._check_going()
            handle = ray.remote(num_cpus=1, scheduling_strategy="SPREAD")(_Worker).remote()
            self._handles.add(handle)
        try:
            return _Actor(handle=handle, whereabouts=ray.get(handle.whereabouts.remote()))
        except RayActorError as error:
            self._check_going()
            raise EngineError(
                f"a worker of the Ray cluster does not start: {_last_line(error)}; install the "
                "same packages on every machine of the cluster"
            ) from error

    def _bury(self, actor: _Actor) -> None:
        import ray

        with self._lock:
            self._handles.discard(actor.handle)
        self._check_going()
        ray.kill(actor.handle)  # it may be alive, and only out of reach

    def _check_going(self) -> None:
        if self._stopped:
            raise StoppedError("the benchmark was stopped")

    def stop(self, driver: str) -> None:
        """Kill the actors, and what they are at."""
        import ray

        with self._lock:
            self._stopped = True
            for handle in self._handles:
                ray.kill(handle)

    def close(self) -> None:
        """Disconnect, which ends the actors, and end the cluster if it was started here."""
        self._stack.close()


def _keep_token_to_this_process() -> None:
    """Keep Ray from writing a token for its cluster into the home folder of a user without one.

    The token stays as long as the process, as Ray's memory of it does.
    """
    if not Path("~/.ray/auth_token").expanduser().exists() and not _TOKENS & os.environ.keys():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _engine_error(cause: BaseException) -> EngineError:
    if isinstance(cause, EngineError):
        return EngineError(str(cause))
    return EngineError(f"a Ray worker cannot do runs: {type(cause).__name__}: {_last_line(cause)}")


def _last_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[-1].strip()
