"""Threads for what releases the GIL: numpy's loops, BLAS and the compiled kernels."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

__all__ = ["in_threads", "n_threads"]


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads `n_jobs` asks for, as joblib reads it: None is 1, -1 all cores."""
    if n_jobs == 1:
        return 1
    from joblib import effective_n_jobs

    return int(effective_n_jobs(n_jobs))


def in_threads(
    work: Callable[[slice], None], size: int, n_jobs: int | None, *, least: int = 1
) -> None:
    """Call `work` on slices that cover ``range(size)``, each in a thread.

    `work` writes its results into places of its own slice, each computed as if alone:
    so they do not depend on the number of threads.

    Parameters
    ----------
    work
        Gets a slice; its first exception is raised here.
    size
        How many rows, columns or trees there are.
    n_jobs
        As `n_threads` reads it.
    least
        Fewer than that many are not worth a thread.
    """
    parts = max(1, min(n_threads(n_jobs), size // max(1, least)))
    bounds = [size * part // parts for part in range(parts + 1)]
    slices = [slice(*pair) for pair in pairwise(bounds)]
    if parts == 1:
        work(slices[0])
        return
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, slices))
