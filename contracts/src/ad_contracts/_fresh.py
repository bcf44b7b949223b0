"""The same work in a new process, which owes nothing to this one."""

import atexit
import json
import os
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ad_contracts._scenario import Sample
from ad_core.detector import BaseDetector
from ad_core.spec import Capability, DetectorSpec

__all__ = ["FreshRun", "python", "run_afresh", "run_elsewhere"]

_WORK = """
import pickle, sys
import numpy as np
from ad_contracts._subject import DetectorSubject
from ad_core.detector import load_detector
with open("work.pickle", "rb") as file:
    spec, sample = pickle.load(file)
fitted = DetectorSubject(spec).fitted(sample)
np.save("scores.npy", fitted.score_samples(sample.X_test))
if spec.capabilities & {"serializable"}:
    np.save("loaded.npy", load_detector("saved").score_samples(sample.X_test))
"""

_NURSERY = """
import json, os, sys, traceback
import ad_contracts._subject, jsonschema, polars, scipy.stats, skops.io
import sklearn.cluster, sklearn.covariance, sklearn.decomposition, sklearn.ensemble
import sklearn.mixture, sklearn.neighbors, sklearn.svm
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.chdir(order["folder"])
            os.dup2(os.open("errors.txt", os.O_WRONLY | os.O_CREAT), 2)
            os.dup2(2, 1)
            os.environ.clear()
            os.environ.update(order["environment"])
            sys.path[:] = order["path"]
            exec(order["code"], {"__name__": "work"})
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@frozen(kw_only=True)
class FreshRun:
    """What a new process computed for a sample's test data.

    Parameters
    ----------
    scores
        Scores of a detector that was fitted there.
    loaded_scores
        Scores of the detector that was saved here and loaded there; None for
        one that does not declare itself serializable.
    """

    scores: NDArray[np.float64]
    loaded_scores: NDArray[np.float64] | None


def run_afresh(spec: DetectorSpec, fitted: BaseDetector, sample: Sample) -> FreshRun:
    """Fit again, and load `fitted` from a file, in one new process.

    Raises
    ------
    RuntimeError
        The work fails there; the message is the last line of its error output.
    """
    serializable = Capability.SERIALIZABLE in spec.capabilities
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "work.pickle").open("wb") as file:
            pickle.dump((spec, sample), file)
        if serializable:
            fitted.save(folder / "saved")
        run_elsewhere(_WORK, folder)
        loaded = np.load(folder / "loaded.npy") if serializable else None
        return FreshRun(scores=np.load(folder / "scores.npy"), loaded_scores=loaded)


def run_elsewhere(code: str, folder: Path) -> None:
    """Run code in a new process that finds the same modules, and starts in `folder`.

    Where processes can be forked safely (Linux), it is forked from one that has
    imported scikit-learn and the like, and run nothing: that saves seconds.

    Raises
    ------
    RuntimeError
        It fails; the message is the last line of its error output.
    """
    if sys.platform == "linux":
        _nursery(os.getpid()).run(code, folder)
    else:
        python(code, folder=folder)


class _Nursery:
    """A process that has imported libraries, run nothing, and forks one process a piece of work."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
            [sys.executable, "-c", _NURSERY],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._close)

    def _close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, code: str, folder: Path) -> None:
        """Run code in `folder`, in a new process."""
        order = {
            "code": code,
            "folder": str(folder),
            "environment": _environment(),
            "path": [os.path.abspath(path) for path in sys.path],  # noqa: PTH100 - "" stays text
        }
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            status = int(stdout.readline() or "-1")
        if status != 0:
            errors = folder / "errors.txt"
            raise _failed(status, errors.read_text() if errors.exists() else "")


@cache
def _nursery(_owner: int) -> _Nursery:
    """Return the one of this process; a forked child has one of its own."""
    return _Nursery()


def _environment() -> dict[str, str]:
    paths = os.pathsep.join(map(os.path.abspath, sys.path))  # "" is the folder that we are in
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    return {**kept, "PYTHONPATH": paths}


def _failed(status: int, errors: str) -> RuntimeError:
    last = (errors.strip().splitlines() or ["no message"])[-1]
    return RuntimeError(f"a new process ended with status {status}: {last}")


def python(code: str, *arguments: str, folder: Path | None = None) -> str:
    """Run code in a new interpreter that finds the same modules, and return what it prints.

    Raises
    ------
    RuntimeError
        It fails; the message is the last line of its error output.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise _failed(done.returncode, done.stderr)
    return done.stdout
