"""Mutate modules, run their tests, and compare what survives with what is explained.

python mutation/run.py                      every module
python mutation/run.py detector/_base fit   those whose path contains one of the words
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import page
from attrs import frozen
from host import Host, serve
from mutants import Mutant, mutants_of
from targets import ROOT, TARGETS
from trial import Baseline, Fate, copy_tree, preload, record, survives


def say(text: str) -> None:
    """Print with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


@frozen
class Part:
    """Modules that have the same tests, and what is known of those tests."""

    tests: list[str]
    mutants: list[Mutant]
    baseline: Baseline


def parts_of(modules: list[str], tree: Path) -> Iterator[Part]:
    """Yield the parts of the work, each after its tests ran once without a mutant."""
    for tests in {tuple(TARGETS[module]): None for module in modules}:
        together = [module for module in modules if tuple(TARGETS[module]) == tests]
        say(f"{' '.join(together)}: its tests, once without a mutant")
        baseline = record(tree, together, list(tests))
        mutants = [mutant for module in together for mutant in mutants_of(tree, module)]
        yield Part(list(tests), mutants, baseline)


def hosted(part: Part, trees: list[Path]) -> list[Fate]:
    """Return what becomes of each mutant where it replaces its function's code."""
    reader, writer = os.pipe()
    numbered = list(enumerate(part.mutants))
    children = [
        serve(Host(tree, dict(numbered[first :: len(trees)]), part.baseline, writer), part.tests)
        for first, tree in enumerate(trees)
    ]
    os.close(writer)
    fates = dict.fromkeys(range(len(numbered)), Fate.UNTRIED)
    with os.fdopen(reader) as lines:
        for done, line in enumerate(lines, start=1):
            number, fate = line.split()
            fates[int(number)] = Fate(fate)
            if done % 100 == 0:
                say(f"{done} of {len(numbered)}")
    for child in children:
        os.waitpid(child, 0)
    return list(fates.values())


_tree = Path()
"""A worker's own copy."""


def take_tree(trees: "multiprocessing.Queue[Path]") -> None:
    """Give a worker a copy of its own."""
    global _tree  # noqa: PLW0603 - one value a process
    _tree = trees.get()


def fate_of(work: tuple[Part, int]) -> tuple[int, Fate]:
    """Import the mutant afresh and run all tests: what it changes is not only a function."""
    part, number = work
    mutant, wanted = part.mutants[number], set(part.baseline.seconds)
    fate = survives(_tree, mutant.module, mutant.source, part.tests, wanted, part.baseline)
    return number, fate


def try_all(modules: list[str], jobs: int) -> dict[str, dict[Mutant, Fate]]:
    """Return what became of every mutant of the modules."""
    preload()
    context = multiprocessing.get_context("fork")
    fates: dict[str, dict[Mutant, Fate]] = {module: {} for module in modules}
    with TemporaryDirectory() as name:
        trees = [Path(name).resolve() / str(number) for number in range(jobs)]
        for tree in trees:
            copy_tree(ROOT, tree)
        for part in parts_of(modules, trees[0]):
            found = hosted(part, trees)
            for number, fate in enumerate(found):
                if fate is Fate.SURVIVED:
                    say(page.entry(part.mutants[number]))
            afresh = [(part, number) for number, fate in enumerate(found) if fate is Fate.UNTRIED]
            say(f"{len(afresh)} of {len(found)} need a fresh import")
            queue = context.Queue()
            for tree in trees:
                queue.put(tree)
            with context.Pool(len(trees), take_tree, (queue,)) as pool:
                for number, fate in pool.imap_unordered(fate_of, afresh):
                    found[number] = fate
                    if fate is Fate.SURVIVED:
                        say(page.entry(part.mutants[number]))
            for mutant, fate in zip(part.mutants, found, strict=True):
                fates[mutant.module][mutant] = fate
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
