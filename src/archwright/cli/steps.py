"""Progress of a training in steps, and of downloads: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TextIO

from archwright.analysis.text import duration, printable

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

    from archwright.evaluation.data import TaskData
    from archwright.task import Task

LINE_S = 30.0
"""Seconds between two lines, where they go to a file or a pipe."""


@contextmanager
def bars(file: TextIO, *columns: ProgressColumn) -> Iterator[Callable[[str, int, int], None]]:
    """Give what shows how much of each thing is done, by its name, in a bar on `file`; nothing before the first."""
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(*columns, console=Console(file=file))
    shown: dict[str, TaskID] = {}

    def on_progress(name: str, done: int, total: int) -> None:
        if not shown:
            progress.start()
        if name not in shown:
            shown[name] = progress.add_task(name, total=total)
        progress.update(shown[name], completed=done, total=total)

    try:
        yield on_progress
    finally:
        if shown:
            progress.stop()


def load_data(task: Task, file: TextIO) -> TaskData:
    """Return the data of `task`; downloads show a bar on `file`, and nothing is shown when there is none.

    Raises DataError when the data set is nowhere to be had, UsageError for sizes beyond it.
    """
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from archwright.evaluation.data import load_task_data

    columns = (TextColumn("downloading {task.description}"), BarColumn(), DownloadColumn())
    with bars(file, *columns, TransferSpeedColumn(), TimeRemainingColumn()) as on_progress:
        return load_task_data(task, on_progress)


class StepProgress:
    """Shows how far one training is, and how long it will take; use it as a context manager."""

    def __init__(self, file: TextIO, title: str = "") -> None:
        """`title` tells one of several trainings from the others."""
        self._file, self._title = file, title
        self._bar: Progress | None = None
        self._first: tuple[int, float] | None = None
        self._written = -LINE_S

    def __enter__(self) -> Self:
        if self._file.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn(self._title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=Console(file=self._file))
            self._bar.add_task("loading", total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_step(self, step: int, steps: int, loss: float, tokens_per_s: float | None = None) -> None:
        """Show a step."""
        now = time.monotonic()
        speed = "" if tokens_per_s is None else f"  {tokens_per_s:,.0f} tokens/s"
        first, began = self._first = self._first or (step, now)
        left = f"  {duration((now - began) * (steps - step) / (step - first))} left" if step > first else ""
        text = f"loss {loss:.3f}{speed}{left}"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=step, total=steps, description=text)
        elif step == steps or now - self._written >= LINE_S:
            self._written = now
            title = f"{self._title}: " if self._title else ""
            print(printable(f"{title}step {step}/{steps}  {text}"), file=self._file, flush=True)

    def on_pause(self, text: str) -> None:
        """Write a line that stays; how long the rest will take is measured anew from the next step on."""
        self._first = None
        if self._bar is not None:
            self._bar.console.print(text, highlight=False)
        else:
            print(printable(text), file=self._file, flush=True)
