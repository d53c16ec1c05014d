"""Where a study ran: versions of the software and the hardware, as rows of its archive."""

import platform
from importlib import metadata

from archwright import __version__
from archwright.machine import cores, gpu_models, memory_mb, processor

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
        "processor": processor() or platform.processor(),
        "cores": cores(),
        "memory_mb": memory_mb(),
        "graphics": gpu_models(),
    }


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None
