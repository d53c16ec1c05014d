"""Thousands of evaluations in a row leave everything as it was: memory, file descriptors, processes."""

import os
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from archwright.candidate import FailureKind, Program
from archwright.config import SandboxConfig
from archwright.evaluation.data import TaskData
from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes
from archwright.task import Budget, DataOptions, Task
from archwright.testing.programs import ENDLESS, GOOD, network_with

FLOODING = network_with(
    forward="""\
import stat
for number in range(3, 64):
    if os.path.exists(f"/proc/self/fd/{number}") and stat.S_ISSOCK(os.fstat(number).st_mode):
        while True:
            try: os.write(number, b"{}")
            except BlockingIOError: pass
"""
)
PROGRAMS = (
    *[(GOOD, None)] * 5,
    (network_with(forward="print('x' * 100_000)"), None),
    (network_with(forward="os.abort()"), FailureKind.KILLED),
    (network_with(forward="raise ValueError('no')"), FailureKind.EXCEPTION),
    (network_with(forward="y = y.flatten(1)"), FailureKind.SHAPE),
    (FLOODING, FailureKind.BAD_RESULT),
)
"""Honest, loud, crashing, failing, flooding the supervisor; every twentieth evaluation never ends."""


def used_by(pid: int) -> dict[str, float]:
    """Return what a process has now: memory of its own in MB, descriptors, descendants."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return {
        "memory_mb": sum(int(line.split()[1]) for line in rollup if line.startswith("Private_")) / 1_024,
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": len(list(Path(f"/proc/{pid}/task").iterdir())),
    }


def processes_below(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [found for child in text.split() for found in (int(child), *processes_below(int(child)))]


def soak(digits: TaskData, evaluations: int) -> None:
    """Evaluate, and compare what is used after a fifth with what is used at the end."""
    task = Task(data=DataOptions(train_size=256, validation_size=100), budget=Budget(wall_s=20.0))
    hurried = task.model_copy(update={"budget": Budget(wall_s=0.3)})
    trusting = SandboxConfig(policy="off")
    with closing(start_boxes()) as boxes:
        patient = SandboxEvaluator(task, trusting, digits, boxes=boxes)
        impatient = SandboxEvaluator(hurried, trusting, digits, boxes=boxes)
        with closing(patient), closing(impatient):
            looks: list[dict[str, float]] = []
            for number in range(evaluations):
                if number % 20 == 19:
                    outcome, expected = impatient.evaluate(ENDLESS, seed=number), FailureKind.TIMEOUT
                else:
                    program, expected = PROGRAMS[number % len(PROGRAMS)]
                    outcome = patient.evaluate(Program(program.source), seed=number)
                assert (outcome.failure.kind if outcome.failure else None) == expected, outcome
                if number >= evaluations // 5 and number % 5 == 0:
                    pids = {"supervisor": os.getpid(), "warm": boxes.warm_pid}
                    found = {
                        f"{who} {what}": value for who, pid in pids.items() for what, value in used_by(pid).items()
                    }
                    looks.append({**found, "processes": len(processes_below(boxes.warm_pid))})
            half = len(looks) // 2
            for what in looks[0]:
                before, after = (np.median([look[what] for look in part]) for part in (looks[:half], looks[half:]))
                assert after <= before + (2.0 if "memory" in what else 1.0), (what, before, after)
            assert max(look["processes"] for look in looks) <= 6, looks  # a keeper and a box, and those to come and go


def test_forty_evaluations_leave_everything_as_it_was(digits: TaskData) -> None:
    soak(digits, 40)


@pytest.mark.slow
def test_two_thousand_evaluations_leave_everything_as_it_was(digits: TaskData) -> None:
    soak(digits, int(os.environ.get("SOAK", "2000")))
