"""What the checks of hardware say on machines with and without the device."""

import subprocess
import sys

import pytest
from attrs import evolve
from broken import detector
from broken.hardware import EVERYWHERE, RefusesTersely, TakesADevice
from reference import Mahalanobis

from ad_contracts import Status, cases, run
from ad_contracts.checks import hardware
from ad_core.errors import ParameterError

SPEC = detector(RefusesTersely, hardware=EVERYWHERE)


def outcome_of(check, *, spec=SPEC):
    (case,) = cases([spec], only=[check])
    return run(case)


@pytest.mark.parametrize(
    ("check", "device"), [("gpu_scores_as_the_cpu", "cuda"), ("mps_scores_as_the_cpu", "mps")]
)
def test_a_device_that_is_absent_is_a_skip_and_one_that_is_refused_a_failure(
    check, device, monkeypatch
):
    monkeypatch.setattr(hardware, "_is_here", lambda device, spec: False)
    outcome = outcome_of(check)
    assert outcome.status is Status.SKIPPED
    assert outcome.message == f"no {device} device for refusestersely on this machine"
    monkeypatch.setattr(hardware, "_is_here", lambda *asked: asked == (device, SPEC))
    outcome = outcome_of(check)
    assert outcome.status is Status.FAILED
    expected = f"expected a fit on '{device}', which is here, got refusestersely: not here"
    assert outcome.message == expected


def test_a_device_that_is_here_need_not_be_refused(monkeypatch):
    monkeypatch.setattr(hardware, "_is_here", lambda device, spec: True)
    assert outcome_of("absent_devices_are_refused").status is Status.PASSED
    monkeypatch.setattr(hardware, "_is_here", lambda device, spec: device == "cuda")
    spec = detector(HasCuda, hardware=EVERYWHERE)
    assert outcome_of("absent_devices_are_refused", spec=spec).status is Status.PASSED


class HasCuda(TakesADevice):
    def _fit(self, X, y):
        if self.device == "mps":
            raise ParameterError(f"{self.name}: there is no mps here")
        super()._fit(X, y)


@pytest.mark.parametrize(
    ("printed", "status", "here"),
    [
        ("GPU 0: NVIDIA H100", 0, True),
        ("No devices were found", 0, False),
        ("The driver does not answer", 9, False),
        (None, 0, False),
    ],
)
def test_the_driver_lists_gpus(printed, status, here, monkeypatch, tmp_path):
    if printed is not None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\n[ $1 = -L ] && echo '{printed}'\nexit {status}\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    hardware._lists_a_gpu.cache_clear()
    assert hardware._is_here("cuda", SPEC) is here
    hardware._lists_a_gpu.cache_clear()


def test_torch_is_asked_only_where_it_is_the_backend():
    code = (
        "import sys, test_hardware as t; from ad_contracts.checks import hardware;"
        "hardware._is_here('cuda', t.SPEC); hardware._is_here('mps', t.SPEC);"
        "sys.exit('torch' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 0


def test_torch_answers_for_its_own_detectors():
    torch = pytest.importorskip("torch")
    spec = detector(RefusesTersely, modules=("torch",), extra="torch")
    assert hardware._is_here("cuda", spec) is torch.cuda.is_available()
    assert hardware._is_here("mps", spec) is torch.backends.mps.is_available()


@pytest.mark.parametrize(
    ("system", "machine", "here"),
    [("darwin", "arm64", True), ("darwin", "x86_64", False), ("linux", "arm64", False)],
)
def test_an_apple_gpu_is_in_an_apple_of_arm(system, machine, here, monkeypatch):
    monkeypatch.setattr(hardware.sys, "platform", system)
    monkeypatch.setattr(hardware.platform, "machine", lambda: machine)
    monkeypatch.setattr(hardware, "_lists_a_gpu", lambda: not here)
    assert hardware._is_here("mps", SPEC) is here
    assert hardware._is_here("cuda", SPEC) is not here


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_torch_is_asked_for_the_device_in_question(device, monkeypatch):
    torch = pytest.importorskip("torch")
    spec = detector(RefusesTersely, modules=("torch",), extra="torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: device == "cuda")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: device == "mps")
    monkeypatch.setattr(hardware, "_lists_a_gpu", lambda: device != "cuda")
    assert hardware._is_here("cuda", spec) is (device == "cuda")
    assert hardware._is_here("mps", spec) is (device == "mps")


def test_questions_of_devices_and_jobs_are_asked_where_there_is_an_argument():
    def asked(spec):
        return {case.check.name for case in cases([spec], only=["hardware"])}

    of_devices = {"untagged_devices_are_refused", "absent_devices_are_refused"}
    plain = detector(Mahalanobis)
    assert asked(plain) == {"runs_on_the_cpu"}
    assert asked(detector(TakesADevice)) == asked(plain) | of_devices
    assert asked(detector(TakesJobs)) == asked(plain) | {"n_jobs_does_not_matter"}
    assert asked(evolve(plain, target="nowhere:Nothing")) == asked(plain)


class TakesJobs(Mahalanobis):
    def __init__(self, n_jobs: int = 1):
        super().__init__()
        self.n_jobs = n_jobs


class FailsToScore(Mahalanobis):
    def score_samples(self, X):
        raise ParameterError(f"{self.name}: scores on no CPU")


def test_scoring_on_the_cpu_counts_as_fitting_there_does():
    outcome = outcome_of("runs_on_the_cpu", spec=detector(FailsToScore))
    assert outcome.status is Status.FAILED
    assert "failstoscore: scores on no CPU" in outcome.message
