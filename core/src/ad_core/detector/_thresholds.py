"""From scores to labels: how a decision threshold is found.

A strategy is a small frozen object: `fraction` says how much of the training
data to hold out for it (0: it reads the scores of the training rows
themselves), `find` turns those scores into a threshold. A row is flagged when
its score is at or above the threshold.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from attrs import asdict, field, frozen
from attrs.validators import and_, ge, gt, lt
from numpy.typing import NDArray

from ad_core.errors import InputError, ParameterError

__all__ = [
    "STRATEGIES",
    "HeldOutQuantile",
    "MedianAbsoluteDeviation",
    "SplitConformal",
    "ThresholdStrategy",
    "TrainingQuantile",
    "as_strategy",
    "describe",
]

Scores = NDArray[np.float64]


@runtime_checkable
class ThresholdStrategy(Protocol):
    """What `BaseDetector` needs of a strategy."""

    kind: ClassVar[str]

    @property
    def fraction(self) -> float:
        """Share of the training data to hold out; 0 to use the training scores."""

    @property
    def seed(self) -> int:
        """Seed of the held-out choice."""

    def find(self, scores: Scores, contamination: float) -> float:
        """Return the threshold."""


def _quantile(scores: Scores, contamination: float) -> float:
    """Quantile at 1 - contamination, raised where ties would flag more than that share."""
    threshold = float(np.quantile(scores, 1.0 - contamination))
    most = math.ceil(contamination * len(scores) - 1e-9)
    if np.count_nonzero(scores >= threshold) > most:
        largest_kept = np.sort(scores)[::-1][most]
        threshold = float(np.nextafter(largest_kept, np.inf))
    return threshold


@frozen
class TrainingQuantile:
    """Quantile of the training scores: flags a share `contamination` of the training rows.

    Where scores are tied it flags fewer, never more than
    ``ceil(contamination * n)`` rows. This is the default.
    """

    kind: ClassVar[str] = "quantile"
    fraction: ClassVar[float] = 0.0
    seed: ClassVar[int] = 0

    def find(self, scores: Scores, contamination: float) -> float:
        """Return the quantile at ``1 - contamination``."""
        return _quantile(scores, contamination)


@frozen
class HeldOutQuantile:
    """Quantile of the scores of rows that the model has not seen.

    Parameters
    ----------
    fraction
        Share of the training rows to hold out; the model is fitted on the rest.
    seed
        Which rows are held out.
    """

    kind: ClassVar[str] = "holdout"
    fraction: float = field(default=0.2, validator=and_(gt(0), lt(1)))
    seed: int = field(default=42, validator=ge(0))

    def find(self, scores: Scores, contamination: float) -> float:
        """Return the quantile at ``1 - contamination``."""
        return _quantile(scores, contamination)


@frozen
class MedianAbsoluteDeviation:
    """Median plus `k` normal-consistent median absolute deviations of the training scores.

    It does not use `contamination`: clean data are flagged little, dirty data much.
    With a deviation of 0 (most scores equal) every score above the median is flagged.

    Parameters
    ----------
    k
        Number of deviations; 3.5 is the usual choice (Iglewicz and Hoaglin, 1993).
    """

    kind: ClassVar[str] = "mad"
    fraction: ClassVar[float] = 0.0
    seed: ClassVar[int] = 0
    k: float = field(default=3.5, validator=gt(0))

    def find(self, scores: Scores, contamination: float) -> float:
        """Return ``median + k * 1.4826 * MAD``."""
        median = float(np.median(scores))
        deviation = 1.482602218505602 * float(np.median(np.abs(scores - median)))
        return float(np.nextafter(median + self.k * deviation, np.inf))


@frozen
class SplitConformal:
    """Split-conformal p-values: at most `contamination` false positives on clean data.

    The guarantee holds on average over the held-out choice, for rows that are
    exchangeable with the training rows, whatever the detector (Laxhammar and
    Falkman, 2015; Bates et al., 2023, doi:10.1214/22-AOS2244).

    Parameters
    ----------
    fraction
        Share of the training rows to hold out; the model is fitted on the rest.
    seed
        Which rows are held out.
    """

    kind: ClassVar[str] = "conformal"
    fraction: float = field(default=0.3, validator=and_(gt(0), lt(1)))
    seed: int = field(default=42, validator=ge(0))

    def find(self, scores: Scores, contamination: float) -> float:
        """Return the smallest score whose p-value is at most `contamination`."""
        allowed = math.floor(contamination * (len(scores) + 1) + 1e-9)
        if allowed < 1:
            needed = math.ceil(1 / contamination) - 1
            raise InputError(
                f"split-conformal thresholds need at least {needed} held-out rows at "
                f"contamination={contamination}, got {len(scores)}; give more rows, a larger "
                "fraction or a larger contamination"
            )
        return float(np.nextafter(np.sort(scores)[::-1][allowed - 1], np.inf))


STRATEGIES: dict[str, type[Any]] = {
    strategy.kind: strategy
    for strategy in (TrainingQuantile, HeldOutQuantile, MedianAbsoluteDeviation, SplitConformal)
}


def as_strategy(value: object) -> ThresholdStrategy | None:
    """Turn the parameter `threshold` into a strategy.

    Parameters
    ----------
    value
        A strategy, its name, a mapping with its ``kind`` and arguments, or None.

    Raises
    ------
    ParameterError
        It is none of these, or an argument is wrong.
    """
    if value is None or isinstance(value, ThresholdStrategy):
        return value
    arguments = dict(value) if isinstance(value, Mapping) else {"kind": value}
    kind = arguments.pop("kind", None)
    if not isinstance(kind, str) or kind not in STRATEGIES:
        known = ", ".join(map(repr, STRATEGIES))
        raise ParameterError(f"threshold must be one of {known}, a strategy or None, got {value!r}")
    try:
        strategy: ThresholdStrategy = STRATEGIES[kind](**arguments)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"threshold {kind!r}: {error}") from error
    return strategy


def describe(strategy: ThresholdStrategy) -> dict[str, Any]:
    """Return a strategy as plain data."""
    return {"strategy": strategy.kind, **asdict(strategy)}  # type: ignore[arg-type]
