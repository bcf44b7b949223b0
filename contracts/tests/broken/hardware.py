"""Detectors that run elsewhere than their tags say."""

from typing import Literal

from reference import Mahalanobis

from ad_core.errors import ParameterError
from broken import Broken, detector

EVERYWHERE = ("cpu", "gpu", "mps")


class Good(Mahalanobis):
    """One of nothing wrong, where the spec is what is broken."""


class TakesADevice(Mahalanobis):
    """Takes a device and runs on the CPU.

    Parameters
    ----------
    device
        Where to run.
    """

    shrinkage = 1e-6

    def __init__(self, device: str = "auto"):
        self.device = device


class NeedsAGpu(Mahalanobis):
    def _fit(self, X, y):
        raise ParameterError(f"{self.name}: there is no GPU")


class NeedsCuda(TakesADevice):
    def _fit(self, X, y):
        if self.device == "cpu":
            raise ParameterError(f"{self.name}: the CPU is not enough")
        super()._fit(X, y)


class TakesTheCpuOnly(TakesADevice):
    def __init__(self, device: Literal["cpu"] = "cpu"):
        super().__init__(device)


class RefusesTersely(TakesADevice):
    def _fit(self, X, y):
        if self.device not in ("auto", "cpu"):
            raise ParameterError(f"{self.name}: not here")
        super()._fit(X, y)


class ScoresHigherElsewhere(TakesADevice):
    def _score(self, X):
        return super()._score(X) * (1.0 if self.device in ("auto", "cpu") else 1.01)


class AddsItsJobs(Mahalanobis):
    shrinkage = 1e-6

    def __init__(self, n_jobs: int = 1):
        self.n_jobs = n_jobs

    def _score(self, X):
        return super()._score(X) + 1e-6 * self.n_jobs


BROKEN = [
    Broken(
        check="runs_on_the_cpu",
        spec=detector(NeedsAGpu),
        message="expected no error, got ParameterError: needsagpu: there is no GPU",
    ),
    Broken(
        check="runs_on_the_cpu",
        spec=detector(NeedsCuda),
        message="expected no error, got ParameterError: needscuda: the CPU is not enough",
    ),
    Broken(
        check="device_is_an_argument",
        spec=detector(Good, hardware=("cpu", "gpu")),
        message=r"device='cuda' \(it is tagged 'gpu'\), got good has no parameter 'device'",
    ),
    Broken(
        check="device_is_an_argument",
        spec=detector(TakesTheCpuOnly, hardware=("cpu", "mps")),
        message=r"device='mps' \(it is tagged 'mps'\), got .*device must be 'cpu', got 'mps'",
    ),
    Broken(
        check="untagged_devices_are_refused",
        spec=detector(TakesADevice, hardware=("cpu", "mps")),
        message="ParameterError when device='cuda' and the spec is not tagged 'gpu', got no error",
    ),
    Broken(
        check="untagged_devices_are_refused",
        spec=detector(TakesADevice, hardware=("cpu", "gpu")),
        message="ParameterError when device='mps' and the spec is not tagged 'mps', got no error",
    ),
    Broken(
        check="untagged_devices_are_refused",
        spec=detector(RefusesTersely),
        message="tagged 'gpu', naming 'cuda', got the message 'refusestersely: not here'",
    ),
    Broken(
        check="absent_devices_are_refused",
        spec=detector(TakesADevice, hardware=EVERYWHERE),
        message="ParameterError when device='(cuda|mps)' and this machine has none, got no error",
    ),
    Broken(
        check="absent_devices_are_refused",
        spec=detector(RefusesTersely, hardware=EVERYWHERE),
        message=r"has none, naming '(cuda|mps)', got the message 'refusestersely: not here'",
    ),
    Broken(
        check="gpu_scores_as_the_cpu",
        spec=detector(ScoresHigherElsewhere, hardware=EVERYWHERE),
        message="the scores on cuda to equal those on the CPU, got .* values differ",
    ),
    Broken(
        check="mps_scores_as_the_cpu",
        spec=detector(ScoresHigherElsewhere, hardware=EVERYWHERE),
        message="the scores on mps to equal those on the CPU, got .* values differ",
    ),
    Broken(
        check="n_jobs_does_not_matter",
        spec=detector(AddsItsJobs),
        message="the scores with n_jobs=2 to equal those with n_jobs=1, got .* values differ",
    ),
]
