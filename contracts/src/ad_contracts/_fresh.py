"""The same work in a new process, which owes nothing to this one."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from ad_contracts._scenario import Sample
from ad_core.detector import BaseDetector
from ad_core.spec import Capability, DetectorSpec

__all__ = ["FreshRun", "python", "run_afresh"]

_CHILD = """
import pickle, sys
import numpy as np
from ad_contracts._subject import DetectorSubject
from ad_core.detector import load_detector
with open("work.pickle", "rb") as file:
    spec, sample = pickle.load(file)
fitted = DetectorSubject(spec).fitted(sample)
np.save("scores.npy", fitted.score_samples(sample.X_test))
if sys.argv[1:]:
    np.save("loaded.npy", load_detector(sys.argv[1]).score_samples(sample.X_test))
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
    """Fit again, and load `fitted` from a file, in one new process."""
    serializable = Capability.SERIALIZABLE in spec.capabilities
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "work.pickle").open("wb") as file:
            pickle.dump((spec, sample), file)
        if serializable:
            fitted.save(folder / "saved")
        python(_CHILD, *(["saved"] if serializable else []), folder=folder)
        loaded = np.load(folder / "loaded.npy") if serializable else None
        return FreshRun(scores=np.load(folder / "scores.npy"), loaded_scores=loaded)


def python(code: str, *arguments: str, folder: Path | None = None) -> str:
    """Run code in a new interpreter that finds the same modules, and return what it prints.

    Raises
    ------
    RuntimeError
        It fails; the message is the last line of its error output.
    """
    paths = os.pathsep.join(map(os.path.abspath, sys.path))  # "" is the folder that we are in
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": paths}
    environment.pop("PYTHONHASHSEED", None)
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"a new process ended with status {done.returncode}: {last}")
    return done.stdout
