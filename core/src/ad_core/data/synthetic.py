"""Synthetic data sets: one generator a shape, drawn anew for each seed.

Each is a loader ``(spec, seed, **params) -> Rows``: normal rows first, then the
anomalies. `normal` and `anomalies` are numbers of rows throughout. The kinds
`local_anomalies`, `global_anomalies`, `clustered_anomalies` and
`dependency_anomalies` follow section 3.3 of ADBench (Han et al., NeurIPS 2022),
with a random Gaussian mixture in the place of one fitted to a real set.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_core.data._dataset import Rows
from ad_core.spec import DatasetSpec

__all__ = [
    "blobs",
    "clustered_anomalies",
    "densities",
    "dependency_anomalies",
    "global_anomalies",
    "heavy_tailed",
    "local_anomalies",
    "moons",
    "ring",
    "subspace",
]

FloatArray = NDArray[np.float64]


def blobs(_spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int) -> Rows:
    """Draw three round Gaussian clusters and anomalies uniform over a box.

    The centres are uniform in [-6, 6] a feature, the standard deviation is 1;
    the box reaches 3 beyond the normal rows on every side.
    """
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-6.0, 6.0, size=(3, features))
    inside = centres[rng.integers(3, size=normal)] + rng.normal(size=(normal, features))
    low, high = inside.min(axis=0) - 3.0, inside.max(axis=0) + 3.0
    return _labelled(inside, rng.uniform(low, high, size=(anomalies, features)))


class Mixture(NamedTuple):
    """A Gaussian mixture: component means (k, d) and covariance factors (k, d, d)."""

    means: FloatArray
    factors: FloatArray

    @classmethod
    def random(cls, rng: np.random.Generator, *, components: int, features: int) -> "Mixture":
        """Draw means uniform in [-5, 5] and triangular factors with a diagonal in [0.5, 1]."""
        means = rng.uniform(-5.0, 5.0, size=(components, features))
        factors = np.tril(rng.normal(0.0, 0.5, size=(components, features, features)), k=-1)
        diagonal = np.arange(features)
        factors[:, diagonal, diagonal] = rng.uniform(0.5, 1.0, size=(components, features))
        return cls(means, factors)

    def draw(self, rng: np.random.Generator, rows: int) -> FloatArray:
        """Draw `rows` rows, components with equal weights."""
        component = rng.integers(len(self.means), size=rows)
        noise = rng.normal(size=(rows, self.means.shape[1]))
        spread: FloatArray = np.einsum("nij,nj->ni", self.factors[component], noise)
        return self.means[component] + spread


def local_anomalies(
    _spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int, alpha: float
) -> Rows:
    """Draw anomalies from the normal mixture with its covariances times `alpha`."""
    rng = np.random.default_rng(seed)
    mixture = Mixture.random(rng, components=3, features=features)
    wide = Mixture(mixture.means, mixture.factors * np.sqrt(alpha))
    return _labelled(mixture.draw(rng, normal), wide.draw(rng, anomalies))


def global_anomalies(
    _spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int, alpha: float
) -> Rows:
    """Draw anomalies uniform between `alpha` times each feature's minimum and maximum."""
    rng = np.random.default_rng(seed)
    mixture = Mixture.random(rng, components=3, features=features)
    inside = mixture.draw(rng, normal)
    low, high = alpha * inside.min(axis=0), alpha * inside.max(axis=0)
    return _labelled(inside, rng.uniform(low, high, size=(anomalies, features)))


def clustered_anomalies(
    _spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int, alpha: float
) -> Rows:
    """Draw anomalies from the first normal component with its mean times `alpha`.

    They form one dense cluster of their own, away from the normal rows.
    """
    rng = np.random.default_rng(seed)
    mixture = Mixture.random(rng, components=3, features=features)
    away = Mixture(mixture.means[:1] * alpha, mixture.factors[:1])
    return _labelled(mixture.draw(rng, normal), away.draw(rng, anomalies))


def dependency_anomalies(
    _spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int, noise: float
) -> Rows:
    """Draw anomalies that break the dependency between the features.

    A normal row is ``loadings @ factors + noise`` with two factors of variance
    1. An anomaly takes each feature from a different normal row: every value
    taken alone is ordinary, only their combination is not.
    """
    rng = np.random.default_rng(seed)
    signs = rng.choice((-1.0, 1.0), size=(features, 2))
    loadings = signs * rng.uniform(0.5, 1.0, size=(features, 2))
    drawn = rng.normal(size=(normal + anomalies, 2)) @ loadings.T
    drawn += rng.normal(scale=noise, size=drawn.shape)
    inside, outside = drawn[:normal], drawn[normal:]
    return _labelled(inside, rng.permuted(outside, axis=0))


