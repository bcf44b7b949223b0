"""CPU time of a list command against that of ``import numpy``, side by side.

The promise: listing every plugin costs at most 1.5 times what importing numpy
alone does. Times are user and system time of the child processes, so other
work on the machine matters little; the runs are interleaved and the medians
compared. Exits with 1 when the promise is broken.

    python benchmarks/startup.py [--runs 15]
"""

import argparse
import resource
import statistics
import subprocess
import sys

REFERENCE = "import numpy"
LIMIT = 1.5
COMMANDS = {
    REFERENCE: ["-c", "import numpy"],
    "ad list-plugins": ["-m", "ad_core", "list-plugins"],
    "ad list-detectors": ["-m", "ad_core", "list-detectors"],
    "ad list-datasets": ["-m", "ad_core", "list-datasets"],
    "ad list-metrics": ["-m", "ad_core", "list-metrics"],
}


def cpu_time(arguments):
    """Return the user and system time, in seconds, of one run of Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    times = {name: [] for name in COMMANDS}
    for _ in range(runs + 1):
        for name, arguments in COMMANDS.items():
            times[name].append(cpu_time(arguments))
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    slow = False
    for name, median in medians.items():
        ratio = median / medians[REFERENCE]
        slow |= ratio > LIMIT
        print(f"{name:18} {1000 * median:6.0f} ms  {ratio:5.2f} x numpy")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
