"""What a protocol decides of a run."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, NamedTuple

from ad_core.data import Dataset, Rows
from ad_core.detector import BaseDetector
from ad_core.load import build
from ad_core.spec import DatasetSpec, DetectorSpec

__all__ = ["Content", "RunProtocol", "scaled_on_train"]


class Content(NamedTuple):
    """What a plan keeps of a data set.

    Parameters
    ----------
    sha256
        Hash of the values.
    size
        How many values the parts will have.
    """

    sha256: str
    size: int


class RunProtocol(ABC):
    """How a data set becomes train and test parts, and which seeds are set where.

    A run is `around`, and within it `parts`, `build`, `before_fit`, fit, score.
    Whoever changes what any of them computes raises `version`: records of two
    versions never share a key.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    summary: ClassVar[str]
    """One line."""
    steps: ClassVar[tuple[str, ...]]
    """What happens, in order, for the documentation."""

    @property
    def full_name(self) -> str:
        """``name/version``, as records have it."""
        return f"{self.name}/{self.version}"

    @abstractmethod
    def data_seed(self, dataset: str, seed: int) -> int:
        """Return the seed of a data set's parts in the repetition with this seed.

        Parameters
        ----------
        dataset
            Its full name.
        seed
            The repetition's.
        """

    @abstractmethod
    def content(self, spec: DatasetSpec, data_seed: int) -> Content:
        """Return what the parts are made of, before they are scaled.

        Raises
        ------
        DatasetError
            The set cannot be had, or this protocol is not for its kind.
        """

    @abstractmethod
    def parts(self, spec: DatasetSpec, data_seed: int) -> tuple[Dataset, Dataset]:
        """Return the train and the test part, as the detector sees them."""

    def around(self) -> AbstractContextManager[None]:
        """Return what encloses a run: the place to keep and restore global state."""
        return nullcontext()

    def build(self, spec: DetectorSpec, arguments: Mapping[str, Any]) -> BaseDetector:
        """Build the detector; `arguments` hold the repetition's seed as `random_state`."""
        return build(spec, arguments)

    @abstractmethod
    def before_fit(self, seed: int) -> None:
        """Do what has to be done right before the fit; `seed` is the repetition's."""


def scaled_on_train(train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
    """Bring each column to [0, 1] by the least and largest value of the train part.

    Test values outside the range of the train part stay outside [0, 1].
    """
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(train.X)
    first, second = (
        Dataset.of(
            Rows(scaler.transform(part.X), part.y, part.feature_names),
            spec=part.spec,
            split=part.split,
            seed=part.seed,
        )
        for part in (train, test)
    )
    return first, second
