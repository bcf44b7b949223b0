"""Kernels compiled by numba, which is an extra: `pip install 'ad-classical[numba]'`.

A module here imports numba, so it is reached through `kernels` only. Its functions
are serial, release the GIL and are cached on disk; threads drive them
(`ad_classical._threads`). What they compute, numpy computes too: a detector gives
the same scores without them, only later. A module names the types of its kernels'
arguments at its end: see `ready` of `_compiling`.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

__all__ = ["kernels"]

WORTHWHILE = 2_000_000
"""Elementary steps below which numpy is done before numba would be imported."""


def kernels(name: str, work: float) -> ModuleType | None:
    """Return a module of kernels, or None where numpy has to do.

    Parameters
    ----------
    name
        A module of this package.
    work
        About how many elementary steps (a comparison, a sum) there are to do. It alone
        decides, so that a detector takes the same path in every process.
    """
    return import_module(f"{__name__}.{name}") if work >= WORTHWHILE and _numba() else None


@cache
def _numba() -> bool:
    return find_spec("numba") is not None
