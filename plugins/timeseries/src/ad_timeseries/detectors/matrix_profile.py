"""Matrix profile: how far each subsequence is from the one most like it."""

from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from ad_core.detector import BaseDetector, InputKind, Series
from ad_core.errors import ParameterError
from ad_timeseries._profile import exclusion_zone, join, self_join
from ad_timeseries._windows import Array, Reduction, dominant_period, require_steps, to_steps

__all__ = ["MatrixProfile"]


class MatrixProfile(BaseDetector):
    """Distance of each subsequence to its nearest neighbour (discords score highest).

    Subsequences are compared after z-normalisation, by shape and not by level
    or amplitude. New series are compared with the training series (AB-join);
    the training series with itself, leaving out neighbours within a quarter of a
    window (self-join). With several channels the distance is the mean over
    channels, or over the `n_dimensions` most alike, as in mSTAMP.

    A constant window is at distance 0 from another constant one and at
    ``sqrt(window)`` from any other. Time is quadratic in the number of steps.

    Parameters
    ----------
    window
        Length of the subsequences in steps; None for the dominant period of the
        training series.
    n_dimensions
        Number of channels that count, those most alike; None for all.
    reduction
        A step's score is the ``"mean"`` or ``"max"`` over the windows that cover it.
    n_jobs
        Number of threads; None for one a core. It does not change the scores.

    Attributes
    ----------
    window_ : int
        Length of the subsequences.
    series_ : ndarray of shape (n_timesteps, n_channels)
        The training series.

    References
    ----------
    C.-C. M. Yeh and others. Matrix profile I. ICDM, 2016.

    C.-C. M. Yeh, N. Kavantzas, E. Keogh. Matrix profile VI: meaningful
    multidimensional motif discovery. ICDM, 2017.

    Z. Zimmerman and others. Matrix profile XIV: scaling time series motif discovery
    with GPUs. SoCC, 2019. doi:10.1145/3357223.3362721 (the recurrence)
    """

    input: ClassVar[InputKind] = Series()
    window_: int
    series_: Array

    def __init__(
        self,
        window: Annotated[int, Ge(3)] | None = None,
        n_dimensions: Annotated[int, Ge(1)] | None = None,
        reduction: Reduction = "mean",
        n_jobs: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.window = window
        self.n_dimensions = n_dimensions
        self.reduction = reduction
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        if self.n_dimensions is not None and self.n_dimensions > X.shape[1]:
            raise ParameterError(
                f"{self.name}: n_dimensions={self.n_dimensions}, but the series has "
                f"{X.shape[1]} channels; give at most that many"
            )
        window = dominant_period(X) if self.window is None else self.window
        # The window in the middle needs a neighbour beyond the exclusion zone, too.
        needed = window + 2 * exclusion_zone(window) + 1
        require_steps(len(X), needed, window, self.name)
        self.window_, self.series_ = window, X

    def _training_scores(self, X: Array) -> Array:
        profile = self_join(X, self.window_, n_dimensions=self._dimensions(), n_threads=self.n_jobs)
        return to_steps(profile, self.window_, 1, len(X), self.reduction)

    def _score(self, X: Array) -> Array:
        require_steps(len(X), self.window_, self.window_, self.name)
        profile = join(
            X,
            self.series_,
            self.window_,
            n_dimensions=self._dimensions(),
            n_threads=self.n_jobs,
        )
        return to_steps(profile, self.window_, 1, len(X), self.reduction)

    def _dimensions(self) -> int:
        return self.series_.shape[1] if self.n_dimensions is None else self.n_dimensions
