"""From a program as published to an example: tidied, compacted where that is possible, and proven to run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from archwright.candidate import FailureKind, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contract import check_source, compact
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.data import TaskData
from archwright.evaluation.data.loading import Split
from archwright.evaluation.sandboxed import start_boxes
from archwright.programs.tidying import tidy
from archwright.task import Budget, DataSpec, Recipe, Task

CLASSES = 10
RGB, GRAY = (3, 32, 32), (1, 28, 28)
"""Shapes of the two tasks that appendix C words its pairs for: CIFAR-10 and MNIST."""
BUDGET = Budget(max_params=5_000_000, wall_s=30.0, memory_mb=2048)
"""Ten times the usual budget: what is larger teaches nothing that a task with a budget could use."""
BATCH = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """A program on its way to becoming an example."""

    name: str
    compact: str | None
    full: str

    @property
    def program(self) -> Program:
        """The form to be run: the shorter one."""
        return Program(self.compact or self.full)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a program cannot be an example."""

    step: str
    """`convert`, `verify` or, for one that would run but is too large to be of use, `size`."""
    reason: str


def convert(name: str, source: str) -> Draft | Rejection:
    """Return the tidied forms of `source`, or why it does not have the contract."""
    try:
        full = tidy(source)
        shorter = compact(full)
        shorter = tidy(shorter) if shorter is not None else None
    except ValueError as error:
        return Rejection("convert", str(error))
    findings = check_source(shorter or full)
    if findings:
        return Rejection("convert", f"{findings[0].kind}: {findings[0].message}")
    if "```" in full:
        return Rejection("convert", "a code fence inside cannot be fenced")
    return Draft(name, shorter, full)


class Verifier:
    """Builds drafts and runs them forward in boxes at both shapes; close it when done."""

    def __init__(self, sandbox: SandboxConfig) -> None:
        self._sandbox = sandbox
        self._boxes = start_boxes()

    def close(self) -> None:
        """Stop every process."""
        self._boxes.close()

    def verify(self, drafts: Sequence[Draft]) -> list[tuple[int, int | None] | Rejection]:
        """Return the parameters of each draft at `RGB`, and at `GRAY` if it runs there, or why it does not run."""
        rgb = self._run(drafts, RGB)
        running = [draft for draft, outcome in zip(drafts, rgb, strict=True) if outcome.failure is None]
        gray = dict(zip((draft.name for draft in running), self._run(running, GRAY), strict=True))
        return [_verdict(outcome, gray.get(draft.name)) for draft, outcome in zip(drafts, rgb, strict=True)]

    def _run(self, drafts: Sequence[Draft], shape: tuple[int, int, int]) -> list[Outcome]:
        task = Task(budget=BUDGET, recipe=Recipe(batch=BATCH))
        programs = [draft.program for draft in drafts]
        return verify_programs(programs, task, self._sandbox, data=_noise(shape), boxes=self._boxes)


def _verdict(rgb: Outcome, gray: Outcome | None) -> tuple[int, int | None] | Rejection:
    failure = rgb.failure
    if failure is not None:
        step = "size" if failure.kind is FailureKind.TOO_MANY_PARAMETERS else "verify"
        return Rejection(step, f"{failure.stage}/{failure.kind}: {failure.message[:300]}")
    return rgb.params or 0, None if gray is None or gray.failure is not None else gray.params


def _noise(shape: tuple[int, int, int]) -> TaskData:
    """Return a data set of noise: what has to run forward needs no picture."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (CLASSES, *shape), np.uint8)
    split = Split(images, np.arange(CLASSES))
    names = tuple(str(number) for number in range(CLASSES))
    spec = DataSpec("noise", "noise", shape, names, CLASSES, 0)
    return TaskData(spec, (0.5,) * shape[0], (0.25,) * shape[0], split, split)
