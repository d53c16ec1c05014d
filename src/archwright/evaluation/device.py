"""Which device candidates train on, and what a box on a GPU is told: the supervisor's side.

Nothing here touches CUDA in this process, and importing this module imports no torch. `evaluation.gpu` is the box's
side.
"""

import json
import math
import os
import re
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from archwright.errors import EvaluatorError, UsageError
from archwright.evaluation.box.plan import GpuPlan
from archwright.machine import cores
from archwright.sandbox.cuda import is_driver_loaded
from archwright.sandbox.order import Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

CPU = "cpu"
BOXES_PER_GPU = 4
"""Default number of boxes that share a GPU; small networks do not fill one."""
SHARED_MEMORY = 0.9
"""Part of a GPU's memory that its boxes divide equally; the rest is for their contexts."""
HOST_MB = 2_048
"""Memory of the machine that CUDA itself takes in a box, beyond `budget.memory_mb`."""
OPEN_FILES = 1_024
DRIVER_THREADS = 32
MPS_LEVEL = 1
"""Boxes that are clients of CUDA MPS reach this isolation level: MPS needs sockets and shared memory."""
PROBE_S = 120.0


def find_devices(wanted: str) -> list[str]:
    """Return the devices `sandbox.device` names, without touching CUDA: `cpu`, or one or more `cuda:N`.

    `auto` means every GPU there is, else the CPU; `cuda` every GPU. Raises UsageError for any other word and for a GPU
    that is not there.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", wanted):
        raise UsageError(f"sandbox.device = '{wanted}' is no device", "use auto, cpu, cuda or cuda:N")
    if wanted == CPU:
        return [CPU]
    found, lack = count_gpus()
    if wanted == "auto" and not found:
        return [CPU]
    devices = [f"cuda:{number}" for number in range(found)]
    if wanted in ("auto", "cuda"):
        chosen = devices
    else:
        chosen = [device for device in devices if device == wanted]
        lack = lack or f"there {'is' if found == 1 else 'are'} only {', '.join(devices)}"
    if not chosen:
        raise UsageError(
            f"sandbox.device = '{wanted}' cannot be met: {lack}", "use auto or cpu; see `archwright doctor`"
        )
    return chosen


def count_workers(wanted: int, devices: list[str]) -> int:
    """Return how many boxes run at once: `wanted`, or for 0 one per core, on GPUs at most `BOXES_PER_GPU` for each."""
    if wanted:
        return wanted
    return cores() if devices == [CPU] else min(cores(), BOXES_PER_GPU * len(devices))


def plan_gpu(device: str, workers: int, devices: int) -> GpuPlan:
    """Return what a box on the GPU `device` is told when `workers` boxes are spread over `devices` GPUs."""
    number = int(device.removeprefix("cuda:"))
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    environment = {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": visible[number] if visible else str(number),
        "CUDA_CACHE_DISABLE": "1",  # a cache of compiled kernels would outlive the box
    }
    if folder := mps_folder():
        environment["CUDA_MPS_PIPE_DIRECTORY"] = folder
    return GpuPlan(environment, SHARED_MEMORY / math.ceil(workers / devices), is_graphed=False)


def limits_on_gpu(limits: Limits, gpu: GpuPlan) -> Limits:
    """Return `limits` with room for CUDA itself; how much of the GPU a box may use is in its plan.

    Boxes open the GPU while they wait for an order, but not as clients of MPS: a fault would reach those that wait.
    """
    is_client = "CUDA_MPS_PIPE_DIRECTORY" in gpu.environment
    return replace(
        limits,
        memory_mb=limits.memory_mb + HOST_MB,
        open_files=OPEN_FILES,
        threads=limits.threads + DRIVER_THREADS,
        gpu=True,
        prepare="" if is_client else json.dumps(dict(gpu.environment)),
    )


def mps_folder() -> str | None:
    """Return the pipe directory of a running CUDA MPS daemon, or None; it is found as every CUDA program finds it."""
    folder = os.environ.get("CUDA_MPS_PIPE_DIRECTORY", "/tmp/nvidia-mps")
    return folder if Path(folder, "control").exists() else None


def highest_isolation(required: int) -> int:
    """Return the isolation level boxes on a GPU can be held to; raises EvaluatorError when MPS keeps it too low."""
    if mps_folder() is None:
        return 3
    if required > MPS_LEVEL:
        raise EvaluatorError(
            f"boxes that use CUDA MPS reach isolation level {MPS_LEVEL} and sandbox.require is {required}",
            "stop it (`echo quit | nvidia-cuda-mps-control`), or set sandbox.require=1 for models you trust",
        )
    return MPS_LEVEL


@dataclass(frozen=True, slots=True)
class GpuProbe:
    """Whether a box can use a GPU, found by trying."""

    device: str
    isolation: int
    """The level it was tried at."""
    is_ok: bool
    detail: str


def probe_gpu(device: str) -> list[GpuProbe]:
    """Return what became of a box that computes on `device`, at one isolation level after the other.

    First at level 1, where CUDA works if it works here at all (and makes device files that are missing), then at the
    highest level, and lower until it works.
    """
    gpu = plan_gpu(device, 1, 1)
    payload = json.dumps(gpu.environment).encode()
    tried: list[GpuProbe] = []
    with closing(Sandbox("archwright.evaluation.box.gpu:attempt")) as boxes:
        for level in (1, *range(highest_isolation(0), 1, -1)):
            limits = limits_on_gpu(Limits(PROBE_S, HOST_MB, isolation=level), gpu)
            tried.append(_judge_probe(device, boxes.run(Order(payload, {}, limits))))
            if tried[-1].is_ok is (level > 1):
                break
    return tried


def _judge_probe(device: str, report: Report) -> GpuProbe:
    said = {word: text for message in report.messages for word, text in message.content.items()}
    log = report.log.decode("utf-8", "replace").strip()
    detail = said.get("device") or said.get("no_device") or f"{report.end}: {log[-300:]}"
    return GpuProbe(device, report.isolation, "device" in said, str(detail))


def driver_version() -> str | None:
    """Return the version of NVIDIA's kernel driver, or None where it is not loaded."""
    try:
        words = Path("/proc/driver/nvidia/version").read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r"\s(\d+\.\d+(?:\.\d+)?)\s", words)
    return found[1] if found else None


def count_gpus() -> tuple[int, str]:
    """Return how many GPUs boxes can use, and what is missing where there is none."""
    if not is_driver_loaded():
        return 0, "NVIDIA's driver is not loaded (there is no /dev/nvidiactl)"
    import torch

    if torch.version.cuda is None:
        return 0, f"torch {torch.__version__} is built without CUDA"
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    lack = "no GPU is visible" + (f" (CUDA_VISIBLE_DEVICES={visible})" if visible is not None else "")
    return torch.cuda.device_count(), lack
