"""The adapter that drives a PyOD detector.

What it cures: a fresh foreign object is built at each fit from the present
arguments; it gets a seed of its own, or the RandomState that was handed in, even
where it would draw from numpy's global generator; its own `contamination` stays
out of the way, because the threshold is `BaseDetector`'s; what it rejects comes
out as a ParameterError; its warnings go to the logger ``ad.upstream``.
"""

from typing import Any

import numpy as np

from ad_core.detector import AdapterDetector
from ad_core.errors import AdError, ParameterError

__all__ = ["PyODAdapter"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class PyODAdapter(AdapterDetector):
    """Drives a PyOD detector; its `decision_scores_` are the training scores.

    Attributes
    ----------
    model_ : object
        The fitted foreign object.
    """

    model_: Any

    def _fit(self, X: Array, y: Any) -> None:
        model = self._build()
        self.model_ = model.fit(X) if y is None else model.fit(X, y)

    def _build(self) -> Any:
        """Return a fresh and seeded foreign object."""
        seeded = "random_state" in self._upstream_params()
        given = {"random_state": self._random_state()} if seeded else {}
        try:
            return self._make(**given)
        except AdError:
            raise
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{self.name}: {' '.join(str(error).split())}") from error

    def _score(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_function(X), dtype=np.float64)

    def _training_scores(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_scores_, dtype=np.float64)
