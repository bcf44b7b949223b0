"""What the framework adds to a detector: `fit` and `score_samples` over `_fit` and `_score`.

Checked input, column names and checked scores against the bare methods, in turns, on the same
10,000 rows of 20 columns, and on a single row. Medians of wall time.

    python benchmarks/overhead.py [--repeats 31]
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from ad_core import create

DETECTORS = ("isolation_forest", "local_outlier_factor", "copod", "ecod", "hbos", "pca")


def medians(sides: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median seconds of each side; the sides take turns."""
    times: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(repeats):
        for side, work in sides.items():
            begin = time.perf_counter()
            work()
            times[side].append(time.perf_counter() - begin)
    return {side: statistics.median(values) for side, values in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=31)
    repeats = parser.parse_args().repeats
    X = np.random.default_rng(0).normal(size=(10_000, 20))
    row = X[:1].copy()
    print(f"{'':22}{'fit':>17}{'score_samples':>22}{'one row':>23}")
    for name in DETECTORS:
        seed = {"random_state": 0} if name == "isolation_forest" else {}
        detector = create(name, threshold=None, **seed).fit(X)
        bare = create(name, threshold=None, **seed)
        found = medians(
            {
                "bare fit": lambda bare=bare: bare._fit(X, None),
                "fit": lambda detector=detector: detector.fit(X),
                "bare score": lambda detector=detector: detector._score(X),
                "score": lambda detector=detector: detector.score_samples(X),
            },
            repeats,
        )
        one = medians(
            {
                "bare": lambda detector=detector: detector._score(row),
                "whole": lambda detector=detector: detector.score_samples(row),
            },
            50 * repeats,
        )
        cells = [
            f"{1e3 * found[bare]:8.2f} ms {100 * (found[whole] / found[bare] - 1):+5.1f} %"
            for bare, whole in (("bare fit", "fit"), ("bare score", "score"))
        ]
        added = 1e6 * (one["whole"] - one["bare"])
        print(f"{name:22}{cells[0]}  {cells[1]}  {1e6 * one['bare']:8.1f} µs {added:+5.1f} µs")


if __name__ == "__main__":
    main()
