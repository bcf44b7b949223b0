"""One process for several runs: as long as it is as good as new, and without any run noticing."""

import sys
from importlib.metadata import distributions, entry_points

import psutil
import pytest

from ad_core.benchmark import DetectorEntry, Experiment, plan, run
from ad_core.benchmark.isolation import Isolator
from ad_core.benchmark.isolation._forked import MOST
from ad_core.registry import Registry
from ad_core.results import Isolation, Limits, RunStore

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

LIMITS = Limits(threads=1)
MB = 1_000_000

LEAVES = {
    "a thread": "threading.Thread(target=hang, daemon=True).start()",
    "a thread of C": "ctypes.CDLL(None).pthread_create(THREAD, None, ctypes.CDLL(None).pause, None)",
    "a child": "subprocess.Popen(SLEEP)",
    "a detached child": "leave_a_detached_child()",
    "a dead child": 'subprocess.Popen(["true"])',
    "a variable": 'os.environ.update(LEFT="1")',
    "a variable of C": 'ctypes.CDLL(None).setenv(b"LEFT", b"1", 1)',
    "a working directory": 'os.chdir("/")',
    "an open file": 'os.open("/dev/null", os.O_RDONLY)',
    "another standard input": "os.dup2(1, 0)",
    "a umask": "os.umask(0o27)",
    "a handler": "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
    "a handler of C": "ctypes.CDLL(None).signal(int(signal.SIGUSR2), 1)",
    "a blocked signal": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])",
    "a timer": "signal.setitimer(signal.ITIMER_REAL, 3600)",
    "a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (512, 1024))",
    "a hard limit of data": "resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, 1 << 40))",
    "a priority": "os.nice(1)",
    "a warnings filter": 'warnings.simplefilter("error")',
    "a log handler": "logging.root.addHandler(logging.NullHandler())",
    "a locale": 'locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")',
    "a search path": 'sys.path.append("/nowhere")',
    "a recursion limit": "sys.setrecursionlimit(5000)",
    "another stdout": 'setattr(sys, "stdout", sys.stderr)',
    "no garbage collector": "gc.disable()",
    "an error state": 'np.seterr(all="raise")',
    "print options": "np.set_printoptions(precision=3)",
    "another built-in": 'setattr(builtins, "abs", round)',
    "another function of numpy": 'setattr(np.linalg, "norm", np.sum)',
    "a setting of scikit-learn": "sklearn.set_config(assume_finite=True)",
    "much memory": 'KEPT.append(b"x" * 300_000_000)',
}
"""What a run can leave behind, and how it does it."""

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec


@hookimpl
def ad_detectors():
    return [DetectorSpec(name="doer", target="doer:Doer", summary="Does it", family="rule")]
