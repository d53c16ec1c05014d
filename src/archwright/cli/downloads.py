"""The task's data for a command, with a progress bar while a file of it is being downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from archwright.cli.steps import bars

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData
    from archwright.task import Task


def load_data(task: Task, file: TextIO) -> TaskData:
    """Return the data of `task`; downloads show a bar on `file`, and nothing is shown when there is none.

    Raises DataError when the data set is nowhere to be had, UsageError for sizes beyond it.
    """
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from archwright.evaluation.data import load_task_data

    columns = (TextColumn("downloading {task.description}"), BarColumn(), DownloadColumn())
    with bars(file, *columns, TransferSpeedColumn(), TimeRemainingColumn()) as on_progress:
        return load_task_data(task, on_progress)
