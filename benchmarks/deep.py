"""The autoencoder and deep SVDD beside PyOD's, on real sets: AUROC and time.

Each detector learns from all rows of a set, without labels, and is judged by
the scores of those rows. Three fits a set and seed, one after the other: ours
with its defaults, ours with PyOD's number of epochs, batch size and learning
rate, and PyOD's with its defaults. Times are those of `fit` (which scores the
training rows), the last two compared: wall clock, and CPU time of the process.

    pip install 'pyod[torch]' tqdm
    OMP_NUM_THREADS=1 python benchmarks/deep.py [--rows 2000] [--seeds 1]

The sets are those of ADBench below $AD_DATA_MIRROR/adbench/Classical where that
is set, else the embedded ones. --every 2 takes every second set: the defaults
were chosen on sets 0, 2, 4, … (--first 0), the others had no say (--first 1).
"""

import argparse
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ad_core import create, load_dataset
from ad_core.metrics import roc_auc

EMBEDDED = (
    "breast_cancer",
    "breast_cancer/wdbc",
    "wine",
    "iris/virginica",
    "digits/0",
    "digits/1",
    "digits/8",
)
PYOD = {
    "autoencoder": {"n_epochs": 10, "batch_size": 32, "learning_rate": 1e-3},
    "deep_svdd": {"n_epochs": 100, "batch_size": 32, "learning_rate": 1e-4},
}
"""PyOD 3.6's defaults, in our words."""


def data_sets(rows: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield name, rows and labels; at most so many rows, drawn with seed 0."""
    mirror = os.environ.get("AD_DATA_MIRROR")
    for source in sorted(Path(mirror, "adbench/Classical").glob("*.npz")) if mirror else EMBEDDED:
        if isinstance(source, Path):
            with np.load(source) as file:
                name, X, y = source.stem, file["X"].astype(float), file["y"].astype(int)
        else:
            name, (X, y) = source, load_dataset(source, split="all")
        kept = np.random.default_rng(0).permutation(len(X))[:rows]
        if 0 < y[kept].sum() < len(kept):
            yield name, X[kept], y[kept]


def ours(name: str, X: np.ndarray, seed: int, **params: Any) -> np.ndarray:
    detector = create(name, random_state=seed, device="cpu", **params).fit(X)
    return detector.training_scores_


def pyods(name: str, X: np.ndarray, seed: int) -> np.ndarray:
    from pyod.models.auto_encoder import AutoEncoder
    from pyod.models.deep_svdd import DeepSVDD

    if name == "autoencoder":
        detector = AutoEncoder(random_state=seed, verbose=0, device="cpu")
    else:
        detector = DeepSVDD(X.shape[1], random_state=seed, verbose=0)
    return detector.fit(X).decision_scores_


def timed(fit: Callable[..., np.ndarray], *args: Any, **params: Any) -> tuple[np.ndarray, ...]:
    wall, cpu = time.perf_counter(), time.process_time()
    scores = fit(*args, **params)
    return scores, time.perf_counter() - wall, time.process_time() - cpu


def compare(name: str, X: np.ndarray, y: np.ndarray, seed: int) -> list[float]:
    """Return three AUROCs, then wall and CPU time of the last two fits."""
    defaults, _, _ = timed(ours, name, X, seed)
    equal, *our_times = timed(ours, name, X, seed, **PYOD[name])
    theirs, *their_times = timed(pyods, name, X, seed)
    aurocs = [float(roc_auc(y, scores)) for scores in (defaults, equal, theirs)]
    return [*aurocs, *our_times, *their_times]


def summary(name: str, results: np.ndarray) -> None:
    """Print means, wins and speed over sets (rows of `results`)."""
    defaults, equal, theirs, our_wall, our_cpu, their_wall, their_cpu = results.T
    print(f"\n{name}, {len(results)} sets: mean AUROC {defaults.mean():.4f} (defaults), ", end="")
    print(f"{equal.mean():.4f} (PyOD's epochs), {theirs.mean():.4f} (PyOD)")
    for label, values in (("defaults", defaults), ("PyOD's epochs", equal)):
        print(f"  {label}: better on {np.sum(values > theirs)}, worse on ", end="")
        print(f"{np.sum(values < theirs)}; median difference {np.median(values - theirs):+.4f}")
    wall, cpu = their_wall / our_wall, their_cpu / our_cpu
    print(
        f"  times faster at equal epochs, median of pairs: {np.median(wall):.1f} (wall), ", end=""
    )
    print(f"{np.median(cpu):.1f} (CPU); least {wall.min():.1f} (wall), {cpu.min():.1f} (CPU)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=2000, help="most rows of a set")
    parser.add_argument("--seeds", type=int, default=1, help="fits a set and detector")
    parser.add_argument("--first", type=int, default=0, help="the first set")
    parser.add_argument("--every", type=int, default=1, help="take every n-th set")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # PyOD's
    chosen = list(data_sets(options.rows))[options.first :: options.every]
    warm_up = np.random.default_rng(0).normal(size=(64, 3))
    for name in PYOD:
        compare(name, warm_up, np.arange(64) % 2, 0)
        print(f"\n| {name} | n × d | defaults | PyOD's epochs | PyOD | s | PyOD, s |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        table = []
        for data_set, X, y in chosen:
            runs = [compare(name, X, y, seed) for seed in range(options.seeds)]
            table.append(row := np.median(runs, axis=0))
            cells = " | ".join(f"{value:.3f}" for value in row[[0, 1, 2, 3, 5]])
            print(f"| {data_set} | {X.shape[0]} × {X.shape[1]} | {cells} |", flush=True)
        summary(name, np.array(table))


if __name__ == "__main__":
    main()
