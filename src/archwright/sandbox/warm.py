"""The warm process: a fresh interpreter that has imported what boxes need, and forks a keeper and a box per order.

It never runs candidate code, never touches CUDA and holds no data at all, so nothing a candidate could reach by fork
is worth having. It stays single-threaded: a fork of a process with a started OpenMP pool hangs.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Never, cast

from archwright.sandbox import kernel, namespaces
from archwright.sandbox.box import Entry, run_box
from archwright.sandbox.keeper import NAMESPACE_LEVEL, keep, remove_folder
from archwright.sandbox.order import Limits

HEADER = struct.Struct("!I")
MOST_FILES = 32
IDLE_S = 0.5
LAST_S = 5.0
"""How long keepers may take to kill their boxes when the supervisor is gone."""


def main(control: int, entry_name: str, warm_up_name: str, root: str) -> None:
    """Serve orders on the socket `control` until the supervisor closes it; names are `module:function`.

    The warm-up, if any, does once what every box would otherwise pay for; it must not start threads. Scratch folders
    are made inside `root`, which is removed at the end: a killed supervisor leaves nothing behind.
    """
    try:
        _work(socket.socket(fileno=control), entry_name, warm_up_name, root)
    finally:
        remove_folder(root)


def _work(control: socket.socket, entry_name: str, warm_up_name: str, root: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Path(root).mkdir(mode=0o700, exist_ok=True)  # a predecessor that could not start has removed it
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    most = NAMESPACE_LEVEL if namespaces.are_available() else NAMESPACE_LEVEL - 1
    entry: Entry = _named(entry_name)
    if warm_up_name:
        _named(warm_up_name)()
    if kernel.IS_LINUX and len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("the warm process started threads; forked boxes would hang")
    os.environ.clear()  # not before: it tells OpenBLAS and OpenMP not to start threads
    os.putenv("CUDA_VISIBLE_DEVICES", "")  # for libcuda alone, which Python's view of the environment does not reach
    gc.collect()
    gc.freeze()  # collections in a box then leave the shared pages alone
    control.sendall(b"ready")
    _serve(control, entry, root, most)
    deadline_s = time.monotonic() + LAST_S
    while _children_of_self() and time.monotonic() < deadline_s:
        _reap(set())
        time.sleep(0.01)


def _named(name: str) -> Callable[..., None]:
    module, _, function = name.partition(":")
    return cast(Callable[..., None], getattr(importlib.import_module(module), function))


def _serve(control: socket.socket, entry: Entry, root: str, most: int) -> None:
    keepers: set[int] = set()
    control.settimeout(IDLE_S)
    while True:
        _reap(keepers)
        try:
            header, files, _, _ = socket.recv_fds(control, HEADER.size, MOST_FILES)
        except TimeoutError:
            continue
        if not header:
            return
        control.settimeout(None)
        text = bytearray()
        (size,) = HEADER.unpack(header)
        while len(text) < size:
            text += control.recv(size - len(text))
        control.settimeout(IDLE_S)
        pid = os.fork()
        if pid == 0:
            control.close()
            _keep_one(entry, json.loads(text), files, root, most)
        keepers.add(pid)
        for number in files:
            os.close(number)


def _keep_one(entry: Entry, order: dict[str, object], descriptors: list[int], root: str, most: int) -> Never:
    """Be the keeper of one box; `descriptors` are its channel, the box's channel, the payload and the files.

    `most` is the highest isolation level this system offers.
    """
    try:
        os.setsid()
        channel = socket.socket(fileno=descriptors[0])
        voice, payload_file = descriptors[1:3]
        names = cast(list[str], order["files"])
        files = dict(zip(names, descriptors[3:], strict=True))
        asked = Limits(**cast(dict[str, float], order["limits"]))  # type: ignore[arg-type]
        limits = replace(asked, isolation=min(asked.isolation, most))
        payload = os.pread(payload_file, os.fstat(payload_file).st_size, 0)
        shared_bytes = sum(os.fstat(number).st_size for number in files.values())

        def run(log: int, scratch: str) -> None:
            run_box(entry, payload, files, voice, limits, log, scratch)

        keep(channel, limits, root, shared_bytes, run)
    except BaseException:  # noqa: BLE001 - the outermost place of this process: tell our own log and leave
        import traceback

        traceback.print_exc()
        os._exit(70)
    os._exit(0)


def _reap(keepers: set[int]) -> None:
    """Collect ended keepers and kill what a killed keeper left behind: it became our child."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            break
        keepers.discard(pid)
    for text in _children_of_self():
        if int(text) not in keepers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(text), signal.SIGKILL)


def _children_of_self() -> list[str]:
    if not kernel.IS_LINUX:
        return []
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
