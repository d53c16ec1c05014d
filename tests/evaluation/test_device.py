"""Finding devices on a machine without a GPU, and on one whose answers are given here."""

import json
from pathlib import Path

import pytest

from archwright.config import SandboxConfig
from archwright.errors import EvaluatorError, UsageError
from archwright.evaluation import device
from archwright.evaluation.device import (
    count_workers,
    driver_version,
    find_devices,
    highest_isolation,
    limits_on_gpu,
    mps_folder,
    plan_gpu,
    probe_gpu,
)
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.machine import cores
from archwright.sandbox.cuda import is_driver_loaded
from archwright.sandbox.order import Limits
from archwright.task import Task

needs_no_gpu = pytest.mark.skipif(is_driver_loaded(), reason="there is a GPU")


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two GPUs, as far as counting goes."""
    monkeypatch.setattr(device, "count_gpus", lambda: (2, ""))


@needs_no_gpu
def test_auto_is_the_cpu_where_there_is_no_gpu() -> None:
    assert find_devices("auto") == ["cpu"] == find_devices("cpu")


@needs_no_gpu
@pytest.mark.parametrize("wanted", ["cuda", "cuda:0", "cuda:7"])
def test_a_gpu_that_is_not_there_is_refused_with_the_reason(wanted: str) -> None:
    with pytest.raises(UsageError, match=rf"sandbox.device = '{wanted}' cannot be met: NVIDIA's driver is not loaded"):
        find_devices(wanted)
    with pytest.raises(UsageError, match="driver is not loaded"):
        SandboxEvaluator(Task(), SandboxConfig(device=wanted))


@pytest.mark.parametrize("wanted", ["gpu", "cuda:", "cuda:x", "CUDA", "cpu:0", ""])
def test_other_words_are_no_device(wanted: str) -> None:
    with pytest.raises(UsageError, match="is no device"):
        find_devices(wanted)


@pytest.mark.usefixtures("two_gpus")
def test_gpus_are_found_by_name() -> None:
    assert find_devices("auto") == ["cuda:0", "cuda:1"] == find_devices("cuda")
    assert find_devices("cuda:1") == ["cuda:1"]
    assert find_devices("cpu") == ["cpu"]
    with pytest.raises(UsageError, match="there are only cuda:0, cuda:1"):
        find_devices("cuda:2")


def test_as_many_boxes_as_cores_and_a_few_for_each_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_workers(0, ["cpu"]) == cores()
    assert count_workers(7, ["cpu"]) == 7 == count_workers(7, ["cuda:0"])
    monkeypatch.setattr(device, "cores", lambda: 64)
    assert count_workers(0, ["cuda:0", "cuda:1"]) == 8


def test_a_box_sees_one_gpu_and_gets_its_share_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert plan_gpu("cuda:1", 8, 2).environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert plan_gpu("cuda:1", 8, 2).memory_share == pytest.approx(0.9 / 4)
    assert plan_gpu("cuda:0", 3, 2).memory_share == pytest.approx(0.9 / 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,GPU-12ab")
    assert plan_gpu("cuda:1", 1, 2).environment["CUDA_VISIBLE_DEVICES"] == "GPU-12ab"


def test_boxes_open_the_gpu_while_they_wait_unless_a_fault_would_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    limits = Limits(wall_s=5.0, memory_mb=256)
    alone = limits_on_gpu(limits, plan_gpu("cuda:0", 1, 1))
    assert json.loads(alone.prepare)["CUDA_VISIBLE_DEVICES"] == "3"
    assert alone.gpu
    assert alone.memory_mb > limits.memory_mb
    (tmp_path / "control").touch()
    assert limits_on_gpu(limits, plan_gpu("cuda:0", 1, 1)).prepare == ""


def test_mps_is_found_by_its_pipe_and_lowers_the_isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(tmp_path))
    assert mps_folder() is None
    assert highest_isolation(3) == 3
    assert "CUDA_MPS_PIPE_DIRECTORY" not in plan_gpu("cuda:0", 1, 1).environment
    (tmp_path / "control").touch()
    assert plan_gpu("cuda:0", 1, 1).environment["CUDA_MPS_PIPE_DIRECTORY"] == str(tmp_path)
    assert highest_isolation(1) == 1
    with pytest.raises(EvaluatorError, match="sandbox.require is 2 — stop it"):
        highest_isolation(2)


@needs_no_gpu
def test_without_a_driver_there_is_no_version() -> None:
    assert driver_version() is None


@needs_no_gpu
def test_a_box_that_cannot_compute_on_a_gpu_says_why_and_nothing_more_is_tried() -> None:
    (tried,) = probe_gpu("cuda:0")
    assert (tried.device, tried.isolation, tried.is_ok) == ("cuda:0", 1, False)
    assert "CUDA" in tried.detail or "NVIDIA" in tried.detail
