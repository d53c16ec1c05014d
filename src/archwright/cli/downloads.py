"""The task's data for a command, with a progress bar while a file of it is being downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import TaskID

    from archwright.evaluation.data import TaskData
    from archwright.task import Task


def load_data(task: Task, file: TextIO) -> TaskData:
    """Return the data of `task`; downloads show a bar on `file`, and nothing is shown when there is none.

    Raises DataError when the data set is nowhere to be had, UsageError for sizes beyond it.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from archwright.evaluation.data import load_task_data

    columns = (TextColumn("downloading {task.description}"), BarColumn(), DownloadColumn())
    bars = Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=Console(file=file))
    by_name: dict[str, TaskID] = {}

    def on_progress(name: str, done_bytes: int, total_bytes: int) -> None:
        if not by_name:
            bars.start()
        if name not in by_name:
            by_name[name] = bars.add_task(name, total=total_bytes)
        bars.update(by_name[name], completed=done_bytes, total=total_bytes)

    try:
        return load_task_data(task, on_progress)
    finally:
        if by_name:
            bars.stop()
