"""Detectors beside PyOD's and scikit-learn's: time of fit and score, memory, one row, first call.

Each side fits and scores the same rows (five clusters and 2 % outliers, 20 columns), in turns, in
one process; what counts is the median, in wall time and in CPU time. Ours and PyOD's find a
threshold in `fit`, which takes the scores of the training rows; scikit-learn's does not. Two
threads where a side takes n_jobs. Peak memory is that of a fresh process a side, above what it
held before `fit`. A side whose package is not installed is left out, and said to be.

    python benchmarks/detectors.py [--detectors ecod,hbos] [--sizes 1000,10000,100000]
        [--seconds 10 | --repeats 7] [--output docs/performance]

Writes detectors.md, detectors.svg and every median (detectors.csv, one-row.csv, first-call.csv) to
the output folder.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

# How BLAS and OpenMP start decides the times of all sides.
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from _pages import FAILS, write
from _sides import CASES, SIDES, Model, clusters, ours

from ad_core.errors import NameLookupError

Row = dict[str, Any]
LEAST, MOST = 3, 7
"""How often a pair is measured: at least, where time allows, and at most."""
WARM = 10_000
"""Rows that a process has seen before its peak memory counts; of fewer it would tell nothing."""
FEW = 1_000
"""Rows of the fit and score that load and compile what a side needs, before the first round."""
SETTLED = 0.3
"""Seconds until BLAS's threads are asleep: they look out for more work a while after they had
some, and the next side would pay for that. The rows are read meanwhile, so that every side finds
them in the cache and the processor awake."""
RETURNED = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""Has glibc give back what is freed, so that a process that is warm holds no memory ready."""


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall time, CPU time and result of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def once(model: Model, X: np.ndarray) -> tuple[Row, np.ndarray]:
    """Return the times of one fit and one score, and the scores."""
    begin = time.monotonic()
    while time.monotonic() - begin < SETTLED:
        X.sum()
    fit_wall, fit_cpu, _ = timed(lambda: model.fit(X))
    score_wall, score_cpu, scores = timed(lambda: model.score(X))
    times = {"fit": fit_wall, "score": score_wall, "wall": fit_wall + score_wall}
    cpu = {"fit_cpu": fit_cpu, "score_cpu": score_cpu, "cpu": fit_cpu + score_cpu}
    return {**times, **cpu}, np.asarray(scores)


def made(name: str, side: str) -> Model:
    """Return a model of a side that there is."""
    model = SIDES[side](name)
    assert model is not None
    return model


@cache
def sides(name: str) -> tuple[str, ...]:
    """Return the sides that have a detector and are installed; say which one is not."""
    found = []
    for side, make in SIDES.items():
        try:
            if make(name) is not None:
                found.append(side)
        except (ImportError, NameLookupError) as error:
            print(f"{name}: {side} is left out: {error}", file=sys.stderr, flush=True)
    return tuple(found)


def rounds_of(
    name: str, X: np.ndarray, seconds: float, repeats: int | None
) -> tuple[list[dict[str, Row]], dict[str, np.ndarray]]:
    """Return the times of all sides in turns, and their scores.

    The first round does not count, unless the time that there is has gone into it.
    """
    for side in sides(name):
        once(made(name, side), X[:FEW])
    rounds: list[dict[str, Row]] = []
    begin = time.monotonic()
    while len(rounds) <= (MOST if repeats is None else repeats):
        found, scores = {}, {}
        for side in sides(name):
            found[side], scores[side] = once(made(name, side), X)
        rounds.append(found)
        spent = time.monotonic() - begin
        enough = len(rounds) > LEAST or spent / len(rounds) > seconds / 2
        if repeats is None and spent > seconds and enough:
            break
    return rounds[1:] or rounds, scores


def batch(name: str, n: int, seconds: float, repeats: int | None) -> Iterator[Row]:
    """Measure time, differences and memory of all sides."""
    counted, scores = rounds_of(name, clusters(n), seconds, repeats)
    for side in sides(name):
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
            "memory": statistics.median(peaks(name, n, side)) if n >= WARM else None,
        }


