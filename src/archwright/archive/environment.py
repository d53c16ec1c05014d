"""Where a study ran: versions of the software and the hardware, as rows of its archive."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from archwright import __version__

LIBRARIES = ("torch", "numpy", "transformers", "peft", "trl", "scikit-learn", "sqlalchemy", "pyarrow", "rensa")
"""Libraries that can change a result."""


def describe_environment() -> dict[str, object]:
    """Return versions, operating system, processor, cores, memory and graphics cards, as JSON values."""
    return {
        "archwright": __version__,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "os": platform.platform(),
        "machine": platform.machine(),
        "processor": _first_value(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "graphics": [
            _first_value(path, "Model") for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
        ],
    }


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _first_value(path: Path, name: str) -> str | None:
    """Return the value of the first `name : value` line of `path`, None when there is none."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
