"""The hierarchy of density clusters: spanning tree, merges, condensed tree."""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

__all__ = ["CondensedTree", "condense", "minimum_spanning_tree"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@frozen
class CondensedTree:
    """Clusters that keep a minimum size, from the whole (cluster 0) downwards.

    Parameters
    ----------
    level
        Distance level below which each row has left its cluster, shape (n,).
    cluster
        That cluster, shape (n,).
    parent
        Parent of each cluster, its own number for cluster 0, shape (c,).
    birth
        Level at which each cluster split from its parent, inf for cluster 0.
    """

    level: Floats
    cluster: Indices
    parent: Indices
    birth: Floats

    def densest_levels(self, floor: float) -> Floats:
        """Return the smallest positive level within each cluster and its descendants.

        `floor` stands for it where all levels are 0, that is, all rows coincide.
        """
        densest = np.full(len(self.parent), np.inf)
        positive = self.level > 0.0
        np.minimum.at(densest, self.cluster[positive], self.level[positive])
        for one in range(len(densest) - 1, 0, -1):
            densest[self.parent[one]] = min(densest[self.parent[one]], densest[one])
        return np.where(np.isinf(densest), floor, densest)


def minimum_spanning_tree(X: Floats, core: Floats) -> tuple[Indices, Indices, Floats]:
    """Span the rows by mutual reachability, the largest of distance and both cores (Prim).

    Returns
    -------
    first, second, weight
        The n - 1 edges by increasing weight.
    """
    n = len(X)
    first, second = np.empty((2, n - 1), dtype=np.intp)
    weight = np.empty(n - 1)
    best, source = np.full(n, np.inf), np.zeros(n, dtype=np.intp)
    outside = np.ones(n, dtype=bool)
    current = 0
    for edge in range(n - 1):
        outside[current] = False
        reach = np.maximum(cdist(X[current, None], X)[0], np.maximum(core, core[current]))
        closer = outside & (reach < best)
        best[closer], source[closer] = reach[closer], current
        current = int(np.where(outside, best, np.inf).argmin())
        first[edge], second[edge], weight[edge] = source[current], current, best[current]
    order = np.argsort(weight, kind="stable")
    return first[order], second[order], weight[order]


def condense(first: Indices, second: Indices, weight: Floats, *, min_size: int) -> CondensedTree:
    """Cut the tree from the largest weight down; a side smaller than `min_size` leaves."""
    n = len(weight) + 1
    left, right, size = _merges(first, second)
    level, cluster = np.zeros(n), np.zeros(n, dtype=np.intp)
    parent, birth = [0], [np.inf]
    pending = [(2 * n - 2, 0)]
    while pending:
        node, inside = pending.pop()
        if node < n:
            # Only a cluster of one row gets here: it stays to the last.
            cluster[node] = inside
            continue
        sides, cut = (left[node - n], right[node - n]), float(weight[node - n])
        large = [side for side in sides if size[side] >= min_size]
        for side in sides:
            if size[side] < min_size:
                members = _leaves(side, left, right, n)
                level[members], cluster[members] = cut, inside
        if len(large) == 1:
            pending.append((large[0], inside))
        for side in large if len(large) == 2 else ():
            parent.append(inside)
            birth.append(cut)
            pending.append((side, len(parent) - 1))
    return CondensedTree(level, cluster, np.array(parent, dtype=np.intp), np.array(birth))


def _merges(first: Indices, second: Indices) -> tuple[list[int], list[int], list[int]]:
    """Return the two parts of each merge, nodes n, n + 1, ..., and every node's size."""
    n = len(first) + 1
    top = list(range(2 * n - 1))
    size = [1] * n
    left, right = [], []

    def find(node: int) -> int:
        while top[node] != node:
            top[node] = top[top[node]]
            node = top[node]
        return node

    for node, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True), start=n):
        a, b = find(a), find(b)  # noqa: PLW2901 - the edge's ends stand for their parts
        left.append(a)
        right.append(b)
        size.append(size[a] + size[b])
        top[a] = top[b] = node
    return left, right, size


def _leaves(node: int, left: list[int], right: list[int], n: int) -> list[int]:
    """Return the rows below a node."""
    found, pending = [], [node]
    while pending:
        one = pending.pop()
        if one < n:
            found.append(one)
        else:
            pending += (left[one - n], right[one - n])
    return found
