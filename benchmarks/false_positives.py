"""Share of fresh, clean rows that each threshold strategy flags.

Clean data: Gaussian. A strategy that asks for 10 % should flag about
10 % of rows that it has not seen. Prints the Markdown table of docs/thresholds.md.

python benchmarks/false_positives.py [--repeats 20] [--rows 100 1000] [--columns 5]
    [--detectors NAME ...]
"""

import argparse

import numpy as np

from ad_core import create

DETECTORS = (
    "isolation_forest",
    "knn",
    "local_outlier_factor",
    "ecod",
    "gaussian_mixture",
    "one_class_svm",
)
STRATEGIES = ("quantile", "holdout", "conformal", "mad")
CONTAMINATION = 0.1


def flagged(name: str, strategy: str, n: int, columns: int, repeats: int) -> float:
    """Mean share of 2,000 fresh clean rows that are flagged."""
    rates = []
    for seed in range(repeats):
        rng = np.random.default_rng(seed)
        detector = create(name, contamination=CONTAMINATION, threshold=strategy)
        if "random_state" in detector.get_params():
            detector.set_params(random_state=seed)
        detector.fit(rng.normal(size=(n, columns)))
        rates.append(detector.predict(rng.normal(size=(2000, columns))).mean())
    return float(np.mean(rates))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--detectors", nargs="+", default=DETECTORS)
    given = parser.parse_args()
    print(f"| detector | rows | {' | '.join(STRATEGIES)} |")
    print(f"| --- | --- |{' --- |' * len(STRATEGIES)}")
    for name in given.detectors:
        for n in given.rows:
            cells = [
                f"{flagged(name, strategy, n, given.columns, given.repeats):.1%}"
                for strategy in STRATEGIES
            ]
            print(f"| `{name}` | {n} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
