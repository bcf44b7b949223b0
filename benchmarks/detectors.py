"""Detectors beside PyOD's and scikit-learn's: time of fit and score, memory, one row, first call.

Each side fits and scores the same rows (five clusters and 2 % outliers, 20 columns), in turns, in
one process; what counts is the median, in wall time and in CPU time. Ours and PyOD's find a
threshold in `fit`, which takes the scores of the training rows; scikit-learn's does not. Two
threads where a side takes n_jobs. Peak memory is that of a fresh process a side, above what it
held before `fit`.

    python benchmarks/detectors.py [--detectors ecod,hbos] [--sizes 1000,10000,100000]
        [--seconds 20] [--output docs/performance]

Writes detectors.md, detectors.csv and detectors.svg to the output folder.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# How BLAS and OpenMP start decides the times of all sides.
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from _sides import CASES, SIDES, Model, clusters, ours

Row = dict[str, Any]
LEAST, MOST = 3, 7
"""How often a pair is measured: at least, where time allows, and at most."""
WARM = 10_000
"""Rows that a process has seen before its peak memory counts; of fewer it would tell nothing."""


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall time, CPU time and result of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def once(model: Model, X: np.ndarray) -> tuple[Row, np.ndarray]:
    """Return the times of one fit and one score, and the scores."""
    fit_wall, fit_cpu, _ = timed(lambda: model.fit(X))
    score_wall, score_cpu, scores = timed(lambda: model.score(X))
    times = {"fit": fit_wall, "score": score_wall, "wall": fit_wall + score_wall}
    return {**times, "cpu": fit_cpu + score_cpu}, np.asarray(scores)


def batch(name: str, n: int, seconds: float) -> Iterator[Row]:
    """Measure all sides in turns; the first round, which may compile, does not count."""
    X = clusters(n)
    names = [side for side, make in SIDES.items() if make(name) is not None]
    rounds: list[dict[str, Row]] = []
    begin = time.monotonic()
    while len(rounds) <= MOST:
        found, scores = {}, {}
        for side in names:
            model = SIDES[side](name)
            assert model is not None
            found[side], scores[side] = once(model, X)
        rounds.append(found)
        spent = time.monotonic() - begin
        if spent > seconds and (len(rounds) > LEAST or spent / len(rounds) > seconds / 2):
            break
    counted = rounds[1:] or rounds
    for side in names:
        medians = {
            what: statistics.median(one[side][what] for one in counted) for what in counted[0][side]
        }
        difference = np.abs(scores["ours"] - scores[side]) / (np.abs(scores[side]) + 1e-300)
        yield {
            "detector": name,
            "n": n,
            "side": side,
            "rounds": len(counted),
            **medians,
            "difference": float(difference.max()),
            "memory": peak_memory(name, n, side) if n > WARM else None,
        }


def peak_memory(name: str, n: int, side: str) -> float:
    """Return the MiB by which a fresh process grows at its peak in fit and score."""
    here = [sys.executable, __file__, "--memory", f"{name},{n},{side}"]
    done = subprocess.run(here, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def print_memory(name: str, n: int, side: str) -> None:
    """Fit, score and print the growth of the peak; a run before it loads what is needed."""
    model = SIDES[side](name)
    assert model is not None
    few = clusters(WARM)
    model.fit(few)
    model.score(few)
    X = clusters(n)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status("VmRSS")
    model.fit(X)
    model.score(X)
    print((status("VmHWM") - before) / 1024)


def status(field: str) -> int:
    """Return a number of kB that Linux keeps of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def one_row(name: str) -> Row:
    """Return microseconds that the score of one row takes, the model fitted on 10,000 rows."""
    X, row = clusters(10_000), clusters(100, seed=1)[:1]
    detector = ours(name, threshold=None).fit(X)
    theirs = SIDES["pyod"](name)
    assert theirs is not None
    theirs.fit(X)
    sides = {
        "ours": lambda: detector.score_samples(row),
        "alone": lambda: detector._score(row),
    }
    try:
        theirs.score(row)
    except (IndexError, ValueError) as error:  # PyOD's COF fits the batch that it scores
        print(f"{name}: PyOD cannot score one row: {error}", flush=True)
    else:
        sides["pyod"] = lambda: theirs.score(row)
    found: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(9):
        for side, work in sides.items():
            repeats, begin = 0, time.perf_counter()
            while time.perf_counter() - begin < 0.02 or repeats < 3:
                work()
                repeats += 1
            found[side].append((time.perf_counter() - begin) / repeats)
    return {"detector": name, **{side: 1e6 * statistics.median(v) for side, v in found.items()}}


def first_call(name: str) -> Row:
    """Return seconds that a fresh process takes to fit and score 1,000 rows, imports included."""
    found: dict[str, list[float]] = {}
    for _ in range(4):
        for side in SIDES:
            if CASES[name].sklearn is not None or side != "sklearn":
                here = [sys.executable, __file__, "--first", f"{name},{side}"]
                wall, _, _ = timed(lambda here=here: subprocess.run(here, check=True))
                found.setdefault(side, []).append(wall)
    return {"detector": name, **{side: statistics.median(v[1:]) for side, v in found.items()}}


def use_once(name: str, side: str) -> None:
    """Do what `first_call` measures."""
    X = np.random.default_rng(0).normal(size=(1000, 20))
    model = SIDES[side](name)
    assert model is not None
    model.fit(X)
    model.score(X)


def main() -> int:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--detectors", default=",".join(CASES))
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--output", type=Path, default=Path("results/performance"))
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--first", help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.memory:
        name, n, side = options.memory.split(",")
        print_memory(name, int(n), side)
        return 0
    if options.first:
        use_once(*options.first.split(","))
        return 0
    names = options.detectors.split(",")
    sizes = [int(n) for n in options.sizes.split(",")]
    rows: list[Row] = []
    for name in names:
        for n in sizes:
            if n <= CASES[name].largest:
                rows += batch(name, n, options.seconds)
                print(
                    *(json.dumps(row) for row in rows[-3:] if row["n"] == n), sep="\n", flush=True
                )
    rows_one = [one_row(name) for name in names]
    firsts = [first_call(name) for name in names]
    from _pages import write

    write(options.output, rows, rows_one, firsts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
