"""The default protocol: honest."""

import hashlib
from typing import ClassVar

import numpy as np

from ad_core.benchmark.protocols._run_protocol import Content, RunProtocol, scaled_on_train
from ad_core.data import Dataset, Rows, load_parts
from ad_core.spec import DataKind, DatasetSpec

__all__ = ["Holdout", "Holdout10k", "data_seed"]

_MOST_TRAIN, _MOST_TEST = 7000, 3000


def data_seed(dataset: str, seed: int) -> int:
    """Return the seed of a data set's split: the same for every detector.

    It differs from the detector's own seed, `seed` itself, so that a detector
    cannot draw the very numbers that drew the data.
    """
    digest = hashlib.sha256(f"{dataset}:{seed}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


class Holdout(RunProtocol):
    """Split first, learn everything from the train part, score the test part."""

    name: ClassVar[str] = "holdout"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "split first; scaling and detector learn from the train part only"
    steps: ClassVar[tuple[str, ...]] = (
        (
            "Split: a table 70/30 at random, stratified by label; a series after 70 % of its time "
            "steps; a set with parts of its own keeps them. No row is repeated, and none is in "
            "both parts. The seed of the split depends on the data set and the repetition only, "
            "so that all detectors see the same rows."
        ),
        (
            "Scale: each column of a table to [0, 1], by the least and largest value of its train "
            "part; test values may lie outside. Anything else is left as it is: what a series' "
            "detectors look at is its shape, and they scale window by window where they need it."
        ),
        "Build: the detector's `random_state` is the repetition's seed.",
        "Fit on the train part, without labels unless the detector is a supervised one.",
        "Score the test part.",
    )

    def data_seed(self, dataset: str, seed: int) -> int:
        """Return `data_seed` of both."""
        return data_seed(dataset, seed)

    def content(self, spec: DatasetSpec, data_seed: int) -> Content:
        """Hash both parts as they are loaded."""
        parts = load_parts(spec, data_seed)
        hashes = "".join(part.sha256 for part in parts)
        return Content(
            sha256=hashlib.sha256(hashes.encode()).hexdigest(),
            size=sum(part.X.size for part in parts),
        )

    def parts(self, spec: DatasetSpec, data_seed: int) -> tuple[Dataset, Dataset]:
        """Load both parts, and scale them where they are tables."""
        train, test = self._loaded(spec, data_seed)
        return scaled_on_train(train, test) if spec.data is DataKind.TABULAR else (train, test)

    def _loaded(self, spec: DatasetSpec, data_seed: int) -> tuple[Dataset, Dataset]:
        return load_parts(spec, data_seed)

    def before_fit(self, seed: int) -> None:
        """Do nothing: the detector's seed is among its arguments."""


class Holdout10k(Holdout):
    """`Holdout` on a sample of large tables, so that slow detectors come to an end."""

    name: ClassVar[str] = "holdout-10k"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "holdout, with at most 10,000 rows of each table"
    steps: ClassVar[tuple[str, ...]] = (
        Holdout.steps[0],
        (
            f"Draw: of a table's train part at most {_MOST_TRAIN:,} rows and of its test part at "
            f"most {_MOST_TEST:,}, without replacement, stratified by label, with the seed of the "
            "split."
        ),
        *Holdout.steps[1:],
    )

    def _loaded(self, spec: DatasetSpec, data_seed: int) -> tuple[Dataset, Dataset]:
        train, test = super()._loaded(spec, data_seed)
        if spec.data is not DataKind.TABULAR:
            return train, test
        return _drawn(train, _MOST_TRAIN, data_seed), _drawn(test, _MOST_TEST, data_seed)


def _drawn(part: Dataset, most: int, seed: int) -> Dataset:
    from sklearn.model_selection import train_test_split

    if part.n_samples <= most:
        return part
    rows, _ = train_test_split(
        np.arange(part.n_samples), train_size=most, stratify=part.y, random_state=seed
    )
    y = None if part.y is None else part.y[rows]
    return Dataset.of(
        Rows(part.X[rows], y, part.feature_names), spec=part.spec, split=part.split, seed=part.seed
    )
