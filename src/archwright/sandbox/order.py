"""What travels between the supervisor and a box: an Order in, a Report out.

The messages inside a report come from the box and are text an attacker may have written: they are JSON objects of
bounded size and number, and nothing more is believed of them here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MESSAGE_BYTES = 16_384
"""A longer message from a box is dropped."""
MESSAGE_COUNT = 1_000
"""A box that sends more is stopped."""
OWN_THREADS = 64
"""Threads and processes of a box beside those that compute."""


KNOWN_BEFORE = ("isolation", "gpu", "prepare", "is_traced")
"""What a box has to know of an order's limits before the order comes; it then gets orders that say the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one box may use."""

    wall_s: float
    memory_mb: int
    """Private and shared memory of the whole process tree, beyond what the warm process has (Python and torch), and
    what it writes into the files it is given."""
    log_bytes: int = 65_536
    file_bytes: int = 64 * 2**20
    """Largest file the box may write."""
    open_files: int = 256
    isolation: int = 3
    """Highest level of protections to apply; what is reached depends on the system."""
    gpu: bool = False
    """Whether the box may use NVIDIA's driver; its memory is then limited by the keeper's watch alone."""
    prepare: str = ""
    """What the sandbox's `prepare` function is told in a confined box before the order comes; empty: it is not called.

    A box that waits is only given an order that says the same.
    """
    is_traced: bool = False
    """Whether the box writes down the system calls it is refused (`sandbox.tracing`); never for a candidate."""
    require: int = 0
    """A box that reaches a lower level of isolation runs nothing and leaves."""
    threads: int = OWN_THREADS
    """Threads and processes of the box; the keeper counts them, as the kernel does not for root."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run of the entry function: its payload, the files it gets as descriptors, and its limits."""

    payload: bytes
    files: Mapping[str, int]
    limits: Limits
    is_repeatable: bool = True
    """Whether a box that was lost is started again with the same files; not when they are pipes."""


class End(StrEnum):
    """How the box ended, as seen from outside."""

    EXITED = "exited"  # by itself, see exit_code
    SIGNALLED = "signalled"  # by a signal, see signal
    WALL = "wall"  # killed at the wall-clock limit
    MEMORY = "memory"  # killed at the memory limit
    TASKS = "tasks"  # killed for more processes and threads than allowed
    DISK = "disk"  # killed for writing more to its scratch folder than it may hold
    FLOOD = "flood"  # killed for sending more messages than any honest program
    LOST = "lost"  # its keeper died without a word


@dataclass(frozen=True, slots=True)
class Message:
    """A JSON object the box sent."""

    at_s: float
    """Seconds since the order was given, on the supervisor's clock."""
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Report:
    """What the supervisor saw of one box."""

    end: End
    exit_code: int = 0
    signal: int = 0
    wall_s: float = 0.0
    """On the supervisor's clock, from the order to the report."""
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    """Peak memory, counted as for `Limits.memory_mb`."""
    isolation: int = 0
    log: bytes = b""
    """The first bytes of standard output and error, not sanitised."""
    messages: tuple[Message, ...] = ()


def parse_message(data: bytes) -> Mapping[str, object] | None:
    """Return the JSON object in `data`, or None for anything else."""
    if len(data) > MESSAGE_BYTES:
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
