"""Path lengths of rows in binary trees."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

__all__ = ["add_path_lengths"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")

TOGETHER = 16
"""Rows that go down a tree side by side: the processor waits for none of them alone."""


@compiled
def add_path_lengths(
    X: Any, roots: Any, depths: Any, features: Any, thresholds: Any, children: Any, lengths: Any,
    total: Any,
) -> None:  # fmt: skip
    """Add to `total` the length of each row's path in each tree, tree after tree.

    Parameters
    ----------
    X
        Rows, shape (m, d).
    roots, depths
        First node and depth of each tree.
    features, thresholds
        Of each node: it is to the right where the feature is above the threshold.
    children
        Left and right child of each node, shape (n_nodes, 2); a leaf is its own.
    lengths
        Length of the path that ends in a leaf.
    total
        Added to, shape (m,).
    """
    nodes = np.empty(TOGETHER, dtype=np.int32)
    for start in range(0, len(X), TOGETHER):
        count = min(TOGETHER, len(X) - start)
        for tree in range(len(roots)):
            nodes[:] = roots[tree]
            for _ in range(depths[tree]):
                for row in range(count):
                    node = nodes[row]
                    right = X[start + row, features[node]] > thresholds[node]
                    nodes[row] = children[node, int(right)]
            for row in range(count):
                total[start + row] += lengths[nodes[row]]
