"""Wall and CPU seconds of a piece of our own work, for the cost accounts (section L of the closed-loop paper)."""

import time


class Stopwatch:
    """Runs from its creation; CPU seconds are this process's, all threads."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    @property
    def wall_s(self) -> float:
        """Wall seconds so far."""
        return time.perf_counter() - self._wall

    @property
    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return time.process_time() - self._cpu
