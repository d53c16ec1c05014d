"""Checks without training, for many programs: corpora, mutations, drafts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.executors import cores
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task


def verify_programs(
    programs: Sequence[Program], task: Task, sandbox: SandboxConfig, *, boxes: Sandbox | None = None
) -> list[Outcome]:
    """Return the Outcome of building each program and one forward pass, in order; nothing is trained.

    An outcome without a failure ends at stage `budget` and has `params` and `flops`. Shares `boxes` where given, else
    starts a sandbox of its own, which takes seconds once.
    """
    workers = sandbox.workers or cores()
    with closing(SandboxEvaluator(task, sandbox, boxes=boxes)) as evaluator, ThreadPoolExecutor(workers) as pool:
        return list(pool.map(evaluator.verify, programs))
