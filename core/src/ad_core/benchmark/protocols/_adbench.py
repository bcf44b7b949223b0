"""The protocol of a published benchmark, to reproduce its tables and for nothing else."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from ad_core.benchmark.protocols._run_protocol import Content, RunProtocol, scaled_on_train
from ad_core.data import TEST_SHARE, Dataset, Rows, load_spec
from ad_core.detector import BaseDetector
from ad_core.errors import DatasetError
from ad_core.load import build
from ad_core.spec import DataKind, DatasetSpec, DetectorSpec

__all__ = ["ADBench2022", "ADBench2022Unscaled"]

_FEWEST, _MOST = 1000, 10_000
_SCALE = "Scale each column to [0, 1], by the least and largest value of the train part."


class ADBench2022(RunProtocol):
    """How the tables of ADBench (Han et al., NeurIPS 2022) were computed.

    It is not the default because it leaks: small sets are drawn with replacement
    before the split, so that test rows are in the train part too. And the
    global generators make a result depend on every draw before it.

    References
    ----------
    S. Han, X. Hu, H. Huang, M. Jiang, Y. Zhao, "ADBench: anomaly detection
    benchmark", NeurIPS Datasets and Benchmarks 2022, arXiv:2206.09426
    """

    name: ClassVar[str] = "adbench-2022"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "the published protocol of ADBench, to reproduce its tables; it leaks"
    steps: ClassVar[tuple[str, ...]] = (
        (
            "Seed the global generators of numpy and Python with the repetition's seed (the paper "
            "has 1, 2 and 3)."
        ),
        (
            f"Seed again and draw {_FEWEST:,} rows with replacement from a set with fewer, or "
            f"{_MOST:,} without replacement from a set with more. Copies of one row can end up in "
            "both parts: this is the leak."
        ),
        "Split 70/30 at random, stratified by label, with numpy's global generator.",
        _SCALE,
        (
            "Seed the global generators again. The detector gets numpy's global generator itself "
            "as `random_state`, not a seed."
        ),
        "Fit on the train part, without labels unless the detector is a supervised one.",
        "Score the test part. Then the global generators are put back as they were.",
    )

    def data_seed(self, dataset: str, seed: int) -> int:
        """Return `seed`: every data set is drawn with the same one."""
        return seed

    def content(self, spec: DatasetSpec, data_seed: int) -> Content:
        """Hash the whole set."""
        whole = self._whole(spec, data_seed)
        n_drawn = min(max(whole.n_samples, _FEWEST), _MOST)
        return Content(sha256=whole.sha256, size=n_drawn * whole.n_features)

    def parts(self, spec: DatasetSpec, data_seed: int) -> tuple[Dataset, Dataset]:
        """Resample, split and scale; draws from the global generators."""
        from sklearn.model_selection import train_test_split

        whole = self._whole(spec, data_seed)
        X, y = np.asarray(whole.X), np.asarray(whole.y)
        _seed_globally(data_seed)
        rows = np.arange(whole.n_samples)
        if not _FEWEST <= len(rows) <= _MOST:
            wanted = _FEWEST if len(rows) < _FEWEST else _MOST
            _seed_globally(data_seed)
            rows = np.random.choice(rows, wanted, replace=len(rows) < wanted)  # noqa: NPY002
        try:
            chosen = train_test_split(rows, test_size=TEST_SHARE, shuffle=True, stratify=y[rows])
        except ValueError as error:
            raise DatasetError(f"{spec.name}: {self.name} cannot split it: {error}") from error
        train, test = (
            Dataset.of(
                Rows(X[part], y[part], whole.feature_names),
                spec=spec,
                split=split,
                seed=data_seed,
            )
            for part, split in zip(chosen, ("train", "test"), strict=True)
        )
        return self._scaled(train, test)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Put the global generators back in the end."""
        numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)

    def build(self, spec: DetectorSpec, arguments: Mapping[str, Any]) -> BaseDetector:
        """Build the detector with numpy's global generator in place of a seed."""
        from sklearn.utils import check_random_state

        if "random_state" in arguments:
            arguments = {**arguments, "random_state": check_random_state(None)}
        return build(spec, arguments)

    def before_fit(self, seed: int) -> None:
        """Seed the global generators again."""
        _seed_globally(seed)

    def _scaled(self, train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
        return scaled_on_train(train, test)

    def _whole(self, spec: DatasetSpec, seed: int) -> Dataset:
        if spec.data is not DataKind.TABULAR:
            raise DatasetError(
                f"{spec.name}: the protocol {self.name} is for tables, and this is "
                f"{spec.data.value}; use another protocol"
            )
        whole = load_spec(spec, "all", seed)
        if whole.y is None:
            raise DatasetError(
                f"{spec.name}: the protocol {self.name} splits by label, and there are no labels; "
                "use another protocol"
            )
        return whole


class ADBench2022Unscaled(ADBench2022):
    """`ADBench2022` without its scaling.

    The values that the paper has for donors and campaign, whose files are within
    [0, 1] already, come out only without it.
    """

    name: ClassVar[str] = "adbench-2022-unscaled"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "adbench-2022 without scaling, as the paper has donors and campaign"
    steps: ClassVar[tuple[str, ...]] = tuple(
        step for step in ADBench2022.steps if step is not _SCALE
    )

    def _scaled(self, train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
        return train, test


def _seed_globally(seed: int) -> None:
    np.random.seed(seed)  # noqa: NPY002 - what was published was drawn from it
    random.seed(seed)
