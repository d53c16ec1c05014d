"""Checks without training, for many programs: corpora, mutations, drafts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Task


def verify_programs(programs: Sequence[Program], task: Task, sandbox: SandboxConfig) -> list[Outcome]:
    """Return the Outcome of building each program and one forward pass, in order; nothing is trained.

    An outcome without a failure ends at stage `budget` and has `params` and, where countable, `flops`.
    """
    with closing(SandboxEvaluator(task, sandbox)) as evaluator, ThreadPoolExecutor(sandbox.workers or 2) as pool:
        return list(pool.map(evaluator.verify, programs))
