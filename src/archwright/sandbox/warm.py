"""The warm process: a fresh interpreter that has imported what boxes need, and forks a keeper and a box per order.

The next box is forked and confined while the current one runs, and waits for its order.

It never runs candidate code, never touches CUDA and holds no data at all, so nothing a candidate could reach by fork
is worth having. It stays single-threaded: a fork of a process with a started OpenMP pool hangs.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Never, cast

from archwright.sandbox import kernel, namespaces
from archwright.sandbox.box import Work, run_box
from archwright.sandbox.groups import find_place
from archwright.sandbox.handover import Handover, receive
from archwright.sandbox.keeper import NAMESPACE_LEVEL, keep
from archwright.sandbox.order import KNOWN_BEFORE, Limits
from archwright.sandbox.scratch import remove_folder
from archwright.sandbox.visible import find_visible

IDLE_S = 0.5
LAST_S = 5.0
"""How long keepers may take to kill their boxes when the supervisor is gone."""


def main(control: int, entry_name: str, warm_up_name: str, prepare_name: str, root: str) -> None:
    """Serve orders on the socket `control` until the supervisor closes it; names are `module:function`.

    The warm-up, if any, does once what every box would otherwise pay for; it must not start threads. What has to be
    done in every box by itself, `prepare` does while the box waits. Scratch folders are made inside `root`, which is
    removed when the supervisor is gone: it may have been killed.
    """
    _work(socket.socket(fileno=control), entry_name, warm_up_name, prepare_name, root)
    remove_folder(root)


def _work(control: socket.socket, entry_name: str, warm_up_name: str, prepare_name: str, root: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a Ray worker, for one, blocks some, and boxes would inherit that
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    most = NAMESPACE_LEVEL if namespaces.are_available() else NAMESPACE_LEVEL - 1
    work = Work(_named(entry_name), _named(prepare_name) if prepare_name else None)
    find_visible()
    find_place()
    if warm_up_name:
        _named(warm_up_name)()
    if kernel.IS_LINUX:
        threads = [(task / "comm").read_text("utf-8", "replace").strip() for task in Path("/proc/self/task").iterdir()]
        if len(threads) != 1:
            raise RuntimeError(f"the warm process started threads ({', '.join(threads)}); forked boxes would hang")
    os.environ.clear()  # not before: it tells OpenBLAS and OpenMP not to start threads
    os.putenv("CUDA_VISIBLE_DEVICES", "")  # for libcuda alone, which Python's view of the environment does not reach
    gc.collect()
    gc.freeze()  # collections in a box then leave the shared pages alone
    control.sendall(b"ready")
    _serve(control, work, root, most)
    deadline_s = time.monotonic() + LAST_S
    while _children_of_self() and time.monotonic() < deadline_s:
        _reap(set())
        time.sleep(0.01)


def _named(name: str) -> Callable[..., None]:
    module, _, function = name.partition(":")
    return cast(Callable[..., None], getattr(importlib.import_module(module), function))


class _Spare:
    """A keeper and its confined box, waiting for an order."""

    def __init__(self, work: Work, prepared: Limits, root: str) -> None:
        self.prepared = prepared
        self._orders, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            _keep_one(work, theirs, prepared, root)
        theirs.close()

    def give(self, order: Handover) -> bool:
        """Hand `order` over; False when the spare has died."""
        try:
            order.send(self._orders)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let go of it: without an order it leaves."""
        self._orders.close()


def _serve(control: socket.socket, work: Work, root: str, most: int) -> None:
    """Hand each order to the spare, and prepare the next one while it is carried out.

    `most` is the highest isolation level this system offers. A spare is made like the order before asked; an order that
    asks for something else waits for one of its own. It is forked when that order's descriptors are closed, and nothing
    of a payload is ever read here: no box knows anything of another one's order.
    """
    keepers: set[int] = set()
    spare = _Spare(work, Limits(0.0, 0, isolation=most), root)
    keepers.add(spare.pid)
    while True:
        _reap(keepers)
        control.settimeout(IDLE_S)
        try:
            order = receive(control)
        except TimeoutError:
            continue
        if order is None:
            spare.close()
            return
        order = order.with_isolation(min(order.limits.isolation, most))
        while not (_is_ready_for(order.limits, spare.prepared) and spare.give(order)):
            spare.close()
            spare = _Spare(work, order.limits, root)
            keepers.add(spare.pid)
        spare.close()
        order.close()
        spare = _Spare(work, order.limits, root)
        keepers.add(spare.pid)


def _is_ready_for(wanted: Limits, prepared: Limits) -> bool:
    return all(getattr(wanted, name) == getattr(prepared, name) for name in KNOWN_BEFORE)


def _keep_one(work: Work, orders: socket.socket, prepared: Limits, root: str) -> Never:
    """Be the keeper of one box."""
    try:
        kernel.close_all_but({0, 1, 2, orders.fileno()})
        os.setsid()

        def run(box_orders: socket.socket, log: int, scratch: str) -> None:
            run_box(work, box_orders, prepared, log, scratch)

        keep(orders, prepared, root, run)
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
