"""From a configuration to an executor that is ready to run: the one place that decides where candidates train."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract, usual_contract
from archwright.evaluation.caching import CachingEvaluator, context_of, place_of, result_store
from archwright.evaluation.evaluator import Evaluator, Executor
from archwright.evaluation.executors import LocalExecutor
from archwright.evaluation.trials import TrialEvaluator
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData


def start_executor(
    task: Task, sandbox: SandboxConfig, data: "TaskData | None" = None, contract: Contract | None = None
) -> Executor:
    """Return an executor of programs on `task`, whose `data` is loaded unless it is given; close it when done.

    Programs are checked and completed by `contract`, the usual one for the data unless another is given.

    Raises DataError when the data set is missing or damaged, UsageError for options that cannot be met here, and
    EvaluatorError when there is no such cluster.
    """
    from archwright.evaluation.data import load_task_data

    data = data or load_task_data(task)
    contract = contract or usual_contract(data.spec)

    def remembering(evaluator: Evaluator, place: Callable[[], str], secret: bytes) -> Evaluator:
        if not sandbox.cache:
            return evaluator
        kind = f"{contract.name} {contract.network}".rstrip()
        context = context_of(task, sandbox, data, contract=kind, secret=secret)
        return CachingEvaluator(evaluator, result_store(), context, place=place, least_isolation=sandbox.require)

    if sandbox.executor == "ray":
        from archwright.evaluation.cluster.evaluator import RayEvaluator

        cluster = RayEvaluator(task, sandbox, data, contract)
        return LocalExecutor(remembering(cluster, lambda: cluster.place, cluster.secret), lambda: cluster.slots)
    here = TrialEvaluator(task, sandbox, data, contract=contract)
    place = place_of(here.search.device_kind)
    return LocalExecutor(remembering(here, lambda: place, here.secret), here.search.workers)
