"""From a program as published to an example: tidied, compacted where that is possible, and proven to run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from archwright.candidate import FailureKind, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.network import NETWORK
from archwright.corpus.shapes import TaskShape
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.data import TaskData
from archwright.evaluation.data.loading import Split
from archwright.evaluation.sandboxed import start_boxes
from archwright.programs.inference import infer_inputs
from archwright.programs.tidying import tidy
from archwright.task import Budget, DataSpec, Recipe, Task

BUDGET = Budget(max_params=5_000_000, wall_s=30.0, memory_mb=2048)
"""Ten times the usual budget: what is larger teaches nothing that a task with a budget could use."""
ANY_SIZE = BUDGET.model_copy(update={"max_params": 0})
BATCH = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """A program on its way to becoming an example."""

    name: str
    compact: str | None
    full: str
    """With training methods: its own, or the standard ones."""

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
    """Return the tidied forms of `source`, or why it does not have the contract.

    Training methods that the policy refuses give way to the standard ones.
    """
    try:
        full = tidy(source)
        shorter = NETWORK.compact(full)
        shorter = infer_inputs(tidy(shorter)) if shorter is not None else None
    except ValueError as error:
        return Rejection("convert", str(error))
    findings = NETWORK.check(full, with_policy=True)
    if findings and shorter is not None:
        findings, full = NETWORK.check(shorter, with_policy=True), NETWORK.complete(shorter)
    if findings:
        return Rejection("convert", f"{findings[0].kind}: {findings[0].message}")
    if "```" in full:
        return Rejection("convert", "a code fence inside cannot be fenced")
    return Draft(name, shorter, NETWORK.complete(full))


class Verifier:
    """Builds programs and runs them forward in boxes, at one shape or several; close it when done."""

    def __init__(self, sandbox: SandboxConfig) -> None:
        self._sandbox = sandbox
        self._boxes = start_boxes()

    def close(self) -> None:
        """Stop every process."""
        self._boxes.close()

    def verify(
        self, drafts: Sequence[Draft], shapes: Sequence[TaskShape]
    ) -> list[dict[TaskShape, int | None] | Rejection]:
        """Return the parameters of each draft at every shape, None where it does not run there.

        A draft that does not run at the first shape is rejected for what happened there, and not tried at the others.
        """
        first, *others = shapes
        outcomes = self.run([draft.program for draft in drafts], first)
        for number, outcome in enumerate(outcomes):
            if _is_too_large(outcome) and outcome.flops is None:  # Counted before it ran, so it may not run at all.
                [unlimited] = self.run([drafts[number].program], first, ANY_SIZE)
                outcomes[number] = outcome if unlimited.failure is None else unlimited
        verdicts = [_verdict(outcome, first) for outcome in outcomes]
        running = [number for number, verdict in enumerate(verdicts) if not isinstance(verdict, Rejection)]
        for shape in others:
            found = self.run([drafts[number].program for number in running], shape)
            for number, outcome in zip(running, found, strict=True):
                verdict = verdicts[number]
                assert not isinstance(verdict, Rejection)
                verdict[shape] = params_of(outcome)
        return verdicts

    def run(self, programs: Sequence[Program], shape: TaskShape, budget: Budget = BUDGET) -> list[Outcome]:
        """Return what happened to each program at `shape`, in order."""
        task = Task(budget=budget, recipe=Recipe(batch=BATCH))
        return verify_programs(programs, task, self._sandbox, data=noise(shape), boxes=self._boxes)


def params_of(outcome: Outcome) -> int | None:
    """Return the parameters of a network that ran, None for one that failed."""
    return None if outcome.failure is not None else outcome.params


def _verdict(outcome: Outcome, shape: TaskShape) -> dict[TaskShape, int | None] | Rejection:
    failure = outcome.failure
    if failure is None:
        return {shape: outcome.params}
    step = "size" if _is_too_large(outcome) else "verify"
    return Rejection(step, f"{failure.stage}/{failure.kind}: {failure.message[:300]}")


def _is_too_large(outcome: Outcome) -> bool:
    return outcome.failure is not None and outcome.failure.kind is FailureKind.TOO_MANY_PARAMETERS


def noise(shape: TaskShape) -> TaskData:
    """Return a data set of noise: what has to run forward needs no picture."""
    rng = np.random.default_rng(0)
    image_shape = (shape.channels, shape.height, shape.width)
    images = rng.integers(0, 256, (shape.classes, *image_shape), np.uint8)
    split = Split(images, np.arange(shape.classes))
    names = tuple(str(number) for number in range(shape.classes))
    spec = DataSpec("noise", "noise", image_shape, names, shape.classes, 0)
    return TaskData(spec, (0.5,) * shape.channels, (0.25,) * shape.channels, split, split)
