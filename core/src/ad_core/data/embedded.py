"""Real data sets that scikit-learn bundles, made into anomaly problems.

Each loader is ``(spec, seed, **params)``. Which rows form a set is fixed, so
that results of different seeds are about the same data.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.model_selection import train_test_split

from ad_core.data._dataset import Parts, Rows
from ad_core.spec import DatasetSpec

__all__ = ["chosen_rows", "one_class", "rare_class"]

DRAW_SEED = 0
"""Seed of the one draw that keeps a few rows of the anomalous class."""


def rare_class(
    _spec: DatasetSpec, _seed: int, *, source: str, anomalous: int, normal: Sequence[int], keep: int
) -> Rows:
    """Keep the `normal` classes whole and `keep` rows of the `anomalous` one.

    The rows kept are drawn once, without replacement, by
    ``numpy.random.default_rng(0)``; their order is that of the source.
    """
    X, target, names = _bundled(source)
    candidates = np.flatnonzero(target == anomalous)
    kept = np.random.default_rng(DRAW_SEED).choice(candidates, size=keep, replace=False)
    rows = np.union1d(np.flatnonzero(np.isin(target, normal)), kept)
    return Rows(X[rows], target[rows] == anomalous, names)


def chosen_rows(
    _spec: DatasetSpec, _seed: int, *, source: str, normal: Sequence[int], anomalies: Sequence[int]
) -> Rows:
    """Put the rows numbered `anomalies` first, then the `normal` classes whole.

    The order is that of ADBench's file of the same set.
    """
    X, target, names = _bundled(source)
    inside = np.flatnonzero(np.isin(target, normal))
    rows = np.concatenate([np.asarray(anomalies), inside])
    return Rows(X[rows], np.repeat([1, 0], [len(anomalies), len(inside)]), names)


def one_class(_spec: DatasetSpec, seed: int, *, source: str, normal: int) -> Parts:
    """Train on 70 % of the class `normal`; test on the rest of it and all other classes."""
    X, target, names = _bundled(source)
    train, held_out = train_test_split(
        np.flatnonzero(target == normal), test_size=0.3, random_state=seed
    )
    test = np.concatenate([held_out, np.flatnonzero(target != normal)])
    return Parts(
        train=Rows(X[train], target[train] != normal, names),
        test=Rows(X[test], target[test] != normal, names),
    )


def _bundled(source: str) -> tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]:
    bunch = getattr(datasets, f"load_{source}")()
    return bunch.data, bunch.target, tuple(map(str, bunch.feature_names))
