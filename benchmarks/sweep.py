"""A sweep over 20 small sets by 10 detectors: the runner, a plain loop, and PyOD in a loop.

- runner: `ad_core.benchmark.run` with two workers, each run in a process of its own;
  data are read, split and verified, records and scores kept on disk.
- loop: a script that fits, scores and evaluates the same detectors one after the
  other in one process, on parts that lie ready; nothing is kept.
- pyod: the same script over PyOD's detectors, and scikit-learn's two metrics.

Each way is a fresh process, and they take turns. "cold" is the wall time of the whole
process as a user meets it, imports included; "warm" that of a second sweep inside it.
The sets are the 20 smallest of ADBench where `AD_DATA_MIRROR` has them, else the toy
tables with two seeds. `--larger` takes eight of ADBench with 7,200 to 49,534 rows instead:
there a run takes longer than what it takes to isolate and keep it.

    python benchmarks/sweep.py [--repeats 3] [--larger] [--ways runner loop]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np

DETECTORS = {
    "ecod": ("ecod", "ECOD", {}),
    "copod": ("copod", "COPOD", {}),
    "hbos": ("hbos", "HBOS", {}),
    "loda": ("loda", "LODA", {}),
    "pca": ("pca", "PCA", {}),
    "knn": ("knn", "KNN", {}),
    "local_outlier_factor": ("lof", "LOF", {}),
    "isolation_forest": ("iforest", "IForest", {"random_state": 0}),
    "gaussian_mixture": ("gmm", "GMM", {"random_state": 0}),
    "inne": ("inne", "INNE", {"random_state": 0}),
}
"""Ours; module, class and arguments of PyOD's."""
ADBENCH = (
    *("Hepatitis", "wine", "glass", "WBC", "Stamps", "Ionosphere", "WDBC", "breastw", "Pima"),
    *("vowels", "yeast", "letter", "cardio", "fault", "Cardiotocography", "musk", "Waveform"),
    *("thyroid", "PageBlocks", "satimage-2"),
)
LARGER = (
    *("annthyroid", "mammography", "pendigits", "satellite"),
    *("shuttle", "mnist", "ALOI", "campaign"),
)
TOYS = (
    *("blobs", "clustered", "densities", "dependency", "global", "heavy-tailed"),
    *("high-dimensional", "local", "moons", "ring"),
)
WAYS = ("runner", "loop", "pyod")
TARGETS = {"loop": 1.8, "pyod": 5.0}


def experiment(larger):
    """Return what is run."""
    from ad_core.benchmark import DetectorEntry, Experiment

    mirror = os.environ.get("AD_DATA_MIRROR")
    sets = {"datasets": tuple(f"adbench/{name}" for name in (LARGER if larger else ADBENCH))}
    if not mirror:
        sets = {"datasets": tuple(f"toy-{name}" for name in TOYS), "seeds": (0, 1)}
    entries = tuple(DetectorEntry(name=name) for name in DETECTORS)
    return Experiment(detectors=entries, n_jobs=2, **sets)


def write_parts(folder, larger):
    """Write what every run of the runner fits on and scores."""
    from ad_core.benchmark import plan
    from ad_core.benchmark.protocols import get_protocol

    wanted = {(task.dataset, task.data_seed): task for task in plan(experiment(larger)).tasks}
    for number, task in enumerate(wanted.values()):
        train, test = get_protocol(task.protocol).parts(task.dataset_spec, task.data_seed)
        np.savez(folder / f"{number:02}.npz", train=train.X, test=test.X, labels=test.y)


def runner(folder, larger):
    """Do the sweep by the runner; return the number of good runs."""
    from ad_core.benchmark import get_ready, plan, run
    from ad_core.results import RunStore

    wanted = experiment(larger)
    get_ready(wanted)
    results = tempfile.mkdtemp(dir=folder)  # kept to the end, as whoever runs a benchmark does
    return run(plan(wanted), RunStore(results)).by_status["ok"]


def loop(folder, larger):
    """Do the sweep by our detectors in a loop; return the number of good runs."""
    from ad_core.load import create
    from ad_core.metrics import evaluate
    from ad_core.metrics.specs import METRICS

    names = experiment(larger).metrics
    metrics = [spec for spec in METRICS if spec.name in names]
    done = 0
    for train, test, labels in parts(folder):
        for name, (_, _, arguments) in DETECTORS.items():
            detector = create(name, **arguments).fit(train)
            scores = detector.score_samples(test)
            flagged = (scores >= detector.decision_threshold).astype(np.int8)
            done += evaluate(labels, scores, flagged, metrics).values["roc_auc"] is not None
    return done


def pyod(folder, _):
    """Do the sweep by PyOD's detectors in a loop; return the number of good runs."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    done = 0
    for train, test, labels in parts(folder):
        for module, name, arguments in DETECTORS.values():
            detector = getattr(import_module(f"pyod.models.{module}"), name)(**arguments)
            scores = detector.fit(train).decision_function(test)
            done += np.isfinite(average_precision_score(labels, scores))
            done += np.isfinite(roc_auc_score(labels, scores)) - 1
    return int(done)


def parts(folder):
    """Yield train rows, test rows and labels."""
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            yield arrays["train"], arrays["test"], arrays["labels"]


def sweep_twice(way, folder, larger):
    """Print the time of a second sweep in this process, and what the first one did."""
    sweep = globals()[way]
    done = sweep(folder, larger)
    print(json.dumps({"done": done}), flush=True)
    begin = time.perf_counter()
    sweep(folder, larger)
    print(json.dumps({"warm": time.perf_counter() - begin}), flush=True)


def timed(way, folder, larger):
    """Run one way in a fresh process; return its figures."""
    program = [sys.executable, "-W", "ignore", __file__, "--way", way, "--folder", str(folder)]
    program += ["--larger"] * larger
    begin = time.perf_counter()
    cpu = cpu_seconds()
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        found = json.loads(process.stdout.readline())
        found["cold"] = time.perf_counter() - begin
        found |= json.loads(process.stdout.readline())
    found["cpu"] = cpu_seconds() - cpu
    return found


def cpu_seconds():
    """Return the CPU time of all processes that were started here and are gone."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--larger", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        sweep_twice(options.way, options.folder, options.larger)
        return
    if options.larger and "AD_DATA_MIRROR" not in os.environ:
        parser.error("--larger needs ADBench's files: name their folder in AD_DATA_MIRROR")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_parts(folder, options.larger)
        found = {way: [] for way in options.ways}
        for _ in range(options.repeats):
            for way in options.ways:
                found[way].append(timed(way, folder, options.larger))
    medians = {
        way: {key: statistics.median(one[key] for one in all_) for key in all_[0]}
        for way, all_ in found.items()
    }
    for way, one in medians.items():
        line = f"{way:8} {one['done']:4.0f} runs  cold {one['cold']:6.2f} s  "
        line += f"warm {one['warm']:6.2f} s  CPU of both {one['cpu']:6.2f} s"
        if way in TARGETS and "runner" in medians:
            ratios = (one[key] / medians["runner"][key] for key in ("cold", "warm"))
            line += "  over the runner: {:.2f} cold, {:.2f} warm".format(*ratios)
            line += f" (target {TARGETS[way]:g})"
        print(line)


if __name__ == "__main__":
    main()