def peaks(name: str, n: int, side: str) -> Iterator[float]:
    """Yield the growth of fresh processes; of few rows that of several, as it is a few MiB."""
    for _ in range(3 if n <= WARM else 1):
        yield peak_memory(name, n, side)


def peak_memory(name: str, n: int, side: str) -> float:
    """Return the MiB by which a fresh process grows at its peak in fit and score."""
    here = [sys.executable, __file__, "--memory", f"{name},{n},{side}"]
    done = subprocess.run(
        here, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **RETURNED}
    )
    return float(done.stdout.split()[-1])


def print_memory(name: str, n: int, side: str) -> None:
    """Fit, score and print the growth of the peak; a run before it loads what is needed."""
    once(made(name, side), clusters(WARM))
    model, X = made(name, side), clusters(n)
    gc.collect()
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
    works: dict[str, Callable[[], Any]] = {
        "ours": lambda: detector.score_samples(row),
        "alone": lambda: detector._score(row),
    }
    failed = {}
    if "pyod" in sides(name):
        theirs = made(name, "pyod")
        theirs.fit(X)
        try:
            theirs.score(row)
        except (IndexError, ValueError) as error:  # PyOD's COF fits the batch that it scores
            print(f"{name}: PyOD cannot score one row: {error}", flush=True)
            failed["pyod"] = FAILS
        else:
            works["pyod"] = lambda: theirs.score(row)
    found: dict[str, list[float]] = {side: [] for side in works}
    for _ in range(9):
        for side, work in works.items():
            repeats, begin = 0, time.perf_counter()
            while time.perf_counter() - begin < 0.02 or repeats < 3:
                work()
                repeats += 1
            found[side].append((time.perf_counter() - begin) / repeats)
    medians = {side: 1e6 * statistics.median(values) for side, values in found.items()}
    return {"detector": name, **medians, **failed}


def first_call(name: str) -> Row:
    """Return seconds that a fresh process takes to fit and score 1,000 rows, imports included.

    Python keeps what it compiles, as it does of installed packages.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found: dict[str, list[float]] = {}
    for _ in range(3):
        for side in sides(name):
            here = [sys.executable, __file__, "--first", f"{name},{side}"]
            wall, _, _ = timed(lambda here=here: subprocess.run(here, check=True, env=kept))
            found.setdefault(side, []).append(wall)
    return {"detector": name, **{side: statistics.median(v[1:]) for side, v in found.items()}}


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--detectors", default=",".join(CASES))
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--seconds", type=float, default=10, help="for a detector and size")
    parser.add_argument("--repeats", type=int, help="rounds that count, however long they take")
    parser.add_argument("--output", type=Path, default=Path("results/performance"))
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--first", help=argparse.SUPPRESS)
    read = parser.parse_args()
    read.detectors = read.detectors.split(",")
    if unknown := sorted(set(read.detectors) - set(CASES)):
        parser.error(f"nothing to compare {', '.join(unknown)} with; there is {', '.join(CASES)}")
    try:
        read.sizes = [int(n) for n in read.sizes.split(",")]
    except ValueError:
        parser.error(f"--sizes takes numbers with commas between them, not {read.sizes}")
    return read


def main() -> int:
    """Measure, and write the tables."""
    given = options()
    warnings.simplefilter("ignore")
    if given.memory:
        name, n, side = given.memory.split(",")
        print_memory(name, int(n), side)
        return 0
    if given.first:
        name, side = given.first.split(",")
        once(made(name, side), np.random.default_rng(0).normal(size=(FEW, 20)))
        return 0
    names = [name for name in given.detectors if "ours" in sides(name)]
    rows: list[Row] = []
    for name in names:
        for n in given.sizes:
            if n > CASES[name].largest:
                print(f"{name}: not run on more than {CASES[name].largest:,} rows", flush=True)
                continue
            for row in batch(name, n, given.seconds, given.repeats):
                print(json.dumps(row), flush=True)
                rows.append(row)
    write(given.output, rows, [one_row(name) for name in names], [first_call(n) for n in names])
    return 0


if __name__ == "__main__":
    sys.exit(main())
