"""What is measured beside what: a detector here, PyOD's, scikit-learn's; and on which rows."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
THREADS = 2


class Model(Protocol):
    """What every side is made to look like."""

    def fit(self, X: Array) -> object: ...

    def score(self, X: Array) -> Array: ...


@dataclass(frozen=True)
class Foreign:
    """A model of another library; `scores` gives its scores, higher for more anomalous."""

    model: Any
    scores: Callable[[Any, Array], Array]

    def fit(self, X: Array) -> object:
        return self.model.fit(X)

    def score(self, X: Array) -> Array:
        return self.scores(self.model, X)


class Neighbors:
    """What one would write with scikit-learn for `knn`: training rows without themselves."""

    def __init__(self) -> None:
        from sklearn.neighbors import NearestNeighbors

        self.index = NearestNeighbors(n_neighbors=5, n_jobs=THREADS)

    def fit(self, X: Array) -> object:
        self.training_scores = self.index.fit(X).kneighbors()[0][:, -1]
        return self

    def score(self, X: Array) -> Array:
        return np.asarray(self.index.kneighbors(X)[0][:, -1])


@dataclass(frozen=True)
class Case:
    """A detector and its counterparts.

    Parameters
    ----------
    pyod
        Module and class below ``pyod.models``.
    sklearn
        Module and class, or None.
    params
        Arguments that make ours compute the same, where the default is another.
    threads
        Which others are given `n_jobs`: "p" for PyOD, "s" for scikit-learn. PyOD's ECOD and
        COPOD, which take it too, start processes for it and are slower with it.
    largest
        Number of rows above which it is not run.
    same
        Whether the scores agree; False where upstream's are wrong, or drawn otherwise.
    """

    pyod: str
    sklearn: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    threads: str = ""
    largest: int = 1_000_000
    same: bool = True


SEED = {"random_state": 0}
CASES: dict[str, Case] = {
    "ecod": Case("ecod:ECOD"),
    "copod": Case("copod:COPOD"),
    "hbos": Case("hbos:HBOS", params={"heights": "density"}),
    "loda": Case("loda:LODA", params=SEED, foreign=SEED, same=False),
    "pca": Case("pca:PCA", same=False),
    "gaussian_mixture": Case("gmm:GMM", "mixture:GaussianMixture", SEED, SEED),
    "cblof": Case("cblof:CBLOF", params=SEED, foreign=SEED, same=False),
    "isolation_forest": Case("iforest:IForest", "ensemble:IsolationForest", SEED, SEED, "ps"),
    "inne": Case("inne:INNE", params=SEED, foreign=SEED, same=False, largest=100_000),
    "knn": Case("knn:KNN", "neighbors:NearestNeighbors", threads="ps", largest=100_000),
    "local_outlier_factor": Case(
        "lof:LOF", "neighbors:LocalOutlierFactor", threads="ps", largest=100_000
    ),
    "abod": Case("abod:ABOD", threads="p", largest=100_000, same=False),
    "kde": Case(
        "kde:KDE", "neighbors:KernelDensity", {"bandwidth": 1.0}, largest=10_000, same=False
    ),
    "cof": Case("cof:COF", largest=10_000, same=False),
    "elliptic_envelope": Case(
        "mcd:MCD", "covariance:EllipticEnvelope", SEED, SEED, largest=10_000, same=False
    ),
    "one_class_svm": Case("ocsvm:OCSVM", "svm:OneClassSVM", largest=10_000),
}


def ours(name: str, **more: Any) -> Any:
    """Return a detector of this project."""
    from ad_core import create
    from ad_core.load import json_schema
    from ad_core.registry import get_registry

    case = CASES[name]
    known = json_schema(get_registry().detectors.get(name).spec)["properties"]
    jobs = {"n_jobs": THREADS} if "n_jobs" in known else {}
    return create(name, **case.params, **jobs, **more)


class Ours:
    """A detector of this project, with its default threshold, as PyOD's have one."""

    def __init__(self, name: str, **more: Any) -> None:
        self.detector = ours(name, **more)

    def fit(self, X: Array) -> object:
        return self.detector.fit(X)

    def score(self, X: Array) -> Array:
        return np.asarray(self.detector.score_samples(X))


def pyod(name: str) -> Model:
    """Return PyOD's detector."""
    case = CASES[name]
    jobs = {"n_jobs": THREADS} if "p" in case.threads else {}
    kind = load(f"pyod.models.{case.pyod}")
    return Foreign(kind(**case.foreign, **jobs), lambda model, X: model.decision_function(X))


def sklearn(name: str) -> Model | None:
    """Return what scikit-learn has of the kind."""
    case = CASES[name]
    if case.sklearn is None:
        return None
    if name == "knn":
        return Neighbors()
    jobs = {"n_jobs": THREADS} if "s" in case.threads else {}
    novelty = {"novelty": True} if name == "local_outlier_factor" else {}
    kind = load(f"sklearn.{case.sklearn}")
    return Foreign(
        kind(**case.foreign, **jobs, **novelty), lambda model, X: -model.score_samples(X)
    )


SIDES: dict[str, Callable[[str], Model | None]] = {"ours": Ours, "pyod": pyod, "sklearn": sklearn}


def load(path: str) -> Any:
    """Return a class by ``module:name``."""
    module, _, name = path.partition(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(import_module(module), name)


def clusters(n: int, d: int = 20, seed: int = 0) -> Array:
    """Return rows of five clusters of four inner dimensions, with 2 % of uniform outliers."""
    rng = np.random.default_rng(seed)
    n_outliers = n // 50
    X = rng.uniform(-15, 15, size=(n, d))
    which = np.sort(rng.integers(5, size=n - n_outliers))
    for cluster in range(5):
        (rows,) = np.nonzero(which == cluster)
        basis, centre = rng.normal(size=(4, d)), rng.uniform(-10, 10, size=d)
        X[rows] = centre + rng.normal(size=(len(rows), 4)) @ basis
        X[rows] += 0.1 * rng.normal(size=(len(rows), d))
    return X[rng.permutation(n)]
