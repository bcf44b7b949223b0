"""How kernels are compiled.

Numba takes what it has compiled from its cache, after an upgrade too, as long as the module of
the kernel is the same: so kernels use nothing of other modules but the names of types here.
"""

from collections.abc import Callable
from typing import Any

from numba import boolean, float32, float64, int32, int64, njit, types, uint64

__all__ = [
    "BOOL",
    "FLOAT",
    "FLOATS",
    "FLOATS_2D",
    "INT",
    "INT32",
    "INTS",
    "INTS_2D",
    "PLACES_2D",
    "SINGLE",
    "UINT",
    "compiled",
    "given",
    "ready",
]

BOOL, INT, INT32, UINT, SINGLE, FLOAT = boolean, int64, int32, uint64, float32, float64
FLOATS, FLOATS_2D = float64[::1], float64[:, ::1]
INTS, INTS_2D, PLACES_2D = int64[::1], int64[:, ::1], int32[:, ::1]
"""Written to."""

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


def ready(kernel: Any, *arguments: tuple[Any, ...]) -> None:
    """Compile a kernel, or load it from the cache, while its module is imported.

    So what is forked from a process that has imported the module has the kernel, too.

    Parameters
    ----------
    kernel
        What `compiled` returned.
    arguments
        Types of its arguments, one or more lists of them; it takes no others.
    """
    for types_ in arguments:
        kernel.compile(types_)
    kernel.disable_compile()


def given(n_dimensions: int, kind: Any = FLOAT) -> Any:
    """Return the type of an array that is read only, whether or not it could be written to."""
    return types.Array(kind, n_dimensions, "C", readonly=True)
