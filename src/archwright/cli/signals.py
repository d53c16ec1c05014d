"""Signals that end a command: like Ctrl-C, so that what is open is closed, and one line and the exit code say so."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What a scheduler sends, and a terminal that closes."""


@contextmanager
def like_ctrl_c() -> Iterator[None]:
    """Raise KeyboardInterrupt in the body for the first signal that ends a process; the second ends it at once.

    Nothing changes outside of the main thread, and for a signal that is ignored (`nohup`) or handled already.
    """
    is_main = threading.current_thread() is threading.main_thread()
    taken = [number for number in ENDING if is_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[list[int]]:
    """Yield a list that fills with Ctrl-C while the body runs: Python's import of a module cannot be stopped anywhere
    without words of its own. A Ctrl-C that is ignored (a command in the background) or handled already stays so."""
    told: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield told
        return
    signal.signal(signal.SIGINT, lambda number, frame: told.append(number))
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt
