"""The trees of an isolation forest: grown by scikit-learn, kept as flat arrays."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_core.load import importing_much

__all__ = ["Forest", "Growth", "average_depth", "flatten", "grow", "single"]

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Tree = tuple[Any, Ids | None]

_MOST = np.iinfo(np.int32).max


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
) -> list[Tree]:
    """Grow the trees that scikit-learn's IsolationForest would, draw by draw.

    It hands every tree all rows, with weights that are 0 but for a few, and builds and
    checks each estimator anew; a tree of the chosen rows alone is the same.

    Returns
    -------
    list
        Of each tree: scikit-learn's, and the columns that it was grown on; None for all.
    """
    with importing_much():
        from sklearn import config_context
        from sklearn.utils import check_random_state
        from sklearn.utils.random import sample_without_replacement

    n, d = X.shape
    targets = check_random_state(random_state).uniform(size=n)
    seeds = check_random_state(random_state).randint(_MOST, size=growth.n_trees)
    draws, own = np.random.RandomState(0), np.random.RandomState(0)
    estimator, trees = _estimator(growth, own), []
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
            trees.append((estimator.tree_, columns))
    return trees


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


def flatten(trees: list[Tree]) -> Forest:
    """Put the nodes of all trees into flat arrays."""
    starts = np.cumsum([0, *(tree.node_count for tree, _ in trees)])

    def joined(name: str) -> Any:
        return np.concatenate([getattr(tree, name) for tree, _ in trees])

    shift = np.repeat(starts[:-1], np.diff(starts))
    left, right = joined("children_left"), joined("children_right")
    frontier, placed = starts[:-1], len(trees)
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
    depths = levels + average_depth(joined("n_node_samples")[old]) - 1.0
    return Forest(
        features=np.where(leaf, 0, _original_columns(trees)[old]).astype(np.int64),
        thresholds=np.where(leaf, np.float32(np.inf), _rounded_down(joined("threshold")[old])),
        children=np.concatenate(children).astype(np.int64),
        depths=depths,
        height=len(order) - 1,
    )


def _original_columns(trees: list[Tree]) -> Ids:
    """Return the column of X that each node looks at; anything for a leaf."""
    chosen = [(np.maximum(tree.feature, 0), columns) for tree, columns in trees]  # below 0: a leaf
    return np.concatenate(
        [features if columns is None else columns[features] for features, columns in chosen]
    )


def _rounded_down(thresholds: Floats) -> NDArray[np.float32]:
    """Round such that a number in single precision is above the result iff above the original."""
    rounded = single(thresholds)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