def densities(_spec: DatasetSpec, seed: int, *, normal: int, anomalies: int) -> Rows:
    """Draw a dense and a sparse cluster in the plane, anomalies close to the dense one.

    Half of the normal rows have standard deviation 0.2 around (0, 0), half 4
    around (20, 0). The anomalies lie on a ring of radius 1.2 to 2.2 around
    (0, 0): far for the dense cluster, though no farther from their neighbours
    than the rows of the sparse cluster are from theirs.
    """
    rng = np.random.default_rng(seed)
    dense = rng.normal(scale=0.2, size=(normal // 2, 2))
    sparse = rng.normal(scale=4.0, size=(normal - len(dense), 2)) + np.array([20.0, 0.0])
    return _labelled(np.vstack([dense, sparse]), _annulus(rng, anomalies, 1.2, 2.2))


def moons(_spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, noise: float) -> Rows:
    """Draw two interleaving half circles, anomalies in the box around them.

    As `sklearn.datasets.make_moons`. Of the rows uniform over the box, those
    nearer than 0.3 to either half circle are drawn again.
    """
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0.0, np.pi, size=normal)
    inside = _moon(angle, lower=np.arange(normal) % 2 == 1)
    grid = np.linspace(0.0, np.pi, 200)
    curve = np.vstack([_moon(grid, lower=np.full(200, value)) for value in (False, True)])
    outside = np.empty((0, 2))
    while len(outside) < anomalies:
        drawn = rng.uniform((-1.5, -1.0), (2.5, 1.5), size=(anomalies, 2))
        gap = np.linalg.norm(drawn[:, None] - curve[None], axis=2).min(axis=1)
        outside = np.vstack([outside, drawn[gap >= 0.3]])
    return _labelled(inside + rng.normal(scale=noise, size=inside.shape), outside[:anomalies])


def ring(_spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, noise: float) -> Rows:
    """Draw a noisy circle of radius 5, anomalies on the disc of radius 3 inside it.

    The anomalies are nearer to the mean than every normal row.
    """
    rng = np.random.default_rng(seed)
    inside = _annulus(rng, normal, 5.0, 5.0) + rng.normal(scale=noise, size=(normal, 2))
    return _labelled(inside, _annulus(rng, anomalies, 0.0, 3.0))


def heavy_tailed(
    _spec: DatasetSpec, seed: int, *, normal: int, anomalies: int, features: int, freedom: float
) -> Rows:
    """Draw rows of a multivariate Student t, anomalies in a small cluster off its centre.

    The normal rows have `freedom` degrees of freedom, so that some lie farther
    out than the anomalies: these are Gaussian (standard deviation 0.3) around
    the point with every feature at ±4.
    """
    rng = np.random.default_rng(seed)
    scale = np.sqrt(freedom / rng.chisquare(freedom, size=(normal, 1)))
    inside = rng.normal(size=(normal, features)) * scale
    centre = 4.0 * rng.choice((-1.0, 1.0), size=features)
    return _labelled(inside, centre + rng.normal(scale=0.3, size=(anomalies, features)))


def subspace(
    _spec: DatasetSpec,
    seed: int,
    *,
    normal: int,
    anomalies: int,
    features: int,
    relevant: int,
    shift: float,
) -> Rows:
    """Draw independent standard normal features, anomalies off in a few of them.

    In the first `relevant` features an anomaly lies at ±`shift`, sign drawn for
    each value, with standard deviation 1; the other features carry no sign of it.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(normal + anomalies, features))
    X[normal:, :relevant] += shift * rng.choice((-1.0, 1.0), size=(anomalies, relevant))
    return _labelled(X[:normal], X[normal:])


def _moon(angle: FloatArray, *, lower: NDArray[np.bool_]) -> FloatArray:
    x = np.where(lower, 1.0 - np.cos(angle), np.cos(angle))
    y = np.where(lower, 0.5 - np.sin(angle), np.sin(angle))
    return np.column_stack([x, y])


def _annulus(rng: np.random.Generator, rows: int, inner: float, outer: float) -> FloatArray:
    """Draw points uniform over the area between two circles around the origin."""
    radius = np.sqrt(rng.uniform(inner**2, outer**2, size=rows))
    angle = rng.uniform(0.0, 2.0 * np.pi, size=rows)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _labelled(inside: FloatArray, outside: FloatArray) -> Rows:
    y = np.repeat([0, 1], [len(inside), len(outside)])
    return Rows(np.vstack([inside, outside]), y)
