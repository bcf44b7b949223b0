"""Metrics out of one sort beside scikit-learn's functions one after the other: time and values.

Both sides compute ROC-AUC, average precision, the best F1, Youden's threshold with its F1,
and the precision among the n highest scores, from the same labels and scores. They take turns;
what is printed is the median of each side, in CPU milliseconds, and the median of the ratios.

    python benchmarks/metrics.py [--rows 10000 100000 1000000] [--repeats 5]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from ad_core.metrics import evaluate
from ad_core.metrics.specs import METRICS

NAMES = ("roc_auc", "pr_auc", "f1_best", "f1", "r_precision")
OURS = [spec for spec in METRICS if spec.name in NAMES]

Array = NDArray[np.float64]


def ours(y: Array, scores: Array) -> dict[str, float | None]:
    """Return the metrics by name."""
    return evaluate(y, scores, None, OURS).values


def theirs(y: Array, scores: Array) -> dict[str, float | None]:
    """Return the same by scikit-learn."""
    precision, recall, _ = precision_recall_curve(y, scores)
    both = precision + recall
    harmonic = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    false, true, thresholds = roc_curve(y, scores)
    youden = thresholds[np.argmax(true - false)]
    n = int(y.sum())
    return {
        "roc_auc": float(roc_auc_score(y, scores)),
        "pr_auc": float(average_precision_score(y, scores)),
        "f1_best": float(harmonic.max()),
        "f1": float(f1_score(y, scores >= youden)),
        "r_precision": float(y[np.argpartition(scores, -n)[-n:]].mean()),
    }


def cpu_ms(
    work: Callable[[Array, Array], dict[str, float | None]], y: Array, scores: Array
) -> tuple[float, dict[str, float | None]]:
    """Return the CPU time of one call, and what it returned."""
    begin = time.process_time()
    values = work(y, scores)
    return 1e3 * (time.process_time() - begin), values


def main() -> None:
    """Print a line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"{'rows':>10} {'ours ms':>9} {'sklearn ms':>11} {'ratio':>6}  largest difference")
    for rows in options.rows:
        rng = np.random.default_rng(0)
        y = (rng.random(rows) < 0.03).astype(np.int64)
        scores = rng.normal(size=rows) + y
        pairs, largest = [], 0.0
        for _ in range(options.repeats):
            mine, found = cpu_ms(ours, y, scores)
            other, expected = cpu_ms(theirs, y, scores)
            pairs.append((mine, other))
            largest = max(largest, *(abs(found[name] - expected[name]) for name in NAMES))
        medians = np.median(pairs, axis=0)
        ratio = np.median([other / mine for mine, other in pairs])
        print(f"{rows:>10,} {medians[0]:>9.1f} {medians[1]:>11.1f} {ratio:>6.1f}  {largest:.1e}")


if __name__ == "__main__":
    main()
