"""The box: the forked process in which candidate code runs, from its first instruction to its last.

Everything here runs before or after the candidate's code; nothing that decides a score runs here at all.
"""

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archwright.sandbox import kernel
from archwright.sandbox.handover import receive
from archwright.sandbox.layers import confine
from archwright.sandbox.order import MESSAGE_BYTES, Limits

Tell = Callable[[Mapping[str, object]], None]
"""Sends one message to the supervisor."""
BoxEntry = Callable[[bytes, Mapping[str, int], Tell], None]
"""What runs in a box: (payload, descriptors by name, tell)."""

TELL_S = 5.0
"""How long a message may wait for the supervisor to read."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the boxes of a sandbox are for."""

    entry: BoxEntry
    prepare: Callable[[str], None] | None = None
    """Called with `Limits.prepare` in a box that is confined and waits, for what every order would wait for."""


def run_box(work: Work, orders: socket.socket, limits: Limits, log: int, scratch: str) -> None:
    """Confine this process, wait for its order, run `entry` and leave. Does not return.

    `limits` are those of the order as far as they have to be known before it comes (`order.KNOWN_BEFORE`).
    """
    os.setsid()
    for number in (1, 2):
        os.dup2(log, number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    kernel.close_all_but({0, 1, 2, orders.fileno()})
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(name, signal.SIG_DFL)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(scratch)
    prepared, refused = confine(limits, scratch, has_order=False)
    if work.prepare is not None and limits.prepare:
        work.prepare(limits.prepare)
    order = receive(orders)
    if order is None:
        os._exit(0)
    level, refused_last = confine(order.limits, scratch, has_order=True)
    level = min(prepared, level)
    orders.close()
    channel = socket.socket(fileno=order.voice)
    channel.settimeout(TELL_S)

    def tell(content: Mapping[str, object]) -> None:
        channel.send(json.dumps(content).encode()[:MESSAGE_BYTES])

    tell({"isolation": level, "refused": refused | refused_last})  # first: nothing of a candidate has run yet
    if level >= order.limits.require:
        gc.enable()
        work.entry(order.take_payload(), order.named, tell)
    sys.stdout.flush()
    os._exit(0)
