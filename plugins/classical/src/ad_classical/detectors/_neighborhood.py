"""What detectors that look at the nearest training rows share."""

import logging
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_classical._neighbors import Metric, Neighbors
from ad_core.detector import BaseDetector

__all__ = ["KeepsNeighbors", "NeighborhoodDetector"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

logger = logging.getLogger("ad.classical")


class KeepsNeighbors(BaseDetector):
    """Keeps training rows as `Neighbors`; a saved file holds the rows alone."""

    _private_rows = False
    neighbors_: Neighbors

    def _indexed(self, rows: Floats) -> Neighbors:
        """Return the rows, ready to be asked for the nearest ones."""
        return Neighbors(rows)

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        attributes, files = super()._write_state()
        return {**attributes, "neighbors_": self.neighbors_.rows}, files

    def _read_state(self, attributes: dict[str, Any], files: dict[str, bytes]) -> None:
        super()._read_state(attributes, files)
        self.neighbors_ = self._indexed(attributes["neighbors_"])


class NeighborhoodDetector(KeepsNeighbors):
    """Asks for the nearest training rows of each row.

    Parameters
    ----------
    n_neighbors
        How many are asked for.
    metric, p
        See `ad_classical._neighbors.Neighbors`.
    n_jobs
        Number of threads; None for one, -1 for one a core.
    """

    n_neighbors_: int

    def __init__(self, n_neighbors: int, metric: Metric, p: float, n_jobs: int | None) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.p = p
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        most = self._most_neighbors(len(X))
        if self.n_neighbors > most:
            logger.info(
                "%s: n_neighbors=%d is too many for %d rows: %d used",
                *(self.name, self.n_neighbors, len(X), most),
            )
        self.n_neighbors_ = min(self.n_neighbors, most)
        self.neighbors_ = self._indexed(X)

    def _indexed(self, rows: Floats) -> Neighbors:
        return Neighbors(rows, self.metric, self.p)

    @abstractmethod
    def _most_neighbors(self, n_rows: int) -> int:
        """Return how many neighbours make sense among so many training rows."""
