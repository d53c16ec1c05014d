"""The machine this process runs on: how much runs at once, and what decides how numbers are rounded."""

import os
from pathlib import Path


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_mb() -> int:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def processor() -> str | None:
    """Return the model of the processor, None where the system does not name it."""
    return _first_value(Path("/proc/cpuinfo"), "model name")


def gpu_models() -> list[str]:
    """Return the model of each NVIDIA GPU that the driver names."""
    files = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    return [model for file in files if (model := _first_value(file, "Model"))]


def _first_value(path: Path, name: str) -> str | None:
    """Return the value of the first `name : value` line of `path`, None when there is none."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
