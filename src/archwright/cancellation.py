"""Cancelling work that may not have begun: each evaluation runs in the scope of a Cancellation, set by who starts it.

An evaluation passes through many hands, some of which wait: for a device, for a result, for a box. All of them look at
the Cancellation of their own thread, so a cancel is seen wherever the work is and however late it begins.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import final

from archwright.errors import EvaluationCancelledError

WRITER = "writer"
"""Name of the thread in which a model answers, which nothing cancels."""


@final
class Cancellation:
    """Whether work is still wanted; what is cancelled once stays so. Safe to use from several threads."""

    def __init__(self) -> None:
        self.is_cancelled = False
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """End it: whoever waits is woken, and whoever checks raises."""
        with self._lock:
            wakers = [] if self.is_cancelled else list(self._wakers)
            self.is_cancelled = True
            for wake in wakers:
                wake()

    def check(self) -> None:
        """Raise EvaluationCancelledError once it is cancelled."""
        if self.is_cancelled:
            raise EvaluationCancelledError("the evaluation was cancelled", "run it again")

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called by who cancels within the block, which a thread enters without a lock that `wake` takes.

        Raises EvaluationCancelledError when it is cancelled already.
        """
        with self._lock:
            self.check()
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Make it the one of this thread within the block; raises EvaluationCancelledError when it is cancelled."""
        self.check()
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)


_CURRENT: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current() -> Cancellation:
    """Return the Cancellation whose scope this thread is in, or one that nobody cancels."""
    return _CURRENT.get() or Cancellation()
