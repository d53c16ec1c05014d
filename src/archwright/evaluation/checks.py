"""Checks without training, for many programs: corpora, mutations, drafts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.machine import cores
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData


def verify_programs(
    programs: Sequence[Program],
    task: Task,
    sandbox: SandboxConfig,
    *,
    data: "TaskData | None" = None,
    boxes: Sandbox | None = None,
) -> list[Outcome]:
    """Return the Outcome of building each program and one forward pass, in order; nothing is trained.

    An outcome without a failure ends at stage `budget` and has `params` and `flops`. Loads the task's data unless
    `data` is given, and starts a sandbox, which takes seconds once, unless it shares `boxes`.
    """
    workers = sandbox.workers or cores()
    with closing(SandboxEvaluator(task, sandbox, data, boxes=boxes)) as evaluator, ThreadPoolExecutor(workers) as pool:
        return list(pool.map(evaluator.verify, programs))