"""

DETECTORS = '''
import builtins
import ctypes
import gc
import locale
import logging
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import scipy.linalg
import sklearn

from ad_core.detector import BaseDetector

KEPT, NEXT = [], []
THREAD = ctypes.byref(ctypes.c_ulong())
SLEEP = [sys.executable, "-c", "import time; time.sleep(3600)"]


def hang():
    time.sleep(3600)


def eat():
    while True:
        KEPT.append(b"x" * 10_000_000)


def leave_a_detached_child():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            hang()
        os._exit(0)
    os.wait()


def hold_and_let_go():
    np.ones(12_000_000).sum()


def multiply():
    square = np.ones((500, 500))
    square @ square
    scipy.linalg.solve(square + np.eye(500), square)


def fail():
    raise ZeroDivisionError("on purpose")


def crash():
    print("about to abort")
    os.abort()


LEAVES = {
$LEAVES
}
DOES = {
    **LEAVES,
    "nothing": lambda: None,
    "seeds": lambda: (np.random.seed(0), random.seed(0)),
    "hold": hold_and_let_go,
    "multiply": multiply,
    "poison": lambda: NEXT.append(crash),
    "hang": hang,
    "eat": eat,
    "fail": fail,
    "crash": crash,
    "chatter": lambda: print("what concerns nobody else"),
}


class Doer(BaseDetector):
    """Does something, and scores the process that it is in.

    Parameters
    ----------
    does
        What it does.
    next
        What the next one in the same process does.
    shows
        What the scores are.
    """

    def __init__(self, does: str = "nothing", next: str = "nothing", shows: str = "pid") -> None:
        self.does, self.next, self.shows = does, next, shows

    def _fit(self, X, y):
        with open(os.environ["ATTEMPTS"], "a") as log:
            log.write(f"{os.getpid()}\\n")
        self.shown_ = {
            "pid": os.getpid,
            "draw": lambda: np.random.random() + random.random(),
            "data": X.sum,
            "limit": lambda: resource.getrlimit(resource.RLIMIT_DATA)[0],
        }[self.shows]()
        while NEXT:
            NEXT.pop()()
        NEXT.append(DOES[self.next])
        if self.does == "spoil the data":
            while X is not None:
                X.flags.writeable = True
                X[:] = 0
                X = X.base
        else:
            DOES[self.does]()

    def _score(self, X):
        return np.full(len(X), float(self.shown_))
'''


CODE = "\n".join(f"    {name!r}: lambda: {code}," for name, code in LEAVES.items())


class Doing:
    """Does runs of the detector in one isolator."""

    def __init__(self, registry, attempts):
        self.registry, self._attempts, self.isolator = registry, attempts, Isolator(1)

    def __call__(self, does="nothing", limits=LIMITS, **more):
        return self.isolator.run(planned(self.registry, does=does, **more), limits)

    @property
    def attempts(self):
        """The process of each attempt at a run."""
        return self._attempts.read_text().split()

    def forget(self):
        self._attempts.write_text("")


@pytest.fixture(scope="module")
def one(new_site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reuse")
    site = new_site(folder / "site")
    site.add("doer", PLUGIN, doer=DETECTORS.replace("$LEAVES", CODE))
    points = [
        point for found in distributions(path=[str(site.path)]) for point in found.entry_points
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site.path)
        patch.setenv("ATTEMPTS", str(folder / "attempts"))
        registry = Registry([*entry_points(group="ad.plugins", name="core"), *points])
        one = Doing(registry, folder / "attempts")
        yield one
        one.isolator.close()
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def doing(one):
    """Return what does runs, the first of them in a fresh process."""
    one("crash")
    one.forget()
    return one


def planned(registry, **params):
    entry = DetectorEntry(name="doer", params=params)
    (task,) = plan(Experiment(datasets=("wine",), detectors=(entry,)), registry).tasks
    return task


def shown(result):
    assert result.record.ok, result.record.error
    return result.scores.scores[0]


def test_a_process_that_is_as_good_as_new_does_the_next_run(doing):
    assert len({shown(doing()) for _ in range(3)}) == 1


@pytest.mark.parametrize("what", LEAVES)
def test_a_process_in_which_a_run_left_something_does_no_other(doing, what):
    first, second = shown(doing()), shown(doing(what))
    assert first == second
    third = shown(doing())
    assert third != first
    assert shown(doing()) == third


@pytest.mark.parametrize("poison", ["crash", "fail", "hang", "eat"])
def test_a_run_that_another_one_ruins_is_done_again_in_a_fresh_process(doing, poison):
    limits = Limits(timeout=1.0, memory=700 * MB, threads=1)
    first = shown(doing(next=poison, limits=limits))
    result = doing(limits=limits)
    assert shown(result) != first
    assert result.record.error is None
    assert len(set(doing.attempts)) == 2
    assert len(doing.attempts) == 3


@pytest.mark.parametrize(
    ("does", "status"), [("crash", "crash"), ("fail", "error"), ("hang", "timeout"), ("eat", "oom")]
)
def test_a_bad_ending_in_a_used_process_is_checked_in_a_fresh_one_once(doing, does, status):
    limits = Limits(timeout=1.0, memory=700 * MB, threads=1)
    shown(doing(limits=limits))
    assert doing(does, limits).record.status == status
    once, twice, again = doing.attempts
    assert once == twice != again
    # The process is fresh anyway: one attempt is enough.
    assert doing(does, limits).record.status == status
    assert len(doing.attempts) == 4


def test_what_one_run_prints_is_not_in_the_record_of_another(doing):
    shown(doing("chatter"))
    record = doing("crash").record
    assert (record.status, record.signal) == ("crash", "SIGABRT")
    assert "the last lines it printed: about to abort" in record.error.message
    assert "nobody" not in record.error.message + record.error.traceback


def test_random_numbers_do_not_follow_from_those_of_the_run_before(doing):
    assert len({shown(doing("seeds", shows="draw")) for _ in range(3)}) == 3


def test_each_run_has_the_data_as_they_were_loaded(doing):
    whole = shown(doing("spoil the data", shows="data"))
    assert shown(doing(shows="data")) == whole != 0
    assert len(set(doing.attempts)) == 1


def test_each_run_has_its_own_limit_of_memory(doing):
    limits = [Limits(memory=memory, threads=1) for memory in (900 * MB, None, 700 * MB)]
    first, second, third = (shown(doing(shows="limit", limits=one)) for one in limits)
    assert second < 0 or second > 1e15  # none
    assert 100 * MB < first - third < 600 * MB
    assert len(set(doing.attempts)) == 1


def test_memory_of_a_run_is_told_as_if_it_were_the_first_one_of_its_process(doing):
    small, large, after, again = (
        doing(does).record for does in ("nothing", "hold", "nothing", "hold")
    )
    assert len(set(doing.attempts)) == 1
    assert max(small.peak_memory, after.peak_memory) < 20 * MB
    for record in (large, again):
        assert 90 * MB < record.peak_memory < 110 * MB
        assert record.peak_rss > after.peak_rss + 60 * MB


def test_threads_of_linear_algebra_are_there_before_the_first_run(one):
    isolator = Isolator(2)
    try:
        tasks = [planned(one.registry, does=does) for does in ("nothing", "multiply", "nothing")]
        assert len({shown(isolator.run(task, Limits(threads=2))) for task in tasks}) == 1
    finally:
        isolator.close()


def test_a_process_does_only_so_many_runs(doing):
    pids = [shown(doing()) for _ in range(MOST + 1)]
    assert len(set(pids[:-1])) == 1
    assert pids[-1] != pids[0]


def test_a_process_that_dies_while_it_waits_is_replaced(doing):
    first = psutil.Process(int(shown(doing())))
    first.kill()
    assert shown(doing()) != first.pid


def test_nothing_waits_once_the_isolator_is_closed(doing):
    first = int(shown(doing()))
    doing.isolator.close()
    assert not psutil.pid_exists(first)


def test_fresh_isolation_gives_each_run_a_process_that_does_nothing_else(doing, tmp_path):
    store = RunStore(tmp_path / "runs")
    entries = tuple(
        DetectorEntry(name="doer", label=str(n), params={"does": "seeds"}) for n in (1,)
    )
    experiment = Experiment(
        datasets=("wine",), detectors=entries, seeds=(0, 1, 2), isolation=Isolation.FRESH
    )
    summary = run(plan(experiment, doing.registry), store, registry=doing.registry)
    assert summary.by_status == {"ok": 3}
    assert {record.isolation for record in store.records()} == {Isolation.FRESH}
    assert len(set(doing.attempts)) == 3
