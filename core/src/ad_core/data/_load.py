"""From the name of a data set to its arrays, split in one documented way."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_core.data._dataset import Dataset, Parts, Rows
from ad_core.errors import DatasetError, ParameterError
from ad_core.load import import_target, importing_much, require_available
from ad_core.registry import get_registry
from ad_core.spec import DataKind, DatasetSpec

__all__ = ["SPLITS", "TEST_SHARE", "Split", "load_dataset", "load_parts", "load_spec"]

Split = Literal["train", "test", "all"]
SPLITS: tuple[str, ...] = get_args(Split)
TEST_SHARE = 0.3
"""Share of the rows that ``test`` holds, unless a set has a split of its own."""


def load_dataset(name: str, split: str = "train", seed: int = 42) -> Dataset:
    """Load one part of a registered data set.

    A table is split 70/30 at random, stratified by label, with scikit-learn's
    `train_test_split` and `seed`; a series is cut after 70 % of its time steps;
    a set with a split of its own keeps it. The parts share no row. Values are
    as published: scaling is the detector's business.

    Parameters
    ----------
    name
        Name, alias or ``plugin/name``; see ``ad list-datasets``.
    split
        ``train``, ``test`` or ``all`` (for a set with a split of its own:
        ``train`` followed by ``test``).
    seed
        Decides the split, and the rows of a synthetic set.

    Returns
    -------
    Dataset
        Unpacks as ``X, y``.

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        `name` leads to no data set, or to several.
    ParameterError
        `split` or `seed` is out of range.
    BackendMissingError
        A library that the loader needs is not installed.
    DatasetError
        The set cannot be had or cannot be split.
    """
    return load_spec(get_registry().datasets.get(name).spec, split, seed)


def load_spec(spec: DatasetSpec, split: str = "train", seed: int = 42) -> Dataset:
    """Load one part of the data set that `spec` describes; see `load_dataset`."""
    if split not in SPLITS:
        raise ParameterError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    (part,) = _load(spec, (split,), seed)
    return part


def load_parts(spec: DatasetSpec, seed: int = 42) -> tuple[Dataset, Dataset]:
    """Load ``train`` and ``test``, which reads and splits the data set once only."""
    train, test = _load(spec, ("train", "test"), seed)
    return train, test


def _load(spec: DatasetSpec, splits: Sequence[str], seed: int) -> list[Dataset]:
    seed = _checked_seed(seed)
    require_available(spec)
    loaded = import_target(spec.target)(spec, seed, **spec.params)
    parts: Iterable[Rows]
    if isinstance(loaded, Parts):
        parts = (_own_part(loaded, split, spec) for split in splits)
    else:
        parts = _parts(Rows(*loaded), splits, seed, spec)
    return [
        Dataset.of(rows, spec=spec, split=split, seed=seed)
        for split, rows in zip(splits, parts, strict=True)
    ]


def _checked_seed(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ParameterError(f"seed must be a whole number from 0 to 2**32 - 1, got {seed!r}")
    return int(seed)


def _own_part(parts: Parts, split: str, spec: DatasetSpec) -> Rows:
    if split == "train":
        return parts.train
    if split == "test":
        return parts.test
    if (parts.train.y is None) != (parts.test.y is None):
        raise DatasetError(
            f"{spec.name}: only one of its parts has labels, so there is no split 'all'; "
            "use 'train' and 'test'"
        )
    X = np.concatenate([np.asarray(parts.train.X), np.asarray(parts.test.X)])
    if parts.train.y is None or parts.test.y is None:
        return Rows(X, None, parts.train.feature_names)
    y = np.concatenate([np.asarray(parts.train.y), np.asarray(parts.test.y)])
    return Rows(X, y, parts.train.feature_names)


def _parts(rows: Rows, splits: Sequence[str], seed: int, spec: DatasetSpec) -> Iterator[Rows]:
    if splits == ("all",):
        yield rows
        return
    X = np.asarray(rows.X)
    y = None if rows.y is None else np.asarray(rows.y)
    if spec.data is DataKind.TIMESERIES:
        cut = round(len(X) * (1 - TEST_SHARE))
        train, test = np.arange(cut), np.arange(cut, len(X))
    else:
        train, test = _random_split(len(X), y, seed, spec)
    for split in splits:
        chosen = train if split == "train" else test
        yield Rows(X[chosen], None if y is None else y[chosen], rows.feature_names)


def _random_split(
    n_samples: int, y: ArrayLike | None, seed: int, spec: DatasetSpec
) -> Sequence[NDArray[np.intp]]:
    with importing_much():
        from sklearn.model_selection import train_test_split

    try:
        train, test = train_test_split(
            np.arange(n_samples), test_size=TEST_SHARE, random_state=seed, stratify=y
        )
    except ValueError as error:
        raise DatasetError(
            f"{spec.name} is too small for a stratified 70/30 split ({error}); use split='all'"
        ) from error
    return train, test
