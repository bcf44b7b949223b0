"""Isolation forest: trees of scikit-learn, scored as flat arrays."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_classical._distances import row_blocks
from ad_classical._kernels import kernels
from ad_classical._threads import in_threads
from ad_classical.adapters import AffineSklearnAdapter

__all__ = ["IsolationForestAdapter"]

Floats = NDArray[np.float64]


class Trees(NamedTuple):
    """The nodes of all trees, one after the other; see `add_path_lengths` of the kernels."""

    roots: NDArray[np.int32]
    depths: NDArray[np.int32]
    features: NDArray[np.int32]
    thresholds: Floats
    children: NDArray[np.int32]
    lengths: Floats


class IsolationForestAdapter(AffineSklearnAdapter):
    """Drives `sklearn.ensemble.IsolationForest`, and scores by its trees.

    The scores are scikit-learn's to the last bit: values are compared in single
    precision, path lengths are added tree after tree.

    Attributes
    ----------
    trees_ : tuple of ndarray
        See `Trees`.
    longest_ : float
        Number of trees times the mean path length among the rows of a sample.
    """

    trees_: tuple[NDArray[Any], ...]
    longest_: float

    def _fit(self, X: Floats, y: Any) -> None:
        super()._fit(X, y)
        forest = self.model_
        self.trees_ = tuple(_flat(forest))
        self.longest_ = len(forest.estimators_) * _mean_path_length(forest.max_samples_)
        del self.model_

    def _score(self, X: Floats) -> Floats:
        trees = Trees(*self.trees_)
        total = np.zeros(len(X))
        work = len(X) * int(trees.depths.sum())
        compiled = kernels("trees", work)

        def add(part: slice) -> None:
            for rows in row_blocks(part.stop - part.start, X.shape[1]):
                block = slice(part.start + rows.start, part.start + rows.stop)
                values = self._conditioned(X[block]).astype(np.float32)
                if compiled is None:
                    _add_path_lengths(values, trees, total[block])
                else:
                    compiled.add_path_lengths(values, *trees, total[block])

        in_threads(add, len(X), self.get_params()["n_jobs"], least=1000)
        if self.longest_ == 0.0:
            return np.full(len(X), 0.5)
        return np.asarray(2.0 ** -(total / self.longest_))

    def _training_scores(self, X: Floats) -> Floats:
        return self._score(X)


def _mean_path_length(n_rows: int) -> float:
    """Return the mean path length of so many rows in a tree that isolates each of them."""
    if n_rows <= 2:
        return float(max(0, n_rows - 1))
    return float(2.0 * (np.log(n_rows - 1.0) + np.euler_gamma) - 2.0 * (n_rows - 1.0) / n_rows)


def _flat(forest: Any) -> Trees:
    """Return the trees of a fitted forest."""
    trees = [one.tree_ for one in forest.estimators_]
    sizes = [tree.node_count for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]], dtype=np.int32)
    features, children, lengths = [], [], []
    for number, (tree, root) in enumerate(zip(trees, roots, strict=True)):
        own = np.arange(root, root + tree.node_count, dtype=np.int32)
        leaf = tree.children_left < 0
        chosen = forest.estimators_features_[number]
        features.append(np.where(leaf, 0, chosen[np.maximum(tree.feature, 0)]))
        sides = np.column_stack((tree.children_left, tree.children_right)) + root
        children.append(np.where(leaf[:, None], own[:, None], sides))
        lengths.append(
            forest._decision_path_lengths[number]
            + forest._average_path_length_per_tree[number]
            - 1.0
        )
    return Trees(
        roots,
        np.array([tree.max_depth for tree in trees], dtype=np.int32),
        np.concatenate(features).astype(np.int32),
        np.concatenate([tree.threshold for tree in trees]),
        np.concatenate(children).astype(np.int32),
        np.concatenate(lengths),
    )


def _add_path_lengths(X: NDArray[np.float32], trees: Trees, total: Floats) -> None:
    """Do what the kernel does; the rows go down all trees at once, some rows at a time."""
    for rows in row_blocks(len(X), 8 * len(trees.roots)):
        nodes = np.tile(trees.roots, (rows.stop - rows.start, 1))
        places = np.arange(rows.start, rows.stop)[:, None]
        for _ in range(int(trees.depths.max())):
            right = X[places, trees.features[nodes]] > trees.thresholds[nodes]
            nodes = trees.children[nodes, right.view(np.int8)]
        # Added one after the other, as the kernel does.
        total[rows] += np.cumsum(trees.lengths[nodes], axis=1)[:, -1]
