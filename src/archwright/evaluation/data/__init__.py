"""Data sets: found by name or path, decoded once, cut into training and validation images by a fixed protocol."""

from archwright.evaluation.data.describe import TaskEntry, describe_tasks
from archwright.evaluation.data.loading import Split, TaskData, load_spec, load_task_data, open_test_split

__all__ = ["Split", "TaskData", "TaskEntry", "describe_tasks", "load_spec", "load_task_data", "open_test_split"]
