"""The protections of a box, as one list applied before candidate code runs.

Most need nothing of the order and are applied while the box waits for one; the rest follows when it comes. Each layer
is a function that confines the calling process and raises OSError or ValueError when the system refuses; `LAYERS` is
the whole list. A layer that could not be applied is never passed over in silence: the level says so.
"""

import contextlib
import os
import re
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archwright.sandbox import kernel
from archwright.sandbox.landlock import confine_files
from archwright.sandbox.namespaces import make_tree_read_only, show_only
from archwright.sandbox.order import Limits
from archwright.sandbox.seccomp import refuse_system_calls
from archwright.sandbox.tracing import record_refusals
from archwright.sandbox.visible import find_visible

CPU_SLACK_S = 30
"""CPU seconds beyond the wall clock before the kernel itself ends the box; the keeper is normally first."""
ADDRESSES_PER_BYTE = 2_048
"""How many addresses a box may map for each byte of memory it has; a page table holds 512 for each of its bytes."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One protection."""

    name: str
    level: int
    """The isolation level that needs it."""
    apply: Callable[[Limits, str], None]
    """Confines this process, given its limits and its scratch folder."""
    is_last: bool = False
    """Whether it needs the limits of the order; of those it waits with, only `KNOWN_BEFORE` holds."""


def limit_resources(limits: Limits, scratch: str) -> None:
    """Cap CPU time, memory, file size, open files and processes; forbid core dumps. Limits can only be lowered."""
    cpu_s = int(limits.wall_s * (os.cpu_count() or 1)) + CPU_SLACK_S
    _lower(resource.RLIMIT_CPU, cpu_s)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if kernel.IS_LINUX:
        if not limits.gpu:  # CUDA maps far more than it uses
            # Both count from what the warm process mapped. Torch reserves far more addresses than memory, and page
            # tables for so many would be four times the memory: the keeper, who counts them, is there much earlier.
            memory_bytes = limits.memory_mb * 2**20
            data_bytes, address_bytes = _mapped_bytes()
            _lower(resource.RLIMIT_DATA, data_bytes + memory_bytes)
            _lower(resource.RLIMIT_AS, address_bytes + ADDRESSES_PER_BYTE * memory_bytes)
        if os.getuid() != 0:  # the kernel does not enforce it for root
            _lower(resource.RLIMIT_NPROC, limits.threads)


def hide_everything_else(limits: Limits, scratch: str) -> None:
    """Leave no other process, no network, no file but Python's and nothing to write to but a small scratch folder."""
    if limits.gpu:
        make_tree_read_only(scratch)
    else:
        show_only(find_visible(), scratch)


def give_up_capabilities(limits: Limits, scratch: str) -> None:
    """Make root an ordinary user."""
    kernel.drop_capabilities()


def forbid_new_privileges(limits: Limits, scratch: str) -> None:
    """Make set-user-id programs and file capabilities useless from here on."""
    if not kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1):
        raise OSError("PR_SET_NO_NEW_PRIVS was refused")


def restrict_files(limits: Limits, scratch: str) -> None:
    """Allow reading where Python is and writing in the scratch folder."""
    confine_files(scratch, gpu=limits.gpu)


def restrict_system_calls(limits: Limits, scratch: str) -> None:
    """Refuse sockets, processes, signals to others and whatever else a network has no use for."""
    if limits.is_traced:
        record_refusals()
    refuse_system_calls(gpu=limits.gpu, is_traced=limits.is_traced)


LAYERS: tuple[Layer, ...] = (
    Layer("resource limits", 1, limit_resources, is_last=True),
    Layer("namespaces", 3, hide_everything_else),  # before the capabilities it needs are gone
    Layer("no capabilities", 2, give_up_capabilities),
    Layer("no new privileges", 1, forbid_new_privileges),  # Landlock and seccomp ask for it
    Layer("files", 2, restrict_files),
    Layer("system calls", 2, restrict_system_calls),
)


def confine(limits: Limits, scratch: str, *, has_order: bool) -> tuple[int, dict[str, str]]:
    """Apply every layer up to `limits.isolation` to this process: those that need the order, or all others.

    Returns the isolation level reached, and by name of each layer not in force the system's words. A level is reached
    when all its layers, and those of every lower level, were applied; a box has the lower of its two results.
    """
    if kernel.IS_LINUX and not has_order:
        # While it waits, the kernel can forget this file for want of memory: for Landlock it is another one after that.
        with contextlib.suppress(OSError, ValueError):  # The layer says what is wrong.
            _mapped_bytes()
    missing = 1 + limits.isolation
    refused: dict[str, str] = {}
    for layer in (layer for layer in LAYERS if layer.is_last == has_order):
        if layer.level <= limits.isolation:
            try:
                layer.apply(limits, scratch)
            except (OSError, ValueError) as error:
                missing = min(missing, layer.level)
                refused[layer.name] = str(error)
        else:
            refused[layer.name] = "not tried"
    return missing - 1, refused


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


@cache
def _mapped_bytes() -> tuple[int, int]:
    """Return the bytes of data and of addresses that this process had mapped when it first asked."""
    status = Path("/proc/self/status").read_text("utf-8", "replace")
    sizes = [re.search(rf"^{kind}:\s*(\d+) kB", status, re.MULTILINE) for kind in ("VmData", "VmSize")]
    data_kb, addresses_kb = (int(size[1]) for size in sizes if size)
    return data_kb * 1024, addresses_kb * 1024


def threads_of_user() -> int:
    """Return how many threads the user of this process has, as far as this process can see."""
    user = os.getuid()
    count = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):  # it may end meanwhile
                if process.stat().st_uid == user:
                    count += len(list((process / "task").iterdir()))
    return count
