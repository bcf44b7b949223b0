"""The trees of an isolation forest: grown by scikit-learn, kept as flat arrays."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ad_core.load import importing_much

__all__ = ["Forest", "Growth", "Nodes", "average_depth", "flatten", "grow", "single"]

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Tree = tuple[Any, Ids | None]

_MOST = np.iinfo(np.int32).max
_TOGETHER = 10
"""Trees that are kept as scikit-learn's own, which take three times the memory of their `Nodes`."""


class Forest(NamedTuple):
    """The nodes of every tree, level by level: the roots first, in the order of the trees.

    A row whose value in column ``features[i]``, in single precision, is above
    ``thresholds[i]`` goes from node i to node ``children[i] + 1``, any other to
    ``children[i]``. A leaf leads to itself.
    """

    features: Ids
    thresholds: NDArray[np.float32]
    children: Ids
    depths: Floats
    """Of a leaf: its depth, and what further splits of its rows would have added."""
    height: int
    """Steps after which every row has come to a leaf."""


class Nodes(NamedTuple):
    """The nodes of trees, one tree after the other, each numbered by itself."""

    counts: Ids
    """Of each tree, its nodes."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    """-1 for a leaf, as in `left`."""
    features: NDArray[np.int32]
    """Columns of X; anything for a leaf."""
    thresholds: Floats
    sizes: NDArray[np.int32]
    """Training rows that came there."""

    @classmethod
    def of(cls, trees: list[Tree]) -> Self:
        """Read scikit-learn's trees, each with the columns that it was grown on; None for all."""
        features = [
            tree.feature if columns is None else columns[np.maximum(tree.feature, 0)]
            for tree, columns in trees
        ]
        left, right, sizes = (
            _small([getattr(tree, name) for tree, _ in trees])
            for name in ("children_left", "children_right", "n_node_samples")
        )
        thresholds = np.concatenate([tree.threshold for tree, _ in trees])
        counts = np.array([tree.node_count for tree, _ in trees])
        return cls(counts, left, right, _small(features), thresholds, sizes)


class Growth(NamedTuple):
    """How trees are to grow."""

    n_trees: int
    n_rows: int
    n_columns: int
    bootstrap: bool


def average_depth(n: Any) -> Floats:
    """Return the mean depth of a leaf in a random tree of n rows: c(n) of the paper."""
    sizes = np.asarray(n, dtype=np.float64)
    many = np.maximum(sizes, 3.0) - 1.0
    depth = 2.0 * (np.log(many) + np.euler_gamma) - 2.0 * many / (many + 1.0)
    return np.where(sizes > 2, depth, np.where(sizes == 2, 1.0, 0.0))


def grow(
    X: Floats,
    shifts: Floats,
    spans: Floats,
    growth: Growth,
    random_state: int | np.random.RandomState,
) -> Nodes:
    """Grow the trees that scikit-learn's IsolationForest would, draw by draw.

    It hands every tree all rows, with weights that are 0 but for a few, and builds and
    checks each estimator anew; a tree of the chosen rows alone is the same.
    """
    trees = _trees(X, shifts, spans, growth, random_state)
    parts = []
    while some := list(islice(trees, _TOGETHER)):
        parts.append(Nodes.of(some))
    return Nodes(*map(np.concatenate, zip(*parts, strict=True)))


