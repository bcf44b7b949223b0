"""What the checks of hardware say on machines with and without the device."""

import subprocess
import sys

import pytest
from broken import detector
from broken.hardware import EVERYWHERE, RefusesTersely

from ad_contracts import Status, cases, run
from ad_contracts.checks import hardware

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
    monkeypatch.setattr(hardware, "_is_here", lambda device, spec: True)
    outcome = outcome_of(check)
    assert outcome.status is Status.FAILED
    assert f"expected a fit on '{device}', which is here, got" in outcome.message


def test_a_device_that_is_here_need_not_be_refused(monkeypatch):
    monkeypatch.setattr(hardware, "_is_here", lambda device, spec: True)
    assert outcome_of("absent_devices_are_refused").status is Status.PASSED


@pytest.mark.parametrize(
    ("printed", "status", "here"),
    [("GPU 0: NVIDIA H100", 0, True), ("No devices were found", 0, False), (None, 0, False)],
)
def test_the_driver_lists_gpus(printed, status, here, monkeypatch, tmp_path):
    if printed is not None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\necho '{printed}'\nexit {status}\n")
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
