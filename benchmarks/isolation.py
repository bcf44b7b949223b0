"""What a process of its own costs a run: used again, forked from a zygote, a cold interpreter.

The same run (a null baseline on a small set, so that the process is all there
is to pay) is done by each way in turn, and once in this process. Prints wall
and CPU time of each, and the ratio, which is what other work on the machine
leaves alone.

    python benchmarks/isolation.py [--runs 20]
"""

import argparse
import statistics
import time

import psutil

from ad_core.benchmark import DetectorEntry, Experiment, execute, plan
from ad_core.benchmark.isolation import Isolator, Limits

LIMITS = Limits(threads=1)


def cpu_time():
    """Return the CPU seconds of this process, and of all that it started, so far."""
    me = psutil.Process()
    while True:
        try:
            times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
        except psutil.NoSuchProcess:  # it ended meanwhile, and its parent counts its time by now
            continue
        return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def timed(action):
    """Return wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), cpu_time()
    record = action().record
    assert record.ok, record.error
    return time.perf_counter() - wall, cpu_time() - cpu


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    entry = DetectorEntry(name="random")
    (task,) = plan(Experiment(datasets=("wine",), detectors=(entry,))).tasks
    used, forked, cold = Isolator(1), Isolator(1, again=False), Isolator(1, fork=False)
    ways = {
        "in this process": lambda: execute(task),
        "process used again": lambda: used.run(task, LIMITS),
        "forked from a zygote": lambda: forked.run(task, LIMITS),
        "cold interpreter": lambda: cold.run(task, LIMITS),
    }
    timed(ways["process used again"])
    boot = timed(ways["forked from a zygote"])
    print(f"{'first run, with its boot':25} {boot[0]:7.3f} s  CPU {boot[1]:7.3f} s")
    times = {name: [] for name in ways}
    for _ in range(runs):
        for name, action in ways.items():
            times[name].append(timed(action))
    used.close()
    forked.close()
    middles = {}
    for name, values in times.items():
        walls, cpus = zip(*values, strict=True)
        # The system counts CPU time in hundredths of a second: only a mean says more.
        middles[name] = wall, cpu = statistics.median(walls), statistics.mean(cpus)
        print(f"{name:25} {wall:7.4f} s  CPU {cpu:7.4f} s")
    ratios = [
        one / other
        for one, other in zip(
            middles["cold interpreter"], middles["forked from a zygote"], strict=True
        )
    ]
    print(f"cold / forked: {ratios[0]:.0f} x wall, {ratios[1]:.0f} x CPU")


if __name__ == "__main__":
    main()
