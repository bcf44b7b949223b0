"""What is checked: a detector, a data set or a metric, with the handles that checks need."""

from functools import cached_property
from typing import Any

from attrs import define, field

from ad_contracts._fresh import FreshRun, run_afresh
from ad_contracts._offline import no_network
from ad_contracts._scenario import Sample
from ad_contracts.expect import NotHere, violation
from ad_core.data import MIRROR_VARIABLE, Dataset, cache_folder, find_file, load_spec
from ad_core.detector import BaseDetector
from ad_core.errors import DownloadError, IntegrityError
from ad_core.load import Parameter, build, import_target, parameters
from ad_core.registry import Entry, get_registry
from ad_core.spec import DatasetSpec, DetectorSpec, MetricSpec, RemoteFile

__all__ = ["DatasetSubject", "DetectorSubject", "MetricSubject", "Subject", "not_at_hand"]

KEPT = 2**25
"""Most bytes of a data set that is kept for further checks (32 MB)."""


@define(eq=False)
class DetectorSubject:
    """A detector under test.

    Parameters
    ----------
    spec
        What its plugin says about it.
    """

    spec: DetectorSpec
    _fitted: dict[Sample, BaseDetector] = field(factory=dict, init=False)
    _fresh: dict[Sample, FreshRun] = field(factory=dict, init=False)

    @property
    def name(self) -> str:
        """Its registered name."""
        return self.spec.name

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its arguments, contamination and threshold among them."""
        return parameters(self.spec)

    @cached_property
    def entry(self) -> Entry[DetectorSpec] | None:
        """Its place in the registry; None for one that no plugin registers."""
        found = (entry for entry in get_registry().detectors if entry.spec == self.spec)
        return next(found, None)

    def make(self, **params: Any) -> BaseDetector:
        """Build it unfitted, with ``random_state=0`` where it takes a seed."""
        seeded = any(one.name == "random_state" for one in self.parameters)
        seed = {"random_state": 0} if seeded else {}
        return build(self.spec, {**seed, **params})

    def fit(self, sample: Sample, **params: Any) -> BaseDetector:
        """Build a new one and fit it on the sample's training data."""
        return self.make(**params).fit(sample.X_train, sample.y_train)

    def fitted(self, sample: Sample) -> BaseDetector:
        """Return one fitted with defaults, the same object at each call; do not change it."""
        if sample not in self._fitted:
            self._fitted[sample] = self.fit(sample)
        return self._fitted[sample]

    def afresh(self, sample: Sample) -> FreshRun:
        """Return what a new process makes of the same fit, and of a saved detector."""
        if sample not in self._fresh:
            self._fresh[sample] = run_afresh(self.spec, self.fitted(sample), sample)
        return self._fresh[sample]


@define(eq=False)
class DatasetSubject:
    """A data set under test; it is loaded without a network.

    Parameters
    ----------
    spec
        What its plugin says about it.
    """

    spec: DatasetSpec
    _loaded: dict[str, Dataset] = field(factory=dict, init=False)

    @property
    def name(self) -> str:
        """Its registered name."""
        return self.spec.name

    def load(self, split: str = "train", seed: int = 42) -> Dataset:
        """Load it from files at hand.

        Raises
        ------
        NotHere
            A file is neither in the mirror folder nor in the cache.
        ContractViolation
            It asks for a network although its files are at hand.
        """
        with no_network() as asked:
            try:
                dataset = load_spec(self.spec, split, seed)
            except Exception as error:
                absent = [one.path for one in self.spec.files if _is_absent(one)]
                if absent and (asked or isinstance(error, DownloadError)):
                    raise NotHere(not_at_hand(absent[0])) from error
                if not asked:
                    raise
        if asked:
            raise violation(
                "no network to be used with every file at hand", f"a call to {asked[0]}"
            )
        return dataset

    def loaded(self, split: str = "train") -> Dataset:
        """Return it loaded with seed 42; a small one is loaded once."""
        dataset = self._loaded.get(split) or self.load(split)
        if dataset.X.nbytes <= KEPT:
            self._loaded[split] = dataset
        return dataset


def _is_absent(file: RemoteFile) -> bool:
    """Whether no copy of a file is here, not even a damaged one."""
    try:
        return find_file(file) is None
    except IntegrityError:
        return False


@define(eq=False)
class MetricSubject:
    """A metric under test."""

    spec: MetricSpec

    @property
    def name(self) -> str:
        """Its registered name."""
        return self.spec.name

    def __call__(self, y_true: Any, values: Any) -> float:
        """Compute it, with the arguments that its spec states."""
        return float(import_target(self.spec.target)(y_true, values, **self.spec.params))


Subject = DetectorSubject | DatasetSubject | MetricSubject


def not_at_hand(path: str) -> str:
    """Say of a file of a data set that it is not here, and how it gets here."""
    return (
        f"{path} is not at hand: load the data set once with a network, place the file below "
        f"{cache_folder()}, or set {MIRROR_VARIABLE} to a folder that holds it"
    )
