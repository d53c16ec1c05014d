"""Who is on a device at the same time, so that a failure can be told from a neighbour's.

Boxes that share a device can harm each other: they exhaust its memory, a fault of one ends all clients of a CUDA MPS
server, the system kills the wrong process when memory runs out. What ended in such a way is run again with the device
to itself. Whoever fails alone is to blame; the others get their outcome.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from archwright.cancellation import current


@dataclass(eq=False)
class Stay:
    """One box on a device."""

    repeats: int
    """How many stays it repeats; a repetition has the device to itself."""
    had_company: bool = False
    """Whether another box was there at any time of it."""
    share_s: float = 0.0
    """Its share of the device's time so far, in seconds: time with n boxes counts one n-th for each."""

    @property
    def is_alone(self) -> bool:
        """Whether it has the device to itself."""
        return self.repeats > 0


@final
class Device:
    """One device that boxes share; safe to use from several threads."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`name` as in `sandbox.device`: `cpu` or `cuda:N`."""
        self.name = name
        self._clock = clock
        self._changed = threading.Condition()
        self._stays: set[Stay] = set()
        self._waiting_alone = 0
        self._counted_until_s = clock()

    @property
    def occupants(self) -> int:
        """Boxes on it or waiting to be alone on it."""
        return len(self._stays) + self._waiting_alone

    @contextmanager
    def stay(self, again: Stay | None = None) -> Iterator[Stay]:
        """Hold a place among others, or, where a stay is repeated (`again`), the whole device.

        Waits for whoever is or wants to be alone. Raises EvaluationCancelledError when this thread's work is cancelled.
        """
        stay = self._arrive(again)
        try:
            yield stay
        finally:
            with self._changed:
                self._count()
                self._stays.discard(stay)
                self._changed.notify_all()

    def _arrive(self, again: Stay | None) -> Stay:
        stay = Stay(again.repeats + 1 if again else 0)
        cancellation = current()
        with cancellation.waking(self._notify), self._changed:
            self._waiting_alone += stay.is_alone
            try:
                self._changed.wait_for(lambda: cancellation.is_cancelled or self._has_room_for(stay))
            finally:
                self._waiting_alone -= stay.is_alone
                self._changed.notify_all()
            cancellation.check()
            self._count()
            stay.had_company = bool(self._stays)
            for other in self._stays:
                other.had_company = True
            self._stays.add(stay)
            return stay

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _has_room_for(self, stay: Stay) -> bool:
        if stay.is_alone:
            return not self._stays
        return not self._waiting_alone and not any(other.is_alone for other in self._stays)

    def _count(self) -> None:
        """Give every box its share of the time since the last change."""
        now_s = self._clock()
        for stay in self._stays:
            stay.share_s += (now_s - self._counted_until_s) / len(self._stays)
        self._counted_until_s = now_s
