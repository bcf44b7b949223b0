"""The hardware tags hold on this machine."""

import platform
import shutil
import subprocess
import sys
import warnings
from functools import cache, partial

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import NotHere, expect_close, expect_error, violation
from ad_core.detector import BaseDetector
from ad_core.errors import AdError, ParameterError
from ad_core.load import check_arguments, import_target, parameters
from ad_core.spec import DetectorSpec, Hardware

__all__ = [
    "absent_devices_are_refused",
    "device_is_an_argument",
    "gpu_scores_as_the_cpu",
    "mps_scores_as_the_cpu",
    "n_jobs_does_not_matter",
    "runs_on_the_cpu",
    "untagged_devices_are_refused",
]

_DEVICES = {Hardware.GPU: "cuda", Hardware.MPS: "mps"}
_CLOSE = 1e-3
"""Sums in another order differ by 6e-8 in single precision, and training multiplies that."""


def _takes(name: str, spec: DetectorSpec) -> bool:
    try:
        with warnings.catch_warnings():  # of a library that is imported to see its arguments
            warnings.simplefilter("ignore")
            return any(one.name == name for one in parameters(spec))
    except AdError:  # other checks say what is wrong with the target
        return False


def _takes_device(spec: DetectorSpec) -> bool:
    return _takes("device", spec)


def _takes_n_jobs(spec: DetectorSpec) -> bool:
    return _takes("n_jobs", spec)


def _tagged_cpu(spec: DetectorSpec) -> bool:
    return Hardware.CPU in spec.hardware


def _tagged_gpu_or_mps(spec: DetectorSpec) -> bool:
    return bool({*_DEVICES} & spec.hardware)


def _tagged_cpu_and_gpu(spec: DetectorSpec) -> bool:
    return {Hardware.CPU, Hardware.GPU} <= spec.hardware


def _tagged_cpu_and_mps(spec: DetectorSpec) -> bool:
    return {Hardware.CPU, Hardware.MPS} <= spec.hardware


def _is_here(device: str, spec: DetectorSpec) -> bool:
    """Whether the library behind the spec can use a device; torch is asked if it is that."""
    if "torch" in spec.modules:
        module = "torch.cuda" if device == "cuda" else "torch.backends.mps"
        return bool(import_target(f"{module}:is_available")())
    if device == "mps":
        return sys.platform == "darwin" and platform.machine() == "arm64"
    return _lists_a_gpu()


@cache
def _lists_a_gpu() -> bool:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    done = subprocess.run([tool, "-L"], capture_output=True, check=False)  # noqa: S603 - a fixed command
    return done.stdout.startswith(b"GPU ")


def _fitted_on(device: str, subject: DetectorSubject, sample: Sample) -> BaseDetector:
    """Fit on a device.

    Raises
    ------
    NotHere
        The detector refuses, and the device is not there.
    """
    try:
        return subject.fit(sample, device=device)
    except ParameterError as error:
        if not _is_here(device, subject.spec):
            raise NotHere(f"no {device} device for {subject.name} on this machine") from error
        raise violation(f"a fit on {device!r}, which is here", str(error)) from error


@check(when=_tagged_cpu)
def runs_on_the_cpu(subject: DetectorSubject, sample: Sample) -> None:
    """A detector tagged `cpu` fits and scores on the CPU with its defaults."""
    takes = any(one.name == "device" for one in subject.parameters)
    detector = subject.fit(sample, device="cpu") if takes else subject.fitted(sample)
    detector.score_samples(sample.X_test)


@check(when=_tagged_gpu_or_mps)
def device_is_an_argument(subject: DetectorSubject) -> None:
    """A detector tagged `gpu` or `mps` has an argument `device` that takes the tag's device."""
    for tag in sorted({*_DEVICES} & subject.spec.hardware):
        try:
            check_arguments(subject.name, subject.parameters, {"device": _DEVICES[tag]})
        except ParameterError as error:
            rule = f"an argument device={_DEVICES[tag]!r} (it is tagged {tag.value!r})"
            raise violation(rule, str(error)) from error


@check(when=_takes_device)
def untagged_devices_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A device whose tag the spec lacks is a ParameterError that names it."""
    for tag in sorted({*_DEVICES} - subject.spec.hardware):
        device = _DEVICES[tag]
        fit = partial(subject.fit, sample, device=device)
        when = f"device={device!r} and the spec is not tagged {tag.value!r}"
        expect_error(ParameterError, fit, when=when, naming=(device,))


@check(when=_takes_device)
def absent_devices_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A device that this machine lacks is a ParameterError that names it."""
    for device in [one for one in _DEVICES.values() if not _is_here(one, subject.spec)]:
        fit = partial(subject.fit, sample, device=device)
        when = f"device={device!r} and this machine has none"
        expect_error(ParameterError, fit, when=when, naming=(device,))


@check(when=_tagged_cpu_and_gpu)
def gpu_scores_as_the_cpu(subject: DetectorSubject, sample: Sample) -> None:
    """A detector tagged `gpu` scores on an NVIDIA GPU as it does on the CPU, up to 0.1 %."""
    gpu = _fitted_on("cuda", subject, sample).score_samples(sample.X_test)
    cpu = subject.fit(sample, device="cpu").score_samples(sample.X_test)
    expect_close(gpu, cpu, "the scores on cuda", "those on the CPU", rtol=_CLOSE, atol=_CLOSE)


@check(when=_tagged_cpu_and_mps)
def mps_scores_as_the_cpu(subject: DetectorSubject, sample: Sample) -> None:
    """A detector tagged `mps` scores on an Apple GPU as it does on the CPU, up to 0.1 %."""
    mps = _fitted_on("mps", subject, sample).score_samples(sample.X_test)
    cpu = subject.fit(sample, device="cpu").score_samples(sample.X_test)
    expect_close(mps, cpu, "the scores on mps", "those on the CPU", rtol=_CLOSE, atol=_CLOSE)


@check(when=_takes_n_jobs)
def n_jobs_does_not_matter(subject: DetectorSubject, sample: Sample) -> None:
    """Two jobs give the scores of one, up to the order of sums."""
    one = subject.fit(sample, n_jobs=1).score_samples(sample.X_test)
    two = subject.fit(sample, n_jobs=2).score_samples(sample.X_test)
    expect_close(two, one, "the scores with n_jobs=2", "those with n_jobs=1")
