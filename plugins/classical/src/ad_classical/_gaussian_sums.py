r"""Sums of Gaussian kernels over many rows, by matrix products.

With rows in units of the bandwidth, relative to one centre, the exponent

.. math:: -\|x - y\|^2 / 2 = x \cdot y - \|y\|^2 / 2 - \|x\|^2 / 2

is the product of (x, 1, -|x|^2 / 2) and (y, -|y|^2 / 2, 1). It loses digits where
both rows are far from the centre: `exponent_error` says how many.
"""

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks

__all__ = [
    "BOX",
    "box_bounds",
    "exponent_error",
    "exponents",
    "gaussian_sum",
    "gaussian_sums",
    "kernel_factors",
    "kernel_tiles",
    "near_order",
    "squared_norms",
    "tile_rows",
]

Floats = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_NEGLIGIBLE = 40.0
"""How far an exponent lies below the largest one where its kernel no longer counts."""
_LEAST = -700.0
"""Exponents below are taken for that: numpy is slow where the exponential is no normal number."""
_VANISHED = 1e-300
"""A sum that is no more than this times the number of rows may come from such exponents."""
_MANY_PAIRS, _MANY_WIDE_PAIRS = 2**20, 2**23
"""Kernels from which on threads are worth their start, and where BLAS has to be kept to them."""
_ROWS = 256
_TILE = 128
"""Rows in a tile."""
BOX = 16
"""Rows that are skipped at once where they are too far away; a divisor of those in a tile."""
_TILES = 16
"""Tiles that are put in order at once."""
_SAMPLED = 1000
"""Rows that tell which column varies most."""
_SMALL = 2**18
"""Steps of the largest product that OpenBLAS leaves to the calling thread."""
_WIDE = 128
"""Factors from which on such a product is not worth a call."""
_KERNELS = 2**16
"""Kernels that are computed before they are added up, where there are few rows."""


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


