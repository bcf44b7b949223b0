"""Loaders of the public series: ``loader(spec, seed, **params) -> Parts or Rows``.

Each reads verified local copies of the files that its spec names. The readers
below them take paths, so that the table of sources is made with the same code.
"""

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_core.data import Parts, Rows, fetch_file, find_file, read_arrays
from ad_core.spec import DatasetSpec

__all__ = [
    "interfusion",
    "nab",
    "probation",
    "read_interfusion",
    "read_nab",
    "read_skab",
    "read_telemanom",
    "skab",
    "telemanom",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SKAB_TRAINING_STEPS = 400


# -- NAB ---------------------------------------------------------------------------------------


def nab(spec: DatasetSpec, _seed: int) -> Parts:
    """Load a series of NAB, cut after its probationary period."""
    data, windows = (fetch_file(file) for file in spec.files)
    X, y = read_nab(data, windows, f"{spec.name.removeprefix('nab/')}.csv")
    cut = probation(len(X))
    return Parts(train=Rows(X[:cut], y[:cut], ("value",)), test=Rows(X[cut:], y[cut:], ("value",)))


def probation(n_steps: int) -> int:
    """Return the length of NAB's probationary period: 15 %, at most 750 steps.

    `getProbationPeriod` in ``nab/util.py`` of the benchmark.
    """
    return min(int(0.15 * n_steps), 750)


def read_nab(data: Path, windows: Path, series: str) -> tuple[FloatArray, IntArray]:
    """Return the values, shape (n, 1), and the labels by window, shape (n,)."""
    with data.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    X = np.array([[float(row["value"])] for row in rows])
    times = np.array([row["timestamp"] for row in rows], dtype="datetime64[us]")
    y = np.zeros(len(X), dtype=np.int64)
    for start, end in json.loads(windows.read_text())[series]:
        y[(times >= np.datetime64(start)) & (times <= np.datetime64(end))] = 1
    return X, y


# -- SKAB --------------------------------------------------------------------------------------


def skab(spec: DatasetSpec, _seed: int) -> Parts | Rows:
    """Load an experiment of SKAB, cut after 400 steps where it has labels."""
    X, y, names = read_skab(fetch_file(spec.files[0]))
    if y is None:
        return Rows(X, np.zeros(len(X), dtype=np.int64), names)
    cut = SKAB_TRAINING_STEPS
    return Parts(train=Rows(X[:cut], y[:cut], names), test=Rows(X[cut:], y[cut:], names))


def read_skab(path: Path) -> tuple[FloatArray, IntArray | None, tuple[str, ...]]:
    """Return the sensors, shape (n, 8), the labels where there are any, and the sensors' names."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    names = tuple(name for name in rows[0] if name not in ("datetime", "anomaly", "changepoint"))
    X = np.array([[float(row[name]) for name in names] for row in rows])
    if "anomaly" not in rows[0]:
        return X, None, names
    return X, np.array([int(float(row["anomaly"])) for row in rows]), names


# -- SMAP and MSL ------------------------------------------------------------------------------


def telemanom(spec: DatasetSpec, _seed: int, *, prefix: str) -> Parts:
    """Load a telemetry channel with the published split."""
    converted = _converted(spec, prefix)
    if converted is None:
        train, test, intervals = (fetch_file(file) for file in spec.files)
        converted = read_telemanom(train, test, intervals, prefix.removesuffix("_"))
    return _published(*converted)


def read_telemanom(
    train: Path, test: Path, intervals: Path, channel: str
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return train, shape (n, d), test, shape (m, d), and the labels of test, shape (m,)."""
    # Rounded to float32, as in the conversion, so that either source gives the same numbers.
    first, second = (
        np.load(path, allow_pickle=False).astype(np.float32).astype(np.float64)
        for path in (train, test)
    )
    with intervals.open(newline="") as stream:
        listed = {row["chan_id"]: row["anomaly_sequences"] for row in csv.DictReader(stream)}
    y = np.zeros(len(second), dtype=np.int64)
    for start, end in json.loads(listed[channel]):
        y[start : end + 1] = 1
    return first, second, y


# -- SMD and ASD -------------------------------------------------------------------------------


def interfusion(spec: DatasetSpec, _seed: int, *, prefix: str) -> Parts:
    """Load a series of InterFusion's repository with the published split."""
    converted = _converted(spec, prefix)
    if converted is None:
        converted = read_interfusion(*(fetch_file(file) for file in spec.files))
    return _published(*converted)


def read_interfusion(
    train: Path, test: Path, labels: Path
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return train, shape (n, d), test, shape (m, d), and the labels of test, shape (m,)."""
    first, second, y = (_read_array(path) for path in (train, test, labels))
    return first.astype(np.float64), second.astype(np.float64), y.astype(np.int64)


class _ArrayUnpickler(pickle.Unpickler):
    """Reads a pickled array and refuses every other class, so that no foreign code runs."""

    def find_class(self, module: str, name: str) -> Any:
        package = module.partition(".")[0]
        if package != "numpy" or name not in ("_reconstruct", "ndarray", "dtype"):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an array")
        if name == "_reconstruct":
            # Its module moved between versions of numpy; any array names the present one.
            return np.empty(0).__reduce__()[0]
        return getattr(np, name)


def _read_array(path: Path) -> NDArray[Any]:
    with path.open("rb") as stream:
        return np.asarray(_ArrayUnpickler(stream).load())


# -- what they share ---------------------------------------------------------------------------


def _published(train: FloatArray, test: FloatArray, y: IntArray) -> Parts:
    return Parts(train=Rows(train, None), test=Rows(test, y))


def _converted(spec: DatasetSpec, prefix: str) -> tuple[FloatArray, FloatArray, IntArray] | None:
    """Read the converted file in the mirror folder; None where there is none."""
    path = None if spec.converted is None else find_file(spec.converted)
    if path is None:
        return None
    train, test, y = read_arrays(path, *(f"{prefix}{part}" for part in ("train", "test", "y")))
    return train.astype(np.float64), test.astype(np.float64), y.astype(np.int64)
