"""Detectors that do what no detector should, mixed among good ones, and what must come of it.

`lay_out` installs them into a `site`, `EXPERIMENT` runs them all, `check` looks
at what an engine made of it, `survivors` at what is left of its processes.
"""

import os
import time
from collections.abc import Callable

import psutil

from ad_core.benchmark import DetectorEntry, Experiment
from ad_core.results import Isolation, RunStore

MARK = "AD_DRILL"
"""Environment variable by which processes of a drill are told from others."""
TIMEOUT = 6.0
MEMORY = 500_000_000

DETECTORS = '''
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np

from ad_core.detector import BaseDetector


class Good(BaseDetector):
    """Distance from the mean."""

    def _fit(self, X, y):
        self.center_ = X.mean(axis=0)
        self._before_scores()

    def _before_scores(self):
        pass

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)


def bad(name, action):
    """Make a detector that does something before it scores."""

    def _before_scores(self):
        action()

    # A function that is not called by this name would not be found in a pickle.
    globals()[name] = type(
        name,
        (Good,),
        {"_before_scores": _before_scores, "__doc__": "Bad.", "__module__": __name__},
    )


def hang():
    time.sleep(3600)


def ignore_sigterm():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang()


def hang_with_children():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True
    )
    hang()


def eat():
    kept = []
    while True:
        kept.append(bytearray(os.urandom(1 << 20)) * 16)


def eat_in_children():
    code = "import time; kept = bytearray(b'x') * 200_000_000; time.sleep(3600)"
    for _ in range(3):
        subprocess.Popen([sys.executable, "-c", code])
    hang()


def ask_too_much():
    np.ones((1 << 20, 1 << 20))


def segfault():
    print("about to read nowhere")
    ctypes.string_at(0)


def leave_children():
    for new_session in (False, True):
        if os.fork() == 0:
            if new_session:
                os.setsid()
            if os.fork() == 0:
                hang()
            os._exit(0)


def run_on_twice():
    os.fork()


def print_megabytes():
    for _ in range(20):
        print("x" * 1_000_000)
        os.write(2, b"y" * 1_000_000)


def leave_a_thread():
    threading.Thread(target=hang).start()


def throw(error):
    raise error


bad("Hangs", hang)
bad("Stubborn", ignore_sigterm)
bad("Parent", hang_with_children)
bad("Stopped", lambda: os.kill(os.getpid(), signal.SIGSTOP))
bad("Eats", eat)
bad("EatsInChildren", eat_in_children)
bad("AsksTooMuch", ask_too_much)
bad("Segfaults", segfault)
bad("Aborts", os.abort)
bad("Killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
bad("Patricide", lambda: (os.kill(os.getppid(), signal.SIGKILL), hang()))
bad("ExitsWith0", lambda: os._exit(0))
bad("ExitsWith3", lambda: (print("bye", "now"), os._exit(3)))
bad("Raises", lambda: throw(ZeroDivisionError("on purpose")))
bad("Leaves", lambda: sys.exit(0))
bad("Interrupts", lambda: throw(KeyboardInterrupt))
bad("LeavesChildren", leave_children)
bad("RunsOnTwice", run_on_twice)
bad("Prints", print_megabytes)
bad("FillsAPipe", lambda: os.write(1, bytes(5_000_000)))
bad("LeavesAThread", leave_a_thread)


class Nan(Good):
    """Returns NaN for unseen rows."""

    def _training_scores(self, X):
        return np.zeros(len(X))

    def _score(self, X):
        return np.full(len(X), np.nan)


class TooFew(Nan):
    """Returns a score too few."""

    def _score(self, X):
        return np.zeros(len(X) - 1)
'''

GOOD = ("Good", "LeavesChildren", "RunsOnTwice", "Prints", "FillsAPipe", "LeavesAThread")
"""These give scores, whatever they do beside."""

ENDS = {
    **dict.fromkeys(GOOD, ("ok", None, 0)),
    "random": ("ok", None, 0),
    "Hangs": ("timeout", "SIGTERM", None),
    "Stubborn": ("timeout", "SIGKILL", None),
    "Parent": ("timeout", ..., None),  # SIGTERM may meet it between fork and exec
    "Stopped": ("timeout", "SIGKILL", None),
    "Eats": ("oom", ..., ...),  # the watchdog kills it, or the net below catches it
    "EatsInChildren": ("oom", "SIGKILL", None),
    "AsksTooMuch": ("oom", None, 0),
    "Segfaults": ("crash", "SIGSEGV", None),
    "Aborts": ("crash", "SIGABRT", None),
    "Killed": ("crash", "SIGKILL", None),
    "Patricide": ("crash", None, None),
    "ExitsWith0": ("crash", None, 0),
    "ExitsWith3": ("crash", None, 3),
    "Raises": ("error", None, 0),
    "Leaves": ("error", None, 0),
    "Interrupts": ("error", None, 0),
    "Nan": ("invalid_scores", None, 0),
    "TooFew": ("invalid_scores", None, 0),
}
"""Status, signal and exit code of each; ``...`` for any."""

