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

from archwright.sandbox import kernel
from archwright.sandbox.layers import confine
from archwright.sandbox.order import MESSAGE_BYTES, Limits

Tell = Callable[[Mapping[str, object]], None]
"""Sends one message to the supervisor."""
Entry = Callable[[bytes, Mapping[str, int], Tell], None]
"""What runs in a box: (payload, descriptors by name, tell)."""

TELL_S = 5.0
"""How long a message may wait for the supervisor to read."""


def run_box(
    entry: Entry, payload: bytes, files: Mapping[str, int], voice: int, limits: Limits, log: int, scratch: str
) -> None:
    """Confine this process, run `entry` and leave. Does not return."""
    os.setsid()
    for number in (1, 2):
        os.dup2(log, number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    kernel.close_all_but({0, 1, 2, voice, *files.values()})
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(name, signal.SIG_DFL)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(scratch)
    channel = socket.socket(fileno=voice)
    channel.settimeout(TELL_S)

    def tell(content: Mapping[str, object]) -> None:
        channel.send(json.dumps(content).encode()[:MESSAGE_BYTES])

    level, refused = confine(limits, scratch)
    tell({"isolation": level, "refused": refused})  # the first message: nothing of a candidate has run yet
    if level >= limits.require:
        gc.enable()
        entry(payload, files, tell)
    sys.stdout.flush()
    os._exit(0)
