"""What NVIDIA's driver needs of a box beyond what a program on the CPU gets.

libcuda (since 570) gives up with error 304 unless it can write the names of its own threads, create a memory file,
bind and listen on an abstract Unix socket, and open the devices for reading and writing. Nothing of this leads out of
the box: connecting and accepting stay refused, and the only writable names are the devices and the box's own /proc.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path

_DEVICES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia[0-9]*", "nvidia-caps/*")
_READABLE = (
    "/proc/driver/nvidia",
    "/proc/driver/nvidia-uvm",
    "/proc/devices",
    "/proc/filesystems",
    "/proc/modules",
    "/proc/stat",
    "/proc/sys/vm",
    "/sys/bus/pci/devices",
    "/sys/devices/system/memory",
    "/sys/devices/system/node",
    "/sys/module/nvidia",
    "/sys/module/nvidia_uvm",
    "/etc/nvidia",
    "/usr/share/nvidia",
)
OWN_PROCESS = "/proc/self"
"""Writable, for `task/*/comm`."""


def device_files() -> list[str]:
    """Return the driver's devices on this machine; display devices are none of a box's business."""
    return sorted(str(path) for pattern in _DEVICES for path in Path("/dev").glob(pattern))


def readable_paths() -> Iterator[str]:
    """Yield what the driver reads: its own libraries and settings, the processors, and the GPUs on the bus."""
    yield from _READABLE
    if library := _library_folder():
        yield library
    gpus = Path("/proc/driver/nvidia/gpus")
    with contextlib.suppress(OSError):
        for gpu in gpus.iterdir():
            yield str(Path("/sys/bus/pci/devices", gpu.name).resolve())


def is_driver_loaded() -> bool:
    """Return whether NVIDIA's kernel driver is there; asks no library and costs nothing."""
    return Path("/dev/nvidiactl").exists()


def _library_folder() -> str | None:
    """Return where libcuda is, having loaded it: only its initialisation touches the GPU, loading does not."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        path = line.partition("/")[2]
        if "libcuda.so" in path:
            return str(Path("/" + path).parent)
    return None
