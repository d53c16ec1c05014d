"""From a configuration to an executor that is ready to run: the one place that decides where candidates train."""

from typing import TYPE_CHECKING

from archwright.config import SandboxConfig
from archwright.evaluation.caching import CachingEvaluator, context_of, result_store
from archwright.evaluation.evaluator import Executor
from archwright.evaluation.executors import LocalExecutor
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData


def start_executor(task: Task, sandbox: SandboxConfig, data: "TaskData | None" = None) -> Executor:
    """Return an executor of programs on `task`, whose `data` is loaded unless it is given; close it when done.

    Raises DataError when the data set is missing or damaged, UsageError for options that cannot be met here, and
    EvaluatorError when there is no such cluster.
    """
    from archwright.evaluation.data import load_task_data

    if sandbox.executor == "ray":
        from archwright.evaluation.cluster.evaluator import RayEvaluator
        from archwright.evaluation.cluster.executor import RayExecutor

        return RayExecutor(RayEvaluator(task, sandbox, data or load_task_data(task)))
    data = data or load_task_data(task)
    evaluator = SandboxEvaluator(task, sandbox, data)
    if not sandbox.cache:
        return LocalExecutor(evaluator, evaluator.workers)
    context = context_of(task, sandbox, data, device=evaluator.device_kind, secret=evaluator.secret)
    remembering = CachingEvaluator(evaluator, result_store(), context, least_isolation=sandbox.require)
    return LocalExecutor(remembering, evaluator.workers)
