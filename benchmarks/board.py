"""Every unsupervised detector for tables on every ADBench set at hand: the published board.

    AD_DATA_MIRROR=… python benchmarks/board.py [--output DIR] [--n-jobs N] [--timeout SECONDS]

Runs in processes of their own, one thread each, by the protocol holdout-10k; what is in the
results folder is not computed again. Writes docs/board.md and docs/board.html. A run that takes
longer than the limit, or needs more memory, is a gap on the board, with its reason.
"""

import argparse
import sys
from pathlib import Path

from ad_core.benchmark import DetectorEntry, Experiment, RunFinished, plan, run
from ad_core.data import find_file
from ad_core.hookspecs import hookimpl
from ad_core.load import availability
from ad_core.registry import get_registry
from ad_core.results import RunStore, leaderboard, to_html, to_markdown
from ad_core.spec import Capability, DataKind

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SETS = ("adbench/*", "adbench-cv/resnet18/*", "adbench-nlp/bert/*")
METRICS = ("roc_auc", "pr_auc")
MEMORY = 4 * 2**30
HEAD = """\
<!-- Written by `nox -s board`; do not edit. -->

# The board

Every detector of this project for tables that learns without labels, on the {n_sets} sets of
ADBench at hand, one repetition: protocol [`holdout-10k`](reference/protocols.md), a process and one
thread a run, at most {timeout:.0f} s and 4 GiB. [The whole board](board.html) has charts, a heat
map and every run; `nox -s board` computes it again. What a detector could not finish is a gap;
[the ranked table](benchmarks.md#the-leaderboard) is as large as it can be. Arguments are the
defaults.

"""


class Progress:
    """Prints a line a run that is not there yet."""

    def __init__(self) -> None:
        self.n = 0

    @hookimpl
    def ad_event(self, event: object) -> None:
        """Print what was computed."""
        if isinstance(event, RunFinished):
            self.n += 1
            one = event.record
            if not event.reused:
                print(self.n, one.status, one.model, one.dataset, one.fit_time, flush=True)


def experiment(output: Path, n_jobs: int, timeout: float) -> Experiment:
    """Return what to run: what is installed and at hand."""
    registry = get_registry()
    sets = [
        entry.name
        for entry in registry.datasets.select(SETS)
        if all(find_file(file) for file in entry.spec.files)
    ]
    detectors = [
        DetectorEntry(name=entry.name)
        for entry in registry.detectors
        if DataKind.TABULAR in entry.spec.data
        and Capability.SUPERVISED not in entry.spec.capabilities
        and availability(entry.spec)
    ]
    if not sets:
        sys.exit("no set of ADBench is at hand; get some with: ad datasets fetch 'adbench/*'")
    return Experiment(
        name="board",
        datasets=tuple(sets),
        detectors=tuple(detectors),
        metrics=METRICS,
        protocol="holdout-10k",
        n_jobs=n_jobs,
        timeout=timeout,
        memory=MEMORY,
        threads=1,
        output=output,
    )


def main() -> int:
    """Run, and write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "results/board")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=30)
    options = parser.parse_args()
    planned = plan(experiment(options.output, options.n_jobs, options.timeout))
    store = RunStore(options.output)
    print(f"{len(planned.tasks)} runs", flush=True)
    with get_registry().observe(Progress()):
        if run(planned, store).interrupted:
            print("interrupted; the same command goes on")
            return 130
    records = [store.find(task.key) for task in planned.tasks]
    found = [one for one in records if one is not None]
    n_sets = len({one.dataset for one in found})
    head = HEAD.format(n_sets=n_sets, timeout=options.timeout)
    board = to_markdown(leaderboard(found, METRICS[0]), cells=False)
    (DOCS / "board.md").write_text(head + "#" + board)
    (DOCS / "board.html").write_text(to_html(found, dict.fromkeys(METRICS, True), title="Board"))
    print(f"wrote {DOCS / 'board.md'} and {DOCS / 'board.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