def kernel_tiles(
    rows: Floats,
    weights: Floats | None = None,
    *,
    order: NDArray[np.intp] | None = None,
    unit: tuple[Floats, float] | None = None,
) -> Floats:
    """Return `kernel_factors` cut into tiles of rows, filled up with rows that do not count.

    Parameters
    ----------
    rows
        Rows y, shape (n, d).
    weights
        What their kernels are multiplied by, above 0, shape (n,); None for 1.
    order
        Order of the rows in the tiles; None for theirs.
    unit
        What is subtracted from the rows, and what they are divided by then.

    Returns
    -------
    ndarray of shape (n_tiles, d + 2, size)
    """
    n, d = rows.shape
    size = min(max(n, 1), _TILE)
    tiles = np.zeros((-(-n // size), d + 2, size))
    tiles[:, -2], tiles[:, -1] = 2 * _LEAST, 1.0
    for tile, start in zip(tiles, range(0, n, size), strict=True):
        part = slice(start, start + size) if order is None else order[start : start + size]
        some = rows[part] if unit is None else (rows[part] - unit[0]) / unit[1]
        tile[:, : len(some)] = kernel_factors(some)
        if weights is not None:
            tile[-2, : len(some)] += np.log(weights[part])
    return tiles


def tile_rows(tiles: Floats, n: int) -> Floats:
    """Return the n rows that `kernel_tiles` got."""
    rows = tiles[:, :-2].transpose(0, 2, 1).reshape(-1, tiles.shape[1] - 2)
    return np.ascontiguousarray(rows[:n])


def near_order(rows: Floats) -> NDArray[np.intp]:
    """Return an order in which the rows of a tile are near each other, and those of a box more so.

    Rows are halved, again and again, by the column that varies most.
    """
    order = np.arange(len(rows))
    parts = [slice(0, len(rows))]
    for part in parts:
        n_tiles = -(-(part.stop - part.start) // _TILE)
        if n_tiles == 1:
            continue
        some = order[part]
        sample = rows[some[:: max(1, len(some) // _SAMPLED)]]
        column = rows[some, np.argmax(sample.var(axis=0))]
        half = n_tiles // 2 * _TILE
        order[part] = some[np.argpartition(column, half)]
        parts += [slice(part.start, part.start + half), slice(part.start + half, part.stop)]
    full = len(rows) // _TILE * _TILE
    for start in range(0, full, _TILES * _TILE):
        _halve_tiles(rows, order[start : min(start + _TILES * _TILE, full)])
    return order


def _halve_tiles(rows: Floats, order: NDArray[np.intp]) -> None:
    """Put near rows of some full tiles side by side, down to boxes."""
    size = _TILE
    while size > BOX:
        parts = order.reshape(-1, size)
        some = rows[parts]
        column = some.var(axis=1).argmax(axis=1)[:, None, None]
        values = np.take_along_axis(some, column, axis=2)[:, :, 0]
        halves = np.argpartition(values, size // 2, axis=1)
        parts[:] = np.take_along_axis(parts, halves, axis=1)
        size //= 2


def box_bounds(tiles: Floats, n: int) -> Floats:
    """Return the least and the largest value of each column in each `BOX` of the n rows of tiles.

    Returns
    -------
    ndarray of shape (2, d, n_boxes)
    """
    size = tiles.shape[2]
    found = []
    for start, tile in zip(range(0, n, size), tiles, strict=True):
        rows = tile[:-2, : n - start]
        boxes = np.arange(0, rows.shape[1], BOX)
        both = [extreme.reduceat(rows, boxes, axis=1) for extreme in (np.minimum, np.maximum)]
        found.append(both)
    return np.concatenate(found, axis=2)


def gaussian_sums(
    rows: Floats, tiles: Floats, *, leave_own_out: bool = False, n_jobs: int | None = None
) -> Floats:
    """Return the weighted sum of ``exp(-|x - y|^2 / 2)`` over all y, for each x.

    Parameters
    ----------
    rows
        Rows x, shape (m, d).
    tiles
        `kernel_tiles` of the rows y, shape (n_tiles, d + 2, size).
    leave_own_out
        The rows x are the rows y, and none counts for itself.
    n_jobs
        Threads, as `n_threads` reads it.

    Returns
    -------
    ndarray of shape (m,)
        0 instead of a sum below 1e-300 times the number of rows; NaN where x is so long
        that there is no sum.
    """
    width, size = tiles.shape[1:]
    if len(rows) == 1 and not leave_own_out:  # so little to compute that each call counts
        return np.array([gaussian_sum(rows[0], tiles)])
    sums = np.empty(len(rows))
    wide = width > _WIDE
    together = _ROWS if wide else max(1, _SMALL // (width * size))

    def work(part: slice) -> None:
        # Kernels of rows without bounds are no numbers; callers look for those.
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(part.start, part.stop, together):
                some = slice(start, min(start + together, part.stop))
                left = _left_factor(rows[some], width)
                sums[some] = _sums(left, tiles, start if leave_own_out else None)

    many = len(rows) * len(tiles) * size >= (_MANY_WIDE_PAIRS if wide else _MANY_PAIRS)
    in_blocks(work, len(rows), _ROWS, n_jobs if many else 1, blas=many and wide)
    sums[sums <= _VANISHED * len(tiles) * size] = 0.0
    return sums


def _sums(left: Floats, tiles: Floats, own: int | None) -> Floats:
    """Sum for a few rows x, given their factor; `own` is the place of the first among the y."""
    m, size = len(left), tiles.shape[2]
    total = np.zeros(m)
    step = max(1, _KERNELS // (m * size))
    for start in range(0, len(tiles), step):
        kernels = np.matmul(left, tiles[start : start + step])
        np.maximum(kernels, _LEAST, out=kernels)
        np.exp(kernels, out=kernels)
        if own is not None:
            places = np.arange(m) + (own - start * size)
            row = np.flatnonzero((places >= 0) & (places < len(kernels) * size))
            kernels[places[row] // size, row, places[row] % size] = 0.0
        total += kernels.sum(axis=2).sum(axis=0)
    return total


def gaussian_sum(row: Floats, tiles: Floats) -> float:
    """Return what `gaussian_sums` does, for one row."""
    norm = float(row.dot(row))
    if not norm < np.inf:
        return np.nan
    left = np.empty(tiles.shape[1])
    left[:-2] = row
    left[-2] = 1.0
    left[-1] = norm / -2
    kernels = np.matmul(left, tiles)
    np.maximum(kernels, _LEAST, out=kernels)
    total = float(np.exp(kernels, out=kernels).sum())
    return 0.0 if total <= _VANISHED * kernels.size else total


def _left_factor(rows: Floats, width: int) -> Floats:
    left = np.empty((len(rows), width))
    left[:, :-2] = rows
    left[:, -2] = 1.0
    np.multiply(squared_norms(rows), -0.5, out=left[:, -1])
    return left
