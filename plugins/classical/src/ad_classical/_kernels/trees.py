"""Walks through the trees of an isolation forest."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import FLOATS, INT, SINGLE, UINT, compiled, given, ready

__all__ = ["walk"]

_ROWS = 64


@compiled
def walk(
    rows: Any,
    features: Any,
    thresholds: Any,
    children: Any,
    depths: Any,
    n_trees: int,
    height: int,
    out: Any,
) -> None:
    """Write to `out` the sum over the trees of the depth at which each row ends up.

    Rows take each step side by side, so that a load of one does not wait for that of
    another. The arrays of nodes are those of `ad_classical._forest.Forest`, indices
    unsigned.
    """
    width = np.uint64(rows.shape[1])
    node = np.empty(_ROWS, np.uint64)
    for start in range(0, len(rows), _ROWS):
        n = min(_ROWS, len(rows) - start)
        values = rows[start : start + n].ravel()
        total = out[start : start + n]
        total[:] = 0.0
        for tree in range(n_trees):
            node[:n] = tree
            for _ in range(height):
                for r in range(n):
                    at = node[r]
                    beyond = values[np.uint64(r) * width + features[at]] > thresholds[at]
                    node[r] = children[at] + np.uint64(beyond)
            for r in range(n):
                total[r] += depths[node[r]]


ready(
    walk,
    (
        given(2, SINGLE),
        given(1, UINT),
        given(1, SINGLE),
        given(1, UINT),
        given(1),
        INT,
        INT,
        FLOATS,
    ),
)
