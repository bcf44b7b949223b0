"""Columns to a common scale, part by part so that memory stays bounded."""

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
import torch
from attrs import field, frozen
from numpy.typing import NDArray

__all__ = ["Scale", "Scaler"]

Array = NDArray[np.float64]
Scale = Literal["standard", "minmax", "none"]

_ROWS = 16384


@frozen(eq=False)
class Scaler:
    """``(X - shift) / spread``, column by column.

    Parameters
    ----------
    shift, spread
        Shape (n_features,); a column without variation has spread 1.
    """

    shift: Array = field()
    spread: Array = field()

    @classmethod
    def fit(cls, X: Array, how: Scale) -> Self:
        """Learn the columns' scales from X, shape (n_samples, n_features)."""
        n_features = X.shape[1]
        if how == "none":
            return cls(np.zeros(n_features), np.ones(n_features))
        low, high = X.min(axis=0), X.max(axis=0)
        # A constant is told by its range: its deviation can be rounding noise instead of 0.
        varies = high > low
        if how == "minmax":
            return cls(low, np.where(varies, high - low, 1.0))
        width = np.where(varies, high - low, 1.0)
        unit = (X - low) / width  # squares neither overflow nor vanish, whatever the units
        deviation = unit.std(axis=0)
        return cls(low + width * unit.mean(axis=0), np.where(varies, width * deviation, 1.0))

    def to_tensor(self, X: Array, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
        """Return the scaled rows as one tensor, shape (n_samples, n_features)."""
        out = torch.empty(X.shape, dtype=dtype, device=device)
        for start, part in self.parts(X, _ROWS):
            out[start : start + len(part)] = torch.from_numpy(part).to(dtype)
        return out

    def parts(self, X: Array, size: int) -> Iterator[tuple[int, Array]]:
        """Return the scaled rows in parts of at most `size`, each with the row it starts at."""
        for start in range(0, len(X), size):
            yield start, (X[start : start + size] - self.shift) / self.spread
