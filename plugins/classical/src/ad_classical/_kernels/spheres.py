"""Which hypersphere of a sample is the first around a row."""

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["first_around"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def first_around(excess: Any, doubt: Any, first: Any, unsure: Any) -> None:
    """Write the place of the first hypersphere around each row, in each sample.

    Parameters
    ----------
    excess
        Positive where a row is inside, but for rounding; shape (m, n_samples, size).
    doubt
        Above which, either way, rounding decides nothing; shape (m,).
    first
        Written, shape (m, n_samples): a place, or `size` where none is around the row.
    unsure
        Written, shape (m,): whether rounding could have decided.
    """
    m, n_samples, size = excess.shape
    for row in range(m):
        limit = doubt[row]
        unsure[row] = False
        for sample in range(n_samples):
            at = size
            for place in range(size):
                value = excess[row, sample, place]
                if value >= -limit:
                    unsure[row] |= value <= limit
                    at = place
                    break
                if not value < -limit:  # NaN
                    unsure[row] = True
            first[row, sample] = at
