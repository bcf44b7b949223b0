"""Metrics of series beside TSB-AD's own: CPU time and values.

Both sides take turns; a line is the median of each side in CPU milliseconds, the median of
the ratios, and the largest difference of the values. TSB-AD computes both volumes at once; ours
are asked for together, as a leaderboard does. Its range and event F1 are the largest over 100
thresholds, evenly spread between the least and the largest score; ours are asked at the same.

    pip install TSB-AD    (or its TSB_AD/evaluation/basic_metrics.py alone, on PYTHONPATH)
    python benchmarks/series_metrics.py [--steps 10000 100000] [--repeats 3]
"""

import argparse
import time
import warnings
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from TSB_AD.evaluation.basic_metrics import basic_metricor, generate_curve

from ad_core.metrics import evaluate
from ad_timeseries._metric_specs import METRICS
from ad_timeseries.metrics import event_f1_curve, range_f1_curve

WINDOW = 100
VOLUMES = [spec for spec in METRICS if spec.name in ("vus_roc", "vus_pr")]
Array = NDArray[np.float64]
Metric = Callable[[Array, Array], tuple[float, ...]]


def our_volumes(y: Array, scores: Array) -> tuple[float, ...]:
    """Return VUS-ROC and VUS-PR."""
    values = evaluate(y, scores, None, VOLUMES).values
    return values["vus_roc"], values["vus_pr"]


def their_volumes(y: Array, scores: Array) -> tuple[float, ...]:
    """Return the same by TSB-AD."""
    return tuple(generate_curve(y, scores, WINDOW)[-2:])


def above(scores: Array) -> Array:
    """Return TSB-AD's thresholds, which a score has to exceed, as ones to be reached."""
    return np.nextafter(np.linspace(scores.min(), scores.max(), 100), np.inf)


def our_ranges(y: Array, scores: Array) -> tuple[float, ...]:
    """Return the largest range F1 over TSB-AD's thresholds."""
    return (float(range_f1_curve(y, scores, above(scores)).max()),)


def their_ranges(y: Array, scores: Array) -> tuple[float, ...]:
    """Return the same by TSB-AD."""
    return (float(basic_metricor().metric_RF1(y, scores)),)


def our_events(y: Array, scores: Array) -> tuple[float, ...]:
    """Return the largest event F1 over TSB-AD's thresholds."""
    return (float(event_f1_curve(y, scores, above(scores)).max()),)


def their_events(y: Array, scores: Array) -> tuple[float, ...]:
    """Return the same by TSB-AD, which names it after point adjustment."""
    return (float(basic_metricor().metric_EventF1PA(y, scores)),)


PAIRS: Mapping[str, tuple[Metric, Metric]] = {
    "VUS-ROC and VUS-PR": (our_volumes, their_volumes),
    "range F1": (our_ranges, their_ranges),
    "event F1": (our_events, their_events),
}


def example(steps: int) -> tuple[Array, Array]:
    """Return labels of 30 anomalies of up to 200 steps, and scores that see them a little."""
    rng = np.random.default_rng(0)
    y = np.zeros(steps, dtype=np.int64)
    for start in rng.integers(0, steps - 200, size=30):
        y[start : start + rng.integers(1, 200)] = 1
    return y, rng.random(steps) + 0.3 * y


def cpu_ms(work: Metric, y: Array, scores: Array) -> tuple[float, tuple[float, ...]]:
    """Return the CPU time of one call, and what it returned."""
    begin = time.process_time()
    values = work(y, scores)
    return 1e3 * (time.process_time() - begin), values


def main() -> None:
    """Print a line a metric and length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's, of a threshold that flags nothing for TSB-AD
    print(f"{'steps':>9}  {'metric':<19} {'ours ms':>8} {'TSB-AD ms':>10} {'ratio':>7}  off by")
    for steps in options.steps:
        y, scores = example(steps)
        for name, (mine, other) in PAIRS.items():
            times, off = [], 0.0
            for _ in range(options.repeats):
                here, found = cpu_ms(mine, y, scores)
                there, expected = cpu_ms(other, y, scores)
                times.append((here, there))
                off = max(off, *np.abs(np.subtract(found, expected)))
            medians = np.median(times, axis=0)
            ratio = np.median([there / here for here, there in times])
            line = f"{medians[0]:>8.1f} {medians[1]:>10.0f} {ratio:>7.0f}"
            print(f"{steps:>9,}  {name:<19} {line}  {off:.0e}")


if __name__ == "__main__":
    main()
