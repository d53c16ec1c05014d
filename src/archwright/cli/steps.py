"""Progress of a training in steps: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self, TextIO

from archwright.analysis.text import duration

if TYPE_CHECKING:
    from rich.progress import Progress

LINE_S = 30.0
"""Seconds between two lines, where they go to a file or a pipe."""


class StepProgress:
    """Shows how far one training is, and how long it will take; use it as a context manager."""

    def __init__(self, title: str, file: TextIO) -> None:
        self._title, self._file = title, file
        self._bar: Progress | None = None
        self._first: tuple[int, float] | None = None
        self._written = -LINE_S

    def __enter__(self) -> Self:
        if self._file.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn(self._title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=Console(file=self._file))
            self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_step(self, step: int, steps: int, loss: float) -> None:
        """Show a step."""
        now = time.monotonic()
        first, began = self._first = self._first or (step, now)
        left = f"  {duration((now - began) * (steps - step) / (step - first))} left" if step > first else ""
        text = f"loss {loss:.3f}{left}"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=step, total=steps, description=text)
        elif step == steps or now - self._written >= LINE_S:
            self._written = now
            self.line(f"{self._title}: step {step}/{steps}  {text}")

    def line(self, text: str) -> None:
        """Write a line that stays."""
        if self._bar is not None:
            self._bar.console.print(text, highlight=False)
        else:
            print(text, file=self._file, flush=True)
