"""Mutate modules, run their tests, and compare what survives with what is explained.

python mutation/run.py                      every module
python mutation/run.py detector/_base fit   those whose path contains one of the words
"""

import argparse
import multiprocessing
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import page
from attrs import frozen
from mutants import Mutant, mutants_of
from trial import Baseline, Fate, copy_tree, preload, record, survives

ROOT = Path(__file__).parent.parent

DETECTOR = [
    f"core/tests/test_detector_{name}.py"
    for name in ("contract", "template", "thresholds", "saving", "sklearn")
]
CHECKS = ["contracts/tests/test_checks.py"]

TARGETS: dict[str, list[str]] = {
    **{f"core/src/ad_core/detector/{name}.py": DETECTOR for name in ("_base", "_thresholds")},
    **{
        str(path.relative_to(ROOT)): CHECKS
        for path in sorted((ROOT / "contracts/src/ad_contracts/checks").glob("[!_]*.py"))
    },
}
"""Every module that is mutated, and its tests."""


@frozen
class Work:
    """One mutant to try, and what is known of the tests."""

    mutant: Mutant
    tests: list[str]
    baseline: Baseline


_tree = Path()
"""A worker's own copy."""


def take_tree(trees: "multiprocessing.Queue[Path]") -> None:
    """Give a worker a copy of its own."""
    global _tree  # noqa: PLW0603 - one value a process
    _tree = trees.get()


def fate_of(work: Work) -> tuple[Mutant, Fate]:
    """Try the tests that enter the mutant's function, then those that enter its module."""
    mutant, fate = work.mutant, Fate.SURVIVED
    tried: set[str] = set()
    for function in dict.fromkeys((mutant.function, "")):
        wanted = work.baseline.tests(mutant.module, function) - tried
        if wanted and fate is Fate.SURVIVED:
            fate = survives(_tree, mutant.module, mutant.source, work.tests, wanted, work.baseline)
        tried |= wanted
    return mutant, fate


def try_all(modules: list[str], jobs: int) -> dict[str, dict[Mutant, Fate]]:
    """Return what became of every mutant of the modules."""
    preload()
    with TemporaryDirectory() as name:
        trees = [Path(name).resolve() / str(number) for number in range(jobs)]
        for tree in trees:
            copy_tree(ROOT, tree)
        works = []
        for tests in {tuple(TARGETS[module]): None for module in modules}:
            together = [module for module in modules if tuple(TARGETS[module]) == tests]
            print(f"{' '.join(tests)}: once without a mutant", flush=True)
            baseline = record(trees[0], together, list(tests))
            works += [
                Work(mutant, list(tests), baseline)
                for module in together
                for mutant in mutants_of(trees[0], module)
            ]
        return _tried(works, trees)


def _tried(works: list[Work], trees: list[Path]) -> dict[str, dict[Mutant, Fate]]:
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    for tree in trees:
        queue.put(tree)
    fates: dict[str, dict[Mutant, Fate]] = {}
    with context.Pool(len(trees), take_tree, (queue,)) as pool:
        for number, (mutant, fate) in enumerate(pool.imap_unordered(fate_of, works), start=1):
            fates.setdefault(mutant.module, {})[mutant] = fate
            if fate is not Fate.KILLED:
                print(f"{number}/{len(works)} {fate}: {page.entry(mutant)}", flush=True)
            elif number % 50 == 0:
                print(f"{number}/{len(works)}", flush=True)
    return fates


def main() -> int:
    """Run, write what came out, and return 1 where it differs from what is explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    modules = [one for one in TARGETS if not options.words or any(w in one for w in options.words)]
    if not modules:
        parser.error(f"no module's path contains {' or '.join(options.words)}")
    fates = try_all(modules, options.jobs)
    explained = page.explained()
    failed = False
    for module, found in fates.items():
        survivors = {one.key for one, fate in found.items() if fate is Fate.SURVIVED}
        known = {key for key in explained if key[0] == module}
        for key in survivors - known:
            print(f"not explained: {key}")
        for key in known - survivors:
            print(f"explained, but it does not survive: {key}")
        failed = failed or survivors != known
        page.keep(module, Counter(str(fate) for fate in found.values()))
        print(f"{module}: {dict(Counter(map(str, found.values())))}")
    page.PAGE.write_text(page.text())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