SOME = (
    *("Good", "random", "LeavesChildren", "Hangs", "EatsInChildren", "Segfaults", "Patricide"),
    *("ExitsWith3", "Raises", "Nan"),
)
"""One for each status and for each way in which it comes about."""

MESSAGES = {
    "Hangs": "Hangs on wine exceeded 6 s; raise it with --timeout or timeout:",
    "EatsInChildren": ", more than the limit of 500 MB; raise it with --memory or memory:",
    "AsksTooMuch": "; the limit of 500 MB; raise it with --memory or memory:",
    "Segfaults": (
        "Segfaults on wine was killed by SIGSEGV; the last lines it printed: about to read nowhere"
    ),
    "Killed": "was killed by SIGKILL (by the system, when memory runs out); it printed nothing",
    "Patricide": "ended together with the process that started it; it printed nothing",
    "ExitsWith0": "ended its process with exit code 0 before it gave scores; it printed nothing",
    "ExitsWith3": "exit code 3 before it gave scores; the last lines it printed: bye now",
    "Raises": "ZeroDivisionError: on purpose",
    "Leaves": "Leaves on wine raised SystemExit: 0",
    "Interrupts": "Interrupts on wine raised KeyboardInterrupt: KeyboardInterrupt",
    "Nan": "scores that are not finite",
}
"""A part of each message."""

PLUGIN = f"""
from ad_core.hookspecs import hookimpl
from ad_core.spec import DetectorSpec


@hookimpl
def ad_detectors():
    return [
        DetectorSpec(
            name=name.lower(), target=f"drill_detectors:{{name}}", summary="Drill", family="rule"
        )
        for name in {[name for name in ENDS if name != "random"]}
    ]
"""


def lay_out(site):
    """Install the detectors."""
    site.add("drill", PLUGIN, drill_detectors=DETECTORS)


def experiment(names=tuple(ENDS), **more):
    """Return the experiment with the detectors `names`, by default all of them."""
    entries = tuple(DetectorEntry(name=name.lower(), label=name) for name in names)
    limits = {"timeout": TIMEOUT, "memory": MEMORY, "threads": 1}
    if more.get("isolation") is Isolation.NONE:
        limits = {}
    return Experiment(datasets=("wine",), detectors=entries, **limits, **more)


def check(
    store: RunStore, reference: RunStore, names=tuple(ENDS), isolation=Isolation.PROCESS
) -> None:
    """Check that every bad run ended as it should, and every good one as in `reference`."""
    records = {record.model: record for record in store.records()}
    assert set(records) == set(names)
    for name in names:
        record, expected = records[name], ENDS[name]
        found = (str(record.status), record.signal, record.exit_code)
        pairs = zip(found, expected, strict=True)
        assert all(wanted in (..., one) for one, wanted in pairs), (name, found, record.error)
        assert (record.isolation, record.limits.memory) == (isolation, MEMORY)
        assert name == "Patricide" or record.peak_rss > 0  # it may be gone before it is seen
        if name in MESSAGES:
            assert MESSAGES[name] in record.error.message
    assert records["EatsInChildren"].peak_rss > MEMORY
    assert "in segfault" in records["Segfaults"].error.traceback
    assert "in hang" in records["Hangs"].error.traceback
    for right in reference.records():
        record = records[right.model]
        assert (record.key, record.metrics) == (right.key, right.metrics)
        assert record.scores_sha256 == right.scores_sha256


def survivors(
    mark: str, allowed: Callable[[psutil.Process], bool] = lambda _: False
) -> list[psutil.Process]:
    """Return the processes whose environment has `mark`, once some time was given them to end.

    Those that are `allowed` may stay.
    """
    deadline = time.monotonic() + 30
    while (alive := _alive(mark, allowed)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def is_stem(process: psutil.Process) -> bool:
    """Tell whether a process is the one that zygotes come from, which stays for the next run."""
    return process.cmdline()[-2:-1] == ["stem"] and not process.children()


def _alive(mark: str, allowed: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            marked = process.pid != os.getpid() and process.environ().get(MARK) == mark
            if marked and not allowed(process):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found
