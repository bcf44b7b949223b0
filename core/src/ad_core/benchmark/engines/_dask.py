"""The engine ``dask``: a cluster of dask.distributed."""

import logging
import threading
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from ad_core.benchmark._execute import Result
from ad_core.benchmark.engines._address import PATIENCE, check_dask
from ad_core.benchmark.engines._cluster import TRIES, LostRunError
from ad_core.benchmark.engines._order import Order, StoppedError, call_off, work
from ad_core.benchmark.engines._quiet import quiet
from ad_core.errors import EngineError

__all__ = ["DaskCluster"]

_DEAF_TO_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Ctrl-C, which a terminal sends to every process, is the driver's business."""


class DaskCluster:
    """Dask workers: a cluster that runs, or processes of this machine.

    Parameters
    ----------
    n_jobs
        Number of worker processes to start when there is no `address`. They
        are spawned: a script needs its ``if __name__ == "__main__"``.
    address
        Address of a running scheduler. All its workers are used.
    """

    name = "dask"

    def __init__(self, n_jobs: int = 1, address: str | None = None) -> None:
        self.n_jobs, self.address = n_jobs, address
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._flying: set[Any] = set()
        self._stopped = False

    def open(self) -> None:
        """Start workers, or connect to the scheduler."""
        from distributed import Client

        if self.address is not None:
            check_dask(self.address)
        with ExitStack() as stack:
            stack.enter_context(quiet("distributed"))
            where = self._start(stack) if self.address is None else self.address
            self._client = stack.enter_context(
                Client(where, timeout=PATIENCE, set_as_default=False, name="ad")
            )
            self._stack = stack.pop_all()

    def _start(self, stack: ExitStack) -> Any:
        from distributed import LocalCluster

        folder = stack.enter_context(TemporaryDirectory(prefix="ad-dask-"))
        cluster = LocalCluster(
            n_workers=self.n_jobs,
            threads_per_worker=1,
            host="127.0.0.1",
            memory_limit=0,  # the limit of a run is the benchmark's business
            local_directory=folder,
            preload=[_DEAF_TO_SIGINT],
            silence_logs=logging.CRITICAL,
            dashboard_address=None,
            scheduler_kwargs={
                "allowed_failures": TRIES - 1,
                # Its server of health checks starts in any case: not where another one is.
                "dashboard_address": "127.0.0.1:0",
            },
        )
        return stack.enter_context(cluster)

    def n_slots(self) -> int:
        """Return the number of threads of the workers."""
        if self.address is None:
            return self.n_jobs
        try:
            return sum(self._client.nthreads().values())
        except (OSError, RuntimeError, CancelledError) as error:
            raise self._lost() from error

    def call(self, order: Order) -> Result:
        """Have one run done by a worker that Dask chooses."""
        from distributed import KilledWorker

        with self._lock:
            if self._stopped:
                raise StoppedError("the benchmark was stopped")
            future = self._client.submit(work, order, key=f"ad-run-{uuid4().hex}", pure=False)
            self._flying.add(future)
        try:
            result: Result = future.result()
        except KilledWorker as error:
            raise LostRunError(
                f"the Dask worker {error.last_worker.address} died during the run, as did "
                f"{error.allowed_failures} before it that had tried"
            ) from error
        except CancelledError as error:
            if self._stopped:
                raise StoppedError("the benchmark was stopped") from error
            raise self._lost() from error
        except (EngineError, StoppedError):
            raise
        except Exception as error:
            raise EngineError(
                f"the Dask cluster cannot do runs: {type(error).__name__}: "
                f"{' '.join(str(error).split())}; install the same packages on scheduler, "
                "workers and this machine"
            ) from error
        else:
            return result
        finally:
            with self._lock:
                self._flying.discard(future)

    def stop(self, driver: str) -> None:
        """Call off what workers do, and cancel what they have not begun."""
        with self._lock:
            self._stopped = True
            flying = list(self._flying)
        # A worker that hangs must not keep this process.
        calling = threading.Thread(target=self._call_off, args=(driver,), daemon=True)
        calling.start()
        calling.join(PATIENCE)
        self._client.cancel(flying, force=True)

    def _call_off(self, driver: str) -> None:
        # What a worker that has died cannot hear it does not do either, and nor does any worker
        # without its scheduler: `call` has told who waits for a run that it is lost.
        with suppress(OSError):
            self._client.run(call_off, driver, on_error="ignore")

    def close(self) -> None:
        """Disconnect, and end the workers that were started here."""
        self._stack.close()

    def _lost(self) -> EngineError:
        return EngineError(
            f"lost the Dask scheduler at {self._client.scheduler.address}; finished runs are "
            "kept: run the benchmark again when it is back"
        )
