"""The supervisor's side: starts the warm process, gives orders, listens to keepers and boxes; never trusts a box."""

import contextlib
import json
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from archwright.cancellation import Cancellation, current
from archwright.errors import EvaluationCancelledError, EvaluatorError
from archwright.sandbox.client import WarmProcess
from archwright.sandbox.files import shared_copy, views
from archwright.sandbox.handover import Handover
from archwright.sandbox.layers import LAYERS
from archwright.sandbox.order import MESSAGE_BYTES, MESSAGE_COUNT, End, Message, Order, Report, parse_message
from archwright.sandbox.scratch import OwnedFolder

GRACE_S = 15.0
"""How long after its wall clock a keeper may stay silent before the warm process is replaced."""
REPORT_BYTES = 2**20


class Sandbox:
    """Runs orders in boxes forked from one warm process; safe to use from several threads.

    The warm process starts at once and is replaced when it dies; whoever was in flight then is run again, once.
    """

    def __init__(self, entry: str, warm_up: str = "", prepare: str = "") -> None:
        """Start warming up.

        `entry` names the function that runs in every box, `warm_up` one that runs once before, and `prepare` one that
        runs in every box while it waits for an order (`Limits.prepare`): `module:function`.
        """
        self._root = OwnedFolder()
        self._start = (entry, warm_up, prepare, [folder for folder in sys.path if folder], self._root.path)
        self._warm = WarmProcess(*self._start)
        self._warm_lock = threading.Lock()
        self._closing = Cancellation()

    @property
    def warm_pid(self) -> int:
        """Process id of the current warm process."""
        return self._warm.pid

    def wait_ready(self) -> None:
        """Return when the warm process takes orders: importing torch takes seconds, which belong to no order.

        Raises as `run` does when no box can be started.
        """
        with self._warm_lock:
            self._make_ready()

    def run(self, order: Order) -> Report:
        """Return what happened to `order`; its box is killed when the Cancellation of this thread is cancelled.

        Raises EvaluationCancelledError then, and EvaluatorError when no box can be started at all, or only one less
        isolated than `order` requires.
        """
        report = self._run_once(order)
        if report.end is End.LOST and order.is_repeatable:
            report = self._run_once(order)
        if report.messages and report.isolation < order.limits.require:
            raise insufficient(report, order.limits.require)
        return report

    def close(self) -> None:
        """Kill every box and the warm process."""
        self._closing.cancel()
        self._warm.kill()  # whoever waits for it to become ready, with the lock, gives up
        with self._warm_lock:
            self._warm.close()
        self._root.remove()

    def _run_once(self, order: Order) -> Report:
        channel, keepers_end = socket.socketpair()
        ear, voice = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

        def kill() -> None:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)

        with channel, ear, keepers_end, voice, self._closing.waking(kill), current().waking(kill):
            with keepers_end, voice:  # the keeper has them from here on
                self._send(order, keepers_end, voice)
            return self._listen(order, channel, ear)

    def _send(self, order: Order, keepers_end: socket.socket, voice: socket.socket) -> None:
        payload = shared_copy(order.payload)
        try:
            with views(order.files) as files:
                given = replace(order, files=files)
                self._hand_over(Handover.of(given, keepers_end.fileno(), voice.fileno(), payload))
        finally:
            os.close(payload)

    def _hand_over(self, order: Handover) -> None:
        for attempt in (1, 2):
            with self._warm_lock:
                self._make_ready()
                current().check()
                try:
                    self._warm.send(order)
                    return
                except OSError as error:
                    if attempt == 2:
                        raise EvaluatorError(f"the warm process does not take orders: {error}", "try again") from error
                    self._warm.kill()

    def _make_ready(self) -> None:
        """Return when there is a warm process that takes orders."""
        try:
            if not self._closing.is_cancelled:
                if not self._warm.is_alive():
                    self._warm.close()
                    self._warm = WarmProcess(*self._start)
                self._warm.wait_ready()
        finally:
            if self._closing.is_cancelled:
                raise EvaluationCancelledError("the sandbox is closed", "use a new evaluator")

    def _listen(self, order: Order, channel: socket.socket, ear: socket.socket) -> Report:
        started_s = time.monotonic()
        deadline_s = started_s + order.limits.wall_s + GRACE_S
        messages: list[Message] = []
        words = bytearray()
        poller = select.poll()
        poller.register(channel, select.POLLIN | select.POLLHUP)
        poller.register(ear, select.POLLIN)
        is_flooded = False
        while True:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                with self._warm_lock:
                    self._warm.kill()  # its keeper is stuck; the next order gets a new one
                return Report(End.LOST, isolation=isolation_of(messages), messages=tuple(messages))
            ready = {number for number, _ in poller.poll(left_s * 1000)}
            if ear.fileno() in ready:
                self._hear(ear, messages, started_s)
                if len(messages) > MESSAGE_COUNT and not is_flooded:
                    is_flooded = True
                    poller.unregister(ear)
                    channel.shutdown(socket.SHUT_WR)  # tells the keeper to kill and to report
            if channel.fileno() in ready:
                part = channel.recv(65_536)
                words += part[: REPORT_BYTES - len(words)]
                if not part:
                    break
        self._closing.check()
        current().check()
        if not is_flooded:
            self._hear(ear, messages, started_s)
        report = read_report(bytes(words), messages, time.monotonic() - started_s)
        return replace(report, end=End.FLOOD) if is_flooded else report

    def _hear(self, ear: socket.socket, messages: list[Message], started_s: float) -> None:
        while len(messages) <= MESSAGE_COUNT:
            try:
                data = ear.recv(MESSAGE_BYTES + 1, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            messages.append(Message(time.monotonic() - started_s, parse_message(data) or {}))


def read_report(words: bytes, messages: list[Message], wall_s: float) -> Report:
    """Return the keeper's report, or one that says the order was lost."""
    line, newline, log = words.partition(b"\n")
    if not newline:
        return Report(End.LOST, isolation=isolation_of(messages), messages=tuple(messages))
    content = json.loads(line)
    end = End(content["end"])
    return Report(
        end=End.LOST if end is End.SIGNALLED and not messages else end,  # it died before it began
        exit_code=content["exit_code"],
        signal=content["signal"],
        wall_s=wall_s,
        cpu_s=content["cpu_s"],
        memory_mb=content["memory_mb"],
        isolation=isolation_of(messages),
        log=log,
        messages=tuple(messages),
    )


def isolation_of(messages: Sequence[Message]) -> int:
    """Return the level in the first message, which a box sends before it runs anything; no later one is believed."""
    level = messages[0].content.get("isolation") if messages else None
    return level if type(level) is int else 0


def insufficient(report: Report, required: int) -> EvaluatorError:
    """Return the error that says which protections a box lacked."""
    refused = report.messages[0].content.get("refused")
    words = refused if isinstance(refused, dict) else {}
    missing = [
        f"{layer.name} ({words[layer.name]})" for layer in LAYERS if layer.level <= required and layer.name in words
    ]
    return EvaluatorError(
        f"boxes reach isolation level {report.isolation} here and sandbox.require is {required}; "
        f"missing: {', '.join(missing)}",
        "run `archwright doctor`, or set sandbox.require lower for models you trust",
    )
