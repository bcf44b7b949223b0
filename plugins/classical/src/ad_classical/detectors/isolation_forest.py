"""Isolation forest: how few random splits separate a row from the rest."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from ad_classical._conditioning import unit_intervals
from ad_classical._forest import Forest, Growth, average_depth, flatten, grow, single
from ad_classical._kernels import kernels
from ad_classical._threads import in_blocks
from ad_core.detector import BaseDetector
from ad_core.errors import ParameterError

__all__ = ["IsolationForest"]

Floats = NDArray[np.float64]

_COMPILED_ROWS, _NUMPY_ROWS = 4096, 128
_SAVED = 1 / 4
"""What the kernel saves at a step, small beside what it takes to import numba."""


class IsolationForest(BaseDetector):
    """Mean depth at which random splits isolate a row, turned into a score in (0, 1).

    Every tree splits a sample of the rows at a random value of a random column, until
    each row is alone or a depth is reached that is usual for so many rows. Anomalies
    are alone early. The trees are those of scikit-learn's IsolationForest with the same
    seed, and so are the scores, with the sign turned round. A column that is tiny or
    far from 0 beside its span is brought onto [0, 1] first, because the trees compare
    in single precision.

    Parameters
    ----------
    n_estimators
        Number of trees.
    max_samples
        Rows that a tree is grown on: a number (no more than there are), a share of the
        rows, or ``"auto"`` for 256.
    max_features
        Columns that a tree is grown on: a number, or a share of them.
    bootstrap
        Draw a tree's rows with replacement.
    n_jobs
        Threads that score; None for 1, -1 for every core. The scores do not depend on it.
    random_state
        Seed of the samples and the splits.

    Attributes
    ----------
    forest_ : dict
        The nodes of all trees, as `ad_classical._forest.Forest` names them.
    sample_depth_ : float
        Mean depth of a leaf in a tree of as many rows.

    References
    ----------
    F. T. Liu, K. M. Ting, Z.-H. Zhou. Isolation forest. ICDM, 2008.
    doi:10.1109/ICDM.2008.17
    """

    _private_rows = False
    forest_: dict[str, Any]
    sample_depth_: float
    shifts_: Floats
    spans_: Floats

    def __init__(
        self,
        n_estimators: Annotated[int, Ge(1)] = 100,
        max_samples: Annotated[int, Ge(1)]
        | Annotated[float, Gt(0), Le(1)]
        | Literal["auto"] = "auto",
        max_features: Annotated[int, Ge(1)] | Annotated[float, Gt(0), Le(1)] = 1.0,
        bootstrap: bool = False,
        n_jobs: int | None = None,
        random_state: Annotated[int, Ge(0)] | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, X: Floats, y: Any) -> None:
        self.shifts_, self.spans_ = unit_intervals(X)
        growth = Growth(
            self.n_estimators, self._n_rows(len(X)), self._n_columns(X.shape[1]), self.bootstrap
        )
        nodes = grow(X, self.shifts_, self.spans_, growth, self._random_state())
        self.forest_ = flatten(nodes)._asdict()
        self.sample_depth_ = float(average_depth(growth.n_rows))

    def _n_rows(self, n: int) -> int:
        if self.max_samples == "auto":
            return min(256, n)
        wanted = self.max_samples
        if isinstance(wanted, float):
            wanted = int(wanted * n)
            if wanted == 0:
                raise ParameterError(
                    f"{self.name}: max_samples={self.max_samples} of {n} rows is less than a row; "
                    "give a larger share, a number of rows, or 'auto'"
                )
        return min(n, int(wanted))

    def _n_columns(self, d: int) -> int:
        share = self.max_features
        wanted = max(1, int(share * d)) if isinstance(share, float) else int(share)
        if wanted > d:
            raise ParameterError(
                f"{self.name}: max_features={wanted}, but there are only {d} columns; "
                f"give {d} at most, or a share of the columns"
            )
        return wanted

    def _score(self, X: Floats) -> Floats:
        forest = Forest(**self.forest_)
        moved = bool(self.shifts_.any() or (self.spans_ != 1.0).any())
        steps = len(X) * self.n_estimators * forest.height
        compiled = kernels("trees", _SAVED * steps)
        total = np.empty(len(X))

        def walk(part: slice) -> None:
            rows = single((X[part] - self.shifts_) / self.spans_ if moved else X[part])
            if compiled is None:
                total[part] = _walk(rows, forest, self.n_estimators)
            else:
                # numba would check a signed index for being negative.
                features, children = (
                    ids.view(np.uint64) for ids in (forest.features, forest.children)
                )
                nodes = (features, forest.thresholds, children, forest.depths)
                compiled.walk(rows, *nodes, self.n_estimators, forest.height, total[part])

        step = _NUMPY_ROWS if compiled is None else _COMPILED_ROWS
        in_blocks(walk, len(X), step, self.n_jobs, blas=False)
        usual = self.n_estimators * self.sample_depth_
        # Trees of a single row have no depth: nothing is isolated from anything.
        return np.asarray(2.0 ** -(total / usual if usual else np.ones_like(total)))


def _walk(rows: NDArray[np.float32], forest: Forest, n_trees: int) -> Floats:
    """Return the sum of the depths over the trees; all trees and rows take a step at once."""
    values = rows.ravel()
    start = np.arange(len(rows)) * rows.shape[1]
    node = np.broadcast_to(np.arange(n_trees)[:, None], (n_trees, len(rows)))
    for _ in range(forest.height):
        beyond = values.take(forest.features.take(node) + start) > forest.thresholds.take(node)
        node = forest.children.take(node) + beyond
    # Added up tree by tree: a sum may round a single row otherwise than many.
    return np.asarray(forest.depths.take(node).cumsum(axis=0)[-1])
