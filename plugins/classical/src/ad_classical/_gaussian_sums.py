r"""Sums of Gaussian kernels over many rows, by matrix products.

With rows in units of the bandwidth, relative to one centre, the exponent

.. math:: -\|x - y\|^2 / 2 = x \cdot y - \|y\|^2 / 2 - \|x\|^2 / 2

is the product of (x, 1, -|x|^2 / 2) and (y, -|y|^2 / 2, 1). It loses digits where
both rows are far from the centre: `exponent_error` says how many.
"""

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks

__all__ = ["exponent_error", "exponents", "gaussian_sums", "kernel_factors", "squared_norms"]

Floats = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_NEGLIGIBLE = 40.0
"""How far an exponent lies below the largest one where its kernel no longer counts."""
_ROWS = 128
_TILE_ELEMENTS = 2**17
_MANY_PAIRS = 2**23
"""Kernels from which on threads, and BLAS kept to them, are worth their start."""


def squared_norms(rows: Floats) -> Floats:
    """Return the squared length of each row."""
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def kernel_factors(rows: Floats) -> Floats:
    """Return the right-hand factor of the product above, shape (d + 2, n)."""
    factors = np.empty((rows.shape[1] + 2, len(rows)))
    factors[:-2] = rows.T
    factors[-2] = squared_norms(rows) / -2
    factors[-1] = 1.0
    return factors


def exponents(rows: Floats, factors: Floats) -> Floats:
    """Return ``-|x - y|^2 / 2`` for each x and y, shape (m, n); `factors` are those of the y."""
    return np.asarray(_left_factor(rows, len(factors)) @ factors)


def exponent_error(norms: Floats, least: Floats | float, n_columns: int) -> Floats:
    """Bound the rounding errors of the exponents that count in a sum.

    Parameters
    ----------
    norms
        Squared lengths of the rows x.
    least
        Half the squared distance of each x to the nearest y, or 0 where a kernel of
        ``exp(-40)`` does not count.
    n_columns
        d.
    """
    # A row y that counts is no longer than |x| + sqrt(2 (least + 40)).
    longest = 2.0 * norms + 2.0 * (least + _NEGLIGIBLE)
    return np.asarray((n_columns + 2) * _EPS * longest)


def gaussian_sums(
    rows: Floats,
    factors: Floats,
    weights: Floats | None = None,
    *,
    leave_own_out: bool = False,
    n_jobs: int | None = None,
) -> Floats:
    """Return the sum of ``exp(-|x - y|^2 / 2)`` over all y, for each x.

    Parameters
    ----------
    rows
        Rows x, shape (m, d).
    factors
        `kernel_factors` of the rows y, shape (d + 2, n).
    weights
        What each kernel is multiplied by, shape (n,); None for 1.
    leave_own_out
        The rows x are the rows y, and none counts for itself.
    n_jobs
        Threads, as `n_threads` reads it.
    """
    sums = np.empty(len(rows))

    def work(part: slice) -> None:
        # Kernels of rows without bounds are no numbers; callers look for those.
        with np.errstate(over="ignore", invalid="ignore"):
            own = part.start if leave_own_out else None
            sums[part] = _block_sums(rows[part], factors, weights, own)

    many = len(rows) * factors.shape[1] >= _MANY_PAIRS
    in_blocks(work, len(rows), _ROWS, n_jobs if many else 1, blas=many)
    return sums


def _block_sums(rows: Floats, factors: Floats, weights: Floats | None, own: int | None) -> Floats:
    """Sum over tiles that stay in the cache; `own` is the place of the first x among the y."""
    m, n = len(rows), factors.shape[1]
    left = _left_factor(rows, len(factors))
    total = np.zeros(m)
    step = _TILE_ELEMENTS // max(1, m)
    for start in range(0, n, step):
        kernels = left @ factors[:, start : start + step]
        np.exp(kernels, out=kernels)
        if own is not None:
            places = np.arange(max(own, start), min(own + m, start + kernels.shape[1]))
            kernels[places - own, places - start] = 0.0
        if weights is None:
            total += kernels.sum(axis=1)
        else:
            total += kernels @ weights[start : start + step]
    return total


def _left_factor(rows: Floats, width: int) -> Floats:
    left = np.empty((len(rows), width))
    left[:, :-2] = rows
    left[:, -2] = 1.0
    np.multiply(squared_norms(rows), -0.5, out=left[:, -1])
    return left