def _trees(
    X: Floats,
    shifts: Floats,
    spans: Floats,
    growth: Growth,
    random_state: int | np.random.RandomState,
) -> Iterator[Tree]:
    with importing_much():
        from sklearn import config_context
        from sklearn.utils import check_random_state
        from sklearn.utils.random import sample_without_replacement

    n, d = X.shape
    targets = check_random_state(random_state).uniform(size=n)
    seeds = check_random_state(random_state).randint(_MOST, size=growth.n_trees)
    draws, own = np.random.RandomState(0), np.random.RandomState(0)
    estimator = _estimator(growth, own)
    # Of few rows, each is in many samples.
    ready = _ready(X, shifts, spans) if 4 * n <= growth.n_trees * growth.n_rows else None
    with config_context(skip_parameter_validation=True):
        for seed in seeds:
            draws.seed(seed)
            own.seed(draws.randint(_MOST))
            draws.seed(seed)
            columns = weights = None
            if growth.n_columns < d:
                columns = sample_without_replacement(d, growth.n_columns, random_state=draws)
            if growth.bootstrap:
                chosen, counts = np.unique(draws.randint(0, n, growth.n_rows), return_counts=True)
                weights = counts.astype(np.float64)
            else:
                chosen = np.sort(_distinct(draws, n, growth.n_rows))
            rows = _ready(X[chosen], shifts, spans) if ready is None else ready.take(chosen, axis=0)
            estimator.fit(
                rows if columns is None else np.ascontiguousarray(rows[:, columns]),
                targets[chosen],
                sample_weight=weights,
                check_input=False,
            )
            yield estimator.tree_, columns


def _estimator(growth: Growth, random_state: np.random.RandomState) -> Any:
    """Return what is fitted for every tree; it asks four times a fit what kind of model it is."""
    with importing_much():
        from sklearn.tree import ExtraTreeRegressor

    tags = ExtraTreeRegressor().__sklearn_tags__()

    class Estimator(ExtraTreeRegressor):  # type: ignore[misc]
        def __sklearn_tags__(self) -> Any:
            return tags

    deepest = int(np.ceil(np.log2(max(growth.n_rows, 2))))
    return Estimator(max_features=1, max_depth=deepest, random_state=random_state)


def _ready(X: Floats, shifts: Floats, spans: Floats) -> NDArray[np.float32]:
    return single((X - shifts) / spans)


def _distinct(draws: np.random.RandomState, n: int, k: int) -> Ids:
    """Draw k of n numbers as scikit-learn does, but many at a time where it asks one by one."""
    from sklearn.utils.random import sample_without_replacement

    if k == n:
        return np.arange(n)
    if k / n > 0.01:
        return np.asarray(sample_without_replacement(n, k, random_state=draws))
    drawn = np.empty(0, dtype=np.int64)
    first = drawn
    while len(first) < k:
        drawn = np.concatenate([drawn, draws.randint(n, size=k)])
        first = np.sort(np.unique(drawn, return_index=True)[1])
    return drawn[first[:k]]


def single(X: Floats) -> NDArray[np.float32]:
    """Round to single precision; what is too large becomes infinite, and stays in order."""
    with np.errstate(over="ignore"):
        return X.astype(np.float32)


def flatten(nodes: Nodes) -> Forest:
    """Put the nodes of all trees level by level."""
    counts, left, right, features, thresholds, sizes = nodes
    starts = np.cumsum([0, *counts])
    shift = np.repeat(starts[:-1], counts)
    frontier, placed = starts[:-1], len(counts)
    order, children = [frontier], []
    while True:
        inner = left[frontier] >= 0
        links = np.arange(placed - len(frontier), placed)
        links[inner] = placed + 2 * np.arange(np.count_nonzero(inner))
        children.append(links)
        if not inner.any():
            break
        parents = frontier[inner]
        pairs = np.column_stack([left[parents], right[parents]]) + shift[parents, None]
        frontier = pairs.ravel()
        placed += len(frontier)
        order.append(frontier)
    levels = np.repeat(np.arange(1.0, len(order) + 1), [len(level) for level in order])
    old = np.concatenate(order)
    leaf = left[old] < 0
    depths = levels + average_depth(sizes[old]) - 1.0
    return Forest(
        features=np.where(leaf, 0, features[old]).astype(np.int64),
        thresholds=np.where(leaf, np.float32(np.inf), _rounded_down(thresholds[old])),
        children=np.concatenate(children).astype(np.int64),
        depths=depths,
        height=len(order) - 1,
    )


def _small(parts: list[Any]) -> NDArray[np.int32]:
    return np.concatenate(parts, dtype=np.int32, casting="same_kind")


def _rounded_down(thresholds: Floats) -> NDArray[np.float32]:
    """Round such that a number in single precision is above the result iff above the original."""
    rounded = single(thresholds)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
