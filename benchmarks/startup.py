"""What commands cost beside an import of the libraries that they rest on.

Two promises: listing every plugin costs at most 1.5 times the CPU time of ``import
numpy`` (CPU time, so that other work on the machine matters little), and ``ad detect``
of 1,000 rows, with the default detector, less than 2.5 times the wall time of ``import
sklearn``. The runs take turns; the medians of the first are compared, and the median of
the ratios of the second. Exits with 1 when a promise is broken.

    python benchmarks/startup.py [--runs 15]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REFERENCE = "import numpy"
LIMIT = 1.5
COMMANDS = {
    REFERENCE: ["-c", "import numpy"],
    "ad list-plugins": ["-m", "ad_core", "list-plugins"],
    "ad list-detectors": ["-m", "ad_core", "list-detectors"],
    "ad list-datasets": ["-m", "ad_core", "list-datasets"],
    "ad list-metrics": ["-m", "ad_core", "list-metrics"],
}
DETECT_LIMIT = 2.5


def times(arguments):
    """Return the CPU and the wall time, in seconds, of one run of Python."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def lists(runs):
    """Measure and print the list commands; return whether all keep their promise."""
    found = {name: [] for name in COMMANDS}
    for _ in range(runs + 1):
        for name, arguments in COMMANDS.items():
            found[name].append(times(arguments)[0])
    medians = {name: statistics.median(values[1:]) for name, values in found.items()}
    ratios = {name: median / medians[REFERENCE] for name, median in medians.items()}
    for name, median in medians.items():
        print(f"{name:18} {1000 * median:6.0f} ms CPU   {ratios[name]:5.2f} x numpy")
    return max(ratios.values()) <= LIMIT


def detect(runs):
    """Measure and print ``ad detect``; return whether it keeps its promise."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        rows = np.random.default_rng(0).normal(size=(1000, 10))
        names = ",".join(f"column{i}" for i in range(rows.shape[1]))
        np.savetxt(file, rows, delimiter=",", header=names, comments="")
        pairs = []
        for _ in range(runs + 1):
            ours = times(["-m", "ad_core", "detect", str(file)])[1]
            pairs.append((ours, times(["-c", "import sklearn"])[1]))
    ours, theirs = (statistics.median(one) for one in zip(*pairs[1:], strict=True))
    ratio = statistics.median(one / other for one, other in pairs[1:])
    print(f"{'import sklearn':18} {1000 * theirs:6.0f} ms wall   1.00 x sklearn")
    print(f"{'ad detect':18} {1000 * ours:6.0f} ms wall  {ratio:5.2f} x sklearn")
    return ratio < DETECT_LIMIT


def main():
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    return 0 if all([lists(runs), detect(runs)]) else 1


if __name__ == "__main__":
    sys.exit(main())
