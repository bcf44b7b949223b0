"""The vocabulary: what a detector, a data set or a metric can be."""

from enum import StrEnum

__all__ = ["Capability", "DataKind", "Family", "Hardware", "Learning", "MetricInput"]


class DataKind(StrEnum):
    """What one sample is."""

    TABULAR = "tabular"
    """Rows of numbers, shape (n_samples, n_features)."""
    TIMESERIES = "timeseries"
    """Time steps, shape (n_timesteps, n_channels); one score a step."""
    IMAGE = "image"
    """Images, shape (n_images, height, width, channels)."""
    GRAPH = "graph"
    """Nodes with attributes and edges; one score a node."""
    TEXT = "text"
    """Strings; one score a document."""


class Learning(StrEnum):
    """What a detector learns from."""

    UNSUPERVISED = "unsupervised"
    """Unlabelled rows, some of which may be anomalies."""
    ONE_CLASS = "one_class"
    """Rows that are known to be normal (also called semi-supervised)."""
    SUPERVISED = "supervised"
    """Rows with labels: 1 for an anomaly, 0 for a normal row."""


class Family(StrEnum):
    """The idea that a detector rests on."""

    PROXIMITY = "proximity"
    DENSITY = "density"
    LINEAR = "linear"
    PROBABILISTIC = "probabilistic"
    CLUSTERING = "clustering"
    ISOLATION = "isolation"
    ENSEMBLE = "ensemble"
    NEURAL = "neural"
    RULE = "rule"
    BASELINE = "baseline"


class Hardware(StrEnum):
    """Where a detector can run."""

    CPU = "cpu"
    GPU = "gpu"
    """An NVIDIA GPU (CUDA)."""
    MPS = "mps"
    """An Apple GPU (Metal)."""


class Capability(StrEnum):
    """What a detector can do beyond `fit` and `score_samples`."""

    NOVELTY = "novelty"
    """Scores rows that it was not fitted on."""
    TRANSDUCTIVE = "transductive"
    """A row's score depends on the other rows of its batch."""
    MULTIVARIATE = "multivariate"
    """Takes more than one column or channel."""
    DETERMINISTIC = "deterministic"
    """Two fits on the same data give the same scores, without a seed."""
    SEEDED = "seeded"
    """`random_state` fixes every random choice."""
    MISSING_VALUES = "missing_values"
    """Accepts NaN in fit and score."""
    SERIALIZABLE = "serializable"
    """`save` and `load` give the same scores bit for bit."""
    FEATURE_CONTRIBUTIONS = "feature_contributions"
    """Explains a score by one number a feature.

    `feature_contributions(X)` returns an array of the shape of X, (n_samples,
    n_features): the higher, the more the feature makes the row anomalous.
    """
    PARTIAL_FIT = "partial_fit"
    """Learns from further rows without starting again.

    `partial_fit(X, y=None)` returns the detector, as in scikit-learn.
    """
    SUPERVISED = "supervised"
    """`fit` needs labels."""
    LOCALIZES = "localizes"
    """Says where in a sample the anomaly lies (pixels, time steps).

    `anomaly_map(X)` returns one number a place, higher for more anomalous: an array of
    the shape of X, without the channels of images.
    """


class MetricInput(StrEnum):
    """What a metric compares the labels with."""

    SCORES = "scores"
    """Real-valued scores, higher for more anomalous."""
    PREDICTIONS = "predictions"
    """Labels in {0, 1} at the detector's own threshold."""
